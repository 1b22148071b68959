//! Time that the user is away in a block, on the real daemon: seen by the desktop's idleness and by logind, asked when they
//! are back, across a kill.

use std::time::Duration;
use tidegate_contract::{BlockLength, verb};
use tidegate_testkit::{Asked, DEADLINE, IdleMonitor, Monitor, Session, Signal, SystemBus, wait_no_owner};
use tidegate_tests_process::Stand;
use zbus::Message;
use zbus::zvariant::Value;

const MINUTE: Duration = Duration::from_secs(60);
/// Who touches nothing for so long has gone.
const GONE: Option<Duration> = Some(MINUTE);
/// A watch for the next touch.
const TOUCH: Option<Duration> = None;

async fn draft(stand: &Stand, minutes: u32) {
    let length = BlockLength::Minutes { minutes };
    stand.must(verb::Start { length, intention: Some("Draft".into()) }).await;
}

/// In a block, and the daemon listens to logind.
async fn drafting(session: Session, system: &SystemBus, minutes: u32) -> Stand {
    let mut listeners = Monitor::start(&system.address(), &["type='method_call',member='AddMatch'"]).await;
    let stand = Stand::start_in(session).await;
    draft(&stand, minutes).await;
    let of_sleep =
        |call: &Message| call.body().deserialize::<&str>().is_ok_and(|rule| rule.contains("PrepareForSleep"));
    listeners.until(DEADLINE, "the daemon to listen to logind", of_sleep).await;
    stand
}

#[tokio::test]
async fn who_comes_back_is_asked_and_what_they_leave_out_does_not_count() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    assert_eq!(monitor.asked(GONE), 0, "no block runs");
    draft(&stand, 50).await;
    let gone = monitor.wait_asked(GONE, 1, DEADLINE).await;
    stand.advance(6 * MINUTE).await;
    monitor.fire(&gone).await;
    let back = monitor.wait_asked(TOUCH, 1, DEADLINE).await;
    stand.advance(22 * MINUTE).await;
    monitor.fire(&back).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let said = told.fields();
    assert_eq!(
        (told.summary().as_str(), said.body.as_str()),
        ("You were away 23 min: count it?", "In Draft. It counts until you leave it out.")
    );
    assert_eq!(said.actions, ["count", "Count it", "leave-out", "Leave it out"]);
    assert_eq!(*said.hints["urgency"], Value::from(0_u8));
    stand.heed_renderer().await;

    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(stand.view().await.time_away, Some(23 * 60_000));
    stand.renderer.emit_to_caller(&told, &Signal::Action(told.id(), "leave-out".into())).await;
    let view = stand.wait_view("the answer", |view| view.time_away.is_none()).await;
    assert_eq!(view.block.expect("the block").left_out, 23 * 60_000);
    stand.advance(22 * MINUTE).await;
    let over = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(over.summary(), "27 min of Draft");
    assert_eq!(stand.view().await.deep_work.today, 27 * 60_000);
}

#[tokio::test]
async fn a_block_that_ends_while_nobody_is_there_is_asked_of_too() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    draft(&stand, 25).await;
    let gone = monitor.wait_asked(GONE, 1, DEADLINE).await;
    stand.advance(6 * MINUTE).await;
    monitor.fire(&gone).await;
    let back = monitor.wait_asked(TOUCH, 1, DEADLINE).await;
    stand.advance(69 * MINUTE).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    monitor.fire(&back).await;
    let told = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(told.summary(), "25 min of Draft");
    assert_eq!(told.fields().body, "Nothing is held\nYou were away 20 min: count it?");
    wait_no_owner(&stand.control, &back.by, DEADLINE).await;
    stand.must(verb::CountTimeAway { counts: true }).await;
    let view = stand.view().await;
    assert_eq!((view.time_away, view.deep_work.today), (None, 25 * 60_000));
}

#[tokio::test]
async fn a_machine_that_slept_was_away_with_its_user() {
    let session = Session::start().await;
    let system = SystemBus::start(&session).await;
    let mut stand = drafting(session, &system, 90).await;
    stand.advance(10 * MINUTE).await;
    system.prepare_for_sleep(true).await;
    stand.suspend(31 * MINUTE).await;
    system.prepare_for_sleep(false).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(told.summary(), "You were away 31 min: count it?");
}

#[tokio::test]
async fn who_touches_nothing_for_a_while_and_then_sleeps_was_away_for_both_together() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let system = SystemBus::start(&session).await;
    let mut stand = drafting(session, &system, 90).await;
    let gone = monitor.wait_asked(GONE, 1, DEADLINE).await;
    stand.advance(6 * MINUTE).await;
    monitor.fire(&gone).await;
    let back = monitor.wait_asked(TOUCH, 1, DEADLINE).await;
    stand.advance(5 * MINUTE).await;
    system.prepare_for_sleep(true).await;
    stand.suspend(8 * MINUTE).await;
    system.prepare_for_sleep(false).await;
    monitor.fire(&back).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(told.summary(), "You were away 14 min: count it?");
}

/// A machine with a desktop that tells of idleness, awake after so long, and the watch by which the daemon finds out
/// whether anybody is there.
async fn awake_after(asleep: Duration) -> (Stand, IdleMonitor, SystemBus, Asked) {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let system = SystemBus::start(&session).await;
    let mut stand = drafting(session, &system, 90).await;
    monitor.wait_asked(GONE, 1, DEADLINE).await;
    system.prepare_for_sleep(true).await;
    stand.suspend(asleep).await;
    system.prepare_for_sleep(false).await;
    let untouched = monitor.wait_asked(Some(Duration::from_secs(1)), 1, DEADLINE).await;
    (stand, monitor, system, untouched)
}

#[tokio::test]
async fn a_machine_that_wakes_by_itself_does_not_bring_its_user_back() {
    let (mut stand, monitor, _system, untouched) = awake_after(8 * MINUTE).await;
    monitor.fire(&untouched).await;
    let back = monitor.wait_asked(TOUCH, 1, DEADLINE).await;
    stand.advance(6 * MINUTE).await;
    monitor.fire(&back).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(told.summary(), "You were away 14 min: count it?");
}

#[tokio::test]
async fn who_woke_the_machine_is_back_though_an_app_keeps_the_screen_on() {
    let (stand, _monitor, _system, _) = awake_after(31 * MINUTE).await;
    // Nothing is ever called idle.
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(told.summary(), "You were away 31 min: count it?");
}

#[tokio::test]
async fn a_block_that_ends_in_a_sleep_is_asked_of_too() {
    let session = Session::start().await;
    let system = SystemBus::start(&session).await;
    let mut stand = drafting(session, &system, 25).await;
    stand.advance(5 * MINUTE).await;
    system.prepare_for_sleep(true).await;
    stand.suspend(60 * MINUTE).await;
    stand.wait_view("the question", |view| view.time_away == Some(20 * 60_000)).await;
    system.prepare_for_sleep(false).await;
    stand.must(verb::Start { length: BlockLength::Usual, intention: None }).await;
    stand.must(verb::CountTimeAway { counts: false }).await;
    let view = stand.view().await;
    assert_eq!((view.deep_work.today, view.block.expect("the next one").left_out), (5 * 60_000, 0));
}

#[tokio::test]
async fn nobody_is_watched_who_does_not_want_to_be_asked() {
    let session = Session::start().await;
    let monitor = IdleMonitor::start(&session).await;
    let stand = Stand::start_in(session).await;
    let set = |value: &str| verb::Set { key: "blocks.away".into(), value: Some(value.into()) };
    stand.must(set("never")).await;
    draft(&stand, 50).await;
    assert_eq!(monitor.asked(GONE), 0);
    stand.must(set("20")).await;
    let asked = monitor.wait_asked(GONE, 1, DEADLINE).await;
    stand.must(set("never")).await;
    wait_no_owner(&stand.control, &asked.by, DEADLINE).await;
}
