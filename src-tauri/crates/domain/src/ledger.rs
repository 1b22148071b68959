//! The count that always adds up. Must not know where the rows are.

use crate::notice::{Interruption, State};
use chrono::{DateTime, Utc};

/// A period of the books, from digest to digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Rises by one with every digest.
    pub number: u64,
    /// When it began.
    pub since: DateTime<Utc>,
    /// Held when it began, and what an undo brought back from an earlier period.
    pub carried: u32,
}

/// A time in which the gate did not stand in the path: what came then was shown, not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// When it began.
    pub since: DateTime<Utc>,
    /// When the gate was back.
    pub until: DateTime<Utc>,
}

/// Why what was held was handed over just then. With that a period of the books ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckInBy {
    /// Its time came, and no block ran.
    Plan,
    /// It had waited for the block, which was over.
    BlockEnd,
    /// It had waited for the block, and the user touched nothing for a while.
    Pause,
    /// It had waited for the block for as long as it may.
    Wait,
    /// The user wanted it.
    Hand,
}

/// A period of the books that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastPeriod {
    /// Periods are counted from 1.
    pub number: u64,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When the next one began.
    pub until: DateTime<Utc>,
    /// Its books as they were then. What is taken back later enters those of a later period.
    pub ledger: Ledger,
    /// What ended it.
    pub ended_by: CheckInBy,
}

/// The books of one period: `carried + came_in` equals the sum of the states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// How many were held when it began, or came back from an earlier one.
    pub carried: u32,
    /// How many arrived in it.
    pub came_in: u32,
    /// How many of all those are held now.
    pub held: u32,
    /// How many the gate let through.
    pub passed: u32,
    /// Taken back by their app.
    pub withdrawn: u32,
    /// Muted by a rule.
    pub muted: u32,
    /// Transient ones whose time ran out.
    pub expired: u32,
    /// Given to the renderer.
    pub released: u32,
    /// How many a person dealt with.
    pub done: u32,
    /// Feedback: passed, outside the sum.
    pub feedback: u32,
    /// Of those in the sum, so many have no row: there was no room for more while the store had failed.
    pub only_counted: u32,
}

/// What passed while the store had failed and no room was left to keep more than its count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnlyCounted {
    /// How many the gate let through.
    pub passed: u32,
    /// Muted by a rule.
    pub muted: u32,
    /// Volume and the like, outside the sum.
    pub feedback: u32,
}

impl OnlyCounted {
    /// One that has a row no longer.
    pub(crate) fn of(row: &Interruption) -> Self {
        let none = Self::default();
        match row.state() {
            _ if row.is_own() => none,
            _ if row.content.feedback => Self { feedback: 1, ..none },
            State::Muted => Self { muted: 1, ..none },
            State::Passed | State::Held | State::Withdrawn | State::Expired | State::Released | State::Done => {
                Self { passed: 1, ..none }
            }
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            muted: self.muted.saturating_add(other.muted),
            feedback: self.feedback.saturating_add(other.feedback),
        }
    }

    pub(crate) fn less(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_sub(other.passed),
            muted: self.muted.saturating_sub(other.muted),
            feedback: self.feedback.saturating_sub(other.feedback),
        }
    }

    /// Adds these to the books that were counted from the rows.
    pub fn join(self, ledger: &mut Ledger) {
        let counted = self.passed.saturating_add(self.muted);
        ledger.came_in = ledger.came_in.saturating_add(counted);
        ledger.only_counted = ledger.only_counted.saturating_add(counted);
        ledger.passed = ledger.passed.saturating_add(self.passed);
        ledger.muted = ledger.muted.saturating_add(self.muted);
        ledger.feedback = ledger.feedback.saturating_add(self.feedback);
    }
}

impl Ledger {
    /// Whether the books balance.
    #[must_use]
    pub fn balances(&self) -> bool {
        let sum = [self.held, self.passed, self.withdrawn, self.muted, self.expired, self.released, self.done];
        u64::from(self.carried) + u64::from(self.came_in) == sum.iter().map(|n| u64::from(*n)).sum::<u64>()
    }

    /// The count of one state.
    pub fn of(&mut self, state: State) -> &mut u32 {
        match state {
            State::Held => &mut self.held,
            State::Passed => &mut self.passed,
            State::Withdrawn => &mut self.withdrawn,
            State::Muted => &mut self.muted,
            State::Expired => &mut self.expired,
            State::Released => &mut self.released,
            State::Done => &mut self.done,
        }
    }

    pub(crate) fn arrived(&mut self, state: State) {
        self.came_in = self.came_in.saturating_add(1);
        let count = self.of(state);
        *count = count.saturating_add(1);
    }

    pub(crate) fn moved(&mut self, from: State, to: State) {
        let left = self.of(from);
        *left = left.saturating_sub(1);
        let joined = self.of(to);
        *joined = joined.saturating_add(1);
    }

    /// One that was settled in an earlier period is held again.
    pub(crate) fn came_back(&mut self) {
        self.carried = self.carried.saturating_add(1);
        self.held = self.held.saturating_add(1);
    }

    /// The books of the period after this one.
    pub(crate) fn next(&self) -> Self {
        Self { carried: self.held, held: self.held, ..Self::default() }
    }
}
