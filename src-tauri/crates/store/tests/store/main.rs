//! The store through its one door, on real files. One binary; must not reach inside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test should stop where it failed, in what tests share too"
)]

mod failures;
mod finding;
mod history;
mod loading;
mod naive;
mod place;
mod property;
mod reading;
mod room;
mod rows;
mod searching;
mod transient;
mod vanishing;
mod writing;
