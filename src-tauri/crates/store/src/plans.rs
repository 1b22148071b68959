//! Every query finds its rows by an index: history grows without end, and an arrival must not wait for a walk over it.

use crate::migration::steps;
use crate::{finding, loading, room, wording, writing};
use rusqlite::Connection;

const BY_KEY: [&str; 14] = [
    finding::BY_ID,
    finding::BY_SEQ,
    finding::BY_STACK_TAG,
    finding::BY_RENDERER,
    finding::BY_SERIAL,
    finding::DUE,
    finding::SNOOZED,
    finding::NEXT_HELD,
    finding::HELD_PAGE,
    finding::HELD,
    finding::NEXT_HELD_OF_APP,
    finding::HELD_PAGE_OF_APP,
    finding::HISTORY,
    wording::NEW,
];

/// Those that walk an index that has only few rows in it, or read it in its order.
const BY_PARTIAL_INDEX: [&str; 17] = [
    finding::WITHDRAWN,
    finding::FEEDBACK_BY_APP,
    finding::NEXT_DUE,
    finding::NEXT_SNOOZED,
    finding::DONE_TOGETHER,
    finding::PUT_OFF_TOGETHER,
    finding::HELD_OF_APPS,
    finding::HELD_OF_APPS_UPTO,
    finding::LAST_LISTED,
    finding::UNANSWERED,
    finding::SHOWN_BY_OTHERS,
    room::FIRST_SPENT,
    room::OLDEST_BODY,
    room::BY_APP,
    writing::OLDEST_WITH_TEXT,
    writing::SHIFT_DUE,
    writing::SHIFT_SNOOZED,
];

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<Result<_, _>>().unwrap()
}

fn schema() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    steps().to_latest(&mut connection).unwrap();
    connection
}

#[test]
fn no_query_walks_over_all_rows() {
    let connection = schema();
    for sql in
        BY_KEY.iter().chain(&BY_PARTIAL_INDEX).chain(&loading::QUERIES).chain([&wording::IS_BEHIND, &finding::SENDERS])
    {
        let plan = plan(&connection, sql);
        let walks = plan.iter().any(|step| step.starts_with("SCAN notices") && !step.contains("INDEX"));
        assert!(!walks, "{sql}\n{plan:#?}");
    }
}

#[test]
fn what_a_single_event_needs_is_sought_and_never_sorted() {
    let connection = schema();
    for sql in BY_KEY {
        let plan = plan(&connection, sql);
        assert!(plan.iter().all(|step| step.starts_with("SEARCH notices")), "{sql}\n{plan:#?}");
    }
    let by_app = "INDEX held_by_app (app_id=? AND text=? AND <expr>=?";
    let texts = searches(&connection, writing::OLDEST_WITH_TEXT);
    assert!(texts.len() == 3 && texts.iter().all(|step| step.contains(by_app)), "{texts:#?}");
    let bodies = searches(&connection, room::OLDEST_BODY);
    let [held, others] = bodies.as_slice() else { panic!("{bodies:#?}") };
    assert!(held.contains(by_app), "{held}");
    assert!(others.ends_with("INDEX bodies_not_held (app_id=?)"), "{others}");
}

#[test]
fn what_is_counted_and_listed_is_read_from_an_index_alone() {
    let connection = schema();
    let (later, held_after, settled) = (loading::LATER, loading::HELD_AFTER, loading::SETTLED);
    for sql in [finding::HELD_OF_APPS, finding::LAST_LISTED, finding::WITHDRAWN, later, held_after, settled] {
        let plan = plan(&connection, sql);
        let looks_at_rows = |step: &String| step.contains("notices") && !step.contains("USING COVERING INDEX");
        assert!(!plan.iter().any(looks_at_rows), "{sql}\n{plan:#?}");
    }
    let apart = plan(&connection, finding::HELD_OF_APPS_UPTO);
    assert_eq!(apart.iter().filter(|step| step.contains("USING COVERING INDEX held_of_app")).count(), 3, "{apart:#?}");
}

/// The steps that seek rows. What they find is few, so that sorting it is nothing; but nothing is sorted before.
fn searches(connection: &Connection, sql: &str) -> Vec<String> {
    let plan = plan(connection, sql);
    assert!(!plan.iter().any(|step| step.starts_with("SCAN notices")), "{plan:#?}");
    plan.into_iter().filter(|step| step.starts_with("SEARCH notices")).collect()
}
