//! Reads one `Notify` body: its arguments in place, and the hints that policy and display need; and says by them whether it
//! is feedback, such as volume. Must not judge whether it is held.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::raw;
    use std::collections::BTreeMap;
    use tidegate_testkit::{ImageData, NOTIFICATIONS, NOTIFICATIONS_PATH, Notification};
    use zbus::zvariant::{Endian, Value as Hint};

    fn content(notification: &Notification) -> Content {
        let raw = raw(notification);
        Notify::read(&raw.body, raw.big_endian).unwrap().content()
    }

    fn with_hint(name: &str, value: impl Into<Hint<'static>>) -> Content {
        content(&Notification::new("hint").hint(name, value))
    }

    fn everything() -> Notification {
        Notification::new("summary")
            .app_name("Chat")
            .replaces(7)
            .icon("mail")
            .body("body")
            .action("default", "Open")
            .hint("urgency", 2_u8)
            .hint("category", "im.received")
            .hint("x-private", vec![1_u64, 2])
            .image("image-data", ImageData::grey(3, 2))
            .timeout(5_000)
    }

    #[test]
    fn all_arguments_are_read_in_place() {
        let raw = raw(&everything());
        let notify = Notify::read(&raw.body, raw.big_endian).unwrap();
        assert_eq!((notify.app_name, notify.replaces, notify.icon), ("Chat", 7, "mail"));
        assert_eq!((notify.summary, notify.body, notify.timeout), ("summary", "body", 5_000));
        assert_eq!(notify.actions, ["default", "Open"]);
        let keys: Vec<_> = notify.entries.iter().map(|entry| (entry.key, entry.signature)).collect();
        let wanted = [("category", "s"), ("image-data", "(iiibiiay)"), ("urgency", "y"), ("x-private", "at")];
        assert_eq!(keys, wanted);
    }

    #[test]
    fn both_byte_orders_say_the_same() {
        let read = |endian: Endian| {
            let hints =
                BTreeMap::from([("urgency", Hint::from(2_u8)), ("value", Hint::from(7_i32)), ("x", Hint::from(1.5))]);
            let body = ("Chat", 7_u32, "mail", "summary", "body", vec!["default", "Open"], hints, 5_000_i32);
            let call = zbus::Message::method_call(NOTIFICATIONS_PATH, "Notify").unwrap();
            let message = call.destination(NOTIFICATIONS).unwrap().endian(endian).build(&body).unwrap();
            let (body, big_endian) = (message.body(), matches!(endian, Endian::Big));
            let notify = Notify::read(body.data(), big_endian).unwrap();
            assert!(notify.replaces == 7 && notify.timeout == 5_000 && notify.hints.is_gauge);
            assert!(Notify::read(body.data(), !big_endian).is_err(), "it is not read in the wrong one");
            notify.content()
        };
        assert_eq!(read(Endian::Little), read(Endian::Big));
    }

    #[test]
    fn check_40_a_body_that_ends_early_or_goes_on_is_none() {
        let raw = raw(&everything());
        for length in 0..raw.body.len() {
            assert!(Notify::read(&raw.body[..length], raw.big_endian).is_err(), "{length} bytes");
        }
        let mut longer = raw.body.to_vec();
        longer.push(0);
        assert_eq!(Notify::read(&longer, raw.big_endian).err(), Some(Unreadable::Malformed(raw.body.len())));
    }

    #[test]
    fn check_40_no_byte_of_a_body_can_be_changed_so_that_reading_it_fails_otherwise_than_by_saying_so() {
        let raw = raw(&everything());
        for at in 0..raw.body.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = raw.body.to_vec();
                changed[at] = byte;
                if let Ok(notify) = Notify::read(&changed, raw.big_endian) {
                    let within = |entry: &Entry<'_>| {
                        entry.bytes.end <= changed.len()
                            && notify.pixels_of(entry).is_none_or(|pixels| pixels.rows().count() > 0)
                    };
                    assert!(notify.entries.iter().all(within), "byte {at} is {byte}");
                }
            }
        }
    }

    #[test]
    fn urgency_is_taken_in_every_integer_type_and_what_is_none_is_normal() {
        let urgency = |value: Hint<'static>| with_hint("urgency", value).urgency;
        for two in [2_u8.into(), 2_i16.into(), 2_u16.into(), 2_i32.into(), 2_u32.into(), 2_i64.into(), 2_u64.into()] {
            assert_eq!(urgency(two), Urgency::Critical);
        }
        assert_eq!(urgency(0_u8.into()), Urgency::Low);
        for other in
            [1_u8.into(), 3_u8.into(), (-2_i32).into(), u64::MAX.into(), "2".into(), 2.0.into(), Hint::from(vec![2_u8])]
        {
            assert_eq!(urgency(other), Urgency::Normal);
        }
    }

    #[test]
    fn a_time_out_is_a_time_or_never_or_the_servers_choice() {
        let timeout = |milliseconds| content(&Notification::new("time").timeout(milliseconds)).timeout;
        assert_eq!(timeout(0), Timeout::Never);
        assert_eq!(timeout(1), Timeout::After(Duration::milliseconds(1)));
        assert_eq!(timeout(i32::MAX), Timeout::After(Duration::milliseconds(i32::MAX.into())));
        assert_eq!([-1, -2, i32::MIN].map(timeout), [Timeout::Default; 3]);
    }

    #[test]
    fn flags_are_taken_as_booleans_and_as_numbers() {
        assert!(with_hint("transient", true).transient && with_hint("transient", 1_u8).transient);
        assert!(!with_hint("transient", false).transient && !with_hint("transient", "true").transient);
        assert!(with_hint("resident", true).resident && !with_hint("resident", 0_i32).resident);
    }

    #[test]
    fn check_18_a_gauge_that_takes_anothers_place_or_is_brief_is_feedback() {
        let gauge = |value: Hint<'static>| Notification::new("volume").hint("value", value);
        let is_feedback = |notification: &Notification| content(notification).feedback;
        let tagged =
            |value: Hint<'static>| is_feedback(&gauge(value).hint("x-canonical-private-synchronous", "volume"));
        assert!(tagged(40_i32.into()) && tagged(40.0.into()) && tagged(0_u8.into()) && tagged(100_u32.into()));
        for no_part in [101_i32.into(), (-1_i32).into(), f64::NAN.into(), f64::INFINITY.into(), "40".into()] {
            assert!(!tagged(no_part), "no part of a whole");
        }
        assert!(is_feedback(&gauge(40.into()).hint("x-dunst-stack-tag", "volume")));
        assert!(is_feedback(&gauge(40.into()).hint("synchronous", "")), "the hint itself is the mark");
        assert!(!is_feedback(&gauge(40.into()).hint("x-dunst-stack-tag", "")), "an empty tag is none");
        assert!(!is_feedback(&gauge(40.into()).hint("synchronous", false)));
        assert!(is_feedback(&gauge(40.into()).timeout(3_000)) && !is_feedback(&gauge(40.into()).timeout(3_001)));
        assert!(!is_feedback(&gauge(40.into())), "how far something has come");
        assert!(
            !is_feedback(&gauge(40.into()).timeout(500).action("default", "Open")),
            "who has buttons asks something"
        );
        assert!(!is_feedback(&Notification::new("song").hint("synchronous", "player")));
    }

    #[test]
    fn the_first_tag_counts_and_is_cut() {
        let both = Notification::new("tags").hint("synchronous", "first").hint("x-dunst-stack-tag", "second");
        assert_eq!(content(&both).stack_tag.as_deref(), Some("first"));
        let tag = |value: Hint<'static>| with_hint("x-dunst-stack-tag", value).stack_tag;
        assert_eq!((tag("".into()), tag(7_u32.into())), (None, None));
        assert_eq!(tag("x".repeat(500).into()).map(|tag| tag.len()), Some(128));
    }

    #[test]
    fn an_odd_action_has_its_key_for_a_label_and_there_are_only_so_many() {
        let odd = content(&Notification::new("odd").action("open", "Open").raw_action("close"));
        let pairs: Vec<_> = odd.actions.iter().map(|action| (&*action.key, &*action.label)).collect();
        assert_eq!(pairs, [("open", "Open"), ("close", "close")]);
        let many = (0..200).fold(Notification::new("many"), |one, number| one.action(&number.to_string(), "x"));
        assert_eq!(content(&many).actions.len(), MAX_ACTIONS);
        let long = "k".repeat(MAX_TEXT + 1);
        let long = Notification::new("long").action(&long, "a key is never cut").action("short", &long);
        let kept = content(&long).actions;
        assert_eq!((kept.len(), &*kept[0].key, kept[0].label.len()), (1, "short", MAX_TEXT));
    }

    #[test]
    fn a_reply_field_has_the_placeholder_that_the_app_gives() {
        let reply = || Notification::new("reply").action("inline-reply", "Reply");
        assert_eq!(content(&reply()).inline_reply.as_deref(), Some(""));
        let named = reply().hint("x-kde-reply-placeholder-text", "Answer Maya");
        assert_eq!(content(&named).inline_reply.as_deref(), Some("Answer Maya"));
        assert_eq!(with_hint("x-kde-reply-placeholder-text", "Answer").inline_reply, None, "without the button none");
    }

    #[test]
    fn long_texts_are_cut_between_letters_and_a_long_body_is_said_to_be() {
        let long =
            Notification::new(&"ü".repeat(MAX_TEXT)).body(&"ü".repeat(MAX_BODY_TEXT)).hint("category", "c".repeat(200));
        let kept = content(&long);
        assert_eq!((kept.summary, kept.body), ("ü".repeat(MAX_TEXT / 2), "ü".repeat(MAX_BODY_TEXT / 2)));
        assert_eq!(kept.category.map(|category| category.len()), Some(128));
        assert_eq!(kept.remarks, [Remark::BodyTooLong(2 * MAX_BODY_TEXT as u64)]);
        assert_eq!(content(&Notification::new("s").body(&"x".repeat(MAX_BODY_TEXT))).remarks, []);
    }

    #[test]
    fn a_picture_of_another_type_is_none_and_one_that_fits_is_counted() {
        let hints = |notification: &Notification| {
            let raw = raw(notification);
            let hints = Notify::read(&raw.body, raw.big_endian).unwrap().hints;
            (hints.image_fault, hints.image_bytes, hints.has_large_image)
        };
        assert_eq!(hints(&Notification::new("none")), (None, 0, false));
        assert_eq!(hints(&Notification::new("text").hint("image-data", "picture")), (Some(ImageFault), 0, false));
        let two = Notification::new("two")
            .image("image-data", ImageData::grey(2, 2))
            .image("icon_data", ImageData::grey(2_049, 1));
        assert_eq!(hints(&two), (None, 12 + 2_049 * 3, true));
        let elsewhere = Notification::new("x").image("x-image", ImageData::grey(2, 2));
        assert_eq!(hints(&elsewhere), (None, 0, false), "no hint that anybody draws");
    }

    #[test]
    fn a_descriptor_anywhere_in_a_hint_marks_that_hint_alone() {
        let (file, _far) = std::os::unix::net::UnixStream::pair().unwrap();
        let descriptor = zbus::zvariant::Fd::from(std::os::fd::OwnedFd::from(file));
        let hints =
            BTreeMap::from([("a", Hint::from(1)), ("b", Hint::new((7, vec![descriptor]))), ("c", Hint::from(2))]);
        let body = ("", 0_u32, "", "", "", Vec::<&str>::new(), hints, -1_i32);
        let message = zbus::Message::method_call("/", "Notify").unwrap().build(&body).unwrap();
        let body = message.body();
        let notify = Notify::read(body.data(), cfg!(target_endian = "big")).unwrap();
        assert!(notify.entries.iter().map(|entry| entry.holds_descriptor).eq([false, true, false]));
    }
}
