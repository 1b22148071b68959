//! When the store fails: everything passes over rows in memory, and when it is well again the books are settled, in steps
//! between which everything else goes on. Must not know what kind of store it is, or what a step is about: that is
//! [`Settling`].

use crate::handle::{Shared, Waiting};
use crate::turn::{Desk, Loop};
use crate::{InFlight, Parts, Slot};
use std::collections::VecDeque;
use std::sync::Arc;
use tidegate_domain::ports::{Journal, StoreError, WantedOfUser};
use tidegate_domain::{
    Event, FIRST_ID, GateEffect, Loaded, Model, NoticeId, Now, Outgoing, Portion, Saved, SettleStep, Settling,
    Snapshot, StandIn, StoreFault, StoreTrouble,
};

/// A failed store is tried again with the next event, but not more often than this.
const RETRY_SECONDS: i64 = 1;
/// Rows and events that one step of the way back is about: some hundredths of a second. More than a turn can bring, or a
/// storm would keep it from coming to its end.
const PORTION: usize = 512;

impl InFlight {
    pub(crate) fn new(desk: Box<Desk>, before: Option<Snapshot>, events: Vec<Event>) -> Self {
        Self { desk, before, events, pending: VecDeque::new(), questions: VecDeque::new() }
    }
}

impl Desk {
    /// The desk as the store says; without a store that can be loaded, one that passes everything.
    pub(crate) fn open(parts: Parts, waiting: Waiting) -> (Box<Self>, Option<Box<dyn Journal>>) {
        let Parts { mut store, reader: _, outside, clock, settings, zone, gate } = parts;
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
        let (stand_in, settling) = (model.stand_in(), None);
        let (woken_at, watched_of_user, retried) = (None, WantedOfUser::default(), None);
        let mut desk =
            Box::new(Self { model, stand_in, settling, outside, clock, waiting, woken_at, watched_of_user, retried });
        let inhibited = GateEffect::Inhibited(desk.model.is_closed());
        desk.outside.perform(vec![GateEffect::FindSenders(senders), inhibited], Vec::new());
        (desk, Some(store))
    }

    /// The transaction failed: the same events once more, as if the gate were open.
    pub(crate) fn pass_instead(&mut self, before: Snapshot, events: Vec<Event>, trouble: StoreTrouble) {
        tracing::error!(trouble = trouble.said, "the store failed; everything passes through");
        let was_closed = self.model.is_closed();
        let can_be_saved = trouble.fault == StoreFault::Vanished;
        self.model.store_failed(before, trouble);
        self.stand_in = self.model.stand_in();
        self.retried = (!can_be_saved).then(|| self.clock.now().boot);
        if was_closed {
            self.outside.perform(vec![GateEffect::Inhibited(false)], Vec::new());
        }
        self.pass(events);
    }

    /// Judges events over rows in memory and lets everything out at once.
    pub(crate) fn pass(&mut self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let mut stand_in = std::mem::replace(&mut self.stand_in, StandIn::new(NoticeId(FIRST_ID)));
        let mut outgoing = Outgoing::default();
        for event in events {
            match self.pass_one(event, &mut stand_in) {
                Ok(passed) => outgoing.append(passed),
                Err(error) => tracing::error!(%error, "rows in memory failed"),
            }
        }
        self.let_out(outgoing, stand_in.store());
        self.stand_in = stand_in;
    }

    fn pass_one(&mut self, event: Event, stand_in: &mut StandIn) -> Result<Outgoing, StoreError> {
        if let Some(refusal) = stand_in.refusal(&event) {
            return Ok(Outgoing::of_committed([refusal]));
        }
        let decided = self.decide(vec![event], stand_in.store(), false)?;
        if decided.begun {
            stand_in.store().commit()?;
        }
        Ok(decided.outgoing)
    }

    /// Whether the store is tried without waiting for an event: what is only open may be gone the next moment.
    pub(crate) fn is_on_its_way_back(&self) -> bool {
        self.settling.is_some() || (self.model.has_store_trouble() && self.retried.is_none())
    }

    /// Whether it is worth the room that the store keeps back: what a person asked for, which may free some.
    fn is_worth_the_reserve(&self, events: &[Event]) -> bool {
        self.model.owes_work() || events.iter().any(is_command)
    }

    /// Whether the store is tried now: at an event, never by a timer of its own.
    fn tries_again(&mut self) -> bool {
        if self.settling.is_some() {
            return true;
        }
        let boot = self.clock.now().boot;
        if self.retried.is_some_and(|last| boot - last < chrono::Duration::seconds(RETRY_SECONDS)) {
            return false;
        }
        self.retried = Some(boot);
        true
    }

    fn still_fails(&mut self, error: &StoreError) {
        tracing::debug!(%error, "the store is still not well");
        self.retried = Some(self.clock.now().boot);
        self.model.store_still_fails(StoreTrouble::from(error));
    }

    fn begin_to_settle(&mut self, loaded: Loaded) {
        let senders = loaded.senders.clone();
        self.settling = Some(Settling::new(&self.model, loaded, self.clock.now()));
        self.outside.perform(vec![GateEffect::FindSenders(senders)], Vec::new());
    }

    /// A step is committed: what follows from it leaves.
    pub(crate) fn settled(&mut self, mut step: SettleStep, store: &mut dyn Journal) {
        let heard = std::mem::take(&mut step.heard);
        self.model.settled(step, &mut self.stand_in);
        let effects = heard.into_iter().flat_map(|heard| heard.effects);
        self.let_out(Outgoing::of_committed(effects), store);
    }

    /// The store hung on the way back: everything goes on without it.
    fn pass_meanwhile(&mut self, events: Vec<Event>, trouble: StoreTrouble) {
        tracing::error!(trouble = trouble.said, "the store hangs; everything passes through");
        self.model.leave_numbers_out();
        self.model.store_still_fails(trouble);
        self.pass(events);
    }

    /// Holds again, once there is nothing left to settle.
    fn go_on(&mut self, settling: Settling) {
        if !self.model.is_settled(&self.stand_in) {
            self.settling = Some(settling);
            return;
        }
        self.model = settling.finish(&self.model);
        tracing::info!("the store is well again");
        self.outside.perform(vec![GateEffect::Inhibited(self.model.is_closed())], Vec::new());
    }
}

/// The state and the events that it has still to handle.
type Going = (Box<Desk>, Vec<Event>);

impl Loop {
    /// Goes on with the state of a thread whose store hangs.
    pub(crate) fn after_given_up(in_flight: InFlight, trouble: StoreTrouble, slot: Slot, shared: Arc<Shared>) -> Self {
        let InFlight { mut desk, before, events, pending, questions } = in_flight;
        match before {
            Some(before) => desk.pass_instead(before, events, trouble),
            None => desk.pass_meanwhile(events, trouble),
        }
        Self { pending, questions, ..Self::new(desk, None, slot, shared) }
    }

    /// The transaction failed. Its commands are tried once more where the store can make room for them, all else passes.
    pub(crate) fn pass_instead(
        &mut self,
        mut desk: Box<Desk>,
        before: Snapshot,
        events: Vec<Event>,
        error: &StoreError,
    ) -> Box<Desk> {
        let is_tried_again = desk.is_worth_the_reserve(&events) && self.use_reserve();
        let events = if is_tried_again { self.without_commands(events) } else { events };
        desk.pass_instead(before, events, StoreTrouble::from(error));
        if is_tried_again {
            desk.retried = None;
        }
        desk
    }

    /// The commands among these wait, in order.
    pub(crate) fn without_commands(&mut self, events: Vec<Event>) -> Vec<Event> {
        let (commands, others): (Vec<_>, Vec<_>) = events.into_iter().partition(is_command);
        self.commands.extend(commands);
        others
    }

    fn use_reserve(&mut self) -> bool {
        self.store.as_mut().is_some_and(|store| store.use_reserve())
    }

    /// The store that had been given up, and what it did all the same.
    pub(crate) fn get_back(&mut self, mut store: Box<dyn Journal>, step: Option<SettleStep>) {
        if let Some(desk) = self.desk.as_mut() {
            if let Some(step) = step {
                desk.settled(step, store.as_mut());
            }
            desk.retried = None;
        }
        self.store = Some(store);
    }

    /// One step of the way back, if the store has failed and is to be tried. None: it hung, and another thread has gone on
    /// with the state and the events.
    pub(crate) fn settle_if_possible(&mut self, mut desk: Box<Desk>, events: Vec<Event>) -> Option<Going> {
        if !desk.model.has_store_trouble() || self.store.is_none() {
            return Some((desk, events));
        }
        if desk.settling.is_none() && desk.is_worth_the_reserve(&events) && self.use_reserve() {
            desk.retried = None;
        }
        if !desk.tries_again() {
            return Some((desk, events));
        }
        let (desk, events) = if desk.settling.is_some() { (desk, events) } else { self.begin_to_settle(desk, events)? };
        self.settle(desk, events)
    }

    fn begin_to_settle(&mut self, desk: Box<Desk>, events: Vec<Event>) -> Option<Going> {
        let Some(store) = self.store.take() else { return Some((desk, events)) };
        let ((mut desk, events), loaded) = self.apart(store, (desk, events), |store| store.load(), |_| None)?;
        match loaded {
            Ok(loaded) => desk.begin_to_settle(loaded),
            Err(error) => desk.still_fails(&error),
        }
        Some((desk, events))
    }

    fn settle(&mut self, mut desk: Box<Desk>, events: Vec<Event>) -> Option<Going> {
        let Some(mut settling) = desk.settling.take() else { return Some((desk, events)) };
        let Some(store) = self.store.take() else { return Some((desk, events)) };
        let now = desk.clock.now();
        let portion = settling.portion(&desk.model, &mut desk.stand_in, PORTION);
        let work = |store: &mut dyn Journal| settle_portion(store, &mut settling, portion, now);
        let ((mut desk, events), settled) = self.apart(store, (desk, events), work, Some)?;
        match (settled, self.store.as_mut()) {
            (Ok(step), Some(store)) => {
                desk.settled(step, store.as_mut());
                desk.go_on(settling);
            }
            (Err(error), _) => desk.still_fails(&error),
            (Ok(_), None) => {}
        }
        Some((desk, events))
    }

    /// Works on the store with the state laid open. None: another thread has gone on with it; then the store follows, with
    /// the step that `late` makes of what was done.
    fn apart<T>(
        &mut self,
        mut store: Box<dyn Journal>,
        (desk, events): Going,
        work: impl FnOnce(&mut dyn Journal) -> Result<T, StoreError>,
        late: impl FnOnce(T) -> Option<SettleStep>,
    ) -> Option<(Going, Result<T, StoreError>)> {
        self.lay_open(InFlight::new(desk, None, events));
        let worked = work(store.as_mut());
        let Some(InFlight { desk, events, .. }) = self.take_back() else {
            self.hand_back(store, worked.map(late));
            return None;
        };
        self.store = Some(store);
        Some(((desk, events), worked))
    }
}

fn is_command(event: &Event) -> bool {
    matches!(event, Event::Command { .. })
}

/// One portion in one transaction.
fn settle_portion(
    store: &mut dyn Journal,
    settling: &mut Settling,
    portion: Portion,
    now: Now,
) -> Result<SettleStep, StoreError> {
    store.begin(true)?;
    let settled = settling.step(portion, store, now).and_then(|step| store.commit().map(|()| step));
    if settled.is_err() {
        store.roll_back();
    }
    settled
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
