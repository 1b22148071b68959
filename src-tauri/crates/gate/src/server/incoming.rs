//! What comes on the bus, dispatched: calls of apps, answers to our own calls, signals of the bus and the renderer. Must not
//! know what becomes of a notification.

use super::call::{Asked, Job, Method, Notice};
use super::read::{first_text, outcome_of, renderer_signal, signature_of};
use super::{Gate, GateError, Outputs, Pending, read};
use crate::names::{
    DBUS, INTROSPECTABLE, INTROSPECTION, INVALID_ARGS, LIMITS_EXCEEDED, NOTIFICATIONS, NOTIFICATIONS_PATH, PEER,
    PROPERTIES, READ_ONLY, UNKNOWN_METHOD, UNKNOWN_PROPERTY,
};
use crate::senders::{Known, Turn};
use std::sync::Arc;
use std::time::Instant;
use tidegate_bus::Place;
use tidegate_domain::{Arrival, CallId, Event};
use zbus::Message;
use zbus::message::Type;

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
                let capabilities = self.about.capabilities(&self.renderer.facts).to_vec();
                self.reply(message, &capabilities).await
            }
            "GetServerInformation" => self.reply(message, &self.about.information()).await,
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
            (PROPERTIES, _) if ours && first_text(message).as_deref() == Some(NOTIFICATIONS) => {
                self.property_call(message, member).await
            }
            _ => self.belongs_to_renderer(message.clone()).await,
        }
    }

    async fn property_call(&mut self, message: &Message, member: &str) -> Result<(), GateError> {
        match member {
            "GetAll" => self.reply(message, &self.about.properties()).await,
            "Set" => self.refuse(message, READ_ONLY, "Inhibited follows the gate").await,
            "Get" => {
                let body = message.body();
                let Ok((_, name)) = body.deserialize::<(&str, &str)>() else {
                    return self.refuse(message, INVALID_ARGS, "the arguments have the wrong types").await;
                };
                match self.about.property(name) {
                    Some(value) => self.reply(message, &value).await,
                    None => self.refuse(message, UNKNOWN_PROPERTY, "the only property is Inhibited").await,
                }
            }
            _ => self.refuse(message, UNKNOWN_METHOD, "org.freedesktop.DBus.Properties has no such method").await,
        }
    }

    /// Calls on the renderer's own interfaces go on working through our name (check 8).
    async fn belongs_to_renderer(&mut self, call: Message) -> Result<(), GateError> {
        let to_send = self.passthrough.take(call, Instant::now(), self.renderer.unique())?;
        self.send_if(to_send).await
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
        while let Some(turn) = self.calls.room().and_then(|room| self.senders.next(room)) {
            let (name, has_left) = (turn.by.sender.name.clone(), turn.was_last);
            self.work(turn, outputs);
            if has_left {
                self.departed(&name, outputs).await?;
            }
        }
        Ok(())
    }

    async fn answered(&mut self, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let Some(serial) = header.reply_serial().map(std::num::NonZeroU32::get) else { return Ok(()) };
        if self.senders.are_those_there(serial) {
            return self.found(message).await;
        }
        if let Some(name) = self.senders.answered(serial) {
            return self.learned_who(name, message, outputs).await;
        }
        if self.renderer.is_answer(serial) {
            (outputs.events)(Event::Sent { serial, outcome: outcome_of(message) });
            return self.send_next(outputs).await;
        }
        if let Some(to_send) = self.passthrough.answered(serial, message, self.renderer.unique()) {
            return self.send_if(to_send?).await;
        }
        match self.renderer.answered(serial, message) {
            Some(question) => self.renderer_described(question, outputs).await,
            None => Ok(()),
        }
    }

    fn work(&mut self, turn: Turn<Job>, outputs: &Outputs) {
        let Turn { by, mut job, weight, .. } = turn;
        let by = if by.process.is_unchanged(by.sender.pid) { by } else { self.senders.distrust(&by) };
        let pending = Pending { named: job.take_named(), call: job.call, pid: by.sender.pid };
        let call = self.calls.begin(pending, weight, Instant::now());
        let sender = by.sender.clone();
        let event = match job.asked {
            Asked::Notify(notice) => {
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
            own: self.us.sent(&by.sender),
        }
    }

    async fn signalled(&mut self, message: &Message, outputs: &Outputs) -> Result<(), GateError> {
        let header = message.header();
        let sender = header.sender().map_or("", |sender| sender.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        if sender == DBUS {
            return self.bus_said(message, member, outputs).await;
        }
        let is_renderer = self.renderer.unique().is_some_and(|unique| **unique == *sender);
        let is_service = header.interface().is_some_and(|interface| interface.as_str() == NOTIFICATIONS);
        if is_renderer
            && is_service
            && let Some(signal) = renderer_signal(message, member)
        {
            self.renderer_said(signal, read::audience_of(message), outputs);
        }
        Ok(())
    }

    async fn bus_said(&mut self, message: &Message, member: &str, outputs: &Outputs) -> Result<(), GateError> {
        let body = message.body();
        match member {
            "NameAcquired" | "NameLost" if body.deserialize::<&str>().is_ok_and(|name| name == NOTIFICATIONS) => {
                let in_path = member == "NameAcquired";
                self.signals.set_in_path(in_path);
                self.renderer.set_name_lost(!in_path);
                (outputs.events)(Event::InPath(in_path));
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
}

fn machine_id() -> String {
    std::fs::read_to_string("/etc/machine-id").map(|id| id.trim().to_owned()).unwrap_or_default()
}
