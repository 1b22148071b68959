//! What is held, counted: by app, put off, in a time of quiet, noted by hand. Must not know the rows' texts, the books, or
//! why one comes or goes.

use super::NOTED;
use crate::notice::{Interruption, NoticeId, Seq};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One that was noted by hand and is held, for the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The row's key.
    pub seq: Seq,
    /// Its id.
    pub id: NoticeId,
    /// What was noted.
    pub text: Arc<str>,
    /// When.
    pub at: DateTime<Utc>,
}

/// An app of which something is held.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OfApp {
    name: Arc<str>,
    count: u32,
}

/// The counts of what is held. Each row is added once and removed once.
#[derive(Debug, Clone, Default)]
pub(super) struct HeldIndex {
    /// Shared with the snapshot before a transaction: it is copied only where that changes it.
    by_app: Arc<BTreeMap<Arc<str>, OfApp>>,
    /// How many are put off.
    pub(super) later: u32,
    /// How many were handed over last, and are not put off.
    pub(super) handed_over: u32,
    /// How many came in the time of quiet.
    pub(super) in_quiet: u32,
    /// The newest that were noted by hand, newest first.
    noted: VecDeque<Noted>,
    /// Rises whenever a list of them would say something else.
    revision: u64,
}

impl HeldIndex {
    /// From what the store counted.
    pub(super) fn new(by_app: Vec<(Arc<str>, Arc<str>, u32)>, noted: Vec<Noted>) -> Self {
        let by_app = by_app.into_iter().map(|(id, name, count)| (id, OfApp { name, count })).collect();
        Self { by_app: Arc::new(by_app), noted: noted.into(), ..Self::default() }
    }

    /// One more is held; how many of its app are.
    pub(super) fn add(&mut self, row: &Interruption, is_of_quiet: bool) -> u32 {
        self.in_quiet = self.in_quiet.saturating_add(is_of_quiet.into());
        let by_app = Arc::make_mut(&mut self.by_app);
        let of_app = by_app.entry(row.app.id.clone()).or_insert_with(|| OfApp { name: row.app.name.clone(), count: 0 });
        of_app.count = of_app.count.saturating_add(1);
        of_app.count
    }

    /// One is held no more.
    pub(super) fn remove(&mut self, row: &Interruption, is_of_quiet: bool) {
        self.changed();
        self.in_quiet = self.in_quiet.saturating_sub(is_of_quiet.into());
        self.noted.retain(|noted| noted.seq != row.seq);
        let by_app = Arc::make_mut(&mut self.by_app);
        let Some(of_app) = by_app.get_mut(&row.app.id) else { return };
        of_app.count = of_app.count.saturating_sub(1);
        if of_app.count == 0 {
            by_app.remove(&row.app.id);
        }
    }

    /// Names one that was noted by hand, at its place by age.
    pub(super) fn list_note(&mut self, row: &Interruption) {
        if !row.is_noted() {
            return;
        }
        let place = self.noted.iter().position(|noted| noted.seq < row.seq).unwrap_or(self.noted.len());
        self.noted.insert(place, Noted::of(row));
        self.noted.truncate(NOTED as usize);
    }

    pub(super) fn noted(&self) -> impl Iterator<Item = &Noted> {
        self.noted.iter()
    }

    /// The apps: id, name, count.
    pub(super) fn apps(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, u32)> {
        self.by_app.iter().map(|(id, of_app)| (id, &of_app.name, of_app.count))
    }

    pub(super) fn app_count(&self) -> usize {
        self.by_app.len()
    }

    pub(super) fn has_app(&self, app: &str) -> bool {
        self.by_app.contains_key(app)
    }

    pub(super) fn name_of<'a>(&'a self, app: &'a str) -> &'a str {
        self.by_app.get(app).map_or(app, |of_app| &of_app.name)
    }

    pub(super) fn count_of(&self, app: &str) -> u32 {
        self.by_app.get(app).map_or(0, |of_app| of_app.count)
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Whoever has fetched a list of them has to fetch it anew.
    pub(super) fn changed(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// These counts take the place of others, of which lists may have been fetched.
    pub(super) fn takes_the_place_of(&mut self, others: &Self) {
        self.revision = others.revision.wrapping_add(1);
    }
}

impl Noted {
    /// What the view says of a row.
    #[must_use]
    pub fn of(row: &Interruption) -> Self {
        Self { seq: row.seq, id: row.id, text: row.content.summary.as_str().into(), at: row.arrived }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::row;
    use crate::notice::{Origin, State};

    fn note(seq: i64) -> Interruption {
        Interruption { origin: Origin::Note, ..row(seq, ":noted", State::Held) }
    }

    fn apps(index: &HeldIndex) -> Vec<(&str, u32)> {
        index.apps().map(|(id, _, count)| (&**id, count)).collect()
    }

    #[test]
    fn what_is_held_is_counted_by_app_until_its_last_one_leaves() {
        let mut index = HeldIndex::new(vec![("mail".into(), "Mail".into(), 1)], Vec::new());
        let chat = row(1, "chat", State::Held);
        assert_eq!((index.add(&chat, false), index.add(&row(2, "chat", State::Held), true)), (1, 2));
        assert_eq!((apps(&index), index.in_quiet), (vec![("chat", 2), ("mail", 1)], 1));
        index.remove(&chat, false);
        index.remove(&row(2, "chat", State::Held), true);
        index.remove(&row(3, "unknown", State::Held), false);
        assert_eq!((apps(&index), index.in_quiet), (vec![("mail", 1)], 0));
        assert_eq!((index.name_of("mail"), index.name_of("chat")), ("Mail", "chat"));
    }

    #[test]
    fn the_newest_notes_are_named_whatever_order_they_come_back_in() {
        let mut index = HeldIndex::default();
        for seq in [3, 1, 2] {
            index.list_note(&note(seq));
        }
        index.list_note(&row(4, "chat", State::Held));
        let named = |index: &HeldIndex| index.noted().map(|noted| noted.seq.0).collect::<Vec<_>>();
        assert_eq!(named(&index), [3, 2, 1]);
        (10..10 + i64::from(NOTED)).for_each(|seq| index.list_note(&note(seq)));
        assert_eq!((named(&index).len(), named(&index)[0]), (NOTED as usize, 9 + i64::from(NOTED)));
        index.remove(&note(12), false);
        assert!(!named(&index).contains(&12));
    }

    #[test]
    fn counts_that_are_put_back_are_news_to_whoever_has_fetched_a_list() {
        let before = HeldIndex::default();
        let mut failed = before.clone();
        failed.changed();
        let seen = failed.revision();
        let mut put_back = before;
        put_back.takes_the_place_of(&failed);
        assert!(put_back.revision() > seen);
    }
}
