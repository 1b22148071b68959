//! The testkit proved on the real thing: what other tests rest on must itself
//! fail when it is broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bus;
mod clock;
mod renderers;
mod senders;
mod session;
mod system_bus;
mod tray;
