//! Each need names the rows that its documentation says, and no others.

use crate::rows::{
    Home, app, at, closed, content, due, due_at, full, held, insert, noted, put_off, range, save, saved, sending,
    settled, settled_in, shown, snoozed, write,
};
use chrono::Duration;
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{
    App, Content, Given, HeldApp, HeldRange, Interruption, LaterMark, NoticeId, Origin, Query, RendererId, Saved, Seq,
    State, WithdrawnApp, Write,
};

fn home(rows: impl IntoIterator<Item = Interruption>) -> Home {
    let mut home = Home::new();
    home.write(rows.into_iter().map(insert));
    home
}

fn check(rows: impl IntoIterator<Item = Interruption>, need: Query, want: &[i64]) {
    assert_eq!(home(rows).seqs(need.clone()), want, "{need:?}");
}

fn with_id(row: Interruption, id: u32) -> Interruption {
    Interruption { id: NoticeId(id), ..row }
}

fn tagged(row: Interruption, app: &str, tag: &str) -> Interruption {
    let content = Content { stack_tag: Some(tag.into()), ..row.content.clone() };
    Interruption { app: App { id: app.into(), ..row.app.clone() }, content, ..row }
}

#[test]
fn every_field_of_a_row_comes_back() {
    let mut home = home([full(1), closed(shown(2, ":1.3", 9)), held(3)]);
    assert_eq!(home.row(1), full(1));
    assert_eq!(home.row(2), closed(shown(2, ":1.3", 9)));
    let mut home = home.reopen();
    assert_eq!(home.row(1), full(1));
    assert_eq!(home.row(3), held(3));
}

#[test]
fn an_id_names_the_newest_row_that_has_it() {
    let rows = || [closed(with_id(held(1), 40)), with_id(held(2), 41), with_id(held(3), 40), with_id(held(4), 42)];
    check(rows(), Query::Id(NoticeId(40)), &[3]);
    check(rows(), Query::Id(NoticeId(43)), &[]);
    check(rows(), Query::Ids(vec![NoticeId(42), NoticeId(40), NoticeId(43), NoticeId(42)]), &[3, 4]);
}

#[test]
fn what_was_taken_back_is_counted_by_app_from_one_period_on_and_the_newest_are_named() {
    let withdrawn =
        |seq, period, name: &str| Interruption { app: app(name), ..settled_in(period, State::Withdrawn, held(seq)) };
    let own = Interruption { origin: Origin::OurOwn, ..withdrawn(8, 9, "tidegate") };
    let rows = [
        withdrawn(1, 7, "ci"),
        withdrawn(2, 9, "mail"),
        withdrawn(3, 8, "chat"),
        held(4),
        withdrawn(5, 8, "chat"),
        settled(6, State::Done),
        withdrawn(7, 8, "ci"),
        own,
    ];
    let mut home = home(rows);
    let mut found = |since, limit| {
        let apps = home.store.withdrawn(since, limit).unwrap();
        let app = |app: &WithdrawnApp| (app.name.to_string(), app.count, app.seqs.iter().map(|seq| seq.0).collect());
        apps.iter().map(app).collect::<Vec<(String, u32, Vec<i64>)>>()
    };
    let named = |name: &str, count, seqs: &[i64]| (app(name).name.to_string(), count, seqs.to_vec());
    assert_eq!(found(8, 9), [named("chat", 2, &[3, 5]), named("ci", 1, &[7]), named("mail", 1, &[2])]);
    assert_eq!(found(8, 2), [named("chat", 2, &[]), named("ci", 1, &[7]), named("mail", 1, &[2])]);
    assert_eq!(found(9, 9), [named("mail", 1, &[2])]);
    assert_eq!(found(10, 9), []);
}

#[test]
fn keys_name_their_rows_in_order_of_arrival() {
    check([held(1), held(2), held(3)], Query::Seqs(vec![Seq(3), Seq(9), Seq(1), Seq(3)]), &[1, 3]);
}

#[test]
fn a_stack_tag_names_the_newest_of_that_app_that_is_held_or_shown() {
    let need = |app: &str, tag: &str| Query::StackTag { app: app.into(), tag: tag.into() };
    let rows = || {
        [
            tagged(held(1), "mixer", "volume"),
            tagged(shown(2, ":1.3", 1), "mixer", "volume"),
            tagged(held(3), "other", "volume"),
            tagged(closed(shown(4, ":1.3", 2)), "mixer", "volume"),
            tagged(settled(5, State::Done), "mixer", "volume"),
            tagged(settled(6, State::Passed), "mixer", "volume"),
        ]
    };
    check(rows(), need("mixer", "volume"), &[2]);
    check(rows(), need("other", "volume"), &[3]);
    check(rows(), need("mixer", "brightness"), &[]);
    check([tagged(sending(1, ":1.7", 5), "mixer", "volume")], need("mixer", "volume"), &[1]);
}

#[test]
fn a_renderers_id_means_something_only_with_its_connection() {
    let rows = || [shown(1, ":1.3", 7), shown(2, ":1.4", 7), held(3)];
    let need = |by: &str, id| Query::ShownAs(Given { by: by.into(), ids: vec![RendererId(id)] });
    check(rows(), need(":1.3", 7), &[1]);
    check(rows(), need(":1.4", 7), &[2]);
    check(rows(), need(":1.3", 8), &[]);
    check([shown(1, ":1.3", 7), shown(2, ":1.3", 7)], need(":1.3", 7), &[1, 2]);
    check(rows(), Query::ShownByOthers { by: ":1.4".into() }, &[1]);
    check(rows(), Query::ShownByOthers { by: ":1.5".into() }, &[1, 2]);
}

#[test]
fn a_serial_means_something_only_with_its_connection() {
    let rows = || [sending(1, ":1.7", 100), sending(2, ":1.8", 100), shown(3, ":1.3", 1)];
    let sent = |gate: &str, serial| Query::Sending { gate: gate.into(), serial };
    check(rows(), sent(":1.7", 100), &[1]);
    check(rows(), sent(":1.8", 100), &[2]);
    check(rows(), sent(":1.7", 101), &[]);
    let unanswered = |gate: &str| Query::Unanswered { gate: gate.into() };
    check(rows(), unanswered(":1.8"), &[1]);
    check(rows(), unanswered(":1.9"), &[1, 2]);
}

#[test]
fn what_is_due_comes_with_the_instant_of_what_is_due_next() {
    let mut home = home([due(held(1), 30), due(held(2), 10), held(3), due(held(4), 20), due(held(5), 40)]);
    check_due(&mut home, Query::Due(at(9)), &[], Some(10));
    check_due(&mut home, Query::Due(at(30)), &[1, 2, 4], Some(40));
    check_due(&mut home, Query::Due(at(40)), &[1, 2, 4, 5], None);
}

#[test]
fn what_is_snoozed_comes_back_apart_from_what_is_due_and_moves_with_the_clock() {
    let mut home = home([due(snoozed(1, 30), 5), due(held(2), 10), snoozed(3, 20)]);
    assert_eq!(home.store.load().unwrap().next_snoozed, Some(at(20)));
    check_due(&mut home, Query::Snoozed(at(19)), &[], Some(20));
    check_due(&mut home, Query::Snoozed(at(20)), &[3], Some(30));
    write(&mut home.store, [Write::ShiftDue(Duration::milliseconds(100))]);
    check_due(&mut home, Query::Snoozed(at(120)), &[3], Some(130));
    check_due(&mut home, Query::Due(at(105)), &[1], Some(110));
}

fn check_due(home: &mut Home, need: Query, want: &[i64], next: Option<i64>) {
    let found = home.store.rows(&need).unwrap();
    assert_eq!(found.rows.iter().map(|row| row.seq.0).collect::<Vec<_>>(), want, "{need:?}");
    assert_eq!(found.next_due, next.map(at), "next after {need:?}");
}

#[test]
fn at_most_a_hundred_are_due_at_once_and_the_rest_is_due_still() {
    let rows = (1..=103).map(|seq| due(held(seq), 1_000 - seq));
    let mut home = home(rows);
    let found = home.store.rows(&Query::Due(at(2_000))).unwrap();
    let want: Vec<_> = (4..=103).collect();
    assert_eq!(found.rows.iter().map(|row| row.seq.0).collect::<Vec<_>>(), want, "the hundred that were due first");
    assert_eq!(found.next_due, Some(at(997)));
}

#[test]
fn what_is_under_way_is_still_held_but_not_next_to_be_sent_and_ours_is_neither() {
    let own = Interruption { origin: Origin::OurOwn, ..held(4) };
    let rows = || [held(1), sending(2, ":1.7", 1), held(3), own.clone(), settled(5, State::Done), held(6), held(7)];
    check(rows(), Query::NextHeld(range(1, 9)), &[3]);
    check(rows(), Query::NextHeld(range(7, 9)), &[]);
    check(rows(), Query::HeldPage(range(1, 6)), &[2, 3, 6]);
    check((1..=120).map(held), Query::HeldPage(range(10, 200)), &(11..=110).collect::<Vec<_>>());
}

#[test]
fn a_range_may_be_of_one_app_and_leaves_out_what_is_put_off() {
    let mail = |seq| Interruption { app: app("mail"), ..held(seq) };
    let rows = || [held(1), mail(2), put_off(3, 7), put_off(4, 8), held(5), mail(6), noted(7)];
    let of = |app: Option<&str>, later_than, after| HeldRange {
        app: app.map(Into::into),
        later_than: LaterMark(later_than),
        ..range(after, 9)
    };
    check(rows(), Query::HeldPage(of(None, 6, 0)), &[1, 2, 5, 6, 7]);
    check(rows(), Query::HeldPage(of(None, 7, 0)), &[1, 2, 3, 5, 6, 7]);
    check(rows(), Query::HeldPage(of(Some("chat"), 7, 0)), &[1, 3, 5]);
    check(rows(), Query::HeldPage(of(Some("mail"), 0, 2)), &[6]);
    check(rows(), Query::HeldPage(of(Some("news"), 0, 0)), &[]);
    check(rows(), Query::NextHeld(of(Some("chat"), 6, 1)), &[5]);
    check(rows(), Query::NextHeld(of(None, 8, 2)), &[3]);
    check(rows(), Query::LaterPage { after: Seq(0), upto: Seq(9), mark: LaterMark(8) }, &[4]);
    check(rows(), Query::LaterPage { after: Seq(0), upto: Seq(2), mark: LaterMark(8) }, &[]);
}

#[test]
fn the_digest_is_all_that_is_held_by_app_with_its_conversations() {
    let about = |seq, summary: &str| Interruption { content: content(summary), ..held(seq) };
    let mail = Interruption { app: app("mail"), ..put_off(2, 5) };
    let mut home = home([about(1, "Team"), mail, about(3, "Maya"), about(4, "Team (2)"), settled(5, State::Done)]);
    let of = |app: &str, conversations: &[&[i64]]| HeldApp {
        app: app.into(),
        conversations: conversations.iter().map(|seqs| seqs.iter().copied().map(Seq).collect()).collect(),
    };
    let held = home.store.held_by_conversation(LaterMark(5)).unwrap();
    assert_eq!(held.here, [of("chat", &[&[1, 4], &[3]]), of("mail", &[&[2]])]);
    assert_eq!(held.later, []);
    let held = home.store.held_by_conversation(LaterMark(4)).unwrap();
    assert_eq!((held.here, held.later), (vec![of("chat", &[&[1, 4], &[3]])], vec![of("mail", &[&[2]])]));
}

#[test]
fn what_was_put_off_handed_over_and_noted_is_counted_at_a_start() {
    let mut home = home([put_off(1, 3), put_off(2, 4), put_off(3, 5), noted(4), noted(5)]);
    let marks = Saved { later_mark: LaterMark(5), later_than: LaterMark(3), ..saved(1, 0) };
    write(&mut home.store, [save(Saved { handed_over_upto: Seq(4), ..marks })]);
    let loaded = home.reopen().store.load().unwrap();
    assert_eq!((loaded.later, loaded.handed_over), (2, 2));
    assert_eq!(loaded.noted.iter().map(|noted| &*noted.text).collect::<Vec<_>>(), ["note 5", "note 4"]);
    assert!(loaded.senders.iter().all(|sender| !sender.name.is_empty()), "nobody sent a note");
}

#[test]
fn those_done_together_share_the_instant_at_which_undo_ends() {
    let done = |seq, millis| due(settled(seq, State::Done), millis);
    let rows = || [done(1, 30), done(2, 30), done(3, 31), closed(done(4, 30)), due(held(5), 30), done(6, 30)];
    let need = |after, upto| Query::DonePage { after: Seq(after), upto: Seq(upto), due: at(30) };
    check(rows(), need(0, 9), &[1, 2, 4, 6]);
    check(rows(), need(1, 5), &[2, 4]);
    check((1..=120).map(|seq| done(seq, 30)), need(0, 500), &(1..=100).collect::<Vec<_>>());
}

#[test]
fn instants_finer_than_a_millisecond_name_the_same_rows() {
    let fine = at(30) + Duration::nanoseconds(999_999);
    let row = due_at(settled(1, State::Done), fine);
    let need = Query::DonePage { after: Seq(0), upto: Seq(9), due: fine };
    check([row.clone()], need, &[1]);
    check([row], Query::Due(at(30)), &[1]);
}

#[test]
fn the_list_of_held_ones_is_paged_by_a_cursor_and_has_those_under_way() {
    let own = Interruption { origin: Origin::OurOwn, ..held(3) };
    let mut home = home([held(1), sending(2, ":1.7", 1), own, settled(4, State::Done), held(5)]);
    let page = |home: &mut Home, after, limit| {
        let rows = home.store.held(Seq(after), limit).unwrap();
        rows.iter().map(|row| row.seq.0).collect::<Vec<_>>()
    };
    assert_eq!(page(&mut home, 0, 2), [1, 2]);
    assert_eq!(page(&mut home, 2, 2), [5]);
    assert_eq!(page(&mut home, 0, u32::MAX), [1, 2, 5]);
}

#[test]
fn a_transaction_sees_its_own_changes() {
    let mut home = Home::new();
    home.store.begin(false).unwrap();
    home.store.apply(&insert(held(1))).unwrap();
    assert_eq!(home.row(1), held(1));
    home.store.apply(&Write::Update(Box::new(settled(1, State::Done)))).unwrap();
    assert_eq!(home.row(1), settled(1, State::Done));
    home.store.roll_back();
    assert_eq!(home.rows(Query::Seqs(vec![Seq(1)])), []);
}

#[test]
fn senders_are_counted_over_the_newest_rows_with_what_was_acted_on() {
    let from =
        |seq, name: &str| Interruption { app: app(name), arrived: at(1_000 * seq), ..settled(seq, State::Passed) };
    let acted = |row| Interruption { acted: Some(at(9_000)), ..row };
    let rows = [
        from(1, "old"),
        Interruption { app: App { name: "Before".into(), ..app("chat") }, ..from(2, "chat") },
        acted(from(3, "chat")),
        from(4, "mail"),
        Interruption { origin: Origin::OurOwn, ..from(5, "own") },
        noted(6),
    ];
    let mut home = home(rows);
    let mut told = |since, rows, limit| {
        let found = home.store.senders(at(since), rows, limit).unwrap();
        let apps: Vec<_> = found.apps.iter().map(|it| (it.name.to_string(), it.came_in, it.acted)).collect();
        (found.first, apps)
    };
    let [chat, mail, old] = [("CHAT".to_owned(), 2, 1), ("MAIL".to_owned(), 1, 0), ("OLD".to_owned(), 1, 0)];
    assert_eq!(told(0, 100, 10), (Some(at(1_000)), vec![chat.clone(), mail.clone(), old]));
    assert_eq!(told(2_000, 100, 10), (Some(at(2_000)), vec![chat.clone(), mail.clone()]));
    assert_eq!(told(0, 5, 10), (Some(at(2_000)), vec![chat.clone(), mail]));
    assert_eq!(told(0, 100, 1), (Some(at(2_000)), vec![chat]));
    assert_eq!(told(10_000, 100, 10), (None, vec![]));
}

#[test]
fn feedback_is_counted_by_app_within_its_period() {
    let feedback = |seq, app: &str, period| {
        let row = settled(seq, State::Passed);
        let content = Content { feedback: true, ..row.content.clone() };
        let app = App { id: app.into(), name: app.to_uppercase().into(), ..row.app.clone() };
        settled_in(period, State::Passed, Interruption { app, content, ..row })
    };
    let rows = [
        feedback(1, "sound", 1),
        feedback(2, "sound", 2),
        feedback(3, "power", 2),
        feedback(4, "sound", 2),
        settled_in(2, State::Passed, held(5)),
        Interruption { origin: Origin::OurOwn, ..feedback(6, "own", 2) },
    ];
    let mut home = home(rows);
    let mut counts = |period, limit| home.store.feedback_by_app(period, limit).unwrap();
    assert_eq!(counts(2, 10), [("SOUND".into(), 2), ("POWER".into(), 1)]);
    assert_eq!(counts(2, 1), [("SOUND".into(), 2)]);
    assert_eq!(counts(3, 10), []);
}
