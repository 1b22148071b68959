//! The store itself: the connection that writes, and the transaction that is open on it. Must not know SQL beyond that.

use crate::cause::Cause;
use crate::finding::Finding;
use crate::opening::{Database, open, prove_writable};
use crate::place;
use crate::reader::{Opened, SqliteReader};
use crate::reserve::Reserve;
use crate::room::{self, Limit, Room};
use crate::sums::Sums;
use crate::texts::SharedTexts;
use crate::witness::Witness;
use crate::writing::Writing;
use crate::{loading, rescue, tidying, wording};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use tidegate_domain::ports::{Archive, EarlierText, Journal, Senders, StoreError};
use tidegate_domain::{
    Found, HeldByConversation, Interruption, LaterMark, Loaded, NoticeId, Query, Raw, Seq, StoreFault, StoreLoss,
    WithdrawnApp, Write,
};

/// Rows of the list of all held ones: more take longer than others may wait. The oldest: what comes in moves none of them.
pub(crate) const LISTED: u32 = 100_000;

/// The rows in a SQLite file. Nothing is read or written before [`Journal::load`].
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    database: Option<Database>,
    texts: SharedTexts,
    /// Which files are open, for whoever reads beside it.
    opened: Opened,
    sums: Sums,
    limit: Limit,
    witness: Witness,
    reserve: Reserve,
    /// It was loaded, and is not just being started.
    was_loaded: bool,
    /// The last commit was a durable one, and so all before it are on disk.
    synced: bool,
    /// Something read as damaged: the file must be checked whole before it is trusted again.
    suspect: bool,
}

impl SqliteStore {
    /// A store in this file, such as `$XDG_DATA_HOME/tidegate/tidegate.db`. Its folder is the store's alone.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        let (texts, sums, witness) = (SharedTexts::default(), Sums::default(), Witness::default());
        let (limit, reserve) = (Limit::default(), Reserve::new(place::beside(&path, "-reserve")));
        let (database, was_loaded, synced, suspect) = (None, false, false, false);
        let opened = Opened::default();
        Self { path, database, texts, opened, sums, limit, witness, reserve, was_loaded, synced, suspect }
    }

    /// Remembers in this file, which lies elsewhere, how far the database has come.
    #[must_use]
    pub fn with_witness(self, file: PathBuf) -> Self {
        Self { witness: Witness::new(file), ..self }
    }

    /// Keeps no more bytes of bodies than that.
    #[must_use]
    pub fn with_limit(self, limit: Limit) -> Self {
        Self { limit, ..self }
    }

    /// Another way to read, beside this one.
    #[must_use]
    pub fn reader(&self) -> SqliteReader {
        SqliteReader::new(self.path.clone(), self.texts.committed(), self.opened.clone())
    }

    fn during<T>(&mut self, operation: &'static str, result: Result<T, Cause>) -> Result<T, StoreError> {
        self.suspect |= result.as_ref().is_err_and(Cause::is_damage);
        result.map_err(|cause| StoreError {
            operation,
            object: self.path.display().to_string(),
            fault: cause.fault(),
            source: Box::new(cause),
        })
    }

    fn connection(&self) -> Result<&Connection, Cause> {
        Ok(&self.database.as_ref().ok_or(Cause::NotOpen)?.connection)
    }

    fn finding(&self) -> Result<Finding<'_>, Cause> {
        Ok(Finding { connection: self.connection()?, texts: &self.texts })
    }

    /// A start may use what is kept back; what fails later tries again only once there is room, or somebody asks for it.
    fn start_or_reload(&mut self) -> Result<Loaded, Cause> {
        let mut loaded = self.open_and_load();
        let lacks_room = |cause: &Cause| cause.fault() == StoreFault::Unusable;
        if !self.was_loaded && loaded.as_ref().is_err_and(lacks_room) && self.reserve.give_way() {
            loaded = self.open_and_load();
        }
        self.was_loaded |= loaded.is_ok();
        loaded
    }

    fn open_and_load(&mut self) -> Result<Loaded, Cause> {
        let rescued = self.rescue()?;
        self.close();
        let mut database = open(&self.path, self.suspect)?;
        self.suspect = false;
        let mut loaded = loading::load(&mut database.connection, &mut self.texts.lock())?;
        self.sums = room::count(&database.connection)?;
        self.opened.set(database.identity());
        self.database = Some(database);
        let missing = self.witness.misses_since(loaded.last_seq.0).map(|last_good| StoreLoss::Missing { last_good });
        loaded.loss = missing.or(rescued.then_some(StoreLoss::WrittenAgain));
        loaded.ids_from = self.witness.reserved_ids();
        Ok(loaded)
    }

    /// Writes a database whose file was deleted again; whether that had to be.
    fn rescue(&self) -> Result<bool, Cause> {
        match &self.database {
            Some(database) if !self.suspect && !database.is_in_place(&self.path) => {
                rescue::write_again(&database.connection, &self.path, database.has_its_file(&self.path))?;
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }

    fn begin_transaction(&mut self, durable: bool) -> Result<(), Cause> {
        let database = self.database.as_mut().ok_or(Cause::NotOpen)?;
        if durable && !database.is_in_place(&self.path) {
            return Err(Cause::Vanished);
        }
        self.synced = durable;
        database.set_durable(durable)?;
        database.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    fn apply_write(&mut self, write: &Write) -> Result<(), Cause> {
        let database = self.database.as_ref().ok_or(Cause::NotOpen)?;
        if database.connection.is_autocommit() {
            return Err(Cause::NoTransaction);
        }
        if let Write::Save(saved) = write {
            self.witness.reserve(saved.reserved_ids);
        }
        let connection = &database.connection;
        let room = Room { connection, sums: &mut self.sums, limit: &self.limit };
        Writing { connection, texts: &mut self.texts.lock(), room }.apply(write)
    }

    fn commit_transaction(&mut self) -> Result<(), Cause> {
        self.connection()?.prepare_cached("COMMIT")?.execute([])?;
        self.texts.lock().commit();
        self.sums.commit();
        if self.reserve.gave_way() {
            // The log would take more room with each commit; where it cannot be moved, the next one says so.
            drop(tidying::empty_log(self.connection()?));
        }
        Ok(())
    }

    fn tidy_if_idle(&mut self) -> Result<bool, Cause> {
        let database = self.database.as_mut().ok_or(Cause::NotOpen)?;
        if !database.connection.is_autocommit() {
            return Ok(false);
        }
        if self.synced
            && let Some(row) = loading::last_row(&database.connection)?
        {
            self.witness.is_whole(row);
        }
        let tidied = tidying::tidy(database, &mut self.sums, &self.limit);
        if tidied.is_err() {
            self.sums.roll_back();
        }
        self.reserve.make();
        tidied
    }

    /// A connection that cannot even roll back is given up: closing it does the same, and [`Journal::load`] opens another.
    fn abandon(&mut self) {
        self.texts.lock().roll_back();
        self.sums.roll_back();
        let Some(database) = &self.database else { return };
        if !database.connection.is_autocommit() && database.connection.execute_batch("ROLLBACK").is_err() {
            self.close();
        }
    }

    fn close(&mut self) {
        self.opened.set(None);
        self.database = None;
    }

    /// A commit can fail after the whole transaction has reached the log; the next write makes sure that it is void. When
    /// that fails too, nothing more can be done from here.
    fn void_failed_commit(&mut self) {
        self.abandon();
        if let Some(database) = &self.database {
            drop(prove_writable(&database.connection));
        }
    }
}

impl Archive for SqliteStore {
    fn rows(&mut self, need: &Query) -> Result<Found, StoreError> {
        let rows = self.finding().and_then(|finding| finding.rows(need));
        self.during("read", rows)
    }

    fn raw(&mut self, seq: Seq) -> Result<Option<Raw>, StoreError> {
        let raw = self.finding().and_then(|finding| finding.raw(seq));
        self.during("read", raw)
    }

    fn held(&mut self, after: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        let rows = self.finding().and_then(|finding| finding.held(after, limit));
        self.during("read", rows)
    }

    fn held_by_conversation(&mut self, later_than: LaterMark) -> Result<HeldByConversation, StoreError> {
        let held = self.finding().and_then(|finding| finding.held_by_conversation(later_than, LISTED));
        self.during("read", held)
    }

    fn withdrawn(&mut self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, StoreError> {
        let apps = self.finding().and_then(|finding| finding.withdrawn(since, limit));
        self.during("read", apps)
    }

    fn search(&mut self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        let rows = self.finding().and_then(|finding| finding.search(words, before, limit));
        self.during("search", rows)
    }

    fn index_is_behind(&mut self) -> Result<bool, StoreError> {
        let behind = self.connection().and_then(wording::is_behind);
        self.during("read", behind)
    }

    fn detail(&mut self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, StoreError> {
        let detail = self.finding().and_then(|finding| finding.detail(id));
        self.during("read", detail)
    }

    fn feedback_by_app(&mut self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, StoreError> {
        let counts = self.finding().and_then(|finding| finding.feedback_by_app(period, limit));
        self.during("read", counts)
    }

    fn senders(&mut self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, StoreError> {
        let senders = self.finding().and_then(|finding| finding.senders(since, rows, limit));
        self.during("read", senders)
    }
}

impl Journal for SqliteStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        self.void_failed_commit();
        let loaded = self.start_or_reload();
        self.during("open", loaded)
    }

    fn begin(&mut self, durable: bool) -> Result<(), StoreError> {
        let begun = self.begin_transaction(durable);
        self.during("begin a transaction in", begun)
    }

    fn apply(&mut self, write: &Write) -> Result<(), StoreError> {
        let applied = self.apply_write(write);
        self.during("write", applied)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let committed = self.commit_transaction();
        if committed.is_err() {
            self.void_failed_commit();
        }
        self.during("commit", committed)
    }

    fn roll_back(&mut self) {
        self.abandon();
    }

    /// Where that fails, the index is behind, which is said.
    fn read_ahead(&mut self) {
        if let Some(database) = self.database.as_mut().filter(|database| database.connection.is_autocommit()) {
            drop(wording::index(database));
        }
    }

    /// Does nothing while a transaction is open.
    fn tidy(&mut self) -> Result<bool, StoreError> {
        let tidied = self.tidy_if_idle();
        self.during("tidy", tidied)
    }

    /// It belongs to who has the database, which may be another daemon.
    fn use_reserve(&mut self) -> bool {
        self.was_loaded && self.reserve.give_way()
    }

    /// Pages are read anew when they are wanted: those that cannot be given back stay.
    fn give_back_memory(&mut self) {
        if let Some(database) = &self.database {
            drop(database.connection.release_memory());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_domain::Saved;

    struct Home {
        store: SqliteStore,
        _folder: tempfile::TempDir,
    }

    fn home() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::new(folder.path().join("tidegate.db"));
        store.load().unwrap();
        Home { store, _folder: folder }
    }

    fn pragma<T: rusqlite::types::FromSql>(store: &SqliteStore, name: &str) -> T {
        store.connection().unwrap().query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
    }

    fn long_write(length: usize) -> Write {
        let at = chrono::DateTime::from_timestamp_millis(0).unwrap();
        let block = tidegate_domain::Block {
            intention: Some("x".repeat(length)),
            started: at,
            end: tidegate_domain::BlockEnd::Open,
            left_out: Vec::new(),
        };
        Write::Save(Box::new(Saved { block: Some(block), ..Saved::new(at) }))
    }

    fn check_level(store: &mut SqliteStore, durable: bool, want: i64) {
        store.begin(durable).unwrap();
        assert_eq!(pragma::<i64>(store, "synchronous"), want, "durable: {durable}");
        store.apply(&long_write(1)).unwrap();
        store.commit().unwrap();
    }

    #[test]
    fn a_durable_commit_is_synced_and_another_is_not() {
        let mut home = home();
        assert_eq!(pragma::<String>(&home.store, "journal_mode"), "wal");
        for durable in [true, true, false, false, true, false] {
            check_level(&mut home.store, durable, if durable { 2 } else { 1 });
        }
    }

    #[test]
    fn the_daemon_stays_small_and_no_commit_moves_the_log() {
        let home = home();
        let settings = ["cache_size", "mmap_size", "temp_store", "wal_autocheckpoint", "foreign_keys", "busy_timeout"];
        let found = settings.map(|name| pragma::<i64>(&home.store, name));
        assert_eq!(found, [-512, 0, 2, 0, 1, 100]);
    }

    #[test]
    fn a_full_disk_is_an_error_that_says_so_and_passes() {
        let mut home = home();
        let limit = |store: &SqliteStore, pages: i64| {
            store.connection().unwrap().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        };
        limit(&home.store, pragma(&home.store, "page_count"));
        home.store.begin(true).unwrap();
        let error = home.store.apply(&long_write(100_000)).and_then(|()| home.store.commit()).unwrap_err();
        assert!(error.to_string().ends_with("database or disk is full"), "{error}");
        home.store.roll_back();
        assert_eq!(home.store.load().unwrap().saved, None);
        home.store.begin(true).unwrap();
        home.store.apply(&long_write(100_000)).unwrap();
        home.store.commit().unwrap();
        assert!(home.store.load().unwrap().saved.is_some());
    }

    #[test]
    fn what_is_kept_back_is_used_by_who_has_the_database() {
        let mut home = home();
        home.store.tidy().unwrap();
        let mut second = SqliteStore::new(home.store.path.clone());
        second.load().unwrap_err();
        assert!(!second.use_reserve());
        assert!(home.store.use_reserve() && !home.store.use_reserve());
        home.store.tidy().unwrap();
        assert!(home.store.use_reserve(), "it is kept back again");
    }

    /// Pages in the log that are not in the database yet.
    fn waiting(store: &SqliteStore) -> i64 {
        let connection = store.connection().unwrap();
        let lengths = connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?));
        lengths.unwrap()
    }

    #[test]
    fn a_start_proves_that_the_file_can_be_written() {
        let mut home = home();
        let path = home.store.path.clone();
        home.store = SqliteStore::new(path.clone());
        assert!(!crate::place::beside(&path, "-wal").exists(), "all is in the database");
        home.store.load().unwrap();
        assert_eq!(waiting(&home.store), 1);
    }

    #[test]
    fn tidying_moves_a_long_log_and_leaves_a_short_one() {
        let mut home = home();
        let mut write = |length| {
            home.store.begin(false).unwrap();
            home.store.apply(&long_write(length)).unwrap();
            home.store.commit().unwrap();
            let before = waiting(&home.store);
            home.store.tidy().unwrap();
            (before, waiting(&home.store))
        };
        let (before, after) = write(100_000);
        assert_eq!(before, after);
        let (before, after) = write(5 << 20);
        assert!(before > 1_024 && after == 0, "{before} pages, then {after}");
    }
}
