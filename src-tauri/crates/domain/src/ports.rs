//! The edges where the engine meets the store and the outside, as traits that the daemon wires. Must not know who is
//! behind them.

use crate::effect::{Effect, Write};
use crate::event::{Need, Rows};
use crate::model::Loaded;
use crate::notice::{Interruption, NoticeId, Raw, Seq};
use crate::time::Now;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A failure of the store: what was being done, to what, and the source's words.
#[derive(Debug, thiserror::Error)]
#[error("{operation} {object}: {source}")]
pub struct StoreError {
    /// Such as "commit".
    pub operation: &'static str,
    /// Such as the database's path.
    pub object: String,
    /// What went wrong below.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// An earlier text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// When it was replaced.
    pub replaced: DateTime<Utc>,
    /// Its summary.
    pub summary: String,
    /// Its body as sent.
    pub body: String,
}

/// Where the rows live. Called by the engine's one thread only.
pub trait Store: Send {
    /// What the model starts from; also after a failure.
    ///
    /// # Errors
    /// When the database cannot be opened or read.
    fn load(&mut self) -> Result<Loaded, StoreError>;
    /// Begins a transaction. A durable one survives a power cut once committed, any other a crash of the process.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn begin(&mut self, durable: bool) -> Result<(), StoreError>;
    /// The rows an event names, as the open transaction sees them.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn rows(&mut self, need: &Need) -> Result<Rows, StoreError>;
    /// Makes one change within the open transaction.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn apply(&mut self, write: &Write) -> Result<(), StoreError>;
    /// Commits. After an error nothing of the transaction is there.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Gives the open transaction up, if there is one.
    fn roll_back(&mut self);
    /// The stored body of one row.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn raw(&mut self, seq: Seq) -> Result<Option<Raw>, StoreError>;
    /// A page of held rows after a cursor, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn held(&mut self, after: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError>;
    /// The newest row with an id, whatever its state, and its earlier texts, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn detail(&mut self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, StoreError>;
    /// The apps with the most feedback in a period, and how much each sent; at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn feedback_by_app(&mut self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, StoreError>;
    /// Work that may wait until nobody does: checkpoints, removal of bodies that nobody needs any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn tidy(&mut self) -> Result<(), StoreError>;
    /// Lets go of what is only kept in memory to be quicker the next time.
    fn give_back_memory(&mut self) {}
}

/// What performs effects. Must not block.
pub trait Outside: Send {
    /// Performs effects in order; their writes are committed.
    fn perform(&mut self, effects: Vec<Effect>);
    /// The next instant at which the model wants to be woken; `None`: never. Replaces the earlier one.
    fn wake_at(&mut self, at: Option<DateTime<Utc>>);
    /// Whether [`crate::Event::UserIdle`] is wanted from now on. At a start it is not.
    fn watch_idleness(&mut self, wanted: bool);
    /// It has become quiet: what is only kept for the next time may be let go of.
    fn rest(&mut self) {}
}

/// The clock at the edge.
pub trait Clock: Send {
    /// Both clocks now.
    fn now(&self) -> Now;
}
