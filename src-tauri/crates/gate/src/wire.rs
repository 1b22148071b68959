//! The body of a `Notify` call as bytes: read without copying or trusting it, and written anew for the renderer.
//!
//! Hints are never read into owned values: 60 MiB of `image-data` takes a generic reader half a minute and gigabytes
//! (check 40). Must not know connections, policy or rows.

mod cursor;
mod image;
mod notify;
mod rewrite;

pub(crate) use cursor::Unreadable;
pub use image::Pixels;
pub(crate) use notify::{Notify, SIGNATURE, cut};
pub(crate) use rewrite::{Rewrite, compose, with_smaller_images, without_images};

/// A message over this is stripped of its images, and refused if it is still over (check 40).
pub(crate) const MAX_BODY: usize = 4 << 20;
/// A message up to this size goes to the renderer as it came where it passes at once.
pub(crate) const MAX_WHOLE: usize = 32 << 20;

/// The first argument, where it is a string.
pub(crate) fn first_string(body: &[u8], big_endian: bool) -> Option<String> {
    cursor::Cursor::new(body, big_endian).string().ok().map(str::to_owned)
}
