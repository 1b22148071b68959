//! One interruption for a list, and all about one. Must not know where rows come from.

use super::markup::plain_body;
use super::reason::{remark, why};
use super::view::millis;
use super::{BODY, BUTTONS, NAME, SUMMARY, WHOLE_BODY};
use chrono::{DateTime, Utc};
use tidegate_contract::{ActionView, Category, Detail, Item, ItemState, Revision};
use tidegate_domain::ports::EarlierText;
use tidegate_domain::{Action, INLINE_REPLY, Interruption, Model, Now, Remark, State, Urgency};
use tidegate_words::{raw_line, say};

/// A row of a list.
#[must_use]
pub fn item(model: &Model, row: &Interruption, now: Now) -> Item {
    item_with_body(model, row, BODY, now)
}

/// All about one, but for what could be opened: that is found on disk.
#[must_use]
pub fn detail(model: &Model, row: &Interruption, earlier: &[EarlierText], now: Now) -> Detail {
    let item = item_with_body(model, row, WHOLE_BODY, now);
    let mut remarks: Vec<_> = row.content.remarks.iter().map(remark).collect();
    if item.live && item.may_have_forgotten {
        remarks.push(say::reason_may_have_forgotten());
    }
    if item.script_went_on {
        remarks.push(say::reason_script_went_on());
    }
    Detail {
        revisions: earlier.iter().map(revision).collect(),
        why: why(row),
        put_off_until: put_off_until(model, row, now).filter(|_| item.later).map(millis),
        desktop_entry: row.app.desktop_entry.as_deref().map(|entry| raw_line(entry, NAME)),
        opens: None,
        remarks,
        item,
    }
}

/// When one that is put off comes back.
fn put_off_until(model: &Model, row: &Interruption, now: Now) -> Option<DateTime<Utc>> {
    snoozed_until(model, row, now).or_else(|| model.next_hand_over(now))
}

/// When it comes back by itself, if that is before the hand-over that brings back all.
fn snoozed_until(model: &Model, row: &Interruption, now: Now) -> Option<DateTime<Utc>> {
    let hand_over = model.next_hand_over(now);
    model.snoozed_until(row).filter(|until| hand_over.is_none_or(|hand_over| *until < hand_over))
}

fn item_with_body(model: &Model, row: &Interruption, body: usize, now: Now) -> Item {
    let content = &row.content;
    Item {
        id: row.id.0,
        seq: row.seq.0,
        app: raw_line(&row.app.name, NAME),
        app_id: row.app.id.to_string(),
        arrived: millis(row.arrived),
        summary: raw_line(&content.summary, SUMMARY),
        body: plain_body(&content.body, body),
        actions: content.actions.iter().filter(is_button).take(BUTTONS).map(button).collect(),
        has_default: row.has_action("default"),
        inline_reply: content.inline_reply.as_deref().map(|placeholder| raw_line(placeholder, NAME)),
        live: still_hears(model, row),
        may_have_forgotten: model.may_have_forgotten(row),
        script_went_on: row.script_went_on(),
        state: item_state(row.state()),
        later: row.is_held() && model.is_put_off(row),
        snoozed_until: snoozed_until(model, row, now).map(millis),
        noted: row.is_noted(),
        edited: row.revisions,
        urgency: urgency(content.urgency),
        category: content.category.as_deref().and_then(category),
        text_dropped: content.remarks.iter().any(|it| matches!(it, Remark::TextDroppedFlood | Remark::TextLost)),
    }
}

/// Whether a press would still reach its app.
fn still_hears(model: &Model, row: &Interruption) -> bool {
    row.is_open() && model.is_live(&row.sender)
}

/// The click on the whole and the reply field have places of their own.
fn is_button(action: &&Action) -> bool {
    !matches!(action.key.as_str(), "default" | INLINE_REPLY)
}

fn button(action: &Action) -> ActionView {
    ActionView { key: action.key.clone(), label: raw_line(&action.label, NAME) }
}

fn revision(earlier: &EarlierText) -> Revision {
    Revision {
        replaced: millis(earlier.replaced),
        summary: raw_line(&earlier.summary, SUMMARY),
        body: plain_body(&earlier.body, BODY),
    }
}

fn item_state(state: State) -> ItemState {
    match state {
        State::Held => ItemState::Held,
        State::Passed => ItemState::Passed,
        State::Withdrawn => ItemState::Withdrawn,
        State::Muted => ItemState::Muted,
        State::Expired => ItemState::Expired,
        State::Released => ItemState::Released,
        State::Done => ItemState::Done,
    }
}

fn urgency(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    }
}

/// By its class, which stands before the first point.
fn category(claimed: &str) -> Option<Category> {
    let class = claimed.split_once('.').map_or(claimed, |(class, _)| class);
    match class {
        "im" => Some(Category::Message),
        "email" => Some(Category::Mail),
        "call" => Some(Category::Call),
        "device" => Some(Category::Device),
        "transfer" => Some(Category::Transfer),
        "network" => Some(Category::Network),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, content};
    use tidegate_domain::{BlockLength, Command, Content, Event, SnoozeEnd};

    fn action(key: &str, label: &str) -> Action {
        Action { key: key.into(), label: label.into() }
    }

    fn held(content: Content) -> (World, Interruption) {
        let mut world = World::new();
        world.command(Command::Start { length: BlockLength::Open, intention: None }, Vec::new());
        let row = world.notify(app("Slack", "/usr/bin/slack"), content);
        (world, row)
    }

    #[test]
    fn a_row_shows_plain_text_and_its_buttons_byte_exact() {
        let (world, row) = held(Content {
            actions: vec![
                action("default", "Open"),
                action("app.open::r", "See\u{7} it"),
                action("inline-reply", "Reply"),
                action("0", ""),
            ],
            inline_reply: Some("Write back".into()),
            urgency: Urgency::Critical,
            ..content("Maya\n(1)", "<b>hi</b> &amp; bye")
        });
        let item = item(&world.model, &row, world.now);
        assert_eq!((item.app.as_str(), item.summary.as_str(), item.body.as_str()), ("Slack", "Maya (1)", "hi & bye"));
        let buttons: Vec<_> = item.actions.iter().map(|it| (it.key.as_str(), it.label.as_str())).collect();
        assert_eq!(buttons, [("app.open::r", "See‹U+0007› it"), ("0", "")]);
        assert!(item.has_default && item.live && !item.may_have_forgotten && !item.text_dropped);
        assert_eq!((item.inline_reply.as_deref(), item.urgency), (Some("Write back"), 2));
        assert_eq!((item.state, item.id, item.edited), (ItemState::Held, row.id.0, 0));
    }

    #[test]
    fn a_category_is_one_of_a_few_words_or_not_said() {
        let cases = [
            ("im.received", Some(Category::Message)),
            ("email", Some(Category::Mail)),
            ("call.incoming", Some(Category::Call)),
            ("device.error", Some(Category::Device)),
            ("transfer.complete", Some(Category::Transfer)),
            ("network.connected", Some(Category::Network)),
            ("x-vendor.im.received", None),
            ("image", None),
            ("<b>im</b>", None),
            ("", None),
        ];
        for (claimed, expected) in cases {
            let (world, row) = held(Content { category: Some(claimed.into()), ..content("x", "") });
            assert_eq!(item(&world.model, &row, world.now).category, expected, "{claimed}");
        }
        let (world, row) = held(content("x", ""));
        assert_eq!(item(&world.model, &row, world.now).category, None);
    }

    #[test]
    fn a_list_has_the_bodys_beginning_and_the_detail_all_of_it() {
        let (world, row) = held(content("x", &"word ".repeat(3_000)));
        assert_eq!(item(&world.model, &row, world.now).body.chars().count(), BODY);
        assert_eq!(detail(&world.model, &row, &[], world.now).item.body.len(), 5 * 3_000 - 1);
    }

    #[test]
    fn it_is_live_until_its_app_leaves() {
        let (mut world, row) = held(content("x", ""));
        world.send(Event::SenderLeft(row.sender.name.clone()));
        assert!(!item(&world.model, &row, world.now).live);
        let detail = detail(&world.model, &row, &[], world.now);
        assert_eq!(detail.desktop_entry.as_deref(), Some("slack.desktop-id"));
    }

    #[test]
    fn one_that_is_put_off_says_when_it_comes_back_at_the_latest() {
        let (mut world, row) = held(content("x", ""));
        let until = |world: &World| {
            let detail = detail(&world.model, world.rows.last().unwrap(), &[], world.now);
            detail.put_off_until.map(|until| (until - millis(world.now.utc)) / 60_000)
        };
        assert_eq!(until(&world), None);
        let ids = vec![row.id];
        let listed = |world: &World| item(&world.model, world.rows.last().unwrap(), world.now).snoozed_until;
        world.command(Command::Snooze { ids: ids.clone(), until: SnoozeEnd::Minutes(20) }, vec![row.clone()]);
        assert_eq!((until(&world), listed(&world)), (Some(20), Some(millis(world.now.utc) + 20 * 60_000)));
        world.command(Command::Snooze { ids, until: SnoozeEnd::Minutes(600) }, vec![row]);
        assert_eq!(until(&world), Some(92), "the check-in at 11:30");
        assert_eq!(listed(&world), None);
    }

    #[test]
    fn one_that_was_pressed_hears_no_second_press_unless_resident() {
        let (mut world, row) = held(Content { actions: vec![action("a", "A")], ..content("x", "") });
        world.command(Command::Act { id: row.id, key: Some("a".into()), token: None }, vec![row]);
        let row = world.rows.last().unwrap();
        assert!(!item(&world.model, row, world.now).live);
        assert_eq!(item(&world.model, row, world.now).state, ItemState::Done);
        let resident = Content { actions: vec![action("a", "A")], resident: true, ..content("x", "") };
        let (mut world, row) = held(resident);
        world.command(Command::Act { id: row.id, key: Some("a".into()), token: None }, vec![row]);
        assert!(item(&world.model, world.rows.last().unwrap(), world.now).live);
    }

    #[test]
    fn what_was_left_out_or_may_be_forgotten_is_said() {
        let (world, mut row) = held(content("x", ""));
        row.gate = ":1.0".into();
        row.content.remarks = vec![Remark::ImageTooLarge(60 << 20), Remark::TextDroppedFlood];
        let at = "2026-11-23T08:00:00Z".parse().unwrap();
        let earlier = EarlierText { replaced: at, summary: "old".into(), body: "<i>old</i>".into() };
        let detail = detail(&world.model, &row, &[earlier], world.now);
        assert!(detail.item.text_dropped && detail.item.may_have_forgotten);
        let remarks =
            [say::reason_image_too_large(60 << 20), say::reason_text_dropped(), say::reason_may_have_forgotten()];
        assert_eq!(detail.remarks, remarks);
        assert_eq!(detail.why, [say::reason_block("now")]);
        let [revision] = detail.revisions.as_slice() else { panic!("one revision") };
        assert_eq!((revision.replaced, revision.body.as_str()), (1_795_420_800_000, "old"));
    }
}
