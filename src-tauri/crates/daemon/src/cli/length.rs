//! How long, as people type it: stretches of time, times of day, and the words behind `start`. Must not know what is done
//! with them.

use super::id::{Id, NoId};
use tidegate_contract::{BlockLength, Message, SnoozeEnd};
use tidegate_settings::minutes::{in_words, minutes, number};
use tidegate_words::say;

const BLOCK_MINUTES: std::ops::RangeInclusive<u32> = 1..=1_440;
const STRETCH_MINUTES: std::ops::RangeInclusive<u32> = 1..=480;

/// What `start` was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) length: BlockLength,
    pub(super) intention: Option<String>,
}

impl Plan {
    /// From the words behind `start`: a length, an intention, or both in this order; and the intention of `-i`.
    ///
    /// # Errors
    /// What to type instead.
    pub(super) fn of(words: &[String], option: Option<String>) -> Result<Self, Message> {
        let (length, rest) = leading_length(words)?;
        let intention = match (rest, option) {
            ([], option) => option,
            (rest, None) => Some(rest.join(" ")),
            (_, Some(_)) => {
                return Err(say::cli_length_intention_twice());
            }
        };
        Ok(Self { length, intention })
    }
}

/// The length in front, and what stands behind it.
fn leading_length(words: &[String]) -> Result<(BlockLength, &[String]), Message> {
    let of_minutes = |minutes: Option<u32>| {
        let minutes = minutes.filter(|minutes| BLOCK_MINUTES.contains(minutes)).ok_or_else(say::cli_length_of_block)?;
        Ok::<_, Message>(BlockLength::Minutes { minutes })
    };
    let (first, rest) = match words {
        [] => return Ok((BlockLength::Usual, words)),
        [first, rest @ ..] => (first.as_str(), rest),
    };
    match (first, rest) {
        ("until-check-in", rest) => Ok((BlockLength::UntilCheckIn, rest)),
        ("open", rest) => Ok((BlockLength::Open, rest)),
        ("until", [time, rest @ ..]) => Ok((until(time)?, rest)),
        ("until", []) => Err(say::cli_length_until_when()),
        (number, [unit, rest @ ..]) if in_words(number, unit).is_some() => {
            Ok((of_minutes(in_words(number, unit))?, rest))
        }
        (stretch, rest) if looks_like_a_length(stretch) => Ok((of_minutes(minutes(stretch))?, rest)),
        (phrase, []) if phrase.contains(char::is_whitespace) => Ok((BlockLength::Usual, words)),
        (word, _) => Err(say::cli_length_none_of_block(short(word))),
    }
}

fn until(time: &str) -> Result<BlockLength, Message> {
    time_of_day(time).map(|(hour, minute)| BlockLength::UntilTime { hour, minute })
}

fn time_of_day(time: &str) -> Result<(u8, u8), Message> {
    let (hour, minute) = time.split_once(':').unwrap_or((time, "00"));
    let hour = number(hour).filter(|hour| *hour < 24);
    let minute = number(minute).filter(|_| minute.len() == 2).filter(|minute| *minute < 60);
    match (hour.and_then(|hour| hour.try_into().ok()), minute.and_then(|minute| minute.try_into().ok())) {
        (Some(hour), Some(minute)) => Ok((hour, minute)),
        _ => Err(say::cli_length_no_time(short(time))),
    }
}

/// A mistyped length is told of as one, and not taken for an intention.
fn looks_like_a_length(word: &str) -> bool {
    !word.contains(char::is_whitespace) && word.starts_with(|c: char| c.is_numeric() || "+-.".contains(c))
}

/// The minutes of an extension or of a break, in one word or two.
///
/// # Errors
/// What to type instead.
pub(super) fn stretch(words: &[String]) -> Result<u32, Message> {
    let minutes = match words {
        [number, unit] => in_words(number, unit),
        [stretch] => minutes(stretch),
        _ => None,
    };
    let minutes = minutes.filter(|minutes| STRETCH_MINUTES.contains(minutes));
    minutes.ok_or_else(say::cli_length_of_stretch)
}

/// What `snooze` was told: which, and until when. That stands last, in one word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snooze {
    pub(super) ids: Vec<Id>,
    pub(super) until: SnoozeEnd,
}

impl Snooze {
    /// From the words behind `snooze`.
    ///
    /// # Errors
    /// What to type instead.
    pub(super) fn of(words: &[String]) -> Result<Self, Message> {
        let (ids, until) = trailing_end(words)?;
        if ids.is_empty() {
            return Err(say::cli_length_snooze_what());
        }
        let ids = ids.iter().map(|id| id.parse::<Id>()).collect::<Result<_, NoId>>();
        Ok(Self { ids: ids.map_err(|wrong| wrong.0)?, until })
    }
}

/// The end at the end, and what stands before it.
fn trailing_end(words: &[String]) -> Result<(&[String], SnoozeEnd), Message> {
    let (before, minutes, typed) = match words {
        [before @ .., until, time] if until == "until" => {
            let (hour, minute) = time_of_day(time)?;
            return Ok((before, SnoozeEnd::Time { hour, minute }));
        }
        [before @ .., number, unit] if in_words(number, unit).is_some() => (before, in_words(number, unit), number),
        [before @ .., last] => (before, minutes(last), last),
        [] => return Err(say::cli_length_snooze_until_when()),
    };
    match minutes.filter(|minutes| BLOCK_MINUTES.contains(minutes)) {
        Some(minutes) => Ok((before, SnoozeEnd::Minutes { minutes })),
        None => Err(say::cli_length_none_of_snooze(short(typed))),
    }
}

fn short(word: &str) -> String {
    crate::present::line(word, 40)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_words::timeless;

    fn plan(words: &[&str], option: Option<&str>) -> Result<(BlockLength, Option<String>), String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let plan = Plan::of(&words, option.map(str::to_owned)).map_err(|why| timeless(&why))?;
        Ok((plan.length, plan.intention))
    }

    fn minutes_of(words: &[&str]) -> Result<u32, String> {
        match plan(words, None)? {
            (BlockLength::Minutes { minutes }, None) => Ok(minutes),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn a_length_is_typed_in_many_ways() {
        assert_eq!(plan(&[], None), Ok((BlockLength::Usual, None)));
        for (text, minutes) in [
            ("25", 25),
            ("25m", 25),
            ("25min", 25),
            ("1h", 60),
            ("1h30", 90),
            ("1h30m", 90),
            ("24h", 1_440),
            ("1440", 1_440),
        ] {
            assert_eq!(minutes_of(&[text]), Ok(minutes), "{text}");
        }
        assert_eq!(minutes_of(&["50", "minutes"]), Ok(50));
        assert_eq!(minutes_of(&["2", "hours"]), Ok(120));
        assert_eq!(plan(&["until-check-in"], None), Ok((BlockLength::UntilCheckIn, None)));
        assert_eq!(plan(&["open"], None), Ok((BlockLength::Open, None)));
        for (text, hour, minute) in [("11:00", 11, 0), ("9:05", 9, 5), ("16", 16, 0), ("0:00", 0, 0)] {
            assert_eq!(plan(&["until", text], None), Ok((BlockLength::UntilTime { hour, minute }, None)), "{text}");
        }
    }

    #[test]
    fn an_intention_stands_behind_the_length_or_alone_in_quotes() {
        let of = |minutes, words: &str| Ok((BlockLength::Minutes { minutes }, Some(words.to_owned())));
        assert_eq!(plan(&["90", "Draft the plan"], None), of(90, "Draft the plan"));
        assert_eq!(plan(&["90", "Draft", "the", "plan"], None), of(90, "Draft the plan"));
        assert_eq!(plan(&["25", "min", "Mail"], None), of(25, "Mail"));
        for words in ["Draft the plan", "50 things to sort"] {
            assert_eq!(plan(&[words], None), Ok((BlockLength::Usual, Some(words.to_owned()))));
        }
        assert_eq!(plan(&["90"], Some("Mail")), of(90, "Mail"));
        let until = BlockLength::UntilTime { hour: 11, minute: 30 };
        assert_eq!(plan(&["until", "11:30", "Mail"], None), Ok((until, Some("Mail".to_owned()))));
    }

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_extension_is_typed_in_one_word_or_two() {
        for (line, minutes) in [("15", 15), ("15m", 15), ("15 min", 15), ("2 hours", 120), ("1h30", 90), ("8h", 480)] {
            assert_eq!(stretch(&words(line)), Ok(minutes), "{line}");
        }
        for wrong in ["0", "-5", "481", "9 hours", "soon", "15 15", "15 min more"] {
            let error = timeless(&stretch(&words(wrong)).unwrap_err());
            assert!(error.contains("1 minute to 8 hours") && !error.contains('\n'), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_snooze_ends_with_its_length_or_a_time_of_day() {
        let snooze = |line: &str| Snooze::of(&words(line)).map(|it| (it.ids.len(), it.until));
        let minutes = |minutes| SnoozeEnd::Minutes { minutes };
        assert_eq!(snooze("bkf 20m"), Ok((1, minutes(20))));
        assert_eq!(snooze("bkf bkg 1h30"), Ok((2, minutes(90))));
        assert_eq!(snooze("bkf 20 min"), Ok((1, minutes(20))));
        assert_eq!(snooze("bkf 1073741825 45"), Ok((2, minutes(45))));
        assert_eq!(snooze("bkf until 11:05"), Ok((1, SnoozeEnd::Time { hour: 11, minute: 5 })));
        for (wrong, said) in [
            ("", "until when?"),
            ("bkf", "\"bkf\" is no length"),
            ("bkf 0", "\"0\" is no length"),
            ("bkf 25h", "1 minute to 24 hours"),
            ("20m", "snooze what?"),
            ("until 11:00", "snooze what?"),
            ("bka 20m", "\"bka\" is no id"),
            ("bkf until noon", "is no time of today"),
        ] {
            let error = timeless(&snooze(wrong).unwrap_err());
            assert!(error.contains(said) && !error.contains('\n'), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_no_length_is_said_so_and_never_becomes_an_intention() {
        for wrong in [
            "0",
            "1441",
            "-5",
            "+5",
            "99999999999",
            "1h60",
            "1h-5",
            "25h",
            "1.5h",
            "71582789h",
            "١h",
            "soon",
            "h",
            "m",
            "",
        ] {
            let error = plan(&[wrong], None).unwrap_err();
            assert!(error.contains("1 minute to 24 hours") && !error.contains('\n'), "{wrong}: {error}");
        }
        assert!(plan(&["soon", "please"], None).unwrap_err().starts_with("\"soon\" is no length"));
        assert!(plan(&["until"], None).unwrap_err().contains("until 11:00"));
        for wrong in ["24:00", "11:60", "11:5", "noon", "11:00:00", ":30", "-1"] {
            assert!(plan(&["until", wrong], None).unwrap_err().contains("is no time of today"), "{wrong}");
        }
        assert!(plan(&["50", "Mail"], Some("Mail")).unwrap_err().contains("twice"));
    }
}
