//! Commands on many rows, carried out a page a step, and over a restart. Must not know who asked, or how it is answered.

use super::{Bulk, BulkKind, Model};
use crate::command::Refusal;
use crate::effect::Effect;
use crate::notice::{Interruption, Outcome};
use crate::query::{HeldRange, PAGE, Query};
use chrono::{DateTime, Duration, Utc};

/// Commands on many rows that are not through yet.
const BULKS: usize = 16;

impl Model {
    /// Whether one more command on many rows would be too many: what is not through yet is stored with every change.
    pub(super) fn is_busy(&self) -> Result<(), Refusal> {
        if self.state.saved.bulks.len() < BULKS { Ok(()) } else { Err(Refusal::Busy) }
    }

    /// Whether a command on many rows is not through yet.
    #[must_use]
    pub fn owes_work(&self) -> bool {
        !self.state.saved.bulks.is_empty()
    }

    /// The first page at once, unless earlier commands are not through yet: `rows` are those of its question.
    pub(super) fn begin_bulk(&mut self, bulk: Bulk, rows: Vec<Interruption>, fx: &mut Vec<Effect>) {
        let waits = !self.state.saved.bulks.is_empty();
        self.state.saved.bulks.push_back(bulk);
        if waits {
            self.state.save(fx);
        } else {
            self.bulk_page(rows, fx);
        }
    }

    /// One page of the oldest command; what remains is left for the next wake-up, of this process or the next.
    pub(super) fn bulk_page(&mut self, rows: Vec<Interruption>, fx: &mut Vec<Effect>) {
        let Some(bulk) = self.state.saved.bulks.pop_front() else { return };
        let full = rows.len() >= PAGE;
        let last = rows.last().map_or(bulk.range.upto, |row| row.seq);
        for mut row in rows {
            match bulk.kind {
                BulkKind::Done(due) => self.mark_done(row, due, fx),
                BulkKind::UndoDone(_) => self.undo_done(&mut row, fx),
                BulkKind::PutOff(mark) => self.mark_later(row, mark, fx),
                BulkKind::UndoPutOff(_) => self.undo_put_off(row, fx),
            };
        }
        if full {
            let range = HeldRange { after: last, ..bulk.range };
            self.state.saved.bulks.push_front(Bulk { range, ..bulk });
        }
        self.state.save(fx);
    }

    /// Not one that is on its way to the renderer: it is released.
    pub(super) fn mark_done(&mut self, mut row: Interruption, due: DateTime<Utc>, fx: &mut Vec<Effect>) {
        if row.is_going() {
            return;
        }
        self.state.release.picked.remove(&row.seq);
        self.state.settle(&mut row, Outcome::Done { undo_until: Some(due) });
        self.state.note_due(row.due());
        fx.push(Self::update(&row));
    }

    pub(super) fn undo_done(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        self.hold_again(row, fx);
        fx.push(Self::update(row));
    }

    pub(super) fn undo_put_off(&mut self, mut row: Interruption, fx: &mut Vec<Effect>) {
        self.state.take_off_later(&mut row);
        self.state.release.regained(&row);
        fx.push(Self::update(&row));
    }
}

impl Bulk {
    pub(super) fn clock_moved(&mut self, by: Duration) {
        match &mut self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => *due += by,
            BulkKind::PutOff(_) | BulkKind::UndoPutOff(_) => {}
        }
    }

    pub(super) fn query(&self) -> Query {
        let (after, upto) = (self.range.after, self.range.upto);
        match self.kind {
            BulkKind::Done(_) | BulkKind::PutOff(_) => Query::HeldPage(self.range.clone()),
            BulkKind::UndoDone(due) => Query::DonePage { after, upto, due },
            BulkKind::UndoPutOff(mark) => Query::LaterPage { after, upto, mark },
        }
    }

    /// What takes it back.
    pub(super) fn undone(&self) -> Self {
        let kind = match self.kind {
            BulkKind::Done(due) | BulkKind::UndoDone(due) => BulkKind::UndoDone(due),
            BulkKind::PutOff(mark) | BulkKind::UndoPutOff(mark) => BulkKind::UndoPutOff(mark),
        };
        Self { kind, ..self.clone() }
    }
}
