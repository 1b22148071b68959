//! What is stored of the model besides the rows, and what the store knows when it is opened. Must not know what is decided
//! by it, or the form in which it is stored.

use super::{Noted, Withdrawals};
use crate::command::BlockLength;
use crate::focus::{Block, Break, Ended, OnDay, PastBlock, Quiet, Stretch, TimeAway};
use crate::ledger::{Absence, Ledger, OnlyCounted, Period};
use crate::notice::{FIRST_ID, LaterMark, NoticeId, Sender, Seq};
use crate::ports::StoreLoss;
use crate::query::HeldRange;
use crate::schedule::Exceptions;
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// The model's own state as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// No id at or above this was ever given out.
    pub reserved_ids: u32,
    /// The running block.
    pub block: Option<Block>,
    /// The period of the books.
    pub period: Period,
    /// The last check-in that was dealt with.
    pub last_check_in: DateTime<Utc>,
    /// Check-ins to come that do not happen as planned.
    pub exceptions: Exceptions,
    /// A check-in is due and waits for the block's end: since then.
    pub ready_since: Option<DateTime<Utc>>,
    /// When the gate was out of the path in this period: the last 50, oldest first.
    pub absences: Vec<Absence>,
    /// The blocks that ended on the day of the last one, oldest first.
    pub past_blocks: Arc<[PastBlock]>,
    /// The break that the user takes.
    pub on_break: Option<Break>,
    /// What ended by itself last, as long as no other block or check-in has begun and the user has not seen it.
    pub ended: Option<Ended>,
    /// How long the user was away in the last block, as long as no other has begun and they have not said whether it counts.
    pub away: Option<TimeAway>,
    /// How long the last block was to last that somebody gave a length.
    pub last_length: Option<BlockLength>,
    /// What the last blocks were for, the newest first, each once.
    pub intentions: Arc<[String]>,
    /// The days of the week of the last block on which there was one.
    pub deep_work: Arc<[OnDay]>,
    /// What is held was handed over, and the user has neither closed the check-in nor started a block since.
    pub checking_in: bool,
    /// The last check-in is over because nothing was left of it: what is taken back brings it back, until a block starts.
    pub is_worked_off: bool,
    /// What the last check-in handed over, until the user closes it or starts a block.
    pub handed_over: Option<HandedOver>,
    /// The newest row at the last hand-over: what came after it is for the next check-in.
    pub handed_over_upto: Seq,
    /// Its digest has not come back through the gate yet: a restart shows it.
    pub owes_digest: bool,
    /// A notice of ours that is still open, though nobody waits for what it tells of.
    pub outdated_notice: Option<NoticeId>,
    /// Apps ask for quiet, or did and what was held meanwhile was not told of yet.
    pub quiet: Option<Quiet>,
    /// How far the user knows what apps took back.
    pub withdrawals: Withdrawals,
    /// Where the user was before the check-in.
    pub where_were_you: Option<String>,
    /// The mark of the last command that put some off.
    pub later_mark: LaterMark,
    /// Those with a mark above this one are put off: the last mark at the last digest.
    pub later_than: LaterMark,
    /// What was snoozed and is back, as long as nothing has told of it; at most 100.
    pub back: BTreeSet<Seq>,
    /// What is counted in this period, but has no row.
    pub only_counted: OnlyCounted,
    /// Commands on many rows that were answered and are not through yet, oldest first: a restart goes on with them.
    pub bulks: VecDeque<Bulk>,
}

/// What is said of the time before a check-in as long as it is open. Who interrupted is counted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The books of the period that it ended.
    pub ledger: Ledger,
    /// When the period began.
    pub since: DateTime<Utc>,
    /// When the gate was out of the path in it.
    pub absences: Vec<Absence>,
}

/// What the store knows at a start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// As it was saved; none in a new store.
    pub saved: Option<Saved>,
    /// The highest key in use.
    pub last_seq: Seq,
    /// The books of the saved period, counted from the rows.
    pub ledger: Ledger,
    /// Held ones per app: id, name, count.
    pub held_by_app: Vec<(Arc<str>, Arc<str>, u32)>,
    /// How many of the held ones are put off.
    pub later: u32,
    /// How many of the held ones were handed over last, and are not put off.
    pub handed_over: u32,
    /// How many of the held ones came in the saved time of quiet.
    pub held_in_quiet: u32,
    /// The newest [`NOTED`] held ones that were noted by hand, newest first.
    pub noted: Vec<Noted>,
    /// When the first row runs out of time.
    pub next_due: Option<DateTime<Utc>>,
    /// When the first snoozed row comes back.
    pub next_snoozed: Option<DateTime<Utc>>,
    /// Ids of open rows that no counter has come to yet: an earlier version let apps bring ids along.
    pub adopted: Vec<u32>,
    /// The senders of open rows.
    pub senders: Vec<Sender>,
    /// How many released ones are at the renderer, shown there or edited and on their way again.
    pub popups: u32,
    /// The newest open digest.
    pub digest: Option<NoticeId>,
    /// No id at or above this was ever given out, whatever `saved` says.
    pub ids_from: u32,
    /// What is not as it was.
    pub loss: Option<StoreLoss>,
}

/// A command on many rows, carried out 100 a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// What is done.
    pub kind: BulkKind,
    /// To which rows; those up to `after` are through.
    pub range: HeldRange,
    /// How many rows it is about.
    pub count: u32,
}

/// What is done to many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkKind {
    /// Marked as dealt with; until this instant it can be undone.
    Done(DateTime<Utc>),
    /// That is undone.
    UndoDone(DateTime<Utc>),
    /// Put off, with this mark.
    PutOff(LaterMark),
    /// That is undone.
    UndoPutOff(LaterMark),
}

impl Saved {
    /// Somebody set the clock: what is asked of the block that runs moves with it, and one that is over stays where it was.
    pub(super) fn block_moved(&mut self, by: Duration) {
        let Some(block) = &mut self.block else { return };
        let of_it = self.away.iter_mut().filter(|away| away.of_block == block.started);
        of_it.for_each(|away| away.clock_moved(by));
        block.clock_moved(by);
    }

    /// Whether the last block that is over began then.
    pub(super) fn last_block_began(&self, at: DateTime<Utc>) -> bool {
        self.past_blocks.last().is_some_and(|block| block.started == at)
    }

    /// Also where its end is told of.
    pub(super) fn leave_out_of_past_block(&mut self, began: DateTime<Utc>, length: Duration) {
        if self.last_block_began(began) {
            let ended = self.ended.iter_mut().filter(|ended| ended.what == Stretch::Block);
            ended.for_each(|ended| ended.left_out += length);
        }
        let mut blocks = self.past_blocks.to_vec();
        let block = blocks.iter_mut().rfind(|block| block.started == began);
        block.into_iter().for_each(|block| block.left_out += length);
        self.past_blocks = blocks.into();
    }

    /// What a new store begins with.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        let period = Period { number: 1, since: now, carried: 0 };
        Self {
            reserved_ids: FIRST_ID,
            block: None,
            period,
            last_check_in: now,
            exceptions: Exceptions::default(),
            ready_since: None,
            absences: Vec::new(),
            past_blocks: Arc::default(),
            on_break: None,
            ended: None,
            away: None,
            last_length: None,
            intentions: Arc::default(),
            deep_work: Arc::default(),
            checking_in: false,
            is_worked_off: false,
            handed_over: None,
            handed_over_upto: Seq(0),
            owes_digest: false,
            outdated_notice: None,
            quiet: None,
            withdrawals: Withdrawals::since(&period),
            where_were_you: None,
            later_mark: LaterMark(0),
            later_than: LaterMark(0),
            back: BTreeSet::new(),
            only_counted: OnlyCounted::default(),
            bulks: VecDeque::new(),
        }
    }
}
