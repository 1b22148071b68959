//! A daemon without a gate: a real engine whose rows are in memory, behind the real control interface.

use chrono::{DateTime, Duration, Utc};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;
use tidegate_contract::{
    BUS_NAME, BlockLength, DeepWorkView, DoctorFinding, GateView, LedgerView, Message, RendererView, Verdict, View,
};
use tidegate_daemon::control::{Control, Outlets, Quit, TakeOverNow};
use tidegate_daemon::pictures::{PicturePlaces, Pictures};
use tidegate_daemon::present;
use tidegate_domain::ports::{Clock, Outside, WantedOfUser};
use tidegate_domain::{
    App, Arrival, CallId, Content, Event, GateEffect, MemoryStore, NoticeReply, Now, Proof, Raw, Sender, Settings,
    UiEffect,
};
use tidegate_engine::{Engine, Parts};
use tidegate_platform::apps::{Apps, Folders, Languages};
use tidegate_settings::{Door, ReadNow, Reader, SettingsFile};
use tidegate_testkit::{DEADLINE, within};
use tidegate_words::{Catalogue, Clock as WordsClock, say};
use tokio::sync::{mpsc, watch};
use zbus::Connection;

/// What a message says in English, in Berlin at the beginning of the epoch.
pub(crate) fn words(message: &Message) -> String {
    let zone = tidegate_platform::zone::named("Europe/Berlin").unwrap();
    Catalogue::new(&WordsClock { zone, now: 0 }).format(message)
}

/// What the wiring would hold.
pub(crate) struct Stand {
    pub(crate) engine: Engine,
    pub(crate) control: Control,
    pub(crate) quit: mpsc::UnboundedSender<Quit>,
    pub(crate) quits: mpsc::UnboundedReceiver<Quit>,
    pub(crate) changed: watch::Receiver<u64>,
    pub(crate) reads: mpsc::Receiver<ReadNow>,
    pub(crate) hurried: mpsc::Receiver<TakeOverNow>,
    answered: mpsc::UnboundedReceiver<u32>,
}

impl Stand {
    /// Serves on a connection, under the daemon's name. The gate is in the path; there is no renderer.
    pub(crate) async fn on(conn: &Connection) -> Self {
        Self::with_settings(conn, Path::new("/nowhere/settings.toml")).await
    }

    /// The same, with its settings in this file.
    pub(crate) async fn with_settings(conn: &Connection, settings_file: &Path) -> Self {
        let (outside, changed, answered) = Ears::new();
        let parts = Parts {
            store: Box::new(MemoryStore::new()),
            reader: None,
            outside: Box::new(outside),
            clock: Box::new(WallClock),
            settings: Settings::default(),
            zone: tidegate_platform::zone::named("Europe/Berlin").unwrap(),
            gate: ":1.1".into(),
        };
        let (engine, _thread) = Engine::start(parts).unwrap();
        engine.send(Event::InPath(true));
        let (quit, quits) = mpsc::unbounded_channel();
        let (subject, found) = (say::doctor_on_daemon(), say::failure_said("well"));
        let finding = DoctorFinding { verdict: Verdict::Good, subject, found, remedy: None };
        let (reader, reads) = Reader::new();
        let (take_over, hurried) = mpsc::channel(1);
        let apps = Apps::new(conn.clone(), Folders::default(), Languages::default());
        let outlets = Outlets {
            engine: engine.clone(),
            changed: changed.clone(),
            view: Arc::new(|model, now| present::view(model, now, 1, Some("dunst 1.9.0"), &[])),
            doctor: Arc::new(move || Box::pin(std::future::ready(vec![finding.clone()]))),
            window: Arc::new(|_, _| Err(std::io::Error::from(std::io::ErrorKind::NotFound))),
            pictures: Pictures::new(engine.clone(), apps.clone(), PicturePlaces::default()),
            apps,
            settings: Door::new(SettingsFile::new(settings_file.into()), reader, "/nonexistent".into()),
            take_over,
            quit: quit.clone(),
        };
        let control = Control::serve(conn, outlets, a_view(|_| ())).await.unwrap();
        conn.request_name(BUS_NAME).await.unwrap();
        Self { engine, control, quit, quits, changed, reads, hurried, answered }
    }

    /// One arrives; its id.
    pub(crate) async fn notify(&mut self, content: Content) -> u32 {
        let app = App {
            id: "slack".into(),
            name: "Slack".into(),
            proof: Proof::Executable,
            desktop_entry: None,
            executable: Some("/usr/bin/slack".into()),
        };
        let sender = Sender { bus: "b".into(), name: ":1.9".into(), pid: 7, started: 7 };
        let raw = Raw { body: Arc::new([]), big_endian: false };
        let arrival = Arrival { call: CallId(1), sender, app, replaces: 0, content, raw, whole: None, own: false };
        self.engine.send(Event::Arrived(Box::new(arrival)));
        within(DEADLINE, "an id", self.answered.recv()).await.unwrap()
    }
}

pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Now {
        Now { utc: DateTime::<Utc>::from(SystemTime::now()), boot: Duration::hours(1) }
    }
}

/// Hears that something changed, and which ids apps were given.
pub(crate) struct Ears {
    changed: watch::Sender<u64>,
    ids: mpsc::UnboundedSender<u32>,
}

impl Ears {
    pub(crate) fn new() -> (Self, watch::Receiver<u64>, mpsc::UnboundedReceiver<u32>) {
        let (changed, changes) = watch::channel(0);
        let (ids, answered) = mpsc::unbounded_channel();
        (Self { changed, ids }, changes, answered)
    }
}

impl Outside for Ears {
    fn perform(&mut self, gate: Vec<GateEffect>, _: Vec<UiEffect>) {
        for effect in gate {
            if let GateEffect::Answer(_, NoticeReply::Id(id)) = effect {
                self.ids.send(id.0).unwrap();
            }
        }
        self.changed.send_modify(|count| *count += 1);
    }

    fn wake_at(&mut self, _: Option<DateTime<Utc>>) {}

    fn watch_user(&mut self, _: WantedOfUser) {}
}

/// What one says that has no buttons.
pub(crate) fn content(summary: &str, body: &str) -> Content {
    Content { summary: summary.into(), body: body.into(), ..Content::default() }
}

/// An open gate with nothing held, and a change to it.
pub(crate) fn a_view(change: impl FnOnce(&mut View)) -> View {
    let mut view = View {
        revision: 1,
        now: 1_795_424_280_000,
        zone: "Europe/Berlin".into(),
        gate: GateView { closed: false, because: None, in_path: true },
        block: None,
        next_check_in: None,
        check_ins_today: Vec::new(),
        blocks_today: Vec::new(),
        on_break: None,
        ended: None,
        time_away: None,
        usual_length: BlockLength::Minutes { minutes: 50 },
        intentions: Vec::new(),
        deep_work: DeepWorkView::default(),
        checking_in: false,
        worked_off: false,
        handed_over: None,
        where_were_you: None,
        later: 0,
        to_be_released: 0,
        withdrawn: 0,
        noted: Vec::new(),
        ready: false,
        held: 0,
        held_apps: 0,
        held_revision: 0,
        period: 1,
        ledger: LedgerView { balanced: true, ..LedgerView::default() },
        let_through: Vec::new(),
        undoable: None,
        renderer: RendererView { name: None, up: false },
        troubles: Vec::new(),
    };
    change(&mut view);
    view
}
