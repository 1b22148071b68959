//! The engine's part in a test: events over the rows that they need, what is written, and how books are settled when the
//! store is well again. Must not know what is tested.

#![allow(dead_code, reason = "each test binary looks at another part of a step")]

use std::collections::BTreeSet;
use tidegate_domain::ports::Store;
use tidegate_domain::{Effect, Event, MemoryStore, Model, Need, Now, Rows, Sender};

/// One event that was handled, as seen from outside.
pub(crate) struct Step {
    pub(crate) event: Event,
    pub(crate) rows: Rows,
    pub(crate) gate_was_closed: bool,
    /// The store had failed: nobody knew whose an id is.
    pub(crate) in_trouble: bool,
    pub(crate) effects: Vec<Effect>,
}

/// Each event over the rows as those before it left them.
pub(crate) fn decide(model: &mut Model, store: &mut MemoryStore, events: Vec<Event>, now: Now) -> Vec<Step> {
    let mut steps = Vec::new();
    for event in events {
        let (gate_was_closed, in_trouble) = (model.is_closed(), model.has_store_trouble());
        let rows = store.rows(&model.need(&event, now)).unwrap();
        let effects = model.handle(event.clone(), rows.clone(), now);
        apply(store, &effects);
        steps.push(Step { event, rows, gate_was_closed, in_trouble, effects });
    }
    steps
}

fn apply(store: &mut MemoryStore, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Write(write) = effect {
            store.apply(write).unwrap();
        }
    }
}

/// The senders of these that are still on the bus.
pub(crate) fn present(senders: &[Sender], live: &BTreeSet<Sender>) -> Vec<Event> {
    senders.iter().filter(|sender| live.contains(sender)).cloned().map(Event::SenderPresent).collect()
}

/// What comes of a store that is well again.
pub(crate) struct Mended {
    pub(crate) model: Model,
    /// What was missed; calls among it were answered at the time.
    pub(crate) steps: Vec<Step>,
    pub(crate) effects: Vec<Effect>,
}

/// First what rows in memory replaced, then what was missed, then those rows themselves; in one transaction.
pub(crate) fn mend(
    failed: &Model,
    store: &mut MemoryStore,
    fallback: &mut MemoryStore,
    live: &BTreeSet<Sender>,
    now: Now,
) -> Mended {
    let loaded = store.load().unwrap();
    let missed = [present(&loaded.senders, live), failed.missed()].concat();
    let mut model = failed.mended(loaded, now);
    let passed = fallback.rows_in_order();
    let mut effects = Vec::new();
    store.begin(true).unwrap();
    for row in &passed {
        let earlier = store.rows(&Need::Id(row.id)).unwrap();
        in_books(store, &mut effects, |fx| model.superseded(row, earlier, now, fx));
    }
    let mut steps = decide(&mut model, store, missed, now);
    for step in &mut steps {
        step.in_trouble = true;
        step.effects.retain(|effect| !matches!(effect, Effect::Answer(..)));
    }
    for row in passed {
        let there = store.rows(&Need::Seqs(vec![row.seq])).unwrap().rows.pop();
        let raw = fallback.raw(row.seq).unwrap();
        in_books(store, &mut effects, |fx| model.enter_passed(row, raw, there, fx));
    }
    store.commit().unwrap();
    Mended { model, steps, effects }
}

fn in_books(store: &mut MemoryStore, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Vec<Effect>)) {
    let mut changed = Vec::new();
    change(&mut changed);
    apply(store, &changed);
    effects.extend(changed);
}
