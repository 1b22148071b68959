//! The words that the search index knows. Must not know what is done with them.
//!
//! For the beginning of a word the index first puts together the rows of all words that begin so, which takes
//! milliseconds where every row has one. Rows of whole words it gives one by one, newest first: so a beginning is looked
//! for as the few words that there are.

use crate::cause::Cause;
use rusqlite::{Connection, params};

/// What is asked is taken apart as schema 2 has it for `words`. All of them are in memory, and only while there is a
/// connection.
const TABLES: &str = "
    CREATE VIRTUAL TABLE IF NOT EXISTS temp.known USING fts5vocab(main, words, instance);
    CREATE VIRTUAL TABLE IF NOT EXISTS temp.asked USING fts5(text, content = '', tokenize = 'unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE IF NOT EXISTS temp.asked_words USING fts5vocab(temp, asked, instance);";
const ASK: &str = "INSERT INTO temp.asked (rowid, text) VALUES (1, ?1)";
const ASKED: &str = "SELECT term FROM temp.asked_words LIMIT 2";
const FORGET: &str = "INSERT INTO temp.asked (asked) VALUES ('delete-all')";
/// A walk over the words would touch every row that has them; this seeks.
const NEXT: &str = "SELECT term FROM temp.known WHERE term >= ?1 LIMIT 1";

/// The index has lists of its own for beginnings of so many characters (schema 2).
const LISTED: usize = 3;
/// More words than these are left to the index.
const FEW: usize = 32;
/// Stands between a word and the next one in their order: a separator is in no word.
const AFTER: char = '\u{1}';

/// What the index knows while nothing is written.
pub(crate) struct Vocabulary<'a> {
    connection: &'a Connection,
}

impl<'a> Vocabulary<'a> {
    pub(crate) fn open(connection: &'a Connection) -> Result<Self, Cause> {
        connection.execute_batch(TABLES)?;
        Ok(Self { connection })
    }

    /// The words that begin like this; nothing where the index itself is as quick, or where this is not one word.
    pub(crate) fn words_beginning(&self, text: &str) -> Result<Option<Vec<String>>, Cause> {
        match self.folded(text)? {
            Some(beginning) if beginning.chars().count() > LISTED => self.few_beginning(&beginning),
            Some(_) | None => Ok(None),
        }
    }

    /// As the index writes it, if it is one word.
    fn folded(&self, text: &str) -> Result<Option<String>, Cause> {
        self.connection.prepare_cached(ASK)?.execute([text])?;
        let words: Result<Vec<String>, _> =
            self.connection.prepare_cached(ASKED)?.query_map([], |row| row.get(0))?.collect();
        self.connection.prepare_cached(FORGET)?.execute([])?;
        let mut words = words?.into_iter();
        Ok(words.next().filter(|_| words.next().is_none()))
    }

    fn few_beginning(&self, beginning: &str) -> Result<Option<Vec<String>>, Cause> {
        let mut next = self.connection.prepare_cached(NEXT)?;
        let mut words: Vec<String> = Vec::new();
        let mut from = beginning.to_owned();
        loop {
            let mut found = next.query(params![from])?;
            let word = found.next()?.map(|row| row.get::<_, String>(0)).transpose()?;
            match word.filter(|word| word.starts_with(beginning)) {
                Some(_) if words.len() == FEW => return Ok(None),
                Some(word) => {
                    from = format!("{word}{AFTER}");
                    words.push(word);
                }
                None => return Ok(Some(words)),
            }
        }
    }
}
