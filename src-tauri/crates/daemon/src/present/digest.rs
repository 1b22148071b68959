//! What the digest notification says. Must not know how it is shown.

use super::NAME;
use super::books::{absence_lines, books_line, ledger_view, mismatch, only_counted_line};
use super::clock::Clock;
use super::text::line;
use tidegate_domain::Digest;

/// A notification's texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestText {
    /// Plain text.
    pub summary: String,
    /// Markup: everything of it that is not ours is escaped.
    pub body: String,
}

/// The digest's texts: who interrupted, and the books since the last one.
#[must_use]
pub fn digest(digest: &Digest, clock: &Clock) -> DigestText {
    let summary = match (digest.held, digest.app_count) {
        (0, _) => "Check-in: nothing is held".to_owned(),
        (held, 1) => format!("Check-in: {held} held from 1 app"),
        (held, apps) => format!("Check-in: {held} held from {apps} apps"),
    };
    let books = ledger_view(&digest.ledger, digest.since, &digest.absences);
    let since = format!("Since {}: {}", clock.when(books.since), books_line(&books));
    let lines = [apps_line(digest), released_line(digest), Some(since), only_counted_line(&books), mismatch(&books)];
    let lines: Vec<_> = lines.into_iter().flatten().chain(absence_lines(&books, clock)).collect();
    DigestText { summary, body: escape(&lines.join("\n")) }
}

/// "Slack 5, Mail 3 and 2 other apps".
fn apps_line(digest: &Digest) -> Option<String> {
    let named: Vec<_> = digest.apps.iter().map(|(app, count)| format!("{} {count}", line(app, NAME))).collect();
    if named.is_empty() {
        return None;
    }
    let others = digest.app_count.saturating_sub(u32::try_from(named.len()).unwrap_or(u32::MAX));
    let named = named.join(", ");
    Some(match others {
        0 => named,
        1 => format!("{named} and 1 other app"),
        _ => format!("{named} and {others} other apps"),
    })
}

/// Those of apps whose user wants them on the screen.
fn released_line(digest: &Digest) -> Option<String> {
    (digest.released > 0).then(|| format!("and {} on the way to the screen", digest.released))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::berlin;
    use chrono::{TimeZone, Utc};
    use tidegate_domain::Ledger;

    fn check(held: u32, apps: &[(&str, u32)], app_count: u32, summary: &str, body: &str) {
        let since = Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).unwrap();
        let ledger = Ledger { came_in: held, held, ..Ledger::default() };
        let apps = apps.iter().map(|(app, count)| ((*app).into(), *count)).collect();
        let clock = Clock { zone: berlin(), now: since.timestamp_millis() };
        let text = digest(
            &Digest { held, apps, app_count, released: 0, ledger, since, absences: Vec::new(), user_is_idle: false },
            &clock,
        );
        assert_eq!((text.summary.as_str(), text.body.as_str()), (summary, body));
    }

    #[test]
    fn it_names_the_loudest_apps_and_the_books() {
        check(
            12,
            &[("Slack", 5), ("Mail & <b>Co</b>", 3)],
            4,
            "Check-in: 12 held from 4 apps",
            "Slack 5, Mail &amp; &lt;b&gt;Co&lt;/b&gt; 3 and 2 other apps\nSince 9:00: 12 came in = 12 here",
        );
        check(1, &[("Mail", 1)], 1, "Check-in: 1 held from 1 app", "Mail 1\nSince 9:00: 1 came in = 1 here");
        check(0, &[], 0, "Check-in: nothing is held", "Since 9:00: 0 came in = 0 here");
    }
}
