//! The content: forwarded unchanged with every hint's type, files kept, images bounded, markup never trusted.

use crate::sandbox::{PICTURE, notify_from_a_sandbox};
use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_contract::{Which, verb};
use tidegate_testkit::{Client, DEADLINE, Fields, ImageData, Notification, Recorded, Session, Signal};
use tidegate_tests_process::{Stand, program, words};
use zbus::zvariant::{OwnedValue, Structure, Value};

/// Holds one, releases it, and gives what the renderer was called with.
async fn held_and_released(stand: &mut Stand, app: &Client, notification: &Notification) -> Recorded {
    stand.start_block(50).await;
    let id = app.notify(notification).await;
    release(stand, id).await
}

/// As above, and then dismissed: the screen stays empty.
async fn held_released_and_closed(stand: &mut Stand, app: &Client, notification: &Notification) -> Fields {
    let shown = held_and_released(stand, app, notification).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    app.next_signal(DEADLINE).await;
    shown.fields()
}

async fn release(stand: &mut Stand, id: u32) -> Recorded {
    // The pause between two begins with the renderer's answer.
    stand.heed_renderer().await;
    let before = stand.renderer.notified().len();
    stand.must(verb::Release { which: Which::Ids { ids: vec![id] } }).await;
    stand.advance(Duration::from_millis(300)).await;
    stand.renderer.wait_notified(before + 1, DEADLINE).await.remove(before)
}

fn hint<'a>(fields: &'a Fields, name: &str) -> &'a OwnedValue {
    fields.hints.get(name).unwrap_or_else(|| panic!("the hint {name} is gone: {:?}", fields.hints))
}

#[tokio::test]
async fn check_37_every_hint_is_forwarded_with_its_value_and_type_unchanged() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let nested: HashMap<&str, Value<'_>> = HashMap::from([("deep", Value::new(("a struct", 7_u64, vec![1.5_f64])))]);
    let typed: Vec<(&str, Value<'static>)> = vec![
        ("x-byte", Value::U8(7)),
        ("x-bool", Value::Bool(true)),
        ("x-i16", Value::I16(-7)),
        ("x-u16", Value::U16(7)),
        ("x-i32", Value::I32(-7)),
        ("x-u64", Value::U64(u64::MAX)),
        ("x-double", Value::F64(0.25)),
        ("x-text", Value::new("ünïcode \u{202e} and\nlines")),
        ("x-array", Value::new(vec!["a", "", "c"])),
        ("x-empty", Value::new(Vec::<u64>::new())),
        ("x-dict", Value::new(nested).try_to_owned().unwrap().into()),
        ("x-variant", Value::new(Value::new(Value::U8(3)))),
        ("urgency", Value::I32(1)),
    ];
    let plain = Notification::new("summary").body("b <i>&").action("default", "").action("odd key::r", "Label");
    let notification = typed.iter().fold(plain, |one, (name, value)| one.hint(name, value.try_clone().unwrap()));
    let shown = held_and_released(&mut stand, &app, &notification.timeout(12_345)).await;
    assert_eq!(shown.signature(), "susssasa{sv}i");
    let fields = shown.fields();
    for (name, value) in &typed {
        let kept = hint(&fields, name);
        assert_eq!(kept.value_signature(), value.value_signature(), "{name}");
        assert_eq!(&**kept, value, "{name}");
    }
    assert_eq!(fields.hints.len(), typed.len());
    assert_eq!((fields.summary.as_str(), fields.body.as_str()), ("summary", "b <i>&"));
    assert_eq!(fields.actions, ["default", "", "odd key::r", "Label"]);
    assert_eq!((fields.replaces_id, fields.timeout), (0, 12_345));
}

#[tokio::test]
async fn check_37_the_body_that_passes_an_open_gate_is_the_same_to_the_byte() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let notification = Notification::new("as it is").hint("x-byte", 1_u8).hint("image-path", "/nowhere.png");
    app.notify(&notification).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let sent = notification.message("org.freedesktop.Notifications");
    assert_eq!(shown.bytes(), sent.body().data().to_vec());
}

#[tokio::test]
async fn check_37_a_call_in_the_other_byte_order_is_forwarded_in_it() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let hints: HashMap<&str, Value<'_>> = HashMap::from([("x-number", Value::I64(-7)), ("urgency", Value::U8(2))]);
    let actions = ["a", "A"];
    let call = zbus::Message::method_call("/org/freedesktop/Notifications", "Notify")
        .and_then(|call| call.destination("org.freedesktop.Notifications"))
        .and_then(|call| call.interface("org.freedesktop.Notifications"))
        .map(|call| call.endian(zbus::zvariant::Endian::Big))
        .and_then(|call| call.build(&("far", 0_u32, "", "from afar", "body", &actions[..], &hints, 7_000)));
    stand.start_block(50).await;
    let serial = app.send_message(&call.unwrap()).await;
    let id: u32 = app.reply(serial, DEADLINE).await.unwrap().body().deserialize().unwrap();
    let item = stand.detail(id).await.item;
    assert_eq!((item.summary.as_str(), item.urgency, item.actions.len()), ("from afar", 2, 1));
    let fields = release(&mut stand, id).await.fields();
    assert_eq!((fields.summary.as_str(), fields.timeout), ("from afar", 7_000));
    assert_eq!(*fields.hints["x-number"], Value::I64(-7));
    assert_eq!(*fields.hints["urgency"], Value::U8(2));
}

#[tokio::test]
async fn check_37_the_second_of_a_release_differs_by_its_silence_alone() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let sound = Notification::new("ding").body("<b>&</b>").action("a", "A").hint("sound-name", "bell").timeout(9);
    let loud = sound.clone().hint("suppress-sound", false).hint("x-last", 7_i64);
    stand.start_block(50).await;
    for one in [&sound, &loud] {
        app.notify(one).await;
    }
    stand.must(verb::Release { which: Which::All }).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    stand.advance(Duration::from_millis(250)).await;
    let second = stand.renderer.wait_notified(2, DEADLINE).await.remove(1).fields();
    assert_eq!(**hint(&second, "suppress-sound"), Value::Bool(true));
    let names: std::collections::BTreeSet<_> = second.hints.keys().map(String::as_str).collect();
    assert_eq!(names, ["sound-name", "suppress-sound", "x-last"].into());
    assert_eq!(**hint(&second, "x-last"), Value::I64(7));
    assert_eq!((second.summary.as_str(), second.body.as_str(), second.timeout), ("ding", "<b>&</b>", 9));
    assert_eq!((second.actions.len(), second.replaces_id), (2, 0));
}

#[tokio::test]
async fn check_38_a_picture_that_its_app_deletes_is_kept_for_the_release() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let (icon, image) = (stand.session.join("icon of app.png"), stand.session.join("image.png"));
    std::fs::write(&icon, b"an icon").unwrap();
    std::fs::write(&image, b"an image").unwrap();
    stand.start_block(50).await;
    let uri = format!("file://{}", image.display().to_string().replace(' ', "%20"));
    let one = Notification::new("with files").icon(icon.to_str().unwrap()).hint("image-path", uri.clone());
    let id = app.notify(&one).await;
    let copies = stand.session.data_home().join("tidegate/files");
    wait_for_file(&copies.join(format!("{id}-image"))).await;
    std::fs::remove_file(&image).unwrap();

    let fields = release(&mut stand, id).await.fields();
    assert_eq!(fields.app_icon, icon.to_str().unwrap(), "a file that is still there keeps its path");
    let named = hint(&fields, "image-path").downcast_ref::<String>().unwrap();
    let copy = named.strip_prefix("file://").unwrap_or_else(|| panic!("a URI stays one: {named}"));
    assert_eq!(std::fs::read(copy).unwrap(), b"an image");
}

#[tokio::test]
async fn check_38_icon_picture_and_sound_by_bare_paths_are_kept_and_equal_ones_once() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let named = ["icon.png", "image.png", "ding.oga"].map(|name| stand.session.join(name));
    for file in &named {
        std::fs::write(file, b"the same bytes").unwrap();
    }
    let [icon, image, sound] = named.each_ref().map(|path| path.to_str().unwrap().to_owned());
    stand.start_block(50).await;
    let one = Notification::new("with files").icon(&icon).hint("image-path", image).hint("sound-file", sound);
    let id = app.notify(&one).await;
    let copies = stand.session.data_home().join("tidegate/files");
    for slot in ["icon", "image", "sound"] {
        wait_for_file(&copies.join(format!("{id}-{slot}"))).await;
    }
    let contents = std::fs::read_dir(&copies)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("content-"));
    assert_eq!(contents.count(), 1);
    for file in named {
        std::fs::remove_file(file).unwrap();
    }
    let fields = release(&mut stand, id).await.fields();
    let text = |name: &str| hint(&fields, name).downcast_ref::<String>().unwrap();
    for copy in [fields.app_icon.clone(), text("image-path"), text("sound-file")] {
        assert!(copy.starts_with('/'), "a bare path stays one: {copy}");
        assert_eq!(std::fs::read(copy).unwrap(), b"the same bytes");
    }
}

#[tokio::test]
async fn check_38_a_picture_in_a_sandbox_is_read_as_its_app_sees_it() {
    let mut stand = Stand::holding().await;
    let _app = notify_from_a_sandbox(&stand.session, "from a sandbox");
    let id = stand.wait_held(1).await[0].id;
    wait_for_file(&stand.session.data_home().join(format!("tidegate/files/{id}-icon"))).await;
    let shown = release(&mut stand, id).await.fields();
    assert_ne!(shown.app_icon, PICTURE.0, "nobody else has that file");
    assert_eq!(std::fs::read(shown.app_icon).unwrap(), PICTURE.1);
}

#[tokio::test]
async fn check_38_what_is_no_regular_file_is_neither_waited_for_nor_kept() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let pipe = stand.session.join("pipe");
    stand.session.run("mkfifo", [&pipe]).await.ok();
    for path in [pipe.to_str().unwrap(), "/dev/zero", "/proc/self/mem", "/"] {
        app.notify(&Notification::new(path).icon(path).hint("image-path", path.to_owned())).await;
    }
    let picture = stand.session.join("picture");
    std::fs::write(&picture, b"a picture").unwrap();
    let last = app.notify(&Notification::new("a picture").icon(picture.to_str().unwrap())).await;
    let copies = stand.session.data_home().join("tidegate/files");
    wait_for_file(&copies.join(format!("{last}-icon"))).await;
    let kept = std::fs::read_dir(&copies).unwrap().count();
    assert_eq!(kept, 2, "the picture and its content");
}

#[tokio::test]
async fn beyond_what_copies_may_take_the_oldest_go_and_what_had_one_names_its_file_again() {
    let mut stand = Stand::start_with_settings("[storage]\nmost-megabytes = 4\n").await;
    stand.hold().await;
    let app = stand.app().await;
    let (mut sent, folder) = (Vec::new(), stand.session.data_home().join("tidegate/files"));
    for number in 0..4_u8 {
        let file = stand.session.join(format!("{number}.png"));
        std::fs::write(&file, vec![number; 300_000]).unwrap();
        let id = app.notify(&Notification::new("with a file").icon(file.to_str().unwrap())).await;
        let copy = folder.join(format!("{id}-icon"));
        wait_for_file(&copy).await;
        std::fs::remove_file(&file).unwrap();
        sent.push((id, file, copy));
    }
    let are_kept = || sent.iter().map(|(.., copy)| length(copy) == 300_000).collect::<Vec<_>>();
    assert_eq!(are_kept(), [false, true, true, true], "three fit in a quarter of it");
    stand.cli(["settings", "set", "storage.most-megabytes", "2"]).await.ok();
    wait_until("a smaller total to count", {
        let copy = sent[2].2.clone();
        move || length(&copy) == 0
    })
    .await;
    assert_eq!(are_kept(), [false, false, false, true]);
    let shown = release(&mut stand, sent[2].0).await.fields();
    assert_eq!(shown.app_icon, sent[2].1.to_str().unwrap(), "as if there had been no copy");
    let shown = release(&mut stand, sent[3].0).await.fields();
    assert_eq!(std::fs::read(shown.app_icon).unwrap(), vec![3; 300_000]);
}

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |facts| facts.len())
}

/// The copy is made after the reply, by another process: its folder says when.
async fn wait_for_file(path: &Path) {
    let wanted = path.to_owned();
    wait_until("the copied file", move || wanted.exists()).await;
}

async fn wait_until(what: &str, is_so: impl Fn() -> bool + Send + 'static) {
    let waited = tokio::task::spawn_blocking(move || {
        while !is_so() {
            std::thread::yield_now();
        }
    });
    tidegate_testkit::within(DEADLINE, what, waited).await.unwrap();
}

#[tokio::test]
async fn check_39_an_image_whose_numbers_do_not_fit_is_dropped_and_the_text_kept() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let good = ImageData::grey(16, 8);
    let bad: Vec<(&str, ImageData)> = vec![
        ("short", ImageData { data: vec![0; 10], ..good.clone() }),
        ("negative", ImageData { width: -16, ..good.clone() }),
        ("empty", ImageData { height: 0, ..good.clone() }),
        ("huge", ImageData { width: i32::MAX, rowstride: i32::MAX, ..good.clone() }),
        ("stride", ImageData { rowstride: 3, ..good.clone() }),
        ("bits", ImageData { bits_per_sample: 16, ..good.clone() }),
        ("channels", ImageData { channels: 2, ..good.clone() }),
        ("alpha", ImageData { has_alpha: !good.has_alpha, ..good.clone() }),
    ];
    for (name, image) in bad {
        for hint_name in ["image-data", "image_data", "icon_data"] {
            let one = Notification::new(name).image(hint_name, image.clone()).hint("x-kept", 1_u8);
            let fields = held_released_and_closed(&mut stand, &app, &one).await;
            assert_eq!(fields.summary, name);
            assert_eq!(fields.hints.keys().collect::<Vec<_>>(), ["x-kept"], "{name} as {hint_name}");
        }
    }
    let padded = ImageData { rowstride: 50, data: vec![0; 7 * 50 + 16 * 3], ..good.clone() };
    let cut = ImageData { data: vec![0; padded.data.len() - 1], ..padded.clone() };
    for (name, image, is_kept) in [("the last row without padding", padded, true), ("a byte less", cut, false)] {
        let one = Notification::new(name).image("image-data", image);
        let fields = held_released_and_closed(&mut stand, &app, &one).await;
        assert_eq!(fields.hints.contains_key("image-data"), is_kept, "{name}");
    }
    let id = app.notify(&Notification::new("said").image("image-data", ImageData { width: 0, ..good.clone() })).await;
    let remarks = stand.detail(id).await.remarks;
    assert!(remarks.iter().any(|remark| words(remark).contains("image")), "{remarks:?}");
    let fields =
        held_and_released(&mut stand, &app, &Notification::new("good").image("image-data", good)).await.fields();
    hint(&fields, "image-data");
}

#[tokio::test]
async fn check_40_an_image_that_is_too_large_to_be_kept_is_made_smaller() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.start_block(50).await;
    for (image, smaller) in [((1_500, 1_500), (500, 500)), ((4_096, 1), (512, 1)), ((3_000, 2_000), (500, 334))] {
        let large = ImageData::grey(image.0, image.1);
        let id = app.notify(&Notification::new("large").body("its text").image("image-data", large)).await;
        let detail = stand.detail(id).await;
        assert_eq!((detail.item.summary.as_str(), detail.item.body.as_str()), ("large", "its text"));
        assert!(detail.remarks.is_empty(), "{:?}", detail.remarks);
        let (width, height, data) = image_of(&release(&mut stand, id).await);
        assert_eq!((width, height), smaller);
        assert_eq!(data, ImageData::grey(width, height).data);
    }
}

#[tokio::test]
async fn check_40_an_open_gate_passes_an_image_of_up_to_32_mib_as_it_came() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let image = ImageData::grey(3_300, 3_300);
    assert!(image.data.len() > 31 << 20);
    app.notify(&Notification::new("large").image("image-data", image.clone())).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let body = shown.message().body();
    assert!(body.data().windows(image.data.len()).any(|bytes| bytes == image.data), "it came in another form");
}

/// Width, height and pixels.
fn image_of(call: &Recorded) -> (i32, i32, Vec<u8>) {
    let image = Structure::try_from(call.fields().hints.remove("image-data").expect("an image")).unwrap();
    let Ok([width, height, _, _, _, _, data]) = <[Value; 7]>::try_from(image.into_fields()) else {
        panic!("seven fields")
    };
    (width.try_into().unwrap(), height.try_into().unwrap(), data.try_into().unwrap())
}

#[tokio::test]
async fn check_40_a_message_over_4_mib_that_is_all_text_is_refused() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.start_block(50).await;
    let endless = "x".repeat(5 << 20);
    let refused = app.try_notify(&Notification::new("text").body(&endless)).await.unwrap_err();
    let zbus::Error::MethodError(name, ..) = refused else { panic!("{refused}") };
    assert_eq!(name.as_str(), "org.freedesktop.DBus.Error.LimitsExceeded");
    assert!(stand.held().await.is_empty());
}

#[tokio::test]
async fn check_41_what_is_shown_of_markup_is_plain_text_and_the_raw_body_is_forwarded() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.start_block(50).await;
    for (body, plain) in [
        ("<b>Maya</b>: <a href=\"javascript:alert(1)\">see</a>", "Maya: see"),
        ("b <i>&", "b <i>&"),
        ("<img src=\"https://evil.test/x.png\" alt=\"a cat\"/>", "a cat"),
        ("<p>Old binaries.</p><p><b>Log in</b> again.</p>", "Old binaries.\nLog in again."),
        ("Tom &amp; Jerry<br/>about&nbsp;the plan&hellip;", "Tom & Jerry\nabout\u{a0}the plan…"),
        ("<span foreground='red'>Storm</span><ul><li>now<li>later</ul>", "Storm\n• now\n• later"),
        ("<script>alert(1)</script><odd x=\"1\">text</odd>", "alert(1)text"),
        ("I <3 AT&T, Vec<T> and <file>", "I <3 AT&T, Vec<T> and <file>"),
    ] {
        let id = app.notify(&Notification::new("<b>summary</b>").body(body)).await;
        let item = stand.detail(id).await.item;
        assert_eq!((item.summary.as_str(), item.body.as_str()), ("<b>summary</b>", plain));
        assert_eq!(release(&mut stand, id).await.fields().body, body);
    }
}

#[tokio::test]
async fn check_42_a_renderer_without_markup_or_actions_gets_neither() {
    let mut stand = Stand::start().await;
    stand.renderer.set_capabilities(&["body"]);
    renew_renderer(&mut stand).await;
    let app = stand.app().await;
    let one = Notification::new("plain").body("<b>bold</b> &amp; more").action("ok", "OK");
    let fields = held_and_released(&mut stand, &app, &one).await.fields();
    assert_eq!((fields.body.as_str(), fields.actions.len()), ("bold & more", 0));
}

/// The gate asks a renderer what it can when it comes.
async fn renew_renderer(stand: &mut Stand) {
    let conn = stand.session.connect_at(&format!("unix:path={}", renderer_socket(stand))).await;
    let name = stand.renderer.conn().unique_name().map(ToString::to_string);
    stand.renderer.conn().release_name("org.freedesktop.Notifications").await.unwrap();
    stand.wait_view("the old renderer's leaving", |view| !view.renderer.up).await;
    let renderer = tidegate_testkit::RecordingRenderer::serve(&conn);
    renderer.set_capabilities(&["body"]);
    conn.request_name("org.freedesktop.Notifications").await.unwrap();
    assert_ne!(conn.unique_name().map(ToString::to_string), name);
    stand.renderer = renderer;
    stand.wait_view("the new renderer", |view| view.renderer.up).await;
}

fn renderer_socket(stand: &Stand) -> String {
    tidegate_tests_process::renderer_socket(&stand.session).display().to_string()
}

#[tokio::test]
async fn check_42_a_renderer_without_inline_reply_gets_a_button_that_opens_our_reply_field() {
    let session = Session::start().await;
    let (programs, opened) = beside_a_window(&session);
    let mut stand = Stand::start_by(session, |session| {
        let mut command = session.command(programs.join("tidegate"));
        command.args(["daemon", "--replace-now"]);
        session.spawn(command)
    })
    .await;
    let app = stand.app().await;
    let one = Notification::new("Maya").action("inline-reply", "").hint("x-kde-reply-placeholder-text", "Answer Maya");
    let shown = held_and_released(&mut stand, &app, &one).await;
    assert_eq!(shown.fields().actions, ["inline-reply", "Reply"]);
    stand.renderer.emit_to_caller(&shown, &Signal::Token(shown.id(), "token".into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "inline-reply".into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    assert_eq!(stand.heard(&app).await, [], "neither pressed nor closed, or the app would hear no reply");
    wait_for_file(&opened).await;
    let held = stand.held().await.remove(0);
    assert_eq!((held.summary.as_str(), held.inline_reply.as_deref()), ("Maya", Some("Answer Maya")));
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [shown.id()]);
    stand.must(verb::Reply { id: held.id, text: "on my way".into() }).await;
    let heard = [Signal::Replied(held.id, "on my way".into()), Signal::Closed(held.id, 2)];
    assert_eq!(stand.heard(&app).await, heard);
}

/// The daemon and the relay in a folder with a program in the window's place, which makes a file when it is opened.
fn beside_a_window(session: &Session) -> (PathBuf, PathBuf) {
    let (folder, opened) = (session.join("programs"), session.join("opened"));
    std::fs::create_dir(&folder).unwrap();
    for name in ["tidegate", "tidegate-relay"] {
        let (from, to) = (program(name), folder.join(name));
        std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(from, to).map(drop)).unwrap();
    }
    let window = folder.join("tidegate-app");
    std::fs::write(&window, format!("#!/bin/sh\ntouch {}\n", opened.display())).unwrap();
    std::fs::set_permissions(&window, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, opened)
}
