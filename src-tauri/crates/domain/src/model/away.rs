//! Time that the user was away in a block: whether that counts is asked once, when they are back. Must not know how it is
//! seen that somebody is away.

use super::commands::Outcome;
use super::{Model, OwedDigest};
use crate::command::{Answer, Refusal};
use crate::effect::{Digest, Effect, Occasion};
use crate::event::Rows;
use crate::focus::{Stretch, TimeAway};
use crate::model::Owed;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};

impl Model {
    /// How long the user was away in the block that runs, or in the last one, as long as they have not said whether it
    /// counts: until they do, it does.
    #[must_use]
    pub fn time_away(&self) -> Option<Duration> {
        self.saved.away.map(|away| away.length)
    }

    /// Who was away for so long is asked.
    pub(super) fn away_time(&self) -> Option<std::time::Duration> {
        let minutes = self.settings.blocks.away_minutes?;
        Some(std::time::Duration::from_secs(u64::from(minutes.get()) * 60))
    }

    /// They may have gone before the block began, and come back when it had ended by itself.
    pub(super) fn user_is_back(&mut self, length: Duration, now: Now, fx: &mut Vec<Effect>) {
        let Some(away_time) = self.away_time().filter(|_| self.store_trouble.is_none()) else { return };
        let Some((started, ended)) = self.block_of_now_or_just_ended(now) else { return };
        let went = now.utc.checked_sub_signed(length).unwrap_or(started);
        let inside = ended - went.max(started);
        if inside.to_std().is_err() || inside.to_std().is_ok_and(|inside| inside < away_time) {
            return;
        }
        let unanswered = self.time_away().unwrap_or_default();
        self.saved.away = Some(TimeAway { length: unanswered + inside, is_told: self.saved.checking_in });
        self.under_way.take_if(|told| told.of == Owed::Away);
        self.under_way.iter_mut().for_each(|told| told.the_time_away = false);
        self.save(fx);
    }

    fn block_of_now_or_just_ended(&self, now: Now) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let running = self.saved.block.as_ref().map(|block| (block.started, now.utc));
        let over = self.saved.ended.as_ref().filter(|ended| ended.what == Stretch::Block);
        running.or(over.map(|over| (over.started, over.ended)))
    }

    /// By a notice of its own, or by one that tells of something else. While a check-in is open, the window asks: a notice
    /// would take the place of the digest.
    pub(super) fn owes_time_away(&self) -> bool {
        !self.saved.checking_in && self.saved.away.is_some_and(|away| !away.is_told)
    }

    /// It takes the place of the one that said that the block is over, and so says that again.
    pub(super) fn digest_of_time_away(&self, now: Now) -> Digest {
        let (ledger, since) = self.ledger();
        let books = OwedDigest { ledger, since, absences: Vec::new() };
        let occasion = match (&self.saved.block, &self.saved.ended) {
            (None, Some(ended)) => Occasion::IsOver(ended.clone()),
            (Some(block), _) => Occasion::WasAway { intention: block.intention.clone() },
            (None, None) => {
                let last = self.saved.past_blocks.last();
                Occasion::WasAway { intention: last.and_then(|block| block.intention.clone()) }
            }
        };
        Digest { occasion, ..self.digest_of(books, 0, false, now) }
    }

    /// Its notice is in the store like any other; whether one was owed.
    pub(super) fn time_away_is_told(&mut self) -> bool {
        let owed = self.saved.away.as_mut().filter(|away| !away.is_told);
        owed.map(|away| away.is_told = true).is_some()
    }

    /// Not by a press on the notice, so that this leaves the screen too, unless it says more than that.
    pub(super) fn count_time_away(&mut self, counts: bool, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let answer = self.answer_time_away(counts, fx)?;
        if self.saved.ended.is_none() && !self.saved.checking_in {
            self.take_notice_down(rows, now, fx);
        }
        Ok(answer)
    }

    pub(super) fn answer_time_away(&mut self, counts: bool, fx: &mut Vec<Effect>) -> Outcome {
        let length = self.saved.away.take().ok_or(Refusal::NoTimeAway)?.length;
        if !counts {
            self.leave_out(length);
        }
        self.save(fx);
        Ok(Answer::TimeAway { length, counts })
    }

    /// The block keeps its end; its time counts less.
    fn leave_out(&mut self, length: Duration) {
        if let Some(block) = &mut self.saved.block {
            block.left_out += length;
            return;
        }
        if let Some(ended) = self.saved.ended.as_mut().filter(|ended| ended.what == Stretch::Block) {
            ended.left_out += length;
        }
        self.take_from_deep_work(length);
    }
}
