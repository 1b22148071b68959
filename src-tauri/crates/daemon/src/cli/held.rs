//! `tidegate held`: what is held, by app, and what apps took back, as text. Must not know where the rows came from.

use super::id::Id;
use super::paper::{Ink, Paper, fit, left, right, widest};
use super::visible::line;
use std::collections::BTreeMap;
use tidegate_contract::{Item, Message, View, WithdrawnApp};
use tidegate_words::{Catalogue, say};

/// Columns kept for the count beside an app's name.
const COUNT: usize = 8;
/// Of what one app took back so many texts are shown: the rest is folded.
const UNFOLDED: usize = 3;

/// Rows of the list.
pub(super) struct Rows<'a> {
    pub(super) items: &'a [Item],
    /// Where the rest begins, if there is more.
    pub(super) next: Option<i64>,
    /// Whether it goes on where another ended.
    pub(super) is_continued: bool,
}

/// The whole list. `view` was taken with it and knows the whole count.
pub(super) fn held(view: &View, listed: &Rows<'_>, withdrawn: &[WithdrawnApp], paper: &Paper) -> String {
    let words = &Catalogue::new(&paper.clock);
    let mut out = format!("{}\n", heading(view, paper, words));
    let rows: Vec<_> = listed.items.iter().map(|item| Row::of(item, paper, words)).collect();
    let columns = Columns::of(&rows);
    let groups = by_app(&rows);
    for group in &groups {
        let Some(first) = group.first() else { continue };
        let name = app_name(first.item, &groups);
        let name = paper.ink(Ink::Bold, &fit(&name, paper.room(COUNT)));
        out.push_str(&format!("\n{name} {}\n", paper.ink(Ink::Dim, &group.len().to_string())));
        out.extend(group.iter().map(|row| columns.write(row, paper)));
    }
    if let Some(more) = more(view, listed) {
        out.push_str(&format!("\n{}\n", words.format(&more)));
    }
    out.extend(withdrawn.iter().map(|app| folded(app, paper, words)));
    out
}

fn more(view: &View, Rows { items, next, is_continued }: &Rows<'_>) -> Option<Message> {
    let next = (*next)?.to_string();
    Some(match *is_continued {
        true => say::cli_held_more_after_more(next),
        false => say::cli_held_more(beyond(view.held, items), next, view.held),
    })
}

/// How many there are beside those.
fn beyond(count: u32, items: &[Item]) -> u32 {
    count.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX))
}

/// "3 withdrawn by Slack", the newest texts, and how many more there are.
fn folded(app: &WithdrawnApp, paper: &Paper, words: &Catalogue<'_>) -> String {
    let heading = words.format(&say::cli_held_withdrawn(app.count, line(&app.app, 60)));
    let heading = fit(&heading, paper.room(0));
    let shown = &app.items[app.items.len().saturating_sub(UNFOLDED)..];
    let rows: Vec<_> = shown.iter().map(|item| Row::of(item, paper, words)).collect();
    let columns = Columns::of(&rows);
    let rows: String = rows.iter().map(|row| columns.write_withdrawn(row, paper)).collect();
    let more = match beyond(app.count, shown) {
        0 => String::new(),
        more => format!("  {}\n", words.format(&say::cli_held_more_withdrawn(more))),
    };
    format!("\n{}\n{rows}{}", paper.ink(Ink::Bold, &heading), paper.ink(Ink::Dim, &more))
}

/// The app's name, with its id where another app has the same name.
fn app_name(item: &Item, groups: &[Vec<&Row<'_>>]) -> String {
    let is_same = |other: &Item| other.app_id != item.app_id && other.app.to_lowercase() == item.app.to_lowercase();
    let is_shared = groups.iter().filter_map(|group| group.first()).any(|row| is_same(row.item));
    let name = line(&item.app, 60);
    if is_shared { format!("{name} ({})", line(&item.app_id, 100)) } else { name }
}

/// How many are held, which matters first, and when the next check-in is.
fn heading(view: &View, paper: &Paper, words: &Catalogue<'_>) -> String {
    let heading = words.format(&say::cli_held_heading(view.held, view.held_apps));
    let heading = paper.ink(Ink::Bold, &heading);
    match view.next_check_in {
        _ if view.ready && view.held > 0 => words.format(&say::cli_held_ready(heading)),
        Some(at) => words.format(&say::cli_held_next_check_in(heading, at)),
        None => heading,
    }
}

struct Row<'a> {
    item: &'a Item,
    id: String,
    time: String,
    held: String,
    text: String,
    marks: String,
}

impl<'a> Row<'a> {
    fn of(item: &'a Item, paper: &Paper, words: &Catalogue<'_>) -> Self {
        Self {
            item,
            id: Id(item.id).to_string(),
            time: paper.clock.stamp(item.arrived),
            held: words.format(&say::cli_held_for(paper.clock.now.saturating_sub(item.arrived))),
            text: text(item, words),
            marks: marks(item, words),
        }
    }
}

/// What a row says at its end: " [app gone, edited 3×]".
fn marks(item: &Item, words: &Catalogue<'_>) -> String {
    let all = [
        (item.later, item.snoozed_until.map_or_else(say::cli_held_mark_later, say::cli_held_mark_until)),
        (item.script_went_on, say::cli_held_mark_script_went_on()),
        (!item.live && !item.noted && !item.script_went_on, say::cli_held_mark_app_gone()),
        (item.live && item.may_have_forgotten, say::cli_held_mark_may_have_forgotten()),
        (item.inline_reply.is_some() && item.live, say::cli_held_mark_takes_reply()),
        (item.edited > 0, say::cli_held_mark_edited(item.edited)),
        (item.urgency >= 2, say::cli_held_mark_critical()),
        (item.text_dropped, say::cli_held_mark_text_dropped()),
    ];
    let said: Vec<_> = all.iter().filter(|(is, _)| *is).map(|(_, mark)| words.format(mark)).collect();
    if said.is_empty() { String::new() } else { format!(" [{}]", said.join(", ")) }
}

struct Columns {
    id: usize,
    time: usize,
    held: usize,
}

impl Columns {
    fn of(rows: &[Row<'_>]) -> Self {
        Self {
            id: widest(rows.iter().map(|row| row.id.as_str())),
            time: widest(rows.iter().map(|row| row.time.as_str())),
            held: widest(rows.iter().map(|row| row.held.as_str())),
        }
    }

    fn write(&self, row: &Row<'_>, paper: &Paper) -> String {
        let id = paper.ink(Ink::Calm, &left(&row.id, self.id));
        let time = right(&row.time, self.time);
        let held = paper.ink(Ink::Dim, &left(&row.held, self.held));
        let used = 2 + self.id + 2 + self.time + 2 + self.held + 2 + widest([row.marks.as_str()]);
        let text = fit(&row.text, paper.room(used));
        format!("  {id}  {time}  {held}  {text}{}\n", paper.ink(Ink::Warm, &row.marks))
    }

    /// Of one that is not held any more only when it came counts, and what it said.
    fn write_withdrawn(&self, row: &Row<'_>, paper: &Paper) -> String {
        let id = paper.ink(Ink::Calm, &left(&row.id, self.id));
        let time = right(&row.time, self.time);
        let text = fit(&row.text, paper.room(2 + self.id + 2 + self.time + 2));
        format!("  {id}  {time}  {text}\n")
    }
}

pub(super) fn text(item: &Item, words: &Catalogue<'_>) -> String {
    let (summary, body) = (line(&item.summary, 200), line(&item.body, 300));
    match (summary.is_empty(), body.is_empty()) {
        (false, false) => format!("{summary} – {body}"),
        (false, true) => summary,
        (true, false) => body,
        (true, true) => words.format(&say::cli_held_no_text()),
    }
}

/// Groups in the order of their first arrival, rows in the order of theirs.
fn by_app<'a, 'b>(rows: &'a [Row<'b>]) -> Vec<Vec<&'a Row<'b>>> {
    let mut groups: Vec<Vec<&Row<'_>>> = Vec::new();
    let mut known = BTreeMap::new();
    for row in rows {
        let at = *known.entry(row.item.app_id.as_str()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cli::paper::tests::plain_paper;
    use crate::present;
    use crate::present::fixtures::block_view;
    use tidegate_contract::ItemState;

    pub(crate) fn an_item(id: u32, app: &str, summary: &str, body: &str) -> Item {
        Item {
            id: 1_073_741_824 + id,
            seq: i64::from(id),
            app: app.into(),
            app_id: app.to_lowercase(),
            arrived: block_view().now + i64::from(id) * 60_000,
            summary: summary.into(),
            body: body.into(),
            actions: Vec::new(),
            has_default: false,
            inline_reply: None,
            live: true,
            may_have_forgotten: false,
            script_went_on: false,
            state: ItemState::Held,
            later: false,
            snoozed_until: None,
            noted: false,
            edited: 0,
            urgency: 1,
            category: None,
            text_dropped: false,
        }
    }

    fn all(items: &[Item]) -> Rows<'_> {
        Rows { items, next: None, is_continued: false }
    }

    #[test]
    fn one_that_is_snoozed_says_until_when() {
        let view = block_view();
        let said = |snoozed_until| {
            let item = Item { later: true, snoozed_until, ..an_item(0, "Slack", "Maya", "") };
            marks(&item, &Catalogue::new(&plain_paper(view.now).clock))
        };
        assert_eq!((said(Some(view.now + 20 * 60_000)).as_str(), said(None).as_str()), (" [until 10:18]", " [later]"));
    }

    #[test]
    fn rows_stand_by_app_in_columns() {
        let items = [
            an_item(0, "Slack", "Maya", "can you look at\nthe invoice of October before noon?"),
            Item { edited: 3, ..an_item(1, "Mail", "Review requested", "") },
            Item { live: false, ..an_item(30, "Slack", "Ben", "see the thread") },
        ];
        let view = View { held: 3, held_apps: 2, ..block_view() };
        assert_eq!(
            held(&view, &all(&items), &[], &plain_paper(view.now + 54 * 60_000)),
            "3 held from 2 apps, next check-in 11:30\n\n\
             Slack 2\n\
             \x20 bbb   9:58  held 54 min  Maya – can you look at the invoice of October before…\n\
             \x20 bcn  10:28  held 24 min  Ben – see the thread [app gone]\n\n\
             Mail 1\n\
             \x20 bbc   9:59  held 53 min  Review requested [edited 3×]\n"
        );
    }

    #[test]
    fn two_apps_of_one_name_are_told_apart_by_their_ids() {
        let app = |id: u32, app: &str, app_id: &str| Item { app_id: app_id.into(), ..an_item(id, app, "x", "") };
        let items = [app(0, "Mail", "org.gnome.Mail"), app(1, "mail", "/opt/mail"), app(2, "Slack", "slack")];
        let page =
            held(&View { held: 3, held_apps: 3, ..block_view() }, &all(&items), &[], &plain_paper(block_view().now));
        let headings: Vec<_> = page.lines().filter(|line| line.ends_with(" 1")).collect();
        assert_eq!(headings, ["Mail (org.gnome.Mail) 1", "mail (/opt/mail) 1", "Slack 1"]);
    }

    #[test]
    fn what_was_taken_back_is_folded_by_app_under_what_is_held() {
        let withdrawn = |id, body| Item { state: ItemState::Withdrawn, ..an_item(id, "Web Chat", "Maya", body) };
        let items = vec![withdrawn(1, "a"), withdrawn(2, "b"), withdrawn(3, "are you\nthere?"), withdrawn(4, "")];
        let chat = WithdrawnApp { app_id: "chat".into(), app: "Web\u{1b} Chat".into(), count: 6, items };
        let mail = WithdrawnApp { app_id: "mail".into(), app: "Mail".into(), count: 1, items: Vec::new() };
        let view = View { held: 1, held_apps: 1, withdrawn: 7, ..block_view() };
        let page = held(&view, &all(&[an_item(0, "Slack", "x", "")]), &[chat, mail], &plain_paper(view.now));
        let (_, folded) = page.split_once("Slack 1\n").unwrap();
        let (_, folded) = folded.split_once("\n\n").unwrap();
        assert_eq!(
            folded,
            "6 withdrawn by Web‹U+001B› Chat\n\
             \x20 bbd  10:00  Maya – b\n\
             \x20 bbf  10:01  Maya – are you there?\n\
             \x20 bbg  10:02  Maya\n\
             \x20 and 3 before: tidegate log\n\n\
             1 withdrawn by Mail\n\
             \x20 and 1 before: tidegate log\n"
        );
    }

    #[test]
    fn nothing_and_more_than_shown_are_said() {
        let none = View { held: 0, held_apps: 0, ..block_view() };
        assert_eq!(held(&none, &all(&[]), &[], &plain_paper(none.now)), "Nothing is held, next check-in 11:30\n");
        let many = View { held: 1_500, ..block_view() };
        let items = [an_item(0, "Slack", "x", "")];
        let page = |is_continued| {
            let rows = Rows { items: &items, next: Some(7), is_continued };
            held(&many, &rows, &[], &plain_paper(many.now))
        };
        let first = page(false);
        assert!(first.ends_with("\nand 1499 more: tidegate held --next 7, or all: tidegate held -n 1500\n"), "{first}");
        assert!(page(true).ends_with("\nand more: tidegate held --next 7\n"), "{}", page(true));
    }

    #[test]
    fn hostile_text_drives_nothing_and_no_line_is_too_long() {
        let evil = "\u{1b}[2J\u{9b}\u{202e}\r\n".to_owned() + &"日本 ".repeat(100);
        let item = Item { app: evil.clone(), arrived: i64::MIN, urgency: 9, ..an_item(1, "x", &evil, &evil) };
        let page = held(&block_view(), &all(&[item]), &[], &plain_paper(block_view().now));
        assert!(page.chars().all(|c| c == '\n' || !c.is_control() && !present::reorders(c)), "{page}");
        assert!(page.lines().all(|line| widest([line]) <= 80), "{page}");
    }
}
