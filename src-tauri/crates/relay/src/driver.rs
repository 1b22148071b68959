//! The smallest possible client of the session bus: authenticates, says Hello, asks who owns a name, and for a property.
//!
//! Blocking, with a time limit. It must not know names of ours.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::wire::{Argument, BUS, Cursor, Endian, FIXED, Fields, Frame, Kind, Target, bus_call, call};

/// The longest wait for one answer of the bus, for who has nothing else to do.
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
        Self::connect_within(stream, PATIENCE)
    }

    /// The same, with no more patience than this for each answer.
    ///
    /// # Errors
    /// As for [`Self::connect`].
    pub fn connect_within(stream: UnixStream, patience: Duration) -> io::Result<Self> {
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
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

    /// A property that is a list of texts, of the connection that owns this name now.
    ///
    /// # Errors
    /// As for [`Self::connect`]; also when nobody owns the name, or it has no such property.
    pub fn texts(&mut self, of: Target<'_>, property: &str) -> io::Result<Vec<Vec<u8>>> {
        let (endian, body) = self.call("GetNameOwner", &[Argument::Text(of.destination)])?;
        let owner = Cursor::body(endian, &body).string().and_then(|owner| std::str::from_utf8(owner).ok());
        let owner = owner.ok_or_else(|| nonsense("the session bus gave an empty answer"))?;
        let properties = Target { destination: owner, path: of.path, interface: "org.freedesktop.DBus.Properties" };
        let arguments = [Argument::Text(of.interface), Argument::Text(property)];
        self.serial += 1;
        self.stream.write_all(&call(Endian::Little, self.serial, properties, "Get", &arguments))?;
        let (endian, body) = self.answer(owner.as_bytes())?;
        let texts = Cursor::body(endian, &body).strings_in_variant();
        let texts = texts.ok_or_else(|| nonsense("the property is no list of texts"))?;
        Ok(texts.into_iter().map(<[u8]>::to_vec).collect())
    }

    fn call(&mut self, member: &str, arguments: &[Argument<'_>]) -> io::Result<(Endian, Vec<u8>)> {
        self.serial += 1;
        self.stream.write_all(&bus_call(Endian::Little, self.serial, member, arguments))?;
        self.answer(BUS)
    }

    /// The answer to the last call, from whom it was put to, or from the bus.
    fn answer(&mut self, by: &[u8]) -> io::Result<(Endian, Vec<u8>)> {
        for _ in 0..MAX_OTHERS {
            if let Some(answer) = self.message(by)? {
                return Ok(answer);
            }
        }
        Err(nonsense("the session bus did not answer"))
    }

    /// Reads one message; its body if it answers the last call.
    fn message(&mut self, by: &[u8]) -> io::Result<Option<(Endian, Vec<u8>)>> {
        let mut message = vec![0; FIXED];
        self.stream.read_exact(&mut message)?;
        let frame = Frame::parse(&message).filter(|frame| frame.head + frame.body <= MAX_ANSWER);
        let frame = frame.ok_or_else(|| nonsense("the session bus does not speak D-Bus"))?;
        message.resize(frame.head + frame.body, 0);
        self.stream.read_exact(message.get_mut(FIXED..).unwrap_or_default())?;
        let (head, body) = message.split_at(frame.head);
        let fields = Fields::parse(&frame, head).unwrap_or_default();
        let is_believed = fields.sender == Some(BUS) || fields.sender == Some(by);
        if fields.reply_serial != Some(self.serial) || !is_believed {
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
