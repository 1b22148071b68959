//! The relay: stands between the desktop's own notification daemon and the session bus, and outlives the gate.
//!
//! The daemon takes our socket for its session bus. What it says is relayed to the real one unchanged, but for the
//! name that it asks for ([`shift`]); on the name that applications call it is queued behind the gate, so the bus
//! itself hands it over in the instant the gate dies. The relay also keeps that daemon running ([`renderer`]) and
//! tells the gate what it could not hear ([`protocol`]).
//!
//! It is resident for the whole session: one thread, no timers but for a restart, no zbus, no tokio. It knows nothing
//! of blocks, rules or the store, keeps nothing on disk, and never writes the text of a notification anywhere.

pub mod address;
pub mod addressee;
pub mod answers;
pub mod control;
pub mod detach;
pub mod driver;
pub mod ensure;
pub mod error;
pub mod itself;
pub mod lane;
pub mod link;
pub mod log;
pub mod manager;
pub mod one_path;
pub mod outbox;
pub mod place;
pub mod protocol;
pub mod relay;
pub mod renderer;
pub mod shift;
pub mod socket;
pub mod whose;
pub mod wire;

pub use log::say;
