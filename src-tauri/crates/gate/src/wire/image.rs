//! The pixels of an image hint, `(iiibiiay)`, checked against what they claim to be. Must not know what is done with them.

use super::cursor::{Cursor, Unreadable};
use super::notify::{Entry, Notify};

/// The signature of an image's value.
pub(super) const SIGNATURE: &str = "(iiibiiay)";

/// The longest side of an image, in pixels.
const MAX_SIDE: i32 = 2048;

/// Why an image cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageFault {
    /// Its numbers do not fit its bytes, or are not 8 bit RGB or RGBA.
    Invalid,
    /// It makes the message too large: its size in bytes.
    TooLarge(u64),
}

/// An image of 8 bits a channel whose numbers fit its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels<'a> {
    width: usize,
    height: usize,
    rowstride: usize,
    channels: usize,
    data: &'a [u8],
}

impl<'a> Pixels<'a> {
    /// Width and height, neither of them 0 nor over 2048.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Its rows from the top, each from the left, as red, green, blue and opacity.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = [u8; 4]> + use<'a>> {
        let (channels, row) = (self.channels, self.width * self.channels);
        let rows = self.data.chunks(self.rowstride).take(self.height);
        rows.map(move |bytes| bytes[..row].chunks_exact(channels).map(with_opacity))
    }

    /// How many bytes it takes.
    pub(super) fn length(&self) -> u64 {
        self.data.len() as u64
    }

    /// Width, height, rowstride, has_alpha, bits_per_sample, channels, pixels.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Result<Self, ImageFault>, Unreadable> {
        cursor.align(8)?;
        let (width, height, rowstride) = (cursor.i32()?, cursor.i32()?, cursor.i32()?);
        let has_alpha = cursor.u32()? != 0;
        let (bits, channels) = (cursor.i32()?, cursor.i32()?);
        let length = cursor.length()?;
        let data = cursor.take(length)?;
        let fits = fits(width, height, rowstride, bits, channels, length);
        if !fits || has_alpha != (channels == 4) {
            return Ok(Err(fault(length)));
        }
        let [width, height, rowstride, channels] =
            [width, height, rowstride, channels].map(|number| usize::try_from(number).unwrap_or_default());
        Ok(Ok(Self { width, height, rowstride, channels, data }))
    }
}

fn with_opacity(pixel: &[u8]) -> [u8; 4] {
    [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(u8::MAX)]
}

fn fault(length: usize) -> ImageFault {
    if length > super::MAX_BODY { ImageFault::TooLarge(length as u64) } else { ImageFault::Invalid }
}

fn fits(width: i32, height: i32, rowstride: i32, bits: i32, channels: i32, length: usize) -> bool {
    let sides = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    if !sides || bits != 8 || !(3..=4).contains(&channels) {
        return false;
    }
    let row = i64::from(width) * i64::from(channels);
    let needed = i64::from(height - 1) * i64::from(rowstride) + row;
    i64::from(rowstride) >= row && usize::try_from(needed).is_ok_and(|needed| length >= needed)
}

impl<'a> Notify<'a> {
    /// The image in the hint of this name, where there is one that can be used.
    pub(crate) fn pixels(&self, key: &str) -> Option<Pixels<'a>> {
        Pixels::read(&mut self.value(key, SIGNATURE)?).ok()?.ok()
    }

    /// The text in the hint of this name.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value(key, "s")?.string().ok()
    }

    /// Where the value of a hint begins. Of two with one name the last counts, as it does in [`Notify::read`].
    fn value(&self, key: &str, signature: &str) -> Option<Cursor<'a>> {
        let is_it = |entry: &&Entry<'_>| entry.key == key && entry.signature == signature;
        let entry = self.entries.iter().rfind(is_it)?;
        let mut cursor = Cursor::new(&self.body_bytes[entry.bytes.clone()], self.big_endian);
        cursor.string().ok()?;
        cursor.signature().ok()?;
        Some(cursor)
    }
}
