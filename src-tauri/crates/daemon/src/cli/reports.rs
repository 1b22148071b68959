//! `tidegate ledger` and `tidegate doctor` as text. Must not know where either came from.

use super::paper::{Ink, Paper};
use crate::present::{absence_lines, books_line, feedback_line, mismatch, only_counted_line};
use tidegate_contract::{Books, DoctorFinding, Verdict};
use tidegate_words::{Catalogue, say};

/// The books in one sentence.
pub(super) fn ledger(Books { ledger: books, feedback_by_app }: &Books, paper: &Paper) -> String {
    let words = &Catalogue::new(&paper.clock);
    let since = say::notice_since(books.since, books_line(books, words));
    let mut out = paper.wrapped(&words.format(&since), 0);
    if let Some(feedback) = feedback_line(books, feedback_by_app) {
        out.push_str(&format!("{}\n", paper.ink(Ink::Dim, &words.format(&feedback))));
    }
    for line in only_counted_line(books).into_iter().chain(absence_lines(books)) {
        out.push_str(&paper.wrapped(&words.format(&line), 0));
    }
    if let Some(mismatch) = mismatch(books) {
        out.push_str(&format!("{}\n", paper.ink(Ink::Red, &words.format(&mismatch))));
    }
    out
}

/// What was found, one a line, with what to do.
pub(super) fn doctor(findings: &[DoctorFinding], paper: &Paper) -> String {
    findings.iter().map(|finding| self::finding(finding, paper)).collect()
}

fn finding(finding: &DoctorFinding, paper: &Paper) -> String {
    let (mark, ink) = match finding.verdict {
        Verdict::Good => ("ok  ", Ink::Calm),
        Verdict::Note => ("note", Ink::Warm),
        Verdict::Bad => ("bad ", Ink::Red),
    };
    let text = format!("{}: {}", paper.says(&finding.subject, 100), paper.says(&finding.found, 600));
    let text = paper.wrapped(&text, 6);
    let remedy = finding.remedy.as_ref().map(|remedy| paper.wrapped(&paper.says(remedy, 600), 8));
    format!("{}  {}{}", paper.ink(ink, mark), text.trim_start(), remedy.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::paper::tests::plain_paper;
    use crate::present::fixtures::quiet_view;
    use tidegate_contract::{AbsenceView, AppCount, LedgerView};

    fn page(ledger: LedgerView, feedback: &[(&str, u32)]) -> String {
        let feedback_by_app = feedback.iter().map(|(app, count)| AppCount { app: (*app).into(), count: *count });
        let books = Books { ledger, feedback_by_app: feedback_by_app.collect() };
        super::ledger(&books, &plain_paper(quiet_view().now))
    }

    #[test]
    fn the_books_are_one_sentence_and_a_mismatch_is_said() {
        let now = quiet_view().now;
        let books = LedgerView { since: now - 58 * 60_000, came_in: 5, held: 5, feedback: 7, ..quiet_view().ledger };
        assert_eq!(
            page(books.clone(), &[("Sound", 5), ("Power \u{1b}", 2)]),
            "Since 9:00: 5 came in = 5 here\nnot counted: 7 of feedback such as volume (Sound 5, Power ‹U+001B› 2)\n"
        );
        let away = AbsenceView { since: now - 60_000, until: now - 59_600 };
        let away = page(LedgerView { absences: vec![away], ..books.clone() }, &[]);
        assert!(away.ends_with("gate away 9:57:00 for 0.4 s: what came then was shown, not counted\n"), "{away}");
        let counted = page(LedgerView { only_counted: 3, ..books.clone() }, &[]);
        assert!(
            counted.ends_with("3 more were shown, only the count is kept: the store could not be written\n"),
            "{counted}"
        );
        let wrong = page(LedgerView { held: 4, ..books }, &[]);
        assert!(wrong.contains("5 came in ≠ 4 here") && wrong.contains("do not balance"), "{wrong}");
    }

    #[test]
    fn findings_stand_with_their_remedies() {
        let bad = DoctorFinding {
            verdict: Verdict::Bad,
            subject: say::doctor_on_renderer(),
            found: say::failure_said("none can be reached \u{1b}[2J"),
            remedy: Some(say::failure_said("Start dunst.")),
        };
        let (subject, found) = (say::doctor_on_bus(), say::failure_said("well"));
        let good = DoctorFinding { verdict: Verdict::Good, subject, found, remedy: None };
        let page = doctor(&[bad, good], &plain_paper(0));
        assert_eq!(
            page,
            "bad   renderer: none can be reached ‹U+001B›[2J\n        Start dunst.\nok    session bus: well\n"
        );
    }
}
