//! A picture as it travels: the bytes of a file, whose kind is told by the bytes themselves. Must not draw anything.

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zbus::zvariant::Type;

/// The sizes that a picture may be asked for in, in pixels of its longer side.
pub const PICTURE_SIZES: std::ops::RangeInclusive<u32> = 16..=512;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Where an SVG's root must have begun, in bytes: comments and declarations come first.
const SVG_HEAD: usize = 4 << 10;

/// The bytes of a PNG or SVG file; empty where there is no picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Type)]
#[zvariant(signature = "ay")]
pub struct Picture(pub Vec<u8>);

impl Picture {
    /// What kind of file it is; none where it is neither of the two.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        if self.0.starts_with(PNG) {
            return Some("image/png");
        }
        let head = &self.0[..self.0.len().min(SVG_HEAD)];
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
        let is_svg = text.starts_with(b"<") && text.windows(4).any(|part| part == b"<svg");
        is_svg.then_some("image/svg+xml")
    }
}

/// In one piece: byte by byte, a large one would keep the thread that answers apps.
impl Serialize for Picture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Picture {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(Bytes).map(Self)
    }
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a file")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::zvariant::{LE, serialized::Context, to_bytes};

    fn kind(bytes: &[u8]) -> Option<&'static str> {
        Picture(bytes.to_vec()).media_type()
    }

    #[test]
    fn a_file_is_known_by_its_bytes() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        for svg in ["<svg/>", "\n <?xml version='1.0'?>\n<!-- made -->\n<svg xmlns='x'>", "\u{feff}<svg>"] {
            assert_eq!(kind(svg.as_bytes()), Some("image/svg+xml"), "{svg}");
        }
        let late = format!("<!--{}--><svg>", "x".repeat(SVG_HEAD));
        for other in ["", "\u{89}PNG", "<html><body>", "GIF89a", "text <svg>", late.as_str()] {
            assert_eq!(kind(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn it_travels_as_an_array_of_bytes() {
        let picture = Picture(vec![1, 2, 255]);
        let sent = to_bytes(Context::new_dbus(LE, 0), &picture).unwrap();
        assert_eq!(sent.bytes(), [3, 0, 0, 0, 1, 2, 255]);
        let (plain, _): (Vec<u8>, _) = sent.deserialize().unwrap();
        let (same, _): (Picture, _) = sent.deserialize().unwrap();
        assert_eq!((plain, same), (picture.0.clone(), picture));
    }
}
