//! Every change that is stored, within the open transaction. Must not begin or end one.

use crate::cause::Cause;
use crate::columns::{Binder, bind_facts, bind_text, fact_values, facts, millis};
use crate::history;
use crate::room::{Body, Room};
use crate::saved;
use crate::texts::{Text, Texts};
use crate::words::TextPlace;
use crate::words::Word;
use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use tidegate_domain::conversation;
use tidegate_domain::{Delivery, Interruption, Raw, Saved, State, Write};

/// The first of an app's held ones whose text lies like this.
macro_rules! oldest_held {
    ($like:literal) => {
        concat!(
            "SELECT seq, app_id, raw_bytes FROM notices INDEXED BY held_by_app
            WHERE state = 'held' AND origin <> 'own' AND feedback = 0 AND app_id = ?1 AND ",
            $like,
            " ORDER BY seq LIMIT 1"
        )
    };
}

/// Earlier texts that one row keeps.
const REVISIONS: i64 = 50;

const INSERT: &str = concat!(
    "INSERT INTO notices (seq, ",
    facts!(),
    ", text, raw_bytes, conversation, actions, inline_reply, summary, body) VALUES (?, ",
    fact_values!(),
    ", ?, ?, ?, ?, ?, ?, ?)"
);

const REVISE: &str = concat!(
    "UPDATE notices SET (",
    facts!(),
    ", raw_dropped, text, raw_bytes, conversation, actions, inline_reply, summary, body) = (",
    fact_values!(),
    ", 0, ?, ?, ?, ?, ?, ?, ?) WHERE seq = ?"
);

/// A text in memory that nobody needs any more is forgotten, and that is no loss to remark upon.
const UPDATE: &str = concat!(
    "UPDATE notices SET (",
    facts!(),
    ") = (",
    fact_values!(),
    "), text = iif(text = 'memory' AND ?, 'none', text) WHERE seq = ?"
);

const KEEP_REVISION: &str = "INSERT INTO revisions (seq, n, replaced_ms, summary, body)
    SELECT seq, (SELECT coalesce(max(n), 0) + 1 FROM revisions WHERE seq = ?1), ?2, summary, body
    FROM notices WHERE seq = ?1 AND text = 'kept'";

const DROP_OLD_REVISIONS: &str = "DELETE FROM revisions
    WHERE seq = ?1 AND n <= (SELECT max(n) FROM revisions WHERE seq = ?1) - ?2";

/// The kinds of text are found apart, so that each is one step in the index however many were dropped already.
pub(crate) const OLDEST_WITH_TEXT: &str = concat!(
    "SELECT seq, app_id, raw_bytes FROM (SELECT * FROM (",
    oldest_held!("text = 'kept' AND (raw_bytes IS NULL) = 0"),
    ") UNION ALL SELECT * FROM (",
    oldest_held!("text = 'kept' AND (raw_bytes IS NULL) = 1"),
    ") UNION ALL SELECT * FROM (",
    oldest_held!("text = 'memory' AND (raw_bytes IS NULL) = 1"),
    ")) ORDER BY seq LIMIT 1"
);

const DROP_TEXT: &str = "UPDATE notices SET text = 'dropped', raw_bytes = NULL, raw_dropped = 0, body = ''
    WHERE seq = ?1";

/// Its words are looked at anew.
const REWORD: &str = "INSERT OR IGNORE INTO reworded (seq) VALUES (?1)";

pub(crate) const LOSE_TEXT: &str = "UPDATE notices SET text = 'lost' WHERE seq = ?1";

pub(crate) const SHIFT_DUE: &str = "UPDATE notices SET due_ms = max(?2, min(?3, due_ms + ?1)) WHERE due_ms IS NOT NULL";

pub(crate) const SHIFT_SNOOZED: &str =
    "UPDATE notices SET snoozed_ms = max(?2, min(?3, snoozed_ms + ?1)) WHERE snoozed_ms IS NOT NULL";

const SAVE: &str =
    "INSERT INTO model (one, saved) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET saved = excluded.saved";

/// Changes rows, and with them the texts in memory and the sums of the bodies.
pub(crate) struct Writing<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) texts: &'a mut Texts,
    pub(crate) room: Room<'a>,
}

impl Writing<'_> {
    pub(crate) fn apply(&mut self, write: &Write) -> Result<(), Cause> {
        match write {
            Write::Insert { row, raw } => self.insert(row, raw.as_ref()),
            Write::Revise { row, raw, at } => self.revise(row, raw, *at),
            Write::Update(row) => self.update(row),
            Write::DropOldestText { app } => self.drop_oldest_text(app),
            Write::ShiftDue(by) => self.shift_due(*by),
            Write::Save(saved) => self.save(saved),
            Write::BlockEnded(block) => history::block_ended(self.connection, block),
            Write::LeftOut { of_block, length } => history::left_out(self.connection, *of_block, *length),
            Write::PeriodEnded(period) => history::period_ended(self.connection, period),
            Write::Absent(absence) => history::absent(self.connection, absence),
        }
    }

    fn insert(&mut self, row: &Interruption, raw: Option<&Raw>) -> Result<(), Cause> {
        let place = if stays_in_memory(row) { TextPlace::Memory } else { TextPlace::Kept };
        let mut statement = self.connection.prepare_cached(INSERT)?;
        let mut to = Binder::new(&mut statement);
        to.put(row.seq.0)?;
        bind_facts(&mut to, row)?;
        bind_whole_text(&mut to, row, place, raw)?;
        to.execute()?;
        self.put_raw(row, place, raw)
    }

    fn revise(&mut self, row: &Interruption, raw: &Raw, at: DateTime<Utc>) -> Result<(), Cause> {
        let was_in_memory = self.texts.get(row.seq.0).is_some();
        let stays = stays_in_memory(row) || (row.content.transient && was_in_memory);
        let place = if stays { TextPlace::Memory } else { TextPlace::Kept };
        self.keep_revision(row, at)?;
        self.drop_raw(row.seq.0)?;
        let mut statement = self.connection.prepare_cached(REVISE)?;
        let mut to = Binder::new(&mut statement);
        bind_facts(&mut to, row)?;
        bind_whole_text(&mut to, row, place, Some(raw))?;
        to.put(row.seq.0)?;
        must_exist(row, to.execute()?)?;
        self.connection.prepare_cached(REWORD)?.execute([row.seq.0])?;
        self.put_raw(row, place, Some(raw))
    }

    /// The text that is about to be replaced; one that never was on disk is not put there now.
    fn keep_revision(&self, row: &Interruption, at: DateTime<Utc>) -> Result<(), Cause> {
        self.connection.prepare_cached(KEEP_REVISION)?.execute(params![row.seq.0, millis(at)])?;
        self.connection.prepare_cached(DROP_OLD_REVISIONS)?.execute(params![row.seq.0, REVISIONS])?;
        Ok(())
    }

    fn put_raw(&mut self, row: &Interruption, place: TextPlace, raw: Option<&Raw>) -> Result<(), Cause> {
        if place == TextPlace::Memory {
            self.texts.insert(row.seq.0, Text::new(&row.content, raw));
            return self.drop_surplus();
        }
        let Some(raw) = raw else { return Ok(()) };
        self.room.put(row.seq.0, &row.app.id, raw)
    }

    fn drop_raw(&mut self, seq: i64) -> Result<(), Cause> {
        if self.texts.remove(seq) { Ok(()) } else { self.room.remove(seq) }
    }

    fn drop_surplus(&mut self) -> Result<(), Cause> {
        while let Some(seq) = self.texts.remove_surplus() {
            self.connection.prepare_cached(LOSE_TEXT)?.execute([seq])?;
        }
        Ok(())
    }

    fn update(&mut self, row: &Interruption) -> Result<(), Cause> {
        let spent = is_spent(row);
        let mut statement = self.connection.prepare_cached(UPDATE)?;
        let mut to = Binder::new(&mut statement);
        bind_facts(&mut to, row)?;
        to.put(spent)?;
        to.put(row.seq.0)?;
        must_exist(row, to.execute()?)?;
        if spent {
            self.texts.remove(row.seq.0);
        }
        Ok(())
    }

    fn drop_oldest_text(&mut self, app: &str) -> Result<(), Cause> {
        let Some(Oldest { seq, body }) = self.oldest_with_text(app)? else { return Ok(()) };
        self.connection.prepare_cached(DROP_TEXT)?.execute([seq])?;
        self.connection.prepare_cached(REWORD)?.execute([seq])?;
        self.connection.prepare_cached("DELETE FROM revisions WHERE seq = ?1")?.execute([seq])?;
        self.texts.remove(seq);
        body.map_or(Ok(()), |body| self.room.discard(body))
    }

    fn oldest_with_text(&self, app: &str) -> Result<Option<Oldest>, Cause> {
        let mut oldest = self.connection.prepare_cached(OLDEST_WITH_TEXT)?;
        let found = oldest.query_row([app], |row| {
            let (seq, app, bytes) = (row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?);
            Ok(Oldest { seq, body: bytes.map(|bytes| Body { seq, app, bytes }) })
        });
        Ok(found.optional()?)
    }

    /// Held within what the domain can express, so that no jump of the clock can overflow a column.
    fn shift_due(&mut self, by: Duration) -> Result<(), Cause> {
        let (first, last) = (millis(DateTime::<Utc>::MIN_UTC), millis(DateTime::<Utc>::MAX_UTC));
        let by = by.num_milliseconds().clamp(first - last, last - first);
        for shift in [SHIFT_DUE, SHIFT_SNOOZED] {
            self.connection.prepare_cached(shift)?.execute([by, first, last])?;
        }
        Ok(())
    }

    fn save(&mut self, saved: &Saved) -> Result<(), Cause> {
        self.connection.prepare_cached(SAVE)?.execute([saved::to_json(saved)?])?;
        Ok(())
    }
}

/// The oldest of an app that still has its text, with its body if that is on disk.
struct Oldest {
    seq: i64,
    body: Option<Body>,
}

/// Binds the columns after the facts.
fn bind_whole_text(
    to: &mut Binder<'_, '_>,
    row: &Interruption,
    place: TextPlace,
    raw: Option<&Raw>,
) -> Result<(), Cause> {
    let on_disk = raw.filter(|_| place == TextPlace::Kept);
    to.put(place.word())?;
    to.put(on_disk.map(|raw| i64::try_from(raw.body.len()).unwrap_or(i64::MAX)))?;
    to.put((place == TextPlace::Kept).then(|| conversation(&row.content.summary)))?;
    bind_text(to, &row.content, place)
}

/// Check 19: a transient one's text is in memory while it is held.
fn stays_in_memory(row: &Interruption) -> bool {
    row.content.transient && row.is_held()
}

/// Whether nobody needs its body any more; the index `spent` says the same in SQL.
fn is_spent(row: &Interruption) -> bool {
    let (under_way, on_screen) = match row.delivery {
        Delivery::None => (false, false),
        Delivery::Sending { .. } => (true, false),
        Delivery::Shown { .. } => (false, true),
    };
    let is_done = row.state() == State::Done;
    !row.is_held() && !under_way && (row.closed.is_some() || !(on_screen || is_done))
}

fn must_exist(row: &Interruption, changed: usize) -> Result<(), Cause> {
    if changed == 0 { Err(Cause::NoSuchRow(row.seq.0)) } else { Ok(()) }
}
