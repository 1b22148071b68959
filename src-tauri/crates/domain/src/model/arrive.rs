//! What apps ask: `Notify`, `CloseNotification`, `Inhibit`. Must not know how the calls come in.

use super::{LET_THROUGH, LetThrough, Model};
use crate::effect::{Effect, Forward, NoticeReply, Signal, Write};
use crate::event::{Need, Rows};
use crate::focus::Inhibitor;
use crate::notice::{
    Arrival, CallId, ClosedReason, Closing, Content, Delivery, FIRST_ID, FLOOD_KEEP, Interruption, NoticeId, Sender,
    State, Then, Timeout, Why,
};
use crate::policy::judge;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;

/// How long a transient one is kept that leaves the time to the server: what dunst and mako show by default.
const TRANSIENT_DEFAULT_SECONDS: i64 = 10;
/// Cookies that one connection may hold: an app needs one.
const COOKIES_EACH: usize = 32;

const OTHERS: &str = "that notification belongs to another app that is still running";

/// What an id that an app names stands for: the open row with it, if any, and whether the renderer gave that number to
/// another's popup: then the app has it from a renderer that is gone. 0 names whatever was found.
fn named(rows: Rows, id: u32) -> (Option<Interruption>, bool) {
    let (own, others): (Vec<_>, Vec<_>) = rows.rows.into_iter().partition(|row| id == 0 || row.id.0 == id);
    (own.into_iter().next_back().filter(Interruption::is_open), !others.is_empty())
}

/// When a held one runs out: only a transient one does.
pub(super) fn expiry(content: &Content, arrived: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let after = match content.timeout {
        Timeout::After(duration) => duration,
        Timeout::Default => Duration::seconds(TRANSIENT_DEFAULT_SECONDS),
        Timeout::Never => return None,
    };
    content.transient.then(|| arrived.checked_add_signed(after)).flatten()
}

impl Model {
    /// The rows that an arrival names: the one it replaces, by id or by tag.
    pub(super) fn arrival_need(&self, arrival: &Arrival) -> Need {
        match (arrival.replaces, &arrival.content.stack_tag) {
            (0, Some(tag)) => Need::StackTag { app: arrival.app.id.clone(), tag: tag.clone() },
            (0, None) => Need::Nothing,
            (id, _) => self.id_need(id),
        }
    }

    pub(super) fn id_need(&self, id: u32) -> Need {
        match &self.renderer {
            Some(by) if id < FIRST_ID => Need::SmallId { id: NoticeId(id), by: by.clone() },
            Some(_) | None => Need::Id(NoticeId(id)),
        }
    }

    pub(super) fn arrived(&mut self, arrival: Arrival, rows: Rows, now: Now, fx: &mut Vec<Effect>) {
        self.note_live(&arrival.sender);
        if arrival.own {
            self.digest_is_settled(fx);
        }
        let (row, is_anothers) = named(rows, arrival.replaces);
        let popup = if is_anothers { 0 } else { unknown_at_renderer(arrival.replaces) };
        match row {
            Some(row) if self.may_touch(&arrival.sender, Some(&arrival), &row) => {
                self.replace(arrival, row, popup, now, fx);
            }
            Some(_) if arrival.replaces != 0 => fx.push(Effect::Answer(arrival.call, NoticeReply::InvalidArgs(OTHERS))),
            Some(_) | None => self.admit(arrival, popup, now, fx),
        }
    }

    /// Whether a sender may edit or close a row: its own, its app's, or one whose sender has left.
    fn may_touch(&self, sender: &Sender, arrival: Option<&Arrival>, row: &Interruption) -> bool {
        !row.is_noted()
            && (row.sender == *sender
                || arrival.is_some_and(|arrival| arrival.app.is_same(&row.app))
                || !self.is_live(&row.sender))
    }

    /// One that is new to us. `popup` is the renderer's own that it replaces; 0 for none.
    fn admit(&mut self, arrival: Arrival, popup: u32, now: Now, fx: &mut Vec<Effect>) {
        let (state, why) = judge(&arrival, &self.stand(), &self.settings);
        let id = self.id_for(arrival.replaces, fx);
        let call = arrival.call;
        let mut row = self.new_row(&arrival, id, state, why, now);
        if row.is_counted() {
            self.ledger.arrived(state);
        } else if row.content.feedback {
            self.ledger.feedback = self.ledger.feedback.saturating_add(1);
        }
        match state {
            State::Held => self.hold(row, arrival, fx),
            State::Muted => Self::mute(row, call, now, fx),
            State::Passed | State::Withdrawn | State::Expired | State::Released | State::Done => {
                self.note_let_through(&row, now);
                let forward = self.forward(&mut row, Some(arrival.raw.clone()), popup, false);
                let raw = (!row.content.feedback).then_some(arrival.raw);
                fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw }));
                fx.push(Effect::Answer(call, NoticeReply::Id(id)));
                fx.push(forward);
            }
        }
    }

    fn id_for(&mut self, replaces: u32, fx: &mut Vec<Effect>) -> NoticeId {
        if replaces == 0 {
            return self.new_id(fx);
        }
        if replaces >= FIRST_ID {
            self.adopted.insert(replaces);
        }
        NoticeId(replaces)
    }

    fn new_row(&mut self, arrival: &Arrival, id: NoticeId, state: State, why: Why, now: Now) -> Interruption {
        let period = self.saved.period.number;
        Interruption {
            seq: self.new_seq(),
            id,
            arrived: now.utc,
            period,
            sender: arrival.sender.clone(),
            gate: self.gate.clone(),
            app: arrival.app.clone(),
            content: arrival.content.clone(),
            state,
            why,
            delivery: Delivery::None,
            closed: None,
            revisions: 0,
            settled: (state != State::Held).then_some(period),
            due: None,
            acted: None,
            put_off: None,
            own: arrival.own,
        }
    }

    fn hold(&mut self, mut row: Interruption, arrival: Arrival, fx: &mut Vec<Effect>) {
        row.due = expiry(&row.content, row.arrived);
        self.note_due(row.due);
        let id = row.id;
        let app = row.app.id.clone();
        let of_app = self.one_more_held(&row);
        fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw: Some(arrival.raw) }));
        if of_app > FLOOD_KEEP {
            fx.push(Effect::Write(Write::DropOldestText { app }));
        }
        fx.push(Effect::Answer(arrival.call, NoticeReply::Id(id)));
    }

    /// Answered, then closed, or a sender that waits would wait for ever.
    fn mute(mut row: Interruption, call: CallId, now: Now, fx: &mut Vec<Effect>) {
        row.closed = Some(Closing { reason: ClosedReason::Dismissed, at: now.utc });
        let (id, to) = (row.id, row.sender.clone());
        fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw: None }));
        fx.push(Effect::Answer(call, NoticeReply::Id(id)));
        fx.push(Effect::Emit { to, signal: Signal::Closed(id, ClosedReason::Dismissed) });
    }

    fn note_let_through(&mut self, row: &Interruption, now: Now) {
        if !self.is_closed() || !row.is_counted() {
            if row.own {
                self.digest = Some(row.id);
            }
            return;
        }
        self.let_through.truncate(LET_THROUGH - 1);
        self.let_through.push_front(LetThrough {
            id: row.id,
            app: row.app.name.clone(),
            summary: row.content.summary.chars().take(200).collect(),
            at: now.utc,
            why: row.why.clone(),
        });
    }

    /// Builds the call to the renderer and marks the row; the row is to be written before it leaves.
    pub(super) fn forward(
        &mut self,
        row: &mut Interruption,
        raw: Option<crate::notice::Raw>,
        replaces: u32,
        quiet: bool,
    ) -> Effect {
        let serial = self.new_serial();
        row.delivery = Delivery::Sending { gate: self.gate.clone(), serial, then: Then::Nothing };
        Effect::Forward(Box::new(Forward { row: row.clone(), raw, serial, replaces, quiet }))
    }

    /// One that is held or at the renderer is edited in place; of one that is nowhere any more a new one takes the id.
    fn replace(&mut self, mut arrival: Arrival, row: Interruption, popup: u32, now: Now, fx: &mut Vec<Effect>) {
        let is_somewhere = row.state == State::Held || row.delivery != Delivery::None;
        let is_feedback_no_more = row.content.feedback && !arrival.content.feedback;
        let is_its_own = arrival.own == row.own && arrival.app.is_same(&row.app);
        if is_somewhere && is_its_own && !is_feedback_no_more {
            self.edit(arrival, row, now, fx);
        } else {
            arrival.replaces = row.id.0;
            self.retire(row, now, fx);
            self.admit(arrival, popup, now, fx);
        }
    }

    /// The app edits one that is open: same id, arrival kept.
    fn edit(&mut self, arrival: Arrival, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let (id, call) = (row.id, arrival.call);
        let feedback = row.content.feedback;
        row.sender = arrival.sender;
        row.gate = self.gate.clone();
        row.content = Content { feedback, ..arrival.content };
        row.revisions = row.revisions.saturating_add(1);
        row.acted = None;
        if row.state == State::Held {
            row.due = expiry(&row.content, now.utc);
            self.note_due(row.due);
        }
        let forward = self.forward_edit(&mut row, &arrival.raw);
        fx.push(Effect::Write(Write::Revise { row: Box::new(row), raw: arrival.raw, at: now.utc }));
        fx.push(Effect::Answer(call, NoticeReply::Id(id)));
        fx.extend(forward);
    }

    /// An edit of what the renderer shows goes there too; of what is under way, once it has arrived.
    fn forward_edit(&mut self, row: &mut Interruption, raw: &crate::notice::Raw) -> Option<Effect> {
        match &mut row.delivery {
            Delivery::Shown { id, .. } => {
                let replaces = id.0;
                Some(self.forward(row, Some(raw.clone()), replaces, false))
            }
            Delivery::Sending { then, .. } => {
                *then = Then::Resend;
                None
            }
            Delivery::None => None,
        }
    }

    pub(super) fn close_requested(
        &mut self,
        call: CallId,
        sender: &Sender,
        id: u32,
        rows: Rows,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let (row, is_anothers) = named(rows, id);
        match row {
            Some(row) if self.may_touch(sender, None, &row) => self.take_back(call, row, now, fx),
            Some(_) => fx.push(Effect::Answer(call, NoticeReply::InvalidArgs(OTHERS))),
            None => {
                fx.push(Effect::Answer(call, NoticeReply::Empty));
                if (1..FIRST_ID).contains(&id) && !is_anothers {
                    fx.push(Effect::CloseAtRenderer(id));
                }
            }
        }
    }

    /// The app takes one of its own back: it is told at once, and the popup follows.
    fn take_back(&mut self, call: CallId, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let popup = self.leave(&mut row);
        let closed = self.close(&mut row, ClosedReason::ByCall, now);
        fx.extend([Self::update(&row), Effect::Answer(call, NoticeReply::Empty), closed]);
        fx.extend(popup);
    }

    /// A newer row takes the id over, so its sender is not told that this one is closed.
    pub(super) fn retire(&mut self, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let popup = self.leave(&mut row);
        row.closed = Some(Closing { reason: ClosedReason::Undefined, at: now.utc });
        row.due = None;
        fx.push(Self::update(&row));
        fx.extend(popup);
    }

    /// A row is left by its app: what is held is withdrawn, and its popup goes, as soon as its id is known.
    fn leave(&mut self, row: &mut Interruption) -> Option<Effect> {
        if row.state == State::Held {
            self.release.picked.remove(&row.seq);
            self.settle(row, State::Withdrawn);
        }
        match &mut row.delivery {
            Delivery::Sending { then, .. } => {
                *then = Then::Close;
                None
            }
            Delivery::Shown { id, .. } => {
                let popup = Effect::CloseAtRenderer(id.0);
                self.close_popup(row);
                Some(popup)
            }
            Delivery::None => None,
        }
    }

    /// Marks a row closed; the signal that says so to its sender.
    pub(super) fn close(&mut self, row: &mut Interruption, reason: ClosedReason, now: Now) -> Effect {
        row.closed = Some(Closing { reason, at: now.utc });
        row.due = None;
        self.forget_adopted(row.id);
        Effect::Emit { to: row.sender.clone(), signal: Signal::Closed(row.id, reason) }
    }

    pub(super) fn inhibit(&mut self, call: CallId, sender: Sender, app: String, fx: &mut Vec<Effect>) {
        let held = self.inhibitors.values().filter(|held| held.sender.name == sender.name).count();
        if held >= COOKIES_EACH {
            fx.push(Effect::Answer(call, NoticeReply::InvalidArgs("too many inhibitions by one connection")));
            return;
        }
        self.note_live(&sender);
        let cookie = self.new_cookie();
        self.inhibitors.insert(cookie, Inhibitor { sender, app });
        fx.push(Effect::Answer(call, NoticeReply::Cookie(cookie)));
    }

    fn new_cookie(&mut self) -> u32 {
        let taken = |inhibitors: &BTreeMap<u32, Inhibitor>, cookie| cookie == 0 || inhibitors.contains_key(&cookie);
        while taken(&self.inhibitors, self.next_cookie) {
            self.next_cookie = self.next_cookie.wrapping_add(1);
        }
        let cookie = self.next_cookie;
        self.next_cookie = cookie.wrapping_add(1);
        cookie
    }

    pub(super) fn uninhibit(&mut self, call: CallId, sender: &Sender, cookie: u32, fx: &mut Vec<Effect>) {
        if self.inhibitors.get(&cookie).is_some_and(|held| held.sender.name == sender.name) {
            self.inhibitors.remove(&cookie);
        }
        fx.push(Effect::Answer(call, NoticeReply::Empty));
    }
}

/// A small id that an app names and we do not know is the renderer's own, from a time when the gate was away.
fn unknown_at_renderer(id: u32) -> u32 {
    if id < FIRST_ID { id } else { 0 }
}
