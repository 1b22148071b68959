//! Senders of rows from before a restart, until the bus has said who is there at all: most have left, and there may be as
//! many as there are rows, so one question is asked for all of them. Must not know what is sent to them.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Those that are looked for.
#[derive(Default)]
pub(super) struct Sought {
    /// The serial of the question.
    question: Option<u32>,
    names: BTreeSet<Arc<str>>,
}

impl Sought {
    /// These too. Whether the bus is to be asked now.
    pub(super) fn add(&mut self, names: impl IntoIterator<Item = Arc<str>>) -> bool {
        self.names.extend(names);
        !self.names.is_empty() && self.question.is_none()
    }

    pub(super) fn asked(&mut self, serial: u32) {
        self.question = Some(serial);
    }

    /// Whether this is the serial of the question.
    pub(super) fn is_answer(&self, serial: u32) -> bool {
        self.question == Some(serial)
    }

    /// Those of them that are there. Nobody is looked for any more.
    pub(super) fn found(&mut self, there: &[&str]) -> Vec<Arc<str>> {
        let Self { names, .. } = std::mem::take(self);
        there.iter().filter_map(|name| names.get(*name).cloned()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Arc<str>> {
        names.iter().map(|name| Arc::from(*name)).collect()
    }

    #[test]
    fn one_question_is_asked_for_all_and_whoever_is_added_meanwhile_is_found_by_it_too() {
        let mut sought = Sought::default();
        assert!(!sought.add(named(&[])), "there is nobody to ask about");
        assert!(sought.add(named(&[":1.1", ":1.2"])));
        sought.asked(7);
        assert!(!sought.add(named(&[":1.3"])), "it is asked already");
        assert_eq!(sought.found(&["org.freedesktop.DBus", ":1.3", ":1.1", ":1.9"]), named(&[":1.3", ":1.1"]));
    }

    #[test]
    fn once_the_bus_has_answered_nobody_is_looked_for_and_the_next_are_asked_about_anew() {
        let mut sought = Sought::default();
        sought.add(named(&[":1.1"]));
        sought.asked(7);
        assert!(sought.is_answer(7) && !sought.is_answer(8) && sought.has(":1.1"));
        assert!(sought.found(&[]).is_empty());
        assert!(!sought.is_answer(7) && !sought.has(":1.1"));
        assert!(sought.add(named(&[":1.2"])));
    }
}
