//! Work that may wait until nobody does, in steps of a bounded size. Must not decide when.

use crate::cause::Cause;
use crate::opening::Database;
use crate::wording;
use rusqlite::Connection;

/// Bodies removed in one step, and how many of their bytes: a body is a chain of pages that is freed one by one.
const ROWS: i64 = 500;
const BYTES: i64 = 8 << 20;
/// Free pages that are kept for what comes next, and pages given back to the file system in one step.
const SPARE_PAGES: i64 = 256;
const PAGES: i64 = 1_024;
/// The log is moved into the database from this length on: 4 MiB of pages.
const LOG_PAGES: i64 = 1_024;

pub(crate) const SPENT: &str = "SELECT seq, raw_bytes FROM notices INDEXED BY spent
    WHERE raw_bytes IS NOT NULL AND state <> 'held' AND sending_serial IS NULL
        AND (closed_ms IS NOT NULL OR (shown_by IS NULL AND state <> 'done'))
    ORDER BY seq LIMIT ?1";

/// One step; whether there is more to do. What it changes need not outlive a power cut: it would be done again.
pub(crate) fn tidy(database: &mut Database) -> Result<bool, Cause> {
    remove_spent_bodies(database)?;
    let more = wording::index(database)?;
    give_back_pages(database)?;
    move_log(&database.connection)?;
    Ok(more)
}

fn remove_spent_bodies(database: &mut Database) -> Result<(), Cause> {
    let spent = spent(&database.connection)?;
    if spent.is_empty() {
        return Ok(());
    }
    database.set_durable(false)?;
    let transaction = database.connection.transaction()?;
    for seq in spent {
        transaction.prepare_cached("DELETE FROM bodies WHERE seq = ?1")?.execute([seq])?;
        transaction.prepare_cached("UPDATE notices SET raw_bytes = NULL WHERE seq = ?1")?.execute([seq])?;
    }
    Ok(transaction.commit()?)
}

fn spent(connection: &Connection) -> Result<Vec<i64>, Cause> {
    let mut statement = connection.prepare_cached(SPENT)?;
    let mut found = statement.query([ROWS])?;
    let (mut seqs, mut bytes) = (Vec::new(), 0_i64);
    while let Some(row) = found.next()?.filter(|_| bytes < BYTES) {
        seqs.push(row.get(0)?);
        bytes = bytes.saturating_add(row.get(1)?);
    }
    Ok(seqs)
}

/// The statement frees one page at each step, so it has to be run to its end.
fn give_back_pages(database: &mut Database) -> Result<(), Cause> {
    let free: i64 = database.connection.prepare_cached("PRAGMA freelist_count")?.query_row([], |row| row.get(0))?;
    if free > SPARE_PAGES {
        database.set_durable(false)?;
        let pages = (free - SPARE_PAGES).min(PAGES);
        let mut statement = database.connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut steps = statement.query([])?;
        while steps.next()?.is_some() {}
    }
    Ok(())
}

fn move_log(connection: &Connection) -> Result<(), Cause> {
    let mut lengths = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?;
    let waiting = lengths.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))?;
    if waiting >= LOG_PAGES {
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(())
}
