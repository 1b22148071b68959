//! Getting into the path and out of it again, without a moment in which nobody owns the name.
//! Must not know notifications or the model.

mod activation;
mod failing;
mod owner;
mod recorded;
mod relay;
mod renderer_unit;
mod unit;

use crate::behind::Behind;
use crate::names::{DBUS, DBUS_PATH, NOTIFICATIONS};
use crate::relay_link::RelayError;
use crate::relay_protocol::{RECORD_FILE, RendererRecord};
use crate::server::{Gate, Order};
pub use failing::{Failing, RendererNews};
use futures_util::StreamExt;
use recorded::Recorded;
pub use recorded::reads_record;
use relay::{Called, Relay, Silent, Way};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_bus::shell::{self, Shell, Surroundings};
use tokio::sync::{mpsc, watch};
use zbus::{Connection, MatchRule, MessageStream};

/// Popups that are on screen are waited for this long at most.
const CLEAR_LIMIT: Duration = Duration::from_secs(600);
/// A daemon that was asked to leave has this long.
const LEAVE_LIMIT: Duration = Duration::from_secs(10);
/// A session's start begins with us as often as with the daemon that shows notifications: one that starts by itself has
/// this long to own the name before the gate does, since it could not start afterwards.
const NEWCOMER_LIMIT: Duration = Duration::from_secs(10);
/// How often the owner may change while the gate is getting in.
const MOST_STEPS: usize = 16;

/// When a running daemon is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once it shows nothing.
    Clear,
    /// Now: what it shows is lost.
    Now,
}

/// What the gate waits for before it stands in the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// A notification daemon that starts by itself.
    ForDaemon,
    /// A running daemon's popups, which would be lost.
    ForPopups {
        /// Its program.
        program: String,
    },
}

/// Why the gate does not stand in the path.
#[derive(Debug, thiserror::Error)]
pub enum TakeOverError {
    /// The bus.
    #[error("{operation}: {source}")]
    Bus {
        /// What was asked.
        operation: &'static str,
        /// What it said.
        source: zbus::Error,
    },
    /// The relay.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The relay's program.
    #[error("start {program}: {reason}")]
    StartRelay {
        /// The program.
        program: String,
        /// Why not.
        reason: String,
    },
    /// Files of our own.
    #[error("{operation} {path}: {source}")]
    File {
        /// What was done.
        operation: &'static str,
        /// To what.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The owner does not leave.
    #[error(
        "{program} (process {pid}) owns the notifications and does not leave; once it is stopped, Tidegate takes over"
    )]
    WouldNotLeave {
        /// Its process.
        pid: u32,
        /// Its program.
        program: String,
    },
    /// The owner is the desktop itself.
    #[error("{0}")]
    Shell(Shell),
    /// The owner's connection was made by the relay, for a program that is not the renderer.
    #[error(
        "a program that the notification daemon started owns the notifications; once it is stopped, Tidegate takes over"
    )]
    Stranger,
    /// Another Tidegate.
    #[error("another Tidegate (process {0}) stands in the path already")]
    Another(u32),
    /// The name goes from one to the next.
    #[error("the notifications' name changed its owner {MOST_STEPS} times while Tidegate was getting in")]
    Unsettled,
}

/// How to get into the path.
#[derive(Debug, Clone)]
pub struct TakeOver {
    conn: Connection,
    orders: mpsc::UnboundedSender<Order>,
    unique: String,
    way: Way,
    around: Surroundings,
    /// `$XDG_RUNTIME_DIR`.
    pub runtime: PathBuf,
    /// `$XDG_STATE_HOME`.
    pub state: PathBuf,
    /// Our own program, for D-Bus to start.
    pub program: PathBuf,
    /// When a running daemon is stopped.
    pub when: When,
    /// The bus started us for somebody who calls: nobody may be kept waiting.
    pub is_called: bool,
    waiting: watch::Sender<Option<Waiting>>,
    behind: watch::Receiver<Behind>,
}

/// The shell whose affair this session's notifications are. Where nobody owns the name, it is none's if the recorded
/// renderer showed them in this very desktop before: somebody had chosen it over the shell. `state`: `$XDG_STATE_HOME`.
///
/// # Errors
/// When the bus does not answer.
pub async fn shell_in_charge(conn: &Connection, around: &Surroundings, state: &Path) -> zbus::Result<Option<Shell>> {
    let found = shell::in_charge(conn, around).await?;
    let is_only_expected = found.as_ref().is_some_and(|shell| shell.pid.is_none());
    if is_only_expected && recorded::read(state).await.is_some_and(|it| it.was_chosen_in(around.desktop.as_deref())) {
        return Ok(None);
    }
    Ok(found)
}

/// What comes after one look at who owns the name.
enum Step {
    /// The name is ours, or the renderer's that is behind us, who gives it up.
    Stood,
    /// Somebody else came first.
    LookAgain,
}

/// What is waited for is told until this is dropped, also where somebody gives the wait up.
struct Told<'a>(&'a watch::Sender<Option<Waiting>>);

impl<'a> Told<'a> {
    fn new(tell: &'a watch::Sender<Option<Waiting>>, waiting: Waiting) -> Self {
        tell.send_replace(Some(waiting));
        Self(tell)
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.send_replace(None);
    }
}

impl TakeOver {
    /// For a gate that is connected.
    #[must_use]
    pub fn new(
        gate: &Gate,
        runtime: PathBuf,
        state: PathBuf,
        relay_program: PathBuf,
        program: PathBuf,
        when: When,
    ) -> Self {
        let unique = gate.unique_name().to_string();
        let (conn, gate_name) = (gate.connection(), unique.clone());
        let way = Way { conn: conn.clone(), gate: gate_name, runtime: runtime.clone(), program: relay_program };
        let is_called = std::env::var_os("DBUS_STARTER_ADDRESS").is_some();
        let around = Surroundings::of_environment();
        let (waiting, _) = watch::channel(None);
        let (orders, behind) = (gate.orders(), gate.behind());
        Self { conn, orders, unique, way, around, runtime, state, program, when, is_called, waiting, behind }
    }

    /// What is waited for, now and whenever that changes.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<Option<Waiting>> {
        self.waiting.subscribe()
    }

    /// What is heard of renderers that fail, from now on.
    #[must_use]
    pub fn failing(&self) -> Failing {
        Failing::new(self.clone(), self.behind.clone())
    }

    /// Gets into the path. When this returns the gate owns the name, and the renderer is behind it or being started.
    ///
    /// # Errors
    /// When another owns the name and does not leave, or the bus or the relay fails.
    pub async fn stand(&self) -> Result<(), TakeOverError> {
        let relay = self.relay(false).await?;
        self.stand_with(relay).await?;
        self.write_activation().await?;
        self.pass_over_renderer_unit().await;
        Ok(())
    }

    /// The relay went away: another is started, and the renderer with it.
    ///
    /// # Errors
    /// As for [`TakeOver::stand`].
    pub async fn stand_again(&self) -> Result<(), TakeOverError> {
        let relay = self.relay(true).await?;
        self.stand_before(relay, None).await
    }

    /// The recorded renderer is started in vain: what D-Bus would start, if the gate did not own the name, is taken in its
    /// place, and its program named. Nothing: there is no other, and the recorded one is tried again and again.
    ///
    /// # Errors
    /// As for [`TakeOver::stand`]; the gate may be out of the path then.
    pub async fn give_way(&self) -> Result<Option<String>, TakeOverError> {
        self.remove_activation().await?;
        if !self.is_startable().await? {
            self.write_activation().await?;
            return Ok(None);
        }
        self.release().await?;
        let found = self.displace_what_is_started().await?;
        self.write_activation().await?;
        let Some(record) = found else { return Ok(None) };
        let program = owner::program(&record);
        self.way.hand_over(record).await?;
        self.pass_over_renderer_unit().await;
        Ok(Some(program))
    }

    /// Has the bus start somebody for the free name, and takes over from it. Nothing: nobody came.
    async fn displace_what_is_started(&self) -> Result<Option<RendererRecord>, TakeOverError> {
        self.start_by_bus().await;
        for _ in 0..MOST_STEPS {
            match self.owner().await? {
                Some(owner) if owner == self.unique => return Ok(None),
                Some(owner) => return self.displace(&owner).await.map(Some),
                None => match self.request(DO_NOT_QUEUE).await? {
                    Granted::Ours => return Ok(None),
                    Granted::Anothers => {}
                },
            }
        }
        Err(TakeOverError::Unsettled)
    }

    /// Returns when the name's owner changes: then it is worth another try.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub async fn owner_changed(&self) -> Result<(), TakeOverError> {
        self.owner_changes().await?.next().await;
        Ok(())
    }

    /// The relay that answers. One that hangs is not waited for before the name is ours: what is behind it hangs too.
    async fn relay(&self, called_before: bool) -> Result<Relay, TakeOverError> {
        match self.way.call(called_before).await? {
            Called::Welcome(relay) => Ok(relay),
            Called::Silent(silent) => self.relay_after(silent, called_before).await,
        }
    }

    async fn relay_after(&self, silent: Silent, called_before: bool) -> Result<Relay, TakeOverError> {
        if let Some(owner) = self.owner().await?
            && silent.pid.is_some()
            && self.process_of(&owner).await? == silent.pid
        {
            tracing::warn!("the relay does not answer: the gate takes the name without it");
            self.request(REPLACE_EXISTING).await?;
        }
        if let Some(relay) = silent.wait().await? {
            return Ok(relay);
        }
        match self.way.call(called_before).await? {
            Called::Welcome(relay) => Ok(relay),
            Called::Silent(_) => Err(RelayError::Talk(std::io::ErrorKind::TimedOut.into()).into()),
        }
    }

    async fn stand_with(&self, mut relay: Relay) -> Result<(), TakeOverError> {
        let mut found = None;
        let mut may_wait = self.when == When::Clear && !self.is_called;
        for _ in 0..MOST_STEPS {
            // The owner first: of whoever owned the name then, the relay has heard by now.
            let owner = self.owner().await?;
            relay.catch_up();
            let step = match owner {
                Some(owner) if owner == self.unique => Step::Stood,
                Some(owner) if self.is_behind(&relay, &owner).await? => {
                    // First, so that no call to the renderer's own interfaces meets a gate that does not know it.
                    self.hand_to_gate(relay);
                    return match self.request(REPLACE_EXISTING).await? {
                        Granted::Ours => Ok(()),
                        Granted::Anothers => Err(TakeOverError::Stranger),
                    };
                }
                Some(owner) => {
                    found = Some(self.displace(&owner).await?);
                    Step::Stood
                }
                None if self.may_somebody_come(&mut may_wait).await? => Step::LookAgain,
                None => {
                    let is_there = relay.renderer.is_some();
                    // First here too: what an earlier gate had not sent any more comes before what arrives now.
                    self.hand_to_gate(relay);
                    if self.request(DO_NOT_QUEUE).await? == Granted::Ours {
                        return if is_there { Ok(()) } else { self.start_recorded().await };
                    }
                    relay = self.relay(true).await?;
                    Step::LookAgain
                }
            };
            match step {
                Step::Stood => return self.stand_before(relay, found).await,
                Step::LookAgain => {}
            }
        }
        Err(TakeOverError::Unsettled)
    }

    /// Whether this connection is the renderer's behind our relay. The relay made it, so the bus knows it as the relay's,
    /// also in the moment in which the relay has not heard of it yet.
    async fn is_behind(&self, relay: &Relay, owner: &str) -> Result<bool, TakeOverError> {
        if relay.renderer.as_deref() == Some(owner) {
            return Ok(true);
        }
        let pid = self.process_of(owner).await?;
        Ok(pid.is_some() && pid == relay.pid())
    }

    /// Nobody owns the name. Whether somebody may own it now, or a moment later, in front of whom the gate would step.
    async fn may_somebody_come(&self, may_wait: &mut bool) -> Result<bool, TakeOverError> {
        let shell = shell_in_charge(&self.conn, &self.around, &self.state).await;
        if let Some(shell) = shell.map_err(|source| bus_error("look for a shell", source))? {
            return Err(TakeOverError::Shell(shell));
        }
        let is_known = self.recorded().await.is_some_and(|recorded| recorded.fits());
        if is_known {
            return Ok(false);
        }
        Ok(self.activate().await? || std::mem::take(may_wait) && self.wait_for_newcomer().await?)
    }

    /// Waits for a daemon that starts by itself, such as by the compositor's own list.
    async fn wait_for_newcomer(&self) -> Result<bool, TakeOverError> {
        let mut changes = self.owner_changes().await?;
        let came = async {
            while self.owner().await?.is_none() {
                changes.next().await;
            }
            Ok(())
        };
        let _told = Told::new(&self.waiting, Waiting::ForDaemon);
        let came = tokio::time::timeout(NEWCOMER_LIMIT, came).await;
        came.map_or(Ok(false), |came| came.map(|()| true))
    }

    /// Has the relay start the renderer that was just `found`, or else the recorded one, unless one is there.
    async fn stand_before(&self, mut relay: Relay, found: Option<RendererRecord>) -> Result<(), TakeOverError> {
        if relay.renderer.is_none()
            && let Some(record) = self.or_recorded(found).await
        {
            relay.supervise(record).await?;
        }
        self.hand_to_gate(relay);
        Ok(())
    }

    /// The same, where the gate speaks with the relay already.
    async fn start_recorded(&self) -> Result<(), TakeOverError> {
        match self.or_recorded(None).await {
            Some(record) => self.way.hand_over(record).await,
            None => Ok(()),
        }
    }

    async fn or_recorded(&self, found: Option<RendererRecord>) -> Option<RendererRecord> {
        match found {
            Some(found) => Some(found),
            None => Some(self.recorded().await?.record.in_this_login(|name| std::env::var_os(name))),
        }
    }

    /// Gets out of the path: the renderer, queued behind the gate, owns the name in the same instant.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub async fn leave(&self) -> Result<(), TakeOverError> {
        self.remove_activation().await?;
        self.release().await?;
        if let Err(error) = renderer_unit::pass_over_none(&self.conn, &self.runtime).await {
            tracing::warn!(%error, "files of Tidegate beside the units of this login stay until logout");
        }
        Ok(())
    }

    async fn release(&self) -> Result<(), TakeOverError> {
        self.bus::<_, u32>("ReleaseName", &NOTIFICATIONS).await.map(|_| ())
    }

    /// Takes over from a running daemon: queue first, then have it leave, so that the name is never free. How it ran.
    async fn displace(&self, owner: &str) -> Result<RendererRecord, TakeOverError> {
        let pid = self.bus::<_, u32>("GetConnectionUnixProcessID", &owner).await?;
        self.refuse_to_stop_what_is_no_daemon(pid).await?;
        if let Some(facts) = owner::facts(&self.conn, owner).await
            && self.orders.send(Order::Facts(facts)).is_err()
        {
            tracing::debug!("the gate ended while it was getting in");
        }
        let unit = unit::of_main_process(&self.conn, pid).await;
        let record = owner::record(pid, unit).map_err(|source| file_error("read", &proc_folder(pid), source))?;
        self.write_record(&record)?;
        let mut changes = self.owner_changes().await?;
        self.request(QUEUE).await?;
        if self.when == When::Clear {
            let _told = Told::new(&self.waiting, Waiting::ForPopups { program: owner::program(&record) });
            owner::wait_until_clear(&self.conn, owner, CLEAR_LIMIT).await;
        }
        tracing::info!(
            pid,
            program = owner::program(&record),
            "asking the notification daemon to move behind the gate"
        );
        owner::stop(&self.conn, pid, &record).await;
        match tokio::time::timeout(LEAVE_LIMIT, self.wait_until_ours(&mut changes)).await {
            Ok(done) => done.map(|()| record),
            Err(_) => Err(TakeOverError::WouldNotLeave { pid, program: owner::program(&record) }),
        }
    }

    /// A program of ours is never stopped or recorded, and neither is what the desktop itself consists of.
    async fn refuse_to_stop_what_is_no_daemon(&self, pid: u32) -> Result<(), TakeOverError> {
        if owner::is_ours(pid, &self.program) {
            return Err(TakeOverError::Another(pid));
        }
        let shell = shell::of(&self.conn, pid, &self.around).await;
        match shell.map_err(|source| bus_error("look whether a shell owns the name", source))? {
            Some(name) => Err(TakeOverError::Shell(Shell { name, pid: Some(pid) })),
            None => Ok(()),
        }
    }

    async fn wait_until_ours(&self, changes: &mut MessageStream) -> Result<(), TakeOverError> {
        while self.owner().await?.as_deref() != Some(&*self.unique) {
            changes.next().await;
        }
        Ok(())
    }

    async fn owner_changes(&self) -> Result<MessageStream, TakeOverError> {
        let fail = |source| bus_error("watch the name's owner", source);
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .sender(DBUS)
            .and_then(|rule| rule.interface(DBUS))
            .and_then(|rule| rule.member("NameOwnerChanged"))
            .and_then(|rule| rule.arg(0, NOTIFICATIONS))
            .map_err(fail)?
            .build();
        MessageStream::for_match_rule(rule, &self.conn, Some(16)).await.map_err(fail)
    }

    /// Has the bus start what the desktop would: then there is something to record. Never us.
    async fn activate(&self) -> Result<bool, TakeOverError> {
        if activation::file(&self.runtime).exists() || !self.is_startable().await? {
            return Ok(false);
        }
        self.start_by_bus().await;
        Ok(self.owner().await?.is_some())
    }

    async fn is_startable(&self) -> Result<bool, TakeOverError> {
        let startable = self.bus::<_, Vec<String>>("ListActivatableNames", &()).await?;
        Ok(startable.iter().any(|name| name == NOTIFICATIONS))
    }

    /// Returns once what the bus started owns the name, or has failed to; it may still come.
    async fn start_by_bus(&self) {
        // What is started may itself be ordered behind us.
        let _told = Told::new(&self.waiting, Waiting::ForDaemon);
        let started = self.bus::<_, u32>("StartServiceByName", &(NOTIFICATIONS, 0_u32));
        match tokio::time::timeout(NEWCOMER_LIMIT, started).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the desktop's notification daemon could not be started"),
            Err(_) => tracing::warn!("the desktop's notification daemon was started and does not come"),
        }
    }

    fn hand_to_gate(&self, relay: Relay) {
        let (link, said) = relay.into_parts();
        if self.orders.send(Order::Relay { said, link }).is_err() {
            tracing::debug!("the gate ended while the relay was being reached");
        }
    }

    async fn owner(&self) -> Result<Option<String>, TakeOverError> {
        match self.bus::<_, String>("GetNameOwner", &NOTIFICATIONS).await {
            Err(error) if error.is_about_nobody() => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// The process of a connection; nothing if it has left.
    async fn process_of(&self, connection: &str) -> Result<Option<u32>, TakeOverError> {
        match self.bus::<_, u32>("GetConnectionUnixProcessID", &connection).await {
            Err(error) if error.is_about_nobody() => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Never with ALLOW_REPLACEMENT: xfce4-notifyd and plasmashell would take the name.
    async fn request(&self, flags: u32) -> Result<Granted, TakeOverError> {
        match self.bus::<_, u32>("RequestName", &(NOTIFICATIONS, flags)).await? {
            PRIMARY_OWNER | ALREADY_OWNER => Ok(Granted::Ours),
            _ => Ok(Granted::Anothers),
        }
    }

    async fn bus<B, R>(&self, method: &'static str, body: &B) -> Result<R, TakeOverError>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let fail = |source| bus_error(method, source);
        let reply = self.conn.call_method(Some(DBUS), DBUS_PATH, Some(DBUS), method, body).await.map_err(fail)?;
        reply.body().deserialize().map_err(fail)
    }

    /// The renderer that the user runs, as it was found running.
    async fn recorded(&self) -> Option<Recorded> {
        recorded::read(&self.state).await
    }

    fn write_record(&self, record: &RendererRecord) -> Result<(), TakeOverError> {
        let file = self.state.join(RECORD_FILE);
        let text = serde_json::to_vec(record).map_err(|error| file_error("write", &file, error.into()))?;
        owner::write_private(&file, &text).map_err(|source| file_error("write", &file, source))
    }

    /// Brings us back, not some other daemon, should gate and renderer both be gone. It is gone at logout.
    async fn write_activation(&self) -> Result<(), TakeOverError> {
        let file = activation::file(&self.runtime);
        let text = activation::text(&self.program, unit::runs_us());
        owner::write_private(&file, text.as_bytes()).map_err(|source| file_error("write", &file, source))?;
        self.reload_activation().await
    }

    /// That unit fails where this does, and nothing else is lost.
    async fn pass_over_renderer_unit(&self) {
        let Some(Recorded { record, .. }) = self.recorded().await else { return };
        if let Err(error) = renderer_unit::pass_over(&self.conn, &self.runtime, &self.program, &record).await {
            tracing::warn!(%error, "the unit of the notification daemon will fail to start beside the gate");
        }
    }

    async fn remove_activation(&self) -> Result<(), TakeOverError> {
        let file = activation::file(&self.runtime);
        match std::fs::remove_file(&file) {
            Ok(()) => self.reload_activation().await,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(file_error("remove", &file, source)),
        }
    }

    async fn reload_activation(&self) -> Result<(), TakeOverError> {
        let fail = |source| bus_error("ReloadConfig", source);
        self.conn.call_method(Some(DBUS), DBUS_PATH, Some(DBUS), "ReloadConfig", &()).await.map_err(fail)?;
        Ok(())
    }
}

/// `RequestName` flags and answers (D-Bus specification, "Message Bus Names").
const QUEUE: u32 = 0;
const REPLACE_EXISTING: u32 = 2;
const DO_NOT_QUEUE: u32 = 4;
const PRIMARY_OWNER: u32 = 1;
const ALREADY_OWNER: u32 = 4;

/// Whose the name is after it was asked for.
#[derive(PartialEq, Eq)]
enum Granted {
    Ours,
    Anothers,
}

impl TakeOverError {
    /// Whether the bus says that nobody has that name.
    fn is_about_nobody(&self) -> bool {
        let Self::Bus { source: zbus::Error::MethodError(name, ..), .. } = self else { return false };
        name.as_str() == "org.freedesktop.DBus.Error.NameHasNoOwner"
    }
}

fn bus_error(operation: &'static str, source: zbus::Error) -> TakeOverError {
    TakeOverError::Bus { operation, source }
}

fn proc_folder(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

fn file_error(operation: &'static str, path: &Path, source: std::io::Error) -> TakeOverError {
    TakeOverError::File { operation, path: path.display().to_string(), source }
}
