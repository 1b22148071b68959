//! A notification server that remembers every call byte for byte and answers
//! as it is told: the other end of what a gate forwards.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zbus::fdo::RequestNameFlags;
use zbus::message::Type;
use zbus::names::WellKnownName;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Message, MessageStream};

use crate::client::Signal;
use crate::wait::within;
use crate::{NOTIFICATIONS, NOTIFICATIONS_PATH};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Recorded {
    message: Message,
    id: u32,
}

/// The arguments of a `Notify` call, decoded.
#[derive(Debug, Clone)]
pub struct Fields {
    /// The app's own name for itself.
    pub app_name: String,
    /// The id it replaces, or 0.
    pub replaces_id: u32,
    /// The icon.
    pub app_icon: String,
    /// The summary.
    pub summary: String,
    /// The body.
    pub body: String,
    /// Keys and labels in turn.
    pub actions: Vec<String>,
    /// The hints, each with the D-Bus type it came with.
    pub hints: HashMap<String, OwnedValue>,
    /// The timeout in milliseconds.
    pub timeout: i32,
}

impl Recorded {
    /// The id that was answered, or will be.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The message itself.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The unique name of the caller.
    ///
    /// # Panics
    /// If the message names none.
    #[must_use]
    pub fn sender(&self) -> String {
        self.message.header().sender().unwrap().to_string()
    }

    /// The body's bytes on the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.message.body().data().bytes().to_vec()
    }

    /// The body's signature.
    #[must_use]
    pub fn signature(&self) -> String {
        self.message.body().signature().to_string_no_parens()
    }

    /// The decoded arguments. Slow for large images.
    ///
    /// # Panics
    /// If the signature is not that of `Notify`.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let body = self.message.body();
        let (app_name, replaces_id, app_icon, summary, body, actions, hints, timeout) = body.deserialize().unwrap();
        Fields { app_name, replaces_id, app_icon, summary, body, actions, hints, timeout }
    }

    /// The summary alone, whatever the hints hold.
    ///
    /// # Panics
    /// If the signature is not that of `Notify`.
    #[must_use]
    pub fn summary(&self) -> String {
        Head::read(&self.message).expect("a call of Notify").summary
    }
}

/// To whom a signal goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// To everybody, as older servers do.
    Everybody,
    /// To the connection with this unique name.
    One(String),
}

/// The recording server. Dropping it leaves the bus.
#[derive(Debug)]
pub struct RecordingRenderer {
    conn: Connection,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// What the task and the test share.
#[derive(Debug)]
struct State {
    unique_name: String,
    conduct: Mutex<Conduct>,
    notified: watch::Sender<Vec<Recorded>>,
    closed: watch::Sender<Vec<u32>>,
    others: watch::Sender<Vec<Message>>,
}

/// Builds the answer to one call.
type Answer = Box<dyn Fn(&Message) -> Message + Send>;

/// How it answers.
struct Conduct {
    capabilities: Vec<String>,
    /// By member: methods of its own, besides the specification's.
    own_methods: HashMap<String, Answer>,
    refusal: Option<String>,
    paused: bool,
    owed: Vec<Message>,
    last_id: u32,
    journal: Option<File>,
}

/// A line of a journal: one call of `Notify`, as it was shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Written {
    /// The renderer's unique name.
    pub by: String,
    /// The call; none in a renderer's first line, which says only that it has come.
    pub call: Option<WrittenCall>,
}

/// What a journal keeps of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenCall {
    /// The call's serial.
    pub serial: u32,
    /// The id it replaces, or 0.
    pub replaces_id: u32,
    /// The summary.
    pub summary: String,
}

impl RecordingRenderer {
    /// Serves on `conn`, and asks for `name` with `flags`.
    ///
    /// # Panics
    /// If the bus refuses the name.
    pub async fn start(conn: &Connection, name: &str, flags: RequestNameFlags) -> Self {
        let renderer = Self::serve(conn);
        let name = WellKnownName::try_from(name).unwrap();
        conn.request_name_with_flags(name, flags.into()).await.unwrap();
        renderer
    }

    /// Serves on `conn` without asking for a name.
    #[must_use]
    pub fn serve(conn: &Connection) -> Self {
        let conduct = Conduct {
            capabilities: ["body", "actions", "body-markup", "icon-static", "persistence"].map(String::from).to_vec(),
            own_methods: HashMap::new(),
            refusal: None,
            paused: false,
            owed: Vec::new(),
            last_id: 0,
            journal: None,
        };
        let state = Arc::new(State {
            unique_name: conn.unique_name().map(ToString::to_string).unwrap_or_default(),
            conduct: Mutex::new(conduct),
            notified: watch::Sender::default(),
            closed: watch::Sender::default(),
            others: watch::Sender::default(),
        });
        let task = tokio::spawn(answer(conn.clone(), MessageStream::from(conn), state.clone()));
        Self { conn: conn.clone(), state, task }
    }

    /// Writes a line to this file now, and one before each `Notify` is answered ([`Written`]): what was shown outlives the
    /// process, however that ends. Others may write to the same file.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn keep_journal(&self, file: &Path) {
        let mut journal = OpenOptions::new().append(true).create(true).open(file).unwrap();
        write(&mut journal, &Written { by: self.state.unique_name.clone(), call: None });
        self.conduct(|conduct| conduct.journal = Some(journal));
    }

    /// Its connection.
    pub fn conn(&self) -> &Connection {
        &self.conn
    }

    /// What `GetCapabilities` answers from now on.
    pub fn set_capabilities(&self, capabilities: &[&str]) {
        let capabilities = capabilities.iter().map(ToString::to_string).collect();
        self.conduct(|conduct| conduct.capabilities = capabilities);
    }

    /// Has a method of its own from now on, on any interface but the specification's, as real daemons do for their own
    /// tools. `answer` gets the call and gives the reply.
    pub fn answer_with(&self, member: &str, answer: impl Fn(&Message) -> Message + Send + 'static) {
        self.conduct(|conduct| conduct.own_methods.insert(member.to_owned(), Box::new(answer)));
    }

    /// Answers each `Notify` with this error from now on; `None`: with an id.
    pub fn refuse_with(&self, error_name: Option<&str>) {
        self.conduct(|conduct| conduct.refusal = error_name.map(str::to_owned));
    }

    /// The id that the next new notification gets.
    pub fn set_next_id(&self, id: u32) {
        self.conduct(|conduct| conduct.last_id = id.wrapping_sub(1));
    }

    /// Records on, but answers neither `Notify` nor `GetServerInformation` until [`RecordingRenderer::resume`].
    pub fn pause(&self) {
        self.conduct(|conduct| conduct.paused = true);
    }

    /// Gives all the answers that are owed, and answers at once again.
    ///
    /// # Panics
    /// If the bus is gone.
    pub async fn resume(&self) {
        let owed = self.conduct(|conduct| {
            conduct.paused = false;
            std::mem::take(&mut conduct.owed)
        });
        for reply in owed {
            self.conn.send(&reply).await.unwrap();
        }
    }

    /// Gives the oldest answer that is owed, and stays paused.
    ///
    /// # Panics
    /// If none is owed, or the bus is gone.
    pub async fn answer_one(&self) {
        let reply = self.conduct(|conduct| conduct.owed.remove(0));
        self.conn.send(&reply).await.unwrap();
    }

    /// Never gives the oldest answer that is owed.
    ///
    /// # Panics
    /// If none is owed.
    pub fn lose_one(&self) {
        self.conduct(|conduct| drop(conduct.owed.remove(0)));
    }

    /// Every `Notify` so far.
    #[must_use]
    pub fn notified(&self) -> Vec<Recorded> {
        self.state.notified.borrow().clone()
    }

    /// Waits until there have been at least `count` calls of `Notify`, and
    /// gives all.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_notified(&self, count: usize, deadline: Duration) -> Vec<Recorded> {
        wait_len(&self.state.notified, count, deadline, "Notify").await
    }

    /// Waits until `CloseNotification` was called at least `count` times, and
    /// gives all ids.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_closed(&self, count: usize, deadline: Duration) -> Vec<u32> {
        wait_len(&self.state.closed, count, deadline, "CloseNotification").await
    }

    /// Waits until at least `count` calls of any other method have come, and
    /// gives all. Those that [`RecordingRenderer::answer_with`] does not name were answered with `UnknownMethod`.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_others(&self, count: usize, deadline: Duration) -> Vec<Message> {
        wait_len(&self.state.others, count, deadline, "another method").await
    }

    /// Sends a signal, as the user's click or dismissal would.
    ///
    /// # Panics
    /// If the bus is gone.
    pub async fn emit(&self, to: &To, signal: &Signal) {
        emit(&self.conn, to, signal).await;
    }

    /// Sends a signal to the connection that sent the notification.
    ///
    /// # Panics
    /// If the bus is gone.
    pub async fn emit_to_caller(&self, call: &Recorded, signal: &Signal) {
        self.emit(&To::One(call.sender()), signal).await;
    }

    fn conduct<T>(&self, change: impl FnOnce(&mut Conduct) -> T) -> T {
        change(&mut self.state.conduct.lock().unwrap())
    }
}

impl Drop for RecordingRenderer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole line at once, or a reader could find half of one.
fn write(journal: &mut File, line: &Written) {
    let line = serde_json::to_string(line).unwrap() + "\n";
    journal.write_all(line.as_bytes()).unwrap();
}

/// Sends a signal of a notification server from `conn`.
///
/// # Panics
/// If the bus is gone.
pub async fn emit(conn: &Connection, to: &To, signal: &Signal) {
    let to = match to {
        To::Everybody => None,
        To::One(name) => Some(name.as_str()),
    };
    let (path, interface) = (NOTIFICATIONS_PATH, NOTIFICATIONS);
    match signal {
        Signal::Closed(id, reason) => conn.emit_signal(to, path, interface, "NotificationClosed", &(id, reason)).await,
        Signal::Action(id, key) => conn.emit_signal(to, path, interface, "ActionInvoked", &(id, key)).await,
        Signal::Token(id, token) => conn.emit_signal(to, path, interface, "ActivationToken", &(id, token)).await,
        Signal::Replied(id, text) => conn.emit_signal(to, path, interface, "NotificationReplied", &(id, text)).await,
    }
    .unwrap();
}

async fn wait_len<T: Clone>(list: &watch::Sender<Vec<T>>, count: usize, deadline: Duration, what: &str) -> Vec<T> {
    let mut list = list.subscribe();
    let what = format!("{count} × {what}");
    within(deadline, &what, list.wait_for(|list| list.len() >= count)).await.unwrap().clone()
}

async fn answer(conn: Connection, mut messages: MessageStream, state: Arc<State>) {
    while let Some(Ok(message)) = messages.next().await {
        if message.message_type() != Type::MethodCall {
            continue;
        }
        for answer in state.answers(&message) {
            if conn.send(&answer).await.is_err() {
                return;
            }
        }
    }
}

impl State {
    fn answers(&self, call: &Message) -> Vec<Message> {
        let header = call.header();
        let ours = header.interface().is_none_or(|interface| *interface == NOTIFICATIONS);
        match header.member().map(|member| member.as_str()) {
            Some("Notify") if ours => self.notify(call),
            Some("CloseNotification") if ours => self.close(call),
            Some("GetCapabilities") if ours => {
                let conduct = self.conduct.lock().unwrap();
                vec![reply(call, &conduct.capabilities)]
            }
            Some("GetServerInformation") if ours => {
                let mut conduct = self.conduct.lock().unwrap();
                conduct.in_turn(reply(call, &("recording", "testkit", "1", "1.2")))
            }
            _ => self.other(call),
        }
    }

    fn notify(&self, call: &Message) -> Vec<Message> {
        let mut conduct = self.conduct.lock().unwrap();
        let id = conduct.id_for(call);
        let answer = match &conduct.refusal {
            Some(name) => error(call, name),
            None => reply(call, &id),
        };
        if let (Some(journal), Some(head)) = (&mut conduct.journal, Head::read(call)) {
            let serial = call.primary_header().serial_num().get();
            let shown = WrittenCall { serial, replaces_id: head.replaces_id, summary: head.summary };
            let by = self.unique_name.clone();
            write(journal, &Written { by, call: Some(shown) });
        }
        let recorded = Recorded { message: call.clone(), id };
        self.notified.send_modify(|calls| calls.push(recorded));
        conduct.in_turn(answer)
    }

    fn close(&self, call: &Message) -> Vec<Message> {
        let Ok(id) = call.body().deserialize::<u32>() else {
            return vec![error(call, "org.freedesktop.DBus.Error.InvalidArgs")];
        };
        self.closed.send_modify(|closed| closed.push(id));
        let to = call.header().sender().unwrap().to_owned();
        let signal = Message::signal(NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed")
            .and_then(|signal| signal.destination(to))
            .and_then(|signal| signal.build(&(id, 3_u32)))
            .unwrap();
        vec![signal, reply(call, &())]
    }

    fn other(&self, call: &Message) -> Vec<Message> {
        self.others.send_modify(|others| others.push(call.clone()));
        let member = call.header().member().map(ToString::to_string).unwrap_or_default();
        let conduct = self.conduct.lock().unwrap();
        let own = conduct.own_methods.get(&member).map(|answer| answer(call));
        vec![own.unwrap_or_else(|| error(call, "org.freedesktop.DBus.Error.UnknownMethod"))]
    }
}

impl std::fmt::Debug for Conduct {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { capabilities, refusal, paused, last_id, .. } = self;
        let mut out = out.debug_struct("Conduct");
        out.field("capabilities", capabilities).field("refusal", refusal).field("paused", paused);
        out.field("last_id", last_id).finish_non_exhaustive()
    }
}

impl Conduct {
    /// The answer at once, or after those that are owed already.
    fn in_turn(&mut self, answer: Message) -> Vec<Message> {
        if self.paused {
            self.owed.push(answer);
            return Vec::new();
        }
        vec![answer]
    }

    fn id_for(&mut self, call: &Message) -> u32 {
        match Head::read(call) {
            Some(head) if head.replaces_id != 0 => head.replaces_id,
            Some(_) | None => {
                self.last_id = self.last_id.wrapping_add(1);
                self.last_id
            }
        }
    }
}

/// The arguments of `Notify` before the hints, read from the bytes so that a huge
/// image costs nothing.
struct Head {
    replaces_id: u32,
    summary: String,
}

impl Head {
    fn read(call: &Message) -> Option<Self> {
        let body = call.body();
        let mut bytes = Bytes { bytes: body.data().bytes(), at: 0 };
        bytes.string()?;
        let replaces_id = bytes.number()?;
        bytes.string()?;
        Some(Self { replaces_id, summary: bytes.string()? })
    }
}

/// Marshalled values in this machine's byte order.
struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    /// A number, aligned to four bytes.
    fn number(&mut self) -> Option<u32> {
        let start = self.at.checked_next_multiple_of(4)?;
        self.at = start.checked_add(4)?;
        Some(u32::from_ne_bytes(self.bytes.get(start..self.at)?.try_into().ok()?))
    }

    /// A length, that many bytes, and a zero.
    fn string(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (start, end) = (self.at, self.at.checked_add(length)?);
        self.at = end.checked_add(1)?;
        Some(String::from_utf8_lossy(self.bytes.get(start..end)?).into_owned())
    }
}

fn reply<B>(call: &Message, body: &B) -> Message
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    Message::method_return(&call.header()).unwrap().build(body).unwrap()
}

fn error(call: &Message, name: &str) -> Message {
    Message::error(&call.header(), name).unwrap().build(&("refused by the test",)).unwrap()
}
