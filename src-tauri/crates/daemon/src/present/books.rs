//! The ledger in the product's words, as one sentence that adds up. A mismatch is an error and is said as one. Must not
//! know how the counts came about.

use super::NAME;
use super::clock::{Clock, stretch};
use super::view::millis;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tidegate_contract::{AbsenceView, AppCount, LedgerView, Millis};
use tidegate_domain::{Absence, Ledger};
use tidegate_words::{line, raw_line};

/// "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted".
#[must_use]
pub fn books_line(books: &LedgerView) -> String {
    let equals = if balances(books) { "=" } else { "≠" };
    format!("{} {equals} {}", sum(&income(books)), sum(&whereabouts(books)))
}

/// What is wrong with books that do not balance; nothing otherwise.
#[must_use]
pub fn mismatch(books: &LedgerView) -> Option<String> {
    if balances(books) {
        return None;
    }
    let (came, found) = (total(&income(books)), total(&whereabouts(books)));
    Some(format!("The books do not balance: {came} to account for, {found} accounted for."))
}

/// Feedback is outside the sum: "not counted: 7 of feedback such as volume (Sound 5, Power 2)".
#[must_use]
pub fn feedback_line(books: &LedgerView, by_app: &[AppCount]) -> Option<String> {
    let apps: Vec<_> = by_app.iter().map(|sent| format!("{} {}", line(&sent.app, NAME), sent.count)).collect();
    let apps = if apps.is_empty() { String::new() } else { format!(" ({})", apps.join(", ")) };
    (books.feedback > 0).then(|| format!("not counted: {} of feedback such as volume{apps}", books.feedback))
}

/// "55904 more were shown, only their count is kept": there was no room for them while the store had failed.
#[must_use]
pub fn only_counted_line(books: &LedgerView) -> Option<String> {
    let more = match books.only_counted {
        0 => return None,
        1 => "1 more was shown".to_owned(),
        count => format!("{count} more were shown"),
    };
    Some(format!("{more}, only the count is kept: the store could not be written"))
}

/// Counts by app as they are said on the wire.
#[must_use]
pub fn app_counts(counts: Vec<(Arc<str>, u32)>) -> Vec<AppCount> {
    counts.into_iter().map(|(app, count)| AppCount { app: raw_line(&app, NAME), count }).collect()
}

/// One line for each time that the gate was out of the path: "gate away 11:02:03 for 0.4 s: what came then was shown, not
/// counted".
pub fn absence_lines(books: &LedgerView, clock: &Clock) -> impl Iterator<Item = String> {
    books.absences.iter().map(|away| {
        let (since, length) = (clock.stamp_with_seconds(away.since), short_stretch(away.until - away.since));
        format!("gate away {since} for {length}: what came then was shown, not counted")
    })
}

/// "0.4 s", "12 s"; from two minutes on as other stretches are said.
fn short_stretch(length: Millis) -> String {
    match length {
        ..10_000 => format!("{}.{} s", length / 1_000, length % 1_000 / 100),
        10_000..120_000 => format!("{} s", length / 1_000),
        _ => stretch(length),
    }
}

/// By the daemon's word and by our own sum.
fn balances(books: &LedgerView) -> bool {
    books.balanced && total(&income(books)) == total(&whereabouts(books))
}

type Entry = (u32, &'static str);

fn income(books: &LedgerView) -> Vec<Entry> {
    let carried = (books.carried, "carried over");
    let came = (books.came_in, "came in");
    if books.carried > 0 { vec![carried, came] } else { vec![came] }
}

fn whereabouts(books: &LedgerView) -> Vec<Entry> {
    let mut entries = vec![
        (books.held, "here"),
        (books.passed, "let through"),
        (books.withdrawn, "withdrawn"),
        (books.muted, "muted"),
        (books.expired, "expired"),
        (books.released, "released"),
        (books.done, "done"),
    ];
    let mut first = true;
    entries.retain(|(count, _)| std::mem::take(&mut first) || *count > 0);
    entries
}

fn sum(entries: &[Entry]) -> String {
    let parts: Vec<_> = entries.iter().map(|(count, words)| format!("{count} {words}")).collect();
    parts.join(" + ")
}

fn total(entries: &[Entry]) -> u64 {
    entries.iter().map(|(count, _)| u64::from(*count)).sum()
}

/// The domain's books as they are said on the wire.
#[must_use]
pub fn ledger_view(books: &Ledger, since: DateTime<Utc>, absences: &[Absence]) -> LedgerView {
    let absence = |away: &Absence| AbsenceView { since: millis(away.since), until: millis(away.until) };
    LedgerView {
        since: millis(since),
        carried: books.carried,
        came_in: books.came_in,
        held: books.held,
        passed: books.passed,
        withdrawn: books.withdrawn,
        muted: books.muted,
        expired: books.expired,
        released: books.released,
        done: books.done,
        feedback: books.feedback,
        only_counted: books.only_counted,
        balanced: books.balances(),
        absences: absences.iter().map(absence).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_domain::Zone;

    fn books() -> LedgerView {
        let books =
            Ledger { carried: 2, came_in: 41, held: 33, passed: 3, withdrawn: 5, muted: 2, ..Ledger::default() };
        ledger_view(&books, DateTime::UNIX_EPOCH, &[])
    }

    fn check_absence(length: Millis, line: &str) {
        let since = DateTime::parse_from_rfc3339("2026-11-23T11:02:03Z").unwrap().to_utc();
        let until = since + chrono::Duration::milliseconds(length);
        let books = ledger_view(&Ledger::default(), since, &[Absence { since, until }]);
        let clock = Clock { zone: Zone::utc(), now: millis(since) };
        assert_eq!(absence_lines(&books, &clock).collect::<Vec<_>>(), [line]);
    }

    #[test]
    fn an_absence_is_a_line_of_its_own() {
        let rest = "what came then was shown, not counted";
        check_absence(449, &format!("gate away 11:02:03 for 0.4 s: {rest}"));
        check_absence(59_999, &format!("gate away 11:02:03 for 59 s: {rest}"));
        check_absence(7_200_000, &format!("gate away 11:02:03 for 2 h: {rest}"));
    }

    #[test]
    fn the_sentence_adds_up_and_leaves_out_what_is_nothing() {
        let line = "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted";
        assert_eq!(books_line(&books()), line);
        assert_eq!(mismatch(&books()), None);
        assert_eq!(books_line(&ledger_view(&Ledger::default(), DateTime::UNIX_EPOCH, &[])), "0 came in = 0 here");
    }

    #[test]
    fn what_has_no_row_is_said() {
        assert_eq!(only_counted_line(&books()), None);
        let line = |only_counted| only_counted_line(&LedgerView { only_counted, ..books() }).unwrap();
        assert_eq!(line(1), "1 more was shown, only the count is kept: the store could not be written");
        assert!(line(55_904).starts_with("55904 more were shown, only"), "{}", line(2));
    }

    #[test]
    fn a_mismatch_is_said_whoever_finds_it() {
        let by_sum = LedgerView { held: 32, ..books() };
        assert!(books_line(&by_sum).contains(" ≠ 32 here"));
        assert_eq!(mismatch(&by_sum).unwrap(), "The books do not balance: 43 to account for, 42 accounted for.");
        let by_word = LedgerView { balanced: false, ..books() };
        assert!(books_line(&by_word).contains('≠') && mismatch(&by_word).is_some());
    }

    #[test]
    fn the_largest_counts_do_not_overflow() {
        let books = LedgerView { carried: u32::MAX, came_in: u32::MAX, ..books() };
        assert!(mismatch(&books).unwrap().contains("8589934590 to account for"));
    }
}
