//! The database is deleted, emptied or replaced, while it is open and while it is not: nothing that was acknowledged is
//! lost where it can be saved, what is lost is told, and ids go on.

use crate::rows::{held, insert, raw, save, saved, write};
use std::fs;
use std::path::{Path, PathBuf};
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{FIRST_ID, Saved, Seq, StoreFault, StoreLoss, Write};
use tidegate_store::SqliteStore;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data/tidegate")
    }

    fn database(&self) -> PathBuf {
        self.data().join("tidegate.db")
    }

    fn store(&self) -> SqliteStore {
        let witness = self.folder.path().join("state/tidegate/database.json");
        SqliteStore::new(self.database()).with_witness(witness)
    }
}

fn rows(from: i64, upto: i64) -> impl Iterator<Item = Write> {
    (from..=upto).map(|seq| Write::Insert { row: Box::new(held(seq)), raw: Some(raw(&[5; 3_000])) })
}

/// The next durable transaction finds out, and the next load saves what is open.
fn is_saved(store: &mut SqliteStore, last: i64) {
    let error = store.begin(true).unwrap_err();
    assert_eq!(error.fault, StoreFault::Vanished, "{error}");
    let loaded = store.load().unwrap();
    assert_eq!((loaded.last_seq, loaded.loss), (Seq(last), Some(StoreLoss::WrittenAgain)));
    assert_eq!(store.raw(Seq(last)).unwrap().unwrap().body.len(), 3_000);
    write(store, rows(last + 1, last + 1));
}

#[test]
fn a_database_that_is_deleted_while_it_is_open_is_written_again_with_all_that_it_held() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, rows(1, 50));
    fs::remove_dir_all(place.data()).unwrap();
    is_saved(&mut store, 50);
    for name in ["tidegate.db", "tidegate.db-wal"] {
        fs::remove_file(place.data().join(name)).unwrap();
        let last = store.load().unwrap().last_seq.0;
        assert_eq!(store.load().unwrap().loss, None, "it is told of once");
        write(&mut store, rows(last + 1, last + 1));
    }
    drop(store);
    let mut next = place.store();
    let loaded = next.load().unwrap();
    assert_eq!((loaded.last_seq, loaded.loss), (Seq(53), None));
}

#[test]
fn a_log_that_is_deleted_is_noticed_too() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, rows(1, 50));
    fs::remove_file(place.data().join("tidegate.db-wal")).unwrap();
    is_saved(&mut store, 50);
    assert!(!place.data().join("tidegate.db.put-aside").exists(), "it was no other's");
}

#[test]
fn a_file_that_stands_in_its_place_is_put_aside_and_not_lost_either() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, rows(1, 3));
    fs::rename(place.database(), place.data().join("moved")).unwrap();
    fs::write(place.database(), "somebody else's").unwrap();
    is_saved(&mut store, 3);
    let aside = fs::read(place.data().join("tidegate.db.put-aside")).unwrap();
    assert_eq!(aside, b"somebody else's");
}

#[test]
fn where_another_session_has_taken_the_place_nothing_of_its_is_touched() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, rows(1, 3));
    fs::remove_dir_all(place.data()).unwrap();
    fs::create_dir_all(place.data()).unwrap();
    let lock = fs::File::create(place.data().join("tidegate.db.lock")).unwrap();
    lock.lock().unwrap();
    fs::write(place.data().join("tidegate.db.lock"), "1\n").unwrap();
    fs::write(place.database(), "theirs").unwrap();
    let error = store.load().unwrap_err();
    assert_eq!(error.fault, StoreFault::InUse { by: Some(1) }, "{error}");
    assert_eq!(fs::read(place.database()).unwrap(), b"theirs");
    drop(lock);
    assert_eq!(store.load().unwrap().last_seq, Seq(3), "as soon as that one has ended");
}

fn ids(reserved_ids: u32) -> Write {
    save(Saved { reserved_ids, ..saved(1, 0) })
}

fn check_noticed(damage: impl Fn(&Path)) {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, [ids(FIRST_ID + 4_096)].into_iter().chain(rows(1, 20)));
    store.tidy().unwrap();
    write(&mut store, [insert(held(21))]);
    // As a kill leaves it: the log is not moved into the database.
    let left = place.folder.path().join("left");
    fs::create_dir(&left).unwrap();
    for file in fs::read_dir(place.data()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), left.join(file.file_name())).unwrap();
    }
    drop(store);
    fs::remove_dir_all(place.data()).unwrap();
    fs::rename(&left, place.data()).unwrap();
    damage(&place.data());
    let mut store = place.store();
    let loaded = store.load().unwrap();
    assert_eq!(loaded.loss, Some(StoreLoss::Missing { last_good: held(20).arrived }));
    assert_eq!((loaded.last_seq, loaded.ids_from), (Seq(0), FIRST_ID + 4_096));
    write(&mut store, rows(1, 1));
    store.tidy().unwrap();
    drop(store);
    let loaded = place.store().load().unwrap();
    assert_eq!((loaded.loss, loaded.ids_from), (None, FIRST_ID + 4_096), "it is told of once, and ids go on");
}

#[test]
fn a_database_that_is_gone_or_came_back_empty_is_told_with_the_day_on_which_it_was_whole_and_ids_go_on() {
    check_noticed(|data| fs::remove_dir_all(data).unwrap());
    check_noticed(|data| {
        fs::write(data.join("tidegate.db"), "").unwrap();
        fs::remove_file(data.join("tidegate.db-wal")).unwrap();
    });
    check_noticed(|data| fs::remove_file(data.join("tidegate.db-wal")).unwrap());
}

#[test]
fn a_database_that_was_only_killed_misses_nothing() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    write(&mut store, [ids(FIRST_ID + 4_096)].into_iter().chain(rows(1, 20)));
    store.tidy().unwrap();
    write(&mut store, rows(21, 22));
    drop(store);
    assert_eq!(place.store().load().unwrap().loss, None);
}
