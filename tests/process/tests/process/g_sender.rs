//! Who sent it (checks 48 to 50): asked at once, from the most reliable source there is, and never from a claim where
//! trust is needed.

use crate::look_alike::{notify_from_a_trusted_path, notify_over_anothers_connection};
use crate::sandbox::{APP_ID, notify_from_a_sandbox};
use std::fs;
use std::path::PathBuf;
use tidegate_testkit::{DEADLINE, Monitor, Notification, NotifySend, QtTray, Session, StatusNotifierWatcher, Xvfb};
use tidegate_tests_process::Stand;
use zbus::Message;
use zbus::message::Type;

/// A program of its own name that sends as `notify-send` does: what an app is that nobody knows.
pub(crate) fn own_program(session: &Session, name: &str) -> PathBuf {
    let program = session.join(name);
    fs::copy("/usr/bin/notify-send", &program).unwrap();
    program
}

/// The id of the app that this program is known by, after it has sent a notification and ended.
async fn app_id_of(stand: &Stand, program: &str, args: &[&str]) -> String {
    let before = stand.held().await.len();
    stand.session.run(program, args).await.ok();
    let held = stand.held().await;
    assert_eq!(held.len(), before + 1);
    held[before].app_id.clone()
}

#[tokio::test]
async fn check_48_a_senders_process_is_asked_for_before_the_answer_and_known_after_its_end() {
    let stand = Stand::holding().await;
    let mut monitor = Monitor::start(&stand.session.address(), &[]).await;
    let program = own_program(&stand.session, "courier");
    let app = app_id_of(&stand, &program.display().to_string(), &["Parcel"]).await;
    assert_eq!(app, "courier", "its process has ended, and what it was is known");
    let gate = stand.gate().await;
    let seen = monitor.so_far(&stand.session.address(), DEADLINE).await;
    let notify = seen.iter().position(is_notify).expect("a call of Notify");
    let sender = seen[notify].header().sender().unwrap().to_string();
    let asked = seen.iter().position(|message| asks_for_the_process(message, &gate, &sender)).expect("a question");
    let answered = seen.iter().position(|message| answers(message, &seen[notify])).expect("an answer");
    assert!(notify < asked && asked < answered, "{notify} {asked} {answered}");
}

fn is_notify(message: &Message) -> bool {
    message.message_type() == Type::MethodCall && message.header().member().is_some_and(|member| *member == "Notify")
}

fn asks_for_the_process(message: &Message, gate: &str, about: &str) -> bool {
    let header = message.header();
    header.sender().is_some_and(|sender| *sender == gate)
        && header.member().is_some_and(|member| *member == "GetConnectionUnixProcessID")
        && message.body().deserialize::<&str>().is_ok_and(|name| name == about)
}

fn answers(message: &Message, call: &Message) -> bool {
    let (answer, call) = (message.header(), call.header());
    answer.reply_serial() == Some(call.primary().serial_num())
        && answer.destination().map(ToString::to_string) == call.sender().map(ToString::to_string)
}

#[tokio::test]
async fn check_48_what_a_sender_sent_that_left_at_once_is_held_all_the_same() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for number in 0..20 {
        app.send(&Notification::new(&number.to_string())).await;
    }
    app.leave(&stand.session).await;
    let held = stand.wait_held(20).await;
    let wanted: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    assert_eq!(held.iter().map(|item| item.summary.clone()).collect::<Vec<_>>(), wanted, "in the order sent");
    assert!(held.iter().all(|item| !item.live));
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn check_49_the_desktop_entry_is_before_the_program_and_the_program_before_the_name() {
    let stand = Stand::holding().await;
    let program = own_program(&stand.session, "courier");
    let program = program.display().to_string();
    let claims = ["--app-name=Somebody", "--hint=string:desktop-entry:org.example.Post"];
    assert_eq!(app_id_of(&stand, &program, &[claims[0], claims[1], "one"]).await, "org.example.Post");
    assert_eq!(app_id_of(&stand, &program, &[claims[0], "one"]).await, "courier");
    assert_eq!(app_id_of(&stand, "notify-send", &[claims[0], "one"]).await, "Somebody", "all scripts use that program");
    let held = stand.held().await;
    let names: Vec<_> = held.iter().map(|item| item.app.as_str()).collect();
    assert_eq!(names, ["Somebody"; 3], "what people see is what it calls itself");
}

#[tokio::test]
async fn check_49_what_a_sandbox_says_is_before_what_its_app_says() {
    let stand = Stand::holding().await;
    let _app = notify_from_a_sandbox(&stand.session, "from a sandbox");
    let held = stand.wait_held(1).await.remove(0);
    assert_eq!((held.app_id.as_str(), held.app.as_str(), held.live), (APP_ID, "Claimed", true));
    assert_eq!(stand.detail(held.id).await.desktop_entry.as_deref(), Some(APP_ID));
}

#[tokio::test]
async fn check_49_scripts_are_told_apart_by_the_names_they_give() {
    let stand = Stand::holding().await;
    for sender in ["gdbus", "dunstify", "python3.11", "xdg-desktop-portal-gtk", "bash"] {
        let program = own_program(&stand.session, sender).display().to_string();
        for name in ["calendar", "backup"] {
            let claim = format!("--app-name={name}");
            assert_eq!(app_id_of(&stand, &program, &[&claim, "one"]).await, name, "{sender}");
        }
    }
}

#[tokio::test]
async fn check_49_an_entry_that_is_no_id_is_not_one() {
    let stand = Stand::holding().await;
    let program = own_program(&stand.session, "courier").display().to_string();
    for entry in ["../../etc/passwd", "/usr/share/applications/x.desktop", "", "a\nb"] {
        let hint = format!("--hint=string:desktop-entry:{entry}");
        assert_eq!(app_id_of(&stand, &program, &[&hint, "one"]).await, "courier", "{entry:?}");
    }
    let with_ending = "--hint=string:desktop-entry:org.example.Post.desktop";
    assert_eq!(app_id_of(&stand, &program, &[with_ending, "one"]).await, "org.example.Post");
}

#[tokio::test]
async fn check_49_the_sender_pid_hint_is_ignored() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let mut other = NotifySend::start(&stand.session, ["--wait", "--print-id", "one"]);
    other.id(DEADLINE).await;
    app.notify(&Notification::new("honest")).await;
    let daemon = stand.daemon.pid();
    for pid in [other.pid(), daemon] {
        app.notify(&Notification::new("lies").hint("sender-pid", pid)).await;
        app.notify(&Notification::new("lies").hint("sender-pid", i64::from(pid))).await;
    }
    let held = stand.held().await;
    assert_eq!(held.len(), 6, "not even the gate's own process lets it through");
    assert!(held[2..].iter().all(|item| (&item.app_id, item.live) == (&held[1].app_id, true)), "{held:?}");
}

#[tokio::test]
async fn check_49_qts_tray_sends_no_desktop_entry_and_is_known_by_what_there_is() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _panel = StatusNotifierWatcher::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    let mut app = QtTray::start(&stand.session).await;
    app.show("from Qt", "").await;
    let held = stand.wait_held(1).await.remove(0);
    let sent = stand.release(held.id).await.fields();
    assert!(!sent.hints.contains_key("desktop-entry"));
    assert_eq!((held.app_id, held.app), (sent.app_name.clone(), sent.app_name));
    assert_eq!(stand.detail(held.id).await.desktop_entry, None);
}

#[tokio::test]
async fn check_50_a_web_origin_is_a_claim_that_lets_nothing_through() {
    let rules = ["calendar.example", "https://calendar.example", "https://calendar.example/"];
    let rules: String = rules.iter().map(|origin| format!("\"{origin}\" = \"pass\"\n")).collect();
    let stand = Stand::start_with_settings(&format!("[apps]\n{rules}")).await;
    stand.hold().await;
    let app = stand.app().await;
    let plain = app.notify(&Notification::new("Meeting")).await;
    let browser = stand.detail(plain).await.item.app_id;
    let bodies =
        ["calendar.example\nin 5 minutes", "<a href=\"https://calendar.example/\">calendar.example</a>\n\nsoon"];
    for body in bodies {
        app.notify(&Notification::new("Meeting").body(body)).await;
        let origin = Notification::new("Meeting").body(body).hint("x-kde-origin-name", "calendar.example");
        app.notify(&origin.hint("urgency", 2_u8)).await;
        let origin = Notification::new("Meeting").hint("x-kde-origin-name", "https://calendar.example");
        app.notify(&origin).await;
    }
    let held = stand.held().await;
    assert_eq!(held.len(), 7);
    assert!(held.iter().all(|item| item.app_id == browser), "it is the browser's, whatever page it names: {held:?}");
    assert_eq!(stand.view().await.let_through, []);
}

#[tokio::test]
async fn check_50_the_safe_list_never_rests_on_a_hint_or_a_name() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for safe in ["gnome-clocks", "org.gnome.clocks", "gsd-power", "xfce4-power-manager", "pinentry", "upowerd"] {
        let claim = Notification::new("Battery low").app_name(safe).hint("desktop-entry", safe);
        let claim = claim.hint("x-kde-origin-name", safe).hint("x-kde-appname", safe).hint("urgency", 2_u8);
        app.notify(&claim.hint("category", "device.error")).await;
    }
    for look_alike in ["gsd-power", "gnome-clocks"] {
        let program = own_program(&stand.session, look_alike).display().to_string();
        assert_eq!(app_id_of(&stand, &program, &["Battery low"]).await, look_alike);
    }
    assert_eq!(stand.held().await.len(), 8, "a program in a folder of the user's is no program of the system's");
    assert_eq!(stand.view().await.let_through, []);
    assert_eq!(stand.ledger().await.passed, 0);
}

#[tokio::test]
async fn check_50_a_look_alike_at_a_trusted_path_of_its_own_mount_namespace_is_held() {
    let stand = Stand::holding().await;
    let _look_alike = notify_from_a_trusted_path(&stand.session, "Battery low");
    let held = stand.wait_held(1).await.remove(0);
    assert_eq!((held.app_id.as_str(), held.live), ("Claimed", true));
    assert_eq!(stand.view().await.let_through, []);
}

#[tokio::test]
async fn check_50_a_program_is_not_trusted_for_a_connection_that_another_one_made() {
    let stand = Stand::start_with_settings("[apps]\nsleep = \"pass-trusted\"\n").await;
    stand.hold().await;
    let mut senders = Vec::new();
    for (count, inherited) in [(1, false), (2, true)] {
        let notification = Notification::new("not by sleep").app_name("whoever");
        senders.push(notify_over_anothers_connection(&stand.session, inherited, &notification));
        let held = stand.wait_held(count).await;
        assert!(held.iter().all(|item| item.app_id == "whoever"), "{held:?}");
    }
    assert_eq!(stand.view().await.let_through, []);
}

#[tokio::test]
async fn check_50_our_own_notices_are_known_by_their_connection_not_by_what_they_say() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let digest = Notification::new("12 held").app_name("Tidegate").hint("desktop-entry", "org.tidegate.Tidegate");
    let id = app.notify(&digest.action("release-all", "Release all")).await;
    assert_eq!(stand.held().await[0].id, id);
}
