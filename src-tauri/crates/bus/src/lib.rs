//! Connections to the session bus that last as long as the bus does.
//!
//! Whoever is on the bus may send us anything that the bus lets through: flags that are not defined yet, messages of
//! unknown types, answers to questions that were put to others. The specification has the first two ignored; a library
//! that takes them for a broken connection would end the program that stands in everybody's way. So every connection of
//! ours reads through [`reader`]. Must not know what is said, or who Tidegate is.

mod address;
mod asked;
mod connect;
mod frame;
mod reader;
pub mod shell;

pub use connect::{connect, connect_watched, session};
pub use reader::{Reads, is_cut};

/// The bus itself.
pub(crate) const DBUS: &str = "org.freedesktop.DBus";
