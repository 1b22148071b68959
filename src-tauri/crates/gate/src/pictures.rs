//! Where the picture of a notification may be: in its body, in a file that it names, or in the icon theme. Must not open,
//! draw or judge any of them.

use crate::files::{self, Slot};
use crate::wire::Notify;
use std::path::{Path, PathBuf};
use tidegate_domain::{NoticeId, Raw};

pub use crate::wire::Pixels;

/// A place to look at. None needs to hold a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// The body carries it.
    Pixels(Pixels<'a>),
    /// A file that its sender named, or the copy that was made of it: an absolute path.
    File(PathBuf),
    /// An icon's name.
    Icon(&'a str),
}

/// The places of one notification, in the order of the specification ("Icons and Images"). `copies` is the folder of
/// [`crate::Config::files`]: a copy is what the file showed when it was sent, so it comes before the file.
#[must_use]
pub fn sources<'a>(raw: &'a Raw, id: NoticeId, copies: &Path) -> Vec<Source<'a>> {
    let Ok(notify) = Notify::read(&raw.body, raw.big_endian) else { return Vec::new() };
    let pixels = |key: &str| notify.pixels(key).map(Source::Pixels);
    let mut found: Vec<_> = ["image-data", "image_data"].into_iter().filter_map(pixels).collect();
    for named in ["image-path", "image_path"].into_iter().filter_map(|key| notify.text(key)) {
        found.extend(named_sources(named, Slot::Image, id, copies));
    }
    found.extend(named_sources(notify.icon, Slot::Icon, id, copies));
    found.extend(pixels("icon_data"));
    found
}

fn named_sources<'a>(named: &'a str, slot: Slot, id: NoticeId, copies: &Path) -> Vec<Source<'a>> {
    match files::local_path(named) {
        Some(path) => vec![Source::File(files::copy_of(copies, id, slot)), Source::File(path)],
        None if named.is_empty() => Vec::new(),
        None => vec![Source::Icon(named)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_testkit::{ImageData, NOTIFICATIONS, Notification};

    const ID: NoticeId = NoticeId(7);

    fn raw(notification: &Notification) -> Raw {
        let message = notification.message(NOTIFICATIONS);
        Raw { body: message.body().data().to_vec().into(), big_endian: cfg!(target_endian = "big") }
    }

    /// What is found, in short.
    fn found(notification: &Notification) -> Vec<String> {
        let raw = raw(notification);
        let short = |source: Source<'_>| match source {
            Source::Pixels(pixels) => format!("{:?}", pixels.size()),
            Source::File(path) => path.display().to_string(),
            Source::Icon(name) => format!("icon {name}"),
        };
        sources(&raw, ID, Path::new("/copies")).into_iter().map(short).collect()
    }

    #[test]
    fn places_are_in_the_order_of_the_specification() {
        let all = Notification::new("all")
            .icon("mail")
            .image("icon_data", ImageData::grey(4, 1))
            .hint("image_path", "file:///tmp/a%20b.png")
            .hint("image-path", "avatar-default")
            .image("image_data", ImageData::grey(3, 1))
            .image("image-data", ImageData::grey(2, 1));
        let file = ["/copies/7-image", "/tmp/a b.png"];
        let pixels = ["(2, 1)", "(3, 1)"];
        let wanted = [&pixels[..], &["icon avatar-default"], &file, &["icon mail", "(4, 1)"]].concat();
        assert_eq!(found(&all), wanted);
    }

    #[test]
    fn what_names_nothing_of_this_machine_has_no_file() {
        assert_eq!(found(&Notification::new("nothing")), Vec::<String>::new());
        let remote = Notification::new("remote").icon("https://x.test/a.png").hint("image-path", 7_u32);
        assert_eq!(found(&remote), ["icon https://x.test/a.png"]);
        let lying = ImageData { width: 900, ..ImageData::grey(2, 2) };
        assert_eq!(found(&Notification::new("lies").image("image-data", lying)), Vec::<String>::new());
        let not_a_body = Raw { body: vec![7; 40].into(), big_endian: false };
        assert_eq!(sources(&not_a_body, ID, Path::new("/copies")), []);
    }

    #[test]
    fn rows_are_read_by_their_stride_and_without_opacity_they_are_opaque() {
        let padded = ImageData {
            rowstride: 8,
            data: [[1, 2, 3, 4, 5, 6, 0, 0], [7, 8, 9, 10, 11, 12, 0, 0]].concat(),
            ..ImageData::grey(2, 2)
        };
        let opaque = raw(&Notification::new("padded").image("image-data", padded));
        let [Source::Pixels(pixels)] = &sources(&opaque, ID, Path::new("/"))[..] else { panic!("no pixels") };
        let rows: Vec<Vec<_>> = pixels.rows().map(Iterator::collect).collect();
        assert_eq!(rows, [[[1, 2, 3, 255], [4, 5, 6, 255]], [[7, 8, 9, 255], [10, 11, 12, 255]]]);
        let clear = ImageData {
            has_alpha: true,
            channels: 4,
            rowstride: 4,
            width: 1,
            height: 1,
            data: vec![9, 8, 7, 6],
            bits_per_sample: 8,
        };
        let clear = raw(&Notification::new("clear").image("image-data", clear));
        let [Source::Pixels(pixels)] = &sources(&clear, ID, Path::new("/"))[..] else { panic!("no pixels") };
        assert_eq!(pixels.rows().flatten().collect::<Vec<_>>(), [[9, 8, 7, 6]]);
    }
}
