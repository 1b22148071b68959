//! Calls that are the renderer's own affair (`dunstctl`, `makoctl`): which wait for a renderer, which for its answer, and
//! what is sent for each. Whoever calls is answered once. Must not know what they ask, or a connection.

use super::GateError;
use super::compose::{answer_passed_back, call_passed_on, refusal};
use super::read::{has_descriptors, never_arrived, wants_no_reply};
use crate::names::{INVALID_ARGS, LIMITS_EXCEEDED, NOT_SUPPORTED, UNKNOWN_METHOD};
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
const TOO_MANY: &str = "too many calls to the notification daemon are under way";

/// What is to be sent now, if anything.
type ToSend = Result<Option<Message>, GateError>;

/// A call that the renderer has been given.
struct UnderWay {
    call: Message,
    /// When it came.
    since: Instant,
    /// The renderer's connection.
    to: Arc<str>,
}

/// All of them.
#[derive(Default)]
pub(super) struct PassThrough {
    /// While a renderer starts, or starts again.
    waiting: VecDeque<(Message, Instant)>,
    waiting_bytes: usize,
    /// By the serial of the call to the renderer.
    under_way: BTreeMap<u32, UnderWay>,
    under_way_bytes: usize,
}

impl PassThrough {
    /// Takes a call for the renderer, if there is one; else it waits for one.
    pub(super) fn take(&mut self, call: Message, now: Instant, renderer: Option<&Arc<str>>) -> ToSend {
        if has_descriptors(&call) {
            return refusal(&call, NOT_SUPPORTED, "file descriptors are not passed on");
        }
        let bytes = call.body().len();
        if bytes > MAX_BODY {
            return refusal(&call, LIMITS_EXCEEDED, "the call is over 4 MiB");
        }
        if !self.has_room_for(bytes) {
            return refusal(&call, LIMITS_EXCEEDED, TOO_MANY);
        }
        self.give(call, now, renderer)
    }

    /// A renderer is there: all that waited, in order.
    pub(super) fn renderer_up(&mut self, renderer: &Arc<str>) -> Vec<ToSend> {
        let waiting = self.take_waiting();
        waiting.into_iter().map(|(call, since)| self.give(call, since, Some(renderer))).collect()
    }

    /// What the answer with this serial brings; none if it is to no call of these. `renderer`: the one that is there now.
    pub(super) fn answered(&mut self, serial: u32, answer: &Message, renderer: Option<&Arc<str>>) -> Option<ToSend> {
        let UnderWay { call, since, to } = self.under_way.remove(&serial)?;
        self.under_way_bytes = self.under_way_bytes.saturating_sub(call.body().len());
        if !never_arrived(answer) {
            return Some(answer_passed_back(&call, answer));
        }
        // The renderer had just left. Bus and relay tell of that in any order: there may be another already.
        Some(self.give(call, since, renderer.filter(|renderer| **renderer != to)))
    }

    /// When something must be given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|(_, since)| *since + ABSENT).min()
    }

    /// Answers what has waited too long.
    pub(super) fn give_up(&mut self, now: Instant) -> Vec<ToSend> {
        let (late, waiting): (VecDeque<_>, VecDeque<_>) =
            self.take_waiting().into_iter().partition(|(_, since)| *since + ABSENT <= now);
        self.waiting_bytes = waiting.iter().map(|(call, _)| call.body().len()).sum();
        self.waiting = waiting;
        let refuse = |call: Message| refusal(&call, UNKNOWN_METHOD, "the notification daemon is not running");
        late.into_iter().map(|(call, _)| refuse(call)).collect()
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        let held = self.waiting_bytes.saturating_add(self.under_way_bytes);
        self.waiting.len() + self.under_way.len() < MOST && held.saturating_add(bytes) <= MOST_BYTES
    }

    fn give(&mut self, call: Message, since: Instant, renderer: Option<&Arc<str>>) -> ToSend {
        let Some(renderer) = renderer else { return self.wait(call, since) };
        let Ok(passed) = call_passed_on(&call, renderer) else {
            return refusal(&call, INVALID_ARGS, "the call cannot be passed on");
        };
        if !wants_no_reply(&call) {
            self.under_way_bytes = self.under_way_bytes.saturating_add(call.body().len());
            let serial = passed.primary_header().serial_num().get();
            self.under_way.insert(serial, UnderWay { call, since, to: renderer.clone() });
        }
        Ok(Some(passed))
    }

    fn wait(&mut self, call: Message, since: Instant) -> ToSend {
        let bytes = self.waiting_bytes.saturating_add(call.body().len());
        if bytes > MAX_BODY {
            return refusal(&call, LIMITS_EXCEEDED, TOO_MANY);
        }
        self.waiting_bytes = bytes;
        self.waiting.push_back((call, since));
        Ok(None)
    }

    fn take_waiting(&mut self) -> VecDeque<(Message, Instant)> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::DBUS;
    use std::time::Duration;
    use zbus::message::Flags;

    const SECOND: Duration = Duration::from_secs(1);

    fn call(text: &str) -> Message {
        let call = Message::method_call("/", "Count").unwrap().sender(":1.5").unwrap();
        call.interface("org.example.Tool").unwrap().build(&text).unwrap()
    }

    fn renderer() -> Arc<str> {
        ":1.9".into()
    }

    fn said(message: &Message) -> String {
        message.body().deserialize().unwrap()
    }

    fn serial(message: &Message) -> u32 {
        message.primary_header().serial_num().get()
    }

    fn destination(message: &Message) -> Option<String> {
        message.header().destination().map(ToString::to_string)
    }

    /// The error that is sent.
    fn error(to_send: ToSend) -> Option<String> {
        to_send.unwrap()?.header().error_name().map(ToString::to_string)
    }

    fn nobody_there(asked: &Message) -> Message {
        let error = Message::error(&asked.header(), "org.freedesktop.DBus.Error.ServiceUnknown").unwrap();
        error.sender(DBUS).unwrap().build(&"nobody").unwrap()
    }

    /// What is sent once a renderer is there.
    fn sent(through: &mut PassThrough) -> Vec<String> {
        let sent = through.renderer_up(&renderer());
        sent.into_iter().map(|message| said(&message.unwrap().unwrap())).collect()
    }

    #[test]
    fn check_08_a_call_goes_to_the_renderer_and_its_answer_to_who_called_once() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        let call = call("how many");
        let asked = through.take(call.clone(), now, Some(&renderer())).unwrap().unwrap();
        assert_eq!((destination(&asked), said(&asked)), (Some(":1.9".into()), "how many".into()));
        let answer = Message::method_return(&asked.header()).unwrap().build(&"five").unwrap();
        let back = through.answered(serial(&asked), &answer, Some(&renderer())).unwrap().unwrap().unwrap();
        assert_eq!((destination(&back), said(&back)), (Some(":1.5".into()), "five".into()));
        assert_eq!(back.header().reply_serial().map(Into::into), Some(serial(&call)));
        assert!(through.answered(serial(&asked), &answer, Some(&renderer())).is_none(), "given twice");
        assert!(through.answered(serial(&asked) + 1, &answer, Some(&renderer())).is_none(), "never asked");
    }

    #[test]
    fn a_call_that_wants_no_answer_is_sent_and_forgotten() {
        let mut through = PassThrough::default();
        let call = Message::method_call("/", "Count").unwrap().with_flags(Flags::NoReplyExpected).unwrap();
        let call = call.build(&"now").unwrap();
        assert!(through.take(call, Instant::now(), Some(&renderer())).unwrap().is_some());
        assert!(through.under_way.is_empty() && through.under_way_bytes == 0);
    }

    #[test]
    fn calls_wait_for_a_renderer_and_are_given_to_it_in_their_order() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        for text in ["first", "second", "third"] {
            assert!(through.take(call(text), now, None).unwrap().is_none());
        }
        assert_eq!(sent(&mut through), ["first", "second", "third"]);
        assert_eq!(through.deadline(), None, "a renderer may take its time");
    }

    #[test]
    fn one_that_waits_is_answered_in_its_time_and_the_others_keep_their_order() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        assert_eq!(through.deadline(), None);
        through.take(call("second"), now + SECOND, None).unwrap();
        through.take(call("third"), now + SECOND * 2, None).unwrap();
        through.take(call("first, again"), now, None).unwrap();
        assert_eq!(through.deadline(), Some(now + ABSENT));
        assert_eq!(through.give_up(now + ABSENT - SECOND).len(), 0);
        let given_up: Vec<_> = through.give_up(now + ABSENT).into_iter().map(error).collect();
        assert_eq!(given_up, [Some(UNKNOWN_METHOD.to_owned())]);
        assert_eq!(through.deadline(), Some(now + SECOND + ABSENT));
        assert_eq!(sent(&mut through), ["second", "third"]);
    }

    #[test]
    fn a_call_that_met_a_renderer_which_had_left_waits_for_the_next_since_it_came() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        let asked = through.take(call("how many"), now, Some(&renderer())).unwrap().unwrap();
        let lost = nobody_there(&asked);
        assert!(through.answered(serial(&asked), &lost, Some(&renderer())).unwrap().unwrap().is_none());
        assert_eq!(through.deadline(), Some(now + ABSENT), "it has waited since it came");
        assert_eq!(sent(&mut through), ["how many"]);
    }

    #[test]
    fn where_the_next_renderer_is_there_already_it_is_given_the_call_at_once() {
        let (mut through, next) = (PassThrough::default(), Arc::from(":1.10"));
        let asked = through.take(call("how many"), Instant::now(), Some(&renderer())).unwrap().unwrap();
        let again = through.answered(serial(&asked), &nobody_there(&asked), Some(&next)).unwrap().unwrap().unwrap();
        assert_eq!((destination(&again), said(&again)), (Some(":1.10".into()), "how many".into()));
        assert_ne!(serial(&again), serial(&asked));
    }

    #[test]
    fn an_error_of_the_renderer_is_its_answer_and_is_not_tried_again() {
        let mut through = PassThrough::default();
        let asked = through.take(call("how many"), Instant::now(), Some(&renderer())).unwrap().unwrap();
        let error = Message::error(&asked.header(), "org.freedesktop.DBus.Error.ServiceUnknown").unwrap();
        let answer = error.sender(":1.9").unwrap().build(&"not mine").unwrap();
        let back = through.answered(serial(&asked), &answer, Some(&renderer())).unwrap().unwrap().unwrap();
        assert_eq!((destination(&back), said(&back)), (Some(":1.5".into()), "not mine".into()));
    }

    #[test]
    fn descriptors_and_calls_over_the_limit_are_refused_with_or_without_a_renderer() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        let (file, _far) = std::os::unix::net::UnixStream::pair().unwrap();
        let descriptor = zbus::zvariant::Fd::from(std::os::fd::OwnedFd::from(file));
        let holding = Message::method_call("/", "Take").unwrap().build(&descriptor).unwrap();
        for there in [None, Some(&renderer())] {
            assert_eq!(error(through.take(holding.clone(), now, there)).as_deref(), Some(NOT_SUPPORTED));
            let huge = call(&"x".repeat(MAX_BODY));
            assert_eq!(error(through.take(huge, now, there)).as_deref(), Some(LIMITS_EXCEEDED));
        }
        assert!(through.waiting.is_empty() && through.under_way.is_empty());
    }

    #[test]
    fn those_that_wait_and_those_that_are_under_way_are_bounded_together() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        let mut asked = None;
        for number in 0..MOST {
            let sent = through.take(call("x"), now, (number % 2 == 0).then_some(&renderer())).unwrap();
            asked = sent.or(asked);
        }
        assert_eq!(error(through.take(call("x"), now, None)).as_deref(), Some(LIMITS_EXCEEDED));
        assert_eq!(error(through.take(call("x"), now, Some(&renderer()))).as_deref(), Some(LIMITS_EXCEEDED));
        let asked = asked.unwrap();
        let answer = Message::method_return(&asked.header()).unwrap().build(&()).unwrap();
        through.answered(serial(&asked), &answer, None).unwrap().unwrap();
        assert!(through.take(call("x"), now, None).unwrap().is_none(), "an answer makes room");
    }

    #[test]
    fn their_bytes_are_bounded_and_are_free_again_once_they_are_given_up() {
        let (mut through, now) = (PassThrough::default(), Instant::now());
        let large = call(&"x".repeat(MAX_BODY / 2));
        assert!(through.take(large.clone(), now, None).unwrap().is_none());
        assert_eq!(error(through.take(large.clone(), now, None)).as_deref(), Some(LIMITS_EXCEEDED));
        assert!(through.take(call("x"), now, None).unwrap().is_none(), "a small one fits");
        for _ in 0..2 {
            assert!(through.take(large.clone(), now, Some(&renderer())).unwrap().is_some());
        }
        assert_eq!(error(through.take(large.clone(), now, Some(&renderer()))).as_deref(), Some(LIMITS_EXCEEDED));
        assert_eq!(through.give_up(now + ABSENT).len(), 2);
        assert!(through.take(large, now, None).unwrap().is_none());
    }
}
