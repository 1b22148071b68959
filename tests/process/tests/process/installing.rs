//! Installing below a home and removing it again, by the scripts behind `make install` and `make uninstall`; in between the
//! README's everyday commands, letter by letter, on what was installed. And using it without, as `make run` does.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tidegate_contract::BUS_NAME;
use tidegate_testkit::{
    Client, DEADLINE, NOTIFICATIONS, Notification, Process, Ran, Session, Signal, UserSystemd, Xvfb, owner, owner_pid,
    wait_owner,
};
use tidegate_tests_process::{program, runs, wait_view};
use zbus::Connection;

/// The folder of the sources.
fn sources() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn prefix(session: &Session) -> PathBuf {
    session.home().join(".local")
}

async fn install(session: &Session, into: &Path) -> Ran {
    let programs = program("tidegate");
    session.run(sources().join("scripts/install"), [programs.parent().unwrap(), into]).await
}

async fn uninstall(session: &Session) -> Ran {
    session.run(sources().join("scripts/uninstall"), [prefix(session)]).await
}

/// All files below a folder but what is the person's own: what was held, and settings.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true if entry.path().ends_with("share/tidegate") || entry.path().ends_with("state/tidegate") => {}
            true => found.append(&mut files(&entry.path())),
            false => drop(found.insert(entry.path())),
        }
    }
    found
}

/// A notification daemon that can be stopped and started again.
async fn start_renderer(session: &Session, conn: &Connection) -> Process {
    let mut command = session.command(program("journal-renderer"));
    command.arg(session.join("journal"));
    let mut renderer = session.spawn(command);
    renderer.while_running("it shows notifications", wait_owner(conn, NOTIFICATIONS, DEADLINE)).await;
    renderer
}

/// The commands of the README's everyday use, as they are printed there.
fn everyday_commands() -> Vec<String> {
    let readme = fs::read_to_string(sources().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Everyday use\n").unwrap();
    let block = section.split("```").nth(1).unwrap();
    block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// What they are about: `bbb` to `bbg`, in the order of arrival.
async fn send_the_mornings(session: &Session, conn: &Connection) -> Client {
    let entry = session.data_home().join("applications/org.example.Chat.desktop");
    fs::write(entry, "[Desktop Entry]\nType=Application\nName=Chat\nExec=true\n").unwrap();
    let app = Client::connect(session).await;
    app.notify(&Notification::new("Maya").app_name("Slack")).await;
    let review = Notification::new("Review requested").app_name("GitHub").action("view", "View pull request");
    app.notify(&review).await;
    let chat = Client::connect(session).await;
    let gone = Notification::new("Ben").app_name("Chat").hint("desktop-entry", "org.example.Chat".to_owned());
    chat.notify(&gone).await;
    chat.leave(session).await;
    app.notify(&Notification::new("Invoice 4711").app_name("Mail")).await;
    app.notify(&Notification::new("Standup").app_name("Calendar")).await;
    wait_view(conn, "the five", |view| view.held == 5).await;
    app
}

#[tokio::test]
async fn what_is_installed_does_what_the_readme_says_and_is_gone_without_a_file_once_it_is_uninstalled() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let _renderer = start_renderer(&session, &conn).await;
    let before = files(&session.home());
    let said = install(&session, &prefix(&session)).await.ok();
    assert!(said.contains("Nothing was started") && said.contains("make uninstall"), "{said}");
    assert!(!session.processes().into_iter().any(|pid| runs(pid, "tidegate")), "something was started");
    let tray = prefix(&session).join("share/icons/hicolor/scalable/status/tidegate-trouble.svg");
    assert!(tray.is_file(), "Plasma would not find the tray's icons");
    let path = format!("{}:{}", prefix(&session).join("bin").display(), session.get("PATH").unwrap());
    session.set("PATH", path);

    let commands = everyday_commands();
    let run = async |command: &String| session.run("sh", ["-c", command]).await;
    let started = run(&commands[0]).await.ok();
    assert!(
        started.starts_with("Block until ") && !started.contains(','),
        "the gate stands before it answers: {started}"
    );
    wait_view(&conn, "the renderer behind the gate", |view| view.gate.in_path && view.renderer.up).await;
    let app = send_the_mornings(&session, &conn).await;
    for command in &commands[1..] {
        let ran = run(command).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}: {}", ran.stdout);
    }
    let heard = app.next_signal(DEADLINE).await.signal;
    assert!(matches!(&heard, Signal::Action(_, key) if key == "view"), "{heard:?}");

    let daemon = owner_pid(&conn, BUS_NAME).await;
    assert_eq!(fs::read_link(format!("/proc/{daemon}/exe")).unwrap(), prefix(&session).join("bin/tidegate"));
    let enabled = session.config_home().join("systemd/user/graphical-session.target.wants");
    fs::create_dir_all(&enabled).unwrap();
    let unit = prefix(&session).join("share/systemd/user/tidegate.service");
    assert!(fs::read_to_string(&unit).unwrap().contains(&format!("\nExecStart={}/bin/", prefix(&session).display())));
    symlink(unit, enabled.join("tidegate.service")).unwrap();

    // As a window leaves it.
    fs::create_dir_all(session.data_home().join("org.tidegate.Tidegate/storage")).unwrap();
    let said = uninstall(&session).await.ok();
    assert!(said.contains(&format!("still there: {}", session.data_home().join("tidegate").display())), "{said}");
    assert!(session.data_home().join("tidegate/tidegate.db").exists());
    fs::remove_file(session.data_home().join("applications/org.example.Chat.desktop")).unwrap();
    assert_eq!(files(&session.home()), before);
    assert_eq!(files(&session.runtime_dir().join("dbus-1")), BTreeSet::new());
    assert!(!session.processes().into_iter().any(|pid| pid == daemon), "the daemon still runs");
    let shows = owner_pid(&conn, NOTIFICATIONS).await;
    assert!(runs(shows, "tidegate-relay"), "notifications are with process {shows}");
}

#[tokio::test]
async fn a_newer_one_takes_the_place_of_an_older_and_leaves_nothing_of_that() {
    let session = Session::start().await;
    let before = files(&session.home());
    install(&session, &prefix(&session)).await.ok();
    let (list, page) = (prefix(&session).join("lib/tidegate/installed"), "share/man/man1/tidegate-an-older-verb.1");
    fs::write(prefix(&session).join(page), "").unwrap();
    let older = fs::read_to_string(&list).unwrap() + page + "\n";
    let mut older: Vec<_> = older.lines().collect();
    older.sort_unstable();
    fs::write(&list, older.join("\n") + "\n").unwrap();
    install(&session, &prefix(&session)).await.ok();
    assert!(!prefix(&session).join(page).exists());
    uninstall(&session).await.ok();
    assert_eq!(files(&session.home()), before);
}

#[tokio::test]
async fn a_prefix_that_cannot_be_used_is_refused_in_one_line_and_nothing_is_written() {
    let session = Session::start().await;
    let before = files(&session.home());
    for (into, words) in [("with a blank", "cannot be written into units"), ("50%", "take another")] {
        let ran = install(&session, &session.home().join(into)).await;
        assert!(ran.code == 1 && ran.stderr.contains(words) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    }
    let ran = uninstall(&session).await;
    assert!(ran.code == 1 && ran.stderr.contains("nothing of Tidegate is installed in"), "{}", ran.stderr);
    assert_eq!(files(&session.home()), before);
}

#[tokio::test]
async fn where_systemd_runs_the_session_the_printed_line_starts_it_and_uninstalling_disables_it() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let manager = UserSystemd::start(&session).await;
    manager.add_unit("graphical-session.target", "[Unit]\nDescription=A session with a screen\n").await;
    assert_eq!(manager.start_unit("graphical-session.target").await, "done");
    let _renderer = start_renderer(&session, &conn).await;
    let said = install(&session, &prefix(&session)).await.ok();
    let line = said.lines().find_map(|line| line.strip_prefix("Start it at every login:")).unwrap().trim();
    session.run("sh", ["-c", line]).await.ok();
    wait_owner(&conn, BUS_NAME, DEADLINE).await;
    wait_view(&conn, "the renderer behind the gate", |view| view.gate.in_path && view.renderer.up).await;
    assert_eq!(manager.main_pid("tidegate.service").await, owner_pid(&conn, BUS_NAME).await);
    let enabled = session.config_home().join("systemd/user/graphical-session.target.wants/tidegate.service");
    assert!(enabled.is_symlink());
    uninstall(&session).await.ok();
    assert!(!enabled.is_symlink() && !prefix(&session).join("share/systemd").exists());
    assert_eq!(manager.state_after_its_end("tidegate.service").await, "inactive");
    wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
}

/// `make run` once it is built, with nobody there to ask.
fn use_from_the_sources(session: &Session) -> Process {
    let mut command = session.command(sources().join("scripts/run"));
    command.arg(program("tidegate").parent().unwrap());
    session.spawn(command)
}

#[tokio::test]
async fn what_make_run_started_is_started_again_by_the_bus_and_the_next_run_does_not_ask() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let _screen = Xvfb::start(&session).await;
    let _renderer = start_renderer(&session, &conn).await;
    session.set("TIDEGATE_HOME", session.join("use").display().to_string());
    let mut refused = use_from_the_sources(&session);
    assert_eq!(refused.wait(DEADLINE).await.code(), Some(1));
    assert!(refused.log().contains("nobody is here to ask"), "{}", refused.log());

    session.set("TIDEGATE_TAKE_OVER", "yes");
    let mut first = use_from_the_sources(&session);
    let stands = async || {
        wait_owner(&conn, BUS_NAME, DEADLINE).await;
        wait_view(&conn, "the renderer behind the gate", |view| view.gate.in_path && view.renderer.up).await
    };
    stands().await;
    let cli = async |line: &str| session.run(program("tidegate"), line.split(' ')).await.ok();
    cli("quit --keep").await;
    cli("start 50").await;
    stands().await;
    assert!(session.join("use/data/tidegate/tidegate.db").exists() && !session.data_home().join("tidegate").exists());
    cli("settings set check-ins.monday 9:00").await;
    assert!(session.join("use/config/tidegate/settings.toml").exists());
    assert!(first.terminate(DEADLINE).await.success(), "{}", first.log());
    assert_eq!(owner(&conn, BUS_NAME).await, None);
    assert_eq!(files(&session.runtime_dir().join("dbus-1")), BTreeSet::new());

    session.set("TIDEGATE_TAKE_OVER", "");
    let mut next = use_from_the_sources(&session);
    assert!(stands().await.block.is_some());
    assert!(next.terminate(DEADLINE).await.success(), "{}", next.log());
}
