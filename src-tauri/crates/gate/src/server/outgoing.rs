//! What leaves for apps: answers, and signals to senders. Must not decide anything.

use super::renderer_side::tell_refused;
use super::{Gate, GateError, Outputs, compose};
use crate::names::{INVALID_ARGS, LIMITS_EXCEEDED};
use tidegate_domain::{CallId, GateEffect, NoticeReply, Sender, Signal};
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
        let Some(pending) = self.calls.answered(call) else { return Ok(()) };
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

    /// To one sender only, and only if it is still the same (check 32).
    async fn emit(&mut self, to: &Sender, signal: Signal) -> Result<(), GateError> {
        self.forget_files(&signal);
        match self.signals.ready(to, signal, self.senders.is_found(&to.name)) {
            Some(signal) if self.senders.is_same(to) => self.signal(Some(&to.name), signal).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Whoever listens does so to the owner of the name.
    async fn emit_to_all(&mut self, signal: Signal) -> Result<(), GateError> {
        self.forget_files(&signal);
        if self.signals.are_heard() { self.signal(None, signal).await } else { Ok(()) }
    }

    fn forget_files(&self, signal: &Signal) {
        if let Signal::Closed(id, _) = signal {
            self.files.forget(*id);
        }
    }

    /// What had waited for the name, or for the bus's word on its sender.
    pub(super) async fn send_waiting(&mut self) -> Result<(), GateError> {
        for (to, signal) in self.signals.take_waiting() {
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
        match compose::signal(to, member, body) {
            Ok(message) => self.send(&message).await,
            Err(error) => {
                tracing::warn!(%error, member, "a signal could not be written");
                Ok(())
            }
        }
    }

    async fn inhibited(&mut self, inhibited: bool) -> Result<(), GateError> {
        match self.about.set_inhibited(inhibited) {
            Some(Ok(message)) => self.send(&message).await,
            Some(Err(source)) => Err(GateError::Bus { operation: "write PropertiesChanged", source }),
            None => Ok(()),
        }
    }
}
