//! The daemon killed with -9 at random points under a storm: what senders were told is compared with what is stored and
//! what the renderer was shown. Must not know how any of it is written down.
//!
//! `TIDEGATE_TORTURE` says how many kills (12), `TIDEGATE_TORTURE_SEED` repeats the choices of an earlier run; the
//! machine's own timing stays its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tidegate_contract::{BUS_NAME, BlockLength, Detail, Item, ItemState, OBJECT_PATH, Reply, Request, Which};
use tidegate_testkit::{Client, DEADLINE, Notification, Recorded, Signal, To, within};
use tidegate_tests_process::{Stand, start_daemon};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CLIENTS: u64 = 8;
/// Senders notice a wait that is longer than this.
const STUCK: Duration = Duration::from_secs(1);
/// What the bus says of a call that was in flight to a process that died.
const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";

#[tokio::test]
async fn torture_a_storm_and_kill_9_lose_nothing_and_double_nothing() {
    let (kills, seed) = (number("TIDEGATE_TORTURE").unwrap_or(12), number("TIDEGATE_TORTURE_SEED").unwrap_or_else(now));
    println!("torture: {kills} kills, TIDEGATE_TORTURE_SEED={seed}");
    let mut torture = Torture::start(seed).await;
    for _ in 0..kills {
        torture.kill_once().await;
    }
    torture.finish().await.judge().await;
}

/// A stand under a storm.
struct Torture {
    stand: Stand,
    dice: Dice,
    storm: Arc<Storm>,
    clients: Vec<JoinHandle<Diary>>,
    /// How many of the renderer's calls were looked at for dismissal.
    seen: usize,
    asked_done: BTreeSet<u32>,
    dismissals: usize,
}

/// What the clients of a storm share.
struct Storm {
    renderer: String,
    stop: AtomicBool,
    calls: watch::Sender<u64>,
    by_renderer: watch::Sender<u64>,
    longest_us: AtomicU64,
    stuck: AtomicU64,
}

/// What one client did, and was told.
struct Diary {
    client: Client,
    told: Vec<Told>,
    closes: BTreeSet<u32>,
}

/// One `Notify` and its answer.
struct Told {
    text: String,
    replaces: u32,
    answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Gate(u32),
    Renderer(u32),
    /// The gate was killed with the call in flight: it may be stored or not.
    None,
}

impl Torture {
    async fn start(seed: u64) -> Self {
        let stand = Stand::start().await;
        let storm = Arc::new(Storm {
            renderer: stand.renderer.conn().unique_name().unwrap().to_string(),
            stop: AtomicBool::new(false),
            calls: watch::Sender::default(),
            by_renderer: watch::Sender::default(),
            longest_us: AtomicU64::new(0),
            stuck: AtomicU64::new(0),
        });
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let diary = Diary { client: stand.app().await, told: Vec::new(), closes: BTreeSet::new() };
            clients.push(tokio::spawn(diary.rage(storm.clone(), number, Dice(seed ^ (number + 1)))));
        }
        Self { stand, dice: Dice(seed), storm, clients, seen: 0, asked_done: BTreeSet::new(), dismissals: 0 }
    }

    /// Commands under the storm up to a random call; then the kill, a while without the gate, and the gate again.
    async fn kill_once(&mut self) {
        let until = *self.storm.calls.borrow() + 10 + self.dice.below(90);
        while *self.storm.calls.borrow() < until {
            self.meddle().await;
        }
        self.stand.kill9().await;
        let owner = self.stand.gate().await;
        assert_eq!(owner, self.storm.renderer, "the renderer owns the name while the gate is away");
        let answered = *self.storm.by_renderer.borrow() + self.dice.below(12);
        let mut by_renderer = self.storm.by_renderer.subscribe();
        let answering = by_renderer.wait_for(|count| *count >= answered);
        within(DEADLINE, "calls answered by the renderer", answering).await.unwrap();
        if self.dice.below(4) == 0 {
            self.kill_at_start().await;
        }
        self.stand.start_again().await;
    }

    /// A daemon that is killed while it finds out how things stand.
    async fn kill_at_start(&mut self) {
        self.stand.daemon = start_daemon(&self.stand.session);
        tidegate_testkit::wait_owner(&self.stand.control, BUS_NAME, DEADLINE).await;
        self.stand.daemon.kill9(DEADLINE).await;
        tidegate_testkit::wait_no_owner(&self.stand.control, BUS_NAME, DEADLINE).await;
    }

    /// One thing that the person at the machine does.
    async fn meddle(&mut self) {
        match self.dice.below(12) {
            0 => drop(self.ask(Request::Start { length: BlockLength::Open, intention: None }).await),
            1 => drop(self.ask(Request::End).await),
            2 => drop(self.ask(Request::Release { which: Which::All }).await),
            3 => self.release_some().await,
            4 => self.mark_some_done().await,
            5 | 6 => self.dismiss_some().await,
            _ => self.stand.clock.advance_unheard(Duration::from_millis(250)),
        }
    }

    async fn release_some(&mut self) {
        let ids: Vec<u32> = self.some_held().await.iter().map(|item| item.id).collect();
        if !ids.is_empty() {
            self.ask(Request::Release { which: Which::Ids { ids } }).await;
        }
    }

    async fn mark_some_done(&mut self) {
        let held = self.some_held().await;
        let ids: Vec<u32> = held.iter().filter(|item| item.summary.starts_with("plain")).map(|item| item.id).collect();
        if !ids.is_empty() {
            self.asked_done.extend(&ids);
            self.ask(Request::Done { which: Which::Ids { ids } }).await;
        }
    }

    async fn some_held(&mut self) -> Vec<Item> {
        let limit = u32::try_from(1 + self.dice.below(6)).unwrap();
        match self.ask(Request::Held { after: None, limit }).await {
            Some(Reply::Page { page }) => page.items,
            _ => Vec::new(),
        }
    }

    /// The user dismisses what the gate had shown, most of it.
    async fn dismiss_some(&mut self) {
        let shown = self.stand.renderer.notified();
        let gate = tidegate_testkit::owner(&self.stand.control, BUS_NAME).await;
        for call in &shown[self.seen.min(shown.len())..] {
            if gate.is_some() && by_the_gate(call) && call.fields().replaces_id == 0 && self.dice.below(8) != 0 {
                self.stand.renderer.emit(&To::One(call.sender()), &Signal::Closed(call.id(), 2)).await;
                self.dismissals += 1;
            }
        }
        self.seen = shown.len();
    }

    /// The answer, if the daemon lived to give one and could do it.
    async fn ask(&self, request: Request) -> Option<Reply> {
        let text = serde_json::to_string(&request).unwrap();
        let call = self.stand.control.call_method(Some(BUS_NAME), OBJECT_PATH, Some(BUS_NAME), "Request", &text);
        let reply = within(DEADLINE, "the daemon's answer", call).await.ok()?;
        serde_json::from_str(reply.body().deserialize::<&str>().unwrap()).unwrap()
    }

    /// Ends the storm and lets everything that is on its way arrive.
    async fn finish(mut self) -> Aftermath {
        self.storm.stop.store(true, Ordering::Relaxed);
        let mut diaries = Vec::new();
        for client in self.clients.drain(..) {
            diaries.push(client.await.unwrap());
        }
        if self.stand.view().await.gate.closed {
            self.stand.end_block().await;
        }
        self.stand.advance(Duration::from_secs(60)).await;
        // What was edited on its way goes out once more after the first has arrived.
        for marker in ["the last one", "the very last one"] {
            self.wait_drained(marker).await;
        }
        let storm = self.storm;
        Aftermath { stand: self.stand, storm, diaries, asked_done: self.asked_done, dismissals: self.dismissals }
    }
}

impl Torture {
    /// Returns when all that waited for the renderer has been answered: what comes through the open gate is last.
    async fn wait_drained(&self, marker: &str) {
        self.stand.app().await.notify(&Notification::new(marker)).await;
        let renderer = &self.stand.renderer;
        let mut seen = renderer.notified();
        while !seen.iter().any(|call| call.summary() == marker) {
            seen = renderer.wait_notified(seen.len() + 1, DEADLINE).await;
        }
        self.stand.heed_renderer().await;
    }
}

impl Diary {
    /// Sends, edits and takes back until the storm is over.
    async fn rage(mut self, storm: Arc<Storm>, number: u64, mut dice: Dice) -> Self {
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
        let serial = self.client.send(&Notification::new(&text).body("of a storm").replaces(replaces)).await;
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
            Answer::Renderer(_) | Answer::None => None,
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
    fn one_more(&self, took: Duration) {
        self.longest_us.fetch_max(u64::try_from(took.as_micros()).unwrap(), Ordering::Relaxed);
        self.stuck.fetch_add(u64::from(took > STUCK), Ordering::Relaxed);
        self.calls.send_modify(|calls| *calls += 1);
    }

    fn who(&self, sender: &str, id: u32) -> Answer {
        if sender != self.renderer {
            return Answer::Gate(id);
        }
        self.by_renderer.send_modify(|count| *count += 1);
        Answer::Renderer(id)
    }
}

/// The only error that a sender may see: its call was in flight when the gate was killed.
fn in_flight(error: &zbus::Error) -> Answer {
    match error {
        zbus::Error::MethodError(name, ..) if *name == NO_REPLY => Answer::None,
        other => panic!("a sender was told {other}"),
    }
}

/// What there is when all is still.
struct Aftermath {
    stand: Stand,
    storm: Arc<Storm>,
    diaries: Vec<Diary>,
    asked_done: BTreeSet<u32>,
    dismissals: usize,
}

/// One notification of a sender, as it was told: the last text that was acknowledged, and later ones that may have
/// arrived.
#[derive(Debug, Default)]
struct Life {
    texts: Vec<String>,
}

impl Aftermath {
    async fn judge(self) {
        let lives = self.lives();
        let shown = self.shown();
        let mut faults = self.doubled(&shown);
        let mut states = BTreeMap::<String, u32>::new();
        let (mut remarked, mut dropped) = (0, 0);
        for (id, life) in &lives {
            match self.found(*id).await {
                None => faults.push(format!("lost: {id}, {life:?}")),
                Some(detail) => {
                    *states.entry(format!("{:?}", detail.item.state)).or_default() += 1;
                    remarked += u32::from(may_have_been_shown(&detail));
                    dropped += u32::from(detail.item.text_dropped);
                    faults.extend(self.fault(&detail, life, &shown));
                }
            }
        }
        faults.extend(self.unshown_in_gap(&shown));
        faults.extend(self.told_twice().await);
        self.report(&lives, &states, remarked, dropped);
        let ledger = self.stand.ledger().await;
        assert!(ledger.balanced, "{ledger:?}");
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
    }

    fn report(&self, lives: &BTreeMap<u32, Life>, states: &BTreeMap<String, u32>, remarked: u32, dropped: u32) {
        let told = || self.diaries.iter().flat_map(|diary| &diary.told);
        let count = |wanted: fn(&Answer) -> bool| told().filter(|told| wanted(&told.answer)).count();
        let longest = Duration::from_micros(self.storm.longest_us.load(Ordering::Relaxed));
        println!("torture: {} calls; acknowledged by the gate {}", *self.storm.calls.borrow(), lives.len());
        println!("torture: where those are: {states:?}; dismissed {}; texts dropped {dropped}", self.dismissals);
        println!("torture: answered by the renderer {}", count(|answer| matches!(answer, Answer::Renderer(_))));
        println!("torture: in flight when the gate was killed {}", count(|answer| *answer == Answer::None));
        println!("torture: marked \"may have been shown\" {remarked}");
        println!("torture: longest wait {longest:?}; over 1 s: {}", self.storm.stuck.load(Ordering::Relaxed));
    }

    /// By id, what the gate told; every id for one notification only.
    fn lives(&self) -> BTreeMap<u32, Life> {
        let mut lives = BTreeMap::<u32, Life>::new();
        for told in self.diaries.iter().flat_map(|diary| &diary.told) {
            match (told.answer, told.replaces) {
                (Answer::Gate(id), 0) => {
                    let life = Life { texts: vec![told.text.clone()] };
                    assert!(lives.insert(id, life).is_none(), "{id} was given out twice");
                }
                (Answer::Gate(id), replaced) => {
                    assert_eq!(id, replaced, "an edit keeps its id");
                    lives.get_mut(&id).unwrap().texts = vec![told.text.clone()];
                }
                (Answer::None, replaced) if replaced != 0 => {
                    lives.get_mut(&replaced).unwrap().texts.push(told.text.clone());
                }
                (Answer::None | Answer::Renderer(_), _) => {}
            }
        }
        lives
    }

    fn shown(&self) -> HashMap<String, Vec<Recorded>> {
        let mut shown = HashMap::<String, Vec<Recorded>>::new();
        for call in self.stand.renderer.notified() {
            shown.entry(call.summary()).or_default().push(call);
        }
        shown
    }

    /// Texts that made two popups, or came twice without being a silent repetition in place.
    fn doubled(&self, shown: &HashMap<String, Vec<Recorded>>) -> Vec<String> {
        let fresh = |calls: &[Recorded]| calls.iter().filter(|call| is_fresh(call)).count();
        let twice = shown.iter().filter(|(_, calls)| fresh(calls) > 1);
        twice.map(|(text, calls)| format!("doubled: {text:?} was shown {} times", fresh(calls))).collect()
    }

    async fn found(&self, id: u32) -> Option<Detail> {
        match self.stand.ask(Request::Show { id }).await {
            Ok(Reply::Detail { detail }) => Some(*detail),
            _ => None,
        }
    }

    fn fault(&self, detail: &Detail, life: &Life, shown: &HashMap<String, Vec<Recorded>>) -> Option<String> {
        let (id, text) = (detail.item.id, &detail.item.summary);
        let known = life.texts.contains(text) || detail.item.text_dropped;
        let was_shown = shown.contains_key(text);
        let explained = !detail.remarks.is_empty();
        let taken_back = self.diaries.iter().any(|diary| diary.closes.contains(&id));
        let right = match detail.item.state {
            ItemState::Held => known && (!was_shown || explained),
            ItemState::Passed | ItemState::Released => known && (was_shown || taken_back),
            ItemState::Withdrawn => taken_back,
            ItemState::Done => self.asked_done.contains(&id),
            ItemState::Muted | ItemState::Expired => false,
        };
        (!right).then(|| format!("wrong: {id} {life:?} shown: {was_shown}, {detail:?}"))
    }

    /// What the renderer acknowledged itself, it has shown.
    fn unshown_in_gap(&self, shown: &HashMap<String, Vec<Recorded>>) -> Vec<String> {
        let told = self.diaries.iter().flat_map(|diary| &diary.told);
        let unshown = told.filter(|told| matches!(told.answer, Answer::Renderer(_)) && !shown.contains_key(&told.text));
        unshown.map(|told| format!("lost in the gap: {:?}", told.text)).collect()
    }

    /// Ids of which the gate said more than once that they are closed.
    async fn told_twice(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for diary in &self.diaries {
            let mut closed = BTreeSet::new();
            for heard in diary.client.signals_so_far().await {
                let Signal::Closed(id, _) = heard.signal else { continue };
                if heard.from != self.storm.renderer && !closed.insert(id) && !was_edited(diary, id) {
                    faults.push(format!("closed twice: {id}"));
                }
            }
        }
        faults
    }
}

/// An edit of one that is closed already is a new one under its id.
fn was_edited(diary: &Diary, id: u32) -> bool {
    diary.told.iter().any(|told| told.replaces == id)
}

fn may_have_been_shown(detail: &Detail) -> bool {
    detail.remarks.iter().any(|remark| remark.starts_with("may have been shown"))
}

fn is_fresh(call: &Recorded) -> bool {
    call.fields().replaces_id == 0
}

/// The gate gives its calls serials of its own, far from those that libraries count.
fn by_the_gate(call: &Recorded) -> bool {
    call.message().primary_header().serial_num().get() >= 1 << 31
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// Choices that a seed repeats (SplitMix64).
struct Dice(u64);

impl Dice {
    /// From 0 up to, not including, `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
