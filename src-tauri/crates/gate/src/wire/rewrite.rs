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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{raw, row};
    use chrono::Duration;
    use tidegate_domain::Action;
    use tidegate_testkit::{ImageData, Notification};

    fn notify(raw: &Raw) -> Notify<'_> {
        Notify::read(&raw.body, raw.big_endian).unwrap()
    }

    /// The hints that stand in a body.
    fn keys(raw: &Raw) -> Vec<&str> {
        notify(raw).entries.iter().map(|entry| entry.key).collect()
    }

    fn rewritten(notification: &Notification, rewrite: &Rewrite<'_>) -> Raw {
        rewrite.apply(&raw(notification)).unwrap()
    }

    fn full() -> Notification {
        Notification::new("summary")
            .app_name("Chat")
            .icon("/tmp/icon.png")
            .body("<b>body</b>")
            .action("default", "Open")
            .action("inline-reply", "Answer")
            .hint("image-path", "file:///tmp/image.png")
            .hint("sound-file", "/tmp/sound.oga")
            .hint("urgency", 2_u8)
            .hint("x-private", vec![(1_u8, 2_u64)])
            .image("image-data", ImageData::grey(3, 2))
            .timeout(5_000)
    }

    #[test]
    fn check_37_what_need_not_differ_is_the_same_to_the_byte() {
        let sent = raw(&full());
        assert_eq!(Rewrite::default().apply(&sent).unwrap(), sent);
        let odd = raw(&Notification::new("odd").raw_action("a").raw_action("A").raw_action("b"));
        assert_eq!(Rewrite::default().apply(&odd).unwrap(), odd, "also an odd action");
    }

    #[test]
    fn what_is_no_notification_is_not_written_anew() {
        let nonsense = Raw { body: vec![7; 40].into(), big_endian: false };
        assert!(Rewrite::default().apply(&nonsense).is_err());
    }

    #[test]
    fn the_renderers_own_id_stands_in_the_place_of_ours() {
        let body = rewritten(&full().replaces(9), &Rewrite { replaces: 4, ..Rewrite::default() });
        assert_eq!(notify(&body).replaces, 4);
        assert_eq!(notify(&rewritten(&full().replaces(9), &Rewrite::default())).replaces, 0);
    }

    #[test]
    fn a_quiet_one_says_so_once_whatever_its_sender_had_said() {
        let quiet = Rewrite { quiet: true, ..Rewrite::default() };
        let loud = rewritten(&Notification::new("loud").hint("suppress-sound", false).hint("category", "im"), &quiet);
        assert_eq!(keys(&loud), ["category", "suppress-sound"]);
        let said = notify(&loud).entries.last().map(|entry| loud.body[entry.bytes.end - 4..entry.bytes.end].to_vec());
        assert_eq!(said, Some(1_u32.to_ne_bytes().to_vec()));
    }

    #[test]
    fn buttons_are_left_out_where_the_renderer_has_none() {
        let bare = rewritten(&full(), &Rewrite { without_actions: true, ..Rewrite::default() });
        assert!(notify(&bare).actions.is_empty());
        assert_eq!(keys(&bare), keys(&raw(&full())), "and nothing else");
    }

    #[test]
    fn a_reply_field_becomes_a_button_and_others_keep_their_words() {
        let button = rewritten(&full(), &Rewrite { reply_button: Some("Reply"), ..Rewrite::default() });
        assert_eq!(notify(&button).actions, ["default", "Open", "inline-reply", "Reply"]);
    }

    #[test]
    fn a_plain_body_stands_for_the_marked_one() {
        let plain = rewritten(&full(), &Rewrite { plain_body: Some("body"), ..Rewrite::default() });
        assert_eq!((notify(&plain).body, notify(&plain).summary), ("body", "summary"));
    }

    #[test]
    fn files_that_are_gone_are_named_by_their_copies_wherever_they_stand() {
        let pairs = [
            ("/tmp/icon.png", "/copies/1-icon"),
            ("file:///tmp/image.png", "file:///copies/1-image"),
            ("/tmp/sound.oga", "/copies/1-sound"),
        ];
        let files = pairs.map(|(gone, copy)| (gone.to_owned(), copy.to_owned())).into();
        let body = rewritten(&full(), &Rewrite { files, ..Rewrite::default() });
        let shown = notify(&body);
        assert_eq!(shown.icon, "/copies/1-icon");
        assert_eq!(shown.hints.image_path, Some("file:///copies/1-image"));
        assert_eq!(shown.hints.sound_file, Some("/copies/1-sound"));
        assert_eq!(keys(&body), keys(&raw(&full())), "in their places");
    }

    #[test]
    fn a_path_that_is_no_text_or_no_files_is_left_alone() {
        let files = [("7".to_owned(), "/copies/1-image".to_owned())].into();
        let sent = Notification::new("number").hint("image-path", 7_u32).hint("x-path", "7");
        let body = rewritten(&sent, &Rewrite { files, ..Rewrite::default() });
        assert_eq!(body, raw(&sent));
    }

    #[test]
    fn pictures_are_left_out_under_every_name_and_paths_stay() {
        let three = full().image("image_data", ImageData::grey(1, 1)).image("icon_data", ImageData::grey(1, 1));
        let sent = raw(&three.replaces(9));
        let body = without_images(&notify(&sent));
        assert_eq!(keys(&body), ["image-path", "sound-file", "urgency", "x-private"]);
        assert_eq!(notify(&body).replaces, 9, "it stays as it came");
    }

    #[test]
    fn a_smaller_picture_is_one_that_can_be_read_again() {
        let opaque = ImageData::grey(1_030, 700);
        let clear = ImageData {
            channels: 4,
            has_alpha: true,
            rowstride: 4_096,
            data: [9, 8, 7, 128].repeat(1_024 * 2),
            ..ImageData::grey(1_024, 2)
        };
        let sent = raw(&full().image("image-data", opaque).image("icon_data", clear));
        let body = with_smaller_images(&notify(&sent));
        let shown = notify(&body);
        assert_eq!(shown.hints.image_fault, None);
        assert_eq!(shown.pixels("image-data").map(|pixels| pixels.size()), Some((344, 234)));
        let clear = shown.pixels("icon_data").unwrap();
        assert_eq!(clear.size(), (512, 1));
        assert!(clear.rows().flatten().all(|pixel| pixel == [9, 8, 7, 128]));
        assert_eq!(keys(&body), keys(&sent));
    }

    #[test]
    fn a_hint_that_holds_a_descriptor_is_left_out() {
        let (file, _far) = std::os::unix::net::UnixStream::pair().unwrap();
        let descriptor = zbus::zvariant::Fd::from(std::os::fd::OwnedFd::from(file));
        let sent = raw(&Notification::new("file").hint("category", "im").hint("x-file", descriptor));
        assert_eq!(keys(&Rewrite::default().apply(&sent).unwrap()), ["category"]);
    }

    #[test]
    fn a_row_alone_says_all_that_it_knows() {
        let mut row = row(1);
        row.app.desktop_entry = Some("org.example.Chat".into());
        row.content.body = "body".into();
        row.content.urgency = Urgency::Critical;
        row.content.category = Some("im.received".into());
        row.content.resident = true;
        row.content.actions.push(Action { key: "inline-reply".into(), label: "Answer".into() });
        row.content.timeout = Timeout::After(Duration::milliseconds(1_500));
        let body = compose(&row, 4, true);
        let shown = notify(&body);
        assert_eq!((shown.app_name, shown.replaces, shown.icon), ("Chat", 4, ""));
        assert_eq!((shown.summary, shown.body, shown.timeout), ("row 1", "body", 1_500));
        assert_eq!(shown.actions, ["open", "Open", "inline-reply", "Answer"]);
        assert_eq!((shown.hints.urgency, shown.hints.category), (Some(2), Some("im.received")));
        assert_eq!((shown.hints.desktop_entry, shown.hints.resident), (Some("org.example.Chat"), true));
        assert_eq!(keys(&body), ["urgency", "desktop-entry", "category", "resident", "suppress-sound"]);
    }

    #[test]
    fn a_row_that_says_little_is_a_notification_all_the_same() {
        let mut row = row(1);
        row.content.actions.clear();
        row.content.urgency = Urgency::Low;
        let body = compose(&row, 0, false);
        assert_eq!((keys(&body), notify(&body).hints.urgency), (vec!["urgency"], Some(0)));
        let time = |timeout| {
            let mut row = row.clone();
            row.content.timeout = timeout;
            notify(&compose(&row, 0, false)).timeout
        };
        assert_eq!((time(Timeout::Default), time(Timeout::Never)), (-1, 0));
        assert_eq!(time(Timeout::After(Duration::days(300))), i32::MAX, "a time beyond the type is its longest");
    }

    #[test]
    fn what_is_written_in_the_other_byte_order_reads_the_same() {
        let write = |big_endian| {
            let mut out = Writer::new(0, big_endian);
            out.string("Chat");
            out.u32(7);
            (0..3).for_each(|_| out.string("text"));
            out.array(4, |out| ["a", "A"].into_iter().for_each(|word| out.string(word)));
            out.array(8, |out| {
                out.byte_hint("urgency", 2);
                out.bool_hint("resident", true);
                out.text_hint("category", "im");
            });
            out.u32(5);
            Raw { body: out.bytes.into(), big_endian }
        };
        for big_endian in [false, true] {
            let body = write(big_endian);
            let shown = notify(&body);
            assert_eq!((shown.app_name, shown.replaces, shown.timeout), ("Chat", 7, 5));
            assert_eq!((shown.hints.urgency, shown.hints.resident), (Some(2), true));
            assert_eq!((shown.hints.category, &shown.actions[..]), (Some("im"), &["a", "A"][..]));
            assert_eq!(Rewrite { replaces: 7, ..Rewrite::default() }.apply(&body).unwrap(), body);
        }
    }
}
