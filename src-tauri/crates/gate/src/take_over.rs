//! Getting into the path and out of it again, without a moment in which nobody owns the name.
//! Must not know notifications or the model.

mod owner;
mod unit;

use crate::names::{DBUS, DBUS_PATH, NOTIFICATIONS};
use crate::relay_link::{RelayError, RelayLink};
use crate::relay_protocol::{CONTROL_SOCKET, RECORD_FILE, RUNTIME_FOLDER, RendererRecord, ToGate};
use crate::server::{Gate, Order};
use futures_util::StreamExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use zbus::{Connection, MatchRule, MessageStream};

/// Popups that are on screen are waited for this long at most (decisions.md).
const CLEAR_LIMIT: Duration = Duration::from_secs(600);
/// A daemon that was asked to leave has this long.
const LEAVE_LIMIT: Duration = Duration::from_secs(10);
/// The relay's unit.
const RELAY_UNIT: &str = "tidegate-relay.service";

/// When a running daemon is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once it shows nothing.
    Clear,
    /// Now: what it shows is lost.
    Now,
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
    /// Another Tidegate.
    #[error("another Tidegate (process {0}) stands in the path already")]
    Another(u32),
}

/// How to get into the path.
#[derive(Debug, Clone)]
pub struct TakeOver {
    conn: Connection,
    orders: mpsc::UnboundedSender<Order>,
    unique: String,
    /// `$XDG_RUNTIME_DIR`.
    pub runtime: PathBuf,
    /// `$XDG_STATE_HOME`.
    pub state: PathBuf,
    /// The program `tidegate-relay`.
    pub relay_program: PathBuf,
    /// Our own program, for D-Bus to start.
    pub program: PathBuf,
    /// When a running daemon is stopped.
    pub when: When,
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
        Self { conn: gate.connection(), orders: gate.orders(), unique, runtime, state, relay_program, program, when }
    }

    /// Gets into the path. When this returns the gate owns the name, and the renderer is behind it or being started.
    ///
    /// # Errors
    /// When another owns the name and does not leave, or the bus or the relay fails.
    pub async fn stand(&self) -> Result<(), TakeOverError> {
        let relay = self.relay(false).await?;
        let behind = relay.renderer.clone();
        let owner = self.owner().await?;
        if behind.is_some() && owner == behind {
            // First, so that no call to the renderer's own interfaces meets a gate that does not know it.
            self.hand_to_gate(relay);
            self.request(REPLACE_EXISTING).await?;
            return self.write_activation().await;
        }
        let found = match owner {
            Some(owner) if owner == self.unique => None,
            Some(owner) => Some(self.displace(&owner).await?),
            None if self.record().is_none() && self.activate().await? => match self.owner().await? {
                Some(owner) => Some(self.displace(&owner).await?),
                None => None,
            },
            None => {
                self.request(DO_NOT_QUEUE).await?;
                None
            }
        };
        self.stand_before(relay, found).await?;
        self.write_activation().await
    }

    /// The relay went away: another is started, and the renderer with it.
    ///
    /// # Errors
    /// As for [`TakeOver::stand`].
    pub async fn stand_again(&self) -> Result<(), TakeOverError> {
        let relay = self.relay(true).await?;
        self.stand_before(relay, None).await
    }

    /// The owner would not leave and has left after all: the gate was queued behind it, so the name is ours.
    ///
    /// # Errors
    /// As for [`TakeOver::stand`].
    pub async fn stand_late(&self) -> Result<(), TakeOverError> {
        let mut changes = self.owner_changes().await?;
        self.wait_until_ours(&mut changes).await?;
        let relay = self.relay(false).await?;
        self.stand_before(relay, None).await?;
        self.write_activation().await
    }

    /// Has the relay start the renderer that was just `found`, or else the recorded one, unless one is there.
    async fn stand_before(&self, mut relay: Relay, found: Option<RendererRecord>) -> Result<(), TakeOverError> {
        let recorded = || Some(self.record()?.in_this_login(|name| std::env::var_os(name)));
        if relay.renderer.is_none()
            && let Some(record) = found.or_else(recorded)
        {
            relay.link.supervise(record).await?;
        }
        self.hand_to_gate(relay);
        Ok(())
    }

    /// Gets out of the path: the renderer, queued behind the gate, owns the name in the same instant.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub async fn leave(&self) -> Result<(), TakeOverError> {
        let file = self.activation_file();
        match std::fs::remove_file(&file) {
            Ok(()) => self.reload_activation().await?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(file_error("remove", &file, source)),
        }
        self.bus::<_, u32>("ReleaseName", &NOTIFICATIONS).await.map(|_| ())
    }

    /// Takes over from a running daemon: queue first, then have it leave, so that the name is never free. How it ran.
    async fn displace(&self, owner: &str) -> Result<RendererRecord, TakeOverError> {
        let pid = self.bus::<_, u32>("GetConnectionUnixProcessID", &owner).await?;
        let record = owner::record(pid).map_err(|source| file_error("read", &proc_folder(pid), source))?;
        if owner::is_program(&record, &self.program) {
            return Err(TakeOverError::Another(pid));
        }
        self.write_record(&record)?;
        let mut changes = self.owner_changes().await?;
        self.request(QUEUE).await?;
        if self.when == When::Clear {
            owner::wait_until_clear(&self.conn, owner, CLEAR_LIMIT).await;
        }
        tracing::info!(
            pid,
            program = owner::program(&record),
            "asking the notification daemon to move behind the gate"
        );
        owner::stop(pid, &record).await;
        match tokio::time::timeout(LEAVE_LIMIT, self.wait_until_ours(&mut changes)).await {
            Ok(done) => done.map(|()| record),
            Err(_) => Err(TakeOverError::WouldNotLeave { pid, program: owner::program(&record) }),
        }
    }

    async fn wait_until_ours(&self, changes: &mut MessageStream) -> Result<(), TakeOverError> {
        while self.owner().await?.as_deref() != Some(&*self.unique) {
            changes.next().await;
        }
        Ok(())
    }

    async fn owner_changes(&self) -> Result<MessageStream, TakeOverError> {
        let fail = |source| TakeOverError::Bus { operation: "watch the name's owner", source };
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
        if self.activation_file().exists() {
            return Ok(false);
        }
        let startable = self.bus::<_, Vec<String>>("ListActivatableNames", &()).await?;
        if !startable.iter().any(|name| name == NOTIFICATIONS) {
            return Ok(false);
        }
        match self.bus::<_, u32>("StartServiceByName", &(NOTIFICATIONS, 0_u32)).await {
            Ok(_) => Ok(true),
            Err(error) => {
                tracing::warn!(%error, "the desktop's notification daemon could not be started");
                Ok(false)
            }
        }
    }

    /// The relay that runs, or one that is started now. `called_before`: the gate may have called the renderer.
    async fn relay(&self, called_before: bool) -> Result<Relay, TakeOverError> {
        let running = self.connect_to_relay(called_before).await.ok();
        let link = match running {
            Some(link) => link,
            None => match self.relay_of_systemd(called_before).await {
                Some(link) => link,
                None => {
                    self.start_relay_detached().await?;
                    self.connect_to_relay(called_before).await?
                }
            },
        };
        Relay::welcomed(link).await
    }

    async fn connect_to_relay(&self, called_before: bool) -> Result<RelayLink, RelayError> {
        let socket = self.runtime.join(RUNTIME_FOLDER).join(CONTROL_SOCKET);
        RelayLink::connect(&socket, &self.unique, called_before).await
    }

    /// Where systemd runs us, the relay is a unit of its own beside ours. Nothing: it has to be started in another way.
    async fn relay_of_systemd(&self, called_before: bool) -> Option<RelayLink> {
        if !runs_as_unit() {
            return None;
        }
        let started = async {
            unit::start(&self.conn, RELAY_UNIT).await.map_err(|error| error.to_string())?;
            self.connect_to_relay(called_before).await.map_err(|error| error.to_string())
        };
        match started.await {
            Ok(link) => Some(link),
            Err(error) => {
                tracing::warn!(error, unit = RELAY_UNIT, "systemd did not start the relay, so the gate does");
                None
            }
        }
    }

    /// It outlives us; it returns when the relay is ready.
    async fn start_relay_detached(&self) -> Result<(), TakeOverError> {
        let fail =
            |reason: String| TakeOverError::StartRelay { program: self.relay_program.display().to_string(), reason };
        let output = tokio::process::Command::new(&self.relay_program).arg("--daemonize").output().await;
        let output = output.map_err(|error| fail(error.to_string()))?;
        // 4: another came first, which is as good.
        if output.status.success() || output.status.code() == Some(4) {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(fail(said.lines().last().unwrap_or("it failed without words").to_owned()))
    }

    fn hand_to_gate(&self, relay: Relay) {
        if self.orders.send(Order::Relay { welcome: relay.welcome, link: relay.link }).is_err() {
            tracing::debug!("the gate ended while the relay was being reached");
        }
    }

    async fn owner(&self) -> Result<Option<String>, TakeOverError> {
        match self.bus::<_, String>("GetNameOwner", &NOTIFICATIONS).await {
            Ok(owner) => Ok(Some(owner)),
            Err(TakeOverError::Bus { source: zbus::Error::MethodError(name, ..), .. })
                if name.as_str() == "org.freedesktop.DBus.Error.NameHasNoOwner" =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Never with ALLOW_REPLACEMENT: xfce4-notifyd and plasmashell would take the name (notifications.md).
    async fn request(&self, flags: u32) -> Result<(), TakeOverError> {
        self.bus::<_, u32>("RequestName", &(NOTIFICATIONS, flags)).await.map(|_| ())
    }

    async fn bus<B, R>(&self, method: &'static str, body: &B) -> Result<R, TakeOverError>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let fail = |source| TakeOverError::Bus { operation: method, source };
        let reply = self.conn.call_method(Some(DBUS), DBUS_PATH, Some(DBUS), method, body).await.map_err(fail)?;
        reply.body().deserialize().map_err(fail)
    }

    fn record_file(&self) -> PathBuf {
        self.state.join(RECORD_FILE)
    }

    /// The renderer that the user runs, as it was found running.
    #[must_use]
    pub fn record(&self) -> Option<RendererRecord> {
        serde_json::from_slice(&std::fs::read(self.record_file()).ok()?).ok()
    }

    fn write_record(&self, record: &RendererRecord) -> Result<(), TakeOverError> {
        let file = self.record_file();
        let text = serde_json::to_vec(record).map_err(|error| file_error("write", &file, error.into()))?;
        owner::write_private(&file, &text).map_err(|source| file_error("write", &file, source))
    }

    fn activation_file(&self) -> PathBuf {
        self.runtime.join("dbus-1/services").join(format!("{NOTIFICATIONS}.service"))
    }

    /// Brings us back, not some other daemon, should gate and renderer both be gone. It is gone at logout.
    async fn write_activation(&self) -> Result<(), TakeOverError> {
        let file = self.activation_file();
        let mut text = format!("[D-BUS Service]\nName={NOTIFICATIONS}\nExec={} daemon\n", self.program.display());
        if runs_as_unit() {
            // Or D-Bus would start a second daemon beside the one that systemd starts again.
            text += "SystemdService=tidegate.service\n";
        }
        owner::write_private(&file, text.as_bytes()).map_err(|source| file_error("write", &file, source))?;
        self.reload_activation().await
    }

    async fn reload_activation(&self) -> Result<(), TakeOverError> {
        let fail = |source| TakeOverError::Bus { operation: "ReloadConfig", source };
        self.conn.call_method(Some(DBUS), DBUS_PATH, Some(DBUS), "ReloadConfig", &()).await.map_err(fail)?;
        Ok(())
    }
}

/// `RequestName` flags (D-Bus specification, "Message Bus Names").
const QUEUE: u32 = 0;
const REPLACE_EXISTING: u32 = 2;
const DO_NOT_QUEUE: u32 = 4;

/// A relay that has answered.
struct Relay {
    link: RelayLink,
    welcome: ToGate,
    renderer: Option<String>,
}

impl Relay {
    async fn welcomed(mut link: RelayLink) -> Result<Self, TakeOverError> {
        let gone = || RelayError::Talk(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        let welcome = link.said.recv().await.ok_or_else(gone)?;
        let renderer = match &welcome {
            ToGate::Welcome { renderer, .. } => renderer.as_ref().map(|renderer| renderer.unique.clone()),
            ToGate::Refused { why, .. } => return Err(RelayError::Refused(why.clone()).into()),
            ToGate::Answered(_) | ToGate::RendererUp(_) | ToGate::RendererDown { .. } | ToGate::StraySignal { .. } => {
                None
            }
        };
        Ok(Self { link, welcome, renderer })
    }
}

/// Whether systemd runs this process as our unit.
fn runs_as_unit() -> bool {
    let cgroup = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    cgroup.lines().any(|line| line.ends_with("/tidegate.service"))
}

fn proc_folder(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

fn file_error(operation: &'static str, path: &Path, source: std::io::Error) -> TakeOverError {
    TakeOverError::File { operation, path: path.display().to_string(), source }
}
