//! Beyond the total of messages that are kept, those of the app with the most go first, and their rows say so.

use crate::rows::{Home, app, closed, content, held, insert, raw, revise, sending, settled, update};
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{Interruption, Remark, Seq, State, Write};

const MIB: usize = 1 << 20;

/// A new row with a message of so many bytes.
fn long(row: Interruption, bytes: usize) -> Write {
    Write::Insert { row: Box::new(row), raw: Some(raw(&vec![0; bytes])) }
}

fn of(name: &str, row: Interruption) -> Interruption {
    Interruption { app: app(name), ..row }
}

/// The keys of the rows that still have their message, of so many.
fn kept(home: &mut Home, rows: i64) -> Vec<i64> {
    (1..=rows).filter(|seq| home.store.raw(Seq(*seq)).unwrap().is_some()).collect()
}

fn tidy(home: &mut Home) -> usize {
    (0..).find(|_| !home.store.tidy().unwrap()).unwrap()
}

#[test]
fn the_app_with_the_most_loses_its_oldest_and_the_rows_stay_with_their_text() {
    let mut home = Home::with_limit(100);
    home.write([long(of("mail", held(1)), 30)]);
    home.write([long(held(2), 40), long(held(3), 30)]);
    assert_eq!(kept(&mut home, 3), [1, 2, 3]);
    home.write([long(held(4), 20)]);
    assert_eq!(kept(&mut home, 4), [1, 3, 4]);
    let row = home.row(2);
    assert_eq!((row.state(), row.content.remarks), (State::Held, vec![Remark::RawDropped]));
    assert_eq!((row.content.summary, row.content.body), (content("number 2").summary, content("number 2").body));
    assert_eq!((row.content.actions, home.store.load().unwrap().ledger.held), (content("").actions, 4));
    let mut home = home.reopen();
    home.write([long(of("mail", held(5)), 60)]);
    assert_eq!(kept(&mut home, 5), [3, 4], "mail takes the most now, and the sums are counted at a start");
}

#[test]
fn what_is_on_its_way_to_the_screen_keeps_its_message() {
    let mut home = Home::with_limit(100);
    home.write([long(sending(1, ":1.7", 1), 60), long(held(2), 30), long(held(3), 60)]);
    assert_eq!(kept(&mut home, 3), [1]);
    home.write([update(held(1)), long(of("mail", held(4)), 50)]);
    assert_eq!(kept(&mut home, 4), [4]);
}

#[test]
fn what_nobody_needs_goes_before_what_is_wanted_and_without_a_remark() {
    let mut home = Home::with_limit(100);
    home.write([long(held(1), 60), long(of("mail", closed(settled(2, State::Passed))), 30), long(held(3), 40)]);
    assert_eq!(kept(&mut home, 3), [1, 3]);
    assert_eq!(home.row(2).content.remarks, []);
}

#[test]
fn an_edit_takes_the_place_of_its_message_and_of_the_remark() {
    let mut home = Home::with_limit(100);
    home.write([long(held(1), 60), long(held(2), 60)]);
    assert_eq!(home.row(1).content.remarks, [Remark::RawDropped]);
    let row = home.row(1);
    home.write([update(row)]);
    assert_eq!(home.row(1).content.remarks, [Remark::RawDropped], "it is not written twice");
    home.write([revise(held(1), &[0; 40], 5)]);
    assert_eq!((kept(&mut home, 2), home.row(1).content.remarks), (vec![1, 2], vec![]));
    home.write([revise(held(1), &[0; 41], 6)]);
    assert_eq!(kept(&mut home, 2), [2]);
}

#[test]
fn what_is_rolled_back_counts_no_more() {
    let mut home = Home::with_limit(100);
    home.write([long(held(1), 60)]);
    home.store.begin(true).unwrap();
    home.store.apply(&long(held(2), 90)).unwrap();
    assert_eq!(kept(&mut home, 2), [2]);
    home.store.roll_back();
    home.write([long(held(2), 40)]);
    assert_eq!(kept(&mut home, 2), [1, 2]);
    assert_eq!(home.row(1).content.remarks, []);
}

#[test]
fn one_that_alone_is_too_much_is_held_without_its_message() {
    let mut home = Home::with_limit(100);
    home.write([long(held(1), 101), insert(held(2))]);
    assert_eq!((kept(&mut home, 2), home.row(1).content.remarks), (vec![2], vec![Remark::RawDropped]));
}

#[test]
fn a_transaction_drops_a_bounded_number_and_tidying_the_rest() {
    let mut home = Home::new();
    home.write((1..=2_000).map(|seq| long(held(seq), 100)));
    home.limit.set(100_000);
    home.write([long(of("mail", held(2_001)), 100)]);
    assert_eq!(kept(&mut home, 2_001).len(), 2_001 - 64 - 1, "what comes while far too much is kept goes as well");
    assert!(tidy(&mut home) >= 2, "in steps");
    let left = kept(&mut home, 2_001);
    assert_eq!((left.len(), left.first()), (1_000, Some(&1_001)));
}

#[test]
fn large_messages_are_dropped_a_few_at_a_time() {
    let mut home = Home::new();
    home.write((1..=12).map(|seq| long(held(seq), 4 * MIB)));
    home.limit.set(MIB as u64);
    home.write([long(held(13), 10)]);
    assert_eq!(kept(&mut home, 13), (3..=12).collect::<Vec<_>>());
    assert!(tidy(&mut home) >= 4);
    assert_eq!(kept(&mut home, 13), [0_i64; 0]);
}

#[test]
fn the_file_stays_as_small_as_the_total_whatever_comes() {
    let mut home = Home::with_limit(16 * MIB as u64);
    for seq in 1..=40 {
        home.write([long(of(&format!("app {seq}"), held(seq)), 4 * MIB - 1_000)]);
        home.store.tidy().unwrap();
    }
    let size: u64 =
        ["", "-wal"].map(|it| std::fs::metadata(format!("{}{it}", home.path().display())).unwrap().len()).iter().sum();
    assert!(size < 48 * MIB as u64, "{size}");
    assert_eq!((kept(&mut home, 40).len(), home.store.load().unwrap().ledger.held), (4, 40));
}
