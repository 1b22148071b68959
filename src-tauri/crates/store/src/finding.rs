//! The rows that an event names, each by an index. Must not change any.

use crate::cause::Cause;
use crate::columns::{instant, millis, read, select};
use crate::searching::expression;
use crate::texts::SharedTexts;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, params};
use std::sync::Arc;
use tidegate_domain::ports::{AppUse, EarlierText, Senders};
use tidegate_domain::{
    Found, Grouping, HeldByConversation, HeldLine, HeldRange, Interruption, LaterMark, NoticeId, Query, Raw, Seq,
    WithdrawnApp, WithdrawnApps,
};

/// Withdrawn rows that are counted: as many apps may have sent them, whose names lie in a row each.
const WITHDRAWN_COUNTED: u32 = 2_000;
/// Rows in one page of the list of held ones: each may carry 64 KiB of text.
const LONGEST_PAGE: u32 = 500;

pub(crate) const BY_ID: &str = select!("WHERE id = ?1 ORDER BY seq DESC LIMIT 1");
pub(crate) const BY_SEQ: &str = select!("WHERE seq = ?1");
/// On screen or on its way there, or held: one marked done is no longer what its app would replace.
pub(crate) const BY_STACK_TAG: &str = select!(
    "INDEXED BY stack_tag WHERE app_id = ?1 AND stack_tag = ?2 AND closed_ms IS NULL
        AND (state = 'held' OR shown_by IS NOT NULL OR sending_serial IS NOT NULL)
        ORDER BY seq DESC LIMIT 1"
);
pub(crate) const BY_RENDERER: &str = select!("INDEXED BY shown WHERE shown_by = ?1 AND shown_id = ?2 ORDER BY seq");
pub(crate) const BY_SERIAL: &str =
    select!("INDEXED BY sending WHERE sending_serial = ?1 AND sending_gate = ?2 ORDER BY seq DESC LIMIT 1");
pub(crate) const DUE: &str = select!("INDEXED BY due WHERE due_ms <= ?1 ORDER BY due_ms, seq LIMIT 100");
pub(crate) const NEXT_DUE: &str =
    "SELECT due_ms FROM notices INDEXED BY due WHERE due_ms IS NOT NULL ORDER BY due_ms, seq LIMIT 1 OFFSET ?1";
pub(crate) const SNOOZED: &str =
    select!("INDEXED BY snoozed WHERE snoozed_ms <= ?1 ORDER BY snoozed_ms, seq LIMIT 100");
pub(crate) const NEXT_SNOOZED: &str = "SELECT snoozed_ms FROM notices INDEXED BY snoozed WHERE snoozed_ms IS NOT NULL
    ORDER BY snoozed_ms, seq LIMIT 1 OFFSET ?1";
pub(crate) const NEXT_HELD: &str = select!(
    "INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND seq > ?1 AND seq <= ?2
    AND coalesce(put_off, 0) <= ?3
        AND sending_serial IS NULL ORDER BY seq LIMIT 1"
);
pub(crate) const HELD_PAGE: &str = select!(
    "INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND seq > ?1 AND seq <= ?2
    AND coalesce(put_off, 0) <= ?3
        ORDER BY seq LIMIT 100"
);
pub(crate) const NEXT_HELD_OF_APP: &str = select!(
    "INDEXED BY held_of_app WHERE state = 'held' AND origin <> 'own' AND seq > ?1 AND seq <= ?2
    AND coalesce(put_off, 0) <= ?3
        AND app_id = ?4 AND sending_serial IS NULL ORDER BY seq LIMIT 1"
);
pub(crate) const HELD_PAGE_OF_APP: &str = select!(
    "INDEXED BY held_of_app WHERE state = 'held' AND origin <> 'own' AND seq > ?1 AND seq <= ?2
    AND coalesce(put_off, 0) <= ?3
        AND app_id = ?4 ORDER BY seq LIMIT 100"
);
pub(crate) const PUT_OFF_TOGETHER: &str = select!(
    "INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND seq > ?1 AND seq <= ?2 AND put_off = ?3
    ORDER BY seq LIMIT 100"
);
pub(crate) const HELD: &str =
    select!("INDEXED BY held WHERE state = 'held' AND origin <> 'own' AND seq > ?1 ORDER BY seq LIMIT ?2");
pub(crate) const DONE_TOGETHER: &str = select!(
    "INDEXED BY due WHERE due_ms = ?3 AND seq > ?1 AND seq <= ?2 AND state = 'done'
        ORDER BY seq LIMIT 100"
);
pub(crate) const UNANSWERED: &str =
    select!("INDEXED BY sending WHERE sending_serial IS NOT NULL AND sending_gate <> ?1 ORDER BY seq");
pub(crate) const SHOWN_BY_OTHERS: &str =
    select!("INDEXED BY shown WHERE shown_by IS NOT NULL AND shown_by <> ?1 ORDER BY seq");
pub(crate) const FEEDBACK_BY_APP: &str = "SELECT max(app_name), count(*) AS sent FROM notices INDEXED BY books
    WHERE settled = ?1 AND origin <> 'own' AND feedback = 1 GROUP BY app_id ORDER BY sent DESC, 1 LIMIT ?2";
/// The newest rows alone, by their key: who has a million must not wait for a walk over them. The name is the last row's.
pub(crate) const SENDERS: &str = "WITH senders AS (
        SELECT app_id AS app, max(seq) AS last, count(*) AS sent, count(acted_ms) AS acted, min(arrived_ms) AS first
        FROM notices WHERE seq > (SELECT max(seq) FROM notices) - ?1 AND arrived_ms >= ?2 AND origin = 'app'
            AND feedback = 0 GROUP BY app_id ORDER BY sent DESC, app_id LIMIT ?3)
    SELECT app, app_name, sent, acted, first FROM senders CROSS JOIN notices ON seq = last ORDER BY sent DESC, app";
pub(crate) const HELD_OF_APPS: &str = "SELECT app_id, seq, put_off, conversation FROM notices INDEXED BY held_of_app
    WHERE state = 'held' AND origin <> 'own' ORDER BY app_id, seq";
/// The same up to one row, app by app: the index is not walked over what comes after that.
pub(crate) const HELD_OF_APPS_UPTO: &str = "WITH RECURSIVE apps (app) AS (
        SELECT min(app_id) FROM notices INDEXED BY held_of_app WHERE state = 'held' AND origin <> 'own'
        UNION ALL
        SELECT (SELECT min(app_id) FROM notices INDEXED BY held_of_app
            WHERE state = 'held' AND origin <> 'own' AND app_id > app)
        FROM apps WHERE app IS NOT NULL
    )
    SELECT app_id, seq, put_off, conversation FROM apps CROSS JOIN notices INDEXED BY held_of_app
    WHERE state = 'held' AND origin <> 'own' AND app_id = app AND seq <= ?1";
/// Newest first. The index has all that is asked for but the names.
pub(crate) const WITHDRAWN: &str = "SELECT seq, app_id FROM notices INDEXED BY withdrawn
    WHERE state = 'withdrawn' AND origin <> 'own' AND settled >= ?1 ORDER BY settled DESC, seq DESC LIMIT ?2";
const NAME_OF: &str = "SELECT app_name FROM notices WHERE seq = ?1";
/// The row at which the list ends, and whether there is one after it.
pub(crate) const LAST_LISTED: &str =
    "SELECT seq FROM notices INDEXED BY held WHERE state = 'held' AND origin <> 'own' ORDER BY seq LIMIT 2 OFFSET ?1";
/// Newest first. Of feedback an earlier version kept no text.
pub(crate) const HISTORY: &str =
    select!("WHERE seq < ?1 AND origin <> 'own' AND (feedback = 0 OR text <> 'none') ORDER BY seq DESC LIMIT ?2");
const SAYING: &str = "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3";
const RAW: &str = "SELECT raw, big_endian FROM bodies WHERE seq = ?1";
const REVISIONS: &str = "SELECT replaced_ms, summary, body FROM revisions WHERE seq = ?1 ORDER BY n";

/// Finds rows as the open transaction sees them.
pub(crate) struct Finding<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) texts: &'a SharedTexts,
}

impl Finding<'_> {
    pub(crate) fn rows(&self, need: &Query) -> Result<Found, Cause> {
        let rows = match need {
            Query::Id(id) => self.select(BY_ID, [id.0])?,
            Query::Ids(ids) => self.each(ids, |id| self.select(BY_ID, [id.0]))?,
            Query::Seqs(seqs) => self.each(seqs, |seq| self.select(BY_SEQ, [seq.0]))?,
            Query::StackTag { app, tag } => self.select(BY_STACK_TAG, params![&**app, tag])?,
            Query::Sending { gate, serial } => self.select(BY_SERIAL, params![serial, &**gate])?,
            Query::ShownAs(given) => self.each(&given.ids, |id| self.select(BY_RENDERER, params![&*given.by, id.0]))?,
            Query::Due(at) => return self.due(*at, DUE, NEXT_DUE),
            Query::Snoozed(at) => return self.due(*at, SNOOZED, NEXT_SNOOZED),
            Query::NextHeld(range) => self.held_in(range, NEXT_HELD, NEXT_HELD_OF_APP)?,
            Query::HeldPage(range) => self.held_in(range, HELD_PAGE, HELD_PAGE_OF_APP)?,
            Query::LaterPage { after, upto, mark } => {
                self.select(PUT_OFF_TOGETHER, [after.0, upto.0, mark.0.cast_signed()])?
            }
            Query::DonePage { after, upto, due } => {
                self.select(DONE_TOGETHER, params![after.0, upto.0, millis(*due)])?
            }
            Query::Unanswered { gate } => self.select(UNANSWERED, [&**gate])?,
            Query::ShownByOthers { by } => self.select(SHOWN_BY_OTHERS, [&**by])?,
        };
        Ok(Found { rows, next_due: None })
    }

    fn held_in(&self, range: &HeldRange, of_all: &str, of_app: &str) -> Result<Vec<Interruption>, Cause> {
        let (after, upto, later_than) = (range.after.0, range.upto.0, range.later_than.0.cast_signed());
        match &range.app {
            Some(app) => self.select(of_app, params![after, upto, later_than, &**app]),
            None => self.select(of_all, [after, upto, later_than]),
        }
    }

    /// The oldest `most` of them.
    pub(crate) fn held_by_conversation(&self, later_than: LaterMark, most: u32) -> Result<HeldByConversation, Cause> {
        let upto = self.last_listed(most)?;
        let mut statement =
            self.connection.prepare_cached(if upto.is_some() { HELD_OF_APPS_UPTO } else { HELD_OF_APPS })?;
        let mut found = statement.query(rusqlite::params_from_iter(upto))?;
        let mut grouping = Grouping::new(later_than);
        while let Some(row) = found.next()? {
            let app = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let put_off = row.get::<_, Option<i64>>(2)?.map(|mark| LaterMark(mark.cast_unsigned()));
            let line = HeldLine { seq: Seq(row.get(1)?), put_off, conversation: row.get(3)? };
            grouping.add(app, line);
        }
        Ok(grouping.finish())
    }

    /// Those of one app that came in one period before another stand before them, whenever they were taken back.
    pub(crate) fn withdrawn(&self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, Cause> {
        let mut statement = self.connection.prepare_cached(WITHDRAWN)?;
        let mut name_of = self.connection.prepare_cached(NAME_OF)?;
        let mut found = statement.query(params![since.cast_signed(), WITHDRAWN_COUNTED])?;
        let mut apps = WithdrawnApps::new(limit);
        while let Some(row) = found.next()? {
            let (seq, app) = (row.get(0)?, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            apps.add(Seq(seq), app, || Ok::<_, Cause>(name_of.query_row([seq], |row| row.get(0))?))?;
        }
        Ok(apps.finish())
    }

    /// Where a list of so many ends; none if it holds all.
    fn last_listed(&self, most: u32) -> Result<Option<i64>, Cause> {
        let mut statement = self.connection.prepare_cached(LAST_LISTED)?;
        let seqs = statement.query_map([most.saturating_sub(1)], |row| row.get(0))?;
        let seqs: Vec<i64> = seqs.collect::<Result<_, _>>()?;
        Ok(if seqs.len() > 1 { seqs.first().copied() } else { None })
    }

    pub(crate) fn search(&self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, Cause> {
        let limit = limit.min(LONGEST_PAGE);
        if words.is_empty() {
            return self.select(HISTORY, params![before.0, limit]);
        }
        let mut statement = self.connection.prepare_cached(SAYING)?;
        let seqs = statement
            .query_map(params![expression(self.connection, words)?, before.0, limit], |row| row.get::<_, i64>(0))?;
        let mut rows = Vec::new();
        for seq in seqs {
            rows.extend(self.select(BY_SEQ, [seq?])?);
        }
        Ok(rows)
    }

    pub(crate) fn held(&self, after: Seq, limit: u32) -> Result<Vec<Interruption>, Cause> {
        self.select(HELD, params![after.0, limit.min(LONGEST_PAGE)])
    }

    pub(crate) fn feedback_by_app(&self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, Cause> {
        let mut statement = self.connection.prepare_cached(FEEDBACK_BY_APP)?;
        let counts = statement.query_map(params![period.cast_signed(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.collect::<Result<_, _>>()?)
    }

    pub(crate) fn senders(&self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, Cause> {
        let mut statement = self.connection.prepare_cached(SENDERS)?;
        let mut found = statement.query(params![rows, millis(since), limit])?;
        let mut senders = Senders::default();
        while let Some(row) = found.next()? {
            let first = instant(row.get(4)?)?;
            senders.first = Some(senders.first.map_or(first, |known| known.min(first)));
            let (app, name, came_in, acted) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            senders.apps.push(AppUse { app, name, came_in, acted });
        }
        Ok(senders)
    }

    pub(crate) fn raw(&self, seq: Seq) -> Result<Option<Raw>, Cause> {
        if let Some(text) = self.texts.get(seq.0) {
            return Ok(text.raw);
        }
        let mut statement = self.connection.prepare_cached(RAW)?;
        let raw = statement.query_row([seq.0], |row| Ok(Raw { body: row.get(0)?, big_endian: row.get(1)? }));
        Ok(raw.optional()?)
    }

    pub(crate) fn detail(&self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, Cause> {
        let Some(row) = self.select(BY_ID, [id.0])?.pop() else { return Ok(None) };
        let earlier = self.earlier_texts(row.seq)?;
        Ok(Some((row, earlier)))
    }

    fn earlier_texts(&self, seq: Seq) -> Result<Vec<EarlierText>, Cause> {
        let mut statement = self.connection.prepare_cached(REVISIONS)?;
        let mut found = statement.query([seq.0])?;
        let mut texts = Vec::new();
        while let Some(row) = found.next()? {
            texts.push(EarlierText { replaced: instant(row.get(0)?)?, summary: row.get(1)?, body: row.get(2)? });
        }
        Ok(texts)
    }

    /// Rows whose instant has come, and when that of the first of the others does.
    fn due(&self, at: DateTime<Utc>, due: &str, next: &str) -> Result<Found, Cause> {
        let rows = in_order(self.select(due, [millis(at)])?);
        let skipped = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(next)?;
        let next = statement.query_row([skipped], |row| row.get(0)).optional()?;
        Ok(Found { rows, next_due: next.map(instant).transpose()? })
    }

    fn each<T>(
        &self,
        named: &[T],
        find: impl Fn(&T) -> Result<Vec<Interruption>, Cause>,
    ) -> Result<Vec<Interruption>, Cause> {
        let found = named.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(in_order(found.concat()))
    }

    fn select(&self, sql: &str, params: impl Params) -> Result<Vec<Interruption>, Cause> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = statement.query(params)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read(row, self.texts)?);
        }
        Ok(rows)
    }
}

/// In order of arrival, each once.
fn in_order(mut rows: Vec<Interruption>) -> Vec<Interruption> {
    rows.sort_by_key(|row| row.seq);
    rows.dedup_by_key(|row| row.seq);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::steps;

    /// Held rows of apps by turns, in a database that is made for it.
    fn held(apps: &[&str]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        steps().to_latest(&mut connection).unwrap();
        for (seq, app) in (1..).zip(apps) {
            let values = params![seq, app];
            connection
                .execute(
                    "INSERT INTO notices (seq, id, state, arrived_ms, period, origin, revisions, sender_bus, sender_name,
                        sender_pid, sender_started, gate, app_id, app_name, app_proof, conversation, why, urgency,
                        transient, resident, feedback, text, summary, body)
                    VALUES (?1, 7, 'held', 0, 1, 'app', 0, '', '', 0, 0, '', ?2, '', 'name', 1, 'block', 1, 0, 0, 0, 'kept',
                        '', '')",
                    values,
                )
                .unwrap();
        }
        connection
    }

    fn listed(connection: &Connection, most: u32) -> Vec<(String, Vec<i64>)> {
        let finding = Finding { connection, texts: &SharedTexts::default() };
        let held = finding.held_by_conversation(LaterMark(0), most).unwrap();
        let seqs = |app: &tidegate_domain::HeldApp| app.conversations.concat().iter().map(|seq| seq.0).collect();
        held.here.iter().map(|app| (app.app.to_string(), seqs(app))).collect()
    }

    #[test]
    fn a_list_that_is_too_long_ends_with_the_newest_of_its_oldest() {
        let connection = held(&["b", "a", "b", "c", "a", "b"]);
        let all: &[(&str, &[i64])] = &[("a", &[2, 5]), ("b", &[1, 3, 6]), ("c", &[4])];
        let some: &[(&str, &[i64])] = &[("a", &[2]), ("b", &[1, 3])];
        for (most, want) in [(9, all), (6, all), (3, some)] {
            let want: Vec<_> = want.iter().map(|(app, seqs)| ((*app).to_owned(), seqs.to_vec())).collect();
            assert_eq!(listed(&connection, most), want, "{most}");
        }
        assert_eq!(listed(&held(&[]), 3), []);
    }
}
