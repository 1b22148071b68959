//! Check-ins: when they are, and how what is held is handed over. Must not read a clock, nor know how the digest is shown.

use super::notices::Owed;
use super::{HandedOver, Model};
use crate::effect::{Effect, Write};
use crate::focus::{Block, BlockEnd};
use crate::ledger::{CheckInBy, OnlyCounted, PastPeriod, Period};
use crate::policy::Settings;
use crate::schedule::Plan;
use crate::time::Now;
use crate::zone::Zone;
use chrono::{DateTime, Duration, Utc};

/// It comes sooner when the user has touched nothing for this long: in a pause a digest is not in the way.
pub const IDLE_TIME: std::time::Duration = std::time::Duration::from_secs(45);
/// A check-in inside a block waits for its end this long at most.
const READY_MINUTES: i64 = 15;

impl Model {
    pub(super) fn plan(&self) -> Plan<'_> {
        let check_ins = &self.settings.check_ins;
        Plan { check_ins, exceptions: &self.state.saved.exceptions, zone: &self.zone }
    }

    /// The next check-in as planned, whether or not anything is held.
    #[must_use]
    pub fn next_check_in(&self, now: Now) -> Option<DateTime<Utc>> {
        self.plan().next_that_happens(now.utc).map(|planned| planned.at)
    }

    /// When what is put off is handed over, at the latest: a check-in that is ready waits for the block's end, and not long.
    #[must_use]
    pub fn next_hand_over(&self, now: Now) -> Option<DateTime<Utc>> {
        let Some(latest) = self.latest_digest() else { return self.next_check_in(now) };
        let block = self.state.saved.block.as_ref().and_then(Block::ends_at);
        Some(block.map_or(latest, |ends| ends.min(latest)))
    }

    /// Of a check-in that is ready.
    pub(super) fn latest_digest(&self) -> Option<DateTime<Utc>> {
        self.state.saved.ready_since.map(|since| since + Duration::minutes(READY_MINUTES))
    }

    /// Today's check-ins, without those still to come that are skipped.
    #[must_use]
    pub fn check_ins_today(&self, now: Now) -> Vec<DateTime<Utc>> {
        let plan = self.plan();
        let shown = plan.on_day_of(now.utc).filter(|planned| planned.at <= now.utc || !planned.is_skipped);
        shown.map(|planned| planned.at).collect()
    }

    /// The next planned instant, skipped or not: a skipped one still has to be ticked off.
    pub(super) fn next_plan(&self, now: Now) -> Option<DateTime<Utc>> {
        let is_missed = self.plan().between(self.state.saved.last_check_in, now.utc).next().is_some();
        if is_missed { Some(now.utc) } else { self.plan().next_after(now.utc).map(|planned| planned.at) }
    }

    pub(super) fn zone_changed(&mut self, zone: Zone, now: Now, fx: &mut Vec<Effect>) {
        self.state.undo.zone_changed(&self.zone, &zone);
        self.zone = zone;
        self.replan(now, fx);
    }

    pub(super) fn settings_changed(&mut self, settings: Settings, now: Now, fx: &mut Vec<Effect>) {
        self.settings = settings;
        self.replan(now, fx);
    }

    /// The plan is another: check-ins that it would have had in the past are not caught up.
    pub(super) fn replan(&mut self, now: Now, fx: &mut Vec<Effect>) {
        self.state.saved.last_check_in = self.state.saved.last_check_in.max(now.utc);
        self.state.saved.exceptions.keep_planned(&self.settings.check_ins);
        self.forget_skips_of_none(now);
        if let Some(BlockEnd::CheckIn(before)) = self.state.saved.block.as_ref().map(|block| block.end) {
            let end = self.until_check_in(before, now);
            self.state.saved.block.iter_mut().for_each(|block| block.end = end);
        }
        self.state.save(fx);
    }

    /// Check-ins that were missed (asleep, off) are caught up once.
    pub(super) fn check_in_if_due(&mut self, now: Now, fx: &mut Vec<Effect>) {
        let missed: Vec<_> = self.plan().between(self.state.saved.last_check_in, now.utc).collect();
        // Where the clocks go forward, an earlier time of day may come later.
        let Some(last) = missed.iter().max_by_key(|planned| planned.at) else {
            return;
        };
        self.state.saved.last_check_in = last.at;
        self.state.saved.exceptions.forget_until(*last);
        let due = missed.iter().filter(|planned| !planned.is_skipped).map(|planned| planned.at).max();
        match due {
            None => self.state.save(fx),
            Some(due) if self.state.saved.block.is_some() => {
                self.state.saved.ready_since.get_or_insert(due);
                self.state.save(fx);
            }
            Some(_) => {
                self.state.saved.ended = None;
                self.hand_over(CheckInBy::Plan, now, fx);
            }
        }
    }

    /// Whoever watched may have seen it too late: then nothing waits any more.
    pub(super) fn user_idle(&mut self, now: Now, fx: &mut Vec<Effect>) {
        if self.wanted_of_user().idleness {
            self.hand_over(CheckInBy::Pause, now, fx);
        }
    }

    /// Hands over what is held, as one digest or released app by app, and begins the next period of the books.
    pub(super) fn hand_over(&mut self, by: CheckInBy, now: Now, fx: &mut Vec<Effect>) {
        if let Some((books, released)) = self.begin_check_in(by, now, fx) {
            self.state.saved.owes_digest = true;
            let digest = self.digest_of(books, released, by == CheckInBy::Pause, now);
            self.show(Owed::CheckIn, digest, fx);
        }
        self.state.save(fx);
    }

    /// What there is to be told of it, if anything is handed over: the books, and how many are released instead.
    pub(super) fn begin_check_in(
        &mut self,
        by: CheckInBy,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> Option<(HandedOver, u32)> {
        self.state.saved.ready_since = None;
        self.bring_back_later();
        self.state.hand_over_all();
        let released = self.release_by_wish();
        let is_wanted = self.state.ledger.held > released || self.owes_withdrawals();
        let books = self.end_period(by, now, fx);
        self.quiet_is_told();
        self.state.saved.back.clear();
        self.state.saved.checking_in |= is_wanted;
        self.state.saved.is_worked_off = false;
        if is_wanted {
            self.state.saved.handed_over = Some(books.clone());
        }
        is_wanted.then_some((books, released))
    }

    /// The books of the period that is over; another one begins.
    fn end_period(&mut self, by: CheckInBy, now: Now, fx: &mut Vec<Effect>) -> HandedOver {
        let Period { number, since, .. } = self.state.saved.period;
        let past = PastPeriod { number, since, until: now.utc, ledger: self.state.ledger, ended_by: by };
        fx.push(Effect::Store(Write::PeriodEnded(Box::new(past))));
        let absences = std::mem::take(&mut self.state.saved.absences);
        let books = HandedOver { absences, ..self.running_books() };
        self.state.saved.only_counted = OnlyCounted::default();
        let listed = self.withdrawn();
        self.state.saved.withdrawals.period_ends(number, self.state.ledger.withdrawn);
        self.state.ledger = self.state.ledger.next();
        if self.withdrawn() != listed {
            self.state.held.changed();
        }
        let (number, carried) = (number.saturating_add(1), self.state.ledger.carried);
        self.state.saved.period = Period { number, since: now.utc, carried };
        books
    }
}
