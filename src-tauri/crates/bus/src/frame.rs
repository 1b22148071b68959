//! Where one message ends and the next begins, and what of its fixed part a reader must not stumble over. (D-Bus
//! specification, "Message Format"). Must not know what a message says.

/// The fixed part of a header: byte order, type, flags, version, length of the body, serial, length of the fields.
pub(crate) const FIXED: usize = 16;
/// The flags that are defined: no reply expected, no auto start, allow interactive authorization.
const KNOWN_FLAGS: u8 = 0b111;
/// Types that are defined: call, return, error, signal.
const KNOWN_TYPES: std::ops::RangeInclusive<u8> = 1..=4;
const FLAGS_AT: usize = 2;
const TYPE_AT: usize = 1;
const BODY_AT: usize = 4;
const FIELDS_AT: usize = 12;

/// How long a message is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Header with its padding.
    pub(crate) head: usize,
    /// Body.
    pub(crate) body: usize,
    /// Its type is one that the specification defines; others are to be ignored.
    pub(crate) is_known: bool,
}

impl Frame {
    /// Nothing: no message begins so.
    pub(crate) fn of(fixed: &[u8]) -> Option<Self> {
        let number = |at: usize| {
            let bytes: [u8; 4] = fixed.get(at..at + 4)?.try_into().ok()?;
            let number = match fixed.first()? {
                b'l' => u32::from_le_bytes(bytes),
                b'B' => u32::from_be_bytes(bytes),
                _ => return None,
            };
            usize::try_from(number).ok()
        };
        let fields = number(FIELDS_AT)?;
        let head = FIXED.checked_add(fields)?.checked_next_multiple_of(8)?;
        let is_known = fixed.get(TYPE_AT).is_some_and(|kind| KNOWN_TYPES.contains(kind));
        Some(Self { head, body: number(BODY_AT)?, is_known })
    }
}

/// "Unknown flags must be ignored."
pub(crate) fn mask_flags(message: &mut [u8]) {
    if let Some(flags) = message.get_mut(FLAGS_AT) {
        *flags &= KNOWN_FLAGS;
    }
}

/// Has the header say that there is no body.
pub(crate) fn cut_body(message: &mut [u8]) {
    if let Some(length) = message.get_mut(BODY_AT..BODY_AT + 4) {
        length.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: [u8; FIXED] = *b"l\x01\xff\x01\x05\0\0\0\x01\0\0\0\x09\0\0\0";

    #[test]
    fn the_length_is_that_of_header_padding_and_body() {
        assert_eq!(Frame::of(&LITTLE), Some(Frame { head: 32, body: 5, is_known: true }));
        let big = *b"B\x01\0\x01\0\0\0\x05\0\0\0\x01\0\0\0\x10";
        assert_eq!(Frame::of(&big), Some(Frame { head: 32, body: 5, is_known: true }));
    }

    #[test]
    fn other_types_are_known_to_be_unknown_and_other_bytes_begin_no_message() {
        for kind in [0, 5, 255] {
            let mut message = LITTLE;
            message[1] = kind;
            assert!(!Frame::of(&message).unwrap().is_known, "{kind}");
        }
        assert_eq!(Frame::of(b"OK 0123456789abcdef"), None);
        assert_eq!(Frame::of(b"l"), None);
    }

    #[test]
    fn only_defined_flags_are_left() {
        let mut message = LITTLE;
        mask_flags(&mut message);
        assert_eq!(message[2], 7);
        cut_body(&mut message);
        assert_eq!(Frame::of(&message).unwrap().body, 0);
    }
}
