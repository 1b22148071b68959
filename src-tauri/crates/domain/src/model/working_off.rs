//! The end of a check-in by work: with the last one of it that the user deals with it is over, and with one that they take
//! back it is there again. Must not know what the others do with a row.

use super::{BulkKind, Model};
use crate::command::Command;
use crate::effect::{Effect, Write};
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
            self.leave_what_was_handed_over();
            self.state.saved.worked_off = Some(self.state.newest_seq());
            // A notice that says or asks something else stays for that.
            if self.state.saved.ended.is_none() && self.state.saved.away.is_none() {
                self.state.outdated_notice = self.state.digest.take().or(self.state.outdated_notice);
            }
            self.state.save(fx);
        } else if work == Work::Undone && here > before && self.brings_back(fx) {
            self.state.saved.worked_off = None;
            self.state.saved.checking_in = true;
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
        self.state.outdated_notice = None;
        for notice in rows.into_iter().filter(|row| row.is_own() && row.is_open()) {
            self.retire(notice, now, fx);
        }
    }
}
