//! The reader beside the journal: what it sees, and when it leaves the answer to the journal.

use crate::rows::{Home, content, due, held, insert, settled, update};
use std::fs;
use tidegate_domain::ports::{Archive, Journal, Reader};
use tidegate_domain::{Content, Interruption, NoticeId, Query, Seq, State, Write};
use tidegate_store::SqliteReader;

fn seqs(reader: &mut SqliteReader) -> Vec<i64> {
    reader.held(Seq(0), 100).unwrap().iter().map(|row| row.seq.0).collect()
}

#[test]
fn it_sees_what_is_committed_and_nothing_else() {
    let mut home = Home::new();
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    home.write([insert(held(1)), insert(held(2))]);
    home.store.begin(true).unwrap();
    home.store.apply(&update(settled(1, State::Done))).unwrap();
    home.store.apply(&insert(held(3))).unwrap();
    assert_eq!(seqs(&mut reader), [1, 2]);
    home.store.commit().unwrap();
    assert_eq!(seqs(&mut reader), [2, 3]);
    assert_eq!(reader.rows(&Query::Id(NoticeId(held(3).id.0))).unwrap().rows, [held(3)]);
}

#[test]
fn who_reads_keeps_no_commit_and_no_tidying_waiting() {
    let mut home = Home::new();
    home.write((1..=50).map(|seq| insert(held(seq))));
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    let connection = rusqlite::Connection::open(home.path()).unwrap();
    connection.execute_batch("BEGIN; SELECT count(*) FROM notices").unwrap();
    home.write([insert(held(51))]);
    home.store.tidy().unwrap();
    assert_eq!(seqs(&mut reader).len(), 51);
}

#[test]
fn check_19_a_text_that_is_in_memory_only_is_read_too() {
    let mut home = Home::new();
    let row = Interruption { content: Content { transient: true, ..content("a code") }, ..held(1) };
    home.write([insert(row.clone())]);
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    assert_eq!(reader.detail(row.id).unwrap(), Some((row.clone(), Vec::new())));
    assert_eq!(reader.raw(Seq(1)).unwrap(), home.store.raw(Seq(1)).unwrap());
}

#[test]
fn what_has_just_come_is_found_once_the_journal_has_read_ahead() {
    let mut home = Home::new();
    home.write([insert(Interruption { content: content("Rechnung"), ..held(1) })]);
    let mut reader = home.store.reader();
    assert!(reader.is_current() && reader.index_is_behind().unwrap());
    home.store.read_ahead();
    assert!(!reader.index_is_behind().unwrap());
    assert_eq!(reader.search(&["rech".into()], Seq(i64::MAX), 10).unwrap().len(), 1);
}

#[test]
fn while_the_journal_is_not_open_or_its_file_has_no_name_nobody_reads_beside_it() {
    let mut home = Home::new();
    home.write([insert(due(held(1), 5))]);
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    fs::remove_file(home.path()).unwrap();
    assert!(!reader.is_current(), "the file is gone");
    assert_eq!(home.store.held(Seq(0), 10).unwrap().len(), 1, "the journal still reads it");
    home.store.load().unwrap();
    assert!(reader.is_current(), "it was written again");
    assert_eq!(seqs(&mut reader), [1]);
    let other = tidegate_store::SqliteStore::new(home.path());
    assert!(!other.reader().is_current(), "it was not loaded");
}

#[test]
fn it_never_writes() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    let before = fs::read(home.path()).unwrap();
    for words in [vec![], vec!["number".to_owned()]] {
        reader.search(&words, Seq(i64::MAX), 10).unwrap();
    }
    reader.rest();
    drop(reader);
    assert_eq!(fs::read(home.path()).unwrap(), before, "not even the log is moved");
    home.write([Write::DropOldestText { app: "chat".into() }]);
}
