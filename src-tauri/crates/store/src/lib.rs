//! Where the rows live: SQLite behind [`tidegate_domain::ports::Journal`] and [`tidegate_domain::ports::Reader`].
//!
//! One file, one connection and one thread that write, another of each that only read. It keeps what it is told and finds it again; it must not know why a row is held,
//! what time it is, or who asks. What is transient and held is kept in memory alone (see `texts`).

mod cause;
mod columns;
mod finding;
mod grams;
mod history;
mod loading;
mod migration;
mod opening;
mod place;
#[cfg(test)]
mod plans;
mod reader;
mod rescue;
mod reserve;
mod room;
mod saved;
mod searching;
mod sqlite_store;
mod sums;
mod texts;
mod tidying;
mod vocabulary;
mod witness;
mod wording;
mod words;
mod writing;

pub use migration::SCHEMA_VERSION;
pub use reader::SqliteReader;
pub use room::Limit;
pub use sqlite_store::SqliteStore;
