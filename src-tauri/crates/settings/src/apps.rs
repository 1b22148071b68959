//! The section `[apps]`: a rule for an app. Must not know what a rule does.

use super::group;
use super::kind::choice;
use super::parse::{Key, Value, Wrong};
use super::section::{Holds, Named, Section};
use tidegate_contract::SettingOption;
use tidegate_domain::{AppRule, Settings};

pub(super) const SECTION: Section = Section {
    name: "apps",
    group: &group::APPS,
    about: &[
        "What becomes of an app's notifications, by the id that `tidegate show ID --json` names:",
        "hold, pass, mute, or pass-trusted: only if it really is that program, not one that says so.",
    ],
    aside: &[
        "A script's id is the name that it gives, as in `notify-send --app-name Battery Low`: it passes",
        "after `tidegate settings set apps.Battery pass`, as known programs' battery warnings always do.",
    ],
    holds: Holds::Named(Named {
        keys: "apps.ID",
        takes: "hold, pass, pass-trusted or mute; none for no rule",
        example: &[
            "\"org.telegram.desktop\" = \"pass\"",
            "\"com.example.Ads\" = \"mute\"",
            "\"com.example.Pager\" = \"pass-trusted\"",
        ],
        read,
        written: |word| (word != "none").then(|| word.into()),
        names: |settings| settings.apps.keys().cloned().collect(),
        word,
        meaning: |_| "the rule for that app".to_owned(),
    }),
};

/// As typed, what it is, and what it is called in the window.
const RULES: [(&str, Option<AppRule>, &str); 5] = [
    ("none", None, "Hold in a block"),
    ("hold", Some(AppRule::Hold), "Hold, also if on the safe list"),
    ("pass", Some(AppRule::Pass), "Pass"),
    ("pass-trusted", Some(AppRule::PassTrusted), "Pass, if it is that program"),
    ("mute", Some(AppRule::Mute), "Mute"),
];

/// The rules that an app can have.
#[must_use]
pub fn rules() -> Vec<SettingOption> {
    RULES.map(|(word, _, label)| choice(word, label)).into()
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let word = value.get_ref().as_str();
    let known = RULES.iter().find(|(known, ..)| word == Some(known));
    let rule = known.and_then(|(_, rule, _)| *rule).ok_or_else(|| {
        let what = format!("the rule for \"{app}\" is unknown");
        Wrong::new(value.span(), what, "Write \"hold\", \"pass\", \"pass-trusted\" or \"mute\".")
    })?;
    settings.apps.insert(app.to_string(), rule);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let rule = settings.apps.get(name).copied();
    let word = RULES.iter().find(|(_, known, _)| *known == rule).map_or("none", |(word, ..)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
