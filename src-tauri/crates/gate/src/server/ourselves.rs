//! Our own connection among all others: its names, and which senders are this very program. Must not know what is sent.

use crate::identity::is_this_process;
use crate::relay_protocol::{Answer, Call, Outcome};
use crate::server::read::NO_REPLY;
use std::sync::Arc;
use tidegate_domain::{CallOutcome, KnownCalls, RendererId, Sender, SentCall};

/// Who we are on which bus.
pub(super) struct Ourselves {
    /// The unique name of our connection.
    pub(super) unique: Arc<str>,
    /// The bus's own id.
    pub(super) bus: Arc<str>,
}

impl Ourselves {
    /// A connection of this bus among those of all sessions.
    pub(super) fn connection(&self, unique: &str) -> Arc<str> {
        crate::names::connection(&self.bus, unique)
    }

    /// Whether this program sent it. The library that it shows its notices with makes a connection for each, so that their
    /// names cannot be known before: the process is.
    pub(super) fn sent(&self, sender: &Sender) -> bool {
        is_this_process(sender.pid, sender.started) && came_after(&sender.name, &self.unique)
    }

    /// Of this bus: another gives the same names out anew.
    pub(super) fn on_this_bus(&self, senders: Vec<Sender>) -> impl Iterator<Item = Arc<str>> {
        senders.into_iter().filter(|sender| sender.bus == self.bus).map(|sender| sender.name)
    }

    /// What the relay knows of calls, ours and earlier gates', to the renderer.
    pub(super) fn known_calls(&self, answered: Vec<Answer>, waiting: Vec<Call>, watched: &[String]) -> KnownCalls {
        let waiting = waiting.into_iter().map(|call| self.sent_call(call, CallOutcome::Waiting));
        let calls = answered.into_iter().map(|answer| self.answered_call(answer)).chain(waiting).collect();
        KnownCalls { calls, watched: watched.iter().map(|unique| self.connection(unique)).collect() }
    }

    /// What became of one.
    pub(super) fn answered_call(&self, answer: Answer) -> SentCall {
        let outcome = match answer.outcome {
            Outcome::Shown(id) => CallOutcome::Shown(RendererId(id)),
            Outcome::Error(error) if error == NO_REPLY => CallOutcome::Left,
            Outcome::Error(error) => CallOutcome::Refused(error),
        };
        self.sent_call(answer.call, outcome)
    }

    fn sent_call(&self, call: Call, outcome: CallOutcome) -> SentCall {
        SentCall { gate: self.connection(&call.caller), serial: call.serial, outcome }
    }
}

/// Whether a connection came to the bus after another: unique names count up. One that was made before ours may be that of
/// whatever this process was before it became the daemon.
fn came_after(name: &str, ours: &str) -> bool {
    let number = |name: &str| {
        let (major, minor) = name.strip_prefix(':')?.split_once('.')?;
        Some((major.parse::<u64>().ok()?, minor.parse::<u64>().ok()?))
    };
    number(name).zip(number(ours)).is_some_and(|(theirs, ours)| theirs > ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Process;

    fn ourselves() -> Ourselves {
        Ourselves { unique: ":1.7".into(), bus: "bus".into() }
    }

    #[test]
    fn check_50_a_connection_from_before_ours_is_not_our_own() {
        assert!(came_after(":1.8", ":1.7") && came_after(":1.10", ":1.9") && came_after(":2.0", ":1.9"));
        for earlier in [":1.7", ":1.6", ":0.99", "org.example.Name", ":1.x", ""] {
            assert!(!came_after(earlier, ":1.7"), "{earlier}");
        }
    }

    #[test]
    fn check_50_only_this_process_as_it_was_started_is_our_own() {
        let pid = std::process::id();
        let started = Process::read(pid).started;
        let sender = |pid, started| Sender { bus: "bus".into(), name: ":1.8".into(), pid, started };
        assert!(ourselves().sent(&sender(pid, started)));
        assert!(!ourselves().sent(&sender(pid, started + 1)), "another process had the number before");
        assert!(!ourselves().sent(&sender(1, started)) && !ourselves().sent(&sender(0, 0)));
    }

    #[test]
    fn senders_of_another_bus_are_not_looked_for_on_this_one() {
        let sender = |bus: &str, name: &str| Sender { bus: bus.into(), name: name.into(), pid: 1, started: 1 };
        let rows = vec![sender("bus", ":1.1"), sender("earlier", ":1.2"), sender("bus", ":1.3")];
        assert!(ourselves().on_this_bus(rows).eq([Arc::from(":1.1"), Arc::from(":1.3")]));
    }

    #[test]
    fn what_the_relay_knows_of_calls_says_which_gate_made_them_and_what_became_of_them() {
        let call = |caller: &str, serial| Call { caller: caller.into(), serial };
        let answer = |serial, outcome| Answer { call: call(":1.5", serial), outcome };
        let answered = vec![
            answer(1, Outcome::Shown(40)),
            answer(2, Outcome::Error(NO_REPLY.into())),
            answer(3, Outcome::Error("org.example.Error.No".into())),
        ];
        let known = ourselves().known_calls(answered, vec![call(":1.6", 4)], &[":1.5".to_owned()]);
        let sent = |gate: &str, serial, outcome| SentCall { gate: gate.into(), serial, outcome };
        assert_eq!(
            known.calls,
            [
                sent("bus/:1.5", 1, CallOutcome::Shown(RendererId(40))),
                sent("bus/:1.5", 2, CallOutcome::Left),
                sent("bus/:1.5", 3, CallOutcome::Refused("org.example.Error.No".into())),
                sent("bus/:1.6", 4, CallOutcome::Waiting),
            ]
        );
        assert!(known.watched.iter().map(|gate| &**gate).eq(["bus/:1.5"]));
    }
}
