//! Taking back: one step for each thing that a person did, however many rows it was about. Must not know how it is shown.

use super::commands::CommandOutcome;
use super::{Bulk, BulkKind, Model};
use crate::command::{Answer, Refusal};
use crate::effect::{Effect, GateEffect};
use crate::notice::{Delivery, Interruption, NoticeId, Return, Seq, State};
use crate::query::{PAGE, Query};
use crate::time::Now;
use crate::zone::Zone;
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// How many steps back undo remembers.
const UNDO_STEPS: usize = 50;

/// What a person did that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Marked as dealt with.
    Done,
    /// Put off to the next check-in.
    PutOff,
    /// Given to the renderer.
    Released,
    /// The check-in of this instant was passed over.
    Skipped(DateTime<Utc>),
}

/// What undo takes back in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStep {
    /// What was done.
    pub deed: Deed,
    /// Which rows, at most 100; the newest last. Of a release in a range: those that were handed over.
    seqs: Vec<Seq>,
    /// More rows than that, done or put off together.
    pub(super) bulk: Option<Bulk>,
    /// The release in a range that it is about.
    release: Option<ReleaseId>,
    /// How many of that release were handed over before those in `seqs`.
    beyond: u32,
    /// How many that release was about.
    count: u32,
    /// The newest one's id; none of a check-in.
    pub id: Option<NoticeId>,
    /// The newest one's summary.
    pub summary: String,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// What can be taken back, the newest last; each step is shared with the snapshot before a transaction.
#[derive(Debug, Clone, Default)]
pub(super) struct UndoStack {
    steps: VecDeque<Arc<UndoStep>>,
}

/// Tells one release in a range from another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ReleaseId(pub(super) u64);

/// What became of one row that was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TakenBack {
    /// It is here again.
    Here,
    /// It is with the renderer, or was clicked or dismissed there.
    Out,
    /// Something else became of it, or it is here anyway.
    Neither,
}

impl Model {
    /// What undo takes back now.
    #[must_use]
    pub fn undoable(&self, now: Now) -> Option<&UndoStep> {
        self.state.undo.newest(now)
    }

    pub(super) fn undo_query(&self, now: Now) -> Option<Query> {
        self.undoable(now).map(UndoStep::query)
    }

    pub(super) fn remember(&mut self, step: Option<UndoStep>) {
        step.into_iter().for_each(|step| self.state.undo.push(step));
    }

    pub(super) fn take_undo(
        &mut self,
        id: Option<NoticeId>,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> CommandOutcome {
        let Some(id) = id else {
            return self.undo_newest(rows, now, fx);
        };
        let row = rows.into_iter().next_back().filter(|row| !row.is_own()).ok_or(Refusal::NotFound(id))?;
        self.state.undo.forget(&row);
        // Whoever takes one back by itself wants it here, also where a release waits that comes to its place.
        if self.state.release.let_stay(&row) {
            return Ok(Answer::Undone { count: 1, out: 0 });
        }
        match self.undo_row(row, now, fx) {
            TakenBack::Here => Ok(Answer::Undone { count: 1, out: 0 }),
            TakenBack::Out | TakenBack::Neither => Err(Refusal::TooLateToUndo(id)),
        }
    }

    fn undo_newest(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        let late = self.state.undo.too_late();
        self.state.undo.forget_late(now);
        if self.state.undo.newest(now).is_some_and(|step| step.bulk.is_some()) {
            self.is_busy()?;
        }
        let step = self.state.undo.pop().ok_or(late)?;
        if let Deed::Skipped(check_in) = step.deed {
            return self.take_skip_back(check_in, now, fx);
        }
        if let Some(bulk) = step.bulk {
            self.begin_bulk(bulk.undone(), rows, fx);
            return Ok(Answer::Undone { count: bulk.count, out: 0 });
        }
        let mut count = step.release.map_or(0, |release| self.state.release.stop(release));
        let (late, mut out) = (step.too_late(), step.beyond);
        for row in rows {
            match self.undo_row(row, now, fx) {
                TakenBack::Here => count = count.saturating_add(1),
                TakenBack::Out => out = out.saturating_add(1),
                TakenBack::Neither => {}
            }
        }
        if count == 0 { Err(late) } else { Ok(Answer::Undone { count, out }) }
    }

    /// The skips of an earlier process that can still be taken back: the check-ins that it passed over are stored.
    pub(super) fn remember_skips(&mut self, now: Now) {
        let plan = self.plan();
        let skipped = plan.ahead(now.utc).filter(|planned| planned.is_skipped);
        let steps: Vec<_> = skipped.take(UNDO_STEPS).map(|planned| UndoStep::of_skip(planned.at)).collect();
        steps.into_iter().for_each(|step| self.state.undo.push(step));
    }

    /// The times are others: what is not planned any more cannot be on again.
    pub(super) fn forget_skips_of_none(&mut self, now: Now) {
        let plan = self.plan();
        let skipped: BTreeSet<_> = plan.ahead(now.utc).filter(|it| it.is_skipped).map(|it| it.at).collect();
        self.state.undo.keep_skips_of(&skipped);
    }

    /// The others stay skipped.
    fn take_skip_back(&mut self, check_in: DateTime<Utc>, now: Now, fx: &mut Vec<Effect>) -> CommandOutcome {
        let lasts =
            self.state.saved.block.as_ref().is_some_and(|block| block.end == self.until_check_in(check_in, now));
        let plan = self.plan();
        let planned = plan.on_day_of(check_in).find(|planned| planned.at == check_in);
        planned.into_iter().for_each(|planned| self.state.saved.exceptions.take_back(planned));
        let end = self.until_check_in(check_in, now);
        if let Some(block) = self.state.saved.block.as_mut().filter(|_| lasts) {
            block.end = end;
        }
        self.state.save(fx);
        Ok(Answer::OnAgain { check_in })
    }

    /// Takes a *done* back before its sender was told, a release before anybody touched it, and a *later*.
    fn undo_row(&mut self, mut row: Interruption, now: Now, fx: &mut Vec<Effect>) -> TakenBack {
        if self.state.release.picked.remove(&row.seq) {
            return TakenBack::Here;
        }
        match (row.state(), &row.delivery) {
            (State::Done, _) if row.due().is_some_and(|due| due > now.utc) => {
                self.undo_done(&mut row, fx);
            }
            (State::Held, _) if self.state.is_put_off(&row) => self.undo_put_off(row, fx),
            (State::Released, Delivery::Shown { id, .. }) if row.acted.is_none() => {
                let id = id.0;
                self.state.close_popup(&mut row);
                self.take_in_again(&mut row, Return::ReleaseUndone, fx);
                fx.extend([Self::update(&row), Effect::Gate(GateEffect::CloseAtRenderer(id))]);
            }
            (State::Released, _) => return TakenBack::Out,
            _ if row.is_going() => return TakenBack::Out,
            _ => return TakenBack::Neither,
        }
        TakenBack::Here
    }
}

impl UndoStack {
    /// The newest step that can still be taken back.
    fn newest(&self, now: Now) -> Option<&UndoStep> {
        self.steps.iter().map(Arc::as_ref).rfind(|step| step.is_in_time(now))
    }

    fn push(&mut self, step: UndoStep) {
        if self.steps.len() >= UNDO_STEPS {
            self.steps.pop_front();
        }
        self.steps.push_back(Arc::new(step));
    }

    fn pop(&mut self) -> Option<UndoStep> {
        self.steps.pop_back().map(Arc::unwrap_or_clone)
    }

    /// What to say where the newest can be taken back no more.
    fn too_late(&self) -> Refusal {
        self.steps.back().map_or(Refusal::NothingToUndo, |step| step.too_late())
    }

    fn forget_late(&mut self, now: Now) {
        self.steps.retain(|step| step.is_in_time(now));
    }

    /// What was put off is here again.
    pub(super) fn forget_put_off(&mut self) {
        self.steps.retain(|step| step.deed != Deed::PutOff);
    }

    /// A row is undone by itself.
    pub(super) fn forget(&mut self, row: &Interruption) {
        self.steps.iter_mut().filter(|step| step.is_about(row)).for_each(|step| Arc::make_mut(step).forget(row));
        self.steps.retain(|step| !step.is_empty());
    }

    /// One of a release in a range goes to the renderer: whatever its step, it is taken back with the others. The release is
    /// about so many.
    pub(super) fn add_released(&mut self, release: ReleaseId, row: &Interruption, count: u32) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.release == Some(release)) {
            Arc::make_mut(step).add(row);
        } else if let Some(step) = UndoStep::of(Deed::Released, std::slice::from_ref(row)) {
            self.push(step.of_release(release, count));
        }
    }

    /// The clocks are in another zone: a check-in keeps its date and its time of day.
    pub(super) fn zone_changed(&mut self, from: &Zone, to: &Zone) {
        for step in &mut self.steps {
            if let Deed::Skipped(at) = step.deed {
                *step = Arc::new(UndoStep::of_skip(to.instant(from.local(at).naive_local())));
            }
        }
    }

    /// Of the skipped check-ins only these can be on again.
    fn keep_skips_of(&mut self, check_ins: &BTreeSet<DateTime<Utc>>) {
        self.steps.retain(|step| match step.deed {
            Deed::Skipped(at) => check_ins.contains(&at),
            Deed::Done | Deed::PutOff | Deed::Released => true,
        });
    }

    /// Somebody set the clock.
    pub(super) fn clock_moved(&mut self, by: Duration) {
        self.steps.iter_mut().for_each(|step| Arc::make_mut(step).clock_moved(by));
    }
}

impl UndoStep {
    /// About these rows; none without any.
    pub(super) fn of(deed: Deed, rows: &[Interruption]) -> Option<Self> {
        let newest = rows.last()?;
        Some(Self {
            deed,
            seqs: rows.iter().map(|row| row.seq).take(PAGE).collect(),
            bulk: None,
            release: None,
            beyond: 0,
            count: 0,
            id: Some(newest.id),
            summary: newest.content.summary.chars().take(80).collect(),
            until: None,
        })
    }

    /// Until the check-in has come.
    pub(super) fn of_skip(check_in: DateTime<Utc>) -> Self {
        Self {
            deed: Deed::Skipped(check_in),
            seqs: Vec::new(),
            bulk: None,
            release: None,
            beyond: 0,
            count: 0,
            id: None,
            summary: String::new(),
            until: Some(check_in),
        }
    }

    /// Somebody set the clock: what lasts keeps its length, and check-ins their time of day.
    fn clock_moved(&mut self, by: Duration) {
        if !matches!(self.deed, Deed::Skipped(_)) {
            self.until = self.until.map(|until| until + by);
        }
        self.bulk.iter_mut().for_each(|bulk| bulk.clock_moved(by));
    }

    fn is_in_time(&self, now: Now) -> bool {
        self.until.is_none_or(|until| until > now.utc)
    }

    fn too_late(&self) -> Refusal {
        self.id.map_or(Refusal::NothingToUndo, Refusal::TooLateToUndo)
    }

    pub(super) fn until(self, until: DateTime<Utc>) -> Self {
        Self { until: Some(until), ..self }
    }

    pub(super) fn in_bulk(self, bulk: Bulk) -> Self {
        Self { bulk: Some(bulk), ..self }
    }

    pub(super) fn of_release(self, release: ReleaseId, count: u32) -> Self {
        Self { release: Some(release), count, ..self }
    }

    /// The same, before any of its rows was handed over.
    pub(super) fn not_begun(self) -> Self {
        Self { seqs: Vec::new(), ..self }
    }

    /// How many rows it was about.
    #[must_use]
    pub fn count(&self) -> u32 {
        match (&self.bulk, self.release) {
            (Some(bulk), _) => bulk.count,
            (None, Some(_)) => self.count,
            (None, None) => u32::try_from(self.seqs.len()).unwrap_or(u32::MAX),
        }
    }

    fn add(&mut self, row: &Interruption) {
        if self.seqs.len() >= PAGE {
            self.seqs.remove(0);
            self.beyond = self.beyond.saturating_add(1);
        }
        self.seqs.push(row.seq);
    }

    fn is_about(&self, row: &Interruption) -> bool {
        self.seqs.contains(&row.seq) || self.bulk.as_ref().is_some_and(|bulk| bulk.is_about(row))
    }

    /// One of its rows is undone by itself.
    fn forget(&mut self, row: &Interruption) {
        let rows = self.seqs.len();
        self.seqs.retain(|seq| *seq != row.seq);
        self.count = self.count.saturating_sub(u32::from(self.seqs.len() < rows));
        if let Some(bulk) = self.bulk.as_mut().filter(|bulk| bulk.is_about(row)) {
            bulk.count = bulk.count.saturating_sub(1);
        }
    }

    fn is_empty(&self) -> bool {
        let is_skip = matches!(self.deed, Deed::Skipped(_));
        self.seqs.is_empty() && self.bulk.is_none() && self.release.is_none() && !is_skip
    }

    fn query(&self) -> Query {
        self.bulk.as_ref().map_or_else(|| Query::Seqs(self.seqs.clone()), |bulk| bulk.undone().query())
    }
}

impl Bulk {
    /// Whether a row was done or put off by it.
    fn is_about(&self, row: &Interruption) -> bool {
        match self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => row.due() == Some(due),
            BulkKind::PutOff(mark) | BulkKind::UndoPutOff(mark) => {
                row.deferred().is_some_and(|deferral| deferral.mark == mark)
            }
        }
    }
}
