//! Senders that mean harm: whatever they send, and however much, what others send is held and answered, memory stays
//! bounded, and no terminal is driven.

use crate::bare_line::BareLine;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::fd::OwnedFd;
use tidegate_contract::{BUS_NAME, ClosedBecause, ItemState};
use tidegate_testkit::{DEADLINE, NOTIFICATIONS, Notification, Session, Signal, StatusNotifierWatcher};
use tidegate_tests_process::{Stand, program, words};
use zbus::Message;
use zbus::zvariant::{Fd, OwnedValue, Value};

const FIRST_ID: u32 = 1 << 30;
const MEBIBYTE: usize = 1 << 20;
const LIMITS_EXCEEDED: &str = "org.freedesktop.DBus.Error.LimitsExceeded";

#[track_caller]
fn error_name<T: std::fmt::Debug>(result: zbus::Result<T>) -> String {
    match result {
        Err(zbus::Error::MethodError(name, ..)) => name.to_string(),
        other => panic!("no error reply: {other:?}"),
    }
}

/// The gate goes on as if nothing had been: the same process holds and answers, nothing is wrong, the books balance.
async fn assert_unharmed(stand: &mut Stand) {
    let app = stand.app().await;
    let id = app.notify(&Notification::new("from somebody else").app_name("somebody")).await;
    let detail = stand.detail(id).await;
    assert_eq!((detail.item.state, detail.item.summary.as_str()), (ItemState::Held, "from somebody else"));
    let view = stand.view().await;
    assert_eq!(view.troubles, []);
    assert!(view.gate.closed && view.ledger.balanced && stand.daemon.is_running());
}

/// What a process has in memory now, in bytes.
fn memory(pid: u32) -> usize {
    status_kib(pid, "VmRSS:") * 1_024
}

/// The most that a process ever had in memory, in bytes.
fn peak(pid: u32) -> usize {
    status_kib(pid, "VmHWM:") * 1_024
}

fn status_kib(pid: u32, label: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// A message in which a text of the body is written over by other bytes of the same length.
fn forged(text: &str, with: &[u8]) -> Vec<u8> {
    let message = Notification::new(text).message(NOTIFICATIONS);
    let mut bytes = message.data().to_vec();
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_their_sender_its_line_and_nobody_else_anything() {
    let mut stand = Stand::holding().await;
    for forgery in [b"\xff\xfe\xfd\xfc", b"a\0bc", b"\xed\xa0\x80x", b"\xc0\xaf\xc0\xaf"] {
        let mut line = BareLine::connect(&stand.session).await;
        line.send(&forged("four", forgery)).await;
        line.wait_end().await;
    }
    let mut line = BareLine::connect(&stand.session).await;
    line.send(&[b'l', 1, 0, 1, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f]).await;
    line.wait_end().await;
    assert_unharmed(&mut stand).await;
    assert_eq!(stand.held().await.len(), 1);
}

/// The same message with other flags, of a later specification.
fn flagged(message: &Message, flags: u8) -> Vec<u8> {
    let mut bytes = message.data().to_vec();
    bytes[2] = flags;
    bytes
}

#[tokio::test]
async fn flags_that_nobody_has_defined_are_ignored_by_the_gate_and_by_the_control_interface() {
    let mut stand = Stand::holding().await;
    let mut follow = stand.session.command(program("tidegate"));
    follow.args(["status", "--follow"]);
    let mut follow = stand.session.spawn_piped(follow);
    follow.json(DEADLINE).await;
    for bit in 3..8 {
        let mut line = BareLine::connect(&stand.session).await;
        line.send(&flagged(&Notification::new("flagged").message(NOTIFICATIONS), 1 << bit)).await;
        assert_eq!(line.answers(1).await, (1, 0), "bit {bit}");
        let ping = Message::method_call("/", "Ping").unwrap().destination(BUS_NAME).unwrap();
        let ping = ping.interface("org.freedesktop.DBus.Peer").unwrap().build(&()).unwrap();
        line.send(&flagged(&ping, 1 << bit)).await;
        assert_eq!(line.answers(1).await, (1, 0), "bit {bit}");
    }
    assert_eq!(stand.held().await.len(), 5);
    assert_unharmed(&mut stand).await;
    stand.end_block().await;
    while follow.json(DEADLINE).await["gate"]["closed"] == true {}
}

/// The same message with another type.
fn typed(message: &Message, kind: u8) -> Vec<u8> {
    let mut bytes = message.data().to_vec();
    bytes[1] = kind;
    bytes
}

#[tokio::test]
async fn the_tray_icon_stays_whatever_it_is_sent() {
    let session = Session::start().await;
    let panel = StatusNotifierWatcher::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    let item = panel.wait_item(DEADLINE).await;
    stand.hold().await;
    let ping = Message::method_call("/", "Ping").unwrap().destination(item.name()).unwrap();
    let ping = ping.interface("org.freedesktop.DBus.Peer").unwrap().build(&()).unwrap();
    for bit in 3..8 {
        let mut line = BareLine::connect(&stand.session).await;
        line.send(&flagged(&ping, 1 << bit)).await;
        assert_eq!(line.answers(1).await, (1, 0), "bit {bit}");
    }
    for kind in 5..=u8::MAX {
        let mut line = BareLine::connect(&stand.session).await;
        line.send(&typed(&ping, kind)).await;
        line.send(ping.data()).await;
        line.leave().await;
    }
    assert_eq!(item.text("Id").await, "org.tidegate.Tidegate");
    item.activate().await;
    stand.wait_view("an open gate", |view| !view.gate.closed).await;
    assert_eq!(panel.registered(), 1, "it is the same all along");
    stand.hold().await;
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn an_answer_that_the_gate_did_not_ask_its_sender_for_is_not_believed() {
    let mut stand = Stand::holding().await;
    let probe = stand.app().await;
    let asked = probe.call("GetCapabilities", &()).await.unwrap();
    let next = asked.primary_header().serial_num().get();
    let gate = stand.gate().await;
    let mut line = BareLine::connect(&stand.session).await;
    // It says of itself that it is this test, and of the gate's next questions that it is the bus.
    let said = HashMap::from([("ProcessID", Value::from(1_u32))]);
    let forged = (1..30_u32).flat_map(|ahead| {
        let question = Message::method_call("/", "Ask").unwrap().serial((next + ahead).try_into().unwrap());
        let question = question.sender(gate.as_str()).unwrap().build(&()).unwrap();
        let answer = Message::method_return(&question.header()).unwrap().build(&said).unwrap();
        answer.data().to_vec()
    });
    let mut bytes = Notification::new("who am I").message(NOTIFICATIONS).data().to_vec();
    bytes.extend(forged);
    line.send(&bytes).await;
    let held = stand.wait_held(1).await;
    let detail = stand.detail(held[0].id).await;
    assert!(!format!("{detail:?}").contains("systemd"), "it passes for process 1: {detail:?}");
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn deeply_nested_hints_are_kept_as_they_are() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let nested = (0..40).fold(Value::from(7_u8), |inner, _| Value::Value(Box::new(inner)));
    let lists = (0..20).fold(Value::from(7_u8), |inner, _| Value::new(vec![inner]));
    let deep = Notification::new("deep").hint("x-variants", nested).hint("x-lists", lists);
    let id = app.notify(&deep).await;
    let shown = stand.release(id).await;
    assert_eq!(shown.bytes(), deep.message(NOTIFICATIONS).body().data().to_vec());
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn check_40_endless_little_values_are_refused() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let endless = Notification::new("endless").hint("x-empty", vec![""; 400_000]);
    assert_eq!(error_name(app.try_notify(&endless).await), LIMITS_EXCEEDED);
    let keys = (0..150_000).fold(Notification::new("buttons"), |one, _| one.action("", ""));
    assert_eq!(error_name(app.try_notify(&keys).await), LIMITS_EXCEEDED);
    assert_eq!(stand.held().await, []);
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn ten_thousand_buttons_are_forwarded_and_shown_in_part() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let all = (0..10_000).fold(Notification::new("buttons"), |one, n| one.action(&format!("key-{n}"), "Label"));
    let id = app.notify(&all).await;
    assert_eq!(stand.held().await[0].actions.len(), 32);
    let shown = stand.release(id).await;
    assert_eq!(shown.bytes(), all.message(NOTIFICATIONS).body().data().to_vec());
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "key-9999".into())).await;
    assert_eq!(stand.heard(&app).await, [Signal::Action(id, "key-9999".into())]);
}

#[tokio::test]
async fn file_descriptors_are_neither_kept_nor_passed_on() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    app.notify(&Notification::new("before")).await;
    let before = open_files(stand.daemon.pid());
    let descriptor = || Fd::from(OwnedFd::from(fs::File::open("/dev/null").unwrap()));
    let with = Notification::new("with descriptors")
        .hint("x-fd", descriptor())
        .hint("x-fds", vec![descriptor(), descriptor()])
        .hint("x-nested", Value::Value(Box::new(Value::new((1_u8, Value::from(descriptor()))))))
        .hint("x-kept", 1_u8);
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(app.notify(&with).await);
    }
    assert_eq!(open_files(stand.daemon.pid()), before);
    let shown = stand.release(ids[0]).await;
    assert_eq!(shown.message().header().unix_fds().unwrap_or(0), 0);
    assert_eq!(shown.fields().hints.keys().collect::<Vec<_>>(), ["x-kept"]);
    let foreign = Message::method_call("/", "Take").unwrap().destination(NOTIFICATIONS).unwrap();
    let foreign = foreign.interface("org.example.Tool").unwrap().build(&descriptor()).unwrap();
    let serial = app.send_message(&foreign).await;
    let refused = error_name(app.reply(serial, DEADLINE).await);
    assert_eq!(refused, "org.freedesktop.DBus.Error.NotSupported");
    assert_unharmed(&mut stand).await;
}

/// Characters that a terminal obeys or that reorder what stands around them.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{8}\u{7f}\u{202e}gpj\u{2066}\u{85}\u{2028}\r\nend";

fn is_harmless(text: &str) -> bool {
    let reorders = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().all(|c| c == '\n' || !(c.is_control() || reorders(c)))
}

#[tokio::test]
async fn nothing_that_is_sent_drives_a_terminal() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let evil = Notification::new(EVIL).body(EVIL).app_name(EVIL).action(EVIL, EVIL).action("inline-reply", EVIL);
    let evil = evil.hint("x-kde-reply-placeholder-text", EVIL).hint("category", EVIL).hint("desktop-entry", EVIL);
    let id = app.notify(&evil).await;
    app.notify(&Notification::new("edited").body(EVIL).app_name(EVIL).replaces(id)).await;
    app.notify(&evil.replaces(id)).await;
    let id = id.to_string();
    for arguments in [
        vec!["held"],
        vec!["held", "--json"],
        vec!["show", &id],
        vec!["show", &id, "--json"],
        vec!["status"],
        vec!["status", "--json"],
        vec!["ledger"],
        vec!["act", &id, EVIL],
        vec!["act", &id, "\u{1b}[31m"],
        vec!["act", EVIL],
        vec![EVIL],
    ] {
        let ran = stand.session.run(tidegate_tests_process::program("tidegate"), arguments.clone()).await;
        assert!(is_harmless(&ran.stdout) && is_harmless(&ran.stderr), "{arguments:?}: {ran:?}");
        assert!(!(ran.stdout.is_empty() && ran.stderr.is_empty()), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_flood_of_inhibitions_is_bounded_and_ends_with_its_app() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let mut refused = 0;
    for _ in 0..500 {
        let ask = ("x".repeat(100_000), "a call", BTreeMap::<&str, Value<'_>>::new());
        refused += u32::from(app.call("Inhibit", &ask).await.is_err());
    }
    assert_eq!(refused, 500 - 32);
    let view = stand.wait_view("the gate to close", |view| view.gate.closed).await;
    let Some(ClosedBecause::Inhibited { app: named }) = view.gate.because else { panic!("{:?}", view.gate) };
    assert!(named.starts_with("xxx") && named.chars().count() <= 128, "{named}");
    let name = app.unique_name();
    app.leave(&stand.session).await;
    stand.heed_departure_of(&[name]).await;
    stand.wait_view("the gate to open", |view| !view.gate.closed).await;
    stand.hold().await;
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn a_storm_of_replacements_keeps_one_row_and_takes_nobody_elses() {
    let mut stand = Stand::holding().await;
    let (owner, storm) = (stand.app().await, stand.app().await);
    let others = owner.notify(&Notification::new("mine").hint("desktop-entry", "org.example.Owner")).await;
    let own = storm.notify(&Notification::new("0")).await;
    let mut calls = Vec::new();
    for number in 0..1_000 {
        let text = number.to_string();
        calls.push((true, storm.send(&Notification::new(&text).body(&"x".repeat(2_000)).replaces(own)).await));
        calls.push((false, storm.send(&Notification::new(&text).replaces(others)).await));
    }
    for (is_own, call) in calls {
        let answer = storm.reply(call, DEADLINE).await;
        match is_own {
            true => assert_eq!(answer.unwrap().body().deserialize::<u32>().unwrap(), own),
            false => assert_ne!(answer.unwrap().body().deserialize::<u32>().unwrap(), others),
        }
    }
    let detail = stand.detail(own).await;
    assert_eq!((detail.item.summary.as_str(), detail.item.edited), ("999", 1_000));
    assert!(detail.revisions.len() <= 100, "{} earlier texts are kept", detail.revisions.len());
    assert_eq!(stand.detail(others).await.item.summary, "mine");
    storm.close(others).await.unwrap();
    assert_eq!(stand.heard(&owner).await, []);
    assert_eq!(stand.view().await.held, 1_002, "what names another's id is one of its own");
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn check_51_a_flood_that_never_reads_its_answers_is_not_before_what_others_send() {
    const FLOOD: usize = 20_000;
    let mut stand = Stand::holding().await;
    let other = stand.app().await;
    other.notify(&Notification::new("known to the gate")).await;
    let calls: Vec<u8> = (0..FLOOD)
        .flat_map(|number| Notification::new(&format!("flood {number}")).message(NOTIFICATIONS).data().to_vec())
        .collect();
    let before = memory(stand.daemon.pid());
    let mut flood = BareLine::connect(&stand.session).await;
    flood.send(&calls).await;
    let first = other.notify(&Notification::new("in between").app_name("other")).await;
    let before_it = (first - FIRST_ID) as usize - 1;
    let (answered, refused) = flood.answers(FLOOD).await;
    println!("{before_it} of {answered} were judged before another app's; {refused} were refused");
    assert!(before_it < answered, "it was behind the whole flood");
    assert!(answered >= 4_096, "what fits is no flood: {answered}");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held as usize, ledger.balanced), (answered + 2, true));
    assert_unharmed(&mut stand).await;
    let grown = memory(stand.daemon.pid()).saturating_sub(before);
    assert!(grown < 96 * MEBIBYTE, "{} MiB", grown / MEBIBYTE);
}

#[tokio::test]
async fn check_51_whoever_comes_during_floods_is_answered_before_what_waits_of_them() {
    come_during_floods(Stand::holding().await).await;
}

#[tokio::test]
async fn check_51_whoever_comes_during_floods_on_dbus_broker_is_answered_before_what_waits_of_them() {
    come_during_floods(crate::broker::holding().await).await;
}

async fn come_during_floods(mut stand: Stand) {
    const FLOODS: usize = 4;
    const EACH: usize = 6_000;
    let calls: Vec<u8> = (0..EACH)
        .flat_map(|number| Notification::new(&format!("flood {number}")).message(NOTIFICATIONS).data().to_vec())
        .collect();
    let mut floods = Vec::new();
    for _ in 0..FLOODS {
        let mut flood = BareLine::connect(&stand.session).await;
        flood.send(&calls).await;
        floods.push(flood);
    }
    let newcomer = stand.app().await;
    let first = newcomer.notify(&Notification::new("in between").app_name("newcomer")).await;
    let before_it = (first - FIRST_ID) as usize;
    let (mut answered, mut refused) = (0, 0);
    for flood in &mut floods {
        let (given, errors) = flood.answers(EACH).await;
        (answered, refused) = (answered + given, refused + errors);
    }
    println!("{before_it} of {answered} were judged before the newcomer's; {refused} were refused");
    assert!(before_it < answered, "it was behind all of the floods");
    assert_eq!(answered + refused, FLOODS * EACH, "nobody is left without an answer");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held as usize, ledger.balanced), (answered + 1, true), "what was answered is held");
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn a_flood_of_the_largest_texts_is_refused_beyond_a_bound_and_the_gate_stays_closed() {
    let mut stand = Stand::holding().await;
    let flooder = stand.app().await;
    let large = Notification::new("large").body(&"x".repeat(4 * MEBIBYTE - 1_000));
    let mut calls = Vec::new();
    for _ in 0..64 {
        calls.push(flooder.send(&large).await);
    }
    assert_unharmed(&mut stand).await;
    let (mut kept, mut refused) = (0, 0);
    for call in calls {
        match flooder.reply(call, DEADLINE).await {
            Ok(_) => kept += 1,
            error => {
                assert_eq!(error_name(error), LIMITS_EXCEEDED);
                refused += 1;
            }
        }
    }
    let peak = peak(stand.daemon.pid());
    println!("64 texts of 4 MiB at once: {kept} kept, {refused} refused, peak {} MiB", peak / MEBIBYTE);
    assert!(kept >= 4, "a few are no flood");
    assert!(peak < 200 * MEBIBYTE, "{} MiB", peak / MEBIBYTE);
    assert_eq!(stand.ledger().await.held, kept + 1);
    assert_unharmed(&mut stand).await;
}

#[tokio::test]
async fn five_thousand_that_come_send_and_leave_leave_nothing_but_what_they_sent() {
    const CLIENTS: u32 = 5_000;
    let mut stand = Stand::holding().await;
    let gate = stand.gate().await;
    come_and_go(&stand, 500).await;
    stand.wait_held(500).await;
    let (rules, before) = (match_rules(&stand, &gate).await, memory(stand.daemon.pid()));
    come_and_go(&stand, CLIENTS).await;
    stand.wait_view("all that was sent", |view| view.held == 500 + CLIENTS).await;
    let last = BareLine::connect(&stand.session).await;
    let name = last.name().to_owned();
    last.leave().await;
    stand.heed_departure_of(&[name]).await;
    assert_eq!(match_rules(&stand, &gate).await, rules);
    let grown = memory(stand.daemon.pid()).saturating_sub(before);
    println!("5,000 that came and left: {} KiB more", grown / 1_024);
    assert!(grown < 16 * MEBIBYTE, "{} KiB", grown / 1_024);
    assert_unharmed(&mut stand).await;
}

/// Connections that each send one and hang up without waiting for the answer, one after another.
async fn come_and_go(stand: &Stand, count: u32) {
    for number in 0..count {
        let mut line = BareLine::connect(&stand.session).await;
        line.send(Notification::new(&number.to_string()).message(NOTIFICATIONS).data()).await;
        line.leave().await;
    }
}

/// How many match rules the bus keeps for a connection.
async fn match_rules(stand: &Stand, name: &str) -> u32 {
    let (bus, stats) = ("org.freedesktop.DBus", "org.freedesktop.DBus.Debug.Stats");
    let asked = stand.control.call_method(Some(bus), "/org/freedesktop/DBus", Some(stats), "GetConnectionStats", &name);
    let stats = asked.await.unwrap();
    let stats: HashMap<String, OwnedValue> = stats.body().deserialize().unwrap();
    stats["MatchRules"].downcast_ref::<u32>().unwrap()
}

#[tokio::test]
async fn what_an_open_gate_cannot_pass_on_fast_enough_is_held_and_said() {
    const MANY: usize = 2_300;
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.pause();
    let mut calls = Vec::new();
    for number in 0..MANY {
        calls.push(app.send(&Notification::new(&number.to_string())).await);
    }
    for call in calls {
        app.reply(call, DEADLINE).await.unwrap();
    }
    let view = stand.wait_view("what does not fit", |view| view.held >= 290).await;
    assert!(view.held <= 300 && view.ledger.balanced, "{:?}", view.ledger);
    let held = stand.held().await;
    let remarks = stand.detail(held[0].id).await.remarks;
    assert!(remarks.iter().any(|remark| words(remark).contains("wait for it already")), "{remarks:?}");
}
