//! What became of the gate's Notify calls, so that a restarted gate learns whether something was shown.
//!
//! Only calls of connections that said Hello are kept: while no gate runs, applications call the renderer themselves,
//! and their calls must not push the gate's out. The first answer counts; some daemons answer twice.

use std::collections::VecDeque;

use crate::protocol::{ANSWERED_KEPT, Answer, Call, Outcome};

/// Gates whose calls are remembered: this one and those before it.
const GATES_KEPT: usize = 8;
/// Calls that may wait for an answer. The gate has one outstanding; a hanging renderer must not make this grow.
const WAITING_KEPT: usize = 256;
/// What the bus, too, tells a caller whose callee left.
const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";

/// Identifies a link, for as long as the relay runs.
pub type LinkId = u64;

/// A connection that said Hello.
#[derive(Debug)]
struct Gate {
    unique: String,
    /// Its calls were kept from the first one on.
    watched: bool,
}

/// The calls that wait and those that were answered.
#[derive(Debug, Default)]
pub struct Answers {
    gates: VecDeque<Gate>,
    waiting: VecDeque<(LinkId, Call)>,
    answered: VecDeque<Answer>,
}

impl Answers {
    /// From now on this connection's calls are kept, unless they are already. `called_before`: some may be missing.
    pub fn add_gate(&mut self, unique: &str, called_before: bool) {
        if !self.is_gate(unique) {
            let gate = Gate { unique: unique.to_owned(), watched: !called_before };
            push_bounded(&mut self.gates, gate, GATES_KEPT);
        }
    }

    /// Whether this connection is one of the gates that are remembered.
    #[must_use]
    pub fn is_gate(&self, unique: &str) -> bool {
        self.gates.iter().any(|gate| gate.unique == unique)
    }

    /// The gates none of whose calls is missing, oldest first.
    #[must_use]
    pub fn watched(&self) -> Vec<String> {
        self.gates.iter().filter(|gate| gate.watched).map(|gate| gate.unique.clone()).collect()
    }

    /// A Notify call went to the daemon of this link.
    pub fn asked(&mut self, link: LinkId, call: Call) {
        if self.is_gate(&call.caller) {
            push_bounded(&mut self.waiting, (link, call), WAITING_KEPT);
        }
    }

    /// The daemon of this link answered a call. Something: it was one that waited.
    pub fn answered(&mut self, link: LinkId, answer: Answer) -> Option<Answer> {
        let waits = |(on, call): &(LinkId, Call)| *on == link && *call == answer.call;
        let found = self.waiting.iter().position(waits)?;
        self.waiting.remove(found)?;
        push_bounded(&mut self.answered, answer.clone(), ANSWERED_KEPT);
        Some(answer)
    }

    /// The daemon of this link will answer no more; what is thereby known.
    pub fn link_ended(&mut self, link: LinkId) -> Vec<Answer> {
        let calls: Vec<Call> =
            self.waiting.iter().filter(|(on, _)| *on == link).map(|(_, call)| call.clone()).collect();
        let answers = calls.into_iter().map(|call| Answer { call, outcome: Outcome::Error(NO_REPLY.to_owned()) });
        answers.filter_map(|answer| self.answered(link, answer)).collect()
    }

    /// Calls that are not answered, oldest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<Call> {
        self.waiting.iter().map(|(_, call)| call.clone()).collect()
    }

    /// What is known, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Answer> {
        self.answered.iter().cloned().collect()
    }
}

/// Adds at the end; what is too many goes from the front.
pub(crate) fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(caller: &str, serial: u32) -> Call {
        Call { caller: caller.into(), serial }
    }

    fn shown(serial: u32, id: u32) -> Answer {
        Answer { call: call(":1.7", serial), outcome: Outcome::Shown(id) }
    }

    fn of_a_gate() -> Answers {
        let mut answers = Answers::default();
        answers.add_gate(":1.7", false);
        answers
    }

    #[test]
    fn the_first_answer_counts() {
        let mut answers = of_a_gate();
        answers.asked(1, call(":1.7", 5));
        assert_eq!(answers.waiting(), [call(":1.7", 5)]);
        assert_eq!(answers.answered(1, shown(5, 11)), Some(shown(5, 11)));
        assert_eq!(answers.answered(1, shown(5, 12)), None);
        assert_eq!((answers.all(), answers.waiting()), (vec![shown(5, 11)], vec![]));
    }

    #[test]
    fn only_gates_are_remembered_and_only_on_the_link_they_asked() {
        let mut answers = of_a_gate();
        answers.asked(1, call(":1.8", 1));
        assert_eq!(answers.waiting(), []);
        answers.asked(1, call(":1.7", 2));
        assert_eq!(answers.answered(2, shown(2, 2)), None);
        assert_eq!(answers.all(), []);
    }

    #[test]
    fn only_gates_whose_calls_were_all_seen_are_watched() {
        let mut answers = of_a_gate();
        answers.add_gate(":1.8", true);
        assert_eq!(answers.watched(), [":1.7"]);
        answers.add_gate(":1.7", true);
        answers.add_gate(":1.8", false);
        assert_eq!(answers.watched(), [":1.7"], "what it said first holds");
        answers.asked(1, call(":1.8", 3));
        assert_eq!(answers.waiting(), [call(":1.8", 3)]);
        (0..GATES_KEPT).for_each(|gate| answers.add_gate(&format!(":2.{gate}"), false));
        assert!(!answers.watched().contains(&":1.7".to_owned()), "one that is forgotten is not watched");
        assert_eq!(answers.watched().len(), GATES_KEPT);
    }

    #[test]
    fn the_last_ones_are_kept() {
        let mut answers = of_a_gate();
        for serial in 0..1000 {
            answers.asked(1, call(":1.7", serial));
            answers.answered(1, shown(serial, serial));
        }
        let serials: Vec<u32> = answers.all().iter().map(|answer| answer.call.serial).collect();
        assert_eq!(serials, (744..1000).collect::<Vec<_>>());
    }

    #[test]
    fn a_renderer_that_never_answers_costs_a_bounded_table() {
        let mut answers = of_a_gate();
        (0..100_000).for_each(|serial| answers.asked(1, call(":1.7", serial)));
        assert_eq!(answers.waiting.len(), WAITING_KEPT);
    }

    #[test]
    fn a_renderer_that_ended_has_answered() {
        let mut answers = of_a_gate();
        answers.asked(1, call(":1.7", 5));
        answers.asked(2, call(":1.7", 6));
        let ended = answers.link_ended(1);
        assert_eq!(ended, [Answer { call: call(":1.7", 5), outcome: Outcome::Error(NO_REPLY.into()) }]);
        assert_eq!((answers.all(), answers.waiting()), (ended, vec![call(":1.7", 6)]));
    }
}
