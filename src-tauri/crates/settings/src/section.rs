//! The table of the file's sections, and the keys that people type: `check-ins.monday`. Must not read or write a file.

use super::parse::{Key, Value, Wrong};
use super::{apps, blocks, check_ins, hand_over, quiet, safe_list, storage};
use serde::Serialize;
use std::sync::LazyLock;
use tidegate_domain::Settings;

/// One section: all that is said about it anywhere.
pub(super) struct Section {
    /// As in `[name]`.
    pub(super) name: &'static str,
    /// What it is for, in lines.
    pub(super) about: &'static [&'static str],
    /// What else is worth knowing, where there is room: in a new file and below the keys.
    pub(super) aside: &'static [&'static str],
    /// Lines below `[name]` that show it.
    pub(super) example: &'static [&'static str],
    /// The keys as a person types them, each with what may be given for it. One that is no single key stands for all that
    /// are not named.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// Reads one entry of the file into the settings.
    pub(super) read: fn(&Key<'_>, &Value<'_>, &mut Settings) -> Result<(), Wrong>,
    /// What a typed word is in the file; nothing, if it means that the file says nothing.
    pub(super) written: fn(&str) -> Option<toml_edit::Value>,
    /// The names that these settings have something to say of.
    pub(super) names: fn(&Settings) -> Vec<String>,
    /// What these settings say of a name, as it is typed; nothing, if there is no such name.
    pub(super) word: fn(&Settings, &str) -> Option<String>,
    /// What a name's setting means, in a line.
    pub(super) meaning: fn(&str) -> String,
}

/// Every section there is, in the order in which people read them.
pub(super) const SECTIONS: [&Section; 7] = [
    &check_ins::SECTION,
    &blocks::SECTION,
    &quiet::SECTION,
    &apps::SECTION,
    &hand_over::SECTION,
    &safe_list::SECTION,
    &storage::SECTION,
];

/// One setting as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `check-ins.monday`.
    pub key: String,
    /// What holds, in the words that `set` takes.
    pub value: String,
    /// What holds where the file says nothing.
    pub default: String,
    /// What it is for.
    pub meaning: String,
    /// What may be given for it.
    pub takes: String,
}

/// A key that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no setting; there are {keys}; `tidegate settings` lists them", keys = all_keys())]
pub struct NoSuchKey(pub String);

/// Every setting that there is something to say of.
#[must_use]
pub fn rows(settings: &Settings) -> Vec<Row> {
    let named =
        SECTIONS.iter().flat_map(|section| (section.names)(settings).into_iter().map(move |name| (*section, name)));
    named.filter_map(|(section, name)| row_of(section, &name, settings)).take(ROWS).collect()
}

/// One setting.
///
/// # Errors
/// When there is no such key.
pub fn row(settings: &Settings, key: &str) -> Result<Row, NoSuchKey> {
    let (section, name) = find(key)?;
    row_of(section, name, settings).ok_or_else(|| NoSuchKey(key.to_owned()))
}

/// The most settings that are listed: a file may be long, and whoever asks must not keep the daemon busy.
const ROWS: usize = 1_000;

fn defaults() -> &'static Settings {
    static DEFAULTS: LazyLock<Settings> = LazyLock::new(Settings::default);
    &DEFAULTS
}

fn row_of(section: &Section, name: &str, settings: &Settings) -> Option<Row> {
    Some(Row {
        key: format!("{}.{name}", section.name),
        value: (section.word)(settings, name)?,
        default: (section.word)(defaults(), name)?,
        meaning: (section.meaning)(name),
        takes: section.words_for(&format!("{}.{name}", section.name)).to_owned(),
    })
}

/// The section of a key, and the name in it, which may have dots of its own.
pub(super) fn find(key: &str) -> Result<(&'static Section, &str), NoSuchKey> {
    let found = key.split_once('.').and_then(|(section, name)| {
        let section = SECTIONS.into_iter().find(|known| known.name == section)?;
        (section.word)(defaults(), name).map(|_| (section, name))
    });
    found.ok_or_else(|| NoSuchKey(key.to_owned()))
}

impl Section {
    /// What a person may give for a key.
    pub(super) fn words_for(&self, key: &str) -> &'static str {
        let named = self.keys.iter().find(|(known, _)| *known == key);
        named.or(self.keys.first()).map_or("", |(_, words)| words)
    }
}

fn all_keys() -> String {
    let keys: Vec<_> = SECTIONS.iter().flat_map(|section| section.keys).map(|(keys, _)| *keys).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_can_be_asked_for() {
        let rows = rows(&Settings::default());
        assert_eq!(rows.len(), 18);
        for listed in rows {
            assert_eq!(row(&Settings::default(), &listed.key), Ok(listed));
        }
    }

    #[test]
    fn a_name_may_have_dots_and_must_be_one() {
        assert_eq!(row(&Settings::default(), "apps.org.x.y").map(|row| row.value), Ok("none".into()));
        for wrong in ["", "apps", "apps.", "check-ins.montag", "check-ins", "focus.x", ".monday", "version", "storage"]
        {
            let said = row(&Settings::default(), wrong).unwrap_err().to_string();
            let keys = "is no setting; there are check-ins.monday to check-ins.sunday, blocks.length, \
                blocks.end-notice, blocks.sound, blocks.away, quiet.hold, quiet.end-notice, apps.ID, hand-over.ID, \
                safe-list.KIND, \
                storage.most-megabytes; `tidegate settings` lists them";
            assert_eq!(said, format!("\"{wrong}\" {keys}"));
        }
    }
}
