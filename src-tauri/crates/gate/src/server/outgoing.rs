//! What leaves: answers, signals to senders, calls to the renderer; and what the relay says. Must not decide anything.

use super::incoming::{NO_REPLY, bus_call, endian_of, signature_of};
use super::{Gate, GateError, Outputs, Probe, UNSENT};
use crate::names::{INVALID_ARGS, LIMITS_EXCEEDED, NOT_SUPPORTED, NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::relay_protocol::{Answer, Call, LiveRenderer, Outcome, RendererSignal, ToGate};
use crate::renderer::{Next, Refused, raw_body};
use chrono::Duration;
use std::sync::Arc;
use tidegate_domain::{
    Audience, CallId, CallOutcome, Event, GateEffect, KnownCalls, NoticeReply, RendererId, Sender, SentCall, Signal,
};
use zbus::Message;
use zbus::message::{Flags, Type};
use zbus::zvariant::DynamicType;

impl Gate {
    pub(super) async fn perform(&mut self, effects: Vec<GateEffect>, outputs: &Outputs) -> Result<(), GateError> {
        for effect in effects {
            match effect {
                GateEffect::Answer(call, reply) => self.answer(call, reply).await?,
                GateEffect::Emit { to, signal } => self.emit(&to, signal).await?,
                GateEffect::EmitToAll(signal) => self.emit_to_all(signal).await?,
                GateEffect::PassOn { to, signal } => self.signal(Some(&to), signal).await?,
                GateEffect::Forward(forward) => {
                    if let Some(refused) = self.renderer.push(forward) {
                        tell_refused(refused, outputs);
                    }
                }
                GateEffect::CloseAtRenderer(id) => self.close_at_renderer(id).await?,
                GateEffect::Inhibited(inhibited) => self.inhibited(inhibited).await?,
                GateEffect::FindSenders(senders) => self.find(senders).await?,
            }
        }
        self.hand_on(outputs).await?;
        self.send_next(outputs).await
    }

    async fn answer(&mut self, call: CallId, reply: NoticeReply) -> Result<(), GateError> {
        let Some(pending) = self.calls.remove(&call.0) else { return Ok(()) };
        self.calls_bytes -= pending.weight;
        self.watch_oldest();
        match reply {
            NoticeReply::Id(id) => {
                self.reply(&pending.call, &id.0).await?;
                if let Some(named) = pending.named {
                    self.files.keep(id, pending.pid, named);
                }
                Ok(())
            }
            NoticeReply::Cookie(cookie) => self.reply(&pending.call, &cookie).await,
            NoticeReply::Empty => self.reply(&pending.call, &()).await,
            NoticeReply::InvalidArgs(text) => self.refuse(&pending.call, INVALID_ARGS, text).await,
            NoticeReply::LimitsExceeded(text) => self.refuse(&pending.call, LIMITS_EXCEEDED, text).await,
        }
    }

    pub(super) async fn reply<B>(&self, call: &Message, body: &B) -> Result<(), GateError>
    where
        B: serde::Serialize + DynamicType,
    {
        if call.primary_header().flags().contains(Flags::NoReplyExpected) {
            return Ok(());
        }
        let built = Message::method_return(&call.header()).and_then(|builder| builder.build(body));
        self.send(&built.map_err(|source| GateError::Bus { operation: "write a reply", source })?).await
    }

    pub(super) async fn refuse(&self, call: &Message, error: &str, text: &str) -> Result<(), GateError> {
        if call.primary_header().flags().contains(Flags::NoReplyExpected) {
            return Ok(());
        }
        let built = Message::error(&call.header(), error).and_then(|builder| builder.build(&text));
        self.send(&built.map_err(|source| GateError::Bus { operation: "write an error", source })?).await
    }

    pub(super) async fn pass_answer_on(&self, call: &Message, answer: &Message) -> Result<(), GateError> {
        let header = answer.header();
        if header.unix_fds().is_some_and(|descriptors| descriptors > 0) {
            return self.refuse(call, NOT_SUPPORTED, "file descriptors are not passed on").await;
        }
        let call_header = call.header();
        let error = header.error_name().map_or("org.freedesktop.DBus.Error.Failed", |name| name.as_str());
        let builder = if answer.message_type() == Type::Error {
            Message::error(&call_header, error)
        } else {
            Message::method_return(&call_header)
        };
        let built = builder
            .map(|builder| builder.endian(endian_of(answer)))
            .and_then(|builder| raw_body(builder, answer.body().data(), &signature_of(&header)));
        match built {
            Ok(message) => self.send(&message).await,
            Err(_) => self.refuse(call, "org.freedesktop.DBus.Error.Failed", "the answer cannot be passed on").await,
        }
    }

    /// To one sender only, and only if it is still the same (check 32).
    async fn emit(&mut self, to: &Sender, signal: Signal) -> Result<(), GateError> {
        if let Signal::Closed(id, _) = &signal {
            self.files.forget(*id);
        }
        if !self.in_path || self.sought.names.contains(&to.name) || self.senders.is_being_asked(&to.name) {
            if self.unsent.len() < UNSENT {
                self.unsent.push((to.clone(), signal));
            }
            return Ok(());
        }
        if self.senders.is_same(to) { self.signal(Some(&to.name), signal).await } else { Ok(()) }
    }

    /// Whoever listens does so to the owner of the name.
    async fn emit_to_all(&mut self, signal: Signal) -> Result<(), GateError> {
        if let Signal::Closed(id, _) = &signal {
            self.files.forget(*id);
        }
        if self.in_path { self.signal(None, signal).await } else { Ok(()) }
    }

    /// What had waited for the name, or for the bus's word on its sender.
    pub(super) async fn send_waiting(&mut self) -> Result<(), GateError> {
        for (to, signal) in std::mem::take(&mut self.unsent) {
            self.emit(&to, signal).await?;
        }
        Ok(())
    }

    /// To this connection, or to everybody.
    async fn signal(&self, to: Option<&str>, signal: Signal) -> Result<(), GateError> {
        match signal {
            Signal::Closed(id, reason) => self.say(to, "NotificationClosed", &(id.0, reason.code())).await,
            Signal::Replied(id, text) => self.say(to, "NotificationReplied", &(id.0, text)).await,
            Signal::Action { id, key, token } => {
                if let Some(token) = token {
                    self.say(to, "ActivationToken", &(id.0, token)).await?;
                }
                self.say(to, "ActionInvoked", &(id.0, key)).await
            }
        }
    }

    async fn say<B>(&self, to: Option<&str>, member: &'static str, body: &B) -> Result<(), GateError>
    where
        B: serde::Serialize + DynamicType,
    {
        let built = Message::signal(NOTIFICATIONS_PATH, NOTIFICATIONS, member)
            .and_then(|builder| match to {
                Some(to) => builder.destination(to.to_owned()),
                None => Ok(builder),
            })
            .and_then(|builder| builder.build(body));
        match built {
            Ok(message) => self.send(&message).await,
            Err(error) => {
                tracing::warn!(%error, member, "a signal could not be written");
                Ok(())
            }
        }
    }

    async fn inhibited(&mut self, inhibited: bool) -> Result<(), GateError> {
        match self.inhibited_changed(inhibited) {
            Some(Ok(message)) => self.send(&message).await,
            Some(Err(source)) => Err(GateError::Bus { operation: "write PropertiesChanged", source }),
            None => Ok(()),
        }
    }

    /// Asks the bus who is there at all: most senders of rows from before a restart have left, and there may be as many as
    /// there are rows.
    async fn find(&mut self, senders: Vec<Sender>) -> Result<(), GateError> {
        let wanted = senders.into_iter().filter(|sender| sender.bus == self.bus).map(|sender| sender.name);
        self.sought.names.extend(wanted);
        if self.sought.names.is_empty() || self.sought.question.is_some() {
            return Ok(());
        }
        let question = bus_call("ListNames", &())?;
        self.sought.question = Some(question.primary_header().serial_num().get());
        self.send(&question).await
    }

    /// Of those who are there the bus is asked who they are; what waits for the others is for nobody.
    pub(super) async fn found(&mut self, message: &Message) -> Result<(), GateError> {
        let sought = std::mem::take(&mut self.sought).names;
        let body = message.body();
        let there = body.deserialize::<Vec<&str>>().unwrap_or_default();
        for name in there.into_iter().filter_map(|name| sought.get(name)) {
            if self.senders.ask_again(name) {
                self.ask_who(name.clone()).await?;
            }
        }
        self.send_waiting().await
    }

    async fn close_at_renderer(&self, id: u32) -> Result<(), GateError> {
        let Some(unique) = self.renderer.unique() else { return Ok(()) };
        let built = Message::method_call(NOTIFICATIONS_PATH, "CloseNotification")
            .and_then(|builder| builder.destination(unique.to_string()))
            .and_then(|builder| builder.interface(NOTIFICATIONS))
            .and_then(|builder| builder.with_flags(Flags::NoReplyExpected))
            .and_then(|builder| builder.build(&id));
        self.send(&built.map_err(|source| GateError::Bus { operation: "write a call", source })?).await
    }

    /// Gives the renderer the next one, if none is outstanding.
    pub(super) async fn send_next(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        while let Some(next) = self.renderer.next(&self.files) {
            match next {
                Next::Call(message) => self.send(&message).await?,
                Next::Refused(refused) => tell_refused(refused, outputs),
                Next::Look(serial, substitutes) => {
                    let needed = self.files.needed(substitutes);
                    self.looking.spawn(async move { (serial, needed.await) });
                }
            }
        }
        Ok(())
    }

    pub(super) async fn relay_said(&mut self, said: Option<ToGate>, outputs: &Outputs) -> Result<(), GateError> {
        match said {
            Some(ToGate::Welcome { renderer, answered, waiting, watched, away_ms, .. }) => {
                if let Some(length) = away_ms.filter(|_| !self.in_path).and_then(milliseconds) {
                    (outputs.events)(Event::AwayFor(length));
                }
                if let Some(renderer) = renderer {
                    self.renderer_up(renderer, outputs).await?;
                }
                let waiting = waiting.into_iter().map(|call| self.sent_call(call, CallOutcome::Waiting));
                let calls = answered.into_iter().map(|answer| self.answered_call(answer)).chain(waiting).collect();
                let watched = watched.iter().map(|unique| self.connection_called(unique)).collect();
                (outputs.events)(Event::Recover(KnownCalls { calls, watched }));
            }
            Some(ToGate::Answered(answer)) => (outputs.events)(Event::SentByEarlier(self.answered_call(answer))),
            Some(ToGate::RendererUp(renderer)) => self.renderer_up(renderer, outputs).await?,
            Some(ToGate::RendererDown { why, retry_in_ms }) => {
                tracing::warn!(why, "the notification daemon is down");
                self.renderer.down();
                self.behind.down(Some(why), retry_in_ms.map(std::time::Duration::from_millis));
                (outputs.events)(Event::RendererDown);
            }
            Some(ToGate::StraySignal { destination, signal }) => self.stray(destination, signal, outputs),
            Some(ToGate::Refused { why, .. }) => tracing::error!(why, "the relay does not understand this gate"),
            None => {
                self.relay = None;
                self.renderer.down();
                self.behind.down(None, None);
                (outputs.events)(Event::RendererDown);
                (outputs.relay_lost)();
            }
        }
        Ok(())
    }

    async fn renderer_up(&mut self, renderer: LiveRenderer, outputs: &Outputs) -> Result<(), GateError> {
        let unique: Arc<str> = renderer.unique.into();
        if self.renderer.unique() == Some(&unique) {
            return Ok(());
        }
        let connection = self.connection_called(&unique);
        self.renderer.up(unique.clone(), connection.clone());
        self.behind.up();
        let rule = format!("type='signal',sender='{unique}',interface='{NOTIFICATIONS}'");
        self.match_rule("AddMatch", &rule).await?;
        self.probe(&unique, Probe::Capabilities, "GetCapabilities").await?;
        self.probe(&unique, Probe::Information, "GetServerInformation").await?;
        (outputs.events)(Event::RendererUp(connection));
        for (call, since) in self.foreign.take_waiting() {
            self.pass_to_renderer(call, since).await?;
        }
        self.send_next(outputs).await
    }

    /// The renderer does not answer a call. Asked something after it, it tells by any answer that it goes on.
    pub(super) async fn is_silent(&mut self, serial: u32, outputs: &Outputs) -> Result<(), GateError> {
        tracing::warn!("the notification daemon does not answer");
        (outputs.events)(Event::Sent { serial, outcome: CallOutcome::Silent });
        match self.renderer.unique().cloned() {
            Some(unique) => self.probe(&unique, Probe::Answers, "GetServerInformation").await,
            // It has just left, and the bus answers in its place.
            None => Ok(()),
        }
    }

    async fn probe(&mut self, unique: &str, probe: Probe, method: &'static str) -> Result<(), GateError> {
        let built = Message::method_call(NOTIFICATIONS_PATH, method)
            .and_then(|builder| builder.destination(unique.to_owned()))
            .and_then(|builder| builder.interface(NOTIFICATIONS))
            .and_then(|builder| builder.build(&()));
        let message = built.map_err(|source| GateError::Bus { operation: "write a call", source })?;
        self.probes.insert(message.primary_header().serial_num().get(), probe);
        self.send(&message).await
    }

    /// A signal that the renderer sent to somebody else: an earlier gate, or an app that it served itself.
    fn stray(&mut self, destination: Option<String>, signal: RendererSignal, outputs: &Outputs) {
        let Some(by) = self.renderer.connection().cloned() else { return };
        let to = destination.map_or(Audience::Everybody, |unique| Audience::Other(unique.into()));
        match signal {
            RendererSignal::Closed { id, reason } => self.closed(by, id, reason, to, outputs),
            RendererSignal::ActivationToken { id, token } => self.renderer.keep_token(id, token),
            RendererSignal::ActionInvoked { id, key } => {
                let token = self.renderer.take_token(id);
                (outputs.events)(Event::RendererAction { by, id: RendererId(id), key, token, to });
            }
            RendererSignal::Replied { id, text } => {
                (outputs.events)(Event::RendererReplied { by, id: RendererId(id), text, to });
            }
        }
    }

    fn sent_call(&self, call: Call, outcome: CallOutcome) -> SentCall {
        SentCall { gate: self.connection_called(&call.caller), serial: call.serial, outcome }
    }

    fn answered_call(&self, answer: Answer) -> SentCall {
        let outcome = match answer.outcome {
            Outcome::Shown(id) => CallOutcome::Shown(RendererId(id)),
            Outcome::Error(error) if error == NO_REPLY => CallOutcome::Left,
            Outcome::Error(error) => CallOutcome::Refused(error),
        };
        self.sent_call(answer.call, outcome)
    }
}

pub(super) fn tell_refused(refused: Refused, outputs: &Outputs) {
    (outputs.events)(Event::Sent { serial: refused.serial, outcome: CallOutcome::Refused(refused.error) });
}

fn milliseconds(count: u64) -> Option<Duration> {
    Duration::try_milliseconds(i64::try_from(count).ok()?)
}
