//! What the gate answers by itself: who it is, what it can, its properties. Must not know notifications.

use super::Gate;
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH, PROPERTIES};
use crate::renderer::RendererFacts;
use std::collections::BTreeMap;
use zbus::Message;
use zbus::zvariant::Value;

/// What is always true of us (check 4): never taken back while the process lives.
const OURS: [&str; 7] = ["body", "actions", "body-markup", "persistence", "icon-static", "inhibitions", "inline-reply"];
/// What is never true together with ours.
const NOT_BESIDE_OURS: [&str; 1] = ["icon-multi"];
/// More and longer ones than any daemon has.
const MOST: usize = 64;
const LONGEST: usize = 64;

/// Ours, and what the renderer can do: all else that is announced is about display, which is its affair. Xfce's volume
/// plugin, for one, sends no gauge where `x-canonical-private-icon-only` is missing.
fn capabilities(renderer: &RendererFacts) -> Vec<String> {
    let is_new = |capability: &&str| {
        let is_word = capability.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_known = OURS.contains(capability) || NOT_BESIDE_OURS.contains(capability);
        is_word && !is_known && capability.len() <= LONGEST
    };
    let theirs = renderer.capabilities.iter().map(String::as_str).filter(is_new).take(MOST);
    OURS.into_iter().chain(theirs).map(str::to_owned).collect()
}

impl Gate {
    pub(super) fn information(&self) -> (&str, &str, &str, &str) {
        ("Tidegate", "Tidegate", &self.version, "1.2")
    }

    /// They are fixed from the first time that an app asks (check 3): until then the renderer's own word
    /// counts as soon as it is there.
    pub(super) fn capabilities(&mut self) -> &[String] {
        self.capabilities.get_or_insert_with(|| capabilities(&self.renderer.facts))
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
