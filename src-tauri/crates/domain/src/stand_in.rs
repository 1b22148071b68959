//! What stands in for the store while that has failed: rows in memory, bounded in count and bytes. Must not know why the
//! store failed, or when it is well again.
//!
//! A row stays until it is in the store's books. Where there is no room, those give way whose popup is over, then those
//! that are on the screen: they were shown, and from then on only their count is kept. One that the renderer has not
//! answered for never gives way, nor one that may have taken its id from a row of the store. When no other is left, calls
//! must be refused: nothing that was answered may be dropped unseen.

use crate::effect::{Effect, GateEffect, NoticeReply};
use crate::event::Event;
use crate::ledger::OnlyCounted;
use crate::memory::MemoryStore;
use crate::notice::{Delivery, Interruption, NoticeId, Seq};
use crate::ports::Archive;
use std::collections::BTreeMap;

/// Rows at most.
const ROWS: usize = 10_000;
/// Rows that give way together, so that not every arrival has to look for one.
const GIVE_WAY: usize = 256;

const FULL: &str = "nothing can be stored, and too many notifications still wait to be shown";

/// The rows since the store failed.
#[derive(Debug)]
pub struct StandIn {
    rows: MemoryStore,
    /// How many: a test has less room.
    room: usize,
    /// Ids from here on were never given out before: no row of the store has one.
    first_new: NoticeId,
    /// Those that gave way.
    only_counted: OnlyCounted,
    /// The keys in the store of rows that are in its books, but had changed here by the time that this was known.
    stored: BTreeMap<Seq, Seq>,
}

/// A row that enters the store's books.
#[derive(Debug, Clone)]
pub(crate) struct Entering {
    pub(crate) row: Interruption,
    pub(crate) raw: Option<crate::notice::Raw>,
    /// Its key in the store, where it is known to be there.
    pub(crate) stored: Option<Seq>,
}

impl StandIn {
    /// An empty one. No row of the store has an id from `first_new` on.
    #[must_use]
    pub fn new(first_new: NoticeId) -> Self {
        let (rows, only_counted, stored) = (MemoryStore::new(), OnlyCounted::default(), BTreeMap::new());
        Self { rows, room: ROWS, first_new, only_counted, stored }
    }

    /// The same, with room for so many rows.
    #[must_use]
    pub fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// What events are judged over.
    pub fn store(&mut self) -> &mut MemoryStore {
        &mut self.rows
    }

    /// All rows, in order of arrival.
    #[must_use]
    pub fn rows_in_order(&self) -> Vec<Interruption> {
        self.rows.rows_in_order()
    }

    /// How many gave way.
    #[must_use]
    pub fn only_counted(&self) -> OnlyCounted {
        self.only_counted
    }

    /// The answer to a call for which there is no room, not even when others give way.
    pub fn refusal(&mut self, event: &Event) -> Option<Effect> {
        let Event::Arrived(arrival) = event else { return None };
        let refusal = || Effect::Gate(GateEffect::Answer(arrival.call, NoticeReply::LimitsExceeded(FULL)));
        (!self.make_room()).then(refusal)
    }

    /// Makes room for one more row; whether there is any.
    fn make_room(&mut self) -> bool {
        if self.rows.len() < self.room {
            return true;
        }
        let few = GIVE_WAY.min(self.room.div_ceil(16));
        self.give_way(few, |row| !row.is_open());
        if self.rows.len() >= self.room {
            self.give_way(few, |row| matches!(row.delivery, Delivery::Shown { .. }));
        }
        self.rows.len() < self.room
    }

    /// The oldest of these are only counted from now on.
    fn give_way(&mut self, most: usize, over: impl Fn(&Interruption) -> bool) {
        let first_new = self.first_new;
        let may_go = |row: &&Interruption| row.id >= first_new && !row.waits_for_the_screen() && over(row);
        let going: Vec<_> = self.rows.all_rows().filter(may_go).take(most).cloned().collect();
        for row in going {
            self.only_counted = self.only_counted.plus(OnlyCounted::of(&row));
            self.rows.forget(row.seq);
            self.stored.remove(&row.seq);
        }
    }

    /// Whether all is in the store's books.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 0 && self.only_counted == OnlyCounted::default()
    }

    /// The first rows after one.
    pub(crate) fn after(&self, seq: Seq, most: usize) -> Vec<Interruption> {
        self.rows.all_rows().filter(|row| row.seq > seq).take(most).cloned().collect()
    }

    /// The first rows.
    pub(crate) fn first(&mut self, most: usize) -> Vec<Entering> {
        let rows: Vec<_> = self.rows.all_rows().take(most).cloned().collect();
        let entering = |row: Interruption| {
            let stored = self.stored.get(&row.seq).copied();
            Entering { raw: self.rows.raw(row.seq).ok().flatten(), stored, row }
        };
        rows.into_iter().map(entering).collect()
    }

    /// These are in the store's books now, under these keys. One that has changed meanwhile enters them once more.
    pub(crate) fn entered(&mut self, entered: Vec<(Interruption, Seq)>) {
        for (row, seq) in entered {
            match self.rows.row_at(row.seq) {
                Some(here) if *here != row => drop(self.stored.insert(row.seq, seq)),
                Some(_) => {
                    self.rows.forget(row.seq);
                    self.stored.remove(&row.seq);
                }
                None => self.only_counted = self.only_counted.less(OnlyCounted::of(&row)),
            }
        }
    }

    /// So many of those that gave way are in the store's books.
    pub(crate) fn counted(&mut self, counted: OnlyCounted) {
        self.only_counted = self.only_counted.less(counted);
    }
}
