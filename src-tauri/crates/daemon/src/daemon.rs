//! The resident daemon: wires gate, engine, store, control interface, tray and notices together, and ends them in order.
//! Must not decide anything about a notification.

mod alone;
mod away;
mod clock;
mod idleness;
mod outside;
mod places;
mod settings;
#[cfg(feature = "test-clock")]
mod step_clock;

pub use places::{Places, settings_file};

use crate::coalesce::coalesced;
use crate::control::{Control, Outlets, Quit, TakeOverNow, Viewer};
use crate::pictures::Pictures;
use crate::present::{self, Clock as ShownClock};
use crate::{doctor, notices, tray};
use alone::{Alone, Taken};
use anyhow::Context;
use futures_util::StreamExt;
use outside::Switchboard;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_bus::shell::{Shell, Surroundings};
use tidegate_contract::{BUS_NAME, Trouble, View, WindowView};
use tidegate_domain::ports::{Archive, Clock as _, StoreError};
use tidegate_domain::{
    Command, Event, GateEffect, KnownCalls, Model, Now, Occasion, Query, Storage, Target, UiEffect, Zone,
};
use tidegate_engine::{Engine, Parts, Reading};
use tidegate_gate::{
    Config, Gate, Outputs, RendererFacts, RendererNews, TakeOver, TakeOverError, Waiting, When, shell_in_charge,
};
use tidegate_platform::apps::{Apps, Languages};
use tidegate_settings::{Door, InForce, Reader, SettingsFile};
use tidegate_store::{Limit, SqliteStore};
use tidegate_words::{say, timeless};
use tokio::sync::{mpsc, watch};
use zbus::fdo::{RequestNameFlags, RequestNameReply};

/// How long a quit waits for what is released first.
const RELEASE_LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
/// Between two attempts to reach a relay: doubled from the first to the longest.
const FIRST_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_secs(60);
/// Between two attempts to get into the path, at the longest: whatever is in the way may pass without a sign.
const LONGEST_WAY_IN: std::time::Duration = std::time::Duration::from_secs(10);
/// When systemd is told at the latest that the daemon is ready.
const READY_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);
/// The same while it waits for the desktop's own daemon to start.
const DAEMON_LIMIT: std::time::Duration = std::time::Duration::from_millis(500);

/// What the command line says about the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Take over from a running notification daemon at once, though it shows something.
    pub replace_now: bool,
}

/// A daemon runs already.
#[derive(Debug, thiserror::Error)]
#[error("Tidegate is running already{}; `tidegate status` shows it, `tidegate quit` ends it", in_process(*.0))]
pub struct RunsAlready(Option<u32>);

fn in_process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// The desktop shows its notifications itself, and no way in front of it is built yet.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unsupported(Shell);

/// A connection to the session bus ended, and with it the gate. Nobody asked for that.
#[derive(Debug, thiserror::Error)]
#[error("{0}: Tidegate ends, and your notification daemon answers for notifications")]
pub struct BusLost(String);

/// There is no desktop session here, or not all of one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoSession(String);

fn no_session(error: &zbus::Error) -> NoSession {
    NoSession(timeless(&doctor::no_session_bus(say::failure_said(error.to_string()))))
}

/// Runs until asked to quit or the session ends.
///
/// # Errors
/// When there is no session bus, another daemon runs, or the session's folders cannot be found.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(2).build()?;
    // Connections that are dropped at the very end still need it.
    let _inside = runtime.enter();
    tokio::task::LocalSet::new().block_on(&runtime, daemon(options))
}

async fn daemon(options: Options) -> anyhow::Result<()> {
    let places = Places::find().map_err(|error| NoSession(error.to_string()))?;
    let connected = tidegate_bus::session().await;
    let control_conn = connected.map_err(|error| no_session(&error))?;
    let _alone = Alone::become_it(&places.runtime).await.map_err(|Taken { pid }| RunsAlready(pid))?;
    be_the_first_on(&control_conn).await?;
    leave_shells_alone(&control_conn, &places).await?;
    let facts = places.read_facts();
    let settings_file = SettingsFile::new(places.settings_file());
    let (settings, wrong) = InForce::first(settings_file.load());
    let (room, most_of_files) = Room::new(settings.settings().storage);
    let config = Config {
        address: None,
        facts: facts.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: places.files(),
        most_of_files,
    };
    let gate = Gate::connect(config).await?;
    let gate_name = gate.unique_name();
    let wires = Wires::start(&places, &gate, &settings, room)?;
    wires.set_trouble(settings::TROUBLE, wrong);
    *lock(&wires.facts) = facts;
    let take_over = take_over(&places, &gate, options)?;
    let (relay_lost, relay_gone) = mpsc::unbounded_channel();
    let serving = serve_gate(gate, &wires, relay_lost, &places);
    let (quit, quits) = mpsc::unbounded_channel();
    let apps = Apps::new(control_conn.clone(), places.apps(), Languages::of_environment());
    let pictures = Pictures::new(wires.engine.clone(), apps.clone(), places.pictures());
    let (reader, asking) = Reader::new();
    let door = Door::new(settings_file.clone(), reader, places.data_folder());
    let (hurry, hurried) = mpsc::channel(1);
    let control = serve_control(&control_conn, &wires, (apps, pictures, door), hurry, quit.clone()).await?;
    own_control_name(&control_conn).await?;
    let standing = tokio::task::spawn_local(stand(take_over.clone(), wires.clone(), relay_gone, hurried));
    let showing = tokio::task::spawn_local(show(wires.clone(), control, quit));
    let noticing = tokio::task::spawn_local(notice(wires.clone()));
    let heeding = tokio::task::spawn_local(settings::heed(settings_file, settings, wires.clone(), asking));
    let ended = until_asked(quits, serving, &control_conn, &gate_name).await;
    standing.abort();
    heeding.abort();
    wires.end(&take_over, &ended, noticing).await;
    showing.abort();
    match ended {
        Ended::Asked(_) => Ok(()),
        Ended::Lost(why) => Err(BusLost(why).into()),
    }
}

/// What may be kept on disk of what apps send.
#[derive(Clone)]
struct Room {
    messages: Limit,
    files: watch::Sender<u64>,
}

impl Room {
    fn new(storage: Storage) -> (Self, watch::Receiver<u64>) {
        let (files, most_of_files) = watch::channel(storage.file_bytes());
        (Self { messages: Limit::new(storage.message_bytes()), files }, most_of_files)
    }

    fn set(&self, storage: Storage) {
        self.messages.set(storage.message_bytes());
        self.files.send_if_modified(|most| std::mem::replace(most, storage.file_bytes()) != storage.file_bytes());
    }
}

/// What every part of the daemon can reach.
#[derive(Clone)]
struct Wires {
    engine: Engine,
    clock: clock::DaemonClock,
    room: Room,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
    changed: watch::Receiver<u64>,
    change: watch::Sender<u64>,
    effects: Arc<Mutex<Option<mpsc::UnboundedReceiver<Vec<GateEffect>>>>>,
    ui: Arc<Mutex<Option<mpsc::UnboundedReceiver<UiEffect>>>>,
    facts: Arc<Mutex<RendererFacts>>,
    troubles: Arc<Mutex<Vec<Trouble>>>,
    revision: Arc<std::sync::atomic::AtomicU64>,
}

impl Wires {
    fn start(places: &Places, gate: &Gate, settings: &InForce, room: Room) -> anyhow::Result<Self> {
        let (switchboard, ends) = Switchboard::new();
        let clock = clock::DaemonClock::new()?;
        let zone = clock.zone();
        let store = SqliteStore::new(places.database()).with_witness(places.database_witness());
        let store = store.with_limit(room.messages.clone());
        let parts = Parts {
            reader: Some(Box::new(store.reader())),
            store: Box::new(store),
            outside: Box::new(switchboard),
            clock: Box::new(clock.clone()),
            settings: settings.settings().clone(),
            zone: zone.clone(),
            gate: gate.connection_name(),
        };
        let (engine, thread) = Engine::start(parts).context("start the engine")?;
        clock.run(ends.wake, zone, engine.clone());
        tokio::spawn(idleness::watch(ends.user.clone(), engine.clone()));
        tokio::spawn(away::watch(ends.user, clock.clone(), engine.clone()));
        Ok(Self {
            engine,
            clock,
            room,
            thread: Arc::new(Mutex::new(Some(thread))),
            changed: ends.changed,
            change: ends.change,
            effects: Arc::new(Mutex::new(Some(ends.effects))),
            ui: Arc::new(Mutex::new(Some(ends.ui))),
            facts: Arc::default(),
            troubles: Arc::default(),
            revision: Arc::default(),
        })
    }

    fn viewer(&self) -> Viewer {
        let (facts, troubles, revision) = (self.facts.clone(), self.troubles.clone(), self.revision.clone());
        Arc::new(move |model: &Model, now: Now| {
            let revision = revision.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            let name = renderer_label(&lock(&facts));
            let troubles = lock(&troubles).clone();
            present::view(model, now, revision, name.as_deref(), &troubles)
        })
    }

    async fn view(&self) -> Option<View> {
        let viewer = self.viewer();
        self.engine.ask(move |model, now| viewer(model, now)).await.ok()
    }

    /// The view, and the zone that its times are told in.
    async fn view_in_zone(&self) -> Option<(View, Zone)> {
        let viewer = self.viewer();
        self.engine.ask(move |model, now| (viewer(model, now), model.zone().clone())).await.ok()
    }

    /// Puts another trouble, or none, in the place of an earlier one, and has it shown.
    fn set_trouble(&self, code: &str, trouble: Option<Trouble>) {
        let mut troubles = lock(&self.troubles);
        let same = |known: &&Trouble| known.code == code;
        if troubles.iter().find(same) == trouble.as_ref() {
            return;
        }
        troubles.retain(|known| known.code != code);
        troubles.extend(trouble);
        drop(troubles);
        self.change.send_modify(|revision| *revision += 1);
    }

    /// The name falls to the renderer first, so that nobody waits for a gate that is ending.
    async fn end(&self, take_over: &TakeOver, ended: &Ended, noticing: tokio::task::JoinHandle<()>) {
        if *ended == Ended::Asked(Quit { release: true }) {
            self.release_first().await;
        }
        noticing.abort();
        if let Ended::Asked(_) = ended
            && let Err(error) = take_over.leave().await
        {
            tracing::warn!(%error, "the way out was not clean");
        }
        self.engine.stop();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread
            && tokio::task::spawn_blocking(|| thread.join()).await.is_err()
        {
            tracing::error!("the engine did not end well");
        }
    }

    /// Releases what fits on the screen; the rest stays held on disk.
    async fn release_first(&self) {
        if self.engine.command(Command::Release(Target::All)).await.is_err() {
            return;
        }
        let mut changed = self.changed.clone();
        let released = async {
            while self.engine.ask(|model, _| model.is_releasing()).await.unwrap_or(false) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        if tokio::time::timeout(RELEASE_LIMIT, released).await.is_err() {
            tracing::info!("what did not fit on the screen stays held on disk");
        }
    }
}

/// Why the daemon ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    Asked(Quit),
    /// Why nothing can be heard any more.
    Lost(String),
}

/// One bus may serve sessions with runtime folders of their own, and so with locks of their own.
async fn be_the_first_on(conn: &zbus::Connection) -> anyhow::Result<()> {
    let bus = zbus::fdo::DBusProxy::new(conn).await.context("speak to the session bus")?;
    match bus.get_connection_unix_process_id(BUS_NAME.try_into()?).await {
        Ok(pid) => Err(RunsAlready(Some(pid)).into()),
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(()),
        Err(error) => Err(error).context("look for another daemon"),
    }
}

/// Before anything is written, started or stopped.
async fn leave_shells_alone(conn: &zbus::Connection, places: &Places) -> anyhow::Result<()> {
    let shell = shell_in_charge(conn, &Surroundings::of_environment(), &places.state).await;
    shell.context("look for a desktop shell")?.map_or(Ok(()), |shell| Err(Unsupported(shell).into()))
}

/// Once the object is served: a call that comes before would never be answered.
async fn own_control_name(conn: &zbus::Connection) -> anyhow::Result<()> {
    let owned = conn.request_name_with_flags(BUS_NAME, RequestNameFlags::DoNotQueue.into()).await;
    match owned {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => Ok(()),
        Ok(_) | Err(zbus::Error::NameTaken) => Err(RunsAlready(None).into()),
        Err(error) => Err(error).context("own org.tidegate.Tidegate1 on the session bus"),
    }
}

fn take_over(places: &Places, gate: &Gate, options: Options) -> anyhow::Result<TakeOver> {
    let when = if options.replace_now { When::Now } else { When::Clear };
    let program = std::env::current_exe().context("find this program")?;
    let relay = program.with_file_name("tidegate-relay");
    Ok(TakeOver::new(gate, places.runtime.clone(), places.state.clone(), relay, program, when))
}

fn serve_gate(
    gate: Gate,
    wires: &Wires,
    relay_lost: mpsc::UnboundedSender<()>,
    places: &Places,
) -> tokio::task::JoinHandle<Result<(), tidegate_gate::GateError>> {
    let effects = lock(&wires.effects).take();
    let outputs = outputs(wires, relay_lost, places.facts_file());
    tokio::task::spawn_local(async move {
        match effects {
            Some(effects) => gate.run(outputs, effects).await,
            None => Ok(()),
        }
    })
}

fn outputs(wires: &Wires, relay_lost: mpsc::UnboundedSender<()>, facts_file: PathBuf) -> Outputs {
    let (events, overdue, facts) = (wires.engine.clone(), wires.engine.clone(), wires.facts.clone());
    Outputs {
        events: Box::new(move |event| events.send(event)),
        overdue: Box::new(move || {
            if let Err(error) = overdue.give_up_commit("a write takes over half a second".into()) {
                tracing::error!(%error, "a hanging write could not be given up");
            }
        }),
        relay_lost: Box::new(move || {
            if relay_lost.send(()).is_err() {
                tracing::debug!("the relay left while the daemon was ending");
            }
        }),
        facts: Box::new(move |seen| {
            *lock(&facts) = seen.clone();
            places::write_facts(&facts_file, seen);
        }),
    }
}

async fn serve_control(
    conn: &zbus::Connection,
    wires: &Wires,
    (apps, pictures, settings): (Apps, Pictures, Door),
    take_over: mpsc::Sender<TakeOverNow>,
    quit: mpsc::UnboundedSender<Quit>,
) -> anyhow::Result<Control> {
    let first = wires.view().await.context("ask the engine for the first view")?;
    let examined = wires.clone();
    let outlets = Outlets {
        engine: wires.engine.clone(),
        changed: wires.changed.clone(),
        view: wires.viewer(),
        doctor: Arc::new(move || {
            let wires = examined.clone();
            Box::pin(async move { examine(&wires).await })
        }),
        apps,
        window: Arc::new(crate::window::open),
        pictures,
        settings,
        take_over,
        quit,
    };
    Control::serve(conn, outlets, first).await.context("serve org.tidegate.Tidegate1")
}

async fn examine(wires: &Wires) -> Vec<tidegate_contract::DoctorFinding> {
    match wires.view().await {
        Some(view) => doctor::examine(&view).await,
        None => Vec::new(),
    }
}

/// Gets into the path, and keeps a relay beside the gate.
async fn stand(
    take_over: TakeOver,
    wires: Wires,
    mut relay_gone: mpsc::UnboundedReceiver<()>,
    mut hurried: mpsc::Receiver<TakeOverNow>,
) {
    tokio::task::spawn_local(tell_waiting(take_over.waiting(), wires.clone()));
    let stood = stand_in_time(&take_over, &mut hurried).await;
    if let Err(error) = stood {
        wires.engine.send(Event::Recover(KnownCalls::default()));
        stand_at_last(&take_over, &wires, &mut hurried, error).await;
    }
    let mut failing = take_over.failing();
    loop {
        tokio::select! {
            gone = relay_gone.recv() => match gone {
                Some(()) => stand_again(&take_over, &wires).await,
                None => return,
            },
            news = failing.next() => heed_renderer(&take_over, &wires, news, &mut hurried).await,
        }
    }
}

/// A recorded renderer that is started in vain gives way to another, if there is one.
async fn heed_renderer(
    take_over: &TakeOver,
    wires: &Wires,
    news: RendererNews,
    hurried: &mut mpsc::Receiver<TakeOverNow>,
) {
    let RendererNews::Fails { program, why } = news else {
        return wires.set_trouble(present::RENDERER_FAILS, None);
    };
    tracing::error!(program, why, "the notification daemon is started in vain");
    match take_over.give_way().await {
        Ok(Some(other)) => {
            wires.set_trouble(present::RENDERER_REPLACED, Some(present::renderer_replaced(&program, &why, &other)));
        }
        Ok(None) => wires.set_trouble(present::RENDERER_FAILS, Some(present::renderer_fails(&program, &why))),
        Err(error) => stand_at_last(take_over, wires, hurried, error).await,
    }
}

/// Says why nothing is held yet.
async fn tell_waiting(mut waiting: watch::Receiver<Option<Waiting>>, wires: Wires) {
    loop {
        let told = waiting.borrow_and_update().as_ref().map(present::waiting);
        wires.set_trouble("waiting", told);
        if waiting.changed().await.is_err() {
            return;
        }
    }
}

/// Whatever kept the gate out of the path may pass: it is tried again when the name changes hands, after a pause, and when
/// somebody says so.
async fn stand_at_last(
    take_over: &TakeOver,
    wires: &Wires,
    hurried: &mut mpsc::Receiver<TakeOverNow>,
    first: TakeOverError,
) {
    let (mut pause, mut failed) = (FIRST_PAUSE, Some(first));
    while let Some(error) = failed {
        tracing::error!(%error, "the gate does not stand in the path");
        wires.set_trouble("take-over", Some(present::not_in_path(&error.to_string())));
        let way = tokio::select! {
            Some(TakeOverNow) = hurried.recv() => at_once(take_over),
            Ok(()) = take_over.owner_changed() => take_over.clone(),
            () = tokio::time::sleep(pause) => take_over.clone(),
        };
        failed = attempt(&way, hurried).await.err();
        pause = (pause * 2).min(LONGEST_WAY_IN);
    }
    wires.set_trouble("take-over", None);
}

/// What it waits for is not waited for any more once somebody says so.
async fn attempt(take_over: &TakeOver, hurried: &mut mpsc::Receiver<TakeOverNow>) -> Result<(), TakeOverError> {
    tokio::select! {
        stood = take_over.stand() => stood,
        Some(TakeOverNow) = hurried.recv() => at_once(take_over).stand().await,
    }
}

/// The same, without waiting until nothing is shown any more.
fn at_once(take_over: &TakeOver) -> TakeOver {
    let mut hurried = take_over.clone();
    hurried.when = When::Now;
    hurried
}

/// Until there is a relay again: one that is just ending, or just starting, may still be met.
async fn stand_again(take_over: &TakeOver, wires: &Wires) {
    let mut pause = FIRST_PAUSE;
    while let Err(error) = take_over.stand_again().await {
        tracing::warn!(%error, "there is no relay yet");
        wires.set_trouble("relay", Some(present::path_trouble("relay", &error.to_string())));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    wires.set_trouble("relay", None);
}

/// The session's start waits for us, but not for popups that are still on screen.
async fn stand_in_time(take_over: &TakeOver, hurried: &mut mpsc::Receiver<TakeOverNow>) -> Result<(), TakeOverError> {
    let mut standing = std::pin::pin!(attempt(take_over, hurried));
    let mut waiting = take_over.waiting();
    let in_time = tokio::select! {
        biased;
        stood = &mut standing => Some(stood),
        () = waits_too_long(&mut waiting) => None,
    };
    say_ready();
    match in_time {
        Some(stood) => stood,
        None => standing.await,
    }
}

/// Returns when the session's start is to wait for us no longer. A daemon that is waited for may be ordered behind the
/// session's start, and so behind us.
async fn waits_too_long(waiting: &mut watch::Receiver<Option<Waiting>>) {
    let for_daemon = async {
        let is_one = waiting.wait_for(|waiting| *waiting == Some(Waiting::ForDaemon)).await.is_ok();
        tokio::time::sleep(if is_one { DAEMON_LIMIT } else { READY_LIMIT }).await;
    };
    tokio::select! {
        () = for_daemon => {}
        () = tokio::time::sleep(READY_LIMIT) => {}
    }
}

fn say_ready() {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::debug!(%error, "systemd was not told that the daemon is ready");
    }
}

/// Shows every change: on the bus and in the tray.
async fn show(wires: Wires, control: Control, quit: mpsc::UnboundedSender<Quit>) {
    let (views, seen) = watch::channel(None);
    let clock = wires.clock.clone();
    let now = move || clock.now().utc.timestamp_millis();
    let tray = tokio::task::spawn_local(tray::run(seen, now, wires.engine.clone(), quit));
    coalesced(wires.changed.clone(), async |_| {
        let Some((view, zone)) = wires.view_in_zone().await else { return };
        let view = Arc::new(view);
        views.send_replace(Some((view.clone(), zone)));
        if let Err(error) = control.publish(view).await {
            tracing::warn!(%error, "a change could not be told");
        }
    })
    .await;
    tray.abort();
}

/// Shows the digest and opens the window, where an effect asks for it.
async fn notice(wires: Wires) {
    let Some(mut ui) = lock(&wires.ui).take() else { return };
    while let Some(effect) = ui.recv().await {
        match effect {
            UiEffect::ShowDigest(digest) => {
                let (since, occasion) = (digest.withdrawn_since, digest.occasion.clone());
                let asked = wires.engine.read(Reading::Rows, move |model, archive, now| {
                    let clock = ShownClock { zone: model.zone().clone(), now: now.utc.timestamp_millis() };
                    // Without names the counts are still told.
                    let withdrawn = archive.withdrawn(since, 0).unwrap_or_default();
                    let conversations = conversations(model, archive, &occasion).unwrap_or_default();
                    let told = present::Told { conversations, withdrawn };
                    (clock, told, model.renderer_is_up(), model.open_digest())
                });
                let Ok((clock, told, renderer_is_up, earlier)) = asked.await else { return };
                let has_buttons = renderer_is_up && lock(&wires.facts).has("actions");
                // Nobody is interrupted by a window in a pause; else tray and status must do.
                if digest.user_is_idle && !has_buttons {
                    crate::window::open_or_log(Some(WindowView::Held), None);
                }
                let text = present::digest(&digest, &told, &clock);
                if let Err(error) = notices::show_digest(&text, earlier, &clock).await {
                    tracing::warn!(%error, "the digest could not be shown");
                }
            }
            UiEffect::OpenWindow { token } => {
                crate::window::open_or_log(Some(WindowView::Held), token.as_deref());
            }
        }
    }
}

/// Those that a notice of ours names.
fn conversations(
    model: &Model,
    archive: &mut dyn Archive,
    occasion: &Occasion,
) -> Result<Vec<(String, u32)>, StoreError> {
    match occasion {
        Occasion::WasAway { .. } => Ok(Vec::new()),
        Occasion::SnoozeIsOver(back) => {
            let named = back.iter().copied().take(present::CONVERSATIONS).collect();
            Ok(archive.rows(&Query::Seqs(named))?.rows.into_iter().map(|row| (row.content.summary, 1)).collect())
        }
        Occasion::CheckIn | Occasion::QuietIsOver { .. } | Occasion::IsOver(_) => largest_conversations(model, archive),
    }
}

/// The summary of the newest of each, and how many it has.
fn largest_conversations(model: &Model, archive: &mut dyn Archive) -> Result<Vec<(String, u32)>, StoreError> {
    let largest = archive.held_by_conversation(model.later_than())?.largest(present::CONVERSATIONS);
    let rows = archive.rows(&Query::Seqs(largest.iter().map(|(last, _)| *last).collect()))?.rows;
    let summary = |last| rows.iter().find(|row| row.seq == last).map(|row| row.content.summary.clone());
    Ok(largest.into_iter().filter_map(|(last, count)| Some((summary(last)?, count))).collect())
}

/// Returns when the bus has dropped a connection of ours, as another one is told: the first may hear nothing any more, not
/// even that, where it waits for a bus that does not read.
async fn left(conn: &zbus::Connection, name: &str) -> zbus::Result<()> {
    let bus = zbus::fdo::DBusProxy::new(conn).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await?;
    if bus.name_has_owner(name.try_into()?).await? {
        changes.next().await;
    }
    Ok(())
}

/// Until a person, systemd or the end of the session asks.
async fn until_asked(
    mut quits: mpsc::UnboundedReceiver<Quit>,
    serving: tokio::task::JoinHandle<Result<(), tidegate_gate::GateError>>,
    control: &zbus::Connection,
    gate_name: &str,
) -> Ended {
    use tokio::signal::unix::{SignalKind, signal};
    let keep = Ended::Asked(Quit { release: false });
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return keep;
    };
    tokio::select! {
        quit = quits.recv() => quit.map_or(keep, Ended::Asked),
        _ = terminate.recv() => keep,
        _ = interrupt.recv() => keep,
        served = serving => Ended::Lost(match served {
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(())) | Err(_) => "the gate ended".to_owned(),
        }),
        Ok(()) = left(control, gate_name) => Ended::Lost("the session bus has dropped the gate's connection".to_owned()),
        () = control.closed() => Ended::Lost("the session bus closed the connection of the control interface".to_owned()),
    }
}

fn renderer_label(facts: &RendererFacts) -> Option<String> {
    (!facts.name.is_empty()).then(|| format!("{} {}", facts.name, facts.version).trim().to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    async fn waited(waits_for: Option<Waiting>) -> std::time::Duration {
        let (_waiting, mut seen) = watch::channel(waits_for);
        let began = Instant::now();
        waits_too_long(&mut seen).await;
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_sessions_start_does_not_wait_for_a_daemon_that_may_wait_for_it() {
        assert_eq!(waited(Some(Waiting::ForDaemon)).await, DAEMON_LIMIT);
        assert_eq!(waited(Some(Waiting::ForPopups { program: "dunst".into() })).await, READY_LIMIT);
        assert_eq!(waited(None).await, READY_LIMIT);
    }
}
