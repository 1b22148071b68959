//! What somebody who sends little waits while others flood, on both buses: before the gate, and before a sink that only
//! answers. What is waited before the sink is the bus's own doing, which nobody who owns a name can better: dbus-broker
//! reads more of several senders at a time than it hands to one receiver, so its queue for that one grows. Must not know
//! what the figures are held against.

use crate::line::Line;
use crate::sink;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tidegate_testkit::{DEADLINE, NOTIFICATIONS, Notification, Session, wait_no_owner};
use tidegate_tests_process::Stand;
use tidegate_tests_process::disk::on_disk;
use tidegate_tests_process::figures::{median, ratio, round};

/// How often each storm comes.
const ROUNDS: usize = 3;
/// Floods at once, and the calls of each.
const STORMS: [(&str, Storm); 2] =
    [("one_flood", Storm { floods: 1, calls: 100_000 }), ("four_floods", Storm { floods: 4, calls: 60_000 })];

#[derive(Clone, Copy)]
struct Storm {
    floods: usize,
    calls: usize,
}

/// What somebody waited who called again and again until the floods were over.
struct Waits {
    longest_ms: f64,
    calls: usize,
    seconds: f64,
    /// The bus has cut off who flooded, and who was to answer with them.
    is_cut: bool,
}

#[derive(Clone, Copy)]
enum Bus {
    Daemon,
    Broker,
}

impl Bus {
    async fn start(self) -> Session {
        match self {
            Self::Daemon => Session::start().await,
            Self::Broker => Session::start_on_broker(),
        }
    }
}

/// All of them.
pub(crate) async fn storms() -> Value {
    json!({ "dbus-daemon": on(Bus::Daemon).await, "dbus-broker": on(Bus::Broker).await })
}

async fn on(bus: Bus) -> Value {
    let mut all = json!({});
    for (name, storm) in STORMS {
        let (mut sinks, mut gates) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let session = on_disk(bus.start().await, "storms");
            sinks.push(before_a_sink(&session, storm).await);
            gates.push(before_the_gate(session, storm).await);
        }
        let (sink, gate) = (told(&sinks), told(&gates));
        let over = ratio(&gate["longest_ms"], &sink["longest_ms"]);
        all[name] = json!({ "sink": sink, "gate": gate, "gate_over_sink": over });
    }
    all
}

async fn before_a_sink(session: &Session, storm: Storm) -> Waits {
    let mut sink = sink::start(session).await;
    let waits = weather(session, storm).await;
    sink.terminate(DEADLINE).await;
    wait_no_owner(&session.connect().await, NOTIFICATIONS, DEADLINE).await;
    waits
}

/// On the same bus, once the sink has left it; closed, so that each call is on disk before its answer.
async fn before_the_gate(session: Session, storm: Storm) -> Waits {
    let stand = Stand::start_in(session).await;
    stand.start_block(600).await;
    weather(&stand.session, storm).await
}

async fn weather(session: &Session, storm: Storm) -> Waits {
    let socket = session.bus().socket().to_path_buf();
    tokio::task::spawn_blocking(move || waits_during(storm, socket)).await.unwrap()
}

/// Each flood sends as fast as the bus takes it, and reads all the while.
fn waits_during(storm: Storm, socket: PathBuf) -> Waits {
    let flood: Vec<u8> = (0..storm.calls).flat_map(|_| call("flood")).collect();
    let mut quiet = Line::connect(&socket);
    wait_of(&mut quiet);
    let began = Instant::now();
    let mut waits = Vec::new();
    let is_cut = std::thread::scope(|scope| {
        let floods = (0..storm.floods).map(|_| scope.spawn(|| Line::connect(&socket).flood(&flood, storm.calls)));
        let floods: Vec<_> = floods.collect();
        while !floods.iter().all(|flood| flood.is_finished()) {
            waits.push(wait_of(&mut quiet));
        }
        floods.into_iter().any(|flood| !flood.join().unwrap())
    });
    let longest = waits.iter().max().copied().unwrap_or_default();
    let longest_ms = longest.as_secs_f64() * 1_000.0;
    Waits { longest_ms, calls: waits.len(), seconds: began.elapsed().as_secs_f64(), is_cut }
}

fn wait_of(quiet: &mut Line) -> Duration {
    let (one, called) = (call("in between"), Instant::now());
    quiet.send(&one);
    quiet.wait_answer();
    called.elapsed()
}

fn call(text: &str) -> Vec<u8> {
    Notification::new(text).app_name(text).message(NOTIFICATIONS).data().to_vec()
}

fn told(rounds: &[Waits]) -> Value {
    let of_each = |figure: fn(&Waits) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
    json!({
        "longest_ms": median(of_each(|waits| waits.longest_ms)),
        "longest_of_each_ms": of_each(|waits| round(waits.longest_ms)),
        "rounds_cut_off": rounds.iter().filter(|waits| waits.is_cut).count(),
        "calls_of_each": rounds.iter().map(|waits| waits.calls).collect::<Vec<_>>(),
        "seconds_of_each": of_each(|waits| round(waits.seconds)),
    })
}
