//! An app with a Qt tray icon: `QSystemTrayIcon::showMessage` and its click.

use std::time::Duration;

use serde_json::{Value, json};

use crate::process::Process;
use crate::script::Script;
use crate::session::Session;

const SOURCE: &str = include_str!("../../scripts/qt_tray.py");
const PACKAGES: &str = "python3-pyqt5";

/// What Qt reports of its tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayEvent {
    /// Its message was clicked.
    MessageClicked,
    /// The icon was clicked.
    Activated,
    /// The menu's entry "Greet" was chosen.
    Chosen,
}

/// A running Qt app. Dropping it ends it.
#[derive(Debug)]
pub struct QtTray {
    script: Script,
}

impl QtTray {
    /// Starts it. There must be a display and a `StatusNotifierWatcher`, else
    /// Qt draws its own balloons.
    ///
    /// # Panics
    /// If PyQt is missing, or Qt finds no tray.
    pub async fn start(session: &Session) -> Self {
        let (script, ready) = Script::start(session, "qt_tray.py", SOURCE, PACKAGES).await;
        assert_eq!(ready["tray"], Value::Bool(true), "Qt finds no tray");
        Self { script }
    }

    /// Shows a message. Qt waits for the server's answer.
    pub async fn show(&mut self, summary: &str, body: &str) {
        self.script.ask(&json!({"summary": summary, "body": body})).await;
    }

    /// The next thing that Qt says was done to it.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn next_event(&mut self, deadline: Duration) -> TrayEvent {
        event(&self.script.event(deadline).await)
    }

    /// Has it quit, and gives the events that were not read yet.
    ///
    /// # Panics
    /// If it does not end at the deadline.
    pub async fn finish(self, deadline: Duration) -> Vec<TrayEvent> {
        self.script.finish(deadline).await.iter().map(event).collect()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.script.process()
    }
}

fn event(event: &Value) -> TrayEvent {
    match event["event"].as_str() {
        Some("clicked") => TrayEvent::MessageClicked,
        Some("activated") => TrayEvent::Activated,
        Some("chosen") => TrayEvent::Chosen,
        _ => panic!("the Qt app said {event}"),
    }
}
