//! The user's settings, from `settings.toml`. What is wrong in it is one clear line, and then all defaults hold: half-read
//! settings would be worse than none. Must not watch the file.
//!
//! ```toml
//! # Check-in times, per day. A day that is left out has the default: 11:30, 14:00 and 16:30 from Monday to Friday.
//! [check-ins]
//! monday = ["10:00", "15:30"]
//! friday = []                    # none
//!
//! # Apps by their id, as `tidegate show ID --json` names it: hold, pass, mute, or pass-trusted: only where the program that
//! # runs says which app it is, and not the notification.
//! [apps]
//! "org.telegram.desktop" = "pass"
//! "spotify" = "mute"
//! "com.example.Pager" = "pass-trusted"
//! ```

use crate::present::line;
use chrono::Weekday;
use std::ops::Range;
use std::path::Path;
use tidegate_contract::Trouble;
use tidegate_domain::{AppRule, Settings};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file over this many bytes is no settings file.
const LARGEST: u64 = 1 << 20;
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// The settings in a file, or the defaults and what is wrong. A file that is not there is the defaults.
#[must_use]
pub fn load_or_default(file: &Path) -> (Settings, Option<Trouble>) {
    match read(file) {
        Ok(None) => (Settings::default(), None),
        Ok(Some(text)) => match parse(&text) {
            Ok(settings) => (settings, None),
            Err(wrong) => (Settings::default(), Some(wrong.in_file(file, &text))),
        },
        Err(error) => (Settings::default(), Some(unreadable(file, &error))),
    }
}

fn read(file: &Path) -> std::io::Result<Option<String>> {
    let size = match std::fs::metadata(file) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if size > LARGEST {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    std::fs::read_to_string(file).map(Some)
}

/// What is wrong, where in the text, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    at: Range<usize>,
    what: String,
    remedy: String,
}

impl Wrong {
    fn new(at: Range<usize>, what: String, remedy: &str) -> Self {
        Self { at, what, remedy: remedy.to_owned() }
    }

    fn in_file(self, file: &Path, text: &str) -> Trouble {
        let before = text.get(..self.at.start).unwrap_or(text);
        let number = before.matches('\n').count() + 1;
        let text = format!("{}, line {number}: {}; the defaults hold meanwhile", file.display(), self.what);
        Trouble { code: "settings".to_owned(), text: line(&text, 600), remedy: line(&self.remedy, 300) }
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Trouble {
    let text = format!("{} cannot be read: {error}; the defaults hold meanwhile", file.display());
    let remedy = "Make it a text file that you may read, or remove it, and start Tidegate anew.".to_owned();
    Trouble { code: "settings".to_owned(), text: line(&text, 600), remedy }
}

fn parse(text: &str) -> Result<Settings, Wrong> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        Wrong::new(at, format!("this is not TOML: {}", error.message()), "Mend the line, then start Tidegate anew.")
    })?;
    let mut settings = Settings::default();
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "check-ins" => check_ins(table_in(key, value)?, &mut settings)?,
            "apps" => apps(table_in(key, value)?, &mut settings)?,
            _ => return Err(unknown(key, "[check-ins] and [apps] are the sections there are.")),
        }
    }
    Ok(settings)
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

fn check_ins(days: &DeTable<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    for (key, value) in days {
        let known = DAYS.iter().find(|(name, _)| *name == key.get_ref().as_ref());
        let (name, day) = known.ok_or_else(|| unknown(key, "The days are monday, tuesday, … sunday."))?;
        let times = times(name, value)?;
        let set = settings.check_ins.set_day(*day, &times);
        set.map_err(|error| {
            Wrong::new(value.span(), format!("{name}: {error}"), "Write times as \"11:30\", in 24 hours.")
        })?;
    }
    Ok(())
}

fn times(day: &str, value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    let wrong = |at: Range<usize>| {
        Wrong::new(
            at,
            format!("{day} must be a list of times"),
            "Write a list such as [\"11:30\", \"16:00\"], or [] for none.",
        )
    };
    let list = value.get_ref().as_array().ok_or_else(|| wrong(value.span()))?;
    let text = |time: &Value<'_>| time.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong(time.span()));
    list.iter().map(text).collect()
}

fn apps(apps: &DeTable<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    for (app, value) in apps {
        let rule = match value.get_ref().as_str() {
            Some("hold") => AppRule::Hold,
            Some("pass") => AppRule::Pass,
            Some("pass-trusted") => AppRule::PassTrusted,
            Some("mute") => AppRule::Mute,
            _ => {
                let what = format!("the rule for \"{}\" is none that there is", app.get_ref());
                return Err(Wrong::new(value.span(), what, "Write \"hold\", \"pass\", \"pass-trusted\" or \"mute\"."));
            }
        };
        settings.apps.insert(app.get_ref().to_string(), rule);
    }
    Ok(())
}

fn table_in<'a, 'b>(key: &Key<'_>, value: &'a Value<'b>) -> Result<&'a DeTable<'b>, Wrong> {
    let name = key.get_ref();
    let what = || {
        Wrong::new(value.span(), format!("{name} must be a section"), &format!("Write [{name}] on a line of its own."))
    };
    value.get_ref().as_table().ok_or_else(what)
}

fn unknown(key: &Key<'_>, remedy: &str) -> Wrong {
    Wrong::new(key.span(), format!("\"{}\" is no setting", key.get_ref()), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use tidegate_domain::Zone;

    fn check(text: &str, line: usize, what: &str) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, text).unwrap();
        let (settings, trouble) = load_or_default(&file);
        let trouble = trouble.unwrap_or_else(|| panic!("nothing is wrong with {text}"));
        assert_eq!(settings, Settings::default(), "{text}");
        let place = format!("{}, line {line}: ", file.display());
        assert!(trouble.text.starts_with(&place) && trouble.text.contains(what), "{text}: {}", trouble.text);
        assert!(!trouble.text.contains('\n') && !trouble.remedy.is_empty());
        assert_eq!(trouble.code, "settings");
    }

    fn good(text: &str) -> Settings {
        parse(text).unwrap()
    }

    #[test]
    fn the_documented_example_is_understood() {
        let example = include_str!("settings.rs").lines().filter_map(|line| line.strip_prefix("//! "));
        let example: Vec<_> =
            example.skip_while(|line| *line != "```toml").skip(1).take_while(|line| *line != "```").collect();
        let settings = good(&example.join("\n"));
        assert_eq!(settings.apps.len(), 3);
        assert_eq!(settings.apps["spotify"], AppRule::Mute);
        assert_eq!(settings.apps["com.example.Pager"], AppRule::PassTrusted);
        let sunday: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let next = settings.check_ins.next_after(sunday, &Zone::utc()).unwrap();
        assert_eq!(next.to_string(), "2026-11-23 10:00:00 UTC");
        let thursday_evening: DateTime<Utc> = "2026-11-26T20:00:00Z".parse().unwrap();
        let next = settings.check_ins.next_after(thursday_evening, &Zone::utc()).unwrap();
        assert_eq!(next.to_string(), "2026-11-30 10:00:00 UTC");
    }

    #[test]
    fn no_file_and_an_empty_file_are_the_defaults() {
        let missing = load_or_default(Path::new("/nonexistent/settings.toml"));
        assert_eq!(missing, (Settings::default(), None));
        assert_eq!(good(""), Settings::default());
    }

    #[test]
    fn what_is_wrong_is_one_line_with_its_place() {
        check("[check-ins]\nmonday = [\"25:00\"]\n", 2, "monday: \"25:00\" is not a time of day");
        check("\n[check-ins]\nmontag = []\n", 3, "\"montag\" is no setting");
        check("[check-ins]\nmonday = \"11:30\"\n", 2, "monday must be a list of times");
        check("[check-ins]\nmonday = [11]\n", 2, "monday must be a list of times");
        check("check-ins = 3\n", 1, "check-ins must be a section");
        check("[apps]\n\n\"a\" = \"shout\"\n", 3, "the rule for \"a\" is none that there is");
        check("[apps]\na = true\n", 2, "the rule for \"a\"");
        check("[focus]\nx = 1\n", 1, "\"focus\" is no setting");
        check("[apps]\n[check-ins\n", 2, "this is not TOML");
        check("[apps]\na = \"pass\"\na = \"mute\"\n", 3, "this is not TOML");
        check("\"\\u001b[2J\" = 1", 1, "\"\u{fffd}[2J\" is no setting");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("binary", vec![0xff; 10]), ("huge", vec![b'#'; (1 << 20) + 1])] {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            let (settings, trouble) = load_or_default(&file);
            assert_eq!(settings, Settings::default());
            assert!(trouble.unwrap().text.contains("cannot be read"), "{name}");
        }
        assert!(load_or_default(folder.path()).1.is_some());
    }
}
