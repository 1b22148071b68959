//! Getting into the path: in front of whom the gate steps and whom it leaves alone, what it waits for, and how it gets in
//! when something was in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use tidegate_contract::{BUS_NAME, View};
use tidegate_testkit::{
    Client, DEADLINE, NOTIFICATIONS, NOTIFICATIONS_PATH, Notification, Process, Session, Xvfb, owner, wait_no_owner,
    wait_owner, wait_owner_change,
};
use tidegate_tests_process::{Stand, program, renderer_socket, runs, start_daemon, wait_view, words};
use zbus::Connection;
use zbus::zvariant::Value;

/// What is installed for D-Bus to start, or started by a person: a notification daemon that shows nothing.
const MOCK: &str = "/usr/bin/python3 -m dbusmock --session --template notification_daemon";

/// A notification daemon that ignores SIGTERM.
async fn start_stubborn(session: &Session, conn: &Connection) -> Process {
    let mut command = session.command("sh");
    command.args(["-c", &format!("trap '' TERM; exec {MOCK}")]);
    let mut daemon = session.spawn(command);
    let owned = wait_owner(conn, NOTIFICATIONS, DEADLINE);
    daemon.while_running("apt-get install python3-dbusmock", owned).await;
    daemon
}

#[tokio::test]
async fn an_owner_that_does_not_leave_is_named_and_goes_on_and_once_it_is_gone_the_gate_stands() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut stubborn = start_stubborn(&session, &conn).await;
    let before = owner(&conn, NOTIFICATIONS).await.unwrap();
    let mut daemon = start_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let is_told = |view: &View| view.troubles.iter().any(|trouble| trouble.code == "take-over");
    let view = wait_view(&conn, "the trouble", is_told).await;
    let trouble = view.troubles.iter().find(|trouble| trouble.code == "take-over").unwrap();
    assert!(words(&trouble.text).contains(&format!("process {}", stubborn.pid())), "{}", words(&trouble.text));
    assert!(!view.gate.in_path && !view.renderer.up);
    assert_eq!(owner(&conn, NOTIFICATIONS).await, Some(before.clone()));
    let app = Client::connect(&session).await;
    assert_eq!(app.notify(&Notification::new("as without a gate")).await, 1);
    stubborn.kill9(DEADLINE).await;
    let gate = wait_owner_change(&conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    assert!(gate.is_some(), "the gate was queued: the name is never free");
    let view = wait_view(&conn, "the gate before it", |view| view.gate.in_path && view.renderer.up).await;
    assert_eq!(view.troubles, []);
    app.notify(&Notification::new("through the gate")).await;
    wait_view(&conn, "what was let through", |view| view.ledger.passed == 1).await;
    assert!(daemon.is_running());
}

/// The daemon as systemd or a compositor starts it: in no hurry.
fn start_patient_daemon(session: &Session) -> Process {
    let mut command = session.command(program("tidegate"));
    command.arg("daemon");
    session.spawn(command)
}

fn record(session: &Session) -> Option<serde_json::Value> {
    let text = fs::read(session.state_home().join("tidegate/renderer.json")).ok()?;
    Some(serde_json::from_slice(&text).unwrap())
}

/// Has D-Bus start this for the notifications' name, as a desktop's package would.
async fn install(session: &Session, exec: &str) {
    let file = session.join("desktop.service");
    fs::write(&file, format!("[D-BUS Service]\nName={NOTIFICATIONS}\nExec={exec}\n")).unwrap();
    session.add_service(&file).await;
}

/// Stands with the installed daemon behind it, which shows what passes.
async fn stands_before_the_mock(conn: &Connection, session: &Session) {
    wait_owner(conn, BUS_NAME, DEADLINE).await;
    let view = wait_view(conn, "the gate before it", |view| view.gate.in_path && view.renderer.up).await;
    assert_eq!(view.troubles, []);
    Client::connect(session).await.notify(&Notification::new("through the gate")).await;
    wait_view(conn, "what was let through", |view| view.ledger.passed == 1).await;
    let argv = record(session).unwrap()["argv"].to_string();
    assert!(argv.contains("dbusmock"), "{argv}");
}

#[tokio::test]
async fn a_desktop_that_shows_notifications_itself_is_left_as_it_is() {
    for names in [&[NOTIFICATIONS, "org.Cinnamon"][..], &["org.kde.plasmashell"]] {
        let session = Session::start().await;
        let (conn, shell) = (session.connect().await, session.connect().await);
        for name in names {
            // This very process is the shell: it would notice if it were asked to leave.
            shell.request_name(*name).await.unwrap();
        }
        let before = owner(&conn, NOTIFICATIONS).await;
        let daemon = session.run(program("tidegate"), ["daemon", "--replace-now"]).await;
        assert_eq!(daemon.code, 13, "{}", daemon.stderr);
        let said = daemon.stderr.trim();
        assert!(
            said.contains("This desktop is not supported yet; nothing was changed") && !said.contains('\n'),
            "{said}"
        );
        assert_eq!(owner(&conn, NOTIFICATIONS).await, before);
        assert_eq!(record(&session), None);
        assert!(!session.data_home().join("tidegate").exists() && !renderer_socket(&session).exists());
        let doctor = session.run(program("tidegate"), ["doctor"]).await;
        assert!(doctor.stdout.contains("This desktop is not supported yet"), "{}", doctor.stdout);
        let started = session.run(program("tidegate"), ["start", "50"]).await;
        assert_eq!(started.code, 13, "{}", started.stderr);
        assert!(started.stderr.contains("This desktop is not supported yet"), "{}", started.stderr);
    }
}

#[tokio::test]
async fn where_the_environment_names_such_a_desktop_its_shell_is_not_forestalled() {
    let session = Session::start().await;
    session.set("XDG_CURRENT_DESKTOP", "KDE");
    let daemon = session.run(program("tidegate"), ["daemon"]).await;
    assert_eq!(daemon.code, 13, "{}", daemon.stderr);
    assert_eq!(owner(&session.connect().await, NOTIFICATIONS).await, None);
}

fn start_mock(session: &Session) -> Process {
    let mut command = session.command("sh");
    command.args(["-c", &format!("exec {MOCK}")]);
    session.spawn(command)
}

#[tokio::test]
async fn in_such_a_desktop_a_daemon_that_was_chosen_over_the_shell_goes_on_after_gate_and_relay_have_died() {
    let session = Session::start().await;
    session.set("XDG_CURRENT_DESKTOP", "KDE");
    let (conn, shell) = (session.connect().await, session.connect().await);
    shell.request_name("org.kde.plasmashell").await.unwrap();
    let _chosen = start_mock(&session);
    wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    let stands = async || {
        wait_owner(&conn, BUS_NAME, DEADLINE).await;
        wait_view(&conn, "the gate before it", |view| view.gate.in_path && view.renderer.up).await
    };
    let mut daemon = start_daemon(&session);
    stands().await;
    let relay = session.processes().into_iter().find(|pid| runs(*pid, "tidegate-relay")).unwrap();
    // The relay first, or it would let the renderer own the name.
    session.run("kill", ["-KILL", &relay.to_string(), &daemon.pid().to_string()]).await.ok();
    daemon.wait(DEADLINE).await;
    wait_no_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    let mut next = start_daemon(&session);
    let view = next.while_running("it is refused", stands()).await;
    assert_eq!(view.troubles, []);
    // In another desktop with a shell nobody has chosen it.
    next.kill9(DEADLINE).await;
    session.set("XDG_CURRENT_DESKTOP", "GNOME");
    let relay = session.processes().into_iter().find(|pid| runs(*pid, "tidegate-relay")).unwrap();
    session.run("kill", ["-KILL", &relay.to_string()]).await.ok();
    wait_no_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    let refused = session.run(program("tidegate"), ["daemon"]).await;
    assert_eq!((refused.code, owner(&conn, NOTIFICATIONS).await), (13, None), "{}", refused.stderr);
    // And where the shell owns the name, nothing is changed at all.
    session.set("XDG_CURRENT_DESKTOP", "KDE");
    shell.request_name(NOTIFICATIONS).await.unwrap();
    let before = record(&session);
    assert_eq!(session.run(program("tidegate"), ["daemon", "--replace-now"]).await.code, 13);
    assert_eq!(
        owner(&conn, NOTIFICATIONS).await.as_ref().map(|it| it.as_str()),
        shell.unique_name().map(|it| it.as_str())
    );
    assert_eq!(record(&session), before);
}

#[tokio::test]
async fn a_daemon_that_starts_by_itself_after_the_gate_is_taken_in() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let _daemon = start_patient_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let is_waiting = |view: &View| view.troubles.iter().any(|trouble| trouble.code == "waiting");
    let view = wait_view(&conn, "that it waits", is_waiting).await;
    assert_eq!(view.troubles.len(), 1, "what it waits for says it all: {:?}", view.troubles);
    let _mock = start_mock(&session);
    stands_before_the_mock(&conn, &session).await;
}

#[tokio::test]
async fn a_recorded_daemon_that_is_not_installed_any_more_gives_way_to_what_the_desktop_starts() {
    let session = Session::start().await;
    let conn = session.connect().await;
    write_record(&session, &["/nowhere/removed-daemon"], &[]);
    install(&session, MOCK).await;
    let _daemon = start_patient_daemon(&session);
    stands_before_the_mock(&conn, &session).await;
}

/// What an earlier login is said to have shown notifications with.
fn write_record(session: &Session, argv: &[&str], env: &[(&str, &str)]) {
    let file = session.state_home().join("tidegate/renderer.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let record = serde_json::json!({ "argv": argv, "env": env, "cwd": "/", "unit": null });
    fs::write(&file, record.to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// What was wrapped to the width of a terminal.
fn in_one_line(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has_trouble(view: &View, code: &str) -> bool {
    view.troubles.iter().any(|trouble| trouble.code == code)
}

#[tokio::test]
async fn a_recorded_daemon_that_fails_or_never_comes_gives_way_to_what_the_desktop_starts_and_that_is_told() {
    for (argv, why) in [(&["/usr/bin/false"][..], "exited with status 1"), (&["/usr/bin/sleep", "1000"], "within 10 s")]
    {
        let session = Session::start().await;
        let conn = session.connect().await;
        write_record(&session, argv, &[]);
        install(&session, MOCK).await;
        let _daemon = start_patient_daemon(&session);
        wait_owner(&conn, BUS_NAME, DEADLINE).await;
        let is_replaced = |view: &View| view.gate.in_path && view.renderer.up && has_trouble(view, "renderer-replaced");
        let view = wait_view(&conn, "another behind the gate", is_replaced).await;
        assert_eq!(view.troubles.len(), 1, "{:?}", view.troubles);
        Client::connect(&session).await.notify(&Notification::new("through the gate")).await;
        wait_view(&conn, "what was let through", |view| view.ledger.passed == 1).await;
        assert!(record(&session).unwrap()["argv"].to_string().contains("dbusmock"));
        assert!(!session.processes().into_iter().any(|pid| runs(pid, "sleep")), "what never came is ended");
        for verb in ["status", "doctor"] {
            let said = in_one_line(&session.run(program("tidegate"), [verb]).await.stdout);
            let told = [argv[0], why, "Now /usr/bin/python3 shows them"].iter().all(|part| said.contains(part));
            assert!(told, "{said}");
        }
    }
}

#[tokio::test]
async fn a_recorded_daemon_that_fails_where_there_is_no_other_is_told_of_and_the_gate_keeps_the_name() {
    let session = Session::start().await;
    let conn = session.connect().await;
    write_record(&session, &["/usr/bin/false"], &[]);
    let _daemon = start_patient_daemon(&session);
    let gate = wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    let view = wait_view(&conn, "that it fails", |view| has_trouble(view, "renderer-fails")).await;
    assert_eq!(view.troubles.len(), 1, "it says it all: {:?}", view.troubles);
    assert!(view.gate.in_path && !view.renderer.up);
    assert_eq!(owner(&conn, NOTIFICATIONS).await, Some(gate));
    assert!(session.runtime_dir().join(format!("dbus-1/services/{NOTIFICATIONS}.service")).exists());
}

/// A renderer that is not there is waited for so long.
const ABSENT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn where_no_renderer_can_be_started_an_open_gate_waits_five_seconds_for_one_and_counts_nothing_as_let_through() {
    for argv in [None, Some("/usr/bin/false")] {
        let session = Session::start().await;
        let conn = session.connect().await;
        if let Some(argv) = argv {
            write_record(&session, &[argv], &[]);
        }
        let _daemon = start_daemon(&session);
        wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
        wait_view(&conn, "the gate in the path", |view| view.gate.in_path).await;
        let (app, sent) = (Client::connect(&session).await, Instant::now());
        app.notify(&Notification::new("for nobody's eyes")).await;
        let taken_back = app.notify(&Notification::new("taken back")).await;
        app.close(taken_back).await.unwrap();
        assert!(sent.elapsed() < ABSENT, "nobody waits for a renderer");
        let is_over = |view: &View| view.held == 1 && view.ledger.withdrawn == 1;
        let view = wait_view(&conn, "what was not shown", is_over).await;
        let waited = sent.elapsed();
        assert!((ABSENT..ABSENT * 3 / 2).contains(&waited), "{waited:?}");
        assert_eq!((view.ledger.passed, view.ledger.held, view.ledger.balanced), (0, 1, true), "{:?}", view.ledger);
    }
}

#[tokio::test]
async fn a_record_that_hangs_keeps_nobody_waiting() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let file = session.state_home().join("tidegate/renderer.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    // Whoever opens it waits for somebody who writes, as for a file system that does not answer.
    session.run("mkfifo", [&file]).await.ok();
    let _daemon = start_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let asked = Instant::now();
    for _ in 0..2 {
        wait_view(&conn, "an answer", |_| true).await;
    }
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    wait_view(&conn, "the gate in the path", |view| view.gate.in_path).await;
}

/// The commands between backticks in what follows these words, in order.
fn advised<'a>(page: &'a str, after: &str) -> Vec<&'a str> {
    let (_, advice) = page.split_once(after).unwrap_or_else(|| panic!("no advice: {page}"));
    advice.split('`').skip(1).step_by(2).take(3).collect()
}

#[tokio::test]
async fn where_the_gate_owns_the_name_without_a_renderer_the_advice_gets_one_behind_it() {
    for verb in ["status", "doctor"] {
        let session = Session::start().await;
        let conn = session.connect().await;
        let _screen = Xvfb::start(&session).await;
        let folder = program("tidegate").parent().unwrap().display().to_string();
        session.set("PATH", format!("{folder}:{}", session.get("PATH").unwrap_or_else(|| "/usr/bin:/bin".to_owned())));
        let mut daemon = start_daemon(&session);
        let gate = wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
        wait_view(&conn, "that there is none", |view| has_trouble(view, "no-renderer")).await;
        let said = in_one_line(&session.run(program("tidegate"), [verb]).await.stdout);
        let commands = advised(&said, "None can start by itself while Tidegate owns the name: run ");
        let mut running = Vec::new();
        for (command, is_long) in commands.iter().zip([false, true, true]) {
            let mut shell = session.command("sh");
            shell.args(["-c", &format!("exec {command}")]);
            if !is_long {
                session.run_command(shell).await.ok();
                daemon.wait(DEADLINE).await;
                continue;
            }
            running.push(session.spawn(shell));
            wait_owner(&conn, if command.contains("daemon") { BUS_NAME } else { NOTIFICATIONS }, DEADLINE).await;
        }
        let view = wait_view(&conn, "one behind it", |view| view.gate.in_path && view.renderer.up).await;
        assert_eq!((view.troubles.len(), commands.len()), (0, 3), "{:?}", view.troubles);
        assert_ne!(owner(&conn, NOTIFICATIONS).await, Some(gate), "it is another gate");
        assert!(
            record(&session).unwrap()["argv"].to_string().contains("dunst"),
            "it is started again at the next login"
        );
    }
}

#[tokio::test]
async fn a_relay_that_hangs_does_not_keep_the_gate_out_of_the_path() {
    let mut stand = Stand::start().await;
    let relay = stand.session.processes().into_iter().find(|pid| runs(*pid, "tidegate-relay")).unwrap();
    stand.kill9().await;
    let behind = stand.gate().await;
    let signal = async |name: &str| stand.session.run("kill", [name, &relay.to_string()]).await.ok();
    signal("-STOP").await;
    let _daemon = start_daemon(&stand.session);
    let gate = wait_owner_change(&stand.control, NOTIFICATIONS, Some(&behind), DEADLINE).await;
    assert!(gate.is_some(), "the relay's connection gives the name up without a word");
    stand.app().await.notify(&Notification::new("while the relay hangs")).await;
    signal("-CONT").await;
    let view = stand.wait_view("the relay again", |view| view.renderer.up && view.gate.in_path).await;
    assert_eq!(view.troubles, []);
}

#[tokio::test]
async fn what_kept_the_gate_out_is_tried_again_once_it_has_passed() {
    let session = Session::start().await;
    let conn = session.connect().await;
    // A file where the runtime folder should be.
    let folder = session.runtime_dir().join("tidegate");
    fs::write(&folder, "in the way").unwrap();
    let _daemon = start_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let is_told = |view: &View| view.troubles.iter().any(|trouble| trouble.code == "take-over");
    wait_view(&conn, "the trouble", is_told).await;
    fs::remove_file(&folder).unwrap();
    wait_view(&conn, "the gate in the path", |view| view.gate.in_path).await;
}

#[tokio::test]
async fn a_gate_that_loses_its_bus_ends_as_one_that_failed() {
    let mut stand = Stand::start().await;
    stand.session.bus_mut().kill9().await;
    let status = stand.daemon.wait(DEADLINE).await;
    assert_eq!(status.code(), Some(3), "{}", stand.daemon.log());
}

#[tokio::test]
async fn a_daemon_that_was_told_to_end_is_followed_by_the_next_at_once() {
    let stand = Stand::start().await;
    let signal = async |name: &str| stand.session.run("kill", [name, &stand.daemon.pid().to_string()]).await.ok();
    signal("-STOP").await;
    let next = start_daemon(&stand.session);
    signal("-KILL").await;
    wait_no_owner(&stand.control, BUS_NAME, DEADLINE).await;
    wait_owner(&stand.control, BUS_NAME, DEADLINE).await;
    stand.wait_view("the next gate", |view| view.gate.in_path).await;
    drop(next);
}

#[tokio::test]
async fn a_quit_returns_when_another_daemon_may_start() {
    let mut stand = Stand::holding().await;
    stand.app().await.notify(&Notification::new("held")).await;
    for _ in 0..3 {
        let said = stand.cli(["quit", "--keep"]).await.ok();
        assert_eq!(said, "Tidegate ends; 1 stay held on disk");
        assert!(!stand.daemon.is_running());
        assert_eq!(owner(&stand.control, BUS_NAME).await, None);
        stand.daemon = start_daemon(&stand.session);
        let back = async {
            wait_owner(&stand.control, BUS_NAME, DEADLINE).await;
            wait_view(&stand.control, "the gate back in the path", |view| view.gate.in_path && view.held == 1).await
        };
        stand.daemon.while_running("it ran already", back).await;
    }
}

/// A notification daemon that says, as dunst does, that it shows something, and goes on showing it.
async fn start_showing(session: &Session, conn: &Connection) -> Process {
    let mut daemon = start_mock(session);
    let owned = wait_owner(conn, NOTIFICATIONS, DEADLINE);
    daemon.while_running("apt-get install python3-dbusmock", owned).await;
    show_for_ever(conn).await;
    daemon
}

async fn show_for_ever(conn: &Connection) {
    let shown = ("org.dunstproject.cmd0", "displayedLength", Value::U32(1));
    let mock = Some("org.freedesktop.DBus.Mock");
    conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, mock, "AddProperty", &shown).await.unwrap();
}

#[tokio::test]
async fn once_it_is_not_waited_for_popups_any_more_that_is_not_told_any_more() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut stubborn = start_stubborn(&session, &conn).await;
    show_for_ever(&conn).await;
    let _daemon = start_patient_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let codes = |view: &View| view.troubles.iter().map(|trouble| trouble.code.clone()).collect::<Vec<_>>();
    wait_view(&conn, "that it waits", |view| codes(view) == ["waiting"]).await;
    let hurry = async || session.run(program("tidegate"), ["take-over", "now"]).await.ok();
    hurry().await;
    wait_view(&conn, "that it is asked to leave", |view| codes(view) == ["name-lost"]).await;
    wait_view(&conn, "that it does not leave", |view| codes(view) == ["take-over"]).await;
    // The next attempt waits for its popups again, and again for a word.
    wait_view(&conn, "that it waits again", |view| codes(view).contains(&"waiting".to_owned())).await;
    hurry().await;
    wait_view(&conn, "that it does not leave", |view| !codes(view).contains(&"waiting".to_owned())).await;
    stubborn.kill9(DEADLINE).await;
    let view = wait_view(&conn, "the gate before it", |view| view.gate.in_path && view.renderer.up).await;
    assert_eq!(view.troubles, []);
}

#[tokio::test]
async fn while_something_is_on_the_screen_a_block_says_that_nothing_is_held_and_a_word_goes_on_at_once() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut showing = start_showing(&session, &conn).await;
    let before = owner(&conn, NOTIFICATIONS).await.unwrap();
    let _daemon = start_patient_daemon(&session);
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    let tidegate = async |arguments: &[&str]| session.run(program("tidegate"), arguments).await;
    let started = tidegate(&["start", "50"]).await.ok();
    assert!(started.contains("but nothing is held") && started.contains("`tidegate take-over now`"), "{started}");
    let examined = tidegate(&["doctor"]).await.stdout;
    assert!(examined.contains("`tidegate take-over now`") && !examined.contains("none can be reached"), "{examined}");
    assert_eq!(owner(&conn, NOTIFICATIONS).await, Some(before));
    assert!(tidegate(&["take-over", "now"]).await.ok().starts_with("Tidegate takes over now"));
    wait_view(&conn, "the gate in the path", |view| view.gate.in_path && view.renderer.up).await;
    showing.wait(DEADLINE).await;
    Client::connect(&session).await.notify(&Notification::new("is held")).await;
    wait_view(&conn, "what is held", |view| view.held == 1).await;
    assert_eq!(tidegate(&["take-over", "now"]).await.ok(), "Tidegate is in the path already");
}
