//! The table of the file's sections, and the keys that people type: `check-ins.monday`. Must not read or write a file.

use super::group::Group;
use super::known::{self, Known};
use super::parse::{self, Key, Value, Wrong};
use super::{apps, blocks, check_ins, hand_over, quiet, safe_list, storage};
use serde::Serialize;
use std::sync::LazyLock;
use tidegate_contract::{Message, Setting};
use tidegate_domain::Settings;
use tidegate_words::{say, timeless};

/// A message that needs nothing to be said.
pub(super) type Says = fn() -> Message;

/// One section: all that is said about it anywhere.
pub(super) struct Section {
    /// As in `[name]`.
    pub(super) name: &'static str,
    /// Where the window shows it.
    pub(super) group: &'static Group,
    /// What it is for, in lines.
    pub(super) about: Says,
    /// What else is worth knowing, where there is room: in a new file and below the keys.
    pub(super) aside: Option<Says>,
    /// Its settings.
    pub(super) holds: Holds,
}

/// What a section holds.
pub(super) enum Holds {
    /// Settings whose names are known: a row each.
    Known(&'static [Known]),
    /// Settings of one sort, by whatever name.
    Named(Named),
}

/// Settings of one sort, each for a name: an app, a day.
pub(super) struct Named {
    /// The keys as a person types them.
    pub(super) keys: Says,
    /// What may be given for each.
    pub(super) takes: Says,
    /// Lines below `[name]` that show it.
    pub(super) example: &'static [&'static str],
    /// Reads one entry of the file into the settings.
    pub(super) read: fn(&Key<'_>, &Value<'_>, &mut Settings) -> Result<(), Wrong>,
    /// What a typed word is in the file; nothing, if it means that the file says nothing.
    pub(super) written: fn(&str) -> Option<toml_edit::Value>,
    /// The names that these settings have something to say of.
    pub(super) names: fn(&Settings) -> Vec<String>,
    /// What these settings say of a name, as it is typed; nothing, if there is no such name.
    pub(super) word: fn(&Settings, &str) -> Option<String>,
    /// What a name's setting means, in a line.
    pub(super) meaning: fn(&str) -> Message,
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
    pub meaning: Message,
    /// What may be given for it.
    pub takes: Message,
}

/// A key that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", timeless(&no_key(.0)))]
pub struct NoSuchKey(pub String);

impl NoSuchKey {
    /// Which there are.
    #[must_use]
    pub fn message(&self) -> Message {
        no_key(&self.0)
    }
}

fn no_key(key: &str) -> Message {
    let keys = SECTIONS.into_iter().flat_map(Section::keys).map(|(keys, _)| keys);
    let keys = keys.reduce(say::setting_list).unwrap_or_else(|| say::setting_one(""));
    say::setting_no_key(parse::name(key), keys)
}

/// Every setting that there is something to say of.
#[must_use]
pub fn rows(settings: &Settings) -> Vec<Row> {
    names(settings).filter_map(|(section, name)| section.row(&name, settings)).collect()
}

/// Every setting that there is something to say of, for clients.
#[must_use]
pub fn shown(settings: &Settings) -> Vec<Setting> {
    names(settings).filter_map(|(section, name)| section.shown(&name, settings)).collect()
}

fn names(settings: &Settings) -> impl Iterator<Item = (&'static Section, String)> {
    let named = |section: &'static Section| section.names(settings).into_iter().map(move |name| (section, name));
    SECTIONS.into_iter().flat_map(named).take(ROWS)
}

/// One setting.
///
/// # Errors
/// When there is no such key.
pub fn row(settings: &Settings, key: &str) -> Result<Row, NoSuchKey> {
    let (section, name) = find(key)?;
    section.row(name, settings).ok_or_else(|| NoSuchKey(key.to_owned()))
}

/// The most settings that are listed: a file may be long, and whoever asks must not keep the daemon busy.
const ROWS: usize = 1_000;

fn defaults() -> &'static Settings {
    static DEFAULTS: LazyLock<Settings> = LazyLock::new(Settings::default);
    &DEFAULTS
}

/// The section of a key, and the name in it, which may have dots of its own.
pub(super) fn find(key: &str) -> Result<(&'static Section, &str), NoSuchKey> {
    let found = key.split_once('.').and_then(|(section, name)| {
        let section = SECTIONS.into_iter().find(|known| known.name == section)?;
        section.word(defaults(), name).map(|_| (section, name))
    });
    found.ok_or_else(|| NoSuchKey(key.to_owned()))
}

impl Section {
    /// Reads one entry of the file into the settings.
    pub(super) fn read(&self, key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
        match &self.holds {
            Holds::Known(rows) => known::read(rows, key, value, settings),
            Holds::Named(named) => (named.read)(key, value, settings),
        }
    }

    /// What a word that is typed for a name is in the file; nothing, if it means that the file says nothing.
    pub(super) fn written(&self, name: &str, word: &str) -> Option<toml_edit::Value> {
        match &self.holds {
            Holds::Known(rows) => known::find(rows, name).map(|row| row.kind.written(word)),
            Holds::Named(named) => (named.written)(word),
        }
    }

    /// What these settings say of a name, as it is typed; nothing, if there is no such name.
    pub(super) fn word(&self, settings: &Settings, name: &str) -> Option<String> {
        match &self.holds {
            Holds::Known(rows) => known::find(rows, name).map(|row| row.kind.word(settings)),
            Holds::Named(named) => (named.word)(settings, name),
        }
    }

    /// What a person may give for a name.
    pub(super) fn takes(&self, name: &str) -> Option<Message> {
        match &self.holds {
            Holds::Known(rows) => known::find(rows, name).map(|row| row.kind.takes()),
            Holds::Named(named) => Some((named.takes)()),
        }
    }

    /// The keys as a person types them, each with what may be given for it. One that is no single key stands for all that
    /// are not named.
    pub(super) fn keys(&self) -> Vec<(Message, Message)> {
        match &self.holds {
            Holds::Known(rows) => {
                rows.iter().map(|row| (say::setting_one(self.key(row.name)), row.kind.takes())).collect()
            }
            Holds::Named(named) => vec![((named.keys)(), (named.takes)())],
        }
    }

    /// Lines below `[name]` that show it.
    pub(super) fn example(&self) -> Vec<String> {
        match &self.holds {
            Holds::Known(rows) => rows.iter().map(Known::example_line).collect(),
            Holds::Named(named) => named.example.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.name)
    }

    fn names(&self, settings: &Settings) -> Vec<String> {
        match &self.holds {
            Holds::Known(rows) => rows.iter().map(|row| row.name.to_owned()).collect(),
            Holds::Named(named) => (named.names)(settings),
        }
    }

    fn meaning(&self, name: &str) -> Option<Message> {
        match &self.holds {
            Holds::Known(rows) => known::find(rows, name).map(|row| (row.meaning)()),
            Holds::Named(named) => Some((named.meaning)(name)),
        }
    }

    fn row(&self, name: &str, settings: &Settings) -> Option<Row> {
        Some(Row {
            key: self.key(name),
            value: self.word(settings, name)?,
            default: self.word(defaults(), name)?,
            meaning: self.meaning(name)?,
            takes: self.takes(name)?,
        })
    }

    fn shown(&self, name: &str, settings: &Settings) -> Option<Setting> {
        let Row { key, value, default, meaning, takes } = self.row(name, settings)?;
        let line = match &self.holds {
            Holds::Known(rows) => known::find(rows, name).map(|row| row.line(self, settings)),
            Holds::Named(_) => None,
        };
        Some(Setting { key, value, default, meaning, takes, group: self.group.id.to_owned(), line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::groups;
    use crate::parse::parse;
    use tidegate_contract::SettingControl;

    #[test]
    fn what_is_listed_can_be_asked_for() {
        let settings = Settings::default();
        let rows = rows(&settings);
        for section in SECTIONS.iter().filter(|section| !section.names(&settings).is_empty()) {
            assert!(rows.iter().any(|row| row.key.starts_with(&format!("{}.", section.name))), "{}", section.name);
        }
        for listed in rows {
            assert_eq!(row(&settings, &listed.key), Ok(listed));
        }
    }

    #[test]
    fn what_is_shown_is_what_is_listed_below_a_heading_that_there_is() {
        let settings = Settings::default();
        let shown = shown(&settings);
        let keys: Vec<_> = shown.iter().map(|setting| &setting.key).collect();
        assert_eq!(keys, rows(&settings).iter().map(|row| &row.key).collect::<Vec<_>>());
        let headings: Vec<_> = groups().into_iter().map(|group| group.id).collect();
        assert!(shown.iter().all(|setting| headings.contains(&setting.group)), "{headings:?}");
    }

    #[test]
    fn whatever_has_a_line_in_the_window_can_be_set_as_its_control_says() {
        for setting in shown(&Settings::default()) {
            let (section, name) = find(&setting.key).unwrap();
            let Some(line) = setting.line else { continue };
            let typed = match line.control {
                SettingControl::Switch => vec!["yes".to_owned(), "no".to_owned()],
                SettingControl::Choice { options } => options.into_iter().map(|option| option.value).collect(),
                SettingControl::Number { least, most, .. } => vec![least.to_string(), most.to_string()],
            };
            for word in typed.iter().chain([&setting.value, &setting.default]) {
                let text = format!("[{}]\n{name} = {}\n", section.name, section.written(name, word).unwrap());
                assert_eq!(section.word(&parse(&text).unwrap(), name).as_ref(), Some(word), "{text}");
            }
        }
    }

    #[test]
    fn what_means_nothing_without_another_is_said_to() {
        let counts = |text: &str| {
            let shown = shown(&parse(text).unwrap());
            let setting = shown.into_iter().find(|setting| setting.key == "quiet.end-notice").unwrap();
            setting.line.unwrap().counts
        };
        assert_eq!((counts(""), counts("[quiet]\nhold = false\n")), (true, false));
    }

    #[test]
    fn a_name_may_have_dots_and_must_be_one() {
        assert_eq!(row(&Settings::default(), "apps.org.x.y").map(|row| row.value), Ok("none".into()));
        for wrong in ["", "apps", "apps.", "check-ins.montag", "check-ins", "focus.x", ".monday", "version", "storage"]
        {
            let said = row(&Settings::default(), wrong).unwrap_err().to_string();
            let start =
                format!("\"{wrong}\" is no setting; there are check-ins.monday to check-ins.sunday, blocks.length, ");
            assert!(said.starts_with(&start) && said.ends_with("; `tidegate settings` lists them"), "{said}");
        }
    }
}
