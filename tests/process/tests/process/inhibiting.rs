//! `tidegate inhibit` as a person uses it: a command runs, what comes is held, and the gate opens with its end.

use std::process::Command;
use tidegate_contract::{ClosedBecause, View};
use tidegate_testkit::{DEADLINE, Notification, Session};
use tidegate_tests_process::{Stand, program};

/// `tidegate inhibit` on a shell that goes on until its input ends.
fn inhibit(stand: &Stand) -> Command {
    let mut command = stand.session.command(program("tidegate"));
    command.args(["inhibit", "--", "sh", "-c", "cat; exit 42"]);
    command
}

fn is_quiet(view: &View) -> bool {
    view.gate.because == Some(ClosedBecause::Inhibited { app: "sh".into() })
}

#[tokio::test]
async fn what_comes_while_a_command_runs_is_held_and_its_status_is_ours() {
    let stand = Stand::start().await;
    let mut talk = stand.session.spawn_piped(inhibit(&stand));
    stand.wait_view("the quiet", is_quiet).await;
    stand.app().await.notify(&Notification::new("later")).await;
    assert_eq!(stand.view().await.held, 1);
    talk.close_input();
    assert_eq!(talk.process().wait(DEADLINE).await.code(), Some(42));
    stand.wait_view("the end of the quiet", |view| !view.gate.closed).await;
}

#[tokio::test]
async fn the_quiet_ends_with_the_process_whatever_becomes_of_it_and_a_request_to_end_reaches_the_command() {
    let stand = Stand::start().await;
    let mut killed = stand.session.spawn_piped(inhibit(&stand));
    stand.wait_view("the quiet", is_quiet).await;
    killed.process().kill9(DEADLINE).await;
    stand.wait_view("the end of the quiet", |view| !view.gate.closed).await;
    let mut asked = stand.session.spawn_piped(inhibit(&stand));
    stand.wait_view("the quiet", is_quiet).await;
    assert_eq!(asked.process().terminate(DEADLINE).await.code(), Some(128 + 15));
    stand.wait_view("the end of the quiet", |view| !view.gate.closed).await;
}

#[tokio::test]
async fn a_command_that_is_not_there_is_said_so_as_shells_do() {
    let stand = Stand::start().await;
    let ran = stand.cli(["inhibit", "--", "no-such-program"]).await;
    assert_eq!((ran.code, ran.stderr.contains("no-such-program could not be started")), (127, true), "{}", ran.stderr);
    assert!(!stand.wait_view("no quiet", |view| !view.gate.closed).await.gate.closed);
}

#[tokio::test]
async fn where_nothing_would_be_held_the_command_is_not_run() {
    let session = Session::start().await;
    let ran = session.run(program("tidegate"), ["inhibit", "--", "touch", "ran"]).await;
    assert_eq!((ran.code, ran.stderr.contains("the daemon does not run")), (3, true), "{}", ran.stderr);
    assert!(!session.home().join("ran").exists());
}
