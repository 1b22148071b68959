//! Abuse: a flood harms nobody else, and what people write to one another is read by nobody else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tidegate_testkit::{DEADLINE, Notification, Session};
use tidegate_tests_process::{Stand, words};

/// Those of one app beyond this many keep id, time and count only.
const KEPT: usize = 2_000;
const FLOOD: usize = KEPT + 1;
/// How many another app sends meanwhile.
const OTHERS: usize = 50;

#[tokio::test]
async fn check_51_a_flood_leaves_others_answered_and_drops_the_text_of_its_oldest() {
    let mut stand = Stand::holding().await;
    let (flooder, other) = (stand.app().await, stand.app().await);
    let mut calls = Vec::new();
    for number in 0..FLOOD {
        calls
            .push(flooder.send(&Notification::new(&format!("flood {number}")).body("water").hint("x-wet", 1_u8)).await);
    }
    let mut waits = Vec::new();
    for number in 0..OTHERS {
        let began = Instant::now();
        other.notify(&Notification::new(&format!("other {number}")).app_name("other")).await;
        waits.push(began.elapsed());
    }
    let mut ids = Vec::new();
    for call in calls {
        let reply = flooder.reply(call, DEADLINE).await.unwrap();
        ids.push(reply.body().deserialize::<u32>().unwrap());
    }
    report(waits);
    let total = u32::try_from(FLOOD + OTHERS).unwrap();
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.came_in, ledger.balanced), (total, total, true), "no row is ever removed");
    let (first, last) = (stand.detail(ids[0]).await, stand.detail(ids[FLOOD - 1]).await);
    assert!(first.item.text_dropped && first.item.body.is_empty(), "{first:?}");
    assert!(first.item.arrived > 0 && first.remarks.iter().any(|remark| words(remark).contains("flood")), "{first:?}");
    assert_eq!((last.item.body.as_str(), last.item.text_dropped), ("water", false));
    let raw = stand.release(ids[0]).await.fields();
    assert_eq!((raw.body.as_str(), raw.hints.contains_key("x-wet")), ("", false), "nothing of it is kept elsewhere");
}

fn report(mut waits: Vec<Duration>) {
    waits.sort();
    println!("another app during a flood: median {:?}, longest {:?}", waits[OTHERS / 2], waits[OTHERS - 1]);
}

#[tokio::test]
async fn beyond_what_may_be_kept_the_oldest_of_the_largest_app_lose_their_pictures_only() {
    let mut stand = Stand::start_with_settings("[storage]\nmost-megabytes = 2\n").await;
    stand.hold().await;
    let (large, small) = (stand.app().await, stand.app().await);
    let with_blob = |app: &str, length: usize| {
        let told = Notification::new("new").body("its text").action("open", "Open");
        told.hint("desktop-entry", format!("org.example.{app}")).hint("x-blob", vec![7_u8; length])
    };
    let first = small.notify(&with_blob("Small", 1_000)).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(large.notify(&with_blob("Large", 600_000)).await);
    }
    assert_eq!(without_details(&stand, &ids).await, ids[..4], "two of them fit, and the small one");
    assert!(without_details(&stand, &[first]).await.is_empty());
    stand.cli(["settings", "set", "storage.most-megabytes", "1"]).await.ok();
    let last = small.notify(&with_blob("Small", 1_000)).await;
    assert_eq!(without_details(&stand, &ids).await, ids[..5], "a smaller total counts at once");
    assert!(without_details(&stand, &[first, last]).await.is_empty());
    let ledger = stand.ledger().await;
    assert_eq!((ledger.held, ledger.came_in, ledger.balanced), (8, 8, true), "no row is ever removed");
    let oldest = stand.detail(ids[0]).await.item;
    assert_eq!((oldest.body.as_str(), oldest.text_dropped, oldest.actions.len()), ("its text", false, 1));
    let shown = stand.release(ids[0]).await.fields();
    assert_eq!((shown.body.as_str(), shown.actions.len(), shown.hints.contains_key("x-blob")), ("its text", 2, false));
    let shown = stand.release(ids[5]).await.fields();
    assert!(shown.hints.contains_key("x-blob"), "the newest has all of it");
}

/// Those that say that what only the message had is gone.
async fn without_details(stand: &Stand, ids: &[u32]) -> Vec<u32> {
    let mut found = Vec::new();
    for id in ids {
        let remarks = stand.detail(*id).await.remarks;
        if remarks.iter().any(|it| words(it) == "picture and details dropped: too much is kept on disk") {
            found.push(*id);
        }
    }
    found
}

#[tokio::test]
async fn check_52_no_text_of_a_notification_is_in_any_log() {
    let session = Session::start().await;
    session.set("TIDEGATE_LOG", "trace");
    let mut stand = Stand::start_in(session).await;
    let app = stand.app().await;
    let secret =
        |text: &str| Notification::new(&format!("Zwiebelkuchen {text}")).body("Rhabarber").action("a", "Quark");
    app.notify(&secret("passes")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.hold().await;
    let id = app.notify(&secret("is held")).await;
    app.notify(&secret("is edited").replaces(id)).await;
    stand.release(id).await;
    stand.kill9().await;
    let before = stand.daemon.log();
    for file in ["tidegate.db", "tidegate.db-wal"] {
        fs::write(stand.session.data_home().join("tidegate").join(file), "garbage\n".repeat(1 << 12)).unwrap();
    }
    stand.start_again().await;
    app.notify(&secret("passes beside a broken store")).await;
    let after = stand.daemon.log();
    assert!(after.contains("the store cannot be used"), "it logs: {after}");
    stand.terminate().await;
    let logs = logs(&stand.session.join("logs"));
    for text in ["Zwiebelkuchen", "Rhabarber", "Quark"] {
        assert!(!logs.contains(text) && !before.contains(text) && !after.contains(text), "{text} is in a log");
    }
}

fn logs(folder: &Path) -> String {
    files(folder).iter().map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()).collect()
}

#[tokio::test]
async fn check_52_only_the_user_can_read_what_is_kept() {
    let stand = Stand::holding().await;
    stand.app().await.notify(&Notification::new("private")).await;
    let databases: Vec<PathBuf> = files(&stand.session.data_home().join("tidegate"))
        .into_iter()
        .filter(|file| fs::read(file).unwrap().windows(7).any(|bytes| bytes == b"private"))
        .collect();
    assert!(!databases.is_empty(), "the notification is on disk");
    for file in databases {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o700, "{}", file.display());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
