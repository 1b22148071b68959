//! `tidegate status --follow`: its lines on a real bus, while daemons come and go.

use crate::cli::TIDEGATE;
use crate::stand::{Stand, a_view};
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use tidegate_contract::{BUS_NAME, OBJECT_PATH};
use tidegate_testkit::{DEADLINE, Piped, Ran, Session, next_item, within};
use zbus::MessageStream;

/// A shell that runs something in the background has it ignore Ctrl-C, and these tests with all that they start.
fn follow(session: &Session) -> Piped {
    let mut command = session.command("env");
    command.args(["--default-signal=INT", TIDEGATE, "status", "--follow"]);
    session.spawn_piped(command)
}

async fn line(follower: &mut Piped) -> Value {
    follower.json(DEADLINE).await
}

async fn publish(stand: &Stand, revision: u64, held: u32) {
    let view = a_view(|view| (view.revision, view.held) = (revision, held));
    stand.control.publish(Arc::new(view)).await.unwrap();
}

#[tokio::test]
async fn the_state_comes_at_once_and_each_change_after_it() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let stand = Stand::on(&conn).await;
    let mut follower = follow(&session);
    let first = line(&mut follower).await;
    assert_eq!((&first["held"], &first["gate"]["closed"]), (&Value::from(0), &Value::from(false)));
    for held in [1, 2] {
        publish(&stand, 1 + u64::from(held), held).await;
        assert_eq!(line(&mut follower).await["held"], held);
    }
    // Another connection that pretends to be the daemon is not believed.
    let liar = session.connect().await;
    let lie = serde_json::to_string(&a_view(|view| (view.revision, view.held) = (99, 99))).unwrap();
    let reader = follower_of(&conn, &session, follower.process().pid()).await;
    liar.emit_signal(Some(reader), OBJECT_PATH, BUS_NAME, "ViewChanged", &lie).await.unwrap();
    publish(&stand, 9, 3).await;
    assert_eq!(line(&mut follower).await["held"], 3);
}

/// The bus connection of a process.
async fn follower_of(conn: &zbus::Connection, session: &Session, pid: u32) -> zbus::names::OwnedBusName {
    let bus = zbus::fdo::DBusProxy::new(conn).await.unwrap();
    for name in bus.list_names().await.unwrap() {
        if name.starts_with(':') && bus.get_connection_unix_process_id(name.inner().clone()).await.ok() == Some(pid) {
            return name;
        }
    }
    panic!("{pid} is not on the bus of {}", session.path().display());
}

#[tokio::test]
async fn a_daemon_that_goes_is_one_line_and_one_that_comes_goes_on() {
    let session = Session::start().await;
    let mut follower = follow(&session);
    let away = line(&mut follower).await;
    assert_eq!(away["code"], "away");
    assert!(away["message"].as_str().unwrap().starts_with("the daemon does not run"), "{away}");
    let conn = session.connect().await;
    let stand = Stand::on(&conn).await;
    assert_eq!(line(&mut follower).await["held"], 0);
    publish(&stand, 7, 7).await;
    assert_eq!(line(&mut follower).await["held"], 7);
    conn.release_name(BUS_NAME).await.unwrap();
    assert_eq!(line(&mut follower).await, away);
    // The next daemon counts its revisions from the beginning.
    let next = Stand::on(&session.connect().await).await;
    assert_eq!(line(&mut follower).await["held"], 0);
    publish(&next, 2, 2).await;
    assert_eq!(line(&mut follower).await["held"], 2);
}

#[tokio::test]
async fn it_never_starts_a_daemon() {
    let session = Session::start().await;
    let marker = session.join("started");
    let script = format!("touch {}; exit 1", marker.display());
    let service = format!("[D-BUS Service]\nName={BUS_NAME}\nExec=/bin/sh -c \"{script}\"\n");
    fs::write(session.services().join("org.tidegate.Tidegate1.service"), service).unwrap();
    session.reload_services().await;
    let mut follower = follow(&session);
    assert_eq!(line(&mut follower).await["code"], "away");
    let conn = session.connect().await;
    let stand = Stand::on(&conn).await;
    assert_eq!(line(&mut follower).await["held"], 0);
    conn.release_name(BUS_NAME).await.unwrap();
    assert_eq!(line(&mut follower).await["code"], "away");
    drop(stand);
    assert!(!marker.exists());
}

#[tokio::test]
async fn it_ends_with_its_reader_with_ctrl_c_and_with_the_bus() {
    let mut session = Session::start().await;
    // The pipe is closed after the first line, and nothing changes any more.
    let script = r#""$0" status --follow | head -n 1; echo "${PIPESTATUS[0]}""#;
    let Ran { stdout, stderr, .. } = session.run("bash", ["-c", script, TIDEGATE]).await;
    assert!(stdout.starts_with("{\"code\":\"away\"") && stdout.ends_with("}\n0\n"), "{stdout}");
    assert_eq!(stderr, "");

    let mut follower = follow(&session);
    line(&mut follower).await;
    follower.process().signal(rustix::process::Signal::INT);
    assert_eq!(follower.try_line(DEADLINE).await, None);

    let mut follower = follow(&session);
    line(&mut follower).await;
    session.bus_mut().kill9().await;
    let status = follower.process().wait(DEADLINE).await;
    assert_eq!(status.code(), Some(3));
    assert!(
        follower.process().log().contains("the session bus has closed the connection"),
        "{}",
        follower.process().log()
    );
}

#[tokio::test]
async fn it_asks_once_for_each_daemon_and_then_only_listens() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut calls = MessageStream::from(&conn);
    let stand = Stand::on(&conn).await;
    let mut follower = follow(&session);
    line(&mut follower).await;
    for held in 1..=5 {
        publish(&stand, 1 + u64::from(held), held).await;
        assert_eq!(line(&mut follower).await["held"], held);
    }
    session.connect().await.call_method(Some(BUS_NAME), OBJECT_PATH, Some("org.x"), "Last", &()).await.unwrap_err();
    let mut asked = Vec::new();
    loop {
        let message = next_item(DEADLINE, "a call", &mut calls).await.unwrap();
        let header = message.header();
        match header.member().map(|member| member.to_string()) {
            Some(member) if member == "Last" => break,
            Some(member) if header.interface().is_some_and(|interface| interface == BUS_NAME) => asked.push(member),
            _ => {}
        }
    }
    assert_eq!(asked, ["Request"]);
    within(DEADLINE, "its end", async { drop(follower) }).await;
}
