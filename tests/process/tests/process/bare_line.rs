//! A line to the bus without a library in between: any bytes go out, and what comes back is read only when a test asks.
//! Knows the handshake of D-Bus and nothing of what is said.

use crate::bus_tap::{last_string, read_frame};
use std::os::unix::fs::MetadataExt;
use tidegate_testkit::{DEADLINE, Session, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zbus::Message;

/// The type of a message (D-Bus Specification, "Message Format").
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;

/// A connection of its own.
pub(crate) struct BareLine {
    stream: BufReader<UnixStream>,
    name: String,
}

impl BareLine {
    /// One that the bus has greeted.
    pub(crate) async fn connect(session: &Session) -> Self {
        let user = std::fs::metadata("/proc/self").unwrap().uid().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        let stream = BufReader::new(UnixStream::connect(session.bus().socket()).await.unwrap());
        let mut line = Self { stream, name: String::new() };
        line.send(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes()).await;
        let answer = line.read().await;
        assert!(answer.starts_with(b"OK "), "{answer:?}");
        line.send(b"BEGIN\r\n").await;
        let hello = Message::method_call("/org/freedesktop/DBus", "Hello")
            .and_then(|call| call.destination("org.freedesktop.DBus"))
            .and_then(|call| call.interface("org.freedesktop.DBus"))
            .and_then(|call| call.build(&()));
        line.send(hello.unwrap().data()).await;
        line.name = last_string(&line.read().await);
        line
    }

    /// Its unique name on the bus.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        within(DEADLINE, "the bus to read", self.stream.write_all(bytes)).await.unwrap();
    }

    /// Reads the answers to so many calls: how many were given, and how many were errors.
    pub(crate) async fn answers(&mut self, count: usize) -> (usize, usize) {
        let (mut given, mut errors) = (0, 0);
        while given + errors < count {
            match self.read().await[1] {
                METHOD_RETURN => given += 1,
                ERROR => errors += 1,
                _ => {}
            }
        }
        (given, errors)
    }

    async fn read(&mut self) -> Vec<u8> {
        within(DEADLINE, "a message of the bus", read_frame(&mut self.stream)).await.unwrap()
    }

    /// Returns when the bus has hung up.
    pub(crate) async fn wait_end(&mut self) {
        let mut rest = Vec::new();
        // The end may be an error, when the bus leaves with something unread.
        within(DEADLINE, "the bus to hang up", self.stream.read_to_end(&mut rest)).await.ok();
    }

    /// Hangs up once the bus has read all that was sent.
    pub(crate) async fn leave(mut self) {
        self.stream.shutdown().await.unwrap();
        self.wait_end().await;
    }
}
