//! What the gate answers by itself: who it is, what it can, its properties. Must not know notifications, or how an answer
//! is sent.

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

/// What the service says of itself.
pub(super) struct About {
    version: String,
    /// None until somebody has asked.
    capabilities: Option<Vec<String>>,
    inhibited: bool,
}

impl About {
    pub(super) fn new(version: String) -> Self {
        Self { version, capabilities: None, inhibited: false }
    }

    pub(super) fn information(&self) -> (&str, &str, &str, &str) {
        ("Tidegate", "Tidegate", &self.version, "1.2")
    }

    /// They are fixed from the first time that an app asks (check 3): until then the renderer's own word
    /// counts as soon as it is there.
    pub(super) fn capabilities(&mut self, renderer: &RendererFacts) -> &[String] {
        self.capabilities.get_or_insert_with(|| capabilities(renderer))
    }

    pub(super) fn property(&self, name: &str) -> Option<Value<'static>> {
        (name == "Inhibited").then_some(Value::Bool(self.inhibited))
    }

    pub(super) fn properties(&self) -> BTreeMap<&'static str, Value<'static>> {
        BTreeMap::from([("Inhibited", Value::Bool(self.inhibited))])
    }

    /// `PropertiesChanged`, if it did: Telegram mutes its own sound by it.
    pub(super) fn set_inhibited(&mut self, inhibited: bool) -> Option<zbus::Result<Message>> {
        if std::mem::replace(&mut self.inhibited, inhibited) == inhibited {
            return None;
        }
        let body = (NOTIFICATIONS, self.properties(), Vec::<&str>::new());
        let signal = Message::signal(NOTIFICATIONS_PATH, PROPERTIES, "PropertiesChanged");
        Some(signal.and_then(|builder| builder.build(&body)))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(capabilities: &[&str]) -> RendererFacts {
        let capabilities = capabilities.iter().map(|one| (*one).to_owned()).collect();
        RendererFacts { capabilities, ..RendererFacts::default() }
    }

    fn announced(theirs: &[&str]) -> Vec<String> {
        About::new("1".into()).capabilities(&facts(theirs)).to_vec()
    }

    #[test]
    fn check_04_ours_come_first_and_what_the_renderer_can_show_comes_with_them() {
        let all = announced(&["body", "icon-multi", "x-canonical-private-icon-only"]);
        assert_eq!(all[..OURS.len()], OURS);
        assert_eq!(all[OURS.len()..], ["x-canonical-private-icon-only"], "ours once, and nothing that ours exclude");
    }

    #[test]
    fn a_renderer_announces_only_so_many_words_and_no_longer_ones() {
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(announced(&[&long, "two words", "line\nbreak", "ü"]), OURS);
        let many: Vec<_> = (0..2 * MOST).map(|number| format!("x-{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(announced(&many)[OURS.len()..], many[..MOST]);
    }

    #[test]
    fn check_03_what_was_announced_once_stays_whatever_the_renderer_says_later() {
        let mut about = About::new("1".into());
        let first = about.capabilities(&facts(&["sound"])).to_vec();
        assert!(first.contains(&"sound".to_owned()));
        assert_eq!(about.capabilities(&facts(&["body-images"])), first);
    }

    #[test]
    fn a_change_of_the_property_is_told_once_with_what_it_is_now() {
        let mut about = About::new("1".into());
        assert!(about.set_inhibited(false).is_none(), "it was so");
        let told = about.set_inhibited(true).unwrap().unwrap();
        assert!(about.set_inhibited(true).is_none());
        let body = told.body();
        let (interface, changed, gone): (&str, BTreeMap<&str, Value<'_>>, Vec<&str>) = body.deserialize().unwrap();
        assert_eq!((interface, changed.get("Inhibited"), gone.len()), (NOTIFICATIONS, Some(&Value::Bool(true)), 0));
        assert_eq!(told.header().interface().map(|interface| interface.as_str()), Some(PROPERTIES));
    }

    #[test]
    fn there_is_one_property() {
        let mut about = About::new("1".into());
        about.set_inhibited(true);
        assert_eq!(about.property("Inhibited"), Some(Value::Bool(true)));
        assert_eq!(about.property("inhibited"), None);
        assert!(about.properties().into_keys().eq(["Inhibited"]));
    }
}
