//! A gate standing in a private session: the real daemon and relay, a stepping clock, and a renderer that records.
//!
//! Shared by the process tests, the tests on real desktops and the benchmark. It must not know how Tidegate is built
//! inside: it speaks D-Bus and the command line only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

pub mod crowd;
pub mod day;
pub mod disk;
pub mod figures;

use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_contract::{
    BUS_NAME, BlockLength, Detail, Failure, Item, LedgerView, Message, OBJECT_PATH, Outcome, Request, Verb, View,
    Which, verb,
};
use tidegate_testkit::{
    Client, DEADLINE, Heard, NOTIFICATIONS, NOTIFICATIONS_PATH, Process, Recorded, RecordingRenderer, Session, Signal,
    StepClock, next_item, owner, wait_no_owner, wait_owner, wait_owner_change, within,
};
use tidegate_words::{Catalogue, Clock, Zone};
use zbus::Connection;
use zbus::fdo::{DBusProxy, RequestNameFlags};

/// The clock at the start of a test: Monday, 23 November 2026, 09:00 in Berlin.
pub const MONDAY_NINE: i64 = 1_795_420_800_000;
/// The name under which the relay has the renderer known.
pub const RENDERER_NAME: &str = "org.tidegate.RealNotification";

/// A store that failed is tried again with the next event, a second later at the earliest.
pub const STORE_RETRY: Duration = Duration::from_secs(2);

/// Between two that are released: the gate gives the renderer four a second.
const RELEASE_PAUSE: Duration = Duration::from_millis(250);

const PEER: &str = "org.freedesktop.DBus.Peer";

/// A folder's program: those that `cargo build` put beside the tests.
///
/// # Panics
/// If it was not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().find(|folder| folder.join(name).is_file());
    let folder = folder.unwrap_or_else(|| {
        panic!("{name} is not built: cargo build -p tidegate --features test-clock -p tidegate-relay")
    });
    folder.join(name)
}

/// What a message says in English, in Berlin on the Monday at nine.
///
/// # Panics
/// If that is no zone.
#[must_use]
pub fn words(message: &Message) -> String {
    let zone = Zone::from_rule("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    Catalogue::new(&Clock { zone, now: MONDAY_NINE }).format(message)
}

/// Whether a process runs the program of this name.
#[must_use]
pub fn runs(pid: u32, program: &str) -> bool {
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    executable.file_name().is_some_and(|name| name.to_string_lossy().starts_with(program))
}

/// A session with the gate in the path and a recording renderer behind it.
pub struct Stand {
    /// The daemon.
    pub daemon: Process,
    /// The renderer behind the relay.
    pub renderer: RecordingRenderer,
    /// Its time.
    pub clock: StepClock,
    /// A connection that watches, and asks the daemon.
    pub control: Connection,
    /// The session; dropped last.
    pub session: Session,
}

impl Stand {
    /// On Monday at nine in Berlin, with the gate open.
    pub async fn start() -> Self {
        Self::start_in(Session::start().await).await
    }

    /// The same, in a block without an end: the gate is closed.
    pub async fn holding() -> Self {
        let stand = Self::start().await;
        stand.hold().await;
        stand
    }

    /// With these settings, in the words of `settings.toml`.
    ///
    /// # Panics
    /// If they cannot be written.
    pub async fn start_with_settings(settings: &str) -> Self {
        let session = Session::start().await;
        let folder = session.config_home().join("tidegate");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("settings.toml"), settings).unwrap();
        Self::start_in(session).await
    }

    /// In a session that was prepared: settings, environment, files.
    pub async fn start_in(session: Session) -> Self {
        Self::start_by(session, start_daemon).await
    }

    /// From now on the daemon finds no room for what it writes: its files may not grow, which for it is as a full disk.
    pub async fn fill_disk(&self) {
        self.limit_files("--fsize=1:").await;
    }

    /// There is room again, as the daemon finds out when it next tries.
    pub async fn free_disk(&self) {
        self.limit_files("--fsize=unlimited:").await;
    }

    async fn limit_files(&self, limit: &str) {
        let pid = self.daemon.pid().to_string();
        self.session.run("prlimit", ["--pid", &pid, limit]).await.ok();
    }

    /// With a daemon that is started in another way.
    pub async fn start_by(session: Session, start: impl FnOnce(&Session) -> Process) -> Self {
        let clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
        let control = session.connect().await;
        let daemon = start(&session);
        wait_owner(&control, NOTIFICATIONS, DEADLINE).await;
        let renderer = connect_renderer(&session).await;
        let stand = Self { daemon, renderer, clock, control, session };
        stand.wait_view("the renderer behind the gate", |view| view.renderer.up && view.gate.in_path).await;
        stand
    }

    /// An app on the bus.
    pub async fn app(&self) -> Client {
        Client::connect(&self.session).await
    }

    /// As [`ask`].
    ///
    /// # Errors
    /// The daemon's own failure.
    pub async fn ask<V: Verb>(&self, verb: V) -> Result<V::Response, Failure> {
        ask(&self.control, verb).await
    }

    /// Why a request is refused, whichever it is.
    ///
    /// # Panics
    /// If it is met.
    pub async fn refusal(&self, request: Request) -> Failure {
        carry(&self.control, request).await.unwrap_err()
    }

    /// As [`Stand::ask`], of what must succeed.
    pub async fn must<V: Verb>(&self, verb: V) -> V::Response {
        let what = format!("{verb:?}");
        self.ask(verb).await.unwrap_or_else(|failure| panic!("{what}: {failure:?}"))
    }

    /// Starts a block of so many minutes: from now on the gate holds.
    pub async fn start_block(&self, minutes: u32) {
        let length = BlockLength::Minutes { minutes };
        self.must(verb::Start { length, intention: None }).await;
    }

    /// Starts a block without an end.
    pub async fn hold(&self) {
        self.must(verb::Start { length: BlockLength::Open, intention: None }).await;
    }

    /// Ends the block.
    pub async fn end_block(&self) {
        self.must(verb::End).await;
    }

    /// Presses a button of one; `None`: its default action.
    ///
    /// # Errors
    /// The daemon's own failure.
    pub async fn press(&self, id: u32, key: Option<&str>) -> Result<Outcome, Failure> {
        self.ask(verb::Act { id, action: key.map(str::to_owned), token: None }).await
    }

    /// Marks one as dealt with.
    pub async fn done(&self, id: u32) {
        self.must(verb::Done { which: Which::Ids { ids: vec![id] } }).await;
    }

    /// Gives one to the renderer, and gives the call that reached it; the daemon knows its answer.
    pub async fn release(&mut self, id: u32) -> Recorded {
        self.heed_renderer().await;
        self.advance(RELEASE_PAUSE).await;
        let before = self.renderer.notified().len();
        self.must(verb::Release { which: Which::Ids { ids: vec![id] } }).await;
        let released = self.next_of_an_app(before).await;
        self.heed_renderer().await;
        released
    }

    /// The first call after so many that is no notice of the gate's own, such as a digest.
    async fn next_of_an_app(&self, before: usize) -> Recorded {
        let mut calls = before;
        loop {
            calls += 1;
            let call = self.renderer.wait_notified(calls, DEADLINE).await.remove(calls - 1);
            if call.fields().app_name != "Tidegate" {
                return call;
            }
        }
    }

    /// Returns when the daemon has dealt with all that the renderer had sent to it.
    ///
    /// # Panics
    /// If it answers a method that it cannot have.
    pub async fn heed_renderer(&self) {
        let call = self.control.call_method(Some(NOTIFICATIONS), "/", Some("org.example.Last"), "Last", &());
        let refused = within(DEADLINE, "the renderer behind the gate", call).await;
        assert!(matches!(refused, Err(zbus::Error::MethodError(..))), "the renderer said {refused:?}");
        self.view().await;
    }

    /// The unique names of all connections of a process.
    ///
    /// # Panics
    /// If the bus does not answer.
    pub async fn connections_of(&self, pid: u32) -> Vec<String> {
        let bus = DBusProxy::new(&self.control).await.unwrap();
        let mut names = Vec::new();
        for name in bus.list_names().await.unwrap().into_iter().filter(|name| name.starts_with(':')) {
            let of = bus.get_connection_unix_process_id(name.inner().clone()).await;
            if of.is_ok_and(|of| of == pid) {
                names.push(name.to_string());
            }
        }
        names
    }

    /// Returns when these connections have left the bus and the daemon has been told.
    ///
    /// # Panics
    /// If one stays, or the daemon does not answer.
    pub async fn heed_departure_of(&self, connections: &[String]) {
        for name in connections {
            wait_no_owner(&self.control, name, DEADLINE).await;
        }
        let call = self.control.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(PEER), "Ping", &());
        within(DEADLINE, "the gate", call).await.unwrap();
        self.view().await;
    }

    /// All signals that an app has not read yet, once the daemon has dealt with all that the renderer had sent. Each came
    /// from the owner of the name, to this app alone.
    ///
    /// # Panics
    /// If one came from elsewhere, or to everybody.
    pub async fn heard(&self, app: &Client) -> Vec<Signal> {
        self.heed_renderer().await;
        let gate = self.gate().await;
        let heard = app.signals_so_far().await;
        heard.into_iter().map(|heard| addressed(heard, &gate, app)).collect()
    }

    /// The next signal of an app, which came from the owner of the name, to this app alone.
    ///
    /// # Panics
    /// If it came from elsewhere, or to everybody; at the deadline.
    pub async fn next_signal(&self, app: &Client) -> Signal {
        let gate = self.gate().await;
        addressed(app.next_signal(DEADLINE).await, &gate, app)
    }

    /// The unique name of the connection that owns the name.
    ///
    /// # Panics
    /// If there is none.
    pub async fn gate(&self) -> String {
        owner(&self.control, NOTIFICATIONS).await.expect("nobody owns the name").to_string()
    }

    /// The summary.
    pub async fn view(&self) -> View {
        view(&self.control).await
    }

    /// The books.
    pub async fn ledger(&self) -> LedgerView {
        self.view().await.ledger
    }

    /// What is held, oldest first: the first 500.
    pub async fn held(&self) -> Vec<Item> {
        self.must(verb::Held { after: None, limit: 500 }).await.items
    }

    /// What is held, once it is so many: for senders that do not wait for their answer.
    pub async fn wait_held(&self, count: u32) -> Vec<Item> {
        self.wait_view("what is held", |view| view.held == count).await;
        self.held().await
    }

    /// One interruption, wherever it is.
    pub async fn detail(&self, id: u32) -> Detail {
        self.must(verb::Show { id }).await
    }

    /// As [`wait_view`].
    pub async fn wait_view(&self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        wait_view(&self.control, what, wanted).await
    }

    /// Lets the machine sleep.
    ///
    /// # Panics
    /// If the daemon does not settle.
    pub async fn suspend(&mut self, by: Duration) {
        self.clock.suspend(by, DEADLINE).await;
    }

    /// Steps the clock; returns when all that fell due has been handled.
    pub async fn advance(&mut self, by: Duration) {
        self.clock.advance(by, DEADLINE).await;
    }

    /// Kills the daemon with -9 and waits until the renderer owns the name.
    pub async fn kill9(&mut self) {
        let gate = self.gate().await;
        self.daemon.kill9(DEADLINE).await;
        wait_owner_change(&self.control, NOTIFICATIONS, Some(&gate), DEADLINE).await;
    }

    /// Ends the daemon as a logout does: what is held is kept.
    ///
    /// # Panics
    /// If it does not end well.
    pub async fn terminate(&mut self) {
        let status = self.daemon.terminate(DEADLINE).await;
        assert!(status.success(), "the daemon ended with {status}\n{}", self.daemon.log());
    }

    /// Kills the bus, and with it the session; then everything starts again on a bus that counts unique names anew.
    ///
    /// # Panics
    /// If anything does not end with the bus.
    pub async fn restart_bus(&mut self) {
        self.session.restart_bus().await;
        self.daemon.wait(DEADLINE).await;
        self.control = self.session.connect().await;
        self.daemon = start_daemon(&self.session);
        wait_owner(&self.control, NOTIFICATIONS, DEADLINE).await;
        self.renderer = connect_renderer(&self.session).await;
        self.wait_view("the renderer on the new bus", |view| view.renderer.up && view.gate.in_path).await;
    }

    /// Has another renderer take the place of the one behind the relay: it can do these things.
    ///
    /// # Panics
    /// If it cannot have its name.
    pub async fn replace_renderer(&mut self, capabilities: &[&str]) {
        let conn = self.session.connect_at(&format!("unix:path={}", renderer_socket(&self.session).display())).await;
        let next = RecordingRenderer::serve(&conn);
        next.set_capabilities(capabilities);
        let earlier = self.renderer.conn().unique_name().unwrap().to_string();
        self.renderer.conn().clone().close().await.unwrap();
        self.renderer = next;
        wait_no_owner(&self.control, &earlier, DEADLINE).await;
        self.wait_view("the loss of the earlier renderer", |view| !view.renderer.up).await;
        conn.request_name_with_flags(NOTIFICATIONS, RequestNameFlags::DoNotQueue.into()).await.unwrap();
        self.wait_view("the other renderer", |view| view.renderer.up).await;
    }

    /// Starts the daemon again and waits until it stands in the path.
    pub async fn start_again(&mut self) {
        wait_no_owner(&self.control, BUS_NAME, DEADLINE).await;
        self.daemon = start_daemon(&self.session);
        wait_owner(&self.control, BUS_NAME, DEADLINE).await;
        self.wait_view("the gate back in the path", |view| view.gate.in_path && view.renderer.up).await;
    }

    /// Runs the command line.
    pub async fn cli<const N: usize>(&self, arguments: [&str; N]) -> tidegate_testkit::Ran {
        self.session.run(program("tidegate"), arguments).await
    }
}

/// What the daemon answers to a request of our own clients.
///
/// # Errors
/// The daemon's own failure.
///
/// # Panics
/// If it does not answer, or not in the contract's words.
pub async fn ask<V: Verb>(conn: &Connection, verb: V) -> Result<V::Response, Failure> {
    Ok(serde_json::from_str(&carry(conn, verb.into()).await?).unwrap())
}

/// Gives the response as JSON.
async fn carry(conn: &Connection, request: Request) -> Result<String, Failure> {
    let text = serde_json::to_string(&request).unwrap();
    let call = conn.call_method(Some(BUS_NAME), OBJECT_PATH, Some(BUS_NAME), "Request", &text);
    match within(DEADLINE, "the daemon's answer", call).await {
        Ok(message) => Ok(message.body().deserialize().unwrap()),
        Err(zbus::Error::MethodError(_, Some(text), _)) => {
            Err(serde_json::from_str(&text).unwrap_or_else(|_| panic!("not a failure of ours: {text}")))
        }
        Err(error) => panic!("no answer: {error}"),
    }
}

/// The summary.
///
/// # Panics
/// If the daemon does not give it.
pub async fn view(conn: &Connection) -> View {
    ask(conn, verb::View).await.unwrap()
}

/// Waits until the view of a running daemon is as `wanted`, by the daemon's own signal.
///
/// # Panics
/// At the deadline, with the last view.
pub async fn wait_view(conn: &Connection, what: &str, wanted: impl Fn(&View) -> bool) -> View {
    let rule = format!("type='signal',interface='{BUS_NAME}',member='ViewChanged'");
    let rule = zbus::MatchRule::try_from(rule.as_str()).unwrap();
    let mut changes = zbus::MessageStream::for_match_rule(rule, conn, Some(64)).await.unwrap();
    let mut now = view(conn).await;
    while !wanted(&now) {
        let waited = format!("{what}; the last view was {now:?}");
        let message = next_item(DEADLINE, &waited, &mut changes).await.unwrap();
        now = serde_json::from_str(message.body().deserialize::<&str>().unwrap()).unwrap();
    }
    now
}

/// What a signal said, if it came from the gate to this app alone.
fn addressed(heard: Heard, gate: &str, app: &Client) -> Signal {
    assert_eq!((heard.from.as_str(), heard.to), (gate, Some(app.unique_name())), "{:?}", heard.signal);
    heard.signal
}

/// The real daemon, not waited for.
#[must_use]
pub fn start_daemon(session: &Session) -> Process {
    let mut command = session.command(program("tidegate"));
    command.args(["daemon", "--replace-now"]);
    session.spawn(command)
}

/// A recording renderer behind the relay: to the bus it is a notification daemon like any other.
pub async fn connect_renderer(session: &Session) -> RecordingRenderer {
    let socket = renderer_socket(session);
    let conn = session.connect_at(&format!("unix:path={}", socket.display())).await;
    RecordingRenderer::start(&conn, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await
}

/// Where a renderer finds the relay.
#[must_use]
pub fn renderer_socket(session: &Session) -> PathBuf {
    session.runtime_dir().join(Path::new("tidegate/renderer.sock"))
}
