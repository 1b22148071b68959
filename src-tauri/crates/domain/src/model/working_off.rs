//! The end of a check-in by work: with the last one of it that the user deals with it is over, and with one that they take
//! back it is there again. Must not know what the others do with a row.

use super::{Bulk, BulkKind, HandedOver, Model, Owed};
use crate::command::Command;
use crate::effect::{Effect, Write};
use crate::event::Event;
use crate::notice::{Interruption, Seq};
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
    /// How many of the held ones are not put off.
    pub(super) fn here_count(&self) -> u32 {
        self.state.ledger.held.saturating_sub(self.state.held.later)
    }

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

    /// After an event: `before` were here before it. What comes afterwards is for the next check-in.
    pub(super) fn mind_check_in(&mut self, work: Work, before: u32, fx: &mut Vec<Effect>) {
        let here = self.here_count();
        if work == Work::Done && self.state.saved.checking_in && before > 0 && here == 0 {
            self.check_in_is_worked_off(self.state.newest_seq(), fx);
        } else if work == Work::Undone && here > before && self.brings_back(fx) {
            self.state.saved.worked_off = None;
            self.state.saved.checking_in = true;
            self.state.save(fx);
        }
    }

    /// Whether a command that is through was about all that the open check-in has handed over: what is here then came after
    /// it, between two pages.
    pub(super) fn deals_with_the_check_in(&self, bulk: &Bulk) -> bool {
        let is_done = matches!(bulk.kind, BulkKind::Done(_) | BulkKind::PutOff(_));
        let reaches = |books: &HandedOver| bulk.range.app.is_none() && books.upto <= bulk.range.upto;
        let is_about_all = self.state.saved.checking_in && self.state.saved.handed_over.as_ref().is_some_and(reaches);
        let came_since = self.state.newest_seq().0.saturating_sub(bulk.range.upto.0);
        let is_all_new = i64::from(self.here_count()) <= came_since;
        is_done && is_about_all && is_all_new && bulk.count > 0 && !self.is_releasing()
    }

    /// Nothing up to this row is left of the check-in.
    pub(super) fn check_in_is_worked_off(&mut self, upto: Seq, fx: &mut Vec<Effect>) {
        self.leave_what_was_handed_over();
        self.state.saved.worked_off = Some(upto);
        self.state.save(fx);
        self.notice_is_outdated(fx);
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

    /// Whether one of these writes holds again what that check-in had dealt with, and not what came after it.
    fn brings_back(&self, fx: &[Effect]) -> bool {
        let Some(upto) = self.state.saved.worked_off else { return false };
        let brings_back = |effect: &Effect| {
            let Effect::Store(Write::Update(row)) = effect else { return false };
            row.is_held() && row.seq <= upto
        };
        fx.iter().any(brings_back)
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
