//! What was read from the bus and is not handed on yet: a queue per sender, of which each keeps its order and all take
//! turns; and the one place that says whether a sender may have one more call waiting. Must not know what is said.

use crate::DBUS;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use zbus::Message;
use zbus::message::Type;

/// Answers and signals that are handed on in a row while a call waits.
const TOLD_AT_MOST: usize = 16;

/// Calls, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// How many.
    pub calls: usize,
    /// What they weigh.
    pub bytes: usize,
}

impl Load {
    fn with(self, weight: usize) -> Self {
        Self { calls: self.calls + 1, bytes: self.bytes + weight }
    }

    fn without(self, weight: usize) -> Self {
        Self { calls: self.calls.saturating_sub(1), bytes: self.bytes.saturating_sub(weight) }
    }

    fn fits(self, limit: Self) -> bool {
        self.calls <= limit.calls && self.bytes <= limit.bytes
    }
}

/// What may wait, and what is said to whoever sends more.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of one sender.
    pub own: Load,
    /// Of all together. Beyond it only who has nothing waiting gets in, with no more than `first` bytes.
    pub all: Load,
    /// See `all`.
    pub first: usize,
    /// What a call weighs besides its body.
    pub overhead: usize,
    /// The heaviest body: of a longer one no more is kept. Only one such message waits at a time.
    pub heaviest: usize,
    /// What a sender is told.
    pub refusal: crate::Refusal,
}

/// A message that may wait.
#[derive(Debug)]
pub(crate) struct Admitted {
    sender: Arc<str>,
    kind: Type,
    weight: usize,
    is_long: bool,
}

/// A message as it was read.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) admitted: Admitted,
    pub(crate) bytes: Vec<u8>,
}

/// A call's place among those that wait. Dropping it makes room for another of its sender.
#[derive(Debug)]
pub struct Place {
    inbox: Inbox,
    sender: Arc<str>,
    weight: usize,
}

impl Place {
    /// The call weighs less than it seemed: only so much of it is kept.
    pub fn shrink_to(&mut self, weight: usize) {
        let lighter = self.weight.min(weight);
        self.inbox.lock().lighten(&self.sender, self.weight - lighter);
        self.weight = lighter;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inbox.lock().leave(&self.sender, self.weight);
    }
}

/// Shared by who reads, who is handed on to, and who watches that this goes on.
#[derive(Debug, Clone)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// Something came, or all is over.
    arrived: Notify,
    /// A message that is too long for two of them to wait was handed on, or all is over.
    has_room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Calls that wait, here or with who was handed them.
    loads: BTreeMap<Arc<str>, Load>,
    all: Load,
    /// What the bus itself says: answers, names. It says nothing unasked.
    of_bus: VecDeque<Item>,
    queues: BTreeMap<Arc<str>, VecDeque<Item>>,
    /// Those whose next message is a call, each once, in the order of their turns; and those whose next is none.
    calling: VecDeque<Arc<str>>,
    telling: VecDeque<Arc<str>>,
    /// So many that were no calls have been handed on since the last call.
    told: usize,
    long: usize,
    handed_on: u64,
    ended: Option<std::io::ErrorKind>,
}

impl Inbox {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (state, arrived, has_room) = (Mutex::default(), Notify::new(), Condvar::new());
        Self(Arc::new(Shared { limits, state, arrived, has_room }))
    }

    /// Of a call that was handed on: until when it counts as waiting. Asked once of each.
    #[must_use]
    pub fn place_of(&self, call: &Message) -> Option<Place> {
        let sender = call.header().sender().map(|sender| Arc::from(sender.as_str()))?;
        Some(Place { inbox: self.clone(), sender, weight: self.weight(call.body().len()) })
    }

    /// How many were handed on so far, while something waits for that.
    #[must_use]
    pub fn unheard_since(&self) -> Option<u64> {
        let state = self.lock();
        state.has_any().then_some(state.handed_on)
    }

    /// Whether no more than so many wait, here or, of calls, with who was handed them.
    pub(crate) fn has_at_most(&self, few: usize) -> bool {
        let state = self.lock();
        let here = || state.of_bus.len() + state.queues.values().map(VecDeque::len).sum::<usize>();
        state.all.calls <= few && here() <= few
    }

    pub(crate) fn refusal(&self) -> crate::Refusal {
        self.0.limits.refusal
    }

    /// Whether a message of a sender, the bus if none, with a body of so many bytes may wait. A call that may not is to be
    /// refused; what is no call is dropped beyond the same bounds, unless it is an answer: those were asked for.
    pub(crate) fn admit(&self, sender: Option<&str>, kind: Type, body: usize) -> Option<Admitted> {
        let (weight, is_long) = (self.weight(body), body > self.0.limits.heaviest);
        let sender = self.lock().admit(sender.unwrap_or(DBUS), kind, weight, &self.0.limits)?;
        Some(Admitted { sender, kind, weight, is_long })
    }

    /// Has it wait for its turn.
    pub(crate) fn put(&self, admitted: Admitted, bytes: Vec<u8>) {
        self.lock().put(Item { admitted, bytes });
        self.0.arrived.notify_one();
    }

    /// What was handed on is nothing that anybody can answer.
    pub(crate) fn forget(&self, admitted: &Admitted) {
        if admitted.kind == Type::MethodCall {
            self.lock().leave(&admitted.sender, admitted.weight);
        }
    }

    /// Waits until a message with such a body may be read. For a thread of its own.
    ///
    /// # Errors
    /// When all is over meanwhile.
    pub(crate) fn wait_for_room(&self, body: usize) -> std::io::Result<()> {
        let mut state = self.lock();
        while body > self.0.limits.heaviest && state.long > 0 {
            if let Some(kind) = state.ended {
                return Err(kind.into());
            }
            state = self.0.has_room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// The connection is over, and with it what waits: nobody can be answered.
    pub(crate) fn end(&self, why: std::io::ErrorKind) {
        self.lock().ended.get_or_insert(why);
        self.0.arrived.notify_one();
        self.0.has_room.notify_all();
    }

    /// The next message, when there is one.
    pub(crate) async fn next(&self) -> std::io::Result<Item> {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.0.arrived.notified().await;
        }
    }

    pub(crate) fn try_next(&self) -> Option<std::io::Result<Item>> {
        let mut state = self.lock();
        if let Some(kind) = state.ended {
            return Some(Err(kind.into()));
        }
        let item = state.take()?;
        state.handed_on += 1;
        if item.admitted.is_long {
            state.long -= 1;
            self.0.has_room.notify_all();
        }
        Some(Ok(item))
    }

    fn weight(&self, body: usize) -> usize {
        self.0.limits.overhead + body.min(self.0.limits.heaviest)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The sender's name as it is kept, if one more of it may wait.
    fn admit(&mut self, sender: &str, kind: Type, weight: usize, limits: &Limits) -> Option<Arc<str>> {
        if sender == DBUS || matches!(kind, Type::MethodReturn | Type::Error) {
            return Some(self.name(sender));
        }
        self.has_room_for(sender, weight, limits).then(|| self.enter(sender, weight))
    }

    fn put(&mut self, item: Item) {
        self.long += usize::from(item.admitted.is_long);
        let (sender, kind) = (item.admitted.sender.clone(), item.admitted.kind);
        if *sender == *DBUS {
            return self.of_bus.push_back(item);
        }
        let queue = self.queues.entry(sender.clone()).or_default();
        queue.push_back(item);
        if queue.len() == 1 {
            self.line_up(sender, kind);
        }
    }

    /// As it is kept already, if it is.
    fn name(&self, sender: &str) -> Arc<str> {
        self.loads.get_key_value(sender).map_or_else(|| Arc::from(sender), |(name, _)| name.clone())
    }

    /// The one rule for who sends too much.
    fn has_room_for(&self, sender: &str, weight: usize, limits: &Limits) -> bool {
        let own = self.loads.get(sender).copied().unwrap_or_default();
        match own.calls {
            0 => self.all.with(weight).fits(limits.all) || weight <= limits.overhead + limits.first,
            _ => own.with(weight).fits(limits.own) && self.all.with(weight).fits(limits.all),
        }
    }

    fn enter(&mut self, sender: &str, weight: usize) -> Arc<str> {
        let name = self.name(sender);
        let load = self.loads.entry(name.clone()).or_default();
        *load = load.with(weight);
        self.all = self.all.with(weight);
        name
    }

    fn leave(&mut self, sender: &str, weight: usize) {
        self.all = self.all.without(weight);
        if let Some(load) = self.loads.get_mut(sender) {
            *load = load.without(weight);
            if load.calls == 0 {
                self.loads.remove(sender);
            }
        }
    }

    fn lighten(&mut self, sender: &str, by: usize) {
        self.all.bytes = self.all.bytes.saturating_sub(by);
        if let Some(load) = self.loads.get_mut(sender) {
            load.bytes = load.bytes.saturating_sub(by);
        }
    }

    fn line_up(&mut self, sender: Arc<str>, kind: Type) {
        match kind {
            Type::MethodCall => self.calling.push_back(sender),
            Type::MethodReturn | Type::Error | Type::Signal => self.telling.push_back(sender),
        }
    }

    /// The bus comes first, then what is no call; but of that never so much that no call had a turn.
    fn take(&mut self) -> Option<Item> {
        if let Some(item) = self.of_bus.pop_front() {
            return Some(item);
        }
        let first = if self.told < TOLD_AT_MOST { self.telling.pop_front() } else { self.calling.pop_front() };
        let sender = first.or_else(|| self.calling.pop_front()).or_else(|| self.telling.pop_front())?;
        let queue = self.queues.get_mut(&sender)?;
        let item = queue.pop_front()?;
        let next = queue.front().map(|item| item.admitted.kind);
        if next.is_none() {
            self.queues.remove(&sender);
        }
        let kind = item.admitted.kind;
        self.told = if kind == Type::MethodCall { 0 } else { self.told + 1 };
        if kind == Type::Signal {
            self.leave(&sender, item.admitted.weight);
        }
        if let Some(kind) = next {
            self.line_up(sender, kind);
        }
        Some(item)
    }

    fn has_any(&self) -> bool {
        !self.of_bus.is_empty() || !self.queues.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        own: Load { calls: 4, bytes: 1_000 },
        all: Load { calls: 8, bytes: 2_000 },
        first: 50,
        overhead: 10,
        heaviest: 500,
        refusal: crate::Refusal { name: "org.example.Error.TooMuch", text: "too much" },
    };

    fn inbox() -> Inbox {
        Inbox::new(LIMITS)
    }

    impl Inbox {
        pub(crate) async fn wait_for_end(&self) {
            while self.lock().ended.is_none() {
                self.0.arrived.notified().await;
            }
        }

        fn take(&self, sender: Option<&str>, kind: Type, body: usize, name: u8) -> bool {
            let admitted = self.admit(sender, kind, body);
            admitted.map(|admitted| self.put(admitted, vec![name])).is_some()
        }

        fn call(&self, sender: &str, name: u8) -> bool {
            self.take(Some(sender), Type::MethodCall, 1, name)
        }

        fn tell(&self, sender: Option<&str>, kind: Type, name: u8) -> bool {
            self.take(sender, kind, 1, name)
        }

        fn place(&self, sender: &str, weight: usize) -> Place {
            Place { inbox: self.clone(), sender: sender.into(), weight }
        }

        fn all(&self) -> Vec<u8> {
            std::iter::from_fn(|| self.try_next()).map(|item| item.unwrap().bytes[0]).collect()
        }
    }

    #[test]
    fn senders_take_turns_and_each_keeps_its_order() {
        let inbox = inbox();
        for name in 10..14 {
            assert!(inbox.call(":1.1", name));
        }
        for name in 20..22 {
            assert!(inbox.call(":1.2", name));
        }
        assert_eq!(inbox.all(), [10, 20, 11, 21, 12, 13]);
    }

    #[test]
    fn the_bus_is_heard_at_once_and_what_is_no_call_before_all_calls() {
        let inbox = inbox();
        for name in 10..14 {
            inbox.call(":1.1", name);
            inbox.call(":1.2", name + 10);
        }
        inbox.tell(Some(":1.3"), Type::Signal, 30);
        inbox.tell(Some(":1.3"), Type::MethodReturn, 31);
        inbox.tell(None, Type::MethodReturn, 1);
        inbox.tell(Some(DBUS), Type::Signal, 2);
        assert_eq!(inbox.all(), [1, 2, 30, 31, 10, 20, 11, 21, 12, 22, 13, 23]);
    }

    #[test]
    fn a_sender_that_calls_and_tells_is_heard_in_its_own_order() {
        let inbox = inbox();
        inbox.call(":1.1", 1);
        inbox.tell(Some(":1.1"), Type::Signal, 2);
        inbox.call(":1.1", 3);
        inbox.tell(Some(":1.1"), Type::MethodReturn, 4);
        assert_eq!(inbox.all(), [1, 2, 3, 4]);
    }

    #[test]
    fn answers_and_signals_without_end_leave_turns_to_calls() {
        let inbox = inbox();
        for name in 0..20 {
            inbox.tell(Some(":1.66"), Type::MethodReturn, name);
        }
        inbox.call(":1.1", 100);
        inbox.call(":1.1", 101);
        let all = inbox.all();
        assert_eq!((all[TOLD_AT_MOST], all[all.len() - 1], all.len()), (100, 101, 22));
    }

    #[test]
    fn a_call_counts_until_its_place_is_given_up() {
        let inbox = inbox();
        for name in 0..4 {
            assert!(inbox.call(":1.1", name));
        }
        assert!(!inbox.call(":1.1", 4) && inbox.call(":1.2", 5));
        assert_eq!(inbox.all(), [0, 5, 1, 2, 3]);
        assert!(!inbox.call(":1.1", 6), "it is still to be answered");
        drop(inbox.place(":1.1", 11));
        assert!(inbox.call(":1.1", 7) && !inbox.call(":1.1", 8));
    }

    #[test]
    fn bytes_are_bounded_too_and_what_is_not_kept_does_not_count() {
        let inbox = inbox();
        let large = |sender| inbox.take(Some(sender), Type::MethodCall, 400, 0);
        assert!(large(":1.1") && large(":1.1") && !large(":1.1"));
        inbox.all();
        let mut place = inbox.place(":1.1", 410);
        place.shrink_to(20);
        assert!(large(":1.1") && !large(":1.1"));
        drop(place);
        assert_eq!(inbox.lock().loads[":1.1"], Load { calls: 2, bytes: 820 });
    }

    #[test]
    fn many_together_leave_room_for_a_little_of_others() {
        let inbox = inbox();
        for sender in [":1.1", ":1.2", ":1.3", ":1.4"] {
            assert!(inbox.take(Some(sender), Type::MethodCall, 490, 0));
        }
        assert!(!inbox.call(":1.1", 1), "it has something waiting");
        assert!(inbox.call(":1.5", 1));
        assert!(!inbox.take(Some(":1.6"), Type::MethodCall, 51, 0));
    }

    #[test]
    fn signals_of_one_are_bounded_and_answers_are_not() {
        let inbox = inbox();
        let told = |kind| (0..6).filter(|name| inbox.tell(Some(":1.1"), kind, *name)).count();
        assert_eq!(told(Type::Signal), 4);
        assert_eq!(told(Type::Error), 6);
        assert_eq!(inbox.all().len(), 10);
        assert_eq!(inbox.lock().all, Load::default());
        assert!(inbox.lock().loads.is_empty());
        assert_eq!(told(Type::Signal), 4);
    }

    #[tokio::test]
    async fn of_the_longest_one_waits_at_a_time() {
        let inbox = inbox();
        inbox.wait_for_room(501).unwrap();
        assert!(inbox.take(Some(":1.1"), Type::MethodCall, 501, 1));
        inbox.wait_for_room(500).unwrap();
        let reading = inbox.clone();
        let next = std::thread::spawn(move || reading.wait_for_room(501));
        assert_eq!(inbox.next().await.unwrap().bytes, [1]);
        next.join().unwrap().unwrap();
        assert!(inbox.take(Some(":1.2"), Type::MethodCall, 501, 1));
        let reading = inbox.clone();
        let next = std::thread::spawn(move || reading.wait_for_room(501));
        inbox.end(std::io::ErrorKind::UnexpectedEof);
        next.join().unwrap().unwrap_err();
    }

    #[tokio::test]
    async fn it_is_known_whether_anybody_listens_and_an_end_is_an_end() {
        let inbox = inbox();
        assert_eq!(inbox.unheard_since(), None);
        inbox.call(":1.1", 1);
        inbox.call(":1.1", 2);
        assert_eq!(inbox.unheard_since(), Some(0));
        inbox.next().await.unwrap();
        assert_eq!(inbox.unheard_since(), Some(1));
        inbox.end(std::io::ErrorKind::UnexpectedEof);
        assert_eq!(inbox.next().await.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    }
}
