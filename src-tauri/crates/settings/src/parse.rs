//! From the file's text to settings, or to one mistake with its place. Must not know any section.

use super::section::SECTIONS;
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use tidegate_contract::{Message, Trouble};
use tidegate_domain::Settings;
use tidegate_words::{line, say};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The newest form of the file that is understood here.
pub(super) const VERSION: i64 = 1;

pub(super) type Key<'a> = Spanned<Cow<'a, str>>;
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// What is wrong, where in the text, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    at: Range<usize>,
    pub(super) what: Message,
    pub(super) remedy: Message,
}

impl Wrong {
    pub(super) fn new(at: Range<usize>, what: Message, remedy: Message) -> Self {
        Self { at, what, remedy }
    }

    pub(super) fn in_file(self, file: &Path, text: &str) -> Mistake {
        let before = text.get(..self.at.start).unwrap_or(text);
        let number = i64::try_from(before.matches('\n').count() + 1).unwrap_or(i64::MAX);
        let text = say::setting_mistake(path(file), number, self.what);
        Mistake { text, remedy: self.remedy, is_unreadable: false }
    }
}

/// Why a file does not count: one line that names it, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// File, line, and what is wrong.
    pub text: Message,
    /// What to do.
    pub remedy: Message,
    /// It cannot be read at all.
    pub is_unreadable: bool,
}

impl Mistake {
    pub(super) fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        let text = say::setting_unreadable(path(file), line(&error.to_string(), 200));
        Self { text, remedy: say::setting_unreadable_remedy(), is_unreadable: true }
    }

    /// As the daemon shows it, with what holds instead.
    pub(super) fn trouble(self, says: fn(Message) -> Message) -> Trouble {
        Trouble { code: "settings".to_owned(), text: says(self.text), remedy: self.remedy }
    }

    /// All of it.
    pub(super) fn message(&self) -> Message {
        say::setting_refused(self.text.clone(), self.remedy.clone())
    }
}

/// A file's path, fit to be shown.
pub(super) fn path(file: &Path) -> String {
    line(&file.display().to_string(), 300)
}

/// What stands in the file or was typed, fit to be shown between quotation marks. White space around it stays: that may be
/// what is wrong.
pub(super) fn name(text: &str) -> String {
    let marked = line(&format!("\"{text}\""), 200);
    let begun = marked.strip_prefix('"').unwrap_or(&marked);
    begun.strip_suffix('"').unwrap_or(begun).to_owned()
}

pub(super) fn parse(text: &str) -> Result<Settings, Wrong> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        Wrong::new(at, say::setting_not_toml(line(error.message(), 300)), say::setting_not_toml_remedy())
    })?;
    // Of a newer form nothing else may be judged.
    if let Some(version) = table.get_ref().get("version") {
        check_version(version)?;
    }
    let mut settings = Settings::default();
    for (key, value) in table.get_ref().iter().filter(|(key, _)| key.get_ref() != "version") {
        read_section(key, value, &mut settings)?;
    }
    Ok(settings)
}

fn check_version(value: &Value<'_>) -> Result<(), Wrong> {
    let wrong = |what, remedy| Err(Wrong::new(value.span(), what, remedy));
    let number =
        value.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    match number {
        Some(1..=VERSION) => Ok(()),
        Some(newer) if newer > VERSION => {
            wrong(say::setting_newer(newer.to_string(), VERSION.to_string()), say::setting_newer_remedy())
        }
        Some(_) | None => wrong(say::setting_no_version(), say::setting_no_version_remedy(VERSION.to_string())),
    }
}

fn read_section(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let Some(section) = SECTIONS.iter().find(|section| section.name == key.get_ref()) else {
        return Err(unknown(key, say::setting_unknown_remedy_section(all_sections())));
    };
    table_in(key, value)?.iter().try_for_each(|(name, value)| section.read(name, value, settings))
}

fn all_sections() -> Message {
    let [first, others @ ..] = SECTIONS.map(|section| format!("[{}]", section.name));
    others.into_iter().fold(say::setting_one(first), say::setting_both)
}

fn table_in<'a, 'b>(key: &Key<'_>, value: &'a Value<'b>) -> Result<&'a DeTable<'b>, Wrong> {
    let name = || name(key.get_ref());
    let wrong = || Wrong::new(value.span(), say::setting_no_section(name()), say::setting_no_section_remedy(name()));
    value.get_ref().as_table().ok_or_else(wrong)
}

pub(super) fn unknown(key: &Key<'_>, remedy: Message) -> Wrong {
    Wrong::new(key.span(), say::setting_unknown(name(key.get_ref())), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documentation;
    use chrono::{DateTime, Utc};
    use tidegate_domain::{AppRule, BlockLength, Exceptions, Plan, Zone};
    use tidegate_words::timeless;

    fn check(text: &str, line: usize, what: &str) {
        let file = Path::new("/x/settings.toml");
        let mistake = parse(text).unwrap_err().in_file(file, text);
        let place = format!("/x/settings.toml, line {line}: ");
        let (said, remedy) = (timeless(&mistake.text), timeless(&mistake.remedy));
        assert!(said.starts_with(&place) && said.contains(what), "{text}: {said}");
        assert!(!said.contains('\n') && !remedy.is_empty());
    }

    #[test]
    fn the_documented_example_is_understood() {
        let settings = parse(&documentation::example()).unwrap();
        assert_eq!(settings.apps.len(), 3);
        assert_eq!((settings.storage.message_bytes(), settings.storage.file_bytes()), (96 << 20, 32 << 20));
        assert_eq!(settings.blocks.length, Some(BlockLength::Minutes(90)));
        assert!(settings.blocks.tells_the_end && !settings.blocks.sounds);
        assert_eq!(settings.blocks.away_minutes.map(u32::from), Some(15));
        assert!(settings.quiet.holds && !settings.quiet.tells_the_end);
        let kinds: Vec<_> = settings.safe_list.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert!(kinds.contains(&"power") && !kinds.contains(&"calendar reminders"), "{kinds:?}");
        let alarms = settings.safe_list.entries.iter().find(|entry| entry.name == "alarms").unwrap();
        assert_eq!(alarms.programs, ["gnome-clocks", "kalarm"]);
        assert_eq!(settings.apps["com.example.Ads"], AppRule::Mute);
        assert_eq!(settings.apps["com.example.Pager"], AppRule::PassTrusted);
        let next_after = |instant: &str| {
            let instant: DateTime<Utc> = instant.parse().unwrap();
            let plan = Plan { check_ins: &settings.check_ins, exceptions: &Exceptions::default(), zone: &Zone::utc() };
            plan.next_that_happens(instant).unwrap().at.to_string()
        };
        assert_eq!(next_after("2026-11-22T12:00:00Z"), "2026-11-23 10:00:00 UTC");
        assert_eq!(next_after("2026-11-26T20:00:00Z"), "2026-11-30 10:00:00 UTC");
    }

    #[test]
    fn a_program_is_listed_once() {
        let settings = parse("[safe-list]\nmine = [\"kalarm\", \"other\", \"kalarm\"]\n").unwrap();
        assert_eq!(settings.safe_list.entries.last().unwrap().programs, ["kalarm", "other"]);
    }

    #[test]
    fn an_empty_file_and_one_of_this_version_are_the_defaults() {
        for text in ["", "\n# nothing\n", "version = 1\n", "version = 0x1"] {
            assert_eq!(parse(text), Ok(Settings::default()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_one_line_with_its_place() {
        check("[check-ins]\nmonday = [\"25:00\"]\n", 2, "monday: \"25:00\" is not a time of day");
        check("\n[check-ins]\nmontag = []\n", 3, "\"montag\" is no setting");
        check("[check-ins]\nmonday = \"11:30\"\n", 2, "monday must be a list of times");
        check("[check-ins]\nmonday = [11]\n", 2, "monday must be a list of times");
        check("check-ins = 3\n", 1, "check-ins must be a section");
        check("[apps]\n\n\"a\" = \"shout\"\n", 3, "the rule for \"a\" is unknown");
        check("[apps]\na = true\n", 2, "the rule for \"a\"");
        check("[storage]\nmost = 1\n", 2, "\"most\" is no setting");
        for wrong in ["0", "-1", "1.5", "\"256\"", "1000001", "true"] {
            check(&format!("[storage]\nmost-megabytes = {wrong}\n"), 2, "most-megabytes must be a number from 1 to");
        }
        check("[safe-list]\npower = \"x\"\n", 2, "power must be a list of programs");
        check("[safe-list]\npower = [\"/usr/bin/x\"]\n", 2, "power: \"/usr/bin/x\" is no file name of a program");
        check("[safe-list]\npower = [\"python3\"]\n", 2, "power: \"python3\" sends whatever a script tells it to");
        check("[safe-list]\n\" \" = [\"x\"]\n", 2, "\" \" cannot be a kind of programs");
        for wrong in ["0", "1441", "\"usual\"", "true"] {
            check(
                &format!("[blocks]\nlength = {wrong}\n"),
                2,
                "length must be a number of minutes from 1 to 1440, or a word",
            );
        }
        check("[blocks]\nsound = 1\n", 2, "sound must be true or false");
        check("[blocks]\nloud = true\n", 2, "\"loud\" is no setting");
        check("[focus]\nx = 1\n", 1, "\"focus\" is no setting");
        check("[apps]\n[check-ins\n", 2, "this is not TOML");
        check("[apps]\na = \"pass\"\na = \"mute\"\n", 3, "this is not TOML");
        check("\"\\u001b[2J\" = 1", 1, "\"‹U+001B›[2J\" is no setting");
    }

    #[test]
    fn a_newer_file_is_refused_before_anything_else_in_it_is_judged() {
        check("[new]\nx = 1\n[version]\n", 3, "the version must be a number");
        check("\nversion = 2\n[new]\n", 2, "of version 2, and this Tidegate knows version 1");
        for text in
            ["version = 0", "version = -1", "version = \"1\"", "version = 1.0", "version = 99999999999999999999"]
        {
            check(text, 1, "the version must be a number");
        }
    }
}
