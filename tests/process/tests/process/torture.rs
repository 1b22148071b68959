//! Kill -9 at random points under a storm, of the daemon, the relay and the renderer, singly and together: what senders
//! were told is compared with what is stored and what renderers were given to show. Must not know how any of it is
//! written down.
//!
//! `TIDEGATE_TORTURE` says how many kills (12), `TIDEGATE_TORTURE_SEED` repeats the choices of an earlier run; the
//! machine's own timing stays its own. `TIDEGATE_TORTURE_ONLY` keeps to one set, such as `relay+renderer`; of
//! the renderer alone eight in a row are too many, since the relay waits longer before each start.

mod books;
mod journal;
mod judge;
mod storm;

use journal::Journal;
use judge::Aftermath;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};
use storm::{Diary, Dice, Storm};
use tidegate_contract::{BUS_NAME, BlockLength, Item, OBJECT_PATH, Request, Verb, Which, verb};
use tidegate_testkit::{
    CLOCK_VARIABLE, Client, DEADLINE, NOTIFICATIONS, Notification, Process, Session, Signal, StepClock, owner,
    owner_pid, wait_no_owner, wait_owner, wait_owner_change, within,
};
use tidegate_tests_process::{MONDAY_NINE, RENDERER_NAME, ask, program, runs, start_daemon, view, wait_view};
use tokio::task::JoinHandle;
use zbus::Connection;

const CLIENTS: u64 = 8;
const RENDERER: &str = "journal-renderer";

/// What is killed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Victims {
    gate: bool,
    relay: bool,
    renderer: bool,
    name: &'static str,
}

/// Each with its share of all kills.
const VICTIMS: [(u64, Victims); 7] = [
    (6, Victims { gate: true, relay: false, renderer: false, name: "gate" }),
    (2, Victims { gate: false, relay: true, renderer: false, name: "relay" }),
    (2, Victims { gate: false, relay: false, renderer: true, name: "renderer" }),
    (2, Victims { gate: true, relay: true, renderer: false, name: "gate+relay" }),
    (2, Victims { gate: true, relay: false, renderer: true, name: "gate+renderer" }),
    (2, Victims { gate: false, relay: true, renderer: true, name: "relay+renderer" }),
    (2, Victims { gate: true, relay: true, renderer: true, name: "all three" }),
];

#[tokio::test]
async fn torture_a_storm_and_kill_9_of_gate_relay_and_renderer_lose_nothing_and_double_nothing() {
    let (kills, seed) = (number("TIDEGATE_TORTURE").unwrap_or(12), number("TIDEGATE_TORTURE_SEED").unwrap_or_else(now));
    println!("torture: {kills} kills, TIDEGATE_TORTURE_SEED={seed}");
    let mut torture = Torture::start(seed).await;
    for _ in 0..kills {
        torture.kill_once().await;
    }
    torture.finish().await.judge().await;
}

/// A gate before a renderer that is a program of its own, under a storm.
struct Torture {
    /// The daemon that the supervisor started last; the bus starts others.
    supervised: Process,
    clock: StepClock,
    control: Connection,
    dice: Dice,
    storm: Arc<Storm>,
    clients: Vec<JoinHandle<Diary>>,
    asked_done: BTreeSet<u32>,
    kills: BTreeMap<&'static str, u32>,
    /// How often the bus, or the supervisor, started the daemon that stood in the end, where the bus could.
    races: BTreeMap<&'static str, u32>,
    session: Session,
}

impl Torture {
    async fn start(seed: u64) -> Self {
        let session = Session::start().await;
        let clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
        session.export(CLOCK_VARIABLE, &clock.path().display().to_string()).await;
        let control = session.connect().await;
        let journal = Journal::at(session.join("journal"));
        let mut command = session.command(program(RENDERER));
        command.arg(&journal.file);
        let mut found = session.spawn(command);
        found.while_running("it shows notifications", wait_owner(&control, NOTIFICATIONS, DEADLINE)).await;
        let supervised = start_daemon(&session);
        wait_owner(&control, BUS_NAME, DEADLINE).await;
        wait_view(&control, "the gate before it", |view| view.gate.in_path && view.renderer.up).await;
        let storm = Arc::new(Storm::new(journal));
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let diary = Diary::of(Client::connect(&session).await);
            clients.push(tokio::spawn(diary.rage(storm.clone(), number, Dice(seed ^ (number + 1)))));
        }
        let (asked_done, kills, races) = Default::default();
        let dice = Dice(seed);
        Self { supervised, clock, control, dice, storm, clients, asked_done, kills, races, session }
    }

    /// Commands under the storm up to a random call; then the kill, and what brings everything back.
    async fn kill_once(&mut self) {
        let until = *self.storm.calls.borrow() + 10 + self.dice.below(90);
        while *self.storm.calls.borrow() < until {
            self.meddle().await;
        }
        let victims = self.victims();
        *self.kills.entry(victims.name).or_default() += 1;
        let gate = owner(&self.control, BUS_NAME).await.unwrap().to_string();
        let renderer = owner(&self.control, RENDERER_NAME).await.unwrap().to_string();
        let before = owner(&self.control, NOTIFICATIONS).await.unwrap().to_string();
        self.kill(victims).await;
        match victims {
            Victims { gate: false, .. } => {}
            Victims { relay: false, renderer: false, .. } => self.do_without_gate(&before).await,
            Victims { relay, .. } => self.race(relay),
        }
        if victims.gate {
            self.wait_for_another(BUS_NAME, &gate).await;
        }
        if victims.relay || victims.renderer {
            self.wait_for_another(RENDERER_NAME, &renderer).await;
        }
        self.wait_until_one_stands(victims).await;
        let stands = owner(&self.control, BUS_NAME).await.unwrap().to_string();
        assert_eq!(stands == gate, !victims.gate, "a gate that was not killed goes on");
    }

    fn victims(&mut self) -> Victims {
        let only = std::env::var("TIDEGATE_TORTURE_ONLY").ok();
        let mut at = self.dice.below(VICTIMS.iter().map(|(share, _)| share).sum());
        let drawn = VICTIMS.iter().find(|(share, _)| at.checked_sub(*share).map(|left| at = left).is_none());
        let wanted = VICTIMS.iter().find(|(_, victims)| Some(victims.name) == only.as_deref());
        wanted.or(drawn).unwrap().1
    }

    /// All at once, as nearly as a shell can.
    async fn kill(&mut self, victims: Victims) {
        let mut pids = Vec::new();
        if victims.gate {
            pids.push(owner_pid(&self.control, BUS_NAME).await);
        }
        if victims.relay {
            // The renderer is on the bus by a connection of the relay's.
            pids.push(owner_pid(&self.control, RENDERER_NAME).await);
        }
        if victims.renderer {
            pids.extend(self.session.processes().into_iter().filter(|pid| runs(*pid, RENDERER)));
        }
        if self.dice.below(2) == 0 {
            pids.reverse();
        }
        let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
        self.session.run("sh", ["-c", &format!("kill -9 {}", pids.join(" "))]).await.ok();
    }

    /// The renderer answers for a while; then the supervisor starts the gate again.
    async fn do_without_gate(&mut self, gate: &str) {
        let now = wait_owner_change(&self.control, NOTIFICATIONS, Some(gate), DEADLINE).await;
        let now = now.expect("the renderer owns the name while the gate is away");
        assert!(self.storm.journal.is_a_renderer(now.as_str()), "{now} is no renderer");
        wait_no_owner(&self.control, BUS_NAME, DEADLINE).await;
        let answered = *self.storm.by_renderer.borrow() + self.dice.below(12);
        let mut by_renderer = self.storm.by_renderer.subscribe();
        let answering = by_renderer.wait_for(|count| *count >= answered);
        within(DEADLINE, "calls answered by the renderer", answering).await.unwrap();
        if self.dice.below(4) == 0 {
            self.kill_at_start().await;
        }
        self.supervised = start_daemon(&self.session);
    }

    /// A daemon that is killed while it finds out how things stand.
    async fn kill_at_start(&mut self) {
        self.supervised = start_daemon(&self.session);
        wait_owner(&self.control, BUS_NAME, DEADLINE).await;
        self.supervised.kill9(DEADLINE).await;
        wait_no_owner(&self.control, BUS_NAME, DEADLINE).await;
    }

    /// The storm's calls have the bus start a gate, and the supervisor starts one at the same moment, or does not.
    fn race(&mut self, nobody_is_left: bool) {
        if !nobody_is_left || self.dice.below(3) != 0 {
            self.supervised = start_daemon(&self.session);
        }
    }

    async fn wait_for_another(&self, name: &str, before: &str) {
        let mut seen = Some(before.to_owned());
        while seen.is_none() || seen.as_deref() == Some(before) {
            let now = wait_owner_change(&self.control, name, seen.as_deref(), DEADLINE).await;
            seen = now.map(|now| now.to_string());
        }
    }

    /// One gate is in the path with its renderer; another that was started meanwhile is not, and ends.
    async fn wait_until_one_stands(&mut self, victims: Victims) {
        wait_view(&self.control, "the gate in the path", |view| view.gate.in_path && view.renderer.up).await;
        let standing = owner_pid(&self.control, BUS_NAME).await;
        assert_eq!(owner_pid(&self.control, NOTIFICATIONS).await, standing, "two gates");
        if victims.gate && (victims.relay || victims.renderer) {
            let winner = if standing == self.supervised.pid() { "supervisor" } else { "bus" };
            *self.races.entry(winner).or_default() += 1;
        }
        if standing != self.supervised.pid() && self.supervised.is_running() {
            // It says by itself that another runs, after three seconds; not every time is waited for.
            if self.dice.below(4) == 0 {
                let status = self.supervised.wait(DEADLINE).await;
                assert!(!status.success(), "the second daemon ended as if it had been the first");
            } else {
                self.supervised.kill9(DEADLINE).await;
            }
        }
        for pid in self.daemons().into_iter().filter(|pid| *pid != standing) {
            *self.races.entry("turned away of the bus's").or_default() += 1;
            self.session.run("sh", ["-c", &format!("kill -9 {pid} || true")]).await.ok();
        }
    }

    fn daemons(&self) -> Vec<u32> {
        let is_daemon = |pid: &u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            runs(*pid, "tidegate") && line.split(|byte| *byte == 0).nth(1) == Some(b"daemon")
        };
        self.session.processes().into_iter().filter(is_daemon).collect()
    }
}

/// What the person at the machine does meanwhile.
impl Torture {
    async fn meddle(&mut self) {
        match self.dice.below(12) {
            0 => drop(self.ask(verb::Start { length: BlockLength::Open, intention: None }).await),
            1 => drop(self.ask(verb::End).await),
            2 => drop(self.ask(verb::Release { which: Which::All }).await),
            3 => self.release_some().await,
            4 => self.mark_some_done().await,
            _ => self.clock.advance_unheard(Duration::from_millis(250)),
        }
        // What an advance alone does not: the storm and the daemon have their turn.
        tokio::task::yield_now().await;
    }

    async fn release_some(&mut self) {
        let ids: Vec<u32> = self.some_held().await.iter().map(|item| item.id).collect();
        if !ids.is_empty() {
            self.ask(verb::Release { which: Which::Ids { ids } }).await;
        }
    }

    async fn mark_some_done(&mut self) {
        let held = self.some_held().await;
        let ids: Vec<u32> = held.iter().filter(|item| item.summary.starts_with("plain")).map(|item| item.id).collect();
        if !ids.is_empty() {
            self.asked_done.extend(&ids);
            self.ask(verb::Done { which: Which::Ids { ids } }).await;
        }
    }

    async fn some_held(&mut self) -> Vec<Item> {
        let limit = u32::try_from(1 + self.dice.below(6)).unwrap();
        self.ask(verb::Held { after: None, limit }).await.map_or_else(Vec::new, |page| page.items)
    }

    /// The answer, if the daemon could do it.
    async fn ask<V: Verb>(&self, verb: V) -> Option<V::Response> {
        let request: Request = verb.into();
        let text = serde_json::to_string(&request).unwrap();
        let call = self.control.call_method(Some(BUS_NAME), OBJECT_PATH, Some(BUS_NAME), "Request", &text);
        let reply = within(DEADLINE, "the daemon's answer", call).await.ok()?;
        serde_json::from_str(reply.body().deserialize::<&str>().unwrap()).unwrap()
    }
}

/// The end of it.
impl Torture {
    /// Ends the storm and lets everything that is on its way arrive.
    async fn finish(mut self) -> Aftermath {
        self.storm.stop.store(true, Ordering::Relaxed);
        let mut diaries = Vec::new();
        for client in self.clients.drain(..) {
            diaries.push(client.await.unwrap());
        }
        if view(&self.control).await.gate.closed {
            ask(&self.control, verb::End).await.unwrap();
        }
        self.clock.advance(Duration::from_secs(60), DEADLINE).await;
        // What was edited on its way goes out once more after the first has arrived.
        for marker in ["the last one", "the very last one"] {
            self.wait_drained(marker).await;
        }
        println!("torture: killed {:?}; by whom the next gate was started: {:?}", self.kills, self.races);
        let only_gates = self.kills.keys().all(|name| *name == "gate");
        let (storm, asked_done) = (self.storm, self.asked_done);
        let (session, control, _gate) = (self.session, self.control, (self.supervised, self.clock));
        Aftermath { session, control, storm, diaries, asked_done, only_gates, _gate }
    }

    /// Returns when all that waited for the renderer has been answered: what comes through the open gate is last, and
    /// its time is over at once.
    async fn wait_drained(&self, marker: &str) {
        let app = Client::connect(&self.session).await;
        let id = app.notify(&Notification::new(marker).timeout(1)).await;
        let heard = app.next_signal(DEADLINE).await.signal;
        assert_eq!(heard, Signal::Closed(id, 1));
        let call = self.control.call_method(Some(NOTIFICATIONS), "/", Some("org.example.Last"), "Last", &());
        let refused = within(DEADLINE, "the renderer behind the gate", call).await;
        assert!(matches!(refused, Err(zbus::Error::MethodError(..))), "the renderer said {refused:?}");
        view(&self.control).await;
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}
