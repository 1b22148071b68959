//! Release: what was held reaches the renderer paced, in order, quietly and exactly once.

use std::time::Duration;
use tidegate_contract::{CheckInWhen, Code, Detail, ItemState, View, Which, verb};
use tidegate_testkit::{Client, DEADLINE, Notification, Recorded, Signal, To};
use tidegate_tests_process::{Stand, connect_renderer, program, runs, words};

const PACE: Duration = Duration::from_millis(250);
const TICK: Duration = Duration::from_millis(1);

async fn release_all(stand: &Stand) {
    stand.must(verb::Release { which: Which::All }).await;
}

async fn hold_many(app: &Client, count: usize) -> Vec<u32> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(app.notify(&Notification::new(&format!("number {number}"))).await);
    }
    ids
}

/// How many calls have reached the renderer, once all that was due has gone out and was answered.
async fn reached(stand: &Stand) -> usize {
    stand.heed_renderer().await;
    stand.renderer.notified().len()
}

/// Calls that opened a popup, in place of none.
fn fresh(calls: &[Recorded], text: &str) -> usize {
    calls.iter().filter(|call| call.summary() == text && call.fields().replaces_id == 0).count()
}

fn remark(detail: &Detail, beginning: &str) -> Option<String> {
    detail.remarks.iter().map(words).find(|remark| remark.starts_with(beginning))
}

#[tokio::test]
async fn check_43_a_release_gives_at_most_four_a_second_and_keeps_at_most_fifteen_open() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    hold_many(&app, 20).await;
    release_all(&stand).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    for count in 1..15 {
        assert_eq!(reached(&stand).await, count);
        stand.advance(PACE - TICK).await;
        assert_eq!(reached(&stand).await, count, "a quarter of a second lies between two");
        stand.advance(TICK).await;
        stand.renderer.wait_notified(count + 1, DEADLINE).await;
    }
    stand.heed_renderer().await;
    stand.advance(Duration::from_secs(10)).await;
    assert_eq!(reached(&stand).await, 15, "fifteen are open");
    let first = stand.renderer.notified().remove(0);
    stand.renderer.emit_to_caller(&first, &Signal::Closed(first.id(), 2)).await;
    stand.heed_renderer().await;
    stand.advance(PACE).await;
    stand.renderer.wait_notified(16, DEADLINE).await;
    stand.advance(Duration::from_secs(10)).await;
    assert_eq!(reached(&stand).await, 16);
}

#[tokio::test]
async fn check_43_a_release_has_one_call_outstanding() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    hold_many(&app, 3).await;
    stand.renderer.pause();
    release_all(&stand).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.advance(Duration::from_secs(5)).await;
    assert_eq!(reached(&stand).await, 1, "the first is not answered yet");
    stand.renderer.answer_one().await;
    stand.heed_renderer().await;
    stand.advance(PACE).await;
    assert_eq!(stand.renderer.wait_notified(2, DEADLINE).await.len(), 2);
}

#[tokio::test]
async fn check_43_one_that_the_renderer_refuses_is_held_again_and_says_so() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one too many")).await;
    stand.renderer.refuse_with(Some("org.freedesktop.Notifications.MaxNotificationsExceeded"));
    stand.release(id).await;
    let detail = stand.detail(id).await;
    assert_eq!(detail.item.state, ItemState::Held);
    let refused = remark(&detail, "the notification daemon refused it").expect("a remark");
    assert!(refused.contains("refused by the test"), "{refused}");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.released, ledger.balanced), (1, 0, true));
    assert!(stand.heard(&app).await.is_empty(), "the app is not told");
    stand.renderer.refuse_with(None);
    stand.release(id).await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Released);
}

#[tokio::test]
async fn a_renderer_that_does_not_answer_is_told_and_what_it_shows_late_is_not_shown_again() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let late = app.notify(&Notification::new("slow")).await;
    stand.wait_view("that nobody answers", |view| has_trouble(view, "renderer-silent")).await;
    let after = app.notify(&Notification::new("after it")).await;
    let detail = stand.detail(late).await;
    assert_eq!(detail.item.state, ItemState::Held);
    assert!(remark(&detail, "may have been shown").is_some(), "{:?}", detail.remarks);
    stand.wait_view("the next one", |view| view.held == 2).await;
    let refused = stand.ask(verb::Release { which: Which::All }).await.unwrap_err();
    assert_eq!(refused.code, Code::NoRenderer);
    stand.renderer.resume().await;
    stand.wait_view("the late answer", |view| view.ledger.released == 1 && view.troubles.is_empty()).await;
    assert_eq!(stand.detail(late).await.item.state, ItemState::Released);
    stand.release(after).await;
    release_all(&stand).await;
    stand.advance(Duration::from_secs(10)).await;
    reached(&stand).await;
    let calls = stand.renderer.notified();
    assert_eq!((fresh(&calls, "slow"), fresh(&calls, "after it")), (1, 1));
}

#[tokio::test]
async fn a_renderer_that_leaves_one_call_unanswered_and_goes_on_has_not_shown_it() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let lost = app.notify(&Notification::new("swallowed")).await;
    stand.wait_view("that nobody answers", |view| has_trouble(view, "renderer-silent")).await;
    stand.renderer.lose_one();
    stand.renderer.resume().await;
    stand.wait_view("an answer to something else", |view| view.troubles.is_empty()).await;
    let detail = stand.detail(lost).await;
    assert_eq!(detail.item.state, ItemState::Held);
    assert!(remark(&detail, "the notification daemon refused it").is_some(), "{:?}", detail.remarks);
    stand.release(lost).await;
    assert_eq!(stand.detail(lost).await.item.state, ItemState::Released);
}

fn has_trouble(view: &View, code: &str) -> bool {
    view.troubles.iter().any(|trouble| trouble.code == code)
}

#[tokio::test]
async fn check_44_an_answer_that_came_while_the_gate_was_dead_is_known_from_the_relay() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("on its way").action("open", "Open")).await;
    let popup = under_way(&mut stand).await;
    stand.kill9().await;
    stand.renderer.resume().await;
    stand.start_again().await;
    stand.wait_view("what the relay knows", |view| view.ledger.released == 1).await;
    shown_once_and_live(&mut stand, &app, id, &popup).await;
}

#[tokio::test]
async fn check_44_an_answer_that_comes_after_the_restart_is_known_from_the_relay() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("on its way").action("open", "Open")).await;
    let popup = under_way(&mut stand).await;
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Held);
    stand.renderer.resume().await;
    stand.wait_view("what the relay knows", |view| view.ledger.released == 1).await;
    shown_once_and_live(&mut stand, &app, id, &popup).await;
}

/// Releases the only one held to a renderer that does not answer.
async fn under_way(stand: &mut Stand) -> Recorded {
    stand.renderer.pause();
    release_all(stand).await;
    stand.renderer.wait_notified(1, DEADLINE).await.remove(0)
}

/// Nothing more comes however long one waits, and a click on the popup still reaches the app.
async fn shown_once_and_live(stand: &mut Stand, app: &Client, id: u32, popup: &Recorded) {
    let detail = stand.detail(id).await;
    let doubt = remark(&detail, "may have been shown");
    assert_eq!((detail.item.state, doubt), (ItemState::Released, None), "{detail:?}");
    stand.advance(Duration::from_secs(60)).await;
    stand.heed_renderer().await;
    assert_eq!(fresh(&stand.renderer.notified(), "on its way"), 1);
    let gate = stand.gate().await;
    stand.renderer.emit(&To::One(gate), &Signal::Action(popup.id(), "open".into())).await;
    assert_eq!(stand.next_signal(app).await, Signal::Action(id, "open".into()));
}

#[tokio::test]
async fn check_44_without_a_relay_that_knows_it_is_held_again_as_may_have_been_shown() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("on its way")).await;
    under_way(&mut stand).await;
    kill_relay(&mut stand).await;
    let detail = stand.detail(id).await;
    assert_eq!(detail.item.state, ItemState::Held);
    assert!(remark(&detail, "may have been shown").is_some(), "{:?}", detail.remarks);
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn a_popup_of_an_earlier_bus_is_not_looked_for_on_this_one_though_its_renderers_name_is_given_out_anew() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("shown before the bus died")).await;
    // The bus gives out its names as they are asked for, and whoever connects beside the renderer is not always as fast.
    for _ in 0..40 {
        stand.release(id).await;
        let before = renderer_name(&stand);
        stand.restart_bus().await;
        let detail = stand.detail(id).await;
        assert_eq!(detail.item.state, ItemState::Held, "its popup went with the bus: {detail:?}");
        assert!(stand.ledger().await.balanced);
        if renderer_name(&stand) == before {
            return;
        }
    }
    panic!("no bus gave the renderer the name of the one before");
}

fn renderer_name(stand: &Stand) -> String {
    stand.renderer.conn().unique_name().unwrap().to_string()
}

#[tokio::test]
async fn the_books_name_the_time_in_which_the_gate_was_away() {
    let mut stand = Stand::holding().await;
    assert_eq!(stand.ledger().await.absences, []);
    stand.kill9().await;
    stand.start_again().await;
    let absences = stand.ledger().await.absences;
    assert_eq!(absences.len(), 1);
    assert!(absences[0].since <= absences[0].until && absences[0].until == stand.view().await.now, "{absences:?}");
    let said = stand.cli(["ledger"]).await;
    assert!(said.stdout.contains("\ngate away ") && said.stdout.contains("was shown, not counted"), "{said:?}");
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(stand.ledger().await.absences.len(), 2);
    stand.must(verb::CheckIn { when: CheckInWhen::Now }).await;
    assert_eq!(stand.ledger().await.absences, [], "they were told with the digest");
}

#[tokio::test]
async fn check_44_a_relay_that_was_started_before_the_gate_does_not_claim_to_have_seen_everything() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let passed = app.notify(&Notification::new("on its way")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    kill_both(&mut stand).await;
    stand.session.run(program("tidegate-relay"), ["--daemonize"]).await.ok();
    stand.renderer = connect_renderer(&stand.session).await;
    tidegate_testkit::wait_owner(&stand.control, tidegate_testkit::NOTIFICATIONS, DEADLINE).await;
    stand.start_again().await;
    let view = stand.wait_view("what may have been shown", |view| view.held == 1).await;
    assert!(view.ledger.balanced, "{:?}", view.ledger);
    let detail = stand.detail(passed).await;
    assert_eq!(detail.item.state, ItemState::Held);
    assert!(remark(&detail, "may have been shown").is_some(), "{:?}", detail.remarks);
    stand.advance(Duration::from_secs(60)).await;
    assert_eq!(reached(&stand).await, 0, "it is not shown again by itself");
    // The same relay has seen all of the next gate's calls.
    stand.renderer.pause();
    let ids = hold_many(&app, 2).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.kill9().await;
    stand.renderer.resume().await;
    stand.start_again().await;
    stand.renderer.wait_notified(2, DEADLINE).await;
    stand.heed_renderer().await;
    for (number, id) in ids.into_iter().enumerate() {
        assert_eq!(fresh(&stand.renderer.notified(), &format!("number {number}")), 1);
        assert_eq!(stand.detail(id).await.item.state, ItemState::Passed);
    }
}

#[tokio::test]
async fn what_a_renderer_leaves_with_may_have_been_shown() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let id = app.notify(&Notification::new("on its way")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.renderer.conn().clone().close().await.unwrap();
    stand.wait_view("what it left with", |view| view.held == 1).await;
    let detail = stand.detail(id).await;
    assert!(remark(&detail, "may have been shown").is_some(), "{:?}", detail.remarks);
    assert!(stand.ledger().await.balanced);
    stand.renderer = connect_renderer(&stand.session).await;
    stand.wait_view("another", |view| view.renderer.up).await;
    stand.advance(Duration::from_secs(60)).await;
    assert_eq!(reached(&stand).await, 0, "it is not shown again by itself");
}

#[tokio::test]
async fn what_a_killed_gate_had_not_sent_any_more_comes_before_what_has_arrived_since() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    hold_many(&app, 5).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    let renderer = renderer_name(&stand);
    stand.renderer.conn().clone().close().await.unwrap();
    stand.wait_view("the loss of the renderer", |view| !view.renderer.up).await;
    tidegate_testkit::wait_no_owner(&stand.control, &renderer, DEADLINE).await;
    stand.daemon.kill9(DEADLINE).await;
    tidegate_testkit::wait_no_owner(&stand.control, tidegate_contract::BUS_NAME, DEADLINE).await;
    stand.daemon = tidegate_tests_process::start_daemon(&stand.session);
    tidegate_testkit::wait_owner(&stand.control, tidegate_testkit::NOTIFICATIONS, DEADLINE).await;
    app.notify(&Notification::new("number 5")).await;
    stand.renderer = connect_renderer(&stand.session).await;
    let shown: Vec<String> = stand.renderer.wait_notified(5, DEADLINE).await.iter().map(Recorded::summary).collect();
    assert_eq!(shown, ["number 1", "number 2", "number 3", "number 4", "number 5"]);
}

/// Gate and relay killed together; both back, with another renderer behind.
async fn kill_relay(stand: &mut Stand) {
    kill_both(stand).await;
    stand.daemon = tidegate_tests_process::start_daemon(&stand.session);
    tidegate_testkit::wait_owner(&stand.control, tidegate_testkit::NOTIFICATIONS, DEADLINE).await;
    stand.renderer = connect_renderer(&stand.session).await;
    stand.wait_view("the renderer behind the gate", |view| view.renderer.up && view.gate.in_path).await;
}

async fn kill_both(stand: &mut Stand) {
    let relay = stand.session.processes().into_iter().find(|pid| runs(*pid, "tidegate-relay")).unwrap();
    stand.daemon.kill9(DEADLINE).await;
    stand.session.run("sh", ["-c", &format!("kill -9 {relay}")]).await.ok();
    for name in [tidegate_testkit::NOTIFICATIONS, tidegate_contract::BUS_NAME] {
        tidegate_testkit::wait_no_owner(&stand.control, name, DEADLINE).await;
    }
}

#[tokio::test]
async fn check_44_an_action_goes_out_once_also_across_a_crash() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("a question").action("yes", "Yes")).await;
    stand.press(id, Some("yes")).await.unwrap();
    assert_eq!(stand.heard(&app).await, [Signal::Action(id, "yes".into()), Signal::Closed(id, 2)]);
    stand.kill9().await;
    stand.start_again().await;
    assert!(stand.press(id, Some("yes")).await.is_err());
    assert!(stand.heard(&app).await.is_empty());
}

#[tokio::test]
async fn check_44_a_reply_goes_out_once_also_across_a_crash() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("a question").action("inline-reply", "Reply")).await;
    stand.must(verb::Reply { id, text: "yes".into() }).await;
    assert_eq!(stand.heard(&app).await, [Signal::Replied(id, "yes".into()), Signal::Closed(id, 2)]);
    stand.kill9().await;
    stand.start_again().await;
    assert!(stand.ask(verb::Reply { id, text: "yes".into() }).await.is_err());
    assert!(stand.heard(&app).await.is_empty());
}

#[tokio::test]
async fn check_45_a_release_keeps_the_order_of_arrival_and_shows_the_last_text_of_a_replaced_one() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let ids = hold_many(&app, 3).await;
    app.notify(&Notification::new("number 1, corrected").replaces(ids[1])).await;
    release_all(&stand).await;
    for count in 1..=3 {
        stand.renderer.wait_notified(count, DEADLINE).await;
        stand.heed_renderer().await;
        stand.advance(PACE).await;
    }
    assert_eq!(reached(&stand).await, 3);
    let shown: Vec<String> = stand.renderer.notified().iter().map(Recorded::summary).collect();
    assert_eq!(shown, ["number 0", "number 1, corrected", "number 2"]);
}

#[tokio::test]
async fn check_46_a_release_makes_one_sound_at_most() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    for text in ["first", "second", "third"] {
        app.notify(&Notification::new(text).hint("sound-name", "message-new-instant")).await;
    }
    release_all(&stand).await;
    for count in 1..=3 {
        stand.renderer.wait_notified(count, DEADLINE).await;
        stand.heed_renderer().await;
        stand.advance(PACE).await;
    }
    let quiet: Vec<bool> = stand.renderer.notified().iter().map(is_quiet).collect();
    assert_eq!(quiet, [false, true, true]);
}

fn is_quiet(call: &Recorded) -> bool {
    let hints = call.fields().hints;
    hints.get("suppress-sound").is_some_and(|value| bool::try_from(value).unwrap())
}

#[tokio::test]
async fn check_47_an_open_gate_answers_before_the_renderer_and_forwards_at_once() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let ids = hold_many(&app, 3).await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await[0].summary(), "number 0");
    assert_eq!(reached(&stand).await, 1, "one call is outstanding");
    stand.renderer.resume().await;
    let shown = stand.renderer.wait_notified(3, DEADLINE).await;
    assert_eq!(shown.iter().map(Recorded::summary).collect::<Vec<_>>(), ["number 0", "number 1", "number 2"]);
    for id in ids {
        assert_eq!(stand.detail(id).await.item.state, ItemState::Passed);
    }
}

#[tokio::test]
async fn check_47_what_an_open_gate_has_answered_is_shown_once_though_it_is_killed() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let ids = hold_many(&app, 3).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.kill9().await;
    stand.renderer.resume().await;
    stand.start_again().await;
    stand.renderer.wait_notified(3, DEADLINE).await;
    stand.heed_renderer().await;
    let shown = stand.renderer.notified();
    for (number, id) in ids.into_iter().enumerate() {
        assert_eq!(fresh(&shown, &format!("number {number}")), 1);
        assert_eq!(stand.detail(id).await.item.state, ItemState::Passed);
    }
}
