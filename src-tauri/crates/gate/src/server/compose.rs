//! The messages that the gate sends, written. Must not know when they are sent, or to decide what they say.

use super::GateError;
use super::read::{endian_of, has_descriptors, signature_of, wants_no_reply};
use crate::names::{DBUS, DBUS_PATH, NOT_SUPPORTED, NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::renderer::raw_body;
use serde::Serialize;
use zbus::Message;
use zbus::message::{Flags, Type};
use zbus::zvariant::DynamicType;

const FAILED: &str = "org.freedesktop.DBus.Error.Failed";

/// An answer, unless none is wanted.
pub(super) fn reply<B: Serialize + DynamicType>(call: &Message, body: &B) -> Result<Option<Message>, GateError> {
    if wants_no_reply(call) {
        return Ok(None);
    }
    let built = Message::method_return(&call.header()).and_then(|builder| builder.build(body));
    built.map(Some).map_err(|source| GateError::Bus { operation: "write a reply", source })
}

/// An error, unless no answer is wanted.
pub(super) fn refusal(call: &Message, error: &str, text: &str) -> Result<Option<Message>, GateError> {
    if wants_no_reply(call) {
        return Ok(None);
    }
    let built = Message::error(&call.header(), error).and_then(|builder| builder.build(&text));
    built.map(Some).map_err(|source| GateError::Bus { operation: "write an error", source })
}

/// A call at our name as it goes to the renderer's connection.
pub(super) fn call_passed_on(call: &Message, unique: &str) -> zbus::Result<Message> {
    let header = call.header();
    let missing = zbus::Error::MissingField;
    let (path, member) = (header.path().ok_or(missing)?, header.member().ok_or(zbus::Error::MissingField)?);
    let mut builder = Message::method_call(path.to_owned(), member.to_owned())?.destination(unique.to_owned())?;
    if wants_no_reply(call) {
        builder = builder.with_flags(Flags::NoReplyExpected)?;
    }
    if let Some(interface) = header.interface() {
        builder = builder.interface(interface.to_owned())?;
    }
    raw_body(builder.endian(endian_of(call)), call.body().data(), &signature_of(&header))
}

/// The renderer's answer to such a call as it goes back to whoever called.
pub(super) fn answer_passed_back(call: &Message, answer: &Message) -> Result<Option<Message>, GateError> {
    if has_descriptors(answer) {
        return refusal(call, NOT_SUPPORTED, "file descriptors are not passed on");
    }
    match same_answer(call, answer) {
        Ok(message) => Ok(Some(message)),
        Err(_) => refusal(call, FAILED, "the answer cannot be passed on"),
    }
}

fn same_answer(call: &Message, answer: &Message) -> zbus::Result<Message> {
    let (call, header) = (call.header(), answer.header());
    let error = header.error_name().map_or(FAILED, |name| name.as_str());
    let builder = match answer.message_type() {
        Type::Error => Message::error(&call, error)?,
        Type::MethodCall | Type::MethodReturn | Type::Signal => Message::method_return(&call)?,
    };
    raw_body(builder.endian(endian_of(answer)), answer.body().data(), &signature_of(&header))
}

/// A signal of the notification service, to this connection or to everybody.
pub(super) fn signal<B: Serialize + DynamicType>(to: Option<&str>, member: &str, body: &B) -> zbus::Result<Message> {
    let builder = Message::signal(NOTIFICATIONS_PATH, NOTIFICATIONS, member.to_owned())?;
    let builder = match to {
        Some(to) => builder.destination(to.to_owned())?,
        None => builder,
    };
    builder.build(body)
}

/// A call to the bus itself.
pub(super) fn bus_call<B: Serialize + DynamicType>(method: &'static str, body: &B) -> Result<Message, GateError> {
    Message::method_call(DBUS_PATH, method)
        .and_then(|builder| builder.destination(DBUS))
        .and_then(|builder| builder.interface(DBUS))
        .and_then(|builder| builder.build(body))
        .map_err(|source| GateError::Bus { operation: "write a call to the bus", source })
}

/// `AddMatch` or `RemoveMatch`, which nobody waits for.
pub(super) fn match_rule(method: &'static str, rule: &str) -> Result<Message, GateError> {
    Message::method_call(DBUS_PATH, method)
        .and_then(|builder| builder.destination(DBUS))
        .and_then(|builder| builder.interface(DBUS))
        .and_then(|builder| builder.with_flags(Flags::NoReplyExpected))
        .and_then(|builder| builder.build(&rule))
        .map_err(|source| GateError::Bus { operation: "write a match rule", source })
}

/// The rule that tells when a connection leaves.
pub(super) fn leaving(name: &str) -> String {
    format!("type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged',arg0='{name}'")
}

/// The rule for what a renderer says.
pub(super) fn said_by(unique: &str) -> String {
    format!("type='signal',sender='{unique}',interface='{NOTIFICATIONS}'")
}

/// `CloseNotification`, which nobody waits for.
pub(super) fn close(unique: &str, id: u32) -> Result<Message, GateError> {
    Message::method_call(NOTIFICATIONS_PATH, "CloseNotification")
        .and_then(|builder| builder.destination(unique.to_owned()))
        .and_then(|builder| builder.interface(NOTIFICATIONS))
        .and_then(|builder| builder.with_flags(Flags::NoReplyExpected))
        .and_then(|builder| builder.build(&id))
        .map_err(|source| GateError::Bus { operation: "write a call", source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::read::is_big_endian;
    use zbus::zvariant::Endian;

    /// A call of `:1.5` at our name.
    fn call(flags: Option<Flags>, endian: Endian) -> Message {
        let builder = Message::method_call("/org/example", "Count").unwrap().sender(":1.5").unwrap();
        let builder = builder.destination(NOTIFICATIONS).unwrap().interface("org.example.Tool").unwrap();
        let builder = builder.endian(endian);
        let builder = match flags {
            Some(flag) => builder.with_flags(flag).unwrap(),
            None => builder,
        };
        builder.build(&("what", 7_u32)).unwrap()
    }

    fn wanted() -> Message {
        call(None, Endian::Little)
    }

    fn unwanted() -> Message {
        call(Some(Flags::NoReplyExpected), Endian::Little)
    }

    fn serial(message: &Message) -> u32 {
        message.primary_header().serial_num().get()
    }

    /// The call's serial, for whom it is, and what it says.
    fn answer(message: &Message) -> (Option<u32>, String, String) {
        let header = message.header();
        let destination = header.destination().map(ToString::to_string).unwrap_or_default();
        (header.reply_serial().map(Into::into), destination, message.body().deserialize().unwrap())
    }

    #[test]
    fn an_answer_goes_to_who_called_and_names_the_call() {
        let call = wanted();
        let replied = reply(&call, &"it is so").unwrap().unwrap();
        assert_eq!(answer(&replied), (Some(serial(&call)), ":1.5".into(), "it is so".into()));
        let refused = refusal(&call, NOT_SUPPORTED, "no").unwrap().unwrap();
        assert_eq!(answer(&refused), (Some(serial(&call)), ":1.5".into(), "no".into()));
        assert_eq!(refused.header().error_name().map(|name| name.as_str()), Some(NOT_SUPPORTED));
    }

    #[test]
    fn who_wants_no_answer_gets_none_not_even_an_error() {
        assert!(reply(&unwanted(), &7_u32).unwrap().is_none());
        assert!(refusal(&unwanted(), FAILED, "no").unwrap().is_none());
    }

    #[test]
    fn a_call_is_passed_on_as_it_came_in_both_byte_orders() {
        for endian in [Endian::Little, Endian::Big] {
            let call = call(None, endian);
            let passed = call_passed_on(&call, ":1.9").unwrap();
            let header = passed.header();
            assert_eq!(header.path().map(|path| path.as_str()), Some("/org/example"));
            assert_eq!(header.interface().map(|interface| interface.as_str()), Some("org.example.Tool"));
            assert_eq!(header.member().map(|member| member.as_str()), Some("Count"));
            assert_eq!(header.destination().map(ToString::to_string), Some(":1.9".into()));
            assert_eq!(header.sender(), None, "it is the gate who calls");
            assert_eq!(is_big_endian(&passed), is_big_endian(&call));
            assert_eq!(passed.body().deserialize::<(&str, u32)>().unwrap(), ("what", 7));
            assert!(!wants_no_reply(&passed));
        }
    }

    #[test]
    fn a_call_that_wants_no_answer_wants_none_of_the_renderer_either() {
        assert!(wants_no_reply(&call_passed_on(&unwanted(), ":1.9").unwrap()));
    }

    #[test]
    fn a_call_without_an_interface_is_passed_on_without_one() {
        let bare = Message::method_call("/", "Count").unwrap().build(&()).unwrap();
        assert_eq!(call_passed_on(&bare, ":1.9").unwrap().header().interface(), None);
    }

    #[test]
    fn a_renderers_answer_and_its_error_go_back_as_they_are() {
        let (call, asked) = (wanted(), call_passed_on(&wanted(), ":1.9").unwrap());
        let returned = Message::method_return(&asked.header()).unwrap().endian(Endian::Big).build(&"five").unwrap();
        let back = answer_passed_back(&call, &returned).unwrap().unwrap();
        assert_eq!(answer(&back), (Some(serial(&call)), ":1.5".into(), "five".into()));
        assert!(is_big_endian(&back));
        let failed = Message::error(&asked.header(), "org.example.Error.No").unwrap().build(&"none").unwrap();
        let back = answer_passed_back(&call, &failed).unwrap().unwrap();
        assert_eq!(answer(&back), (Some(serial(&call)), ":1.5".into(), "none".into()));
        assert_eq!(back.header().error_name().map(|name| name.as_str()), Some("org.example.Error.No"));
    }

    #[test]
    fn an_answer_with_descriptors_is_an_error_and_not_half_an_answer() {
        let (file, _far) = std::os::unix::net::UnixStream::pair().unwrap();
        let descriptor = zbus::zvariant::Fd::from(std::os::fd::OwnedFd::from(file));
        let returned = Message::method_return(&wanted().header()).unwrap().build(&descriptor).unwrap();
        let back = answer_passed_back(&wanted(), &returned).unwrap().unwrap();
        assert_eq!(back.header().error_name().map(|name| name.as_str()), Some(NOT_SUPPORTED));
    }

    #[test]
    fn a_signal_is_for_one_connection_or_for_everybody() {
        let to = |to: Option<&str>| {
            let signal = signal(to, "NotificationClosed", &(1_u32, 2_u32)).unwrap();
            signal.header().destination().map(ToString::to_string)
        };
        assert_eq!((to(Some(":1.5")), to(None)), (Some(":1.5".into()), None));
        assert!(signal(Some("no name"), "NotificationClosed", &()).is_err());
    }

    #[test]
    fn what_nobody_waits_for_asks_for_no_answer() {
        let rule = leaving(":1.5");
        for message in [match_rule("AddMatch", &rule).unwrap(), close(":1.9", 7).unwrap()] {
            assert!(wants_no_reply(&message), "{message}");
        }
        assert!(!wants_no_reply(&bus_call("ListNames", &()).unwrap()));
        assert!(rule.ends_with("member='NameOwnerChanged',arg0=':1.5'"), "of this connection alone");
    }
}
