//! Instants and stretches of time in words. Must not read a clock or a zone: both are given.

use crate::catalogue::plain;
use crate::say;
use chrono::{DateTime, Datelike, Days, FixedOffset, Utc};
use tidegate_contract::Millis;
use tidegate_domain::Zone;

const MINUTE: Millis = 60_000;
const DAY_MINUTES: Millis = 24 * 60;
/// 9999-12-31T00:00:00Z: beyond, local times cannot be told.
const LAST: Millis = 253_402_214_400_000;

/// A local wall clock that shows one instant.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The zone that times are written in.
    pub zone: Zone,
    /// What "today" is, and what is past.
    pub now: Millis,
}

impl Clock {
    /// For what tells no time.
    #[must_use]
    pub fn none() -> Self {
        Self { zone: Zone::utc(), now: 0 }
    }

    /// "9:58".
    #[must_use]
    pub fn time(&self, at: Millis) -> String {
        self.local(at).map_or_else(unknown, |at| at.format("%-H:%M").to_string())
    }

    /// "9:58:03", for what ends within a minute.
    #[must_use]
    pub fn time_with_seconds(&self, at: Millis) -> String {
        self.local(at).map_or_else(unknown, |at| at.format("%-H:%M:%S").to_string())
    }

    /// "11:30", "11:30 tomorrow", "11:30 on Monday", "11:30 on 3 Mar".
    #[must_use]
    pub fn when(&self, at: Millis) -> String {
        let Some(local) = self.local(at) else { return unknown() };
        let time = self.time(at);
        match self.distance(at) {
            Distance::Today => time,
            Distance::Tomorrow => plain(&say::time_tomorrow(time)),
            Distance::Near => plain(&say::time_on_weekday(time, weekday(local))),
            Distance::Far => plain(&say::time_on_date(time, local.day(), local.month())),
        }
    }

    /// "9:58" today, "Tue 9:58" within a week, else "3 Mar 9:58".
    #[must_use]
    pub fn stamp(&self, at: Millis) -> String {
        self.dated(at, self.time(at))
    }

    /// As [`Clock::stamp`], to the second.
    #[must_use]
    pub fn stamp_with_seconds(&self, at: Millis) -> String {
        self.dated(at, self.time_with_seconds(at))
    }

    fn dated(&self, at: Millis, time: String) -> String {
        let Some(local) = self.local(at) else { return unknown() };
        match self.distance(at) {
            Distance::Today => time,
            Distance::Tomorrow | Distance::Near => plain(&say::time_weekday(time, weekday(local))),
            Distance::Far => plain(&say::time_date(time, local.day(), local.month())),
        }
    }

    fn distance(&self, at: Millis) -> Distance {
        let (Some(at), Some(now)) = (self.local(at), self.local(self.now)) else { return Distance::Far };
        let (day, today) = (at.date_naive(), now.date_naive());
        let days = day.signed_duration_since(today).num_days();
        match days {
            0 => Distance::Today,
            _ if Some(day) == today.checked_add_days(Days::new(1)) => Distance::Tomorrow,
            -6..=6 => Distance::Near,
            _ => Distance::Far,
        }
    }

    fn local(&self, at: Millis) -> Option<DateTime<FixedOffset>> {
        let at = DateTime::<Utc>::from_timestamp_millis(at).filter(|_| (0..=LAST).contains(&at))?;
        Some(self.zone.local(at))
    }
}

enum Distance {
    Today,
    Tomorrow,
    Near,
    Far,
}

fn unknown() -> String {
    plain(&say::time_unknown())
}

/// 1 is Monday.
fn weekday(local: DateTime<FixedOffset>) -> u32 {
    local.weekday().number_from_monday()
}

/// A stretch that has passed: "under a minute", "54 min", "2 h 10 min", "3 days".
pub(crate) fn stretch(length: Millis) -> String {
    in_minutes(length.div_euclid(MINUTE).max(0))
}

/// "0.4 s", "12 s"; from two minutes on as other stretches are said.
pub(crate) fn brief_stretch(length: Millis) -> String {
    match length {
        ..10_000 => plain(&say::time_seconds(format!("{}.{}", length / 1_000, length % 1_000 / 100))),
        10_000..120_000 => plain(&say::time_seconds((length / 1_000).to_string())),
        _ => stretch(length),
    }
}

/// A stretch that is left, in whole minutes: rounded up so that it never promises less than it keeps.
#[must_use]
pub fn ahead(length: Millis) -> Millis {
    length.saturating_add(MINUTE - 1).div_euclid(MINUTE).max(0) * MINUTE
}

fn in_minutes(minutes: Millis) -> String {
    plain(&match minutes {
        ..1 => say::time_under_a_minute(),
        1..60 => say::time_minutes(minutes),
        _ if minutes >= 2 * DAY_MINUTES => say::time_days(minutes / DAY_MINUTES),
        _ if minutes % 60 == 0 => say::time_hours(minutes / 60),
        _ => say::time_hours_and_minutes(minutes / 60, format!("{:02}", minutes % 60)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 23 November 2026, 9:58:20 in Berlin.
    fn berlin() -> Clock {
        Clock { zone: Zone::from_rule("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(), now: at("2026-11-23T08:58:20Z") }
    }

    fn at(text: &str) -> Millis {
        text.parse::<DateTime<Utc>>().unwrap().timestamp_millis()
    }

    #[test]
    fn a_time_says_its_day_as_far_as_needed() {
        let clock = berlin();
        for (instant, when, stamp) in [
            ("2026-11-23T10:30:00Z", "11:30", "11:30"),
            ("2026-11-23T22:59:00Z", "23:59", "23:59"),
            ("2026-11-23T23:00:00Z", "0:00 tomorrow", "Tue 0:00"),
            ("2026-11-27T10:30:00Z", "11:30 on Friday", "Fri 11:30"),
            ("2026-11-20T08:05:00Z", "9:05 on Friday", "Fri 9:05"),
            ("2026-12-01T10:30:00Z", "11:30 on 1 Dec", "1 Dec 11:30"),
        ] {
            assert_eq!(
                (clock.when(at(instant)).as_str(), clock.stamp(at(instant)).as_str()),
                (when, stamp),
                "{instant}"
            );
        }
    }

    #[test]
    fn what_is_left_is_rounded_up_and_what_has_passed_down() {
        assert_eq!([0, 1, MINUTE, MINUTE + 1, -5].map(ahead), [0, MINUTE, MINUTE, 2 * MINUTE, 0]);
        assert_eq!(stretch(59_999), "under a minute");
        assert_eq!(stretch(54 * MINUTE + 59_000), "54 min");
        assert_eq!(stretch(2 * 60 * MINUTE), "2 h");
        assert_eq!(stretch(130 * MINUTE), "2 h 10 min");
        assert_eq!(stretch(125 * MINUTE), "2 h 05 min");
        assert_eq!(stretch(49 * 60 * MINUTE), "2 days");
        assert_eq!(stretch(-5), "under a minute");
    }

    #[test]
    fn no_instant_is_too_strange() {
        let clock = berlin();
        for strange in [Millis::MIN, -1, LAST + 1, Millis::MAX] {
            assert_eq!((clock.time(strange).as_str(), clock.stamp(strange).as_str()), ("?", "?"), "{strange}");
            assert!(!stretch(strange).is_empty());
        }
    }
}
