//! `make bench`: what standing in the path costs, beside a server that does nothing, mako and dunst, in one run.
//!
//! Figures of different runs do not compare; ratios within one do. The database lies on the disk that holds this project,
//! never in memory, and that disk's own sync is measured beside it. Prints JSON, with `--json FILE` to a file too; names of
//! measurements (`noop tidegate flooded storms reading passed mako dunst life`) leave the rest out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod line;
mod sink;
mod storms;

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tidegate_contract::{BUS_NAME, Verb, verb};
use tidegate_testkit::{
    Client, DEADLINE, Kind, Notification, Process, Renderer, Session, Sway, Xvfb, owner_pid, serve_nothing, wait_owner,
};
use tidegate_tests_process::crowd::Crowd;
use tidegate_tests_process::disk::{disk_folder, session_on_disk};
use tidegate_tests_process::figures::{chosen, median, number_after, percentile, pss, ratio, round, tell};
use tidegate_tests_process::{Stand, ask, program, start_daemon};
use tokio::task::JoinSet;

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// Calls of one measurement.
const CALLS: usize = 5_000;
/// A measurement is cut after this long, and says how many calls were answered.
const CUT: Duration = Duration::from_secs(15);
/// A flood: its calls, and how many of them are in flight.
const FLOOD: usize = 100_000;
const IN_FLIGHT: usize = 1_000;
/// Interruptions that are history while somebody reads it, if the environment does not say how many.
const HISTORY: usize = 100_000;
/// How long idleness is watched.
const IDLE: Duration = Duration::from_secs(60);

/// What was measured of one series of calls.
struct Series {
    milliseconds: Vec<f64>,
    seconds: f64,
    cpu_seconds: f64,
}

impl Series {
    fn percentile(&self, share: f64) -> f64 {
        percentile(&self.milliseconds, share)
    }

    fn json(&self) -> Value {
        let answered = self.milliseconds.len();
        json!({
            "answered": answered,
            "p50_ms": round(self.percentile(0.5)),
            "p99_ms": round(self.percentile(0.99)),
            "per_second": (answered as f64 / self.seconds).round(),
            "cpu_ms_per_call": round(self.cpu_seconds * 1_000.0 / answered.max(1) as f64),
        })
    }
}

/// Processor time of a process so far, in seconds (`/proc/PID/stat`, fields 14 and 15, in hundredths).
fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Calls of Notify over connections that stay.
async fn storm(session: &Session, pid: u32, clients: usize) -> Series {
    let address = session.address();
    let mut apps = Vec::new();
    for _ in 0..clients {
        apps.push(Client::connect_to(&address, NOTIFICATIONS).await);
    }
    let (began, cpu_before) = (Instant::now(), cpu(pid));
    let tasks: Vec<_> = apps.into_iter().map(|app| tokio::spawn(calls(app, CALLS / clients, began))).collect();
    let mut milliseconds = Vec::new();
    for task in tasks {
        milliseconds.extend(task.await.unwrap());
    }
    finish(milliseconds, began, cpu_before, pid)
}

async fn calls(app: Client, count: usize, began: Instant) -> Vec<f64> {
    let one = Notification::new("Build 5812 failed").body("on main, three minutes ago").hint("urgency", 1_u8);
    let mut milliseconds = Vec::with_capacity(count);
    for _ in 0..count {
        let left = CUT.saturating_sub(began.elapsed());
        let call = Instant::now();
        match tokio::time::timeout(left, app.try_notify(&one)).await {
            Ok(Ok(_)) => milliseconds.push(call.elapsed().as_secs_f64() * 1_000.0),
            Ok(Err(_)) => {}
            Err(_) => break,
        }
    }
    milliseconds
}

/// A new connection for each call, as `notify-send` and most scripts do.
async fn one_connection_each(session: &Session, pid: u32) -> Series {
    let one = Notification::new("Backup done");
    let (began, cpu_before, mut milliseconds) = (Instant::now(), cpu(pid), Vec::new());
    while milliseconds.len() < CALLS / 10 && began.elapsed() < CUT {
        let call = Instant::now();
        let app = Client::connect(session).await;
        app.notify(&one).await;
        milliseconds.push(call.elapsed().as_secs_f64() * 1_000.0);
    }
    finish(milliseconds, began, cpu_before, pid)
}

fn finish(mut milliseconds: Vec<f64>, began: Instant, cpu_before: f64, pid: u32) -> Series {
    let seconds = began.elapsed().as_secs_f64();
    milliseconds.sort_by(f64::total_cmp);
    Series { milliseconds, seconds, cpu_seconds: cpu(pid) - cpu_before }
}

/// All three series of one server.
async fn measure(session: &Session) -> Value {
    let control = session.connect().await;
    let pid = owner_pid(&control, NOTIFICATIONS).await;
    let one = storm(session, pid, 1).await.json();
    let eight = storm(session, pid, 8).await.json();
    let each = one_connection_each(session, pid).await.json();
    json!({ "one_client": one, "eight_clients": eight, "connection_each": each })
}

/// This very program as a server that does nothing: the floor of any zbus server.
async fn noop(session: &Session) -> Process {
    let mut command = session.command(std::env::current_exe().unwrap());
    command.arg("--serve-nothing");
    let process = session.spawn(command);
    wait_owner(&session.connect().await, NOTIFICATIONS, DEADLINE).await;
    process
}

async fn serve_until_ended() {
    let conn = zbus::Connection::session().await.unwrap();
    serve_nothing(&conn).await;
}

/// The median of appending 4 KiB and syncing it, in milliseconds.
fn sync_floor() -> f64 {
    let folder = disk_folder("sync");
    let mut file = File::create(folder.join("appended")).unwrap();
    let mut milliseconds: Vec<_> = (0..500)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[7; 4_096]).unwrap();
            file.sync_data().unwrap();
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    std::fs::remove_dir_all(&folder).unwrap();
    round(milliseconds[milliseconds.len() / 2])
}

/// The gate with a block running: every call is on disk before its answer.
async fn held() -> Value {
    let stand = Stand::start_in(session_on_disk("held").await).await;
    stand.start_block(600).await;
    measure(&stand.session).await
}

/// What another app waits while one floods: a thousand calls in flight, a hundred thousand in all.
async fn flooded() -> Value {
    let stand = Stand::start_in(session_on_disk("flooded").await).await;
    stand.start_block(600).await;
    let (flooder, other) = (stand.app().await, stand.app().await);
    let flood = tokio::spawn(async move {
        let one = Notification::new("flood");
        let mut in_flight = VecDeque::new();
        for _ in 0..FLOOD {
            if in_flight.len() == IN_FLIGHT {
                flooder.reply(in_flight.pop_front().unwrap(), DEADLINE).await.unwrap();
            }
            in_flight.push_back(flooder.send(&one).await);
        }
        for call in in_flight {
            flooder.reply(call, DEADLINE).await.unwrap();
        }
    });
    let began = Instant::now();
    let one = Notification::new("in between").app_name("another");
    let mut milliseconds = Vec::new();
    while !flood.is_finished() {
        let call = Instant::now();
        other.notify(&one).await;
        milliseconds.push(call.elapsed().as_secs_f64() * 1_000.0);
    }
    flood.await.unwrap();
    let flood_per_second = (FLOOD as f64 / began.elapsed().as_secs_f64()).round();
    milliseconds.sort_by(f64::total_cmp);
    let series = Series { milliseconds, seconds: 1.0, cpu_seconds: 0.0 };
    json!({
        "others_p50_ms": round(series.percentile(0.5)), "others_p99_ms": round(series.percentile(0.99)),
        "others_calls": series.milliseconds.len(), "flood_per_second": flood_per_second,
    })
}

/// Eight clients over a long history: alone, while five others ask at once each half second, and alone once more.
async fn reading() -> Value {
    let history = std::env::var("TIDEGATE_BENCH_HISTORY").map_or(HISTORY, |rows| rows.parse().unwrap());
    let stand = Stand::start_in(session_on_disk("reading").await).await;
    Crowd::comes(&stand).await.floods(history).await;
    stand.start_block(600).await;
    let pid = owner_pid(&stand.session.connect().await, NOTIFICATIONS).await;
    let before = storm(&stand.session, pid, 8).await;
    let answers = Arc::new(AtomicUsize::new(0));
    let mut readers = readers(&stand.session, &answers).await;
    let beside = storm(&stand.session, pid, 8).await;
    readers.shutdown().await;
    let after = storm(&stand.session, pid, 8).await;
    let alone = f64::midpoint(before.percentile(0.99), after.percentile(0.99));
    json!({
        "history": history, "alone": before.json(), "beside_readers": beside.json(), "alone_again": after.json(),
        "p99_over_alone": round(beside.percentile(0.99) / alone), "answers": answers.load(Ordering::Relaxed),
    })
}

/// What a window asks, and a person with three searches and a look at all apps.
async fn readers(session: &Session, answers: &Arc<AtomicUsize>) -> JoinSet<()> {
    let mut readers = JoinSet::new();
    readers.spawn(read_on(session.connect().await, verb::Held { after: None, limit: 500 }, answers.clone()));
    for text in ["number", "build failed", "1"] {
        let search = verb::Search { text: text.into(), after: None, limit: 100 };
        readers.spawn(read_on(session.connect().await, search, answers.clone()));
    }
    readers.spawn(read_on(session.connect().await, verb::Apps, answers.clone()));
    readers
}

/// Asks the same again and again, and counts the answers.
async fn read_on<V: Verb + Clone>(conn: zbus::Connection, verb: V, answers: Arc<AtomicUsize>) {
    let mut turns = tokio::time::interval(Duration::from_millis(500));
    loop {
        turns.tick().await;
        ask(&conn, verb.clone()).await.unwrap();
        answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// The gate open: the reply, and when the renderer has it.
async fn passed() -> Value {
    let stand = Stand::start_in(session_on_disk("passed").await).await;
    let app = stand.app().await;
    let (mut reply, mut arrival) = (Vec::new(), Vec::new());
    for n in 1..=1_000 {
        let began = Instant::now();
        let shown = stand.renderer.wait_notified(n, DEADLINE);
        let one = Notification::new("passes");
        let answered = async {
            app.notify(&one).await;
            began.elapsed()
        };
        let arrived = async {
            shown.await;
            began.elapsed()
        };
        let (answered, arrived) = tokio::join!(answered, arrived);
        reply.push(answered.as_secs_f64() * 1_000.0);
        arrival.push(arrived.as_secs_f64() * 1_000.0);
    }
    let series = |mut milliseconds: Vec<f64>| {
        milliseconds.sort_by(f64::total_cmp);
        let series = Series { milliseconds, seconds: 1.0, cpu_seconds: 0.0 };
        json!({ "p50_ms": round(series.percentile(0.5)), "p99_ms": round(series.percentile(0.99)) })
    };
    json!({ "reply": series(reply), "at_the_renderer": series(arrival) })
}

async fn other(kind: Kind) -> Value {
    let session = Session::start().await;
    if kind.on_wayland() {
        let _display = Sway::start(&session).await;
        let _renderer = Renderer::start(&session, kind).await;
        measure(&session).await
    } else {
        let _display = Xvfb::start(&session).await;
        let _renderer = Renderer::start(&session, kind).await;
        measure(&session).await
    }
}

/// From exec to owning the name, a command's round trip, and what idleness costs: fresh, and after 5,000 were held and done.
async fn life() -> Value {
    let session = session_on_disk("life").await;
    let control = session.connect().await;
    let mut starts = Vec::new();
    for _ in 0..11 {
        let began = Instant::now();
        let mut daemon = start_daemon(&session);
        wait_owner(&control, NOTIFICATIONS, DEADLINE).await;
        starts.push(began.elapsed().as_secs_f64() * 1_000.0);
        daemon.terminate(DEADLINE).await;
        tidegate_testkit::wait_no_owner(&control, BUS_NAME, DEADLINE).await;
    }
    let daemon = start_daemon(&session);
    wait_owner(&control, NOTIFICATIONS, DEADLINE).await;
    let mut verbs = Vec::new();
    for _ in 0..101 {
        let began = Instant::now();
        session.run(program("tidegate"), ["status"]).await.ok();
        verbs.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let open = idle(&session, daemon.pid()).await;
    session.run(program("tidegate"), ["start", "600"]).await.ok();
    let closed = idle(&session, daemon.pid()).await;
    storm(&session, daemon.pid(), 8).await;
    session.run(program("tidegate"), ["done", "--all"]).await.ok();
    let used = idle(&session, daemon.pid()).await;
    json!({
        "start_to_name_owned_ms": median(starts), "cli_status_ms": median(verbs),
        "idle_open": open, "idle_in_a_block": closed, "idle_after_use": used,
    })
}

async fn idle(session: &Session, daemon: u32) -> Value {
    let relay = session.processes().into_iter().find(|pid| is_program(*pid, "tidegate-relay")).expect("the relay runs");
    // What the last command caused has settled when two looks a second apart see the same.
    let mut before = (switches(daemon), switches(relay));
    loop {
        watch(Duration::from_secs(3)).await;
        let now = (switches(daemon), switches(relay));
        let settled = before == now;
        before = now;
        if settled {
            break;
        }
    }
    watch(IDLE).await;
    json!({
        "daemon_pss_kib": pss(daemon), "relay_pss_kib": pss(relay),
        "daemon_wake_ups": wake_ups(&switches(daemon), &before.0),
        "relay_wake_ups": wake_ups(&switches(relay), &before.1),
        "seconds": IDLE.as_secs(),
    })
}

/// Lets time pass in which nothing should happen.
async fn watch(time: Duration) {
    tokio::time::timeout(time, std::future::pending::<()>()).await.unwrap_err();
}

fn is_program(pid: u32, name: &str) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe"))
        .is_ok_and(|path| path.file_name() == Some(Path::new(name).as_os_str()))
}

/// How often each of its threads waited and was woken.
fn switches(pid: u32) -> BTreeMap<PathBuf, u64> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(|thread| thread.unwrap().path());
    let read = |thread: PathBuf| Some((thread.clone(), std::fs::read_to_string(thread.join("status")).ok()?));
    threads
        .filter_map(read)
        .map(|(thread, status)| (thread, number_after(&status, "voluntary_ctxt_switches:")))
        .collect()
}

/// Wake-ups since, of the threads that are there now. One that has ended since then was woken once for it.
fn wake_ups(now: &BTreeMap<PathBuf, u64>, before: &BTreeMap<PathBuf, u64>) -> u64 {
    let ended = before.keys().filter(|thread| !now.contains_key(*thread)).count() as u64;
    now.iter().map(|(thread, count)| count - before.get(thread).copied().unwrap_or(0)).sum::<u64>() + ended
}

/// The figures that were aimed at, as ratios within this run.
fn targets(all: &Value) -> Value {
    let p50 = |server: &str| all[server]["one_client"]["p50_ms"].as_f64().unwrap_or(f64::NAN);
    let floor = p50("noop") + all["sync_ms"].as_f64().unwrap_or(f64::NAN);
    let rate = |server: &str| &all[server]["eight_clients"]["per_second"];
    let noop = &all["noop"]["one_client"]["p50_ms"];
    let storm = |bus: &str| &all["storms"][bus]["four_floods"];
    json!({
        "held p50, over no-op + one sync (at most 1.5)": round(p50("tidegate") / floor),
        "held rate at 8 clients, over mako's (at least 1)": ratio(rate("tidegate"), rate("mako")),
        "another app's p99 in a flood, ms (at most 50)": all["flooded"]["others_p99_ms"],
        "longest wait beside four floods on dbus-daemon, ms (at most 500)": storm("dbus-daemon")["gate"]["longest_ms"],
        "longest wait beside four floods on dbus-broker, over a bare sink's (at most 3)": storm("dbus-broker")["gate_over_sink"],
        "passed: reply p50, over no-op (at most 2)": ratio(&all["passed"]["reply"]["p50_ms"], noop),
        "passed: at the renderer p50, over no-op (at most 4)": ratio(&all["passed"]["at_the_renderer"]["p50_ms"], noop),
        "passed: at the renderer p99, ms (under 10)": all["passed"]["at_the_renderer"]["p99_ms"],
        "notify p99 at 8 clients while five read, over alone (at most 1.2)": all["reading"]["p99_over_alone"],
        "start to name owned, ms (at most 30)": all["life"]["start_to_name_owned_ms"],
        "command line, ms (at most 5)": all["life"]["cli_status_ms"],
        "daemon idle, KiB PSS (at most 6144)": all["life"]["idle_open"]["daemon_pss_kib"],
        "daemon idle after use, KiB PSS (at most 6144)": all["life"]["idle_after_use"]["daemon_pss_kib"],
        "relay idle, KiB PSS (at most 1536)": all["life"]["idle_open"]["relay_pss_kib"],
        "daemon wake-ups in a minute, open (0)": all["life"]["idle_open"]["daemon_wake_ups"],
        "daemon wake-ups in a minute, in a block (at most 1)": all["life"]["idle_in_a_block"]["daemon_wake_ups"],
    })
}

async fn nothing() -> Value {
    let session = Session::start().await;
    let _server = noop(&session).await;
    measure(&session).await
}

const MEASUREMENTS: [&str; 9] = ["noop", "tidegate", "flooded", "storms", "reading", "passed", "mako", "dunst", "life"];

async fn measurement(name: &str) -> Value {
    match name {
        "noop" => nothing().await,
        "tidegate" => held().await,
        "flooded" => flooded().await,
        "storms" => storms::storms().await,
        "reading" => reading().await,
        "passed" => passed().await,
        "mako" => other(Kind::Mako).await,
        "dunst" => other(Kind::Dunst).await,
        _ => life().await,
    }
}

/// Those that are named, or all.
async fn measure_all(named: &[String]) -> Value {
    let mut all = json!({ "sync_ms": sync_floor() });
    for name in chosen(&MEASUREMENTS, named) {
        all[name] = measurement(name).await;
    }
    all["targets"] = targets(&all);
    all
}

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == sink::ARGUMENT) {
        return sink::only_answer(Path::new(&arguments[at + 1]));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if arguments.iter().any(|argument| argument == "--serve-nothing") {
        runtime.block_on(serve_until_ended());
        return;
    }
    tell(&runtime.block_on(measure_all(&arguments)), &arguments);
}
