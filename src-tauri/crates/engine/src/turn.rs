//! The engine's loop: gather what came, decide, commit, let out. Must not know what events mean.

use crate::handle::{Shared, Waiting};
use crate::{InFlight, Input, Question, Slot};
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::mpsc::{self, RecvError, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, PoisonError};
use tidegate_domain::ports::{Clock, Journal, Outside, StoreError, WantedOfUser};
use tidegate_domain::{Event, GateEffect, Lookups, Model, Outgoing, SettleStep, Settling, StandIn, Write};

/// Without input for this long nobody waits for the store, and it is tidied: right after an answer the processors have
/// better to do, the bus and the app.
const QUIET: std::time::Duration = std::time::Duration::from_millis(100);
/// Between one step of tidying and the next, as long as nothing comes: half of the time is for everybody else.
const BREATH: std::time::Duration = std::time::Duration::from_millis(10);
/// Where it never is quiet, it is tidied after so many turns, or so many bytes of messages: what tidying moves must not
/// become so much that callers wait for it.
const TURNS: u32 = 64;
const TURN_BYTES: usize = 4 << 20;
/// Events in one transaction at most, so that the first of them does not wait for ever.
const BATCH: usize = 256;

/// The state and its tools: everything but the store, so that it can change threads while a commit hangs.
pub(crate) struct Desk {
    pub(crate) model: Model,
    /// Where rows are kept while the store has failed.
    pub(crate) stand_in: StandIn,
    /// The way back, while it lasts.
    pub(crate) settling: Option<Settling>,
    pub(crate) outside: Box<dyn Outside>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) waiting: Waiting,
    pub(crate) woken_at: Option<DateTime<Utc>>,
    pub(crate) watched_of_user: WantedOfUser,
    pub(crate) retried: Option<chrono::Duration>,
}

/// One engine thread. `store` is away while a commit that was given up still hangs.
pub(crate) struct Loop {
    /// Lies in `slot` while a commit runs.
    pub(crate) desk: Option<Box<Desk>>,
    /// What was heard and is not dealt with yet.
    pub(crate) pending: VecDeque<Input>,
    /// What was asked and is not answered yet.
    pub(crate) questions: VecDeque<Question>,
    /// Commands that wait until the store is back, or has failed again.
    pub(crate) commands: Vec<Event>,
    pub(crate) store: Option<Box<dyn Journal>>,
    pub(crate) slot: Slot,
    pub(crate) shared: Arc<Shared>,
    /// Turns since the store was tidied.
    pub(crate) untidied: u32,
    /// Bytes of messages since then.
    pub(crate) untidied_bytes: usize,
}

enum Turn {
    GoOn,
    Stop,
}

impl Loop {
    pub(crate) fn new(desk: Box<Desk>, store: Option<Box<dyn Journal>>, slot: Slot, shared: Arc<Shared>) -> Self {
        let (pending, questions, commands) = (VecDeque::new(), VecDeque::new(), Vec::new());
        Self { desk: Some(desk), pending, questions, commands, store, slot, shared, untidied: 0, untidied_bytes: 0 }
    }

    /// Until stopped, or until another thread has taken the state over.
    pub(crate) fn run(mut self) {
        while let Some(desk) = self.desk.as_mut() {
            desk.watch_user();
            self.pending.extend(self.commands.drain(..).map(Input::Event));
            let due = desk.set_wakeup();
            let busy = due
                || (desk.is_on_its_way_back() && self.store.is_some())
                || !self.pending.is_empty()
                || !self.questions.is_empty();
            let Ok(inputs) = self.gather(busy) else { break };
            for input in inputs {
                match input {
                    Input::Question(question) => self.questions.push_back(question),
                    Input::Event(_) | Input::Late(..) | Input::Stop => self.pending.push_back(input),
                }
            }
            if due {
                self.pending.push_back(Input::Event(Event::Wake));
            }
            if matches!(self.turn(), Turn::Stop) {
                self.close();
                break;
            }
            self.untidied = self.untidied.saturating_add(1);
            if self.untidied >= TURNS || self.untidied_bytes >= TURN_BYTES {
                self.tidy();
            }
        }
    }

    /// Nothing is heard any more, and whoever waits for an answer is told.
    fn close(&mut self) {
        drop(self.shared.receiver.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.shared.end_reading();
        if let Some(desk) = &self.desk {
            desk.waiting.give_up();
        }
    }

    /// Takes what is there; when that is nothing and there is nothing else to do, waits for the next.
    fn gather(&mut self, busy: bool) -> Result<Vec<Input>, RecvError> {
        let shared = self.shared.clone();
        let inputs = shared.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let inputs = inputs.as_ref().ok_or(RecvError)?;
        let mut gathered = Vec::new();
        take_waiting(inputs, &mut gathered)?;
        if gathered.is_empty() && !busy {
            gathered.push(self.wait(inputs)?);
            take_waiting(inputs, &mut gathered)?;
        }
        Ok(gathered)
    }

    fn wait(&mut self, inputs: &mpsc::Receiver<Input>) -> Result<Input, RecvError> {
        let mut pause = QUIET;
        while self.untidied > 0 {
            match inputs.recv_timeout(pause) {
                Ok(input) => return Ok(input),
                Err(RecvTimeoutError::Timeout) => self.rest(),
                Err(RecvTimeoutError::Disconnected) => return Err(RecvError),
            }
            pause = BREATH;
        }
        inputs.recv()
    }

    /// Runs of events are one transaction each; then one question, which sees what is committed: so nobody who asks much
    /// keeps an event waiting for longer than one answer. Ends when another thread has taken the state over: what is not
    /// dealt with yet is its business then.
    fn turn(&mut self) -> Turn {
        while self.desk.is_some() {
            let events = self.next_events();
            self.transaction(events);
            if self.desk.is_none() {
                break;
            }
            match self.pending.pop_front() {
                None => {
                    self.answer_next();
                    break;
                }
                Some(Input::Event(event)) => self.pending.push_front(Input::Event(event)),
                Some(Input::Question(question)) => self.questions.push_back(question),
                Some(Input::Late(store, step)) => self.get_back(store, step),
                Some(Input::Stop) => return Turn::Stop,
            }
        }
        Turn::GoOn
    }

    /// The run at the front.
    fn next_events(&mut self) -> Vec<Event> {
        let is_event = |input: &Input| matches!(input, Input::Event(_));
        let count = self.pending.iter().take_while(|input| is_event(input)).count();
        let events = self.pending.drain(..count).filter_map(|input| match input {
            Input::Event(event) => Some(event),
            Input::Question(_) | Input::Late(..) | Input::Stop => None,
        });
        events.collect()
    }

    fn answer_next(&mut self) {
        let Some(desk) = self.desk.as_mut() else { return };
        let Some(question) = self.questions.pop_front() else { return };
        let now = desk.clock.now();
        match (question, self.store.as_mut()) {
            (Question::Model(question), _) => question(&desk.model, now),
            (Question::Rows(read), Some(store)) if !desk.model.has_store_trouble() => {
                self.shared.read(read, &desk.model, store.as_mut(), now);
            }
            (Question::Rows(read), _) => (read.question)(&desk.model, desk.stand_in.store(), now),
        }
    }

    fn transaction(&mut self, events: Vec<Event>) {
        let Some(desk) = self.desk.take() else { return };
        if events.is_empty() && !desk.is_on_its_way_back() {
            self.desk = Some(desk);
            return;
        }
        let Some((mut desk, events)) = self.settle_if_possible(desk, events) else { return };
        match self.store.as_mut() {
            Some(store) if !desk.model.has_store_trouble() => {
                let before = desk.model.snapshot();
                let durable = desk.model.is_closed() || !events.iter().all(is_traffic);
                match desk.decide(events.clone(), store.as_mut(), durable) {
                    Ok(decided) => self.commit(InFlight::new(desk, Some(before), events), decided),
                    Err(error) => {
                        store.roll_back();
                        self.desk = Some(self.pass_instead(desk, before, events, &error));
                    }
                }
            }
            _ => {
                let events = if desk.settling.is_some() { self.without_commands(events) } else { events };
                desk.pass(events);
                self.desk = Some(desk);
            }
        }
    }

    /// Commits with the state laid open, so that somebody else can go on with it if this takes too long.
    fn commit(&mut self, in_flight: InFlight, decided: Decided) {
        self.untidied_bytes = self.untidied_bytes.saturating_add(decided.bytes);
        let Some(mut store) = self.store.take() else { return };
        if !decided.begun {
            let mut desk = in_flight.desk;
            desk.let_out(decided.outgoing, store.as_mut());
            (self.store, self.desk) = (Some(store), Some(desk));
            return;
        }
        self.lay_open(in_flight);
        let committed = store.commit();
        let Some(InFlight { mut desk, before, events, .. }) = self.take_back() else {
            self.hand_back(store, committed.map(|()| None));
            return;
        };
        let failed = committed.err().zip(before);
        if failed.is_none() {
            desk.let_out(decided.outgoing, store.as_mut());
        } else {
            store.roll_back();
        }
        self.store = Some(store);
        self.desk = Some(match failed {
            Some((error, before)) => self.pass_instead(desk, before, events, &error),
            None => desk,
        });
    }

    /// Until [`Loop::take_back`] another thread may go on with the state.
    pub(crate) fn lay_open(&mut self, in_flight: InFlight) {
        let (mut pending, questions) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.questions));
        pending.extend(self.commands.drain(..).map(Input::Event));
        let in_flight = Box::new(InFlight { pending, questions, ..in_flight });
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(in_flight);
    }

    /// The state, if nobody has gone on with it meanwhile.
    pub(crate) fn take_back(&mut self) -> Option<InFlight> {
        let mut back = *self.slot.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        self.pending = std::mem::take(&mut back.pending);
        self.questions = std::mem::take(&mut back.questions);
        Some(back)
    }

    /// The store had been given up: the thread that went on gets it, and this one ends.
    pub(crate) fn hand_back(&self, mut store: Box<dyn Journal>, outcome: Result<Option<SettleStep>, StoreError>) {
        let step = outcome.unwrap_or_else(|error| {
            tracing::warn!(%error, "a commit that was given up failed");
            store.roll_back();
            None
        });
        if self.shared.sender.send(Input::Late(store, step)).is_err() {
            tracing::debug!("the engine stopped while a commit hung");
        }
    }

    /// Tidying takes memory too, so that comes first; what is left of it waits for the next quiet moment.
    fn rest(&mut self) {
        self.tidy();
        if self.untidied > 0 {
            return;
        }
        if let Some(store) = self.store.as_mut() {
            store.give_back_memory();
        }
        if let Some(desk) = self.desk.as_mut() {
            desk.outside.rest();
        }
    }

    fn tidy(&mut self) {
        (self.untidied, self.untidied_bytes) = (0, 0);
        let well = self.desk.as_ref().is_some_and(|desk| !desk.model.has_store_trouble());
        let (true, Some(store)) = (well, self.store.as_mut()) else { return };
        match store.tidy() {
            Ok(more) => self.untidied = u32::from(more),
            Err(error) => tracing::warn!(%error, "the store could not be tidied"),
        }
    }
}

/// Adds what is there already to one turn's inputs.
fn take_waiting(inputs: &mpsc::Receiver<Input>, gathered: &mut Vec<Input>) -> Result<(), RecvError> {
    while gathered.len() < BATCH {
        match inputs.try_recv() {
            Ok(input) => gathered.push(input),
            Err(TryRecvError::Empty) => break,
            Err(TryRecvError::Disconnected) => return Err(RecvError),
        }
    }
    Ok(())
}

/// What was decided, and whether a transaction is open for it.
pub(crate) struct Decided {
    pub(crate) outgoing: Outgoing,
    pub(crate) begun: bool,
    /// Bytes of messages that were written.
    bytes: usize,
}

impl Desk {
    /// Sets the next wake-up; true when it is due already.
    fn set_wakeup(&mut self) -> bool {
        let now = self.clock.now();
        let next = self.model.next_wakeup(now);
        if next.is_some_and(|at| at <= now.utc) {
            return true;
        }
        if next != self.woken_at {
            self.outside.wake_at(next);
            self.woken_at = next;
        }
        false
    }

    /// Has watched what the user does while it would change anything, and only then.
    fn watch_user(&mut self) {
        let wanted = self.model.wanted_of_user();
        if std::mem::replace(&mut self.watched_of_user, wanted) != wanted {
            self.outside.watch_user(wanted);
        }
    }

    /// Each event is judged over the rows as the events before it left them.
    pub(crate) fn decide(
        &mut self,
        events: Vec<Event>,
        store: &mut dyn Journal,
        durable: bool,
    ) -> Result<Decided, StoreError> {
        let mut decided = Decided { outgoing: Outgoing::default(), begun: false, bytes: 0 };
        for event in events {
            if matches!(event, Event::Wake) {
                self.woken_at = None;
            }
            let now = self.clock.now();
            let lookups = Lookups::of(store, self.model.queries(&event, now))?;
            for effect in self.model.handle(event, lookups, now) {
                let Some(write) = decided.outgoing.sort(effect) else { continue };
                if !std::mem::replace(&mut decided.begun, true) {
                    store.begin(durable)?;
                }
                store.apply(&write)?;
                decided.bytes = decided.bytes.saturating_add(message_bytes(&write));
            }
        }
        Ok(decided)
    }

    /// Performs what was decided. Its writes are committed, or there were none.
    pub(crate) fn let_out(&mut self, outgoing: Outgoing, store: &mut dyn Journal) {
        let Outgoing { responses, mut gate, ui } = outgoing;
        for (request, outcome) in responses {
            self.waiting.answer(request, outcome);
        }
        for effect in &mut gate {
            if let GateEffect::Forward(forward) = effect {
                forward.raw = forward.raw.take().or_else(|| stored_raw(store, forward.row.seq));
            }
        }
        self.outside.perform(gate, ui);
    }
}

fn message_bytes(write: &Write) -> usize {
    match write {
        Write::Insert { raw: Some(raw), .. } | Write::Revise { raw, .. } => raw.body.len(),
        Write::Insert { raw: None, .. }
        | Write::Update(_)
        | Write::DropOldestText { .. }
        | Write::ShiftDue(_)
        | Write::Save(_)
        | Write::BlockEnded(_)
        | Write::LeftOut { .. }
        | Write::PeriodEnded(_)
        | Write::Absent(_) => 0,
    }
}

/// A body that cannot be read is shown from what the row says.
fn stored_raw(store: &mut dyn Journal, seq: tidegate_domain::Seq) -> Option<tidegate_domain::Raw> {
    store.raw(seq).unwrap_or_else(|error| {
        tracing::warn!(%error, "a stored notification could not be read");
        None
    })
}

/// What passes an open gate need not survive a power cut; everything else must.
fn is_traffic(event: &Event) -> bool {
    matches!(
        event,
        Event::Arrived(_)
            | Event::CloseRequested { .. }
            | Event::Sent { .. }
            | Event::SentByEarlier(_)
            | Event::RendererClosed { .. }
            | Event::RendererAction { .. }
            | Event::RendererReplied { .. }
            | Event::SenderLeft(_)
            | Event::SenderPresent(_)
    )
}
