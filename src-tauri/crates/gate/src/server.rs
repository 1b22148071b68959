//! The notification service on the raw message stream: calls in the bus's order become events, effects become messages.
//! Must not decide what happens to a notification.

mod about;
mod call;
mod calls;
mod compose;
mod incoming;
mod ourselves;
mod outgoing;
mod passthrough;
mod read;
mod renderer_side;
mod signals;
mod who;

use crate::behind::{self, Behind};
use crate::files::{Files, Named};
use crate::hang_guard;
use crate::identity::CloserLooks;
use crate::names::LIMITS_EXCEEDED;
use crate::relay_link::RelayLink;
use crate::relay_protocol::ToGate;
use crate::renderer::{Renderer, RendererFacts};
use crate::senders::Senders;
use crate::wire::MAX_BODY;
use about::About;
use call::Job;
use calls::Calls;
use futures_util::{FutureExt, StreamExt};
use ourselves::Ourselves;
use passthrough::PassThrough;
use signals::Signals;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_bus::{Called, Inbox, Limits, Load, Refusal};
use tidegate_domain::{Event, GateEffect};
use tokio::sync::{mpsc, watch};
use zbus::zvariant::DynamicType;
use zbus::{Connection, Message, MessageStream};

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

/// What is needed to answer a call that the engine was given.
struct Pending {
    call: Message,
    /// The files that it names, copied once it is answered; the process whose they are.
    named: Option<Named>,
    pid: u32,
}

/// The gate: one connection that owns the name, serves the apps and calls the renderer.
pub struct Gate {
    conn: Connection,
    us: Ourselves,
    inbox: Inbox,
    stream: MessageStream,
    about: About,
    calls: Calls<Pending>,
    senders: Senders<Job>,
    looks: CloserLooks,
    signals: Signals,
    renderer: Renderer,
    behind: behind::Tell,
    files: Files,
    passthrough: PassThrough,
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
        let oldest = hang_guard::start(socket, reads, inbox.clone(), abort).map_err(GateError::Thread)?;
        let (order, orders) = mpsc::unbounded_channel();
        Ok(Self {
            conn,
            us: Ourselves { unique, bus },
            inbox,
            stream,
            about: About::new(config.version),
            calls: Calls::new(oldest),
            senders: Senders::default(),
            looks: CloserLooks::default(),
            signals: Signals::default(),
            renderer: Renderer::new(config.facts),
            behind: behind::Tell::default(),
            files: Files::new(config.files, config.most_of_files),
            passthrough: PassThrough::default(),
            orders,
            order,
            relay: None,
        })
    }

    /// The unique name of the gate's connection.
    #[must_use]
    pub fn unique_name(&self) -> Arc<str> {
        self.us.unique.clone()
    }

    /// The gate's connection among those of all sessions: what rows remember.
    #[must_use]
    pub fn connection_name(&self) -> Arc<str> {
        self.us.connection(&self.us.unique)
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
                Some(learned) = self.looks.next() => self.learned(learned, &outputs).await?,
                Some((serial, gone)) = self.files.looked() => {
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

    fn deadline(&self) -> Option<Instant> {
        [self.calls.deadline(), self.renderer.deadline(), self.passthrough.deadline()].into_iter().flatten().min()
    }

    async fn give_up(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        let now = Instant::now();
        if self.calls.are_overdue(now) {
            (outputs.overdue)();
        }
        let given_up = self.renderer.give_up(now);
        if let Some(serial) = given_up.silent {
            self.is_silent(serial, outputs).await?;
        }
        for refused in given_up.refused {
            renderer_side::tell_refused(refused, outputs);
        }
        for refusal in self.passthrough.give_up(now) {
            self.send_if(refusal?).await?;
        }
        self.send_next(outputs).await
    }

    async fn send(&self, message: &Message) -> Result<(), GateError> {
        self.conn.send(message).await.map_err(|_| GateError::BusGone)
    }

    async fn send_if(&self, message: Option<Message>) -> Result<(), GateError> {
        match message {
            Some(message) => self.send(&message).await,
            None => Ok(()),
        }
    }

    async fn reply<B>(&self, call: &Message, body: &B) -> Result<(), GateError>
    where
        B: serde::Serialize + DynamicType,
    {
        self.send_if(compose::reply(call, body)?).await
    }

    async fn refuse(&self, call: &Message, error: &str, text: &str) -> Result<(), GateError> {
        self.send_if(compose::refusal(call, error, text)?).await
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
