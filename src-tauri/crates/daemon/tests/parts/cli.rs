//! The commands as a shell runs them: the real binary, its output, and its exit status.

use crate::stand::{Stand, content};
use serde_json::Value;
use std::fs;
use tidegate_contract::{BUS_NAME, OBJECT_PATH};
use tidegate_domain::{Action, Content, Event};
use tidegate_testkit::{DEADLINE, Ran, Session, within};

pub(crate) const TIDEGATE: &str = env!("CARGO_BIN_EXE_tidegate");

pub(crate) async fn run(session: &Session, line: &str) -> Ran {
    session.run(TIDEGATE, line.split(' ').skip(1)).await
}

/// Standard output of a command that succeeds and complains of nothing.
pub(crate) async fn output(session: &Session, line: &str) -> String {
    let ran = run(session, line).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}: {}", ran.stdout);
    ran.stdout
}

/// A command that fails with this status and one line, which names these parts.
pub(crate) async fn check_failure(session: &Session, line: &str, code: i32, parts: &[&str]) {
    let ran = run(session, line).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{line}: {}", ran.stderr);
    assert_eq!(ran.stderr.matches('\n').count(), 1, "{line}: {}", ran.stderr);
    assert!(ran.stderr.starts_with("tidegate: "), "{line}: {}", ran.stderr);
    for part in parts {
        assert!(ran.stderr.contains(part), "{line}: {part:?} is not in {}", ran.stderr);
    }
}

async fn with_daemon() -> (Session, Stand) {
    let session = Session::start().await;
    let stand = Stand::on(&session.connect().await).await;
    (session, stand)
}

pub(crate) fn button(key: &str, label: &str) -> Action {
    Action { key: key.into(), label: label.into() }
}

#[tokio::test]
async fn a_morning_at_the_terminal() {
    let (session, mut stand) = with_daemon().await;
    assert_eq!(output(&session, "tidegate start open -i Invoices").await, "Block until you end it\n");
    let actions = vec![button("default", "Open"), button("app.reply::x", "Answer")];
    stand.notify(Content { actions, ..content("Maya", "<b>now</b>?") }).await;
    stand.notify(content("Ben", "see \u{1b}[2Jthe thread")).await;

    let status = output(&session, "tidegate status").await;
    assert!(status.starts_with("! No notification daemon can be reached"), "{status}");
    let gate =
        "\n\nGate closed: open-ended block, for under a minute so far\n  “Invoices”\n\nHeld          2 from 1 app\n";
    assert!(status.contains(gate), "{status}");
    assert!(status.contains("\nBooks         2 came in = 2 here\n"), "{status}");

    let held = output(&session, "tidegate held").await;
    assert!(held.contains("\nSlack 2\n  bbb  ") && held.contains("  Maya – now?\n  bbc  "), "{held}");
    assert!(held.contains("Ben – see ‹U+001B›[2Jthe thread") && !held.contains('\u{1b}'), "{held}");

    let shown = output(&session, "tidegate show bbb").await;
    assert!(shown.starts_with("Maya\nSlack, ") && shown.contains("tidegate act bbb app.reply::x  Answer\n"), "{shown}");

    assert_eq!(output(&session, "tidegate act bbb app.reply::x").await, "Pressed: app.reply::x\n");
    assert_eq!(output(&session, "tidegate done bbc").await, "1 done\n");
    assert_eq!(output(&session, "tidegate undo").await, "1 held again\n");
    let ledger = output(&session, "tidegate ledger").await;
    assert!(ledger.ends_with(": 2 came in = 1 here + 1 done\n"), "{ledger}");
    assert_eq!(output(&session, "tidegate end").await, "Block ended, 1 held\n");
    let mut quit = session.command(TIDEGATE);
    quit.arg("quit");
    // It waits for the end of the daemon, which is this test.
    let quitting = session.spawn(quit);
    assert!(!within(DEADLINE, "a quit", stand.quits.recv()).await.unwrap().release);
    drop(quitting);
}

#[tokio::test]
async fn json_is_for_scripts_and_its_ids_are_taken_back() {
    let (session, mut stand) = with_daemon().await;
    let json = async |line: &str| serde_json::from_str::<Value>(&output(&session, line).await).unwrap();
    let started = json("tidegate --json start open").await;
    assert_eq!(started["message"], "Block until you end it");
    assert_eq!(started["block"]["ends"]["kind"], "open");
    let started = json("tidegate start 25 Invoices for October --json").await;
    let (block, begin) = (&started["block"], started["block"]["started"].as_i64().unwrap());
    assert_eq!(block["intention"], "Invoices for October");
    assert_eq!(block["ends"]["kind"], "at");
    assert!(block["ends"]["at"].as_i64().unwrap() >= begin + 25 * 60_000, "{block}");
    stand.notify(content("Maya\u{9b}", "")).await;
    let held = json("tidegate held --json").await;
    assert_eq!((&held["items"][0]["summary"], &held["next"]), (&Value::from("Maya‹U+009B›"), &Value::Null));
    let id = held["items"][0]["id"].to_string();
    assert_eq!(json(&format!("tidegate show {id} --json")).await["item"]["app"], "Slack");
    assert_eq!(json("tidegate status --json").await["held"], 1);
    assert_eq!(json("tidegate ledger --json").await["came_in"], 1);
    let failed = run(&session, "tidegate show zzz --json").await;
    let failure: Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!((failed.code, &failure["code"]), (4, &Value::from("not-found")));
}

#[tokio::test]
async fn lists_are_read_in_parts_each_going_on_where_the_one_before_ended() {
    let (session, mut stand) = with_daemon().await;
    output(&session, "tidegate start open").await;
    for text in ["one", "two", "three", "four", "five"] {
        stand.notify(content(text, "")).await;
    }
    for (list, order) in [("held", ["bbb", "bbc", "bbd", "bbf", "bbg"]), ("log", ["bbg", "bbf", "bbd", "bbc", "bbb"])] {
        let (mut ids, mut cursor, mut parts) = (Vec::new(), String::new(), 0);
        loop {
            let page: Value =
                serde_json::from_str(&output(&session, &format!("tidegate {list} -n 2 --json{cursor}")).await).unwrap();
            ids.extend(
                page["items"].as_array().unwrap().iter().map(|item| item["short_id"].as_str().unwrap().to_owned()),
            );
            parts += 1;
            assert_eq!(page["more"], !page["next"].is_null(), "{page}");
            if page["next"].is_null() {
                break;
            }
            cursor = format!(" --next {}", page["next"]);
        }
        assert_eq!((ids, parts), (order.map(str::to_owned).to_vec(), 3), "{list}");
    }
    let first = output(&session, "tidegate held -n 2").await;
    assert!(first.ends_with("\nand 3 more: tidegate held --next 2, or all: tidegate held -n 5\n"), "{first}");
    let last = output(&session, "tidegate held --next 4").await;
    assert!(last.contains("five") && !last.contains("more:"), "{last}");
}

#[tokio::test]
async fn every_failure_has_its_status_and_its_line() {
    let (session, mut stand) = with_daemon().await;
    check_failure(&session, "tidegate end", 5, &["no block is running"]).await;
    check_failure(&session, "tidegate show zzz", 4, &["no interruption has the id zzz"]).await;
    check_failure(&session, "tidegate extend 15", 5, &["no block is running"]).await;
    check_failure(&session, "tidegate done zzz", 4, &["no interruption has the id zzz"]).await;
    check_failure(&session, "tidegate undo zzz", 4, &["no interruption has the id zzz"]).await;
    check_failure(&session, "tidegate check-in skip --where here", 2, &["--where is about a check-in that begins"])
        .await;
    assert!(output(&session, "tidegate check-in skip").await.starts_with("The check-in at "), "it was not skipped");
    check_failure(&session, "tidegate done --app Nobody", 4, &["nothing is held of an app \"Nobody\""]).await;
    let taken = output(&session, "tidegate break 10 min").await;
    let ends = taken.strip_prefix("Break until ").unwrap().split(',').next().unwrap().to_owned();
    check_failure(&session, "tidegate end", 5, &["no block is running: a break lasts until", &ends]).await;
    output(&session, "tidegate start 1440").await;
    check_failure(&session, "tidegate extend 15", 5, &["a block ends at most 24 hours from now"]).await;
    output(&session, "tidegate start open").await;
    stand.notify(Content { actions: vec![button("a", "A")], ..content("x", "") }).await;
    check_failure(&session, "tidegate act bbb nope", 2, &["bbb has no action \"nope\""]).await;
    check_failure(&session, "tidegate reply bbb hello", 5, &["bbb offers no inline reply"]).await;
    check_failure(&session, "tidegate release --all", 7, &["dunst or mako"]).await;
    output(&session, "tidegate note a thought").await;
    output(&session, "tidegate done bbc").await;
    check_failure(&session, "tidegate done bbc", 5, &["bbc is not held: it is done"]).await;
    stand.engine.send(Event::SenderLeft(":1.9".into()));
    check_failure(&session, "tidegate act bbb a", 6, &["Slack has quit", "open it yourself"]).await;
    check_failure(&session, "tidegate open bbb", 10, &["Slack cannot be opened", "no desktop entry"]).await;
    check_failure(&session, "tidegate open zzz", 4, &["no interruption has the id zzz"]).await;
}

#[tokio::test]
async fn an_id_that_is_unknown_is_told_and_keeps_nothing_from_the_others() {
    let (session, mut stand) = with_daemon().await;
    output(&session, "tidegate start open").await;
    for text in ["one", "two", "three"] {
        stand.notify(content(text, "")).await;
    }
    let ran = run(&session, "tidegate done bbb zzzz bbc zzz").await;
    let why = "tidegate: no interruption has the id zzzz\ntidegate: no interruption has the id zzz\n";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (4, "2 done\n", why));
    let ran = run(&session, "tidegate later bbd zzz --json").await;
    let failure: Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!((ran.code, &failure["code"]), (4, &Value::from("not-found")));
    assert!(ran.stdout.starts_with("{\"message\":\"1 put off"), "{}", ran.stdout);
    let ran = run(&session, "tidegate done bbb bbc").await;
    let why = "tidegate: bbb is not held: it is done\ntidegate: bbc is not held: it is done\n";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (5, "Nothing was here to be done\n", why));
}

#[tokio::test]
async fn a_wrong_command_line_is_explained_without_a_daemon() {
    let session = Session::start().await;
    for (line, part) in [
        ("tidegate start soon", "until-check-in; or open"),
        ("tidegate start 0", "1 minute to 24 hours"),
        ("tidegate start 1h60", "1h30 or 5h"),
        ("tidegate start 1441", "1 minute to 24 hours"),
        ("tidegate start -5", "1 minute to 24 hours"),
        ("tidegate extend 481", "1 minute to 8 hours"),
        ("tidegate extend 0", "1 minute to 8 hours"),
        ("tidegate extend -5", "1 minute to 8 hours"),
        ("tidegate extend soon", "1 minute to 8 hours"),
        ("tidegate extend 15 minutes more", "unexpected value 'more'"),
        ("tidegate break 9 hours", "1 minute to 8 hours"),
        ("tidegate snooze bkf", "\"bkf\" is no length"),
        ("tidegate snooze 20m", "snooze what?"),
        ("tidegate snooze", "<WORD>"),
        ("tidegate show 4294967296", "is no id"),
        ("tidegate show nonsense!", "is no id"),
        ("tidegate start until 25:00", "is no time of today"),
        ("tidegate start 50 a -i b", "given twice"),
        ("tidegate open", "To open the gate: tidegate end"),
        ("tidegate pause", "no verb \"pause\"; to open the gate for some minutes: tidegate break 5"),
        ("tidegate skip", "tidegate check-in skip"),
        ("tidegate sing", "unrecognized subcommand"),
        ("tidegate note a --thought", "'-- --thought'"),
        ("tidegate done", "--all"),
    ] {
        let ran = run(&session, line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
        assert!(ran.stderr.contains(part), "{line}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_value_that_is_none_is_told_of_in_one_line() {
    let session = Session::start().await;
    for (line, parts) in [
        ("tidegate held -n 0", ["'0'", "give a number of rows, 1 or more"]),
        ("tidegate log --limit many", ["'many'", "give a number of rows, 1 or more"]),
        ("tidegate log --next foo", ["'foo' for '--next <CURSOR>'", "give the number that the list before"]),
        ("tidegate held --next 1.5", ["'1.5'", "give the number that the list before"]),
        ("tidegate show bka", ["'bka'", "`tidegate held` lists them"]),
        ("tidegate held --color blue", ["'blue'", "[possible values: auto, always, never]"]),
        ("tidegate settings set blocks.length -3", ["blocks.length cannot be \"-3\"", "give 25, 25m or 1h30"]),
    ] {
        check_failure(&session, line, 2, &parts).await;
    }
}

#[tokio::test]
async fn one_is_snoozed_and_says_until_when() {
    let (session, mut stand) = with_daemon().await;
    output(&session, "tidegate start open").await;
    stand.notify(content("Maya", "")).await;
    stand.notify(content("Ben", "")).await;
    assert!(output(&session, "tidegate snooze bbb 1 min").await.starts_with("1 snoozed until "));
    let status = output(&session, "tidegate status").await;
    assert!(status.contains("2 from 1 app, 1 of them later\n"), "{status}");
    let shown = output(&session, "tidegate show bbb").await;
    assert!(shown.contains("Later     put off until "), "{shown}");
    assert_eq!(output(&session, "tidegate undo").await, "1 held again\n");
    let ran = run(&session, "tidegate snooze bbb zzz 20m").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (4, "tidegate: no interruption has the id zzz\n"));
}

#[tokio::test]
async fn a_wrong_command_line_is_json_where_json_was_asked_for() {
    let session = Session::start().await;
    for (line, part) in [
        ("tidegate --json sing", "unrecognized subcommand 'sing'"),
        ("tidegate pause --json", "tidegate end"),
        ("tidegate start soon --json", "is no length"),
        ("tidegate done --json", "required arguments"),
    ] {
        let ran = run(&session, line).await;
        let failure: Value = serde_json::from_str(&ran.stderr).unwrap();
        let message = failure["message"].as_str().unwrap();
        assert_eq!((ran.code, &failure["code"], ran.stdout.as_str()), (2, &Value::from("invalid"), ""), "{line}");
        assert!(message.contains(part) && !message.contains('\n') && !message.contains("Usage"), "{line}: {message}");
    }
    assert!(run(&session, "tidegate sing -- --json").await.stderr.starts_with("error: "));
}

#[tokio::test]
async fn help_teaches_and_lists_the_exit_statuses() {
    let session = Session::start().await;
    let help = output(&session, "tidegate --help").await;
    let last = "  12  its app could not be started";
    for part in [
        "Examples:",
        "or nothing is held of that app",
        "tidegate check-in",
        "Exit status:\n   0  done",
        "   9  the doctor found",
        last,
        "NO_COLOR",
    ] {
        assert!(help.contains(part), "{part:?} is not in {help}");
    }
    assert_eq!(output(&session, "tidegate help").await, help);
    let (of_verb, of_help) = ("tidegate settings set --help", "tidegate help settings set");
    assert_eq!(output(&session, of_help).await, output(&session, of_verb).await);
    check_failure(&session, "tidegate help sing", 2, &["there is no verb \"sing\""]).await;
    check_failure(&session, "tidegate help pause", 2, &["tidegate end"]).await;
    let version = output(&session, "tidegate --version").await;
    assert_eq!(version, format!("tidegate {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn without_a_daemon_or_a_bus_one_line_says_what_to_do() {
    let session = Session::start().await;
    check_failure(&session, "tidegate status", 3, &["the daemon does not run; run `", "/tidegate daemon`"]).await;
    session.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    check_failure(&session, "tidegate status", 3, &["no session bus at unix:path=/nonexistent/bus", "desktop session"])
        .await;
    session.set("DBUS_SESSION_BUS_ADDRESS", "nonsense");
    check_failure(&session, "tidegate held", 3, &["no session bus at nonsense"]).await;
}

#[tokio::test]
async fn dbus_starts_the_daemon_for_start_but_not_for_status() {
    let session = Session::start().await;
    let marker = session.join("started");
    let script = format!("touch {}; exit 1", marker.display());
    let service = format!("[D-BUS Service]\nName={BUS_NAME}\nExec=/bin/sh -c \"{script}\"\n");
    fs::write(session.services().join("org.tidegate.Tidegate1.service"), service).unwrap();
    session.reload_services().await;
    check_failure(&session, "tidegate status", 3, &["the daemon does not run"]).await;
    check_failure(&session, "tidegate end", 3, &["the daemon does not run"]).await;
    assert!(!marker.exists());
    check_failure(&session, "tidegate start", 3, &["D-Bus could not start the daemon"]).await;
    assert!(marker.exists());
}

/// What another program might serve under the daemon's name.
struct Imposter(&'static str);

#[zbus::interface(name = "org.tidegate.Tidegate1")]
impl Imposter {
    fn request(&self, _request: &str) -> String {
        self.0.to_owned()
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_said_so() {
    for answer in ["", "{\"sing\":true}", "\u{1b}[2J", "{\"message\":\"done\",\"left_out\":[]}"] {
        let session = Session::start().await;
        let conn = session.connect().await;
        conn.object_server().at(OBJECT_PATH, Imposter(answer)).await.unwrap();
        conn.request_name(BUS_NAME).await.unwrap();
        check_failure(&session, "tidegate status", 1, &["is not understood", "one version"]).await;
    }
    let session = Session::start().await;
    session.connect().await.request_name(BUS_NAME).await.unwrap();
    let nobody = session.connect().await;
    nobody.object_server().at("/elsewhere", Imposter("")).await.unwrap();
    nobody.request_name(BUS_NAME).await.unwrap();
    check_failure(&session, "tidegate status", 1, &["org.freedesktop.DBus.Error.UnknownObject"]).await;
}

#[tokio::test]
async fn the_doctor_says_what_is_missing() {
    let session = Session::start().await;
    let ran = run(&session, "tidegate doctor").await;
    assert_eq!(ran.code, 9, "{}", ran.stderr);
    assert!(ran.stdout.contains("bad   daemon: the daemon does not run"), "{}", ran.stdout);
    assert!(ran.stdout.contains("bad   owner of org.freedesktop.Notifications: nobody"), "{}", ran.stdout);
    let other = session.connect().await;
    other.request_name("org.freedesktop.Notifications").await.unwrap();
    let ran = run(&session, "tidegate doctor").await;
    assert!(ran.stdout.contains("start Tidegate; `tidegate daemon") && !ran.stdout.contains("quit"), "{}", ran.stdout);
    session.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let ran = run(&session, "tidegate doctor").await;
    assert_eq!(ran.code, 9);
    assert!(ran.stdout.starts_with("bad   session bus: "), "{}", ran.stdout);
}
