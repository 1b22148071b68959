//! Calls that are the renderer's own affair (`dunstctl`, `makoctl`): which wait for a renderer, and which for its answer.
//! Must not know what they ask, or how they are sent.

use crate::renderer::ABSENT;
use crate::wire::MAX_BODY;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use zbus::Message;

/// Calls that may wait or be under way.
const MOST: usize = 256;
/// What all of them together may hold: one that is under way is kept whole, for it may have to go to the next renderer.
const MOST_BYTES: usize = 2 * MAX_BODY;

/// A call that the renderer has been given.
pub(crate) struct UnderWay {
    pub(crate) call: Message,
    /// When it came.
    pub(crate) since: Instant,
    /// The renderer's connection.
    pub(crate) to: Arc<str>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Foreign {
    /// While a renderer starts, or starts again.
    waiting: VecDeque<(Message, Instant)>,
    waiting_bytes: usize,
    /// By the serial of the call to the renderer.
    under_way: BTreeMap<u32, UnderWay>,
    under_way_bytes: usize,
}

impl Foreign {
    /// Whether one more of so many bytes may come.
    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        let held = self.waiting_bytes.saturating_add(self.under_way_bytes);
        self.waiting.len() + self.under_way.len() < MOST && held.saturating_add(bytes) <= MOST_BYTES
    }

    /// Keeps a call until there is a renderer. The call itself: there is no room for its bytes.
    pub(crate) fn wait(&mut self, call: Message, since: Instant) -> Result<(), Message> {
        let bytes = self.waiting_bytes.saturating_add(call.body().len());
        if bytes > MAX_BODY {
            return Err(call);
        }
        self.waiting_bytes = bytes;
        self.waiting.push_back((call, since));
        Ok(())
    }

    /// A renderer is there: what it is to be given, in order.
    pub(crate) fn take_waiting(&mut self) -> VecDeque<(Message, Instant)> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }

    pub(crate) fn sent(&mut self, serial: u32, call: UnderWay) {
        self.under_way_bytes = self.under_way_bytes.saturating_add(call.call.body().len());
        self.under_way.insert(serial, call);
    }

    /// The call that this is the answer to.
    pub(crate) fn answered(&mut self, serial: u32) -> Option<UnderWay> {
        let answered = self.under_way.remove(&serial)?;
        self.under_way_bytes = self.under_way_bytes.saturating_sub(answered.call.body().len());
        Some(answered)
    }

    /// When something must be given up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|(_, since)| *since + ABSENT).min()
    }

    /// What has waited too long.
    pub(crate) fn give_up(&mut self, now: Instant) -> Vec<Message> {
        let (late, waiting): (VecDeque<_>, VecDeque<_>) =
            self.take_waiting().into_iter().partition(|(_, since)| *since + ABSENT <= now);
        self.waiting_bytes = waiting.iter().map(|(call, _)| call.body().len()).sum();
        self.waiting = waiting;
        late.into_iter().map(|(call, _)| call).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn call(body: &str) -> Message {
        Message::method_call("/", "Count").unwrap().build(&body).unwrap()
    }

    fn said(call: &Message) -> String {
        call.body().deserialize().unwrap()
    }

    #[test]
    fn one_that_waits_is_given_up_in_its_time_and_the_others_keep_their_order() {
        let (mut foreign, now) = (Foreign::default(), Instant::now());
        assert_eq!(foreign.deadline(), None);
        let second = Duration::from_secs(1);
        foreign.wait(call("second"), now + second).unwrap();
        foreign.wait(call("third"), now + second * 2).unwrap();
        foreign.wait(call("first, again"), now).unwrap();
        assert_eq!(foreign.deadline(), Some(now + ABSENT));
        assert_eq!(foreign.give_up(now + ABSENT - second).len(), 0);
        assert_eq!(foreign.give_up(now + ABSENT).iter().map(said).collect::<Vec<_>>(), ["first, again"]);
        assert_eq!(foreign.deadline(), Some(now + second + ABSENT));
        let waiting: Vec<String> = foreign.take_waiting().iter().map(|(call, _)| said(call)).collect();
        assert_eq!(waiting, ["second", "third"]);
        assert_eq!(foreign.deadline(), None);
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes() {
        let (mut foreign, now) = (Foreign::default(), Instant::now());
        let small = call("x");
        for serial in (0_u32..).take(MOST) {
            assert!(foreign.has_room_for(1));
            match serial % 2 {
                0 => foreign.wait(small.clone(), now).unwrap(),
                _ => foreign.sent(serial, UnderWay { call: small.clone(), since: now, to: ":1.1".into() }),
            }
        }
        assert!(!foreign.has_room_for(1));
        assert!(foreign.answered(1).is_some() && foreign.has_room_for(1));
        assert!(!foreign.has_room_for(MOST_BYTES));
        let large = call(&"x".repeat(MAX_BODY / 2));
        foreign.wait(large.clone(), now).unwrap();
        foreign.wait(large.clone(), now).unwrap_err();
        foreign.wait(small, now).unwrap();
        foreign.give_up(now + ABSENT);
        foreign.wait(large, now).unwrap();
    }
}
