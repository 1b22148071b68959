//! As much of the D-Bus wire format as the relay needs: frames, header fields, a first argument, calls to the bus.
//!
//! Pure functions on bytes; it must not know sockets or what the relay does with a message. Everything read may be
//! hostile: lengths are checked before use and nothing here panics. Source: the D-Bus Specification, "Message
//! Protocol" and "Type System".

/// The bus driver's name, and its interface.
pub const BUS: &[u8] = b"org.freedesktop.DBus";
/// The fixed part of every header, in bytes.
pub const FIXED: usize = 16;
/// The longest message that the protocol allows: 128 MiB.
const MAX_MESSAGE: u64 = 1 << 27;
/// The longest array that the protocol allows: 64 MiB.
const MAX_ARRAY: u32 = 1 << 26;
/// The flag of a call whose answer nobody wants.
pub const NO_REPLY_EXPECTED: u8 = 1;

/// The byte order of a message; each message says its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// `l`
    Little,
    /// `B`
    Big,
}

impl Endian {
    /// The order that a message's first byte announces.
    #[must_use]
    pub fn of(byte: u8) -> Option<Self> {
        match byte {
            b'l' => Some(Self::Little),
            b'B' => Some(Self::Big),
            _ => None,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Little => b'l',
            Self::Big => b'B',
        }
    }

    /// A uint32 in this order.
    #[must_use]
    pub fn read(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    fn write(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// The four kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// METHOD_CALL
    Call,
    /// METHOD_RETURN
    Return,
    /// ERROR
    Error,
    /// SIGNAL
    Signal,
    /// One that a later protocol may add; receivers ignore it.
    Unknown,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => None,
            1 => Some(Self::Call),
            2 => Some(Self::Return),
            3 => Some(Self::Error),
            4 => Some(Self::Signal),
            _ => Some(Self::Unknown),
        }
    }
}

/// What the fixed part of a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Byte order.
    pub endian: Endian,
    /// Kind of message.
    pub kind: Kind,
    /// Flags, such as [`NO_REPLY_EXPECTED`].
    pub flags: u8,
    /// The sender's serial.
    pub serial: u32,
    /// Length of the header with its padding, in bytes.
    pub head: usize,
    /// Length of the body, in bytes.
    pub body: usize,
    fields_end: usize,
}

impl Frame {
    /// Reads the fixed part. Nothing: no bus would accept this message, so it is not D-Bus.
    #[must_use]
    pub fn parse(fixed: &[u8]) -> Option<Self> {
        let fixed: &[u8; FIXED] = fixed.first_chunk()?;
        let &[order, kind, flags, 1, b0, b1, b2, b3, s0, s1, s2, s3, f0, f1, f2, f3] = fixed else {
            return None;
        };
        let endian = Endian::of(order)?;
        let kind = Kind::of(kind)?;
        let body = endian.read([b0, b1, b2, b3]);
        let fields = endian.read([f0, f1, f2, f3]);
        let head = u64::from(fields).checked_add(FIXED as u64)?.next_multiple_of(8);
        if fields > MAX_ARRAY || head + u64::from(body) > MAX_MESSAGE {
            return None;
        }
        Some(Self {
            endian,
            kind,
            flags,
            serial: endian.read([s0, s1, s2, s3]),
            head: usize::try_from(head).ok()?,
            body: usize::try_from(body).ok()?,
            fields_end: usize::try_from(fields).ok()?.checked_add(FIXED)?,
        })
    }
}

/// The header fields that matter here; an absent one is nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// Field 2.
    pub interface: Option<&'a [u8]>,
    /// Field 3.
    pub member: Option<&'a [u8]>,
    /// Field 4.
    pub error: Option<&'a [u8]>,
    /// Field 5.
    pub reply_serial: Option<u32>,
    /// Field 6.
    pub destination: Option<&'a [u8]>,
    /// Field 7, which the bus itself sets.
    pub sender: Option<&'a [u8]>,
    /// Field 8.
    pub signature: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Walks the fields of a whole header. Nothing: malformed, or a field of a type that no specified field has.
    #[must_use]
    pub fn parse(frame: &Frame, head: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes: head.get(..frame.fields_end)?, at: FIXED, endian: frame.endian };
        let mut fields = Self::default();
        while cursor.at < frame.fields_end {
            cursor.align(8);
            let code = cursor.byte()?;
            match cursor.signature()? {
                b"s" | b"o" => fields.set_text(code, cursor.string()?),
                b"g" => fields.set_text(code, cursor.signature()?),
                b"u" => fields.set_number(code, cursor.uint32()?),
                _ => return None,
            }
        }
        Some(fields)
    }

    fn set_text(&mut self, code: u8, value: &'a [u8]) {
        match code {
            2 => self.interface = Some(value),
            3 => self.member = Some(value),
            4 => self.error = Some(value),
            6 => self.destination = Some(value),
            7 => self.sender = Some(value),
            8 => self.signature = Some(value),
            _ => {}
        }
    }

    fn set_number(&mut self, code: u8, value: u32) {
        if code == 5 {
            self.reply_serial = Some(value);
        }
    }
}

/// A place in a message. Reading past its end gives nothing.
#[derive(Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    endian: Endian,
}

impl<'a> Cursor<'a> {
    /// At the start of a body. Bodies begin on a multiple of 8, so offsets in them are aligned as in the message.
    #[must_use]
    pub fn body(endian: Endian, body: &'a [u8]) -> Self {
        Self { bytes: body, at: 0, endian }
    }

    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A uint32.
    pub fn uint32(&mut self) -> Option<u32> {
        self.align(4);
        Some(self.endian.read(*self.take(4)?.first_chunk()?))
    }

    /// A string or an object path, without its final zero.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.uint32()?).ok()?;
        let text = self.take(length)?;
        self.byte()?;
        Some(text)
    }

    /// The strings of an array in a variant; nothing if it holds anything else.
    pub fn strings_in_variant(&mut self) -> Option<Vec<&'a [u8]>> {
        if self.signature()? != b"as" {
            return None;
        }
        let length = usize::try_from(self.uint32()?).ok()?;
        let end = self.at.checked_add(length)?;
        let mut strings = Vec::new();
        while self.at < end {
            strings.push(self.string()?);
        }
        Some(strings)
    }

    fn signature(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?);
        let text = self.take(length)?;
        self.byte()?;
        Some(text)
    }
}

/// The first argument of a body, if it is a string: its bytes, to be overwritten by as many others.
#[must_use]
pub fn first_string_mut(endian: Endian, body: &mut [u8]) -> Option<&mut [u8]> {
    let length = Cursor::body(endian, body).string()?.len();
    body.get_mut(4..)?.get_mut(..length)
}

/// Adds the destination to a message whose header has none. Nothing of its body need be there.
pub fn add_destination(frame: &Frame, message: &mut Vec<u8>, destination: &str) {
    if message.len() < frame.head {
        return;
    }
    let body = message.split_off(frame.head);
    // The last field is followed by padding up to the body.
    message.truncate(frame.fields_end);
    let mut writer = Writer { bytes: std::mem::take(message), endian: frame.endian };
    writer.text_field(6, b's', destination);
    let fields = u32::try_from(writer.bytes.len().saturating_sub(FIXED)).unwrap_or(u32::MAX);
    if let Some(length) = writer.bytes.get_mut(FIXED - 4..FIXED) {
        length.copy_from_slice(&frame.endian.write(fields));
    }
    writer.align(8);
    writer.bytes.extend(body);
    *message = writer.bytes;
}

/// Whether the bus could have given this name to a connection. It would end one whose message is addressed to less.
#[must_use]
pub fn is_unique_name(name: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let parts = name.strip_prefix(':').filter(|_| name.len() <= 255).map(|rest| rest.split('.'));
    parts.is_some_and(|parts| parts.clone().count() > 1 && parts.clone().all(plain))
}

/// Sets a flag in a message's header.
pub fn add_flag(message: &mut [u8], flag: u8) {
    if let Some(flags) = message.get_mut(2) {
        *flags |= flag;
    }
}

/// One argument of a call to the bus.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    /// `s`
    Text(&'a str),
    /// `u`
    Number(u32),
}

/// Whom a call is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The connection, or a name that it owns.
    pub destination: &'a str,
    /// The object.
    pub path: &'a str,
    /// The method's interface.
    pub interface: &'a str,
}

const DRIVER: Target<'static> =
    Target { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };

/// A method call to the bus driver.
#[must_use]
pub fn bus_call(endian: Endian, serial: u32, member: &str, arguments: &[Argument<'_>]) -> Vec<u8> {
    call(endian, serial, DRIVER, member, arguments)
}

/// A method call.
#[must_use]
pub fn call(endian: Endian, serial: u32, to: Target<'_>, member: &str, arguments: &[Argument<'_>]) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::new(), endian };
    for argument in arguments {
        writer.argument(*argument);
    }
    let body = std::mem::take(&mut writer.bytes);
    writer.text_field(1, b'o', to.path);
    writer.text_field(2, b's', to.interface);
    writer.text_field(3, b's', member);
    writer.text_field(6, b's', to.destination);
    writer.signature_field(arguments);
    let fields = std::mem::take(&mut writer.bytes);
    writer.bytes.extend([endian.byte(), 1, 0, 1]);
    for number in [body.len(), serial as usize, fields.len()] {
        writer.number(u32::try_from(number).unwrap_or(u32::MAX));
    }
    writer.bytes.extend(fields);
    writer.align(8);
    writer.bytes.extend(body);
    writer.bytes
}

struct Writer {
    bytes: Vec<u8>,
    endian: Endian,
}

impl Writer {
    fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    fn number(&mut self, value: u32) {
        self.align(4);
        self.bytes.extend(self.endian.write(value));
    }

    fn text(&mut self, value: &str) {
        self.number(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.bytes.extend(value.as_bytes());
        self.bytes.push(0);
    }

    fn argument(&mut self, argument: Argument<'_>) {
        match argument {
            Argument::Text(text) => self.text(text),
            Argument::Number(number) => self.number(number),
        }
    }

    fn text_field(&mut self, code: u8, kind: u8, value: &str) {
        self.align(8);
        self.bytes.extend([code, 1, kind, 0]);
        self.text(value);
    }

    fn signature_field(&mut self, arguments: &[Argument<'_>]) {
        if arguments.is_empty() {
            return;
        }
        self.align(8);
        self.bytes.extend([8, 1, b'g', 0, u8::try_from(arguments.len()).unwrap_or(u8::MAX)]);
        self.bytes.extend(arguments.iter().map(|argument| match argument {
            Argument::Text(_) => b's',
            Argument::Number(_) => b'u',
        }));
        self.bytes.push(0);
    }
}
