//! The section `[check-ins]`: the times of each weekday. Must not know when they are.

use super::group;
use super::parse::{self, Key, Value, Wrong, unknown};
use super::section::{Holds, Named, Section};
use chrono::Weekday;
use std::ops::Range;
use tidegate_domain::{NoSuchTime, Settings};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "check-ins",
    group: &group::CHECK_INS,
    about: say::setting_section_check_ins,
    aside: None,
    holds: Holds::Named(Named {
        keys: say::setting_check_ins_keys,
        takes: say::setting_check_ins_takes,
        example: &["monday = [\"10:00\", \"15:30\"]", "friday = []"],
        read,
        written,
        names: |_| DAYS.map(|(name, _)| name.to_owned()).into(),
        word,
        meaning: |name| say::setting_check_ins(name),
    }),
};

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

fn weekday(name: &str) -> Option<Weekday> {
    DAYS.iter().find(|(known, _)| *known == name).map(|(_, day)| *day)
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let name = key.get_ref().as_ref();
    let day = weekday(name).ok_or_else(|| unknown(key, say::setting_unknown_remedy_day()))?;
    let set = settings.check_ins.set_day(day, &times(name, value)?);
    set.map_err(|NoSuchTime(time)| {
        Wrong::new(value.span(), say::setting_no_time(name, parse::name(&time)), say::setting_no_time_remedy())
    })
}

fn times(day: &str, value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    let wrong = |at: Range<usize>| Wrong::new(at, say::setting_no_times(day), say::setting_no_times_remedy());
    let list = value.get_ref().as_array().ok_or_else(|| wrong(value.span()))?;
    let text = |time: &Value<'_>| time.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong(time.span()));
    list.iter().map(text).collect()
}

fn written(word: &str) -> Option<toml_edit::Value> {
    let times = word.split(',').map(str::trim).filter(|_| word != "none");
    Some(times.collect::<toml_edit::Array>().into())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let times = settings.check_ins.on_weekday(weekday(name)?);
    let words: Vec<_> = times.iter().map(|time| time.format("%H:%M").to_string()).collect();
    Some(if words.is_empty() { "none".to_owned() } else { words.join(",") })
}
