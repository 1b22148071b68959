//! What the gate answers by itself: who it is, what it can, its properties. Must not know notifications.

use super::Gate;
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH, PROPERTIES};
use crate::renderer::RendererFacts;
use std::collections::BTreeMap;
use zbus::Message;
use zbus::zvariant::Value;

/// What is always true of us (notifications.md, check 4): never taken back while the process lives.
const OURS: [&str; 7] = ["body", "actions", "body-markup", "persistence", "icon-static", "inhibitions", "inline-reply"];
/// What is true of us if it is true of the renderer.
const THEIRS: [&str; 4] = ["sound", "body-images", "body-hyperlinks", "action-icons"];

/// The fixed capabilities of this process.
pub(super) fn capabilities(renderer: &RendererFacts) -> Vec<String> {
    let theirs = THEIRS.into_iter().filter(|capability| renderer.has(capability));
    OURS.into_iter().chain(theirs).map(str::to_owned).collect()
}

impl Gate {
    pub(super) fn information(&self) -> (&str, &str, &str, &str) {
        ("Tidegate", "Tidegate", &self.version, "1.2")
    }

    pub(super) fn capabilities(&self) -> &[String] {
        &self.capabilities
    }

    pub(super) fn property(&self, name: &str) -> Option<Value<'static>> {
        (name == "Inhibited").then_some(Value::Bool(self.inhibited))
    }

    pub(super) fn properties(&self) -> BTreeMap<&'static str, Value<'static>> {
        BTreeMap::from([("Inhibited", Value::Bool(self.inhibited))])
    }

    /// `PropertiesChanged`: Telegram mutes its own sound by it.
    pub(super) fn inhibited_changed(&mut self, inhibited: bool) -> Option<zbus::Result<Message>> {
        if std::mem::replace(&mut self.inhibited, inhibited) == inhibited {
            return None;
        }
        let body = (NOTIFICATIONS, self.properties(), Vec::<&str>::new());
        let signal = Message::signal(NOTIFICATIONS_PATH, PROPERTIES, "PropertiesChanged");
        Some(signal.and_then(|builder| builder.build(&body)))
    }
}
