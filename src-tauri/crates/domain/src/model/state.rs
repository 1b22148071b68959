//! Everything about the rows that the store determines: loaded when it is opened, loaded anew when it is well again after a
//! failure, put back whole where a transaction fails. Must not know who is on the bus, or whether the store is well.

use super::held::HeldIndex;
use super::ids::IdAllocator;
use super::release::ReleaseQueue;
use super::saved::{Loaded, Saved};
use super::undo::UndoStack;
use crate::effect::{Effect, Write};
use crate::ledger::Ledger;
use crate::notice::{Deferral, Delivery, FIRST_ID, Held, Interruption, NoticeId, Outcome, Seq, Standing, State};
use crate::ports::StoreLoss;
use crate::time::Now;
use chrono::{DateTime, Utc};

/// How many ids are reserved at a time, so that not every arrival has to write the high-water mark.
const RESERVE: u32 = 4_096;

/// What is known of the rows. Releases and what can be undone are about rows too, but not stored: a restart forgets them,
/// and so does a failure of the store.
#[derive(Debug, Clone)]
pub(super) struct ModelState {
    pub(super) saved: Saved,
    pub(super) ledger: Ledger,
    pub(super) held: HeldIndex,
    pub(super) ids: IdAllocator,
    pub(super) next_seq: i64,
    /// When the first row runs out of time.
    pub(super) next_due: Option<DateTime<Utc>>,
    /// When the first snoozed row comes back.
    pub(super) next_snoozed: Option<DateTime<Utc>>,
    /// How many released ones are at the renderer.
    pub(super) popups: u32,
    pub(super) release: ReleaseQueue,
    pub(super) undo: UndoStack,
    /// The newest open notice of ours.
    pub(super) digest: Option<NoticeId>,
    pub(super) loss: Option<StoreLoss>,
}

impl ModelState {
    pub(super) fn load(loaded: Loaded, now: Now) -> Self {
        let mut held = HeldIndex::new(loaded.held_by_app, loaded.noted);
        (held.later, held.handed_over, held.in_quiet) = (loaded.later, loaded.handed_over, loaded.held_in_quiet);
        let saved = loaded.saved.unwrap_or_else(|| Saved::new(now.utc));
        let ids = IdAllocator::new(saved.reserved_ids.max(loaded.ids_from), loaded.adopted);
        Self {
            saved,
            ledger: loaded.ledger,
            held,
            ids,
            next_seq: loaded.last_seq.0.saturating_add(1),
            next_due: loaded.next_due,
            next_snoozed: loaded.next_snoozed,
            popups: loaded.popups,
            release: ReleaseQueue::default(),
            undo: UndoStack::default(),
            digest: loaded.digest,
            loss: loaded.loss,
        }
    }

    /// What was loaded takes the place of a state that went on without the store: what was given out meanwhile is given out,
    /// and a notice of ours that nobody waits for any more still is one.
    pub(super) fn takes_the_place_of(&mut self, other: &Self) {
        self.ids.go_on_from(&other.ids);
        self.next_seq = self.next_seq.max(other.next_seq);
        self.held.takes_the_place_of(&other.held);
        self.saved.outdated_notice = self.saved.outdated_notice.or(other.saved.outdated_notice);
        self.loss = self.loss.or(other.loss);
    }

    pub(super) fn save(&self, fx: &mut Vec<Effect>) {
        fx.push(Effect::Store(Write::Save(Box::new(self.saved.clone()))));
    }

    /// A new id: risen, never 0, never one that is open.
    pub(super) fn new_id(&mut self, fx: &mut Vec<Effect>) -> NoticeId {
        let id = self.ids.allocate();
        let reserved = self.saved.reserved_ids;
        if !(reserved.saturating_sub(RESERVE)..reserved).contains(&id.0) {
            self.saved.reserved_ids = id.0.checked_add(RESERVE).unwrap_or(FIRST_ID + RESERVE);
            self.save(fx);
        }
        id
    }

    /// Ids that were given out without the store are never given out again, also those of rows that gave way.
    pub(super) fn keep_ids(&mut self, fx: &mut Vec<Effect>) {
        if self.ids.next() > self.saved.reserved_ids {
            self.saved.reserved_ids = self.ids.next().saturating_add(RESERVE);
            self.save(fx);
        }
    }

    pub(super) fn new_seq(&mut self) -> Seq {
        let seq = Seq(self.next_seq);
        self.next_seq = self.next_seq.saturating_add(1);
        seq
    }

    pub(super) fn newest_seq(&self) -> Seq {
        Seq(self.next_seq.saturating_sub(1))
    }

    /// Nothing to tell while nothing is held: with an open gate, apps come and go all the time.
    pub(super) fn held_changed(&mut self) {
        if self.ledger.held > 0 {
            self.held.changed();
        }
    }

    /// Whether it is put off to the next check-in.
    pub(super) fn is_put_off(&self, row: &Interruption) -> bool {
        row.is_deferred_after(self.saved.later_than)
    }

    /// Whether it came while apps asked for quiet, and was not told of since.
    pub(super) fn is_of_quiet(&self, row: &Interruption) -> bool {
        self.saved.quiet.as_ref().is_some_and(|quiet| row.seq > quiet.after)
    }

    /// All that is held is handed over; nothing is put off then.
    pub(super) fn hand_over_all(&mut self) {
        self.saved.handed_over_upto = self.newest_seq();
        self.held.handed_over = self.ledger.held;
    }

    /// Whether it was handed over last; of what came since, nothing is.
    fn was_handed_over(&self, row: &Interruption) -> bool {
        row.seq <= self.saved.handed_over_upto
    }

    /// One is held, or not put off any more.
    fn one_more_here(&mut self, row: &Interruption) {
        self.held.handed_over = self.held.handed_over.saturating_add(self.was_handed_over(row).into());
    }

    /// One is put off, or held no more.
    fn one_less_here(&mut self, row: &Interruption) {
        self.held.handed_over = self.held.handed_over.saturating_sub(self.was_handed_over(row).into());
    }

    /// One more is held; how many of its app are.
    pub(super) fn one_more_held(&mut self, row: &Interruption) -> u32 {
        self.one_more_here(row);
        self.held.add(row, self.is_of_quiet(row))
    }

    fn one_less_held(&mut self, row: &mut Interruption) {
        self.held.remove(row, self.is_of_quiet(row));
        self.release.lost(row);
        self.take_off_later(row);
        self.one_less_here(row);
        self.saved.back.remove(&row.seq);
    }

    /// Put off with this mark, and until then at most.
    pub(super) fn put_off(&mut self, row: &mut Interruption, deferral: Deferral) {
        self.release.lost(row);
        self.take_off_later(row);
        self.one_less_here(row);
        self.held.later = self.held.later.saturating_add(1);
        self.saved.back.remove(&row.seq);
        row.held_mut().into_iter().for_each(|held| held.deferred = Some(deferral));
    }

    /// Here again; the row is to be written by whoever asks for it.
    pub(super) fn take_off_later(&mut self, row: &mut Interruption) {
        if self.is_put_off(row) {
            self.held.later = self.held.later.saturating_sub(1);
            self.one_more_here(row);
        }
        row.held_mut().into_iter().for_each(|held| held.deferred = None);
    }

    /// One leaves *held*, or goes on from where it was, in the books too.
    pub(super) fn settle(&mut self, row: &mut Interruption, outcome: Outcome) {
        if row.is_counted() {
            self.ledger.moved(row.state(), outcome.state());
            if row.is_held() {
                self.one_less_held(row);
            }
        }
        row.standing = Standing::Settled { outcome, period: self.saved.period.number };
    }

    /// Holds a settled row again, as it was held before, but for when its time runs out.
    pub(super) fn hold_again(&mut self, row: &mut Interruption, expires: Option<DateTime<Utc>>, fx: &mut Vec<Effect>) {
        if row.is_counted() {
            if row.settled() == Some(self.saved.period.number) {
                self.ledger.moved(row.state(), State::Held);
            } else {
                self.ledger.came_back();
                self.saved.period.carried = self.saved.period.carried.saturating_add(1);
                self.save(fx);
            }
            self.one_more_held(row);
            self.held.list_note(row);
        }
        row.standing = Standing::Held(Held { expires, deferred: None });
        self.release.regained(row);
        self.note_due(expires);
    }

    /// A row runs out of time then.
    pub(super) fn note_due(&mut self, due: Option<DateTime<Utc>>) {
        self.next_due = match (self.next_due, due) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
    }

    pub(super) fn close_popup(&mut self, row: &mut Interruption) {
        self.count_popup_out(row);
        row.delivery = Delivery::None;
    }

    pub(super) fn count_popup_out(&mut self, row: &Interruption) {
        if row.state() == State::Released && row.delivery != Delivery::None {
            self.popups = self.popups.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::{at, row};
    use crate::notice::LaterMark;

    fn state() -> ModelState {
        ModelState::load(Loaded::default(), Now { utc: at(0), boot: chrono::Duration::zero() })
    }

    /// A held row that the books know.
    fn held(state: &mut ModelState, seq: i64) -> Interruption {
        let row = row(seq, "chat", State::Held);
        state.ledger.arrived(State::Held);
        state.one_more_held(&row);
        row
    }

    fn is_saved(fx: &[Effect]) -> bool {
        fx.iter().any(|effect| matches!(effect, Effect::Store(Write::Save(_))))
    }

    #[test]
    fn the_high_water_mark_is_written_once_for_many_ids() {
        let (mut state, mut fx) = (state(), Vec::new());
        let first = state.new_id(&mut fx);
        assert!(is_saved(&fx) && state.saved.reserved_ids == first.0 + RESERVE);
        fx.clear();
        (1..RESERVE).for_each(|_| _ = state.new_id(&mut fx));
        assert!(!is_saved(&fx));
        state.new_id(&mut fx);
        assert!(is_saved(&fx));
    }

    #[test]
    fn what_leaves_held_is_put_off_no_more_and_comes_back_into_the_books_of_its_period() {
        let (mut state, mut fx) = (state(), Vec::new());
        let mut row = held(&mut state, 1);
        row.held_mut().unwrap().deferred = Some(Deferral { mark: LaterMark(1), until: None });
        state.held.later = 1;
        state.settle(&mut row, Outcome::Done { undo_until: Some(at(30)) });
        assert_eq!((state.held.later, row.settled(), row.due()), (0, Some(1), Some(at(30))));
        state.hold_again(&mut row, None, &mut fx);
        assert!(state.ledger.balances() && fx.is_empty() && row.deferred().is_none());
        assert_eq!((state.ledger.held, state.ledger.done, state.ledger.carried), (1, 0, 0));
    }

    #[test]
    fn what_comes_back_from_an_earlier_period_is_carried_into_this_one() {
        let (mut state, mut fx) = (state(), Vec::new());
        let mut row = held(&mut state, 1);
        state.settle(&mut row, Outcome::Released);
        (state.ledger, state.saved.period.number) = (state.ledger.next(), 2);
        state.hold_again(&mut row, Some(at(9)), &mut fx);
        assert!(state.ledger.balances() && is_saved(&fx));
        assert_eq!((state.ledger.carried, state.saved.period.carried, state.next_due), (1, 1, Some(at(9))));
    }

    #[test]
    fn a_state_that_was_loaded_anew_gives_out_no_number_again() {
        let (mut failed, mut fx) = (state(), Vec::new());
        let (id, seq) = (failed.new_id(&mut fx), failed.new_seq());
        let mut loaded = state();
        loaded.takes_the_place_of(&failed);
        assert!(loaded.new_id(&mut fx) > id && loaded.new_seq() > seq);
    }
}
