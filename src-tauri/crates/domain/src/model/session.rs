//! What this process has learned of the desktop since it started: no store knows it, and none that fails takes it away. Must
//! not know the rows.

use super::notices::{Owed, UnderWay};
use crate::focus::Inhibitor;
use crate::notice::{NoticeId, Sender, Why};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many let-through ones the view names.
const LET_THROUGH: usize = 20;

/// One that passed during the block, for the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetThrough {
    /// Its id.
    pub id: NoticeId,
    /// Its app's name.
    pub app: Arc<str>,
    /// Its summary.
    pub summary: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: Why,
}

/// Who is there, who asks for quiet, how the path and the renderer are.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// The gate's own connection: no other, of this session or another, is called so.
    pub(super) gate_connection: Arc<str>,
    /// The senders on the bus that something came from, by name. Shared with the snapshot before a transaction.
    live: Arc<BTreeMap<Arc<str>, Sender>>,
    /// By cookie.
    inhibitors: BTreeMap<u32, Inhibitor>,
    next_cookie: u32,
    pub(super) renderer: Option<Arc<str>>,
    /// The serial of the call that it does not answer.
    pub(super) silent: Option<u32>,
    pub(super) in_path: bool,
    pub(super) out_of_path_since: Option<DateTime<Utc>>,
    pub(super) let_through: VecDeque<LetThrough>,
    /// The notice of ours that was asked for in this process and has not come back through the gate yet.
    pub(super) under_way: Option<UnderWay>,
    /// What the last notice of ours was for that came back through the gate to this process.
    pub(super) told_last: Option<Owed>,
    pub(super) clock_offset: Option<DateTime<Utc>>,
}

impl Session {
    pub(super) fn new(gate_connection: Arc<str>) -> Self {
        Self {
            gate_connection,
            live: Arc::default(),
            inhibitors: BTreeMap::new(),
            next_cookie: 1,
            renderer: None,
            silent: None,
            in_path: false,
            out_of_path_since: None,
            let_through: VecDeque::new(),
            under_way: None,
            told_last: None,
            clock_offset: None,
        }
    }

    /// Whether a sender is still the same and on the bus.
    pub(super) fn is_live(&self, sender: &Sender) -> bool {
        self.live.get(&sender.name) == Some(sender)
    }

    /// A sender is on the bus; whether that is news.
    pub(super) fn track(&mut self, sender: &Sender) -> bool {
        let is_new = !self.is_live(sender);
        if is_new {
            Arc::make_mut(&mut self.live).insert(sender.name.clone(), sender.clone());
        }
        is_new
    }

    /// A connection left the bus, and what it asked for with it; whether anything had come from it.
    pub(super) fn left(&mut self, name: &str) -> bool {
        self.inhibitors.retain(|_, inhibitor| &*inhibitor.sender.name != name);
        self.live.contains_key(name) && Arc::make_mut(&mut self.live).remove(name).is_some()
    }

    /// The same senders as another process part has seen.
    pub(super) fn tracks_the_same(&mut self, other: &Self) {
        self.live.clone_from(&other.live);
    }

    /// Who asked for quiet first.
    pub(super) fn inhibitor(&self) -> Option<&Inhibitor> {
        self.inhibitors.values().next()
    }

    /// How many cookies one connection holds.
    pub(super) fn cookies_of(&self, sender: &Sender) -> usize {
        self.inhibitors.values().filter(|held| held.sender.name == sender.name).count()
    }

    /// Somebody asks for quiet: their cookie, never 0 and never one that is held.
    pub(super) fn inhibit(&mut self, inhibitor: Inhibitor) -> u32 {
        while self.next_cookie == 0 || self.inhibitors.contains_key(&self.next_cookie) {
            self.next_cookie = self.next_cookie.wrapping_add(1);
        }
        let cookie = self.next_cookie;
        self.next_cookie = cookie.wrapping_add(1);
        self.inhibitors.insert(cookie, inhibitor);
        cookie
    }

    /// A cookie is given back by the connection that holds it.
    pub(super) fn uninhibit(&mut self, sender: &Sender, cookie: u32) {
        self.inhibitors.retain(|held, inhibitor| *held != cookie || inhibitor.sender.name != sender.name);
    }

    /// The user wants no quiet, whoever asked for it.
    pub(super) fn forget_inhibitors(&mut self) {
        self.inhibitors.clear();
    }

    /// One passed during the block.
    pub(super) fn passed(&mut self, passed: LetThrough) {
        self.let_through.truncate(LET_THROUGH - 1);
        self.let_through.push_front(passed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(name: &str) -> Sender {
        Sender { name: name.into(), ..Sender::nobody() }
    }

    fn asks(session: &mut Session, name: &str) -> u32 {
        session.inhibit(Inhibitor { sender: sender(name), app: name.into() })
    }

    #[test]
    fn a_cookie_is_never_0_nor_one_that_is_held() {
        let mut session = Session::new("gate".into());
        assert_eq!(asks(&mut session, ":1.1"), 1);
        session.next_cookie = u32::MAX;
        assert_eq!([asks(&mut session, ":1.1"), asks(&mut session, ":1.1")], [u32::MAX, 2]);
        assert_eq!(session.cookies_of(&sender(":1.1")), 3);
    }

    #[test]
    fn only_its_holder_gives_a_cookie_back_and_who_leaves_asks_for_nothing() {
        let mut session = Session::new("gate".into());
        let cookie = asks(&mut session, ":1.1");
        session.uninhibit(&sender(":1.2"), cookie);
        assert!(session.inhibitor().is_some());
        session.uninhibit(&sender(":1.1"), cookie);
        assert!(session.inhibitor().is_none());
        asks(&mut session, ":1.3");
        assert!(!session.left(":1.3"), "nothing had come from it");
        assert!(session.inhibitor().is_none());
    }

    #[test]
    fn a_connection_with_an_old_name_is_another_sender() {
        let mut session = Session::new("gate".into());
        let (one, other) = (sender(":1.1"), Sender { pid: 7, ..sender(":1.1") });
        assert!(session.track(&one) && !session.track(&one));
        assert!(session.track(&other) && !session.is_live(&one) && session.is_live(&other));
        assert!(session.left(":1.1") && !session.is_live(&other));
    }
}
