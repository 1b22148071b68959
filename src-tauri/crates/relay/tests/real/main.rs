//! The real program on a private bus, in front of real daemons.
#![allow(clippy::unwrap_used, clippy::panic)]

mod control;
mod ensure;
mod process;
mod renderers;
mod rig;
mod strangers;
