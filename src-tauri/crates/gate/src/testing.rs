//! What tests of several parts need: notifications as senders make them, and rows of them. Must not be known outside tests.

use std::sync::Arc;
use tidegate_domain::{
    Action, App, Content, Delivery, Forward, Interruption, NoticeId, Origin, Outcome, Proof, Raw, Sender, Seq,
    Standing, Why,
};
use tidegate_testkit::{NOTIFICATIONS, Notification};

/// The body that a sender of this notification sends.
pub(crate) fn raw(notification: &Notification) -> Raw {
    let message = notification.message(NOTIFICATIONS);
    Raw { body: message.body().data().to_vec().into(), big_endian: cfg!(target_endian = "big") }
}

pub(crate) fn sender(name: &str) -> Sender {
    Sender { bus: "bus".into(), name: name.into(), pid: 1, started: 2 }
}

pub(crate) fn app(id: &str) -> App {
    App { id: id.into(), name: id.into(), proof: Proof::Name, desktop_entry: None, executable: None }
}

/// One that passed, with a button.
pub(crate) fn row(seq: u32) -> Interruption {
    let action = Action { key: "open".into(), label: "Open".into() };
    Interruption {
        seq: Seq(seq.into()),
        id: NoticeId(seq),
        arrived: chrono::DateTime::UNIX_EPOCH,
        period: 1,
        sender: sender(":1.1"),
        gate: Arc::from("bus/:1.7"),
        app: app("Chat"),
        content: Content { summary: format!("row {seq}"), actions: vec![action], ..Content::default() },
        standing: Standing::Settled { outcome: Outcome::Passed, period: 1 },
        why: Why::GateOpen,
        came_back: None,
        delivery: Delivery::None,
        closed: None,
        revisions: 0,
        acted: None,
        origin: Origin::App,
    }
}

/// Its call to the renderer, with the same serial, from what the row says.
pub(crate) fn forward(seq: u32) -> Forward {
    Forward { row: row(seq), raw: None, serial: seq, replaces: 0, quiet: false, overdue: false }
}
