//! An eavesdropper on the bus, for tests that must see what passed between two
//! others. It reads and never takes part.

use std::time::Duration;

use futures_util::StreamExt;
use zbus::fdo::MonitoringProxy;
use zbus::{MatchRule, Message, MessageStream};

use crate::bus::connect;
use crate::wait::{next_item, until, within};

/// A connection that has become a monitor.
#[derive(Debug)]
pub struct Monitor {
    messages: MessageStream,
}

impl Monitor {
    /// Sees everything on the bus at `address` that fits one of `rules` (match
    /// rules of the bus; none: everything), from now on.
    ///
    /// # Panics
    /// If a rule is wrong or the bus refuses.
    pub async fn start(address: &str, rules: &[&str]) -> Self {
        let conn = connect(address).await;
        let rules: Vec<MatchRule<'_>> = rules.iter().map(|rule| MatchRule::try_from(*rule).unwrap()).collect();
        let proxy = MonitoringProxy::new(&conn).await.unwrap();
        let messages = MessageStream::from(&conn);
        proxy.become_monitor(&rules, 0).await.unwrap();
        Self { messages }
    }

    /// The next message.
    ///
    /// # Panics
    /// At the deadline, or if the bus goes.
    pub async fn next(&mut self, deadline: Duration) -> Message {
        next_item(deadline, "a message on the bus", &mut self.messages).await.unwrap()
    }

    /// The next message, however long it takes; `None` once the bus is gone.
    pub async fn try_next(&mut self) -> Option<Message> {
        self.messages.next().await?.ok()
    }

    /// The first message for which `wanted` holds.
    ///
    /// # Panics
    /// At the deadline, naming `what`.
    pub async fn until(&mut self, deadline: Duration, what: &str, mut wanted: impl FnMut(&Message) -> bool) -> Message {
        let wanted = |message: &zbus::Result<Message>| wanted(message.as_ref().unwrap());
        until(deadline, what, &mut self.messages, wanted).await.unwrap()
    }

    /// All that has passed on the bus before this call and was not read yet.
    ///
    /// # Panics
    /// If the bus does not answer within `deadline`.
    pub async fn so_far(&mut self, address: &str, deadline: Duration) -> Vec<Message> {
        let marker = connect(address).await;
        let name = marker.unique_name().unwrap().clone();
        let mut seen = Vec::new();
        within(deadline, "the monitor's marker", async {
            while let Some(message) = self.messages.next().await {
                let message = message.unwrap();
                if message.header().sender().is_some_and(|sender| *sender == name) {
                    break;
                }
                seen.push(message);
            }
        })
        .await;
        seen
    }
}
