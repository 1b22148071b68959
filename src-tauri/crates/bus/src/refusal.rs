//! An error reply as bytes: to refuse a call must cost less than to send one. (D-Bus specification, "Message Format").
//! Must not know when anything is refused.

use crate::frame::FIXED;
use zbus::message::Flags;

const ERROR: u8 = 3;
const VERSION: u8 = 1;
/// The codes of the header fields.
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SIGNATURE: u8 = 8;

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The error's name.
    pub name: &'static str,
    /// One sentence.
    pub text: &'static str,
}

impl Refusal {
    /// Adds the answer to the call with this serial to what is to be sent.
    pub(crate) fn write(self, serial: u32, to_call: u32, caller: &str, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend([b'l', ERROR, Flags::NoReplyExpected as u8, VERSION]);
        // The body's length, and after the serial that of the fields, are known at the end.
        out.extend([0; 4]);
        out.extend(serial.to_le_bytes());
        out.extend([0; 4]);
        out.extend([REPLY_SERIAL, 1, b'u', 0]);
        out.extend(to_call.to_le_bytes());
        field(DESTINATION, caller, start, out);
        field(ERROR_NAME, self.name, start, out);
        align(start, out);
        out.extend([SIGNATURE, 1, b'g', 0, 1, b's', 0]);
        let fields = out.len() - start - FIXED;
        align(start, out);
        let body = out.len();
        text(self.text, out);
        let body = out.len() - body;
        put_length(start + 4, body, out);
        put_length(start + 12, fields, out);
    }
}

fn field(code: u8, value: &str, start: usize, out: &mut Vec<u8>) {
    align(start, out);
    out.extend([code, 1, b's', 0]);
    text(value, out);
}

fn text(value: &str, out: &mut Vec<u8>) {
    out.extend(length(value.len()));
    out.extend(value.as_bytes());
    out.push(0);
}

fn align(start: usize, out: &mut Vec<u8>) {
    out.resize(start + (out.len() - start).next_multiple_of(8), 0);
}

fn put_length(at: usize, bytes: usize, out: &mut [u8]) {
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length(bytes));
    }
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Whole;
    use zbus::Message;
    use zbus::connection::socket::ReadHalf;
    use zbus::message::Type;

    const REFUSAL: Refusal = Refusal { name: "org.example.Error.TooMuch", text: "there is too much of it" };

    async fn read(bytes: &[u8]) -> Message {
        Whole.receive_message(1, &mut bytes.to_vec(), &mut Vec::new()).await.unwrap()
    }

    #[tokio::test]
    async fn it_is_the_error_that_the_library_would_write() {
        let mut out = Vec::new();
        for caller in [":1.7", ":1.12345678"] {
            let start = out.len();
            REFUSAL.write(0x8000_0007, 12, caller, &mut out);
            let written = read(&out[start..]).await;
            let call = Message::method_call("/", "Do").unwrap().sender(caller).unwrap().serial(12.try_into().unwrap());
            let call = call.build(&()).unwrap();
            let wanted = Message::error(&call.header(), REFUSAL.name).unwrap().build(&REFUSAL.text).unwrap();
            assert_eq!(written.message_type(), Type::Error);
            assert_eq!(written.primary_header().serial_num().get(), 0x8000_0007);
            let (header, other) = (written.header(), wanted.header());
            assert_eq!(header.reply_serial(), other.reply_serial());
            assert_eq!(header.destination(), other.destination());
            assert_eq!(header.error_name(), other.error_name());
            assert_eq!(header.signature(), other.signature());
            assert_eq!(written.body().deserialize::<&str>().unwrap(), REFUSAL.text);
        }
    }
}
