//! The single writer: one thread owns the model, and every change goes persist, then reply, then show.
//!
//! Events that come while a transaction commits wait in a queue and commit together (group commit). When the store
//! fails or a commit takes too long, the same events are judged once more as if the gate were open, over rows in memory,
//! so that the desktop gets its notifications; the books are settled in steps when the store is well again.
//! Must not know what an effect does outside, where rows are kept, or which clock is read: those are ports.

mod handle;
mod mend;
mod reading;
mod turn;

pub use handle::{Engine, Stopped};

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, mpsc};
use tidegate_domain::ports::{Archive, Clock, Journal, Outside, Reader};
use tidegate_domain::{Event, Model, Now, Settings, SettleStep, Snapshot, Zone};

/// What an engine is made of.
pub struct Parts {
    /// Where rows are kept.
    pub store: Box<dyn Journal>,
    /// A second way to read them, for a thread of its own; without one the engine's thread reads.
    pub reader: Option<Box<dyn Reader>>,
    /// What performs effects.
    pub outside: Box<dyn Outside>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// What the user set.
    pub settings: Settings,
    /// The local zone.
    pub zone: Zone,
    /// The gate's own connection: no other, of this session or another, is called so.
    pub gate: Arc<str>,
}

type ModelQuestion = Box<dyn FnOnce(&Model, Now) + Send>;
type RowsQuestion = Box<dyn FnOnce(&Model, &mut dyn Archive, Now) + Send>;

/// What somebody wants to know, between two transactions.
enum Question {
    /// Of the model alone.
    Model(ModelQuestion),
    /// Of the rows too.
    Rows(Read),
}

/// What somebody wants to read.
struct Read {
    of: Reading,
    question: RowsQuestion,
    /// The reader could not answer: the journal does.
    here: bool,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Rows by what they are.
    Rows,
    /// Rows by their words: what has just come is to be found as well.
    Words,
}

/// What the engine's thread hears.
enum Input {
    Event(Event),
    Question(Question),
    /// A commit that had been given up came back: the store, and the step on the way back that it was, if it went through.
    Late(Box<dyn Journal>, Option<SettleStep>),
    Stop,
}

/// What another thread needs to go on when the store hangs: everything but the store.
struct InFlight {
    desk: Box<turn::Desk>,
    /// What the events had found, which are judged anew; none while the books are being settled, where they were not
    /// judged yet.
    before: Option<Snapshot>,
    events: Vec<Event>,
    /// What was heard after them.
    pending: VecDeque<Input>,
    questions: VecDeque<Question>,
}

/// Where the state lies while its owner waits for a commit.
type Slot = Arc<Mutex<Option<Box<InFlight>>>>;
/// Gone once the engine has stopped, so that nobody waits for an answer.
type Inputs = Arc<Mutex<Option<mpsc::Receiver<Input>>>>;
