//! A line to the bus that is nothing but the socket, and waits where it must: what floods, what is measured beside them and
//! what answers them share neither a library nor a runtime. Knows the framing of D-Bus and nothing of what is said.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use tidegate_testkit::DEADLINE;
use zbus::Message;

/// Types of messages (D-Bus Specification, "Message Format").
pub(crate) const CALL: u8 = 1;
pub(crate) const RETURN: u8 = 2;
const ERROR: u8 = 3;
/// The fixed part of a header.
pub(crate) const FIXED: usize = 16;

/// A connection that the bus has greeted.
pub(crate) struct Line(BufReader<UnixStream>);

impl Line {
    pub(crate) fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut line = Self(BufReader::with_capacity(64 << 10, stream));
        let user = std::fs::metadata("/proc/self").unwrap().uid().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        line.send(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes());
        let mut said = String::new();
        line.0.read_line(&mut said).unwrap();
        assert!(said.starts_with("OK "), "{said}");
        line.send(b"BEGIN\r\n");
        line.ask_bus("Hello", &());
        line
    }

    /// Asks the bus itself, and waits for its answer.
    pub(crate) fn ask_bus<B: serde::Serialize + zbus::zvariant::DynamicType>(&mut self, method: &str, body: &B) {
        const BUS: &str = "org.freedesktop.DBus";
        let call = Message::method_call("/org/freedesktop/DBus", method)
            .and_then(|call| call.destination(BUS))
            .and_then(|call| call.interface(BUS))
            .and_then(|call| call.build(body));
        self.send(call.unwrap().data());
        self.wait_answer();
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Sends so many calls as fast as the bus takes them; whether all were answered. dbus-broker cuts off whom it has an
    /// answer for once a user's clients have more waiting than they may.
    pub(crate) fn flood(&mut self, calls: &[u8], count: usize) -> bool {
        let mut socket = self.0.get_ref().try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || socket.write_all(calls).ok());
            self.answers(count).is_ok()
        })
    }

    /// Returns when a call is answered, well or not.
    pub(crate) fn wait_answer(&mut self) {
        self.answers(1).unwrap();
    }

    fn answers(&mut self, mut count: usize) -> std::io::Result<()> {
        while count > 0 {
            count -= usize::from(matches!(self.read()?[1], RETURN | ERROR));
        }
        Ok(())
    }

    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let mut message = vec![0; FIXED];
        self.0.read_exact(&mut message)?;
        let length = length(&message).unwrap();
        message.resize(length, 0);
        self.0.read_exact(&mut message[FIXED..])?;
        Ok(message)
    }

    /// The socket, and what was read of it ahead.
    pub(crate) fn into_parts(self) -> (UnixStream, Vec<u8>) {
        let ahead = self.0.buffer().to_vec();
        (self.0.into_inner(), ahead)
    }
}

pub(crate) fn number(message: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(message[at..at + 4].try_into().unwrap())
}

/// How long a message is, if as much as says so is there.
pub(crate) fn length(message: &[u8]) -> Option<usize> {
    let number = |at| number(message, at) as usize;
    (message.len() >= FIXED).then(|| (FIXED + number(12)).next_multiple_of(8) + number(4))
}
