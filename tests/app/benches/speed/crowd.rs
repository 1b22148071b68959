//! A great many notifications, from many apps that stay and have conversations. Must not know the window.

use std::collections::VecDeque;
use std::time::Duration;
use tidegate_testkit::{Client, DEADLINE, Notification};
use tidegate_tests_process::Stand;

/// How many apps there are.
pub(crate) const APPS: usize = 50;
const CONVERSATIONS: usize = 40;
/// Calls of one app that wait for an answer at a time.
const IN_FLIGHT: usize = 20;

/// Apps on the bus, and how many each has sent.
pub(crate) struct Crowd {
    apps: Vec<(Client, usize)>,
}

impl Crowd {
    pub(crate) async fn comes(stand: &Stand) -> Self {
        let mut apps = Vec::new();
        for _ in 0..APPS {
            apps.push((stand.app().await, 0));
        }
        Self { apps }
    }

    /// All send at once, as fast as they are answered.
    pub(crate) async fn floods(&mut self, count: usize) {
        let tasks = self.apps.drain(..).enumerate().map(|(app, (client, sent))| {
            tokio::spawn(async move {
                let until = sent + count / APPS;
                let mut in_flight = VecDeque::new();
                for n in sent..until {
                    if in_flight.len() == IN_FLIGHT {
                        client.reply(in_flight.pop_front().unwrap(), DEADLINE).await.unwrap();
                    }
                    in_flight.push_back(client.send(&notification(app, n)).await);
                }
                for call in in_flight {
                    client.reply(call, DEADLINE).await.unwrap();
                }
                (client, until)
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            self.apps.push(task.await.unwrap());
        }
    }

    /// They send in turn, evenly over a time.
    pub(crate) async fn trickles(&mut self, count: usize, over: Duration) {
        let mut turns = tokio::time::interval(over / u32::try_from(count).unwrap());
        for n in 0..count {
            turns.tick().await;
            let app = n % APPS;
            let (client, sent) = &mut self.apps[app];
            client.notify(&notification(app, *sent)).await;
            *sent += 1;
        }
    }
}

/// A word that only the last notification of each app has, if so many came of all.
pub(crate) fn last_word(count: usize) -> String {
    (count / APPS - 1).to_string()
}

fn notification(app: usize, n: usize) -> Notification {
    Notification::new(&format!("Conversation {}", n % CONVERSATIONS))
        .body(&format!("Line {n} of what was said in the meantime about build {}", n * 7))
        .app_name(&format!("App {app}"))
        .hint("desktop-entry", format!("org.example.App{app}"))
        .action("default", "Open")
}
