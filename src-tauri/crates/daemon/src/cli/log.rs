//! `tidegate log`: what ever came in, newest first, as text. Must not know where the rows came from.

use super::held::text;
use super::id::Id;
use super::paper::{Ink, Paper, fit, left, right, widest};
use super::visible::line;
use tidegate_contract::{Item, ItemState, Message};
use tidegate_words::{Catalogue, say};

/// Columns of an app's name at most.
const APP: usize = 20;

/// What was found.
pub(super) struct Found {
    /// The newest first.
    pub(super) items: Vec<Item>,
    /// What was looked for.
    pub(super) text: String,
    /// Where the rest begins, if there is more than was asked for.
    pub(super) next: Option<i64>,
    /// Whether it goes on where another ended.
    pub(super) is_continued: bool,
    /// Whether the words of what came last are still being read.
    pub(super) index_is_behind: bool,
}

/// The list. Its last lines say how to see more, and that there may be more to find.
pub(super) fn log(found: &Found, paper: &Paper) -> String {
    let words = &Catalogue::new(&paper.clock);
    let mut out = match found.items.is_empty() {
        true => paper.wrapped(&words.format(&nothing(&found.text)), 0),
        false => rows(found, paper, words),
    };
    if found.index_is_behind {
        out.push_str(&paper.wrapped(&words.format(&say::cli_log_still_reading()), 0));
    }
    out
}

fn nothing(looked_for: &str) -> Message {
    match looked_for.trim() {
        "" => say::cli_log_nothing(),
        words => say::cli_log_nothing_says(line(words, 200)),
    }
}

fn rows(found: &Found, paper: &Paper, words: &Catalogue<'_>) -> String {
    let rows: Vec<_> = found.items.iter().map(|item| Row::of(item, paper, words)).collect();
    let (id, time) = (widest(rows.iter().map(|row| &*row.id)), widest(rows.iter().map(|row| &*row.time)));
    let (state, app) = (widest(rows.iter().map(|row| &*row.state)), widest(rows.iter().map(|row| &*row.app)).min(APP));
    let mut out = String::new();
    for row in &rows {
        let used = id + 2 + time + 2 + state + 2 + app + 2;
        let sender = fit(&row.app, Some(app));
        out.push_str(&format!(
            "{}  {}  {}  {}  {}\n",
            paper.ink(Ink::Calm, &left(&row.id, id)),
            right(&row.time, time),
            paper.ink(Ink::Dim, &left(&row.state, state)),
            left(&sender, app),
            fit(&row.text, paper.room(used)),
        ));
    }
    if let Some(command) = lists_the_rest(found) {
        out.push_str(&format!("{}\n", words.format(&say::cli_log_more(command))));
    }
    out
}

/// Words that a shell would take for something else are for the reader to type again.
fn lists_the_rest(Found { items, text: looked_for, next, is_continued, .. }: &Found) -> Option<String> {
    let option = match (*next)? {
        next if *is_continued => format!("--next {next}"),
        _ => format!("-n {}", items.len().saturating_mul(10)),
    };
    let is_plain = looked_for.chars().all(|c| c.is_alphanumeric() || c == ' ');
    let words = if is_plain { looked_for.trim() } else { "…" };
    Some(format!("tidegate log {option} {words}").trim_end().to_owned())
}

struct Row {
    id: String,
    time: String,
    state: String,
    app: String,
    text: String,
}

impl Row {
    fn of(item: &Item, paper: &Paper, words: &Catalogue<'_>) -> Self {
        Self {
            id: Id(item.id).to_string(),
            time: paper.clock.stamp(item.arrived),
            state: words.format(&say::cli_log_state(state(item))),
            app: line(&item.app, 60),
            text: text(item, words),
        }
    }
}

fn state(item: &Item) -> &'static str {
    match item.state {
        ItemState::Held if item.later => "later",
        ItemState::Held => "held",
        ItemState::Passed => "passed",
        ItemState::Withdrawn => "withdrawn",
        ItemState::Muted => "muted",
        ItemState::Expired => "expired",
        ItemState::Released => "released",
        ItemState::Done => "done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::held::tests::an_item;
    use crate::cli::paper::tests::plain_paper;
    use crate::present::fixtures::block_view;

    fn page(items: &[Item], text: &str, now: i64) -> String {
        let found =
            Found { items: items.to_vec(), text: text.into(), next: None, is_continued: false, index_is_behind: false };
        log(&found, &plain_paper(now))
    }

    #[test]
    fn rows_stand_in_columns_with_their_states() {
        let items = [
            Item { state: ItemState::Withdrawn, ..an_item(60, "Mail", "Review requested", "by Ben") },
            Item {
                later: true,
                ..an_item(0, "Slack", "Maya", "the invoice of October\nfor the third time, and it must be paid")
            },
        ];
        assert_eq!(
            page(&items, "", block_view().now + 3_600_000),
            "bfb  10:58  withdrawn  Mail   Review requested – by Ben\n\
             bbb   9:58  later      Slack  Maya – the invoice of October for the third time,…\n"
        );
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(page(&[], " ", block_view().now), "Nothing has come in yet\n");
        assert_eq!(page(&[], "in\u{1b}voice", block_view().now), "Nothing says “in‹U+001B›voice”\n");
    }

    #[test]
    fn that_the_index_is_still_reading_is_said_below_all_else() {
        let page = |items| {
            let found =
                Found { items, text: "invoice".into(), next: Some(1), is_continued: false, index_is_behind: true };
            log(&found, &plain_paper(block_view().now))
        };
        let still =
            "The newest are still being read for the search: what they say may be missing, so\ntry again in a moment\n";
        assert_eq!(page(Vec::new()), format!("Nothing says “invoice”\n{still}"));
        let some = page(vec![an_item(0, "Slack", "invoice", "")]);
        assert!(some.ends_with(&format!("and more: tidegate log -n 10 invoice\n{still}")), "{some}");
    }

    #[test]
    fn that_there_is_more_is_the_last_line() {
        let last_of = |text: &str, is_continued: bool| {
            let items = vec![an_item(0, "Slack", "x", ""); 50];
            let found = Found { items, text: text.into(), next: Some(7), is_continued, index_is_behind: false };
            log(&found, &plain_paper(block_view().now)).lines().last().map(str::to_owned)
        };
        let last = |text| last_of(text, false);
        assert_eq!(last("").as_deref(), Some("and more: tidegate log -n 500"));
        assert_eq!(last_of("invoice", true).as_deref(), Some("and more: tidegate log --next 7 invoice"));
        assert_eq!(last("invoice oct").as_deref(), Some("and more: tidegate log -n 500 invoice oct"));
        assert_eq!(last("it's \u{1b}").as_deref(), Some("and more: tidegate log -n 500 …"));
    }
}
