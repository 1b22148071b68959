//! What is over and kept for good, in memory: blocks, periods of the books, absences of the gate. Must not know the rows.

use crate::focus::PastBlock;
use crate::ledger::{Absence, PastPeriod};
use chrono::{DateTime, Duration, Utc};

/// All of it, in the order in which it was over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The blocks.
    pub blocks: Vec<PastBlock>,
    /// The periods of the books.
    pub periods: Vec<PastPeriod>,
    /// When the gate was out of the path.
    pub absences: Vec<Absence>,
}

/// One change of it.
#[derive(Debug)]
pub(super) enum Grown {
    Block,
    LeftOut(usize, Duration),
    Period,
    Absence,
}

impl History {
    pub(super) fn block_ended(&mut self, block: PastBlock) -> Grown {
        self.blocks.push(block);
        Grown::Block
    }

    pub(super) fn left_out(&mut self, of_block: DateTime<Utc>, length: Duration) -> Option<Grown> {
        let nth = self.blocks.iter().rposition(|block| block.started == of_block)?;
        let block = self.blocks.get_mut(nth)?;
        block.left_out += length;
        Some(Grown::LeftOut(nth, length))
    }

    pub(super) fn period_ended(&mut self, period: PastPeriod) -> Grown {
        self.periods.push(period);
        Grown::Period
    }

    pub(super) fn absent(&mut self, absence: Absence) -> Grown {
        self.absences.push(absence);
        Grown::Absence
    }

    /// The last change is void.
    pub(super) fn undo(&mut self, grown: Grown) {
        match grown {
            Grown::Block => drop(self.blocks.pop()),
            Grown::LeftOut(nth, length) => {
                self.blocks.get_mut(nth).into_iter().for_each(|block| block.left_out -= length);
            }
            Grown::Period => drop(self.periods.pop()),
            Grown::Absence => drop(self.absences.pop()),
        }
    }
}
