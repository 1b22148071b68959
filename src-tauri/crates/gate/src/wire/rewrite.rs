//! Writes a `Notify` body for the renderer: the same bytes, but for what must differ (check 37).
//! Must not know where it goes.

use super::cursor::Unreadable;
use super::image::{self, Smaller};
use super::notify::{Entry, Notify};
use std::collections::BTreeMap;
use std::ops::Range;
use tidegate_domain::{INLINE_REPLY, Interruption, Raw, Timeout, Urgency};

/// What must differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rewrite<'r> {
    /// The renderer's id that is replaced; 0 for none.
    pub(crate) replaces: u32,
    /// Without a sound.
    pub(crate) quiet: bool,
    /// The renderer has no `actions`.
    pub(crate) without_actions: bool,
    /// The body in plain text, where the renderer has no `body-markup`.
    pub(crate) plain_body: Option<&'r str>,
    /// Hints to leave out: images that cannot be used.
    pub(crate) without_images: bool,
    /// Images are made small enough to be kept.
    pub(crate) smaller_images: bool,
    /// A button in place of the inline reply field, where the renderer has none: its label.
    pub(crate) reply_button: Option<&'r str>,
    /// Files that are gone, and their copies.
    pub(crate) files: BTreeMap<String, String>,
}

const IMAGE_HINTS: [&str; 3] = ["image-data", "image_data", "icon_data"];
const FILE_HINTS: [&str; 3] = ["image-path", "image_path", "sound-file"];

impl Rewrite<'_> {
    /// The body to send.
    ///
    /// # Errors
    /// Where the stored bytes are not a `Notify` body.
    pub(crate) fn apply(&self, raw: &Raw) -> Result<Raw, Unreadable> {
        Ok(self.write(&Notify::read(&raw.body, raw.big_endian)?))
    }

    fn write(&self, notify: &Notify<'_>) -> Raw {
        let shrinks = self.without_images || self.smaller_images;
        let room = if shrinks { 0 } else { notify.body_bytes.len() };
        let mut out = Writer::new(room, notify.big_endian);
        out.string(notify.app_name);
        out.u32(self.replaces);
        out.string(self.file(notify.icon).unwrap_or(notify.icon));
        out.string(notify.summary);
        out.string(self.plain_body.unwrap_or(notify.body));
        self.actions(&mut out, notify);
        out.array(8, |out| self.hints(out, notify));
        out.u32(notify.timeout.cast_unsigned());
        Raw { body: out.bytes.into(), big_endian: notify.big_endian }
    }

    fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    fn actions(&self, out: &mut Writer, notify: &Notify<'_>) {
        let label_of = |key: &str, label| if key == INLINE_REPLY { self.reply_button.unwrap_or(label) } else { label };
        out.array(4, |out| {
            if self.without_actions {
                return;
            }
            for pair in notify.actions.chunks(2) {
                out.string(pair[0]);
                if let Some(label) = pair.get(1) {
                    out.string(label_of(pair[0], label));
                }
            }
        });
    }

    fn hints(&self, out: &mut Writer, notify: &Notify<'_>) {
        for entry in notify.entries.iter().filter(|entry| self.keeps(entry)) {
            if let Some(path) = self.replaced_path(notify, entry) {
                out.text_hint(entry.key, path);
            } else if let Some(pixels) = self.smaller_image(notify, entry) {
                out.image_hint(entry.key, &pixels);
            } else {
                out.copy_entry(notify.body_bytes, &entry.bytes);
            }
        }
        if self.quiet {
            out.bool_hint("suppress-sound", true);
        }
    }

    fn keeps(&self, entry: &Entry<'_>) -> bool {
        let image = self.without_images && IMAGE_HINTS.contains(&entry.key);
        let sound = self.quiet && entry.key == "suppress-sound";
        // A file descriptor cannot be kept, so neither can a hint that holds one.
        !(image || sound || entry.holds_descriptor)
    }

    fn smaller_image<'a>(&self, notify: &Notify<'a>, entry: &Entry<'_>) -> Option<Smaller<'a>> {
        let is_image = self.smaller_images && IMAGE_HINTS.contains(&entry.key);
        is_image.then(|| notify.pixels_of(entry)).flatten().map(Smaller::of)
    }

    fn replaced_path(&self, notify: &Notify<'_>, entry: &Entry<'_>) -> Option<&str> {
        if entry.signature != "s" || !FILE_HINTS.contains(&entry.key) {
            return None;
        }
        let path = if entry.key == "sound-file" { notify.hints.sound_file } else { notify.hints.image_path };
        self.file(path?)
    }
}

/// The same body without its images.
pub(crate) fn without_images(notify: &Notify<'_>) -> Raw {
    Rewrite { replaces: notify.replaces, without_images: true, ..Rewrite::default() }.write(notify)
}

/// The same body with images that are small enough to be kept.
pub(crate) fn with_smaller_images(notify: &Notify<'_>) -> Raw {
    Rewrite { replaces: notify.replaces, smaller_images: true, ..Rewrite::default() }.write(notify)
}

/// A body from what a row still says, when the one that came is not kept any more.
#[must_use]
pub(crate) fn compose(row: &Interruption, replaces: u32, quiet: bool) -> Raw {
    let content = &row.content;
    let mut out = Writer::new(content.body.len() + 256, cfg!(target_endian = "big"));
    out.string(&row.app.name);
    out.u32(replaces);
    out.string("");
    out.string(&content.summary);
    out.string(&content.body);
    out.array(4, |out| {
        for action in &content.actions {
            out.string(&action.key);
            out.string(&action.label);
        }
    });
    out.array(8, |out| compose_hints(out, row, quiet));
    out.u32(timeout_of(content.timeout).cast_unsigned());
    Raw { body: out.bytes.into(), big_endian: cfg!(target_endian = "big") }
}

fn compose_hints(out: &mut Writer, row: &Interruption, quiet: bool) {
    let urgency = match row.content.urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    };
    out.byte_hint("urgency", urgency);
    if let Some(entry) = &row.app.desktop_entry {
        out.text_hint("desktop-entry", entry);
    }
    if let Some(category) = &row.content.category {
        out.text_hint("category", category);
    }
    if row.content.resident {
        out.bool_hint("resident", true);
    }
    if quiet {
        out.bool_hint("suppress-sound", true);
    }
}

fn timeout_of(timeout: Timeout) -> i32 {
    match timeout {
        Timeout::Default => -1,
        Timeout::Never => 0,
        Timeout::After(after) => i32::try_from(after.num_milliseconds()).unwrap_or(i32::MAX),
    }
}

/// Marshals the few types that `Notify` is made of.
struct Writer {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Writer {
    fn new(capacity: usize, big_endian: bool) -> Self {
        Self { bytes: Vec::with_capacity(capacity + 64), big_endian }
    }

    fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    fn order(&self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn u32(&mut self, number: u32) {
        self.align(4);
        let bytes = self.order(number);
        self.bytes.extend(bytes);
    }

    /// Texts come from a message, so their length fits its 32 bits.
    fn string(&mut self, text: &str) {
        self.u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    fn array(&mut self, align: usize, elements: impl FnOnce(&mut Self)) {
        self.u32(0);
        let length_at = self.bytes.len() - 4;
        self.align(align);
        let start = self.bytes.len();
        elements(self);
        let length = self.order(u32::try_from(self.bytes.len() - start).unwrap_or(u32::MAX));
        self.bytes[length_at..length_at + 4].copy_from_slice(&length);
    }

    /// An entry starts aligned to 8, the largest alignment there is, so its bytes mean the same wherever it is aligned.
    fn copy_entry(&mut self, body: &[u8], range: &Range<usize>) {
        self.align(8);
        self.bytes.extend(&body[range.clone()]);
    }

    fn key(&mut self, key: &str, signature: u8) {
        self.align(8);
        self.string(key);
        self.bytes.extend([1, signature, 0]);
    }

    fn image_hint(&mut self, key: &str, image: &Smaller<'_>) {
        self.align(8);
        self.string(key);
        self.bytes.push(image::SIGNATURE.len() as u8);
        self.bytes.extend(image::SIGNATURE.bytes());
        self.bytes.push(0);
        self.align(8);
        let (width, height, channels) = image.shape();
        for number in [width, height, width * channels, u32::from(channels == 4), 8, channels] {
            self.u32(number);
        }
        self.array(1, |out| out.bytes.extend(image.bytes()));
    }

    fn text_hint(&mut self, key: &str, text: &str) {
        self.key(key, b's');
        self.string(text);
    }

    fn bool_hint(&mut self, key: &str, value: bool) {
        self.key(key, b'b');
        self.u32(value.into());
    }

    fn byte_hint(&mut self, key: &str, value: u8) {
        self.key(key, b'y');
        self.bytes.push(value);
    }
}
