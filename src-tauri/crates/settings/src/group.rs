//! What the window shows together: a heading over the settings of one section or of several. Must not know any setting.

use super::section::Says;
use tidegate_contract::{SettingsGroup, SettingsPanel};
use tidegate_words::say;

/// One heading, and what is below it.
pub(super) struct Group {
    /// By which settings name it.
    pub(super) id: &'static str,
    title: Says,
    /// What people search for and none of its settings says.
    words: Says,
    /// What stands below the lines of its settings.
    panel: Option<SettingsPanel>,
}

pub(super) const CHECK_INS: Group = Group {
    id: "check-ins",
    title: say::setting_group_check_ins,
    words: say::setting_group_check_ins_words,
    panel: Some(SettingsPanel::CheckIns),
};

pub(super) const BLOCKS: Group =
    Group { id: "blocks", title: say::setting_group_blocks, words: say::setting_group_blocks_words, panel: None };

pub(super) const APPS: Group = Group {
    id: "apps",
    title: say::setting_group_apps,
    words: say::setting_group_apps_words,
    panel: Some(SettingsPanel::Apps),
};

pub(super) const SAFE_LIST: Group = Group {
    id: "safe-list",
    title: say::setting_group_safe_list,
    words: say::setting_group_safe_list_words,
    panel: Some(SettingsPanel::SafeList),
};

pub(super) const ABOUT: Group = Group {
    id: "about",
    title: say::setting_group_about,
    words: say::setting_group_about_words,
    panel: Some(SettingsPanel::About),
};

/// Every group there is, in the order in which people read them.
pub(super) const GROUPS: [&Group; 5] = [&CHECK_INS, &BLOCKS, &APPS, &SAFE_LIST, &ABOUT];

/// Every group, for clients.
#[must_use]
pub fn groups() -> Vec<SettingsGroup> {
    let shown = |group: &Group| SettingsGroup {
        id: group.id.to_owned(),
        title: (group.title)(),
        words: (group.words)(),
        panel: group.panel,
    };
    GROUPS.into_iter().map(shown).collect()
}
