//! When the store fails: everything passes over rows in memory, and when it is well again the books are settled.
//! Must not know what kind of store it is.

use crate::handle::{Shared, Waiting};
use crate::turn::{Desk, Loop};
use crate::{InFlight, Parts, Slot};
use std::sync::Arc;
use tidegate_domain::ports::{Store, StoreError};
use tidegate_domain::{Effect, Event, FIRST_ID, Loaded, MemoryStore, Model, Need, Now, Saved, Snapshot, StoreTrouble};

/// A failed store is tried again with the next event, but not more often than this.
const RETRY_SECONDS: i64 = 1;

impl Desk {
    /// The desk as the store says; without a store that can be loaded, one that passes everything.
    pub(crate) fn open(parts: Parts, waiting: Waiting) -> (Self, Option<Box<dyn Store>>) {
        let Parts { mut store, outside, clock, settings, zone, gate } = parts;
        let now = clock.now();
        let (loaded, trouble) = match store.load() {
            Ok(loaded) => (loaded, None),
            Err(error) => (unknown(now), Some(StoreTrouble::from(&error))),
        };
        let senders = loaded.senders.clone();
        let mut model = Model::restore(loaded, settings, zone, gate, now);
        if let Some(trouble) = trouble {
            tracing::error!(trouble = trouble.said, "the store cannot be used; everything passes through");
            let before = model.snapshot();
            model.store_failed(before, trouble);
        }
        let fallback = MemoryStore::default();
        let (woken_at, watches_idleness, retried) = (None, false, None);
        let mut desk = Self { model, fallback, outside, clock, waiting, woken_at, watches_idleness, retried };
        let inhibited = Effect::Inhibited(desk.model.is_closed());
        desk.outside.perform(vec![Effect::FindSenders(senders), inhibited]);
        (desk, Some(store))
    }

    /// The transaction failed: the same events once more, as if the gate were open.
    pub(crate) fn pass_instead(mut self, before: Snapshot, events: Vec<Event>, trouble: StoreTrouble) -> Self {
        tracing::error!(trouble = trouble.said, "the store failed; everything passes through");
        let was_closed = self.model.is_closed();
        self.model.store_failed(before, trouble);
        self.retried = Some(self.clock.now().boot);
        if was_closed {
            self.outside.perform(vec![Effect::Inhibited(false)]);
        }
        self.pass(events);
        self
    }

    /// Judges events over rows in memory and lets everything out at once.
    pub(crate) fn pass(&mut self, events: Vec<Event>) {
        let mut fallback = std::mem::take(&mut self.fallback);
        match self.decide(events, &mut fallback, false).and_then(|decided| {
            if decided.begun {
                fallback.commit()?;
            }
            Ok(decided)
        }) {
            Ok(decided) => self.let_out(decided.effects, &mut fallback),
            Err(error) => tracing::error!(%error, "rows in memory failed"),
        }
        self.fallback = fallback;
    }

    /// Tries the store again; at the next event, never by a timer of its own.
    pub(crate) fn mend_if_possible(&mut self, store: Option<&mut Box<dyn Store>>) {
        let Some(store) = store else { return };
        let boot = self.clock.now().boot;
        if self.retried.is_some_and(|last| boot - last < chrono::Duration::seconds(RETRY_SECONDS)) {
            return;
        }
        self.retried = Some(boot);
        if let Err(error) = self.mend(store.as_mut()) {
            store.roll_back();
            tracing::debug!(%error, "the store is still not well");
            self.model.store_still_fails(StoreTrouble::from(&error));
        }
    }

    fn mend(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let now = self.clock.now();
        let loaded = store.load()?;
        let senders = loaded.senders.clone();
        let model = self.model.mended(loaded, now);
        store.begin(true)?;
        let mut settling = Settling { model, store: &mut *store, effects: vec![Effect::FindSenders(senders)], now };
        settling.settle(self.model.missed(), &mut self.fallback)?;
        let Settling { model, mut effects, .. } = settling;
        store.commit()?;
        self.fallback = MemoryStore::default();
        self.model = model;
        tracing::info!("the store is well again");
        effects.push(Effect::Inhibited(self.model.is_closed()));
        self.let_out(effects, store);
        Ok(())
    }
}

/// The one transaction in which the books are settled.
struct Settling<'a> {
    model: Model,
    store: &'a mut dyn Store,
    /// What leaves once it is committed.
    effects: Vec<Effect>,
    now: Now,
}

impl Settling<'_> {
    /// First what passed takes its ids from stored rows, then what was missed is made good on those that are left, then
    /// what passed enters the books.
    fn settle(&mut self, missed: Vec<Event>, passed: &mut MemoryStore) -> Result<(), StoreError> {
        let rows = passed.rows_in_order();
        for row in &rows {
            let earlier = self.store.rows(&Need::Id(row.id))?;
            self.change(|model, now, fx| model.superseded(row, earlier, now, fx))?;
        }
        for event in missed {
            let named = self.store.rows(&self.model.need(&event, self.now))?;
            self.change(|model, now, fx| fx.extend(model.handle(event, named, now)))?;
        }
        for row in rows {
            let there = self.store.rows(&Need::Seqs(vec![row.seq]))?.rows.pop();
            let raw = passed.raw(row.seq)?;
            self.change(|model, _, fx| model.enter_passed(row, raw, there, fx))?;
        }
        Ok(())
    }

    /// Writes go into the transaction, the rest waits for its end. Calls were answered at the time.
    fn change(&mut self, change: impl FnOnce(&mut Model, Now, &mut Vec<Effect>)) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        change(&mut self.model, self.now, &mut changed);
        for effect in changed {
            if let Effect::Write(write) = &effect {
                self.store.apply(write)?;
            } else if !matches!(effect, Effect::Answer(..)) {
                self.effects.push(effect);
            }
        }
        Ok(())
    }
}

impl Loop {
    /// Goes on with the state of a thread whose commit hangs.
    pub(crate) fn after_given_up(
        in_flight: Box<InFlight>,
        trouble: StoreTrouble,
        slot: Slot,
        shared: Arc<Shared>,
    ) -> Self {
        let InFlight { desk, before, events } = *in_flight;
        let desk = desk.pass_instead(before, events, trouble);
        Self { desk: Some(Box::new(desk)), store: None, slot, shared, untidied: 0, untidied_bytes: 0 }
    }
}

/// A start without a store: nothing is known, so ids begin where no earlier run can have given any out that is still in
/// use (those rise from [`FIRST_ID`], and a second has fewer than one id on average).
fn unknown(now: Now) -> Loaded {
    let seconds = u32::try_from(now.utc.timestamp().rem_euclid(1 << 30)).unwrap_or(0);
    Loaded {
        saved: Some(Saved { reserved_ids: FIRST_ID + (1 << 30) + seconds, ..Saved::new(now.utc) }),
        ..Loaded::default()
    }
}
