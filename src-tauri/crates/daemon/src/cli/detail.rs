//! `tidegate show`: all about one, as text. Must not know where it came from.

use super::id::Id;
use super::paper::{Ink, Paper, left, widest};
use super::visible::{line, paragraph};
use tidegate_contract::{Detail, Item, Revision};

/// Columns of the labels.
const LABEL: usize = 10;

/// The whole page.
pub(super) fn detail(detail: &Detail, paper: &Paper) -> String {
    let item = &detail.item;
    let mut out = heading(item, paper);
    if !item.body.is_empty() {
        out.push('\n');
        out.push_str(&paper.wrapped(&paragraph(&item.body, 20_000), 2));
    }
    out.push('\n');
    let mut row = |label: &str, text: &str| out.push_str(&labelled(label, text, paper));
    row("Why", &line(&detail.why, 400));
    row("Later", &later(detail, paper));
    row("Buttons", &buttons(item));
    row("Reply", &reply(item));
    row("App", &app(detail));
    for remark in &detail.remarks {
        row("Note", &line(remark, 400));
    }
    out.push_str(&revisions(&detail.revisions, paper));
    out
}

fn heading(item: &Item, paper: &Paper) -> String {
    let summary = if item.summary.is_empty() { "(no summary)".to_owned() } else { line(&item.summary, 500) };
    let title = paper.wrapped(&summary, 0);
    let title: String = title.lines().map(|line| format!("{}\n", paper.ink(Ink::Bold, line))).collect();
    let edited = if item.edited > 0 { format!(", edited {}×", item.edited) } else { String::new() };
    let critical = if item.urgency >= 2 { ", says it is critical" } else { "" };
    let origin = format!(
        "{}, {}, {} ago{edited}{critical}, id {} ({})",
        line(&item.app, 60),
        paper.clock.stamp(item.arrived),
        paper.ago(item.arrived),
        Id(item.id),
        item.id
    );
    format!("{title}{}", paper.wrapped(&origin, 0))
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
fn later(detail: &Detail, paper: &Paper) -> String {
    let back = format!("back before: tidegate undo {}", Id(detail.item.id));
    match detail.put_off_until {
        _ if !detail.item.later => String::new(),
        Some(until) => format!("put off until {}; {back}", paper.clock.when(until)),
        None => format!("put off to the next check-in; {back}"),
    }
}

/// What can be pressed, one a line: the command, and what the button says.
fn buttons(item: &Item) -> String {
    if !item.live {
        return String::new();
    }
    let act = format!("tidegate act {}", Id(item.id));
    let default = item.has_default.then(|| (act.clone(), "opens it".to_owned()));
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

fn reply(item: &Item) -> String {
    match &item.inline_reply {
        Some(placeholder) if item.live => format!("tidegate reply {} TEXT  {}", Id(item.id), line(placeholder, 60)),
        Some(_) | None => String::new(),
    }
}

/// What is to be said of the app that sent it.
fn app(detail: &Detail) -> String {
    match &detail.opens {
        _ if detail.item.live || detail.item.noted || detail.item.script_went_on => String::new(),
        Some(name) => {
            format!("does not hear it any more; open {}: tidegate open {}", line(name, 60), Id(detail.item.id))
        }
        None => "does not hear it any more; open it yourself".to_owned(),
    }
}

fn revisions(revisions: &[Revision], paper: &Paper) -> String {
    if revisions.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paper.ink(Ink::Bold, "Earlier texts"));
    for earlier in revisions {
        let text = format!("until {}: {}", paper.clock.stamp(earlier.replaced), line(&earlier.summary, 500));
        out.push_str(&paper.wrapped(&text, 2));
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
        let why = "Held because a block was running and nothing lets it through.".into();
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
        let remarks = vec!["image dropped: 60 MiB is over the limit".into()];
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
        let all = Detail { revisions: vec![earlier], why: evil.into(), remarks: vec![evil.into()], ..a_detail(item) };
        let page = page(&all);
        assert!(page.chars().all(|c| c == '\n' || !c.is_control() && !present::reorders(c)), "{page:?}");
    }
}
