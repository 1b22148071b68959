//! Closing and expiry (checks 22 to 30): who is told what, when, and never twice.

use std::time::Duration;
use tidegate_contract::{Code, ItemState, verb};
use tidegate_testkit::{Client, DEADLINE, LibnotifySender, NOTIFICATIONS, Notification, NotifySend, Signal, next_item};
use tidegate_tests_process::{Stand, words};
use zbus::message::Type;
use zbus::{Message, MessageStream};

const TEN_HOURS: Duration = Duration::from_secs(36_000);
const SECOND: Duration = Duration::from_secs(1);

/// One of an app that only says which it is.
fn of(app: &str, summary: &str) -> Notification {
    Notification::new(summary).hint("desktop-entry", app.to_owned())
}

/// What an app's connection received, in order: "reply" for the answer to a call, and members of signals.
async fn order(app: &Client, call: &Message, count: usize) -> Vec<String> {
    let mut messages = MessageStream::from(app.conn());
    let serial = app.send_message(call).await;
    let mut order = Vec::new();
    while order.len() < count {
        let message = next_item(DEADLINE, "the answer and its signals", &mut messages).await.unwrap();
        let header = message.header();
        if header.reply_serial() == Some(serial) {
            order.push("reply".to_owned());
        } else if message.message_type() == Type::Signal && header.interface().is_some_and(|it| *it == NOTIFICATIONS) {
            order.push(header.member().unwrap().to_string());
        }
    }
    order
}

fn close_call(id: u32) -> Message {
    let call = Message::method_call("/org/freedesktop/Notifications", "CloseNotification").unwrap();
    call.destination(NOTIFICATIONS).unwrap().interface(NOTIFICATIONS).unwrap().build(&id).unwrap()
}

#[tokio::test]
async fn check_22_while_held_nothing_is_ever_closed_as_expired() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let mut ids = Vec::new();
    for (timeout, urgency) in [(1, 0_u8), (1_000, 1), (5_000, 2), (-1, 0), (0, 1)] {
        let one = Notification::new("one").action("a", "A").timeout(timeout).hint("urgency", urgency);
        ids.push(app.notify(&one).await);
    }
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
    stand.kill9().await;
    stand.start_again().await;
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
    stand.terminate().await;
    stand.start_again().await;
    assert_eq!(stand.heard(&app).await, [], "a logout keeps what is held, too");
    assert_eq!(stand.held().await.iter().map(|item| item.id).collect::<Vec<_>>(), ids);
    for id in ids {
        stand.press(id, Some("a")).await.unwrap();
        assert_eq!(stand.next_signal(&app).await, Signal::Action(id, "a".into()));
        assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 2));
    }
}

#[tokio::test]
async fn check_22_a_script_goes_on_at_its_own_time_out_and_its_row_stays_held() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let other = app.notify(&Notification::new("an app's own").action("stop", "Stop").timeout(1_500)).await;
    let waits = ["--print-id", "--expire-time=1500", "--action=stop=Stop", "Suspending in 1.5 s"];
    let mut script = NotifySend::start(&stand.session, waits);
    let id = script.id(DEADLINE).await;
    let forever = ["--print-id", "--expire-time=0", "--action=stop=Stop", "Waits for an answer"];
    let mut patient = NotifySend::start(&stand.session, forever);
    let kept = patient.id(DEADLINE).await;
    stand.advance(Duration::from_millis(1_499)).await;
    assert!(script.is_running());
    stand.kill9().await;
    stand.start_again().await;
    stand.advance(Duration::from_millis(1)).await;
    assert_eq!(script.wait(DEADLINE).await, (0, vec![]), "as without a gate");
    stand.advance(TEN_HOURS).await;
    let held: Vec<_> = stand.held().await.iter().map(|item| (item.id, item.live, item.script_went_on)).collect();
    assert_eq!(held, [(other, true, false), (id, false, true), (kept, true, false)]);
    let pressed = stand.press(id, Some("stop")).await.unwrap_err();
    assert!(words(&pressed.message).contains("its script went on"), "{pressed:?}");
    assert!(stand.detail(id).await.remarks.iter().any(|remark| words(remark).contains("its script went on")));
    assert!(stand.cli(["held"]).await.ok().contains("[its script went on"));
    assert_eq!((stand.heard(&app).await, patient.is_running()), (vec![], true));
    assert_eq!(stand.release(id).await.fields().actions, [""; 0], "no dead button is shown");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.released, ledger.expired, ledger.balanced), (2, 1, 0, true));
}

#[tokio::test]
async fn check_22_libnotifys_callbacks_stay_alive_while_held() {
    let mut stand = Stand::holding().await;
    let mut app = LibnotifySender::start(&stand.session).await;
    let id = app.show("one", "", &[("later", "Later")]).await;
    stand.advance(TEN_HOURS).await;
    stand.press(id, Some("later")).await.unwrap();
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Action(id, "later".into()), "nothing came before the press");
}

#[tokio::test]
async fn check_23_closing_a_held_one_withdraws_it_for_good() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("read elsewhere").action("a", "A")).await;
    let other = app.notify(&Notification::new("still new")).await;
    assert_eq!(order(&app, &close_call(id), 2).await, ["reply", "NotificationClosed"]);
    stand.daemon.kill9(DEADLINE).await;
    stand.start_again().await;
    assert_eq!(app.next_signal(DEADLINE).await.signal, Signal::Closed(id, 3));
    assert_eq!(stand.heard(&app).await, [], "not once more by the next gate");
    assert_eq!(stand.detail(id).await.item.state, ItemState::Withdrawn, "it was committed before the reply");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.held, ledger.withdrawn, ledger.balanced), (2, 1, 1, true));
    stand.must(verb::Release { which: tidegate_contract::Which::All }).await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await[0].summary(), "still new");
    stand.heed_renderer().await;
    stand.advance(SECOND).await;
    assert_eq!((stand.renderer.notified().len(), stand.held().await.len()), (1, 0));
    let one = stand.ask(verb::Release { which: tidegate_contract::Which::Ids { ids: vec![id] } }).await;
    assert_eq!(one.unwrap_err().code, Code::Conflict);
    assert_eq!(stand.heard(&app).await, []);
    assert_ne!(id, other);
}

#[tokio::test]
async fn check_23_libnotify_takes_a_held_one_back() {
    let stand = Stand::holding().await;
    let mut app = LibnotifySender::start(&stand.session).await;
    let id = app.show("read elsewhere", "", &[]).await;
    app.close(id).await;
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Closed(id, 3));
    assert_eq!(stand.held().await, []);
    assert_eq!(app.finish(DEADLINE).await, []);
}

#[tokio::test]
async fn check_24_closing_a_released_one_closes_it_at_the_renderer() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    stand.renderer.set_next_id(41);
    let id = app.notify(&Notification::new("one")).await;
    stand.release(id).await;
    app.close(id).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [41]);
    assert_eq!(stand.heard(&app).await, [Signal::Closed(id, 3)], "the renderer's own is not told once more");
    let item = stand.detail(id).await.item;
    assert_eq!(item.state, ItemState::Released, "where it was when its app closed it");
}

#[tokio::test]
async fn check_24_one_on_its_way_is_closed_once_it_has_arrived() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.set_next_id(41);
    stand.renderer.pause();
    let id = app.notify(&Notification::new("one")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    app.close(id).await.unwrap();
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 3));
    stand.renderer.resume().await;
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [41]);
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_25_an_unknown_or_twice_closed_id_is_success_without_a_signal() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    for unknown in [0, 1, 9, (1 << 30) - 1, 1 << 30, (1 << 30) + 77, u32::MAX] {
        app.close(unknown).await.unwrap_or_else(|error| panic!("{unknown}: {error}"));
    }
    assert_eq!(stand.heard(&app).await, []);
    let (held, released) = (app.notify(&Notification::new("one")).await, app.notify(&Notification::new("two")).await);
    stand.release(released).await;
    for id in [held, released] {
        app.close(id).await.unwrap();
        assert_eq!(stand.heard(&app).await, [Signal::Closed(id, 3)]);
        app.close(id).await.unwrap();
        assert_eq!(stand.heard(&app).await, []);
    }
    assert_eq!(stand.ledger().await.withdrawn, 1);
}

#[tokio::test]
async fn check_25_an_id_from_another_server_closes_nothing_at_the_renderer() {
    let stand = Stand::start().await;
    let (owner, other) = (stand.app().await, stand.app().await);
    stand.renderer.set_next_id(41);
    let id = owner.notify(&Notification::new("one")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    for unknown in [0, 1, 41, 42, (1 << 30) - 1] {
        other.close(unknown).await.unwrap();
    }
    owner.close(id).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [41], "by its owner alone");
    assert_eq!(stand.heard(&owner).await, [Signal::Closed(id, 3)]);
    assert_eq!(stand.heard(&other).await, []);
}

#[tokio::test]
async fn check_26_closing_a_live_other_clients_does_nothing() {
    let mut stand = Stand::holding().await;
    let (owner, other) = (stand.app().await, stand.app().await);
    let id = owner.notify(&Notification::new("mine")).await;
    other.close(id).await.unwrap();
    assert_eq!(stand.held().await.len(), 1);
    stand.release(id).await;
    other.close(id).await.unwrap();
    assert_eq!(stand.heard(&owner).await, []);
    assert_eq!(stand.heard(&other).await, []);
    owner.close(id).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await.len(), 1);
}

#[tokio::test]
async fn check_26_who_is_live_is_known_after_a_restart() {
    let mut stand = Stand::holding().await;
    let (stays, leaves, other) = (stand.app().await, stand.app().await, stand.app().await);
    let (kept, left) =
        (stays.notify(&Notification::new("mine")).await, leaves.notify(&Notification::new("mine")).await);
    stand.kill9().await;
    leaves.leave(&stand.session).await;
    stand.start_again().await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| (item.id, item.live)).collect::<Vec<_>>(), [(kept, true), (left, false)]);
    other.close(kept).await.unwrap();
    assert_eq!(stand.held().await.len(), 2);
    other.close(left).await.unwrap();
    stays.close(kept).await.unwrap();
    assert_eq!(stand.heard(&stays).await, [Signal::Closed(kept, 3)]);
    assert_eq!(stand.ledger().await.withdrawn, 2);
}

#[tokio::test]
async fn check_26_closing_a_departed_clients_is_for_the_same_app() {
    let stand = Stand::holding().await;
    let (owner, other) = (stand.app().await, stand.app().await);
    let (program, claimed) = (Notification::new("known by its program"), of("org.example.Mail", "by what it says"));
    let (by_program, by_claim) = (owner.notify(&program).await, owner.notify(&claimed).await);
    let script = NotifySend::send(&stand.session, ["a script's"]).await;
    owner.leave(&stand.session).await;
    let state = async |id| stand.detail(id).await.item.state;
    for id in [by_program, by_claim, script] {
        other.close(id).await.unwrap();
    }
    assert_eq!(state(by_program).await, ItemState::Withdrawn);
    assert_eq!((state(by_claim).await, state(script).await), (ItemState::Held, ItemState::Held));
    other.notify(&of("org.example.Mail", "says the same")).await;
    for id in [by_claim, script] {
        other.close(id).await.unwrap();
    }
    assert_eq!((state(by_claim).await, state(script).await), (ItemState::Withdrawn, ItemState::Held));
    assert_eq!(stand.heard(&other).await, [], "none was its own");
}

#[tokio::test]
async fn check_27_done_closes_with_2_when_its_undo_has_run_out() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one")).await;
    stand.done(id).await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Done, "at once for the user");
    stand.advance(30 * SECOND - Duration::from_millis(1)).await;
    assert_eq!(stand.heard(&app).await, []);
    stand.advance(Duration::from_millis(1)).await;
    assert_eq!(stand.heard(&app).await, [Signal::Closed(id, 2)]);
    assert_eq!(stand.ask(verb::Undo { id: Some(id) }).await.unwrap_err().code, Code::Conflict);
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_27_done_that_is_undone_in_time_closes_nothing() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one").action("a", "A")).await;
    stand.done(id).await;
    stand.advance(29 * SECOND).await;
    stand.must(verb::Undo { id: None }).await;
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
    assert_eq!(stand.held().await[0].id, id);
    stand.press(id, Some("a")).await.unwrap();
    assert_eq!(stand.next_signal(&app).await, Signal::Action(id, "a".into()));
}

#[tokio::test]
async fn check_27_done_before_a_restart_closes_after_it() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one")).await;
    stand.done(id).await;
    stand.kill9().await;
    stand.clock.advance_unheard(60 * SECOND);
    stand.start_again().await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 2));
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_27_a_waiting_notify_send_ends_when_its_own_is_done() {
    let mut stand = Stand::holding().await;
    let mut sender = NotifySend::start(&stand.session, ["--wait", "--print-id", "one"]);
    let id = sender.id(DEADLINE).await;
    stand.done(id).await;
    stand.advance(29 * SECOND).await;
    assert!(sender.is_running());
    stand.advance(SECOND).await;
    assert_eq!(sender.wait(DEADLINE).await, (0, vec![]));
}

#[tokio::test]
async fn check_27_a_muted_one_is_answered_and_then_closed() {
    let stand = Stand::start_with_settings("[apps]\n\"org.example.Noise\" = \"mute\"\n").await;
    let app = stand.app().await;
    let noise = Notification::new("buy now").hint("desktop-entry", "org.example.Noise");
    assert_eq!(order(&app, &noise.message(NOTIFICATIONS), 2).await, ["reply", "NotificationClosed"]);
    let [Signal::Closed(id, 2)] = stand.heard(&app).await[..] else { panic!("not closed with 2") };
    assert_eq!(stand.detail(id).await.item.state, ItemState::Muted);
    stand.hold().await;
    let held = app.notify(&noise).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(held, 2));
    assert_eq!(stand.heard(&app).await, []);
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.muted, ledger.held, ledger.balanced), (2, 2, 0, true));
    assert_eq!(stand.renderer.notified().len(), 0);
}

#[tokio::test]
async fn check_27_a_waiting_notify_send_of_a_muted_app_does_not_hang() {
    let stand = Stand::start_with_settings("[apps]\n\"notify-send\" = \"mute\"\n").await;
    let mut sender = NotifySend::start(&stand.session, ["--wait", "one"]);
    assert_eq!(sender.wait(DEADLINE).await, (0, vec![]));
    assert_eq!(stand.ledger().await.muted, 1);
}

#[tokio::test]
async fn check_28_a_timeout_starts_when_it_is_shown() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let mut ids = Vec::new();
    for (timeout, urgency) in [(5_000, 1_u8), (0, 1), (-1, 1), (5_000, 2)] {
        ids.push((app.notify(&Notification::new("one").timeout(timeout).hint("urgency", urgency)).await, timeout));
    }
    stand.advance(TEN_HOURS).await;
    for (id, timeout) in ids {
        let released = stand.release(id).await;
        assert_eq!(released.fields().timeout, timeout, "the renderer gets it whole, however late it is");
        stand.advance(60 * SECOND).await;
        assert_eq!(stand.heard(&app).await, [], "the renderer's clock runs now, not ours");
        stand.renderer.emit_to_caller(&released, &Signal::Closed(released.id(), 1)).await;
        assert_eq!(stand.heard(&app).await, [Signal::Closed(id, 1)]);
    }
}

#[tokio::test]
async fn check_29_after_closed_an_id_is_dead() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let one = Notification::new("one").action("a", "A").action("inline-reply", "Reply");
    let (withdrawn, done) = (app.notify(&one).await, app.notify(&one).await);
    let (dismissed, resident) = (app.notify(&one).await, app.notify(&one.clone().hint("resident", true)).await);
    app.close(withdrawn).await.unwrap();
    stand.done(done).await;
    stand.advance(30 * SECOND).await;
    let mut shown = Vec::new();
    for id in [dismissed, resident] {
        let released = stand.release(id).await;
        stand.renderer.emit_to_caller(&released, &Signal::Closed(released.id(), 2)).await;
        stand.heed_renderer().await;
        shown.push(released);
    }
    let closed = [(withdrawn, 3), (done, 2), (dismissed, 2), (resident, 2)];
    assert_eq!(stand.heard(&app).await, closed.map(|(id, reason)| Signal::Closed(id, reason)));
    for id in [withdrawn, done, dismissed, resident] {
        assert_eq!(stand.press(id, Some("a")).await.unwrap_err().code, Code::Conflict);
        let reply = stand.ask(verb::Reply { id, text: "late".into() }).await;
        assert_eq!(reply.unwrap_err().code, Code::Conflict);
    }
    for released in &shown {
        let id = released.id();
        let said = [
            Signal::Token(id, "token".into()),
            Signal::Action(id, "a".into()),
            Signal::Replied(id, "late".into()),
            Signal::Closed(id, 2),
        ];
        for signal in said {
            stand.renderer.emit_to_caller(released, &signal).await;
        }
    }
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_29_a_restart_does_not_bring_a_dead_id_back() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one").action("a", "A")).await;
    app.close(id).await.unwrap();
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 3));
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(stand.press(id, Some("a")).await.unwrap_err().code, Code::Conflict);
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_30_the_sender_leaving_changes_nothing_for_a_held_one() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let one = Notification::new("one").body("stays").action("a", "A").hint("desktop-entry", "org.example.Mail");
    let id = app.notify(&one).await;
    let before = stand.held().await.remove(0);
    app.leave(&stand.session).await;
    let mut sender = NotifySend::start(&stand.session, ["--wait", "--print-id", "killed"]);
    let killed = sender.id(DEADLINE).await;
    sender.kill9(DEADLINE).await;
    stand.advance(TEN_HOURS).await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| item.id).collect::<Vec<_>>(), [id, killed]);
    assert_eq!(held[0], tidegate_contract::Item { live: false, ..before });
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.withdrawn, ledger.balanced), (2, 0, true));
    assert_eq!(stand.release(id).await.fields().body, "stays");
}
