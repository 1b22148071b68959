//! The section `[apps]`: a rule for an app. Must not know what a rule does.

use super::parse::{Key, Value, Wrong};
use super::section::Section;
use tidegate_domain::{AppRule, Settings};

pub(super) const SECTION: Section = Section {
    name: "apps",
    about: &[
        "What becomes of an app's notifications, by the id that `tidegate show ID --json` names:",
        "hold, pass, mute, or pass-trusted: only if it really is that program, not one that says so.",
    ],
    aside: &[
        "A script's id is the name that it gives, as in `notify-send --app-name Battery Low`: it passes",
        "after `tidegate settings set apps.Battery pass`, as known programs' battery warnings always do.",
    ],
    example: &[
        "\"org.telegram.desktop\" = \"pass\"",
        "\"com.example.Ads\" = \"mute\"",
        "\"com.example.Pager\" = \"pass-trusted\"",
    ],
    keys: &[("apps.ID", "hold, pass, pass-trusted or mute; none for no rule")],
    read,
    written: |word| (word != "none").then(|| word.into()),
    names: |settings| settings.apps.keys().cloned().collect(),
    word,
    meaning: |_| "the rule for that app".to_owned(),
};

const RULES: [(&str, AppRule); 4] =
    [("hold", AppRule::Hold), ("pass", AppRule::Pass), ("pass-trusted", AppRule::PassTrusted), ("mute", AppRule::Mute)];

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let rule = value.get_ref().as_str().and_then(|word| RULES.iter().find(|(known, _)| *known == word));
    let (_, rule) = rule.ok_or_else(|| {
        let what = format!("the rule for \"{app}\" is unknown");
        Wrong::new(value.span(), what, "Write \"hold\", \"pass\", \"pass-trusted\" or \"mute\".")
    })?;
    settings.apps.insert(app.to_string(), *rule);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let rule = settings.apps.get(name);
    let word = rule.and_then(|rule| RULES.iter().find(|(_, known)| known == rule)).map_or("none", |(word, _)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
