//! The kinds of settings whose names are known: how one is read from the file, typed, told of and changed in the window.
//! Must not know any setting.

use super::parse::{Value, Wrong};
use super::section::Says;
use crate::minutes::minutes;
use std::ops::RangeInclusive;
use tidegate_contract::{Message, SettingControl, SettingOption};
use tidegate_domain::Settings;
use tidegate_words::say;

/// What a setting holds, and where it is.
pub(super) enum Kind {
    /// Yes or no.
    Switch {
        /// Whether it is on.
        get: fn(&Settings) -> bool,
        /// Turns it.
        set: fn(&mut Settings, bool),
    },
    /// A stretch of time of at most a day, or a word.
    Length {
        /// What the window offers; every word that there is among it.
        offers: &'static [Offer],
        /// How long.
        get: fn(&Settings) -> Length,
        /// Makes it so long.
        set: fn(&mut Settings, Length),
    },
    /// A number.
    Number {
        /// The least and the most.
        within: RangeInclusive<u32>,
        /// What it is a number of.
        unit: Says,
        /// How many.
        get: fn(&Settings) -> u32,
        /// Makes it so many.
        set: fn(&mut Settings, u32),
    },
}

/// A stretch of time, or the word that stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Minutes(u32),
    Word(&'static str),
}

impl Length {
    pub(super) fn minutes(self) -> Option<u32> {
        match self {
            Self::Minutes(minutes) => Some(minutes),
            Self::Word(_) => None,
        }
    }

    fn typed(self) -> String {
        match self {
            Self::Minutes(minutes) => minutes.to_string(),
            Self::Word(word) => word.to_owned(),
        }
    }
}

/// A length that the window offers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Offer {
    Minutes(u32),
    /// A word, and what it is called there.
    Word(&'static str, Says),
}

impl Offer {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Word(word, _) => Some(word),
            Self::Minutes(_) => None,
        }
    }

    /// Whether it is a number of at least so many.
    fn is_at_least(self, least: u32) -> bool {
        matches!(self, Self::Minutes(minutes) if minutes >= least)
    }

    fn choice(self) -> SettingOption {
        match self {
            Self::Minutes(minutes) => choice(&minutes.to_string(), say::setting_minutes(minutes)),
            Self::Word(word, label) => choice(word, label()),
        }
    }
}

/// A day.
const MINUTES: RangeInclusive<u32> = 1..=1_440;

impl Kind {
    /// Reads what the file says for this name.
    pub(super) fn read(&self, name: &str, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
        match self {
            Self::Switch { set, .. } => is_on(name, value).map(|on| set(settings, on)),
            Self::Length { offers, set, .. } => length(name, offers, value).map(|length| set(settings, length)),
            Self::Number { within, unit, get, set } => {
                let usual = get(&Settings::default());
                number(name, within, *unit, usual, value).map(|number| set(settings, number))
            }
        }
    }

    /// What a typed word is in the file; one that it cannot be stays a word, which the file may not say.
    pub(super) fn written(&self, word: &str) -> toml_edit::Value {
        match self {
            Self::Switch { .. } => match word {
                "yes" | "true" => true.into(),
                "no" | "false" => false.into(),
                word => word.into(),
            },
            Self::Length { .. } => minutes(word).map_or_else(|| word.into(), |minutes| i64::from(minutes).into()),
            Self::Number { .. } => word.parse::<i64>().map_or_else(|_| word.into(), Into::into),
        }
    }

    /// What holds, as it is typed.
    pub(super) fn word(&self, settings: &Settings) -> String {
        match self {
            Self::Switch { get, .. } => if get(settings) { YES } else { "no" }.to_owned(),
            Self::Length { get, .. } => get(settings).typed(),
            Self::Number { get, .. } => get(settings).to_string(),
        }
    }

    /// What a person may give for it.
    pub(super) fn takes(&self) -> Message {
        match self {
            Self::Switch { .. } => say::setting_takes_switch(),
            Self::Length { offers, .. } => {
                say::setting_takes_length(number_of_words(offers), either(&words(offers).collect::<Vec<_>>()))
            }
            Self::Number { within, unit, .. } => say::setting_takes_number(unit(), *within.start(), *within.end()),
        }
    }

    /// What changes it in the window.
    pub(super) fn control(&self, settings: &Settings) -> SettingControl {
        match self {
            Self::Switch { .. } => SettingControl::Switch,
            Self::Length { offers, get, .. } => SettingControl::Choice { options: options(offers, get(settings)) },
            Self::Number { within, unit, .. } => {
                SettingControl::Number { least: *within.start(), most: *within.end(), unit: unit() }
            }
        }
    }
}

pub(super) fn choice(value: &str, label: Message) -> SettingOption {
    SettingOption { value: value.to_owned(), label }
}

/// A switch that is on, as it is typed.
pub(super) const YES: &str = "yes";

/// "a, b or c".
pub(super) fn either(words: &[impl AsRef<str>]) -> Message {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, [])) => say::setting_one(*last),
        Some((last, others)) => say::setting_either(others.join(", "), *last),
        None => say::setting_one(""),
    }
}

fn number_of_words(offers: &[Offer]) -> u32 {
    u32::try_from(words(offers).count()).unwrap_or(u32::MAX)
}

fn words(offers: &[Offer]) -> impl Iterator<Item = &'static str> {
    offers.iter().filter_map(|offer| offer.word())
}

/// What is offered, and where it is none of that what holds: behind the numbers that are less.
fn options(offers: &[Offer], holds: Length) -> Vec<SettingOption> {
    let mut offers = offers.to_vec();
    let other =
        holds.minutes().filter(|minutes| !offers.iter().any(|offer| offer.choice().value == minutes.to_string()));
    if let Some(minutes) = other {
        let last = offers.iter().rposition(|offer| offer.is_at_least(0)).map_or(offers.len(), |last| last + 1);
        let place = offers.iter().position(|offer| offer.is_at_least(minutes)).unwrap_or(last);
        offers.insert(place, Offer::Minutes(minutes));
    }
    offers.into_iter().map(Offer::choice).collect()
}

fn is_on(name: &str, value: &Value<'_>) -> Result<bool, Wrong> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| Wrong::new(value.span(), say::setting_no_switch(name), say::setting_no_switch_remedy()))
}

fn length(name: &str, offers: &[Offer], value: &Value<'_>) -> Result<Length, Wrong> {
    let minutes = integer(value).filter(|minutes| MINUTES.contains(minutes)).map(Length::Minutes);
    let word = words(offers).find(|word| value.get_ref().as_str() == Some(word)).map(Length::Word);
    minutes.or(word).ok_or_else(|| {
        let words = words(offers).map(|word| format!("\"{word}\""));
        let words = either(&words.collect::<Vec<_>>());
        let remedy = say::setting_no_length_remedy(number_of_words(offers), words);
        Wrong::new(value.span(), say::setting_no_length(name), remedy)
    })
}

fn number(name: &str, within: &RangeInclusive<u32>, unit: Says, usual: u32, value: &Value<'_>) -> Result<u32, Wrong> {
    integer(value).filter(|number| within.contains(number)).ok_or_else(|| {
        let what = say::setting_no_number(name, *within.start(), *within.end());
        Wrong::new(value.span(), what, say::setting_no_number_remedy(unit(), usual))
    })
}

fn integer(value: &Value<'_>) -> Option<u32> {
    let number = value.get_ref().as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_words::timeless;

    const AWAY: [Offer; 3] =
        [Offer::Minutes(5), Offer::Minutes(15), Offer::Word("never", say::setting_blocks_away_never)];
    const LENGTH: [Offer; 4] = [
        Offer::Word("last", || say::setting_one("The last")),
        Offer::Minutes(25),
        Offer::Minutes(50),
        Offer::Word("open", say::setting_blocks_length_open),
    ];

    fn offered(offers: &[Offer], holds: Length) -> String {
        let labels: Vec<_> = options(offers, holds).into_iter().map(|choice| timeless(&choice.label)).collect();
        labels.join(", ")
    }

    #[test]
    fn what_holds_is_offered_in_its_place() {
        assert_eq!(offered(&AWAY, Length::Word("never")), "5 minutes, 15 minutes, Never");
        assert_eq!(offered(&AWAY, Length::Minutes(15)), "5 minutes, 15 minutes, Never");
        assert_eq!(offered(&AWAY, Length::Minutes(1)), "1 minute, 5 minutes, 15 minutes, Never");
        assert_eq!(offered(&AWAY, Length::Minutes(60)), "5 minutes, 15 minutes, 60 minutes, Never");
        assert_eq!(offered(&LENGTH, Length::Minutes(45)), "The last, 25 minutes, 45 minutes, 50 minutes, Open-ended");
    }

    #[test]
    fn what_a_length_takes_is_said_with_its_words() {
        let takes = |offers| timeless(&Kind::Length { offers, get: |_| Length::Minutes(1), set: |_, _| () }.takes());
        assert_eq!(takes(&AWAY), "25, 25m or 1h30 (at most 24h), or never");
        assert_eq!(takes(&LENGTH), "25, 25m or 1h30 (at most 24h), last or open");
    }

    #[test]
    fn words_are_joined_as_people_do() {
        let either = |words: &[&str]| timeless(&either(words));
        assert_eq!(
            (either(&["a"]), either(&["a", "b"]), either(&["a", "b", "c"])),
            ("a".into(), "a or b".into(), "a, b or c".into())
        );
        assert_eq!(either(&[] as &[&str]), "");
    }
}
