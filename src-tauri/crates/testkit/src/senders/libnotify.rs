//! An app that uses libnotify and stays: it hears of its actions and closings
//! through libnotify's own callbacks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Signal;
use crate::process::Process;
use crate::script::{Script, id_in};
use crate::session::Session;

const SOURCE: &str = include_str!("../../scripts/libnotify_sender.py");
const PACKAGES: &str = "python3-gi gir1.2-notify-0.7";

/// A running libnotify app. Dropping it ends it.
#[derive(Debug)]
pub struct LibnotifySender {
    script: Script,
}

impl LibnotifySender {
    /// Starts it.
    ///
    /// # Panics
    /// If Python, its GObject bindings or libnotify's are missing.
    pub async fn start(session: &Session) -> Self {
        let (script, _) = Script::start(session, "libnotify_sender.py", SOURCE, PACKAGES).await;
        Self { script }
    }

    /// Shows a notification with these actions (key, label) and gives its id.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn show(&mut self, summary: &str, body: &str, actions: &[(&str, &str)]) -> u32 {
        let command = json!({"do": "show", "summary": summary, "body": body, "actions": actions});
        id_in(&self.script.ask(&command).await)
    }

    /// Replaces the text of one it has shown, and gives the id it has now.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn update(&mut self, id: u32, summary: &str, body: &str) -> u32 {
        let command = json!({"do": "update", "id": id, "summary": summary, "body": body});
        id_in(&self.script.ask(&command).await)
    }

    /// Takes one back.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn close(&mut self, id: u32) {
        self.script.ask(&json!({"do": "close", "id": id})).await;
    }

    /// The next callback: [`Signal::Action`] or [`Signal::Closed`].
    ///
    /// # Panics
    /// At the deadline.
    pub async fn next_signal(&mut self, deadline: Duration) -> Signal {
        callback(&self.script.event(deadline).await)
    }

    /// Has it quit, and gives the callbacks that were not read yet.
    ///
    /// # Panics
    /// If it does not end at the deadline.
    pub async fn finish(self, deadline: Duration) -> Vec<Signal> {
        self.script.finish(deadline).await.iter().map(callback).collect()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.script.process()
    }
}

fn callback(event: &Value) -> Signal {
    let id = id_in(&event["id"]);
    match event["key"].as_str() {
        Some(key) => Signal::Action(id, key.to_owned()),
        None => Signal::Closed(id, id_in(&event["reason"])),
    }
}
