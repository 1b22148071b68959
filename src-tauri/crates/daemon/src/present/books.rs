//! The ledger in the product's words, as one sentence that adds up. A mismatch is an error and is said as one. Must not
//! know how the counts came about.

use super::NAME;
use super::view::millis;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tidegate_contract::{AbsenceView, AppCount, LedgerView, Message};
use tidegate_domain::{Absence, Ledger};
use tidegate_words::{Catalogue, line, raw_line, say};

/// "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted".
#[must_use]
pub fn books_line(books: &LedgerView, words: &Catalogue<'_>) -> Message {
    let says = if balances(books) { say::books_balanced } else { say::books_unbalanced };
    says(sum(&income(books), words), sum(&whereabouts(books), words))
}

/// What is wrong with books that do not balance; nothing otherwise.
#[must_use]
pub fn mismatch(books: &LedgerView) -> Option<Message> {
    let (came, found) = (total(&income(books)), total(&whereabouts(books)));
    (!balances(books)).then(|| say::trouble_ledger(came, found))
}

/// Feedback is outside the sum: "not counted: 7 of feedback such as volume (Sound 5, Power 2)".
#[must_use]
pub fn feedback_line(books: &LedgerView, by_app: &[AppCount]) -> Option<Message> {
    let apps: Vec<_> = by_app.iter().map(|sent| format!("{} {}", line(&sent.app, NAME), sent.count)).collect();
    let says = match apps.is_empty() {
        true => say::books_feedback(books.feedback),
        false => say::books_feedback_of(books.feedback, apps.join(", ")),
    };
    (books.feedback > 0).then_some(says)
}

/// "55904 more were shown, only their count is kept": there was no room for them while the store had failed.
#[must_use]
pub fn only_counted_line(books: &LedgerView) -> Option<Message> {
    (books.only_counted > 0).then(|| say::books_only_counted(books.only_counted))
}

/// Counts by app as they are said on the wire.
#[must_use]
pub fn app_counts(counts: Vec<(Arc<str>, u32)>) -> Vec<AppCount> {
    counts.into_iter().map(|(app, count)| AppCount { app: raw_line(&app, NAME), count }).collect()
}

/// One line for each time that the gate was out of the path: "gate away 11:02:03 for 0.4 s: what came then was shown, not
/// counted".
pub fn absence_lines(books: &LedgerView) -> impl Iterator<Item = Message> {
    books.absences.iter().map(|away| say::books_absence(away.since, away.until - away.since))
}

/// By the daemon's word and by our own sum.
fn balances(books: &LedgerView) -> bool {
    books.balanced && total(&income(books)) == total(&whereabouts(books))
}

type Entry = (u32, fn(u32) -> Message);

fn income(books: &LedgerView) -> Vec<Entry> {
    let carried: Entry = (books.carried, say::books_carried);
    let came: Entry = (books.came_in, say::books_came_in);
    if books.carried > 0 { vec![carried, came] } else { vec![came] }
}

fn whereabouts(books: &LedgerView) -> Vec<Entry> {
    let mut entries: Vec<Entry> = vec![
        (books.held, say::books_held),
        (books.passed, say::books_passed),
        (books.withdrawn, say::books_withdrawn),
        (books.muted, say::books_muted),
        (books.expired, say::books_expired),
        (books.released, say::books_released),
        (books.done, say::books_done),
    ];
    let mut first = true;
    entries.retain(|(count, _)| std::mem::take(&mut first) || *count > 0);
    entries
}

fn sum(entries: &[Entry], words: &Catalogue<'_>) -> String {
    let parts: Vec<_> = entries.iter().map(|(count, says)| words.format(&says(*count))).collect();
    parts.join(" + ")
}

fn total(entries: &[Entry]) -> i64 {
    entries.iter().map(|(count, _)| i64::from(*count)).sum()
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
    use tidegate_contract::Millis;
    use tidegate_domain::Zone;
    use tidegate_words::Clock;

    fn words(message: &Message) -> String {
        words_at(0, message)
    }

    fn words_at(now: Millis, message: &Message) -> String {
        Catalogue::new(&Clock { zone: Zone::utc(), now }).format(message)
    }

    fn sum_of(books: &LedgerView) -> String {
        let clock = Clock { zone: Zone::utc(), now: 0 };
        let catalogue = Catalogue::new(&clock);
        catalogue.format(&books_line(books, &catalogue))
    }

    fn books() -> LedgerView {
        let books =
            Ledger { carried: 2, came_in: 41, held: 33, passed: 3, withdrawn: 5, muted: 2, ..Ledger::default() };
        ledger_view(&books, DateTime::UNIX_EPOCH, &[])
    }

    fn check_absence(length: Millis, line: &str) {
        let since = DateTime::parse_from_rfc3339("2026-11-23T11:02:03Z").unwrap().to_utc();
        let until = since + chrono::Duration::milliseconds(length);
        let books = ledger_view(&Ledger::default(), since, &[Absence { since, until }]);
        let told: Vec<_> = absence_lines(&books).map(|away| words_at(millis(since), &away)).collect();
        assert_eq!(told, [line]);
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
        assert_eq!(sum_of(&books()), line);
        assert_eq!(mismatch(&books()), None);
        assert_eq!(sum_of(&ledger_view(&Ledger::default(), DateTime::UNIX_EPOCH, &[])), "0 came in = 0 here");
    }

    #[test]
    fn what_has_no_row_is_said() {
        assert_eq!(only_counted_line(&books()), None);
        let line = |only_counted| words(&only_counted_line(&LedgerView { only_counted, ..books() }).unwrap());
        assert_eq!(line(1), "1 more was shown, only the count is kept: the store could not be written");
        assert!(line(55_904).starts_with("55904 more were shown, only"), "{}", line(2));
    }

    #[test]
    fn a_mismatch_is_said_whoever_finds_it() {
        let by_sum = LedgerView { held: 32, ..books() };
        assert!(sum_of(&by_sum).contains(" ≠ 32 here"));
        assert_eq!(
            words(&mismatch(&by_sum).unwrap()),
            "The books do not balance: 43 to account for, 42 accounted for."
        );
        let by_word = LedgerView { balanced: false, ..books() };
        assert!(sum_of(&by_word).contains('≠') && mismatch(&by_word).is_some());
    }

    #[test]
    fn the_largest_counts_do_not_overflow() {
        let books = LedgerView { carried: u32::MAX, came_in: u32::MAX, ..books() };
        assert!(words(&mismatch(&books).unwrap()).contains("8589934590 to account for"));
    }
}
