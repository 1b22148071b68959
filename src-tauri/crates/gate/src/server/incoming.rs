//! What comes on the bus, sorted: calls of apps, answers to our own calls, signals of the bus and the renderer.

use super::{Gate, GateError, Job, JobKind, Outputs, Pending, Probe};
use crate::files::Named;
use crate::foreign::UnderWay;
use crate::identity::Process;
use crate::names::{
    DBUS, DBUS_PATH, INTROSPECTABLE, INTROSPECTION, INVALID_ARGS, LIMITS_EXCEEDED, NOTIFICATIONS, NOTIFICATIONS_PATH,
    PEER, PROPERTIES, READ_ONLY, UNKNOWN_METHOD, UNKNOWN_PROPERTY,
};
use crate::renderer::raw_body;
use crate::senders::{Admitted, Known};
use crate::wire::{MAX_BODY, Notify, SIGNATURE, strip_images};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_domain::{Arrival, CallId, CallOutcome, ClosedReason, Event, Raw, Remark, RendererId, Sender};
use zbus::message::{Flags, Type};
use zbus::zvariant::Value;
use zbus::{Message, message::Header};

/// A sandbox's file system may hang; what it says is not waited for longer.
const SANDBOX_LIMIT: Duration = Duration::from_millis(200);
const TOO_MANY: &str = "too many calls to the notification daemon are under way";
/// What dbus-daemon and dbus-broker say of a call to a connection that has left.
const NOBODY_THERE: [&str; 2] =
    ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];

impl Gate {
    pub(super) async fn receive(&mut self, message: Message, outputs: &Outputs) -> Result<(), GateError> {
        match message.message_type() {
            Type::MethodCall => self.called(message, outputs).await,
            Type::MethodReturn | Type::Error => self.answered(&message, outputs).await,
            Type::Signal => self.signalled(&message, outputs).await,
        }
    }

    async fn called(&mut self, message: Message, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let interface = header.interface().map_or("", |interface| interface.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        let ours = header.path().is_some_and(|path| path.as_str() == NOTIFICATIONS_PATH);
        let kind = match (interface, member) {
            (NOTIFICATIONS | "", "Notify") => Some((JobKind::Notify, SIGNATURE)),
            (NOTIFICATIONS | "", "CloseNotification") => Some((JobKind::Close, "u")),
            (NOTIFICATIONS | "", "Inhibit") => Some((JobKind::Inhibit, "ssa{sv}")),
            (NOTIFICATIONS | "", "UnInhibit") => Some((JobKind::UnInhibit, "u")),
            _ => None,
        };
        match kind {
            Some((kind, signature)) if ours => {
                if signature_of(&header) != signature {
                    return self.refuse(&message, INVALID_ARGS, "the arguments have the wrong types").await;
                }
                self.admit(message.clone(), kind, outputs).await
            }
            _ if ours && matches!(interface, NOTIFICATIONS | "") => self.ask_us(&message, member).await,
            _ => self.called_otherwise(&message, interface, member, ours).await,
        }
    }

    async fn ask_us(&mut self, message: &Message, member: &str) -> Result<(), GateError> {
        let known = matches!(member, "GetCapabilities" | "GetServerInformation");
        if known && !signature_of(&message.header()).is_empty() {
            return self.refuse(message, INVALID_ARGS, "the method takes no arguments").await;
        }
        match member {
            "GetCapabilities" => self.reply(message, &self.capabilities()).await,
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

    /// Calls on the renderer's own interfaces go on working through our name (notifications.md, check 8).
    async fn belongs_to_renderer(&mut self, message: &Message) -> Result<(), GateError> {
        if !self.foreign.has_room() {
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

    /// Calls that are judged wait until it is known who calls.
    async fn admit(&mut self, message: Message, kind: JobKind, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let Some(name) = header.sender().map(ToString::to_string) else { return Ok(()) };
        self.next_call += 1;
        let call = CallId(self.next_call);
        self.calls.insert(call.0, Pending { call: message.clone(), since: Instant::now(), named: None });
        self.watch_oldest();
        match self.senders.admit(&name, Job { call, message: message.clone(), kind }) {
            Admitted::Now(known, job) => self.work(&known, job, outputs).await,
            Admitted::Ask(name) => self.ask_who(name).await,
            Admitted::Waits => Ok(()),
        }
    }

    /// Asks the bus who a connection is; first to be told when it leaves, so that a departure between the two is seen.
    pub(super) async fn ask_who(&mut self, name: Arc<str>) -> Result<(), GateError> {
        self.match_rule("AddMatch", &leaving(&name)).await?;
        let question = bus_call("GetConnectionCredentials", &&*name)?;
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
        }
        Ok(())
    }

    async fn learned_who(&mut self, name: Arc<str>, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let pid = process_id(message);
        let process = match pid {
            Some(pid) => read_process(pid).await,
            None => Process::default(),
        };
        let sender =
            Sender { bus: self.bus.clone(), name: name.clone(), pid: pid.unwrap_or(0), started: process.started };
        let (known, jobs) = self.senders.know(Known { sender, process });
        if jobs.is_empty() && pid.is_some() {
            (outputs.events)(Event::SenderPresent(known.sender.clone()));
        }
        self.send_waiting().await?;
        for job in jobs {
            self.work(&known, job, outputs).await?;
        }
        if pid.is_none() {
            self.senders.forget(&name);
            (outputs.events)(Event::SenderLeft(name.clone()));
            self.match_rule("RemoveMatch", &leaving(&name)).await?;
        }
        Ok(())
    }

    async fn work(&mut self, known: &Known, job: Job, outputs: &Outputs) -> Result<(), GateError> {
        let event = match job.kind {
            JobKind::Notify => match self.arrival(known, &job) {
                Ok((arrival, named)) => {
                    if let Some(pending) = self.calls.get_mut(&job.call.0) {
                        pending.named = named;
                    }
                    Event::Arrived(Box::new(arrival))
                }
                Err((error, text)) => return self.refuse_call(job.call, error, text).await,
            },
            JobKind::Close => match job.message.body().deserialize::<u32>() {
                Ok(id) => Event::CloseRequested { call: job.call, sender: known.sender.clone(), id },
                Err(_) => return self.refuse_call(job.call, INVALID_ARGS, "the id is not a number").await,
            },
            JobKind::Inhibit => {
                let app = crate::wire::first_string(job.message.body().data(), is_big_endian(&job.message));
                let app = crate::wire::cut(app.as_deref().unwrap_or("an app"), 128).to_owned();
                Event::Inhibit { call: job.call, sender: known.sender.clone(), app }
            }
            JobKind::UnInhibit => match job.message.body().deserialize::<u32>() {
                Ok(cookie) => Event::UnInhibit { call: job.call, sender: known.sender.clone(), cookie },
                Err(_) => return self.refuse_call(job.call, INVALID_ARGS, "the cookie is not a number").await,
            },
        };
        (outputs.events)(event);
        Ok(())
    }

    /// What is told to the model, and the files that it names. A transient one's leave no trace on disk.
    fn arrival(&self, known: &Known, job: &Job) -> Result<(Arrival, Option<Named>), (&'static str, &'static str)> {
        const NOT_SO: (&str, &str) = (INVALID_ARGS, "the arguments are malformed");
        let body = job.message.body();
        let bytes: &[u8] = body.data();
        let big_endian = is_big_endian(&job.message);
        let notify = Notify::read(bytes, big_endian).map_err(|_| NOT_SO)?;
        let mut content = notify.content();
        let too_large = bytes.len() > MAX_BODY;
        let raw = if too_large || notify.hints.image_fault.is_some() {
            strip_images(&notify).map_err(|_| NOT_SO)?
        } else {
            Raw { body: bytes.into(), big_endian }
        };
        if raw.body.len() > MAX_BODY {
            return Err((LIMITS_EXCEEDED, "the notification is over 4 MiB without its images"));
        }
        if too_large && content.remarks.is_empty() {
            content.remarks.push(Remark::ImageTooLarge(notify.hints.image_bytes));
        }
        let named = if content.transient { None } else { Named::by(&notify, known.sender.pid) };
        let arrival = Arrival {
            call: job.call,
            sender: known.sender.clone(),
            app: known.process.app(notify.app_name, notify.hints.desktop_entry),
            replaces: notify.replaces,
            content,
            raw,
            own: known.sender.pid == std::process::id(),
        };
        Ok((arrival, named))
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
                    (outputs.events)(Event::SenderLeft(name.into()));
                    self.match_rule("RemoveMatch", &leaving(name)).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn renderer_signalled(&mut self, message: &Message, member: &str, by: Arc<str>, outputs: &Outputs) {
        let body = message.body();
        match member {
            "NotificationClosed" => {
                if let Ok((id, reason)) = body.deserialize::<(u32, u32)>() {
                    self.renderer.take_token(id);
                    self.closed(by, id, reason, None, outputs);
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
                    (outputs.events)(Event::RendererAction { by, id: RendererId(id), key, token, addressee: None });
                }
            }
            "NotificationReplied" => {
                if let Ok((id, text)) = body.deserialize::<(u32, String)>() {
                    (outputs.events)(Event::RendererReplied { by, id: RendererId(id), text, addressee: None });
                }
            }
            _ => {}
        }
    }

    pub(super) fn closed(&self, by: Arc<str>, id: u32, reason: u32, addressee: Option<Arc<str>>, outputs: &Outputs) {
        let reason = ClosedReason::from_code(reason);
        (outputs.events)(Event::RendererClosed { by, id: RendererId(id), reason, addressee });
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

fn is_big_endian(message: &Message) -> bool {
    matches!(message.primary_header().endian_sig(), zbus::message::EndianSig::Big)
}

fn outcome_of(message: &Message) -> CallOutcome {
    let body = message.body();
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

/// `ProcessID` of `GetConnectionCredentials`; none when the connection has left.
fn process_id(message: &Message) -> Option<u32> {
    if message.message_type() != Type::MethodReturn {
        return None;
    }
    let body = message.body();
    let credentials: std::collections::BTreeMap<&str, Value<'_>> = body.deserialize().ok()?;
    credentials.get("ProcessID").and_then(|pid| pid.downcast_ref::<u32>().ok())
}

/// Files of `/proc` answer at once; a sandbox's own file system may not.
async fn read_process(pid: u32) -> Process {
    let process = Process::read(pid);
    if !Process::is_sandboxed(pid) {
        return process;
    }
    let plain = process.clone();
    let reading = tokio::task::spawn_blocking(move || process.with_flatpak(pid));
    match tokio::time::timeout(SANDBOX_LIMIT, reading).await {
        Ok(Ok(process)) => process,
        Ok(Err(_)) | Err(_) => plain,
    }
}

fn machine_id() -> String {
    std::fs::read_to_string("/etc/machine-id").map(|id| id.trim().to_owned()).unwrap_or_default()
}
