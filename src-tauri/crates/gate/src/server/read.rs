//! What a message on the bus says: to whom, in which byte order, what an answer means. Must not know who waits for it, or
//! send anything.

use crate::names::DBUS;
use crate::relay_protocol::{FOR_EVERYBODY, RendererSignal};
use tidegate_domain::{Audience, CallOutcome, RendererId};
use zbus::message::{EndianSig, Flags, Type};
use zbus::zvariant::Endian;
use zbus::{Message, message::Header};

/// What dbus-daemon and dbus-broker say of a call to a connection that has left.
const NOBODY_THERE: [&str; 2] =
    ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
/// What they, and the relay, say of a call to a connection that leaves before it answers.
pub(super) const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";
/// Bytes of an error's text that are kept.
const MOST_OF_ERROR: usize = 200;

pub(super) fn signature_of(header: &Header<'_>) -> String {
    header.signature().to_string_no_parens()
}

pub(super) fn endian_of(message: &Message) -> Endian {
    if is_big_endian(message) { Endian::Big } else { Endian::Little }
}

pub(super) fn is_big_endian(message: &Message) -> bool {
    matches!(message.primary_header().endian_sig(), EndianSig::Big)
}

pub(super) fn wants_no_reply(call: &Message) -> bool {
    call.primary_header().flags().contains(Flags::NoReplyExpected)
}

pub(super) fn has_descriptors(message: &Message) -> bool {
    message.header().unix_fds().is_some_and(|descriptors| descriptors > 0)
}

/// Its first argument, where that is a text.
pub(super) fn first_text(message: &Message) -> Option<String> {
    crate::wire::first_string(message.body().data(), is_big_endian(message))
}

/// Whether the bus itself says that there was nobody to give a call to.
pub(super) fn never_arrived(answer: &Message) -> bool {
    bus_error(answer).is_some_and(|error| NOBODY_THERE.contains(&&*error))
}

/// Whether the bus itself says that whoever had the call has left without an answer.
fn has_left_with_it(answer: &Message) -> bool {
    bus_error(answer).is_some_and(|error| error == NO_REPLY)
}

/// The name of an error that the bus itself gives.
fn bus_error(answer: &Message) -> Option<String> {
    let header = answer.header();
    let is_from_bus = header.sender().is_some_and(|sender| sender.as_str() == DBUS);
    header.error_name().filter(|_| is_from_bus).map(|error| error.as_str().to_owned())
}

/// Whom the renderer addressed. The relay addresses to the gate alone what was for everybody, and marks it.
pub(super) fn audience_of(signal: &Message) -> Audience {
    let is_marked = signal.primary_header().flags().bits() & FOR_EVERYBODY != 0;
    if is_marked || signal.header().destination().is_none() { Audience::Everybody } else { Audience::Gate }
}

/// What became of a `Notify` that the renderer was given.
pub(super) fn outcome_of(answer: &Message) -> CallOutcome {
    let body = answer.body();
    if has_left_with_it(answer) {
        return CallOutcome::Left;
    }
    if answer.message_type() == Type::Error {
        let text = body.deserialize::<&str>().unwrap_or("an error without words");
        let line = text.lines().next().unwrap_or_default();
        return CallOutcome::Refused(crate::wire::cut(line, MOST_OF_ERROR).to_owned());
    }
    match body.deserialize::<u32>() {
        Ok(id) if id != 0 => CallOutcome::Shown(RendererId(id)),
        _ => CallOutcome::Refused("it answered without an id".into()),
    }
}

/// The answer of `GetConnectionUnixProcessID`; none when the connection has left.
pub(super) fn process_id(answer: &Message) -> Option<u32> {
    if answer.message_type() != Type::MethodReturn {
        return None;
    }
    answer.body().deserialize().ok()
}

/// A signal of the notification service; none if it is another, or not as it should be.
pub(super) fn renderer_signal(message: &Message, member: &str) -> Option<RendererSignal> {
    let body = message.body();
    let text = || body.deserialize::<(u32, String)>().ok();
    match member {
        "NotificationClosed" => {
            let (id, reason) = body.deserialize().ok()?;
            Some(RendererSignal::Closed { id, reason })
        }
        "ActivationToken" => text().map(|(id, token)| RendererSignal::ActivationToken { id, token }),
        "ActionInvoked" => text().map(|(id, key)| RendererSignal::ActionInvoked { id, key }),
        "NotificationReplied" => text().map(|(id, text)| RendererSignal::Replied { id, text }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::compose::bus_call;
    use super::*;
    use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH};

    fn question() -> Message {
        bus_call("GetConnectionUnixProcessID", &":1.7").unwrap()
    }

    fn answer<B: serde::Serialize + zbus::zvariant::DynamicType>(body: &B) -> Message {
        Message::method_return(&question().header()).unwrap().build(body).unwrap()
    }

    fn error(from: &str, name: &str, text: &str) -> Message {
        let call = question();
        Message::error(&call.header(), name).unwrap().sender(from.to_owned()).unwrap().build(&text).unwrap()
    }

    fn signal<B: serde::Serialize + zbus::zvariant::DynamicType>(member: &str, body: &B) -> Message {
        let signal = Message::signal(NOTIFICATIONS_PATH, NOTIFICATIONS, member.to_owned()).unwrap();
        signal.build(body).unwrap()
    }

    #[test]
    fn the_buss_answer_names_the_process_and_a_refusal_names_none() {
        assert_eq!(process_id(&answer(&7_u32)), Some(7));
        assert_eq!(process_id(&error(DBUS, NOBODY_THERE[1], "it has left")), None);
        assert_eq!(process_id(&answer(&"seven")), None);
    }

    #[test]
    fn a_renderers_answer_is_the_id_under_which_it_shows_it() {
        assert_eq!(outcome_of(&answer(&7_u32)), CallOutcome::Shown(RendererId(7)));
        let without = CallOutcome::Refused("it answered without an id".into());
        assert_eq!(outcome_of(&answer(&0_u32)), without, "0 is none");
        assert_eq!(outcome_of(&answer(&"7")), without);
        assert_eq!(outcome_of(&answer(&())), without);
    }

    #[test]
    fn a_renderers_error_is_one_short_line() {
        let refused = |text: &str| outcome_of(&error(":1.2", "org.example.Error.No", text));
        assert_eq!(refused("no\nand more"), CallOutcome::Refused("no".into()));
        assert_eq!(refused(""), CallOutcome::Refused(String::new()));
        let CallOutcome::Refused(long) = refused(&"ü".repeat(500)) else { panic!("it is an error") };
        assert_eq!(long, "ü".repeat(MOST_OF_ERROR / 2), "cut between letters");
        let call = question();
        let wordless = Message::error(&call.header(), "org.example.Error.No").unwrap().build(&7_u32).unwrap();
        assert_eq!(outcome_of(&wordless), CallOutcome::Refused("an error without words".into()));
    }

    #[test]
    fn only_the_bus_says_that_a_renderer_left_or_was_not_there() {
        assert_eq!(outcome_of(&error(DBUS, NO_REPLY, "gone")), CallOutcome::Left);
        assert_eq!(outcome_of(&error(":1.2", NO_REPLY, "busy")), CallOutcome::Refused("busy".into()));
        for name in NOBODY_THERE {
            assert!(never_arrived(&error(DBUS, name, "")) && !never_arrived(&error(":1.2", name, "")), "{name}");
        }
        assert!(!never_arrived(&error(DBUS, NO_REPLY, "")), "it had arrived");
        assert!(!never_arrived(&answer(&())));
    }

    #[test]
    fn a_signal_is_for_everybody_unless_it_names_the_gate_and_is_not_marked() {
        let addressed = |flags: u8| {
            let signal = Message::signal(NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed").unwrap();
            let signal = signal.destination(":1.7").unwrap();
            let signal = if flags == 0 { signal } else { signal.with_flags(Flags::NoAutoStart).unwrap() };
            signal.build(&(1_u32, 2_u32)).unwrap()
        };
        assert_eq!(Flags::NoAutoStart as u8, FOR_EVERYBODY);
        assert_eq!(audience_of(&signal("NotificationClosed", &(1_u32, 2_u32))), Audience::Everybody);
        assert_eq!(audience_of(&addressed(0)), Audience::Gate);
        assert_eq!(audience_of(&addressed(FOR_EVERYBODY)), Audience::Everybody);
    }

    #[test]
    fn a_renderers_signals_are_read_and_what_is_none_is_passed_over() {
        let read = |member: &str, body: &(u32, &str)| renderer_signal(&signal(member, body), member);
        let body = (7, "words");
        let (id, words) = (7, "words".to_owned());
        let token = RendererSignal::ActivationToken { id, token: words.clone() };
        assert_eq!(read("ActivationToken", &body), Some(token));
        assert_eq!(read("ActionInvoked", &body), Some(RendererSignal::ActionInvoked { id, key: words.clone() }));
        assert_eq!(read("NotificationReplied", &body), Some(RendererSignal::Replied { id, text: words }));
        assert_eq!(read("NotificationClosed", &body), None, "its reason is a number");
        assert_eq!(read("NotificationShown", &body), None);
        let closed = signal("NotificationClosed", &(7_u32, 2_u32));
        assert_eq!(renderer_signal(&closed, "NotificationClosed"), Some(RendererSignal::Closed { id, reason: 2 }));
        assert_eq!(renderer_signal(&closed, "ActionInvoked"), None);
    }

    #[test]
    fn the_first_argument_is_a_text_or_none() {
        assert_eq!(first_text(&answer(&("text", 1_u32))).as_deref(), Some("text"));
        assert_eq!(first_text(&answer(&())), None);
        assert_eq!(first_text(&answer(&u32::MAX)), None, "a length beyond the end");
    }
}
