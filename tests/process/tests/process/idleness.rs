//! A check-in inside a block waits for a pause: the digest comes when the desktop says that nothing is touched, and the
//! desktop is asked only while one waits.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tidegate_contract::{Verdict, verb};
use tidegate_testkit::{DEADLINE, IdleMonitor, Notification, Session, wait_no_owner, within};
use tidegate_tests_process::{Stand, program, words};

/// A pause.
const PAUSE: Option<Duration> = Some(Duration::from_secs(45));
/// From nine o'clock to the check-in at half past eleven.
const TO_CHECK_IN: Duration = Duration::from_secs(150 * 60);

/// A block over a check-in, with one held.
async fn ready(stand: &mut Stand) {
    stand.hold().await;
    stand.app().await.notify(&Notification::new("lunch?")).await;
    stand.advance(TO_CHECK_IN).await;
    stand.wait_view("the check-in that waits", |view| view.ready && view.held == 1).await;
}

#[tokio::test]
async fn the_digest_comes_in_the_first_pause_and_only_then_is_the_desktop_asked() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    stand.app().await.notify(&Notification::new("lunch?")).await;
    stand.advance(TO_CHECK_IN - Duration::from_secs(1)).await;
    assert_eq!(monitor.asked(PAUSE), 0, "no check-in waits");
    stand.advance(Duration::from_secs(1)).await;
    let asked = monitor.wait_asked(PAUSE, 1, DEADLINE).await;
    assert!(stand.renderer.notified().is_empty(), "nothing pops up");

    monitor.fire(&asked).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "Check-in: 1 held from 1 app");
    wait_no_owner(&stand.control, &asked.by, DEADLINE).await;
    let view = stand.wait_view("the check-in over", |view| !view.ready).await;
    assert!(view.gate.closed && view.held == 1, "the block goes on: {view:?}");

    stand.advance(TO_CHECK_IN).await;
    monitor.wait_asked(PAUSE, 2, DEADLINE).await;
    stand.end_block().await;
    stand.renderer.wait_notified(2, DEADLINE).await;
    assert_eq!(monitor.asked(PAUSE), 2);
}

#[tokio::test]
async fn a_watch_ends_with_the_block_and_a_desktop_that_leaves_hurts_nothing() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    ready(&mut stand).await;
    let asked = monitor.wait_asked(PAUSE, 1, DEADLINE).await;
    stand.end_block().await;
    wait_no_owner(&stand.control, &asked.by, DEADLINE).await;
    stand.renderer.wait_notified(1, DEADLINE).await;

    stand.hold().await;
    stand.advance(TO_CHECK_IN).await;
    let asked = monitor.wait_asked(PAUSE, 2, DEADLINE).await;
    monitor.stop().await;
    wait_no_owner(&stand.control, &asked.by, DEADLINE).await;
    assert_eq!(stand.renderer.notified().len(), 1);
    stand.advance(Duration::from_secs(15 * 60)).await;
    stand.renderer.wait_notified(2, DEADLINE).await;
}

#[tokio::test]
async fn a_daemon_that_starts_while_a_check_in_waits_asks_anew() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    ready(&mut stand).await;
    monitor.wait_asked(PAUSE, 1, DEADLINE).await;
    stand.kill9().await;
    stand.start_again().await;
    let asked = monitor.wait_asked(PAUSE, 2, DEADLINE).await;
    monitor.fire(&asked).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "Check-in: 1 held from 1 app");
}

#[tokio::test]
async fn doctor_says_who_tells_and_that_nobody_does() {
    let stand = Stand::start().await;
    let found = idleness(&stand).await;
    assert!(found.0 == Verdict::Note && found.1.starts_with("cannot be seen: "), "{found:?}");
    let _monitor = IdleMonitor::start(&stand.session).await;
    let found = idleness(&stand).await;
    assert_eq!(found, (Verdict::Good, "Mutter tells when nothing was touched for 45 s".to_owned()));
}

async fn idleness(stand: &Stand) -> (Verdict, String) {
    let findings = stand.must(verb::Doctor).await;
    let finding = findings.into_iter().find(|finding| words(&finding.subject) == "idleness").unwrap();
    (finding.verdict, words(&finding.found))
}

#[tokio::test]
async fn where_the_digest_would_have_no_buttons_the_window_opens_in_the_pause() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let (bin, opened) = (session.join("bin"), session.join("opened"));
    fs::create_dir(&bin).unwrap();
    // The daemon looks for the window beside itself.
    for name in ["tidegate", "tidegate-relay"] {
        fs::copy(program(name), bin.join(name)).unwrap();
    }
    let script = format!("#!/bin/sh\necho opened > {}\n", opened.display());
    fs::write(bin.join("tidegate-app"), script).unwrap();
    fs::set_permissions(bin.join("tidegate-app"), fs::Permissions::from_mode(0o755)).unwrap();
    session.run("mkfifo", [&opened]).await.ok();
    let window = tokio::task::spawn_blocking(move || fs::read_to_string(opened).unwrap());

    let mut stand = Stand::start_by(session, |session| {
        let mut command = session.command(session.join("bin/tidegate"));
        command.args(["daemon", "--replace-now"]);
        session.spawn(command)
    })
    .await;
    stand.replace_renderer(&["body"]).await;
    ready(&mut stand).await;
    let asked = monitor.wait_asked(PAUSE, 1, DEADLINE).await;
    monitor.fire(&asked).await;
    assert_eq!(within(DEADLINE, "the window", window).await.unwrap(), "opened\n");
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "Check-in: 1 held from 1 app");
}
