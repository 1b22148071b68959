//! The content: forwarded unchanged with every hint's type, files kept, images bounded, markup never trusted.

use std::collections::HashMap;
use std::time::Duration;
use tidegate_contract::{Request, Which};
use tidegate_testkit::{Client, DEADLINE, Fields, ImageData, Notification, Recorded, Signal};
use tidegate_tests_process::Stand;
use zbus::zvariant::{OwnedValue, Value};

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
    let before = stand.renderer.notified().len();
    stand.must(Request::Release { which: Which::Ids { ids: vec![id] } }).await;
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

/// The copy is made after the reply, by another thread: its folder says when.
async fn wait_for_file(path: &std::path::Path) {
    let wanted = path.to_owned();
    let there = tokio::task::spawn_blocking(move || {
        while !wanted.exists() {
            std::thread::yield_now();
        }
    });
    tidegate_testkit::within(DEADLINE, "the copied file", there).await.unwrap();
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
        ("wide", ImageData::grey(4_096, 1)),
    ];
    for (name, image) in bad {
        for hint_name in ["image-data", "image_data", "icon_data"] {
            let one = Notification::new(name).image(hint_name, image.clone()).hint("x-kept", 1_u8);
            let fields = held_released_and_closed(&mut stand, &app, &one).await;
            assert_eq!(fields.summary, name);
            assert_eq!(fields.hints.keys().collect::<Vec<_>>(), ["x-kept"], "{name} as {hint_name}");
        }
    }
    let id = app.notify(&Notification::new("said").image("image-data", ImageData { width: 0, ..good.clone() })).await;
    let remarks = stand.detail(id).await.remarks;
    assert!(remarks.iter().any(|remark| remark.contains("image")), "{remarks:?}");
    let fields =
        held_and_released(&mut stand, &app, &Notification::new("good").image("image-data", good)).await.fields();
    hint(&fields, "image-data");
}

#[tokio::test]
async fn check_40_a_message_over_4_mib_loses_its_image_and_one_that_is_all_text_is_refused() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.start_block(50).await;
    let large = ImageData::grey(1_500, 1_500);
    assert!(large.data.len() > 4 << 20);
    let id = app.notify(&Notification::new("large").body("its text").image("image-data", large)).await;
    let detail = stand.detail(id).await;
    assert_eq!((detail.item.summary.as_str(), detail.item.body.as_str()), ("large", "its text"));
    assert!(detail.remarks.iter().any(|remark| remark.contains("image")), "{:?}", detail.remarks);
    let endless = "x".repeat(5 << 20);
    let refused = app.try_notify(&Notification::new("text").body(&endless)).await.unwrap_err();
    let zbus::Error::MethodError(name, ..) = refused else { panic!("{refused}") };
    assert_eq!(name.as_str(), "org.freedesktop.DBus.Error.LimitsExceeded");
    assert_eq!(stand.held().await.len(), 1);
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
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
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
async fn check_42_a_renderer_without_inline_reply_gets_a_button_that_is_not_passed_on_as_a_press() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let one = Notification::new("Maya").action("inline-reply", "").hint("x-kde-reply-placeholder-text", "Answer Maya");
    let shown = held_and_released(&mut stand, &app, &one).await;
    assert_eq!(shown.fields().actions, ["inline-reply", "Reply"]);
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "inline-reply".into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    let heard = app.next_signal(DEADLINE).await;
    assert!(matches!(heard.signal, Signal::Closed(_, 2)), "the press opens our reply field: {heard:?}");
}
