//! How long, as people type it: stretches of time, times of day, and the words behind `start`. Must not know what is done
//! with them.

use tidegate_contract::BlockLength;

const BLOCK_MINUTES: std::ops::RangeInclusive<u32> = 1..=1_440;
const EXTENSION_MINUTES: std::ops::RangeInclusive<u32> = 1..=480;

const LENGTHS: &str = "give 1 minute to 24 hours, such as 25, 25m, 1h30 or 5h; until 11:00; until-check-in; or open";

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
    pub(super) fn of(words: &[String], option: Option<String>) -> Result<Self, String> {
        let (length, rest) = leading_length(words)?;
        let intention = match (rest, option) {
            ([], option) => option,
            (rest, None) => Some(rest.join(" ")),
            (_, Some(_)) => {
                return Err("the intention is given twice; leave out -i, or the words behind the length".into());
            }
        };
        Ok(Self { length, intention })
    }
}

/// The length in front, and what stands behind it.
fn leading_length(words: &[String]) -> Result<(BlockLength, &[String]), String> {
    let of_minutes = |minutes: Option<u32>| {
        let minutes = minutes.filter(|minutes| BLOCK_MINUTES.contains(minutes)).ok_or(LENGTHS)?;
        Ok::<_, String>(BlockLength::Minutes { minutes })
    };
    let (first, rest) = match words {
        [] => return Ok((BlockLength::Usual, words)),
        [first, rest @ ..] => (first.as_str(), rest),
    };
    match (first, rest) {
        ("until-check-in", rest) => Ok((BlockLength::UntilCheckIn, rest)),
        ("open", rest) => Ok((BlockLength::Open, rest)),
        ("until", [time, rest @ ..]) => Ok((until(time)?, rest)),
        ("until", []) => Err("until when? Such as: tidegate start until 11:00".to_owned()),
        (number, [unit, rest @ ..]) if in_words(number, unit).is_some() => {
            Ok((of_minutes(in_words(number, unit))?, rest))
        }
        (stretch, rest) if looks_like_a_length(stretch) => Ok((of_minutes(minutes(stretch))?, rest)),
        (phrase, []) if phrase.contains(char::is_whitespace) => Ok((BlockLength::Usual, words)),
        (word, _) => Err(format!(
            "\"{}\" is no length; {LENGTHS}. An intention alone: tidegate start -i WORD, or several words in quotes",
            short(word)
        )),
    }
}

fn until(time: &str) -> Result<BlockLength, String> {
    let (hour, minute) = time.split_once(':').unwrap_or((time, "00"));
    let hour = number(hour).filter(|hour| *hour < 24);
    let minute = number(minute).filter(|_| minute.len() == 2).filter(|minute| *minute < 60);
    match (hour.and_then(|hour| hour.try_into().ok()), minute.and_then(|minute| minute.try_into().ok())) {
        (Some(hour), Some(minute)) => Ok(BlockLength::UntilTime { hour, minute }),
        _ => Err(format!("\"{}\" is no time of today; give one such as 11:00 or 16:30", short(time))),
    }
}

/// A mistyped length is told of as one, and not taken for an intention.
fn looks_like_a_length(word: &str) -> bool {
    !word.contains(char::is_whitespace) && word.starts_with(|c: char| c.is_numeric() || "+-.".contains(c))
}

/// "50 minutes", "2 hours", in two words.
fn in_words(number_of: &str, unit: &str) -> Option<u32> {
    match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => number(number_of),
        "h" | "hour" | "hours" => number(number_of)?.checked_mul(60),
        _ => None,
    }
}

/// The minutes of an extension.
///
/// # Errors
/// What to type instead.
pub(super) fn extension(text: &str) -> Result<u32, String> {
    let minutes = minutes(text).filter(|minutes| EXTENSION_MINUTES.contains(minutes));
    minutes.ok_or_else(|| "give 1 minute to 8 hours, such as 15, 15m or 1h30".to_owned())
}

/// A stretch of time as people type it: "25", "25m", "25min", "5h", "1h30", "1h30m".
fn minutes(text: &str) -> Option<u32> {
    let of_minutes = |rest: &str| number(rest.strip_suffix("min").or_else(|| rest.strip_suffix('m')).unwrap_or(rest));
    match text.split_once('h') {
        Some((hours, "")) => number(hours)?.checked_mul(60),
        Some((hours, rest)) => number(hours)?.checked_mul(60)?.checked_add(of_minutes(rest).filter(|rest| *rest < 60)?),
        None => of_minutes(text),
    }
}

fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn short(word: &str) -> String {
    crate::present::line(word, 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(words: &[&str], option: Option<&str>) -> Result<(BlockLength, Option<String>), String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        Plan::of(&words, option.map(str::to_owned)).map(|plan| (plan.length, plan.intention))
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
