//! The reader beside the journal: what it sees, and when it leaves the answer to the journal.

use crate::rows::{Home, content, due, held, insert, raw, settled, update};
use std::fs;
use std::os::unix::fs::MetadataExt;
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

#[test]
fn while_the_log_is_long_the_journal_reads_alone_until_it_has_begun_anew() {
    let mut home = Home::new();
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    for seq in 1..=5 {
        home.write([Write::Insert { row: Box::new(held(seq)), raw: Some(raw(&vec![0; 4 << 20])) }]);
    }
    assert!(!reader.is_current());
    home.store.tidy().unwrap();
    home.write([insert(held(6))]);
    assert!(reader.is_current());
    assert_eq!(seqs(&mut reader), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_journal_that_is_loaded_anew_leaves_the_readers_lock_on_the_file() {
    let mut home = Home::new();
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    home.store.load().unwrap();
    let inode = fs::metadata(home.path()).unwrap().ino().to_string();
    let own = std::process::id().to_string();
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let is_ours = |line: &str| {
        line.contains("POSIX") && line.contains(&format!(" {own} ")) && line.contains(&format!(":{inode} "))
    };
    assert!(locks.lines().any(is_ours), "nobody else may take the log for one that is left over:\n{locks}");
}

#[test]
fn a_text_that_a_transaction_takes_away_is_there_until_that_is_committed() {
    let mut home = Home::new();
    let row = Interruption { content: Content { transient: true, ..content("a code") }, ..held(1) };
    home.write([insert(row.clone())]);
    let mut reader = home.store.reader();
    assert!(reader.is_current());
    let gone = Interruption { content: row.content.clone(), ..settled(1, State::Expired) };
    home.store.begin(true).unwrap();
    home.store.apply(&update(crate::rows::closed(gone))).unwrap();
    assert_eq!(reader.held(Seq(0), 10).unwrap(), [row]);
    home.store.commit().unwrap();
    assert_eq!(reader.held(Seq(0), 10).unwrap(), []);
}
