//! The section `[apps]`: a rule for an app. Must not know what a rule does.

use super::group;
use super::kind::choice;
use super::parse::{Key, Value, Wrong, name};
use super::section::{Holds, Named, Says, Section};
use tidegate_contract::SettingOption;
use tidegate_domain::{AppRule, Settings};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "apps",
    group: &group::APPS,
    about: say::setting_section_apps,
    aside: Some(say::setting_section_apps_aside),
    holds: Holds::Named(Named {
        keys: say::setting_apps_keys,
        takes: say::setting_apps_takes,
        example: &[
            "\"org.telegram.desktop\" = \"pass\"",
            "\"com.example.Ads\" = \"mute\"",
            "\"com.example.Pager\" = \"pass-trusted\"",
        ],
        read,
        written: |word| (word != "none").then(|| word.into()),
        names: |settings| settings.apps.keys().cloned().collect(),
        word,
        meaning: |_| say::setting_apps(),
    }),
};

/// As typed, what it is, and what it is called in the window.
const RULES: [(&str, Option<AppRule>, Says); 5] = [
    ("none", None, say::setting_apps_none),
    ("hold", Some(AppRule::Hold), say::setting_apps_hold),
    ("pass", Some(AppRule::Pass), say::setting_apps_pass),
    ("pass-trusted", Some(AppRule::PassTrusted), say::setting_apps_pass_trusted),
    ("mute", Some(AppRule::Mute), say::setting_apps_mute),
];

/// The rules that an app can have.
#[must_use]
pub fn rules() -> Vec<SettingOption> {
    RULES.map(|(word, _, label)| choice(word, label())).into()
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let word = value.get_ref().as_str();
    let known = RULES.iter().find(|(known, ..)| word == Some(known));
    let rule = known
        .and_then(|(_, rule, _)| *rule)
        .ok_or_else(|| Wrong::new(value.span(), say::setting_no_rule(name(app)), say::setting_no_rule_remedy()))?;
    settings.apps.insert(app.to_string(), rule);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let rule = settings.apps.get(name).copied();
    let word = RULES.iter().find(|(_, known, _)| *known == rule).map_or("none", |(word, ..)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
