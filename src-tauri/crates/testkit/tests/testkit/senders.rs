//! Real senders send, hear and end.

use tidegate_testkit::{
    DEADLINE, GNotificationSender, LibnotifySender, NOTIFICATIONS, NotifySend, QtTray, RecordingRenderer, Session,
    Signal, StatusNotifierWatcher, TrayEvent, Xvfb,
};
use zbus::fdo::RequestNameFlags;

async fn renderer(session: &Session) -> RecordingRenderer {
    let conn = session.connect().await;
    RecordingRenderer::start(&conn, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await
}

#[tokio::test]
async fn notify_send_replaces_by_id() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let id = NotifySend::send(&session, ["first"]).await;
    let again = format!("--replace-id={id}");
    assert_eq!(NotifySend::send(&session, [again.as_str(), "second"]).await, id);
    let calls = renderer.notified();
    assert_eq!(calls[1].fields().replaces_id, id);
    assert_eq!(calls[1].summary(), "second");
}

#[tokio::test]
async fn notify_send_that_waits_ends_when_its_own_is_closed() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let mut sender = NotifySend::start(&session, ["--wait", "--print-id", "first"]);
    let id = sender.id(DEADLINE).await;
    assert!(sender.is_running());
    let call = renderer.notified().remove(0);
    renderer.emit_to_caller(&call, &Signal::Closed(id, 2)).await;
    assert_eq!(sender.wait(DEADLINE).await, (0, vec![]));
}

#[tokio::test]
async fn libnotify_hears_its_actions_and_closings() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let mut app = LibnotifySender::start(&session).await;
    let id = app.show("one", "body", &[("default", "Open"), ("later", "Later")]).await;
    assert_eq!(app.update(id, "two", "body").await, id);
    let call = renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(call.fields().replaces_id, id);
    assert_eq!(call.fields().actions, ["default", "Open", "later", "Later"]);
    renderer.emit_to_caller(&call, &Signal::Action(id, "later".into())).await;
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Action(id, "later".into()));
    renderer.emit_to_caller(&call, &Signal::Closed(id, 2)).await;
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Closed(id, 2));
    let id = app.show("three", "", &[]).await;
    app.close(id).await;
    assert_eq!(renderer.wait_closed(1, DEADLINE).await, [id]);
    assert_eq!(app.finish(DEADLINE).await, [Signal::Closed(id, 3)]);
}

#[tokio::test]
async fn gnotification_hears_its_action() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let mut app = GNotificationSender::start(&session).await;
    app.show("letter", "one", "body").await;
    let call = renderer.wait_notified(1, DEADLINE).await.remove(0);
    let actions = call.fields().actions;
    let key = actions.chunks(2).find(|pair| pair[1] == "Answer").expect("a button")[0].clone();
    renderer.emit_to_caller(&call, &Signal::Action(call.id(), key)).await;
    let target = ("answer".to_owned(), "letter".to_owned());
    assert_eq!(app.next_action(DEADLINE).await, target);
    app.show("other", "two", "body").await;
    let call = renderer.wait_notified(2, DEADLINE).await.remove(1);
    app.close("other").await;
    assert!(renderer.wait_closed(1, DEADLINE).await.contains(&call.id()));
}

#[tokio::test]
async fn qts_tray_hears_a_click_on_its_message() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _panel = StatusNotifierWatcher::start(&session).await;
    let renderer = renderer(&session).await;
    let mut app = QtTray::start(&session).await;
    app.show("one", "body").await;
    let call = renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(call.summary(), "one");
    renderer.emit_to_caller(&call, &Signal::Action(call.id(), "default".into())).await;
    assert_eq!(app.next_event(DEADLINE).await, TrayEvent::MessageClicked);
    assert_eq!(app.finish(DEADLINE).await, []);
}
