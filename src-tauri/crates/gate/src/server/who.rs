//! Who calls, and who has left: what the bus is asked, and what follows from its answers. Must not know what they sent.

use super::compose::{bus_call, leaving, match_rule};
use super::read::process_id;
use super::{Gate, GateError, Outputs};
use crate::identity::{Learned, Process};
use crate::senders::Known;
use std::sync::Arc;
use tidegate_domain::{Event, Sender};
use zbus::Message;

impl Gate {
    pub(super) async fn departed(&mut self, name: &Arc<str>, outputs: &Outputs) -> Result<(), GateError> {
        (outputs.events)(Event::SenderLeft(name.clone()));
        self.send(&match_rule("RemoveMatch", &leaving(name))?).await
    }

    /// Asks the bus who a connection is; first to be told when it leaves, so that a departure between the two is seen.
    pub(super) async fn ask_who(&mut self, name: Arc<str>) -> Result<(), GateError> {
        self.send(&match_rule("AddMatch", &leaving(&name))?).await?;
        // Not for all credentials: newer buses answer those with a descriptor, and what names one that was not taken along, as
        // here, cannot be read.
        let question = bus_call("GetConnectionUnixProcessID", &&*name)?;
        self.senders.asked(question.primary_header().serial_num().get(), name);
        self.send(&question).await
    }

    /// Asks the bus who is there at all: most senders of rows from before a restart have left.
    pub(super) async fn find(&mut self, senders: Vec<Sender>) -> Result<(), GateError> {
        if !self.senders.seek(self.us.on_this_bus(senders)) {
            return Ok(());
        }
        let question = bus_call("ListNames", &())?;
        self.senders.asked_who_is_there(question.primary_header().serial_num().get());
        self.send(&question).await
    }

    /// Of those who are there the bus is asked who they are; what waits for the others is for nobody.
    pub(super) async fn found(&mut self, message: &Message) -> Result<(), GateError> {
        let body = message.body();
        let there = body.deserialize::<Vec<&str>>().unwrap_or_default();
        for name in self.senders.found(&there) {
            self.ask_who(name).await?;
        }
        self.send_waiting().await
    }

    /// The bus's answer. What lies on disks, such as a sandbox's, is looked at beside the loop: a file system may hang.
    pub(super) async fn learned_who(
        &mut self,
        name: Arc<str>,
        message: &Message,
        outputs: &Outputs,
    ) -> Result<(), GateError> {
        let pid = process_id(message);
        let process = pid.map_or_else(Process::default, Process::read);
        if let Some(pid) = pid.filter(|pid| process.wants_closer_look(*pid)) {
            self.looks.begin(name, pid, process);
            return Ok(());
        }
        self.learned(Learned { name, pid, process }, outputs).await
    }

    pub(super) async fn learned(&mut self, learned: Learned, outputs: &Outputs) -> Result<(), GateError> {
        let Learned { name, pid, process } = learned;
        let sender =
            Sender { bus: self.us.bus.clone(), name: name.clone(), pid: pid.unwrap_or(0), started: process.started };
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
}
