//! The ledger in the product's words, as one sentence that adds up. A mismatch is an error and is said as one. Must not
//! know how the counts came about.

use tidegate_contract::LedgerView;
use tidegate_domain::Ledger;

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

/// Feedback is outside the sum: "and 7 such as volume changes".
#[must_use]
pub fn feedback_line(books: &LedgerView) -> Option<String> {
    (books.feedback > 0).then(|| format!("not counted: {} of feedback such as volume", books.feedback))
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

/// The domain's books as they are said on the wire; `since` in milliseconds since the epoch.
#[must_use]
pub fn ledger_view(books: &Ledger, since: tidegate_contract::Millis) -> LedgerView {
    LedgerView {
        since,
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
        balanced: books.balances(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books() -> LedgerView {
        let books =
            Ledger { carried: 2, came_in: 41, held: 33, passed: 3, withdrawn: 5, muted: 2, ..Ledger::default() };
        ledger_view(&books, 0)
    }

    #[test]
    fn the_sentence_adds_up_and_leaves_out_what_is_nothing() {
        let line = "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted";
        assert_eq!(books_line(&books()), line);
        assert_eq!(mismatch(&books()), None);
        assert_eq!(books_line(&ledger_view(&Ledger::default(), 0)), "0 came in = 0 here");
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
