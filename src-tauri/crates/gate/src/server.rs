//! The notification service on the raw message stream: calls in the bus's order become events, effects become messages.
//! Must not decide what happens to a notification.

mod answer;
mod call;
mod incoming;
mod outgoing;

use crate::behind::{self, Behind};
use crate::files::{Files, Named};
use crate::foreign::Foreign;
use crate::guard::HangGuard;
use crate::identity::Process;
use crate::names::{LIMITS_EXCEEDED, UNKNOWN_METHOD};
use crate::relay_link::RelayLink;
use crate::relay_protocol::ToGate;
use crate::renderer::{Renderer, RendererFacts};
use crate::senders::Senders;
use crate::wire::MAX_BODY;
use call::Job;
use futures_util::{FutureExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_bus::{Called, Inbox, Limits, Load, Refusal};
use tidegate_domain::{Event, GateEffect, Sender, Signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use zbus::{Connection, Message, MessageStream};

/// A commit may keep a caller waiting this long; then its notification goes on without the store.
const COMMIT_LIMIT: Duration = Duration::from_millis(500);
/// Calls that the engine may have at a time, and their bytes: what one commit writes takes far less than that limit.
const UNDER_WAY: usize = 128;
const UNDER_WAY_BYTES: usize = 4 << 20;
/// Messages that the library reads ahead of us, each up to 64 MiB. What waits otherwise does so in its sender's turn.
const READ_AHEAD: usize = 8;
/// What may wait for its turn: of one connection four thousand calls, or four of the largest.
pub(crate) const WAITING: Limits = Limits {
    own: Load { calls: 4_096, bytes: 20 << 20 },
    all: Load { calls: 32_768, bytes: 64 << 20 },
    first: 64 << 10,
    overhead: call::OVERHEAD,
    heaviest: MAX_BODY,
    refusal: Refusal { name: LIMITS_EXCEEDED, text: "too many calls of yours are not answered yet" },
};
/// For the last line of the log.
const LAST_WORDS: Duration = Duration::from_millis(20);
/// Signals that may wait after a start.
const UNSENT: usize = 4_096;

/// Why the gate cannot stand or go on.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The session bus cannot be reached.
    #[error("connect to the session bus: {0}")]
    Connect(#[source] zbus::Error),
    /// The bus refused something that cannot be done without.
    #[error("{operation}: {source}")]
    Bus {
        /// What was asked.
        operation: &'static str,
        /// What it said.
        source: zbus::Error,
    },
    /// The session bus has gone away: the session is over.
    #[error("the session bus closed the connection")]
    BusGone,
    /// The system gave no thread.
    #[error("start the hang guard: {0}")]
    Thread(#[source] std::io::Error),
}

/// How the gate is to stand.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bus's address; the session's own if none.
    pub address: Option<String>,
    /// What the renderer said of itself when it was last seen: our capabilities are fixed before it is asked.
    pub facts: RendererFacts,
    /// Our version, for `GetServerInformation`.
    pub version: String,
    /// The folder for copies of files that notifications name.
    pub files: PathBuf,
    /// How many bytes those may take, now and whenever that changes.
    pub most_of_files: watch::Receiver<u64>,
}

/// Where the gate's news goes.
pub struct Outputs {
    /// Every event, in order.
    pub events: Box<dyn Fn(Event) + Send>,
    /// A caller has waited too long for a commit.
    pub overdue: Box<dyn Fn() + Send>,
    /// The relay has gone.
    pub relay_lost: Box<dyn Fn() + Send>,
    /// What the renderer says of itself.
    pub facts: Box<dyn Fn(&RendererFacts) + Send>,
}

/// What the gate is told besides effects.
pub(crate) enum Order {
    /// There is a relay: what it has said so far, and the line to it.
    Relay { said: Vec<ToGate>, link: RelayLink },
    /// What the daemon says of itself that is moved behind the gate.
    Facts(RendererFacts),
}

/// A call that the engine was given and has not answered.
struct Pending {
    call: Message,
    since: Instant,
    weight: usize,
    /// The files that it names, copied once it is answered; the process whose they are.
    named: Option<Named>,
    pid: u32,
}

/// Who a connection is: what the bus and the kernel say, and the sandbox.
struct Learned {
    name: Arc<str>,
    /// None when it has left.
    pid: Option<u32>,
    process: Process,
}

/// Senders of rows from before a restart, until the bus has said who is there.
#[derive(Default)]
struct Sought {
    /// The serial of the question.
    question: Option<u32>,
    names: BTreeSet<Arc<str>>,
}

/// A question of ours to the renderer.
#[derive(Clone, Copy)]
enum Probe {
    Capabilities,
    Information,
    /// Whether it answers at all.
    Answers,
}

/// The gate: one connection that owns the name, serves the apps and calls the renderer.
pub struct Gate {
    conn: Connection,
    inbox: Inbox,
    stream: MessageStream,
    unique: Arc<str>,
    bus: Arc<str>,
    version: String,
    /// None until somebody has asked.
    capabilities: Option<Vec<String>>,
    inhibited: bool,
    next_call: u64,
    calls: BTreeMap<u64, Pending>,
    calls_bytes: usize,
    overdue_told: Option<Instant>,
    senders: Senders<Job>,
    /// Those that are looked at closely: in a sandbox, or in an app's unit.
    learning: JoinSet<Learned>,
    /// Files that a call to the renderer names, while they are looked at.
    looking: JoinSet<(u32, BTreeMap<String, String>)>,
    in_path: bool,
    sought: Sought,
    /// Signals that wait until the name is ours and the bus has said whether their senders are still the same.
    unsent: Vec<(Sender, Signal)>,
    renderer: Renderer,
    behind: behind::Tell,
    files: Files,
    foreign: Foreign,
    probes: BTreeMap<u32, Probe>,
    guard: HangGuard,
    orders: mpsc::UnboundedReceiver<Order>,
    order: mpsc::UnboundedSender<Order>,
    relay: Option<RelayLink>,
}

impl Gate {
    /// Connects; owns no name yet.
    ///
    /// # Errors
    /// When there is no bus to connect to.
    pub async fn connect(config: Config) -> Result<Self, GateError> {
        let connected = tidegate_bus::connect_called(config.address.as_deref(), WAITING).await;
        let Called { builder, socket, reads, inbox } = connected.map_err(GateError::Connect)?;
        let conn = builder.max_queued(READ_AHEAD).build().await.map_err(GateError::Connect)?;
        let stream = MessageStream::from(&conn);
        let unique: Arc<str> = conn.unique_name().map(ToString::to_string).unwrap_or_default().into();
        let bus = bus_id(&conn).await?;
        let guard = HangGuard::start(socket, reads, inbox.clone(), abort).map_err(GateError::Thread)?;
        let (order, orders) = mpsc::unbounded_channel();
        let renderer = Renderer::new(config.facts);
        Ok(Self {
            capabilities: None,
            conn,
            inbox,
            stream,
            unique,
            bus,
            version: config.version,
            inhibited: false,
            next_call: 0,
            calls: BTreeMap::new(),
            calls_bytes: 0,
            overdue_told: None,
            senders: Senders::default(),
            learning: JoinSet::new(),
            looking: JoinSet::new(),
            in_path: false,
            sought: Sought::default(),
            unsent: Vec::new(),
            renderer,
            behind: behind::Tell::default(),
            files: Files::new(config.files, config.most_of_files),
            foreign: Foreign::default(),
            probes: BTreeMap::new(),
            guard,
            orders,
            order,
            relay: None,
        })
    }

    /// The unique name of the gate's connection.
    #[must_use]
    pub fn unique_name(&self) -> Arc<str> {
        self.unique.clone()
    }

    /// The gate's connection among those of all sessions: what rows remember.
    #[must_use]
    pub fn connection_name(&self) -> Arc<str> {
        self.connection_called(&self.unique)
    }

    /// A second handle to the connection, to own the name with.
    pub fn connection(&self) -> Connection {
        self.conn.clone()
    }

    /// Whether a renderer is behind it, now and whenever that changes.
    pub(crate) fn behind(&self) -> watch::Receiver<Behind> {
        self.behind.watch()
    }

    pub(crate) fn orders(&self) -> mpsc::UnboundedSender<Order> {
        self.order.clone()
    }

    /// Serves until the effects end or the bus goes away.
    ///
    /// # Errors
    /// [`GateError::BusGone`] when the bus closes the connection; the name is lost then.
    pub async fn run(
        mut self,
        outputs: Outputs,
        mut effects: mpsc::UnboundedReceiver<Vec<GateEffect>>,
    ) -> Result<(), GateError> {
        loop {
            let deadline = self.deadline();
            // In a flood there is always a message: it comes last, or nothing else had a turn. Then there are always effects,
            // too: behind each batch of them what has come is heard, or nobody else had a turn.
            tokio::select! {
                biased;
                batch = effects.recv() => match batch {
                    Some(batch) => {
                        self.perform(batch, &outputs).await?;
                        self.hear(&outputs).await?;
                    }
                    None => return Ok(()),
                },
                Some(order) = self.orders.recv() => self.obey(order, &outputs).await?,
                Some(Ok(learned)) = self.learning.join_next() => self.learned(learned, &outputs).await?,
                Some(Ok((serial, gone))) = self.looking.join_next() => {
                    self.renderer.looked(serial, gone);
                    self.send_next(&outputs).await?;
                }
                said = next_said(&mut self.relay) => self.relay_said(said, &outputs).await?,
                () = until(deadline) => self.give_up(&outputs).await?,
                message = self.stream.next() => self.heard(message, &outputs).await?,
            }
        }
    }

    /// Takes in what has come already, and lets the library bring more.
    async fn hear(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        for _ in 0..READ_AHEAD {
            match self.stream.next().now_or_never() {
                Some(message) => self.heard(message, outputs).await?,
                None => break,
            }
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn heard(&mut self, message: Option<zbus::Result<Message>>, outputs: &Outputs) -> Result<(), GateError> {
        match message {
            Some(Ok(message)) => self.receive(message, outputs).await,
            Some(Err(_)) | None => Err(GateError::BusGone),
        }
    }

    async fn obey(&mut self, order: Order, outputs: &Outputs) -> Result<(), GateError> {
        match order {
            Order::Relay { said, link } => {
                self.relay = Some(link);
                for message in said {
                    self.relay_said(Some(message), outputs).await?;
                }
            }
            Order::Facts(facts) => {
                self.renderer.facts = facts;
                (outputs.facts)(&self.renderer.facts);
            }
        }
        Ok(())
    }

    fn connection_called(&self, unique: &str) -> Arc<str> {
        crate::names::connection(&self.bus, unique)
    }

    fn deadline(&self) -> Option<Instant> {
        let oldest = self.calls.values().next().map(|pending| pending.since);
        let since = oldest.map(|since| self.overdue_told.map_or(since, |told| told.max(since)));
        let overdue = since.map(|since| since + COMMIT_LIMIT);
        [overdue, self.renderer.deadline(), self.foreign.deadline()].into_iter().flatten().min()
    }

    async fn give_up(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        let now = Instant::now();
        let oldest = self.calls.values().next().map(|pending| pending.since);
        if oldest.is_some_and(|since| since + COMMIT_LIMIT <= now) {
            self.overdue_told = Some(now);
            (outputs.overdue)();
        }
        let given_up = self.renderer.give_up(now);
        if let Some(serial) = given_up.silent {
            self.is_silent(serial, outputs).await?;
        }
        for refused in given_up.refused {
            outgoing::tell_refused(refused, outputs);
        }
        for call in self.foreign.give_up(now) {
            self.refuse(&call, UNKNOWN_METHOD, "the notification daemon is not running").await?;
        }
        self.send_next(outputs).await
    }

    async fn send(&self, message: &Message) -> Result<(), GateError> {
        self.conn.send(message).await.map_err(|_| GateError::BusGone)
    }

    fn watch_oldest(&self) {
        self.guard.watch(self.calls.values().next().map(|pending| pending.since));
    }
}

async fn next_said(relay: &mut Option<RelayLink>) -> Option<ToGate> {
    match relay {
        Some(link) => link.said.recv().await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

async fn bus_id(conn: &Connection) -> Result<Arc<str>, GateError> {
    let fail = |source| GateError::Bus { operation: "ask the bus for its id", source };
    let reply = conn
        .call_method(Some(crate::names::DBUS), crate::names::DBUS_PATH, Some(crate::names::DBUS), "GetId", &())
        .await
        .map_err(fail)?;
    let body = reply.body();
    let id: &str = body.deserialize().map_err(fail)?;
    Ok(Arc::from(id))
}

/// The renderer owns the name the instant this process is gone.
fn abort() {
    tracing::error!("callers wait over 2 s: ending, so that the notification daemon takes over");
    // The log has a thread of its own, which needs a moment.
    std::thread::sleep(LAST_WORDS);
    std::process::abort();
}
