//! The end of a check-in by work: with the last one of it that the user deals with it is over, and with one that they take
//! back it is there again. Must not know what the others do with a row.

use super::{BulkKind, Model, Owed};
use crate::command::Command;
use crate::effect::Effect;
use crate::event::Event;
use crate::notice::Interruption;
use crate::time::Now;

/// What an event may mean for a check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// The user deals with some.
    Done,
    /// The user takes some of that back.
    Undone,
    /// Something else.
    None,
}

impl Model {
    /// What is released leaves once the renderer has answered.
    pub(super) fn work_of(&self, event: &Event) -> Work {
        let bulk = self.state.saved.bulks.front().map(|bulk| bulk.kind);
        match (event, bulk) {
            (Event::Command { command: Command::Undo(_), .. }, _)
            | (Event::Wake, Some(BulkKind::UndoDone(_) | BulkKind::UndoPutOff(_))) => Work::Undone,
            (Event::Command { .. } | Event::Sent { .. } | Event::SentByEarlier(_) | Event::Recover(_), _)
            | (Event::Wake, Some(BulkKind::Done(_) | BulkKind::PutOff(_))) => Work::Done,
            _ => Work::None,
        }
    }

    /// How many of the held ones are not put off, and how many of those were handed over.
    pub(super) fn here_and_left(&self) -> (u32, u32) {
        let held = &self.state.held;
        (self.state.ledger.held.saturating_sub(held.later), held.handed_over)
    }

    /// After an event, with how many were here and left before it. What came since the check-in is for the next one; but where
    /// the last one of it left by itself, the next that is dealt with ends it.
    pub(super) fn mind_check_in(&mut self, work: Work, (here_before, before): (u32, u32), fx: &mut Vec<Effect>) {
        let (here, left) = self.here_and_left();
        let handed_some_over = self.state.saved.handed_over.as_ref().is_some_and(|books| books.ledger.held > 0);
        let is_worked_off = left == 0 && here < here_before && handed_some_over;
        if work == Work::Done && self.state.saved.checking_in && is_worked_off {
            self.leave_what_was_handed_over();
            self.state.saved.is_worked_off = true;
            self.state.save(fx);
            self.notice_is_outdated(fx);
        } else if work == Work::Undone && self.state.saved.is_worked_off && left > before {
            self.state.saved.is_worked_off = false;
            self.state.saved.checking_in = true;
            self.state.save(fx);
        }
    }

    /// Whether the digest that was asked for is one that nobody waits for any more.
    pub(super) fn is_digest_late(&self) -> bool {
        self.session.under_way.is_some_and(|told| told.of == Owed::CheckIn) && !self.state.saved.owes_digest
    }

    /// It leaves the screen with the next wake-up, of this process or the next. One that says or asks something else stays
    /// for that.
    pub(super) fn notice_is_outdated(&mut self, fx: &mut Vec<Effect>) {
        if self.state.saved.ended.is_none() && self.state.saved.away.is_none() {
            self.state.saved.outdated_notice = self.state.digest.take().or(self.state.saved.outdated_notice);
            self.state.save(fx);
        }
    }

    /// What told of it leaves the screen: `rows` has that.
    pub(super) fn take_outdated_notice_down(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        self.state.saved.outdated_notice = None;
        self.state.save(fx);
        for notice in rows.into_iter().filter(|row| row.is_own() && row.is_open()) {
            self.state.digest.take_if(|digest| *digest == notice.id);
            self.retire(notice, now, fx);
        }
    }
}
