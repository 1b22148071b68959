//! Reads marshalled D-Bus values in place, checking every length. Must not know what the values mean.

/// The bytes are not what their signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed D-Bus data at byte {at}")]
pub(crate) struct Malformed {
    /// Where, from the body's start.
    pub(crate) at: usize,
}

/// Containers within containers; the specification allows 64 in all.
const DEPTH: u8 = 64;

/// A place in a body. Alignment counts from the body's start, which a message aligns to 8.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
    big_endian: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(body: &'a [u8], big_endian: bool) -> Self {
        Self { body, at: 0, big_endian }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.body.len()
    }

    fn wrong<T>(&self) -> Result<T, Malformed> {
        Err(Malformed { at: self.at })
    }

    pub(super) fn align(&mut self, to: usize) -> Result<(), Malformed> {
        let aligned = self.at.next_multiple_of(to);
        if aligned > self.body.len() {
            return self.wrong();
        }
        self.at = aligned;
        Ok(())
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let Some(end) = self.at.checked_add(length).filter(|end| *end <= self.body.len()) else {
            return self.wrong();
        };
        let bytes = &self.body[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.align(4)?;
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        self.u32().map(u32::cast_signed)
    }

    /// A `u32` that counts bytes still to come.
    pub(super) fn length(&mut self) -> Result<usize, Malformed> {
        let length = self.u32()? as usize;
        if length > self.body.len() - self.at { self.wrong() } else { Ok(length) }
    }

    pub(super) fn string(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        self.text(length)
    }

    pub(super) fn signature(&mut self) -> Result<&'a str, Malformed> {
        let length = usize::from(self.byte()?);
        self.text(length)
    }

    fn text(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let start = self.at;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed { at: start })?;
        if self.byte()? == 0 { Ok(text) } else { self.wrong() }
    }

    /// The end of an array of elements aligned to `align`, with the cursor at its first element.
    pub(super) fn array(&mut self, align: usize) -> Result<usize, Malformed> {
        let length = self.length()?;
        self.align(align)?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.body.len());
        end.map_or_else(|| self.wrong(), Ok)
    }

    /// Passes over one complete value and gives the signature that follows its own.
    pub(super) fn skip<'s>(&mut self, signature: &'s [u8]) -> Result<&'s [u8], Malformed> {
        self.skip_within(signature, 0)
    }

    fn skip_within<'s>(&mut self, signature: &'s [u8], depth: u8) -> Result<&'s [u8], Malformed> {
        let Some((kind, rest)) = signature.split_first().filter(|_| depth < DEPTH) else { return self.wrong() };
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

    fn skip_fixed<'s>(&mut self, size: usize, rest: &'s [u8]) -> Result<&'s [u8], Malformed> {
        self.align(size)?;
        self.take(size).map(|_| rest)
    }

    fn skip_variant(&mut self, depth: u8) -> Result<(), Malformed> {
        let signature = self.signature()?;
        let rest = self.skip_within(signature.as_bytes(), depth + 1)?;
        if rest.is_empty() { Ok(()) } else { self.wrong() }
    }

    fn skip_struct<'s>(&mut self, mut fields: &'s [u8], close: u8, depth: u8) -> Result<&'s [u8], Malformed> {
        self.align(8)?;
        loop {
            match fields.split_first() {
                Some((kind, rest)) if *kind == close => return Ok(rest),
                Some(_) => fields = self.skip_within(fields, depth + 1)?,
                None => return self.wrong(),
            }
        }
    }

    fn skip_array<'s>(&mut self, element: &'s [u8], depth: u8) -> Result<&'s [u8], Malformed> {
        let rest = after_type(element, depth + 1).ok_or(Malformed { at: self.at })?;
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

/// The signature after one complete type.
fn after_type(signature: &[u8], depth: u8) -> Option<&[u8]> {
    let (kind, rest) = signature.split_first().filter(|_| depth < DEPTH)?;
    match kind {
        b'a' => after_type(rest, depth + 1),
        b'(' | b'{' => {
            let close = if *kind == b'(' { b')' } else { b'}' };
            let mut fields = rest;
            while *fields.first()? != close {
                fields = after_type(fields, depth + 1)?;
            }
            Some(&fields[1..])
        }
        _ => Some(rest),
    }
}
