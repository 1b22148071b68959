//! Check 52: only their owner can read the files. And one daemon at a time.

use crate::failures::child;
use crate::rows::{Home, held, insert, write};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tidegate_domain::ports::Journal;
use tidegate_store::SqliteStore;

/// The mode of every file below a folder, and of the folder.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut modes: Vec<_> =
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), mode(&path))).collect();
    modes.push((".".into(), mode(folder)));
    modes.sort();
    modes
}

fn private(names: &[&str]) -> Vec<(String, u32)> {
    let mode = |name: &str| if name == "." { 0o700 } else { 0o600 };
    names.iter().map(|name| ((*name).to_owned(), mode(name))).collect()
}

const OPEN: [&str; 5] = [".", "tidegate.db", "tidegate.db-shm", "tidegate.db-wal", "tidegate.db.lock"];

fn check_umask(umask: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate/tidegate.db");
    let output = child(&format!("umask {umask}"), "place::child_makes_a_store", &path);
    assert!(output.status.success(), "umask {umask}: {output:?}");
    assert_eq!(modes(path.parent().unwrap()), private(&[".", "tidegate.db", "tidegate.db.lock"]), "umask {umask}");
}

#[test]
fn check_52_the_database_is_private_whatever_the_umask() {
    check_umask("000");
    check_umask("022");
    check_umask("277");
}

#[test]
#[ignore = "the test above runs it in a process with a umask of its own"]
fn child_makes_a_store() {
    let Some(path) = std::env::var_os("TIDEGATE_STORE") else { return };
    let path = PathBuf::from(path);
    let mut store = SqliteStore::new(path.clone());
    store.load().unwrap();
    write(&mut store, [insert(held(1))]);
    assert_eq!(modes(path.parent().unwrap()), private(&OPEN));
}

#[test]
fn check_52_modes_that_are_wrong_are_mended() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tidegate");
    fs::create_dir(&copy).unwrap();
    let crashed = ["tidegate.db", "tidegate.db-wal", "tidegate.db-shm"];
    for name in crashed {
        fs::copy(home.path().with_file_name(name), copy.join(name)).unwrap();
    }
    fs::write(copy.join("tidegate.db.v0-backup"), "old").unwrap();
    for file in fs::read_dir(&copy).unwrap() {
        fs::set_permissions(file.unwrap().path(), Permissions::from_mode(0o666)).unwrap();
    }
    fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
    let mut store = SqliteStore::new(copy.join("tidegate.db"));
    assert_eq!(store.load().unwrap().ledger.held, 1);
    let want = [".", "tidegate.db", "tidegate.db-shm", "tidegate.db-wal", "tidegate.db.lock", "tidegate.db.v0-backup"];
    assert_eq!(modes(&copy), private(&want));
}

#[test]
fn nothing_is_touched_before_the_store_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::new(folder.path().join("a/b/tidegate.db"));
    drop(store);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_second_daemon_is_refused_while_the_first_lives() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    let mut second = SqliteStore::new(home.path());
    let error = second.load().unwrap_err();
    assert_eq!(error.to_string(), format!("open {}: another Tidegate is using it", home.path().display()));
    let error = second.begin(true).unwrap_err();
    assert!(error.to_string().ends_with("no database is open"), "{error}");
    home.write([insert(held(2))]);
    assert_eq!(home.store.load().unwrap().ledger.held, 2);
}
