//! Calls that the engine was given and has not answered: their ids, how much of them there may be at a time, and how long
//! the oldest waits. Each is answered once. Must not know who called, or what an answer is.

use crate::hang_guard::Oldest;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tidegate_domain::CallId;

/// A commit may keep a caller waiting this long; then its notification goes on without the store.
const COMMIT_LIMIT: Duration = Duration::from_millis(500);
/// Calls that the engine may have at a time, and their bytes: what one commit writes takes far less than that limit.
const MOST: usize = 128;
const MOST_BYTES: usize = 4 << 20;

/// `C` is what is needed to answer one.
pub(super) struct Calls<C> {
    last: u64,
    /// In the order in which they were given.
    waiting: BTreeMap<u64, Waiting<C>>,
    bytes: usize,
    told: Option<Instant>,
    oldest: Oldest,
}

struct Waiting<C> {
    call: C,
    since: Instant,
    weight: usize,
}

impl<C> Calls<C> {
    /// `oldest`: where the hang guard looks.
    pub(super) fn new(oldest: Oldest) -> Self {
        Self { last: 0, waiting: BTreeMap::new(), bytes: 0, told: None, oldest }
    }

    /// The engine is given one. Ids are never given out twice.
    pub(super) fn begin(&mut self, call: C, weight: usize, now: Instant) -> CallId {
        self.last += 1;
        self.bytes += weight;
        self.waiting.insert(self.last, Waiting { call, since: now, weight });
        self.show_oldest();
        CallId(self.last)
    }

    /// It has answered this one; none if it had already.
    pub(super) fn answered(&mut self, id: CallId) -> Option<C> {
        let Waiting { call, weight, .. } = self.waiting.remove(&id.0)?;
        self.bytes -= weight;
        self.show_oldest();
        Some(call)
    }

    /// How many bytes more it may be given now; none when it has enough calls. One alone always has room.
    pub(super) fn room(&self) -> Option<usize> {
        match self.waiting.len() {
            0 => Some(usize::MAX),
            calls => (calls < MOST).then(|| MOST_BYTES.saturating_sub(self.bytes)),
        }
    }

    /// When one has waited too long; after that was told, so long again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let since = self.since()?;
        Some(self.told.map_or(since, |told| told.max(since)) + COMMIT_LIMIT)
    }

    /// Whether one has waited too long. Whoever asks tells of it.
    pub(super) fn are_overdue(&mut self, now: Instant) -> bool {
        let is_overdue = self.since().is_some_and(|since| since + COMMIT_LIMIT <= now);
        if is_overdue {
            self.told = Some(now);
        }
        is_overdue
    }

    fn since(&self) -> Option<Instant> {
        self.waiting.values().next().map(|waiting| waiting.since)
    }

    fn show_oldest(&self) {
        self.oldest.set(self.since());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> (Calls<&'static str>, Oldest, Instant) {
        let oldest = Oldest::none();
        (Calls::new(oldest.clone()), oldest, Instant::now())
    }

    #[test]
    fn each_call_is_answered_once_and_by_its_own_id() {
        let (mut calls, _, now) = calls();
        let (first, second) = (calls.begin("first", 1, now), calls.begin("second", 1, now));
        assert_eq!(calls.answered(second), Some("second"));
        assert_eq!(calls.answered(second), None, "an answer that is given twice is nobody's");
        assert_eq!(calls.answered(first), Some("first"));
        assert_eq!(calls.answered(CallId(99)), None, "nobody called with it");
    }

    #[test]
    fn an_id_is_not_given_out_again_once_its_call_is_answered() {
        let (mut calls, _, now) = calls();
        let first = calls.begin("first", 1, now);
        calls.answered(first).unwrap();
        assert_ne!(calls.begin("second", 1, now), first);
        assert_eq!(calls.answered(first), None);
    }

    #[test]
    fn the_engine_has_so_many_calls_at_a_time_and_an_answer_makes_room_for_one_more() {
        let (mut calls, _, now) = calls();
        let ids: Vec<_> = (0..MOST).map(|_| calls.begin("call", 1, now)).collect();
        assert_eq!(calls.room(), None);
        calls.answered(ids[60]).unwrap();
        assert_eq!(calls.room(), Some(MOST_BYTES - (MOST - 1)));
        calls.answered(ids[60]);
        assert_eq!(calls.room(), Some(MOST_BYTES - (MOST - 1)), "a second answer makes none");
    }

    #[test]
    fn one_alone_has_room_whatever_it_weighs_and_the_next_waits_for_it() {
        let (mut calls, _, now) = calls();
        assert_eq!(calls.room(), Some(usize::MAX));
        let heavy = calls.begin("heavy", 2 * MOST_BYTES, now);
        assert_eq!(calls.room(), Some(0));
        calls.answered(heavy).unwrap();
        assert_eq!(calls.room(), Some(usize::MAX));
    }

    #[test]
    fn a_call_is_overdue_from_the_limit_on_and_told_of_again_only_after_as_long() {
        let (mut calls, _, now) = calls();
        assert_eq!((calls.deadline(), calls.are_overdue(now)), (None, false), "nobody waits");
        calls.begin("call", 1, now);
        let due = now + COMMIT_LIMIT;
        assert_eq!(calls.deadline(), Some(due));
        assert!(!calls.are_overdue(due.checked_sub(Duration::from_millis(1)).unwrap()));
        assert_eq!(calls.deadline(), Some(due), "nothing was told");
        assert!(calls.are_overdue(due));
        assert_eq!(calls.deadline(), Some(due + COMMIT_LIMIT));
    }

    #[test]
    fn the_oldest_counts_whatever_is_answered_before_it() {
        let (mut calls, oldest, now) = calls();
        let later = now + Duration::from_millis(100);
        let (first, second) = (calls.begin("first", 1, now), calls.begin("second", 1, later));
        let first_mark = oldest.mark();
        calls.answered(second).unwrap();
        assert_eq!((calls.deadline(), oldest.mark()), (Some(now + COMMIT_LIMIT), first_mark));
        let third = calls.begin("third", 1, later);
        calls.answered(first).unwrap();
        assert_eq!(calls.deadline(), Some(later + COMMIT_LIMIT));
        assert!(oldest.mark() > first_mark, "the hang guard sees the next one");
        calls.answered(third).unwrap();
        assert_eq!((calls.deadline(), oldest.mark()), (None, None), "and then none");
    }

    #[test]
    fn what_was_told_of_an_earlier_call_does_not_make_a_later_one_due_sooner() {
        let (mut calls, _, now) = calls();
        let first = calls.begin("first", 1, now);
        assert!(calls.are_overdue(now + COMMIT_LIMIT));
        calls.answered(first).unwrap();
        let later = now + COMMIT_LIMIT * 4;
        calls.begin("second", 1, later);
        assert_eq!(calls.deadline(), Some(later + COMMIT_LIMIT));
    }
}
