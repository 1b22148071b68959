//! Reads the PNG and JPEG files that senders name, and writes small PNGs. Whoever made such a file may mean harm: its size is
//! looked at before anything is unpacked. Must not know whose picture it is.

use super::shrink::{Shrinking, Small};
use std::io::Cursor;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The longest side of a picture that is read, in pixels.
const MAX_SIDE: usize = 4_096;
/// The largest JPEG, in pixels: one that comes in steps is unpacked as a whole, ten bytes a pixel.
const MAX_JPEG: usize = 1 << 23;
/// What a PNG may take besides its pixels, in bytes.
const MAX_CHUNKS: usize = 4 << 20;

const JPEG: &[u8] = b"\xff\xd8\xff";

/// Why a file is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undrawable {
    #[error("a picture of {0} x {1} pixels is too large")]
    TooLarge(usize, usize),
    #[error("it has no pixels")]
    Empty,
    #[error("it is no PNG: {0}")]
    Png(#[from] png::DecodingError),
    #[error("it is no JPEG: {0}")]
    Jpeg(String),
    #[error("the PNG cannot be written: {0}")]
    Unwritable(#[from] png::EncodingError),
}

/// The picture in a file, as a PNG that fits a square.
pub(super) fn drawn(file: &[u8], square: usize) -> Result<Vec<u8>, Undrawable> {
    let small = if file.starts_with(JPEG) { read_jpeg(file, square)? } else { read_png(file, square)? };
    png_of(&small)
}

/// A PNG file of an image.
pub(super) fn png_of(image: &Small) -> Result<Vec<u8>, Undrawable> {
    let mut file = Vec::new();
    let side = |side: usize| u32::try_from(side).unwrap_or_default();
    let mut encoder = png::Encoder::new(&mut file, side(image.width), side(image.height));
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&image.pixels)?;
    writer.finish()?;
    Ok(file)
}

fn within(size: (usize, usize), most: usize) -> Result<(), Undrawable> {
    let (width, height) = size;
    let fits = width <= MAX_SIDE && height <= MAX_SIDE && width * height <= most;
    if fits { Ok(()) } else { Err(Undrawable::TooLarge(width, height)) }
}

fn read_png(file: &[u8], square: usize) -> Result<Small, Undrawable> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), png::Limits { bytes: MAX_CHUNKS });
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info()?;
    let size = (header.width as usize, header.height as usize);
    within(size, MAX_SIDE * MAX_SIDE)?;
    let mut reader = decoder.read_info()?;
    let mut shrinking = Shrinking::new(size, square).ok_or(Undrawable::Empty)?;
    let channels = reader.output_color_type().0.samples();
    if reader.info().interlaced {
        let mut image = vec![0; reader.output_buffer_size().ok_or(Undrawable::TooLarge(size.0, size.1))?];
        reader.next_frame(&mut image)?;
        image.chunks_exact(size.0 * channels).for_each(|row| shrinking.add(pixels(row, channels)));
    } else {
        while let Some(row) = reader.next_row()? {
            shrinking.add(pixels(row.data(), channels));
        }
    }
    Ok(shrinking.end())
}

/// Grey or a colour, with opacity or without.
fn pixels(row: &[u8], channels: usize) -> impl Iterator<Item = [u8; 4]> {
    row.chunks_exact(channels).map(|pixel| match pixel {
        [grey] => [*grey, *grey, *grey, u8::MAX],
        [grey, opacity] => [*grey, *grey, *grey, *opacity],
        [red, green, blue] => [*red, *green, *blue, u8::MAX],
        [red, green, blue, opacity] => [*red, *green, *blue, *opacity],
        _ => [0; 4],
    })
}

fn read_jpeg(file: &[u8], square: usize) -> Result<Small, Undrawable> {
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    let wrong = |error: &dyn std::fmt::Debug| Undrawable::Jpeg(format!("{error:?}"));
    decoder.decode_headers().map_err(|error| wrong(&error))?;
    let size = decoder.dimensions().ok_or(Undrawable::Empty)?;
    within(size, MAX_JPEG)?;
    let mut shrinking = Shrinking::new(size, square).ok_or(Undrawable::Empty)?;
    let image = decoder.decode().map_err(|error| wrong(&error))?;
    let channels = (image.len() / (size.0 * size.1)).max(1);
    image.chunks_exact(size.0 * channels).for_each(|row| shrinking.add(pixels(row, channels)));
    Ok(shrinking.end())
}
