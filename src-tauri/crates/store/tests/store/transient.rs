//! Check 19: a transient one's text is in memory only while it is held.

use crate::rows::{Home, closed, content, due, due_at, held, insert, raw, revise, settled, shown, update};
use chrono::DateTime;
use std::fs;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{Content, Interruption, Query, Raw, Remark, Seq, State, Write};

const SECRET: &str = "one-time code 493817";

fn transient(seq: i64) -> Interruption {
    let content = Content { transient: true, inline_reply: Some(SECRET.into()), ..content(SECRET) };
    Interruption { content, ..held(seq) }
}

fn secret_raw() -> Raw {
    raw(SECRET.as_bytes())
}

fn insert_secret(row: Interruption) -> Write {
    Write::Insert { row: Box::new(row), raw: Some(secret_raw()) }
}

/// Whether the secret is in any file of the store.
fn on_disk(home: &Home) -> bool {
    let files = fs::read_dir(home.path().parent().unwrap()).unwrap();
    files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .any(|bytes| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()))
}

fn lost(row: Interruption) -> Interruption {
    let mut row = row;
    (row.content.summary, row.content.body) = (String::new(), String::new());
    row.content.inline_reply = Some(String::new());
    row.content.actions.iter_mut().for_each(|action| action.label.clear());
    row.content.remarks.push(Remark::TextLost);
    row
}

#[test]
fn check_19_the_text_is_found_but_not_on_disk_while_held_and_after() {
    let mut home = Home::new();
    home.write([insert_secret(transient(1))]);
    assert_eq!((home.row(1), home.store.raw(Seq(1)).unwrap()), (transient(1), Some(secret_raw())));
    assert_eq!(home.store.held(Seq(0), 9).unwrap(), [transient(1)]);
    assert_eq!(home.store.detail(transient(1).id).unwrap(), Some((transient(1), Vec::new())));
    let released = Interruption { content: transient(1).content, ..shown(1, ":1.3", 1) };
    home.write([update(released.clone())]);
    assert_eq!((home.row(1), home.store.raw(Seq(1)).unwrap()), (released, Some(secret_raw())));
    home.write([update(transient(1))]);
    assert_eq!(home.row(1), transient(1), "held again");
    home.store.tidy().unwrap();
    assert!(!on_disk(&home));
}

#[test]
fn one_that_passed_is_history_like_any_other() {
    let mut home = Home::new();
    let passed = Interruption { content: transient(1).content, ..settled(1, State::Passed) };
    home.write([insert_secret(passed.clone())]);
    let mut home = home.reopen();
    assert_eq!(home.row(1), passed);
    assert!(on_disk(&home), "what the other tests look for can be found");
}

#[test]
fn once_nobody_needs_it_the_text_is_forgotten_without_a_remark() {
    let mut home = Home::new();
    let gone = closed(Interruption { content: transient(1).content, ..settled(1, State::Expired) });
    home.write([insert_secret(transient(1)), update(gone)]);
    let found = home.row(1);
    assert_eq!((found.content.summary.as_str(), found.content.remarks), ("", Vec::new()));
    assert_eq!(home.store.raw(Seq(1)).unwrap(), None);
}

#[test]
fn after_a_crash_a_held_one_is_due_at_once_and_says_why() {
    let mut home = Home::new();
    let row = due(transient(1), 60_000);
    home.write([insert_secret(row.clone()), insert(held(2))]);
    let mut home = home.reopen();
    let epoch = DateTime::from_timestamp_millis(0).unwrap();
    assert_eq!(home.row(1), due_at(lost(row), epoch));
    assert_eq!(home.store.raw(Seq(1)).unwrap(), None);
    assert_eq!(home.store.load().unwrap().next_due, Some(epoch));
    assert_eq!(home.seqs(Query::Due(crate::rows::at(0))), [1]);
    assert_eq!(home.row(2), held(2));
}

#[test]
fn after_a_failure_in_the_same_life_nothing_is_lost() {
    let mut home = Home::new();
    home.write([insert_secret(transient(1))]);
    home.store.begin(true).unwrap();
    home.store.apply(&insert_secret(transient(2))).unwrap();
    let loaded = home.store.load().unwrap();
    assert_eq!((loaded.last_seq, loaded.next_due), (Seq(1), None));
    assert_eq!((home.row(1), home.store.raw(Seq(2)).unwrap()), (transient(1), None));
}

#[test]
fn a_rolled_back_edit_leaves_the_text_that_was_there() {
    let mut home = Home::new();
    home.write([insert_secret(transient(1))]);
    let mut edited = transient(1);
    edited.content.summary = "edited".into();
    home.store.begin(true).unwrap();
    home.store.apply(&revise(edited.clone(), b"edited", 5)).unwrap();
    assert_eq!((home.row(1), home.store.raw(Seq(1)).unwrap()), (edited.clone(), Some(raw(b"edited"))));
    home.store.roll_back();
    assert_eq!((home.row(1), home.store.raw(Seq(1)).unwrap()), (transient(1), Some(secret_raw())));
    home.write([revise(edited.clone(), b"edited", 5)]);
    assert_eq!((home.row(1), home.store.raw(Seq(1)).unwrap()), (edited, Some(raw(b"edited"))));
    assert!(!on_disk(&home));
}

#[test]
fn an_edit_that_is_no_longer_transient_goes_to_disk_and_the_earlier_text_does_not() {
    let mut home = Home::new();
    let edited = Interruption { content: content("lasting"), ..held(1) };
    home.write([insert_secret(transient(1)), revise(edited.clone(), b"lasting", 5)]);
    let mut home = home.reopen();
    assert_eq!(home.store.detail(edited.id).unwrap(), Some((edited, Vec::new())));
    assert_eq!(home.store.raw(Seq(1)).unwrap(), Some(raw(b"lasting")));
    assert!(!on_disk(&home));
}

#[test]
fn an_edit_that_becomes_transient_takes_the_message_off_the_disk() {
    let mut home = Home::new();
    home.write([insert(held(1)), revise(transient(1), SECRET.as_bytes(), 5)]);
    let (found, earlier) = home.store.detail(held(1).id).unwrap().unwrap();
    assert_eq!((found, earlier[0].summary.as_str()), (transient(1), "number 1"));
    let mut home = home.reopen();
    assert_eq!(home.store.raw(Seq(1)).unwrap(), None);
    assert!(!on_disk(&home));
}

#[test]
fn a_flood_of_them_costs_the_oldest_its_text() {
    let mut home = Home::new();
    home.write((1..=513).map(|seq| insert_secret(transient(seq))));
    assert_eq!(home.row(1), lost(transient(1)));
    assert_eq!(home.row(2), transient(2));
    home.write([Write::DropOldestText { app: "chat".into() }]);
    assert_eq!(home.row(2).content.remarks, [Remark::TextDroppedFlood]);
    assert_eq!(home.store.raw(Seq(2)).unwrap(), None);
    assert_eq!(home.row(3), transient(3));
}
