//! Reads marshalled D-Bus values in place, checking every length. Must not know what the values mean.

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The bytes are not what their signature says: where, from the body's start.
    #[error("malformed D-Bus data at byte {0}")]
    Malformed(usize),
    /// Reading it would take too long.
    #[error("more values than a notification has")]
    Endless,
}

/// Containers within containers; the specification allows 64 in all.
const DEPTH: u8 = 64;
/// Texts, values and characters of signatures that are read of one body. A message of empty values could keep the gate
/// from everybody else for seconds; ten thousand buttons are far below.
const STEPS: u32 = 1 << 18;

/// A place in a body. Alignment counts from the body's start, which a message aligns to 8.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
    big_endian: bool,
    steps_left: u32,
    descriptors: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(body: &'a [u8], big_endian: bool) -> Self {
        Self { body, at: 0, big_endian, steps_left: STEPS, descriptors: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// File descriptors that were passed over so far.
    pub(super) fn descriptors(&self) -> u32 {
        self.descriptors
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.body.len()
    }

    fn wrong<T>(&self) -> Result<T, Unreadable> {
        Err(Unreadable::Malformed(self.at))
    }

    fn step(&mut self) -> Result<(), Unreadable> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Unreadable::Endless)?;
        Ok(())
    }

    pub(super) fn align(&mut self, to: usize) -> Result<(), Unreadable> {
        let aligned = self.at.next_multiple_of(to);
        if aligned > self.body.len() {
            return self.wrong();
        }
        self.at = aligned;
        Ok(())
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let Some(end) = self.at.checked_add(length).filter(|end| *end <= self.body.len()) else {
            return self.wrong();
        };
        let bytes = &self.body[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Unreadable> {
        Ok(self.take(1)?[0])
    }

    /// A value of so many bytes, aligned to as many, in the processor's own order.
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.align(N)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        if self.big_endian != cfg!(target_endian = "big") {
            bytes.reverse();
        }
        Ok(bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Unreadable> {
        self.fixed().map(u16::from_ne_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Unreadable> {
        self.fixed().map(i16::from_ne_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Unreadable> {
        self.fixed().map(u32::from_ne_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Unreadable> {
        self.fixed().map(i32::from_ne_bytes)
    }

    /// Also the bits of a double.
    pub(super) fn u64(&mut self) -> Result<u64, Unreadable> {
        self.fixed().map(u64::from_ne_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Unreadable> {
        self.fixed().map(i64::from_ne_bytes)
    }

    /// A `u32` that counts bytes still to come.
    pub(super) fn length(&mut self) -> Result<usize, Unreadable> {
        let length = self.u32()? as usize;
        if length > self.body.len() - self.at { self.wrong() } else { Ok(length) }
    }

    pub(super) fn string(&mut self) -> Result<&'a str, Unreadable> {
        let length = self.length()?;
        self.text(length)
    }

    pub(super) fn signature(&mut self) -> Result<&'a str, Unreadable> {
        let length = usize::from(self.byte()?);
        self.text(length)
    }

    fn text(&mut self, length: usize) -> Result<&'a str, Unreadable> {
        self.step()?;
        let start = self.at;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Malformed(start))?;
        if self.byte()? == 0 { Ok(text) } else { self.wrong() }
    }

    /// The end of an array of elements aligned to `align`, with the cursor at its first element.
    pub(super) fn array(&mut self, align: usize) -> Result<usize, Unreadable> {
        let length = self.length()?;
        self.align(align)?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.body.len());
        end.map_or_else(|| self.wrong(), Ok)
    }

    /// Passes over one complete value and gives the signature that follows its own.
    pub(super) fn skip<'s>(&mut self, signature: &'s [u8]) -> Result<&'s [u8], Unreadable> {
        self.skip_within(signature, 0)
    }

    fn skip_within<'s>(&mut self, signature: &'s [u8], depth: u8) -> Result<&'s [u8], Unreadable> {
        self.step()?;
        let Some((kind, rest)) = signature.split_first().filter(|_| depth < DEPTH) else { return self.wrong() };
        self.descriptors += u32::from(*kind == b'h');
        match kind {
            b'y' => self.take(1).map(|_| rest),
            b'n' | b'q' => self.skip_fixed(2, rest),
            b'b' | b'i' | b'u' | b'h' => self.skip_fixed(4, rest),
            b'x' | b't' | b'd' => self.skip_fixed(8, rest),
            b's' | b'o' => self.string().map(|_| rest),
            b'g' => self.signature().map(|_| rest),
            b'v' => self.skip_variant(depth).map(|()| rest),
            b'(' => self.skip_struct(rest, b')', depth),
            b'{' => self.skip_struct(rest, b'}', depth),
            b'a' => self.skip_array(rest, depth),
            _ => self.wrong(),
        }
    }

    fn skip_fixed<'s>(&mut self, size: usize, rest: &'s [u8]) -> Result<&'s [u8], Unreadable> {
        self.align(size)?;
        self.take(size).map(|_| rest)
    }

    fn skip_variant(&mut self, depth: u8) -> Result<(), Unreadable> {
        let signature = self.signature()?;
        let rest = self.skip_within(signature.as_bytes(), depth + 1)?;
        if rest.is_empty() { Ok(()) } else { self.wrong() }
    }

    fn skip_struct<'s>(&mut self, mut fields: &'s [u8], close: u8, depth: u8) -> Result<&'s [u8], Unreadable> {
        self.align(8)?;
        loop {
            match fields.split_first() {
                Some((kind, rest)) if *kind == close => return Ok(rest),
                Some(_) => fields = self.skip_within(fields, depth + 1)?,
                None => return self.wrong(),
            }
        }
    }

    fn skip_array<'s>(&mut self, element: &'s [u8], depth: u8) -> Result<&'s [u8], Unreadable> {
        let rest = self.after_type(element, depth + 1)?;
        let end = self.array(alignment(element))?;
        if is_fixed(element) {
            self.at = end;
            return Ok(rest);
        }
        while self.at < end {
            self.skip_within(element, depth + 1)?;
        }
        if self.at == end { Ok(rest) } else { self.wrong() }
    }

    /// The signature after one complete type.
    fn after_type<'s>(&mut self, signature: &'s [u8], depth: u8) -> Result<&'s [u8], Unreadable> {
        self.step()?;
        let Some((kind, rest)) = signature.split_first().filter(|_| depth < DEPTH) else { return self.wrong() };
        let close = match kind {
            b'a' => return self.after_type(rest, depth + 1),
            b'(' => b')',
            b'{' => b'}',
            _ => return Ok(rest),
        };
        let mut fields = rest;
        loop {
            match fields.split_first() {
                Some((kind, rest)) if *kind == close => return Ok(rest),
                Some(_) => fields = self.after_type(fields, depth + 1)?,
                None => return self.wrong(),
            }
        }
    }
}

/// Arrays of plain numbers are passed over in one step, or one huge image would be walked byte by byte.
fn is_fixed(element: &[u8]) -> bool {
    matches!(element.first(), Some(b'y' | b'n' | b'q' | b'b' | b'i' | b'u' | b'x' | b't' | b'd'))
}

fn alignment(signature: &[u8]) -> usize {
    match signature.first() {
        Some(b'n' | b'q') => 2,
        Some(b'b' | b'i' | b'u' | b'h' | b's' | b'o' | b'a') => 4,
        Some(b'x' | b't' | b'd' | b'(' | b'{') => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(signature: &str, body: &[u8]) -> Result<(usize, u32), Unreadable> {
        let mut cursor = Cursor::new(body, false);
        cursor.skip(signature.as_bytes())?;
        Ok((cursor.at(), cursor.descriptors()))
    }

    #[test]
    fn a_value_is_passed_over_to_its_end_and_its_descriptors_are_counted() {
        assert_eq!(skipped("y", &[1]), Ok((1, 0)));
        assert_eq!(skipped("(yu)", &[1, 0, 0, 0, 9, 0, 0, 0]), Ok((8, 0)));
        assert_eq!(skipped("h", &[0; 4]), Ok((4, 1)));
        assert_eq!(skipped("ah", &[8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), Ok((12, 2)));
        assert_eq!(skipped("v", &[1, b'v', 0, 1, b'h', 0, 0, 0, 0, 0, 0, 0]), Ok((12, 1)));
        assert_eq!(skipped("aa(yy)", &[8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Unreadable::Malformed(12)));
        assert_eq!(skipped("s", &[9, 0, 0, 0, b'x', 0]), Err(Unreadable::Malformed(4)));
        assert_eq!(skipped("(y", &[1]), Err(Unreadable::Malformed(1)));
        assert_eq!(skipped("a", &[0; 4]), Err(Unreadable::Malformed(0)));
        assert_eq!(skipped(&"a".repeat(70), &[0; 400]), Err(Unreadable::Malformed(0)));
    }

    #[test]
    fn check_40_a_body_of_endless_little_values_is_not_read_to_its_end() {
        let empty = |signature: &str, element: usize| {
            let mut body = vec![0; 8 << 20];
            let length = u32::try_from(body.len() - element).unwrap();
            body[..4].copy_from_slice(&length.to_le_bytes());
            skipped(signature, &body)
        };
        assert_eq!(empty("aau", 4), Err(Unreadable::Endless));
        assert_eq!(empty(&format!("aa({})", "y".repeat(240)), 4), Err(Unreadable::Endless));
        assert_eq!(empty("av", 4), Err(Unreadable::Malformed(6)), "a variant has a type");
        assert_eq!(empty("ay", 4), Ok((8 << 20, 0)), "one large value is none of it");
    }

    #[test]
    fn numbers_are_aligned_and_in_the_order_of_the_body() {
        let body = [1, 0, 2, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5];
        let mut big = Cursor::new(&body, true);
        assert_eq!((big.byte(), big.u16(), big.u32(), big.u64()), (Ok(1), Ok(0x203), Ok(4), Ok(5)));
        assert!(big.is_at_end());
        let mut little = Cursor::new(&body, false);
        assert_eq!((little.byte(), little.i16(), little.i32()), (Ok(1), Ok(0x302), Ok(0x400_0000)));
        assert_eq!((little.at(), little.i64()), (8, Ok(0x500_0000_0000_0000)));
        assert_eq!(little.byte(), Err(Unreadable::Malformed(16)), "nothing is behind the end");
    }

    #[test]
    fn a_text_is_utf_8_and_ends_with_a_zero() {
        let text = |body: &[u8]| Cursor::new(body, false).string().map(str::to_owned);
        assert_eq!(text(&[2, 0, 0, 0, 0xc3, 0xbc, 0]), Ok("ü".to_owned()));
        assert_eq!(text(&[0, 0, 0, 0, 0]), Ok(String::new()));
        assert_eq!(text(&[2, 0, 0, 0, 0xc3, 0x28, 0]), Err(Unreadable::Malformed(4)));
        assert!(text(&[1, 0, 0, 0, b'x', b'y']).is_err(), "the zero is missing");
        assert!(text(&[1, 0, 0, 0, b'x']).is_err(), "the end is missing");
        assert!(text(&[0xff, 0xff, 0xff, 0xff, b'x', 0]).is_err(), "a length beyond everything");
    }

    #[test]
    fn an_array_ends_within_the_body_and_begins_where_its_elements_do() {
        let mut cursor = Cursor::new(&[8, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], false);
        assert_eq!((cursor.array(8), cursor.at()), (Ok(16), 8));
        let mut padded_out = Cursor::new(&[4, 0, 0, 0, 1, 1, 1, 1], false);
        assert!(padded_out.array(8).is_err(), "no room is left behind the padding");
        assert!(Cursor::new(&[5, 0, 0, 0, 1], false).array(1).is_err());
    }

    #[test]
    fn what_contains_itself_too_often_is_malformed_and_not_a_full_stack() {
        for open in ["(", "a(", "a{y"] {
            assert!(skipped(&open.repeat(200), &[0; 4_000]).is_err(), "{open}");
        }
        let mut variants = Vec::new();
        (0..200).for_each(|_| variants.extend([1, b'v', 0]));
        assert!(skipped("v", &variants).is_err());
        assert!(skipped(&"(".repeat(254), &[0; 8]).is_err());
    }

    #[test]
    fn a_signature_that_is_no_type_is_malformed() {
        for signature in ["", "z", "a", "(", "(y", "{sv", "a{s", ")"] {
            assert!(skipped(signature, &[0; 64]).is_err(), "{signature:?}");
        }
        assert!(skipped("v", &[0; 8]).is_err(), "a variant without a type");
        assert!(skipped("v", &[2, b'y', b'y', 0, 1, 1]).is_err(), "or with two");
    }
}
