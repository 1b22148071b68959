//! The section `[check-ins]`: the times of each weekday. Must not know when they are.

use super::group;
use super::parse::{Key, Value, Wrong, unknown};
use super::section::{Holds, Named, Section};
use chrono::Weekday;
use std::ops::Range;
use tidegate_domain::Settings;

pub(super) const SECTION: Section = Section {
    name: "check-ins",
    group: &group::CHECK_INS,
    about: &[
        "Check-in times, one list per weekday; [] for none. A day that is left out has the",
        "default: 11:30, 14:00 and 16:30 from Monday to Friday.",
    ],
    aside: &[],
    holds: Holds::Named(Named {
        keys: "check-ins.monday to check-ins.sunday",
        takes: "times such as 10:00,15:30, or none",
        example: &["monday = [\"10:00\", \"15:30\"]", "friday = []"],
        read,
        written,
        names: |_| DAYS.map(|(name, ..)| name.to_owned()).into(),
        word,
        meaning: |name| {
            let day = DAYS.iter().find(|(known, ..)| *known == name).map_or(name, |(_, day, _)| *day);
            format!("check-ins on {day}s")
        },
    }),
};

const DAYS: [(&str, &str, Weekday); 7] = [
    ("monday", "Monday", Weekday::Mon),
    ("tuesday", "Tuesday", Weekday::Tue),
    ("wednesday", "Wednesday", Weekday::Wed),
    ("thursday", "Thursday", Weekday::Thu),
    ("friday", "Friday", Weekday::Fri),
    ("saturday", "Saturday", Weekday::Sat),
    ("sunday", "Sunday", Weekday::Sun),
];

fn weekday(name: &str) -> Option<Weekday> {
    DAYS.iter().find(|(known, ..)| *known == name).map(|(.., day)| *day)
}

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let name = key.get_ref().as_ref();
    let day = weekday(name).ok_or_else(|| unknown(key, "The days are monday, tuesday, … sunday."))?;
    let set = settings.check_ins.set_day(day, &times(name, value)?);
    set.map_err(|error| Wrong::new(value.span(), format!("{name}: {error}"), "Write times as \"11:30\", in 24 hours."))
}

fn times(day: &str, value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    let wrong = |at: Range<usize>| {
        let remedy = "Write a list such as [\"11:30\", \"16:00\"], or [] for none.";
        Wrong::new(at, format!("{day} must be a list of times"), remedy)
    };
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
