//! Opens the connection that writes, and one that only reads, and sets them up. Must not know what is asked of it later.

use crate::cause::Cause;
use crate::migration::{SCHEMA_VERSION, migrate, steps, version};
use crate::place::{self, Identity, Lock};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Nobody else should hold the file; somebody who looks into it may, for a moment.
const PATIENCE: Duration = Duration::from_millis(100);
/// More than there are different statements.
const STATEMENTS: usize = 64;

/// Takes effect before anything else is written only: what is removed gives its room back (see `tidying`).
const NEW: &str = "PRAGMA auto_vacuum = INCREMENTAL";

/// What is written while opening need not outlive a power cut: it would be written again. The write-ahead log is moved
/// into the database while nobody waits (see `tidying`), never by a commit; it is cut back to 8 MiB when it starts anew.
/// Half a MiB of pages in memory is enough for rows found by index.
const SETTINGS: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 8388608;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -512;
    PRAGMA mmap_size = 0;";

/// Of a connection that is only read: it never moves the log, nor waits for who writes.
const READING: &str = "
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -2048;
    PRAGMA mmap_size = 0;";

/// An open database. The connection is closed before the lock is let go.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) connection: Connection,
    durable: bool,
    /// Which files it is. SQLite goes on with files that have no name any more, and what it writes there is gone with the
    /// process.
    identity: Option<Identity>,
    _lock: Lock,
}

impl Database {
    /// Whether the database's own file still has its name.
    pub(crate) fn has_its_file(&self, path: &Path) -> bool {
        self.identity.is_some_and(|identity| identity.is_database(path))
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Whether the files still have their names.
    pub(crate) fn is_in_place(&self, path: &Path) -> bool {
        self.identity == Identity::at(path)
    }

    /// Whether the commits that follow wait for the disk.
    pub(crate) fn set_durable(&mut self, durable: bool) -> Result<(), Cause> {
        if self.durable != durable {
            self.connection.pragma_update(None, "synchronous", if durable { "FULL" } else { "NORMAL" })?;
            self.durable = durable;
        }
        Ok(())
    }
}

/// Opens the same files once more, only to be read: those that `identity` says, and no others that have their names by now.
pub(crate) fn open_to_read(path: &Path, identity: Identity) -> Result<Connection, Cause> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(READING)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if Identity::at(path) == Some(identity) { Ok(connection) } else { Err(Cause::Vanished) }
}

/// Opens the database, makes or migrates it, and proves that it can be written. `check` reads all of it first.
pub(crate) fn open(path: &Path, check: bool) -> Result<Database, Cause> {
    let lock = place::prepare(path)?;
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    if known_version(&connection)? == 0 {
        connection.execute_batch(NEW)?;
    }
    connection.execute_batch(SETTINGS)?;
    write_ahead(&connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if check {
        check_all(&connection)?;
    }
    migrate(&mut connection, path, &steps(), SCHEMA_VERSION)?;
    prove_writable(&connection)?;
    Ok(Database { connection, durable: false, identity: Identity::at(path), _lock: lock })
}

/// Closing a file moves its log into it, which must not happen to one that is not ours to touch.
fn known_version(connection: &Connection) -> Result<i64, Cause> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let found = version(connection, SCHEMA_VERSION)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(found)
}

fn write_ahead(connection: &Connection) -> Result<(), Cause> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { Err(Cause::NoWriteAheadLog(mode)) }
}

fn check_all(connection: &Connection) -> Result<(), Cause> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Cause::Damaged(found)) }
}

/// The smallest write there is: the schema's version, once more. It also overwrites what a failed commit may have left at
/// the end of the log, which would otherwise count as committed after a crash.
pub(crate) fn prove_writable(connection: &Connection) -> Result<(), Cause> {
    Ok(connection.pragma_update(None, "user_version", SCHEMA_VERSION)?)
}
