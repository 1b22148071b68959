//! What is over is kept for good. It is read from the file, as any program may.

use crate::rows::{Home, at, held, insert};
use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OpenFlags, Row};
use std::path::Path;
use tidegate_domain::ports::Journal;
use tidegate_domain::{Absence, CheckInBy, EndedBy, History, Ledger, PastBlock, PastPeriod, Write};

/// As it is committed.
pub(crate) fn stored(path: &Path) -> History {
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    History {
        blocks: all(&database, "SELECT * FROM blocks ORDER BY number", block),
        periods: all(&database, "SELECT * FROM periods ORDER BY number", period),
        absences: all(&database, "SELECT * FROM absences ORDER BY number", |row| Absence {
            since: instant(row, "since_ms"),
            until: instant(row, "until_ms"),
        }),
    }
}

fn all<T>(database: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> T) -> Vec<T> {
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(read(row))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn instant(row: &Row<'_>, column: &str) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(row.get(column).unwrap()).unwrap()
}

fn block(row: &Row<'_>) -> PastBlock {
    let planned: Option<i64> = row.get("planned_ms").unwrap();
    PastBlock {
        intention: row.get("intention").unwrap(),
        started: instant(row, "started_ms"),
        ended: instant(row, "ended_ms"),
        planned: planned.map(|_| instant(row, "planned_ms")),
        left_out: Duration::milliseconds(row.get("left_out_ms").unwrap()),
        ended_by: match row.get::<_, String>("ended_by").unwrap().as_str() {
            "itself" => EndedBy::Itself,
            "hand" => EndedBy::Hand,
            "toggle" => EndedBy::Toggle,
            "break" => EndedBy::Break,
            "unknown" => EndedBy::Unknown,
            other => panic!("no such end: {other}"),
        },
    }
}

fn period(row: &Row<'_>) -> PastPeriod {
    let count = |column: &str| row.get::<_, u32>(column).unwrap();
    PastPeriod {
        number: row.get::<_, i64>("number").unwrap().cast_unsigned(),
        since: instant(row, "since_ms"),
        until: instant(row, "until_ms"),
        ledger: Ledger {
            carried: count("carried"),
            came_in: count("came_in"),
            held: count("held"),
            passed: count("passed"),
            withdrawn: count("withdrawn"),
            muted: count("muted"),
            expired: count("expired"),
            released: count("released"),
            done: count("done"),
            feedback: count("feedback"),
            only_counted: count("only_counted"),
        },
        ended_by: match row.get::<_, String>("ended_by").unwrap().as_str() {
            "plan" => CheckInBy::Plan,
            "block-end" => CheckInBy::BlockEnd,
            "pause" => CheckInBy::Pause,
            "wait" => CheckInBy::Wait,
            "hand" => CheckInBy::Hand,
            other => panic!("no such check-in: {other}"),
        },
    }
}

pub(crate) fn past_block(began: i64, ended_by: EndedBy) -> PastBlock {
    let (started, ended, left_out) = (at(began), at(began + 9), Duration::zero());
    let (intention, planned) = (Some("write \0 'it'".to_owned()), Some(at(began + 20)));
    PastBlock { intention, started, ended, planned, left_out, ended_by }
}

pub(crate) fn past_period(number: u64, ended_by: CheckInBy) -> PastPeriod {
    let ledger = Ledger {
        carried: 1,
        came_in: u32::MAX,
        held: 2,
        passed: 3,
        withdrawn: 4,
        muted: 5,
        expired: 6,
        released: 7,
        done: 8,
        feedback: 9,
        only_counted: 10,
    };
    PastPeriod { number, since: at(1), until: at(2), ledger, ended_by }
}

fn ended(block: PastBlock) -> Write {
    Write::BlockEnded(Box::new(block))
}

#[test]
fn whatever_ended_it_comes_back_as_it_was() {
    let mut home = Home::new();
    let ends = [EndedBy::Itself, EndedBy::Hand, EndedBy::Toggle, EndedBy::Break, EndedBy::Unknown];
    let open = PastBlock { intention: None, planned: None, ..past_block(70, EndedBy::Hand) };
    let blocks: Vec<_> = (0..).zip(ends).map(|(began, by)| past_block(began, by)).chain([open]).collect();
    let reasons = [CheckInBy::Plan, CheckInBy::BlockEnd, CheckInBy::Pause, CheckInBy::Wait, CheckInBy::Hand];
    let periods: Vec<_> = (1..).zip(reasons).map(|(number, by)| past_period(number, by)).collect();
    let absences = vec![Absence { since: at(-9), until: at(-3) }, Absence { since: at(5), until: at(5) }];
    home.write(blocks.iter().cloned().map(ended));
    home.write(periods.iter().map(|period| Write::PeriodEnded(Box::new(*period))));
    home.write(absences.iter().copied().map(Write::Absent));
    let home = home.reopen();
    assert_eq!(stored(&home.path()), History { blocks, periods, absences });
}

#[test]
fn what_is_left_out_afterwards_is_of_the_last_block_that_began_then() {
    let mut home = Home::new();
    let left_out = |began, minutes| Write::LeftOut { of_block: at(began), length: Duration::minutes(minutes) };
    home.write([5, 7, 5, 9].map(|began| ended(past_block(began, EndedBy::Itself))));
    home.write([left_out(5, 3), left_out(9, 1), left_out(5, 4), left_out(6, 2)]);
    let blocks = stored(&home.path()).blocks;
    assert_eq!(blocks.iter().map(|block| block.left_out.num_minutes()).collect::<Vec<_>>(), [0, 0, 7, 1]);
}

#[test]
fn what_a_failed_transaction_said_is_over_is_not() {
    let mut home = Home::new();
    home.write([ended(past_block(1, EndedBy::Itself))]);
    let before = stored(&home.path());
    home.store.begin(true).unwrap();
    let period = Write::PeriodEnded(Box::new(past_period(1, CheckInBy::Plan)));
    let absent = Write::Absent(Absence { since: at(1), until: at(2) });
    let left_out = Write::LeftOut { of_block: at(1), length: Duration::minutes(1) };
    for write in [ended(past_block(2, EndedBy::Hand)), period, absent, left_out, insert(held(1))] {
        home.store.apply(&write).unwrap();
    }
    home.store.roll_back();
    assert_eq!(stored(&home.reopen().path()), before);
}
