//! The ears of a screen reader on the real accessibility bus. It must not know what is on the screen: it hears names.

use serde_json::Value;

use crate::programs;
use crate::script::Script;
use crate::session::Session;
use crate::wait::{DEADLINE, within};

const SOURCE: &str = include_str!("../scripts/screen_reader.py");
const PACKAGES: &str = "python3-gi gir1.2-atspi-2.0";
/// Starts the accessibility bus for whoever asks for it.
const SERVICE: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";

/// Something that a screen reader would read out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// This took the focus.
    Focus(String),
    /// In the list that has the focus, this row is come to.
    Row(String),
    /// The cursor moved in the text of this.
    Cursor(String),
}

/// A running listener. Dropping it ends it.
#[derive(Debug)]
pub struct ScreenReader {
    script: Script,
}

impl ScreenReader {
    /// Starts it, and the accessibility bus with it; what is started afterwards in this session is heard.
    ///
    /// # Panics
    /// If the accessibility bus or Python's bindings of it are missing.
    pub async fn start(session: &Session) -> Self {
        session.add_service(&programs::find(SERVICE)).await;
        session.export("NO_AT_BRIDGE", "0").await;
        let (script, _) = Script::start(session, "screen_reader.py", SOURCE, PACKAGES).await;
        Self { script }
    }

    /// Listens until this is heard.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn hears(&mut self, wanted: &Said) {
        let hears = async { while said(&self.script.event(DEADLINE).await) != *wanted {} };
        within(DEADLINE, &format!("{wanted:?}"), hears).await;
    }
}

fn said(event: &Value) -> Said {
    let name = event["name"].as_str().unwrap_or_default().to_owned();
    match event["event"].as_str().unwrap_or_default() {
        kind if kind.starts_with("object:state-changed:focused") => Said::Focus(name),
        kind if kind.starts_with("object:active-descendant-changed") => Said::Row(name),
        _ => Said::Cursor(name),
    }
}
