//! The engine over a store whose commits can be made to fail or to hang: what leaves, when, and what the books say after.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::{DateTime, Duration, TimeZone, Utc};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::JoinHandle;
use tidegate_domain::ports::{Archive, Clock, EarlierText, Journal, Outside, Senders, StoreError, WantedOfUser};
use tidegate_domain::{
    App, Arrival, Audience, BlockLength, CallId, CallOutcome, ClosedReason, Command, Content, Delivery, Effect, Event,
    FIRST_ID, Forward, Found, GateEffect, HeldByConversation, Interruption, KnownCalls, LaterMark, Ledger, Loaded,
    Lookups, MemoryStore, Model, NoticeId, NoticeReply, Now, Proof, Query, Raw, Refusal, RendererId, Sender, SentCall,
    Seq, Settings, Signal, State, StoreFault, Target, Trouble, UiEffect, Why, WithdrawnApp, Write, Zone,
};
use tidegate_engine::{Engine, Parts, Reading};

/// Nothing here takes longer than a moment; a test that waits this long has failed.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(10);

/// How the store behaves; shared with the test.
#[derive(Default)]
struct Conduct {
    fails: AtomicBool,
    /// Room is kept back: with it the store works.
    reserve: AtomicBool,
    hangs: Mutex<bool>,
    let_go: Condvar,
    commits: Mutex<Vec<bool>>,
    /// Steps of tidying that are left after the next.
    steps: AtomicU32,
    /// Commits that go through before one fails; 0: none fails.
    until_failure: AtomicU32,
    /// The next transaction finds that the file has no name any more.
    vanishes: AtomicBool,
}

impl Conduct {
    fn hang(&self, hangs: bool) {
        *self.hangs.lock().unwrap() = hangs;
        self.let_go.notify_all();
    }
}

/// Rows in memory behind commits that do as the test says.
struct TestStore {
    rows: MemoryStore,
    conduct: Arc<Conduct>,
    entered: mpsc::Sender<()>,
    quiet: mpsc::Sender<Quiet>,
    durable: bool,
}

impl TestStore {
    fn check(&self) -> Result<(), StoreError> {
        if self.conduct.fails.load(Ordering::SeqCst) {
            return Err(failure("disk full"));
        }
        Ok(())
    }
}

fn failure(source: &'static str) -> StoreError {
    StoreError { operation: "commit", object: "test".into(), source: source.into(), fault: StoreFault::default() }
}

impl Archive for TestStore {
    fn rows(&mut self, need: &Query) -> Result<Found, StoreError> {
        self.rows.rows(need)
    }

    fn raw(&mut self, seq: Seq) -> Result<Option<Raw>, StoreError> {
        self.rows.raw(seq)
    }

    fn held(&mut self, after: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        self.rows.held(after, limit)
    }

    fn detail(&mut self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, StoreError> {
        self.rows.detail(id)
    }

    fn feedback_by_app(&mut self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, StoreError> {
        self.rows.feedback_by_app(period, limit)
    }

    fn senders(&mut self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, StoreError> {
        self.rows.senders(since, rows, limit)
    }

    fn held_by_conversation(&mut self, later_than: LaterMark) -> Result<HeldByConversation, StoreError> {
        self.rows.held_by_conversation(later_than)
    }

    fn withdrawn(&mut self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, StoreError> {
        self.rows.withdrawn(since, limit)
    }

    fn search(&mut self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        self.rows.search(words, before, limit)
    }
}

impl Journal for TestStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        self.check()?;
        self.rows.load()
    }

    fn begin(&mut self, durable: bool) -> Result<(), StoreError> {
        self.durable = durable;
        if self.conduct.vanishes.swap(false, Ordering::SeqCst) {
            return Err(StoreError { fault: StoreFault::Vanished, ..failure("deleted") });
        }
        self.rows.begin(durable)
    }

    fn apply(&mut self, write: &Write) -> Result<(), StoreError> {
        self.rows.apply(write)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut hangs = self.conduct.hangs.lock().unwrap();
        if *hangs {
            self.entered.send(()).unwrap();
        }
        while *hangs {
            hangs = self.conduct.let_go.wait(hangs).unwrap();
        }
        drop(hangs);
        self.check()?;
        if self.conduct.until_failure.load(Ordering::SeqCst) > 0
            && self.conduct.until_failure.fetch_sub(1, Ordering::SeqCst) == 1
        {
            return Err(failure("this one fails"));
        }
        self.conduct.commits.lock().unwrap().push(self.durable);
        self.rows.commit()
    }

    fn roll_back(&mut self) {
        self.rows.roll_back();
    }

    fn tidy(&mut self) -> Result<bool, StoreError> {
        self.rows.tidy()?;
        self.quiet.send(Quiet::Tidied).unwrap();
        let steps = self.conduct.steps.load(Ordering::SeqCst);
        self.conduct.steps.store(steps.saturating_sub(1), Ordering::SeqCst);
        Ok(steps > 0)
    }

    fn use_reserve(&mut self) -> bool {
        let used = self.conduct.reserve.swap(false, Ordering::SeqCst);
        self.conduct.fails.fetch_and(!used, Ordering::SeqCst);
        used
    }

    fn give_back_memory(&mut self) {
        self.quiet.send(Quiet::GaveBack).unwrap();
    }
}

/// What is done when nothing comes.
#[derive(Debug, PartialEq, Eq)]
enum Quiet {
    Tidied,
    GaveBack,
    Rests,
}

struct TestOutside {
    effects: mpsc::Sender<Effect>,
    watched: mpsc::Sender<WantedOfUser>,
    quiet: mpsc::Sender<Quiet>,
}

impl Outside for TestOutside {
    fn perform(&mut self, gate: Vec<GateEffect>, ui: Vec<UiEffect>) {
        for effect in gate.into_iter().map(Effect::Gate).chain(ui.into_iter().map(Effect::Ui)) {
            self.effects.send(effect).unwrap();
        }
    }
    fn wake_at(&mut self, _: Option<DateTime<Utc>>) {}
    fn watch_user(&mut self, wanted: WantedOfUser) {
        self.watched.send(wanted).unwrap();
    }
    fn rest(&mut self) {
        self.quiet.send(Quiet::Rests).unwrap();
    }
}

#[derive(Clone, Default)]
struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Now {
        let passed = Duration::milliseconds(self.0.load(Ordering::SeqCst));
        now(passed.num_milliseconds())
    }
}

/// So many milliseconds after the start.
fn now(milliseconds: i64) -> Now {
    let boot = Duration::milliseconds(milliseconds);
    Now { utc: Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).unwrap() + boot, boot }
}

struct World {
    engine: Engine,
    thread: Option<JoinHandle<()>>,
    conduct: Arc<Conduct>,
    effects: mpsc::Receiver<Effect>,
    watched: mpsc::Receiver<WantedOfUser>,
    entered: mpsc::Receiver<()>,
    quiet: mpsc::Receiver<Quiet>,
    clock: TestClock,
    calls: u64,
}

impl World {
    fn new() -> Self {
        Self::with(Arc::default())
    }

    fn with(conduct: Arc<Conduct>) -> Self {
        Self::over(MemoryStore::default(), conduct)
    }

    fn over(rows: MemoryStore, conduct: Arc<Conduct>) -> Self {
        let (out, effects) = mpsc::channel();
        let (watch, watched) = mpsc::channel();
        let (enter, entered) = mpsc::channel();
        let (rest, quiet) = mpsc::channel();
        let clock = TestClock::default();
        let store = TestStore { rows, conduct: conduct.clone(), entered: enter, quiet: rest.clone(), durable: false };
        let parts = Parts {
            store: Box::new(store),
            reader: None,
            outside: Box::new(TestOutside { effects: out, watched: watch, quiet: rest }),
            clock: Box::new(clock.clone()),
            settings: Settings::default(),
            zone: Zone::utc(),
            gate: ":1.1".into(),
        };
        let (engine, thread) = Engine::start(parts).unwrap();
        engine.send(Event::InPath(true));
        engine.send(Event::RendererUp(":1.2".into()));
        Self { engine, thread: Some(thread), conduct, effects, watched, entered, quiet, clock, calls: 0 }
    }

    /// The store is tidied first: that takes memory too.
    fn wait_quiet(&self) {
        let done = [(); 3].map(|()| self.quiet.recv_timeout(DEADLINE).unwrap());
        assert_eq!(done, [Quiet::Tidied, Quiet::GaveBack, Quiet::Rests]);
    }

    async fn closed() -> Self {
        let world = Self::new();
        let start = Command::Start { length: BlockLength::Open, intention: None };
        world.engine.command(start).await.unwrap();
        world
    }

    fn call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }

    fn notify(&mut self, summary: &str) -> CallId {
        self.replace(0, summary)
    }

    fn replace(&mut self, replaces: u32, summary: &str) -> CallId {
        let call = self.call();
        self.engine.send(Event::Arrived(Box::new(arrival(call, replaces, summary))));
        call
    }

    /// The id that a call was answered with, and whether it was forwarded before the next answer.
    fn answer(&self, call: CallId) -> NoticeId {
        loop {
            if let Effect::Gate(GateEffect::Answer(answered, NoticeReply::Id(id))) =
                self.effects.recv_timeout(DEADLINE).unwrap()
                && answered == call
            {
                return id;
            }
        }
    }

    fn forward(&self) -> Box<Forward> {
        loop {
            if let Effect::Gate(GateEffect::Forward(forward)) = self.effects.recv_timeout(DEADLINE).unwrap() {
                return forward;
            }
        }
    }

    fn forwarded(&self) -> (String, Why) {
        let row = self.forward().row;
        (row.content.summary, row.why)
    }

    /// The renderer shows what was forwarded last, under this id.
    fn shown(&self, forward: &Forward, id: u32) {
        let outcome = CallOutcome::Shown(RendererId(id));
        self.engine.send(Event::Sent { serial: forward.serial, outcome });
    }

    /// The next signal to the app.
    fn told(&self) -> Signal {
        loop {
            if let Effect::Gate(GateEffect::Emit { to, signal }) = self.effects.recv_timeout(DEADLINE).unwrap() {
                assert_eq!(to, app_sender());
                return signal;
            }
        }
    }

    fn fail(&self, fails: bool) {
        self.conduct.fails.store(fails, Ordering::SeqCst);
        if !fails {
            self.pass_time(2);
        }
    }

    fn pass_time(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    async fn books(&self) -> (Ledger, Vec<Trouble>) {
        self.engine.ask(|model, _| (model.ledger().0, model.troubles())).await.unwrap()
    }

    async fn held(&self) -> Vec<String> {
        let rows = self.engine.read(Reading::Rows, |_, archive, _| archive.held(Seq(0), 100)).await.unwrap().unwrap();
        rows.into_iter().map(|row| row.content.summary).collect()
    }
}

fn arrival(call: CallId, replaces: u32, summary: &str) -> Arrival {
    let (id, name) = ("app".into(), "App".into());
    let app = App { id, name, proof: Proof::Executable, desktop_entry: None, executable: None };
    let content = Content { summary: summary.to_owned(), ..Content::default() };
    let raw = Raw { body: Arc::from(summary.as_bytes()), big_endian: false };
    Arrival { call, sender: app_sender(), app, replaces, content, raw, whole: None, own: false }
}

fn app_sender() -> Sender {
    Sender { bus: "bus".into(), name: ":1.9".into(), pid: 9, started: 9 }
}

impl Drop for World {
    fn drop(&mut self) {
        self.conduct.hang(false);
        self.engine.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok());
        }
    }
}

#[tokio::test]
async fn what_waits_while_a_commit_runs_is_committed_together() {
    let mut world = World::closed().await;
    let before = world.conduct.commits.lock().unwrap().len();
    world.conduct.hang(true);
    let first = world.notify("0");
    world.entered.recv_timeout(DEADLINE).unwrap();
    let others: Vec<_> = (1..=50).map(|n| world.notify(&n.to_string())).collect();
    assert!(
        world.effects.try_iter().all(|effect| !matches!(effect, Effect::Gate(GateEffect::Answer(..)))),
        "answered before its commit"
    );
    world.conduct.hang(false);
    world.answer(first);
    for call in others {
        world.answer(call);
    }
    assert_eq!(world.conduct.commits.lock().unwrap()[before..], [true, true], "one for the first, one for the rest");
}

#[tokio::test]
async fn only_what_passes_an_open_gate_may_be_lost_with_the_power() {
    let mut world = World::new();
    world.engine.ask(|_, _| ()).await.unwrap();
    let call = world.notify("passes");
    world.answer(call);
    world.engine.command(Command::Start { length: BlockLength::Open, intention: None }).await.unwrap();
    let call = world.notify("is held");
    world.answer(call);
    let commits = world.conduct.commits.lock().unwrap().clone();
    assert_eq!(commits[commits.len() - 3..], [false, true, true]);
}

#[tokio::test]
async fn when_a_commit_fails_its_notifications_pass_and_the_books_are_settled_once_the_store_is_well() {
    let mut world = World::closed().await;
    world.conduct.fails.store(true, Ordering::SeqCst);
    let call = world.notify("must not wait");
    let id = world.answer(call);
    assert_eq!(world.forwarded(), ("must not wait".into(), Why::StoreFailed));
    let (_, troubles) = world.books().await;
    assert_eq!(troubles, [Trouble::Store("commit test: disk full".into())]);
    let refused = world.engine.command(Command::End).await;
    assert_eq!(refused, Err(Refusal::StoreFailed));

    world.conduct.fails.store(false, Ordering::SeqCst);
    world.pass_time(2);
    let call = world.notify("held again");
    assert_ne!(world.answer(call), id);
    let (ledger, troubles) = world.books().await;
    assert_eq!((ledger.came_in, ledger.passed, ledger.held), (2, 1, 1));
    assert!(ledger.balances() && troubles.is_empty(), "{troubles:?}");
    assert_eq!(world.held().await, ["held again"]);
}

#[tokio::test]
async fn what_an_app_took_back_or_edited_while_the_store_had_failed_is_made_good() {
    let mut world = World::closed().await;
    let taken_back = world.notify("taken back");
    let taken_back = world.answer(taken_back);
    let edited = world.notify("one");
    let edited = world.answer(edited);
    world.fail(true);
    let call = world.call();
    world.engine.send(Event::CloseRequested { call, sender: app_sender(), app: None, id: taken_back.0 });
    let edit = world.replace(edited.0, "two");
    assert_eq!(world.answer(edit), edited);

    world.fail(false);
    let next = world.notify("held again");
    assert_eq!(world.told(), Signal::Closed(taken_back, ClosedReason::ByCall));
    world.answer(next);
    assert_eq!(world.held().await, ["held again"]);
    let newest = world
        .engine
        .read(Reading::Rows, move |_, archive, _| archive.detail(edited))
        .await
        .unwrap()
        .unwrap()
        .unwrap()
        .0;
    assert_eq!((newest.content.summary.as_str(), newest.state()), ("two", State::Passed));
    let (ledger, _) = world.books().await;
    assert_eq!((ledger.came_in, ledger.withdrawn, ledger.passed, ledger.held), (4, 2, 1, 1));
}

#[tokio::test]
async fn a_click_while_the_store_had_failed_reaches_its_app_once_it_is_well() {
    let mut world = World::new();
    let call = world.notify("click me");
    let id = world.answer(call);
    let popup = world.forward();
    world.shown(&popup, 7);
    world.engine.ask(|_, _| ()).await.unwrap();
    world.fail(true);
    let call = world.notify("meanwhile");
    world.answer(call);
    let (by, key) = (":1.2".into(), "default".to_owned());
    world.engine.send(Event::RendererAction { by, id: RendererId(7), key, token: None, to: Audience::Gate });

    world.fail(false);
    let call = world.notify("well again");
    assert_eq!(world.told(), Signal::Action { id, key: "default".into(), token: None });
    world.answer(call);
}

#[tokio::test]
async fn what_the_relay_said_while_the_store_could_not_be_loaded_counts_once_it_is_well() {
    let conduct = Arc::new(Conduct::default());
    let rows = sending_by_an_earlier_gate();
    conduct.fails.store(true, Ordering::SeqCst);
    let mut world = World::over(rows, conduct);
    let outcome = CallOutcome::Shown(RendererId(3));
    let call = SentCall { gate: ":0.1".into(), serial: 5, outcome };
    world.engine.send(Event::Recover(KnownCalls { calls: vec![call], watched: vec![":0.1".into()] }));
    world.engine.ask(|_, _| ()).await.unwrap();

    world.fail(false);
    let call = world.notify("well again");
    world.answer(call);
    let id = NoticeId(FIRST_ID);
    let row =
        world.engine.read(Reading::Rows, move |_, archive, _| archive.detail(id)).await.unwrap().unwrap().unwrap().0;
    assert_eq!(row.delivery, Delivery::Shown { by: ":1.2".into(), id: RendererId(3) });
    assert_eq!(row.content.remarks, [], "the relay knew what had become of it");
}

/// A store in which a gate that is gone has a call under way.
fn sending_by_an_earlier_gate() -> MemoryStore {
    let mut rows = MemoryStore::default();
    let mut earlier = Model::restore(Loaded::default(), Settings::default(), Zone::utc(), ":0.1".into(), now(0));
    rows.begin(true).unwrap();
    for effect in earlier.handle(Event::Arrived(Box::new(arrival(CallId(1), 0, "sent"))), Lookups::default(), now(0)) {
        if let Effect::Store(mut write) = effect {
            if let Write::Insert { row, .. } = &mut write
                && let Delivery::Sending { serial, .. } = &mut row.delivery
            {
                *serial = 5;
            }
            rows.apply(&write).unwrap();
        }
    }
    rows.commit().unwrap();
    rows
}

#[tokio::test]
async fn a_commit_that_hangs_is_given_up_and_when_it_goes_through_late_nothing_shows_twice() {
    let mut world = World::closed().await;
    world.conduct.hang(true);
    let call = world.notify("shown without waiting");
    world.entered.recv_timeout(DEADLINE).unwrap();
    assert!(world.engine.give_up_commit("a write takes too long".into()).unwrap());
    world.answer(call);
    assert_eq!(world.forwarded(), ("shown without waiting".into(), Why::StoreFailed));
    assert!(!world.engine.give_up_commit("again".into()).unwrap(), "there is nothing to give up twice");

    world.conduct.hang(false);
    // The late store comes back through the queue; what is sent after that finds it, at the latest in a second.
    loop {
        world.pass_time(2);
        let call = world.notify("later");
        world.answer(call);
        if world.books().await.1.is_empty() {
            break;
        }
    }
    let (ledger, _) = world.books().await;
    assert!(ledger.balances(), "{ledger:?}");
    assert!(!world.held().await.contains(&"shown without waiting".to_owned()), "it was shown already");
    assert_eq!(ledger.came_in, u32::try_from(world.calls).unwrap());
}

/// So many pass while the store has failed; then it could be written again.
async fn after_many_passed(count: u64) -> World {
    let mut world = World::closed().await;
    world.fail(true);
    for number in 0..count {
        let call = world.notify(&number.to_string());
        world.answer(call);
    }
    world.conduct.fails.store(false, Ordering::SeqCst);
    world
}

impl World {
    /// One event after the other until the books are settled; every call is answered meanwhile.
    async fn comes_back(&mut self) {
        loop {
            self.pass_time(2);
            let call = self.notify("meanwhile");
            self.answer(call);
            if self.books().await.1.is_empty() {
                return;
            }
        }
    }

    /// Every call that was answered is in the books once, and nothing else is.
    async fn is_whole(&self) {
        let (ledger, troubles) = self.books().await;
        assert!(ledger.balances() && troubles.is_empty(), "{ledger:?} {troubles:?}");
        let all = self.engine.read(Reading::Rows, |_, archive, _| archive.search(&[], Seq(i64::MAX), u32::MAX));
        assert_eq!(of_rows(&all.await.unwrap().unwrap(), ledger.only_counted), ledger, "the books and the rows");
        assert_eq!(u64::from(ledger.came_in), self.calls);
    }
}

#[tokio::test]
async fn the_way_back_is_many_short_transactions_and_what_comes_between_them_is_answered() {
    let mut world = after_many_passed(3_000).await;
    let before = world.conduct.commits.lock().unwrap().len();
    world.comes_back().await;
    let steps = world.conduct.commits.lock().unwrap().len() - before;
    assert!(steps >= 6, "{steps} transactions for 3,000 rows");
    world.is_whole().await;
}

#[tokio::test]
async fn the_way_back_comes_to_its_end_without_another_event() {
    let mut world = after_many_passed(2_000).await;
    world.pass_time(2);
    let call = world.notify("the last");
    world.answer(call);
    let closed = |effect: &Effect| matches!(effect, Effect::Gate(GateEffect::Inhibited(true)));
    while !closed(&world.effects.recv_timeout(DEADLINE).unwrap()) {}
    world.is_whole().await;
}

#[tokio::test]
async fn a_store_that_fails_again_at_any_step_of_the_way_back_loses_and_doubles_nothing() {
    for nth in 1..=8 {
        let mut world = after_many_passed(1_600).await;
        world.conduct.until_failure.store(nth, Ordering::SeqCst);
        world.comes_back().await;
        world.is_whole().await;
    }
}

#[tokio::test]
async fn a_step_of_the_way_back_that_hangs_is_given_up_and_when_it_goes_through_late_nothing_is_there_twice() {
    let mut world = after_many_passed(1_600).await;
    world.pass_time(2);
    world.conduct.hang(true);
    let call = world.notify("while it hangs");
    let next = world.notify("behind it");
    world.entered.recv_timeout(DEADLINE).unwrap();
    assert!(world.engine.give_up_commit("a write takes too long".into()).unwrap());
    world.answer(call);
    world.answer(next);
    world.conduct.hang(false);
    world.comes_back().await;
    world.is_whole().await;
}

#[tokio::test]
async fn what_a_person_asks_for_is_worth_the_room_that_is_kept_back_and_nothing_else_is() {
    let mut world = World::closed().await;
    let held = world.notify("held");
    world.answer(held);
    world.fail(true);
    world.conduct.reserve.store(true, Ordering::SeqCst);
    let passed = world.notify("passes");
    world.answer(passed);
    world.pass_time(2);
    let passed = world.notify("passes too");
    world.answer(passed);
    assert!(!world.books().await.1.is_empty() && world.conduct.reserve.load(Ordering::SeqCst));
    world.engine.command(Command::Done(Target::All)).await.unwrap();
    world.is_whole().await;
    assert_eq!(world.books().await.0.done, 1);
    world.fail(true);
    let refused = world.engine.command(Command::Note("without any left".into())).await;
    assert_eq!(refused, Err(Refusal::StoreFailed));
}

#[tokio::test]
async fn a_command_that_finds_no_room_is_carried_out_with_what_is_kept_back() {
    let world = World::closed().await;
    world.fail(true);
    world.conduct.reserve.store(true, Ordering::SeqCst);
    world.engine.command(Command::Note("first to notice".into())).await.unwrap();
    assert_eq!(world.held().await, ["first to notice"]);
}

#[tokio::test]
async fn a_command_waits_for_the_way_back_and_is_refused_where_that_fails() {
    let world = after_many_passed(2_000).await;
    world.conduct.reserve.store(true, Ordering::SeqCst);
    world.engine.command(Command::Note("after many".into())).await.unwrap();
    assert_eq!(world.held().await, ["after many"]);
    let world = after_many_passed(2_000).await;
    world.conduct.reserve.store(true, Ordering::SeqCst);
    world.conduct.until_failure.store(3, Ordering::SeqCst);
    let refused = world.engine.command(Command::Note("after many".into())).await;
    assert_eq!(refused, Err(Refusal::StoreFailed));
}

#[tokio::test]
async fn a_store_whose_file_was_deleted_is_tried_at_once_for_it_can_still_be_saved() {
    let mut world = World::closed().await;
    world.conduct.vanishes.store(true, Ordering::SeqCst);
    let call = world.notify("finds it out");
    world.answer(call);
    let again = |effect: &Effect| matches!(effect, Effect::Gate(GateEffect::Inhibited(true)));
    while !again(&world.effects.recv_timeout(DEADLINE).unwrap()) {}
    world.is_whole().await;
}

/// The books of a first period with these rows, and so many that passed without one.
fn of_rows(rows: &[Interruption], only_counted: u32) -> Ledger {
    let mut books = Ledger { only_counted, came_in: only_counted, passed: only_counted, ..Ledger::default() };
    for row in rows {
        books.came_in += 1;
        *books.of(row.state()) += 1;
    }
    books
}

#[tokio::test]
async fn an_event_is_dealt_with_before_questions_that_wait() {
    let mut world = World::closed().await;
    let ((enter, entered), (go_on, let_go)) = (mpsc::channel(), mpsc::channel::<()>());
    let ask = |engine: Engine| async move { engine.ask(|model, _| model.ledger().0.came_in).await };
    let engine = world.engine.clone();
    let long = tokio::spawn(async move {
        let question = move |_: &Model, _: Now| {
            enter.send(()).unwrap();
            let_go.recv().unwrap();
        };
        engine.ask(question).await
    });
    tokio::task::yield_now().await;
    entered.recv_timeout(DEADLINE).unwrap();
    let questions: Vec<_> = (0..20).map(|_| tokio::spawn(ask(world.engine.clone()))).collect();
    tokio::task::yield_now().await;
    let call = world.notify("behind all of them");
    go_on.send(()).unwrap();
    world.answer(call);
    long.await.unwrap().unwrap();
    for question in questions {
        assert_eq!(question.await.unwrap(), Ok(1), "it saw what came after it had been asked");
    }
}

#[tokio::test]
async fn memory_is_bounded_while_the_store_has_failed_and_the_books_balance_all_the_same() {
    let mut world = World::closed().await;
    world.fail(true);
    for number in 0..12_000 {
        let call = world.notify(&number.to_string());
        world.answer(call);
        let popup = world.forward();
        world.shown(&popup, number + 1);
    }
    world.fail(false);
    world.comes_back().await;
    let (ledger, _) = world.books().await;
    assert!(ledger.only_counted >= 12_000 - 10_000, "{ledger:?}");
    world.is_whole().await;
    let newest =
        world.engine.read(Reading::Rows, |_, archive, _| archive.search(&["11999".into()], Seq(i64::MAX), 10)).await;
    assert_eq!(newest.unwrap().unwrap().len(), 1, "the newest are kept");
}

#[tokio::test]
async fn what_was_heard_behind_a_commit_that_is_given_up_is_dealt_with_all_the_same() {
    let mut world = World::closed().await;
    world.conduct.hang(true);
    let first = world.notify("first");
    world.entered.recv_timeout(DEADLINE).unwrap();
    let engine = world.engine.clone();
    let question = tokio::spawn(async move { engine.ask(|model, _| model.ledger().0.came_in).await });
    tokio::task::yield_now().await;
    let second = world.notify("second");
    let third = world.notify("third");
    assert!(world.engine.give_up_commit("a write takes too long".into()).unwrap());
    for call in [first, second, third] {
        world.answer(call);
    }
    assert!(question.await.unwrap().is_ok());
    world.conduct.hang(false);
}

#[tokio::test]
async fn a_store_that_cannot_be_loaded_at_the_start_lets_everything_pass() {
    let conduct = Arc::new(Conduct::default());
    conduct.fails.store(true, Ordering::SeqCst);
    let mut world = World::with(conduct);
    let call = world.notify("passes");
    let id = world.answer(call);
    assert_eq!(world.forwarded(), ("passes".into(), Why::StoreFailed));
    assert!(id.0 > 1 << 31, "an id that no earlier run can have given out: {id:?}");
}

#[tokio::test]
async fn tidying_goes_on_in_steps_while_it_is_quiet_and_memory_is_given_back_at_its_end() {
    let conduct = Arc::new(Conduct::default());
    conduct.steps.store(2, Ordering::SeqCst);
    let world = World::with(conduct.clone());
    let done = [(); 5].map(|()| world.quiet.recv_timeout(DEADLINE).unwrap());
    assert_eq!(done, [Quiet::Tidied, Quiet::Tidied, Quiet::Tidied, Quiet::GaveBack, Quiet::Rests]);
}

#[tokio::test]
async fn once_it_is_quiet_the_store_is_tidied_and_memory_given_back_and_never_again_until_something_comes() {
    let mut world = World::new();
    world.wait_quiet();
    for text in ["one", "two"] {
        let call = world.notify(text);
        world.answer(call);
        world.wait_quiet();
    }
    world.engine.stop();
    world.thread.take().unwrap().join().unwrap();
    assert_eq!(world.quiet.try_iter().count(), 0);
}

#[tokio::test]
async fn where_it_never_is_quiet_the_store_is_tidied_all_the_same() {
    let mut world = World::closed().await;
    while world.quiet.try_recv().is_err() {
        let call = world.notify("without end");
        world.answer(call);
    }
}

#[tokio::test]
async fn idleness_is_watched_only_while_a_check_in_waits_and_the_store_is_well() {
    let mut world = World::closed().await;
    let call = world.notify("held");
    world.answer(call);
    let wanted = |idleness| Ok(WantedOfUser { idleness, absences: true });
    assert_eq!(world.watched.recv_timeout(DEADLINE), wanted(false), "no check-in waits, and a block runs");
    // From eight to five past the check-in.
    world.pass_time((3 * 60 + 35) * 60);
    world.engine.send(Event::Wake);
    assert_eq!(world.watched.recv_timeout(DEADLINE), wanted(true));

    world.conduct.fails.store(true, Ordering::SeqCst);
    world.engine.send(Event::UserIdle);
    assert_eq!(world.watched.recv_timeout(DEADLINE), Ok(WantedOfUser::default()), "the store has failed");
    world.conduct.fails.store(false, Ordering::SeqCst);
    world.pass_time(2);
    let call = world.notify("held again");
    world.answer(call);
    assert_eq!(world.watched.recv_timeout(DEADLINE), wanted(true));

    world.engine.send(Event::UserIdle);
    assert_eq!(world.watched.recv_timeout(DEADLINE), wanted(false));
    let digests = world.effects.try_iter().filter(|effect| matches!(effect, Effect::Ui(UiEffect::ShowDigest(_))));
    assert_eq!(digests.count(), 1);
}

#[tokio::test]
async fn a_stopped_engine_answers_nobody() {
    let world = World::new();
    world.engine.stop();
    assert_eq!(world.engine.ask(|_, _| ()).await, Err(tidegate_engine::Stopped));
    assert_eq!(world.engine.command(Command::End).await, Err(Refusal::StoreFailed));
}
