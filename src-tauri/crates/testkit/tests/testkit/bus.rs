//! Clients, the recording renderer and the monitor agree on what was said.

use tidegate_testkit::{
    Client, DEADLINE, Heard, ImageData, Monitor, NOTIFICATIONS, Notification, RecordingRenderer, Session, Signal, To,
    heard, owner, serve_nothing, wait_owner, wait_owner_change,
};
use zbus::fdo::RequestNameFlags;
use zbus::zvariant::Value;

async fn renderer(session: &Session) -> RecordingRenderer {
    let conn = session.connect().await;
    RecordingRenderer::start(&conn, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await
}

#[tokio::test]
async fn a_call_is_recorded_byte_for_byte_with_its_types() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    let notification = Notification::new("<b>")
        .app_name("näme")
        .action("app.open::r", "Open")
        .raw_action("odd")
        .hint("urgency", 2_i32)
        .hint("x-unknown", (1_u8, "two"))
        .timeout(-2);
    let id = app.notify(&notification).await;
    let [call] = <[_; 1]>::try_from(renderer.wait_notified(1, DEADLINE).await).unwrap();
    assert_eq!((call.id(), call.sender()), (id, app.unique_name()));
    assert_eq!(call.signature(), "susssasa{sv}i");
    let sent = notification.message(NOTIFICATIONS);
    assert_eq!(call.bytes(), sent.body().data().bytes());
    let fields = call.fields();
    assert_eq!(fields.actions, ["app.open::r", "Open", "odd"]);
    assert_eq!(*fields.hints["urgency"], Value::from(2_i32));
    assert_eq!(fields.timeout, -2);
}

#[tokio::test]
async fn a_huge_image_goes_through_untouched() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    let image = ImageData::grey(4_096, 4_096);
    let size = image.data.len();
    let notification = Notification::new("huge").image("image-data", image);
    app.notify(&notification).await;
    let call = renderer.notified().remove(0);
    assert_eq!(call.summary(), "huge");
    assert!(call.bytes().len() > size);
    assert_eq!(call.bytes(), notification.message(NOTIFICATIONS).body().data().bytes());
}

#[tokio::test]
async fn an_image_has_the_type_of_the_specification() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    let image = ImageData::grey(2, 1);
    app.notify(&Notification::new("small").image("image-data", image).hint("a", 1_u8)).await;
    let hints = renderer.notified().remove(0).fields().hints;
    assert_eq!(hints["image-data"].value_signature().to_string(), "(iiibiiay)");
    let pixels = vec![0x80_u8; 6];
    let expected = Value::from((2, 1, 6, false, 8, 3, pixels));
    assert_eq!(*hints["image-data"], expected);
}

#[tokio::test]
async fn ids_follow_replaces_id() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    renderer.set_next_id(7);
    assert_eq!(app.notify(&Notification::new("a")).await, 7);
    assert_eq!(app.notify(&Notification::new("b").replaces(7)).await, 7);
    assert_eq!(app.notify(&Notification::new("c").app_name("four").replaces(90)).await, 90);
    assert_eq!(app.notify(&Notification::new("d")).await, 8);
}

#[tokio::test]
async fn unicast_reaches_one_and_broadcast_all() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let (one, other) = (Client::connect(&session).await, Client::connect(&session).await);
    let id = one.notify(&Notification::new("a")).await;
    let call = renderer.notified().remove(0);
    renderer.emit_to_caller(&call, &Signal::Token(id, "t".into())).await;
    renderer.emit(&To::Everybody, &Signal::Action(id, "default".into())).await;
    renderer.emit(&To::One(one.unique_name()), &Signal::Replied(id, "yes".into())).await;
    let from = renderer.conn().unique_name().unwrap().to_string();
    let at = |to: Option<String>, signal| Heard { from: from.clone(), to, signal };
    let to_one = Some(one.unique_name());
    let action = at(None, Signal::Action(id, "default".into()));
    assert_eq!(
        one.signals_so_far().await,
        [
            at(to_one.clone(), Signal::Token(id, "t".into())),
            action.clone(),
            at(to_one, Signal::Replied(id, "yes".into())),
        ]
    );
    assert_eq!(other.signals_so_far().await, [action]);
}

#[tokio::test]
async fn a_closed_one_is_answered_with_a_signal() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    let id = app.notify(&Notification::new("a")).await;
    app.close(id).await.unwrap();
    assert_eq!(app.next_signal(DEADLINE).await.signal, Signal::Closed(id, 3));
    assert_eq!(renderer.wait_closed(1, DEADLINE).await, [id]);
}

#[tokio::test]
async fn a_paused_renderer_owes_its_answers() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    renderer.pause();
    let first = app.send(&Notification::new("a")).await;
    let second = app.send(&Notification::new("b")).await;
    renderer.wait_notified(2, DEADLINE).await;
    app.capabilities().await;
    renderer.answer_one().await;
    let answer = app.reply(first, DEADLINE).await.unwrap();
    assert_eq!(answer.body().deserialize::<u32>().unwrap(), 1);
    renderer.resume().await;
    let answer = app.reply(second, DEADLINE).await.unwrap();
    assert_eq!(answer.body().deserialize::<u32>().unwrap(), 2);
}

#[tokio::test]
async fn a_refusal_keeps_its_name() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    renderer.refuse_with(Some("org.example.Full"));
    let error = app.try_notify(&Notification::new("a")).await.unwrap_err();
    let zbus::Error::MethodError(name, _, _) = error else { panic!("{error}") };
    assert_eq!(name.as_str(), "org.example.Full");
    renderer.refuse_with(None);
    app.notify(&Notification::new("a")).await;
    renderer.set_capabilities(&["body"]);
    assert_eq!(app.capabilities().await, ["body"]);
}

#[tokio::test]
async fn a_monitor_sees_what_others_say() {
    let session = Session::start().await;
    let renderer = renderer(&session).await;
    let app = Client::connect(&session).await;
    let mut monitor = Monitor::start(&session.address(), &["type='signal'"]).await;
    let to = To::One(app.unique_name());
    renderer.emit(&to, &Signal::Closed(5, 1)).await;
    let is_closed = |message: &zbus::Message| heard(message).is_some();
    let seen = monitor.until(DEADLINE, "a signal", is_closed).await;
    assert_eq!(heard(&seen).unwrap().to, Some(app.unique_name()));
}

#[tokio::test]
async fn waits_follow_the_owner_of_a_name() {
    let session = Session::start().await;
    let witness = session.connect().await;
    assert_eq!(owner(&witness, NOTIFICATIONS).await, None);
    let first = session.connect().await;
    let (claimed, waited) =
        tokio::join!(first.request_name(NOTIFICATIONS), wait_owner(&witness, NOTIFICATIONS, DEADLINE));
    claimed.unwrap();
    assert_eq!(Some(&*waited), first.unique_name().map(|name| &**name));
    let (released, now) = tokio::join!(
        first.release_name(NOTIFICATIONS),
        wait_owner_change(&witness, NOTIFICATIONS, Some(waited.as_str()), DEADLINE)
    );
    assert!(released.unwrap());
    assert_eq!(now, None);
}

#[tokio::test]
async fn an_app_that_leaves_is_gone_from_the_bus() {
    let session = Session::start().await;
    let app = Client::connect(&session).await;
    let (name, witness) = (app.unique_name(), session.connect().await);
    assert!(owner(&witness, &name).await.is_some());
    app.leave(&session).await;
    assert_eq!(owner(&witness, &name).await, None);
}

#[tokio::test]
async fn the_empty_server_answers_a_storm() {
    let session = Session::start().await;
    let (server, witness) = (session.connect().await, session.connect().await);
    let task = tokio::spawn(async move { serve_nothing(&server).await });
    wait_owner(&witness, NOTIFICATIONS, DEADLINE).await;
    let app = Client::connect(&session).await;
    let mut serials = Vec::new();
    for _ in 0..1_000 {
        serials.push(app.send(&Notification::new("a")).await);
    }
    for (serial, id) in serials.into_iter().zip(1_u32..) {
        let reply = app.reply(serial, DEADLINE).await.unwrap();
        assert_eq!(reply.body().deserialize::<u32>().unwrap(), id);
    }
    task.abort();
}
