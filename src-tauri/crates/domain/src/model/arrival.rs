//! What apps ask: `Notify`, `CloseNotification`, `Inhibit`. Must not know how the calls come in.

use super::expiry::expiry;
use super::{LetThrough, Model, renderer::remark};
use crate::effect::{Effect, Forward, GateEffect, NoticeReply, Signal, Write};
use crate::focus::Inhibitor;
use crate::notice::{
    App, Arrival, CallId, ClosedReason, Closing, Content, Delivery, FLOOD_KEEP, HELD_NAMES, Held, Interruption,
    NoticeId, Origin, Outcome, Remark, Sender, Standing, State, Then, Why,
};
use crate::policy::judge;
use crate::query::Query;
use crate::time::Now;
use std::borrow::Cow;

/// Cookies that one connection may hold: an app needs one.
const COOKIES_EACH: usize = 32;

/// Who asks for something to be done with a row.
struct Claimant<'a> {
    sender: &'a Sender,
    /// None where it cannot be recognised.
    app: Option<&'a App>,
    /// It is this program.
    own: bool,
    /// It names a tag, which is one app's whichever connection it comes from, and no id.
    by_tag: bool,
}

impl<'a> Claimant<'a> {
    fn of(arrival: &'a Arrival) -> Self {
        let Arrival { sender, app, own, replaces, .. } = arrival;
        Self { sender, app: Some(app), own: *own, by_tag: *replaces == 0 }
    }
}

impl Model {
    /// Which one an arrival replaces, by id or by tag.
    pub(super) fn arrival_query(&self, arrival: &Arrival) -> Option<Query> {
        match (arrival.replaces, self.tag_of(arrival)) {
            (id, None) if id != 0 => Some(Query::Id(NoticeId(id))),
            (_, Some(tag)) => Some(Query::StackTag { app: arrival.app.id.clone(), tag: tag.into_owned() }),
            (_, None) => None,
        }
    }

    /// The tag that an arrival goes by, if it names no id of ours. An id that was never given out is of another server, or
    /// a script has made it up (`notify-send -r 1000`): its app means what it last sent by it, and whoever has that number
    /// at the renderer is not meant.
    fn tag_of<'a>(&self, arrival: &'a Arrival) -> Option<Cow<'a, str>> {
        let tag = arrival.content.stack_tag.as_deref().map(Cow::Borrowed);
        match arrival.replaces {
            0 => tag,
            id if self.state.ids.may_be_given_out(id) => None,
            id => Some(tag.unwrap_or_else(|| format!("id {id}").into())),
        }
    }

    pub(super) fn arrived(&mut self, arrival: Arrival, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        self.track(&arrival.sender);
        let is_late = arrival.own && self.is_digest_late();
        if arrival.own {
            self.digest_is_settled(fx);
        }
        self.take_in(arrival, rows, now, fx);
        if is_late {
            self.notice_is_outdated(fx);
        }
    }

    fn take_in(&mut self, mut arrival: Arrival, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        if let Some(tag) = self.tag_of(&arrival).map(Cow::into_owned) {
            (arrival.replaces, arrival.content.stack_tag) = (0, Some(tag));
        }
        match rows.into_iter().next_back() {
            // An error would lose the message: few senders look at one.
            Some(row) if !self.may_touch(&Claimant::of(&arrival), &row) => arrival.replaces = 0,
            Some(row) if row.is_editable() => return self.replace(arrival, row, now, fx),
            Some(_) => {}
            // Only while the store has failed may there be a row that nobody can look at.
            None if self.failure.is_some() => {}
            None => arrival.replaces = 0,
        }
        self.admit(arrival, now, fx);
    }

    /// Whether somebody may edit or close a row: the connection that sent it, or its app once that connection has left.
    fn may_touch(&self, by: &Claimant<'_>, row: &Interruption) -> bool {
        if row.is_noted() || row.is_own() {
            return row.is_own() && by.own;
        }
        row.sender == *by.sender
            || by.app.is_some_and(|app| {
                let has_left = !self.is_live(&row.sender);
                app.goes_on_for(&row.app) && (has_left || (by.by_tag && !app.proof.is_claim()))
            })
    }

    fn has_too_many_names(&self, app: &App) -> bool {
        let is_new = app.proof.is_claim() && !self.state.held.has_app(&app.id);
        is_new && self.state.held.app_count() >= HELD_NAMES
    }

    /// One that is new to us.
    fn admit(&mut self, mut arrival: Arrival, now: Now, fx: &mut Vec<Effect>) {
        let (state, why) = judge(&arrival, &self.stand(), &self.settings);
        // What the user holds or mutes is an interruption like any other, and counted as one.
        arrival.content.feedback = why == Why::Feedback;
        if self.has_too_many_names(&arrival.app) {
            arrival.app = App::others();
        }
        let id = if arrival.replaces == 0 { self.state.new_id(fx) } else { NoticeId(arrival.replaces) };
        let call = arrival.call;
        let mut row = self.new_row(&arrival, id, state, why, now);
        if row.is_counted() {
            self.state.ledger.arrived(state);
        } else if row.content.feedback {
            self.state.ledger.feedback = self.state.ledger.feedback.saturating_add(1);
        }
        match state {
            State::Held => self.hold(row, arrival, fx),
            State::Muted => Self::mute(row, call, now, fx),
            State::Passed | State::Withdrawn | State::Expired | State::Released | State::Done => {
                self.note_let_through(&row, now);
                let whole = arrival.whole.unwrap_or_else(|| arrival.raw.clone());
                let forward = self.forward(&mut row, Some(whole), 0, false);
                fx.push(Effect::Store(Write::Insert { row: Box::new(row), raw: Some(arrival.raw) }));
                fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Id(id))));
                fx.push(forward);
            }
        }
    }

    fn new_row(&mut self, arrival: &Arrival, id: NoticeId, state: State, why: Why, now: Now) -> Interruption {
        let period = self.state.saved.period.number;
        Interruption {
            seq: self.state.new_seq(),
            id,
            arrived: now.utc,
            period,
            sender: arrival.sender.clone(),
            gate: self.session.gate_connection.clone(),
            app: arrival.app.clone(),
            content: arrival.content.clone(),
            standing: Standing::of(state, period),
            why,
            delivery: Delivery::None,
            closed: None,
            revisions: 0,
            acted: None,
            came_back: None,
            origin: if arrival.own { Origin::OurOwn } else { Origin::App },
        }
    }

    fn hold(&mut self, mut row: Interruption, arrival: Arrival, fx: &mut Vec<Effect>) {
        row.standing = Standing::Held(Held { expires: expiry(&row, row.arrived), ..Held::default() });
        self.state.note_due(row.due());
        let id = row.id;
        let app = row.app.id.clone();
        let of_app = self.state.one_more_held(&row);
        fx.push(Effect::Store(Write::Insert { row: Box::new(row), raw: Some(arrival.raw) }));
        if of_app > FLOOD_KEEP {
            fx.push(Effect::Store(Write::DropOldestText { app }));
        }
        fx.push(Effect::Gate(GateEffect::Answer(arrival.call, NoticeReply::Id(id))));
    }

    /// Answered, then closed, or a sender that waits would wait for ever.
    fn mute(mut row: Interruption, call: CallId, now: Now, fx: &mut Vec<Effect>) {
        row.closed = Some(Closing { reason: ClosedReason::Dismissed, at: now.utc });
        let (id, to) = (row.id, row.sender.clone());
        fx.push(Effect::Store(Write::Insert { row: Box::new(row), raw: None }));
        fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Id(id))));
        fx.push(Effect::Gate(GateEffect::Emit { to, signal: Signal::Closed(id, ClosedReason::Dismissed) }));
    }

    fn note_let_through(&mut self, row: &Interruption, now: Now) {
        if !self.is_closed() || !row.is_counted() {
            if row.is_own() {
                self.state.digest = Some(row.id);
            }
            return;
        }
        self.session.passed(LetThrough {
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
        Effect::Gate(GateEffect::Forward(Box::new(Forward { raw, replaces, quiet, ..self.plain_forward(row) })))
    }

    /// One that takes nobody's place, and of which the store has the message. Marks the row.
    pub(super) fn plain_forward(&mut self, row: &mut Interruption) -> Forward {
        let serial = self.new_serial();
        row.delivery =
            Delivery::Sending { gate: self.session.gate_connection.clone(), serial, then: Then::Nothing, late: false };
        Forward { row: row.clone(), raw: None, serial, replaces: 0, quiet: false, overdue: false }
    }

    /// One that is held or at the renderer is edited in place; of one that is nowhere any more a new one takes the id, and of
    /// one that is done, though a call about it is still under way: what it says now nobody has dealt with.
    fn replace(&mut self, mut arrival: Arrival, row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let is_at_renderer = row.delivery != Delivery::None && matches!(row.state(), State::Passed | State::Released);
        let is_somewhere = row.is_held() || is_at_renderer;
        let is_feedback_no_more = row.content.feedback && !self.passes_as_feedback(&arrival);
        let is_its_own = arrival.own == row.is_own() && arrival.app.is_same(&row.app);
        if is_somewhere && is_its_own && !is_feedback_no_more {
            self.edit(arrival, row, now, fx);
        } else {
            arrival.replaces = row.id.0;
            self.retire(row, now, fx);
            self.admit(arrival, now, fx);
        }
    }

    fn passes_as_feedback(&self, arrival: &Arrival) -> bool {
        judge(arrival, &self.stand(), &self.settings).1 == Why::Feedback
    }

    /// The app edits one that is open: same id, arrival kept.
    fn edit(&mut self, arrival: Arrival, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let (id, call) = (row.id, arrival.call);
        let feedback = row.content.feedback;
        let superseded = self.told_of_successor(&arrival, &row);
        let was_late = row.is_late();
        row.sender = arrival.sender;
        row.gate = self.session.gate_connection.clone();
        row.closed = None;
        row.content = Content { feedback, ..arrival.content };
        if was_late {
            remark(&mut row, Remark::MayHaveBeenShown);
        }
        row.revisions = row.revisions.saturating_add(1);
        row.acted = None;
        if row.is_held() {
            let expires = expiry(&row, now.utc);
            row.held_mut().into_iter().for_each(|held| held.expires = expires);
            self.state.note_due(row.due());
        }
        let forward = self.forward_edit(&mut row, arrival.whole.as_ref().unwrap_or(&arrival.raw));
        fx.push(Effect::Store(Write::Revise { row: Box::new(row), raw: arrival.raw, at: now.utc }));
        fx.extend(superseded);
        fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Id(id))));
        fx.extend(forward);
    }

    /// Who names an id knows of the one before it; a tag names nothing, so another connection that still waits for its own
    /// would wait for ever. Renderers with tags close the earlier one too.
    fn told_of_successor(&self, arrival: &Arrival, row: &Interruption) -> Option<Effect> {
        let by_tag = arrival.replaces == 0;
        let waits = row.sender != arrival.sender && self.is_live(&row.sender);
        let signal = Signal::Closed(row.id, ClosedReason::Undefined);
        (by_tag && waits && row.is_open()).then(|| Effect::Gate(GateEffect::Emit { to: row.sender.clone(), signal }))
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
        (sender, app): (&Sender, Option<&App>),
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let by = Claimant { sender, app, own: false, by_tag: false };
        match rows.into_iter().next_back() {
            Some(row) if row.is_editable() && self.may_touch(&by, &row) => self.take_back(call, row, now, fx),
            Some(_) | None => fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Empty))),
        }
    }

    /// The app takes one of its own back: it is told at once, and the popup follows.
    fn take_back(&mut self, call: CallId, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let popup = self.leave(&mut row, now, fx);
        let closed = Self::close(&mut row, ClosedReason::ByCall, now);
        fx.extend([Self::update(&row), Effect::Gate(GateEffect::Answer(call, NoticeReply::Empty))]);
        fx.extend(closed.into_iter().chain(popup));
    }

    /// A newer row takes the id over, so its sender is not told that this one is closed.
    pub(super) fn retire(&mut self, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) {
        let popup = self.leave(&mut row, now, fx);
        row.closed = Some(Closing { reason: ClosedReason::Undefined, at: now.utc });
        row.forget_due();
        fx.push(Self::update(&row));
        fx.extend(popup);
    }

    /// A row is left by its app: what is held is withdrawn, and its popup goes, as soon as its id is known.
    fn leave(&mut self, row: &mut Interruption, now: Now, fx: &mut Vec<Effect>) -> Option<Effect> {
        if row.is_held() {
            self.state.release.picked.remove(&row.seq);
            self.state.settle(row, Outcome::Withdrawn);
            self.was_withdrawn(row, now, fx);
        }
        self.take_popup_down(row)
    }

    /// At once, or as soon as its id is known.
    pub(super) fn take_popup_down(&mut self, row: &mut Interruption) -> Option<Effect> {
        match &mut row.delivery {
            Delivery::Sending { then, .. } => {
                *then = Then::Close;
                None
            }
            Delivery::Shown { id, .. } => {
                let popup = Effect::Gate(GateEffect::CloseAtRenderer(id.0));
                self.state.close_popup(row);
                Some(popup)
            }
            Delivery::None => None,
        }
    }

    /// Marks a row closed; the signal that says so to its sender, unless that was told before.
    pub(super) fn close(row: &mut Interruption, reason: ClosedReason, now: Now) -> Option<Effect> {
        row.forget_due();
        if !row.is_open() {
            return None;
        }
        row.closed = Some(Closing { reason, at: now.utc });
        Some(Effect::Gate(GateEffect::Emit { to: row.sender.clone(), signal: Signal::Closed(row.id, reason) }))
    }

    pub(super) fn inhibit(&mut self, call: CallId, sender: Sender, app: String, fx: &mut Vec<Effect>) {
        if self.session.cookies_of(&sender) >= COOKIES_EACH {
            fx.push(Effect::Gate(GateEffect::Answer(
                call,
                NoticeReply::InvalidArgs("too many inhibitions by one connection"),
            )));
            return;
        }
        self.track(&sender);
        let cookie = self.session.inhibit(Inhibitor { sender, app });
        fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Cookie(cookie))));
    }

    pub(super) fn uninhibit(&mut self, call: CallId, sender: &Sender, cookie: u32, fx: &mut Vec<Effect>) {
        self.session.uninhibit(sender, cookie);
        fx.push(Effect::Gate(GateEffect::Answer(call, NoticeReply::Empty)));
    }
}
