//! `tidegate settings` as a shell runs it: without a daemon, on the file alone.

use crate::cli::{check_failure, output, run};
use crate::stand::Stand;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use tidegate_contract::Trouble;
use tidegate_testkit::{DEADLINE, Session, within};

fn file(session: &Session) -> PathBuf {
    session.config_home().join("tidegate/settings.toml")
}

/// A session in which the file says this.
async fn with_file(text: &str) -> Session {
    let session = Session::start().await;
    fs::create_dir(session.config_home().join("tidegate")).unwrap();
    fs::write(file(&session), text).unwrap();
    session
}

fn text_of(session: &Session) -> String {
    fs::read_to_string(file(session)).unwrap()
}

#[tokio::test]
async fn they_are_listed_set_and_unset() {
    let session = Session::start().await;
    session.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    session.set("XDG_RUNTIME_DIR", "");
    let listed = output(&session, "tidegate settings").await;
    let monday = "check-ins.monday              11:30,14:00,16:30                 check-ins on Mondays (default)\n";
    assert!(listed.starts_with(monday) && listed.contains("\n  apps.ID    "), "{listed}");
    assert!(!file(&session).exists());

    let said = output(&session, "tidegate settings set check-ins.monday 15:30,9:00").await;
    assert_eq!(said, "check-ins.monday is 09:00,15:30\n");
    let said = output(&session, "tidegate settings set apps.org.telegram.desktop pass").await;
    assert_eq!(said, "apps.org.telegram.desktop is pass\n");
    assert_eq!(output(&session, "tidegate settings get check-ins.monday").await, "09:00,15:30\n");
    let text = text_of(&session);
    assert!(text.starts_with("# The settings of Tidegate.") && text.contains("\nversion = 1\n"), "{text}");
    let end = "\n[check-ins]\nmonday = [\"15:30\", \"9:00\"]\n\n[apps]\n\"org.telegram.desktop\" = \"pass\"\n";
    assert!(text.ends_with(end), "{text}");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file(&session)), mode(session.config_home().join("tidegate"))), (0o600, 0o700));

    let said = output(&session, "tidegate settings unset check-ins.monday").await;
    assert_eq!(said, "check-ins.monday is 11:30,14:00,16:30, its default\n");
    assert_eq!(
        output(&session, "tidegate settings set apps.org.telegram.desktop none").await,
        "apps.org.telegram.desktop is none, its default\n"
    );
    assert!(text_of(&session).ends_with("\n[check-ins]\n\n[apps]\n"), "{}", text_of(&session));
}

#[tokio::test]
async fn a_length_is_set_as_people_type_it() {
    let session = with_file("").await;
    for (typed, minutes) in [("25m", "25"), ("1h30", "90"), ("45", "45")] {
        let said = output(&session, &format!("tidegate settings set blocks.length {typed}")).await;
        assert_eq!(said, format!("blocks.length is {minutes}\n"));
    }
    check_failure(&session, "tidegate settings set blocks.length 25h", 2, &["25m or 1h30 (at most 24h)"]).await;
}

#[tokio::test]
async fn a_daemon_that_runs_has_read_it_before_the_command_returns() {
    let session = Session::start().await;
    let file = file(&session);
    let mut stand = Stand::with_settings(&session.connect().await, &file).await;
    let answers = async {
        let ask = within(DEADLINE, "a reading", stand.reads.recv()).await.unwrap();
        assert!(fs::read_to_string(&file).unwrap().ends_with("a = \"mute\"\n"), "it is asked once it is written");
        ask.answer(None);
        let said = tidegate_words::say::failure_said;
        let wrong = Trouble { code: "settings".into(), text: said("line 1: no"), remedy: said("Write yes.") };
        within(DEADLINE, "another", stand.reads.recv()).await.unwrap().answer(Some(wrong));
    };
    let commands = async {
        assert_eq!(output(&session, "tidegate settings set apps.a mute").await, "apps.a is mute\n");
        run(&session, "tidegate settings unset apps.a").await
    };
    let ((), refused) = tokio::join!(answers, commands);
    let said = "tidegate: it is written, but the daemon has not taken it over: line 1: no; Write yes.\n";
    assert_eq!(
        (refused.code, refused.stdout.as_str(), refused.stderr.as_str()),
        (2, "apps.a is none, its default\n", said)
    );
}

#[tokio::test]
async fn a_daemon_that_was_started_with_other_folders_has_its_own_file_listed_and_changed() {
    let session = Session::start().await;
    let other = session.join("use/config/tidegate/settings.toml");
    let mut stand = Stand::with_settings(&session.connect().await, &other).await;
    let answers = async { within(DEADLINE, "a reading", stand.reads.recv()).await.unwrap().answer(None) };
    let command = output(&session, "tidegate settings set check-ins.monday 9:00");
    let ((), said) = tokio::join!(answers, command);
    assert_eq!(said, "check-ins.monday is 09:00\n");
    assert!(fs::read_to_string(&other).unwrap().contains("monday = [\"9:00\"]"));
    assert!(!file(&session).exists());
    assert_eq!(output(&session, "tidegate settings get check-ins.monday").await, "09:00\n");
    let listed = output(&session, "tidegate settings").await;
    assert!(listed.replace('\n', " ").contains(&format!("writes into {}", other.display())), "{listed}");
}

#[tokio::test]
async fn json_is_for_scripts() {
    let session = with_file("[apps]\n\"a\\u001b\" = \"mute\"\n").await;
    let json = async |line: &str| serde_json::from_str::<Value>(&output(&session, line).await).unwrap();
    let rows = json("tidegate settings list --json").await;
    let expected = json!({ "key": "apps.a\u{1b}", "value": "mute", "default": "none", "meaning": "the rule for that app",
            "takes": "hold, pass, pass-trusted or mute; none for no rule" });
    assert!(rows.as_array().unwrap().contains(&expected), "{rows}");
    assert_eq!(json("tidegate settings get check-ins.sunday --json").await["value"], "none");
    assert_eq!(
        json("tidegate settings set check-ins.sunday 10:00 --json").await["message"],
        "check-ins.sunday is 10:00"
    );
    let failed = run(&session, "tidegate settings get focus --json").await;
    let failure: Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!((failed.code, &failure["code"]), (2, &Value::from("invalid")));
}

#[tokio::test]
async fn what_is_wrong_is_one_line_and_the_file_stays() {
    let session = with_file("# mine\n").await;
    for (line, parts) in [
        ("get focus.x", ["\"focus.x\" is no setting", "check-ins.monday to check-ins.sunday, blocks.length"]),
        ("set check-ins.montag 10:00", ["\"check-ins.montag\" is no setting", "apps.ID"]),
        (
            "set check-ins.monday 25:00",
            ["check-ins.monday cannot be \"25:00\"", "give times such as 10:00,15:30, or none"],
        ),
        ("set check-ins.monday 10:00,", ["check-ins.monday cannot be \"10:00,\"", "or none"]),
        ("set apps.a shout", ["apps.a cannot be \"shout\"", "pass-trusted"]),
        ("unset apps", ["\"apps\" is no setting", "`tidegate settings` lists them"]),
    ] {
        check_failure(&session, &format!("tidegate settings {line}"), 2, &parts).await;
    }
    assert_eq!(text_of(&session), "# mine\n");
}

#[tokio::test]
async fn a_file_that_is_wrong_or_newer_is_named_by_line_and_left_alone() {
    for (text, parts) in [
        ("[apps]\na = \"shout\"\n", ["settings.toml, line 2: the rule for \"a\"", "Write \"hold\""]),
        ("[apps\n", ["settings.toml, line 1: this is not TOML", "Mend the line."]),
        ("version = 2\n[new]\n", ["line 1: the file is of version 2", "Use the Tidegate that wrote it"]),
    ] {
        let session = with_file(text).await;
        for verb in ["", " get apps.a", " set apps.a hold", " unset apps.a"] {
            check_failure(&session, &format!("tidegate settings{verb}"), 5, &parts).await;
        }
        assert_eq!(text_of(&session), text);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_has_the_status_that_help_names_for_it() {
    let session = with_file("").await;
    fs::write(file(&session), [0xff; 10]).unwrap();
    for verb in ["", " get apps.a", " set apps.a hold", " unset apps.a"] {
        check_failure(&session, &format!("tidegate settings{verb}"), 8, &["settings.toml cannot be read", "UTF-8"])
            .await;
    }
}

#[tokio::test]
async fn a_link_stays_a_link_and_what_cannot_be_written_is_said() {
    let session = Session::start().await;
    fs::create_dir_all(session.home().join("dotfiles")).unwrap();
    fs::create_dir(session.config_home().join("tidegate")).unwrap();
    symlink("../../dotfiles/tidegate.toml", file(&session)).unwrap();
    output(&session, "tidegate settings set apps.a hold").await;
    assert!(fs::symlink_metadata(file(&session)).unwrap().is_symlink());
    let target = session.home().join("dotfiles/tidegate.toml");
    assert!(fs::read_to_string(&target).unwrap().ends_with("[apps]\na = \"hold\"\n"));

    // Where a folder should be there is a file: nobody can write there, root neither.
    session.set("XDG_CONFIG_HOME", target.display().to_string());
    check_failure(&session, "tidegate settings set apps.a pass", 8, &["settings.toml cannot be written"]).await;
    fs::set_permissions(&target, Permissions::from_mode(0o400)).unwrap();
    assert!(fs::read_to_string(&target).unwrap().ends_with("a = \"hold\"\n"));
}
