//! Changes one value in the file, and nothing else in it: order, comments and white space stay as they are. What it makes
//! must pass the same parser as what people write. Must not know any section.

use super::documentation;
use super::file::{LARGEST, SettingsFile};
use super::parse::{Mistake, name, parse, path};
use super::section::{NoSuchKey, Row, Section, find, row};
use std::path::{Path, PathBuf};
use tidegate_contract::Message;
use tidegate_domain::Settings;
use tidegate_words::{line, say, timeless};
use toml_edit::{Document, DocumentMut, Item, Table, TomlError, Value};

/// Why a setting was not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// There is no such key.
    #[error(transparent)]
    Key(#[from] NoSuchKey),
    /// The value is none for that key: what is wrong, and what to give.
    #[error("{}", timeless(.0))]
    Value(Message),
    /// The file has a mistake already, and is left alone.
    #[error("{}", timeless(&.0.message()))]
    File(Mistake),
    /// The file cannot be written.
    #[error("{}", timeless(&not_written(file, error)))]
    Disk {
        /// Its path.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
}

impl NotSet {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Key(error) => error.message(),
            Self::Value(wrong) => wrong.clone(),
            Self::File(mistake) => mistake.message(),
            Self::Disk { file, error } => not_written(file, error),
        }
    }
}

fn not_written(file: &Path, error: &std::io::Error) -> Message {
    say::setting_not_written(path(file), line(&error.to_string(), 200))
}

impl SettingsFile {
    /// Sets a value, typed as a person types it. A file that is new explains all settings.
    ///
    /// # Errors
    /// When there is no such key or value, or the file is in no state to be changed. It is as it was then.
    pub fn set(&self, key: &str, word: &str) -> Result<Row, NotSet> {
        let (section, name) = find(key)?;
        match section.written(name, word) {
            Some(value) => {
                // By itself first: a wrong one leaves no trace, not even a folder.
                checked(with("", section, name, value.clone()))
                    .map_err(|_| not_a_value(key, word, section.takes(name)))?;
                self.change(key, |text| with(text, section, name, value))
            }
            None => self.unset(key),
        }
    }

    /// Takes a value out, so that the default holds.
    ///
    /// # Errors
    /// As [`SettingsFile::set`].
    pub fn unset(&self, key: &str) -> Result<Row, NotSet> {
        let (section, name) = find(key)?;
        match self.read().map_err(NotSet::File)? {
            Some(_) => self.change(key, |text| without(text, section, name)),
            None => Ok(row(&Settings::default(), key)?),
        }
    }

    fn change(&self, key: &str, edit: impl FnOnce(&str) -> Result<String, TomlError>) -> Result<Row, NotSet> {
        let disk = |error| NotSet::Disk { file: self.path().to_owned(), error };
        let _lock = self.lock().map_err(disk)?;
        let before = self.read().map_err(NotSet::File)?;
        self.load().map_err(NotSet::File)?;
        let text = before.clone().unwrap_or_else(documentation::new_file);
        let (changed, settings) = checked(edit(&text))?;
        if u64::try_from(changed.len()).is_ok_and(|length| length > LARGEST) {
            return Err(disk(std::io::ErrorKind::FileTooLarge.into()));
        }
        if before.as_ref() != Some(&changed) {
            self.write(&changed).map_err(disk)?;
        }
        Ok(row(&settings, key)?)
    }
}

/// In the words of the command line: the parser's are about the file.
fn not_a_value(key: &str, word: &str, takes: Option<Message>) -> NotSet {
    let takes = takes.unwrap_or_else(|| say::setting_one(""));
    NotSet::Value(say::setting_no_value(name(key), name(word), takes))
}

/// An edited text and its settings, if they are some.
fn checked(edited: Result<String, TomlError>) -> Result<(String, Settings), NotSet> {
    let text = edited.map_err(|error| NotSet::Value(say::failure_said(line(error.message(), 300))))?;
    let settings = parse(&text).map_err(|wrong| NotSet::Value(say::setting_refused(wrong.what, wrong.remedy)))?;
    Ok((text, settings))
}

/// The text with a value for a name of a section.
fn with(text: &str, section: &Section, name: &str, value: Value) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    if !document.contains_key(section.name) {
        append(&mut document, section.name);
    }
    if let Some(table) = document.get_mut(section.name).and_then(Item::as_table_like_mut) {
        match table.get_mut(name).and_then(Item::as_value_mut) {
            Some(old) => {
                let around = old.decor().clone();
                *old = value;
                *old.decor_mut() = around;
            }
            None => drop(table.insert(name, Item::Value(value))),
        }
    }
    Ok(with_line_ends_of(text, document.to_string()))
}

/// A section at the very end: behind the comments that stand there, too.
fn append(document: &mut DocumentMut, section: &str) {
    let mut before = document.trailing().as_str().unwrap_or_default().to_owned();
    if !before.is_empty() && !before.ends_with('\n') {
        before.push('\n');
    }
    if !before.is_empty() || !document.is_empty() {
        before.push('\n');
    }
    let mut table = Table::new();
    table.decor_mut().set_prefix(before);
    document.set_trailing("");
    document.insert(section, Item::Table(table));
}

/// The text without a name of a section: its lines are gone, with what is remarked on them, and the comments above stay.
fn without(text: &str, section: &Section, name: &str) -> Result<String, TomlError> {
    let document = Document::parse(text)?;
    let in_braces = document.get(section.name).is_some_and(Item::is_value);
    let entry = document.get(section.name).and_then(Item::as_table_like).and_then(|table| table.get_key_value(name));
    let Some((key, value)) = entry else { return Ok(text.to_owned()) };
    match (key.span(), value.span()) {
        (Some(key), Some(value)) if !in_braces => Ok(without_lines(text, key.start, value.end)),
        _ => {
            let mut document = document.into_mut();
            if let Some(table) = document.get_mut(section.name).and_then(Item::as_table_like_mut) {
                table.remove(name);
            }
            Ok(with_line_ends_of(text, document.to_string()))
        }
    }
}

/// The text without the lines from one byte to another.
fn without_lines(text: &str, from: usize, to: usize) -> String {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    let before = before.rfind('\n').map_or("", |end| &before[..=end]);
    let after = after.find('\n').map_or("", |end| &after[end + 1..]);
    format!("{before}{after}")
}

/// The editing library ends every line as Unix does.
fn with_line_ends_of(text: &str, changed: String) -> String {
    if text.contains("\r\n") { changed.replace('\n', "\r\n") } else { changed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::{SECTIONS, rows};
    use std::fs;

    fn in_folder(text: Option<&str>) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path().join("tidegate/settings.toml"));
        if let Some(text) = text {
            fs::create_dir(folder.path().join("tidegate")).unwrap();
            fs::write(file.path(), text).unwrap();
        }
        (folder, file)
    }

    fn text_of(file: &SettingsFile) -> String {
        fs::read_to_string(file.path()).unwrap()
    }

    /// A change, as the text before and after it.
    fn check(before: &str, change: &[&str], after: &str) {
        let (_folder, file) = in_folder(Some(before));
        match change {
            [key, word] => drop(file.set(key, word).unwrap()),
            [key] => drop(file.unset(key).unwrap()),
            _ => panic!("{change:?}"),
        }
        assert_eq!(text_of(&file), after, "{change:?}");
    }

    #[test]
    fn a_value_is_changed_where_it_stands() {
        check(
            "# mine\n[apps]\n  \"a.b\" = 'pass'  # why\nc = \"hold\"\n\n# days\n[check-ins]\nfriday = [ \"9:00\",\n]\n# end\n",
            &["apps.a.b", "mute"],
            "# mine\n[apps]\n  \"a.b\" = \"mute\"  # why\nc = \"hold\"\n\n# days\n[check-ins]\nfriday = [ \"9:00\",\n]\n# end\n",
        );
        check(
            "[check-ins]\nfriday = []# none\n",
            &["check-ins.friday", "9:30, 8:00"],
            "[check-ins]\nfriday = [\"9:30\", \"8:00\"]# none\n",
        );
        check("apps = { a = \"pass\" } # x\n", &["apps.a", "hold"], "apps = { a = \"hold\" } # x\n");
        check("apps.a = \"pass\"\r\n# x\r\n", &["apps.a", "hold"], "apps.a = \"hold\"\r\n# x\r\n");
    }

    #[test]
    fn a_new_value_stands_behind_its_neighbours() {
        check("[apps]\n# none yet\n", &["apps.x y", "mute"], "[apps]\n\"x y\" = \"mute\"\n# none yet\n");
        check(
            "[apps]\na = \"pass\"\n\n# days\n[check-ins]\n",
            &["apps.b", "mute"],
            "[apps]\na = \"pass\"\nb = \"mute\"\n\n# days\n[check-ins]\n",
        );
        check(
            "[apps]\n\n# the end",
            &["check-ins.sunday", "10:00"],
            "[apps]\n\n# the end\n\n[check-ins]\nsunday = [\"10:00\"]\n",
        );
        check("# only words\n", &["apps.a", "hold"], "# only words\n\n[apps]\na = \"hold\"\n");
        check("", &["apps.a", "hold"], "[apps]\na = \"hold\"\n");
        check("apps.a = \"pass\"\n", &["apps.b", "hold"], "apps.a = \"pass\"\napps.b = \"hold\"\n");
    }

    #[test]
    fn what_is_unset_takes_only_its_own_lines_with_it() {
        check(
            "[check-ins]\n# the week\nmonday = [\n  \"9:00\", # early\n] # sharp\n# after\nfriday = []\n",
            &["check-ins.monday"],
            "[check-ins]\n# the week\n# after\nfriday = []\n",
        );
        check("[apps]\n# about a\na = \"pass\"", &["apps.a"], "[apps]\n# about a\n");
        check("[apps]\na = \"pass\"\n", &["apps.a", "none"], "[apps]\n");
        check("apps.a = \"pass\" # x\n# y\n", &["apps.a"], "# y\n");
        check("apps = {a = \"pass\", b = \"hold\"} # x\n", &["apps.a"], "apps = { b = \"hold\"} # x\n");
        check("[apps]\n# nothing to take\n", &["apps.a"], "[apps]\n# nothing to take\n");
        check("[apps]\r\na = \"pass\"\r\n# x\r\n", &["apps.a"], "[apps]\r\n# x\r\n");
    }

    /// Files of all shapes, each comment of which names its place.
    fn files() -> Vec<String> {
        let apps = [
            "",
            "[apps] # c1\n# c2\na = \"pass\" # c3\n\n  # c4\nb.c = { x = 1 }\n",
            "apps = { a = \"pass\" } # c1\n",
            "# c1\n[apps]\n# c2\n",
        ];
        let days = ["", "[check-ins] # d1\n\nmonday = [] # d2\n# d3\n", "\n# d1\n[check-ins]\nsunday = [\n\"9:00\"]\n"];
        let ends = ["", "# e1", "\n\n# e1\n\n"];
        let mut files = Vec::new();
        for apps in apps.map(|apps| apps.replace("b.c = { x = 1 }\n", "\"b.c\" = \"hold\"\n")) {
            for (day, end) in days.iter().flat_map(|day| ends.map(|end| (day, end))) {
                files.push(format!("# a1\nversion = 1\n{apps}{day}{end}"));
            }
        }
        files
    }

    fn comments(text: &str) -> Vec<&str> {
        let marks = text.split('#').skip(1).map(|comment| comment.lines().next().unwrap_or_default().trim());
        marks.collect()
    }

    #[test]
    fn whatever_is_set_and_unset_again_the_rest_stays() {
        for text in files() {
            let before = parse(&text).unwrap();
            for (key, word) in [
                ("check-ins.monday", "8:15,9:00"),
                ("check-ins.sunday", "none"),
                ("apps.a", "mute"),
                ("apps.n.w", "hold"),
            ] {
                let (_folder, file) = in_folder(Some(&text));
                let set = file.set(key, word).unwrap();
                let changed = text_of(&file);
                assert_eq!(set.value, word.replace("8:15", "08:15").replace(",9:", ",09:"), "{text}");
                assert_eq!(comments(&changed), comments(&text), "{text}\n→ {changed}");
                assert_eq!(file.set(key, word).unwrap(), set);
                assert_eq!(text_of(&file), changed, "the same once more changes nothing");
                assert_eq!(
                    without_key(&parse(&changed).unwrap(), key),
                    without_key(&before, key),
                    "{text}\n→ {changed}"
                );
                let unset = file.unset(key).unwrap();
                assert_eq!(unset.value, unset.default);
                assert_eq!(
                    without_key(&file.load().unwrap(), key),
                    without_key(&before, key),
                    "{text}\n→ {}",
                    text_of(&file)
                );
                let lost = comments(&text).len() - comments(&text_of(&file)).len();
                assert!(lost <= 1, "only the remark on the line itself goes: {text}\n→ {}", text_of(&file));
            }
        }
    }

    fn without_key(settings: &Settings, key: &str) -> Vec<Row> {
        rows(settings).into_iter().filter(|row| row.key != key).collect()
    }

    #[test]
    fn a_new_file_explains_itself() {
        let (_folder, file) = in_folder(None);
        assert_eq!(file.unset("apps.a").unwrap().value, "none");
        assert!(!file.path().exists());
        file.set("apps.a", "mute").unwrap();
        let expected = documentation::new_file() + "\n[apps]\na = \"mute\"\n";
        assert_eq!(text_of(&file), expected);
        assert!(SECTIONS.iter().all(|section| expected.contains(timeless(&(section.about)()).lines().next().unwrap())));
    }

    #[test]
    fn a_wrong_value_leaves_no_trace() {
        let (folder, file) = in_folder(None);
        assert!(matches!(file.set("apps.a", "shout"), Err(NotSet::Value(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_wrong_key_or_value_writes_nothing() {
        let (_folder, file) = in_folder(Some("# mine\n"));
        for (key, word, said) in [
            (
                "check-ins.monday",
                "25:00",
                "check-ins.monday cannot be \"25:00\"; give times such as 10:00,15:30, or none",
            ),
            ("check-ins.monday", "", "check-ins.monday cannot be \"\"; give times"),
            ("apps.a", "shout", "apps.a cannot be \"shout\"; give hold, pass, pass-trusted or mute; none for no rule"),
            ("apps.a", "", "apps.a cannot be \"\"; give hold"),
            ("storage.most-megabytes", "much", "cannot be \"much\"; give a number of MiB from 1 to 1000000"),
            ("storage.most-megabytes", "0", "cannot be \"0\"; give a number"),
            ("focus.x", "1", "\"focus.x\" is no setting"),
        ] {
            let error = file.set(key, word).unwrap_err().to_string();
            assert!(error.contains(said), "{key} {word}: {error}");
        }
        assert_eq!(text_of(&file), "# mine\n");
    }

    #[test]
    fn a_file_with_a_mistake_or_of_a_newer_version_is_left_alone() {
        for (text, said) in
            [("x = 1\n[", "line 2: this is not TOML"), ("\nversion = 2\n", "line 2: the file is of version 2")]
        {
            let (_folder, file) = in_folder(Some(text));
            for error in [file.set("apps.a", "mute"), file.unset("apps.a")] {
                let NotSet::File(mistake) = error.unwrap_err() else { panic!("{text}") };
                let text = timeless(&mistake.text);
                assert!(text.contains(said), "{text}");
            }
            assert_eq!(text_of(&file), text);
        }
    }

    #[test]
    fn a_file_that_would_be_too_large_is_not_written() {
        let text = "#".repeat((1 << 20) - 4) + "\n";
        let (_folder, file) = in_folder(Some(&text));
        assert!(matches!(file.set("apps.a", "mute"), Err(NotSet::Disk { .. })));
        assert_eq!(text_of(&file), text);
    }
}
