//! When the gate was out of the path: what came then was shown and not counted. Must not know how it gets there.

use super::{Model, Saved};
use crate::effect::{Effect, Write};
use crate::ledger::Absence;
use crate::time::Now;

/// How many absences of the gate one period's books name.
const ABSENCES: usize = 50;

impl Model {
    /// When the gate was out of the path in this period, oldest first.
    #[must_use]
    pub fn absences(&self) -> &[Absence] {
        &self.state.saved.absences
    }

    pub(super) fn stand_in_path(&mut self, in_path: bool, now: Now, fx: &mut Vec<Effect>) {
        if self.session.in_path && !in_path {
            self.session.out_of_path_since = Some(now.utc);
        }
        self.session.in_path = in_path;
        if let Some(since) = self.session.out_of_path_since.take_if(|_| in_path) {
            self.was_absent(Absence { since, until: now.utc.max(since) }, fx);
        }
    }

    /// While the store has failed it is remembered, and written once that is well.
    pub(super) fn was_absent(&mut self, absence: Absence, fx: &mut Vec<Effect>) {
        remember(&mut self.state.saved.absences, absence);
        if let Some(failure) = &mut self.failure {
            remember(&mut failure.unwritten.absences, absence);
            return;
        }
        fx.push(Effect::Store(Write::Absent(absence)));
        self.state.save(fx);
    }

    /// Whether the books of this period, or of the one that was handed over, name it. Stores keep milliseconds.
    fn names(&self, absence: &Absence) -> bool {
        let saved = &self.state.saved;
        let before = saved.handed_over.iter().flat_map(|books| &books.absences);
        saved.absences.iter().chain(before).any(|known| millis(known) == millis(absence))
    }
}

/// What is not written of them, because the store has failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Unwritten {
    /// Oldest first.
    absences: Vec<Absence>,
    /// Those of the transaction that failed: where that was only given up it may go through after all. They were judged
    /// anew, and are the first of the others.
    in_doubt: Vec<Absence>,
}

impl Unwritten {
    /// `failed` is the state that is given up for the one before the transaction.
    pub(super) fn new(failed: &Saved, before: &Saved) -> Self {
        let in_doubt = failed.absences.iter().filter(|absence| !before.absences.contains(absence)).copied().collect();
        Self { absences: Vec::new(), in_doubt }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.absences.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.absences.len()
    }

    /// Those that the store does not know, by a model that was loaded from it.
    pub(super) fn unknown_to(&self, loaded: &Model) -> Vec<Absence> {
        let known = self.in_doubt.iter().filter(|absence| loaded.names(absence)).count();
        self.absences.iter().skip(known).copied().collect()
    }

    /// The first ones are written.
    pub(super) fn forget_first(&mut self, count: usize) {
        self.absences.drain(..count.min(self.absences.len()));
        self.in_doubt.clear();
    }
}

fn millis(absence: &Absence) -> (i64, i64) {
    (absence.since.timestamp_millis(), absence.until.timestamp_millis())
}

fn remember(absences: &mut Vec<Absence>, absence: Absence) {
    let kept = absences.len().saturating_sub(ABSENCES - 1);
    absences.drain(..kept);
    absences.push(absence);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{MemoryStore, tests::at};
    use crate::model::{Loaded, Settling};
    use crate::ports::Journal;
    use crate::{Event, Lookups, NoticeId, Settings, StandIn, Zone};
    use chrono::Duration;

    fn now(second: i64) -> Now {
        Now { utc: at(second), boot: Duration::seconds(second) }
    }

    /// One event; what it writes is in the open transaction.
    fn handle(model: &mut Model, store: &mut dyn Journal, event: Event, second: i64) {
        for effect in model.handle(event, Lookups::default(), now(second)) {
            if let Effect::Store(write) = effect {
                store.apply(&write).unwrap();
            }
        }
    }

    /// A gate that is back in the path after nine seconds, in a commit that hangs and is judged anew a second later; then it
    /// is away once more. What the store has in the end, if that commit goes through or not.
    fn after_a_commit_that_hung(goes_through: bool) -> Vec<Absence> {
        let mut store = MemoryStore::new();
        let mut model = Model::restore(Loaded::default(), Settings::default(), Zone::utc(), ":gate".into(), now(0));
        let (mut passed, mut nowhere) = (StandIn::new(NoticeId(1)), MemoryStore::new());
        store.begin(true).unwrap();
        nowhere.begin(true).unwrap();
        handle(&mut model, &mut nowhere, Event::InPath(true), 0);
        handle(&mut model, &mut nowhere, Event::InPath(false), 1);
        let before = model.snapshot();
        handle(&mut model, &mut store, Event::InPath(true), 10);
        if goes_through {
            store.commit().unwrap()
        } else {
            store.roll_back()
        }
        model.store_failed(before, "it hangs".into());
        for (is_in, second) in [(true, 11), (false, 20), (true, 30)] {
            handle(&mut model, &mut nowhere, Event::InPath(is_in), second);
        }
        let mut settling = Settling::new(&model, store.load().unwrap(), now(40));
        let portion = settling.portion(&model, &mut passed, 9);
        store.begin(true).unwrap();
        let step = settling.step(portion, &mut store, now(40)).unwrap();
        store.commit().unwrap();
        model.settled(step, &mut passed);
        assert!(model.is_settled(&passed));
        assert_eq!(settling.finish(&model).absences(), store.history().absences);
        store.history().absences.clone()
    }

    #[test]
    fn what_a_commit_that_was_given_up_has_written_after_all_is_not_written_again() {
        let absence = |since, until| Absence { since: at(since), until: at(until) };
        assert_eq!(after_a_commit_that_hung(true), [absence(1, 10), absence(20, 30)]);
        assert_eq!(after_a_commit_that_hung(false), [absence(1, 11), absence(20, 30)]);
    }
}
