//! Connections to the session bus that last as long as the bus does.
//!
//! Whoever is on the bus may send us anything that the bus lets through: flags that are not defined yet, messages of
//! unknown types, answers to questions that were put to others. The specification has the first two ignored; a library
//! that takes them for a broken connection would end the program that stands in everybody's way. So every connection of
//! ours reads through [`reader`]. Must not know what is said, or who Tidegate is.

mod address;
mod asked;
mod connect;
mod cutter;
mod frame;
mod header;
mod inbox;
mod reader;
mod reception;
mod refusal;
pub mod shell;
mod writer;

pub use connect::{Called, connect, connect_called, session};
pub use cutter::Reads;
pub use inbox::{Inbox, Limits, Load, Place};
pub use reader::is_cut;
pub use refusal::Refusal;

/// The bus itself.
pub(crate) const DBUS: &str = "org.freedesktop.DBus";
