//! When what is held is handed over: check-in times per weekday, in local time. Must not read a clock or a zone file.

use crate::zone::Zone;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};

/// Check-in times per weekday, Monday first, each day sorted without doubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIns {
    days: [Vec<NaiveTime>; 7],
}

/// A time that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a time of day such as 11:30")]
pub struct NoSuchTime(pub String);

impl Default for CheckIns {
    /// 11:30, 14:00, 16:30, Monday to Friday.
    fn default() -> Self {
        let three: Vec<_> = [(11, 30), (14, 0), (16, 30)]
            .iter()
            .filter_map(|(hour, minute)| NaiveTime::from_hms_opt(*hour, *minute, 0))
            .collect();
        Self { days: std::array::from_fn(|day| if day < 5 { three.clone() } else { Vec::new() }) }
    }
}

impl CheckIns {
    /// No check-in at all.
    #[must_use]
    pub fn none() -> Self {
        Self { days: Default::default() }
    }

    /// Sets one weekday's times, given as "11:30".
    ///
    /// # Errors
    /// The first that is not a time of day.
    pub fn set_day(&mut self, day: Weekday, times: &[String]) -> Result<(), NoSuchTime> {
        let mut parsed = times.iter().map(|text| parse_time(text)).collect::<Result<Vec<_>, _>>()?;
        parsed.sort_unstable();
        parsed.dedup();
        self.days[day.num_days_from_monday() as usize] = parsed;
        Ok(())
    }

    /// One weekday's times, sorted.
    #[must_use]
    pub fn on_weekday(&self, day: Weekday) -> &[NaiveTime] {
        &self.days[day.num_days_from_monday() as usize]
    }

    /// The first check-in after an instant. Looks a week and a day ahead, for a day may be empty.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        self.around(after, zone, 0, 8).filter(|at| *at > after).min()
    }

    /// The last check-in at or before an instant, at most a week back.
    #[must_use]
    pub fn last_at_or_before(&self, at: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        self.around(at, zone, 7, 1).filter(|then| *then <= at).max()
    }

    /// The check-ins of the local day that an instant is in.
    #[must_use]
    pub fn on_day_of(&self, at: DateTime<Utc>, zone: &Zone) -> Vec<DateTime<Utc>> {
        self.on(zone.local(at).date_naive(), zone).collect()
    }

    fn around(&self, at: DateTime<Utc>, zone: &Zone, back: u64, ahead: u64) -> impl Iterator<Item = DateTime<Utc>> {
        let today = zone.local(at).date_naive();
        let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        first.iter_days().take((back + ahead + 1) as usize).flat_map(move |day| self.on(day, zone))
    }

    fn on(&self, day: NaiveDate, zone: &Zone) -> impl Iterator<Item = DateTime<Utc>> {
        let times = &self.days[day.weekday().num_days_from_monday() as usize];
        times.iter().map(move |time| zone.instant(day.and_time(*time)))
    }
}

fn parse_time(text: &str) -> Result<NaiveTime, NoSuchTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| NoSuchTime(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::tests::zone;
    use chrono::TimeZone;

    fn at(text: &str, zone: &Zone) -> DateTime<Utc> {
        let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        zone.instant(naive)
    }

    fn check_next(zone: &Zone, after: &str, want: &str) {
        let next = CheckIns::default().next_after(at(after, zone), zone).unwrap();
        assert_eq!(next, at(want, zone), "after {after} in {:?}", zone.name());
    }

    #[test]
    fn the_next_check_in_is_the_days_next_or_the_next_work_days_first() {
        let zone = &zone("Europe/Berlin");
        check_next(zone, "2026-11-23 09:00", "2026-11-23 11:30");
        check_next(zone, "2026-11-23 11:30", "2026-11-23 14:00");
        check_next(zone, "2026-11-27 16:30", "2026-11-30 11:30");
        check_next(zone, "2026-11-28 10:00", "2026-11-30 11:30");
    }

    #[test]
    fn a_check_in_in_a_spring_gap_happens_once_and_in_an_autumn_fold_at_the_first_of_the_two() {
        let zone = &zone("Europe/Berlin");
        let mut plan = CheckIns::none();
        plan.set_day(Weekday::Sun, &["02:30".into()]).unwrap();
        let gap = plan.on_day_of(at("2026-03-29 12:00", zone), zone);
        assert_eq!(gap, vec![Utc.with_ymd_and_hms(2026, 3, 29, 1, 30, 0).unwrap()]);
        let fold = plan.on_day_of(at("2026-10-25 12:00", zone), zone);
        assert_eq!(fold, vec![Utc.with_ymd_and_hms(2026, 10, 25, 0, 30, 0).unwrap()]);
    }

    #[test]
    fn what_is_not_a_time_is_named() {
        let wrong = CheckIns::none().set_day(Weekday::Mon, &["25:00".into()]).unwrap_err();
        assert_eq!(wrong.to_string(), "\"25:00\" is not a time of day such as 11:30");
    }

    #[test]
    fn no_check_ins_at_all_is_no_next_one() {
        let zone = &Zone::utc();
        assert_eq!(CheckIns::none().next_after(at("2026-11-23 09:00", zone), zone), None);
    }
}
