//! Everything that happens at an instant, in one list: when the model wants to be woken, what that wake-up is for, and what
//! a set clock moves. Must not know what follows from any of it.

use super::{Bulk, Model};
use crate::effect::{Effect, Write};
use crate::focus::Block;
use crate::ledger::CheckInBy;
use crate::query::{Found, Lookups, Query};
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};

/// The two clocks drift apart by less than this between two events unless somebody sets one.
const CLOCK_SLACK_SECONDS: i64 = 2;

macro_rules! timers {
    ($($(#[$meaning:meta])* $timer:ident,)*) => {
        /// What happens at an instant, in the order in which what is due at the same time happens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Timer {
            $($(#[$meaning])* $timer,)*
        }

        impl Timer {
            /// All of them.
            const ALL: &[Self] = &[$(Self::$timer,)*];
        }
    };
}

timers! {
    /// A command on many rows goes on.
    Bulk,
    /// A notice of ours leaves the screen that tells of nothing any more.
    OutdatedNotice,
    /// A row runs out of time.
    RowIsDue,
    /// A snoozed row comes back.
    SnoozeIsOver,
    /// The next one of a release may go to the renderer.
    Release,
    /// A check-in, skipped or not: a skipped one still has to be ticked off.
    CheckIn,
    /// A block ends.
    BlockIsOver,
    /// A break ends.
    BreakIsOver,
    /// A check-in has waited for the block's end for long enough.
    ReadyForLong,
}

impl Model {
    /// When [`crate::Event::Wake`] is wanted next; `None`: only when something else happens.
    #[must_use]
    pub fn next_wakeup(&self, now: Now) -> Option<DateTime<Utc>> {
        Timer::ALL.iter().filter_map(|timer| self.instant_of(*timer, now)).min()
    }

    fn is_due(&self, timer: Timer, now: Now) -> bool {
        self.instant_of(timer, now).is_some_and(|at| at <= now.utc)
    }

    /// Of those that are due and work on rows, the first one's question: one at a time, for the next may be about the same
    /// rows.
    pub(super) fn query_of_wake(&self, now: Now) -> Option<Query> {
        let due = Timer::ALL.iter().filter(|timer| self.is_due(**timer, now));
        due.filter_map(|timer| self.query_of(*timer, now)).next()
    }

    /// While the store has failed, nothing.
    fn instant_of(&self, timer: Timer, now: Now) -> Option<DateTime<Utc>> {
        if self.failure.is_some() {
            return None;
        }
        let saved = &self.state.saved;
        match timer {
            Timer::Bulk => self.owes_work().then_some(now.utc),
            // Without a renderer nobody could take it down.
            Timer::OutdatedNotice => saved.outdated_notice.filter(|_| self.session.renderer.is_some()).map(|_| now.utc),
            Timer::RowIsDue => self.state.next_due,
            Timer::SnoozeIsOver => self.state.next_snoozed,
            Timer::Release => self.next_release(now),
            Timer::CheckIn => self.next_plan(now),
            Timer::BlockIsOver => saved.block.as_ref().and_then(Block::ends_at),
            Timer::BreakIsOver => saved.on_break.as_ref().map(|pause| pause.ends),
            Timer::ReadyForLong => self.latest_digest(),
        }
    }

    /// What a timer that is due has to know of the rows.
    fn query_of(&self, timer: Timer, now: Now) -> Option<Query> {
        match timer {
            Timer::Bulk => self.state.saved.bulks.front().map(Bulk::query),
            Timer::OutdatedNotice => self.state.saved.outdated_notice.map(Query::Id),
            Timer::RowIsDue => Some(Query::Due(now.utc)),
            Timer::SnoozeIsOver => Some(Query::Snoozed(now.utc)),
            Timer::Release => self.release_query(now),
            Timer::CheckIn | Timer::BlockIsOver | Timer::BreakIsOver | Timer::ReadyForLong => None,
        }
    }

    pub(super) fn wake(&mut self, lookups: Lookups, now: Now, fx: &mut Vec<Effect>) {
        for (query, found) in lookups.0 {
            self.work_on(&query, found, now, fx);
        }
        for timer in Timer::ALL {
            if self.is_due(*timer, now) {
                self.is_time(*timer, now, fx);
            }
        }
    }

    /// What a timer's question has brought.
    fn work_on(&mut self, query: &Query, found: Found, now: Now, fx: &mut Vec<Effect>) {
        match query {
            Query::Due(_) => self.run_out(found, now, fx),
            Query::Snoozed(_) => self.come_back(found, fx),
            Query::HeldPage(_) | Query::DonePage { .. } | Query::LaterPage { .. } => self.bulk_page(found.rows, fx),
            Query::Seqs(_) | Query::NextHeld(_) => self.release_next(query, found.rows, fx),
            Query::Id(_) => self.take_outdated_notice_down(found.rows, now, fx),
            Query::Ids(_)
            | Query::StackTag { .. }
            | Query::Sending { .. }
            | Query::ShownAs(_)
            | Query::Unanswered { .. }
            | Query::ShownByOthers { .. } => {}
        }
    }

    fn is_time(&mut self, timer: Timer, now: Now, fx: &mut Vec<Effect>) {
        match timer {
            Timer::CheckIn => self.check_in_if_due(now, fx),
            Timer::BlockIsOver => self.block_is_over(now, fx),
            Timer::BreakIsOver => self.break_is_over(fx),
            Timer::ReadyForLong => self.hand_over(CheckInBy::Wait, now, fx),
            // They work on rows, above; what is left of them is due again.
            Timer::Bulk | Timer::OutdatedNotice | Timer::RowIsDue | Timer::SnoozeIsOver | Timer::Release => {}
        }
    }

    /// How far somebody has set the clock since it was last watched: whole milliseconds, as stores keep instants.
    fn clock_jump(&self, now: Now) -> Duration {
        let jump = self.session.clock_offset.map_or(Duration::zero(), |before| now.offset() - before);
        let drifts = jump.abs() <= Duration::seconds(CLOCK_SLACK_SECONDS);
        if drifts || self.failure.is_some() {
            return Duration::zero();
        }
        Duration::milliseconds(jump.num_milliseconds())
    }

    /// Now, as the clock would show it that all stored instants still go by.
    pub(super) fn before_clock_jump(&self, now: Now) -> Now {
        Now { utc: now.utc - self.clock_jump(now), ..now }
    }

    /// Somebody set the clock: what lasts keeps its length, in the store too and in the rows that it just gave.
    pub(super) fn watch_clock(&mut self, lookups: &mut Lookups, now: Now, fx: &mut Vec<Effect>) {
        let jump = self.clock_jump(now);
        let offset = self.session.clock_offset.unwrap_or_else(|| now.offset());
        self.session.clock_offset = Some(offset + jump);
        if jump.is_zero() {
            return;
        }
        lookups.clock_moved(jump);
        fx.push(Effect::Store(Write::ShiftDue(jump)));
        Timer::ALL.iter().for_each(|timer| self.timer_moved(*timer, jump, now));
        self.others_moved(jump);
        self.state.save(fx);
    }

    fn timer_moved(&mut self, timer: Timer, by: Duration, now: Now) {
        let state = &mut self.state;
        let saved = &mut state.saved;
        let move_on = |at: &mut Option<DateTime<Utc>>| at.iter_mut().for_each(|at| *at += by);
        match timer {
            Timer::Bulk => saved.bulks.iter_mut().for_each(|bulk| bulk.clock_moved(by)),
            // It waits for no instant.
            Timer::OutdatedNotice => {}
            Timer::RowIsDue => move_on(&mut state.next_due),
            Timer::SnoozeIsOver => move_on(&mut state.next_snoozed),
            Timer::Release => move_on(&mut state.release.not_before),
            // Check-ins keep their time of day. Those that come once more by a clock that is set back were not dealt with.
            Timer::CheckIn => saved.last_check_in = saved.last_check_in.min(now.utc),
            Timer::BlockIsOver => saved.block_moved(by),
            Timer::BreakIsOver => saved.on_break.iter_mut().for_each(|pause| pause.clock_moved(by)),
            Timer::ReadyForLong => move_on(&mut saved.ready_since),
        }
    }

    /// Instants at which nothing happens, but which are told of, or until which something can be undone.
    fn others_moved(&mut self, by: Duration) {
        self.state.saved.ended.iter_mut().for_each(|ended| ended.clock_moved(by));
        self.session.out_of_path_since = self.session.out_of_path_since.map(|since| since + by);
        self.state.undo.clock_moved(by);
    }
}
