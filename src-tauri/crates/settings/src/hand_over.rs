//! The section `[hand-over]`: how a check-in hands over what is held of an app. Must not know how that is done.

use super::group;
use super::kind::choice;
use super::parse::{Key, Value, Wrong, name};
use super::section::{Holds, Named, Says, Section};
use tidegate_contract::SettingOption;
use tidegate_domain::{HandOver, Settings};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "hand-over",
    group: &group::APPS,
    about: say::setting_section_hand_over,
    aside: None,
    holds: Holds::Named(Named {
        keys: say::setting_hand_over_keys,
        takes: say::setting_hand_over_takes,
        example: &["\"im.riot.Riot\" = \"re-deliver\"", "\"com.nextcloud.desktopclient.nextcloud\" = \"silent\""],
        read,
        written: |word| (word != "digest").then(|| word.into()),
        names: |settings| settings.hand_over.keys().cloned().collect(),
        word,
        meaning: |_| say::setting_hand_over(),
    }),
};

/// As typed, what it is, and what it is called in the window.
const WAYS: [(&str, HandOver, Says); 3] = [
    ("digest", HandOver::Digest, say::setting_hand_over_digest),
    ("re-deliver", HandOver::ReDeliver, say::setting_hand_over_re_deliver),
    ("silent", HandOver::Silent, say::setting_hand_over_silent),
];

/// The ways in which an app's can be handed over.
#[must_use]
pub fn ways() -> Vec<SettingOption> {
    WAYS.map(|(word, _, label)| choice(word, label())).into()
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let way = value.get_ref().as_str().and_then(|word| WAYS.iter().find(|(known, ..)| *known == word));
    let (_, way, _) =
        way.ok_or_else(|| Wrong::new(value.span(), say::setting_no_way(name(app)), say::setting_no_way_remedy()))?;
    settings.hand_over.insert(app.to_string(), *way);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let way = settings.hand_over_of(name);
    let word = WAYS.iter().find(|(_, known, _)| *known == way).map_or("digest", |(word, ..)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
