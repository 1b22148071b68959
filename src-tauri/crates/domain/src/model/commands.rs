//! What a person asks for. Must not know who asked or how the answer is worded.

use super::{Bulk, BulkKind, Deed, Model, UndoStep, undo_time};
use crate::command::{Answer, Command, HeldChange, Refusal, Target};
use crate::effect::{Effect, GateEffect, Signal};
use crate::focus::BlockEnd;
use crate::ledger::CheckInBy;
use crate::notice::{ClosedReason, INLINE_REPLY, Interruption, NoticeId, Outcome, RequestId};
use crate::query::Query;
use crate::schedule::EXCEPTIONS;
use crate::time::Now;
use std::sync::Arc;

pub(super) type CommandOutcome = Result<Answer, Refusal>;

impl Model {
    pub(super) fn command_query(&self, command: &Command, now: Now) -> Option<Query> {
        match command {
            Command::Act { id, .. } | Command::Reply { id, .. } | Command::Undo(Some(id)) => Some(Query::Id(*id)),
            Command::Done(target) | Command::Later(target) | Command::Release(target) => {
                Some(self.target_query(target))
            }
            Command::Snooze { ids, .. } => Some(Query::Ids(ids.clone())),
            Command::Undo(None) => self.undo_query(now),
            Command::Start { .. }
            | Command::Toggle
            | Command::Break { .. }
            | Command::SawEnd
            | Command::CountTimeAway(_)
            | Command::CloseCheckIn
            | Command::CheckInInWindow => self.open_notice(),
            Command::Extend { .. }
            | Command::End
            | Command::CheckInNow
            | Command::SkipCheckIn
            | Command::Note(_)
            | Command::WhereWereYou(_)
            | Command::SawWithdrawn(_) => None,
        }
    }

    fn target_query(&self, target: &Target) -> Query {
        match target {
            Target::Ids(ids) => Query::Ids(ids.clone()),
            Target::App(app) => Query::HeldPage(self.here(Some(app.clone()))),
            Target::All => Query::HeldPage(self.here(None)),
        }
    }

    pub(super) fn command(
        &mut self,
        request: Option<RequestId>,
        command: Command,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let outcome =
            if self.failure.is_some() { Err(Refusal::StoreFailed) } else { self.obey(command, rows, now, fx) };
        if let Some(request) = request {
            fx.push(Effect::Client(request, outcome));
        }
    }

    fn obey(&mut self, command: Command, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        match command {
            Command::Start { length, intention } => {
                let started = self.start(length, intention, now, fx)?;
                self.take_notice_down(rows, now, fx);
                Ok(started)
            }
            Command::Extend { minutes } => self.extend(minutes, now, fx),
            Command::End => self.end(now, fx),
            Command::Toggle => {
                let toggled = self.toggle(now, fx)?;
                if matches!(toggled, Answer::Started { .. }) {
                    self.take_notice_down(rows, now, fx);
                }
                Ok(toggled)
            }
            Command::Break { minutes } => {
                let answer = self.take_break(minutes, now, fx);
                self.take_notice_down(rows, now, fx);
                Ok(answer)
            }
            Command::SawEnd => Ok(self.see_end(rows, now, fx)),
            Command::CountTimeAway(counts) => self.count_time_away(counts, rows, now, fx),
            Command::CheckInNow => Ok(self.check_in_now(now, fx)),
            Command::CheckInInWindow => Ok(self.check_in_in_window(rows, now, fx)),
            Command::SkipCheckIn => self.skip_check_in(now, fx),
            Command::Act { id, key, token } => self.act(id, key, token, rows, now, fx),
            Command::Reply { id, text } => self.reply(id, text, rows, now, fx),
            Command::Done(Target::Ids(ids)) => self.done(&ids, rows, now, fx),
            Command::Done(Target::App(app)) => self.done_together(Some(app), rows, now, fx),
            Command::Done(Target::All) => self.done_together(None, rows, now, fx),
            Command::Later(target) => self.put_off(target, rows, now, fx),
            Command::Snooze { ids, until } => self.snooze(&ids, until, rows, now, fx),
            Command::Undo(id) => self.take_undo(id, rows, now, fx),
            Command::Release(target) => self.release(target, rows),
            Command::Note(text) => Ok(self.note(text, now, fx)),
            Command::WhereWereYou(line) => Ok(self.remember_where(line, fx)),
            Command::CloseCheckIn => Ok(self.close_check_in(rows, now, fx)),
            Command::SawWithdrawn(upto) => Ok(self.saw_withdrawals(upto, fx)),
        }
    }

    fn check_in_now(&mut self, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let held = self.state.ledger.held;
        self.state.saved.ended = None;
        self.hand_over(CheckInBy::Hand, now, fx);
        Answer::CheckedIn { held, withdrawn: self.withdrawn().0 }
    }

    /// A digest that is on the screen says what is older than this.
    fn check_in_in_window(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let held = self.state.ledger.held;
        self.state.saved.ended = None;
        self.begin_check_in(CheckInBy::Hand, now, fx);
        self.state.saved.owes_digest = false;
        self.take_notice_down(rows, now, fx);
        self.state.save(fx);
        Answer::CheckedIn { held, withdrawn: self.withdrawn().0 }
    }

    fn skip_check_in(&mut self, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        let skipped = match self.state.saved.ready_since.take() {
            Some(ready) => ready,
            None => {
                let next = self.plan().next_that_happens(now.utc).ok_or(Refusal::NoCheckIn)?;
                if self.state.saved.exceptions.skipped.len() >= EXCEPTIONS {
                    return Err(Refusal::TooManySkipped);
                }
                self.state.saved.exceptions.skipped.insert(next.local);
                self.remember(Some(UndoStep::of_skip(next.at)));
                next.at
            }
        };
        let next = self.next_check_in(now);
        let end = self.until_check_in(skipped, now);
        if let Some(block) = self.state.saved.block.as_mut().filter(|block| block.end == BlockEnd::CheckIn(skipped)) {
            block.end = end;
        }
        self.state.save(fx);
        Ok(Answer::Skipped { skipped, next })
    }

    /// The row a button or a reply is for, if its app can still hear it.
    fn addressable(&self, id: NoticeId, rows: Vec<Interruption>) -> Result<Interruption, Refusal> {
        let row = rows.into_iter().next_back().filter(|row| !row.is_own()).ok_or(Refusal::NotFound(id))?;
        if row.is_noted() {
            return Err(Refusal::Noted(id));
        }
        if row.script_went_on() {
            return Err(Refusal::WentOn(id));
        }
        if !row.is_open() {
            return Err(Refusal::Closed(id));
        }
        if row.is_going() {
            return Err(Refusal::BeingReleased(id));
        }
        if !self.is_live(&row.sender) {
            let desktop_entry = row.app.desktop_entry.as_deref().map(str::to_owned);
            return Err(Refusal::AppGone { id, app: row.app.name.to_string(), desktop_entry });
        }
        Ok(row)
    }

    fn act(
        &mut self,
        id: NoticeId,
        key: Option<String>,
        token: Option<String>,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let row = self.addressable(id, rows)?;
        let key = key.unwrap_or_else(|| "default".to_owned());
        if key == INLINE_REPLY && row.content.inline_reply.is_some() {
            return Err(Refusal::NeedsText(id));
        }
        if !row.has_action(&key) {
            return Err(Refusal::NoSuchAction { id, key });
        }
        let signal = Signal::Action { id, key: key.clone(), token };
        let left_out = self.doubt(&row);
        self.answer_sender(row, signal, now, fx);
        Ok(Answer::Acted { key, left_out })
    }

    fn reply(
        &mut self,
        id: NoticeId,
        text: String,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let row = self.addressable(id, rows)?;
        if row.content.inline_reply.is_none() {
            return Err(Refusal::NoReply(id));
        }
        if text.trim().is_empty() {
            return Err(Refusal::NeedsText(id));
        }
        let left_out = self.doubt(&row);
        self.answer_sender(row, Signal::Replied(id, text), now, fx);
        Ok(Answer::Replied { left_out })
    }

    fn doubt(&self, row: &Interruption) -> Vec<Refusal> {
        self.may_have_forgotten(row).then_some(Refusal::MayHaveForgotten(row.id)).into_iter().collect()
    }

    /// Marked before the signal leaves, so that it goes out at most once; then closed, unless it stays by its own wish.
    fn answer_sender(&mut self, mut row: Interruption, signal: Signal, now: Now, fx: &mut Vec<Effect>) {
        row.acted = Some(now.utc);
        let to = row.sender.clone();
        if row.content.resident {
            fx.extend([Self::update(&row), Effect::Gate(GateEffect::Emit { to, signal })]);
            return;
        }
        if row.is_held() {
            self.state.release.picked.remove(&row.seq);
            self.state.settle(&mut row, Outcome::Done { undo_until: None });
        }
        let at_renderer = self.take_popup_down(&mut row);
        let closed = Self::close(&mut row, ClosedReason::Dismissed, now);
        fx.extend([Self::update(&row), Effect::Gate(GateEffect::Emit { to, signal })]);
        fx.extend(closed.into_iter().chain(at_renderer));
    }

    fn done(&mut self, ids: &[NoticeId], rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        let (due, before) = (now.utc + undo_time(), self.held_revision());
        let Named { held, left_out } = Named::of(ids, rows)?;
        let count = u32::try_from(held.len()).unwrap_or(u32::MAX);
        self.remember(UndoStep::of(Deed::Done, &held).map(|step| step.until(due)));
        for row in held {
            self.mark_done(row, due, fx);
        }
        let left = Some(HeldChange { before, after: self.held_revision() });
        Ok(Answer::Done { count, left_out, left })
    }

    /// All that are here, or all of one app.
    fn done_together(
        &mut self,
        app: Option<Arc<str>>,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        self.is_busy()?;
        let due = now.utc + undo_time();
        let (going, stay): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(Interruption::is_going);
        let going = u32::try_from(going.len()).unwrap_or(u32::MAX);
        let count = self.count_here(app.as_ref(), &rows).saturating_sub(going);
        self.state.release.drop_ranges_of(app.as_ref());
        let bulk = Bulk { kind: BulkKind::Done(due), range: self.here(app), count };
        self.remember(UndoStep::of(Deed::Done, &stay).map(|step| step.until(due).in_bulk(bulk.clone())));
        self.begin_bulk(bulk, rows, fx);
        Ok(Answer::Done { count, left_out: Vec::new(), left: None })
    }
}

/// Those that were named by their ids.
pub(super) struct Named {
    /// The held ones.
    pub(super) held: Vec<Interruption>,
    /// Why not the others: the unknown ones first.
    pub(super) left_out: Vec<Refusal>,
}

impl Named {
    /// Refuses when there is only one, and that is not held.
    pub(super) fn of(ids: &[NoticeId], rows: Vec<Interruption>) -> Result<Self, Refusal> {
        Self::sorted(ids, rows, why_not_held)
    }

    /// The same of those that can be shown: one that may be on the screen already is not sent there again.
    pub(super) fn to_release(ids: &[NoticeId], rows: Vec<Interruption>) -> Result<Self, Refusal> {
        let may_be_shown = |row: &Interruption| row.is_late().then_some(Refusal::BeingReleased(row.id));
        Self::sorted(ids, rows, |row| why_not_held(row).or_else(|| may_be_shown(row)))
    }

    fn sorted(
        ids: &[NoticeId],
        rows: Vec<Interruption>,
        why_not: impl Fn(&Interruption) -> Option<Refusal>,
    ) -> Result<Self, Refusal> {
        let rows: Vec<_> = rows.into_iter().filter(|row| !row.is_own()).collect();
        let is_unknown = |id: &&NoticeId| rows.iter().all(|row| row.id != **id);
        let unknown = ids.iter().filter(is_unknown).map(|id| Refusal::NotFound(*id)).collect();
        let mut named = Self { held: Vec::new(), left_out: unknown };
        for row in rows {
            match why_not(&row) {
                Some(refusal) => named.left_out.push(refusal),
                None => named.held.push(row),
            }
        }
        match named.left_out.as_slice() {
            [only] if named.held.is_empty() => Err(only.clone()),
            _ => Ok(named),
        }
    }
}

fn why_not_held(row: &Interruption) -> Option<Refusal> {
    if row.is_held() {
        return row.is_going().then_some(Refusal::BeingReleased(row.id));
    }
    Some(Refusal::NotHeld { id: row.id, state: row.state() })
}
