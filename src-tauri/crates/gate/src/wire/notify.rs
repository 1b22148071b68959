//! Reads one `Notify` body: its arguments in place, and the hints that policy and display need. Must not judge them.

use super::cursor::{Cursor, Unreadable};
use super::image::{self, ImageFault, Pixels};
use chrono::Duration;
use std::ops::Range;
use tidegate_domain::{Action, Content, INLINE_REPLY, Remark, Timeout, Urgency};

/// The signature of `Notify`'s arguments.
pub(crate) const SIGNATURE: &str = "susssasa{sv}i";

/// Bytes of a body that are kept for display; the raw body keeps all of it.
const MAX_BODY_TEXT: usize = 64 << 10;
/// Bytes of any other text that is kept for display.
const MAX_TEXT: usize = 4 << 10;
/// Actions that are kept for display.
const MAX_ACTIONS: usize = 64;
/// A gauge that goes by itself within this time answers a key.
const FEEDBACK_MILLISECONDS: i32 = 3_000;

/// The arguments of `Notify`, borrowed from the body.
#[derive(Debug, Clone)]
pub(crate) struct Notify<'a> {
    pub(super) body_bytes: &'a [u8],
    pub(super) big_endian: bool,
    /// `app_name`.
    pub(crate) app_name: &'a str,
    /// `replaces_id`.
    pub(crate) replaces: u32,
    /// `app_icon`.
    pub(crate) icon: &'a str,
    /// `summary`.
    pub(crate) summary: &'a str,
    /// `body`.
    pub(crate) body: &'a str,
    /// `actions`, as the flat list they come in.
    pub(crate) actions: Vec<&'a str>,
    /// Every hint with where its entry lies in the body.
    pub(super) entries: Vec<Entry<'a>>,
    /// `expire_timeout`, in milliseconds.
    pub(crate) timeout: i32,
    /// The hints that policy and display need.
    pub(crate) hints: Hints<'a>,
}

/// One hint as it lies in the body: the entry starts aligned to 8.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) signature: &'a str,
    pub(super) bytes: Range<usize>,
    /// Whether a file descriptor is somewhere in its value.
    pub(super) holds_descriptor: bool,
}

/// The hints that policy and display need; all others travel in the raw body only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints<'a> {
    /// `urgency`.
    pub(crate) urgency: Option<i64>,
    /// `transient`.
    pub(crate) transient: bool,
    /// `resident`.
    pub(crate) resident: bool,
    /// `value`, where it is a part of a whole: a number from 0 to 100.
    pub(crate) is_gauge: bool,
    /// `synchronous`, with or without a prefix, and whatever it says: notify-osd's mark of what answers a key.
    pub(crate) is_synchronous: bool,
    /// `x-dunst-stack-tag`, or the text of a `synchronous` hint. An empty one is none.
    pub(crate) stack_tag: Option<&'a str>,
    /// `category`.
    pub(crate) category: Option<&'a str>,
    /// `desktop-entry`.
    pub(crate) desktop_entry: Option<&'a str>,
    /// `x-kde-reply-placeholder-text`.
    pub(crate) reply_placeholder: Option<&'a str>,
    /// `image-path` or `image_path`.
    pub(crate) image_path: Option<&'a str>,
    /// `sound-file`.
    pub(crate) sound_file: Option<&'a str>,
    /// The first image hint that cannot be used.
    pub(crate) image_fault: Option<ImageFault>,
    /// Bytes of pixels in all image hints.
    pub(crate) image_bytes: u64,
    /// Whether one has more pixels than is kept.
    pub(crate) has_large_image: bool,
}

impl<'a> Hints<'a> {
    /// The first one counts: who sends several says the same in each.
    fn keep_tag(&mut self, value: Value<'a>) {
        if let Value::Text(tag) = value
            && !tag.is_empty()
        {
            self.stack_tag.get_or_insert(tag);
        }
    }
}

/// A hint's value, as far as we ever look.
enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Real(f64),
    Image(Result<Pixels<'a>, ImageFault>),
    Other,
}

impl<'a> Notify<'a> {
    /// Reads a body of the signature [`SIGNATURE`].
    ///
    /// # Errors
    /// Where the bytes are not what the signature says.
    pub(crate) fn read(body: &'a [u8], big_endian: bool) -> Result<Self, Unreadable> {
        let mut cursor = Cursor::new(body, big_endian);
        let app_name = cursor.string()?;
        let replaces = cursor.u32()?;
        let icon = cursor.string()?;
        let summary = cursor.string()?;
        let text = cursor.string()?;
        let actions = read_actions(&mut cursor)?;
        let mut hints = Hints::default();
        let entries = read_hints(&mut cursor, &mut hints)?;
        let timeout = cursor.i32()?;
        if !cursor.is_at_end() {
            return Err(Unreadable::Malformed(cursor.at()));
        }
        let (body_bytes, body) = (body, text);
        Ok(Self { body_bytes, big_endian, app_name, replaces, icon, summary, body, actions, entries, timeout, hints })
    }

    /// What policy and display need of it, bounded.
    #[must_use]
    pub(crate) fn content(&self) -> Content {
        let actions = self.action_pairs();
        let has = |key: &str| actions.iter().any(|action| action.key == key);
        let inline_reply =
            has(INLINE_REPLY).then(|| cut(self.hints.reply_placeholder.unwrap_or_default(), MAX_TEXT).to_owned());
        Content {
            summary: cut(self.summary, MAX_TEXT).to_owned(),
            body: cut(self.body, MAX_BODY_TEXT).to_owned(),
            urgency: urgency(self.hints.urgency),
            timeout: timeout(self.timeout),
            transient: self.hints.transient,
            resident: self.hints.resident,
            feedback: self.is_feedback(),
            stack_tag: self.hints.stack_tag.map(|tag| cut(tag, 128).to_owned()),
            category: self.hints.category.map(|category| cut(category, 128).to_owned()),
            inline_reply,
            remarks: self.remarks(),
            actions,
        }
    }

    /// Volume or brightness as it is set: a gauge that takes another's place or is over in a moment (check
    /// 18). A gauge alone shows how far something has come, and a tag alone is a song.
    fn is_feedback(&self) -> bool {
        let is_brief = (1..=FEEDBACK_MILLISECONDS).contains(&self.timeout);
        let passes = self.hints.is_synchronous || self.hints.stack_tag.is_some() || is_brief;
        self.hints.is_gauge && passes && self.actions.is_empty()
    }

    /// Pairs of key and label; an odd last key has itself as label.
    fn action_pairs(&self) -> Vec<Action> {
        self.actions
            .chunks(2)
            .take(MAX_ACTIONS)
            .filter(|pair| pair[0].len() <= MAX_TEXT)
            .map(|pair| Action { key: pair[0].to_owned(), label: cut(pair.last().unwrap_or(&""), MAX_TEXT).to_owned() })
            .collect()
    }

    fn remarks(&self) -> Vec<Remark> {
        let image = self.hints.image_fault.map(|ImageFault| Remark::ImageInvalid);
        let body = (self.body.len() > MAX_BODY_TEXT).then_some(Remark::BodyTooLong(self.body.len() as u64));
        [image, body].into_iter().flatten().collect()
    }
}

fn read_actions<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<&'a str>, Unreadable> {
    let end = cursor.array(4)?;
    let mut actions = Vec::new();
    while cursor.at() < end {
        actions.push(cursor.string()?);
    }
    if cursor.at() == end { Ok(actions) } else { Err(Unreadable::Malformed(cursor.at())) }
}

fn read_hints<'a>(cursor: &mut Cursor<'a>, hints: &mut Hints<'a>) -> Result<Vec<Entry<'a>>, Unreadable> {
    let end = cursor.array(8)?;
    let mut entries = Vec::new();
    while cursor.at() < end {
        cursor.align(8)?;
        let (start, descriptors) = (cursor.at(), cursor.descriptors());
        let key = cursor.string()?;
        let signature = cursor.signature()?;
        let value = read_value(cursor, signature)?;
        note(hints, key, value);
        let holds_descriptor = cursor.descriptors() != descriptors;
        entries.push(Entry { key, signature, bytes: start..cursor.at(), holds_descriptor });
    }
    if cursor.at() == end { Ok(entries) } else { Err(Unreadable::Malformed(cursor.at())) }
}

fn read_value<'a>(cursor: &mut Cursor<'a>, signature: &str) -> Result<Value<'a>, Unreadable> {
    match signature {
        "s" => cursor.string().map(Value::Text),
        "y" => cursor.byte().map(|byte| Value::Number(byte.into())),
        "n" => cursor.i16().map(|number| Value::Number(number.into())),
        "q" => cursor.u16().map(|number| Value::Number(number.into())),
        "i" => cursor.i32().map(|number| Value::Number(number.into())),
        "u" | "b" => cursor.u32().map(|number| Value::Number(number.into())),
        "x" => cursor.i64().map(Value::Number),
        "t" => cursor.u64().map(|number| Value::Number(i64::try_from(number).unwrap_or(i64::MAX))),
        "d" => cursor.u64().map(|bits| Value::Real(f64::from_bits(bits))),
        image::SIGNATURE => Ok(Value::Image(Pixels::read(cursor)?)),
        _ => {
            let rest = cursor.skip(signature.as_bytes())?;
            if rest.is_empty() { Ok(Value::Other) } else { Err(Unreadable::Malformed(cursor.at())) }
        }
    }
}

fn note<'a>(hints: &mut Hints<'a>, key: &str, value: Value<'a>) {
    match (key, value) {
        ("urgency", Value::Number(number)) => hints.urgency = Some(number),
        ("transient", Value::Number(number)) => hints.transient = number != 0,
        ("resident", Value::Number(number)) => hints.resident = number != 0,
        ("value", Value::Number(number)) => hints.is_gauge = (0..=100).contains(&number),
        ("value", Value::Real(number)) => hints.is_gauge = (0.0..=100.0).contains(&number),
        (key, value) if key.ends_with("synchronous") => {
            hints.is_synchronous |= !matches!(value, Value::Number(0));
            hints.keep_tag(value);
        }
        ("x-dunst-stack-tag", value) => hints.keep_tag(value),
        ("category", Value::Text(category)) => hints.category = Some(category),
        ("desktop-entry", Value::Text(entry)) => hints.desktop_entry = Some(entry),
        ("x-kde-reply-placeholder-text", Value::Text(text)) => hints.reply_placeholder = Some(text),
        ("image-path" | "image_path", Value::Text(path)) => hints.image_path = Some(path),
        ("sound-file", Value::Text(path)) => hints.sound_file = Some(path),
        ("image-data" | "image_data" | "icon_data", Value::Image(Ok(image))) => {
            hints.image_bytes += image.length();
            hints.has_large_image |= image.is_large();
        }
        ("image-data" | "image_data" | "icon_data", Value::Image(Err(fault))) => hints.image_fault = Some(fault),
        ("image-data" | "image_data" | "icon_data", _) => hints.image_fault = Some(ImageFault),
        _ => {}
    }
}

fn urgency(claimed: Option<i64>) -> Urgency {
    match claimed {
        Some(0) => Urgency::Low,
        Some(2) => Urgency::Critical,
        _ => Urgency::Normal,
    }
}

fn timeout(milliseconds: i32) -> Timeout {
    match milliseconds {
        0 => Timeout::Never,
        after if after > 0 => Timeout::After(Duration::milliseconds(after.into())),
        _ => Timeout::Default,
    }
}

/// At most so many bytes, cut between characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
