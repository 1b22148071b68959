//! The time that is passed in, and local wall-clock times turned into instants. Must not read any clock.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// One reading of both clocks, taken together at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub utc: DateTime<Utc>,
    /// Time since boot with suspend counted (`CLOCK_BOOTTIME`): it never jumps, so a change of the difference between
    /// the two is a change of the wall clock.
    pub boot: Duration,
}

impl Now {
    /// What the wall clock would show at boot: constant until somebody sets the clock.
    pub(crate) fn offset(&self) -> DateTime<Utc> {
        self.utc - self.boot
    }
}

/// The instant of a local wall-clock time. In a fold (autumn) the earlier of the two, so that a check-in happens once; in
/// a gap (spring) the time is read with the offset before the gap, as RFC 5545 section 3.3.5 has it.
pub(crate) fn local_instant(zone: Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let wanted = day.and_time(time);
    match zone.from_local_datetime(&wanted) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => {
            let before = zone.offset_from_utc_datetime(&(wanted - Duration::days(1))).fix();
            (wanted - Duration::seconds(i64::from(before.local_minus_utc()))).and_utc()
        }
    }
}

/// The local calendar day of an instant.
pub(crate) fn local_day(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
