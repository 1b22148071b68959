//! The total of the bodies that are kept: beyond it those of the app that takes the most go first, its oldest first. Must
//! not begin or end a transaction, or decide when there is time.

use crate::cause::Cause;
use crate::sums::Sums;
use rusqlite::{Connection, OptionalExtension, Params, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tidegate_domain::Raw;

/// Apps that are looked at for a body that may go: all bodies of one can be on their way to the screen.
const APPS: usize = 4;

/// The first that nobody needs any more.
pub(crate) const FIRST_SPENT: &str = "SELECT seq, app_id, raw_bytes FROM notices INDEXED BY spent
    WHERE raw_bytes IS NOT NULL AND state <> 'held' AND sending_serial IS NULL
        AND (closed_ms IS NOT NULL OR (shown_by IS NULL AND state <> 'done'))
    ORDER BY seq LIMIT 1";

/// What is on its way to the screen keeps its body. The held ones and the others are found apart, each by one step.
pub(crate) const OLDEST_BODY: &str = "SELECT seq, app_id, raw_bytes FROM (
        SELECT * FROM (SELECT seq, app_id, raw_bytes FROM notices INDEXED BY held_by_app
            WHERE state = 'held' AND origin <> 'own' AND feedback = 0
                AND app_id = ?1 AND text = 'kept' AND (raw_bytes IS NULL) = 0 AND sending_serial IS NULL
            ORDER BY seq LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT seq, app_id, raw_bytes FROM notices INDEXED BY bodies_not_held
            WHERE raw_bytes IS NOT NULL AND sending_serial IS NULL
                AND NOT (state = 'held' AND origin <> 'own' AND feedback = 0)
                AND app_id = ?1
            ORDER BY seq LIMIT 1)
    ) ORDER BY seq LIMIT 1";

/// What each app's bodies take: of the held ones, of the others, and of those on their way.
pub(crate) const BY_APP: &str = "SELECT app_id, sum(raw_bytes) FROM notices INDEXED BY held_by_app
        WHERE state = 'held' AND origin <> 'own' AND feedback = 0 AND raw_bytes IS NOT NULL GROUP BY app_id
    UNION ALL SELECT app_id, sum(raw_bytes) FROM notices INDEXED BY bodies_not_held
        WHERE raw_bytes IS NOT NULL AND sending_serial IS NULL AND NOT (state = 'held' AND origin <> 'own' AND feedback = 0)
        GROUP BY app_id
    UNION ALL SELECT app_id, sum(raw_bytes) FROM notices INDEXED BY sending
        WHERE sending_serial IS NOT NULL AND raw_bytes IS NOT NULL
            AND NOT (state = 'held' AND origin <> 'own' AND feedback = 0)
        GROUP BY app_id";

const OF_ROW: &str = "SELECT seq, app_id, raw_bytes FROM notices WHERE seq = ?1 AND raw_bytes IS NOT NULL";
const IDLE_OF_ROW: &str = "SELECT seq, app_id, raw_bytes FROM notices
    WHERE seq = ?1 AND raw_bytes IS NOT NULL AND sending_serial IS NULL";

const PUT: &str = "INSERT INTO bodies (seq, big_endian, raw) VALUES (?1, ?2, ?3)
    ON CONFLICT (seq) DO UPDATE SET big_endian = excluded.big_endian, raw = excluded.raw";
const DROP: &str = "DELETE FROM bodies WHERE seq = ?1";
const FORGET: &str = "UPDATE notices SET raw_bytes = NULL, raw_dropped = raw_dropped OR ?2 WHERE seq = ?1";

/// How many bytes of bodies are kept at most. The clones are one: whoever has one may change it at any time.
#[derive(Debug, Clone)]
pub struct Limit(Arc<AtomicU64>);

impl Limit {
    /// So many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// From now on so many.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    fn get(&self) -> i64 {
        i64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }
}

impl Default for Limit {
    /// None.
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

/// A body that is kept.
pub(crate) struct Body {
    pub(crate) seq: i64,
    pub(crate) app: Arc<str>,
    pub(crate) bytes: i64,
}

/// The bodies, in the open transaction.
pub(crate) struct Room<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) sums: &'a mut Sums,
    pub(crate) limit: &'a Limit,
}

impl Room<'_> {
    /// Puts the body of a row that says how long it is, and makes room for it.
    pub(crate) fn put(&mut self, seq: i64, app: &Arc<str>, raw: &Raw) -> Result<(), Cause> {
        self.connection.prepare_cached(PUT)?.execute(params![seq, raw.big_endian, &*raw.body])?;
        self.sums.add(app.clone(), i64::try_from(raw.body.len()).unwrap_or(i64::MAX));
        while self.sums.may_drop() && self.drop_one()?.is_some() {}
        self.drop_if_far_too_much(seq)
    }

    /// Takes a row's body away, if it has one: nobody needs it any more.
    pub(crate) fn remove(&mut self, seq: i64) -> Result<(), Cause> {
        match self.first(OF_ROW, [seq])? {
            Some(body) => self.forget(body, false),
            None => Ok(()),
        }
    }

    /// Drops one body if there is too much of them, and says how long it was.
    pub(crate) fn drop_one(&mut self) -> Result<Option<i64>, Cause> {
        if self.sums.total() <= self.limit.get() {
            return Ok(None);
        }
        let spent = self.remove_spent()?;
        let dropped = if spent.is_some() { spent } else { self.drop_oldest()? };
        if let Some(bytes) = dropped {
            self.sums.count_dropped(bytes);
        }
        Ok(dropped)
    }

    /// Removes one that nobody needs any more, and says how long it was.
    pub(crate) fn remove_spent(&mut self) -> Result<Option<i64>, Cause> {
        let Some(spent) = self.first(FIRST_SPENT, [])? else { return Ok(None) };
        let bytes = spent.bytes;
        self.forget(spent, false).map(|()| Some(bytes))
    }

    /// Whether there is one that nobody needs, or too much.
    pub(crate) fn has_surplus(&self) -> Result<bool, Cause> {
        let too_much = self.sums.total() > self.limit.get() && self.oldest_of_the_largest()?.is_some();
        Ok(too_much || self.first(FIRST_SPENT, [])?.is_some())
    }

    fn drop_oldest(&mut self) -> Result<Option<i64>, Cause> {
        let Some(body) = self.oldest_of_the_largest()? else { return Ok(None) };
        let bytes = body.bytes;
        self.forget(body, true).map(|()| Some(bytes))
    }

    /// Where a transaction may not drop as much as would have to go, what comes in goes itself.
    fn drop_if_far_too_much(&mut self, seq: i64) -> Result<(), Cause> {
        let limit = self.limit.get();
        if self.sums.total() <= limit.saturating_add(limit / 4) {
            return Ok(());
        }
        match self.first(IDLE_OF_ROW, [seq])? {
            Some(body) => self.forget(body, true),
            None => Ok(()),
        }
    }

    fn oldest_of_the_largest(&self) -> Result<Option<Body>, Cause> {
        for app in self.sums.largest().take(APPS) {
            if let Some(body) = self.first(OLDEST_BODY, [app])? {
                return Ok(Some(body));
            }
        }
        Ok(None)
    }

    fn forget(&mut self, body: Body, is_missed: bool) -> Result<(), Cause> {
        self.connection.prepare_cached(FORGET)?.execute(params![body.seq, is_missed])?;
        self.discard(body)
    }

    /// Takes away the body of a row that says itself that it has none any more.
    pub(crate) fn discard(&mut self, body: Body) -> Result<(), Cause> {
        self.connection.prepare_cached(DROP)?.execute([body.seq])?;
        self.sums.take(body.app, body.bytes);
        Ok(())
    }

    fn first(&self, sql: &str, of: impl Params) -> Result<Option<Body>, Cause> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row(of, |row| Ok(Body { seq: row.get(0)?, app: row.get(1)?, bytes: row.get(2)? }));
        Ok(found.optional()?)
    }
}

/// The bodies there are, counted.
pub(crate) fn count(connection: &Connection) -> Result<Sums, Cause> {
    let mut statement = connection.prepare(BY_APP)?;
    let sums = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(sums.collect::<Result<_, _>>()?)
}
