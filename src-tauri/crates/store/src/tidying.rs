//! Work that may wait until nobody does, in steps of a bounded size. Must not decide when.

use crate::cause::Cause;
use crate::opening::Database;
use crate::room::{Limit, Room};
use crate::sums::Sums;
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

/// One step; whether there is more to do. What it changes need not outlive a power cut: it would be done again.
pub(crate) fn tidy(database: &mut Database, sums: &mut Sums, limit: &Limit) -> Result<bool, Cause> {
    let dropped = remove_bodies(database, sums, limit)?;
    let more = wording::index(database)?;
    give_back_pages(database)?;
    move_log(&database.connection)?;
    Ok(more || dropped)
}

/// First those that nobody needs, then those that are too much; whether any of the latter went.
fn remove_bodies(database: &mut Database, sums: &mut Sums, limit: &Limit) -> Result<bool, Cause> {
    if !(Room { connection: &database.connection, sums, limit }).has_surplus()? {
        return Ok(false);
    }
    database.set_durable(false)?;
    let transaction = database.connection.transaction()?;
    let mut room = Room { connection: &transaction, sums, limit };
    let (mut step, mut dropped) = (Step::default(), false);
    while step.goes_on()
        && let Some(bytes) = room.remove_spent()?
    {
        step.count(bytes);
    }
    while step.goes_on()
        && let Some(bytes) = room.drop_one()?
    {
        step.count(bytes);
        dropped = true;
    }
    transaction.commit()?;
    sums.commit();
    Ok(dropped)
}

/// Bodies that were removed, and their bytes.
#[derive(Default)]
struct Step(i64, i64);

impl Step {
    fn goes_on(&self) -> bool {
        self.0 < ROWS && self.1 < BYTES
    }

    fn count(&mut self, bytes: i64) {
        (self.0, self.1) = (self.0 + 1, self.1.saturating_add(bytes));
    }
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
    if waiting >= LOG_PAGES { empty_log(connection) } else { Ok(()) }
}

/// The log begins anew with the next write.
pub(crate) fn empty_log(connection: &Connection) -> Result<(), Cause> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}
