//! Everything that a person reads: the catalogue of messages in their language and on their clock, and text from outside,
//! made fit to be read. Must not know who reads it, or where.

mod catalogue;
mod clock;
pub mod say;
mod size;
mod text;

pub use catalogue::{Catalogue, timeless};
pub use clock::{Clock, ahead};
pub use text::{line, mark, paragraph, raw_line, raw_paragraph, reorders};
pub use tidegate_domain::Zone;
