//! For whom a signal is that the renderer sends to everybody.
//!
//! Some daemons tell everybody of a press or an end, by ids of their own. An app that shows something under the same id of
//! the gate's would take it for its own: so while a gate is there, such a signal goes to the one that it is meant for. That
//! is the gate, but for what an app had the renderer show while no gate was there. This file must not know bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::answers::push_bounded;
use crate::protocol::{Answer, Call, Outcome};

/// Calls that may wait for an answer, and ids that are remembered for apps; the oldest go first.
const KEPT: usize = 256;

/// Who had what shown, on one connection of the renderer's.
#[derive(Debug, Default)]
pub struct Addressees {
    gate: Option<Arc<str>>,
    asked: VecDeque<Asked>,
    shown: VecDeque<(u32, String)>,
}

/// A call of Notify that waits for its answer.
#[derive(Debug)]
struct Asked {
    call: Call,
    by_gate: bool,
}

impl Addressees {
    /// The unique name of the gate that is there now.
    pub fn set_gate(&mut self, gate: Option<Arc<str>>) {
        self.gate = gate;
    }

    /// Somebody called Notify.
    pub fn asked(&mut self, call: &Call) {
        let by_gate = self.gate.as_deref() == Some(&call.caller);
        push_bounded(&mut self.asked, Asked { call: call.clone(), by_gate }, KEPT);
    }

    /// The renderer answered a call, maybe of Notify.
    pub fn answered(&mut self, answer: &Answer) {
        let asked = self.asked.iter().position(|asked| asked.call == answer.call);
        let asked = asked.and_then(|at| self.asked.remove(at));
        if let (Some(Asked { call, by_gate }), Outcome::Shown(id)) = (asked, &answer.outcome) {
            self.closed(*id);
            if !by_gate {
                push_bounded(&mut self.shown, (*id, call.caller), KEPT);
            }
        }
    }

    /// Nothing has this id any more.
    pub fn closed(&mut self, id: u32) {
        self.shown.retain(|(known, _)| *known != id);
    }

    /// The unique name of the gate.
    #[must_use]
    pub fn gate(&self) -> Option<&str> {
        self.gate.as_deref()
    }

    /// For whom a signal about this id is; nothing: it stays for everybody.
    #[must_use]
    pub fn of(&self, id: u32) -> Option<&str> {
        let app = self.shown.iter().find(|(known, _)| *known == id).map(|(_, app)| app.as_str());
        self.gate.as_deref().map(|gate| app.unwrap_or(gate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: &str = ":1.7";
    const APP: &str = ":1.9";

    fn show(addressees: &mut Addressees, caller: &str, serial: u32, id: u32) {
        let call = Call { caller: caller.into(), serial };
        addressees.asked(&call);
        addressees.answered(&Answer { call, outcome: Outcome::Shown(id) });
    }

    fn with_gate() -> Addressees {
        let mut addressees = Addressees::default();
        addressees.set_gate(Some(GATE.into()));
        addressees
    }

    #[test]
    fn while_there_is_no_gate_signals_stay_for_everybody() {
        let mut addressees = Addressees::default();
        show(&mut addressees, APP, 1, 5);
        assert_eq!((addressees.of(5), addressees.of(6)), (None, None));
    }

    #[test]
    fn what_an_app_had_shown_without_the_gate_is_for_that_app_and_the_rest_for_the_gate() {
        let mut addressees = Addressees::default();
        show(&mut addressees, APP, 1, 5);
        addressees.set_gate(Some(GATE.into()));
        show(&mut addressees, GATE, 1, 6);
        assert_eq!([5, 6, 7].map(|id| addressees.of(id)), [Some(APP), Some(GATE), Some(GATE)]);
        addressees.closed(5);
        assert_eq!(addressees.of(5), Some(GATE));
    }

    #[test]
    fn an_id_that_is_given_out_anew_is_the_last_ones() {
        let mut addressees = with_gate();
        show(&mut addressees, APP, 1, 5);
        show(&mut addressees, ":1.10", 1, 5);
        assert_eq!(addressees.of(5), Some(":1.10"));
        show(&mut addressees, GATE, 2, 5);
        assert_eq!(addressees.of(5), Some(GATE));
    }

    #[test]
    fn an_answer_to_another_call_says_nothing_of_an_id() {
        let mut addressees = with_gate();
        show(&mut addressees, APP, 1, 5);
        let call = Call { caller: GATE.into(), serial: 9 };
        addressees.answered(&Answer { call, outcome: Outcome::Shown(5) });
        assert_eq!(addressees.of(5), Some(APP));
    }

    #[test]
    fn what_a_gate_had_shown_is_the_next_gates() {
        let mut addressees = with_gate();
        let call = Call { caller: GATE.into(), serial: 1 };
        addressees.asked(&call);
        addressees.set_gate(Some(":1.8".into()));
        addressees.answered(&Answer { call, outcome: Outcome::Shown(5) });
        assert_eq!(addressees.of(5), Some(":1.8"));
    }

    #[test]
    fn a_call_that_is_refused_or_answered_twice_shows_nothing_more() {
        let mut addressees = with_gate();
        let call = Call { caller: APP.into(), serial: 1 };
        addressees.asked(&call);
        addressees.answered(&Answer { call: call.clone(), outcome: Outcome::Error("a.b".into()) });
        addressees.answered(&Answer { call, outcome: Outcome::Shown(5) });
        assert_eq!(addressees.of(5), Some(GATE));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut addressees = with_gate();
        for serial in 0..10_000 {
            show(&mut addressees, APP, serial, serial);
            addressees.asked(&Call { caller: APP.into(), serial: 1_000_000 + serial });
        }
        assert_eq!((addressees.shown.len(), addressees.asked.len()), (KEPT, KEPT));
        assert_eq!((addressees.of(9_999), addressees.of(1)), (Some(APP), Some(GATE)));
    }
}
