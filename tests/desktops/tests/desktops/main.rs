//! dunst and mako as a person uses them: taken over while in use, behind the gate, given back; panels, with the tray
//! icon in them; the window on a compositor. Must not know how the gate does it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod coming;
mod desk;
mod panel;
mod panels;
mod pointer;

use desk::Desk;
use tidegate_testkit::{DEADLINE, Kind, Notification, Signal};

/// Scripts that send at the same time, and how many each sends.
const SCRIPTS: usize = 4;
const EACH: usize = 15;

async fn taken_over_while_in_use(kind: Kind) {
    let mut desk = Desk::start(kind).await;
    let storm = desk.storm(SCRIPTS, EACH);
    desk.take_over().await;
    let sent = storm.await;
    let failed = sent.iter().filter(|line| *line != "sent").count();
    assert_eq!(sent.len(), SCRIPTS * EACH);
    assert!(failed <= SCRIPTS, "{failed} failed: more than those in flight when the daemon was stopped");
    assert!(desk.is_gate_in_path().await);
    desk.own_tool_works().await;
    let before = desk.showing().await;
    desk.send("after the take-over").await;
    desk.wait_over(before).await;
}

async fn its_own_tool_works_while_it_starts(kind: Kind) {
    let mut desk = Desk::start(kind).await;
    desk.take_over_so_far().await;
    desk.own_tool_works().await;
    desk.kill_daemon().await;
    desk.own_tool_works().await;
}

async fn given_back_on_quit(kind: Kind) {
    let mut desk = Desk::behind_the_gate(kind).await;
    desk.send("behind the gate").await;
    desk.control.wait_showing(1, DEADLINE).await;
    desk.quit().await;
    desk.own_tool_works().await;
    desk.send("without the gate").await;
    desk.control.wait_showing(2, DEADLINE).await;
}

async fn answers_at_once_when_the_gate_is_killed(kind: Kind) {
    let mut desk = Desk::behind_the_gate(kind).await;
    desk.kill9().await;
    desk.send("the gate is gone").await;
    desk.control.wait_showing(1, DEADLINE).await;
    desk.own_tool_works().await;
    desk.take_over().await;
    assert!(desk.is_gate_in_path().await);
    desk.send("the gate is back").await;
    desk.control.wait_showing(2, DEADLINE).await;
}

async fn a_popup_from_before_a_restart_still_reaches_its_app(kind: Kind) {
    let mut desk = Desk::behind_the_gate(kind).await;
    let app = desk.app().await;
    let id = app.notify(&Notification::new("click me").action("default", "Open")).await;
    desk.control.wait_showing(1, DEADLINE).await;
    desk.kill9().await;
    desk.take_over().await;
    desk.control.wait_showing(1, DEADLINE).await;
    desk.control.invoke_default().await;
    let signal = match desk.next_signal(&app).await {
        Signal::Token(..) => desk.next_signal(&app).await,
        other => other,
    };
    assert_eq!(signal, Signal::Action(id, "default".into()));
}

#[tokio::test]
async fn dunst_is_taken_over_while_in_use() {
    taken_over_while_in_use(Kind::Dunst).await;
}

#[tokio::test]
async fn mako_is_taken_over_while_in_use() {
    taken_over_while_in_use(Kind::Mako).await;
}

#[tokio::test]
async fn check_08_dunstctl_works_while_dunst_is_moved_behind_the_gate_and_while_it_starts_again() {
    its_own_tool_works_while_it_starts(Kind::Dunst).await;
}

#[tokio::test]
async fn check_08_makoctl_works_while_mako_is_moved_behind_the_gate_and_while_it_starts_again() {
    its_own_tool_works_while_it_starts(Kind::Mako).await;
}

#[tokio::test]
async fn dunst_is_given_back_on_quit() {
    given_back_on_quit(Kind::Dunst).await;
}

#[tokio::test]
async fn mako_is_given_back_on_quit() {
    given_back_on_quit(Kind::Mako).await;
}

#[tokio::test]
async fn dunst_answers_at_once_when_the_gate_is_killed() {
    answers_at_once_when_the_gate_is_killed(Kind::Dunst).await;
}

#[tokio::test]
async fn mako_answers_at_once_when_the_gate_is_killed() {
    answers_at_once_when_the_gate_is_killed(Kind::Mako).await;
}

#[tokio::test]
async fn a_click_in_dunst_reaches_its_app_across_a_restart_of_the_gate() {
    a_popup_from_before_a_restart_still_reaches_its_app(Kind::Dunst).await;
}

#[tokio::test]
async fn a_click_in_mako_reaches_its_app_across_a_restart_of_the_gate() {
    a_popup_from_before_a_restart_still_reaches_its_app(Kind::Mako).await;
}
