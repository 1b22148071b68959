//! Parts for tests that run on the real thing: a private desktop session with
//! its own bus, displays, notification daemons and senders.
//!
//! Development only, so it panics where a test should stop: a missing program
//! names its package, and every wait has a deadline. It must not know how
//! Tidegate is built inside; it sees what any program on the desktop sees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broker;
mod bus;
mod client;
mod clock;
mod idle_monitor;
mod image;
mod leftovers;
mod monitor;
mod noop;
mod notification;
mod process;
mod programs;
mod recording;
mod renderer;
mod screen_reader;
mod script;
mod senders;
mod session;
mod sway;
mod system_bus;
mod tray;
mod user_systemd;
mod wait;
mod xvfb;

pub use bus::PrivateBus;
pub use client::{Client, Heard, Signal, heard};
pub use clock::{CLOCK_VARIABLE, StepClock};
pub use idle_monitor::{Asked, IdleMonitor};
pub use image::ImageData;
pub use monitor::Monitor;
pub use noop::serve_nothing;
pub use notification::Notification;
pub use process::{Piped, Process};
pub use recording::{Fields, Recorded, RecordingRenderer, To, Written, WrittenCall, emit};
pub use renderer::{Kind, Renderer, RendererControl};
pub use screen_reader::{Said, ScreenReader};
pub use senders::{GNotificationSender, LibnotifySender, NotifySend, QtTray, TrayEvent};
pub use session::{Ran, Session};
pub use sway::Sway;
pub use system_bus::SystemBus;
pub use tray::{MenuEntry, StatusNotifierWatcher, TrayItem};
pub use user_systemd::UserSystemd;
pub use wait::{DEADLINE, next_item, owner, owner_pid, until, wait_no_owner, wait_owner, wait_owner_change, within};
pub use xvfb::Xvfb;

/// The well-known name that notification servers own, their interface too.
pub const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The object path of a notification server.
pub const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
