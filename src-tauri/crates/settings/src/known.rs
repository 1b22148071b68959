//! One setting whose name is known, as a row: all that is said about it anywhere. Must not know any.

use super::kind::{Kind, YES, either};
use super::parse::{Key, Value, Wrong, unknown};
use super::section::{Says, Section};
use tidegate_contract::SettingLine;
use tidegate_domain::Settings;
use tidegate_words::say;

/// The row.
pub(super) struct Known {
    /// As in the file.
    pub(super) name: &'static str,
    /// A value of it in the file, for the example.
    pub(super) example: &'static str,
    /// What it is for, in a list.
    pub(super) meaning: Says,
    /// What it is called in the window.
    pub(super) title: Says,
    /// What is said below that; a command stands in backticks.
    pub(super) hint: Says,
    /// The switch of the same section without which it means nothing.
    pub(super) needs: Option<&'static str>,
    /// What it holds.
    pub(super) kind: Kind,
}

impl Known {
    /// As it stands in the example.
    pub(super) fn example_line(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }

    /// How it is changed in the window.
    pub(super) fn line(&self, section: &Section, settings: &Settings) -> SettingLine {
        let counts = self.needs.is_none_or(|needed| section.word(settings, needed).as_deref() == Some(YES));
        SettingLine { title: (self.title)(), hint: (self.hint)(), counts, control: self.kind.control(settings) }
    }
}

/// That of this name.
pub(super) fn find<'a>(rows: &'a [Known], name: &str) -> Option<&'a Known> {
    rows.iter().find(|row| row.name == name)
}

/// Reads one entry of the file into the settings.
pub(super) fn read(rows: &[Known], key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let names = || either(&rows.iter().map(|row| row.name).collect::<Vec<_>>());
    let row = find(rows, key.get_ref()).ok_or_else(|| unknown(key, say::setting_unknown_remedy(names())))?;
    row.kind.read(row.name, value, settings)
}
