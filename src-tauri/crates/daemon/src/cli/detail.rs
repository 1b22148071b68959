//! `tidegate show`: all about one, as text. Must not know where it came from.

use super::id::Id;
use super::paper::{Ink, Paper, left, widest};
use super::visible::{line, paragraph};
use tidegate_contract::{Detail, Item, Message, Revision};
use tidegate_words::{Catalogue, say};

/// Columns of the labels.
const LABEL: usize = 10;

/// The whole page.
pub(super) fn detail(detail: &Detail, paper: &Paper) -> String {
    let (item, words) = (&detail.item, &Catalogue::new(&paper.clock));
    let mut out = heading(item, paper, words);
    if !item.body.is_empty() {
        out.push('\n');
        out.push_str(&paper.wrapped(&paragraph(&item.body, 20_000), 2));
    }
    out.push('\n');
    for (label, text) in rows(detail, paper, words) {
        out.push_str(&labelled(&words.format(&label), &text, paper));
    }
    out.push_str(&revisions(&detail.revisions, paper, words));
    out
}

/// What stands below, with its labels.
fn rows(detail: &Detail, paper: &Paper, words: &Catalogue<'_>) -> Vec<(Message, String)> {
    let worded = |message: Option<Message>| message.map(|message| words.format(&message)).unwrap_or_default();
    let why: Vec<_> = detail.why.iter().map(|sentence| paper.says(sentence, 400)).collect();
    let mut rows = vec![
        (say::cli_detail_why(), why.join(" ")),
        (say::cli_detail_later(), worded(later(detail))),
        (say::cli_detail_buttons(), buttons(&detail.item, words)),
        (say::cli_detail_reply(), reply(&detail.item, words)),
        (say::cli_detail_app(), worded(app(detail))),
    ];
    rows.extend(detail.remarks.iter().map(|remark| (say::cli_detail_note(), paper.says(remark, 400))));
    rows
}

fn heading(item: &Item, paper: &Paper, words: &Catalogue<'_>) -> String {
    let summary = match item.summary.is_empty() {
        true => words.format(&say::cli_detail_no_summary()),
        false => line(&item.summary, 500),
    };
    let title = paper.wrapped(&summary, 0);
    let title: String = title.lines().map(|line| format!("{}\n", paper.ink(Ink::Bold, line))).collect();
    format!("{title}{}", paper.wrapped(&origin(item, paper, words), 0))
}

fn origin(item: &Item, paper: &Paper, words: &Catalogue<'_>) -> String {
    let said = [
        Some(say::cli_detail_ago(paper.clock.now.saturating_sub(item.arrived))),
        (item.edited > 0).then(|| say::cli_held_mark_edited(item.edited)),
        (item.urgency >= 2).then(say::cli_held_mark_critical),
        Some(say::cli_detail_id(Id(item.id).to_string(), item.id.to_string())),
    ];
    let of_whom = [line(&item.app, 60), paper.clock.stamp(item.arrived)];
    let parts = of_whom.into_iter().chain(said.iter().flatten().map(|said| words.format(said)));
    parts.collect::<Vec<_>>().join(", ")
}

/// A label beside its text; nothing without text.
fn labelled(label: &str, text: &str, paper: &Paper) -> String {
    let label = paper.ink(Ink::Dim, &left(label, LABEL));
    let text = paper.wrapped(text, LABEL);
    match text.get(LABEL..) {
        Some(text) if !text.trim().is_empty() => format!("{label}{text}"),
        _ => String::new(),
    }
}

/// Until when it is put off, and how to have it back before.
fn later(detail: &Detail) -> Option<Message> {
    let id = Id(detail.item.id).to_string();
    match detail.put_off_until {
        _ if !detail.item.later => None,
        Some(until) => Some(say::cli_detail_later_until(until, id)),
        None => Some(say::cli_detail_later_to_check_in(id)),
    }
}

/// What can be pressed, one a line: the command, and what the button says.
fn buttons(item: &Item, words: &Catalogue<'_>) -> String {
    if !item.live {
        return String::new();
    }
    let act = format!("tidegate act {}", Id(item.id));
    let default = item.has_default.then(|| (act.clone(), words.format(&say::cli_detail_opens_it())));
    let others = item.actions.iter().map(|button| (format!("{act} {}", quoted(&button.key)), line(&button.label, 100)));
    let rows: Vec<_> = default.into_iter().chain(others).collect();
    let commands = widest(rows.iter().map(|(command, _)| command.as_str()));
    let rows = rows.iter().map(|(command, label)| format!("{}  {label}", left(command, commands)));
    rows.collect::<Vec<_>>().join("\n")
}

/// A key as a shell takes it. One with characters that a terminal obeys cannot be typed.
fn quoted(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:-/@%+=,".contains(c);
    if !key.is_empty() && !key.starts_with('-') && key.chars().all(plain) {
        return key.to_owned();
    }
    let dashes = if key.starts_with('-') { "-- " } else { "" };
    format!("{dashes}'{}'", line(key, 200).replace('\'', "'\\''"))
}

fn reply(item: &Item, words: &Catalogue<'_>) -> String {
    let command = || words.format(&say::cli_detail_reply_with(Id(item.id).to_string()));
    match &item.inline_reply {
        Some(placeholder) if item.live => format!("{}  {}", command(), line(placeholder, 60)),
        Some(_) | None => String::new(),
    }
}

/// What is to be said of the app that sent it.
fn app(detail: &Detail) -> Option<Message> {
    match &detail.opens {
        _ if detail.item.live || detail.item.noted || detail.item.script_went_on => None,
        Some(name) => Some(say::cli_detail_app_gone_open_it(line(name, 60), Id(detail.item.id).to_string())),
        None => Some(say::cli_detail_app_gone()),
    }
}

fn revisions(revisions: &[Revision], paper: &Paper, words: &Catalogue<'_>) -> String {
    if revisions.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paper.ink(Ink::Bold, &words.format(&say::cli_detail_earlier())));
    for earlier in revisions {
        let text = say::cli_detail_earlier_until(earlier.replaced, line(&earlier.summary, 500));
        out.push_str(&paper.wrapped(&words.format(&text), 2));
        if !earlier.body.is_empty() {
            out.push_str(&paper.wrapped(&paragraph(&earlier.body, 2_000), 4));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::held::tests::an_item;
    use crate::cli::paper::tests::plain_paper;
    use crate::present;
    use crate::present::fixtures::block_view;
    use tidegate_contract::ActionView;

    fn button(key: &str, label: &str) -> ActionView {
        ActionView { key: key.into(), label: label.into() }
    }

    fn a_detail(item: Item) -> Detail {
        let why = vec![say::reason_block("now")];
        Detail {
            item,
            revisions: Vec::new(),
            why,
            put_off_until: None,
            desktop_entry: Some("slack".into()),
            opens: None,
            remarks: Vec::new(),
        }
    }

    fn page(detail_of: &Detail) -> String {
        detail(detail_of, &plain_paper(block_view().now + 54 * 60_000))
    }

    #[test]
    fn buttons_stand_with_the_commands_that_press_them() {
        let item = Item {
            has_default: true,
            actions: vec![button("app.open::r", "See it"), button("it's \"0\"", "Later")],
            inline_reply: Some("Write back".into()),
            ..an_item(0, "Slack", "Maya", "first line\n\nsecond")
        };
        assert_eq!(
            page(&a_detail(item)),
            "Maya\n\
             Slack, 9:58, 54 min ago, id bbb (1073741824)\n\n\
             \x20 first line\n\n\
             \x20 second\n\n\
             Why       Held because a block was running and nothing lets it through.\n\
             Buttons   tidegate act bbb                opens it\n\
             \x20         tidegate act bbb app.open::r    See it\n\
             \x20         tidegate act bbb 'it'\\''s \"0\"'  Later\n\
             Reply     tidegate reply bbb TEXT  Write back\n"
        );
    }

    #[test]
    fn a_departed_app_offers_no_buttons_but_itself() {
        let actions = vec![button("open", "Open")];
        let gone = a_detail(Item { live: false, has_default: true, actions, ..an_item(0, "Slack", "Maya", "") });
        let with_entry = page(&Detail { opens: Some("Slack Desktop".into()), ..gone.clone() });
        let offer = "App       does not hear it any more; open Slack Desktop: tidegate open bbb\n";
        assert!(with_entry.contains(offer) && !with_entry.contains("tidegate act"), "{with_entry}");
        let without = page(&gone);
        assert!(without.contains("App       does not hear it any more; open it yourself\n"), "{without}");
    }

    #[test]
    fn one_that_is_put_off_says_until_when() {
        let off = a_detail(Item { later: true, ..an_item(0, "Slack", "Maya", "") });
        let page_of = |put_off_until| page(&Detail { put_off_until, ..off.clone() });
        let until = page_of(block_view().next_check_in);
        assert!(until.contains("Later     put off until 11:30; back before: tidegate undo bbb\n"), "{until}");
        let unset = page_of(None);
        assert!(unset.contains("Later     put off to the next check-in; back before: tidegate undo bbb\n"), "{unset}");
        assert!(!page(&Detail { item: an_item(0, "Slack", "Maya", ""), ..off }).contains("Later"));
    }

    #[test]
    fn earlier_texts_and_remarks_are_listed() {
        let earlier = Revision { replaced: block_view().now, summary: "old".into(), body: "older".into() };
        let item = Item { edited: 1, urgency: 2, ..an_item(0, "Mail", "new", "") };
        let remarks = vec![say::reason_image_too_large(60 << 20)];
        let page = page(&Detail { revisions: vec![earlier], remarks, ..a_detail(item) });
        assert!(page.contains(", edited 1×, says it is critical, id bbb"), "{page}");
        assert!(page.contains("Note      image dropped: 60 MiB is over the limit\n"), "{page}");
        assert!(page.ends_with("\nEarlier texts\n  until 9:58: old\n    older\n"), "{page}");
    }

    #[test]
    fn hostile_text_drives_nothing() {
        let evil = "\u{1b}[2J\u{9b}\u{202e}\r\nx";
        let item = Item { actions: vec![button(evil, evil)], app: evil.into(), ..an_item(0, "x", evil, evil) };
        let earlier = Revision { replaced: 0, summary: evil.into(), body: evil.into() };
        let said = || vec![say::failure_said(evil)];
        let all = Detail { revisions: vec![earlier], why: said(), remarks: said(), ..a_detail(item) };
        let page = page(&all);
        assert!(page.chars().all(|c| c == '\n' || !c.is_control() && !present::reorders(c)), "{page:?}");
    }
}
