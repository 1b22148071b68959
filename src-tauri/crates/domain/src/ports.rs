//! The edges where the engine meets the store and the outside, as traits that the daemon wires. Must not know who is
//! behind them.

use crate::digest_order::{HeldByConversation, WithdrawnApp};
use crate::effect::{GateEffect, UiEffect, Write};
use crate::model::Loaded;
use crate::notice::{Interruption, LaterMark, NoticeId, Raw, Seq};
use crate::query::{Found, Query};
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
    /// What kind of failure that is.
    pub fault: StoreFault,
}

/// Who sent something lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Senders {
    /// When the first that is counted came; none without any.
    pub first: Option<DateTime<Utc>>,
    /// By app.
    pub apps: Vec<AppUse>,
}

/// What one app sent lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUse {
    /// Its id.
    pub app: Arc<str>,
    /// Its name, as it was last.
    pub name: Arc<str>,
    /// How many.
    pub came_in: u32,
    /// How many of these a person opened, pressed or answered.
    pub acted: u32,
}

/// Kinds of failures that differ in what a person can do about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StoreFault {
    /// It cannot be read or written, most likely for want of room or of the right to.
    #[default]
    Unusable,
    /// It can never be read by this program: its words say why, and what to do.
    Unreadable,
    /// What was open has no name any more: it can be saved, at once.
    Vanished,
    /// Another daemon of the same user, in another session, keeps its data there.
    InUse {
        /// Its process, if it is known.
        by: Option<u32>,
    },
}

/// That what was stored is not all there, or was not for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreLoss {
    /// It has not come as far as it had: it was deleted, emptied or replaced by an earlier one.
    Missing {
        /// When it was whole.
        last_good: DateTime<Utc>,
    },
    /// It was deleted while it was open, and written again from what was open: nothing is lost.
    WrittenAgain,
}

/// A failure of the store as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTrouble {
    /// The store's own words.
    pub said: String,
    /// What kind of failure it is.
    pub fault: StoreFault,
}

impl From<&StoreError> for StoreTrouble {
    fn from(error: &StoreError) -> Self {
        Self { said: error.to_string(), fault: error.fault }
    }
}

impl From<&str> for StoreTrouble {
    fn from(said: &str) -> Self {
        Self { said: said.to_owned(), fault: StoreFault::default() }
    }
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

/// What was stored, for whoever reads. Answers nothing while it is not the journal's file that it would read.
pub trait Archive: Send {
    /// The rows that a question is about: in a journal as the open transaction sees them.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn rows(&mut self, query: &Query) -> Result<Found, StoreError>;
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
    /// The held rows by app and conversation, the oldest of them where there are too many to be put together in a moment.
    /// Marks above `later_than` put one off.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn held_by_conversation(&mut self, later_than: LaterMark) -> Result<HeldByConversation, StoreError>;
    /// What apps took back while it was held, in this period or a later one, app by app: so many rows at most, the newest of
    /// all. Of apps that took back very many, the oldest are not counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn withdrawn(&mut self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, StoreError>;
    /// Rows of all history before one, newest first, in which every word begins a word of the app's name, the summary or
    /// the body, or stands anywhere in them where words stand without spaces. Without words, all. What the index has not read
    /// by then is missing.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn search(&mut self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError>;
    /// Whether the index has words to read that came in or were changed: [`Journal::tidy`] reads them in steps.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn index_is_behind(&mut self) -> Result<bool, StoreError> {
        Ok(false)
    }
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
    /// Who sent something since then, the apps with the most first, at most so many: counted over the newest rows, so many
    /// of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn senders(&mut self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, StoreError>;
}

/// The archive on a connection of its own, for a thread of its own: who reads there keeps nobody waiting who writes. It may
/// know of commits that came after the model that it is read with.
pub trait Reader: Archive {
    /// Whether it reads what the journal writes. Not while that is not open, or where its file has lost its name: then the
    /// journal alone can be read.
    fn is_current(&mut self) -> bool;
    /// Nobody has asked for a while.
    fn rest(&mut self);
}

/// Where the rows are written. Called by the engine's one thread only, which alone reads what is not committed.
pub trait Journal: Archive {
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
    /// The index reads what has just come, as far as one step goes, so that a search finds it.
    fn read_ahead(&mut self) {}
    /// One step of the work that may wait until nobody does: checkpoints, removal of bodies that nobody needs any more, the
    /// index of words. Whether there is more of it.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn tidy(&mut self) -> Result<bool, StoreError>;
    /// What follows is worth the room on the disk that is kept back: that may be used until the store is tidied, which keeps
    /// some back again. Whether there was any.
    fn use_reserve(&mut self) -> bool {
        false
    }
    /// Lets go of what is only kept in memory to be quicker the next time.
    fn give_back_memory(&mut self) {}
}

/// What anybody wants to know of the user, and only for as long as it would change something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WantedOfUser {
    /// [`crate::Event::UserIdle`].
    pub idleness: bool,
    /// [`crate::Event::UserBack`], however long they were away.
    pub absences: bool,
}

/// What performs effects. Must not block.
pub trait Outside: Send {
    /// Performs effects, each kind in its order; what was written with them is committed.
    fn perform(&mut self, gate: Vec<GateEffect>, ui: Vec<UiEffect>);
    /// The next instant at which the model wants to be woken; `None`: never. Replaces the earlier one.
    fn wake_at(&mut self, at: Option<DateTime<Utc>>);
    /// What of the user is to be watched from now on. At a start nothing is.
    fn watch_user(&mut self, wanted: WantedOfUser);
    /// It has become quiet: what is only kept for the next time may be let go of.
    fn rest(&mut self) {}
}

/// The clock at the edge.
pub trait Clock: Send {
    /// Both clocks now.
    fn now(&self) -> Now;
}
