//! What a person asks for. Must not know who asked or how the answer is worded.

use super::{Bulk, BulkKind, Deed, Model, UNDO_STEPS, UndoStep, clockwork::PAGE, undo_time, until_check_in};
use crate::command::{Answer, BlockLength, Command, Refusal, Target};
use crate::effect::{Effect, Signal};
use crate::event::{HeldRange, Need, Rows};
use crate::focus::{Block, BlockEnd};
use crate::notice::{ClosedReason, Delivery, Interruption, NoticeId, RequestId, Seq, State};
use crate::policy::HandOver;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// At most four a second go to the renderer.
pub(super) fn release_pause() -> Duration {
    Duration::milliseconds(250)
}

/// Open popups at once: notification-daemon and MATE refuse the 21st.
const POPUPS: u32 = 15;
/// Picked ones that wait to be released.
const PICKED: usize = 1_000;

type Outcome = Result<Answer, Refusal>;

impl Model {
    pub(super) fn command_need(&self, command: &Command) -> Need {
        match command {
            Command::Act { id, .. } | Command::Reply { id, .. } | Command::Undo(Some(id)) => Need::Id(*id),
            Command::Done(target) | Command::Later(target) | Command::Release(target) => self.target_need(target),
            Command::Undo(None) => self.undo.back().map_or(Need::Nothing, UndoStep::need),
            Command::Start { .. }
            | Command::Extend { .. }
            | Command::End
            | Command::Toggle
            | Command::CheckInNow
            | Command::SkipCheckIn
            | Command::Note(_)
            | Command::WhereWereYou(_)
            | Command::CloseCheckIn => Need::Nothing,
        }
    }

    fn target_need(&self, target: &Target) -> Need {
        match target {
            Target::Ids(ids) => Need::Ids(ids.clone()),
            Target::App(app) => Need::HeldPage(self.here(Some(app.clone()))),
            Target::All => Need::HeldPage(self.here(None)),
        }
    }

    pub(super) fn command(
        &mut self,
        request: Option<RequestId>,
        command: Command,
        rows: Rows,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let outcome =
            if self.store_trouble.is_some() { Err(Refusal::StoreFailed) } else { self.obey(command, rows, now, fx) };
        if let Some(request) = request {
            fx.push(Effect::Respond(request, outcome));
        }
    }

    fn obey(&mut self, command: Command, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        match command {
            Command::Start { length, intention } => Ok(self.start(length, intention, now, fx)),
            Command::Extend { minutes } => self.extend(minutes, now, fx),
            Command::End => self.end(now, fx),
            Command::Toggle => Ok(self.toggle(now, fx)),
            Command::CheckInNow => Ok(self.check_in_now(now, fx)),
            Command::SkipCheckIn => self.skip_check_in(now, fx),
            Command::Act { id, key } => self.act(id, key, rows, now, fx),
            Command::Reply { id, text } => self.reply(id, text, rows, now, fx),
            Command::Done(Target::Ids(ids)) => self.done(&ids, rows, now, fx),
            Command::Done(Target::App(app)) => Ok(self.done_together(Some(app), rows, now, fx)),
            Command::Done(Target::All) => Ok(self.done_together(None, rows, now, fx)),
            Command::Later(target) => self.put_off(target, rows, now, fx),
            Command::Undo(id) => self.take_undo(id, rows, now, fx),
            Command::Release(target) => self.release(target, rows),
            Command::Note(text) => Ok(self.note(text, now, fx)),
            Command::WhereWereYou(line) => Ok(self.remember_where(line, fx)),
            Command::CloseCheckIn => Ok(self.close_check_in(fx)),
        }
    }

    fn start(&mut self, length: BlockLength, intention: Option<String>, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let end = match length {
            BlockLength::Minutes(minutes) => BlockEnd::At(later(now.utc, minutes, now)),
            BlockLength::UntilCheckIn => until_check_in(self.next_today(now)),
            BlockLength::Open => BlockEnd::Open,
        };
        let started = self.saved.block.as_ref().map_or(now.utc, |block| block.started);
        let block = Block { intention, started, end };
        let ends = block.ends_at();
        self.saved.block = Some(block);
        self.saved.checking_in = false;
        self.saved.where_were_you = None;
        self.save(fx);
        Answer::Started { ends }
    }

    fn next_today(&self, now: Now) -> Option<DateTime<Utc>> {
        let day = |at| self.zone.local(at).date_naive();
        self.next_check_in(now).filter(|at| day(*at) == day(now.utc))
    }

    fn extend(&mut self, minutes: u32, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let block = self.saved.block.as_mut().ok_or(Refusal::NoBlock)?;
        let ends = later(block.ends_at().ok_or(Refusal::NoLength)?, minutes, now);
        block.end = BlockEnd::At(ends);
        self.save(fx);
        Ok(Answer::Extended { ends })
    }

    fn end(&mut self, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        if self.saved.block.is_none() {
            return Err(Refusal::NoBlock);
        }
        let held = self.ledger.held;
        self.end_block(now, fx);
        Ok(Answer::Ended { held })
    }

    fn toggle(&mut self, now: Now, fx: &mut Vec<Effect>) -> Answer {
        if !self.is_closed() {
            return self.start(BlockLength::UntilCheckIn, None, now, fx);
        }
        let held = self.ledger.held;
        self.inhibitors.clear();
        if self.saved.block.is_none() {
            return Answer::Opened { held };
        }
        self.end_block(now, fx);
        Answer::Ended { held }
    }

    fn check_in_now(&mut self, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let held = self.ledger.held;
        self.hand_over(now, false, fx);
        Answer::CheckedIn { held }
    }

    fn skip_check_in(&mut self, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let skipped = match self.saved.ready_since.take() {
            Some(ready) => ready,
            None => self.next_check_in(now).ok_or(Refusal::NoCheckIn)?,
        };
        self.saved.skipped = Some(skipped).filter(|at| *at > now.utc);
        let next = self.next_check_in(now);
        if let Some(block) = &mut self.saved.block
            && block.end == BlockEnd::CheckIn(skipped)
        {
            block.end = until_check_in(next);
        }
        self.save(fx);
        Ok(Answer::Skipped { skipped, next })
    }

    /// The row a button or a reply is for, if its app can still hear it.
    fn addressable(&self, id: NoticeId, rows: Rows) -> Result<Interruption, Refusal> {
        let row = rows.rows.into_iter().next_back().filter(|row| !row.own).ok_or(Refusal::NotFound(id))?;
        if row.is_noted() {
            return Err(Refusal::Noted(id));
        }
        if !row.is_open() || (row.acted.is_some() && !row.content.resident) {
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

    fn act(&mut self, id: NoticeId, key: Option<String>, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let row = self.addressable(id, rows)?;
        let key = key.unwrap_or_else(|| "default".to_owned());
        if !row.has_action(&key) {
            return Err(Refusal::NoSuchAction { id, key });
        }
        let signal = Signal::Action { id, key: key.clone(), token: None };
        self.answer_sender(row, signal, now, fx);
        Ok(Answer::Acted { key })
    }

    fn reply(&mut self, id: NoticeId, text: String, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let row = self.addressable(id, rows)?;
        if row.content.inline_reply.is_none() {
            return Err(Refusal::NoReply(id));
        }
        self.answer_sender(row, Signal::Replied(id, text), now, fx);
        Ok(Answer::Replied)
    }

    /// Marked before the signal leaves, so that it goes out at most once; then closed, unless it stays by its own wish.
    fn answer_sender(&mut self, mut row: Interruption, signal: Signal, now: Now, fx: &mut Vec<Effect>) {
        row.acted = Some(now.utc);
        let to = row.sender.clone();
        if row.content.resident {
            fx.extend([Self::update(&row), Effect::Emit { to, signal }]);
            return;
        }
        let at_renderer = match row.delivery {
            Delivery::Shown { id, .. } => Some(Effect::CloseAtRenderer(id.0)),
            Delivery::None | Delivery::Sending { .. } => None,
        };
        if row.state == State::Held {
            self.release.picked.remove(&row.seq);
            self.settle(&mut row, State::Done);
        }
        self.close_popup(&mut row);
        let closed = self.close(&mut row, ClosedReason::Dismissed, now);
        fx.extend([Self::update(&row), Effect::Emit { to, signal }, closed]);
        fx.extend(at_renderer);
    }

    fn done(&mut self, ids: &[NoticeId], rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let due = now.utc + undo_time();
        let Named { held, left_out } = Named::of(ids, rows)?;
        let count = u32::try_from(held.len()).unwrap_or(u32::MAX);
        self.remember(Deed::Done, &held, None, Some(due));
        for row in held {
            self.mark_done(row, due, fx);
        }
        Ok(Answer::Done { count, left_out })
    }

    /// All that are here, or all of one app.
    fn done_together(&mut self, app: Option<Arc<str>>, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let due = now.utc + undo_time();
        let (going, stay): (Vec<_>, Vec<_>) = rows.rows.iter().cloned().partition(Interruption::is_going);
        let going = u32::try_from(going.len()).unwrap_or(u32::MAX);
        let count = self.count_here(app.as_ref(), &rows.rows).saturating_sub(going);
        self.release.ranges.retain(|range| app.is_some() && range.app != app);
        let bulk = Bulk { kind: BulkKind::Done(due), range: self.here(app), count };
        self.remember(Deed::Done, &stay, Some(bulk.clone()), Some(due));
        self.begin_bulk(bulk, rows, fx);
        Answer::Done { count, left_out: Vec::new() }
    }

    pub(super) fn remember(
        &mut self,
        deed: Deed,
        rows: &[Interruption],
        bulk: Option<Bulk>,
        until: Option<DateTime<Utc>>,
    ) {
        let Some(newest) = rows.last() else { return };
        if self.undo.len() >= UNDO_STEPS {
            self.undo.pop_front();
        }
        self.undo.push_back(UndoStep {
            deed,
            seqs: rows.iter().map(|row| row.seq).take(PAGE).collect(),
            bulk,
            id: newest.id,
            summary: newest.content.summary.chars().take(80).collect(),
            until,
        });
    }

    fn take_undo(&mut self, id: Option<NoticeId>, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let Some(id) = id else {
            return self.undo_newest(rows, now, fx);
        };
        let row = rows.rows.into_iter().next_back().filter(|row| !row.own).ok_or(Refusal::NotFound(id))?;
        self.undo.iter_mut().for_each(|step| step.forget(&row));
        self.undo.retain(|step| !step.is_empty());
        if self.undo_row(row, now, fx) { Ok(Answer::Undone { count: 1 }) } else { Err(Refusal::TooLateToUndo(id)) }
    }

    fn undo_newest(&mut self, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Outcome {
        let step = self.undo.pop_back().ok_or(Refusal::NothingToUndo)?;
        if step.until.is_some_and(|until| until <= now.utc) {
            self.undo.clear();
            return Err(Refusal::TooLateToUndo(step.id));
        }
        if let Some(bulk) = step.bulk {
            self.begin_bulk(bulk.undone(), rows, fx);
            return Ok(Answer::Undone { count: bulk.count });
        }
        let mut count = 0;
        for row in rows.rows {
            count += u32::from(self.undo_row(row, now, fx));
        }
        if count == 0 { Err(Refusal::TooLateToUndo(step.id)) } else { Ok(Answer::Undone { count }) }
    }

    /// Takes a *done* back before its sender was told, a release before anybody touched it, and a *later*.
    fn undo_row(&mut self, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) -> bool {
        if self.release.picked.remove(&row.seq) {
            return true;
        }
        match (row.state, &row.delivery) {
            (State::Done, _) if row.is_open() && row.due.is_some_and(|due| due > now.utc) => {
                self.undo_done(&mut row, fx)
            }
            (State::Held, _) if self.is_put_off(&row) => self.undo_put_off(row, fx),
            (State::Released, Delivery::Shown { id, .. }) if row.is_open() && row.acted.is_none() => {
                let id = id.0;
                self.close_popup(&mut row);
                self.hold_again(&mut row, fx);
                fx.extend([Self::update(&row), Effect::CloseAtRenderer(id)]);
            }
            _ => return false,
        }
        true
    }

    fn release(&mut self, target: Target, rows: Rows) -> Outcome {
        if self.renderer.is_none() {
            return Err(Refusal::NoRenderer);
        }
        if self.release.is_empty() {
            self.release.sounded = false;
        }
        let app = match target {
            Target::Ids(ids) => return self.release_ids(&ids, rows),
            Target::App(app) => Some(app),
            Target::All => None,
        };
        let notes = rows.rows.iter().filter(|row| row.is_noted()).count();
        let count = self.count_here(app.as_ref(), &rows.rows).saturating_sub(u32::try_from(notes).unwrap_or(u32::MAX));
        let range = self.here(app);
        self.release.ranges.retain(|waiting| range.app.is_some() && waiting.app != range.app);
        self.release.ranges.push_back(range);
        Ok(Answer::Releasing { count, left_out: Vec::new() })
    }

    fn release_ids(&mut self, ids: &[NoticeId], rows: Rows) -> Outcome {
        let Named { held: rows, left_out } = Named::of(ids, rows)?;
        if let Some(noted) = rows.iter().find(|row| row.is_noted()) {
            return Err(Refusal::Noted(noted.id));
        }
        self.remember(Deed::Released, &rows, None, None);
        let room = PICKED.saturating_sub(self.release.picked.len());
        let count = u32::try_from(rows.len().min(room)).unwrap_or(u32::MAX);
        self.release.picked.extend(rows.iter().map(|row| row.seq).take(room));
        Ok(Answer::Releasing { count, left_out })
    }

    /// Whether a release goes on: not when it is over, and not while the screen is full.
    #[must_use]
    pub fn is_releasing(&self) -> bool {
        self.release.serial.is_some() || (!self.release.is_empty() && self.popups < POPUPS)
    }

    /// When the next one may go to the renderer.
    pub(super) fn next_release(&self, now: Now) -> Option<DateTime<Utc>> {
        let may = !self.release.is_empty() && self.release.serial.is_none() && self.popups < POPUPS;
        let may = may && self.renderer.is_some() && self.store_trouble.is_none();
        may.then(|| self.release.not_before.unwrap_or(now.utc).max(now.utc))
    }

    pub(super) fn release_need(&self, now: Now) -> Need {
        if self.next_release(now) != Some(now.utc) {
            return Need::Nothing;
        }
        match (self.release.picked.first(), self.release.ranges.front()) {
            (Some(seq), None) => Need::Seqs(vec![*seq]),
            (Some(seq), Some(range)) if *seq <= range.after => Need::Seqs(vec![*seq]),
            (_, Some(range)) => Need::NextHeld(range.clone()),
            (None, None) => Need::Nothing,
        }
    }

    /// Gives the next one to the renderer.
    pub(super) fn release_next(&mut self, rows: Rows, now: Now, fx: &mut Vec<Effect>) {
        let need = self.release_need(now);
        let row = rows.rows.into_iter().next();
        self.pass_release_cursor(&need, row.as_ref().map(|row| row.seq));
        let may = |row: &Interruption| row.state == State::Held && row.delivery == Delivery::None && !row.is_noted();
        let Some(mut row) = row.filter(may) else {
            return;
        };
        if matches!(need, Need::NextHeld(_)) {
            self.remember(Deed::Released, std::slice::from_ref(&row), None, None);
        }
        let quiet = self.is_released_quietly(&row);
        let forward = self.forward(&mut row, None, 0, quiet);
        if let Delivery::Sending { serial, .. } = row.delivery {
            self.release.serial = Some(serial);
        }
        fx.extend([Self::update(&row), forward]);
    }

    /// The first of a release may sound, but not that of an app whose user wants silence.
    fn is_released_quietly(&mut self, row: &Interruption) -> bool {
        let is_silent = self.settings.hand_over_of(&row.app.id) == HandOver::Silent;
        is_silent || std::mem::replace(&mut self.release.sounded, true)
    }

    fn pass_release_cursor(&mut self, need: &Need, found: Option<Seq>) {
        if let (Need::NextHeld(range), Some(seq)) = (need, found) {
            self.release.ranges.pop_front();
            if seq < range.upto {
                self.release.ranges.push_front(HeldRange { after: seq, ..range.clone() });
            }
            self.release.picked.remove(&seq);
        } else if let Need::Seqs(seqs) = need {
            seqs.iter().for_each(|seq| {
                self.release.picked.remove(seq);
            });
        } else {
            self.release.ranges.pop_front();
        }
    }
}

/// So many minutes later, at least one; at most a year from now, which every clock and calendar can still say.
fn later(than: DateTime<Utc>, minutes: u32, now: Now) -> DateTime<Utc> {
    let ends = than + Duration::minutes(i64::from(minutes.max(1)));
    ends.min(now.utc + Duration::days(366))
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
    pub(super) fn of(ids: &[NoticeId], rows: Rows) -> Result<Self, Refusal> {
        let rows: Vec<_> = rows.rows.into_iter().filter(|row| !row.own).collect();
        let is_unknown = |id: &&NoticeId| rows.iter().all(|row| row.id != **id);
        let unknown = ids.iter().filter(is_unknown).map(|id| Refusal::NotFound(*id)).collect();
        let mut named = Self { held: Vec::new(), left_out: unknown };
        for row in rows {
            match why_not_held(&row) {
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
    match row.state {
        State::Held => row.is_going().then_some(Refusal::BeingReleased(row.id)),
        state => Some(Refusal::NotHeld { id: row.id, state }),
    }
}

impl UndoStep {
    /// One of its rows is undone by itself.
    pub(super) fn forget(&mut self, row: &Interruption) {
        self.seqs.retain(|seq| *seq != row.seq);
        if let Some(bulk) = self.bulk.as_mut().filter(|bulk| bulk.is_about(row)) {
            bulk.count = bulk.count.saturating_sub(1);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seqs.is_empty() && self.bulk.is_none()
    }

    pub(super) fn need(&self) -> Need {
        self.bulk.as_ref().map_or_else(|| Need::Seqs(self.seqs.clone()), |bulk| bulk.undone().need())
    }
}

impl Bulk {
    /// Whether a row was done or put off by it.
    fn is_about(&self, row: &Interruption) -> bool {
        match self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => row.due == Some(due),
            BulkKind::PutOff(mark) | BulkKind::UndoPutOff(mark) => row.put_off == Some(mark),
        }
    }
}
