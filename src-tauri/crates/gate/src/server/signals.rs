//! Signals to senders that cannot leave yet: until the name is ours, and until the bus has said whether their sender is
//! still there. Must not know how a signal is sent, or who is the same.

use tidegate_domain::{Sender, Signal};

/// So many may wait after a start.
const MOST: usize = 4_096;

/// Those that wait, in their order.
#[derive(Default)]
pub(super) struct Signals {
    in_path: bool,
    waiting: Vec<(Sender, Signal)>,
}

impl Signals {
    /// Whether the name is ours: apps listen to its owner only.
    pub(super) fn are_heard(&self) -> bool {
        self.in_path
    }

    pub(super) fn set_in_path(&mut self, in_path: bool) {
        self.in_path = in_path;
    }

    /// Gives a signal back that can leave now; keeps it otherwise, if there is room. `is_found`: it is known who has the
    /// sender's name now.
    pub(super) fn ready(&mut self, to: &Sender, signal: Signal, is_found: bool) -> Option<Signal> {
        if self.in_path && is_found {
            return Some(signal);
        }
        if self.waiting.len() < MOST {
            self.waiting.push((to.clone(), signal));
        }
        None
    }

    /// All that wait: some of them may have to wait on.
    pub(super) fn take_waiting(&mut self) -> Vec<(Sender, Signal)> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_domain::{ClosedReason, NoticeId};

    fn sender(name: &str) -> Sender {
        Sender { bus: "bus".into(), name: name.into(), pid: 1, started: 2 }
    }

    fn closed(id: u32) -> Signal {
        Signal::Closed(NoticeId(id), ClosedReason::Dismissed)
    }

    fn in_path() -> Signals {
        Signals { in_path: true, ..Signals::default() }
    }

    #[test]
    fn a_signal_to_a_known_sender_leaves_at_once_while_the_name_is_ours() {
        let mut signals = in_path();
        assert_eq!(signals.ready(&sender(":1.1"), closed(1), true), Some(closed(1)));
        assert!(signals.take_waiting().is_empty());
    }

    #[test]
    fn nothing_leaves_before_the_name_is_ours_or_after_it_was_lost() {
        let mut signals = Signals::default();
        assert!(!signals.are_heard());
        assert_eq!(signals.ready(&sender(":1.1"), closed(1), true), None);
        signals.set_in_path(true);
        assert!(signals.are_heard());
        signals.set_in_path(false);
        assert_eq!(signals.ready(&sender(":1.1"), closed(2), true), None);
        assert_eq!(signals.take_waiting(), [(sender(":1.1"), closed(1)), (sender(":1.1"), closed(2))]);
    }

    #[test]
    fn what_is_for_somebody_who_is_still_looked_for_waits_and_others_do_not_wait_behind_it() {
        let mut signals = in_path();
        assert_eq!(signals.ready(&sender(":1.1"), closed(1), false), None);
        assert_eq!(signals.ready(&sender(":1.2"), closed(2), true), Some(closed(2)));
        assert_eq!(signals.take_waiting(), [(sender(":1.1"), closed(1))]);
    }

    #[test]
    fn what_waits_and_has_to_wait_on_keeps_its_order() {
        let mut signals = in_path();
        (1..4).for_each(|id| assert_eq!(signals.ready(&sender(":1.1"), closed(id), false), None));
        for (to, signal) in signals.take_waiting() {
            assert_eq!(signals.ready(&to, signal, false), None);
        }
        let waiting: Vec<_> = signals.take_waiting().into_iter().map(|(_, signal)| signal).collect();
        assert_eq!(waiting, [closed(1), closed(2), closed(3)]);
    }

    #[test]
    fn so_many_wait_and_the_oldest_of_them_are_kept() {
        let mut signals = Signals::default();
        (0..).take(MOST + 1).for_each(|id| assert_eq!(signals.ready(&sender(":1.1"), closed(id), true), None));
        let waiting = signals.take_waiting();
        assert_eq!(waiting.len(), MOST);
        assert_eq!(waiting.first().map(|(_, signal)| signal), Some(&closed(0)));
    }
}
