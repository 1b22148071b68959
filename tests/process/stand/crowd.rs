//! A great many notifications, from many apps that stay and have conversations. Must not know what looks at them.

use crate::Stand;
use std::collections::VecDeque;
use std::time::Duration;
use tidegate_testkit::{Client, DEADLINE, Notification, Signal};

/// How many apps there are.
pub const APPS: usize = 50;
const CONVERSATIONS: usize = 40;
/// Calls of one app that wait for an answer at a time.
const IN_FLIGHT: usize = 20;

/// Apps on the bus, each with the ids of what it has sent.
pub struct Crowd {
    apps: Vec<(Client, Vec<u32>)>,
}

impl Crowd {
    /// They are there, and have sent nothing yet.
    pub async fn comes(stand: &Stand) -> Self {
        let mut apps = Vec::new();
        for _ in 0..APPS {
            apps.push((stand.app().await, Vec::new()));
        }
        Self { apps }
    }

    /// All send at once, as fast as they are answered.
    ///
    /// # Panics
    /// If one is refused.
    pub async fn floods(&mut self, count: usize) {
        let tasks = self.apps.drain(..).enumerate().map(|(app, (client, mut sent))| {
            tokio::spawn(async move {
                let from = sent.len();
                let mut in_flight = VecDeque::new();
                for n in from..from + count / APPS {
                    if in_flight.len() == IN_FLIGHT {
                        sent.push(id(&client, in_flight.pop_front().unwrap()).await);
                    }
                    in_flight.push_back(client.send(&notification(app, n)).await);
                }
                for call in in_flight {
                    sent.push(id(&client, call).await);
                }
                (client, sent)
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            self.apps.push(task.await.unwrap());
        }
    }

    /// They send in turn, evenly over a time.
    ///
    /// # Panics
    /// If one is refused.
    pub async fn trickles(&mut self, count: usize, over: Duration) {
        let mut turns = tokio::time::interval(over / u32::try_from(count).unwrap());
        for n in 0..count {
            turns.tick().await;
            let app = n % APPS;
            let (client, sent) = &mut self.apps[app];
            let id = client.notify(&notification(app, sent.len())).await;
            sent.push(id);
        }
    }

    /// Each app has heard that all it sent is dealt with, and nothing else.
    ///
    /// # Panics
    /// If one has not.
    pub async fn heard_of_all(&self, stand: &Stand) {
        for (client, sent) in &self.apps {
            let closed: Vec<_> = sent.iter().map(|&id| Signal::Closed(id, 2)).collect();
            assert_eq!(stand.heard(client).await, closed);
        }
    }
}

async fn id(client: &Client, call: std::num::NonZeroU32) -> u32 {
    client.reply(call, DEADLINE).await.unwrap().body().deserialize().unwrap()
}

/// A word that only the last notification of each app has, if so many came of all.
#[must_use]
pub fn last_word(count: usize) -> String {
    (count / APPS - 1).to_string()
}

fn notification(app: usize, n: usize) -> Notification {
    Notification::new(&format!("Conversation {}", n % CONVERSATIONS))
        .body(&format!("Line {n} of what was said in the meantime about build {}", n * 7))
        .app_name(&format!("App {app}"))
        .hint("desktop-entry", format!("org.example.App{app}"))
        .action("default", "Open")
}
