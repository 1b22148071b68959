//! `make bench`, the window's part: its first words on the screen beside those of an empty window, in one run, and what it
//! does with a hundred thousand held.
//!
//! Names of measurements (`paint crowd page`) leave the others out; prints JSON, with `--json FILE` to a file too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod page;
mod paint;
// The tests' own driver: it can do more than is measured here.
#[allow(dead_code)]
#[path = "../../tests/window/portal.rs"]
mod portal;
#[path = "../../tests/window/screen.rs"]
mod screen;
#[allow(dead_code)]
#[path = "../../tests/window/window.rs"]
mod window;

use paint::first_paint;
use screen::Screen;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tidegate_contract::{Verb, verb};
use tidegate_testkit::{DEADLINE, Session, within};
use tidegate_tests_process::crowd::{self, Crowd};
use tidegate_tests_process::disk::session_on_disk;
use tidegate_tests_process::figures::{chosen, median, percentile, pss, ratio, round, tell};
use tidegate_tests_process::{Stand, program};
use window::Window;

/// Starts of each window.
const STARTS: usize = 21;
/// How many are held.
const HELD: usize = 100_000;
/// Times that each question is asked.
const ASKED: usize = 21;
/// What arrives in a minute while the window is looked at.
const ARRIVALS: usize = 1_000;
const MINUTE: Duration = Duration::from_secs(60);
/// How far the list is scrolled with each frame, in pixels: unhurried, and as fast as a wheel is turned.
const STEPS: [u32; 2] = [12, 50];
/// What is searched: a number that each app said once, one app, a beginning that each row has, and three words likewise.
const WORDS: [&str; 4] = ["13993", "App 7", "conv", "line what build"];

/// Starts both in turn, so that what else the machine does meets both.
async fn paint() -> Value {
    let stand = Stand::start_in(session_on_disk("paint").await).await;
    let screen = Screen::start(&stand.session).await;
    // As the window has it for itself; see the shell's `prefer_shared_memory`.
    stand.session.set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    let before = stand.session.processes().len();
    let daemon = stand.daemon.pid();
    let memory = pss(daemon);
    let (mut empty, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        for (name, times) in [("examples/empty", &mut empty), ("tidegate-app", &mut ours)] {
            let (time, mut process) = first_paint(&stand.session, &screen, program(name)).await;
            times.push(time);
            process.terminate(DEADLINE).await;
            until_processes(&stand.session, before).await;
        }
    }
    let (empty, ours) = (median(empty), median(ours));
    json!({
        "empty_window_ms": empty, "window_ms": ours,
        "processes_left": stand.session.processes().len() - before,
        "daemon_grew_kib": pss(daemon).cast_signed() - memory.cast_signed(),
    })
}

/// Waits until that many processes are left, or the time for it is over.
async fn until_processes(session: &Session, count: usize) {
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    let look = async {
        while session.processes().len() > count {
            looks.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, look).await.ok();
}

/// A hundred thousand held: questions to the daemon, frames while the list is scrolled, and a minute in which more come.
async fn crowd() -> Value {
    let stand = Stand::start_in(session_on_disk("crowd").await).await;
    stand.start_block(600).await;
    let mut crowd = Crowd::comes(&stand).await;
    crowd.floods(HELD).await;
    indexed(&stand).await;
    let digest = asked(&stand, || verb::Digest).await;
    let mut search = serde_json::Map::new();
    for text in WORDS {
        let search_for = || verb::Search { text: text.to_owned(), after: None, limit: 50 };
        search.insert(text.to_owned(), asked(&stand, search_for).await.into());
    }
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.until("rows", "return document.querySelectorAll('[role=option] .words').length > 5").await;
    let mut frames = serde_json::Map::new();
    for step in STEPS {
        frames.insert(format!("{step} pixels a frame"), of_frames(&page::frames(&window, step).await));
    }
    page::watch_tasks(&window).await;
    crowd.trickles(ARRIVALS, MINUTE).await;
    let longest = page::longest_task(&window).await;
    assert_eq!(stand.view().await.held as usize, HELD + ARRIVALS);
    json!({ "digest_ms": digest, "search_ms": search, "frames": frames, "longest_task_ms": round(longest) })
}

fn of_frames(sorted: &[f64]) -> Value {
    let seconds = sorted.iter().sum::<f64>() / 1_000.0;
    json!({
        "per_second": round(sorted.len() as f64 / seconds),
        "p50_ms": round(percentile(sorted, 0.5)), "p95_ms": round(percentile(sorted, 0.95)),
    })
}

/// What arrived is made searchable when nobody wants anything: asks seldom until the last that each app sent is found.
async fn indexed(stand: &Stand) {
    let last = || verb::Search { text: crowd::last_word(HELD), after: None, limit: 100 };
    let mut looks = tokio::time::interval(Duration::from_secs(2));
    let look = async {
        while stand.must(last()).await.items.len() != crowd::APPS {
            looks.tick().await;
        }
    };
    within(Duration::from_secs(120), "the index", look).await;
}

/// The median of the daemon's answers, in milliseconds.
async fn asked<V: Verb>(stand: &Stand, verb: impl Fn() -> V) -> f64 {
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let began = Instant::now();
        stand.must(verb()).await;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    median(times)
}

/// What the page weighs on its way, in kilobytes of gzip.
fn page_weight() -> Value {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist/assets");
    let scripts = std::fs::read_dir(scripts).unwrap().map(|file| file.unwrap().path());
    let bytes: usize =
        scripts.filter(|file| file.extension().is_some_and(|end| end == "js")).map(|file| gzip(&file)).sum();
    json!({ "javascript_gzip_kb": round(bytes as f64 / 1_000.0) })
}

fn gzip(file: &Path) -> usize {
    let packed = Command::new("gzip").args(["--best", "--stdout"]).arg(file).stderr(Stdio::inherit()).output().unwrap();
    packed.stdout.len()
}

const MEASUREMENTS: [&str; 3] = ["paint", "crowd", "page"];

async fn measure_all(words: &[String]) -> Value {
    let mut all = json!({});
    for name in chosen(&MEASUREMENTS, words) {
        all[name] = match name {
            "paint" => paint().await,
            "crowd" => crowd().await,
            _ => page_weight(),
        };
    }
    all["targets"] = targets(&all);
    all
}

/// The figures that were aimed at.
fn targets(all: &Value) -> Value {
    let (paint, crowd) = (&all["paint"], &all["crowd"]);
    let slowest = crowd["search_ms"].as_object().into_iter().flatten().filter_map(|(_, time)| time.as_f64());
    let frames = |step: u32| &crowd["frames"][format!("{step} pixels a frame")];
    json!({
        "first paint, over an empty window's (at most 1.15)": ratio(&paint["window_ms"], &paint["empty_window_ms"]),
        "left when the window has gone, processes (0)": paint["processes_left"],
        "100,000 held: digest, ms (at most 50)": crowd["digest_ms"],
        "100,000 held: slowest search, ms (at most 10)": slowest.fold(f64::NAN, f64::max),
        "frames a second, scrolled slowly (60)": frames(STEPS[0])["per_second"],
        "frames a second, scrolled fast (60)": frames(STEPS[1])["per_second"],
        "1,000 arrivals in a minute: longest task, ms (at most 50)": crowd["longest_task_ms"],
        "JavaScript, kB of gzip (at most 150)": all["page"]["javascript_gzip_kb"],
    })
}

fn main() {
    let words: Vec<_> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    tell(&runtime.block_on(measure_all(&words)), &words);
}
