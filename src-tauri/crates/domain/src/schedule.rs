//! When what is held is handed over: check-in times per weekday, in local time, and what is otherwise on one day. Must not
//! read a clock or a zone file.

use crate::zone::Zone;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use std::collections::BTreeSet;

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
}

/// Check-ins that do not happen as planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// They are passed over, each by its date and its time of day, wherever the clocks are: at most [`EXCEPTIONS`].
    pub skipped: BTreeSet<NaiveDateTime>,
    /// So is every one up to this instant: an earlier version knew no others.
    pub skipped_until: Option<DateTime<Utc>>,
}

/// Exceptions that are kept: more check-ins than a month has.
pub(crate) const EXCEPTIONS: usize = 100;

impl Exceptions {
    /// What was to happen up to then has happened, or not.
    pub(crate) fn forget_until(&mut self, last: PlannedCheckIn) {
        self.skipped.retain(|local| *local > last.local);
        self.skipped_until.take_if(|until| *until <= last.at);
    }

    /// The times are others: what is not planned any more cannot be passed over.
    pub(crate) fn keep_planned(&mut self, check_ins: &CheckIns) {
        self.skipped.retain(|local| check_ins.on_weekday(local.weekday()).contains(&local.time()));
    }

    /// It happens after all.
    pub(crate) fn take_back(&mut self, planned: PlannedCheckIn) {
        self.skipped.remove(&planned.local);
        self.skipped_until.take_if(|until| planned.at <= *until);
    }

    fn is_skipped(&self, local: NaiveDateTime, at: DateTime<Utc>) -> bool {
        self.skipped.contains(&local) || self.skipped_until.is_some_and(|until| at <= until)
    }
}

/// A check-in of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedCheckIn {
    /// When.
    pub at: DateTime<Utc>,
    /// Its date and time of day, as planned: on the night that the clocks go forward there may be no such time.
    pub local: NaiveDateTime,
    /// It is passed over.
    pub is_skipped: bool,
}

/// All that is planned: the times of each weekday, the exceptions, and the zone of the clocks that show them.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Per weekday.
    pub check_ins: &'a CheckIns,
    /// Of single days.
    pub exceptions: &'a Exceptions,
    /// Where they are.
    pub zone: &'a Zone,
}

impl Plan<'_> {
    /// The check-ins of a day, in the order of their times.
    pub fn on(&self, day: NaiveDate) -> impl Iterator<Item = PlannedCheckIn> {
        let times = self.check_ins.on_weekday(day.weekday()).iter();
        times.map(move |time| {
            let local = day.and_time(*time);
            let at = self.zone.instant(local);
            PlannedCheckIn { at, local, is_skipped: self.exceptions.is_skipped(local, at) }
        })
    }

    /// The check-ins of the local day that an instant is in.
    pub fn on_day_of(&self, at: DateTime<Utc>) -> impl Iterator<Item = PlannedCheckIn> {
        self.on(self.zone.local(at).date_naive())
    }

    /// The first one after an instant, skipped or not. Looks a week and a day ahead, for a day may be empty.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<PlannedCheckIn> {
        self.around(after, 0, 8).filter(|planned| planned.at > after).min_by_key(|planned| planned.at)
    }

    /// The first one after an instant that is not skipped.
    #[must_use]
    pub fn next_that_happens(&self, after: DateTime<Utc>) -> Option<PlannedCheckIn> {
        self.ahead(after).find(|planned| !planned.is_skipped)
    }

    /// Those after an instant, as far as exceptions reach, and one more.
    pub fn ahead(&self, after: DateTime<Utc>) -> impl Iterator<Item = PlannedCheckIn> {
        std::iter::successors(self.next_after(after), |planned| self.next_after(planned.at)).take(EXCEPTIONS + 1)
    }

    /// Those after one instant and not after another, of the week before the latter at most.
    pub fn between(&self, after: DateTime<Utc>, upto: DateTime<Utc>) -> impl Iterator<Item = PlannedCheckIn> {
        self.around(upto, 7, 1).filter(move |planned| planned.at > after && planned.at <= upto)
    }

    fn around(&self, at: DateTime<Utc>, back: u64, ahead: u64) -> impl Iterator<Item = PlannedCheckIn> {
        let today = self.zone.local(at).date_naive();
        let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        first.iter_days().take((back + ahead + 1) as usize).flat_map(|day| self.on(day))
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
        let (check_ins, exceptions) = (CheckIns::default(), Exceptions::default());
        let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
        assert_eq!(
            plan.next_that_happens(at(after, zone)).unwrap().at,
            at(want, zone),
            "after {after} in {:?}",
            zone.name()
        );
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
        let (mut check_ins, exceptions) = (CheckIns::none(), Exceptions::default());
        check_ins.set_day(Weekday::Sun, &["02:30".into()]).unwrap();
        let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
        let on = |day: &str| plan.on_day_of(at(day, zone)).map(|planned| planned.at).collect::<Vec<_>>();
        assert_eq!(on("2026-03-29 12:00"), [Utc.with_ymd_and_hms(2026, 3, 29, 1, 30, 0).unwrap()]);
        assert_eq!(on("2026-10-25 12:00"), [Utc.with_ymd_and_hms(2026, 10, 25, 0, 30, 0).unwrap()]);
    }

    #[test]
    fn what_is_not_a_time_is_named() {
        let wrong = CheckIns::none().set_day(Weekday::Mon, &["25:00".into()]).unwrap_err();
        assert_eq!(wrong.to_string(), "\"25:00\" is not a time of day such as 11:30");
    }

    #[test]
    fn no_check_ins_at_all_is_no_next_one() {
        let (check_ins, exceptions, zone) = (CheckIns::none(), Exceptions::default(), &Zone::utc());
        let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
        assert_eq!(plan.next_after(at("2026-11-23 09:00", zone)), None);
    }

    #[test]
    fn one_that_is_skipped_is_planned_and_does_not_happen_wherever_the_clocks_are() {
        let check_ins = CheckIns::default();
        let local = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().and_hms_opt(14, 0, 0).unwrap();
        let exceptions = Exceptions { skipped: [local].into(), skipped_until: None };
        for zone in [&zone("Europe/Berlin"), &zone("Europe/Lisbon")] {
            let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
            let noon = at("2026-11-23 12:00", zone);
            let first = PlannedCheckIn { at: zone.instant(local), local, is_skipped: true };
            assert_eq!(plan.next_after(noon), Some(first));
            assert_eq!(plan.next_that_happens(noon).unwrap().at, at("2026-11-23 16:30", zone));
        }
    }

    #[test]
    fn all_up_to_an_instant_are_skipped_until_one_of_them_is_taken_back() {
        let (zone, check_ins) = (&Zone::utc(), CheckIns::default());
        let mut exceptions = Exceptions { skipped_until: Some(at("2026-11-23 14:00", zone)), ..Exceptions::default() };
        let next = |exceptions: &Exceptions| {
            let plan = Plan { check_ins: &check_ins, exceptions, zone };
            plan.next_that_happens(at("2026-11-23 09:00", zone)).unwrap()
        };
        assert_eq!(next(&exceptions).at, at("2026-11-23 16:30", zone));
        let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
        let first = plan.next_after(at("2026-11-23 09:00", zone)).unwrap();
        exceptions.take_back(first);
        assert_eq!(next(&exceptions).at, first.at);
    }

    #[test]
    fn what_was_planned_in_a_time_is_found_over_a_week() {
        let zone = &Zone::utc();
        let (check_ins, exceptions) = (CheckIns::default(), Exceptions::default());
        let plan = Plan { check_ins: &check_ins, exceptions: &exceptions, zone };
        let count = |after, upto| plan.between(at(after, zone), at(upto, zone)).count();
        assert_eq!(count("2026-11-23 11:30", "2026-11-23 16:30"), 2);
        assert_eq!(count("2026-11-20 16:30", "2026-11-23 09:00"), 0, "a weekend");
        assert_eq!(count("2026-11-02 09:00", "2026-11-23 09:00"), 15, "no more than the week before");
    }
}
