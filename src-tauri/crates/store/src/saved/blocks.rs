//! What is stored of blocks and breaks: the one that runs, those that are over, and what is remembered of them. Must not
//! know the rest of the model's state.

use crate::cause::Cause;
use crate::columns::{instant, millis};
use crate::words::Word;
use chrono::{Datelike, Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use tidegate_domain::{Block, BlockEnd, BlockLength, Break, Ended, EndedBy, OnDay, PastBlock, Stretch, TimeAway};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredBlock {
    intention: Option<String>,
    started_ms: i64,
    end: StoredEnd,
    #[serde(default)]
    left_out: Vec<StoredOnDay>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredEnd {
    AtMs(i64),
    CheckInMs(i64),
    Open,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredPastBlock {
    intention: Option<String>,
    started_ms: i64,
    ended_ms: i64,
    #[serde(default)]
    planned_ms: Option<i64>,
    #[serde(default)]
    left_out_ms: i64,
    /// None where an earlier version did not know.
    #[serde(default)]
    ended_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredBreak {
    intention: Option<String>,
    started_ms: i64,
    ends_ms: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredEnded {
    is_break: bool,
    intention: Option<String>,
    started_ms: i64,
    ended_ms: i64,
    #[serde(default)]
    left_out_ms: i64,
    is_told: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredLength {
    Minutes(u32),
    UntilCheckIn,
    Open,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredOnDay {
    /// Days since the beginning of our era.
    day: i32,
    length_ms: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTimeAway {
    of_block_ms: i64,
    days: Vec<StoredOnDay>,
    is_told: bool,
}

impl StoredBlock {
    pub(super) fn new(block: &Block) -> Self {
        let end = match block.end {
            BlockEnd::At(at) => StoredEnd::AtMs(millis(at)),
            BlockEnd::CheckIn(at) => StoredEnd::CheckInMs(millis(at)),
            BlockEnd::Open => StoredEnd::Open,
        };
        let left_out = StoredOnDay::all(&block.left_out);
        Self { intention: block.intention.clone(), started_ms: millis(block.started), end, left_out }
    }

    pub(super) fn block(self) -> Result<Block, Cause> {
        let end = match self.end {
            StoredEnd::AtMs(at) => BlockEnd::At(instant(at)?),
            StoredEnd::CheckInMs(at) => BlockEnd::CheckIn(instant(at)?),
            StoredEnd::Open => BlockEnd::Open,
        };
        let left_out = StoredOnDay::days(self.left_out)?;
        Ok(Block { intention: self.intention, started: instant(self.started_ms)?, end, left_out })
    }
}

impl StoredPastBlock {
    pub(super) fn new(block: &PastBlock) -> Self {
        let (started_ms, ended_ms) = (millis(block.started), millis(block.ended));
        let (planned_ms, left_out_ms) = (block.planned.map(millis), block.left_out.num_milliseconds());
        let (intention, ended_by) = (block.intention.clone(), Some(block.ended_by.word().to_owned()));
        Self { intention, started_ms, ended_ms, planned_ms, left_out_ms, ended_by }
    }

    pub(super) fn block(self) -> Result<PastBlock, Cause> {
        let (started, ended) = (instant(self.started_ms)?, instant(self.ended_ms)?);
        let (planned, left_out) = (self.planned_ms.map(instant).transpose()?, length(self.left_out_ms));
        let ended_by = self.ended_by.as_deref().map_or(Ok(EndedBy::Unknown), Word::from_word)?;
        Ok(PastBlock { intention: self.intention, started, ended, planned, left_out, ended_by })
    }
}

impl StoredBreak {
    pub(super) fn new(pause: &Break) -> Self {
        let (started_ms, ends_ms) = (millis(pause.started), millis(pause.ends));
        Self { intention: pause.intention.clone(), started_ms, ends_ms }
    }

    pub(super) fn pause(self) -> Result<Break, Cause> {
        let (started, ends) = (instant(self.started_ms)?, instant(self.ends_ms)?);
        Ok(Break { intention: self.intention, started, ends })
    }
}

impl StoredEnded {
    pub(super) fn new(over: &Ended) -> Self {
        let (started_ms, ended_ms) = (millis(over.started), millis(over.ended));
        let is_break = over.what == Stretch::Break;
        let (intention, left_out_ms) = (over.intention.clone(), over.left_out.num_milliseconds());
        Self { is_break, intention, started_ms, ended_ms, left_out_ms, is_told: over.is_told }
    }

    pub(super) fn ended(self) -> Result<Ended, Cause> {
        let (started, ended) = (instant(self.started_ms)?, instant(self.ended_ms)?);
        let what = if self.is_break { Stretch::Break } else { Stretch::Block };
        let left_out = length(self.left_out_ms);
        Ok(Ended { what, intention: self.intention, started, ended, left_out, is_told: self.is_told })
    }
}

impl StoredLength {
    /// The usual length is none that is remembered, nor is a time of one day.
    pub(super) fn new(length: BlockLength) -> Option<Self> {
        match length {
            BlockLength::Minutes(minutes) => Some(Self::Minutes(minutes)),
            BlockLength::UntilCheckIn => Some(Self::UntilCheckIn),
            BlockLength::Open => Some(Self::Open),
            BlockLength::Usual | BlockLength::UntilTime(_) => None,
        }
    }

    pub(super) fn length(self) -> BlockLength {
        match self {
            Self::Minutes(minutes) => BlockLength::Minutes(minutes),
            Self::UntilCheckIn => BlockLength::UntilCheckIn,
            Self::Open => BlockLength::Open,
        }
    }
}

impl StoredOnDay {
    pub(super) fn all(days: &[OnDay]) -> Vec<Self> {
        let stored = |on: &OnDay| Self { day: on.day.num_days_from_ce(), length_ms: on.length.num_milliseconds() };
        days.iter().map(stored).collect()
    }

    pub(super) fn days<T: FromIterator<OnDay>>(stored: Vec<Self>) -> Result<T, Cause> {
        stored.into_iter().map(Self::on_day).collect()
    }

    fn on_day(self) -> Result<OnDay, Cause> {
        let day = NaiveDate::from_num_days_from_ce_opt(self.day).ok_or_else(|| Cause::unknown("a day", self.day))?;
        Ok(OnDay { day, length: length(self.length_ms) })
    }
}

impl StoredTimeAway {
    pub(super) fn new(away: &TimeAway) -> Self {
        Self { of_block_ms: millis(away.of_block), days: StoredOnDay::all(&away.days), is_told: away.is_told }
    }

    pub(super) fn away(self) -> Result<TimeAway, Cause> {
        let (of_block, days) = (instant(self.of_block_ms)?, StoredOnDay::days(self.days)?);
        Ok(TimeAway { of_block, days, is_told: self.is_told })
    }
}

fn length(millis: i64) -> Duration {
    Duration::try_milliseconds(millis).unwrap_or_default()
}
