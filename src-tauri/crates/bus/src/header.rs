//! What of a message's header tells where it belongs, before the library reads the message: most of a flood is never read.
//! Must not know what a message says.

use crate::frame::FIXED;
use std::borrow::Cow;
use zbus::Message;
use zbus::message::{Flags, Type};

/// The header fields that are looked at, by their codes (D-Bus specification, "Header Fields").
const INTERFACE: u8 = 2;
const REPLY_SERIAL: u8 = 5;
const SENDER: u8 = 7;
/// Where the fixed part has the serial, the fields' length, the flags and the type.
const SERIAL_AT: usize = 8;
const FIELDS_AT: usize = 12;
const FLAGS_AT: usize = 2;
const TYPE_AT: usize = 1;

/// Who sent what kind of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header<'m> {
    pub(crate) kind: Type,
    /// None before the connection has a name: then only the bus speaks.
    pub(crate) sender: Option<Cow<'m, str>>,
    pub(crate) interface: Option<Cow<'m, str>>,
    pub(crate) serial: u32,
    pub(crate) reply_serial: Option<u32>,
    pub(crate) wants_reply: bool,
}

impl<'m> Header<'m> {
    /// Of a message that the bus has let through. Nothing for one with fields that only the library knows to read.
    pub(crate) fn of(message: &'m [u8]) -> Option<Self> {
        let fixed = message.get(..FIXED)?;
        let is_big_endian = match fixed.first()? {
            b'l' => false,
            b'B' => true,
            _ => return None,
        };
        let number = Numbers { is_big_endian };
        let end = FIXED.checked_add(usize::try_from(number.at(fixed, FIELDS_AT)?).ok()?)?;
        let mut header = Self {
            kind: kind_of(*fixed.get(TYPE_AT)?)?,
            sender: None,
            interface: None,
            serial: number.at(fixed, SERIAL_AT)?,
            reply_serial: None,
            wants_reply: fixed.get(FLAGS_AT)? & Flags::NoReplyExpected as u8 == 0,
        };
        let mut fields = Fields { bytes: message.get(..end)?, at: FIXED, number };
        while fields.at < end {
            match fields.next()? {
                (INTERFACE, Field::Text(text)) => header.interface = Some(Cow::Borrowed(text)),
                (SENDER, Field::Text(text)) => header.sender = Some(Cow::Borrowed(text)),
                (REPLY_SERIAL, Field::Number(serial)) => header.reply_serial = Some(serial),
                _ => {}
            }
        }
        Some(header)
    }

    /// The same, of a message that the library has read.
    pub(crate) fn of_message(message: &'m Message) -> Self {
        let (primary, header) = (message.primary_header(), message.header());
        Self {
            kind: message.message_type(),
            sender: header.sender().map(|sender| Cow::Owned(sender.to_string())),
            interface: header.interface().map(|interface| Cow::Owned(interface.to_string())),
            serial: primary.serial_num().get(),
            reply_serial: header.reply_serial().map(std::num::NonZeroU32::get),
            wants_reply: !primary.flags().contains(Flags::NoReplyExpected),
        }
    }
}

fn kind_of(code: u8) -> Option<Type> {
    match code {
        1 => Some(Type::MethodCall),
        2 => Some(Type::MethodReturn),
        3 => Some(Type::Error),
        4 => Some(Type::Signal),
        _ => None,
    }
}

/// A field's value, if it is of one of the types that the defined fields have.
enum Field<'m> {
    Text(&'m str),
    Number(u32),
}

/// Numbers in the message's byte order.
#[derive(Clone, Copy)]
struct Numbers {
    is_big_endian: bool,
}

impl Numbers {
    fn at(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

/// The array of fields, each a code and a variant, aligned to eight bytes.
struct Fields<'m> {
    bytes: &'m [u8],
    at: usize,
    number: Numbers,
}

impl<'m> Fields<'m> {
    fn next(&mut self) -> Option<(u8, Field<'m>)> {
        let start = self.at.checked_next_multiple_of(8)?;
        let [code, 1, kind, 0] = *self.bytes.get(start..start.checked_add(4)?)? else { return None };
        let at = start + 4;
        let field = match kind {
            b's' | b'o' => Field::Text(self.text(at, 4, usize::try_from(self.number.at(self.bytes, at)?).ok()?)?),
            b'g' => Field::Text(self.text(at, 1, usize::from(*self.bytes.get(at)?))?),
            b'u' => {
                self.at = at + 4;
                Field::Number(self.number.at(self.bytes, at)?)
            }
            _ => return None,
        };
        Some((code, field))
    }

    /// Behind its length there are so many bytes and a zero.
    fn text(&mut self, at: usize, prefix: usize, length: usize) -> Option<&'m str> {
        let start = at.checked_add(prefix)?;
        let end = start.checked_add(length)?;
        self.at = end.checked_add(1)?;
        std::str::from_utf8(self.bytes.get(start..end)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::zvariant::Endian;

    /// Both ways of reading say the same.
    #[track_caller]
    fn check(message: &Message) {
        let header = Header::of(message.data()).unwrap();
        assert_eq!(header, Header::of_message(message));
    }

    fn call(endian: Endian) -> Message {
        let call = Message::method_call("/org/example", "Do").unwrap().endian(endian).sender(":1.7").unwrap();
        let call = call.destination("org.example.Name").unwrap().interface("org.example.Interface").unwrap();
        call.build(&("text", 7_u32)).unwrap()
    }

    #[test]
    fn sender_kind_and_serials_are_found_in_either_byte_order() {
        for endian in [Endian::Little, Endian::Big] {
            let call = call(endian);
            check(&call);
            let header = Header::of(call.data()).unwrap();
            assert_eq!(
                (header.kind, header.sender.as_deref(), header.wants_reply),
                (Type::MethodCall, Some(":1.7"), true)
            );
            check(&Message::method_return(&call.header()).unwrap().sender(":1.9").unwrap().build(&()).unwrap());
            check(&Message::error(&call.header(), "org.example.Error").unwrap().build(&"no").unwrap());
        }
        check(&Message::signal("/", "org.example.Interface", "Changed").unwrap().build(&()).unwrap());
        let silent = Message::method_call("/", "Do").unwrap().with_flags(Flags::NoReplyExpected).unwrap();
        check(&silent.build(&()).unwrap());
    }

    #[test]
    fn what_is_cut_off_or_strange_is_left_to_the_library() {
        let call = call(Endian::Little);
        let whole = call.data();
        for length in 0..whole.len() - call.body().len() - 8 {
            assert_eq!(Header::of(&whole[..length]), None, "{length} bytes");
        }
        for at in FIXED..FIXED + 4 {
            for byte in [0xff, b'v', b'('] {
                let mut changed = whole.to_vec();
                changed[at] = byte;
                // Whatever it says, it ends.
                Header::of(&changed);
            }
        }
    }
}
