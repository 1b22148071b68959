//! The control socket and the shifted bus, with a daemon that the test itself plays.

use std::os::unix::fs::PermissionsExt;

use tidegate_relay::protocol::{
    Answer, Call, MAX_LINE, Outcome, RENDERER_NAME, RendererSignal, ToGate, ToRelay, VERSION,
};
use tidegate_testkit::{
    Client, DEADLINE, NOTIFICATIONS, NOTIFICATIONS_PATH, Notification, Process, RecordingRenderer, Session, Signal, To,
    wait_no_owner, wait_owner, within,
};
use tokio::io::AsyncReadExt;
use zbus::Message;
use zbus::fdo::RequestNameFlags;
use zbus::zvariant::{Fd, OwnedFd};

use crate::rig::{Control, Welcome, folder, shifted_bus, start};

/// A daemon of the test's own behind the relay, and a caller that the relay takes for the gate.
struct Stage {
    renderer: RecordingRenderer,
    gate: Client,
    control: Control,
    session: Session,
    relay: Process,
}

impl Stage {
    async fn new() -> Self {
        let session = Session::start().await;
        let relay = start(&session).await;
        let gate = Client::connect_to(&session.address(), RENDERER_NAME).await;
        let (mut control, welcome) = Control::hello(&session, &gate.unique_name()).await;
        let watched = vec![gate.unique_name()];
        assert_eq!(welcome, Welcome { renderer: None, answered: vec![], waiting: vec![], watched });
        let behind = session.connect_at(&shifted_bus(&session)).await;
        let renderer = RecordingRenderer::start(&behind, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await;
        let live = control.up().await;
        assert_eq!(live.pid, std::process::id());
        assert_eq!(live.unique, behind.unique_name().unwrap().as_str());
        Self { renderer, gate, control, session, relay }
    }

    async fn answered(&self) -> Vec<Answer> {
        let gate = self.gate.unique_name();
        Control::hello(&self.session, &gate).await.1.answered
    }

    fn answer(&self, serial: u32, outcome: Outcome) -> Answer {
        let call = Call { caller: self.gate.unique_name(), serial };
        Answer { call, outcome }
    }
}

#[tokio::test]
async fn the_first_answer_to_a_call_is_the_one_that_is_told() {
    let stage = Stage::new().await;
    stage.renderer.pause();
    let asked = stage.gate.send(&Notification::new("x")).await;
    let call = stage.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stage.renderer.resume().await;
    let again = Message::method_return(&call.message().header()).unwrap().build(&7777_u32).unwrap();
    stage.renderer.conn().send(&again).await.unwrap();
    stage.renderer.refuse_with(Some("org.example.Full"));
    let refused = stage.gate.send(&Notification::new("y")).await;
    assert!(stage.gate.reply(refused, DEADLINE).await.is_err());
    let expected = [
        stage.answer(asked.get(), Outcome::Shown(call.id())),
        stage.answer(refused.get(), Outcome::Error("org.example.Full".into())),
    ];
    assert_eq!(stage.answered().await, expected);
}

#[tokio::test]
async fn a_new_gate_is_told_what_becomes_of_the_old_ones_calls() {
    let stage = Stage::new().await;
    stage.renderer.pause();
    let asked = stage.gate.send(&Notification::new("x")).await;
    let lost = stage.gate.send(&Notification::new("y")).await;
    let id = stage.renderer.wait_notified(2, DEADLINE).await.remove(0).id();
    let (mut control, welcome) = Control::hello(&stage.session, ":9.9").await;
    let first = stage.answer(asked.get(), Outcome::Shown(id));
    let second = stage.answer(lost.get(), Outcome::Error("org.freedesktop.DBus.Error.NoReply".into()));
    let waiting = vec![first.call.clone(), second.call.clone()];
    assert_eq!((welcome.answered, welcome.waiting), (vec![], waiting));
    stage.renderer.answer_one().await;
    assert_eq!(control.next().await, Some(ToGate::Answered(first)));
    stage.renderer.conn().clone().close().await.unwrap();
    assert_eq!(control.next().await, Some(ToGate::Answered(second)));
}

#[tokio::test]
async fn only_gates_that_this_relay_has_known_from_the_first_call_on_are_named_as_watched() {
    let stage = Stage::new().await;
    let first = stage.gate.unique_name();
    let (_, welcome) = Control::hello_after(&stage.session, ":9.9", true).await;
    assert_eq!(welcome.watched, std::slice::from_ref(&first));
    let (_, welcome) = Control::hello(&stage.session, ":9.10").await;
    assert_eq!(welcome.watched, [first, ":9.10".into()]);
}

#[tokio::test]
async fn an_app_that_calls_the_renderer_itself_is_not_remembered() {
    let stage = Stage::new().await;
    let app = Client::connect_to(&stage.session.address(), RENDERER_NAME).await;
    app.notify(&Notification::new("x")).await;
    let id = stage.gate.notify(&Notification::new("y")).await;
    let answered = stage.answered().await;
    let outcomes: Vec<&Outcome> = answered.iter().map(|answer| &answer.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Shown(id)]);
}

#[tokio::test]
async fn only_signals_that_the_gate_cannot_hear_are_handed_to_it() {
    let mut stage = Stage::new().await;
    let app = Client::connect(&stage.session).await.unique_name();
    let gate = To::One(stage.gate.unique_name());
    stage.renderer.emit(&gate, &Signal::Closed(1, 1)).await;
    stage.renderer.emit(&To::Everybody, &Signal::Closed(2, 1)).await;
    let strays = [
        (Signal::Token(3, "tok".into()), RendererSignal::ActivationToken { id: 3, token: "tok".into() }),
        (Signal::Action(3, "a::b".into()), RendererSignal::ActionInvoked { id: 3, key: "a::b".into() }),
        (Signal::Replied(3, "ü".into()), RendererSignal::Replied { id: 3, text: "ü".into() }),
        (Signal::Closed(3, 2), RendererSignal::Closed { id: 3, reason: 2 }),
    ];
    for (signal, _) in &strays {
        stage.renderer.emit(&To::One(app.clone()), signal).await;
    }
    for (_, signal) in strays {
        let expected = ToGate::StraySignal { destination: Some(app.clone()), signal };
        assert_eq!(stage.control.next().await, Some(expected));
    }
}

#[tokio::test]
async fn signals_wait_for_a_gate_and_the_oldest_give_way() {
    let stage = Stage::new().await;
    stage.control.leave().await;
    for id in 1..=300 {
        stage.renderer.emit(&To::Everybody, &Signal::Closed(id, 2)).await;
    }
    // An app hears the owner of the name, which is the renderer while no gate is there.
    stage.renderer.emit(&To::One(":9.3".into()), &Signal::Closed(400, 2)).await;
    // A call that is answered has overtaken nothing.
    stage.gate.notify(&Notification::new("x")).await;
    let (mut control, welcome) = Control::hello(&stage.session, ":9.1").await;
    assert!(welcome.renderer.is_some());
    for id in 45..=300 {
        let expected = ToGate::StraySignal { destination: None, signal: RendererSignal::Closed { id, reason: 2 } };
        assert_eq!(control.next().await, Some(expected));
    }
    stage.renderer.emit(&To::One(":9.2".into()), &Signal::Closed(301, 2)).await;
    let signal = RendererSignal::Closed { id: 301, reason: 2 };
    assert_eq!(control.next().await, Some(ToGate::StraySignal { destination: Some(":9.2".into()), signal }));
}

#[tokio::test]
async fn a_second_gate_replaces_the_first() {
    let mut stage = Stage::new().await;
    let (mut second, welcome) = Control::hello(&stage.session, ":9.9").await;
    assert!(welcome.renderer.is_some());
    assert_eq!(stage.control.next().await, None);
    stage.renderer.emit(&To::One(stage.gate.unique_name()), &Signal::Closed(5, 2)).await;
    let signal = RendererSignal::Closed { id: 5, reason: 2 };
    let expected = ToGate::StraySignal { destination: Some(stage.gate.unique_name()), signal };
    assert_eq!(second.next().await, Some(expected));
}

#[tokio::test]
async fn a_renderer_that_gives_up_its_name_is_down_and_off_the_real_name_too() {
    let mut stage = Stage::new().await;
    let real = stage.session.connect().await;
    wait_owner(&real, NOTIFICATIONS, DEADLINE).await;
    stage.renderer.conn().release_name(NOTIFICATIONS).await.unwrap();
    match stage.control.next().await {
        Some(ToGate::RendererDown { why, retry_in_ms: None }) => assert_eq!(why, "gave up its name"),
        other => panic!("{other:?}"),
    }
    wait_no_owner(&real, NOTIFICATIONS, DEADLINE).await;
    wait_no_owner(&real, RENDERER_NAME, DEADLINE).await;
}

#[tokio::test]
async fn nonsense_on_the_control_socket_costs_its_sender_the_connection_and_nobody_else() {
    let stage = Stage::new().await;
    let hello = |version: u32| format!("{{\"hello\":{{\"version\":{version},\"gate\":\":1.1\"}}}}\n");
    let empty = "{\"supervise\":{\"record\":{\"argv\":[],\"env\":[],\"cwd\":\"/\",\"unit\":null}}}\n";
    let ours = empty.replace("\"argv\":[]", "\"argv\":[\"/proc/self/exe\",\"--report-ready\"]");
    for line in ["\n", "null\n", "{\"quit\":{}}\n", "\u{0}\u{1}\n", &hello(VERSION + 1), empty, &ours] {
        let mut peer = Control::connect(&stage.session).await;
        peer.write(line.as_bytes()).await;
        assert!(matches!(peer.next().await, Some(ToGate::Refused { version: VERSION, .. })), "{line}");
        assert_eq!(peer.next().await, None);
    }
    let mut endless = Control::connect(&stage.session).await;
    endless.write(&vec![b'['; 2 * MAX_LINE]).await;
    // Some of it may still be on its way when the relay closes, which then swallows the refusal.
    assert!(matches!(endless.next().await, Some(ToGate::Refused { .. }) | None));
    assert_ne!(stage.gate.notify(&Notification::new("x")).await, 0);
    assert_eq!(stage.answered().await.len(), 1);
}

#[tokio::test]
async fn nonsense_on_the_shifted_bus_costs_its_sender_the_connection_and_nobody_else() {
    let stage = Stage::new().await;
    let socket = folder(&stage.session).join("renderer.sock");
    for bytes in [&b"HELLO"[..], b"\0AUTH EXTERNAL 30\r\nBEGIN\r\nxxxxxxxxxxxxxxxx", &[0; 70_000]] {
        let mut peer = tokio::net::UnixStream::connect(&socket).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut peer, bytes).await.ok();
        let mut all = Vec::new();
        let read = within(DEADLINE, "the relay to close", peer.read_to_end(&mut all)).await;
        assert!(read.is_err() || all.len() < 200);
    }
    assert_ne!(stage.gate.notify(&Notification::new("x")).await, 0);
}

#[tokio::test]
async fn descriptors_and_big_messages_pass_to_the_real_bus_and_back() {
    let stage = Stage::new().await;
    let (writer, mut reader) = tokio::net::unix::pipe::pipe().unwrap();
    let writer = writer.into_blocking_fd().unwrap();
    let call = Message::method_call(NOTIFICATIONS_PATH, "Take").unwrap().destination(RENDERER_NAME).unwrap();
    let big = vec![5_u8; 4 << 20];
    let call = call.interface("a.b").unwrap().build(&(Fd::from(&writer), big.clone())).unwrap();
    stage.gate.send_message(&call).await;
    let arrived = stage.renderer.wait_others(1, DEADLINE).await.remove(0);
    let (fd, bytes): (OwnedFd, Vec<u8>) = arrived.body().deserialize().unwrap();
    assert!(bytes == big);
    drop(writer);
    std::io::Write::write_all(&mut std::fs::File::from(std::os::fd::OwnedFd::from(fd)), b"through").unwrap();
    let mut text = [0; 7];
    within(DEADLINE, "the pipe", reader.read_exact(&mut text)).await.unwrap();
    assert_eq!(&text, b"through");
}

#[tokio::test]
async fn a_huge_message_passes_and_leaves_the_relay_small() {
    let stage = Stage::new().await;
    let before = peak_memory(stage.relay.pid());
    let call = Message::method_call(NOTIFICATIONS_PATH, "Take").unwrap();
    let call = call.destination(RENDERER_NAME).unwrap().interface("a.b").unwrap();
    let call = call.build(&"x".repeat(64 << 20)).unwrap();
    stage.gate.send_message(&call).await;
    let arrived = stage.renderer.wait_others(1, DEADLINE).await.remove(0);
    assert!(arrived.body().data().bytes() == call.body().data().bytes());
    let after = peak_memory(stage.relay.pid());
    assert!(after - before < 1024, "{before} to {after} KiB");
}

/// The most that a process ever had in memory, in KiB.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_sockets_are_in_a_folder_of_the_users_own() {
    let session = Session::start().await;
    std::fs::create_dir(folder(&session)).unwrap();
    std::fs::set_permissions(folder(&session), std::fs::Permissions::from_mode(0o755)).unwrap();
    let _relay = start(&session).await;
    let mode = std::fs::metadata(folder(&session)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let mut control = Control::connect(&session).await;
    control.say(&ToRelay::Hello { version: VERSION, gate: ":1.1".into(), called_before: false }).await;
    assert!(matches!(control.next().await, Some(ToGate::Welcome { .. })));
}
