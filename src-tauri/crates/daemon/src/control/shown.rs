//! What the interface's properties say, as a function of the view, and which of them a new view changes. Must not know the
//! bus.

use tidegate_contract::{EndsWhen, Millis, View};
use zbus::zvariant::Value;

/// The properties. Instants are in seconds since the epoch; 0 stands for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) state: &'static str,
    pub(super) held: u32,
    pub(super) block_ends: i64,
    pub(super) next_check_in: i64,
    pub(super) intention: String,
}

impl Shown {
    pub(super) fn of(view: &View) -> Self {
        let ends = view.block.as_ref().and_then(|block| match block.ends {
            EndsWhen::At { at } | EndsWhen::CheckIn { at } => Some(at),
            EndsWhen::Open => None,
        });
        let intention = view.block.as_ref().and_then(|block| block.intention.clone());
        Self {
            state: state(view),
            held: view.held,
            block_ends: seconds(ends),
            next_check_in: seconds(view.next_check_in),
            intention: intention.unwrap_or_default(),
        }
    }

    /// The properties that are others now, by name.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<(&'static str, Value<'static>)> {
        let mut changes = Vec::new();
        if self.state != before.state {
            changes.push(("State", Value::from(self.state)));
        }
        if self.held != before.held {
            changes.push(("Held", Value::from(self.held)));
        }
        if self.block_ends != before.block_ends {
            changes.push(("BlockEnds", Value::from(self.block_ends)));
        }
        if self.next_check_in != before.next_check_in {
            changes.push(("NextCheckIn", Value::from(self.next_check_in)));
        }
        if self.intention != before.intention {
            changes.push(("Intention", Value::from(self.intention.clone())));
        }
        changes
    }
}

/// Whether two views say the same, whenever and however often they were made.
pub(super) fn same(a: &View, b: &View) -> bool {
    View { revision: b.revision, now: b.now, ..a.clone() } == *b
}

fn state(view: &View) -> &'static str {
    match (view.gate.in_path, view.gate.closed) {
        (false, _) => "away",
        (true, true) => "closed",
        (true, false) => "open",
    }
}

fn seconds(at: Option<Millis>) -> i64 {
    at.map_or(0, |at| at.div_euclid(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{block_view, quiet_view};
    use tidegate_contract::GateView;

    #[test]
    fn only_what_changed_is_told() {
        let (before, after) = (Shown::of(&quiet_view()), Shown::of(&block_view()));
        let names: Vec<_> = after.changes_since(&before).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["State", "Held", "BlockEnds", "Intention"]);
        assert_eq!(after.changes_since(&after), []);
    }

    #[test]
    fn instants_are_seconds_and_none_is_zero() {
        let shown = Shown::of(&View { next_check_in: None, ..block_view() });
        assert_eq!((shown.block_ends, shown.next_check_in), (1_795_427_280, 0));
        assert_eq!((shown.state, shown.held, shown.intention.as_str()), ("closed", 12, "Invoices for October"));
    }

    #[test]
    fn a_gate_out_of_the_path_is_away_whatever_else() {
        let gate = GateView { in_path: false, ..block_view().gate };
        assert_eq!(Shown::of(&View { gate, ..block_view() }).state, "away");
    }

    #[test]
    fn a_view_made_again_says_the_same() {
        let again = View { revision: 9, now: quiet_view().now + 5_000, ..quiet_view() };
        assert!(same(&quiet_view(), &again) && !same(&quiet_view(), &block_view()));
    }
}
