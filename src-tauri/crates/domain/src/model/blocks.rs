//! Blocks and the breaks between them: how they begin, how they end, and what is remembered of them. Must not know a clock,
//! nor how an end is told.

use super::commands::CommandOutcome;
use super::{Model, Owed};
use crate::command::{Answer, BlockLength, Refusal};
use crate::effect::{Digest, Effect, Occasion, Write};
use crate::focus::{Block, BlockEnd, Break, Ended, EndedBy, OnDay, PastBlock, Stretch};
use crate::ledger::CheckInBy;
use crate::notice::Interruption;
use crate::query::Query;
use crate::time::Now;
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc};

/// From now on a block lasts so many minutes at most: a day.
const BLOCK_MINUTES: i64 = 24 * 60;
/// How long a block lasts that nobody gave a length, before anybody ever did.
const FIRST_MINUTES: u32 = 50;
/// How long a break lasts that is given no length.
pub const BREAK_MINUTES: u32 = 5;
/// Blocks of one day that are remembered.
const PAST_BLOCKS: usize = 50;
/// Intentions that are remembered.
const INTENTIONS: usize = 10;
/// A block is counted for no more days than that.
const DAYS: usize = 7;

impl Model {
    /// The blocks that ended today, oldest first.
    pub fn blocks_today(&self, now: Now) -> impl Iterator<Item = &PastBlock> {
        let today = self.day(now.utc);
        self.state.saved.past_blocks.iter().filter(move |block| self.day(block.ended) == today)
    }

    /// The break that the user takes.
    #[must_use]
    pub fn on_break(&self) -> Option<&Break> {
        self.state.saved.on_break.as_ref()
    }

    /// What ended by itself last, as long as the user has not seen it.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        self.state.saved.ended.as_ref()
    }

    /// What the last blocks were for, the newest first.
    #[must_use]
    pub fn intentions(&self) -> &[String] {
        &self.state.saved.intentions
    }

    /// How long a block lasts that is given no length. Until the next check-in only where one is left today.
    #[must_use]
    pub fn usual_length(&self, now: Now) -> BlockLength {
        let set = self.settings.blocks.length.filter(|length| *length != BlockLength::Usual);
        match set.or(self.state.saved.last_length) {
            Some(BlockLength::UntilCheckIn) if self.next_today(now).is_none() => BlockLength::Minutes(FIRST_MINUTES),
            Some(length @ (BlockLength::Minutes(_) | BlockLength::UntilCheckIn | BlockLength::Open)) => length,
            Some(BlockLength::Usual | BlockLength::UntilTime(_)) | None => BlockLength::Minutes(FIRST_MINUTES),
        }
    }

    /// How long the user was in blocks that are over: today, and in this week, which begins on Monday.
    #[must_use]
    pub fn deep_work(&self, now: Now) -> (Duration, Duration) {
        let today = self.day(now.utc);
        let sum = |from: NaiveDate| {
            let days = self.state.saved.deep_work.iter().filter(|work| (from..=today).contains(&work.day));
            days.fold(Duration::zero(), |sum, work| sum + work.length)
        };
        (sum(today), sum(monday(today)))
    }

    /// The notice of ours that is open: it leaves the screen when something else begins.
    pub(super) fn open_notice(&self) -> Option<Query> {
        self.state.digest.map(Query::Id)
    }

    /// The user goes on: `rows` has the notice that is open, if there is one.
    pub(super) fn take_notice_down(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        for notice in rows.into_iter().filter(|row| row.is_own() && row.is_open()) {
            self.state.digest = None;
            self.retire(notice, now, fx);
        }
    }

    /// One until the next check-in is refused where none is left today: nobody is given a block without an end unasked.
    pub(super) fn start(
        &mut self,
        length: BlockLength,
        intention: Option<String>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let end = self.end_of(length, now)?;
        let (started, left_out) = match &self.state.saved.block {
            Some(block) => (block.started, block.left_out.clone()),
            None => (now.utc, Vec::new()),
        };
        self.remember_intention(intention.as_deref());
        if !matches!(length, BlockLength::Usual | BlockLength::UntilTime(_)) {
            self.state.saved.last_length = Some(length);
        }
        let block = Block { intention, started, end, left_out };
        let ends = block.ends_at();
        if self.state.saved.block.is_none() {
            self.forget_older_time_away();
        }
        self.state.saved.block = Some(block);
        self.state.saved.on_break = None;
        self.leave_check_in();
        self.state.save(fx);
        Ok(Answer::Started { ends })
    }

    fn end_of(&self, length: BlockLength, now: Now) -> Result<BlockEnd, Refusal> {
        Ok(match length {
            BlockLength::Minutes(minutes) => BlockEnd::At(later(now.utc, minutes, now)),
            BlockLength::UntilTime(time) => BlockEnd::At(self.today_at(time, now).ok_or(Refusal::TimeIsPast(time))?),
            BlockLength::UntilCheckIn => BlockEnd::CheckIn(self.next_today(now).ok_or(Refusal::NoCheckInLeft)?),
            BlockLength::Open => BlockEnd::Open,
            BlockLength::Usual => return self.end_of(self.usual_length(now), now),
        })
    }

    /// The user goes on to something else: what was handed over stays held, and is not told of again.
    fn leave_check_in(&mut self) {
        self.state.saved.checking_in = false;
        self.state.saved.is_worked_off = false;
        self.state.saved.handed_over = None;
        self.state.saved.owes_digest = false;
        self.state.saved.ended = None;
        self.drop_told_quiet();
        self.state.saved.where_were_you = None;
    }

    fn remember_intention(&mut self, intention: Option<&str>) {
        let Some(new) = intention else { return };
        let others = self.state.saved.intentions.iter().filter(|known| *known != new).take(INTENTIONS - 1);
        self.state.saved.intentions =
            std::iter::once(new).chain(others.map(String::as_str)).map(str::to_owned).collect();
    }

    /// When local clocks show this time today, if that is still to come: where it comes twice, the first that is.
    pub(super) fn today_at(&self, time: NaiveTime, now: Now) -> Option<DateTime<Utc>> {
        let today = self.day(now.utc);
        self.zone.instants(today.and_time(time)).into_iter().find(|at| *at > now.utc)
    }

    pub(super) fn next_today(&self, now: Now) -> Option<DateTime<Utc>> {
        self.next_check_in(now).filter(|at| self.day(*at) == self.day(now.utc))
    }

    /// When a block ends that was to last until this check-in, and the plan is another: at the next one, or, where none is
    /// left today, when it would have ended.
    pub(super) fn until_check_in(&self, before: DateTime<Utc>, now: Now) -> BlockEnd {
        self.next_today(now).map_or(BlockEnd::At(before), BlockEnd::CheckIn)
    }

    pub(super) fn extend(&mut self, minutes: u32, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        let none = self.no_block();
        let block = self.state.saved.block.as_mut().ok_or(none)?;
        let before = block.ends_at().ok_or(Refusal::NoLength)?;
        let most = (now.utc + Duration::minutes(BLOCK_MINUTES) - before).num_minutes();
        if i64::from(minutes) > most {
            return Err(Refusal::TooLong { most: u32::try_from(most).unwrap_or_default() });
        }
        let ends = later(before, minutes, now);
        block.end = BlockEnd::At(ends);
        self.state.save(fx);
        Ok(Answer::Extended { ends })
    }

    pub(super) fn end(&mut self, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        if self.state.saved.block.is_none() {
            return Err(self.no_block());
        }
        let held = self.state.ledger.held;
        self.end_block(EndedBy::Hand, now, fx);
        Ok(Answer::Ended { held })
    }

    fn no_block(&self) -> Refusal {
        let pause = self.state.saved.on_break.as_ref();
        pause.map_or(Refusal::NoBlock, |pause| Refusal::OnBreak(pause.ends))
    }

    pub(super) fn toggle(&mut self, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        if !self.is_closed() {
            return self.start(BlockLength::Usual, None, now, fx);
        }
        let held = self.state.ledger.held;
        self.session.forget_inhibitors();
        self.forget_quiet();
        if self.state.saved.block.is_none() {
            self.state.save(fx);
            return Ok(Answer::Opened { held });
        }
        self.end_block(EndedBy::Toggle, now, fx);
        Ok(Answer::Ended { held })
    }

    /// The block that runs is over; after the break the user is asked whether they go on with it.
    pub(super) fn take_break(&mut self, minutes: u32, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let held = self.state.ledger.held;
        let ended = self.state.saved.ended.take().and_then(|ended| ended.intention);
        let before = self.state.saved.on_break.take().and_then(|before| before.intention);
        let of_block = self.state.saved.block.as_ref().map(|block| block.intention.clone());
        let ends = later(now.utc, minutes, now);
        let intention = of_block.unwrap_or_else(|| ended.or(before));
        self.state.saved.on_break = Some(Break { intention, started: now.utc, ends });
        if self.state.saved.block.is_some() {
            self.end_block(EndedBy::Break, now, fx);
        } else {
            self.state.save(fx);
        }
        Answer::OnBreak { ends, held }
    }

    /// The same in the window: what says it on the screen goes too.
    pub(super) fn see_end(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> Answer {
        if self.state.saved.ended.is_some() {
            self.take_notice_down(rows, now, fx);
        }
        self.saw_end(fx)
    }

    /// The user has seen that something is over.
    pub(super) fn saw_end(&mut self, fx: &mut Vec<Effect>) -> Answer {
        if self.state.saved.ended.take().is_some() {
            self.state.save(fx);
        }
        Answer::Seen
    }

    fn end_block(&mut self, by: EndedBy, now: Now, fx: &mut Vec<Effect>) {
        if let Some(block) = self.state.saved.block.take() {
            self.remember_block(&block, now.utc, by, fx);
        }
        self.leave_block(now, fx);
    }

    /// The digest follows at once if a check-in fell inside.
    fn leave_block(&mut self, now: Now, fx: &mut Vec<Effect>) {
        self.session.let_through.clear();
        if self.state.saved.ready_since.is_some() {
            self.hand_over(CheckInBy::BlockEnd, now, fx);
        } else {
            self.state.save(fx);
        }
    }

    /// By itself, so that the user is told: by the digest, if that comes now, else by a notice.
    pub(super) fn block_is_over(&mut self, now: Now, fx: &mut Vec<Effect>) {
        let Some(block) = self.state.saved.block.take() else { return };
        // Somebody may have set the clock beyond a check-in that it was to last until.
        let ended = block.ends_at().unwrap_or(now.utc).max(block.started);
        self.remember_block(&block, ended, EndedBy::Itself, fx);
        let Block { intention, started, left_out, .. } = block;
        let left_out = OnDay::sum(&left_out);
        self.is_over(Ended { what: Stretch::Block, intention, started, ended, left_out, is_told: false }, fx);
        self.leave_block(now, fx);
    }

    pub(super) fn break_is_over(&mut self, fx: &mut Vec<Effect>) {
        let Some(Break { intention, started, ends: ended }) = self.state.saved.on_break.take() else { return };
        let (what, left_out) = (Stretch::Break, Duration::zero());
        self.is_over(Ended { what, intention, started, ended, left_out, is_told: false }, fx);
    }

    fn is_over(&mut self, ended: Ended, fx: &mut Vec<Effect>) {
        let is_told = !self.settings.blocks.tells_the_end;
        self.state.saved.ended = Some(Ended { is_told, ..ended });
        self.session.under_way.take_if(|told| told.of == Owed::End);
        self.session.under_way.iter_mut().for_each(|told| told.the_end = false);
        self.state.save(fx);
    }

    /// What is said of what has ended.
    pub(super) fn digest_of_the_end(&self, now: Now) -> Option<Digest> {
        let ended = self.state.saved.ended.clone().filter(|ended| !ended.is_told)?;
        Some(Digest { occasion: Occasion::IsOver(ended), ..self.digest_of(self.running_books(), 0, false, now) })
    }

    /// Its notice is in the store like any other; whether one was owed.
    pub(super) fn end_is_told(&mut self) -> bool {
        let owed = self.state.saved.ended.as_mut().filter(|ended| !ended.is_told);
        owed.map(|ended| ended.is_told = true).is_some()
    }

    /// For good in the store; in the state, those of an earlier day are forgotten, and the time of earlier weeks.
    fn remember_block(&mut self, block: &Block, ended: DateTime<Utc>, by: EndedBy, fx: &mut Vec<Effect>) {
        let past = PastBlock {
            intention: block.intention.clone(),
            started: block.started,
            ended,
            planned: block.ends_at(),
            left_out: OnDay::sum(&block.left_out),
            ended_by: by,
        };
        fx.push(Effect::Store(Write::BlockEnded(Box::new(past.clone()))));
        let day = self.day(ended);
        let today: Vec<_> = self.state.saved.past_blocks.iter().filter(|past| self.day(past.ended) == day).collect();
        let kept = today.len().saturating_sub(PAST_BLOCKS - 1);
        self.state.saved.past_blocks = today.into_iter().skip(kept).cloned().chain([past]).collect();
        self.count_deep_work(block, ended);
    }

    /// On each of the local days that it was on, but for what the user left out of it.
    fn count_deep_work(&mut self, block: &Block, ended: DateTime<Utc>) {
        let mut days = self.state.saved.deep_work.to_vec();
        OnDay::add(&mut days, &self.by_day(block.started, ended));
        OnDay::take(&mut days, &block.left_out);
        let first = monday(self.day(ended));
        self.state.saved.deep_work = days.into_iter().filter(|work| work.day >= first).take(DAYS).collect();
    }

    /// How much of a stretch was on each local day, the last one first; what is longer than a week is on the first of seven.
    pub(super) fn by_day(&self, from: DateTime<Utc>, upto: DateTime<Utc>) -> Vec<OnDay> {
        let days = self.day(upto).iter_days().rev().take(DAYS);
        let spent = days.map(|day| {
            let (from, upto) = (self.begin_of(day).max(from), self.begin_of(next(day)).min(upto));
            OnDay { day, length: upto - from }
        });
        let mut spent: Vec<_> = spent.filter(|on| on.length > Duration::zero()).collect();
        let rest = upto - from - OnDay::sum(&spent);
        spent.last_mut().into_iter().for_each(|first| first.length += rest);
        spent
    }

    /// What the user leaves out of a block that is over.
    pub(super) fn take_from_deep_work(&mut self, left_out: &[OnDay]) {
        let mut days = self.state.saved.deep_work.to_vec();
        OnDay::take(&mut days, left_out);
        self.state.saved.deep_work = days.into();
    }

    fn begin_of(&self, day: NaiveDate) -> DateTime<Utc> {
        self.zone.instant(day.and_time(NaiveTime::MIN))
    }

    pub(super) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.zone.local(at).date_naive()
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

/// So many minutes later, at least one; at most a year from now, which every clock and calendar can still say.
fn later(than: DateTime<Utc>, minutes: u32, now: Now) -> DateTime<Utc> {
    let ends = than + Duration::minutes(i64::from(minutes.max(1)));
    ends.min(now.utc + Duration::days(366))
}
