//! What a start finds is what was left.

use crate::rows::{
    Home, at, closed, content, due, held, insert, save, saved, sender, sending, settled, settled_in, shown,
};
use tidegate_domain::ports::Journal;
use tidegate_domain::{
    App, Content, FIRST_ID, Interruption, Ledger, Loaded, NoticeId, Origin, Quiet, Saved, Seq, State,
};

fn load(rows: impl IntoIterator<Item = Interruption>, period: u64, carried: u32) -> Loaded {
    let mut home = Home::new();
    home.write(rows.into_iter().map(insert).chain([save(saved(period, carried))]));
    home.reopen().store.load().unwrap()
}

#[test]
fn what_is_held_since_apps_ask_for_quiet_is_counted_anew() {
    let mut home = Home::new();
    home.write([insert(held(1)), insert(held(2)), insert(settled(3, State::Done)), insert(held(4)), insert(held(5))]);
    let quiet = |after| Some(Quiet { app: "Impress".into(), after: Seq(after), is_over: false });
    for (quiet, count) in [(None, 0), (quiet(0), 4), (quiet(2), 2), (quiet(5), 0)] {
        home.write([save(Saved { quiet, ..saved(1, 0) })]);
        assert_eq!(home.store.load().unwrap().held_in_quiet, count);
    }
}

#[test]
fn a_new_store_is_empty() {
    assert_eq!(Home::new().store.load().unwrap(), Loaded::default());
}

#[test]
fn the_books_are_those_of_the_saved_period() {
    let now = |seq, state| Interruption { period: 5, ..settled_in(5, state, held(seq)) };
    let feedback = |seq, period| Interruption {
        period,
        content: Content { feedback: true, ..content("volume") },
        ..settled_in(period, State::Passed, held(seq))
    };
    let rows = [
        held(1),
        settled(2, State::Passed),
        Interruption { period: 4, ..settled_in(5, State::Done, held(3)) },
        Interruption { period: 5, ..held(4) },
        Interruption { period: 5, ..sending(5, ":1.7", 1) },
        now(6, State::Passed),
        now(7, State::Withdrawn),
        now(8, State::Withdrawn),
        now(9, State::Muted),
        now(10, State::Expired),
        now(11, State::Released),
        now(12, State::Done),
        feedback(13, 4),
        feedback(14, 5),
        Interruption { origin: Origin::OurOwn, ..now(15, State::Passed) },
    ];
    let loaded = load(rows, 5, 2);
    let want = Ledger {
        carried: 2,
        came_in: 9,
        held: 3,
        passed: 1,
        withdrawn: 2,
        muted: 1,
        expired: 1,
        released: 1,
        done: 2,
        feedback: 1,
        only_counted: 0,
    };
    assert_eq!(loaded.ledger, want);
    assert!(loaded.ledger.balances());
    assert_eq!((loaded.saved, loaded.last_seq), (Some(saved(5, 2)), Seq(15)));
}

#[test]
fn held_ones_are_counted_per_app_with_its_newest_name() {
    let of = |seq, name: &str| Interruption { app: App { name: name.into(), ..held(seq).app }, ..held(seq) };
    let other = |seq| Interruption { app: App { id: "mail".into(), ..held(seq).app }, ..held(seq) };
    let rows = [of(1, "Old name"), other(2), of(3, "New name"), settled(4, State::Done), other(5), other(6)];
    let want = [("chat".into(), "New name".into(), 2), ("mail".into(), "CHAT".into(), 3)];
    assert_eq!(load(rows, 1, 0).held_by_app, want);
}

#[test]
fn the_first_due_instant_is_known() {
    let due = |seq, millis| due(settled(seq, State::Done), millis);
    assert_eq!(load([due(1, 50), due(2, 40), held(3)], 1, 0).next_due, Some(at(40)));
}

#[test]
fn open_ids_that_the_counter_has_still_to_come_to_are_known() {
    let with_id = |row, id| Interruption { id: NoticeId(id), ..row };
    let reserved = saved(1, 0).reserved_ids;
    let rows = [
        with_id(held(1), reserved - 1),
        with_id(held(2), reserved),
        with_id(closed(shown(3, ":1.3", 1)), reserved + 1),
        with_id(shown(4, ":1.3", 2), u32::MAX),
        with_id(held(5), 17),
    ];
    assert_eq!(load(rows, 1, 0).adopted, [reserved, u32::MAX]);
    let mut home = Home::new();
    home.write([insert(with_id(held(1), FIRST_ID - 1)), insert(with_id(held(2), FIRST_ID))]);
    assert_eq!(home.store.load().unwrap().adopted, [FIRST_ID], "before anything was saved");
}

#[test]
fn the_senders_of_open_rows_are_known_once_each() {
    let by = |row, number| Interruption { sender: sender(number), ..row };
    let rows = [
        by(held(1), 2),
        by(held(2), 2),
        by(shown(3, ":1.3", 1), 2),
        by(shown(4, ":1.3", 2), 3),
        by(closed(shown(5, ":1.3", 3)), 4),
    ];
    assert_eq!(load(rows, 1, 0).senders, [sender(2), sender(3)]);
}

#[test]
fn open_popups_are_counted_and_the_digest_is_found() {
    let own = |row| Interruption { origin: Origin::OurOwn, ..row };
    let passed = |seq| settled_in(1, State::Passed, shown(seq, ":1.3", 40));
    let rows = [
        shown(1, ":1.3", 1),
        closed(shown(2, ":1.3", 2)),
        passed(3),
        shown(4, ":1.2", 1),
        own(passed(5)),
        own(passed(6)),
        own(closed(passed(7))),
        sending(8, ":1.7", 5),
        settled_in(1, State::Released, sending(9, ":1.7", 6)),
    ];
    let loaded = load(rows, 1, 0);
    assert_eq!((loaded.popups, loaded.digest), (4, Some(held(6).id)), "all that the renderer has on screen");
}
