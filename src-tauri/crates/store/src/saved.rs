//! The model's own state as JSON with a version of its own: it changes more often than the tables do. Must not know where
//! the JSON lies.

mod blocks;

use crate::cause::Cause;
use crate::columns::{instant, millis};
use blocks::{StoredBlock, StoredBreak, StoredEnded, StoredLength, StoredOnDay, StoredPastBlock, StoredTimeAway};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use tidegate_domain::{
    Absence, Bulk, BulkKind, Exceptions, HandedOver, HeldRange, LaterMark, Ledger, NoticeId, OnlyCounted, Period,
    Quiet, Saved, Seq, Withdrawals,
};

/// The form below.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSaved {
    version: u32,
    reserved_ids: u32,
    block: Option<StoredBlock>,
    period: StoredPeriod,
    last_check_in_ms: i64,
    /// All up to then, as an earlier version knew it.
    skipped_ms: Option<i64>,
    /// What local clocks show, as if they were in UTC.
    #[serde(default)]
    skipped_local_ms: Vec<i64>,
    ready_since_ms: Option<i64>,
    /// Pairs of instants.
    #[serde(default)]
    absences_ms: Vec<(i64, i64)>,
    #[serde(default)]
    past_blocks: Vec<StoredPastBlock>,
    #[serde(default)]
    on_break: Option<StoredBreak>,
    #[serde(default)]
    ended: Option<StoredEnded>,
    #[serde(default)]
    away: Option<StoredTimeAway>,
    #[serde(default)]
    last_length: Option<StoredLength>,
    #[serde(default)]
    intentions: Vec<String>,
    #[serde(default)]
    deep_work: Vec<StoredOnDay>,
    #[serde(default)]
    checking_in: bool,
    #[serde(default)]
    is_worked_off: bool,
    #[serde(default)]
    handed_over: Option<StoredHandedOver>,
    #[serde(default)]
    handed_over_upto: i64,
    #[serde(default)]
    owes_digest: bool,
    #[serde(default)]
    outdated_notice: Option<u32>,
    #[serde(default)]
    where_were_you: Option<String>,
    #[serde(default)]
    later_mark: u64,
    #[serde(default)]
    later_than: u64,
    #[serde(default)]
    back: Vec<i64>,
    #[serde(default)]
    bulks: Vec<StoredBulk>,
    /// Let through, muted, feedback.
    #[serde(default)]
    only_counted: (u32, u32, u32),
    #[serde(default)]
    quiet: Option<StoredQuiet>,
    /// None where an earlier version did not know.
    #[serde(default)]
    withdrawals: Option<StoredWithdrawals>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredQuiet {
    app: String,
    after: i64,
    is_over: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredWithdrawals {
    before: u64,
    since: u64,
    listed_after: u64,
    soon: u64,
    told: u64,
    seen: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredHandedOver {
    since_ms: i64,
    absences_ms: Vec<(i64, i64)>,
    carried: u32,
    came_in: u32,
    held: u32,
    passed: u32,
    withdrawn: u32,
    muted: u32,
    expired: u32,
    released: u32,
    done: u32,
    feedback: u32,
    only_counted: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredBulk {
    kind: StoredBulkKind,
    after: i64,
    upto: i64,
    app: Option<String>,
    later_than: u64,
    count: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredBulkKind {
    DoneMs(i64),
    UndoDoneMs(i64),
    PutOff(u64),
    UndoPutOff(u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPeriod {
    number: u64,
    since_ms: i64,
    carried: u32,
}

pub(crate) fn to_json(saved: &Saved) -> Result<String, Cause> {
    let stored = StoredSaved {
        version: VERSION,
        reserved_ids: saved.reserved_ids,
        block: saved.block.as_ref().map(StoredBlock::new),
        period: StoredPeriod::new(&saved.period),
        last_check_in_ms: millis(saved.last_check_in),
        skipped_ms: saved.exceptions.skipped_until.map(millis),
        skipped_local_ms: saved.exceptions.skipped.iter().map(|local| millis(local.and_utc())).collect(),
        ready_since_ms: saved.ready_since.map(millis),
        absences_ms: absences_ms(&saved.absences),
        past_blocks: saved.past_blocks.iter().map(StoredPastBlock::new).collect(),
        on_break: saved.on_break.as_ref().map(StoredBreak::new),
        ended: saved.ended.as_ref().map(StoredEnded::new),
        away: saved.away.as_ref().map(StoredTimeAway::new),
        last_length: saved.last_length.and_then(StoredLength::new),
        intentions: saved.intentions.to_vec(),
        deep_work: StoredOnDay::all(&saved.deep_work),
        checking_in: saved.checking_in,
        is_worked_off: saved.is_worked_off,
        handed_over: saved.handed_over.as_ref().map(StoredHandedOver::new),
        handed_over_upto: saved.handed_over_upto.0,
        owes_digest: saved.owes_digest,
        outdated_notice: saved.outdated_notice.map(|notice| notice.0),
        where_were_you: saved.where_were_you.clone(),
        later_mark: saved.later_mark.0,
        later_than: saved.later_than.0,
        back: saved.back.iter().map(|seq| seq.0).collect(),
        bulks: saved.bulks.iter().map(StoredBulk::new).collect(),
        only_counted: (saved.only_counted.passed, saved.only_counted.muted, saved.only_counted.feedback),
        quiet: saved.quiet.as_ref().map(StoredQuiet::new),
        withdrawals: Some(StoredWithdrawals::new(&saved.withdrawals)),
    };
    Ok(serde_json::to_string(&stored)?)
}

pub(crate) fn from_json(json: &str) -> Result<Saved, Cause> {
    let stored: StoredSaved = serde_json::from_str(json)?;
    if stored.version != VERSION {
        return Err(Cause::unknown("the version of the model's state", stored.version));
    }
    let period = stored.period.period()?;
    let withdrawals = stored.withdrawals.map(StoredWithdrawals::withdrawals);
    Ok(Saved {
        reserved_ids: stored.reserved_ids,
        block: stored.block.map(StoredBlock::block).transpose()?,
        withdrawals: withdrawals.unwrap_or_else(|| Withdrawals::since(&period)),
        period,
        quiet: stored.quiet.map(StoredQuiet::quiet),
        last_check_in: instant(stored.last_check_in_ms)?,
        exceptions: Exceptions {
            skipped: stored.skipped_local_ms.into_iter().map(local).collect::<Result<_, _>>()?,
            skipped_until: maybe_instant(stored.skipped_ms)?,
        },
        ready_since: maybe_instant(stored.ready_since_ms)?,
        absences: absences(stored.absences_ms)?,
        past_blocks: stored.past_blocks.into_iter().map(StoredPastBlock::block).collect::<Result<_, _>>()?,
        on_break: stored.on_break.map(StoredBreak::pause).transpose()?,
        ended: stored.ended.map(StoredEnded::ended).transpose()?,
        away: stored.away.map(StoredTimeAway::away).transpose()?,
        last_length: stored.last_length.map(StoredLength::length),
        intentions: stored.intentions.into(),
        deep_work: StoredOnDay::days(stored.deep_work)?,
        checking_in: stored.checking_in,
        is_worked_off: stored.is_worked_off,
        handed_over: stored.handed_over.map(StoredHandedOver::handed_over).transpose()?,
        handed_over_upto: Seq(stored.handed_over_upto),
        owes_digest: stored.owes_digest,
        outdated_notice: stored.outdated_notice.map(NoticeId),
        where_were_you: stored.where_were_you,
        later_mark: LaterMark(stored.later_mark),
        later_than: LaterMark(stored.later_than),
        back: stored.back.into_iter().map(Seq).collect(),
        bulks: stored.bulks.into_iter().map(StoredBulk::bulk).collect::<Result<_, _>>()?,
        only_counted: only_counted(stored.only_counted),
    })
}

fn only_counted((passed, muted, feedback): (u32, u32, u32)) -> OnlyCounted {
    OnlyCounted { passed, muted, feedback }
}

fn local(millis: i64) -> Result<NaiveDateTime, Cause> {
    Ok(instant(millis)?.naive_utc())
}

fn maybe_instant(millis: Option<i64>) -> Result<Option<DateTime<Utc>>, Cause> {
    millis.map(instant).transpose()
}

fn absences_ms(absences: &[Absence]) -> Vec<(i64, i64)> {
    absences.iter().map(|away| (millis(away.since), millis(away.until))).collect()
}

fn absences(millis: Vec<(i64, i64)>) -> Result<Vec<Absence>, Cause> {
    millis.into_iter().map(absence).collect()
}

fn absence((since, until): (i64, i64)) -> Result<Absence, Cause> {
    Ok(Absence { since: instant(since)?, until: instant(until)? })
}

impl StoredHandedOver {
    fn new(books: &HandedOver) -> Self {
        let HandedOver { ledger, since, absences } = books;
        Self {
            since_ms: millis(*since),
            absences_ms: absences_ms(absences),
            carried: ledger.carried,
            came_in: ledger.came_in,
            held: ledger.held,
            passed: ledger.passed,
            withdrawn: ledger.withdrawn,
            muted: ledger.muted,
            expired: ledger.expired,
            released: ledger.released,
            done: ledger.done,
            feedback: ledger.feedback,
            only_counted: ledger.only_counted,
        }
    }

    fn handed_over(self) -> Result<HandedOver, Cause> {
        let ledger = Ledger {
            carried: self.carried,
            came_in: self.came_in,
            held: self.held,
            passed: self.passed,
            withdrawn: self.withdrawn,
            muted: self.muted,
            expired: self.expired,
            released: self.released,
            done: self.done,
            feedback: self.feedback,
            only_counted: self.only_counted,
        };
        let (since, absences) = (instant(self.since_ms)?, absences(self.absences_ms)?);
        Ok(HandedOver { ledger, since, absences })
    }
}

impl StoredQuiet {
    fn new(quiet: &Quiet) -> Self {
        Self { app: quiet.app.clone(), after: quiet.after.0, is_over: quiet.is_over }
    }

    fn quiet(self) -> Quiet {
        Quiet { app: self.app, after: Seq(self.after), is_over: self.is_over }
    }
}

impl StoredWithdrawals {
    fn new(withdrawals: &Withdrawals) -> Self {
        let Withdrawals { before, since, listed_after, soon, told, seen } = *withdrawals;
        Self { before, since, listed_after, soon, told, seen }
    }

    fn withdrawals(self) -> Withdrawals {
        let Self { before, since, listed_after, soon, told, seen } = self;
        Withdrawals { before, since, listed_after, soon, told, seen }
    }
}

impl StoredBulk {
    fn new(bulk: &Bulk) -> Self {
        let kind = match bulk.kind {
            BulkKind::Done(due) => StoredBulkKind::DoneMs(millis(due)),
            BulkKind::UndoDone(due) => StoredBulkKind::UndoDoneMs(millis(due)),
            BulkKind::PutOff(mark) => StoredBulkKind::PutOff(mark.0),
            BulkKind::UndoPutOff(mark) => StoredBulkKind::UndoPutOff(mark.0),
        };
        let HeldRange { after, upto, app, later_than } = &bulk.range;
        let app = app.as_deref().map(str::to_owned);
        Self { kind, after: after.0, upto: upto.0, app, later_than: later_than.0, count: bulk.count }
    }

    fn bulk(self) -> Result<Bulk, Cause> {
        let kind = match self.kind {
            StoredBulkKind::DoneMs(due) => BulkKind::Done(instant(due)?),
            StoredBulkKind::UndoDoneMs(due) => BulkKind::UndoDone(instant(due)?),
            StoredBulkKind::PutOff(mark) => BulkKind::PutOff(LaterMark(mark)),
            StoredBulkKind::UndoPutOff(mark) => BulkKind::UndoPutOff(LaterMark(mark)),
        };
        let (after, upto, later_than) = (Seq(self.after), Seq(self.upto), LaterMark(self.later_than));
        let range = HeldRange { after, upto, app: self.app.map(Into::into), later_than };
        Ok(Bulk { kind, range, count: self.count })
    }
}

impl StoredPeriod {
    fn new(period: &Period) -> Self {
        Self { number: period.number, since_ms: millis(period.since), carried: period.carried }
    }

    fn period(&self) -> Result<Period, Cause> {
        Ok(Period { number: self.number, since: instant(self.since_ms)?, carried: self.carried })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, NaiveDate};
    use tidegate_domain::{Block, BlockEnd, BlockLength, Break, Ended, EndedBy, OnDay, PastBlock, Stretch, TimeAway};

    fn check(block: Option<Block>) {
        let saved = Saved {
            reserved_ids: 1 << 30,
            block,
            period: Period { number: 7, since: at(1), carried: 3 },
            last_check_in: at(2),
            exceptions: Exceptions {
                skipped: [at(3).naive_utc(), at(5).naive_utc()].into(),
                skipped_until: Some(at(3)),
            },
            ready_since: None,
            absences: vec![Absence { since: at(4), until: at(5) }],
            past_blocks: [past_block()].into(),
            on_break: Some(Break { intention: None, started: at(8), ends: at(9) }),
            ended: Some(Ended {
                what: Stretch::Break,
                intention: Some("mail".into()),
                started: at(6),
                ended: at(7),
                left_out: Duration::milliseconds(3),
                is_told: true,
            }),
            away: Some(TimeAway { of_block: at(6), days: vec![on_day(8)], is_told: true }),
            last_length: Some(BlockLength::UntilCheckIn),
            intentions: ["mail".to_owned(), "report".to_owned()].into(),
            deep_work: [on_day(9)].into(),
            checking_in: true,
            is_worked_off: true,
            handed_over_upto: Seq(6),
            owes_digest: true,
            outdated_notice: Some(NoticeId(12)),
            handed_over: Some(HandedOver {
                ledger: Ledger { carried: 1, came_in: 9, held: 4, passed: 6, only_counted: 2, ..Ledger::default() },
                since: at(3),
                absences: vec![Absence { since: at(4), until: at(5) }],
            }),
            quiet: Some(Quiet { app: "Impress".into(), after: Seq(7), is_over: true }),
            withdrawals: Withdrawals { before: 9, since: 5, listed_after: 3, soon: 8, told: 7, seen: 6 },
            where_were_you: Some("page 3".into()),
            later_mark: LaterMark(9),
            later_than: LaterMark(8),
            back: [Seq(7), Seq(9)].into(),
            only_counted: OnlyCounted { passed: 5, muted: 6, feedback: 7 },
            bulks: [
                bulk(BulkKind::Done(at(5)), None),
                bulk(BulkKind::UndoDone(at(6)), Some("chat")),
                bulk(BulkKind::PutOff(LaterMark(3)), None),
                bulk(BulkKind::UndoPutOff(LaterMark(u64::MAX)), None),
            ]
            .into(),
        };
        assert_eq!(from_json(&to_json(&saved).unwrap()).unwrap(), saved);
    }

    fn past_block() -> PastBlock {
        let left_out = Duration::milliseconds(4);
        let (intention, ended_by) = (Some("mail".into()), EndedBy::Toggle);
        PastBlock { intention, started: at(6), ended: at(7), planned: Some(at(8)), left_out, ended_by }
    }

    fn bulk(kind: BulkKind, app: Option<&str>) -> Bulk {
        let range =
            HeldRange { after: Seq(7), upto: Seq(i64::MAX), app: app.map(Into::into), later_than: LaterMark(2) };
        Bulk { kind, range, count: 250 }
    }

    fn on_day(millis: i64) -> OnDay {
        OnDay { day: NaiveDate::default(), length: Duration::milliseconds(millis) }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 5_000_000).unwrap()
    }

    #[test]
    fn what_is_saved_comes_back() {
        check(None);
        for end in [BlockEnd::At(at(9)), BlockEnd::CheckIn(at(9)), BlockEnd::Open] {
            check(Some(Block {
                intention: Some("the \"report\"".into()),
                started: at(8),
                end,
                left_out: vec![on_day(60_000)],
            }));
        }
    }

    #[test]
    fn a_block_that_an_earlier_build_stored_has_nothing_left_out() {
        let block = Block { intention: None, started: at(8), end: BlockEnd::Open, left_out: Vec::new() };
        let (intention, ended, left_out) = (None, at(7), Duration::zero());
        let over = Ended { what: Stretch::Block, intention, started: at(6), ended, left_out, is_told: true };
        let saved = Saved { block: Some(block), ended: Some(over), ..Saved::new(at(2)) };
        let earlier = to_json(&saved).unwrap().replace(",\"left_out\":[]", "").replace(",\"left_out_ms\":0", "");
        assert!(!earlier.contains("left_out"), "{earlier}");
        assert_eq!(from_json(&earlier).unwrap(), saved);
    }

    #[test]
    fn a_later_form_and_an_impossible_instant_are_refused_by_name() {
        let saved = Saved { reserved_ids: 1, ..Saved::new(at(2)) };
        let json = to_json(&saved).unwrap();
        let later = from_json(&json.replace("\"version\":1", "\"version\":2")).unwrap_err();
        assert!(later.to_string().contains("version of the model's state is stored as \"2\""), "{later}");
        let never = from_json(&json.replace("2005", &i64::MAX.to_string())).unwrap_err();
        assert!(never.to_string().contains("an instant"), "{never}");
        assert!(from_json("{").is_err());
    }
}
