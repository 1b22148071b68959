//! A daemon that owns the name and does not leave when it is asked to.

use tidegate_contract::{BUS_NAME, View};
use tidegate_testkit::{
    Client, DEADLINE, NOTIFICATIONS, NOTIFICATIONS_PATH, Notification, Process, Session, owner, wait_owner,
    wait_owner_change,
};
use tidegate_tests_process::{Stand, program, start_daemon, wait_view};
use zbus::Connection;
use zbus::zvariant::Value;

/// A notification daemon that ignores SIGTERM.
async fn start_stubborn(session: &Session, conn: &Connection) -> Process {
    let line = "trap '' TERM; exec /usr/bin/python3 -m dbusmock --session --template notification_daemon";
    let mut command = session.command("sh");
    command.args(["-c", line]);
    let mut daemon = session.spawn(command);
    let owned = wait_owner(conn, NOTIFICATIONS, DEADLINE);
    daemon.while_running("apt-get install python3-dbusmock", owned).await;
    daemon
}

#[tokio::test]
async fn an_owner_that_does_not_leave_is_named_and_goes_on_and_once_it_is_gone_the_gate_stands() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut stubborn = start_stubborn(&session, &conn).await;
    let before = owner(&conn, NOTIFICATIONS).await.unwrap();
    let mut daemon = start_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let is_told = |view: &View| view.troubles.iter().any(|trouble| trouble.code == "take-over");
    let view = wait_view(&conn, "the trouble", is_told).await;
    let trouble = view.troubles.iter().find(|trouble| trouble.code == "take-over").unwrap();
    assert!(trouble.text.contains(&format!("process {}", stubborn.pid())), "{}", trouble.text);
    assert!(!view.gate.in_path && !view.renderer.up);
    assert_eq!(owner(&conn, NOTIFICATIONS).await, Some(before.clone()));
    let app = Client::connect(&session).await;
    assert_eq!(app.notify(&Notification::new("as without a gate")).await, 1);
    stubborn.kill9(DEADLINE).await;
    let gate = wait_owner_change(&conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    assert!(gate.is_some(), "the gate was queued: the name is never free");
    let view = wait_view(&conn, "the gate before it", |view| view.gate.in_path && view.renderer.up).await;
    assert_eq!(view.troubles, []);
    app.notify(&Notification::new("through the gate")).await;
    wait_view(&conn, "what was let through", |view| view.ledger.passed == 1).await;
    assert!(daemon.is_running());
}

#[tokio::test]
async fn a_quit_returns_when_another_daemon_may_start() {
    let mut stand = Stand::holding().await;
    stand.app().await.notify(&Notification::new("held")).await;
    for _ in 0..3 {
        let said = stand.cli(["quit", "--keep"]).await.ok();
        assert_eq!(said, "Tidegate ends; 1 stay held on disk");
        assert!(!stand.daemon.is_running());
        assert_eq!(owner(&stand.control, BUS_NAME).await, None);
        stand.daemon = start_daemon(&stand.session);
        let back = async {
            wait_owner(&stand.control, BUS_NAME, DEADLINE).await;
            wait_view(&stand.control, "the gate back in the path", |view| view.gate.in_path && view.held == 1).await
        };
        stand.daemon.while_running("it ran already", back).await;
    }
}

/// A notification daemon that says, as dunst does, that it shows something, and goes on showing it.
async fn start_showing(session: &Session, conn: &Connection) -> Process {
    let mut command = session.command("/usr/bin/python3");
    command.args(["-m", "dbusmock", "--session", "--template", "notification_daemon"]);
    let mut daemon = session.spawn(command);
    let owned = wait_owner(conn, NOTIFICATIONS, DEADLINE);
    daemon.while_running("apt-get install python3-dbusmock", owned).await;
    let shown = ("org.dunstproject.cmd0", "displayedLength", Value::U32(1));
    let mock = Some("org.freedesktop.DBus.Mock");
    conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, mock, "AddProperty", &shown).await.unwrap();
    daemon
}

#[tokio::test]
async fn while_something_is_on_the_screen_a_block_says_that_nothing_is_held_and_a_word_goes_on_at_once() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut showing = start_showing(&session, &conn).await;
    let before = owner(&conn, NOTIFICATIONS).await.unwrap();
    let mut command = session.command(program("tidegate"));
    command.arg("daemon");
    let _daemon = session.spawn(command);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let tidegate = async |arguments: &[&str]| session.run(program("tidegate"), arguments).await;
    let started = tidegate(&["start", "50"]).await.ok();
    assert!(started.contains("but nothing is held") && started.contains("`tidegate take-over now`"), "{started}");
    let examined = tidegate(&["doctor"]).await.stdout;
    assert!(examined.contains("`tidegate take-over now`") && !examined.contains("none can be reached"), "{examined}");
    assert_eq!(owner(&conn, NOTIFICATIONS).await, Some(before));
    assert!(tidegate(&["take-over", "now"]).await.ok().starts_with("Tidegate takes over now"));
    wait_view(&conn, "the gate in the path", |view| view.gate.in_path && view.renderer.up).await;
    showing.wait(DEADLINE).await;
    Client::connect(&session).await.notify(&Notification::new("is held")).await;
    wait_view(&conn, "what is held", |view| view.held == 1).await;
    assert_eq!(tidegate(&["take-over", "now"]).await.ok(), "Tidegate is in the path already");
}
