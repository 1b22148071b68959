//! Turns the tray's PNG pixmaps into the raw ARGB32 that StatusNotifierItem wants, so that the daemon needs no decoder.
//! Must not draw anything: `icons/tray` is the source.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

const STATES: [&str; 7] = ["open", "open-held", "open-ready", "closed", "closed-held", "closed-ready", "trouble"];
/// Panels of 16 to 48 pixels, and of 22 at double scale.
const SIZES: [u32; 6] = [16, 22, 24, 32, 44, 48];

fn main() -> Result<(), Box<dyn Error>> {
    let icons = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../../icons/tray");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", icons.display());
    let mut table = String::from("/// Per state and size: the side in pixels, and the pixels.\n");
    for state in STATES {
        writeln!(table, "const {}: [(i32, &[u8]); {}] = [", state.to_uppercase().replace('-', "_"), SIZES.len())?;
        for size in SIZES {
            let name = format!("{state}-{size}");
            let pixels =
                argb(&icons.join(format!("{name}.png")), size).map_err(|error| format!("{name}.png: {error}"))?;
            fs::write(out.join(&name), pixels)?;
            writeln!(table, "    ({size}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))),")?;
        }
        table.push_str("];\n");
    }
    Ok(fs::write(out.join("pixmaps.rs"), table)?)
}

/// A square PNG of 8-bit RGBA as ARGB, in network byte order.
fn argb(file: &Path, side: u32) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut reader = png::Decoder::new(BufReader::new(File::open(file)?)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let info = reader.next_frame(&mut pixels)?;
    let expected = (side, side, png::ColorType::Rgba, png::BitDepth::Eight);
    if (info.width, info.height, info.color_type, info.bit_depth) != expected {
        return Err(format!("not {side} × {side} pixels of 8-bit RGBA").into());
    }
    for pixel in pixels.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Ok(pixels)
}
