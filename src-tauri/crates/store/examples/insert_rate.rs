//! How long the store takes for what an arrival costs: `cargo run --release -p tidegate-store --example insert_rate`, with
//! a folder on a real disk as its argument. Prints the median of each, and the disk's own sync beside it.

use chrono::{DateTime, Duration, Utc};
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    App, ClosedReason, Closing, Content, Delivery, FIRST_ID, HeldRange, Interruption, LaterMark, NoticeId, Origin,
    Proof, Query, Raw, Saved, Sender, Seq, Standing, State, Why, Write,
};
use tidegate_store::{Limit, SqliteStore};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ROUNDS: i64 = 2_000;
/// Rows that starts are measured with: a busy week's, and a flood's.
const ROWS_AT_START: [i64; 2] = [12_000, 100_000];

fn main() -> Outcome {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(parent)?;
    sync_floor(folder.path())?;
    full(folder.path())?;
    let path = folder.path().join("tidegate.db");
    let mut store = SqliteStore::new(path.clone());
    store.load()?;
    let mut seq = 0;
    for (batch, durable) in [(1, true), (8, true), (64, true), (1, false), (8, false)] {
        batches(&mut store, &mut seq, batch, durable)?;
    }
    large_bodies(&mut store, &mut seq)?;
    reads(&mut store, seq)?;
    updates(&mut store, seq)?;
    for rows in ROWS_AT_START {
        fill(&mut store, &mut seq, rows)?;
        drop(store);
        start(&path, seq)?;
        store = SqliteStore::new(path.clone());
        store.load()?;
        digest_and_search(&mut store, seq)?;
    }
    Ok(())
}

fn median(mut times: Vec<u128>) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn report(what: &str, times: Vec<u128>, each: i64) {
    let median = median(times);
    println!("{what:<44} {:>9.1} µs, {:>7.1} µs a row", median as f64 / 1e3, median as f64 / 1e3 / each as f64);
}

fn timed(times: &mut Vec<u128>, work: impl FnOnce() -> Outcome) -> Outcome {
    let start = Instant::now();
    work()?;
    times.push(start.elapsed().as_nanos());
    Ok(())
}

/// Appending 4 KiB and a sync: below this no durable commit can be.
fn sync_floor(folder: &Path) -> Outcome {
    let mut file = std::fs::File::create(folder.join("floor"))?;
    let mut times = Vec::new();
    for _ in 0..500 {
        timed(&mut times, || {
            file.write_all(&[7; 4_096])?;
            Ok(file.sync_data()?)
        })?;
    }
    report("4 KiB append and fdatasync", times, 1);
    Ok(())
}

fn batches(store: &mut SqliteStore, seq: &mut i64, batch: i64, durable: bool) -> Outcome {
    let (mut applied, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS / batch {
        let writes: Vec<_> = (1..=batch).map(|n| insert(*seq + n, 600)).collect();
        *seq += batch;
        timed(&mut whole, || {
            store.begin(durable)?;
            timed(&mut applied, || writes.iter().try_for_each(|write| Ok(store.apply(write)?)))?;
            Ok(store.commit()?)
        })?;
        if *seq % 256 < batch {
            store.tidy()?;
        }
    }
    let kind = if durable { "durable" } else { "not durable" };
    report(&format!("insert of {batch}, {kind}: the inserts"), applied, batch);
    report(&format!("insert of {batch}, {kind}: with begin and commit"), whole, batch);
    Ok(())
}

fn large_bodies(store: &mut SqliteStore, seq: &mut i64) -> Outcome {
    let mut times = Vec::new();
    for _ in 0..50 {
        *seq += 1;
        let write = insert(*seq, 1 << 20);
        timed(&mut times, || {
            store.begin(true)?;
            store.apply(&write)?;
            Ok(store.commit()?)
        })?;
    }
    report("insert of one with 1 MiB, durable", times, 1);
    let mut times = Vec::new();
    timed(&mut times, || Ok(store.tidy().map(drop)?))?;
    report("tidy after it", times, 1);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        timed(&mut times, || Ok(store.tidy().map(drop)?))?;
    }
    report("tidy with nothing to do", times, 1);
    Ok(())
}

/// What comes while as much is kept as may be: it costs others their messages.
fn full(folder: &Path) -> Outcome {
    let limit = Limit::default();
    let mut store = SqliteStore::new(folder.join("full.db")).with_limit(limit.clone());
    store.load()?;
    let mut seq = 0;
    for _ in 0..2 {
        each(&mut store, &mut seq, 4 << 20, "insert of one with 4 MiB, durable, room for it")?;
    }
    limit.set(0);
    each(&mut store, &mut seq, 4 << 20, "the same, 8 MiB of others must go")?;
    while store.tidy()? {}
    limit.set(u64::MAX);
    fill(&mut store, &mut seq, 60_000)?;
    limit.set(0);
    each(&mut store, &mut seq, 4 << 20, "the same, 300 small ones must go")?;
    each(&mut store, &mut seq, 600, "insert of a small one, 64 small ones must go")
}

fn each(store: &mut SqliteStore, seq: &mut i64, bytes: usize, what: &str) -> Outcome {
    let mut times = Vec::new();
    for _ in 0..24 {
        *seq += 1;
        let write = insert(*seq, bytes);
        timed(&mut times, || {
            store.begin(true)?;
            store.apply(&write)?;
            Ok(store.commit()?)
        })?;
    }
    report(what, times, 1);
    Ok(())
}

fn reads(store: &mut SqliteStore, last: i64) -> Outcome {
    let mut times = Vec::new();
    for seq in 1..=ROUNDS {
        let id = NoticeId(FIRST_ID + u32::try_from(seq * last / ROUNDS)?);
        timed(&mut times, || store.rows(&Query::Id(id)).map(drop).map_err(Into::into))?;
    }
    report("row by id", times, 1);
    let mut times = Vec::new();
    for page in 0..20 {
        let range = HeldRange { after: Seq(page * 100), upto: Seq(last), app: None, later_than: LaterMark(0) };
        let need = Query::HeldPage(range);
        timed(&mut times, || store.rows(&need).map(drop).map_err(Into::into))?;
    }
    report("page of 100 held", times, 100);
    Ok(())
}

/// What a window with that many held asks for.
fn digest_and_search(store: &mut SqliteStore, rows: i64) -> Outcome {
    let mut steps = Vec::new();
    let mut more = true;
    while more {
        timed(&mut steps, || {
            more = store.tidy()?;
            Ok(())
        })?;
    }
    report("a step of tidying while words are indexed", steps, 1);
    let mut times = Vec::new();
    for _ in 0..20 {
        timed(&mut times, || Ok(store.held_by_conversation(LaterMark(0)).map(drop)?))?;
    }
    report(&format!("all {rows} held for the digest"), times, 1);
    for words in ["somebody", "message 777", "s", "nobody", "example wrote half"] {
        let asked: Vec<_> = words.split(' ').map(str::to_owned).collect();
        let mut times = Vec::new();
        for _ in 0..50 {
            timed(&mut times, || Ok(store.search(&asked, Seq(i64::MAX), 100).map(drop)?))?;
        }
        report(&format!("search of {rows} for \"{words}\""), times, 1);
    }
    Ok(())
}

fn updates(store: &mut SqliteStore, last: i64) -> Outcome {
    let mut times = Vec::new();
    for seq in 1..=ROUNDS.min(last) {
        let closed = Closing { reason: ClosedReason::Dismissed, at: at(seq) };
        let row = Interruption { standing: Standing::of(State::Done, 1), closed: Some(closed), ..held(seq) };
        let write = Write::Update(Box::new(row));
        store.begin(false)?;
        timed(&mut times, || Ok(store.apply(&write)?))?;
        store.commit()?;
    }
    report("update of a row, without begin and commit", times, 1);
    Ok(())
}

fn fill(store: &mut SqliteStore, seq: &mut i64, rows: i64) -> Outcome {
    store.begin(false)?;
    store.apply(&Write::Save(Box::new(Saved { reserved_ids: u32::MAX, ..Saved::new(at(0)) })))?;
    while *seq < rows {
        *seq += 1;
        store.apply(&insert(*seq, 600))?;
    }
    Ok(store.commit()?)
}

fn start(path: &Path, rows: i64) -> Outcome {
    let (mut starts, mut quits) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        let mut store = SqliteStore::new(path.to_owned());
        timed(&mut starts, || store.load().map(drop).map_err(Into::into))?;
        timed(&mut quits, || {
            drop(store);
            Ok(())
        })?;
    }
    report(&format!("start with {rows} rows"), starts, 1);
    report(&format!("quit with {rows} rows"), quits, 1);
    Ok(())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::seconds(1_795_000_000 + seconds)
}

fn insert(seq: i64, bytes: usize) -> Write {
    Write::Insert { row: Box::new(held(seq)), raw: Some(Raw { body: vec![7; bytes].into(), big_endian: false }) }
}

fn held(seq: i64) -> Interruption {
    Interruption {
        seq: Seq(seq),
        id: NoticeId(FIRST_ID.saturating_add(u32::try_from(seq).unwrap_or_default())),
        arrived: at(seq),
        period: 1,
        sender: Sender {
            bus: "0123456789abcdef0123456789abcdef".into(),
            name: ":1.57".into(),
            pid: 4_321,
            started: 987_654,
        },
        gate: ":1.12".into(),
        app: App {
            id: format!("org.example.App{}", seq % 20).into(),
            name: "Example".into(),
            proof: Proof::Executable,
            desktop_entry: Some("org.example.App".into()),
            executable: Some("/usr/bin/example".into()),
        },
        content: Content {
            summary: format!("Message {seq}"),
            body: "Somebody wrote something of the usual length, about a line and a half of it.".to_owned(),
            ..Content::default()
        },
        standing: Standing::held(),
        why: Why::Block,
        delivery: Delivery::None,
        closed: None,
        revisions: 0,
        acted: None,
        came_back: None,
        origin: Origin::App,
    }
}
