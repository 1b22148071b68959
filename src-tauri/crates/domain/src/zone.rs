//! A time zone as a value: when local clocks show what, by its rules as somebody has read them. Must not know where zones
//! are kept.

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDateTime, Offset as _, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use std::sync::Arc;

/// A time zone. Two are the same if they have the same name and the same rules.
#[derive(Debug, Clone)]
pub struct Zone(Arc<Definition>);

#[derive(Debug)]
struct Definition {
    name: Option<Box<str>>,
    /// What the rules were made from.
    source: Box<[u8]>,
    rules: TimeZone,
}

/// Why something says no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAZone {
    /// The data is not a zone file's.
    #[error("it is no zone file: {0}")]
    File(String),
    /// The text is not a rule.
    #[error("it is no rule for a zone: {0}")]
    Rule(String),
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(Arc::new(Definition { name: Some("UTC".into()), source: Box::default(), rules: TimeZone::UTC }))
    }

    /// From a zone file (TZif, RFC 9636). `name` is its IANA name, where it is known.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_file(name: Option<&str>, file: &[u8]) -> Result<Self, NotAZone> {
        // The library's own name is left empty: with one it would bring a table of all names along.
        let rules = TimeZone::tzif("", file).map_err(|error| NotAZone::File(error.to_string()))?;
        Ok(Self(Arc::new(Definition { name: name.map(Into::into), source: file.into(), rules })))
    }

    /// From a rule as POSIX writes it, such as `CET-1CEST,M3.5.0,M10.5.0/3`. It has no name.
    ///
    /// # Errors
    /// What is wrong with the rule.
    pub fn from_rule(rule: &str) -> Result<Self, NotAZone> {
        let rules = TimeZone::posix(rule).map_err(|error| NotAZone::Rule(error.to_string()))?;
        Ok(Self(Arc::new(Definition { name: None, source: rule.as_bytes().into(), rules })))
    }

    /// Its IANA name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What a local clock shows at an instant.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let last = if at.timestamp() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let instant = Timestamp::from_second(at.timestamp()).unwrap_or(last);
        at.with_timezone(&fixed(self.0.rules.to_offset(instant)))
    }

    /// When a local clock shows a time: in a fold (autumn) the earlier of the two instants; in a gap (spring) the time is
    /// read with the offset before the gap, as RFC 5545 section 3.3.5 has it.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let [first, _] = self.instants(local);
        first
    }

    /// The same, and the later one of a fold: elsewhere both are one.
    #[must_use]
    pub fn instants(&self, local: NaiveDateTime) -> [DateTime<Utc>; 2] {
        let offsets = civil(local).map_or_else(|| [Utc.fix(); 2], |local| self.offsets_at(local));
        offsets.map(|offset| {
            let utc = local.checked_sub_signed(Duration::seconds(i64::from(offset.local_minus_utc())));
            utc.unwrap_or(local).and_utc()
        })
    }

    fn offsets_at(&self, local: civil::DateTime) -> [FixedOffset; 2] {
        let offsets = match self.0.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => [offset; 2],
            AmbiguousOffset::Gap { before, .. } => [before; 2],
            AmbiguousOffset::Fold { before, after } => [before, after],
        };
        offsets.map(fixed)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name && self.0.source == other.0.source
    }
}

impl Eq for Zone {}

/// An offset of a day or more, which a broken zone file may name, is read as none.
fn fixed(offset: Offset) -> FixedOffset {
    FixedOffset::east_opt(offset.seconds()).unwrap_or_else(|| Utc.fix())
}

/// None for a year beyond 9999, which no zone knows.
fn civil(local: NaiveDateTime) -> Option<civil::DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        part(local.month())?,
        part(local.day())?,
        part(local.hour())?,
        part(local.minute())?,
        part(local.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A zone of this system.
    #[expect(clippy::disallowed_methods, reason = "a test reads zones where they are kept")]
    pub(crate) fn zone(name: &str) -> Zone {
        let file = std::fs::read(format!("/usr/share/zoneinfo/{name}")).unwrap();
        Zone::from_file(Some(name), &file).unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn check(zone: &Zone, utc: &str, shows: &str) {
        let at = local(utc).and_utc();
        assert_eq!(zone.local(at).naive_local(), local(shows), "{:?} at {utc}", zone.name());
    }

    fn check_instant(zone: &Zone, shows: &str, utc: &str) {
        assert_eq!(zone.instant(local(shows)), local(utc).and_utc(), "{:?} showing {shows}", zone.name());
    }

    #[test]
    fn clocks_show_what_their_zone_has_them_show() {
        check(&zone("Europe/Berlin"), "2026-07-01 10:00", "2026-07-01 12:00");
        check(&zone("America/New_York"), "2026-11-01 05:59", "2026-11-01 01:59");
        check(&zone("America/New_York"), "2026-11-01 06:00", "2026-11-01 01:00");
        check(&zone("Asia/Kathmandu"), "2026-07-01 10:00", "2026-07-01 15:45");
        check(&zone("Australia/Lord_Howe"), "2026-07-01 10:00", "2026-07-01 20:30");
        check(&zone("Australia/Lord_Howe"), "2026-12-01 10:00", "2026-12-01 21:00");
        check(&zone("Pacific/Apia"), "2011-12-30 09:59", "2011-12-29 23:59");
        check(&zone("Pacific/Apia"), "2011-12-30 10:00", "2011-12-31 00:00");
        check(&Zone::utc(), "2026-07-01 10:00", "2026-07-01 10:00");
    }

    #[test]
    fn beyond_the_last_change_in_the_file_its_rule_goes_on() {
        let berlin = zone("Europe/Berlin");
        check(&berlin, "2099-07-01 10:00", "2099-07-01 12:00");
        check(&berlin, "2099-12-01 10:00", "2099-12-01 11:00");
        check_instant(&berlin, "2099-03-29 02:30", "2099-03-29 01:30");
        check_instant(&berlin, "2099-10-25 02:30", "2099-10-25 00:30");
    }

    #[test]
    fn a_time_in_a_gap_is_read_with_the_offset_before_it() {
        check_instant(&zone("Europe/Berlin"), "2026-03-29 02:30", "2026-03-29 01:30");
        check_instant(&zone("America/New_York"), "2026-03-08 02:00", "2026-03-08 07:00");
        check_instant(&zone("Australia/Lord_Howe"), "2026-10-04 02:15", "2026-10-03 15:45");
        check_instant(&zone("Pacific/Apia"), "2011-12-30 12:00", "2011-12-30 22:00");
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_of_the_two() {
        check_instant(&zone("Europe/Berlin"), "2026-10-25 02:30", "2026-10-25 00:30");
        check_instant(&zone("America/New_York"), "2026-11-01 01:30", "2026-11-01 05:30");
        check_instant(&zone("Australia/Lord_Howe"), "2026-04-05 01:45", "2026-04-04 14:45");
        let both = zone("Europe/Berlin").instants(local("2026-10-25 02:30"));
        assert_eq!(both, ["2026-10-25 00:30", "2026-10-25 01:30"].map(|utc| local(utc).and_utc()));
    }

    #[test]
    fn a_rule_is_a_zone_without_a_name() {
        let rule = Zone::from_rule("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        check(&rule, "2026-07-01 10:00", "2026-07-01 12:00");
        check_instant(&rule, "2026-03-29 02:30", "2026-03-29 01:30");
        assert_eq!(rule.name(), None);
    }

    #[test]
    fn what_is_no_zone_is_refused_and_no_time_is_too_strange() {
        assert!(matches!(Zone::from_file(None, b"TZif2"), Err(NotAZone::File(_))));
        assert!(matches!(Zone::from_rule("Europe/Berlin"), Err(NotAZone::Rule(_))));
        for zone in [zone("Europe/Berlin"), Zone::utc()] {
            for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert_eq!(zone.local(at).to_utc(), at);
            }
            for strange in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                assert_eq!(zone.instant(strange), strange.and_utc());
            }
        }
    }

    #[test]
    fn zones_are_the_same_by_name_and_rules() {
        let file = |name| zone(name).0.source.clone();
        let berlin = zone("Europe/Berlin");
        assert_eq!(berlin, Zone::from_file(Some("Europe/Berlin"), &file("Europe/Berlin")).unwrap());
        assert_ne!(berlin, Zone::from_file(Some("Europe/Berlin"), &file("Europe/London")).unwrap());
        assert_ne!(berlin, Zone::from_file(None, &file("Europe/Berlin")).unwrap());
    }
}
