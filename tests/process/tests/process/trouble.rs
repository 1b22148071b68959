//! What can go wrong around the daemon: no room, no right to write, a broken database, a huge image, a second daemon, no
//! bus, broken settings. Each is one clear line, and notifications go on.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tidegate_contract::{ItemState, View};
use tidegate_testkit::{Client, DEADLINE, ImageData, Notification, Process, Session};
use tidegate_tests_process::{STORE_RETRY, Stand, program, start_daemon, words};

const MEBIBYTE: usize = 1 << 20;

fn database(session: &Session) -> PathBuf {
    session.data_home().join("tidegate/tidegate.db")
}

/// Exactly one trouble, of the store, in the view and in the words of `status`.
async fn assert_told(stand: &Stand) -> View {
    let view = stand.wait_view("the store's trouble", |view| !view.troubles.is_empty()).await;
    let codes: Vec<&str> = view.troubles.iter().map(|trouble| trouble.code.as_str()).collect();
    assert_eq!(codes, ["store"], "{:?}", view.troubles);
    let status = stand.cli(["status"]).await;
    assert!(status.stdout.contains("store cannot be written"), "{}", status.stdout);
    view
}

/// One is sent in trouble: it is answered and shown.
async fn assert_passes(stand: &Stand, app: &Client, text: &str) -> u32 {
    let before = stand.renderer.notified().len();
    let id = app.notify(&Notification::new(text)).await;
    let shown = stand.renderer.wait_notified(before + 1, DEADLINE).await;
    assert_eq!(shown[before].summary(), text);
    id
}

/// The store works again: the daemon finds out with what comes next, and holds.
async fn assert_recovers(stand: &mut Stand, app: &Client) {
    stand.advance(STORE_RETRY).await;
    app.notify(&Notification::new("it works again")).await;
    let view = stand.wait_view("the store well again", |view| view.troubles.is_empty()).await;
    if !view.gate.closed {
        stand.hold().await;
    }
    let id = app.notify(&Notification::new("held again")).await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Held);
    let ledger = stand.ledger().await;
    assert!(ledger.balanced, "{ledger:?}");
    assert!(stand.daemon.is_running());
}

#[tokio::test]
async fn a_full_disk_lets_everything_pass_says_so_and_is_forgotten_once_there_is_room() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.hold().await;
    let held = app.notify(&Notification::new("held before")).await;
    stand.fill_disk().await;
    let passed = assert_passes(&stand, &app, "without room").await;
    assert!(!assert_told(&stand).await.gate.closed);
    stand.free_disk().await;
    assert_recovers(&mut stand, &app).await;
    assert_eq!(stand.detail(held).await.item.state, ItemState::Held);
    assert_eq!(stand.detail(passed).await.item.state, ItemState::Passed);
    assert_eq!(stand.ledger().await.came_in, 4);
}

#[tokio::test]
async fn a_storm_on_a_full_disk_enters_the_books_once_there_is_room_and_nobody_waits_for_that() {
    const STORM: u32 = 3_000;
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    stand.hold().await;
    stand.fill_disk().await;
    for number in 0..STORM {
        app.notify(&Notification::new(&format!("storm {number}"))).await;
    }
    let told = assert_told(&stand).await;
    assert_eq!(told.held, 0, "nothing of it is on disk: {told:?}");
    stand.free_disk().await;
    assert_recovers(&mut stand, &app).await;
    let ledger = stand.ledger().await;
    assert!(ledger.balanced, "{ledger:?}");
    assert_eq!(ledger.came_in, STORM + 2);
    stand.kill9().await;
    stand.start_again().await;
    let counted = stand.ledger().await;
    assert_eq!((counted.came_in, counted.passed), (ledger.came_in, ledger.passed), "it is on disk");
}

#[tokio::test]
async fn a_folder_that_is_a_file_lets_everything_pass_until_it_is_mended() {
    let session = Session::start().await;
    fs::write(session.data_home().join("tidegate"), "in the way").unwrap();
    let mut stand = Stand::start_in(session).await;
    let app = stand.app().await;
    assert_passes(&stand, &app, "without a folder").await;
    assert_told(&stand).await;
    fs::remove_file(stand.session.data_home().join("tidegate")).unwrap();
    assert_recovers(&mut stand, &app).await;
}

#[tokio::test]
async fn a_read_only_folder_lets_everything_pass_until_it_can_be_written() {
    let session = Session::start().await;
    let folder = session.data_home().join("tidegate");
    fs::create_dir(&folder).unwrap();
    let mut stand = Stand::start_by(session, start_read_only).await;
    let app = stand.app().await;
    assert_passes(&stand, &app, "nowhere to write").await;
    assert_told(&stand).await;
    make_writable(&stand).await;
    assert_recovers(&mut stand, &app).await;
}

#[tokio::test]
async fn a_data_folder_that_is_deleted_under_the_daemon_is_written_again_and_nothing_of_it_is_lost() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let before = app.notify(&Notification::new("before")).await;
    fs::remove_dir_all(stand.session.data_home().join("tidegate")).unwrap();
    let meanwhile = app.notify(&Notification::new("finds it out")).await;
    let view = stand.wait_view("the gate closed again", |view| view.gate.closed).await;
    let codes: Vec<_> = view.troubles.iter().map(|trouble| trouble.code.as_str()).collect();
    assert_eq!(codes, ["store-loss"], "{:?}", view.troubles);
    assert!(words(&view.troubles[0].text).contains("written again, and nothing of it is lost"), "{:?}", view.troubles);
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(stand.detail(before).await.item.state, ItemState::Held);
    assert_eq!(stand.detail(meanwhile).await.item.state, ItemState::Passed);
    assert_eq!(stand.view().await.troubles, []);
}

#[tokio::test]
async fn a_database_that_came_back_empty_is_told_in_view_and_status_and_no_id_is_given_out_again() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let mut last = 0;
    for number in 0..100 {
        last = app.notify(&Notification::new(&format!("row {number}"))).await;
    }
    stand.kill9().await;
    fs::remove_file(database(&stand.session)).unwrap();
    fs::remove_file(database(&stand.session).with_extension("db-wal")).unwrap();
    stand.start_again().await;
    let view = stand.view().await;
    let told: Vec<_> = view.troubles.iter().map(|trouble| trouble.code.as_str()).collect();
    assert_eq!(told, ["store-loss"], "{:?}", view.troubles);
    assert!(stand.cli(["status"]).await.stdout.contains("is missing from it"));
    assert!(app.notify(&Notification::new("after")).await > last);
}

/// Root may write whatever a mode says, so for root the folder is a read-only file system that only the daemon sees.
fn start_read_only(session: &Session) -> Process {
    let folder = session.data_home().join("tidegate");
    if !is_root() {
        Command::new("chmod").arg("500").arg(&folder).status().unwrap();
        return start_daemon(session);
    }
    session.set("READ_ONLY", folder.to_string_lossy());
    let line = "mount -t tmpfs -o ro,mode=700 none \"$READ_ONLY\" && exec \"$@\"";
    let mut command = session.command("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", line, "sh"]);
    command.arg(program("tidegate")).args(["daemon", "--replace-now"]);
    session.spawn(command)
}

async fn make_writable(stand: &Stand) {
    let folder = stand.session.data_home().join("tidegate");
    let folder = folder.to_string_lossy();
    if is_root() {
        let pid = stand.daemon.pid().to_string();
        let remount = ["--target", &pid, "--mount", "mount", "-o", "remount,rw", &folder];
        stand.session.run("nsenter", remount).await.ok();
    } else {
        stand.session.run("chmod", ["700", &folder]).await.ok();
    }
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().contains("\nUid:\t0\t")
}

#[tokio::test]
async fn a_database_of_garbage_lets_everything_pass_until_it_is_put_away() {
    let session = Session::start().await;
    fs::create_dir(session.data_home().join("tidegate")).unwrap();
    fs::write(database(&session), garbage()).unwrap();
    let mut stand = Stand::start_in(session).await;
    let app = stand.app().await;
    assert_passes(&stand, &app, "beside garbage").await;
    assert_told(&stand).await;
    assert_eq!(fs::read(database(&stand.session)).unwrap(), garbage(), "it may be mended: it is not overwritten");
    fs::rename(database(&stand.session), stand.session.join("put-away")).unwrap();
    assert_recovers(&mut stand, &app).await;
}

#[tokio::test]
async fn a_database_that_becomes_garbage_under_the_daemon_costs_no_answer() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    for number in 0..20 {
        app.notify(&Notification::new(&format!("before {number}"))).await;
    }
    for file in ["tidegate.db", "tidegate.db-wal"] {
        fs::write(stand.session.data_home().join("tidegate").join(file), garbage()).unwrap();
    }
    for number in 0..20 {
        app.notify(&Notification::new(&format!("after {number}"))).await;
    }
    assert!(stand.daemon.is_running());
    stand.kill9().await;
    stand.start_again().await;
    assert_told(&stand).await;
    assert_passes(&stand, &app, "beside garbage").await;
}

fn garbage() -> Vec<u8> {
    b"no database at all\n".repeat(4096)
}

#[tokio::test]
async fn an_image_of_60_mib_is_made_smaller_and_kept_with_its_text_in_under_150_mib() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let image = ImageData::grey(4096, 5120);
    assert_eq!(image.data.len(), 60 * MEBIBYTE);
    let id = app.notify(&Notification::new("a holiday").body("the beach").image("image-data", image)).await;
    let detail = stand.detail(id).await;
    assert_eq!((detail.item.summary.as_str(), detail.item.body.as_str()), ("a holiday", "the beach"));
    assert!(detail.remarks.is_empty(), "{:?}", detail.remarks);
    let peak = peak_kib(stand.daemon.pid());
    println!("an image of 60 MiB: peak {} MiB", peak / 1024);
    assert!(peak < 150 * 1024, "{peak} KiB");
}

#[tokio::test]
async fn a_text_of_100_mib_is_refused_before_it_is_kept_anywhere() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let refused = app.try_notify(&Notification::new("endless").body(&"x".repeat(100 * MEBIBYTE))).await.unwrap_err();
    let zbus::Error::MethodError(name, ..) = refused else { panic!("{refused}") };
    assert_eq!(name.as_str(), "org.freedesktop.DBus.Error.LimitsExceeded");
    let peak = peak_kib(stand.daemon.pid());
    println!("a text of 100 MiB: peak {} MiB", peak / 1024);
    assert!(peak < 150 * 1024, "{peak} KiB");
    assert!(stand.held().await.is_empty());
}

/// The most memory that a process ever had.
fn peak_kib(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_second_daemon_says_in_one_line_that_one_runs_and_leaves_it_alone() {
    let stand = Stand::holding().await;
    let second = stand.cli(["daemon"]).await;
    assert_eq!(second.code, 5, "{second:?}");
    assert_eq!(second.stderr.trim_end().lines().count(), 1, "{}", second.stderr);
    assert!(second.stderr.contains("running already"), "{}", second.stderr);
    let id = stand.app().await.notify(&Notification::new("to the first")).await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Held);
}

#[tokio::test]
async fn a_second_session_says_who_keeps_the_data_and_holds_once_that_one_has_ended() {
    let mut first = Stand::holding().await;
    let session = Session::start().await;
    session.set("XDG_DATA_HOME", first.session.data_home().to_string_lossy());
    let mut second = Stand::start_in(session).await;
    let app = second.app().await;
    assert_passes(&second, &app, "beside the first").await;
    let view = second.wait_view("the other session", |view| !view.troubles.is_empty()).await;
    let told: Vec<_> = view.troubles.iter().map(|trouble| (trouble.code.as_str(), words(&trouble.text))).collect();
    let said = format!(
        "Tidegate runs in another session of yours (process {}) and keeps its data there; here everything passes.",
        first.daemon.pid()
    );
    assert_eq!(told, [("store", said.clone())]);
    let status = second.cli(["status"]).await.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status.contains(&said) && !status.contains("Make room"), "{status}");
    assert_eq!(first.view().await.troubles, [], "nothing is wrong there");
    first.terminate().await;
    assert_recovers(&mut second, &app).await;
}

#[tokio::test]
async fn without_a_bus_the_daemon_and_its_clients_say_so_in_one_line() {
    let session = Session::start().await;
    session.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", session.join("no-bus").display()));
    for arguments in [["daemon"], ["status"]] {
        let ran = session.run(program("tidegate"), arguments).await;
        assert_eq!(ran.code, 3, "{arguments:?}: {ran:?}");
        assert_eq!(ran.stderr.trim_end().lines().count(), 1, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("tidegate: no session bus at unix:path="), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("run this inside your desktop session"), "{arguments:?}: {}", ran.stderr);
    }
    for folder in ["", "relative/path"] {
        session.set("XDG_RUNTIME_DIR", folder);
        let ran = session.run(program("tidegate"), ["daemon"]).await;
        assert_eq!((ran.code, ran.stderr.trim_end().lines().count()), (3, 1), "{ran:?}");
        assert!(ran.stderr.contains("XDG_RUNTIME_DIR") && ran.stderr.contains("desktop session"), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_broken_settings_file_is_named_in_one_line_and_the_defaults_hold() {
    let stand = Stand::start_with_settings("[check-ins]\nmonday = [\"25:99\"]\n").await;
    let view = stand.view().await;
    assert_eq!(view.troubles.len(), 1, "{:?}", view.troubles);
    let trouble = &view.troubles[0];
    assert_eq!((trouble.code.as_str(), words(&trouble.text).lines().count()), ("settings", 1));
    assert!(
        words(&trouble.text).contains("settings.toml") && words(&trouble.text).contains("line 2"),
        "{}",
        words(&trouble.text)
    );
    assert!(stand.cli(["status"]).await.stdout.contains("settings.toml"));
    assert_eq!(view.check_ins_today.len(), 3, "11:30, 14:00 and 16:30");
    stand.hold().await;
    let id = stand.app().await.notify(&Notification::new("held all the same")).await;
    assert_eq!(stand.detail(id).await.item.state, ItemState::Held);
}
