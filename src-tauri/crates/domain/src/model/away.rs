//! Time that the user was away in a block: whether that counts is asked once, when they are back. Must not know how it is
//! seen that somebody is away.

use super::Model;
use super::commands::CommandOutcome;
use crate::command::{Answer, Refusal};
use crate::effect::{Digest, Effect, Occasion, Write};
use crate::focus::{OnDay, TimeAway};
use crate::model::Owed;
use crate::notice::Interruption;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};

impl Model {
    /// How long the user was away in the block that runs, or in the last one, as long as they have not said whether it
    /// counts: until they do, it does.
    #[must_use]
    pub fn time_away(&self) -> Option<Duration> {
        self.state.saved.away.as_ref().map(TimeAway::length)
    }

    /// Who was away for so long is asked.
    pub(super) fn asks_after(&self) -> Option<Duration> {
        self.settings.blocks.away_minutes.map(|minutes| Duration::minutes(minutes.get().into()))
    }

    /// They may have gone before the block began, and come back when it was over.
    pub(super) fn user_is_back(&mut self, length: Duration, now: Now, fx: &mut Vec<Effect>) {
        let Some(asks_after) = self.asks_after().filter(|_| self.failure.is_none()) else { return };
        let Some((of_block, ended, left_out)) = self.last_block(now) else { return };
        let went = now.utc.checked_sub_signed(length).unwrap_or(of_block);
        let inside = ended - went.max(of_block);
        let unanswered = self.state.saved.away.as_ref().filter(|away| away.of_block == of_block);
        let mut days = unanswered.map(|away| away.days.clone()).unwrap_or_default();
        let more = inside.min(ended - of_block - left_out - OnDay::sum(&days));
        if more <= Duration::zero() || inside < asks_after {
            return;
        }
        OnDay::add(&mut days, &self.by_day(ended - more, ended));
        self.state.saved.away = Some(TimeAway { of_block, days, is_told: false });
        self.session.under_way.take_if(|told| told.of == Owed::Away);
        self.session.under_way.iter_mut().for_each(|told| told.the_time_away = false);
        self.state.save(fx);
    }

    /// When it began and ended, or, where it runs, until when it did; and what of it does not count.
    fn last_block(&self, now: Now) -> Option<(DateTime<Utc>, DateTime<Utc>, Duration)> {
        if let Some(block) = &self.state.saved.block {
            return Some((block.started, now.utc, OnDay::sum(&block.left_out)));
        }
        let over = self.state.saved.past_blocks.last()?;
        Some((over.started, over.ended, over.left_out))
    }

    /// Of the block before the one that begins it can still be answered; of one before that nobody knows any more.
    pub(super) fn forget_older_time_away(&mut self) {
        let saved = &mut self.state.saved;
        if saved.away.as_ref().is_some_and(|away| !saved.last_block_began(away.of_block)) {
            saved.away = None;
        }
    }

    /// By a notice of its own, or by one that tells of something else. Not while a check-in is open: it would take the place
    /// of the digest.
    pub(super) fn owes_time_away(&self) -> bool {
        !self.state.saved.checking_in && self.state.saved.away.as_ref().is_some_and(|away| !away.is_told)
    }

    /// It takes the place of the one that said that the block is over, and so says that again.
    pub(super) fn digest_of_time_away(&self, now: Now) -> Digest {
        let occasion = match (&self.state.saved.block, &self.state.saved.ended) {
            (None, Some(ended)) => Occasion::IsOver(ended.clone()),
            (block, _) => {
                let of_block = block.as_ref().map(|block| &block.intention);
                let last = self.state.saved.past_blocks.last().map(|block| &block.intention);
                Occasion::WasAway { intention: of_block.or(last).cloned().flatten() }
            }
        };
        Digest { occasion, ..self.digest_of(self.running_books(), 0, false, now) }
    }

    /// Its notice is in the store like any other; whether one was owed.
    pub(super) fn time_away_is_told(&mut self) -> bool {
        let owed = self.state.saved.away.as_mut().filter(|away| !away.is_told);
        owed.map(|away| away.is_told = true).is_some()
    }

    /// Not by a press on the notice, so that this leaves the screen too, if it asks nothing else.
    pub(super) fn count_time_away(
        &mut self,
        counts: bool,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let answer = self.answer_time_away(counts, fx)?;
        if self.session.told_last == Some(Owed::Away) && self.state.saved.ended.is_none() {
            self.take_notice_down(rows, now, fx);
        }
        Ok(answer)
    }

    pub(super) fn answer_time_away(&mut self, counts: bool, fx: &mut Vec<Effect>) -> CommandOutcome {
        let away = self.state.saved.away.take().ok_or(Refusal::NoTimeAway)?;
        if !counts {
            self.leave_out(&away, fx);
        }
        self.state.save(fx);
        Ok(Answer::TimeAway { length: away.length(), counts })
    }

    /// The block keeps its end; its time counts less.
    fn leave_out(&mut self, away: &TimeAway, fx: &mut Vec<Effect>) {
        if let Some(block) = self.state.saved.block.as_mut().filter(|block| block.started == away.of_block) {
            OnDay::add(&mut block.left_out, &away.days);
            return;
        }
        let (of_block, length) = (away.of_block, away.length());
        self.state.saved.leave_out_of_past_block(of_block, length);
        self.take_from_deep_work(&away.days);
        fx.push(Effect::Store(Write::LeftOut { of_block, length }));
    }
}
