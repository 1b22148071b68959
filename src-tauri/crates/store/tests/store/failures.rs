//! Damaged, full, forbidden, newer: every failure is an error that says what to do, nothing of a failed transaction
//! stays, and a mended store goes on.

use crate::rows::{Home, held, insert, raw, save, saved, write};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{Query, Seq, Write};
use tidegate_store::{SCHEMA_VERSION, SqliteStore};

/// Runs one ignored test of this binary in a process of its own, after some shell commands.
pub(crate) fn child(before: &str, test: &str, path: &Path) -> Output {
    let program = std::env::current_exe().unwrap();
    Command::new("sh")
        .args(["-c", &format!("{before}; exec \"$0\" \"$@\"")])
        .arg(program)
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("TIDEGATE_STORE", path)
        .output()
        .unwrap()
}

fn path_in_child() -> Option<PathBuf> {
    std::env::var_os("TIDEGATE_STORE").map(PathBuf::from)
}

fn load_error(path: &Path) -> String {
    SqliteStore::new(path.to_owned()).load().unwrap_err().to_string()
}

fn damaged_file(damage: impl Fn(&File, u64)) -> (tempfile::TempDir, PathBuf) {
    let mut home = Home::new();
    home.write((1..=200).map(|seq| Write::Insert { row: Box::new(held(seq)), raw: Some(raw(&[3; 3_000])) }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate.db");
    let home = home.reopen();
    fs::copy(home.path(), &path).unwrap();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    damage(&file, file.metadata().unwrap().len());
    (folder, path)
}

fn check_damage(damage: impl Fn(&File, u64)) {
    let (_folder, path) = damaged_file(damage);
    let mut store = SqliteStore::new(path.clone());
    let error = store.load().unwrap_err().to_string();
    assert!(error.starts_with(&format!("open {}: the file is damaged", path.display())), "{error}");
    assert!(error.contains("move it away and Tidegate begins a new one"), "{error}");
    store.load().unwrap_err();
    fs::remove_file(&path).unwrap();
    assert_eq!(store.load().unwrap().last_seq, Seq(0), "mended");
    write(&mut store, [insert(held(1))]);
}

#[test]
fn a_damaged_file_is_told_from_an_empty_one_and_what_to_do_is_said() {
    check_damage(|file, _| file.write_all_at(b"not a database at all", 0).unwrap());
    check_damage(|file, _| file.set_len(100).unwrap());
    check_damage(|file, length| file.set_len(length / 2).unwrap());
    check_damage(|file, _| file.write_all_at(&[0xa5; 4_000], 100).unwrap());
}

/// Damage in pages that a start does not read is met later; from then on the whole file is checked.
#[test]
fn damage_that_is_met_late_is_not_forgotten_by_a_reload() {
    let (_folder, path) = damaged_file(|file, length| {
        let messages = (1..length / 4_096).filter(|page| is_message(file, *page));
        messages.for_each(|page| file.write_all_at(&[0xa5; 64], page * 4_096).unwrap());
    });
    let mut store = SqliteStore::new(path.clone());
    store.load().unwrap();
    let error = store.raw(Seq(100)).unwrap_err().to_string();
    assert!(error.starts_with("read ") && error.contains("the file is damaged"), "{error}");
    let error = store.load().unwrap_err().to_string();
    assert!(error.starts_with("open ") && error.contains("the file is damaged"), "{error}");
    fs::remove_file(&path).unwrap();
    store.load().unwrap();
}

/// Whether a page holds one of the messages that [`damaged_file`] writes.
fn is_message(file: &File, page: u64) -> bool {
    let mut bytes = [0; 4_096];
    file.read_exact_at(&mut bytes, page * 4_096).unwrap();
    bytes.iter().filter(|byte| **byte == 3).count() > 2_000
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let home = Home::new();
    let path = home.path();
    let newer = SCHEMA_VERSION + 1;
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", newer).unwrap();
    // As a crash leaves it: the newer version is in the log only.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tidegate.db");
    let log = folder.path().join("tidegate.db-wal");
    fs::copy(&path, &copy).unwrap();
    fs::copy(path.with_file_name("tidegate.db-wal"), &log).unwrap();
    let bytes = || (fs::read(&copy).unwrap(), fs::read(&log).unwrap());
    let before = bytes();
    let error = load_error(&copy);
    assert!(
        error.contains(&format!("newer Tidegate (schema {newer}, this one knows up to {SCHEMA_VERSION})")),
        "{error}"
    );
    assert!(before == bytes(), "nothing was touched");
}

#[test]
fn a_word_that_is_not_known_is_an_error_that_names_it() {
    for (column, what) in [("state", "a state"), ("why", "a reason"), ("origin", "where one came from")] {
        let mut home = Home::new();
        home.write([insert(held(1))]);
        let other = rusqlite::Connection::open(home.path()).unwrap();
        other.execute(&format!("UPDATE notices SET {column} = 'later-word'"), []).unwrap();
        let error = home.store.rows(&Query::Seqs(vec![Seq(1)])).unwrap_err().to_string();
        assert!(error.contains(&format!("{what} is stored as \"later-word")), "{error}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_owned();
    let unprivileged = move || {
        forgo_root();
        let path = parent.join("tidegate/tidegate.db");
        let mut store = SqliteStore::new(path.clone());
        let error = store.load().unwrap_err().to_string();
        assert_eq!(error, format!("open {}: Permission denied (os error 13)", path.display()));
        (store, parent)
    };
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let (mut store, parent) = std::thread::spawn(unprivileged).join().unwrap();
    fs::set_permissions(parent, Permissions::from_mode(0o755)).unwrap();
    store.load().unwrap();
    write(&mut store, [insert(held(1))]);
}

/// This thread may no longer do what the file modes forbid.
fn forgo_root() {
    if rustix::process::geteuid().is_root() {
        let nobody = rustix::process::Uid::from_raw(65_534);
        rustix::thread::set_thread_res_uid(None, nobody, None).unwrap();
    }
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tidegate"), "").unwrap();
    let error = load_error(&folder.path().join("tidegate/tidegate.db"));
    assert!(error.contains("os error"), "{error}");
}

#[test]
fn a_commit_that_does_not_fit_leaves_nothing_and_goes_through_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate/tidegate.db");
    // Room for one MiB per file, then "file too large", from the kernel itself.
    let output = child("trap '' XFSZ; ulimit -S -f 2048", "failures::child_runs_out_of_room", &path);
    assert!(output.status.success(), "{output:?}");
    let mut store = SqliteStore::new(path);
    assert_eq!(store.load().unwrap().saved, Some(saved(2, 0)));
}

#[test]
#[ignore = "the test above runs it in a process that may not write large files"]
fn child_runs_out_of_room() {
    let Some(path) = path_in_child() else { return };
    let mut store = SqliteStore::new(path.clone());
    store.load().unwrap();
    let stored = fill(&mut store);
    assert!(stored > 0);
    check_rows(&mut store, stored);
    drop(store);
    let mut store = SqliteStore::new(path);
    let reopened = store.load();
    if reopened.is_ok() {
        check_rows(&mut store, stored);
    }
    make_room();
    assert_eq!(store.load().unwrap().last_seq, Seq(stored));
    check_rows(&mut store, stored);
    write(&mut store, [insert(held(stored + 1)), save(saved(2, 0))]);
    check_rows(&mut store, stored + 1);
}

/// Writes until nothing goes any more; the key of the last row that was committed.
fn fill(store: &mut SqliteStore) -> i64 {
    let mut stored = 0;
    loop {
        store.begin(true).unwrap();
        let row = Write::Insert { row: Box::new(held(stored + 1)), raw: Some(raw(&[7; 20_000])) };
        let done = store.apply(&row).and_then(|()| store.commit());
        let Err(error) = done else {
            stored += 1;
            continue;
        };
        assert!(error.to_string().starts_with("commit "), "{error}");
        store.roll_back();
        return stored;
    }
}

fn check_rows(store: &mut SqliteStore, count: i64) {
    let last = store.rows(&Query::Seqs(vec![Seq(count), Seq(count + 1)])).unwrap().rows;
    assert_eq!(last, [held(count)]);
}

fn make_room() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
}

#[test]
fn a_store_that_cannot_be_written_does_not_load() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    let path = home.path();
    let Home { store, .. } = &mut home;
    *store = SqliteStore::new(path.clone());
    let output = child("trap '' XFSZ; ulimit -S -f 0", "failures::child_cannot_write", &path);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(home.store.load().unwrap().last_seq, Seq(2));
}

#[test]
#[ignore = "the test above runs it in a process that may not write at all"]
fn child_cannot_write() {
    let Some(path) = path_in_child() else { return };
    let mut store = SqliteStore::new(path);
    store.load().unwrap_err();
    store.load().unwrap_err();
    make_room();
    assert_eq!(store.load().unwrap().last_seq, Seq(1));
    write(&mut store, [insert(held(2))]);
}

#[test]
fn what_was_committed_survives_an_abort_and_what_was_not_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate/tidegate.db");
    let output = child("true", "failures::child_aborts", &path);
    assert_eq!(output.status.signal(), Some(6), "{output:?}");
    let mut store = SqliteStore::new(path);
    assert_eq!(store.load().unwrap().last_seq, Seq(2));
}

#[test]
#[ignore = "the test above runs it in a process that ends there"]
fn child_aborts() {
    let Some(path) = path_in_child() else { return };
    let mut store = SqliteStore::new(path);
    store.load().unwrap();
    write(&mut store, [insert(held(1))]);
    store.begin(false).unwrap();
    store.apply(&insert(held(2))).unwrap();
    store.commit().unwrap();
    store.begin(true).unwrap();
    store.apply(&insert(held(3))).unwrap();
    std::process::abort();
}
