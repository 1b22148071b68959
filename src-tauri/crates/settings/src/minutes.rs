//! A stretch of time as people type it, in minutes: on the command line and as a setting. Must not know what it is for, nor
//! how long it may be.

/// "25", "25m", "25min", "5h", "1h30", "1h30m".
#[must_use]
pub fn minutes(text: &str) -> Option<u32> {
    let of_minutes = |rest: &str| number(rest.strip_suffix("min").or_else(|| rest.strip_suffix('m')).unwrap_or(rest));
    match text.split_once('h') {
        Some((hours, "")) => number(hours)?.checked_mul(60),
        Some((hours, rest)) => number(hours)?.checked_mul(60)?.checked_add(of_minutes(rest).filter(|rest| *rest < 60)?),
        None => of_minutes(text),
    }
}

/// "50 minutes", "2 hours", in two words.
#[must_use]
pub fn in_words(number_of: &str, unit: &str) -> Option<u32> {
    match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => number(number_of),
        "h" | "hour" | "hours" => number(number_of)?.checked_mul(60),
        _ => None,
    }
}

/// Of digits alone.
#[must_use]
pub fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}
