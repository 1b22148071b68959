//! The settings as a client shows and changes them: values, in the words that people type. Knows nothing of the file.

use crate::{Millis, Trouble};
use serde::{Deserialize, Serialize};

/// All settings, and what is worth knowing beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingsView {
    /// The path of the file.
    pub file: String,
    /// What is wrong with the file, with its line; what is shown are the last good values then.
    pub mistake: Option<Trouble>,
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
    pub meaning: String,
    /// What may be given for it, for people.
    pub takes: String,
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
