//! The smallest possible client of the session bus: authenticates, says Hello, asks whether a name has an owner.
//!
//! Blocking, with a time limit. It must not know names of ours.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::wire::{Argument, BUS, Cursor, Endian, FIXED, Fields, Frame, Kind, bus_call};

/// The longest wait for one answer of the bus.
const PATIENCE: Duration = Duration::from_secs(5);
/// No answer to our questions is longer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The longest authentication line, in bytes.
const MAX_LINE: usize = 1024;
/// Messages to others that may come before our answer.
const MAX_OTHERS: usize = 64;

/// A connection that said Hello.
#[derive(Debug)]
pub struct Driver {
    stream: UnixStream,
    serial: u32,
}

impl Driver {
    /// Authenticates as this user.
    ///
    /// # Errors
    /// The socket's, or `InvalidData` when the other end is no bus that lets us in.
    pub fn connect(stream: UnixStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut driver = Self { stream, serial: 0 };
        let user = rustix::process::geteuid().as_raw().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        write!(driver.stream, "\0AUTH EXTERNAL {user}\r\n")?;
        if !driver.line()?.starts_with(b"OK ") {
            return Err(nonsense("the session bus refused this user"));
        }
        driver.stream.write_all(b"BEGIN\r\n")?;
        driver.call("Hello", &[])?;
        Ok(driver)
    }

    /// Whether somebody owns this name.
    ///
    /// # Errors
    /// As for [`Self::connect`].
    pub fn name_has_owner(&mut self, name: &str) -> io::Result<bool> {
        let (endian, body) = self.call("NameHasOwner", &[Argument::Text(name)])?;
        let owned = Cursor::body(endian, &body).uint32();
        owned.map(|owned| owned != 0).ok_or_else(|| nonsense("the session bus gave an empty answer"))
    }

    fn call(&mut self, member: &str, arguments: &[Argument<'_>]) -> io::Result<(Endian, Vec<u8>)> {
        self.serial += 1;
        self.stream.write_all(&bus_call(Endian::Little, self.serial, member, arguments))?;
        for _ in 0..MAX_OTHERS {
            if let Some(answer) = self.message()? {
                return Ok(answer);
            }
        }
        Err(nonsense("the session bus did not answer"))
    }

    /// Reads one message; its body if it answers the last call.
    fn message(&mut self) -> io::Result<Option<(Endian, Vec<u8>)>> {
        let mut message = vec![0; FIXED];
        self.stream.read_exact(&mut message)?;
        let frame = Frame::parse(&message).filter(|frame| frame.head + frame.body <= MAX_ANSWER);
        let frame = frame.ok_or_else(|| nonsense("the session bus does not speak D-Bus"))?;
        message.resize(frame.head + frame.body, 0);
        self.stream.read_exact(message.get_mut(FIXED..).unwrap_or_default())?;
        let (head, body) = message.split_at(frame.head);
        let fields = Fields::parse(&frame, head).unwrap_or_default();
        if fields.reply_serial != Some(self.serial) || fields.sender != Some(BUS) {
            return Ok(None);
        }
        match frame.kind {
            Kind::Return => Ok(Some((frame.endian, body.to_vec()))),
            Kind::Call | Kind::Error | Kind::Signal | Kind::Unknown => Err(nonsense("the session bus refused a call")),
        }
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            line.extend(byte);
            if line.len() > MAX_LINE {
                return Err(nonsense("the session bus does not speak D-Bus"));
            }
        }
        Ok(line)
    }
}

fn nonsense(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
