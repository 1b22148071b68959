//! What was asked of whom and is not answered yet. The bus delivers answers that nobody asked for, so only who was asked
//! is believed. Must not know what was asked.

use crate::DBUS;
use crate::header::Header;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::Message;
use zbus::message::{Flags, Type};

/// Questions that are remembered. A peer that never answers must not make us remember for ever.
const MOST: usize = 8_192;

/// Shared by the two halves of a connection: one asks, the other hears.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(Arc<Mutex<Questions>>);

#[derive(Debug, Default)]
struct Questions {
    /// The bus has answered the Hello, which the library sends while it is let in, as bytes among others.
    is_greeted: bool,
    /// By the serials of the calls.
    open: BTreeMap<u32, Whom>,
}

/// Who may answer. The bus itself may always: it says so when there is nobody to ask.
#[derive(Debug, PartialEq, Eq)]
enum Whom {
    /// The connection of this unique name, or the bus.
    One(String),
    /// Whoever owns a well-known name; which connection that is, only the bus knows.
    Owner,
}

impl Asked {
    /// A message is about to be sent.
    pub(crate) fn sending(&self, message: &Message) {
        let primary = message.primary_header();
        if message.message_type() != Type::MethodCall || primary.flags().contains(Flags::NoReplyExpected) {
            return;
        }
        let header = message.header();
        let whom = match header.destination().map(|name| name.as_str()) {
            Some(name) if name == DBUS || name.starts_with(':') => Whom::One(name.to_owned()),
            Some(_) => Whom::Owner,
            None => Whom::One(DBUS.to_owned()),
        };
        let mut asked = self.lock();
        asked.open.insert(primary.serial_num().get(), whom);
        if asked.open.len() > MOST {
            asked.open.pop_first();
        }
    }

    /// Whether a message may be believed: an answer only from who was asked, the bus's signals only from the bus.
    pub(crate) fn believes(&self, header: &Header<'_>) -> bool {
        // Before a connection has a name, the bus alone speaks to it, and may leave its own name out.
        let sender = header.sender.as_deref().unwrap_or(DBUS);
        match header.kind {
            Type::MethodCall => true,
            Type::Signal => header.interface.as_deref() != Some(DBUS) || sender == DBUS,
            Type::MethodReturn | Type::Error => {
                header.reply_serial.is_some_and(|serial| self.is_answer(serial, sender))
            }
        }
    }

    fn is_answer(&self, serial: u32, sender: &str) -> bool {
        let mut asked = self.lock();
        if sender == DBUS && !asked.is_greeted {
            asked.is_greeted = true;
            return true;
        }
        let may_answer = match asked.open.get(&serial) {
            Some(Whom::One(name)) => sender == name || sender == DBUS,
            Some(Whom::Owner) => true,
            None => false,
        };
        if may_answer {
            asked.open.remove(&serial);
        }
        may_answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Questions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a connection that the bus has let in.
    fn let_in() -> Asked {
        let asked = Asked::default();
        assert!(believes(&asked, &answer(&call(DBUS), DBUS)), "the Hello is answered");
        asked
    }

    fn believes(asked: &Asked, message: &Message) -> bool {
        asked.believes(&Header::of_message(message))
    }

    fn call(to: &str) -> Message {
        Message::method_call("/", "Ask").unwrap().destination(to).unwrap().build(&()).unwrap()
    }

    fn answer(call: &Message, by: &str) -> Message {
        Message::method_return(&call.header()).unwrap().sender(by).unwrap().build(&()).unwrap()
    }

    fn signal(by: &str, interface: &str) -> Message {
        Message::signal("/", interface, "NameOwnerChanged").unwrap().sender(by).unwrap().build(&()).unwrap()
    }

    #[test]
    fn only_who_was_asked_answers_and_only_once() {
        let asked = let_in();
        let (of_bus, of_one) = (call(DBUS), call(":1.7"));
        asked.sending(&of_bus);
        asked.sending(&of_one);
        assert!(!believes(&asked, &answer(&of_bus, ":1.66")));
        assert!(!believes(&asked, &answer(&of_one, ":1.66")));
        assert!(believes(&asked, &answer(&of_bus, DBUS)));
        assert!(!believes(&asked, &answer(&of_bus, DBUS)), "it is answered");
        assert!(believes(&asked, &answer(&of_one, ":1.7")));
    }

    #[test]
    fn nobody_answers_what_was_never_asked() {
        let asked = let_in();
        assert!(!believes(&asked, &answer(&call(DBUS), DBUS)));
        let silent = Message::method_call("/", "Tell").unwrap().with_flags(Flags::NoReplyExpected).unwrap();
        let silent = silent.destination(":1.7").unwrap().build(&()).unwrap();
        asked.sending(&silent);
        assert!(!believes(&asked, &answer(&silent, ":1.7")));
    }

    #[test]
    fn the_bus_says_that_there_is_nobody_and_an_owner_answers_for_its_name() {
        let asked = let_in();
        let (of_one, of_name) = (call(":1.7"), call("org.example.Name"));
        asked.sending(&of_one);
        asked.sending(&of_name);
        assert!(believes(&asked, &answer(&of_one, DBUS)));
        assert!(believes(&asked, &answer(&of_name, ":1.9")));
    }

    #[test]
    fn the_buss_signals_come_from_the_bus() {
        let asked = let_in();
        assert!(believes(&asked, &signal(DBUS, DBUS)));
        assert!(!believes(&asked, &signal(":1.66", DBUS)));
        assert!(believes(&asked, &signal(":1.66", "org.example.Other")));
    }

    #[test]
    fn what_is_never_answered_is_forgotten_at_last() {
        let asked = let_in();
        let first = call(":1.7");
        asked.sending(&first);
        for _ in 0..MOST {
            asked.sending(&call(":1.7"));
        }
        assert_eq!(asked.lock().open.len(), MOST);
        assert!(!believes(&asked, &answer(&first, ":1.7")));
    }
}
