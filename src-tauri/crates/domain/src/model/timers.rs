//! What happens by itself: blocks end, check-ins fall due, time runs out, bulk work goes on. Must not read a clock.

use super::{Bulk, BulkKind, HandedOver, Model};
use crate::command::Refusal;
use crate::effect::{Digest, Effect, Occasion, UiEffect};
use crate::focus::{Block, BlockEnd};
use crate::ledger::{OnlyCounted, Period};
use crate::notice::{ClosedReason, Interruption, Outcome, State};
use crate::policy::Settings;
use crate::query::{Found, HeldRange, Query};
use crate::time::Now;
use crate::zone::Zone;
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;

/// It comes sooner when the user has touched nothing for this long: in a pause a digest is not in the way.
pub const IDLE_TIME: std::time::Duration = std::time::Duration::from_secs(45);
/// Rows that one page names.
pub(super) const PAGE: usize = 100;
/// Commands on many rows that are not through yet.
const BULKS: usize = 16;
/// A check-in inside a block waits for its end this long at most.
const READY_MINUTES: i64 = 15;

/// What a notice of ours is still to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owed {
    /// What a check-in hands over.
    CheckIn,
    /// What was held while apps asked for quiet.
    Quiet,
    /// That a block or a break is over.
    End,
    /// That the user was away.
    Away,
    /// That what was snoozed is back.
    Snooze,
}

/// A notice of ours that was asked for and has not come back through the gate yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnderWay {
    /// For this.
    pub(super) of: Owed,
    /// It says that a block or a break is over, too.
    pub(super) the_end: bool,
    /// It asks of the time away, too.
    pub(super) the_time_away: bool,
}

/// Apps that the digest names.
const DIGEST_APPS: usize = 5;

impl Model {
    /// The next check-in as planned, whether or not anything is held.
    #[must_use]
    pub fn next_check_in(&self, now: Now) -> Option<DateTime<Utc>> {
        let after = self.state.saved.skipped.map_or(now.utc, |skipped| skipped.max(now.utc));
        self.settings.check_ins.next_after(after, &self.zone)
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
        let mut today = self.settings.check_ins.on_day_of(now.utc, &self.zone);
        let is_skipped =
            |at: DateTime<Utc>| at > now.utc && self.state.saved.skipped.is_some_and(|skipped| at <= skipped);
        today.retain(|at| !is_skipped(*at));
        today
    }

    /// The next planned instant, skipped or not: a skipped one still has to be ticked off.
    pub(super) fn next_plan(&self, now: Now) -> Option<DateTime<Utc>> {
        let missed = self.due_check_in(now).is_some();
        if missed { Some(now.utc) } else { self.settings.check_ins.next_after(now.utc, &self.zone) }
    }

    fn due_check_in(&self, now: Now) -> Option<DateTime<Utc>> {
        let last = self.settings.check_ins.last_at_or_before(now.utc, &self.zone)?;
        (last > self.state.saved.last_check_in).then_some(last)
    }

    pub(super) fn zone_changed(&mut self, zone: Zone, now: Now, fx: &mut Vec<Effect>) {
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
        if let Some(BlockEnd::CheckIn(before)) = self.state.saved.block.as_ref().map(|block| block.end) {
            let end = self.until_check_in(before, now);
            self.state.saved.block.iter_mut().for_each(|block| block.end = end);
        }
        self.state.save(fx);
    }

    /// Check-ins that were missed (asleep, off) are caught up once.
    pub(super) fn check_in_if_due(&mut self, now: Now, fx: &mut Vec<Effect>) {
        let Some(due) = self.due_check_in(now) else {
            return;
        };
        self.state.saved.last_check_in = due;
        let skipped = self.state.saved.skipped.is_some_and(|skipped| due <= skipped);
        if self.state.saved.skipped.is_some_and(|skipped| skipped <= due) {
            self.state.saved.skipped = None;
        }
        if skipped {
            self.state.save(fx);
        } else if self.state.saved.block.is_some() {
            self.state.saved.ready_since.get_or_insert(due);
            self.state.save(fx);
        } else {
            self.state.saved.ended = None;
            self.hand_over(now, false, fx);
        }
    }

    /// Whoever watched may have seen it too late: then nothing waits any more.
    pub(super) fn user_idle(&mut self, now: Now, fx: &mut Vec<Effect>) {
        if self.wanted_of_user().idleness {
            self.hand_over(now, true, fx);
        }
    }

    /// Hands over what is held, as one digest or released app by app, and begins the next period of the books.
    pub(super) fn hand_over(&mut self, now: Now, user_is_idle: bool, fx: &mut Vec<Effect>) {
        if let Some((books, released)) = self.begin_check_in(now) {
            self.state.saved.owes_digest = true;
            let digest = self.digest_of(books, released, user_is_idle, now);
            self.show(Owed::CheckIn, digest, fx);
        }
        self.state.save(fx);
    }

    /// What there is to be told of it, if anything is handed over: the books, and how many are released instead.
    pub(super) fn begin_check_in(&mut self, now: Now) -> Option<(HandedOver, u32)> {
        self.state.saved.ready_since = None;
        self.bring_back_later();
        let released = self.release_by_wish();
        let is_wanted = self.state.ledger.held > released || self.owes_withdrawals();
        let books = self.end_period(now);
        self.quiet_is_told();
        self.state.saved.back.clear();
        self.state.saved.checking_in |= is_wanted;
        self.state.saved.worked_off = None;
        self.state.saved.handed_over = is_wanted.then_some(books);
        self.state.saved.handed_over.clone().map(|books| (books, released))
    }

    /// The books of the period that is over; another one begins.
    fn end_period(&mut self, now: Now) -> HandedOver {
        let absences = std::mem::take(&mut self.state.saved.absences);
        let books = HandedOver { absences, ..self.running_books() };
        self.state.saved.only_counted = OnlyCounted::default();
        let listed = self.withdrawn();
        self.state.saved.withdrawals.period_ends(self.state.saved.period.number, self.state.ledger.withdrawn);
        self.state.ledger = self.state.ledger.next();
        if self.withdrawn() != listed {
            self.state.held.changed();
        }
        let number = self.state.saved.period.number.saturating_add(1);
        self.state.saved.period = Period { number, since: now.utc, carried: self.state.ledger.carried };
        books
    }

    /// The books of the period that runs, for a notice that ends none.
    pub(super) fn running_books(&self) -> HandedOver {
        let (ledger, since) = self.ledger();
        HandedOver { ledger, since, absences: Vec::new(), upto: self.state.newest_seq() }
    }

    /// Its notice comes back through the gate; until then a crash may have taken it. After a restart, once there is somebody
    /// to show it.
    pub(super) fn show_owed_digest(&mut self, now: Now, fx: &mut Vec<Effect>) {
        let can_be_shown = self.session.in_path && self.session.renderer.is_some() && self.failure.is_none();
        let Some(owed) = self.owed().filter(|_| can_be_shown && self.session.under_way.is_none()) else { return };
        match self.owed_digest(owed, now) {
            Some(digest) => {
                self.told_withdrawals(fx);
                self.tells_of_snoozes(owed);
                self.show(owed, digest, fx);
            }
            None => self.digest_is_settled(fx),
        }
    }

    fn show(&mut self, of: Owed, digest: Digest, fx: &mut Vec<Effect>) {
        self.session.under_way =
            Some(UnderWay { of, the_end: digest.another.is_some(), the_time_away: digest.away.is_some() });
        fx.push(Effect::Ui(UiEffect::ShowDigest(Box::new(digest))));
    }

    /// One after the other: that of a check-in first. Where an app asks for quiet, the end of a block is told after it.
    fn owed(&self) -> Option<Owed> {
        let check_in = self.state.saved.owes_digest.then_some(Owed::CheckIn);
        let quiet = self.state.saved.quiet.as_ref().filter(|quiet| quiet.is_over).map(|_| Owed::Quiet);
        let end = self.state.saved.ended.as_ref().filter(|ended| !ended.is_told).map(|_| Owed::End);
        let away = self.owes_time_away().then_some(Owed::Away);
        let later = end.or(away).filter(|_| self.inhibitor().is_none());
        let snooze = (!self.state.saved.back.is_empty() && !self.is_closed()).then_some(Owed::Snooze);
        check_in.or(quiet).or(later).or(snooze)
    }

    /// Nothing where nothing is left to tell of.
    fn owed_digest(&self, owed: Owed, now: Now) -> Option<Digest> {
        match owed {
            Owed::CheckIn => {
                let is_wanted = self.state.ledger.held > 0 || self.owes_withdrawals();
                let books = self.state.saved.handed_over.clone().filter(|_| is_wanted)?;
                Some(self.digest_of(books, 0, false, now))
            }
            Owed::Quiet => self.digest_of_quiet(now),
            Owed::End => self.digest_of_the_end(now),
            Owed::Away => Some(self.digest_of_time_away(now)),
            Owed::Snooze => Some(self.digest_of_snoozes(now)),
        }
    }

    /// It is in the store like any other, or nobody wants it any more. If another is owed, that is shown next; but each
    /// offers what the end of a block does, so that this needs no second one.
    pub(super) fn digest_is_settled(&mut self, fx: &mut Vec<Effect>) {
        let shown = self.session.under_way.take();
        self.session.told_last = shown.map(|shown| shown.of);
        let says_the_end = shown.is_some_and(|shown| shown.the_end) && self.end_is_told();
        let asks_of_away = shown.is_some_and(|shown| shown.the_time_away) && self.time_away_is_told();
        let was_owed = match shown.map(|shown| shown.of).or_else(|| self.owed()) {
            Some(Owed::CheckIn) => std::mem::take(&mut self.state.saved.owes_digest),
            Some(Owed::Quiet) => self.drop_told_quiet(),
            Some(Owed::Snooze) => !std::mem::take(&mut self.state.saved.back).is_empty(),
            Some(Owed::End | Owed::Away) | None => false,
        };
        if says_the_end || asks_of_away || was_owed {
            self.state.save(fx);
        }
    }

    /// Who interrupted is counted anew, whatever the books say of the time before.
    pub(super) fn digest_of(&self, books: HandedOver, released: u32, user_is_idle: bool, now: Now) -> Digest {
        let gone: BTreeSet<_> = self.apps_to_release().map(|(app, _)| app).collect();
        let here = self.state.held.apps().filter(|(app, ..)| !gone.contains(app));
        let mut apps: Vec<_> = here.map(|(_, name, count)| (name.clone(), count)).collect();
        let app_count = u32::try_from(apps.len()).unwrap_or(u32::MAX);
        apps.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        apps.truncate(DIGEST_APPS);
        let held = self.state.ledger.held.saturating_sub(released);
        let (withdrawn, withdrawn_since) = self.withdrawn();
        let HandedOver { ledger, since, absences, .. } = books;
        let occasion = Occasion::CheckIn;
        let another = self.state.saved.ended.as_ref().map(|_| self.usual_length(now));
        let away = self.time_away();
        let sounds = self.settings.blocks.sounds;
        Digest {
            occasion,
            held,
            apps,
            app_count,
            released,
            withdrawn,
            withdrawn_since,
            ledger,
            since,
            absences,
            user_is_idle,
            another,
            away,
            sounds,
        }
    }

    /// Rows whose time is over: transient ones expire, scripts that wait go on, and what was done is closed for good.
    pub(super) fn run_out(&mut self, found: Found, now: Now, fx: &mut Vec<Effect>) {
        self.state.next_due = found.next_due;
        for mut row in found.rows.into_iter().filter(|row| !row.is_going()) {
            let told = match row.state() {
                State::Held if row.content.transient => {
                    self.state.release.picked.remove(&row.seq);
                    self.state.settle(&mut row, Outcome::Expired);
                    Self::close(&mut row, ClosedReason::Expired, now)
                }
                State::Held if self.may_wait(&row) => Self::close(&mut row, ClosedReason::Expired, now),
                State::Held => {
                    row.forget_due();
                    None
                }
                State::Done | State::Passed | State::Withdrawn | State::Muted | State::Expired | State::Released => {
                    Self::close(&mut row, ClosedReason::Dismissed, now)
                }
            };
            fx.push(Self::update(&row));
            fx.extend(told.filter(|_| !row.is_noted()));
        }
    }

    /// Whether the sender may wait for the end of its time-out. Of one from before a restart it is not known yet who is
    /// still there.
    fn may_wait(&self, row: &Interruption) -> bool {
        self.is_live(&row.sender) || row.gate != self.session.gate_connection
    }

    /// Whether one more command on many rows would be too many: what is not through yet is stored with every change.
    pub(super) fn is_busy(&self) -> Result<(), Refusal> {
        if self.state.saved.bulks.len() < BULKS { Ok(()) } else { Err(Refusal::Busy) }
    }

    /// Whether a command on many rows is not through yet.
    #[must_use]
    pub fn owes_work(&self) -> bool {
        !self.state.saved.bulks.is_empty()
    }

    /// The first page at once, unless earlier commands are not through yet: `rows` are those of its need.
    pub(super) fn begin_bulk(&mut self, bulk: Bulk, rows: Vec<Interruption>, fx: &mut Vec<Effect>) {
        let waits = !self.state.saved.bulks.is_empty();
        self.state.saved.bulks.push_back(bulk);
        if waits {
            self.state.save(fx);
        } else {
            self.bulk_page(rows, fx);
        }
    }

    /// One page of the oldest command; what remains is left for the next wake-up, of this process or the next.
    pub(super) fn bulk_page(&mut self, rows: Vec<Interruption>, fx: &mut Vec<Effect>) {
        let Some(bulk) = self.state.saved.bulks.pop_front() else { return };
        let full = rows.len() >= PAGE;
        let last = rows.last().map_or(bulk.range.upto, |row| row.seq);
        for mut row in rows {
            match bulk.kind {
                BulkKind::Done(due) => self.mark_done(row, due, fx),
                BulkKind::UndoDone(_) => self.undo_done(&mut row, fx),
                BulkKind::PutOff(mark) => self.mark_later(row, mark, fx),
                BulkKind::UndoPutOff(_) => self.undo_put_off(row, fx),
            };
        }
        if full {
            let range = HeldRange { after: last, ..bulk.range };
            self.state.saved.bulks.push_front(Bulk { range, ..bulk });
        } else if self.deals_with_the_check_in(&bulk) {
            self.check_in_is_worked_off(bulk.range.upto, fx);
        }
        self.state.save(fx);
    }

    /// Not one that is on its way to the renderer: it is released.
    pub(super) fn mark_done(&mut self, mut row: Interruption, due: DateTime<Utc>, fx: &mut Vec<Effect>) {
        if row.is_going() {
            return;
        }
        self.state.release.picked.remove(&row.seq);
        self.state.settle(&mut row, Outcome::Done { undo_until: Some(due) });
        self.state.note_due(row.due());
        fx.push(Self::update(&row));
    }

    pub(super) fn undo_done(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        self.hold_again(row, fx);
        fx.push(Self::update(row));
    }

    pub(super) fn undo_put_off(&mut self, mut row: Interruption, fx: &mut Vec<Effect>) {
        self.state.take_off_later(&mut row);
        self.state.release.regained(&row);
        fx.push(Self::update(&row));
    }
}

impl Bulk {
    pub(super) fn clock_moved(&mut self, by: Duration) {
        match &mut self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => *due += by,
            BulkKind::PutOff(_) | BulkKind::UndoPutOff(_) => {}
        }
    }

    pub(super) fn query(&self) -> Query {
        let (after, upto) = (self.range.after, self.range.upto);
        match self.kind {
            BulkKind::Done(_) | BulkKind::PutOff(_) => Query::HeldPage(self.range.clone()),
            BulkKind::UndoDone(due) => Query::DonePage { after, upto, due },
            BulkKind::UndoPutOff(mark) => Query::LaterPage { after, upto, mark },
        }
    }

    /// What takes it back.
    pub(super) fn undone(&self) -> Self {
        let kind = match self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => BulkKind::UndoDone(due),
            BulkKind::PutOff(mark) | BulkKind::UndoPutOff(mark) => BulkKind::UndoPutOff(mark),
        };
        Self { kind, ..self.clone() }
    }
}
