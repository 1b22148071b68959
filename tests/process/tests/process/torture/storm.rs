//! Senders that go on as if nothing were killed, and each one's diary of what it was told. Must not know what is killed,
//! or when.

use super::journal::Journal;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tidegate_testkit::{Client, DEADLINE, Notification};
use tokio::sync::watch;

/// Senders notice a wait that is longer than this.
const STUCK: Duration = Duration::from_secs(1);
/// What the bus says of a call that was in flight to a process that died.
const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";

/// What the clients of a storm share.
pub(super) struct Storm {
    pub(super) journal: Journal,
    pub(super) stop: AtomicBool,
    pub(super) calls: watch::Sender<u64>,
    pub(super) by_renderer: watch::Sender<u64>,
    pub(super) longest_us: AtomicU64,
    pub(super) stuck: AtomicU64,
}

/// What one client did, and was told.
pub(super) struct Diary {
    pub(super) client: Client,
    pub(super) told: Vec<Told>,
    pub(super) closes: BTreeSet<u32>,
}

/// One `Notify` and its answer.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) text: String,
    pub(super) replaces: u32,
    pub(super) answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Gate(u32),
    Renderer,
    /// Whoever had the name was killed with the call in flight: it may be stored, or shown, or not.
    None,
}

impl Diary {
    pub(super) fn of(client: Client) -> Self {
        Self { client, told: Vec::new(), closes: BTreeSet::new() }
    }

    /// Sends, edits and takes back until the storm is over.
    pub(super) async fn rage(mut self, storm: Arc<Storm>, number: u64, mut dice: Dice) -> Self {
        let mut round = 0;
        while !storm.stop.load(Ordering::Relaxed) {
            round += 1;
            let kind = ["plain", "plain", "edited", "withdrawn"][usize::try_from(dice.below(4)).unwrap()];
            let id = self.notify(&storm, format!("{kind} {number}.{round}"), 0).await;
            match (kind, id) {
                ("edited", Some(id)) => self.edit(&storm, number, round, id).await,
                ("withdrawn", Some(id)) => self.close(&storm, id).await,
                _ => {}
            }
        }
        self
    }

    async fn edit(&mut self, storm: &Storm, number: u64, round: u64, id: u32) {
        for edit in ["b", "c"] {
            if self.notify(storm, format!("edited {number}.{round}{edit}"), id).await.is_none() {
                return;
            }
        }
    }

    /// Sends one; its id if the gate gave it.
    async fn notify(&mut self, storm: &Storm, text: String, replaces: u32) -> Option<u32> {
        let began = Instant::now();
        let serial = self.client.send(&Notification::new(&text).body("stormy").replaces(replaces)).await;
        let reply = self.client.reply(serial, DEADLINE).await;
        storm.one_more(began.elapsed());
        let answer = match reply {
            Ok(reply) => {
                let id = reply.body().deserialize().unwrap();
                storm.who(reply.header().sender().unwrap().as_str(), id)
            }
            Err(error) => in_flight(&error),
        };
        self.told.push(Told { text, replaces, answer });
        match answer {
            Answer::Gate(id) => Some(id),
            Answer::Renderer | Answer::None => None,
        }
    }

    async fn close(&mut self, storm: &Storm, id: u32) {
        let began = Instant::now();
        self.closes.insert(id);
        if let Err(error) = self.client.close(id).await {
            in_flight(&error);
        }
        storm.one_more(began.elapsed());
    }
}

impl Storm {
    pub(super) fn new(journal: Journal) -> Self {
        Self {
            journal,
            stop: AtomicBool::new(false),
            calls: watch::Sender::default(),
            by_renderer: watch::Sender::default(),
            longest_us: AtomicU64::new(0),
            stuck: AtomicU64::new(0),
        }
    }

    fn one_more(&self, took: Duration) {
        self.longest_us.fetch_max(u64::try_from(took.as_micros()).unwrap(), Ordering::Relaxed);
        self.stuck.fetch_add(u64::from(took > STUCK), Ordering::Relaxed);
        self.calls.send_modify(|calls| *calls += 1);
    }

    fn who(&self, sender: &str, id: u32) -> Answer {
        if !self.journal.is_a_renderer(sender) {
            return Answer::Gate(id);
        }
        self.by_renderer.send_modify(|count| *count += 1);
        Answer::Renderer
    }
}

/// The only error that a sender may see: its call was in flight when the owner of the name was killed.
fn in_flight(error: &zbus::Error) -> Answer {
    match error {
        zbus::Error::MethodError(name, ..) if *name == NO_REPLY => Answer::None,
        other => panic!("a sender was told {other}"),
    }
}

/// Choices that a seed repeats (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// From 0 up to, not including, `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
