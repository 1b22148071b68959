//! Actions (checks 31 to 36): what a press sends, to whom, in which order, hours later too.

use std::time::Duration;
use tidegate_contract::{Code, ItemState, Outcome, verb};
use tidegate_testkit::{
    DEADLINE, GNotificationSender, LibnotifySender, Monitor, NOTIFICATIONS, Notification, NotifySend, QtTray, Session,
    Signal, StatusNotifierWatcher, To, TrayEvent, Xvfb, emit, heard,
};
use tidegate_tests_process::{Stand, words};
use zbus::zvariant::Value;

const TEN_HOURS: Duration = Duration::from_secs(36_000);
const FIRST_ID: u32 = 1 << 30;

fn question() -> Notification {
    Notification::new("Come?").action("default", "Open").action("yes", "Yes").action("no", "No")
}

#[tokio::test]
async fn check_31_token_then_action_then_closed() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    let shown = stand.release(id).await;
    let at = shown.id();
    for said in [Signal::Token(at, "wayland-1".into()), Signal::Action(at, "yes".into()), Signal::Closed(at, 2)] {
        stand.renderer.emit_to_caller(&shown, &said).await;
    }
    let order = [Signal::Token(id, "wayland-1".into()), Signal::Action(id, "yes".into()), Signal::Closed(id, 2)];
    assert_eq!(stand.heard(&app).await, order);
}

#[tokio::test]
async fn check_31_a_press_in_our_own_hands_has_no_token_and_closes_with_2() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let (held, released) = (app.notify(&question()).await, app.notify(&question()).await);
    let shown = stand.release(released).await;
    stand.press(held, Some("no")).await.unwrap();
    assert_eq!(stand.heard(&app).await, [Signal::Action(held, "no".into()), Signal::Closed(held, 2)]);
    stand.press(released, None).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [shown.id()]);
    assert_eq!(stand.heard(&app).await, [Signal::Action(released, "default".into()), Signal::Closed(released, 2)]);
    assert_eq!(stand.detail(held).await.item.state, ItemState::Done);
    assert_eq!(stand.press(held, Some("no")).await.unwrap_err().code, Code::Conflict, "at most once");
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_31_the_token_of_a_press_in_our_own_hands_is_passed_on_and_is_bounded() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    let press = |token: String| verb::Act { id, action: Some("yes".into()), token: Some(token) };
    for bad in ["x".repeat(513), "two\nlines".to_owned()] {
        assert_eq!(stand.ask(press(bad)).await.unwrap_err().code, Code::Invalid);
    }
    stand.must(press("wayland-1".into())).await;
    let order = [Signal::Token(id, "wayland-1".into()), Signal::Action(id, "yes".into()), Signal::Closed(id, 2)];
    assert_eq!(stand.heard(&app).await, order);
}

#[tokio::test]
async fn check_31_only_a_real_token_is_passed_on_and_only_with_its_own_action() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let (one, other) = (app.notify(&question()).await, app.notify(&question()).await);
    let shown = stand.renderer.wait_notified(2, DEADLINE).await;
    stand.heed_renderer().await;
    let (first, second) = (shown[0].id(), shown[1].id());
    let said = [
        Signal::Token(first, "of the first".into()),
        Signal::Action(second, "yes".into()),
        Signal::Token(second, String::new()),
        Signal::Closed(second, 2),
    ];
    for signal in said {
        stand.renderer.emit_to_caller(&shown[1], &signal).await;
    }
    assert_eq!(stand.heard(&app).await, [Signal::Action(other, "yes".into()), Signal::Closed(other, 2)]);
    stand.renderer.emit_to_caller(&shown[0], &Signal::Action(first, "yes".into())).await;
    let with_token = [Signal::Token(one, "of the first".into()), Signal::Action(one, "yes".into())];
    assert_eq!(stand.heard(&app).await, with_token);
    let third = app.notify(&question()).await;
    let shown = stand.renderer.wait_notified(3, DEADLINE).await.remove(2);
    stand.heed_renderer().await;
    for signal in [Signal::Token(shown.id(), String::new()), Signal::Action(shown.id(), "no".into())] {
        stand.renderer.emit_to_caller(&shown, &signal).await;
    }
    assert_eq!(stand.heard(&app).await, [Signal::Action(third, "no".into())], "an empty token is none");
}

#[tokio::test]
async fn check_31_a_resident_one_is_not_closed_and_can_be_pressed_again() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let player = question().hint("resident", true);
    let id = app.notify(&player).await;
    for key in ["yes", "no", "yes"] {
        stand.press(id, Some(key)).await.unwrap();
        assert_eq!(stand.heard(&app).await, [Signal::Action(id, key.into())]);
    }
    assert_eq!((stand.held().await[0].id, stand.held().await[0].live), (id, true));
    let shown = stand.release(id).await;
    for key in ["yes", "no"] {
        stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), key.into())).await;
        assert_eq!(stand.heard(&app).await, [Signal::Action(id, key.into())]);
    }
    stand.press(id, Some("yes")).await.unwrap();
    assert_eq!(stand.heard(&app).await, [Signal::Action(id, "yes".into())]);
}

#[tokio::test]
async fn check_31_each_press_on_a_popup_that_stays_is_heard() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let passed = app.notify(&question()).await;
    let first = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    stand.hold().await;
    let held = app.notify(&question()).await;
    let second = stand.release(held).await;
    for (id, shown) in [(passed, first), (held, second)] {
        for key in ["yes", "yes", "no", "yes"] {
            stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), key.into())).await;
            assert_eq!(stand.heard(&app).await, [Signal::Action(id, key.into())]);
        }
        stand.press(id, Some("yes")).await.unwrap();
        assert_eq!(stand.heard(&app).await, [Signal::Action(id, "yes".into()), Signal::Closed(id, 2)]);
        stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "yes".into())).await;
        assert_eq!(stand.heard(&app).await, [], "after Closed it is dead");
    }
}

#[tokio::test]
async fn check_32_every_signal_goes_to_its_sender_alone_from_the_owner_of_the_name() {
    let mut stand = Stand::holding().await;
    let rule = format!("type='signal',interface='{NOTIFICATIONS}'");
    let mut monitor = Monitor::start(&stand.session.address(), &[&rule, "type='method_call'"]).await;
    let (app, other) = (stand.app().await, stand.app().await);
    other.notify(&question()).await;
    let reply = Notification::new("Write back").action("inline-reply", "Reply");
    let (pressed, withdrawn) = (app.notify(&question()).await, app.notify(&question()).await);
    let done = app.notify(&question()).await;
    let (replied, released) = (app.notify(&reply).await, app.notify(&question()).await);
    stand.press(pressed, Some("yes")).await.unwrap();
    app.close(withdrawn).await.unwrap();
    stand.done(done).await;
    stand.advance(Duration::from_secs(30)).await;
    stand.must(verb::Reply { id: replied, text: "on my way".into() }).await;
    let shown = stand.release(released).await;
    for said in [Signal::Token(shown.id(), "t".into()), Signal::Action(shown.id(), "no".into())] {
        stand.renderer.emit_to_caller(&shown, &said).await;
    }
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    let wanted = stand.heard(&app).await;
    assert_eq!(wanted.len(), 9);
    assert_eq!(stand.heard(&other).await, []);
    let (gate, name) = (stand.gate().await, app.unique_name());
    let seen = monitor.so_far(&stand.session.address(), DEADLINE).await;
    let of_the_gate: Vec<_> = seen.iter().filter_map(heard).filter(|heard| heard.from == gate).collect();
    assert!(of_the_gate.iter().all(|heard| heard.to.as_ref() == Some(&name)), "{of_the_gate:?}");
    let signals: Vec<_> = of_the_gate.into_iter().map(|heard| heard.signal).collect();
    assert_eq!(signals, wanted);
}

#[tokio::test]
async fn check_32_one_qt_tray_never_fires_for_anothers_message() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _panel = StatusNotifierWatcher::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    let (mut one, mut other) = (QtTray::start(&stand.session).await, QtTray::start(&stand.session).await);
    one.show("of the first", "").await;
    stand.wait_held(1).await;
    other.show("of the second", "").await;
    let held = stand.wait_held(2).await;
    let (first, second) = (stand.release(held[0].id).await, stand.release(held[1].id).await);
    stand.renderer.emit_to_caller(&first, &Signal::Action(first.id(), "default".into())).await;
    assert_eq!(one.next_event(DEADLINE).await, TrayEvent::MessageClicked);
    stand.renderer.emit_to_caller(&second, &Signal::Closed(second.id(), 2)).await;
    stand.heed_renderer().await;
    assert_eq!(other.finish(DEADLINE).await, []);
    assert_eq!(one.finish(DEADLINE).await, []);
}

#[tokio::test]
async fn check_32_what_the_renderer_told_an_app_itself_while_the_gate_was_away_is_not_told_again() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.kill9().await;
    app.notify(&question()).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(shown.sender(), app.unique_name());
    let pressed = |key: &str| Signal::Action(shown.id(), key.to_owned());
    stand.renderer.emit_to_caller(&shown, &pressed("yes")).await;
    let renderer = stand.renderer.conn().unique_name().unwrap().to_string();
    let heard = app.next_signal(DEADLINE).await;
    assert_eq!((heard.from, heard.signal), (renderer.clone(), pressed("yes")));
    stand.start_again().await;
    stand.renderer.emit_to_caller(&shown, &pressed("no")).await;
    let gate = stand.gate().await;
    let from_gate = loop {
        let heard = app.next_signal(DEADLINE).await;
        if heard.from == gate {
            break heard.signal;
        }
    };
    assert_eq!(
        from_gate,
        pressed("no"),
        "an app listens to the owner of the name, and only what it cannot hear is repeated"
    );
}

#[tokio::test]
async fn check_32_a_unique_name_given_out_anew_after_a_bus_restart_is_another_sender() {
    let mut stand = Stand::holding().await;
    let mut names = Vec::new();
    for _ in 0..20 {
        names.push(stand.session.connect().await);
    }
    let app = stand.app().await;
    let name = app.unique_name();
    let id = app.notify(&question()).await;
    assert!(stand.held().await[0].live);
    stand.restart_bus().await;
    let impostor = loop {
        let next = stand.app().await;
        if next.unique_name() == name {
            break next;
        }
        names.push(next.conn().clone());
    };
    let own = impostor.notify(&question()).await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| (item.id, item.live)).collect::<Vec<_>>(), [(id, false), (own, true)]);
    assert_eq!(stand.press(id, Some("yes")).await.unwrap_err().code, Code::AppGone);
    stand.done(id).await;
    stand.advance(Duration::from_secs(30)).await;
    assert_eq!(stand.heard(&impostor).await, []);
    stand.press(own, Some("yes")).await.unwrap();
    assert_eq!(stand.next_signal(&impostor).await, Signal::Action(own, "yes".into()));
}

#[tokio::test]
async fn check_33_colliding_ids_are_told_apart_both_ways() {
    let mut stand = Stand::holding().await;
    let (first, second) = (stand.app().await, stand.app().await);
    let (one, two) = (first.notify(&question()).await, second.notify(&question()).await);
    assert_eq!((one, two), (FIRST_ID, FIRST_ID + 1));
    stand.renderer.set_next_id(two);
    let (one_shown, two_shown) = (stand.release(one).await, stand.release(two).await);
    assert_eq!(
        (one_shown.id(), two_shown.id()),
        (two, two + 1),
        "the renderer's id of the first is ours of the second"
    );
    stand.renderer.emit_to_caller(&one_shown, &Signal::Action(two, "yes".into())).await;
    assert_eq!(stand.heard(&first).await, [Signal::Action(one, "yes".into())]);
    assert_eq!(stand.heard(&second).await, []);
    second.notify(&Notification::new("edited").replaces(two)).await;
    let edit = stand.renderer.wait_notified(3, DEADLINE).await.remove(2);
    assert_eq!(edit.fields().replaces_id, two + 1);
    stand.heed_renderer().await;
    second.close(two).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [two + 1]);
    assert_eq!(stand.heard(&second).await, [Signal::Closed(two, 3)]);
    assert_eq!(stand.heard(&first).await, []);
}

#[tokio::test]
async fn check_33_a_number_that_the_renderer_gives_out_again_is_the_new_popups_alone() {
    let mut stand = Stand::start().await;
    let (first, second) = (stand.app().await, stand.app().await);
    let mut ids = Vec::new();
    for (nth, app) in [&first, &second].into_iter().enumerate() {
        stand.renderer.set_next_id(4);
        ids.push(app.notify(&question()).await);
        stand.renderer.wait_notified(nth + 1, DEADLINE).await;
        stand.heed_renderer().await;
    }
    assert_eq!(stand.heard(&first).await, [Signal::Closed(ids[0], 4)], "its popup is gone");
    stand.kill9().await;
    stand.start_again().await;
    let shown = stand.renderer.notified().remove(1);
    for signal in [Signal::Action(4, "yes".into()), Signal::Closed(4, 2)] {
        stand.renderer.emit_to_caller(&shown, &signal).await;
    }
    assert_eq!(stand.next_signal(&second).await, Signal::Action(ids[1], "yes".into()));
    assert_eq!(stand.next_signal(&second).await, Signal::Closed(ids[1], 2));
    assert_eq!(stand.heard(&first).await, []);
}

#[tokio::test]
async fn check_33_unknown_renderer_ids_and_signals_of_strangers_are_dropped() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    let shown = stand.release(id).await;
    for unknown in [0, 999, id, u32::MAX] {
        let said = [
            Signal::Token(unknown, "t".into()),
            Signal::Action(unknown, "yes".into()),
            Signal::Replied(unknown, "text".into()),
            Signal::Closed(unknown, 2),
        ];
        for signal in said {
            stand.renderer.emit_to_caller(&shown, &signal).await;
        }
    }
    let stranger = stand.app().await;
    for signal in [Signal::Action(shown.id(), "yes".into()), Signal::Closed(shown.id(), 2)] {
        emit(stranger.conn(), &To::One(shown.sender()), &signal).await;
    }
    stranger.server_information().await;
    assert_eq!(stand.heard(&app).await, []);
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "no".into())).await;
    assert_eq!(stand.heard(&app).await, [Signal::Action(id, "no".into())]);
}

#[tokio::test]
async fn check_33_what_an_older_renderer_says_to_everybody_reaches_the_sender_translated() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    let shown = stand.release(id).await;
    stand.renderer.emit(&To::Everybody, &Signal::Action(shown.id(), "yes".into())).await;
    stand.renderer.emit(&To::Everybody, &Signal::Closed(shown.id(), 2)).await;
    stand.heed_renderer().await;
    let (gate, heard) = (stand.gate().await, app.signals_so_far().await);
    let from_gate: Vec<_> = heard.into_iter().filter(|heard| heard.from == gate).collect();
    assert!(from_gate.iter().all(|heard| heard.to == Some(app.unique_name())));
    let signals: Vec<_> = from_gate.into_iter().map(|heard| heard.signal).collect();
    assert_eq!(signals, [Signal::Action(id, "yes".into()), Signal::Closed(id, 2)]);
}

#[tokio::test]
async fn check_34_keys_go_back_byte_exact_and_default_is_no_button() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let long = "k".repeat(3_000);
    let keys =
        ["app.open::r", "0", "", " ", "DEFAULT", "ünï\u{1f600}", "two\nlines", "a=b;c,d|e\\", "\u{7}", long.as_str()];
    let all = keys.iter().fold(Notification::new("keys").hint("resident", true), |one, key| one.action(key, "Label"));
    let id = app.notify(&all.action("default", "Open")).await;
    let item = stand.held().await.remove(0);
    assert_eq!(item.actions.iter().map(|action| action.key.as_str()).collect::<Vec<_>>(), keys);
    assert!(item.has_default);
    for key in keys {
        stand.press(id, Some(key)).await.unwrap();
        assert_eq!(stand.next_signal(&app).await, Signal::Action(id, key.into()));
    }
    let shown = stand.release(id).await;
    for key in keys {
        stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), key.into())).await;
        assert_eq!(stand.next_signal(&app).await, Signal::Action(id, key.into()));
    }
}

#[tokio::test]
async fn check_34_a_gnotifications_detailed_action_arrives_with_its_target() {
    let mut stand = Stand::holding().await;
    let mut app = GNotificationSender::start(&stand.session).await;
    app.show("letter", "one", "body").await;
    let held = stand.wait_held(1).await.remove(0);
    assert!(!held.may_have_forgotten && held.has_default);
    let button = held.actions.iter().find(|action| action.label == "Answer").expect("a button").key.clone();
    assert!(button.starts_with("app.answer::"), "{button:?}");
    stand.press(held.id, Some(&button)).await.unwrap();
    assert_eq!(app.next_action(DEADLINE).await, ("answer".to_owned(), "letter".to_owned()));
    app.show("other", "two", "body").await;
    let held = stand.wait_held(1).await.remove(0);
    let shown = stand.release(held.id).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "default".into())).await;
    assert_eq!(app.next_action(DEADLINE).await, ("open".to_owned(), "other".to_owned()));
}

/// A message that can be answered in place, as Telegram and KDE's apps send it.
fn answerable() -> Notification {
    let message =
        Notification::new("Maya").body("Come?").action("inline-reply", "Reply").action("read", "Mark as read");
    let message = message.hint("x-kde-reply-placeholder-text", "Write back");
    message.hint("x-kde-reply-submit-button-text", "Send").hint("x-kde-reply-submit-button-icon-name", "mail-send")
}

#[tokio::test]
async fn check_35_an_inline_reply_is_its_own_signal_without_an_action() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let (held, released) = (app.notify(&answerable()).await, app.notify(&answerable()).await);
    assert_eq!(stand.held().await[0].inline_reply.as_deref(), Some("Write back"));
    let text = "On my way…\nsee you \u{1f44b}";
    stand.must(verb::Reply { id: held, text: text.into() }).await;
    assert_eq!(stand.heard(&app).await, [Signal::Replied(held, text.into()), Signal::Closed(held, 2)]);
    let twice = stand.ask(verb::Reply { id: held, text: "again".into() }).await;
    assert_eq!(twice.unwrap_err().code, Code::Conflict);
    let shown = stand.release(released).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Replied(shown.id(), text.into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    assert_eq!(stand.heard(&app).await, [Signal::Replied(released, text.into()), Signal::Closed(released, 2)]);
}

#[tokio::test]
async fn check_35_the_reply_hints_are_kept_for_a_renderer_that_knows_them() {
    let mut stand = Stand::holding().await;
    stand.replace_renderer(&["body", "actions", "body-markup", "inline-reply"]).await;
    let app = stand.app().await;
    let id = app.notify(&answerable()).await;
    let fields = stand.release(id).await.fields();
    for (hint, value) in [
        ("x-kde-reply-placeholder-text", "Write back"),
        ("x-kde-reply-submit-button-text", "Send"),
        ("x-kde-reply-submit-button-icon-name", "mail-send"),
    ] {
        assert_eq!(*fields.hints[hint], Value::from(value), "{hint}");
    }
    assert_eq!(fields.actions, ["inline-reply", "Reply", "read", "Mark as read"]);
}

#[tokio::test]
async fn check_35_the_reply_field_is_no_button_and_is_not_pressed() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&answerable()).await;
    let item = stand.held().await.remove(0);
    assert_eq!(item.actions.iter().map(|action| action.key.as_str()).collect::<Vec<_>>(), ["read"]);
    let pressed = stand.press(id, Some("inline-reply")).await.unwrap_err();
    assert_eq!(pressed.code, Code::Invalid);
    assert!(words(&pressed.message).contains("tidegate reply"), "{pressed:?}");
    let blank = stand.ask(verb::Reply { id, text: " \n".into() }).await.unwrap_err();
    assert_eq!(blank, pressed);
    let ran = stand.cli(["act", &id.to_string(), "inline-reply"]).await;
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("tidegate reply") && ran.stderr.lines().count() == 1, "{ran:?}");
    let shown = stand.cli(["show", &id.to_string()]).await.ok();
    assert!(shown.contains("Mark as read") && !shown.contains("inline-reply"), "{shown}");
    assert_eq!((stand.heard(&app).await, stand.held().await.len()), (vec![], 1), "nothing was thrown away");
    stand.cli(["reply", &id.to_string(), "On my way"]).await.ok();
    assert_eq!(stand.heard(&app).await, [Signal::Replied(id, "On my way".into()), Signal::Closed(id, 2)]);
}

#[tokio::test]
async fn check_35_one_that_offers_no_reply_gets_none() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    assert_eq!(stand.held().await[0].inline_reply, None);
    let reply = stand.ask(verb::Reply { id, text: "hello".into() }).await;
    assert_eq!(reply.unwrap_err().code, Code::Conflict);
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_36_a_press_for_an_app_that_is_gone_says_so_and_presses_nothing() {
    let stand = Stand::holding().await;
    let mut app = GNotificationSender::start(&stand.session).await;
    app.show("letter", "one", "body").await;
    let held = stand.wait_held(1).await.remove(0);
    assert!(held.live);
    let connections = stand.connections_of(app.process().pid()).await;
    app.process().kill9(DEADLINE).await;
    stand.heed_departure_of(&connections).await;
    let detail = stand.detail(held.id).await;
    assert!(!detail.item.live);
    assert_eq!(detail.desktop_entry.as_deref(), Some(GNotificationSender::APP_ID));
    assert_eq!(detail.opens, None, "it is not installed");
    let failure = stand.press(held.id, None).await.unwrap_err();
    assert_eq!(failure.code, Code::AppGone);
    assert!(
        words(&failure.message).contains("has quit") && words(&failure.message).contains("open it yourself"),
        "{failure:?}"
    );
    let ran = stand.cli(["act", &held.id.to_string()]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.stderr.contains("open it yourself"), "{ran:?}");
    assert_eq!(stand.held().await, [tidegate_contract::Item { live: false, ..held }], "nothing was done with it");
}

#[tokio::test]
async fn check_36_without_a_desktop_entry_it_still_says_that_the_app_is_gone() {
    let stand = Stand::holding().await;
    let mut sender = NotifySend::start(&stand.session, ["--print-id", "--action=yes=Yes", "Come?"]);
    let id = sender.id(DEADLINE).await;
    let connections = stand.connections_of(sender.pid()).await;
    sender.kill9(DEADLINE).await;
    stand.heed_departure_of(&connections).await;
    let failure = stand.press(id, Some("yes")).await.unwrap_err();
    assert_eq!(failure.code, Code::AppGone);
    assert!(words(&failure.message).contains("notify-send"), "{failure:?}");
    let reply = stand.ask(verb::Reply { id, text: "hello".into() }).await;
    assert_eq!(reply.unwrap_err().code, Code::AppGone);
    let opened = stand.ask(verb::OpenApp { id, token: None }).await;
    assert_eq!(opened.unwrap_err().code, Code::NoDesktopEntry);
}

#[tokio::test]
async fn check_36_a_press_in_the_renderer_for_an_app_that_is_gone_brings_it_back_to_be_seen() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question().hint("desktop-entry", "org.example.Chat")).await;
    let shown = stand.release(id).await;
    let name = app.unique_name();
    app.leave(&stand.session).await;
    stand.heed_departure_of(&[name]).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "yes".into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(shown.id(), 2)).await;
    stand.heed_renderer().await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| (item.id, item.live)).collect::<Vec<_>>(), [(id, false)]);
    assert_eq!(stand.detail(id).await.desktop_entry.as_deref(), Some("org.example.Chat"));
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.released, ledger.balanced), (1, 0, true));
}

#[tokio::test]
async fn check_36_with_an_open_gate_a_press_for_an_app_that_is_gone_holds_nothing() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    let name = app.unique_name();
    app.leave(&stand.session).await;
    stand.heed_departure_of(&[name]).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "yes".into())).await;
    stand.renderer.emit(&To::Everybody, &Signal::Action(shown.id(), "yes".into())).await;
    stand.heed_renderer().await;
    assert_eq!((stand.held().await, stand.detail(id).await.item.state), (vec![], ItemState::Passed));
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn check_36_a_script_that_listens_beside_its_sender_hears_what_an_older_renderer_tells_everybody() {
    let stand = Stand::start().await;
    let (listener, sender) = (stand.app().await, stand.app().await);
    let id = sender.notify(&question()).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    let name = sender.unique_name();
    sender.leave(&stand.session).await;
    stand.heed_departure_of(&[name]).await;
    let said = [Signal::Token(shown.id(), "token".into()), Signal::Action(shown.id(), "yes".into())];
    for signal in said.into_iter().chain([Signal::Closed(shown.id(), 2)]) {
        stand.renderer.emit(&To::Everybody, &signal).await;
    }
    stand.heed_renderer().await;
    let (gate, heard) = (stand.gate().await, listener.signals_so_far().await);
    let from_gate = heard.into_iter().filter(|heard| heard.from == gate).map(|heard| (heard.to, heard.signal));
    let ours = [Signal::Token(id, "token".into()), Signal::Action(id, "yes".into()), Signal::Closed(id, 2)];
    assert_eq!(from_gate.collect::<Vec<_>>(), ours.map(|signal| (None, signal)));
}

/// Ten hours pass, with a restart of the daemon in the middle.
async fn ten_hours_and_a_restart(stand: &mut Stand) {
    stand.advance(TEN_HOURS / 2).await;
    stand.kill9().await;
    stand.start_again().await;
    stand.advance(TEN_HOURS / 2).await;
}

#[tokio::test]
async fn a_button_pressed_ten_hours_later_across_a_restart_reaches_notify_send() {
    let mut stand = Stand::holding().await;
    let mut sender = NotifySend::start(&stand.session, ["--print-id", "--action=yes=Yes", "--action=no=No", "Come?"]);
    let id = sender.id(DEADLINE).await;
    ten_hours_and_a_restart(&mut stand).await;
    let item = stand.detail(id).await.item;
    assert!(sender.is_running() && item.live && item.may_have_forgotten, "nobody can tell that it has not");
    let Outcome { message, left_out, .. } = stand.press(id, Some("no")).await.unwrap();
    assert!(words(&message).contains("no"), "{message:?}");
    assert_eq!(left_out.iter().map(|failure| failure.code).collect::<Vec<_>>(), [Code::MayHaveForgotten]);
    assert_eq!(sender.wait(DEADLINE).await, (0, vec!["no".to_owned()]));
}

#[tokio::test]
async fn a_button_pressed_ten_hours_later_across_a_restart_reaches_libnotify() {
    let mut stand = Stand::holding().await;
    let mut app = LibnotifySender::start(&stand.session).await;
    let id = app.show("Come?", "", &[("yes", "Yes"), ("no", "No")]).await;
    ten_hours_and_a_restart(&mut stand).await;
    stand.press(id, Some("yes")).await.unwrap();
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Action(id, "yes".into()));
    assert_eq!(app.next_signal(DEADLINE).await, Signal::Closed(id, 2));
}

#[tokio::test]
async fn a_button_pressed_ten_hours_later_across_a_restart_reaches_qts_tray() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _panel = StatusNotifierWatcher::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    let mut app = QtTray::start(&stand.session).await;
    app.show("Come?", "").await;
    let id = stand.wait_held(1).await[0].id;
    ten_hours_and_a_restart(&mut stand).await;
    let shown = stand.release(id).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "default".into())).await;
    assert_eq!(app.next_event(DEADLINE).await, TrayEvent::MessageClicked);
}

#[tokio::test]
async fn a_button_released_ten_hours_later_across_a_restart_reaches_its_sender_from_the_renderer() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&question()).await;
    ten_hours_and_a_restart(&mut stand).await;
    let shown = stand.release(id).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "yes".into())).await;
    assert_eq!(stand.heard(&app).await, [Signal::Action(id, "yes".into())]);
}

#[tokio::test]
async fn a_gnotification_may_have_forgotten_after_a_restart() {
    let mut stand = Stand::holding().await;
    let mut app = GNotificationSender::start(&stand.session).await;
    app.show("letter", "one", "body").await;
    assert!(!stand.wait_held(1).await[0].may_have_forgotten);
    ten_hours_and_a_restart(&mut stand).await;
    let held = stand.held().await.remove(0);
    assert!(held.live && held.may_have_forgotten);
    let remarks = stand.detail(held.id).await.remarks;
    assert!(remarks.iter().any(|remark| words(remark).contains("may have forgotten")), "{remarks:?}");
    let list = stand.cli(["held"]).await.ok();
    assert!(list.contains("app may have forgotten"), "{list}");
    let pressed = stand.cli(["act", &held.id.to_string()]).await;
    assert_eq!(pressed.code, 14, "{pressed:?}");
    assert!(pressed.stderr.contains("may have forgotten"), "{pressed:?}");
    app.show("letter", "one, anew", "body").await;
    let newest = stand.wait_held(1).await.pop().unwrap();
    assert_eq!((newest.summary.as_str(), newest.may_have_forgotten), ("one, anew", false));
}
