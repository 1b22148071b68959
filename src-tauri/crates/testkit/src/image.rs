//! An image as the `image-data` hint carries it, right or wrong.

use serde::{Serialize, Serializer};
use zbus::zvariant::Type;

/// The structure `(iiibiiay)`. Nothing is checked, so that a test can lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[zvariant(signature = "(iiibiiay)")]
pub struct ImageData {
    /// Pixels from left to right.
    pub width: i32,
    /// Pixels from top to bottom.
    pub height: i32,
    /// Bytes from one row to the next.
    pub rowstride: i32,
    /// Whether the last channel is opacity.
    pub has_alpha: bool,
    /// Bits of a channel; the specification allows 8 only.
    pub bits_per_sample: i32,
    /// 3, or 4 with opacity.
    pub channels: i32,
    /// The pixels.
    #[serde(serialize_with = "as_bytes")]
    pub data: Vec<u8>,
}

impl ImageData {
    /// A grey image without opacity, as it should be.
    ///
    /// # Panics
    /// If a side is negative or the sizes overflow.
    #[must_use]
    pub fn grey(width: i32, height: i32) -> Self {
        let rowstride = width.checked_mul(3).unwrap();
        let length = rowstride.checked_mul(height).unwrap();
        Self {
            width,
            height,
            rowstride,
            has_alpha: false,
            bits_per_sample: 8,
            channels: 3,
            data: vec![0x80; usize::try_from(length).unwrap()],
        }
    }
}

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
