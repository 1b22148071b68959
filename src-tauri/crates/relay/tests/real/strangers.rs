//! Programs that a renderer started: they have its bus address, and are on the real bus all the same, also when the relay
//! is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tidegate_relay::protocol::RENDERER_NAME;
use tidegate_testkit::{
    Client, DEADLINE, Kind, NOTIFICATIONS, Notification, Process, RecordingRenderer, RendererControl, Session, Xvfb,
    owner, wait_owner, within,
};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use zbus::Connection;
use zbus::fdo::{DBusProxy, RequestNameFlags};

use crate::rig::{Control, command, folder, ready, record, record_of, renderers_bus, shifted_bus, start};

/// Connections of programs other than the renderer that the relay passes through.
const MOST: usize = 256;

/// With a renderer that runs and has no connection: whoever else connects is a stranger.
async fn with_a_silent_renderer(session: &Session) -> (Process, Control) {
    let relay = start(session).await;
    let (mut control, ..) = Control::hello(session, ":1.1").await;
    let started = session.join("started");
    session.run("/usr/bin/mkfifo", [&started]).await.ok();
    let script = format!("echo > {}; exec sleep 1000", started.display());
    control.supervise(record(session, &["/bin/sh", "-c", &script])).await;
    within(DEADLINE, "the renderer to run", tokio::fs::read(started)).await.unwrap();
    (relay, control)
}

#[tokio::test]
async fn a_script_of_the_renderers_sees_the_gate_and_sends_to_it() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let gate = RecordingRenderer::start(&session.connect().await, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await;
    let _relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, gate.conn().unique_name().unwrap()).await;
    let record = record_of(&session, Kind::Dunst).await;
    let (seen, script) = (session.join("owner"), session.join("script"));
    let ask =
        "gdbus call --session --dest org.freedesktop.DBus --object-path / --method org.freedesktop.DBus.GetNameOwner";
    let text = format!("#!/bin/sh\n{ask} {NOTIFICATIONS} > {}\nnotify-send 'from the script'\n", seen.display());
    write_program(&script, &text);
    let rule = format!("[scripted]\nsummary = \"run it\"\nscript = {}\n", script.display());
    let settings = session.config_home().join("dunst.conf");
    fs::write(&settings, fs::read_to_string(&settings).unwrap() + &rule).unwrap();
    control.supervise(record).await;
    let renderer = control.up().await;

    let forwarder = Client::connect_to(&session.address(), RENDERER_NAME).await;
    forwarder.notify(&Notification::new("run it")).await;
    let sent = gate.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(sent.summary(), "from the script");
    assert_ne!(sent.sender(), renderer.unique);
    let seen = fs::read_to_string(seen).unwrap();
    assert_eq!(seen.trim(), format!("('{}',)", gate.conn().unique_name().unwrap()));
    assert_eq!(RendererControl::new(&session, Kind::Dunst, RENDERER_NAME).await.showing().await, 1);
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn nothing_of_a_stranger_is_shifted_or_taken_for_the_renderer() {
    let session = Session::start().await;
    let (_relay, mut control) = with_a_silent_renderer(&session).await;
    let witness = session.connect().await;
    let stranger = session.connect_at(&renderers_bus(&session)).await;
    stranger.request_name(NOTIFICATIONS).await.unwrap();
    let unique = stranger.unique_name().unwrap().clone();
    assert_eq!(wait_owner(&witness, NOTIFICATIONS, DEADLINE).await.as_str(), unique.as_str());
    assert_eq!(owner(&witness, RENDERER_NAME).await, None);
    assert_eq!(owner(&stranger, NOTIFICATIONS).await.unwrap().as_str(), unique.as_str());
    drop(stranger);
    control.supervise(record(&session, &["/bin/false"])).await;
    let (_, welcome) = Control::hello(&session, ":1.2").await;
    assert_eq!(welcome.renderer, None);
}

#[tokio::test]
async fn too_many_strangers_are_refused_and_the_renderer_is_not() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let (relay, mut control) = with_a_silent_renderer(&session).await;
    let socket = folder(&session).join("renderer.sock");
    let mut strangers = Vec::new();
    for _ in 0..MOST {
        strangers.push(UnixStream::connect(&socket).await.unwrap());
    }
    let mut refused = UnixStream::connect(&socket).await.unwrap();
    let read = within(DEADLINE, "the refusal", refused.read(&mut [0])).await.unwrap();
    assert_eq!(read, 0);
    assert_eq!(relay.log().matches("refused a connection").count(), 1, "{}", relay.log());

    // The silent one, which never was the renderer, gives way.
    let renderer = record_of(&session, Kind::Dunst).await;
    control.supervise(renderer).await;
    control.up().await;
}

/// What clients of three libraries are told to be the bus's id.
async fn ids_at(session: &Session, address: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for call in [
        "gdbus call --session --dest org.freedesktop.DBus --object-path / --method org.freedesktop.DBus.GetId",
        "dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId",
        "busctl --user call org.freedesktop.DBus / org.freedesktop.DBus GetId",
    ] {
        let mut words = call.split(' ');
        let mut command = session.command(words.next().unwrap());
        command.args(words).env("DBUS_SESSION_BUS_ADDRESS", address);
        let said = session.run_command(command).await.ok();
        ids.push(said.chars().filter(char::is_ascii_hexdigit).collect());
    }
    ids
}

async fn id(conn: &Connection) -> String {
    DBusProxy::new(conn).await.unwrap().get_id().await.unwrap().to_string()
}

#[tokio::test]
async fn what_the_renderer_started_finds_the_bus_with_the_relay_and_without() {
    let session = Session::start().await;
    let mut relay = start(&session).await;
    let list = renderers_bus(&session);
    let expected = id(&session.connect().await).await;
    let behind = session.connect_at(&list).await;
    assert_eq!(id(&behind).await, expected);
    let peer = behind.peer_creds().await.unwrap().process_id();
    assert_eq!(peer, Some(relay.pid()), "zbus, which knows no lists, comes to the relay");
    let all_expected = vec![expected; 3];
    assert!(ids_at(&session, &list).await.iter().zip(&all_expected).all(|(said, id)| said.contains(id.as_str())));
    relay.kill9(DEADLINE).await;
    let alone = ids_at(&session, &list).await;
    assert!(alone.iter().zip(&all_expected).all(|(said, id)| said.contains(id.as_str())), "{alone:?}");
}

#[tokio::test]
async fn a_renderer_whose_library_knows_no_lists_lives_behind_the_relay() {
    let session = Session::start().await;
    let _relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let behind = session.connect_at(&renderers_bus(&session)).await;
    let renderer = RecordingRenderer::start(&behind, NOTIFICATIONS, RequestNameFlags::DoNotQueue).await;
    assert_eq!(control.up().await.unique, behind.unique_name().unwrap().as_str());
    Client::connect_to(&session.address(), RENDERER_NAME).await.notify(&Notification::new("x")).await;
    renderer.wait_notified(1, DEADLINE).await;
}

#[tokio::test]
async fn a_relay_that_something_behind_a_relay_started_finds_the_bus() {
    let session = Session::start().await;
    let expected = id(&session.connect().await).await;
    let list = renderers_bus(&session);
    let one_path = format!("{},guid={expected}", list.replace(';', "%3b"));
    for address in [list, one_path] {
        let mut relay = ready(&session, |session| {
            let mut command = command(session, None);
            command.env("DBUS_SESSION_BUS_ADDRESS", &address);
            command
        })
        .await;
        let behind = session.connect_at(&shifted_bus(&session)).await;
        assert_eq!(id(&behind).await, expected, "{address}");
        relay.kill9(DEADLINE).await;
    }
}
