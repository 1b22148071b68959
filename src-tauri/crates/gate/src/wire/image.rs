//! The pixels of an image hint, `(iiibiiay)`, checked against what they claim to be. Must not know what is done with them.

use super::cursor::{Cursor, Unreadable};
use super::notify::{Entry, Notify};

/// The signature of an image's value.
pub(super) const SIGNATURE: &str = "(iiibiiay)";

/// The longest side of an image that is kept as it is, in pixels.
const MAX_SIDE: usize = 2048;
/// What an image that is made smaller may have.
const SMALL_SIDE: usize = 512;

/// An image that cannot be used: its numbers do not fit its bytes, or are not 8 bit RGB or RGBA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageFault;

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
    /// Width and height, neither of them 0.
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

    /// Whether a side is longer than is kept.
    pub(super) fn is_large(&self) -> bool {
        self.width.max(self.height) > MAX_SIDE
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
            return Ok(Err(ImageFault));
        }
        let [width, height, rowstride, channels] =
            [width, height, rowstride, channels].map(|number| usize::try_from(number).unwrap_or_default());
        Ok(Ok(Self { width, height, rowstride, channels, data }))
    }
}

impl Pixels<'_> {
    /// One pixel; beyond an edge that at the edge.
    fn at(&self, x: usize, y: usize) -> [u8; 4] {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        let from = y * self.rowstride + x * self.channels;
        with_opacity(&self.data[from..from + self.channels])
    }
}

fn with_opacity(pixel: &[u8]) -> [u8; 4] {
    [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(u8::MAX)]
}

fn fits(width: i32, height: i32, rowstride: i32, bits: i32, channels: i32, length: usize) -> bool {
    if width < 1 || height < 1 || bits != 8 || !(3..=4).contains(&channels) {
        return false;
    }
    let row = i64::from(width) * i64::from(channels);
    let needed = i64::from(height - 1) * i64::from(rowstride) + row;
    i64::from(rowstride) >= row && usize::try_from(needed).is_ok_and(|needed| length >= needed)
}

/// An image with sides of at most 512 pixels, whatever it was: each pixel is the mean of four of those that it stands for, so
/// that not all of a large image has to be looked at.
pub(super) struct Smaller<'a> {
    image: Pixels<'a>,
    /// So many pixels of a row, and so many rows, become one.
    step: usize,
}

impl<'a> Smaller<'a> {
    pub(super) fn of(image: Pixels<'a>) -> Self {
        let step = image.width.max(image.height).div_ceil(SMALL_SIDE);
        Self { image, step }
    }

    /// Width, height, channels.
    pub(super) fn shape(&self) -> (u32, u32, u32) {
        let (width, height) = self.size();
        (width as u32, height as u32, self.image.channels as u32)
    }

    fn size(&self) -> (usize, usize) {
        (self.image.width.div_ceil(self.step), self.image.height.div_ceil(self.step))
    }

    /// The pixels, row by row.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        let (width, height) = self.size();
        (0..height)
            .flat_map(move |y| (0..width).flat_map(move |x| self.pixel(x, y).into_iter().take(self.image.channels)))
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 4] {
        let (near, far) = (self.step / 4, self.step - 1 - self.step / 4);
        let sample = |(dx, dy)| self.image.at(x * self.step + dx, y * self.step + dy);
        mean([(near, near), (far, near), (near, far), (far, far)].map(sample))
    }
}

/// A pixel that cannot be seen lends no colour.
fn mean(samples: [[u8; 4]; 4]) -> [u8; 4] {
    let opacity: u32 = samples.iter().map(|sample| u32::from(sample[3])).sum();
    let colour = |channel: usize| {
        let sum: u32 = samples.iter().map(|sample| u32::from(sample[channel]) * u32::from(sample[3])).sum();
        sum.checked_div(opacity).unwrap_or(0) as u8
    };
    [colour(0), colour(1), colour(2), (opacity / 4) as u8]
}

impl<'a> Notify<'a> {
    /// The image in a hint, if it is one.
    pub(super) fn pixels_of(&self, entry: &Entry<'_>) -> Option<Pixels<'a>> {
        if entry.signature != SIGNATURE {
            return None;
        }
        let mut cursor = Cursor::new(&self.body_bytes[entry.bytes.clone()], self.big_endian);
        cursor.string().ok()?;
        cursor.signature().ok()?;
        Pixels::read(&mut cursor).ok()?.ok()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(width: usize, height: usize, channels: usize, data: &[u8]) -> Pixels<'_> {
        Pixels { width, height, rowstride: width * channels, channels, data }
    }

    #[test]
    fn a_smaller_image_has_the_colours_of_what_it_stands_for_and_no_side_over_512() {
        let row: Vec<u8> = (0..1_024).flat_map(|x| if x < 512 { [255, 0, 0] } else { [0, 0, 255] }).collect();
        let data = row.repeat(600);
        let smaller = Smaller::of(pixels(1_024, 600, 3, &data));
        assert_eq!(smaller.shape(), (512, 300, 3));
        let bytes: Vec<u8> = smaller.bytes().collect();
        assert_eq!(bytes.len(), 512 * 300 * 3);
        assert_eq!((&bytes[..3], &bytes[511 * 3..512 * 3]), (&[255, 0, 0][..], &[0, 0, 255][..]));
    }

    #[test]
    fn what_cannot_be_seen_lends_no_colour_and_edges_are_not_left() {
        assert_eq!(mean([[200, 10, 0, 255], [9, 9, 9, 0], [9, 9, 9, 0], [100, 30, 0, 255]]), [150, 20, 0, 127]);
        assert_eq!(mean([[9; 4], [9; 4], [9; 4], [9; 4]]), [9; 4]);
        let data = [7, 8, 9, 255].repeat(513);
        let smaller = Smaller::of(pixels(513, 1, 4, &data));
        assert_eq!(smaller.shape(), (257, 1, 4));
        assert!(smaller.bytes().eq([7, 8, 9, 255].repeat(257)));
    }

    #[test]
    fn check_39_an_image_is_one_whose_numbers_fit_its_bytes() {
        let fits_24 = |width, height, rowstride, channels| fits(width, height, rowstride, 8, channels, 24);
        assert!(fits_24(4, 2, 12, 3) && fits_24(3, 2, 12, 4));
        assert!(fits_24(3, 2, 15, 3), "the last row may end early");
        assert!(!fits_24(4, 2, 11, 3), "rows would overlap");
        assert!(!fits_24(4, 3, 12, 3) && !fits_24(5, 2, 15, 3), "bytes are missing");
        assert!(!fits_24(0, 2, 12, 3) && !fits_24(4, 0, 12, 3) && !fits_24(-4, 2, 12, 3) && !fits_24(4, -2, 12, 3));
        assert!(!fits_24(4, 2, 12, 1) && !fits_24(4, 2, 12, 5) && !fits(4, 2, 12, 16, 3, 24));
    }

    #[test]
    fn check_39_no_numbers_overflow() {
        for rowstride in [i32::MAX, i32::MIN, 0] {
            for (width, height) in [(i32::MAX, i32::MAX), (1, i32::MAX), (i32::MAX, 1)] {
                assert!(!fits(width, height, rowstride, 8, 4, 1 << 20), "{width} {height} {rowstride}");
            }
        }
    }

    #[test]
    fn an_image_that_is_small_enough_is_as_it_was() {
        let data: Vec<u8> = (0..48).collect();
        let smaller = Smaller::of(pixels(4, 4, 3, &data));
        assert_eq!(smaller.shape(), (4, 4, 3));
        assert!(smaller.bytes().eq(data.iter().copied()));
    }

    #[test]
    fn a_long_thin_image_keeps_its_other_side() {
        let data = [5, 6, 7].repeat(3_000);
        assert_eq!(Smaller::of(pixels(3_000, 1, 3, &data)).shape(), (500, 1, 3));
        let tall = Smaller::of(pixels(1, 3_000, 3, &data));
        assert_eq!(tall.shape(), (1, 500, 3));
        assert!(tall.bytes().eq([5, 6, 7].repeat(500)));
    }
}
