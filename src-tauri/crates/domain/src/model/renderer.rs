//! What the renderer says: ids, closings, clicks, and coming and going. Must not know how it is reached.

use super::{BREAK_MINUTES, Model};
use crate::command::BlockLength;
use crate::effect::{Effect, Forward, GateEffect, Signal, UiEffect};
use crate::event::{Audience, CallOutcome};
use crate::notice::{
    ClosedReason, Closing, Delivery, INLINE_REPLY, Interruption, NoticeId, Outcome, Remark, RendererId, Return, State,
    Then,
};
use crate::query::{Given, Query};
use crate::time::Now;
use std::sync::Arc;

/// The buttons of our own notices; any other press opens the window.
const RELEASE_ALL: &str = "release-all";
const ANOTHER: &str = "another";
const BREAK: &str = "break";
const COUNT: &str = "count";
const LEAVE_OUT: &str = "leave-out";
/// Remarks that one row keeps.
const REMARKS: usize = 8;

impl Model {
    pub(super) fn sent(
        &mut self,
        serial: u32,
        outcome: CallOutcome,
        mut rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        if self.session.silent == Some(serial) && outcome.shown_as().is_some() {
            forget_doubt(&mut rows);
        }
        if outcome == CallOutcome::Silent {
            self.session.silent = Some(serial);
            self.state.release.clear();
        } else {
            self.session.silent = self.session.silent.filter(|silent| *silent != serial);
        }
        self.release_was_answered(serial, now);
        self.answered(outcome, rows, now, fx);
    }

    /// The renderer's answer to the call that a row is under way with.
    pub(super) fn answered(&mut self, outcome: CallOutcome, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        let (going, mut shown): (Vec<_>, Vec<_>) = rows.into_iter().partition(Interruption::is_unanswered);
        if let Some(mut row) = going.into_iter().next_back() {
            self.make_way(&outcome, &mut shown, now, fx);
            self.arrived_at_renderer(&mut row, outcome, fx);
        }
    }

    /// Who had the numbers that these answers give.
    pub(super) fn query_of_given<'a>(&self, outcomes: impl IntoIterator<Item = &'a CallOutcome>) -> Option<Query> {
        let ids: Vec<_> = outcomes.into_iter().filter_map(CallOutcome::shown_as).collect();
        let by = self.session.renderer.clone().filter(|_| !ids.is_empty())?;
        Some(Query::ShownAs(Given { by, ids }))
    }

    /// A renderer may give a number out again, and what is said of it then is about the new popup alone: the one that had
    /// it is gone, though nobody said so.
    pub(super) fn make_way(
        &mut self,
        outcome: &CallOutcome,
        shown: &mut Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let Some(given) = outcome.shown_as() else { return };
        for row in shown.extract_if(.., |row| matches!(row.delivery, Delivery::Shown { id, .. } if id == given)) {
            self.popup_is_gone(row, ClosedReason::Undefined, &Audience::Gate, now, fx);
        }
    }

    pub(super) fn arrived_at_renderer(&mut self, row: &mut Interruption, outcome: CallOutcome, fx: &mut Vec<Effect>) {
        let Delivery::Sending { then, .. } = row.delivery else {
            return;
        };
        match outcome {
            CallOutcome::Shown(id) => self.shown(row, id, then, fx),
            CallOutcome::Refused(error) => {
                remark(row, Remark::RendererRefused(error));
                self.did_not_arrive(row, Return::Refused, fx);
            }
            CallOutcome::Left => {
                remark(row, Remark::MayHaveBeenShown);
                self.did_not_arrive(row, Return::NoAnswer, fx);
            }
            CallOutcome::Silent => self.is_not_waited_for(row, fx),
            CallOutcome::Waiting => {}
        }
    }

    /// The renderer does not answer: it may show it or not. It is held, so that it is seen, and never sent once more as long
    /// as that is open. What nobody would miss stays on its way, and so does what there is no store to hold in.
    fn is_not_waited_for(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        let is_missed = row.is_open() && row.is_counted() && self.failure.is_none();
        if !is_missed || matches!(row.delivery, Delivery::Sending { then: Then::Close, .. }) {
            return;
        }
        remark(row, Remark::MayHaveBeenShown);
        if let Delivery::Sending { late, .. } = &mut row.delivery {
            *late = true;
        }
        if !row.is_held() {
            self.state.count_popup_out(row);
            self.take_in_again(row, Return::NoAnswer, fx);
        }
        self.state.note_due(row.due());
        fx.push(Self::update(row));
    }

    fn shown(&mut self, row: &mut Interruption, id: RendererId, then: Then, fx: &mut Vec<Effect>) {
        let is_wanted = matches!(row.state(), State::Held | State::Passed | State::Released);
        if then == Then::Close || !is_wanted {
            self.state.close_popup(row);
            fx.extend([Self::update(row), Effect::Gate(GateEffect::CloseAtRenderer(id.0))]);
            return;
        }
        let by = self.session.renderer.clone().unwrap_or_else(|| Arc::from(""));
        row.delivery = Delivery::Shown { by, id };
        let is_of_a_release = row.is_held();
        if is_of_a_release {
            self.state.settle(row, Outcome::Released);
            self.state.popups = self.state.popups.saturating_add(1);
        }
        let again = (then == Then::Resend).then(|| self.forward(row, None, id.0, is_of_a_release));
        fx.push(Self::update(row));
        fx.extend(again);
    }

    /// One that is not at the renderer after all is held, visibly; unless it was closed meanwhile: then its app took it back
    /// before anybody saw it.
    pub(super) fn did_not_arrive(&mut self, row: &mut Interruption, because: Return, fx: &mut Vec<Effect>) {
        self.state.close_popup(row);
        let was_let_out = matches!(row.state(), State::Passed | State::Released);
        // Its script going on is no reason that nobody should see it.
        let ran_out = row.closed.is_some_and(|closing| closing.reason == ClosedReason::Expired);
        if was_let_out && (row.is_open() || ran_out) && row.is_counted() {
            self.take_in_again(row, because, fx);
        } else if !row.is_open() && self.was_never_shown(row) {
            self.state.settle(row, Outcome::Withdrawn);
        } else if row.is_held() {
            row.came_back = Some(because);
        }
        self.state.note_due(row.due());
        fx.push(Self::update(row));
    }

    /// As far as is surely known, and in the books of now.
    fn was_never_shown(&self, row: &Interruption) -> bool {
        let may_have_been = row.revisions > 0 || row.content.remarks.contains(&Remark::MayHaveBeenShown);
        row.state() == State::Passed && row.settled() == Some(self.state.saved.period.number) && !may_have_been
    }

    pub(super) fn renderer_closed(
        &mut self,
        id: RendererId,
        reason: ClosedReason,
        to: Audience,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        match rows.into_iter().next_back() {
            Some(row) => self.popup_is_gone(row, reason, &to, now, fx),
            None => pass_on(to, Signal::Closed(NoticeId(id.0), reason), fx),
        }
    }

    fn popup_is_gone(
        &mut self,
        mut row: Interruption,
        reason: ClosedReason,
        to: &Audience,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        self.state.close_popup(&mut row);
        self.state.digest = self.state.digest.filter(|id| *id != row.id);
        let for_listeners = self.is_for_listeners(&row, to);
        let told = Self::close(&mut row, reason, now);
        fx.push(Self::update(&row));
        match told {
            None => {}
            Some(_) if row.is_own() && reason == ClosedReason::Dismissed => {
                self.saw_digest(fx);
                self.saw_end(fx);
            }
            Some(_) if row.is_own() => {}
            Some(Effect::Gate(GateEffect::Emit { signal, .. })) if for_listeners => {
                fx.push(Effect::Gate(GateEffect::EmitToAll(signal)))
            }
            Some(told) => fx.push(told),
        }
    }

    /// A script sends with one process, which leaves, and listens with another, which hears what the renderer tells
    /// everybody. Where the sender is there, nobody else must hear it (check 32).
    fn is_for_listeners(&self, row: &Interruption, to: &Audience) -> bool {
        *to == Audience::Everybody && row.is_open() && !row.is_own() && !self.is_live(&row.sender)
    }

    #[expect(clippy::too_many_arguments, reason = "the event's own fields")]
    pub(super) fn renderer_action(
        &mut self,
        id: RendererId,
        key: String,
        token: Option<String>,
        to: Audience,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let Some(row) = rows.into_iter().next_back() else {
            pass_on(to, Signal::Action { id: NoticeId(id.0), key, token }, fx);
            return;
        };
        if row.is_own() {
            self.saw_digest(fx);
            self.own_action(&row, &key, token, now, fx);
            return;
        }
        // A renderer with a reply field of its own answers with the text: this one has only our button.
        let wants_to_reply = key == INLINE_REPLY && row.content.inline_reply.is_some();
        if row.is_counted() && wants_to_reply && self.can_hear(&row) {
            return self.back_in_our_hands(row, Return::ToBeAnswered, token, fx);
        }
        let signal = Signal::Action { id: row.id, key, token: token.clone() };
        self.pressed(row, signal, &to, token, now, fx);
    }

    fn can_hear(&self, row: &Interruption) -> bool {
        row.is_open() && self.is_live(&row.sender)
    }

    /// A press or an answer in the renderer goes to its app; where that has left, to whoever listens. One that passed an
    /// open gate is none of ours to hold: without a gate nothing would come of it either.
    fn pressed(
        &mut self,
        mut row: Interruption,
        signal: Signal,
        to: &Audience,
        token: Option<String>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        row.acted = Some(now.utc);
        if self.can_hear(&row) {
            fx.extend([Self::update(&row), Effect::Gate(GateEffect::Emit { to: row.sender, signal })]);
            return;
        }
        let listeners = self.is_for_listeners(&row, to).then_some(Effect::Gate(GateEffect::EmitToAll(signal)));
        let stays = !row.is_counted() || (row.state() == State::Passed && !self.is_closed());
        if stays {
            fx.push(Self::update(&row));
            fx.extend(listeners);
        } else {
            row.acted = None;
            self.back_in_our_hands(row, Return::NobodyListens, token, fx);
            fx.extend(listeners);
        }
    }

    /// A press that the renderer cannot bring to an end: its app is gone, or a reply is to be written. It is held again,
    /// open for its app as before, and the window says what can be done.
    fn back_in_our_hands(
        &mut self,
        mut row: Interruption,
        because: Return,
        token: Option<String>,
        fx: &mut Vec<Effect>,
    ) {
        let popup = match row.delivery {
            Delivery::Shown { id, .. } => Some(Effect::Gate(GateEffect::CloseAtRenderer(id.0))),
            Delivery::None | Delivery::Sending { .. } => None,
        };
        self.state.close_popup(&mut row);
        self.take_in_again(&mut row, because, fx);
        fx.push(Self::update(&row));
        fx.extend(popup);
        fx.push(Effect::Ui(UiEffect::OpenWindow { token }));
    }

    /// A press on a notice of ours. Nobody waits for an answer.
    fn own_action(&mut self, notice: &Interruption, key: &str, token: Option<String>, now: Now, fx: &mut Vec<Effect>) {
        match key {
            // While the store has failed nothing begins; the window says what is wrong.
            _ if self.failure.is_some() => fx.push(Effect::Ui(UiEffect::OpenWindow { token })),
            // Without a renderer there is nobody who could have pressed it.
            RELEASE_ALL => drop(self.release_from_digest(notice)),
            // One begins already.
            ANOTHER | BREAK if self.state.saved.block.is_some() => fx.push(Effect::Ui(UiEffect::OpenWindow { token })),
            ANOTHER => {
                let intention = self.state.saved.ended.as_ref().and_then(|ended| ended.intention.clone());
                drop(self.start(BlockLength::Usual, intention, now, fx));
            }
            COUNT => drop(self.answer_time_away(true, fx)),
            LEAVE_OUT => drop(self.answer_time_away(false, fx)),
            BREAK => drop(self.take_break(BREAK_MINUTES, now, fx)),
            _ => {
                self.saw_end(fx);
                fx.push(Effect::Ui(UiEffect::OpenWindow { token }));
            }
        }
    }

    pub(super) fn renderer_replied(
        &mut self,
        id: RendererId,
        text: String,
        to: Audience,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let Some(row) = rows.into_iter().next_back() else {
            pass_on(to, Signal::Replied(NoticeId(id.0), text), fx);
            return;
        };
        if !row.is_own() {
            let signal = Signal::Replied(row.id, text);
            self.pressed(row, signal, &to, None, now, fx);
        }
    }

    /// Popups of a renderer that is gone are gone with it: what was released is held again, and says why.
    pub(super) fn renderer_up(&mut self, by: Arc<str>, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        (self.session.renderer, self.session.silent) = (Some(by), None);
        for mut row in rows {
            self.lost_with_renderer(&mut row, now, fx);
        }
    }

    fn lost_with_renderer(&mut self, row: &mut Interruption, now: Now, fx: &mut Vec<Effect>) {
        self.state.close_popup(row);
        if row.is_own() {
            row.closed = Some(Closing { reason: ClosedReason::Undefined, at: now.utc });
            self.state.digest = self.state.digest.filter(|id| *id != row.id);
        } else if row.state() == State::Released && row.acted.is_none() {
            remark(row, Remark::RendererRestarted);
            self.take_in_again(row, Return::RendererGone, fx);
        }
        fx.push(Self::update(row));
    }

    pub(super) fn renderer_down(&mut self) {
        (self.session.renderer, self.session.silent) = (None, None);
        self.state.release.clear();
    }

    /// Sends a row that an earlier gate had let through, and no renderer ever got.
    pub(super) fn send_again(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        let overdue = Forward { overdue: true, ..self.plain_forward(row) };
        fx.extend([Self::update(row), Effect::Gate(GateEffect::Forward(Box::new(overdue)))]);
    }
}

/// What was given up has been shown after all.
fn forget_doubt(rows: &mut [Interruption]) {
    for row in rows.iter_mut().filter(|row| row.is_unanswered()) {
        row.content.remarks.retain(|remark| *remark != Remark::MayHaveBeenShown);
    }
}

/// Adds a remark, once.
pub(super) fn remark(row: &mut Interruption, remark: Remark) {
    let remarks = &mut row.content.remarks;
    if !remarks.contains(&remark) && remarks.len() < REMARKS {
        remarks.push(remark);
    }
}

/// The renderer had addressed an app itself, while the gate was away: the app listens to the owner of the name only.
fn pass_on(to: Audience, signal: Signal, fx: &mut Vec<Effect>) {
    if let Audience::Other(to) = to {
        fx.push(Effect::Gate(GateEffect::PassOn { to, signal }));
    }
}
