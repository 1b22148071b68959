//! Putting off to the next check-in. A mark on the row says with which command, so that a digest, which only moves the
//! mark above which one counts as put off, brings all of them back at once. Must not know what a digest shows.

use super::{Bulk, BulkKind, Deed, Model, UndoStep, commands::Named};
use crate::command::{Answer, Refusal, Target};
use crate::effect::Effect;
use crate::notice::{Deferral, Interruption, LaterMark, NoticeId, Seq, State};
use crate::query::{HeldRange, PAGE};
use crate::time::Now;
use chrono::{DateTime, Utc};
use std::sync::Arc;

impl Model {
    /// Whether one is put off to the next check-in.
    #[must_use]
    pub fn is_put_off(&self, row: &Interruption) -> bool {
        row.is_deferred_after(self.state.saved.later_than)
    }

    /// Marks above this one put a row off.
    #[must_use]
    pub fn later_than(&self) -> LaterMark {
        self.state.saved.later_than
    }

    /// How many of the held ones are put off.
    #[must_use]
    pub fn later(&self) -> u32 {
        self.state.held.later
    }

    /// Everything that is held now and not put off; of one app, if one is named.
    pub(super) fn here(&self, app: Option<Arc<str>>) -> HeldRange {
        let upto = Seq(self.state.next_seq.saturating_sub(1));
        HeldRange { after: Seq(0), upto, app, later_than: self.state.saved.later_than }
    }

    /// How many [`Self::here`] is about: as many as its first page has, if there is no second; else at most so many.
    pub(super) fn count_here(&self, app: Option<&Arc<str>>, page: &[Interruption]) -> u32 {
        if page.len() < PAGE {
            return u32::try_from(page.len()).unwrap_or(u32::MAX);
        }
        match app {
            Some(app) => self.state.held.count_of(app),
            None => self.state.ledger.held.saturating_sub(self.state.held.later),
        }
    }

    pub(super) fn put_off(
        &mut self,
        target: Target,
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> Result<Answer, Refusal> {
        let app = match target {
            Target::Ids(ids) => return self.put_off_ids(&ids, rows, now, fx),
            Target::App(app) => Some(app),
            Target::All => None,
        };
        self.is_busy()?;
        let mark = self.next_mark(fx);
        let count = self.count_here(app.as_ref(), &rows);
        let bulk = Bulk { kind: BulkKind::PutOff(mark), range: self.here(app), count };
        self.remember(UndoStep::of(Deed::PutOff, &rows).map(|step| step.in_bulk(bulk.clone())));
        self.begin_bulk(bulk, rows, fx);
        Ok(Answer::PutOff { count, until: self.next_hand_over(now), left_out: Vec::new() })
    }

    fn put_off_ids(
        &mut self,
        ids: &[NoticeId],
        rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> Result<Answer, Refusal> {
        let Named { held: rows, left_out } = self.named_to_put_off(ids, rows, now, fx)?;
        let mark = self.next_mark(fx);
        self.remember(UndoStep::of(Deed::PutOff, &rows));
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        for row in rows {
            self.mark_later(row, mark, fx);
        }
        Ok(Answer::PutOff { count, until: self.next_hand_over(now), left_out })
    }

    /// One that is done, and can be undone, is held again first.
    pub(super) fn named_to_put_off(
        &mut self,
        ids: &[NoticeId],
        mut rows: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) -> Result<Named, Refusal> {
        for row in &mut rows {
            let can_be_undone = row.state() == State::Done && row.due().is_some_and(|due| due > now.utc);
            if can_be_undone && !row.is_own() {
                self.state.undo.forget(row);
                self.undo_done(row, fx);
            }
        }
        Named::of(ids, rows)
    }

    pub(super) fn next_mark(&mut self, fx: &mut Vec<Effect>) -> LaterMark {
        self.state.saved.later_mark.0 = self.state.saved.later_mark.0.saturating_add(1);
        self.state.save(fx);
        self.state.saved.later_mark
    }

    pub(super) fn mark_later(&mut self, row: Interruption, mark: LaterMark, fx: &mut Vec<Effect>) {
        self.mark_later_until(row, mark, None, fx);
    }

    /// Not one that is on its way to the renderer: it is released.
    pub(super) fn mark_later_until(
        &mut self,
        mut row: Interruption,
        mark: LaterMark,
        until: Option<DateTime<Utc>>,
        fx: &mut Vec<Effect>,
    ) {
        if row.is_going() {
            return;
        }
        self.state.release.picked.remove(&row.seq);
        self.state.put_off(&mut row, Deferral { mark, until });
        fx.push(Self::update(&row));
    }

    /// A digest brings back all that were put off.
    pub(super) fn bring_back_later(&mut self) {
        self.state.saved.later_than = self.state.saved.later_mark;
        if std::mem::take(&mut self.state.held.later) > 0 {
            self.state.held_changed();
        }
        self.state.undo.forget_put_off();
        self.state.saved.bulks.retain(|bulk| !matches!(bulk.kind, BulkKind::PutOff(_) | BulkKind::UndoPutOff(_)));
    }
}
