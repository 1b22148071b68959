//! The pictures beside rows and apps, as the window asks for them: of real senders, of installed apps, and of senders that
//! mean harm, whose pictures are not shown and cost nobody else anything.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tidegate_contract::{Picture, Tidegate1Proxy};
use tidegate_testkit::{DEADLINE, ImageData, Notification, NotifySend, Session, within};
use tidegate_tests_process::Stand;

const MEBIBYTE: usize = 1 << 20;
const RED: [u8; 4] = [255, 0, 0, 255];
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><rect width='1' height='1'/></svg>";

/// A gate that holds, and what asks it for pictures.
struct Gallery {
    stand: Stand,
    daemon: Tidegate1Proxy<'static>,
}

impl Gallery {
    async fn open() -> Self {
        let stand = Stand::holding().await;
        let daemon = Tidegate1Proxy::new(&stand.control).await.unwrap();
        Self { stand, daemon }
    }

    async fn asked(&self, kind: &str, key: &str, size: u32) -> zbus::Result<Picture> {
        within(DEADLINE, "a picture", self.daemon.picture(kind, key, size)).await
    }

    /// The picture of the row with an id.
    async fn of(&self, id: u32) -> Picture {
        let seq = self.stand.detail(id).await.item.seq;
        self.asked("row", &seq.to_string(), 64).await.unwrap()
    }

    async fn of_app(&self, id: &str) -> Picture {
        self.asked("app", id, 64).await.unwrap()
    }

    /// The picture of one that an app of this test sends.
    async fn of_one(&self, notification: &Notification) -> Picture {
        let id = self.stand.app().await.notify(notification).await;
        self.of(id).await
    }

    fn session(&self) -> &Session {
        &self.stand.session
    }

    /// A file of this session, and where it lies.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.session().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// An app of the user's, with this icon.
    fn install(&self, id: &str, icon: &str) {
        let entry = format!("[Desktop Entry]\nType=Application\nName=App\nExec=app\nIcon={icon}\n");
        self.file(&format!("home/.local/share/applications/{id}.desktop"), entry);
    }
}

/// A file of one colour.
fn png(width: u32, height: u32, [red, green, blue, opacity]: [u8; 4]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[red, green, blue, opacity].repeat((width * height) as usize)).unwrap();
    writer.finish().unwrap();
    file
}

/// Width, height, and the pixel in the middle.
#[track_caller]
fn middle(picture: &Picture) -> (u32, u32, [u8; 4]) {
    let mut reader = png::Decoder::new(Cursor::new(&picture.0)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    let at = 4 * (info.height / 2 * info.width + info.width / 2) as usize;
    (info.width, info.height, pixels[at..at + 4].try_into().unwrap())
}

fn status_kib(pid: u32, label: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn check_39_an_image_is_shown_scaled_to_what_is_asked_for() {
    let gallery = Gallery::open().await;
    let wide = Notification::new("wide").image("image-data", ImageData::grey(320, 160));
    assert_eq!(middle(&gallery.of_one(&wide).await), (64, 32, [0x80, 0x80, 0x80, 255]));
    let small = Notification::new("small").image("icon_data", ImageData::grey(9, 5));
    assert_eq!(middle(&gallery.of_one(&small).await), (9, 5, [0x80, 0x80, 0x80, 255]));
    let id = gallery.stand.app().await.notify(&wide).await;
    let seq = gallery.stand.detail(id).await.item.seq.to_string();
    assert_eq!(middle(&gallery.asked("row", &seq, 512).await.unwrap()).0, 320);
    assert_eq!(middle(&gallery.asked("row", &seq, 16).await.unwrap()), (16, 8, [0x80, 0x80, 0x80, 255]));
}

#[tokio::test]
async fn an_edit_brings_another_image() {
    let gallery = Gallery::open().await;
    let app = gallery.stand.app().await;
    let file = gallery.file("red.png", png(200, 200, RED));
    let id = app.notify(&Notification::new("one").image("image-data", ImageData::grey(8, 8))).await;
    assert_eq!(middle(&gallery.of(id).await), (8, 8, [0x80, 0x80, 0x80, 255]));
    app.notify(&Notification::new("two").replaces(id).hint("image-path", file.display().to_string())).await;
    assert_eq!(middle(&gallery.of(id).await), (64, 64, RED));
    app.notify(&Notification::new("three").replaces(id)).await;
    assert_eq!(gallery.of(id).await, Picture::default());
}

#[tokio::test]
async fn notify_send_shows_a_file_by_its_path_and_by_its_address() {
    let gallery = Gallery::open().await;
    let file = gallery.file("with space.png", png(100, 50, RED));
    let path = file.display().to_string();
    let address = format!("file://{}", path.replace(' ', "%20"));
    let hint = format!("string:image-path:{address}");
    for arguments in [["--icon", &path, "one"], ["--icon", &address, "two"], ["--hint", &hint, "three"]] {
        let id = NotifySend::send(gallery.session(), arguments).await;
        assert_eq!(middle(&gallery.of(id).await), (64, 32, RED), "{arguments:?}");
    }
}

#[tokio::test]
async fn every_kind_of_png_and_jpeg_is_shown() {
    let gallery = Gallery::open().await;
    let red = gallery.file("red.png", png(400, 200, RED)).display().to_string();
    let at = |name: &str| gallery.session().join(name).display().to_string();
    for (file, kind, options) in [
        ("plain.jpg", "JPEG", &[][..]),
        ("steps.jpg", "JPEG", &["-interlace", "JPEG"]),
        ("grey.jpg", "JPEG", &["-colorspace", "Gray"]),
        ("interlaced.png", "PNG32", &["-interlace", "PNG"]),
        ("palette.png", "PNG8", &[]),
        ("deep.png", "PNG48", &[]),
        ("grey.png", "PNG", &["-colorspace", "Gray"]),
    ] {
        let to = format!("{kind}:{}", at(file));
        let arguments = [&[red.as_str()], options, &[&to]].concat();
        gallery.session().run("convert", arguments).await.ok();
        let picture = gallery.of_one(&Notification::new(file).icon(&at(file))).await;
        let (width, height, [red, green, blue, opacity]) = middle(&picture);
        assert_eq!((width, height, opacity), (64, 32, 255), "{file}");
        let is_it = if file.starts_with("grey") { red == green && green == blue } else { green < 5 && red > 250 };
        assert!(is_it, "{file}: {red} {green} {blue}");
    }
}

#[tokio::test]
async fn check_38_a_file_that_is_gone_is_shown_by_its_copy() {
    let gallery = Gallery::open().await;
    let file = gallery.file("short-lived.png", png(8, 8, RED));
    let id = NotifySend::send(gallery.session(), ["--icon", &file.display().to_string(), "one"]).await;
    let copies = gallery.session().home().join(".local/share/tidegate/files");
    let copied = async {
        while !copies.join(format!("{id}-icon")).is_file() {
            tokio::task::yield_now().await
        }
    };
    within(DEADLINE, "the copy", copied).await;
    fs::remove_file(file).unwrap();
    assert_eq!(middle(&gallery.of(id).await), (8, 8, RED));
}

#[tokio::test]
async fn an_icon_of_the_theme_is_shown_as_it_is() {
    let gallery = Gallery::open().await;
    let theme = "home/.local/share/icons/hicolor";
    gallery.file(
        &format!("{theme}/index.theme"),
        "[Icon Theme]\nDirectories=s\n[s]\nSize=64\nMinSize=8\nMaxSize=512\nType=Scalable\n",
    );
    gallery.file(&format!("{theme}/s/tidegate-test.svg"), SVG);
    let wanted = Picture(SVG.into());
    assert_eq!(gallery.of_one(&Notification::new("icon").icon("tidegate-test")).await, wanted);
    assert_eq!(gallery.of_one(&Notification::new("hint").hint("image-path", "tidegate-test")).await, wanted);
    gallery.install("org.example.Chat", "tidegate-test");
    assert_eq!(gallery.of_app("org.example.Chat").await, wanted);
    let unknown = Notification::new("unknown").icon("no-such-icon-anywhere").hint("desktop-entry", "org.example.Chat");
    assert_eq!(gallery.of_one(&unknown).await, wanted, "its app's icon, where its own is not there");
}

#[tokio::test]
async fn an_app_has_the_icon_of_its_desktop_entry() {
    let gallery = Gallery::open().await;
    let file = gallery.file("app.png", png(80, 80, RED));
    gallery.install("org.example.Mail", &file.display().to_string());
    gallery.install("lower-case-app", &file.display().to_string());
    let wanted = Picture(fs::read(&file).unwrap());
    assert_eq!(gallery.of_app("org.example.Mail").await, wanted);
    assert_eq!(gallery.of_app("Lower case app").await, wanted, "an app that is known by its name only");
    assert_eq!(gallery.of_one(&Notification::new("plain").hint("desktop-entry", "org.example.Mail")).await, wanted);
    let own =
        Notification::new("own").hint("desktop-entry", "org.example.Mail").image("image-data", ImageData::grey(4, 4));
    assert_eq!(middle(&gallery.of_one(&own).await).0, 4, "its own image comes first");
    gallery.install("org.example.Text", &gallery.file("app.txt", "no picture").display().to_string());
    for nobody in ["org.example.Unknown", "org.example.Text", "../org.example.Mail", "", "a/b", "\u{1}"] {
        assert_eq!(gallery.of_app(nobody).await, Picture::default(), "{nobody:?}");
    }
    let far = gallery.asked("row", "999999", 64).await.unwrap();
    assert_eq!(far, Picture::default());
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_invalid() {
    let gallery = Gallery::open().await;
    for (kind, key, size, said) in [
        ("row", "1", 15, "16 to 512 pixels, not 15"),
        ("app", "x", 513, "16 to 512 pixels, not 513"),
        ("row", "one", 64, "a cursor"),
        ("row", "99999999999999999999", 64, "a cursor"),
        ("file", "/etc/passwd", 64, "by \"row\""),
    ] {
        let Err(zbus::Error::MethodError(name, Some(text), _)) = gallery.asked(kind, key, size).await else {
            panic!("{kind} {key} {size}")
        };
        assert_eq!(name.as_str(), "org.freedesktop.DBus.Error.InvalidArgs");
        assert!(text.contains(said), "{text}");
    }
}

/// A file that claims 30,000 x 30,000 pixels and has them.
fn bomb() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 30_000, 30_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![0; 30_000_usize.div_ceil(8) * 30_000]).unwrap();
    writer.finish().unwrap();
    file
}

/// Files and names that must not be shown, by what is wrong with each.
async fn hostile_names(gallery: &Gallery) -> Vec<(&'static str, String)> {
    let name = |path: &Path| path.display().to_string();
    let at = |name: &str| gallery.session().join(name);
    gallery.session().run("mkfifo", [at("fifo")]).await.ok();
    symlink("loop", at("loop")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    let bomb = bomb();
    assert!(bomb.len() < 4 * MEBIBYTE, "a bomb is small: {}", bomb.len());
    let cut = png(64, 64, RED);
    vec![
        ("a device", "/dev/zero".into()),
        ("a device as an address", "file:///dev/zero".into()),
        ("a terminal", "/dev/tty".into()),
        ("a link to a device", name(&at("zero"))),
        ("a FIFO", name(&at("fifo"))),
        ("a link to itself", name(&at("loop"))),
        ("a folder", name(&at("home"))),
        ("a file without a length", "/proc/self/environ".into()),
        ("nothing", name(&at("missing.png"))),
        ("a bomb", name(&gallery.file("bomb.png", bomb))),
        ("half a picture", name(&gallery.file("half.png", &cut[..cut.len() / 2]))),
        ("half a JPEG", name(&gallery.file("half.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"))),
        ("a stranger's SVG", name(&gallery.file("strange.svg", SVG))),
        ("text", name(&gallery.file("text.png", "no picture"))),
        ("a large file", name(&gallery.file("large.png", vec![0; 4 * MEBIBYTE + 1]))),
        ("a relative path", "../../../../etc/passwd".into()),
        ("a name that climbs", "../hicolor/48x48/apps/x".into()),
        ("an address elsewhere", "https://evil.test/x.png".into()),
        ("a host", "file://evil.test/etc/passwd".into()),
    ]
}

#[tokio::test]
async fn what_a_stranger_names_is_not_shown_unless_it_is_a_picture_and_the_gate_goes_on() {
    let gallery = Gallery::open().await;
    let icon = gallery.file("app.png", png(8, 8, RED));
    gallery.install("org.example.App", &icon.display().to_string());
    let app = gallery.stand.app().await;
    for (what, named) in hostile_names(&gallery).await {
        let of_nobody = Notification::new(what).icon(&named).hint("image_path", named.clone());
        let of_an_app = Notification::new(what).hint("image-path", named).hint("desktop-entry", "org.example.App");
        let id = app.notify(&of_nobody).await;
        assert_eq!(gallery.of(id).await, Picture::default(), "{what}");
        let id = app.notify(&of_an_app).await;
        assert_eq!(middle(&gallery.of(id).await), (8, 8, RED), "{what}: its app's icon stands in");
    }
    assert!(gallery.stand.view().await.troubles.is_empty());
}

#[tokio::test]
async fn a_picture_that_takes_long_keeps_no_notification_waiting_and_ends() {
    let mut gallery = Gallery::open().await;
    let large = gallery.file("large.png", png(1_000, 1_000, RED)).display().to_string();
    let app = gallery.stand.app().await;
    let id = app.notify(&Notification::new("large").icon(&large)).await;
    let seq = gallery.stand.detail(id).await.item.seq.to_string();
    let pictures = futures_util::future::join_all((0..8).map(|_| gallery.daemon.picture("row", &seq, 64)));
    let notices = async {
        for _ in 0..20 {
            app.notify(&Notification::new("meanwhile")).await;
        }
    };
    let (pictures, ()) = within(DEADLINE, "pictures and answers", futures_util::future::join(pictures, notices)).await;
    for picture in pictures {
        assert_eq!(middle(&picture.unwrap()), (64, 64, RED));
    }
    let daemon = gallery.stand.daemon.pid();
    let command_line = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let all = gallery.session().processes();
    let drawing: Vec<_> = all.into_iter().filter(|pid| command_line(pid).contains("--draw-picture")).collect();
    assert!(drawing.is_empty(), "processes that draw go on: {drawing:?}");
    assert!(gallery.stand.daemon.is_running());
    let peak = status_kib(daemon, "VmHWM:") / 1_024;
    println!("8 pictures of 1000 x 1000: peak {peak} MiB");
    assert!(peak < 96, "{peak} MiB");
}

#[tokio::test]
async fn check_40_an_image_of_60_mib_is_shown_smaller_and_takes_little_memory() {
    let gallery = Gallery::open().await;
    let huge = ImageData {
        width: 4_472,
        height: 4_472,
        rowstride: 4_472 * 3,
        data: vec![1; 60 * MEBIBYTE],
        ..ImageData::grey(1, 1)
    };
    let id = gallery.stand.app().await.notify(&Notification::new("huge").image("image-data", huge)).await;
    assert_ne!(gallery.of(id).await, Picture::default());
    let daemon = gallery.stand.daemon.pid();
    let (peak, now) = (status_kib(daemon, "VmHWM:") / 1_024, status_kib(daemon, "VmRSS:") / 1_024);
    println!("60 MiB: peak {peak} MiB, {now} MiB after");
    assert!(peak < 200, "{peak} MiB");
}
