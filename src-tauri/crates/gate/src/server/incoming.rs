//! What comes on the bus, sorted: calls of apps, answers to our own calls, signals of the bus and the renderer.

use super::call::{Asked, Job, Method, Notice};
use super::outgoing::tell_refused;
use super::{Gate, GateError, Learned, Outputs, Pending, Probe, UNDER_WAY, UNDER_WAY_BYTES};
use crate::foreign::UnderWay;
use crate::identity::{Process, is_this_process};
use crate::names::{
    DBUS, DBUS_PATH, INTROSPECTABLE, INTROSPECTION, INVALID_ARGS, LIMITS_EXCEEDED, NOT_SUPPORTED, NOTIFICATIONS,
    NOTIFICATIONS_PATH, PEER, PROPERTIES, READ_ONLY, UNKNOWN_METHOD, UNKNOWN_PROPERTY,
};
use crate::relay_protocol::FOR_EVERYBODY;
use crate::renderer::raw_body;
use crate::senders::{Known, Turn};
use crate::wire::MAX_BODY;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_bus::Place;
use tidegate_domain::{Arrival, Audience, CallId, CallOutcome, ClosedReason, Event, RendererId, Sender};
use tokio::sync::{Semaphore, oneshot};
use zbus::message::{Flags, Type};
use zbus::{Message, message::Header};

/// A file system may hang; what it says of a sender is not waited for longer.
const LOOK_LIMIT: Duration = Duration::from_millis(200);
const TOO_MANY: &str = "too many calls to the notification daemon are under way";
/// What dbus-daemon and dbus-broker say of a call to a connection that has left.
const NOBODY_THERE: [&str; 2] =
    ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
/// What they, and the relay, say of a call to a connection that leaves before it answers.
pub(super) const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";
/// Senders that are looked at at a time.
const LOOKING: usize = 4;

impl Gate {
    pub(super) async fn receive(&mut self, message: Message, outputs: &Outputs) -> Result<(), GateError> {
        match message.message_type() {
            Type::MethodCall => self.called(message, outputs).await,
            Type::MethodReturn | Type::Error => self.answered(&message, outputs).await,
            Type::Signal => self.signalled(&message, outputs).await,
        }
    }

    async fn called(&mut self, message: Message, outputs: &Outputs) -> Result<(), GateError> {
        let place = self.inbox.place_of(&message);
        let header = message.header();
        let interface = header.interface().map_or("", |interface| interface.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        let ours = header.path().is_some_and(|path| path.as_str() == NOTIFICATIONS_PATH);
        if tidegate_bus::is_cut(&message) {
            return self.refuse(&message, LIMITS_EXCEEDED, "the call is too large").await;
        }
        let method = Method::named(member).filter(|_| ours && matches!(interface, NOTIFICATIONS | ""));
        match method {
            Some(method) if signature_of(&header) != method.signature() => {
                self.refuse(&message, INVALID_ARGS, "the arguments have the wrong types").await
            }
            Some(method) => self.admit(&message, method, place, outputs).await,
            None if ours && matches!(interface, NOTIFICATIONS | "") => self.ask_us(&message, member).await,
            None => self.called_otherwise(&message, interface, member, ours).await,
        }
    }

    async fn ask_us(&mut self, message: &Message, member: &str) -> Result<(), GateError> {
        let known = matches!(member, "GetCapabilities" | "GetServerInformation");
        if known && !signature_of(&message.header()).is_empty() {
            return self.refuse(message, INVALID_ARGS, "the method takes no arguments").await;
        }
        match member {
            "GetCapabilities" => {
                let capabilities = self.capabilities().to_vec();
                self.reply(message, &capabilities).await
            }
            "GetServerInformation" => self.reply(message, &self.information()).await,
            _ => self.refuse(message, UNKNOWN_METHOD, "org.freedesktop.Notifications has no such method").await,
        }
    }

    /// The bus's standard interfaces, and what belongs to the renderer.
    async fn called_otherwise(
        &mut self,
        message: &Message,
        interface: &str,
        member: &str,
        ours: bool,
    ) -> Result<(), GateError> {
        match (interface, member) {
            (PEER, "Ping") => self.reply(message, &()).await,
            (PEER, "GetMachineId") => self.reply(message, &machine_id()).await,
            (INTROSPECTABLE, "Introspect") if ours => self.reply(message, &INTROSPECTION).await,
            (PROPERTIES, _) if ours && self.is_about_us(message) => self.property_call(message, member).await,
            _ => self.belongs_to_renderer(message).await,
        }
    }

    fn is_about_us(&self, message: &Message) -> bool {
        let body = message.body();
        let big_endian = is_big_endian(message);
        crate::wire::first_string(body.data(), big_endian).is_some_and(|interface| interface == NOTIFICATIONS)
    }

    async fn property_call(&mut self, message: &Message, member: &str) -> Result<(), GateError> {
        match member {
            "GetAll" => self.reply(message, &self.properties()).await,
            "Set" => self.refuse(message, READ_ONLY, "Inhibited follows the gate").await,
            "Get" => {
                let body = message.body();
                let Ok((_, name)) = body.deserialize::<(&str, &str)>() else {
                    return self.refuse(message, INVALID_ARGS, "the arguments have the wrong types").await;
                };
                match self.property(name) {
                    Some(value) => self.reply(message, &value).await,
                    None => self.refuse(message, UNKNOWN_PROPERTY, "the only property is Inhibited").await,
                }
            }
            _ => self.refuse(message, UNKNOWN_METHOD, "org.freedesktop.DBus.Properties has no such method").await,
        }
    }

    /// Calls on the renderer's own interfaces go on working through our name (check 8).
    async fn belongs_to_renderer(&mut self, message: &Message) -> Result<(), GateError> {
        if message.header().unix_fds().is_some_and(|descriptors| descriptors > 0) {
            return self.refuse(message, NOT_SUPPORTED, "file descriptors are not passed on").await;
        }
        let bytes = message.body().data().len();
        if bytes > MAX_BODY {
            return self.refuse(message, LIMITS_EXCEEDED, "the call is over 4 MiB").await;
        }
        if !self.foreign.has_room_for(bytes) {
            return self.refuse(message, LIMITS_EXCEEDED, TOO_MANY).await;
        }
        self.pass_to_renderer(message.clone(), Instant::now()).await
    }

    /// Passes a call on, or keeps it until there is a renderer. `since`: when it came.
    pub(super) async fn pass_to_renderer(&mut self, call: Message, since: Instant) -> Result<(), GateError> {
        let Some(unique) = self.renderer.unique().cloned() else {
            return self.keep_for_renderer(call, since).await;
        };
        match passed_on(&call, &unique) {
            Ok(built) => {
                if !wants_no_reply(&call) {
                    let serial = built.primary_header().serial_num().get();
                    self.foreign.sent(serial, UnderWay { call, since, to: unique });
                }
                self.send(&built).await
            }
            Err(_) => self.refuse(&call, INVALID_ARGS, "the call cannot be passed on").await,
        }
    }

    async fn keep_for_renderer(&mut self, call: Message, since: Instant) -> Result<(), GateError> {
        match self.foreign.wait(call, since) {
            Ok(()) => Ok(()),
            Err(call) => self.refuse(&call, LIMITS_EXCEEDED, TOO_MANY).await,
        }
    }

    async fn foreign_answered(&mut self, asked: UnderWay, answer: &Message) -> Result<(), GateError> {
        if !never_arrived(answer) {
            return self.pass_answer_on(&asked.call, answer).await;
        }
        // The renderer had just left. Bus and relay tell of that in any order: there may be another already.
        if self.renderer.unique() == Some(&asked.to) {
            return self.keep_for_renderer(asked.call, asked.since).await;
        }
        self.pass_to_renderer(asked.call, asked.since).await
    }

    /// Calls that are judged wait until it is known who calls, and then for their turn.
    async fn admit(
        &mut self,
        message: &Message,
        method: Method,
        place: Option<Place>,
        outputs: &Outputs,
    ) -> Result<(), GateError> {
        let header = message.header();
        let Some(name) = header.sender().map(|sender| Arc::<str>::from(sender.as_str())) else { return Ok(()) };
        let job = match Job::read(message, method, place) {
            Ok(job) => job,
            Err((error, text)) => return self.refuse(message, error, text).await,
        };
        if self.senders.admit(&name, job.weight(), job) {
            self.ask_who(name).await?;
        }
        self.hand_on(outputs).await
    }

    /// Gives the engine what waits, in turns, but never much at a time: another's call is soon next, and no commit is
    /// made long by what one connection sends.
    pub(super) async fn hand_on(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        while let Some(turn) = self.room().and_then(|room| self.senders.next(room)) {
            let (name, has_left) = (turn.by.sender.name.clone(), turn.was_last);
            self.work(turn, outputs);
            if has_left {
                self.departed(&name, outputs).await?;
            }
        }
        Ok(())
    }

    /// How many bytes more the engine may be given now; none when it has enough calls. One alone always has room.
    fn room(&self) -> Option<usize> {
        match self.calls.len() {
            0 => Some(usize::MAX),
            calls => (calls < UNDER_WAY).then(|| UNDER_WAY_BYTES.saturating_sub(self.calls_bytes)),
        }
    }

    async fn departed(&mut self, name: &Arc<str>, outputs: &Outputs) -> Result<(), GateError> {
        (outputs.events)(Event::SenderLeft(name.clone()));
        self.match_rule("RemoveMatch", &leaving(name)).await
    }

    /// Asks the bus who a connection is; first to be told when it leaves, so that a departure between the two is seen.
    pub(super) async fn ask_who(&mut self, name: Arc<str>) -> Result<(), GateError> {
        self.match_rule("AddMatch", &leaving(&name)).await?;
        // Not for all credentials: newer buses answer those with a descriptor, and what names one that was not taken along, as
        // here, cannot be read.
        let question = bus_call("GetConnectionUnixProcessID", &&*name)?;
        self.senders.asked(question.primary_header().serial_num().get(), name);
        self.send(&question).await
    }

    pub(super) async fn match_rule(&self, method: &'static str, rule: &str) -> Result<(), GateError> {
        let builder = Message::method_call(DBUS_PATH, method)
            .and_then(|builder| builder.destination(DBUS))
            .and_then(|builder| builder.interface(DBUS))
            .and_then(|builder| builder.with_flags(Flags::NoReplyExpected));
        let message = builder.and_then(|builder| builder.build(&rule));
        self.send(&message.map_err(|source| GateError::Bus { operation: "write a match rule", source })?).await
    }

    async fn answered(&mut self, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let Some(serial) = header.reply_serial().map(std::num::NonZeroU32::get) else { return Ok(()) };
        if self.sought.question == Some(serial) {
            return self.found(message).await;
        }
        if let Some(name) = self.senders.answered(serial) {
            return self.learned_who(name, message, outputs).await;
        }
        if self.renderer.is_answer(serial) {
            (outputs.events)(Event::Sent { serial, outcome: outcome_of(message) });
            return self.send_next(outputs).await;
        }
        if let Some(asked) = self.foreign.answered(serial) {
            return self.foreign_answered(asked, message).await;
        }
        if let Some(probe) = self.probes.remove(&serial) {
            self.renderer_described(probe, message, outputs);
            return self.send_next(outputs).await;
        }
        Ok(())
    }

    /// The bus's answer. What lies on disks, such as a sandbox's, is looked at beside the loop: a file system may hang.
    async fn learned_who(&mut self, name: Arc<str>, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let pid = process_id(message);
        let process = pid.map_or_else(Process::default, Process::read);
        if let Some(pid) = pid.filter(|pid| process.wants_closer_look(*pid)) {
            self.learning.spawn(look_closely(name, pid, process));
            return Ok(());
        }
        self.learned(Learned { name, pid, process }, outputs).await
    }

    pub(super) async fn learned(&mut self, learned: Learned, outputs: &Outputs) -> Result<(), GateError> {
        let Learned { name, pid, process } = learned;
        let sender =
            Sender { bus: self.bus.clone(), name: name.clone(), pid: pid.unwrap_or(0), started: process.started };
        let has_sent = self.senders.know(Known { sender: sender.clone(), process });
        let has_left = pid.is_none() || self.senders.has_left(&name);
        if !has_sent && !has_left {
            (outputs.events)(Event::SenderPresent(sender));
        }
        self.send_waiting().await?;
        if has_left && self.senders.left(&name) {
            self.departed(&name, outputs).await?;
        }
        self.hand_on(outputs).await
    }

    fn work(&mut self, turn: Turn<Job>, outputs: &Outputs) {
        self.next_call += 1;
        let call = CallId(self.next_call);
        let Turn { by, job, weight, .. } = turn;
        let by = if by.process.is_unchanged(by.sender.pid) { by } else { self.senders.distrust(&by) };
        let sender = by.sender.clone();
        let mut named = None;
        let event = match job.asked {
            Asked::Notify(mut notice) => {
                named = notice.named.take();
                let arrival = self.arrival(call, &by, *notice);
                self.senders.claims(&sender.name, &arrival.app);
                Event::Arrived(Box::new(arrival))
            }
            Asked::Close(id) => {
                let app = self.senders.app_of(&by).map(Box::new);
                Event::CloseRequested { call, sender, app, id }
            }
            Asked::Inhibit(app) => Event::Inhibit { call, sender, app },
            Asked::UnInhibit(cookie) => Event::UnInhibit { call, sender, cookie },
        };
        let pending = Pending { call: job.call, since: Instant::now(), weight, named, pid: by.sender.pid };
        self.calls_bytes += weight;
        self.calls.insert(call.0, pending);
        self.watch_oldest();
        (outputs.events)(event);
    }

    /// What is told to the model.
    fn arrival(&self, call: CallId, by: &Known, notice: Notice) -> Arrival {
        Arrival {
            call,
            sender: by.sender.clone(),
            app: by.process.app(&notice.app_name, notice.desktop_entry.as_deref()),
            replaces: notice.replaces,
            content: notice.content,
            raw: notice.raw,
            whole: notice.whole,
            own: self.is_own(&by.sender),
        }
    }

    /// Whether this program sent it. The library that it shows its notices with makes a connection for each, so that their
    /// names cannot be known before: the process is.
    fn is_own(&self, sender: &Sender) -> bool {
        is_this_process(sender.pid, sender.started) && came_after(&sender.name, &self.unique)
    }

    async fn signalled(&mut self, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let sender = header.sender().map_or("", |sender| sender.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        if sender == DBUS {
            return self.bus_said(message, member, outputs).await;
        }
        let is_renderer = self.renderer.unique().is_some_and(|unique| **unique == *sender);
        let Some(by) = self.renderer.connection().filter(|_| is_renderer).cloned() else { return Ok(()) };
        if header.interface().is_some_and(|interface| interface.as_str() == NOTIFICATIONS) {
            self.renderer_signalled(message, member, by, outputs);
        }
        Ok(())
    }

    async fn bus_said(&mut self, message: &Message, member: &str, outputs: &Outputs) -> Result<(), GateError> {
        let body = message.body();
        match member {
            "NameAcquired" | "NameLost" if body.deserialize::<&str>().is_ok_and(|name| name == NOTIFICATIONS) => {
                self.in_path = member == "NameAcquired";
                self.renderer.set_name_lost(!self.in_path);
                (outputs.events)(Event::InPath(self.in_path));
                self.send_waiting().await?;
                self.send_next(outputs).await?;
            }
            "NameOwnerChanged" => {
                if let Ok((name, _, "")) = body.deserialize::<(&str, &str, &str)>()
                    && self.senders.left(name)
                {
                    self.departed(&name.into(), outputs).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn renderer_signalled(&mut self, message: &Message, member: &str, by: Arc<str>, outputs: &Outputs) {
        let body = message.body();
        let to = audience_of(message);
        match member {
            "NotificationClosed" => {
                if let Ok((id, reason)) = body.deserialize::<(u32, u32)>() {
                    self.renderer.take_token(id);
                    self.closed(by, id, reason, to, outputs);
                }
            }
            "ActivationToken" => {
                if let Ok((id, token)) = body.deserialize::<(u32, String)>() {
                    self.renderer.keep_token(id, token);
                }
            }
            "ActionInvoked" => {
                if let Ok((id, key)) = body.deserialize::<(u32, String)>() {
                    let token = self.renderer.take_token(id);
                    (outputs.events)(Event::RendererAction { by, id: RendererId(id), key, token, to });
                }
            }
            "NotificationReplied" => {
                if let Ok((id, text)) = body.deserialize::<(u32, String)>() {
                    (outputs.events)(Event::RendererReplied { by, id: RendererId(id), text, to });
                }
            }
            _ => {}
        }
    }

    pub(super) fn closed(&self, by: Arc<str>, id: u32, reason: u32, to: Audience, outputs: &Outputs) {
        let reason = ClosedReason::from_code(reason);
        (outputs.events)(Event::RendererClosed { by, id: RendererId(id), reason, to });
    }

    fn renderer_described(&mut self, probe: Probe, message: &Message, outputs: &Outputs) {
        let body = message.body();
        match probe {
            Probe::Capabilities => {
                if let Ok(capabilities) = body.deserialize::<Vec<String>>() {
                    self.renderer.facts.capabilities = capabilities;
                }
            }
            Probe::Information => {
                if let Ok((name, _, version, _)) = body.deserialize::<(String, String, String, String)>() {
                    (self.renderer.facts.name, self.renderer.facts.version) = (name, version);
                }
            }
            Probe::Answers => {
                if let Some(refused) = self.renderer.answers_again() {
                    tell_refused(refused, outputs);
                }
                return;
            }
        }
        (outputs.facts)(&self.renderer.facts);
    }
}

/// A call at our name as it goes to the renderer's connection.
fn passed_on(call: &Message, unique: &str) -> zbus::Result<Message> {
    let header = call.header();
    let missing = zbus::Error::MissingField;
    let (path, member) = (header.path().ok_or(missing)?, header.member().ok_or(zbus::Error::MissingField)?);
    let mut builder = Message::method_call(path.to_owned(), member.to_owned())?.destination(unique.to_owned())?;
    if wants_no_reply(call) {
        builder = builder.with_flags(Flags::NoReplyExpected)?;
    }
    if let Some(interface) = header.interface() {
        builder = builder.interface(interface.to_owned())?;
    }
    raw_body(builder.endian(endian_of(call)), call.body().data(), &signature_of(&header))
}

fn wants_no_reply(call: &Message) -> bool {
    call.primary_header().flags().contains(Flags::NoReplyExpected)
}

/// Whether the bus itself says that there was nobody to give a call to.
fn never_arrived(answer: &Message) -> bool {
    let header = answer.header();
    header.sender().is_some_and(|sender| sender.as_str() == DBUS)
        && header.error_name().is_some_and(|error| NOBODY_THERE.contains(&error.as_str()))
}

/// Whether the bus itself says that whoever had the call has left without an answer.
fn has_left_with_it(answer: &Message) -> bool {
    let header = answer.header();
    header.sender().is_some_and(|sender| sender.as_str() == DBUS)
        && header.error_name().is_some_and(|error| error.as_str() == NO_REPLY)
}

/// Whether a connection came to the bus after another: unique names count up. One that was made before ours may be that of
/// whatever this process was before it became the daemon.
fn came_after(name: &str, ours: &str) -> bool {
    let number = |name: &str| {
        let (major, minor) = name.strip_prefix(':')?.split_once('.')?;
        Some((major.parse::<u64>().ok()?, minor.parse::<u64>().ok()?))
    };
    number(name).zip(number(ours)).is_some_and(|(theirs, ours)| theirs > ours)
}

/// The rule that tells when a connection leaves.
fn leaving(name: &str) -> String {
    format!("type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged',arg0='{name}'")
}

pub(super) fn bus_call<B>(method: &'static str, body: &B) -> Result<Message, GateError>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    Message::method_call(DBUS_PATH, method)
        .and_then(|builder| builder.destination(DBUS))
        .and_then(|builder| builder.interface(DBUS))
        .and_then(|builder| builder.build(body))
        .map_err(|source| GateError::Bus { operation: "write a call to the bus", source })
}

pub(super) fn signature_of(header: &Header<'_>) -> String {
    header.signature().to_string_no_parens()
}

pub(super) fn endian_of(message: &Message) -> zbus::zvariant::Endian {
    if is_big_endian(message) { zbus::zvariant::Endian::Big } else { zbus::zvariant::Endian::Little }
}

pub(super) fn is_big_endian(message: &Message) -> bool {
    matches!(message.primary_header().endian_sig(), zbus::message::EndianSig::Big)
}

/// Whom the renderer addressed. The relay addresses to the gate alone what was for everybody, and marks it.
fn audience_of(signal: &Message) -> Audience {
    let is_marked = signal.primary_header().flags().bits() & FOR_EVERYBODY != 0;
    if is_marked || signal.header().destination().is_none() { Audience::Everybody } else { Audience::Gate }
}

fn outcome_of(message: &Message) -> CallOutcome {
    let body = message.body();
    if has_left_with_it(message) {
        return CallOutcome::Left;
    }
    if message.message_type() == Type::Error {
        let text = body.deserialize::<&str>().unwrap_or("an error without words");
        let line = text.lines().next().unwrap_or_default();
        return CallOutcome::Refused(crate::wire::cut(line, 200).to_owned());
    }
    match body.deserialize::<u32>() {
        Ok(id) if id != 0 => CallOutcome::Shown(RendererId(id)),
        _ => CallOutcome::Refused("it answered without an id".into()),
    }
}

/// The answer of `GetConnectionUnixProcessID`; none when the connection has left.
fn process_id(message: &Message) -> Option<u32> {
    if message.message_type() != Type::MethodReturn {
        return None;
    }
    message.body().deserialize().ok()
}

/// Adds what a sandbox or a desktop entry says, if the file system answers in time. What hangs there may hang for good, so
/// it has a thread that nobody waits for, and so many at most.
async fn look_closely(name: Arc<str>, pid: u32, process: Process) -> Learned {
    static FREE: Semaphore = Semaphore::const_new(LOOKING);
    let plain = process.clone();
    let (says, said) = oneshot::channel();
    let look = FREE.try_acquire().map(|permit| {
        move || {
            let is_too_late = says.send(process.looked_at_closely(pid)).is_err();
            drop(permit);
            if is_too_late {
                tracing::debug!(pid, "files of a sender were read too late");
            }
        }
    });
    let thread = std::thread::Builder::new().name("sender".into()).stack_size(64 << 10);
    match look.map(|look| thread.spawn(look)) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a sender cannot be looked at"),
        Err(_) => tracing::warn!("file systems hang: one more sender is not looked at"),
    }
    let process = match tokio::time::timeout(LOOK_LIMIT, said).await {
        Ok(Ok(process)) => process,
        Ok(Err(_)) | Err(_) => plain,
    };
    Learned { name, pid: Some(pid), process }
}

fn machine_id() -> String {
    std::fs::read_to_string("/etc/machine-id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buss_answer_names_the_process_and_a_refusal_names_none() {
        let question = bus_call("GetConnectionUnixProcessID", &":1.7").unwrap();
        let answer = Message::method_return(&question.header()).unwrap().build(&7_u32).unwrap();
        let refusal = Message::error(&question.header(), "org.freedesktop.DBus.Error.NameHasNoOwner").unwrap();
        assert_eq!(process_id(&answer), Some(7));
        assert_eq!(process_id(&refusal.build(&"it has left").unwrap()), None);
    }

    #[test]
    fn check_50_a_connection_from_before_ours_is_not_our_own() {
        assert!(came_after(":1.8", ":1.7") && came_after(":1.10", ":1.9") && came_after(":2.0", ":1.9"));
        for earlier in [":1.7", ":1.6", ":0.99", "org.example.Name", ":1.x", ""] {
            assert!(!came_after(earlier, ":1.7"), "{earlier}");
        }
    }
}
