//! Blocks, the breaks between them, and apps that ask for quiet: why the gate is closed, or not. Must not know a clock.

use crate::notice::{Sender, Seq};
use chrono::{DateTime, Duration, NaiveDate, Utc};

/// When a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockEnd {
    /// At an instant.
    At(DateTime<Utc>),
    /// At the check-in of that instant.
    CheckIn(DateTime<Utc>),
    /// When it is ended by hand.
    Open,
}

/// A stretch of deep work during which the gate is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is for: one line.
    pub intention: Option<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ends.
    pub end: BlockEnd,
    /// How long the user was away in it, by their own word: that does not count.
    pub left_out: Vec<OnDay>,
}

impl Block {
    /// The instant of its end, if it has one.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self.end {
            BlockEnd::At(at) | BlockEnd::CheckIn(at) => Some(at),
            BlockEnd::Open => None,
        }
    }

    /// Somebody set the clock: a block of minutes keeps its length; one until a check-in keeps its time of day.
    pub(crate) fn clock_moved(&mut self, by: Duration) {
        self.started += by;
        if let BlockEnd::At(at) = &mut self.end {
            *at += by;
        }
    }
}

/// What ended a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Its time was over.
    Itself,
    /// The user ended it.
    Hand,
    /// The user opened the gate.
    Toggle,
    /// The user takes a break.
    Break,
    /// An earlier version did not keep it.
    Unknown,
}

/// A block that is over. A set clock does not move it: it was when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastBlock {
    /// What it was for.
    pub intention: Option<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// When it was to end, as it was planned last; none for one without an end, or where an earlier version did not keep it.
    pub planned: Option<DateTime<Utc>>,
    /// How long the user was away in it, by their own word: that does not count.
    pub left_out: Duration,
    /// What ended it.
    pub ended_by: EndedBy,
}

/// A pause between blocks: the gate is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// What the block before it was for.
    pub intention: Option<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ends.
    pub ends: DateTime<Utc>,
}

impl Break {
    /// Somebody set the clock: it keeps its length.
    pub(crate) fn clock_moved(&mut self, by: Duration) {
        self.started += by;
        self.ends += by;
    }
}

/// What ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// A block.
    Block,
    /// A break.
    Break,
}

/// A block or a break that ended by itself, until the user has seen that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Which of them.
    pub what: Stretch,
    /// What the block was for, or the one before the break.
    pub intention: Option<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// How long the user was away in it, by their own word: that does not count.
    pub left_out: Duration,
    /// Its notice is in the store like any other, or nobody wants one; until then a restart shows it.
    pub is_told: bool,
}

impl Ended {
    /// How long it was, without what does not count.
    #[must_use]
    pub fn length(&self) -> Duration {
        (self.ended - self.started - self.left_out).max(Duration::zero())
    }

    pub(crate) fn clock_moved(&mut self, by: Duration) {
        self.started += by;
        self.ended += by;
    }
}

/// How long the user touched nothing in a block, or the machine slept, until they say whether that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeAway {
    /// When the block began that it was in.
    pub of_block: DateTime<Utc>,
    /// How long.
    pub days: Vec<OnDay>,
    /// Its notice is in the store like any other; until then a restart shows it.
    pub is_told: bool,
}

impl TimeAway {
    /// How long in all.
    #[must_use]
    pub fn length(&self) -> Duration {
        OnDay::sum(&self.days)
    }

    /// Somebody set the clock, and the block runs.
    pub(crate) fn clock_moved(&mut self, by: Duration) {
        self.of_block += by;
    }
}

/// So much time on one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnDay {
    /// The day.
    pub day: NaiveDate,
    /// How long.
    pub length: Duration,
}

impl OnDay {
    /// All days together.
    #[must_use]
    pub fn sum(days: &[Self]) -> Duration {
        days.iter().fold(Duration::zero(), |sum, on| sum + on.length)
    }

    pub(crate) fn add(days: &mut Vec<Self>, more: &[Self]) {
        for on in more {
            match days.iter_mut().find(|known| known.day == on.day) {
                Some(known) => known.length += on.length,
                None => days.push(*on),
            }
        }
    }

    /// No day has less than nothing.
    pub(crate) fn take(days: &mut [Self], less: &[Self]) {
        for on in less {
            if let Some(known) = days.iter_mut().find(|known| known.day == on.day) {
                known.length -= on.length.min(known.length);
            }
        }
    }
}

/// A cookie of KDE's `Inhibit`: an app asked for quiet until it takes it back or leaves the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inhibitor {
    /// Who holds the cookie.
    pub sender: Sender,
    /// The name that it gave, at most 128 bytes.
    pub app: String,
}

/// A time in which apps asked for quiet, without a pause between them: kept until what was held meanwhile is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// The app that asked first: its name.
    pub app: String,
    /// What came after this row is told of.
    pub after: Seq,
    /// Nobody asks any more, and that was not told yet.
    pub is_over: bool,
}
