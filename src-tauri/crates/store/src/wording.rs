//! The index of the words of all history, brought up to date in steps of a bounded size. Must not decide when, or what is
//! looked for.

use crate::cause::Cause;
use crate::grams::spread;
use crate::opening::Database;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Rows of one step, and how many bytes of text: about 10 ms, in which an app may have to wait for its answer.
const ROWS: i64 = 200;
const BYTES: usize = 64 << 10;

const UPTO: &str = "SELECT upto FROM worded WHERE one = 1";
const SET_UPTO: &str = "UPDATE worded SET upto = ?1 WHERE one = 1";
pub(crate) const NEW: &str = "SELECT seq, app_name, summary, body, text = 'kept' AND origin <> 'own' FROM notices
    WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(crate) const IS_BEHIND: &str =
    "SELECT EXISTS (SELECT 1 FROM notices WHERE seq > (SELECT upto FROM worded WHERE one = 1))
    OR EXISTS (SELECT 1 FROM reworded)";
const CHANGED: &str = "SELECT seq FROM reworded ORDER BY seq LIMIT ?1";
const ONE: &str = "SELECT seq, app_name, summary, body, text = 'kept' AND origin <> 'own' FROM notices WHERE seq = ?1";
const ADD: &str = "INSERT INTO words (rowid, app, summary, body) VALUES (?1, ?2, ?3, ?4)";
const REMOVE: &str = "DELETE FROM words WHERE rowid = ?1";
const LOOKED_AT: &str = "DELETE FROM reworded WHERE seq = ?1";

/// What is indexed of one row, as the index reads it.
struct Text {
    seq: i64,
    app: String,
    summary: String,
    body: String,
    is_kept: bool,
}

impl Text {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column| Ok::<_, rusqlite::Error>(spread(row.get_ref(column)?.as_str()?).into_owned());
        Ok(Self { seq: row.get(0)?, app: text(1)?, summary: text(2)?, body: text(3)?, is_kept: row.get(4)? })
    }

    /// Only what lies on the disk anyway: a transient one's text is in memory and stays there.
    fn add(&self, to: &Connection) -> Result<(), Cause> {
        if self.is_kept {
            let values = params![self.seq, self.app, self.summary, self.body];
            to.prepare_cached(ADD)?.execute(values)?;
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.summary.len() + self.body.len()
    }
}

/// One step; whether another has something to do. A transaction of its own: never that of an answer.
pub(crate) fn index(database: &mut Database) -> Result<bool, Cause> {
    let upto = database.connection.prepare_cached(UPTO)?.query_row([], |row| row.get(0))?;
    let (new, changed) = (new(&database.connection, upto)?, changed(&database.connection)?);
    if new.texts.is_empty() && changed.is_empty() {
        return Ok(false);
    }
    database.set_durable(false)?;
    let transaction = database.connection.transaction()?;
    add_new(&transaction, &new.texts)?;
    let known = new.texts.last().map_or(upto, |text| text.seq);
    let are_cut = look_at_changed(&transaction, &changed, known)?;
    transaction.commit()?;
    Ok(new.is_cut || are_cut)
}

/// Whether a step would have something to do.
pub(crate) fn is_behind(connection: &Connection) -> Result<bool, Cause> {
    Ok(connection.prepare_cached(IS_BEHIND)?.query_row([], |row| row.get(0))?)
}

/// The next rows whose words are not known.
struct New {
    texts: Vec<Text>,
    is_cut: bool,
}

fn new(connection: &Connection, upto: i64) -> Result<New, Cause> {
    let mut statement = connection.prepare_cached(NEW)?;
    let mut found = statement.query([upto, ROWS])?;
    let (mut texts, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let text = Text::read(row)?;
        bytes += text.bytes();
        texts.push(text);
        if bytes >= BYTES {
            return Ok(New { texts, is_cut: true });
        }
    }
    let is_cut = i64::try_from(texts.len()).is_ok_and(|count| count >= ROWS);
    Ok(New { texts, is_cut })
}

fn changed(connection: &Connection) -> Result<Vec<i64>, Cause> {
    let mut statement = connection.prepare_cached(CHANGED)?;
    let seqs = statement.query_map([ROWS], |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

fn add_new(connection: &Connection, texts: &[Text]) -> Result<(), Cause> {
    for text in texts {
        text.add(connection)?;
    }
    if let Some(last) = texts.last() {
        connection.prepare_cached(SET_UPTO)?.execute([last.seq])?;
    }
    Ok(())
}

/// Those of one step; whether there are more.
fn look_at_changed(connection: &Connection, changed: &[i64], known: i64) -> Result<bool, Cause> {
    let mut bytes = 0;
    for seq in changed {
        bytes += look_again(connection, *seq, known)?;
        if bytes >= BYTES {
            return Ok(true);
        }
    }
    Ok(i64::try_from(changed.len()).is_ok_and(|count| count >= ROWS))
}

/// One whose text is another, or gone, or read in another way than it was; how much that is. Rows that come after `known`
/// will be looked at anyway.
fn look_again(connection: &Connection, seq: i64, known: i64) -> Result<usize, Cause> {
    let mut bytes = 0;
    if seq <= known {
        connection.prepare_cached(REMOVE)?.execute([seq])?;
        let text = connection.prepare_cached(ONE)?.query_row([seq], Text::read).optional()?;
        if let Some(text) = text {
            text.add(connection)?;
            bytes = text.bytes();
        }
    }
    connection.prepare_cached(LOOKED_AT)?.execute([seq])?;
    Ok(bytes)
}
