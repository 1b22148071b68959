//! What is over and kept for good: blocks, periods of the books, absences of the gate. Must not know the rows of
//! interruptions, nor what is told of any of it.

use crate::cause::Cause;
use crate::columns::millis;
use crate::words::Word;
use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, params};
use tidegate_domain::{Absence, PastBlock, PastPeriod};

const BLOCK_ENDED: &str = "INSERT INTO blocks (started_ms, ended_ms, planned_ms, intention, left_out_ms, ended_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// The last block that began then, found from the newest on: few are newer.
const LEFT_OUT: &str = "UPDATE blocks SET left_out_ms = left_out_ms + ?2
    WHERE number = (SELECT number FROM blocks WHERE started_ms = ?1 ORDER BY number DESC LIMIT 1)";

const PERIOD_ENDED: &str =
    "INSERT OR REPLACE INTO periods (number, since_ms, until_ms, ended_by, carried, came_in, held,
        passed, withdrawn, muted, expired, released, done, feedback, only_counted)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const ABSENT: &str = "INSERT INTO absences (since_ms, until_ms) VALUES (?1, ?2)";

pub(crate) fn block_ended(connection: &Connection, block: &PastBlock) -> Result<(), Cause> {
    let PastBlock { intention, started, ended, planned, left_out, ended_by } = block;
    let left_out = left_out.num_milliseconds();
    let values = params![millis(*started), millis(*ended), planned.map(millis), intention, left_out, ended_by.word()];
    connection.prepare_cached(BLOCK_ENDED)?.execute(values)?;
    Ok(())
}

pub(crate) fn left_out(connection: &Connection, of_block: DateTime<Utc>, length: Duration) -> Result<(), Cause> {
    let values = params![millis(of_block), length.num_milliseconds()];
    connection.prepare_cached(LEFT_OUT)?.execute(values)?;
    Ok(())
}

pub(crate) fn period_ended(connection: &Connection, period: &PastPeriod) -> Result<(), Cause> {
    let PastPeriod { number, since, until, ledger, ended_by } = period;
    let values = params![
        number.cast_signed(),
        millis(*since),
        millis(*until),
        ended_by.word(),
        ledger.carried,
        ledger.came_in,
        ledger.held,
        ledger.passed,
        ledger.withdrawn,
        ledger.muted,
        ledger.expired,
        ledger.released,
        ledger.done,
        ledger.feedback,
        ledger.only_counted,
    ];
    connection.prepare_cached(PERIOD_ENDED)?.execute(values)?;
    Ok(())
}

pub(crate) fn absent(connection: &Connection, absence: &Absence) -> Result<(), Cause> {
    connection.prepare_cached(ABSENT)?.execute(params![millis(absence.since), millis(absence.until)])?;
    Ok(())
}
