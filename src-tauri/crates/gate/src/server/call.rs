//! One call of an app, read as soon as it comes, so that what waits holds on neither to a huge message nor to file
//! descriptors. Must not know who sent it or what becomes of it.

use super::incoming::is_big_endian;
use crate::files::Named;
use crate::names::{INVALID_ARGS, LIMITS_EXCEEDED, NOTIFICATIONS_PATH};
use crate::wire::{MAX_BODY, MAX_WHOLE, Notify, SIGNATURE, Unreadable, cut, with_smaller_images, without_images};
use tidegate_bus::Place;
use tidegate_domain::{Content, Raw, Remark};
use zbus::Message;
use zbus::message::Flags;

/// A message up to this size is kept as it is until its call is answered.
const LIGHT: usize = 8 << 10;
/// What a call costs besides its body.
pub(super) const OVERHEAD: usize = 1 << 10;

/// An error's name and its text.
pub(super) type Refusal = (&'static str, &'static str);

/// The methods that are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Notify,
    Close,
    Inhibit,
    UnInhibit,
}

impl Method {
    /// The method with this name.
    pub(super) fn named(member: &str) -> Option<Self> {
        match member {
            "Notify" => Some(Self::Notify),
            "CloseNotification" => Some(Self::Close),
            "Inhibit" => Some(Self::Inhibit),
            "UnInhibit" => Some(Self::UnInhibit),
            _ => None,
        }
    }

    /// The signature of its arguments.
    pub(super) fn signature(self) -> &'static str {
        match self {
            Self::Notify => SIGNATURE,
            Self::Close | Self::UnInhibit => "u",
            Self::Inhibit => "ssa{sv}",
        }
    }
}

/// What an app asks.
pub(super) enum Asked {
    Notify(Box<Notice>),
    Close(u32),
    /// The app's name for itself.
    Inhibit(String),
    UnInhibit(u32),
}

/// The arguments of `Notify`, as far as they are kept.
pub(super) struct Notice {
    pub(super) app_name: String,
    pub(super) desktop_entry: Option<String>,
    pub(super) replaces: u32,
    pub(super) content: Content,
    pub(super) raw: Raw,
    /// As it came, if that is not what is kept.
    pub(super) whole: Option<Raw>,
    /// The files that it names: a transient one's leave no trace on disk.
    pub(super) named: Option<Named>,
}

/// A call that is to be judged, and what is needed to answer it.
pub(super) struct Job {
    pub(super) call: Message,
    pub(super) asked: Asked,
    /// Until its turn has come.
    pub(super) place: Option<Place>,
}

impl Job {
    /// Reads a call whose arguments have the method's signature.
    ///
    /// # Errors
    /// What the app is to be answered.
    pub(super) fn read(message: &Message, method: Method, place: Option<Place>) -> Result<Self, Refusal> {
        let body = message.body();
        let big_endian = is_big_endian(message);
        let number = || body.deserialize::<u32>().map_err(|_| (INVALID_ARGS, "the argument is not a number"));
        let asked = match method {
            Method::Notify => Asked::Notify(Box::new(Notice::read(body.data(), big_endian)?)),
            Method::Close => Asked::Close(number()?),
            Method::UnInhibit => Asked::UnInhibit(number()?),
            Method::Inhibit => {
                let app = crate::wire::first_string(body.data(), big_endian);
                Asked::Inhibit(cut(app.as_deref().unwrap_or("an app"), 128).to_owned())
            }
        };
        let mut job = Self { call: to_answer(message), asked, place };
        let weight = job.weight();
        if let Some(place) = &mut job.place {
            place.shrink_to(weight);
        }
        Ok(job)
    }

    /// What it takes in memory and on disk, about, in bytes.
    pub(super) fn weight(&self) -> usize {
        let body = match &self.asked {
            Asked::Notify(notice) => notice.raw.body.len() + notice.whole.as_ref().map_or(0, |whole| whole.body.len()),
            Asked::Close(_) | Asked::Inhibit(_) | Asked::UnInhibit(_) => 0,
        };
        OVERHEAD + body
    }
}

impl Notice {
    fn read(bytes: &[u8], big_endian: bool) -> Result<Self, Refusal> {
        let notify = Notify::read(bytes, big_endian).map_err(refusal)?;
        let mut content = notify.content();
        let as_it_came = || Raw { body: bytes.into(), big_endian };
        let is_faulty = notify.hints.image_fault.is_some();
        let mut raw = match (is_faulty, bytes.len() > MAX_BODY || notify.hints.has_large_image) {
            (true, _) => without_images(&notify),
            (false, true) => with_smaller_images(&notify),
            (false, false) => as_it_came(),
        };
        if raw.body.len() > MAX_BODY && !is_faulty {
            content.remarks.push(Remark::ImageTooLarge(notify.hints.image_bytes));
            raw = without_images(&notify);
        }
        if raw.body.len() > MAX_BODY {
            return Err((LIMITS_EXCEEDED, "the notification is over 4 MiB without its images"));
        }
        let passes_whole = !is_faulty && raw.body.len() < bytes.len() && bytes.len() <= MAX_WHOLE;
        Ok(Self {
            whole: passes_whole.then(as_it_came),
            app_name: cut(notify.app_name, 4 << 10).to_owned(),
            desktop_entry: notify.hints.desktop_entry.map(|entry| cut(entry, 4 << 10).to_owned()),
            replaces: notify.replaces,
            named: if content.transient { None } else { Named::by(&notify) },
            content,
            raw,
        })
    }
}

fn refusal(why: Unreadable) -> Refusal {
    match why {
        Unreadable::Malformed(_) => (INVALID_ARGS, "the arguments are malformed"),
        Unreadable::Endless => (LIMITS_EXCEEDED, "the notification has more values than a notification can need"),
    }
}

/// Enough of a call to answer it: a heavy one, or one that came with file descriptors, without its arguments.
fn to_answer(call: &Message) -> Message {
    let is_light = call.data().len() <= LIGHT && call.header().unix_fds().is_none_or(|descriptors| descriptors == 0);
    if is_light { call.clone() } else { without_arguments(call).unwrap_or_else(|_| call.clone()) }
}

fn without_arguments(call: &Message) -> zbus::Result<Message> {
    let header = call.header();
    let mut bare = Message::method_call(NOTIFICATIONS_PATH, "Notify")?.serial(call.primary_header().serial_num());
    if let Some(sender) = header.sender() {
        bare = bare.sender(sender.to_owned())?;
    }
    if call.primary_header().flags().contains(Flags::NoReplyExpected) {
        bare = bare.with_flags(Flags::NoReplyExpected)?;
    }
    bare.build(&())
}
