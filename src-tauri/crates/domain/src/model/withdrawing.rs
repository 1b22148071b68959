//! What apps took back while it was held, and how far the user knows of it. Must not know the rows.
//!
//! An app that takes its own back long after may do so because it was read elsewhere. One that does so at once closes
//! whatever it shows after a few seconds, and here nobody could have read it: so the user is told of that for sure, at one
//! check-in after the other until they have seen it.

use super::Model;
use crate::command::Answer;
use crate::effect::Effect;
use crate::ledger::Period;
use crate::notice::Interruption;
use crate::time::Now;
use chrono::Duration;

/// What is taken back so soon was read by nobody.
const SOON_SECONDS: i64 = 15;

/// How far the user knows what was withdrawn. Each that ever was has a number, from 1 on: those of this period follow on
/// those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Withdrawals {
    /// The last number before this period.
    pub before: u64,
    /// The first period of those that are listed.
    pub since: u64,
    /// The last number that is listed no more.
    pub listed_after: u64,
    /// The newest that was taken back soon.
    pub soon: u64,
    /// Up to here the newest digest told of them.
    pub told: u64,
    /// Up to here the user has seen that.
    pub seen: u64,
}

impl Withdrawals {
    /// Before any was.
    #[must_use]
    pub fn since(period: &Period) -> Self {
        Self { since: period.number, ..Self::default() }
    }

    /// One that nobody has read was taken back, and nobody knows.
    fn is_owed(&self) -> bool {
        self.soon > self.seen
    }

    /// A digest tells of all that is listed, and of those that this period adds. What earlier ones told of is listed until
    /// the user has seen it.
    pub(super) fn period_ends(&mut self, ended: u64, added: u32) {
        if self.seen >= self.before {
            (self.since, self.listed_after) = (ended, self.before);
        }
        self.before = self.before.saturating_add(added.into());
        self.told = self.before;
    }
}

impl Model {
    /// How many are listed as withdrawn, and the first period that they are of.
    #[must_use]
    pub fn withdrawn(&self) -> (u32, u64) {
        let listed = self.withdrawn_upto().saturating_sub(self.state.saved.withdrawals.listed_after);
        (u32::try_from(listed).unwrap_or(u32::MAX), self.state.saved.withdrawals.since)
    }

    /// The number of the newest: whoever has seen the list of this moment has seen those up to here.
    #[must_use]
    pub fn withdrawn_upto(&self) -> u64 {
        self.state.saved.withdrawals.before.saturating_add(self.state.ledger.withdrawn.into())
    }

    /// Whether the next digest comes even if nothing is held.
    pub(super) fn owes_withdrawals(&self) -> bool {
        self.state.saved.withdrawals.is_owed()
    }

    /// One that was held was taken back, and is in the books as that.
    pub(super) fn was_withdrawn(&mut self, row: &Interruption, now: Now, fx: &mut Vec<Effect>) {
        if row.is_counted() && now.utc - row.arrived <= Duration::seconds(SOON_SECONDS) {
            self.state.saved.withdrawals.soon = self.withdrawn_upto();
            self.state.save(fx);
        }
    }

    /// The user has seen those up to a number.
    pub(super) fn saw_withdrawals(&mut self, upto: u64, fx: &mut Vec<Effect>) -> Answer {
        let seen = upto.min(self.withdrawn_upto());
        if seen > self.state.saved.withdrawals.seen {
            self.state.saved.withdrawals.seen = seen;
            self.state.save(fx);
        }
        Answer::Seen
    }

    /// A digest that is shown tells of all that is listed.
    pub(super) fn told_withdrawals(&mut self, fx: &mut Vec<Effect>) {
        let upto = self.withdrawn_upto();
        if self.state.saved.withdrawals.told != upto {
            self.state.saved.withdrawals.told = upto;
            self.state.save(fx);
        }
    }

    /// The user has put the digest away, which said it.
    pub(super) fn saw_digest(&mut self, fx: &mut Vec<Effect>) {
        self.saw_withdrawals(self.state.saved.withdrawals.told, fx);
    }

    /// The check-in is over: what it told of is listed no more. What was withdrawn since then is for the next one.
    pub(super) fn leave_withdrawals(&mut self) {
        let told = &mut self.state.saved.withdrawals;
        told.seen = told.seen.max(told.told);
        if told.listed_after != told.before {
            (told.since, told.listed_after) = (self.state.saved.period.number, told.before);
            self.state.held.changed();
        }
    }
}
