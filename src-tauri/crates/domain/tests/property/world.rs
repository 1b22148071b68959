//! A whole desktop in one thread: apps, the renderer, a person, a disk and the gate, whose engine is played here: events,
//! the rows that they need, one transaction, and only then what leaves. Must not know how the model decides.

use crate::desk::{Desk, handed_on};
use crate::engine::{self, Settled, Step, decide, present};
use crate::oracle::{Asked, Notify, Oracle};
use crate::script::{Ask, Conn, Kind, Op, Span, Which};
use crate::zones::zone;
use chrono::{DateTime, Duration, NaiveTime, Weekday};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    Action, Answer, App, AppRule, Arrival, BlockLength, CallId, CheckIns, Command, Content, Delivery, Effect, Event,
    FIRST_ID, GateEffect, HandOver, Interruption, KnownCalls, Loaded, MemoryStore, Model, NoticeId, NoticeReply, Now,
    Proof, Query, Raw, RequestId, Saved, Sender, Settings, Settling, SnoozeEnd, StandIn, Target, Timeout, UiEffect,
    Zone,
};

/// Wake-ups at one instant, at most: those of a few pages of rows.
const WAKES_AT_ONCE: usize = 400;

/// Portions of a way back, at most: those of all that a run can bring, one by one.
const STEPS_BACK: usize = 10_000;

struct Connection {
    sender: Sender,
    cookies: u8,
}

struct Gate {
    name: Arc<str>,
    model: Model,
    /// The way back, while it lasts.
    settling: Option<Settling>,
}

pub(crate) struct World {
    now: Now,
    /// No gate has seen it yet.
    clock_was_set: bool,
    zone: Zone,
    settings: Settings,
    store: MemoryStore,
    fallback: StandIn,
    /// Rows that it takes.
    room: usize,
    /// Rows that found no room there any more.
    gave_way: Vec<Interruption>,
    disk_is_well: bool,
    gate: Option<Gate>,
    /// Events that wait for the next transaction.
    pending: Vec<Event>,
    /// How the process ends in the next transaction.
    crash: Option<Option<u8>>,
    relay: bool,
    /// Every gate that there was.
    gates: Vec<Arc<str>>,
    desk: Desk,
    senders: BTreeMap<Conn, Connection>,
    own: Sender,
    /// The id of the newest digest, and the call that brought it.
    digest: u32,
    digest_call: CallId,
    /// Ids that somebody was told, the newest last.
    ids: Vec<u32>,
    count: u32,
    /// It is out of the path.
    is_out: bool,
    /// How often any gate was, as far as the books have to know once they are settled.
    absences: usize,
    oracle: Oracle,
}

impl World {
    /// `start` chooses the day; the gate runs and the renderer is there.
    pub(crate) fn new(start: u8) -> Self {
        let little_room = start % 2 == 1;
        let starts = ["2026-11-23T07:00:00Z", "2026-03-28T21:00:00Z", "2026-10-24T22:00:00Z", "2026-04-04T12:00:00Z"];
        let start = starts[usize::from(start) % starts.len()];
        let utc = DateTime::parse_from_rfc3339(start).unwrap().to_utc();
        let mut world = Self {
            now: Now { utc, boot: Duration::seconds(1_000) },
            clock_was_set: false,
            zone: zone("Europe/Berlin"),
            settings: Settings::default(),
            store: MemoryStore::new(),
            fallback: StandIn::new(NoticeId(FIRST_ID)),
            room: if little_room { 6 } else { 1_000 },
            gave_way: Vec::new(),
            disk_is_well: true,
            gate: None,
            pending: Vec::new(),
            crash: None,
            relay: true,
            gates: Vec::new(),
            desk: Desk::default(),
            senders: BTreeMap::new(),
            own: sender(":own.1"),
            digest: 0,
            digest_call: CallId(0),
            ids: Vec::new(),
            count: 0,
            is_out: false,
            absences: 0,
            oracle: Oracle::default(),
        };
        world.desk.starts();
        world.restart(true);
        world
    }

    pub(crate) fn run(&mut self, script: &[Op]) {
        for op in script {
            self.step(op);
        }
        self.flush();
        self.hand_everything_over();
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Notify { by, kind, replaces } => self.notify(*by, *kind, *replaces),
            Op::Storm { by, count } => (0..*count).for_each(|_| self.notify(*by, Kind::Plain, Which::None)),
            Op::Close { by, id } => self.close(*by, *id),
            Op::Inhibit(by) => self.inhibit(*by),
            Op::UnInhibit(by, cookie) => self.uninhibit(*by, *cookie),
            Op::Leave(by) => self.leave(*by),
            Op::Ask(ask) => self.ask(*ask),
            Op::RendererWorks { calls, refuses } => self.desk.work(*calls, *refuses),
            Op::Deliver(messages) => (0..*messages).for_each(|_| self.deliver_next()),
            Op::Touch { popup, how } => self.desk.touch(*popup, *how),
            Op::RendererDies => self.desk.dies(),
            Op::RendererStarts => self.desk.starts(),
            Op::RendererIsSilent => self.renderer_is_silent(),
            Op::Flush => self.flush(),
            Op::Wait(span) => self.wait(length(*span)),
            Op::Suspend(span) => self.suspend(length(*span)),
            Op::SetClock { forward, by } => self.set_clock(*forward, length(*by)),
            Op::Zone(nth) => self.set_zone(*nth),
            Op::Settings(nth) => self.set_settings(*nth),
            Op::Wake => self.happens(Event::Wake),
            Op::Idle => self.happens(Event::UserIdle),
            Op::Back(span) => self.back(length(*span)),
            Op::Crash { after } => self.crash(*after),
            Op::Restart { relay } => self.restart(*relay),
            Op::Path(is_in) => self.path(*is_in),
            Op::DiskFails => self.disk_is_well = false,
            Op::DiskIsWell => self.disk_is_well = true,
        }
    }

    fn happens(&mut self, event: Event) {
        if self.gate.is_some() {
            self.pending.push(event);
        }
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }
}

/// Apps.
impl World {
    fn connection(&mut self, by: Conn) -> Sender {
        if !self.senders.contains_key(&by) {
            let number = self.next();
            let sender = sender(&format!(":1.{number}"));
            self.senders.insert(by, Connection { sender, cookies: 0 });
        }
        self.senders[&by].sender.clone()
    }

    fn named(&self, which: Which) -> u32 {
        match which {
            Which::None => 0,
            Which::Told(back) => {
                let back = usize::from(back) % self.ids.len().max(1);
                self.ids.iter().rev().nth(back).copied().unwrap_or(0)
            }
            Which::Small(id) => u32::from(id),
            Which::Ahead(by) => self.ids.iter().max().copied().unwrap_or(0).max(FIRST_ID).saturating_add(u32::from(by)),
            Which::Highest => u32::MAX,
        }
    }

    fn notify(&mut self, by: Conn, kind: Kind, replaces: Which) {
        let sender = self.connection(by);
        let replaces = self.named(replaces);
        if self.gate.is_none() {
            self.ids.extend(self.desk.notify_directly(&sender.name));
            return;
        }
        let text = format!("text {}", self.next());
        let content = content(&text, kind);
        self.arrive(sender, app(by.0), content, replaces, false);
    }

    fn arrive(&mut self, sender: Sender, app: App, content: Content, replaces: u32, own: bool) -> CallId {
        let call = self.call(
            &sender,
            Some(Notify {
                app: app.id.to_string(),
                text: content.summary.clone(),
                replaces,
                tagged: content.stack_tag.is_some(),
                own,
                claimed: app.proof.is_claim(),
            }),
        );
        let raw = Raw { body: content.summary.as_bytes().into(), big_endian: false };
        let arrival = Arrival { call, sender, app, replaces, content, raw, whole: None, own };
        self.happens(Event::Arrived(Box::new(arrival)));
        call
    }

    fn call(&mut self, sender: &Sender, notify: Option<Notify>) -> CallId {
        let call = CallId(u64::from(self.next()));
        self.oracle.asks(call, Asked { sender: sender.clone(), notify });
        call
    }

    fn close(&mut self, by: Conn, id: Which) {
        if self.gate.is_none() {
            return;
        }
        let sender = self.connection(by);
        let id = self.named(id);
        let call = self.call(&sender, None);
        self.happens(Event::CloseRequested { call, sender, app: Some(app(by.0).into()), id });
    }

    fn inhibit(&mut self, by: Conn) {
        if self.gate.is_none() {
            return;
        }
        let sender = self.connection(by);
        let call = self.call(&sender, None);
        if let Some(connection) = self.senders.get_mut(&by) {
            connection.cookies += 1;
        }
        self.happens(Event::Inhibit { call, sender, app: "quiet".into() });
    }

    fn uninhibit(&mut self, by: Conn, cookie: u8) {
        if self.gate.is_none() {
            return;
        }
        let sender = self.connection(by);
        let call = self.call(&sender, None);
        self.happens(Event::UnInhibit { call, sender, cookie: u32::from(cookie) });
    }

    fn leave(&mut self, by: Conn) {
        if let Some(connection) = self.senders.remove(&by) {
            self.happens(Event::SenderLeft(connection.sender.name));
        }
    }

    fn live(&self) -> BTreeSet<Sender> {
        let live = self.senders.values().map(|connection| connection.sender.clone());
        live.chain([self.own.clone()]).collect()
    }
}

/// A person.
impl World {
    fn ask(&mut self, ask: Ask) {
        if self.gate.is_none() {
            return;
        }
        let command = self.command(ask);
        let request = RequestId(u64::from(self.next()));
        self.oracle.requests(request);
        self.happens(Event::Command { request: Some(request), command });
    }

    fn command(&self, ask: Ask) -> Command {
        let id = |nth| NoticeId(self.named(Which::Told(nth)));
        let start = |length| Command::Start { length, intention: Some("write".into()) };
        match ask {
            Ask::Start(minutes) => start(BlockLength::Minutes(minutes.into())),
            Ask::StartUntilCheckIn => start(BlockLength::UntilCheckIn),
            Ask::StartOpen => start(BlockLength::Open),
            Ask::Extend(minutes) => Command::Extend { minutes },
            Ask::End => Command::End,
            Ask::StartUsual => start(BlockLength::Usual),
            Ask::Toggle => Command::Toggle,
            Ask::Break(minutes) => Command::Break { minutes },
            Ask::SawEnd => Command::SawEnd,
            Ask::CountTimeAway(counts) => Command::CountTimeAway(counts),
            Ask::CheckInNow => Command::CheckInNow,
            Ask::CheckInInWindow => Command::CheckInInWindow,
            Ask::Skip => Command::SkipCheckIn,
            Ask::Act(nth) => Command::Act { id: id(nth), key: None, token: None },
            Ask::Reply(nth) => Command::Reply { id: id(nth), text: "yes".into() },
            Ask::Done(nth) => Command::Done(Target::Ids(vec![id(nth)])),
            Ask::DoneTwo(one, other) => Command::Done(Target::Ids(vec![id(one), id(other)])),
            Ask::DoneApp(nth) => Command::Done(Target::App(app(nth).id)),
            Ask::DoneAll => Command::Done(Target::All),
            Ask::Later(nth) => Command::Later(Target::Ids(vec![id(nth)])),
            Ask::LaterApp(nth) => Command::Later(Target::App(app(nth).id)),
            Ask::LaterAll => Command::Later(Target::All),
            Ask::Snooze(nth, minutes) => Command::Snooze { ids: vec![id(nth)], until: SnoozeEnd::Minutes(minutes) },
            Ask::SnoozeUntil(nth, hour) => {
                let time = NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
                Command::Snooze { ids: vec![id(nth)], until: SnoozeEnd::Time(time) }
            }
            Ask::Undo(nth) => Command::Undo(Some(id(nth))),
            Ask::UndoNewest => Command::Undo(None),
            Ask::Release(nth) => Command::Release(Target::Ids(vec![id(nth)])),
            Ask::ReleaseTwo(one, other) => Command::Release(Target::Ids(vec![id(one), id(other)])),
            Ask::ReleaseApp(nth) => Command::Release(Target::App(app(nth).id)),
            Ask::ReleaseAll => Command::Release(Target::All),
            Ask::Note => Command::Note(format!("note {}", self.count)),
            Ask::CloseCheckIn => Command::CloseCheckIn,
            Ask::SawWithdrawn => {
                Command::SawWithdrawn(self.gate.as_ref().map_or(0, |gate| gate.model.withdrawn_upto()))
            }
        }
    }
}

/// Time.
impl World {
    fn goes_by(&mut self, by: Duration) {
        self.now.utc += by;
        self.now.boot += by;
    }

    fn wait(&mut self, by: Duration) {
        self.flush();
        let until = self.now.boot + by;
        self.wake_until(until);
        self.goes_by(until - self.now.boot);
    }

    /// Wakes the gate whenever it wants until an instant, and shows that it comes to rest at each.
    fn wake_until(&mut self, until: Duration) {
        let mut at_once = 0;
        while let Some(wakeup) = self.gate.as_ref().and_then(|gate| gate.model.next_wakeup(self.now)) {
            let wait = (wakeup - self.now.utc).max(Duration::zero());
            if self.now.boot + wait > until {
                return;
            }
            at_once = if wait.is_zero() { at_once + 1 } else { 0 };
            assert!(at_once < WAKES_AT_ONCE, "it never comes to rest");
            self.goes_by(wait);
            self.happens(Event::Wake);
            self.flush();
        }
    }

    fn back(&mut self, after: Duration) {
        self.wait(after);
        self.happens(Event::UserBack(after));
    }

    /// Both clocks go on, but nobody wakes the gate before the machine wakes.
    fn suspend(&mut self, by: Duration) {
        self.flush();
        self.goes_by(by);
        self.happens(Event::Wake);
    }

    fn set_clock(&mut self, forward: bool, by: Duration) {
        self.flush();
        self.now.utc += if forward { by } else { -by };
        self.clock_was_set = true;
    }

    fn set_zone(&mut self, nth: u8) {
        let zones =
            ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"];
        self.zone = zone(zones[usize::from(nth) % zones.len()]);
        self.happens(Event::ZoneChanged(self.zone.clone()));
    }

    fn set_settings(&mut self, nth: u8) {
        self.settings = settings(nth);
        self.happens(Event::SettingsChanged(Box::new(self.settings.clone())));
    }
}

/// The engine.
impl World {
    fn crash(&mut self, after: Option<u8>) {
        if self.gate.is_some() {
            self.crash = Some(after);
            self.happens(Event::Wake);
            self.flush();
        }
    }

    /// Handles what waits, in one transaction.
    fn flush(&mut self) {
        let events = std::mem::take(&mut self.pending);
        let Some(mut gate) = self.gate.take() else { return };
        if events.is_empty() {
            self.gate = Some(gate);
            return;
        }
        if gate.model.has_store_trouble() && !self.settle(&mut gate) {
            self.gate_dies(true);
            return;
        }
        let (steps, survives) = self.transact(&mut gate, events);
        self.oracle.sees(&steps, self.now);
        self.oracle.forgets(&std::mem::take(&mut self.gave_way));
        let leaves = if survives { usize::MAX } else { usize::from(self.crash.flatten().unwrap_or(0)) };
        let in_trouble = gate.model.has_store_trouble();
        let busy = gate.model.next_wakeup(self.now).is_some();
        assert!(!in_trouble || !busy, "a failed store is no reason to wake up");
        if !in_trouble && survives {
            self.clock_was_set = false;
            let loaded = self.store.load().unwrap();
            self.oracle.check(&gate.model, &loaded, &self.store.rows_in_order(), self.now);
            loaded.saved.iter().for_each(|saved| self.oracle.check_history(self.store.history(), saved));
            assert_eq!(self.store.history().absences.len(), self.absences, "absences");
        }
        let name = gate.name.clone();
        self.gate = survives.then_some(gate);
        let effects = steps.into_iter().flat_map(|step| step.effects);
        effects.filter(|effect| !matches!(effect, Effect::Store(_))).take(leaves).for_each(|effect| {
            self.perform(&name, effect);
        });
        if !survives {
            self.gate_dies(in_trouble);
        } else if !in_trouble {
            self.check_calls();
        }
    }

    /// What was committed, and whether the process lives on.
    fn transact(&mut self, gate: &mut Gate, events: Vec<Event>) -> (Vec<Step>, bool) {
        if gate.model.has_store_trouble() {
            return (self.pass(gate, events), self.crash.is_none());
        }
        let before = gate.model.snapshot();
        self.store.begin(true).unwrap();
        let steps = decide(&mut gate.model, &mut self.store, events.clone(), self.now);
        if self.crash == Some(None) {
            self.store.roll_back();
            return (Vec::new(), false);
        }
        if self.disk_is_well {
            self.store.commit().unwrap();
            return (steps, self.crash.is_none());
        }
        self.store.roll_back();
        gate.model.store_failed(before, "disk full".into());
        self.fallback = gate.model.stand_in().with_room(self.room);
        self.oracle.hears_inhibited(false);
        (self.pass(gate, events), self.crash.is_none())
    }

    /// The store has failed: the same events over rows in memory.
    fn pass(&mut self, gate: &mut Gate, events: Vec<Event>) -> Vec<Step> {
        let mut steps = Vec::new();
        for event in events {
            let before = self.fallback.rows_in_order();
            let passed = engine::pass(&mut gate.model, &mut self.fallback, event, self.now);
            let after: BTreeSet<_> = self.fallback.rows_in_order().iter().map(|row| row.seq).collect();
            self.gave_way.extend(before.into_iter().filter(|row| !after.contains(&row.seq)));
            steps.extend(passed);
        }
        steps
    }

    /// One portion of the way back to a store that may fail again; whether the process lives on. What comes between two
    /// portions passes as before.
    fn settle(&mut self, gate: &mut Gate) -> bool {
        let Some(mut settling) = gate.settling.take().or_else(|| self.begin_to_settle(gate)) else { return true };
        let portion = settling.portion(&gate.model, &mut self.fallback, 1 + self.count as usize % 4);
        self.store.begin(true).unwrap();
        let mut step = settling.step(portion, &mut self.store, self.now).unwrap();
        if !self.disk_is_well || self.crash == Some(None) {
            self.store.roll_back();
            return self.crash != Some(None);
        }
        self.store.commit().unwrap();
        let heard = std::mem::take(&mut step.heard);
        gate.model.settled(step, &mut self.fallback);
        let settled = Settled::of(heard);
        self.oracle.sees(&settled.steps, self.now);
        let leaves = self.crash.flatten().map_or(usize::MAX, usize::from);
        settled.all_effects().into_iter().take(leaves).for_each(|effect| self.perform(&gate.name, effect));
        if self.crash.is_some() {
            return false;
        }
        if gate.model.is_settled(&self.fallback) {
            gate.model = settling.finish(&gate.model);
            self.oracle.hears_inhibited(gate.model.is_closed());
        } else {
            gate.settling = Some(settling);
        }
        true
    }

    fn begin_to_settle(&mut self, gate: &mut Gate) -> Option<Settling> {
        if !self.disk_is_well {
            return None;
        }
        let loaded = self.store.load().unwrap();
        let senders = present(&loaded.senders, &self.live());
        let steps = self.pass(gate, senders);
        self.oracle.sees(&steps, self.now);
        Some(Settling::new(&gate.model, loaded, self.now))
    }

    fn perform(&mut self, gate: &Arc<str>, effect: Effect) {
        match effect {
            Effect::Gate(GateEffect::Answer(call, NoticeReply::Id(id))) => {
                self.ids.push(id.0);
                if call == self.digest_call {
                    self.digest = id.0;
                }
            }
            Effect::Client(_, Ok(Answer::Noted { id })) => self.ids.push(id.0),
            Effect::Gate(GateEffect::Forward(forward)) => self.desk.notify(gate, forward),
            Effect::Gate(GateEffect::CloseAtRenderer(id)) => self.desk.close(id),
            Effect::Ui(UiEffect::ShowDigest(_)) => self.show_digest(),
            Effect::Store(_)
            | Effect::Gate(GateEffect::Answer(..))
            | Effect::Gate(GateEffect::Emit { .. })
            | Effect::Gate(GateEffect::EmitToAll(_))
            | Effect::Gate(GateEffect::PassOn { .. })
            | Effect::Client(..)
            | Effect::Gate(GateEffect::FindSenders(_))
            | Effect::Gate(GateEffect::Inhibited(_))
            | Effect::Ui(UiEffect::OpenWindow { .. }) => {}
        }
    }

    fn show_digest(&mut self) {
        if self.gate.is_none() {
            return;
        }
        let mut content = content(&format!("digest {}", self.next()), Kind::Plain);
        content.actions.push(Action { key: "default".into(), label: String::new() });
        content.actions.push(Action { key: "release-all".into(), label: "Release all".into() });
        self.digest_call = self.arrive(self.own.clone(), app(u8::MAX), content, self.digest, true);
    }

    fn gate_dies(&mut self, in_trouble: bool) {
        self.crash = None;
        self.pending.clear();
        if in_trouble {
            self.oracle.forgets(&self.fallback.rows_in_order());
        }
        self.fallback = StandIn::new(NoticeId(FIRST_ID));
        self.desk.forget_messages();
        self.oracle.gate_died();
    }

    fn restart(&mut self, relay: bool) {
        if self.gate.is_some() {
            return;
        }
        self.relay = relay;
        if std::mem::take(&mut self.clock_was_set) {
            self.oracle.loses_time();
        }
        let name: Arc<str> = format!(":gate.{}", self.next()).into();
        let unused = FIRST_ID * 2 + 1_000 * self.next();
        let loaded = if self.disk_is_well { self.store.load().unwrap() } else { unknown(unused, self.now) };
        let senders = loaded.senders.clone();
        let mut model = Model::restore(loaded, self.settings.clone(), self.zone.clone(), name.clone(), self.now);
        if !self.disk_is_well {
            let before = model.snapshot();
            model.store_failed(before, "disk full".into());
            self.fallback = model.stand_in().with_room(self.room);
        }
        self.oracle.hears_inhibited(model.is_closed());
        self.oracle.goes_by(&self.settings);
        self.gates.push(name.clone());
        self.gate = Some(Gate { name, model, settling: None });
        self.pending.extend(present(&senders, &self.live()));
        self.is_out = false;
        self.absences = self.store.history().absences.len();
        if relay {
            self.absences += 1;
            self.happens(Event::AwayFor(Duration::seconds(3)));
        }
        self.happens(Event::InPath(true));
        self.desk.forget_messages();
        if !relay {
            self.desk.forget_silence();
        }
        let known = if relay { self.desk.relay(self.gates.clone()) } else { KnownCalls::default() };
        if let Some(renderer) = self.desk.name() {
            self.happens(Event::RendererUp(renderer));
        }
        self.happens(Event::Recover(known));
        self.flush();
    }

    /// What a gate that dies had not written, its books never know: the next one's begin with what is there.
    fn path(&mut self, is_in: bool) {
        if self.gate.is_some() {
            self.absences += usize::from(is_in && self.is_out);
            self.is_out = !is_in;
            self.happens(Event::InPath(is_in));
        }
    }

    fn renderer_is_silent(&mut self) {
        if let Some(gate) = &self.gate {
            self.desk.is_silent(&gate.name);
        }
    }

    fn deliver_next(&mut self) {
        let (Some(message), Some(gate)) = (self.desk.next_message(), &self.gate) else { return };
        if message.to.is_empty() || message.to == gate.name {
            self.happens(message.event);
        } else if self.relay
            && let Some(event) = handed_on(message.event, message.to)
        {
            self.happens(event);
        }
    }

    /// What is on its way to the renderer must get an answer.
    fn check_calls(&mut self) {
        let calls = self.store.rows(&Query::Unanswered { gate: "nobody".into() }).unwrap();
        for row in calls.rows {
            let Delivery::Sending { gate, serial, .. } = &row.delivery else { continue };
            let owed = self.desk.owes_answer(gate, *serial) || self.waits_for(gate, *serial);
            assert!(owed, "{} waits for an answer that never comes", row.id.0);
        }
    }

    /// Whether an answer of the renderer waits to be handled.
    fn waits_for(&self, gate: &Arc<str>, serial: u32) -> bool {
        self.pending.iter().any(|event| {
            let own = matches!(event, Event::Sent { serial: other, .. } if *other == serial);
            own || matches!(event, Event::SentByEarlier(call) if call.gate == *gate && call.serial == serial)
        })
    }
}

/// The end of every run: nothing may be stuck.
impl World {
    fn hand_everything_over(&mut self) {
        self.disk_is_well = true;
        self.restart(true);
        self.path(true);
        self.come_back();
        self.desk.dies();
        self.desk.starts();
        self.deliver_all();
        self.senders.keys().copied().collect::<Vec<_>>().into_iter().for_each(|by| self.leave(by));
        self.ask(Ask::End);
        self.ask(Ask::CheckInNow);
        self.flush();
        let rows = self.store.rows_in_order().len();
        for _ in 0..=rows {
            if self.store.rows_in_order().iter().all(|row| !row.is_held() || row.is_noted()) {
                break;
            }
            self.ask(Ask::ReleaseAll);
            self.flush();
            for _ in 0..16 {
                self.wait(Duration::seconds(1));
                self.desk.work_all();
                self.deliver_all();
            }
            self.desk.clear();
            self.deliver_all();
        }
        self.ask(Ask::DoneAll);
        self.wait(Duration::hours(1));
        let rows = self.store.rows_in_order();
        self.oracle.check_end(&rows, |text| self.desk.has_appeared(text));
    }

    /// Until the books are settled; whatever comes takes a step.
    fn come_back(&mut self) {
        self.happens(Event::Wake);
        self.flush();
        for _ in 0..STEPS_BACK {
            let in_trouble = self.gate.as_ref().is_some_and(|gate| gate.model.has_store_trouble());
            if !in_trouble {
                return;
            }
            self.happens(Event::Wake);
            self.flush();
        }
        panic!("the books are never settled");
    }

    fn deliver_all(&mut self) {
        while self.desk.has_messages() {
            self.deliver_next();
            self.flush();
            self.desk.work_all();
        }
    }
}

/// What an engine starts from when the store cannot be loaded: it guesses ids that were never given out.
fn unknown(reserved_ids: u32, now: Now) -> Loaded {
    let saved = Saved { reserved_ids, ..Saved::new(now.utc) };
    Loaded { saved: Some(saved), ..Loaded::default() }
}

fn sender(name: &str) -> Sender {
    Sender { bus: "bus".into(), name: name.into(), pid: 7, started: 9 }
}

fn app(nth: u8) -> App {
    let (id, executable) = match nth {
        0 => ("chat", "/usr/bin/chat"),
        1 => ("mail", "/usr/bin/mail"),
        2 => ("browser", "/opt/browser"),
        3 => ("sound", "/usr/bin/sound"),
        4 => ("power", "/usr/libexec/gsd-power"),
        _ => ("tidegate", "/usr/bin/tidegate"),
    };
    let is_script = id == "sound";
    let proof = if is_script { Proof::Name } else { Proof::Unit };
    let executable = (!is_script).then(|| executable.into());
    App { id: id.into(), name: id.into(), proof, desktop_entry: None, executable }
}

fn content(text: &str, kind: Kind) -> Content {
    let mut content = Content { summary: text.into(), ..Content::default() };
    let button = |key: &str| Action { key: key.into(), label: key.into() };
    match kind {
        Kind::Plain => {}
        Kind::Buttons => content.actions = vec![button("default"), button("yes")],
        Kind::Resident => {
            content.actions = vec![button("default"), button("yes")];
            content.resident = true;
        }
        Kind::Reply => content.inline_reply = Some("Reply".into()),
        Kind::Feedback => content.feedback = true,
        Kind::Tagged(tag) => content.stack_tag = Some(format!("tag {tag}")),
        Kind::Transient(seconds) => {
            content.transient = true;
            content.timeout = Timeout::After(Duration::seconds(seconds.into()));
        }
        Kind::Lasting(seconds) => {
            content.actions = vec![button("yes")];
            content.timeout = Timeout::After(Duration::seconds(seconds.into()));
        }
        Kind::TransientForEver => {
            content.transient = true;
            content.timeout = Timeout::Never;
        }
    }
    content
}

fn settings(nth: u8) -> Settings {
    let mut settings = Settings::default();
    match nth {
        0 => {}
        1 => {
            let rules = [("mail", AppRule::Mute), ("browser", AppRule::Pass), ("power", AppRule::Hold)];
            settings.apps.extend(rules.map(|(app, rule)| (app.to_owned(), rule)));
        }
        2 => settings.check_ins = CheckIns::none(),
        3 => {
            let ways = [("chat", HandOver::ReDeliver), ("mail", HandOver::Silent), ("browser", HandOver::Digest)];
            settings.hand_over.extend(ways.map(|(app, way)| (app.to_owned(), way)));
        }
        _ => {
            let times: Vec<_> = ["00:15", "01:30", "02:30", "03:00", "23:45"].map(str::to_owned).into();
            let mut day = Weekday::Mon;
            for _ in 0..7 {
                settings.check_ins.set_day(day, &times).unwrap();
                day = day.succ();
            }
        }
    }
    settings
}

fn length(span: Span) -> Duration {
    match span {
        Span::Millis(millis) => Duration::milliseconds(millis.into()),
        Span::Seconds(seconds) => Duration::seconds(seconds.into()),
        Span::Minutes(minutes) => Duration::minutes(minutes.into()),
        Span::Hours(hours) => Duration::hours(hours.into()),
    }
}
