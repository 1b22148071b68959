//! The renderer behind the gate, and the relay that keeps it: what it is given and asked, and what both say. Must not know
//! who sent what is shown.

use super::{Gate, GateError, Outputs, compose};
use crate::relay_protocol::{LiveRenderer, RendererSignal, ToGate};
use crate::renderer::{Next, Question, Refused};
use chrono::Duration;
use std::sync::Arc;
use std::time::Duration as Pause;
use tidegate_domain::{Audience, CallOutcome, Event};

impl Gate {
    pub(super) async fn close_at_renderer(&self, id: u32) -> Result<(), GateError> {
        match self.renderer.unique() {
            Some(unique) => self.send(&compose::close(unique, id)?).await,
            None => Ok(()),
        }
    }

    /// Gives the renderer the next one, if none is outstanding.
    pub(super) async fn send_next(&mut self, outputs: &Outputs) -> Result<(), GateError> {
        while let Some(next) = self.renderer.next(&self.files) {
            match next {
                Next::Call(message) => self.send(&message).await?,
                Next::Refused(refused) => tell_refused(refused, outputs),
                Next::Look(serial, substitutes) => self.files.look(serial, substitutes),
            }
        }
        Ok(())
    }

    pub(super) async fn relay_said(&mut self, said: Option<ToGate>, outputs: &Outputs) -> Result<(), GateError> {
        match said {
            Some(ToGate::Welcome { renderer, answered, waiting, watched, away_ms, .. }) => {
                if let Some(length) = away_ms.filter(|_| !self.signals.are_heard()).and_then(milliseconds) {
                    (outputs.events)(Event::AwayFor(length));
                }
                if let Some(renderer) = renderer {
                    self.renderer_up(renderer, outputs).await?;
                }
                (outputs.events)(Event::Recover(self.us.known_calls(answered, waiting, &watched)));
            }
            Some(ToGate::Answered(answer)) => (outputs.events)(Event::SentByEarlier(self.us.answered_call(answer))),
            Some(ToGate::RendererUp(renderer)) => self.renderer_up(renderer, outputs).await?,
            Some(ToGate::RendererDown { why, retry_in_ms }) => {
                tracing::warn!(why, "the notification daemon is down");
                self.renderer_down(Some(why), retry_in_ms.map(Pause::from_millis), outputs);
            }
            Some(ToGate::StraySignal { destination, signal }) => {
                let to = destination.map_or(Audience::Everybody, |unique| Audience::Other(unique.into()));
                self.renderer_said(signal, to, outputs);
            }
            Some(ToGate::Refused { why, .. }) => tracing::error!(why, "the relay does not understand this gate"),
            None => {
                self.relay = None;
                self.renderer_down(None, None, outputs);
                (outputs.relay_lost)();
            }
        }
        Ok(())
    }

    fn renderer_down(&mut self, why: Option<String>, retry_in: Option<Pause>, outputs: &Outputs) {
        self.renderer.down();
        self.behind.down(why, retry_in);
        (outputs.events)(Event::RendererDown);
    }

    async fn renderer_up(&mut self, renderer: LiveRenderer, outputs: &Outputs) -> Result<(), GateError> {
        let unique: Arc<str> = renderer.unique.into();
        if self.renderer.unique() == Some(&unique) {
            return Ok(());
        }
        let connection = self.us.connection(&unique);
        self.renderer.up(unique.clone(), connection.clone());
        self.behind.up();
        self.send(&compose::match_rule("AddMatch", &compose::said_by(&unique))?).await?;
        self.ask_renderer(Question::Capabilities).await?;
        self.ask_renderer(Question::Information).await?;
        (outputs.events)(Event::RendererUp(connection));
        for to_send in self.passthrough.renderer_up(&unique) {
            self.send_if(to_send?).await?;
        }
        self.send_next(outputs).await
    }

    /// The renderer does not answer a call. Asked something after it, it tells by any answer that it goes on. Where it has just
    /// left, the bus answers in its place.
    pub(super) async fn is_silent(&mut self, serial: u32, outputs: &Outputs) -> Result<(), GateError> {
        tracing::warn!("the notification daemon does not answer");
        (outputs.events)(Event::Sent { serial, outcome: CallOutcome::Silent });
        self.ask_renderer(Question::Answers).await
    }

    async fn ask_renderer(&mut self, question: Question) -> Result<(), GateError> {
        match self.renderer.ask(question) {
            Some(Ok(message)) => self.send(&message).await,
            Some(Err(source)) => Err(GateError::Bus { operation: "write a call", source }),
            None => Ok(()),
        }
    }

    /// It has answered what it was asked.
    pub(super) async fn renderer_described(&mut self, question: Question, outputs: &Outputs) -> Result<(), GateError> {
        match question {
            Question::Capabilities | Question::Information => (outputs.facts)(&self.renderer.facts),
            Question::Answers => {
                if let Some(refused) = self.renderer.answers_again() {
                    tell_refused(refused, outputs);
                }
            }
        }
        self.send_next(outputs).await
    }

    /// A signal of the renderer's, to us or to somebody else: an earlier gate, or an app that it served itself.
    pub(super) fn renderer_said(&mut self, signal: RendererSignal, to: Audience, outputs: &Outputs) {
        if let Some(event) = self.renderer.event(signal, to) {
            (outputs.events)(event);
        }
    }
}

pub(super) fn tell_refused(refused: Refused, outputs: &Outputs) {
    (outputs.events)(Event::Sent { serial: refused.serial, outcome: CallOutcome::Refused(refused.error) });
}

fn milliseconds(count: u64) -> Option<Duration> {
    Duration::try_milliseconds(i64::try_from(count).ok()?)
}
