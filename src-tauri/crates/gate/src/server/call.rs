//! One call of an app, read as soon as it comes, so that what waits holds on neither to a huge message nor to file
//! descriptors. Must not know who sent it or what becomes of it.

use super::read::is_big_endian;
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

    /// The files that it names, to be copied once it is answered.
    pub(super) fn take_named(&mut self) -> Option<Named> {
        match &mut self.asked {
            Asked::Notify(notice) => notice.named.take(),
            Asked::Close(_) | Asked::Inhibit(_) | Asked::UnInhibit(_) => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::NOTIFICATIONS;
    use crate::testing::raw;
    use std::os::unix::net::UnixStream;
    use tidegate_testkit::{ImageData, Notification};
    use zbus::zvariant::DynamicType;

    /// A call of `:1.5` with these arguments.
    fn call<B: serde::Serialize + DynamicType>(body: &B, flags: Option<Flags>) -> Message {
        let call = Message::method_call(NOTIFICATIONS_PATH, "Notify").unwrap().sender(":1.5").unwrap();
        let call = flags.into_iter().fold(call, |call, flag| call.with_flags(flag).unwrap());
        call.build(body).unwrap()
    }

    fn read<B: serde::Serialize + DynamicType>(method: Method, body: &B) -> Result<Job, Refusal> {
        Job::read(&call(body, None), method, None)
    }

    fn notice(notification: &Notification) -> Result<Notice, Refusal> {
        let raw = raw(notification);
        Notice::read(&raw.body, raw.big_endian)
    }

    #[test]
    fn four_methods_are_judged_and_their_arguments_have_one_form() {
        let judged = ["Notify", "CloseNotification", "Inhibit", "UnInhibit"];
        let signatures = judged.map(|member| Method::named(member).map(Method::signature));
        assert_eq!(signatures, [Some("susssasa{sv}i"), Some("u"), Some("ssa{sv}"), Some("u")]);
        for other in ["notify", "GetCapabilities", ""] {
            assert_eq!(Method::named(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_asked_is_read_as_soon_as_it_comes() {
        assert!(matches!(read(Method::Close, &7_u32).unwrap().asked, Asked::Close(7)));
        assert!(matches!(read(Method::UnInhibit, &8_u32).unwrap().asked, Asked::UnInhibit(8)));
        let inhibit = |app: &str| match read(Method::Inhibit, &(app, "a talk")).unwrap().asked {
            Asked::Inhibit(app) => app,
            Asked::Notify(_) | Asked::Close(_) | Asked::UnInhibit(_) => panic!("it asks for quiet"),
        };
        assert_eq!(inhibit("Slides"), "Slides");
        assert_eq!(inhibit(&"ü".repeat(200)), "ü".repeat(64), "cut between letters");
    }

    #[test]
    fn arguments_that_are_cut_off_are_refused_and_a_lost_name_is_an_app() {
        assert_eq!(read(Method::Close, &()).err().map(|(error, _)| error), Some(INVALID_ARGS));
        assert_eq!(read(Method::Notify, &"half").err(), Some((INVALID_ARGS, "the arguments are malformed")));
        assert!(matches!(read(Method::Inhibit, &()).unwrap().asked, Asked::Inhibit(app) if app == "an app"));
    }

    #[test]
    fn a_light_call_is_kept_as_it_is_and_of_a_heavy_one_what_an_answer_needs() {
        let light = call(&"x", None);
        assert_eq!(to_answer(&light).data().len(), light.data().len());
        let text = "x".repeat(LIGHT);
        for (heavy, wants_none) in [(call(&text, None), false), (call(&text, Some(Flags::NoReplyExpected)), true)] {
            let kept = to_answer(&heavy);
            assert!(kept.data().len() < 256, "{}", kept.data().len());
            let answer = Message::method_return(&kept.header()).unwrap().build(&()).unwrap();
            let header = answer.header();
            assert_eq!(header.reply_serial(), Some(heavy.primary_header().serial_num()));
            assert_eq!(header.destination().map(ToString::to_string), Some(":1.5".into()));
            assert_eq!(super::super::read::wants_no_reply(&kept), wants_none);
        }
    }

    #[test]
    fn no_descriptor_is_held_while_a_call_waits() {
        let (file, mut far) = UnixStream::pair().unwrap();
        let descriptor = zbus::zvariant::Fd::from(std::os::fd::OwnedFd::from(file));
        let kept = to_answer(&call(&descriptor, None));
        drop(descriptor);
        assert_eq!(kept.header().sender().map(ToString::to_string), Some(":1.5".into()));
        let closed = std::io::Read::read(&mut far, &mut [0; 1]).unwrap();
        assert_eq!(closed, 0, "nobody has the other end any more");
    }

    #[test]
    fn a_call_weighs_what_is_kept_of_it() {
        let weight = |job: &Job| job.weight() - OVERHEAD;
        assert_eq!(weight(&read(Method::Close, &7_u32).unwrap()), 0);
        assert_eq!(weight(&read(Method::Inhibit, &("x".repeat(4_000), "")).unwrap()), 0);
        let notification = Notification::new("large").body(&"x".repeat(100_000));
        let message = notification.message(NOTIFICATIONS);
        let large = Job::read(&message, Method::Notify, None).unwrap();
        assert_eq!(weight(&large), message.body().len());
        let picture = Notification::new("picture").image("image-data", ImageData::grey(3_000, 100));
        let message = picture.message(NOTIFICATIONS);
        let picture = Job::read(&message, Method::Notify, None).unwrap();
        assert!(weight(&picture) > message.body().len(), "the small picture, and all as it came");
    }

    #[test]
    fn a_large_picture_is_kept_small_and_goes_whole_where_it_passes_at_once() {
        let kept = notice(&Notification::new("picture").image("image-data", ImageData::grey(2_049, 10))).unwrap();
        let size = |raw: &Raw| {
            let read = Notify::read(&raw.body, raw.big_endian).unwrap();
            read.pixels("image-data").map(|pixels| pixels.size())
        };
        assert_eq!(size(&kept.raw), Some((410, 2)));
        assert_eq!(kept.whole.as_ref().and_then(size), Some((2_049, 10)));
        assert_eq!(kept.content.remarks, []);
        let small = notice(&Notification::new("picture").image("image-data", ImageData::grey(512, 512))).unwrap();
        assert_eq!((size(&small.raw), small.whole), (Some((512, 512)), None), "one is enough");
    }

    #[test]
    fn pictures_that_are_too_large_even_small_are_left_out_and_that_is_said() {
        let picture = || ImageData {
            channels: 4,
            has_alpha: true,
            rowstride: 2_048,
            data: vec![9; 512 * 2_048],
            ..ImageData::grey(512, 512)
        };
        let text = "x".repeat(2 << 20);
        let kept = notice(
            &Notification::new("three")
                .body(&text)
                .image("image-data", picture())
                .image("image_data", picture())
                .image("icon_data", picture()),
        )
        .unwrap();
        assert!(kept.raw.body.len() < 3 << 20);
        assert!(kept.content.remarks.contains(&Remark::ImageTooLarge(3 << 20)));
        assert!(kept.whole.is_some(), "the renderer may still show it");
    }

    #[test]
    fn a_picture_that_lies_is_left_out_here_and_at_the_renderer() {
        let lying = ImageData { width: 900, ..ImageData::grey(2, 2) };
        let kept = notice(&Notification::new("lies").image("image-data", lying)).unwrap();
        assert_eq!((kept.content.remarks, kept.whole), (vec![Remark::ImageInvalid], None));
        assert!(Notify::read(&kept.raw.body, kept.raw.big_endian).unwrap().pixels("image-data").is_none());
    }

    #[test]
    fn check_40_what_is_over_four_mebibytes_without_pictures_is_refused() {
        let limits = (LIMITS_EXCEEDED, "the notification is over 4 MiB without its images");
        let long = Notification::new("long").body(&"x".repeat(MAX_BODY));
        assert_eq!(notice(&long).err(), Some(limits));
        assert_eq!(notice(&long.image("image-data", ImageData::grey(9, 9))).err(), Some(limits));
        assert!(notice(&Notification::new("long").body(&"x".repeat(MAX_BODY - 500))).is_ok());
    }

    #[test]
    fn what_an_app_says_of_itself_is_cut_to_what_anybody_needs() {
        let long = "ä".repeat(10_000);
        let kept = notice(&Notification::new("names").app_name(&long).hint("desktop-entry", long.clone())).unwrap();
        assert_eq!((kept.app_name.len(), kept.desktop_entry.map(|entry| entry.len())), (4 << 10, Some(4 << 10)));
        assert_eq!(notice(&Notification::new("plain").replaces(7)).unwrap().replaces, 7);
    }

    #[test]
    fn the_files_of_a_transient_one_leave_no_trace() {
        let with_icon = || Notification::new("picture").icon("/tmp/picture.png");
        assert!(notice(&with_icon()).unwrap().named.is_some());
        assert!(notice(&with_icon().hint("transient", true)).unwrap().named.is_none());
        assert!(notice(&Notification::new("named").icon("mail")).unwrap().named.is_none());
        let mut job = Job::read(&with_icon().message(NOTIFICATIONS), Method::Notify, None).unwrap();
        assert!(job.take_named().is_some() && job.take_named().is_none(), "they are copied once");
        assert!(read(Method::Close, &7_u32).unwrap().take_named().is_none());
    }
}
