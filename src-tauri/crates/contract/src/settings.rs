//! The settings as a client shows and changes them: values, in the words that people type. Knows nothing of the file.

use crate::{Message, Millis, Trouble};
use serde::{Deserialize, Serialize};

/// All settings, and what is worth knowing beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingsView {
    /// The path of the file.
    pub file: String,
    /// What is wrong with the file, with its line; what is shown are the last good values then.
    pub mistake: Option<Trouble>,
    /// What is shown together, in the order in which people read it.
    pub groups: Vec<SettingsGroup>,
    /// In the order in which people read them.
    pub settings: Vec<Setting>,
    /// Where the data lies.
    pub data: DataView,
    /// The program's version.
    pub version: String,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Setting {
    /// Such as `check-ins.monday`; what stands behind the first dot may have dots of its own.
    pub key: String,
    /// What holds.
    pub value: String,
    /// What holds where the file says nothing.
    pub default: String,
    /// What it is for.
    pub meaning: Message,
    /// What may be given for it, for people.
    pub takes: Message,
    /// The [`SettingsGroup::id`] of where it is shown.
    pub group: String,
    /// How it is changed in a line of its own; none where that takes more, and [`SettingsGroup::panel`] is for it.
    pub line: Option<SettingLine>,
}

/// Settings that are shown together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingsGroup {
    /// Such as `blocks`.
    pub id: String,
    /// For people.
    pub title: Message,
    /// What people search for and none of its settings says.
    pub words: Message,
    /// What is shown below the lines of its settings.
    pub panel: Option<SettingsPanel>,
}

/// What takes more than a line: drawn by the client in a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum SettingsPanel {
    /// The check-in times of each weekday.
    CheckIns,
    /// What becomes of each app that sent something.
    Apps,
    /// The programs that pass a closed gate, by kind.
    SafeList,
    /// Where the data lies, and what this is.
    About,
}

/// One setting as a line of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingLine {
    /// What it is called.
    pub title: Message,
    /// What is said below that; a command stands in backticks.
    pub hint: Message,
    /// Whether it means something while the others are as they are.
    pub counts: bool,
    /// What changes it.
    pub control: SettingControl,
}

/// What changes a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum SettingControl {
    /// On is `yes`, off is `no`.
    Switch,
    /// One of these; what holds is always among them.
    Choice {
        /// In the order in which they are offered.
        options: Vec<SettingOption>,
    },
    /// A number.
    Number {
        /// From here on.
        least: u32,
        /// Up to here.
        most: u32,
        /// What it is a number of.
        unit: Message,
    },
}

/// One that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingOption {
    /// As a setting takes it.
    pub value: String,
    /// For people.
    pub label: Message,
}

/// What is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DataView {
    /// The folder.
    pub folder: String,
    /// What it takes, in bytes; none where the disk does not say.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub bytes: Option<u64>,
}

/// Who sent something lately, the apps with the most first, and then those that only the settings know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppsView {
    /// From then on they are counted: at most 30 days, and fewer where very many came.
    #[cfg_attr(test, ts(type = "number"))]
    pub since: Millis,
    /// What can be given for `apps.ID`.
    pub rules: Vec<SettingOption>,
    /// What can be given for `hand-over.ID`.
    pub ways: Vec<SettingOption>,
    /// At most 300.
    pub apps: Vec<AppView>,
}

/// One app, and what the settings say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppView {
    /// What identifies the app.
    pub app_id: String,
    /// Its name for people.
    pub app: String,
    /// How many it sent.
    pub came_in: u32,
    /// How many of these were opened, pressed or answered.
    pub acted: u32,
    /// The value of `apps.ID`.
    pub rule: String,
    /// The value of `hand-over.ID`.
    pub hand_over: String,
}
