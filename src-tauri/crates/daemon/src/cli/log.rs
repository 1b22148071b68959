//! `tidegate log`: what ever came in, newest first, as text. Must not know where the rows came from.

use super::held::text;
use super::id::Id;
use super::paper::{Ink, Paper, fit, left, right, widest};
use crate::present::line;
use tidegate_contract::{Item, ItemState};

/// Columns of an app's name at most.
const APP: usize = 20;

/// The list. `text` is what was looked for.
pub(super) fn log(items: &[Item], looked_for: &str, paper: &Paper) -> String {
    if items.is_empty() {
        return match looked_for.trim() {
            "" => "Nothing has come in yet\n".to_owned(),
            words => format!("Nothing says {}\n", paper.wrapped(&format!("“{}”", line(words, 200)), 0).trim_end()),
        };
    }
    let rows: Vec<_> = items.iter().map(|item| Row::of(item, paper)).collect();
    let (id, time) = (widest(rows.iter().map(|row| &*row.id)), widest(rows.iter().map(|row| &*row.time)));
    let (state, app) = (widest(rows.iter().map(|row| row.state)), widest(rows.iter().map(|row| &*row.app)).min(APP));
    let mut out = String::new();
    for row in &rows {
        let used = id + 2 + time + 2 + state + 2 + app + 2;
        let (sender, said) = (fit(&row.app, Some(app)), text(row.item));
        out.push_str(&format!(
            "{}  {}  {}  {}  {}\n",
            paper.ink(Ink::Calm, &left(&row.id, id)),
            right(&row.time, time),
            paper.ink(Ink::Dim, &left(row.state, state)),
            left(&sender, app),
            fit(&said, paper.room(used)),
        ));
    }
    out
}

struct Row<'a> {
    item: &'a Item,
    id: String,
    time: String,
    state: &'static str,
    app: String,
}

impl<'a> Row<'a> {
    fn of(item: &'a Item, paper: &Paper) -> Self {
        let (id, time) = (Id(item.id).to_string(), paper.clock.stamp(item.arrived));
        Self { item, id, time, state: state(item), app: line(&item.app, 60) }
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
            log(&items, "", &plain_paper(block_view().now + 3_600_000)),
            "bfb  10:58  withdrawn  Mail   Review requested – by Ben\n\
             bbb   9:58  later      Slack  Maya – the invoice of October for the third time,…\n"
        );
    }

    #[test]
    fn nothing_found_is_said() {
        let paper = plain_paper(block_view().now);
        assert_eq!(log(&[], " ", &paper), "Nothing has come in yet\n");
        assert_eq!(log(&[], "in\u{1b}voice", &paper), "Nothing says “in\u{fffd}voice”\n");
    }
}
