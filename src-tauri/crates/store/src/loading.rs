//! What the model starts from, counted from the rows. Must not know how the model uses it.

use crate::cause::Cause;
use crate::columns::instant;
use crate::saved;
use crate::texts::Texts;
use crate::words::Word;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use std::sync::Arc;
use tidegate_domain::{App, FIRST_ID, Ledger, Loaded, NOTED, Noted, NoticeId, Saved, Sender, Seq, State};

const SAVED: &str = "SELECT saved FROM model WHERE one = 1";
const LAST_SEQ: &str = "SELECT coalesce(max(seq), 0) FROM notices";
pub(crate) const LAST_ROW: &str = "SELECT seq, arrived_ms FROM notices ORDER BY seq DESC LIMIT 1";
/// Per app: its id, its newest name, how many are held, how many of those came in this period.
const HELD_BY_APP: &str = "SELECT app_id, (SELECT app_name FROM notices WHERE seq = newest), held, new FROM (
        SELECT app_id, max(seq) AS newest, count(*) AS held, sum(period = ?1) AS new
        FROM notices INDEXED BY held_by_app
        WHERE state = 'held' AND origin <> 'own' AND feedback = 0 GROUP BY app_id)";
pub(crate) const LATER: &str =
    "SELECT count(*) FROM notices INDEXED BY held_of_app WHERE state = 'held' AND origin <> 'own' AND put_off > ?1";
pub(crate) const HANDED_OVER: &str = "SELECT count(*) FROM notices INDEXED BY held_of_app
    WHERE state = 'held' AND origin <> 'own' AND seq <= ?1 AND coalesce(put_off, 0) <= ?2";
pub(crate) const HELD_AFTER: &str =
    "SELECT count(*) FROM notices INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND seq > ?1";
const NOTED_BY_HAND: &str = "SELECT seq, id, summary, arrived_ms FROM notices INDEXED BY held_of_app
    WHERE state = 'held' AND origin <> 'own' AND app_id = ?1 AND origin = 'note' ORDER BY seq DESC LIMIT ?2";
pub(crate) const SETTLED: &str = "SELECT state, feedback, period = ?1, count(*) FROM notices INDEXED BY books
    WHERE settled = ?1 AND origin <> 'own' GROUP BY 1, 2, 3";
const FIRST_DUE: &str = "SELECT min(due_ms) FROM notices INDEXED BY due WHERE due_ms IS NOT NULL";
const FIRST_SNOOZED: &str = "SELECT min(snoozed_ms) FROM notices INDEXED BY snoozed WHERE snoozed_ms IS NOT NULL";
const ADOPTED: &str = "SELECT DISTINCT id FROM notices INDEXED BY by_id WHERE id >= ?1 AND closed_ms IS NULL";
/// Each arm drops what it has already seen, which costs less than sorting all of it: a flood has one sender.
const SENDERS: &str = "SELECT DISTINCT sender_bus, sender_name, sender_pid, sender_started
        FROM notices INDEXED BY open_settled WHERE closed_ms IS NULL AND state <> 'held' AND sender_name <> ''
    UNION ALL SELECT DISTINCT sender_bus, sender_name, sender_pid, sender_started
        FROM notices INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND sender_name <> ''";
/// Also one that is edited and on its way again, or that its app closed while it is: it is on screen until that is known.
const POPUPS: &str = "SELECT (SELECT count(*) FROM notices INDEXED BY shown
        WHERE shown_by IS NOT NULL AND state = 'released')
    + (SELECT count(*) FROM notices INDEXED BY sending WHERE sending_serial IS NOT NULL AND state = 'released')";
const DIGEST: &str = "SELECT id FROM notices INDEXED BY own_open
    WHERE origin = 'own' AND closed_ms IS NULL ORDER BY seq DESC LIMIT 1";
const IN_MEMORY: &str = "SELECT seq FROM notices INDEXED BY in_memory WHERE text = 'memory'";
/// A held one whose text is gone cannot be shown: its time runs out at once.
const LOSE: &str = "UPDATE notices SET text = 'lost', due_ms = iif(state = 'held', 0, due_ms) WHERE seq = ?1";

/// Every query above that walks rows, for the test that each has its index.
#[cfg(test)]
pub(crate) const QUERIES: [&str; 14] = [
    LAST_SEQ,
    HELD_BY_APP,
    LATER,
    HANDED_OVER,
    HELD_AFTER,
    NOTED_BY_HAND,
    SETTLED,
    FIRST_DUE,
    FIRST_SNOOZED,
    ADOPTED,
    SENDERS,
    POPUPS,
    DIGEST,
    IN_MEMORY,
];

pub(crate) fn load(connection: &mut Connection, texts: &mut Texts) -> Result<Loaded, Cause> {
    mark_lost(connection, texts)?;
    let saved = saved(connection)?;
    let period = saved.as_ref().map_or(1, |saved| saved.period.number);
    let (held_by_app, came_in) = held_by_app(connection, period)?;
    let mut ledger = Ledger {
        carried: saved.as_ref().map_or(0, |saved| saved.period.carried),
        held: held_by_app.iter().map(|(_, _, held)| *held).fold(0, u32::saturating_add),
        came_in,
        ..Ledger::default()
    };
    count_settled(connection, period, &mut ledger)?;
    if let Some(saved) = &saved {
        saved.only_counted.join(&mut ledger);
    }
    Ok(Loaded {
        last_seq: Seq(connection.query_row(LAST_SEQ, [], |row| row.get(0))?),
        ledger,
        held_by_app,
        later: later(connection, saved.as_ref())?,
        handed_over: handed_over(connection, saved.as_ref())?,
        held_in_quiet: held_in_quiet(connection, saved.as_ref())?,
        noted: noted(connection)?,
        next_due: first(connection, FIRST_DUE)?,
        next_snoozed: first(connection, FIRST_SNOOZED)?,
        adopted: adopted(connection, saved.as_ref())?,
        senders: senders(connection)?,
        popups: connection.query_row(POPUPS, [], |row| row.get(0))?,
        digest: connection.query_row(DIGEST, [], |row| row.get(0)).optional()?.map(NoticeId),
        saved,
        ids_from: 0,
        loss: None,
    })
}

/// The newest row's key, and when it came.
pub(crate) fn last_row(connection: &Connection) -> Result<Option<(i64, i64)>, Cause> {
    let mut statement = connection.prepare_cached(LAST_ROW)?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Texts that were in the memory of a daemon that is gone.
fn mark_lost(connection: &mut Connection, texts: &mut Texts) -> Result<(), Cause> {
    let in_memory = seqs_in_memory(connection)?;
    texts.keep_only(&in_memory);
    let lost: Vec<_> = in_memory.into_iter().filter(|seq| texts.get(*seq).is_none()).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for seq in lost {
        transaction.prepare_cached(LOSE)?.execute([seq])?;
    }
    Ok(transaction.commit()?)
}

fn seqs_in_memory(connection: &Connection) -> Result<BTreeSet<i64>, Cause> {
    let mut statement = connection.prepare(IN_MEMORY)?;
    let seqs = statement.query_map([], |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

fn saved(connection: &Connection) -> Result<Option<Saved>, Cause> {
    let json: Option<String> = connection.query_row(SAVED, [], |row| row.get(0)).optional()?;
    json.as_deref().map(saved::from_json).transpose()
}

type HeldByApp = Vec<(Arc<str>, Arc<str>, u32)>;

/// What is held per app, and how many of all those came in this period.
fn held_by_app(connection: &Connection, period: u64) -> Result<(HeldByApp, u32), Cause> {
    let mut statement = connection.prepare(HELD_BY_APP)?;
    let mut found = statement.query([period.cast_signed()])?;
    let (mut apps, mut came_in) = (Vec::new(), 0_u32);
    while let Some(row) = found.next()? {
        apps.push((row.get(0)?, row.get(1)?, row.get(2)?));
        came_in = came_in.saturating_add(row.get(3)?);
    }
    Ok((apps, came_in))
}

fn later(connection: &Connection, saved: Option<&Saved>) -> Result<u32, Cause> {
    let later_than = saved.map_or(0, |saved| saved.later_than.0.cast_signed());
    Ok(connection.query_row(LATER, [later_than], |row| row.get(0))?)
}

fn handed_over(connection: &Connection, saved: Option<&Saved>) -> Result<u32, Cause> {
    let Some(saved) = saved else { return Ok(0) };
    let values = params![saved.handed_over_upto.0, saved.later_than.0.cast_signed()];
    Ok(connection.query_row(HANDED_OVER, values, |row| row.get(0))?)
}

fn held_in_quiet(connection: &Connection, saved: Option<&Saved>) -> Result<u32, Cause> {
    let Some(quiet) = saved.and_then(|saved| saved.quiet.as_ref()) else { return Ok(0) };
    Ok(connection.query_row(HELD_AFTER, [quiet.after.0], |row| row.get(0))?)
}

fn noted(connection: &Connection) -> Result<Vec<Noted>, Cause> {
    let mut statement = connection.prepare(NOTED_BY_HAND)?;
    let mut found = statement.query(params![&*App::noted_by_hand().id, NOTED])?;
    let mut notes = Vec::new();
    while let Some(row) = found.next()? {
        let (seq, id, at) = (Seq(row.get(0)?), NoticeId(row.get(1)?), instant(row.get(3)?)?);
        notes.push(Noted { seq, id, text: row.get(2)?, at });
    }
    Ok(notes)
}

/// Adds the rows that left *held*, or never were, in this period.
fn count_settled(connection: &Connection, period: u64, ledger: &mut Ledger) -> Result<(), Cause> {
    let mut statement = connection.prepare(SETTLED)?;
    let mut found = statement.query(params![period.cast_signed()])?;
    while let Some(row) = found.next()? {
        let state = State::from_word(&row.get::<_, String>(0)?)?;
        let (feedback, new, count): (bool, bool, u32) = (row.get(1)?, row.get(2)?, row.get(3)?);
        if feedback {
            ledger.feedback = ledger.feedback.saturating_add(if new { count } else { 0 });
            continue;
        }
        ledger.came_in = ledger.came_in.saturating_add(if new { count } else { 0 });
        let of_state = ledger.of(state);
        *of_state = of_state.saturating_add(count);
    }
    Ok(())
}

fn first(connection: &Connection, instants: &str) -> Result<Option<DateTime<Utc>>, Cause> {
    let due: Option<i64> = connection.query_row(instants, [], |row| row.get(0))?;
    due.map(instant).transpose()
}

/// Open ids that the counter has still to come to.
fn adopted(connection: &Connection, saved: Option<&Saved>) -> Result<Vec<u32>, Cause> {
    let first = saved.map_or(FIRST_ID, |saved| saved.reserved_ids.max(FIRST_ID));
    let mut statement = connection.prepare(ADOPTED)?;
    let ids = statement.query_map([first], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn senders(connection: &Connection) -> Result<Vec<Sender>, Cause> {
    let mut statement = connection.prepare(SENDERS)?;
    let senders = statement.query_map([], |row| {
        let started: i64 = row.get(3)?;
        Ok(Sender { bus: row.get(0)?, name: row.get(1)?, pid: row.get(2)?, started: started.cast_unsigned() })
    })?;
    let once: BTreeSet<_> = senders.collect::<Result<_, _>>()?;
    Ok(once.into_iter().collect())
}
