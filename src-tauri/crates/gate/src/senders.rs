//! Who is on the other end: one entry per connection that ever called, with what the bus and the kernel say of it, and what
//! it sent that is still to be done. One connection's calls keep their order; connections take turns, so that nobody's
//! flood is before what others send. How much may wait is said before it comes here. Must not know what is sent.

mod sought;

use crate::identity::Process;
use sought::Sought;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tidegate_domain::{App, Sender};

/// A sender and its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) sender: Sender,
    pub(crate) process: Process,
}

/// A connection's entry. `J` is what it sent.
struct Entry<J> {
    /// None while the bus is asked.
    known: Option<Arc<Known>>,
    /// What is still to be done, oldest first, each with its weight in bytes.
    waiting: VecDeque<(usize, J)>,
    has_left: bool,
    /// The app that its last notification claimed to be of: whoever closes one says nothing of itself.
    claimed: Option<App>,
}

impl<J> Default for Entry<J> {
    fn default() -> Self {
        Self { known: None, waiting: VecDeque::new(), has_left: false, claimed: None }
    }
}

/// One call whose turn has come.
pub(crate) struct Turn<J> {
    pub(crate) by: Arc<Known>,
    pub(crate) job: J,
    pub(crate) weight: usize,
    /// It was the last one of a connection that has left the bus; its entry is gone.
    pub(crate) was_last: bool,
}

/// All of them, by unique name.
pub(crate) struct Senders<J> {
    entries: BTreeMap<Arc<str>, Entry<J>>,
    questions: BTreeMap<u32, Arc<str>>,
    /// Those that are known and have something waiting, each once, in the order of their turns.
    turns: VecDeque<Arc<str>>,
    sought: Sought,
}

impl<J> Default for Senders<J> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), questions: BTreeMap::new(), turns: VecDeque::new(), sought: Sought::default() }
    }
}

impl<J> Senders<J> {
    /// Takes what a connection sent. True when the bus is to be asked who that is.
    pub(crate) fn admit(&mut self, name: &Arc<str>, weight: usize, job: J) -> bool {
        let is_new = !self.entries.contains_key(name);
        let entry = self.entries.entry(name.clone()).or_default();
        if entry.known.is_some() && entry.waiting.is_empty() {
            self.turns.push_back(name.clone());
        }
        entry.waiting.push_back((weight, job));
        is_new
    }

    /// The next call, if it weighs no more than there is room for.
    pub(crate) fn next(&mut self, room: usize) -> Option<Turn<J>> {
        let name = self.turns.front()?;
        let entry = self.entries.get_mut(name)?;
        let by = entry.known.clone()?;
        let (weight, job) = entry.waiting.pop_front_if(|(weight, _)| *weight <= room)?;
        let (is_empty, has_left) = (entry.waiting.is_empty(), entry.has_left);
        let name = self.turns.pop_front()?;
        let was_last = is_empty && has_left;
        if was_last {
            self.entries.remove(&name);
        } else if !is_empty {
            self.turns.push_back(name);
        }
        Some(Turn { by, job, weight, was_last })
    }

    /// Looks for senders from before a restart. Whether the bus is to be asked who is there at all.
    pub(crate) fn seek(&mut self, names: impl IntoIterator<Item = Arc<str>>) -> bool {
        self.sought.add(names)
    }

    /// It was asked so, with this serial.
    pub(crate) fn asked_who_is_there(&mut self, serial: u32) {
        self.sought.asked(serial);
    }

    /// Whether this is the serial of that question.
    pub(crate) fn are_those_there(&self, serial: u32) -> bool {
        self.sought.is_answer(serial)
    }

    /// Those are there: of whom of the sought ones the bus is to be asked who it is. The others are looked for no more.
    pub(crate) fn found(&mut self, there: &[&str]) -> Vec<Arc<str>> {
        let found = self.sought.found(there);
        found.into_iter().filter(|name| self.ask_again(name)).collect()
    }

    /// A sender from before a restart: asked about without a call. False when it is known or asked already.
    fn ask_again(&mut self, name: &Arc<str>) -> bool {
        let is_new = !self.entries.contains_key(name);
        self.entries.entry(name.clone()).or_default();
        is_new
    }

    pub(crate) fn asked(&mut self, serial: u32, name: Arc<str>) {
        self.questions.insert(serial, name);
    }

    /// Whose credentials the answer with this serial tells.
    pub(crate) fn answered(&mut self, serial: u32) -> Option<Arc<str>> {
        self.questions.remove(&serial)
    }

    /// Who it is: what it sent has its turn from now on. False when it sent nothing.
    pub(crate) fn know(&mut self, known: Known) -> bool {
        let name = known.sender.name.clone();
        let entry = self.entries.entry(name.clone()).or_default();
        entry.known = Some(Arc::new(known));
        let has_sent = !entry.waiting.is_empty();
        if has_sent {
            self.turns.push_back(name);
        }
        has_sent
    }

    /// Its process is not what it was any more: nothing is concluded from it, now and later.
    pub(crate) fn distrust(&mut self, known: &Known) -> Arc<Known> {
        let known = Arc::new(Known { sender: known.sender.clone(), process: known.process.distrusted() });
        if let Some(entry) = self.entries.get_mut(&known.sender.name) {
            entry.known = Some(known.clone());
        }
        known
    }

    /// Keeps what a connection says of itself, as far as that is a claim.
    pub(crate) fn claims(&mut self, name: &str, app: &App) {
        if let Some(entry) = self.entries.get_mut(name) {
            entry.claimed = app.proof.is_claim().then(|| app.clone());
        }
    }

    /// The app of a connection that says nothing of itself now.
    pub(crate) fn app_of(&self, known: &Known) -> Option<App> {
        let claimed = || self.entries.get(&known.sender.name)?.claimed.clone();
        claimed().or_else(|| known.process.proven_app())
    }

    /// It has left the bus. What it sent is still done: true when nothing was left to do, and its entry is gone.
    pub(crate) fn left(&mut self, name: &str) -> bool {
        let Some(entry) = self.entries.get_mut(name) else { return false };
        entry.has_left = true;
        let is_over = entry.known.is_some() && entry.waiting.is_empty();
        if is_over {
            self.entries.remove(name);
        }
        is_over
    }

    /// Whether it has left before it was known.
    pub(crate) fn has_left(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.has_left)
    }

    /// Whether the bus has said all that it was asked about this one: who is asked about is nobody for sure yet.
    pub(crate) fn is_found(&self, name: &str) -> bool {
        !self.sought.has(name) && self.entries.get(name).is_none_or(|entry| entry.known.is_some())
    }

    /// Whether it is still the same: bus, name, process and its start all agree.
    pub(crate) fn is_same(&self, sender: &Sender) -> bool {
        let known = self.entries.get(&sender.name).and_then(|entry| entry.known.as_ref());
        known.is_some_and(|known| known.sender == *sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_domain::Proof;

    const ROOM: usize = usize::MAX;

    fn known(name: &str) -> Known {
        let sender = Sender { bus: "bus".into(), name: name.into(), pid: 1, started: 2 };
        Known { sender, process: Process::default() }
    }

    /// Connections of these names, known.
    fn of(names: [&str; 2]) -> Senders<u32> {
        let mut senders = Senders::default();
        for name in names {
            assert!(senders.ask_again(&name.into()));
            assert!(!senders.know(known(name)));
        }
        senders
    }

    fn done(senders: &mut Senders<u32>, room: usize) -> Vec<u32> {
        std::iter::from_fn(|| senders.next(room).map(|turn| turn.job)).collect()
    }

    #[test]
    fn check_51_connections_take_turns_and_each_keeps_its_order() {
        let mut senders = of([":1.1", ":1.2"]);
        for job in [10, 11, 12, 13] {
            assert!(!senders.admit(&":1.1".into(), 1, job));
        }
        senders.admit(&":1.2".into(), 1, 20);
        senders.admit(&":1.2".into(), 1, 21);
        assert_eq!(done(&mut senders, ROOM), [10, 20, 11, 21, 12, 13]);
    }

    #[test]
    fn what_is_sent_waits_until_it_is_known_who_sends() {
        let mut senders = Senders::default();
        let name: Arc<str> = ":1.1".into();
        assert!(senders.admit(&name, 1, 1), "the bus is asked once");
        assert!(!senders.admit(&name, 1, 2));
        senders.asked(7, name.clone());
        assert!(!senders.is_found(&name) && done(&mut senders, ROOM).is_empty());
        assert_eq!((senders.answered(7), senders.answered(7)), (Some(name.clone()), None));
        assert!(senders.know(known(&name)));
        assert!(senders.is_found(&name) && senders.is_same(&known(&name).sender));
        assert_eq!(done(&mut senders, ROOM), [1, 2]);
    }

    #[test]
    fn check_50_a_connection_whose_process_has_changed_is_not_trusted_again() {
        let _socket = std::os::unix::net::UnixStream::pair().unwrap();
        let mut senders = of([":1.1", ":1.2"]);
        let process = Process::read(std::process::id());
        senders.know(Known { process, ..known(":1.1") });
        senders.admit(&":1.1".into(), 1, 1);
        senders.admit(&":1.1".into(), 1, 2);
        let first = senders.next(ROOM).unwrap().by;
        let proof = |known: &Known| known.process.app("Claimed", None).proof;
        assert_eq!(proof(&first), Proof::Executable);
        assert_eq!(proof(&senders.distrust(&first)), Proof::Name);
        assert_eq!(proof(&senders.next(ROOM).unwrap().by), Proof::Name);
        assert!(senders.is_same(&known(":1.1").sender), "it is still whom its signals are for");
    }

    #[test]
    fn what_does_not_fit_waits_at_the_head_of_its_turn() {
        let mut senders = of([":1.1", ":1.2"]);
        senders.admit(&":1.1".into(), 100, 1);
        senders.admit(&":1.2".into(), 1, 2);
        assert!(done(&mut senders, 99).is_empty());
        assert_eq!(done(&mut senders, 100), [1, 2]);
    }

    #[test]
    fn one_that_left_is_forgotten_after_its_last_call() {
        let mut senders = of([":1.1", ":1.2"]);
        senders.admit(&":1.1".into(), 1, 1);
        senders.admit(&":1.1".into(), 1, 2);
        assert!(senders.left(":1.2") && !senders.left(":1.2"));
        assert!(!senders.left(":1.1"));
        let last: Vec<_> = std::iter::from_fn(|| senders.next(ROOM).map(|turn| turn.was_last)).collect();
        assert_eq!(last, [false, true]);
        assert!(senders.entries.is_empty() && senders.turns.is_empty());
    }

    #[test]
    fn one_that_left_before_it_was_known_is_forgotten_once_it_is() {
        let mut senders = Senders::default();
        let name: Arc<str> = ":1.1".into();
        senders.admit(&name, 1, 1);
        assert!(!senders.left(&name) && senders.has_left(&name));
        assert!(senders.know(known(&name)));
        assert!(senders.next(ROOM).unwrap().was_last && senders.entries.is_empty());
        senders.ask_again(&name);
        assert!(!senders.left(&name) && !senders.know(known(&name)));
        assert!(senders.has_left(&name) && senders.left(&name) && senders.entries.is_empty());
    }

    #[test]
    fn of_those_that_are_sought_the_ones_that_are_there_are_asked_about_once() {
        let mut senders: Senders<u32> = Senders::default();
        senders.admit(&":1.1".into(), 1, 1);
        assert!(senders.seek([":1.1".into(), ":1.2".into(), ":1.3".into()]));
        senders.asked_who_is_there(5);
        assert!(!senders.is_found(":1.3") && senders.is_found(":1.4"));
        assert!(senders.are_those_there(5));
        assert_eq!(senders.found(&[":1.1", ":1.2", ":1.4"]), [Arc::from(":1.2")], "the first is being asked already");
        assert!(senders.is_found(":1.3") && !senders.is_same(&known(":1.3").sender), "it has left");
        assert!(!senders.is_found(":1.2"), "it is there, and the bus is still to say who it is");
        assert!(!senders.know(known(":1.2")));
        assert!(senders.is_found(":1.2") && senders.is_same(&known(":1.2").sender));
    }

    #[test]
    fn whose_credentials_never_come_has_nothing_done_and_keeps_nobody_waiting() {
        let mut senders = of([":1.1", ":1.2"]);
        senders.admit(&":1.9".into(), 1, 90);
        senders.admit(&":1.1".into(), 1, 10);
        senders.admit(&":1.9".into(), 1, 91);
        senders.admit(&":1.2".into(), 1, 20);
        assert_eq!(done(&mut senders, ROOM), [10, 20]);
        senders.know(known(":1.9"));
        assert_eq!(done(&mut senders, ROOM), [90, 91]);
    }

    #[test]
    fn another_process_behind_the_same_name_is_not_the_same_sender() {
        let senders = of([":1.1", ":1.2"]);
        let it = known(":1.1").sender;
        assert!(senders.is_same(&it));
        for other in [
            Sender { pid: 9, ..it.clone() },
            Sender { started: 9, ..it.clone() },
            Sender { bus: "earlier".into(), ..it.clone() },
            Sender { name: ":1.3".into(), ..it },
        ] {
            assert!(!senders.is_same(&other), "{other:?}");
        }
    }

    #[test]
    fn who_closes_one_is_of_the_app_that_its_last_notification_claimed() {
        let mut senders = of([":1.1", ":1.2"]);
        let known = known(":1.1");
        assert_eq!(senders.app_of(&known), None, "nothing is known of it");
        let claimed = known.process.app("First", None);
        senders.claims(":1.1", &claimed);
        assert_eq!(senders.app_of(&known), Some(claimed));
        let later = known.process.app("Second", Some("org.example.Second"));
        senders.claims(":1.1", &later);
        assert_eq!(senders.app_of(&known).map(|app| app.id), Some("org.example.Second".into()));
        senders.claims(":1.9", &later);
        assert!(senders.entries.len() == 2, "who has left claims nothing");
    }

    #[test]
    fn an_answer_about_somebody_else_is_not_taken_for_ones_own() {
        let mut senders: Senders<u32> = Senders::default();
        senders.admit(&":1.1".into(), 1, 1);
        senders.admit(&":1.2".into(), 1, 2);
        senders.asked(7, ":1.1".into());
        senders.asked(8, ":1.2".into());
        assert_eq!(senders.answered(9), None);
        assert_eq!(senders.answered(8), Some(":1.2".into()));
        senders.know(known(":1.2"));
        assert_eq!(done(&mut senders, ROOM), [2]);
    }
}
