//! The store in memory: what the engine falls back on while the database has failed, and what tests drive the model
//! with. Must not know a clock, a file or the database.

mod history;

use crate::digest_order::{Grouping, HeldByConversation, HeldLine, WithdrawnApp, WithdrawnApps};
use crate::effect::Write;
use crate::ledger::{Ledger, OnlyCounted};
use crate::model::{Loaded, NOTED, Noted, Saved};
use crate::notice::{Delivery, FIRST_ID, Interruption, LaterMark, NoticeId, Raw, Remark, Sender, Seq, State};
use crate::ports::{AppUse, Archive, EarlierText, Journal, Senders, StoreError, StoreFault};
use crate::query::{Found, Given, HeldRange, PAGE, Query};
use crate::unspaced::is_unspaced;
use chrono::{DateTime, Duration, Utc};
use history::Grown;
pub use history::History;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes that all texts together may take: bodies as they came, and earlier ones.
const TEXT_BYTES: usize = 32 << 20;

/// Every row in memory, in order of arrival, the model's own state, and what is over.
///
/// 32 MiB of text are kept, for it stands in while the database has failed ([`crate::StandIn`] bounds the rows): what
/// comes beyond keeps its row, but neither its body nor its earlier texts.
///
/// A transaction is undone from a log of what it changed, so its cost is that of its own changes.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Kept,
    undo: Option<Vec<Change>>,
}

/// What is stored, and how much text that is.
#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<Seq, Entry>,
    saved: Option<Saved>,
    history: History,
    bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    row: Interruption,
    raw: Option<Raw>,
    earlier: Vec<EarlierText>,
}

/// How it was before one change.
#[derive(Debug)]
enum Change {
    Entry(Seq, Option<Box<Entry>>),
    Saved(Option<Box<Saved>>),
    History(Grown),
}

/// Whether every word begins a word of its app's name or its text, as the search of a database has it: wherever words stand
/// without spaces, one may begin at any letter.
fn says_all(row: &Interruption, words: &[String]) -> bool {
    let text = folded(&format!("{} {} {}", row.app.name, row.content.summary, row.content.body));
    words.iter().all(|word| text.match_indices(word.as_str()).any(|(at, _)| may_begin_at(&text, at)))
}

fn may_begin_at(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let is_inside = |before: char| before.is_alphanumeric() && !is_unspaced(before);
    after.starts_with(is_unspaced) || !before.ends_with(is_inside)
}

/// Whether in capitals, and whether with ß or ss, it is the same word.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss")
}

/// A call that makes no sense: the caller's mistake, never the outside's.
#[derive(Debug, thiserror::Error)]
enum Misuse {
    #[error("no transaction is open")]
    NoTransaction,
    #[error("a transaction is open")]
    InTransaction,
    #[error("there is no such row")]
    NoRow,
    #[error("there is such a row")]
    RowExists,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All rows in order of arrival, as an open transaction sees them.
    #[must_use]
    pub fn rows_in_order(&self) -> Vec<Interruption> {
        self.kept.entries.values().map(|entry| entry.row.clone()).collect()
    }

    /// What is over, as an open transaction sees it.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.kept.history
    }

    /// In order of arrival.
    pub(crate) fn all_rows(&self) -> impl DoubleEndedIterator<Item = &Interruption> {
        self.kept.rows()
    }

    pub(crate) fn row_at(&self, seq: Seq) -> Option<&Interruption> {
        self.kept.entries.get(&seq).map(|entry| &entry.row)
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.entries.len()
    }

    /// Between transactions: a row that is kept elsewhere, or nowhere.
    pub(crate) fn forget(&mut self, seq: Seq) {
        drop(self.kept.put(seq, None));
    }

    fn put(&mut self, seq: Seq, entry: Option<Entry>) {
        let before = self.kept.put(seq, entry);
        if let Some(undo) = &mut self.undo {
            undo.push(Change::Entry(seq, before.map(Box::new)));
        }
    }

    fn save(&mut self, saved: Saved) {
        let before = self.kept.saved.replace(saved);
        if let Some(undo) = &mut self.undo {
            undo.push(Change::Saved(before.map(Box::new)));
        }
    }

    fn grow(&mut self, grow: impl FnOnce(&mut History) -> Option<Grown>) {
        let grown = grow(&mut self.kept.history);
        if let Some(undo) = &mut self.undo {
            undo.extend(grown.map(Change::History));
        }
    }

    fn entry(&self, operation: &'static str, seq: Seq) -> Result<Entry, StoreError> {
        let found = self.kept.entries.get(&seq).cloned();
        found.ok_or_else(|| misuse(operation, format!("row {}", seq.0), Misuse::NoRow))
    }

    fn insert(&mut self, row: Interruption, raw: Option<Raw>) -> Result<(), StoreError> {
        let seq = row.seq;
        if self.kept.entries.contains_key(&seq) {
            return Err(misuse("insert", format!("row {}", seq.0), Misuse::RowExists));
        }
        let entry = self.kept.bounded(Entry { row, raw, earlier: Vec::new() });
        self.put(seq, Some(entry));
        Ok(())
    }

    fn revise(&mut self, row: Interruption, raw: Raw, at: DateTime<Utc>) -> Result<(), StoreError> {
        let seq = row.seq;
        let Entry { row: old, mut earlier, .. } = self.entry("revise", seq)?;
        let (summary, body) = (old.content.summary, old.content.body);
        earlier.push(EarlierText { replaced: at, summary, body });
        let entry = self.kept.bounded(Entry { row, raw: Some(raw), earlier });
        self.put(seq, Some(entry));
        Ok(())
    }

    fn update(&mut self, mut row: Interruption) -> Result<(), StoreError> {
        let seq = row.seq;
        let entry = self.entry("update", seq)?;
        row.content.summary.clone_from(&entry.row.content.summary);
        row.content.body.clone_from(&entry.row.content.body);
        self.put(seq, Some(Entry { row, ..entry }));
        Ok(())
    }

    fn drop_oldest_text(&mut self, app: &Arc<str>) {
        let oldest = self.kept.rows().find(|row| row.is_held() && row.app.id == *app && has_text(row));
        if let Some(row) = oldest.cloned() {
            self.put(row.seq, Some(without_text(row)));
        }
    }

    fn shift_due(&mut self, by: Duration) {
        let is_timed = |row: &Interruption| row.due().is_some() || snoozed(row).is_some();
        let timed: Vec<_> = self.kept.entries.values().filter(|entry| is_timed(&entry.row)).cloned().collect();
        for mut entry in timed {
            entry.row.standing.clock_moved(by);
            self.put(entry.row.seq, Some(entry));
        }
    }
}

impl Kept {
    fn put(&mut self, seq: Seq, entry: Option<Entry>) -> Option<Entry> {
        let added = entry.as_ref().map_or(0, Entry::text_bytes);
        let before = match entry {
            Some(entry) => self.entries.insert(seq, entry),
            None => self.entries.remove(&seq),
        };
        let gone = before.as_ref().map_or(0, Entry::text_bytes);
        self.bytes = self.bytes.saturating_add(added).saturating_sub(gone);
        before
    }

    /// The entry as it is kept: beyond the limit without its text.
    fn bounded(&self, entry: Entry) -> Entry {
        let full = self.bytes.saturating_add(entry.text_bytes()) > TEXT_BYTES;
        if full { without_text(entry.row) } else { entry }
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &Interruption> {
        self.entries.values().map(|entry| &entry.row)
    }

    fn between(&self, after: Seq, upto: Seq) -> impl Iterator<Item = &Interruption> {
        self.rows().filter(move |row| row.seq > after && row.seq <= upto)
    }

    fn newest(&self, id: NoticeId) -> Option<&Interruption> {
        self.rows().rev().find(|row| row.id == id)
    }

    fn newest_of(&self, ids: &[NoticeId]) -> Vec<Interruption> {
        let seqs: BTreeSet<_> = ids.iter().filter_map(|id| Some(self.newest(*id)?.seq)).collect();
        seqs.iter().filter_map(|seq| self.of(*seq)).collect()
    }

    fn of(&self, seq: Seq) -> Option<Interruption> {
        self.entries.get(&seq).map(|entry| entry.row.clone())
    }

    fn tagged(&self, app: &Arc<str>, tag: &str) -> Option<&Interruption> {
        let tag = Some(tag);
        let is_somewhere = |row: &Interruption| row.is_held() || row.delivery != Delivery::None;
        let mut open = self.rows().rev().filter(|row| row.is_open() && is_somewhere(row));
        open.find(|row| row.app.id == *app && row.content.stack_tag.as_deref() == tag)
    }

    /// The first rows whose instant has come, by when it did, and when that of the first of the others does.
    fn due(&self, at: DateTime<Utc>, instant: impl Fn(&Interruption) -> Option<DateTime<Utc>>) -> Found {
        let mut due: Vec<_> = self.rows().filter_map(|row| Some((instant(row)?, row.seq))).collect();
        due.sort_unstable();
        let first = due.iter().take(PAGE).take_while(|(due, _)| *due <= at);
        let seqs: BTreeSet<_> = first.map(|(_, seq)| *seq).collect();
        let next_due = due.get(seqs.len()).map(|(due, _)| *due);
        Found { rows: seqs.iter().filter_map(|seq| self.of(*seq)).collect(), next_due }
    }

    fn named(&self, need: &Query) -> Vec<Interruption> {
        match need {
            Query::Due(_) | Query::Snoozed(_) => Vec::new(),
            Query::Id(id) => self.newest(*id).cloned().into_iter().collect(),
            Query::Ids(ids) => self.newest_of(ids),
            Query::Seqs(seqs) => {
                let seqs: BTreeSet<_> = seqs.iter().collect();
                seqs.into_iter().filter_map(|seq| self.of(*seq)).collect()
            }
            Query::StackTag { app, tag } => self.tagged(app, tag).cloned().into_iter().collect(),
            Query::Sending { gate, serial } => {
                self.rows().rev().find(|row| is_sent(row, gate, *serial)).cloned().into_iter().collect()
            }
            Query::ShownAs(given) => self.rows().filter(|row| is_shown_as(row, given)).cloned().collect(),
            Query::NextHeld(range) => self
                .held_in(range)
                .find(|row| !matches!(row.delivery, Delivery::Sending { .. }))
                .cloned()
                .into_iter()
                .collect(),
            Query::HeldPage(range) => self.held_in(range).take(PAGE).cloned().collect(),
            Query::LaterPage { after, upto, mark } => {
                let held = self.between(*after, *upto).filter(|row| row.is_held());
                held.filter(|row| row.deferred().is_some_and(|deferral| deferral.mark == *mark))
                    .take(PAGE)
                    .cloned()
                    .collect()
            }
            Query::DonePage { after, upto, due } => {
                let done = self.between(*after, *upto).filter(|row| row.state() == State::Done);
                done.filter(|row| row.due() == Some(*due)).take(PAGE).cloned().collect()
            }
            Query::Unanswered { gate } => self.rows().filter(|row| is_sent_by_other(row, gate)).cloned().collect(),
            Query::ShownByOthers { by } => self.rows().filter(|row| is_shown_by_other(row, by)).cloned().collect(),
        }
    }

    fn held_in<'a>(&'a self, range: &'a HeldRange) -> impl Iterator<Item = &'a Interruption> {
        let held = self.between(range.after, range.upto).filter(|row| row.is_held());
        let of_app = held.filter(|row| range.app.as_ref().is_none_or(|app| *app == row.app.id));
        of_app.filter(|row| !row.is_deferred_after(range.later_than))
    }

    fn held(&self) -> impl DoubleEndedIterator<Item = &Interruption> {
        self.rows().filter(|row| row.is_held() && !row.is_own())
    }

    fn loaded(&self) -> Loaded {
        let later_than = self.saved.as_ref().map_or(LaterMark(0), |saved| saved.later_than);
        let later = self.held().filter(|row| row.is_deferred_after(later_than)).count();
        let upto = self.saved.as_ref().map_or(Seq(0), |saved| saved.handed_over_upto);
        let here = HeldRange { after: Seq(0), upto, app: None, later_than };
        let handed_over = self.held_in(&here).filter(|row| !row.is_own()).count();
        let quiet = self.saved.as_ref().and_then(|saved| saved.quiet.as_ref());
        let in_quiet = quiet.map_or(0, |quiet| self.held().filter(|row| row.seq > quiet.after).count());
        let noted = self.held().rev().filter(|row| row.is_noted()).take(NOTED as usize).map(Noted::of);
        let reserved = self.saved.as_ref().map_or(FIRST_ID, |saved| saved.reserved_ids);
        let open = || self.rows().filter(|row| row.is_open());
        let popups = self.rows().filter(|row| is_popup(row)).count();
        let senders: BTreeSet<Sender> = open().filter(|row| !row.is_noted()).map(|row| row.sender.clone()).collect();
        Loaded {
            saved: self.saved.clone(),
            last_seq: self.rows().next_back().map_or(Seq(0), |row| row.seq),
            ledger: self.ledger(),
            held_by_app: self.held_by_app(),
            later: u32::try_from(later).unwrap_or(u32::MAX),
            handed_over: u32::try_from(handed_over).unwrap_or(u32::MAX),
            held_in_quiet: u32::try_from(in_quiet).unwrap_or(u32::MAX),
            noted: noted.collect(),
            next_due: self.rows().filter_map(|row| row.due()).min(),
            next_snoozed: self.rows().filter_map(snoozed).min(),
            adopted: open().map(|row| row.id.0).filter(|id| *id >= reserved).collect(),
            senders: senders.into_iter().collect(),
            popups: u32::try_from(popups).unwrap_or(u32::MAX),
            digest: open().rev().find(|row| row.is_own()).map(|row| row.id),
            ids_from: 0,
            loss: None,
        }
    }

    /// The books of the saved period. Without one there was no digest yet: all rows are of the first.
    fn ledger(&self) -> Ledger {
        let (number, carried) = self.saved.as_ref().map_or((1, 0), |saved| (saved.period.number, saved.period.carried));
        let mut ledger = Ledger { carried, ..Ledger::default() };
        self.saved.as_ref().map_or(OnlyCounted::default(), |saved| saved.only_counted).join(&mut ledger);
        for row in self.rows().filter(|row| row.is_counted()) {
            ledger.came_in += u32::from(row.period == number);
            if row.is_held() || row.settled() == Some(number) {
                *ledger.of(row.state()) += 1;
            }
        }
        let feedback = |row: &&Interruption| row.content.feedback && !row.is_own() && row.period == number;
        ledger.feedback += u32::try_from(self.rows().filter(feedback).count()).unwrap_or(u32::MAX);
        ledger
    }

    fn held_by_app(&self) -> Vec<(Arc<str>, Arc<str>, u32)> {
        let mut counts: BTreeMap<Arc<str>, (Arc<str>, u32)> = BTreeMap::new();
        for row in self.rows().filter(|row| row.is_held() && row.is_counted()) {
            let count = counts.entry(row.app.id.clone()).or_insert_with(|| (row.app.name.clone(), 0));
            count.1 += 1;
        }
        counts.into_iter().map(|(id, (name, count))| (id, name, count)).collect()
    }
}

impl Entry {
    fn text_bytes(&self) -> usize {
        let raw = self.raw.as_ref().map_or(0, |raw| raw.body.len());
        let earlier = self.earlier.iter().map(|text| text.summary.len() + text.body.len());
        raw + self.row.content.body.len() + earlier.sum::<usize>()
    }
}

impl Archive for MemoryStore {
    fn rows(&mut self, need: &Query) -> Result<Found, StoreError> {
        if let Query::Due(at) = need {
            return Ok(self.kept.due(*at, Interruption::due));
        }
        if let Query::Snoozed(at) = need {
            return Ok(self.kept.due(*at, snoozed));
        }
        Ok(Found { rows: self.kept.named(need), next_due: None })
    }

    fn raw(&mut self, seq: Seq) -> Result<Option<Raw>, StoreError> {
        Ok(self.kept.entries.get(&seq).and_then(|entry| entry.raw.clone()))
    }

    fn held(&mut self, after: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        let held = self.kept.between(after, Seq(i64::MAX)).filter(|row| row.is_held());
        Ok(held.take(limit as usize).cloned().collect())
    }

    fn held_by_conversation(&mut self, later_than: LaterMark) -> Result<HeldByConversation, StoreError> {
        let mut rows: Vec<_> = self.kept.held().collect();
        rows.sort_by_key(|row| &row.app.id);
        let mut grouping = Grouping::new(later_than);
        for row in rows {
            grouping.add(&row.app.id, HeldLine::of(row));
        }
        Ok(grouping.finish())
    }

    fn withdrawn(&mut self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, StoreError> {
        let mut apps = WithdrawnApps::new(limit);
        let is_listed =
            |row: &&Interruption| row.state() == State::Withdrawn && row.settled() >= Some(since) && !row.is_own();
        let mut listed: Vec<_> = self.kept.rows().filter(is_listed).collect();
        listed.sort_by_key(|row| std::cmp::Reverse((row.settled(), row.seq)));
        for row in listed {
            apps.add(row.seq, &row.app.id, || Ok(row.app.name.clone()))?;
        }
        Ok(apps.finish())
    }

    fn search(&mut self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        let words: Vec<_> = words.iter().map(|word| folded(word)).collect();
        let rows = self.kept.rows().rev().filter(|row| row.seq < before && !row.is_own());
        Ok(rows.filter(|row| says_all(row, &words)).take(limit as usize).cloned().collect())
    }

    fn detail(&mut self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, StoreError> {
        let seq = self.kept.newest(id).map(|row| row.seq);
        let entry = seq.and_then(|seq| self.kept.entries.get(&seq));
        Ok(entry.map(|entry| (entry.row.clone(), entry.earlier.clone())))
    }

    fn senders(&mut self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, StoreError> {
        let mut senders = Senders::default();
        let mut apps: BTreeMap<&Arc<str>, AppUse> = BTreeMap::new();
        let last = self.kept.rows().map(|row| row.seq.0).max().unwrap_or_default();
        let is_counted = |row: &&Interruption| !row.is_own() && !row.content.feedback && !row.is_noted();
        let newest = self.kept.rows().filter(|row| row.seq.0 > last - i64::from(rows) && row.arrived >= since);
        for row in newest.filter(is_counted) {
            senders.first = Some(senders.first.map_or(row.arrived, |known| known.min(row.arrived)));
            let new = || AppUse { app: row.app.id.clone(), name: row.app.name.clone(), came_in: 0, acted: 0 };
            let of_app = apps.entry(&row.app.id).or_insert_with(new);
            of_app.came_in = of_app.came_in.saturating_add(1);
            of_app.acted = of_app.acted.saturating_add(row.acted.is_some().into());
            of_app.name = row.app.name.clone();
        }
        senders.apps = apps.into_values().collect();
        senders.apps.sort_by(|a, b| b.came_in.cmp(&a.came_in).then_with(|| a.app.cmp(&b.app)));
        senders.apps.truncate(limit as usize);
        Ok(senders)
    }

    fn feedback_by_app(&mut self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, StoreError> {
        let mut counts: BTreeMap<&Arc<str>, (Arc<str>, u32)> = BTreeMap::new();
        for row in self.kept.rows().filter(|row| row.content.feedback && !row.is_own() && row.settled() == Some(period))
        {
            let count = counts.entry(&row.app.id).or_insert_with(|| (row.app.name.clone(), 0));
            count.1 = count.1.saturating_add(1);
        }
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.truncate(limit as usize);
        Ok(counts)
    }
}

impl Journal for MemoryStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        Ok(self.kept.loaded())
    }

    fn begin(&mut self, _durable: bool) -> Result<(), StoreError> {
        if self.undo.is_some() {
            return Err(misuse("begin", memory(), Misuse::InTransaction));
        }
        self.undo = Some(Vec::new());
        Ok(())
    }

    fn apply(&mut self, write: &Write) -> Result<(), StoreError> {
        if self.undo.is_none() {
            return Err(misuse("write to", memory(), Misuse::NoTransaction));
        }
        match write {
            Write::Insert { row, raw } => return self.insert((**row).clone(), raw.clone()),
            Write::Revise { row, raw, at } => {
                return self.revise((**row).clone(), raw.clone(), *at);
            }
            Write::Update(row) => return self.update((**row).clone()),
            Write::DropOldestText { app } => self.drop_oldest_text(app),
            Write::ShiftDue(by) => self.shift_due(*by),
            Write::Save(saved) => self.save((**saved).clone()),
            Write::BlockEnded(block) => self.grow(|history| Some(history.block_ended((**block).clone()))),
            Write::LeftOut { of_block, length } => self.grow(|history| history.left_out(*of_block, *length)),
            Write::PeriodEnded(period) => self.grow(|history| Some(history.period_ended(**period))),
            Write::Absent(absence) => self.grow(|history| Some(history.absent(*absence))),
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let open = self.undo.take();
        open.map(drop).ok_or_else(|| misuse("commit", memory(), Misuse::NoTransaction))
    }

    fn roll_back(&mut self) {
        for change in self.undo.take().into_iter().flatten().rev() {
            match change {
                Change::Entry(seq, before) => drop(self.kept.put(seq, before.map(|entry| *entry))),
                Change::Saved(before) => self.kept.saved = before.map(|saved| *saved),
                Change::History(grown) => self.kept.history.undo(grown),
            }
        }
    }

    /// Bodies of what is closed are never sent again.
    fn tidy(&mut self) -> Result<bool, StoreError> {
        let closed = |entry: &&Entry| !entry.row.is_editable() && entry.raw.is_some();
        let closed: Vec<_> = self.kept.entries.values().filter(closed).cloned().collect();
        for entry in closed {
            self.put(entry.row.seq, Some(Entry { raw: None, ..entry }));
        }
        Ok(false)
    }
}

fn without_text(mut row: Interruption) -> Entry {
    row.content.body = String::new();
    if has_text(&row) {
        row.content.remarks.push(Remark::TextDroppedFlood);
    }
    Entry { row, raw: None, earlier: Vec::new() }
}

fn has_text(row: &Interruption) -> bool {
    !row.content.remarks.contains(&Remark::TextDroppedFlood)
}

fn is_sent(row: &Interruption, by: &Arc<str>, with: u32) -> bool {
    matches!(&row.delivery, Delivery::Sending { gate, serial, .. } if gate == by && *serial == with)
}

fn is_shown_as(row: &Interruption, given: &Given) -> bool {
    matches!(&row.delivery, Delivery::Shown { by, id } if *by == given.by && given.ids.contains(id))
}

fn is_sent_by_other(row: &Interruption, own: &Arc<str>) -> bool {
    matches!(&row.delivery, Delivery::Sending { gate, .. } if gate != own)
}

fn is_shown_by_other(row: &Interruption, renderer: &Arc<str>) -> bool {
    matches!(&row.delivery, Delivery::Shown { by, .. } if by != renderer)
}

fn snoozed(row: &Interruption) -> Option<DateTime<Utc>> {
    row.deferred().and_then(|deferral| deferral.until)
}

fn is_popup(row: &Interruption) -> bool {
    row.state() == State::Released && row.delivery != Delivery::None
}

fn memory() -> String {
    "the store in memory".to_owned()
}

fn misuse(operation: &'static str, object: String, source: Misuse) -> StoreError {
    StoreError { operation, object, source: Box::new(source), fault: StoreFault::default() }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::RendererId;
    use crate::focus::{Block, EndedBy, PastBlock};
    use crate::ledger::{Absence, CheckInBy, PastPeriod, Period};
    use crate::notice::{App, Content, Held, Origin, Outcome, Proof, Standing, Then, Why};

    pub(crate) fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    pub(crate) fn row(seq: i64, app: &str, state: State) -> Interruption {
        let sender = Sender { bus: "bus".into(), name: ":1.1".into(), pid: 1, started: 1 };
        Interruption {
            seq: Seq(seq),
            id: NoticeId(FIRST_ID + u32::try_from(seq).unwrap()),
            arrived: at(seq),
            period: 1,
            sender,
            gate: ":gate".into(),
            app: App { id: app.into(), name: app.into(), proof: Proof::Unit, desktop_entry: None, executable: None },
            content: Content { summary: format!("{app} {seq}"), body: "body".into(), ..Content::default() },
            standing: Standing::of(state, 1),
            why: Why::Block,
            delivery: Delivery::None,
            closed: None,
            revisions: 0,
            acted: None,
            came_back: None,
            origin: Origin::App,
        }
    }

    /// Its time runs out then.
    fn due(mut row: Interruption, seconds: i64) -> Interruption {
        row.standing = match row.standing {
            Standing::Held(held) => Standing::Held(Held { expires: Some(at(seconds)), ..held }),
            Standing::Settled { period, .. } => {
                Standing::Settled { outcome: Outcome::Done { undo_until: Some(at(seconds)) }, period }
            }
        };
        row
    }

    fn settled_in(period: u64, row: Interruption) -> Interruption {
        Interruption { standing: Standing::of(row.state(), period), ..row }
    }

    fn raw(bytes: usize) -> Raw {
        Raw { body: vec![0; bytes].into(), big_endian: false }
    }

    fn insert(row: &Interruption, bytes: usize) -> Write {
        Write::Insert { row: Box::new(row.clone()), raw: Some(raw(bytes)) }
    }

    fn saved(period: u64, carried: u32) -> Write {
        Write::Save(Box::new(Saved {
            reserved_ids: FIRST_ID + 10,
            block: Some(Block {
                intention: None,
                started: at(0),
                end: crate::focus::BlockEnd::Open,
                left_out: Vec::new(),
            }),
            period: Period { number: period, since: at(0), carried },
            ..Saved::new(at(0))
        }))
    }

    /// All that can be over: of the block some is left out afterwards.
    fn all_over(second: i64) -> [Write; 4] {
        let block = PastBlock {
            intention: None,
            started: at(second),
            ended: at(second + 9),
            planned: None,
            left_out: Duration::zero(),
            ended_by: EndedBy::Hand,
        };
        let (number, ledger, ended_by) = (1, Ledger::default(), CheckInBy::Hand);
        let period = PastPeriod { number, since: at(0), until: at(second), ledger, ended_by };
        [
            Write::BlockEnded(Box::new(block)),
            Write::LeftOut { of_block: at(second), length: Duration::seconds(3) },
            Write::PeriodEnded(Box::new(period)),
            Write::Absent(Absence { since: at(0), until: at(second) }),
        ]
    }

    /// A store with these writes committed.
    fn store(writes: &[Write]) -> MemoryStore {
        let mut store = MemoryStore::new();
        store.begin(true).unwrap();
        writes.iter().for_each(|write| store.apply(write).unwrap());
        store.commit().unwrap();
        store
    }

    fn summaries(rows: &[Interruption]) -> Vec<&str> {
        rows.iter().map(|row| row.content.summary.as_str()).collect()
    }

    fn check_query(store: &mut MemoryStore, need: &Query, want: &[&str]) {
        let rows = store.rows(need).unwrap().rows;
        assert_eq!(summaries(&rows), want, "{need:?}");
    }

    #[test]
    fn a_transaction_that_is_given_up_leaves_no_trace() {
        let one = due(row(1, "chat", State::Held), 9);
        let mut store = store(&[insert(&one, 10), saved(1, 0)]);
        store.begin(true).unwrap();
        all_over(1).iter().for_each(|write| store.apply(write).unwrap());
        store.commit().unwrap();
        let before = (store.rows_in_order(), store.load().unwrap(), store.kept.bytes);
        let history = store.history().clone();
        let edited = Interruption { revisions: 1, ..one.clone() };
        let done = Interruption { standing: Standing::of(State::Done, 1), ..one };
        store.begin(true).unwrap();
        for write in [
            insert(&row(2, "mail", State::Held), 10),
            Write::Revise { row: Box::new(edited), raw: raw(99), at: at(1) },
            Write::DropOldestText { app: "chat".into() },
            Write::Update(Box::new(done)),
            Write::ShiftDue(Duration::hours(1)),
            saved(2, 1),
        ]
        .into_iter()
        .chain(all_over(1))
        {
            store.apply(&write).unwrap();
        }
        assert_ne!(store.rows_in_order(), before.0);
        assert_ne!(*store.history(), history);
        store.roll_back();
        assert_eq!((store.rows_in_order(), store.load().unwrap(), store.kept.bytes), before);
        assert_eq!(*store.history(), history);
        assert_eq!(store.raw(Seq(1)).unwrap().unwrap().body.len(), 10);
        assert_eq!(store.detail(NoticeId(FIRST_ID + 1)).unwrap().unwrap().1, []);
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        let mut store = store(&[insert(&row(1, "chat", State::Held), 0)]);
        let wrong = |result: Result<(), StoreError>| result.unwrap_err().to_string();
        assert_eq!(wrong(store.commit()), "commit the store in memory: no transaction is open");
        store.begin(false).unwrap();
        assert_eq!(wrong(store.begin(false)), "begin the store in memory: a transaction is open");
        assert_eq!(wrong(store.apply(&insert(&row(1, "chat", State::Held), 0))), "insert row 1: there is such a row");
        let unknown = Write::Update(Box::new(row(7, "chat", State::Held)));
        assert_eq!(wrong(store.apply(&unknown)), "update row 7: there is no such row");
    }

    #[test]
    fn an_edit_keeps_the_earlier_text_and_an_update_keeps_the_text() {
        let one = row(1, "chat", State::Held);
        let mut edited = Interruption { revisions: 1, ..one.clone() };
        edited.content.summary = "edited".into();
        let mut updated = Interruption { standing: Standing::of(State::Done, 1), ..edited.clone() };
        updated.content.summary = "never stored".into();
        let revise = Write::Revise { row: Box::new(edited), raw: raw(3), at: at(5) };
        let mut store = store(&[insert(&one, 1), revise, Write::Update(Box::new(updated))]);
        let (row, earlier) = store.detail(one.id).unwrap().unwrap();
        assert_eq!((row.content.summary.as_str(), row.state()), ("edited", State::Done));
        assert_eq!(earlier, [EarlierText { replaced: at(5), summary: "chat 1".into(), body: "body".into() }]);
    }

    #[test]
    fn every_query_names_its_rows_in_order_of_arrival() {
        let shown = Delivery::Shown { by: ":r".into(), id: RendererId(4) };
        let sending = |gate: &str| Delivery::Sending { gate: gate.into(), serial: 8, then: Then::Nothing, late: false };
        let mut tagged = row(5, "chat", State::Held);
        tagged.content.stack_tag = Some("tag".into());
        let rows = [
            row(1, "chat", State::Held),
            Interruption { delivery: sending(":gate"), ..row(2, "chat", State::Held) },
            Interruption { delivery: shown, ..row(3, "mail", State::Released) },
            due(row(4, "mail", State::Done), 30),
            due(tagged.clone(), 20),
            Interruption { delivery: sending(":old"), id: NoticeId(FIRST_ID + 1), ..row(6, "mail", State::Passed) },
            Interruption { seq: Seq(7), id: NoticeId(FIRST_ID + 7), standing: Standing::of(State::Done, 1), ..tagged },
        ];
        let mut store = store(&rows.each_ref().map(|row| insert(row, 0)));
        let (after, upto) = (Seq(1), Seq(5));
        let id = |nth| NoticeId(FIRST_ID + nth);
        check_query(&mut store, &Query::Id(id(1)), &["mail 6"]);
        check_query(&mut store, &Query::Ids(vec![id(1), id(3), id(9), id(3)]), &["mail 3", "mail 6"]);
        check_query(&mut store, &Query::Seqs(vec![Seq(3), Seq(1), Seq(9)]), &["chat 1", "mail 3"]);
        check_query(&mut store, &Query::StackTag { app: "chat".into(), tag: "tag".into() }, &["chat 5"]);
        check_query(&mut store, &Query::StackTag { app: "mail".into(), tag: "tag".into() }, &[]);
        let given = |ids: &[u32]| Given { by: ":r".into(), ids: ids.iter().copied().map(RendererId).collect() };
        check_query(&mut store, &Query::Sending { gate: ":gate".into(), serial: 8 }, &["chat 2"]);
        check_query(&mut store, &Query::ShownAs(given(&[3, 4])), &["mail 3"]);
        check_query(&mut store, &Query::ShownAs(Given { by: ":x".into(), ids: vec![RendererId(4)] }), &[]);
        let range = HeldRange { after, upto, app: None, later_than: LaterMark(0) };
        let from_start = HeldRange { after: Seq(0), ..range.clone() };
        let of_mail = HeldRange { app: Some("mail".into()), ..range.clone() };
        check_query(&mut store, &Query::NextHeld(range.clone()), &["chat 5"]);
        check_query(&mut store, &Query::NextHeld(from_start), &["chat 1"]);
        check_query(&mut store, &Query::HeldPage(range), &["chat 2", "chat 5"]);
        check_query(&mut store, &Query::HeldPage(of_mail), &[]);
        check_query(&mut store, &Query::DonePage { after, upto, due: at(30) }, &["mail 4"]);
        check_query(&mut store, &Query::DonePage { after, upto, due: at(31) }, &[]);
        check_query(&mut store, &Query::Unanswered { gate: ":gate".into() }, &["mail 6"]);
        check_query(&mut store, &Query::ShownByOthers { by: ":new".into() }, &["mail 3"]);
        check_query(&mut store, &Query::ShownByOthers { by: ":r".into() }, &[]);
    }

    #[test]
    fn what_is_due_comes_by_its_time_and_says_when_more_is() {
        let due = |seq: i64| due(row(seq, "chat", State::Held), 1_000 - seq);
        let mut store = store(&(1..=150).map(|seq| insert(&due(seq), 0)).collect::<Vec<_>>());
        let first = store.rows(&Query::Due(at(2_000))).unwrap();
        assert_eq!((first.rows.len(), first.rows[0].seq, first.next_due), (100, Seq(51), Some(at(950))));
        let two = store.rows(&Query::Due(at(851))).unwrap();
        assert_eq!((two.rows.len(), two.next_due), (2, Some(at(852))));
        assert_eq!(store.rows(&Query::Due(at(0))).unwrap().next_due, Some(at(850)));
    }

    #[test]
    fn the_books_are_counted_from_the_rows() {
        let feedback = |mut row: Interruption| {
            row.content.feedback = true;
            row
        };
        let rows = [
            row(1, "chat", State::Held),
            Interruption { period: 2, ..row(2, "chat", State::Held) },
            settled_in(2, row(3, "mail", State::Done)),
            row(4, "mail", State::Done),
            Interruption { period: 2, ..settled_in(2, row(5, "mail", State::Muted)) },
            Interruption { period: 2, ..settled_in(2, feedback(row(6, "sound", State::Passed))) },
            Interruption { period: 2, origin: Origin::OurOwn, ..row(7, "tidegate", State::Passed) },
        ];
        let mut writes = rows.each_ref().map(|row| insert(row, 0)).to_vec();
        writes.push(saved(2, 2));
        let loaded = store(&writes).load().unwrap();
        let want = Ledger { carried: 2, came_in: 2, held: 2, muted: 1, done: 1, feedback: 1, ..Ledger::default() };
        assert_eq!(loaded.ledger, want);
        assert!(loaded.ledger.balances());
        assert_eq!(loaded.held_by_app, [("chat".into(), "chat".into(), 2)]);
        assert_eq!((loaded.last_seq, loaded.digest), (Seq(7), Some(NoticeId(FIRST_ID + 7))));
    }

    #[test]
    fn the_oldest_held_text_of_an_app_is_dropped_first() {
        let rows = [row(1, "chat", State::Done), row(2, "mail", State::Held), row(3, "chat", State::Held)];
        let mut store = store(&rows.each_ref().map(|row| insert(row, 5)));
        store.begin(true).unwrap();
        store.apply(&Write::DropOldestText { app: "chat".into() }).unwrap();
        store.commit().unwrap();
        let bodies: Vec<_> = store.rows_in_order().into_iter().map(|row| row.content.body).collect();
        assert_eq!(bodies, ["body", "body", ""]);
        assert_eq!(store.rows_in_order()[2].content.remarks, [Remark::TextDroppedFlood]);
        assert_eq!((store.raw(Seq(1)).unwrap().is_some(), store.raw(Seq(3)).unwrap()), (true, None));
    }

    #[test]
    fn beyond_the_limit_rows_are_kept_without_their_text() {
        let mut store = store(&[
            insert(&row(1, "chat", State::Passed), TEXT_BYTES - 10),
            insert(&row(2, "chat", State::Passed), 100),
        ]);
        assert!(store.raw(Seq(1)).unwrap().is_some());
        assert_eq!(store.raw(Seq(2)).unwrap(), None);
        assert_eq!(summaries(&store.rows_in_order()), ["chat 1", "chat 2"]);
        assert!(store.kept.bytes <= TEXT_BYTES);
    }

    #[test]
    fn a_search_goes_by_beginnings_of_words_in_capitals_or_not_and_with_sharp_s_or_not() {
        let street = Content { summary: "Hauptstraße".into(), ..Content::default() };
        let mut store = store(&[insert(&Interruption { content: street, ..row(1, "chat", State::Held) }, 1)]);
        let mut finds = |word: &str| store.search(&[word.to_owned()], Seq(9), 9).unwrap().len();
        let found = ["HAUPTSTRASS", "hauptstraß", "Chat", "strasse"].map(&mut finds);
        assert_eq!(found, [1, 1, 1, 0]);
    }

    #[test]
    fn bodies_of_closed_ones_are_tidied_away() {
        let closing = crate::notice::Closing { reason: crate::notice::ClosedReason::ByCall, at: at(1) };
        let closed = Interruption { closed: Some(closing), ..row(1, "chat", State::Passed) };
        let mut store = store(&[insert(&closed, 5), insert(&row(2, "chat", State::Passed), 5)]);
        store.tidy().unwrap();
        assert_eq!((store.raw(Seq(1)).unwrap().is_some(), store.raw(Seq(2)).unwrap().is_some()), (false, true));
    }
}
