//! The ids that senders know interruptions by: they rise, are never 0, and none is given out that is still open. Must not
//! know how far they are reserved in the store.

use crate::notice::{FIRST_ID, NoticeId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gives out ids.
#[derive(Debug, Clone)]
pub(super) struct IdAllocator {
    next: u32,
    /// Ids of open rows that no counter has come to yet: an earlier version let apps bring ids along.
    adopted: Arc<BTreeSet<u32>>,
}

impl IdAllocator {
    /// None at or above `from` was ever given out, but for those `adopted`.
    pub(super) fn new(from: u32, adopted: Vec<u32>) -> Self {
        Self { next: from.max(FIRST_ID), adopted: Arc::new(adopted.into_iter().collect()) }
    }

    pub(super) fn allocate(&mut self) -> NoticeId {
        while self.adopted.contains(&self.next) {
            self.next = after(self.next);
        }
        let id = self.next;
        self.next = after(id);
        NoticeId(id)
    }

    /// The next one, if no adopted one is in its way.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// Whether one may be known to an app.
    pub(super) fn may_be_given_out(&self, id: u32) -> bool {
        (FIRST_ID..self.next).contains(&id) || self.adopted.contains(&id)
    }

    /// What the other has given out is given out.
    pub(super) fn go_on_from(&mut self, other: &Self) {
        self.next = self.next.max(other.next);
        if !other.adopted.is_subset(&self.adopted) {
            Arc::make_mut(&mut self.adopted).extend(other.adopted.iter());
        }
    }
}

fn after(id: u32) -> u32 {
    id.checked_add(1).unwrap_or(FIRST_ID)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_begin_anew_at_the_end_and_leave_out_what_an_earlier_version_let_in() {
        let mut ids = IdAllocator::new(u32::MAX - 1, vec![u32::MAX, FIRST_ID]);
        let given: Vec<_> = (0..3).map(|_| ids.allocate().0).collect();
        assert_eq!(given, [u32::MAX - 1, FIRST_ID + 1, FIRST_ID + 2]);
        assert!(ids.may_be_given_out(u32::MAX) && !ids.may_be_given_out(FIRST_ID + 3));
    }

    #[test]
    fn what_another_has_given_out_is_not_given_out_again() {
        let (mut ids, mut other) = (IdAllocator::new(0, vec![7]), IdAllocator::new(0, vec![FIRST_ID + 1]));
        other.allocate();
        ids.go_on_from(&other);
        assert_eq!(ids.allocate(), NoticeId(FIRST_ID + 2));
        assert!(ids.may_be_given_out(7));
    }
}
