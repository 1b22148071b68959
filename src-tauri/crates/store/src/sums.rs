//! How many bytes of bodies lie in the database, in all and of each app. They follow the transaction that changed them: what
//! is rolled back is as it was. Must not know a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows that one transaction may take bodies from, and the bytes, beyond what it writes itself: a body is a chain of
/// pages that is freed one by one, and callers wait for it.
const ROWS: i64 = 64;
const BYTES: i64 = 4 << 20;
/// So many bytes that are written allow one more row.
const BYTES_A_ROW: i64 = 16 << 10;

/// The sums, with what the open transaction changed.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    total: i64,
    apps: BTreeMap<Arc<str>, i64>,
    by_size: BTreeSet<(i64, Arc<str>)>,
    /// What the open transaction added, or took.
    changes: Vec<(Arc<str>, i64)>,
    turn: Turn,
}

/// What the open transaction did.
#[derive(Debug, Default)]
struct Turn {
    written: i64,
    /// Rows whose body had to make room.
    dropped_rows: i64,
    dropped_bytes: i64,
}

impl Sums {
    pub(crate) fn total(&self) -> i64 {
        self.total
    }

    pub(crate) fn add(&mut self, app: Arc<str>, bytes: i64) {
        self.turn.written = self.turn.written.saturating_add(bytes);
        self.change(&app, bytes);
        self.changes.push((app, bytes));
    }

    pub(crate) fn take(&mut self, app: Arc<str>, bytes: i64) {
        let bytes = bytes.saturating_neg();
        self.change(&app, bytes);
        self.changes.push((app, bytes));
    }

    /// The apps, those with the most bytes first.
    pub(crate) fn largest(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_size.iter().rev().map(|(_, app)| app)
    }

    /// Counts a body that had to make room.
    pub(crate) fn count_dropped(&mut self, bytes: i64) {
        self.turn.dropped_rows += 1;
        self.turn.dropped_bytes = self.turn.dropped_bytes.saturating_add(bytes);
    }

    /// Whether the open transaction may drop one more body.
    pub(crate) fn may_drop(&self) -> bool {
        let Turn { written, dropped_rows, dropped_bytes } = self.turn;
        dropped_rows < ROWS + written / BYTES_A_ROW && dropped_bytes < BYTES.saturating_add(written)
    }

    pub(crate) fn commit(&mut self) {
        self.changes.clear();
        self.turn = Turn::default();
    }

    pub(crate) fn roll_back(&mut self) {
        while let Some((app, bytes)) = self.changes.pop() {
            self.change(&app, bytes.saturating_neg());
        }
        self.turn = Turn::default();
    }

    fn change(&mut self, app: &Arc<str>, bytes: i64) {
        let before = self.apps.get(app).copied().unwrap_or(0);
        let after = before.saturating_add(bytes);
        self.total = self.total.saturating_add(bytes);
        self.by_size.remove(&(before, app.clone()));
        if after > 0 {
            self.by_size.insert((after, app.clone()));
            self.apps.insert(app.clone(), after);
        } else {
            self.apps.remove(app);
        }
    }
}

impl FromIterator<(Arc<str>, i64)> for Sums {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, i64)>>(counted: T) -> Self {
        let mut sums = Self::default();
        counted.into_iter().for_each(|(app, bytes)| sums.change(&app, bytes));
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn largest(sums: &Sums) -> Vec<&str> {
        sums.largest().map(|app| &**app).collect()
    }

    #[test]
    fn what_is_rolled_back_is_as_it_was() {
        let mut sums: Sums = [("chat".into(), 10), ("mail".into(), 20)].into_iter().collect();
        sums.add("chat".into(), 30);
        sums.commit();
        sums.take("mail".into(), 20);
        sums.add("news".into(), 50);
        sums.take("chat".into(), 35);
        assert_eq!((sums.total(), largest(&sums)), (55, vec!["news", "chat"]));
        sums.roll_back();
        assert_eq!((sums.total(), largest(&sums)), (60, vec!["chat", "mail"]));
    }

    #[test]
    fn what_a_transaction_may_drop_goes_by_what_it_writes() {
        let mut sums = Sums::default();
        (0..ROWS).for_each(|_| sums.count_dropped(1));
        assert!(!sums.may_drop());
        sums.add("chat".into(), BYTES_A_ROW);
        assert!(sums.may_drop());
        sums.count_dropped(BYTES + BYTES_A_ROW);
        assert!(!sums.may_drop());
        sums.commit();
        sums.count_dropped(BYTES - 1);
        assert!(sums.may_drop());
    }
}
