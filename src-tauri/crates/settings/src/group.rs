//! What the window shows together: a heading over the settings of one section or of several. Must not know any setting.

use tidegate_contract::{SettingsGroup, SettingsPanel};

/// One heading, and what is below it.
pub(super) struct Group {
    /// By which settings name it.
    pub(super) id: &'static str,
    title: &'static str,
    /// What people search for and none of its settings says.
    words: &'static str,
    /// What stands below the lines of its settings.
    panel: Option<SettingsPanel>,
}

pub(super) const CHECK_INS: Group = Group {
    id: "check-ins",
    title: "Check-ins",
    words: "time day weekday monday tuesday wednesday thursday friday saturday sunday",
    panel: Some(SettingsPanel::CheckIns),
};

pub(super) const BLOCKS: Group = Group {
    id: "blocks",
    title: "Blocks and quiet",
    words: "length minutes end notice sound break usual last away idle untouched",
    panel: None,
};

pub(super) const APPS: Group = Group {
    id: "apps",
    title: "Apps",
    words: "rule hold pass mute hand over digest re-deliver",
    panel: Some(SettingsPanel::Apps),
};

pub(super) const SAFE_LIST: Group = Group {
    id: "safe-list",
    title: "What always passes",
    words: "safe list power alarms security prompts calendar reminders",
    panel: Some(SettingsPanel::SafeList),
};

pub(super) const ABOUT: Group = Group {
    id: "about",
    title: "Data and about",
    words: "storage disk megabytes folder file version licence quit",
    panel: Some(SettingsPanel::About),
};

/// Every group there is, in the order in which people read them.
pub(super) const GROUPS: [&Group; 5] = [&CHECK_INS, &BLOCKS, &APPS, &SAFE_LIST, &ABOUT];

/// Every group, for clients.
#[must_use]
pub fn groups() -> Vec<SettingsGroup> {
    let shown = |group: &Group| SettingsGroup {
        id: group.id.to_owned(),
        title: group.title.to_owned(),
        words: group.words.to_owned(),
        panel: group.panel,
    };
    GROUPS.into_iter().map(shown).collect()
}
