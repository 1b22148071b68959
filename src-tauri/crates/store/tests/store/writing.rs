//! Each write changes what its documentation says, and nothing else.

use crate::rows::{
    Home, at, closed, content, due, held, insert, raw, revise, save, saved, sending, settled, shown, update,
};
use chrono::{DateTime, Duration, Utc};
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{App, Content, Interruption, NoticeId, Query, Raw, Remark, Seq, State, Write};

fn stored_raw(home: &mut Home, seq: i64) -> Option<Raw> {
    home.store.raw(Seq(seq)).unwrap()
}

fn earlier(home: &mut Home, row: &Interruption) -> Vec<(String, String, DateTime<Utc>)> {
    let (_, earlier) = home.store.detail(row.id).unwrap().unwrap();
    earlier.into_iter().map(|text| (text.summary, text.body, text.replaced)).collect()
}

fn without_text(row: Interruption, remark: Remark) -> Interruption {
    let content = Content { body: String::new(), remarks: vec![remark], ..row.content.clone() };
    Interruption { content, ..row }
}

#[test]
fn the_message_comes_back_byte_for_byte() {
    let mut home = Home::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(4 << 20).collect();
    for (seq, message) in [(1, raw(&bytes)), (2, raw(b"")), (3, raw(b"\x01big endian"))] {
        home.write([Write::Insert { row: Box::new(held(seq)), raw: Some(message.clone()) }]);
        assert_eq!(stored_raw(&mut home, seq), Some(message));
    }
    let mut home = home.reopen();
    assert_eq!(stored_raw(&mut home, 1), Some(raw(&bytes)));
    assert_eq!(stored_raw(&mut home, 9), None);
}

#[test]
fn without_a_message_the_text_stays() {
    let mut home = Home::new();
    let mut feedback = settled(2, State::Passed);
    feedback.content.feedback = true;
    home.write([settled(1, State::Muted), feedback.clone()].map(|row| Write::Insert { row: Box::new(row), raw: None }));
    assert_eq!(home.row(1), settled(1, State::Muted));
    assert_eq!(home.row(2), feedback);
    assert_eq!((stored_raw(&mut home, 1), stored_raw(&mut home, 2)), (None, None));
}

#[test]
fn a_key_is_never_used_twice() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    home.store.begin(true).unwrap();
    home.store.apply(&insert(held(1))).unwrap_err();
    home.store.roll_back();
    assert_eq!(home.row(1), held(1));
}

#[test]
fn an_edit_replaces_the_text_and_keeps_the_earlier_one() {
    let mut home = Home::new();
    let mut edited = held(1);
    edited.content = Content { actions: Vec::new(), ..content("second") };
    edited.revisions = 1;
    home.write([insert(held(1)), revise(edited.clone(), b"second", 70)]);
    assert_eq!(home.row(1), edited);
    assert_eq!(stored_raw(&mut home, 1), Some(raw(b"second")));
    assert_eq!(earlier(&mut home, &edited), [("number 1".into(), "body of number 1".into(), at(70))]);
}

#[test]
fn fifty_earlier_texts_are_kept_and_the_count_goes_on() {
    let mut home = Home::new();
    home.write([insert(held(1))]);
    home.write((1..=60).map(|n| {
        let row = Interruption { content: content(&format!("edit {n}")), revisions: n, ..held(1) };
        revise(row, b"x", i64::from(n))
    }));
    let kept = earlier(&mut home, &held(1));
    assert_eq!(kept.len(), 50);
    assert_eq!((kept[0].0.as_str(), kept[49].0.as_str()), ("edit 10", "edit 59"));
    assert_eq!(home.row(1).revisions, 60);
}

#[test]
fn an_update_changes_everything_but_the_text() {
    let mut home = Home::new();
    let changed = Interruption { content: content("never written"), ..closed(shown(1, ":1.3", 4)) };
    let mut want = changed.clone();
    want.content = held(1).content;
    want.content.remarks = vec![Remark::MayHaveBeenShown];
    let mut changed = changed;
    changed.content.remarks = vec![Remark::MayHaveBeenShown];
    home.write([insert(held(1)), update(changed)]);
    assert_eq!(home.row(1), want);
    assert_eq!(stored_raw(&mut home, 1), Some(raw(&1_i64.to_le_bytes())));
}

#[test]
fn a_change_of_a_row_that_is_not_there_is_an_error() {
    let mut home = Home::new();
    home.store.begin(true).unwrap();
    let error = home.store.apply(&update(held(5))).unwrap_err();
    assert!(error.to_string().ends_with("tidegate.db: row 5 does not exist"), "{error}");
    home.store.apply(&revise(held(5), b"x", 1)).unwrap_err();
    home.store.roll_back();
}

#[test]
fn outside_a_transaction_nothing_is_written() {
    let mut home = Home::new();
    let error = home.store.apply(&insert(held(1))).unwrap_err();
    assert!(error.to_string().ends_with("no transaction is open"), "{error}");
    assert_eq!(home.rows(Query::Seqs(vec![Seq(1)])), []);
}

#[test]
fn a_flood_costs_the_oldest_held_one_of_that_app_its_text_but_not_its_place() {
    let mut home = Home::new();
    let other = Interruption { app: App { id: "other".into(), ..held(1).app }, ..held(1) };
    let released = shown(2, ":1.3", 1);
    let edited = Interruption { content: content("edited"), revisions: 1, ..held(3) };
    home.write([insert(other.clone()), insert(released.clone()), insert(held(3)), insert(held(4))]);
    home.write([revise(edited.clone(), b"edited", 5), Write::DropOldestText { app: "chat".into() }]);
    assert_eq!(home.row(3), without_text(edited.clone(), Remark::TextDroppedFlood));
    assert_eq!((stored_raw(&mut home, 3), earlier(&mut home, &edited)), (None, Vec::new()));
    home.write([Write::DropOldestText { app: "chat".into() }, Write::DropOldestText { app: "chat".into() }]);
    assert_eq!(home.row(4), without_text(held(4), Remark::TextDroppedFlood));
    assert_eq!((home.row(1), home.row(2)), (other, released));
    assert_eq!(stored_raw(&mut home, 1), Some(raw(&1_i64.to_le_bytes())));
}

#[test]
fn that_the_text_was_dropped_outlives_an_update_and_ends_with_an_edit() {
    let mut home = Home::new();
    home.write([insert(held(1)), Write::DropOldestText { app: "chat".into() }]);
    home.write([update(held(1))]);
    assert_eq!(home.row(1), without_text(held(1), Remark::TextDroppedFlood));
    let as_found = home.row(1);
    home.write([update(as_found.clone())]);
    assert_eq!(home.row(1), as_found);
    home.write([revise(held(1), b"again", 9)]);
    assert_eq!((home.row(1), stored_raw(&mut home, 1)), (held(1), Some(raw(b"again"))));
    home.write([Write::DropOldestText { app: "chat".into() }]);
    assert_eq!(home.row(1).content.remarks, [Remark::TextDroppedFlood]);
}

#[test]
fn a_set_clock_moves_every_due_instant() {
    let mut home = Home::new();
    let due = |seq, millis| due(settled(seq, State::Done), millis);
    home.write([insert(due(1, 10)), insert(due(2, 20)), insert(held(3))]);
    home.write([Write::ShiftDue(Duration::hours(-2))]);
    let moved = |millis| Some(at(millis) - Duration::hours(2));
    assert_eq!((home.row(1).due(), home.row(2).due(), home.row(3).due()), (moved(10), moved(20), None));
}

#[test]
fn no_jump_of_the_clock_is_too_far() {
    let mut home = Home::new();
    home.write([insert(due(settled(1, State::Done), 10))]);
    for by in [Duration::MAX, Duration::MAX, Duration::MIN, Duration::MIN, Duration::MAX] {
        home.write([Write::ShiftDue(by)]);
    }
    assert_eq!(home.row(1).due().map(|due| due.timestamp_millis()), Some(DateTime::<Utc>::MAX_UTC.timestamp_millis()));
}

#[test]
fn the_models_state_is_replaced_whole() {
    let mut home = Home::new();
    home.write([save(saved(1, 0))]);
    home.write([save(saved(2, 5))]);
    assert_eq!(home.store.load().unwrap().saved, Some(saved(2, 5)));
}

#[test]
fn what_is_rolled_back_was_never_there() {
    let mut home = Home::new();
    home.write([insert(held(1)), save(saved(1, 0))]);
    home.store.begin(true).unwrap();
    let edited = Interruption { content: content("edited"), ..settled(1, State::Done) };
    let changes = [revise(edited, b"edited", 5), insert(held(2)), save(saved(2, 1))];
    changes.iter().for_each(|write| home.store.apply(write).unwrap());
    home.store.roll_back();
    home.store.roll_back();
    assert_eq!((home.row(1), stored_raw(&mut home, 1)), (held(1), Some(raw(&1_i64.to_le_bytes()))));
    assert_eq!(home.store.detail(NoticeId(held(2).id.0)).unwrap(), None);
    assert_eq!(home.store.load().unwrap().saved, Some(saved(1, 0)));
}

#[test]
fn tidying_removes_only_the_messages_that_nobody_needs() {
    let mut home = Home::new();
    let kept = [
        held(1),
        sending(2, ":1.7", 1),
        shown(3, ":1.3", 1),
        due(settled(4, State::Done), 1),
        Interruption { closed: closed(held(5)).closed, ..sending(5, ":1.7", 2) },
    ];
    let spent = [closed(shown(6, ":1.3", 2)), closed(settled(7, State::Withdrawn)), settled(8, State::Passed)];
    home.write(kept.iter().chain(&spent).cloned().map(insert));
    home.store.tidy().unwrap();
    for row in &kept {
        assert!(stored_raw(&mut home, row.seq.0).is_some(), "{row:?}");
    }
    for row in &spent {
        assert_eq!(stored_raw(&mut home, row.seq.0), None, "{row:?}");
        assert_eq!(home.row(row.seq.0), *row);
    }
}

#[test]
fn tidying_goes_in_steps_and_comes_to_an_end() {
    let mut home = Home::new();
    home.write((1..=700).map(|seq| insert(closed(settled(seq, State::Done)))));
    let left = |home: &mut Home| (1..=700).filter(|seq| stored_raw(home, *seq).is_some()).count();
    home.store.tidy().unwrap();
    assert_eq!(left(&mut home), 200);
    home.store.tidy().unwrap();
    assert_eq!(left(&mut home), 0);
    home.store.tidy().unwrap();
}

#[test]
fn tidying_gives_room_back_to_the_disk() {
    let mut home = Home::new();
    let large = |seq| Write::Insert { row: Box::new(closed(settled(seq, State::Done))), raw: Some(raw(&[7; 1 << 20])) };
    home.write((1..=24).map(large));
    let size = |home: &Home| std::fs::metadata(home.path()).unwrap().len();
    home.store.tidy().unwrap();
    let before = size(&home);
    for _ in 0..12 {
        home.store.tidy().unwrap();
    }
    let home = home.reopen();
    assert!(before > 12 << 20, "{before}");
    assert!(size(&home) < 3 << 20, "{}", size(&home));
}
