//! An app that sends notifications by bare D-Bus calls and hears everything
//! that comes back, in the order in which the bus delivered it.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use zbus::fdo::DBusProxy;
use zbus::message::Type;
use zbus::{Connection, MatchRule, Message, MessageStream};

use crate::notification::{Notification, call};
use crate::session::Session;
use crate::wait::{DEADLINE, within};
use crate::{NOTIFICATIONS, bus};

/// A signal of a notification server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// `NotificationClosed`, with the reason's number.
    Closed(u32, u32),
    /// `ActionInvoked`, with the action's key.
    Action(u32, String),
    /// `ActivationToken`.
    Token(u32, String),
    /// `NotificationReplied`, with the text.
    Replied(u32, String),
}

/// A signal as it reached one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The unique name of the connection that sent it.
    pub from: String,
    /// The unique name it was addressed to; `None` if it went to everybody.
    pub to: Option<String>,
    /// What it said.
    pub signal: Signal,
}

/// One connection of an app. Dropping it leaves the bus.
#[derive(Debug)]
pub struct Client {
    conn: Connection,
    server: String,
    inbox: Mutex<Inbox>,
    reader: JoinHandle<()>,
}

impl Client {
    /// An app on the session's bus that speaks to the notification server.
    pub async fn connect(session: &Session) -> Self {
        Self::connect_to(&session.address(), NOTIFICATIONS).await
    }

    /// An app on the bus at `address` that speaks to whoever owns `server`.
    ///
    /// # Panics
    /// If the bus refuses.
    pub async fn connect_to(address: &str, server: &str) -> Self {
        let conn = bus::connect(address).await;
        let signals = MatchRule::builder().msg_type(Type::Signal).interface(NOTIFICATIONS).unwrap().build();
        let messages = MessageStream::from(&conn);
        DBusProxy::new(&conn).await.unwrap().add_match_rule(signals).await.unwrap();
        let (inbox, reader) = Inbox::fed_by(messages);
        Self { conn, server: server.to_owned(), inbox: Mutex::new(inbox), reader }
    }

    /// Its connection.
    pub fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Its unique name on the bus.
    ///
    /// # Panics
    /// Never: it is on a bus.
    #[must_use]
    pub fn unique_name(&self) -> String {
        self.conn.unique_name().unwrap().to_string()
    }

    /// Sends a notification and gives its id.
    ///
    /// # Panics
    /// If it is refused, or there is no answer at [`DEADLINE`].
    pub async fn notify(&self, notification: &Notification) -> u32 {
        self.try_notify(notification).await.unwrap_or_else(|error| panic!("Notify was refused: {error}"))
    }

    /// Sends a notification and gives its id, or the server's error.
    ///
    /// # Errors
    /// The error reply.
    pub async fn try_notify(&self, notification: &Notification) -> zbus::Result<u32> {
        let serial = self.send(notification).await;
        self.reply(serial, DEADLINE).await?.body().deserialize()
    }

    /// Sends a notification without waiting for its answer, and gives the
    /// call's serial for [`Client::reply`].
    pub async fn send(&self, notification: &Notification) -> NonZeroU32 {
        self.send_message(&notification.message(&self.server)).await
    }

    /// Sends any message and gives its serial.
    ///
    /// # Panics
    /// If the bus is gone.
    pub async fn send_message(&self, message: &Message) -> NonZeroU32 {
        self.conn.send(message).await.unwrap();
        message.primary_header().serial_num()
    }

    /// The answer to an earlier call.
    ///
    /// # Errors
    /// The error reply.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn reply(&self, serial: NonZeroU32, deadline: Duration) -> zbus::Result<Message> {
        let mut inbox = self.inbox.lock().await;
        let reply = within(deadline, "a reply", inbox.reply(serial)).await;
        match reply.message_type() {
            Type::Error => Err(reply.into()),
            Type::MethodReturn | Type::MethodCall | Type::Signal => Ok(reply),
        }
    }

    /// Takes a notification back.
    ///
    /// # Errors
    /// The error reply.
    pub async fn close(&self, id: u32) -> zbus::Result<()> {
        self.call("CloseNotification", &(id,)).await?;
        Ok(())
    }

    /// What the server can do.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn capabilities(&self) -> Vec<String> {
        let reply = self.call("GetCapabilities", &()).await.unwrap();
        reply.body().deserialize().unwrap()
    }

    /// The server's name, vendor, version and specification version.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn server_information(&self) -> (String, String, String, String) {
        let reply = self.call("GetServerInformation", &()).await.unwrap();
        reply.body().deserialize().unwrap()
    }

    /// Calls any method of the server, with any arguments.
    ///
    /// # Errors
    /// The error reply.
    ///
    /// # Panics
    /// If there is no answer at [`DEADLINE`].
    pub async fn call<B>(&self, method: &str, body: &B) -> zbus::Result<Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let message = call(&self.server, method).build(body)?;
        let serial = self.send_message(&message).await;
        self.reply(serial, DEADLINE).await
    }

    /// The next signal.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn next_signal(&self, deadline: Duration) -> Heard {
        let mut inbox = self.inbox.lock().await;
        within(deadline, "a signal", inbox.signal()).await
    }

    /// All signals not read yet that the server had sent this connection, or
    /// everybody, before it answered one more call: what a test uses to show
    /// that something was not sent.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn signals_so_far(&self) -> Vec<Heard> {
        self.server_information().await;
        self.inbox.lock().await.heard.drain(..).collect()
    }

    /// Leaves the bus, as an app that quits, and waits until the bus knows.
    ///
    /// # Panics
    /// If the bus is gone already.
    pub async fn leave(self, session: &Session) {
        let name = self.unique_name();
        let witness = session.connect().await;
        self.conn.clone().close().await.unwrap();
        drop(self);
        crate::wait::wait_no_owner(&witness, &name, DEADLINE).await;
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// What has arrived and nobody has asked for yet.
#[derive(Debug)]
struct Inbox {
    arriving: UnboundedReceiver<Message>,
    heard: VecDeque<Heard>,
    replies: HashMap<NonZeroU32, Message>,
}

impl Inbox {
    /// Reads without bound: the bus's own queue would otherwise block the
    /// connection while a test looks elsewhere.
    fn fed_by(mut messages: MessageStream) -> (Self, JoinHandle<()>) {
        let (arrived, arriving) = unbounded_channel();
        let reader = tokio::spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                if arrived.send(message).is_err() {
                    break;
                }
            }
        });
        let inbox = Self { arriving, heard: VecDeque::new(), replies: HashMap::new() };
        (inbox, reader)
    }

    async fn reply(&mut self, serial: NonZeroU32) -> Message {
        loop {
            if let Some(reply) = self.replies.remove(&serial) {
                return reply;
            }
            self.take_one().await;
        }
    }

    async fn signal(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            self.take_one().await;
        }
    }

    async fn take_one(&mut self) {
        let message = self.arriving.recv().await.expect("the bus went away");
        if let Some(serial) = message.header().reply_serial() {
            self.replies.insert(serial, message.clone());
        } else if let Some(heard) = heard(&message) {
            self.heard.push_back(heard);
        }
    }
}

/// Reads a message as a signal of a notification server, if it is one.
#[must_use]
pub fn heard(message: &Message) -> Option<Heard> {
    let header = message.header();
    let of_a_server = message.message_type() == Type::Signal
        && header.interface().is_some_and(|interface| *interface == NOTIFICATIONS);
    if !of_a_server {
        return None;
    }
    let body = message.body();
    let signal = match header.member()?.as_str() {
        "NotificationClosed" => {
            let (id, reason) = body.deserialize().ok()?;
            Signal::Closed(id, reason)
        }
        "ActionInvoked" => text_signal(&body, Signal::Action)?,
        "ActivationToken" => text_signal(&body, Signal::Token)?,
        "NotificationReplied" => text_signal(&body, Signal::Replied)?,
        _ => return None,
    };
    Some(Heard { from: header.sender()?.to_string(), to: header.destination().map(ToString::to_string), signal })
}

fn text_signal(body: &zbus::message::Body, signal: impl FnOnce(u32, String) -> Signal) -> Option<Signal> {
    let (id, text) = body.deserialize().ok()?;
    Some(signal(id, text))
}
