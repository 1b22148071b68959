//! The engine's part in a test: events over the rows that they need, what is written, and how books are settled when the
//! store is well again. Must not know what is tested.

#![allow(dead_code, reason = "each test binary looks at another part of a step")]

use std::collections::BTreeSet;
use tidegate_domain::ports::Journal;
use tidegate_domain::{Effect, Event, Heard, Interruption, Lookups, MemoryStore, Model, Now, Sender, StandIn};

/// One event that was handled, as seen from outside.
pub(crate) struct Step {
    pub(crate) event: Event,
    pub(crate) rows: Vec<Interruption>,
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
        let lookups = Lookups::of(store, model.queries(&event, now)).unwrap();
        let rows = lookups.clone().rows();
        let effects = model.handle(event.clone(), lookups, now);
        apply(store, &effects);
        steps.push(Step { event, rows, gate_was_closed, in_trouble, effects });
    }
    steps
}

fn apply(store: &mut MemoryStore, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Store(write) = effect {
            store.apply(write).unwrap();
        }
    }
}

/// The senders of these that are still on the bus.
pub(crate) fn present(senders: &[Sender], live: &BTreeSet<Sender>) -> Vec<Event> {
    senders.iter().filter(|sender| live.contains(sender)).cloned().map(Event::SenderPresent).collect()
}

/// One event while the store has failed: over rows in memory, if there is room for one more.
pub(crate) fn pass(model: &mut Model, fallback: &mut StandIn, event: Event, now: Now) -> Vec<Step> {
    if let Some(refusal) = fallback.refusal(&event) {
        let (rows, effects) = (Vec::new(), vec![refusal]);
        return vec![Step { event, rows, gate_was_closed: false, in_trouble: true, effects }];
    }
    fallback.store().begin(false).unwrap();
    let steps = decide(model, fallback.store(), vec![event], now);
    fallback.store().commit().unwrap();
    steps
}

/// What one portion of the way back brought.
#[derive(Default)]
pub(crate) struct Settled {
    /// What had been missed.
    pub(crate) steps: Vec<Step>,
    pub(crate) effects: Vec<Effect>,
}

impl Settled {
    pub(crate) fn of(heard: Vec<Heard>) -> Self {
        let mut settled = Self::default();
        for Heard { missed, effects } in heard {
            match missed {
                Some((event, lookups)) => {
                    let rows = lookups.rows();
                    settled.steps.push(Step { event, rows, gate_was_closed: false, in_trouble: true, effects });
                }
                None => settled.effects.extend(effects),
            }
        }
        settled
    }

    pub(crate) fn all_effects(self) -> Vec<Effect> {
        self.effects.into_iter().chain(self.steps.into_iter().flat_map(|step| step.effects)).collect()
    }
}
