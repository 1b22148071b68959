//! What is held in these tests: one of each kind that the window treats differently.

use std::time::{SystemTime, UNIX_EPOCH};
use tidegate_contract::{ActionView, Detail, Item, ItemState, Revision};

const MINUTE: i64 = 60_000;

/// Now, in milliseconds since the epoch.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// One that is held, live, and has a default action.
pub(crate) fn item(id: u32, app: &str, summary: &str, body: &str) -> Item {
    Item {
        id,
        seq: i64::from(id),
        app: app.into(),
        app_id: format!("org.example.{app}"),
        arrived: now() - 60 * MINUTE + i64::from(id) * MINUTE,
        summary: summary.into(),
        body: body.into(),
        actions: Vec::new(),
        has_default: true,
        inline_reply: None,
        live: true,
        may_have_forgotten: false,
        state: ItemState::Held,
        edited: 0,
        urgency: 1,
        text_dropped: false,
    }
}

/// A button.
pub(crate) fn action(key: &str, label: &str) -> ActionView {
    ActionView { key: key.into(), label: label.into() }
}

/// An ordinary morning's worth.
pub(crate) fn morning() -> Vec<Item> {
    let mut build = item(1, "Woodpecker", "Build 5812 failed on main", "Step “test” ended with 1.");
    build.edited = 3;
    build.actions = vec![action("app.log::r", "Show log")];
    let mut standup = item(2, "Element", "#standup", "Moved to 14:00 today");
    standup.inline_reply = Some("Reply to #standup".into());
    let mut invoice = item(3, "Thunderbird", "Invoice 2231 is due", "accounting@example.org: please find attached");
    invoice.live = false;
    let mut review = item(4, "GitHub", "Review requested: store migrations", "Two files changed, tests are green.");
    review.actions = vec![action("view", "View pull request"), action("later", "Remind me tomorrow")];
    vec![build, standup, invoice, review]
}

/// All there is to know of one.
pub(crate) fn detail(item: Item) -> Detail {
    let revisions = (0..item.edited).map(|number| Revision {
        replaced: item.arrived + i64::from(number) * MINUTE,
        summary: format!("Build {} failed on main", 5809 + number),
        body: format!("Attempt {number}"),
    });
    Detail {
        revisions: revisions.collect(),
        why: format!("Held: no rule lets {} through during deep work.", item.app),
        desktop_entry: Some(item.app_id.clone()),
        opens: (!item.live).then(|| item.app.clone()),
        remarks: if item.may_have_forgotten { vec!["Its app may have forgotten it.".into()] } else { Vec::new() },
        item,
    }
}
