//! The section `[safe-list]`: the programs that pass a closed gate, by kind. Must not know how a program is recognised.

use super::group;
use super::parse::{self, Key, Value, Wrong};
use super::section::{Holds, Named, Section};
use tidegate_domain::sends_for_others;
use tidegate_domain::{SafeEntry, SafeList, Settings};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "safe-list",
    group: &group::SAFE_LIST,
    about: say::setting_section_safe_list,
    aside: None,
    holds: Holds::Named(Named {
        keys: say::setting_safe_list_keys,
        takes: say::setting_safe_list_takes,
        example: &["\"alarms\" = [\"gnome-clocks\", \"kalarm\"]", "\"calendar reminders\" = []"],
        read,
        written,
        names,
        word,
        meaning: |_| say::setting_safe_list(),
    }),
};

/// The longest name of a kind or a program, in bytes.
const NAME: usize = 64;
/// The most programs of one kind, and the most kinds.
const MOST: usize = 100;

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let name = key.get_ref().as_ref();
    let kind = || parse::name(name);
    let wrong = |what, remedy| Err(Wrong::new(value.span(), what, remedy));
    let list = value.get_ref().as_array().filter(|list| list.len() <= MOST);
    let programs: Option<Vec<_>> =
        list.and_then(|list| list.iter().map(|program| program.get_ref().as_str()).collect());
    let Some(programs) = programs else {
        return wrong(say::setting_no_programs(kind()), say::setting_no_programs_remedy());
    };
    if let Some(program) = programs.iter().find(|program| !is_file_name(program)) {
        let what = say::setting_no_program(kind(), parse::name(program));
        return wrong(what, say::setting_no_program_remedy());
    }
    if let Some(program) = programs.iter().find(|program| sends_for_others(program)) {
        let what = say::setting_sends_for_others(kind(), parse::name(program));
        return wrong(what, say::setting_sends_for_others_remedy());
    }
    if !is_kind(name) || settings.safe_list.entries.len() >= MOST {
        return wrong(say::setting_no_kind(kind()), say::setting_no_kind_remedy());
    }
    let mut once: Vec<String> = Vec::new();
    programs.into_iter().for_each(|program| {
        if !once.iter().any(|known| known == program) {
            once.push(program.to_owned());
        }
    });
    set(&mut settings.safe_list, name, once);
    Ok(())
}

fn is_file_name(program: &str) -> bool {
    (1..=NAME).contains(&program.len()) && !program.starts_with('.') && program.chars().all(is_plain)
}

fn is_plain(c: char) -> bool {
    !(c.is_control() || c.is_whitespace() || c == '/' || c == ',')
}

fn is_kind(name: &str) -> bool {
    (1..=NAME).contains(&name.len()) && name == name.trim() && !name.chars().any(char::is_control)
}

/// At the place of the one that it replaces.
fn set(list: &mut SafeList, name: &str, programs: Vec<String>) {
    let place = list.entries.iter().position(|entry| entry.name == name).unwrap_or(list.entries.len());
    list.entries.retain(|entry| entry.name != name);
    if !programs.is_empty() {
        list.entries.insert(place.min(list.entries.len()), SafeEntry { name: name.to_owned(), programs });
    }
}

fn written(word: &str) -> Option<toml_edit::Value> {
    let programs = word.split(',').map(str::trim).filter(|_| word != "none");
    Some(programs.collect::<toml_edit::Array>().into())
}

/// Also those kinds that Tidegate knows and the user lets none of pass.
fn names(settings: &Settings) -> Vec<String> {
    let mut names = Vec::new();
    for entry in SafeList::default().entries.into_iter().chain(settings.safe_list.entries.iter().cloned()) {
        if !names.contains(&entry.name) {
            names.push(entry.name);
        }
    }
    names
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let of_kind = settings.safe_list.entries.iter().filter(|entry| entry.name == name);
    let programs: Vec<_> = of_kind.flat_map(|entry| &entry.programs).map(String::as_str).collect();
    is_kind(name).then(|| if programs.is_empty() { "none".to_owned() } else { programs.join(",") })
}
