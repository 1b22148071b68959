//! Snoozing: what is put off for some minutes comes back by itself, at the next digest at the latest. A digest brings it
//! back with all that is put off, and its instant means nothing then. Must not know what the notice of it says.

use super::commands::{CommandOutcome, Named};
use super::{Deed, Model, Owed, UndoStep};
use crate::command::{Answer, Refusal, SnoozeEnd};
use crate::effect::{Digest, Effect, Occasion};
use crate::notice::{Interruption, NoticeId};
use crate::query::Found;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};

/// The longest that one is snoozed: a day.
const SNOOZE_MINUTES: u32 = 24 * 60;
/// Those that are back and not told of yet, at most: they are stored with every change.
const BACK: usize = 100;

impl Model {
    /// When one that is snoozed comes back, if no digest comes first.
    #[must_use]
    pub fn snoozed_until(&self, row: &Interruption) -> Option<DateTime<Utc>> {
        row.deferred().filter(|_| self.state.is_put_off(row)).and_then(|deferral| deferral.until)
    }

    pub(super) fn snooze(
        &mut self,
        ids: &[NoticeId],
        end: SnoozeEnd,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let until = self.end_of_snooze(end, now)?;
        let Named { held, left_out } = self.named_to_put_off(ids, rows, now, fx)?;
        let mark = self.next_mark(fx);
        self.remember(UndoStep::of(Deed::PutOff, &held).map(|step| step.until(until)));
        self.state.next_snoozed = Some(self.state.next_snoozed.map_or(until, |next| next.min(until)));
        let count = u32::try_from(held.len()).unwrap_or(u32::MAX);
        for row in held {
            self.mark_later_until(row, mark, Some(until), fx);
        }
        let until = self.next_hand_over(now).map_or(until, |at| at.min(until));
        Ok(Answer::Snoozed { count, until, left_out })
    }

    fn end_of_snooze(&self, end: SnoozeEnd, now: Now) -> Result<DateTime<Utc>, Refusal> {
        match end {
            SnoozeEnd::Minutes(minutes) => Ok(now.utc + Duration::minutes(minutes.clamp(1, SNOOZE_MINUTES).into())),
            SnoozeEnd::Time(time) => self.today_at(time, now).ok_or(Refusal::TimeIsPast(time)),
        }
    }

    /// Those whose instant has come are here again; of one that a digest had brought back only the instant goes.
    pub(super) fn come_back(&mut self, found: Found, fx: &mut Vec<Effect>) {
        self.state.next_snoozed = found.next_due;
        for mut row in found.rows {
            let was_away = self.state.is_put_off(&row);
            self.state.take_off_later(&mut row);
            if was_away {
                self.is_back(&row);
            }
            fx.push(Self::update(&row));
        }
    }

    /// One that is on its way to the screen is seen there. A release that still waits is about what was here when it was
    /// asked for.
    fn is_back(&mut self, row: &Interruption) {
        self.state.release.leave_out(row);
        if !row.is_going() && self.state.saved.back.len() < BACK {
            self.state.saved.back.insert(row.seq);
            self.session.under_way.take_if(|told| told.of == Owed::Snooze);
        }
    }

    /// Any other notice of ours tells of all that is held, and so of these; but for one that only asks.
    pub(super) fn tells_of_snoozes(&mut self, told: Owed) {
        if !matches!(told, Owed::Snooze | Owed::Away) {
            self.state.saved.back.clear();
        }
    }

    /// What is said of what is back.
    pub(super) fn digest_of_snoozes(&self, now: Now) -> Digest {
        let occasion = Occasion::SnoozeIsOver(self.state.saved.back.iter().copied().collect());
        Digest { occasion, ..self.digest_of(self.running_books(), 0, false, now) }
    }
}
