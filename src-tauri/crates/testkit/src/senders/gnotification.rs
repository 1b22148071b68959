//! An app that sends through Gio's GNotification, which falls back to the
//! freedesktop server where the bus has no GTK one.

use std::time::Duration;

use serde_json::json;

use crate::process::Process;
use crate::script::Script;
use crate::session::Session;

const SOURCE: &str = include_str!("../../scripts/gnotification_sender.py");
const PACKAGES: &str = "python3-gi";

/// A running `Gio.Application`. Dropping it ends it.
#[derive(Debug)]
pub struct GNotificationSender {
    script: Script,
}

impl GNotificationSender {
    /// The name it owns on the bus, its desktop entry too.
    pub const APP_ID: &str = "org.example.Correspondent";

    /// Starts it.
    ///
    /// # Panics
    /// If Python or its GObject bindings are missing.
    pub async fn start(session: &Session) -> Self {
        let (script, _) = Script::start(session, "gnotification_sender.py", SOURCE, PACKAGES).await;
        Self { script }
    }

    /// Sends a notification known to the app by `name`, with a default action
    /// `open` and a button `answer`, both with `name` as their target, and
    /// waits until the server has answered.
    pub async fn show(&mut self, name: &str, summary: &str, body: &str) {
        let command = json!({"do": "show", "name": name, "summary": summary, "body": body});
        self.script.ask(&command).await;
    }

    /// Takes one back.
    pub async fn close(&mut self, name: &str) {
        self.script.ask(&json!({"do": "close", "name": name})).await;
    }

    /// The next action that was activated, and its target.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn next_action(&mut self, deadline: Duration) -> (String, String) {
        let event = self.script.event(deadline).await;
        let text = |key: &str| event[key].as_str().expect("an action").to_owned();
        (text("key"), text("target"))
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.script.process()
    }
}
