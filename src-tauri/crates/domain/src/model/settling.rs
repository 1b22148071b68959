//! The way back once the store is well again: what happened meanwhile enters its books, a portion in each transaction, so
//! that none of them is long. Must not know how transactions begin and end, or what else happens between two of them.
//!
//! Until the last portion is in, everything passes as before, judged by the model that failed. Whatever comes about a row
//! that is in the books already is missed once more, and handled with a later portion. So a step that fails, or a process
//! that dies between two, leaves books that are right as far as they go; what was not in them yet is taken from memory
//! again, or lost with it.

use super::absences::Unwritten;
use super::{Loaded, Model};
use crate::effect::{Effect, GateEffect};
use crate::event::Event;
use crate::ledger::{Absence, OnlyCounted};
use crate::notice::{Interruption, Seq};
use crate::ports::{Journal, StoreError};
use crate::query::{Lookups, Query};
use crate::stand_in::{Entering, StandIn};
use crate::time::Now;
use chrono::{DateTime, Utc};

/// The state that the store's books lead to.
#[derive(Debug)]
pub struct Settling {
    model: Model,
    /// Up to this one, the rows in memory have taken their ids from stored ones.
    superseded: Seq,
}

/// What one transaction is about.
#[derive(Debug)]
pub struct Portion {
    /// When the gate was out of the path meanwhile, as far as the store does not know it.
    absences: Vec<Absence>,
    /// How many times it was.
    absent: usize,
    superseding: Vec<Interruption>,
    missed: Vec<Event>,
    entering: Vec<Entering>,
    only_counted: OnlyCounted,
}

/// What one transaction brought. It leaves, and counts ([`Model::settled`]), once that is committed.
#[derive(Debug)]
pub struct SettleStep {
    /// What was handled.
    pub heard: Vec<Heard>,
    /// Rows as they entered the books, and their keys there.
    entered: Vec<(Interruption, Seq)>,
    absent: usize,
    missed: usize,
    only_counted: OnlyCounted,
    /// Keys and serials are counted on by both models in turn, so that a key means one row in memory and in the store.
    next_seq: i64,
    next_serial: u32,
    clock_offset: Option<DateTime<Utc>>,
}

/// One thing that was handled over the store's rows.
#[derive(Debug)]
pub struct Heard {
    /// The event that had been missed; none where a row entered the books.
    pub missed: Option<(Event, Lookups)>,
    /// What follows. Calls were answered at the time.
    pub effects: Vec<Effect>,
}

impl Settling {
    /// From what the store has loaded; `failed` is the model in which everything passes.
    #[must_use]
    pub fn new(failed: &Model, loaded: Loaded, now: Now) -> Self {
        Self { model: failed.loaded_anew(loaded, now), superseded: Seq(i64::MIN) }
    }

    /// What comes next, so many things at most. First all that passed takes its ids from stored rows, then what was missed
    /// is made good on those that are left, then what passed enters the books.
    pub fn portion(&mut self, failed: &Model, passed: &mut StandIn, most: usize) -> Portion {
        self.model.state.ids.go_on_from(&failed.state.ids);
        self.model.state.next_seq = self.model.state.next_seq.max(failed.state.next_seq);
        self.model.next_serial = failed.next_serial;
        let unwritten = failed.failure.as_ref().map(|failure| &failure.unwritten);
        let absences = unwritten.map(|unwritten| unwritten.unknown_to(&self.model)).unwrap_or_default();
        let absent = unwritten.map_or(0, Unwritten::count);
        let superseding = passed.after(self.superseded, most);
        let left = most - superseding.len();
        let missed: Vec<_> = failed.missed().take(left).cloned().collect();
        if !missed.is_empty() {
            self.model.session.tracks_the_same(&failed.session);
        }
        let left = left - missed.len();
        let entering = passed.first(left);
        let only_counted = if left > entering.len() { passed.only_counted() } else { OnlyCounted::default() };
        Portion { absences, absent, superseding, missed, entering, only_counted }
    }

    /// One portion, within the open transaction.
    ///
    /// # Errors
    /// When the store fails again: then this is void, and another begins once it is well.
    pub fn step(&mut self, portion: Portion, store: &mut dyn Journal, now: Now) -> Result<SettleStep, StoreError> {
        let Portion { absences, absent, superseding, missed, entering, only_counted } = portion;
        let mut step = Step { store, heard: Vec::new() };
        step.change(None, |fx| self.model.state.keep_ids(fx))?;
        for absence in absences {
            step.change(None, |fx| self.model.was_absent(absence, fx))?;
        }
        for row in &superseding {
            let earlier = step.store.rows(&Query::Id(row.id))?;
            step.change(None, |fx| self.model.superseded(row, earlier.rows, now, fx))?;
            self.superseded = row.seq;
        }
        let count = missed.len();
        for event in missed {
            let lookups = Lookups::of(step.store, self.model.queries(&event, now))?;
            let heard = Some((event.clone(), lookups.clone()));
            step.change(heard, |fx| fx.extend(self.model.handle(event, lookups, now)))?;
        }
        let mut entered = Vec::with_capacity(entering.len());
        for entering in entering {
            let there = there(step.store, &entering)?;
            let row = entering.row.clone();
            let mut seq = row.seq;
            step.change(None, |fx| seq = self.model.enter_passed(entering, there, fx))?;
            entered.push((row, seq));
        }
        step.change(None, |fx| self.model.count_only(only_counted, fx))?;
        let Model { state, session, next_serial, .. } = &self.model;
        let (next_seq, next_serial, clock_offset) = (state.next_seq, *next_serial, session.clock_offset);
        Ok(SettleStep {
            heard: step.heard,
            entered,
            absent,
            missed: count,
            only_counted,
            next_seq,
            next_serial,
            clock_offset,
        })
    }

    /// The model that goes on, once [`Model::is_settled`].
    #[must_use]
    pub fn finish(self, failed: &Model) -> Model {
        let mut model = self.model;
        model.goes_on_from(failed);
        model
    }
}

/// The transaction that is being put together.
struct Step<'a> {
    store: &'a mut dyn Journal,
    heard: Vec<Heard>,
}

impl Step<'_> {
    /// Writes go into the transaction at once, for what follows reads them.
    fn change(
        &mut self,
        missed: Option<(Event, Lookups)>,
        change: impl FnOnce(&mut Vec<Effect>),
    ) -> Result<(), StoreError> {
        let mut effects = Vec::new();
        change(&mut effects);
        effects.retain(|effect| !matches!(effect, Effect::Gate(GateEffect::Answer(..))));
        for effect in &effects {
            if let Effect::Store(write) = effect {
                self.store.apply(write)?;
            }
        }
        self.heard.push(Heard { missed, effects });
        Ok(())
    }
}

/// The same row, if a commit that nobody waited for any more went through after all.
fn there(store: &mut dyn Journal, entering: &Entering) -> Result<Option<Interruption>, StoreError> {
    let Entering { row, stored, .. } = entering;
    let seqs = [Some(row.seq), *stored].into_iter().flatten().collect();
    let found = store.rows(&Query::Seqs(seqs))?.rows;
    let is_it = |there: &Interruption| {
        let is_known = *stored == Some(there.seq) || there.seq == row.seq;
        is_known && (there.id, &there.gate, &there.sender) == (row.id, &row.gate, &row.sender)
    };
    Ok(found.into_iter().find(is_it))
}

impl Model {
    /// A portion is committed.
    pub fn settled(&mut self, step: SettleStep, passed: &mut StandIn) {
        if let Some(failure) = &mut self.failure {
            failure.missed.forget_first(step.missed);
            failure.unwritten.forget_first(step.absent);
        }
        self.state.next_seq = self.state.next_seq.max(step.next_seq);
        self.next_serial = self.next_serial.max(step.next_serial);
        if let (Some(before), Some(now)) = (self.session.clock_offset, step.clock_offset) {
            self.session.out_of_path_since = self.session.out_of_path_since.map(|since| since + (now - before));
        }
        self.session.clock_offset = step.clock_offset;
        passed.entered(step.entered);
        passed.counted(step.only_counted);
    }

    /// Whether nothing is left that the store does not know.
    #[must_use]
    pub fn is_settled(&self, passed: &StandIn) -> bool {
        let absences = self.failure.as_ref().is_none_or(|failure| failure.unwritten.is_empty());
        self.missed().next().is_none() && passed.is_empty() && absences
    }

    /// Nobody waits for a portion any more whose commit may go through after all: the keys and serials in it are taken.
    pub fn leave_numbers_out(&mut self) {
        self.state.next_seq = self.state.next_seq.saturating_add(LEFT_OUT.into());
        self.next_serial = self.next_serial.checked_add(LEFT_OUT).unwrap_or(super::FIRST_SERIAL);
    }

    fn count_only(&mut self, counted: OnlyCounted, fx: &mut Vec<Effect>) {
        if counted != OnlyCounted::default() {
            self.state.saved.only_counted = self.state.saved.only_counted.plus(counted);
            counted.join(&mut self.state.ledger);
            self.state.save(fx);
        }
    }
}

/// More keys, and more serials, than one portion can take.
const LEFT_OUT: u32 = 1 << 16;
