//! The section `[hand-over]`: how a check-in hands over what is held of an app. Must not know how that is done.

use super::group;
use super::kind::choice;
use super::parse::{Key, Value, Wrong};
use super::section::{Holds, Named, Section};
use tidegate_contract::SettingOption;
use tidegate_domain::{HandOver, Settings};

pub(super) const SECTION: Section = Section {
    name: "hand-over",
    group: &group::APPS,
    about: &[
        "How a check-in hands over what is held of an app, by its id: digest (it waits in the list, the",
        "default), re-deliver (it is released to the screen, one by one) or silent (without a sound).",
    ],
    aside: &[],
    holds: Holds::Named(Named {
        keys: "hand-over.ID",
        takes: "digest, re-deliver or silent",
        example: &["\"im.riot.Riot\" = \"re-deliver\"", "\"com.nextcloud.desktopclient.nextcloud\" = \"silent\""],
        read,
        written: |word| (word != "digest").then(|| word.into()),
        names: |settings| settings.hand_over.keys().cloned().collect(),
        word,
        meaning: |_| "how a check-in hands over what is held of that app".to_owned(),
    }),
};

/// As typed, what it is, and what it is called in the window.
const WAYS: [(&str, HandOver, &str); 3] = [
    ("digest", HandOver::Digest, "In the list"),
    ("re-deliver", HandOver::ReDeliver, "On the screen"),
    ("silent", HandOver::Silent, "On the screen, silently"),
];

/// The ways in which an app's can be handed over.
#[must_use]
pub fn ways() -> Vec<SettingOption> {
    WAYS.map(|(word, _, label)| choice(word, label)).into()
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let way = value.get_ref().as_str().and_then(|word| WAYS.iter().find(|(known, ..)| *known == word));
    let (_, way, _) = way.ok_or_else(|| {
        let what = format!("the way of handing over \"{app}\" is unknown");
        Wrong::new(value.span(), what, "Write \"digest\", \"re-deliver\" or \"silent\".")
    })?;
    settings.hand_over.insert(app.to_string(), *way);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let way = settings.hand_over_of(name);
    let word = WAYS.iter().find(|(_, known, _)| *known == way).map_or("digest", |(word, ..)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
