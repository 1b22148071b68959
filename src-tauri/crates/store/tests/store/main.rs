//! The store through its one door, on real files. One binary; must not reach inside.

mod failures;
mod finding;
mod loading;
mod naive;
mod place;
mod property;
mod rows;
mod transient;
mod writing;
