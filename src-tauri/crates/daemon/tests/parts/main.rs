//! The daemon's parts on real private buses: the control interface, the commands, the tray, the notices. One test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test should stop where it fails")]

mod cli;
mod completions;
mod control;
mod follow;
mod notices;
mod reading;
mod settings;
mod stand;
mod tray;
