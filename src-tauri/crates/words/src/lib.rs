//! What people read, made fit to be read. Must not know who reads it, or where.

mod text;

pub use text::{line, mark, paragraph, raw_line, raw_paragraph, reorders};
