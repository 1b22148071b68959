//! The store as a list that is searched from end to end: what the real one must agree with. Must not know SQL.

use crate::rows::due_at;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tidegate_domain::conversation;
use tidegate_domain::ports::EarlierText;
use tidegate_domain::{
    Content, Delivery, FIRST_ID, Found, Given, Grouping, Held, HeldByConversation, HeldLine, HeldRange, History,
    Interruption, LaterMark, Ledger, Loaded, Noted, NoticeId, Outcome, Query, Raw, Remark, Saved, Seq, Standing, State,
    Write,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Kept,
    Nowhere,
    Memory,
    Lost,
    Dropped,
}

#[derive(Debug, Clone)]
struct Row {
    row: Interruption,
    raw: Option<Raw>,
    earlier: Vec<EarlierText>,
    place: Place,
    raw_dropped: bool,
    conversation: Option<i64>,
}

/// In order of arrival.
#[derive(Debug, Clone)]
pub(crate) struct Naive {
    rows: Vec<Row>,
    saved: Option<Saved>,
    history: History,
    /// How many bytes of messages are kept on disk at most.
    most_bytes: usize,
}

impl Naive {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { rows: Vec::new(), saved: None, history: History::default(), most_bytes }
    }

    pub(crate) fn apply(&mut self, write: &Write) {
        match write {
            Write::Insert { row, raw } => self.insert(row, raw.clone()),
            Write::Revise { row, raw, at } => self.revise(row, raw, *at),
            Write::Update(row) => self.update(row),
            Write::DropOldestText { app } => self.drop_oldest_text(app),
            Write::ShiftDue(by) => {
                self.rows.iter_mut().flat_map(|row| instants(&mut row.row)).for_each(|instant| *instant += *by);
            }
            Write::Save(saved) => self.saved = Some((**saved).clone()),
            Write::BlockEnded(block) => self.history.blocks.push((**block).clone()),
            Write::LeftOut { of_block, length } => {
                let mut last = self.history.blocks.iter_mut().filter(|block| block.started == *of_block);
                last.next_back().into_iter().for_each(|block| block.left_out += *length);
            }
            Write::PeriodEnded(period) => self.history.periods.push(**period),
            Write::Absent(absence) => self.history.absences.push(*absence),
        }
    }

    fn insert(&mut self, row: &Interruption, raw: Option<Raw>) {
        let is_memory = row.content.transient && row.is_held();
        let place = if is_memory { Place::Memory } else { Place::Kept };
        let conversation = conversation_of(row, place);
        let row = Row { row: stored(row), raw, earlier: Vec::new(), place, raw_dropped: false, conversation };
        let makes_room = row.bytes() > 0;
        self.rows.push(row);
        if makes_room {
            self.make_room();
        }
    }

    fn find(&mut self, seq: Seq) -> &mut Row {
        self.rows.iter_mut().find(|row| row.row.seq == seq).unwrap()
    }

    fn revise(&mut self, row: &Interruption, raw: &Raw, at: DateTime<Utc>) {
        let found = self.find(row.seq);
        if found.place == Place::Kept {
            let (summary, body) = (found.row.content.summary.clone(), found.row.content.body.clone());
            found.earlier.push(EarlierText { replaced: at, summary, body });
        }
        let stays = row.content.transient && (row.is_held() || found.place == Place::Memory);
        found.place = if stays { Place::Memory } else { Place::Kept };
        found.conversation = conversation_of(row, found.place);
        (found.row, found.raw, found.raw_dropped) = (stored(row), Some(raw.clone()), false);
        if found.bytes() > 0 {
            self.make_room();
        }
    }

    /// First what nobody needs, then the oldest of whoever has the most.
    fn make_room(&mut self) {
        while self.rows.iter().map(Row::bytes).sum::<usize>() > self.most_bytes {
            if let Some(row) = self.rows.iter_mut().find(|it| it.bytes() > 0 && spent(&it.row)) {
                row.raw = None;
                continue;
            }
            let Some(seq) = self.oldest_of_the_largest() else { return };
            let row = self.find(seq);
            (row.raw, row.raw_dropped) = (None, true);
        }
    }

    fn oldest_of_the_largest(&self) -> Option<Seq> {
        let mut apps: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.bytes() > 0) {
            *apps.entry(&row.row.app.id).or_default() += row.bytes();
        }
        let mut apps: Vec<_> = apps.into_iter().map(|(app, bytes)| (bytes, app)).collect();
        apps.sort_unstable_by(|a, b| b.cmp(a));
        let oldest = |app: &str| {
            let idle = |it: &&Row| it.bytes() > 0 && *it.row.app.id == *app && sending(&it.row).is_none();
            self.rows.iter().find(idle).map(|it| it.row.seq)
        };
        apps.into_iter().find_map(|(_, app)| oldest(app))
    }

    fn update(&mut self, row: &Interruption) {
        let spent = spent(row);
        let found = self.find(row.seq);
        let before = std::mem::replace(&mut found.row, stored(row)).content;
        let to = &mut found.row.content;
        (to.summary, to.body, to.actions, to.inline_reply) =
            (before.summary, before.body, before.actions, before.inline_reply);
        if spent && found.place == Place::Memory {
            (found.place, found.raw) = (Place::Nowhere, None);
            blank(&mut found.row.content);
        }
    }

    fn drop_oldest_text(&mut self, app: &str) {
        let has_text = |row: &&mut Row| matches!(row.place, Place::Kept | Place::Memory);
        let of_app = |row: &&mut Row| row.row.is_held() && row.row.is_counted() && *row.row.app.id == *app;
        if let Some(row) = self.rows.iter_mut().filter(of_app).find(has_text) {
            if row.place == Place::Memory {
                blank(&mut row.row.content);
            }
            row.row.content.body.clear();
            (row.place, row.raw, row.raw_dropped) = (Place::Dropped, None, false);
            row.earlier.clear();
        }
    }

    pub(crate) fn tidy(&mut self) {
        for row in self.rows.iter_mut().filter(|row| spent(&row.row)) {
            row.raw = None;
        }
        self.make_room();
    }

    /// The process ended: what was in memory is gone.
    pub(crate) fn restart(&mut self) {
        for row in self.rows.iter_mut().filter(|row| row.place == Place::Memory) {
            blank(&mut row.row.content);
            (row.place, row.raw) = (Place::Lost, None);
            if row.row.is_held() {
                row.row = due_at(row.row.clone(), DateTime::UNIX_EPOCH);
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<Interruption> {
        self.rows.iter().map(Row::seen).collect()
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    pub(crate) fn raw(&self, seq: Seq) -> Option<Raw> {
        self.rows.iter().find(|row| row.row.seq == seq)?.raw.clone()
    }

    pub(crate) fn held(&self, after: Seq, limit: usize) -> Vec<Interruption> {
        let held = |row: &Interruption| row.is_held() && !row.is_own() && row.seq > after;
        self.all().into_iter().filter(held).take(limit).collect()
    }

    pub(crate) fn held_by_conversation(&self, later_than: LaterMark) -> HeldByConversation {
        let mut rows: Vec<_> = self.rows.iter().filter(|it| it.row.is_held() && !it.row.is_own()).collect();
        rows.sort_by_key(|it| &it.row.app.id);
        let mut grouping = Grouping::new(later_than);
        for Row { row, conversation, .. } in rows {
            grouping.add(&row.app.id, HeldLine { seq: row.seq, put_off: mark(row), conversation: *conversation });
        }
        grouping.finish()
    }

    /// Newest first, every row whose text is on disk and has a word that begins so.
    pub(crate) fn search(&self, beginning: &str) -> Vec<Interruption> {
        let says = |row: &Interruption| {
            let text = format!("{} {} {}", row.app.name, row.content.summary, row.content.body).to_lowercase();
            text.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(beginning))
        };
        let kept = self.rows.iter().rev().filter(|it| it.place == Place::Kept && !it.row.is_own());
        kept.map(Row::seen).filter(says).collect()
    }

    pub(crate) fn detail(&self, id: NoticeId) -> Option<(Interruption, Vec<EarlierText>)> {
        let row = self.rows.iter().rev().find(|row| row.row.id == id)?;
        Some((row.seen(), row.earlier.clone()))
    }

    pub(crate) fn rows(&self, need: &Query) -> Found {
        let rows = match need {
            Query::Id(id) => self.newest(|row| row.id == *id),
            Query::Ids(ids) => in_order(ids.iter().flat_map(|id| self.newest(|row| row.id == *id)).collect()),
            Query::Seqs(seqs) => in_order(self.those(|row| seqs.contains(&row.seq))),
            Query::StackTag { app, tag } => self.newest(|row| {
                let shown = row.is_held() || row.delivery != Delivery::None;
                row.app.id == *app && row.content.stack_tag.as_ref() == Some(tag) && row.is_open() && shown
            }),
            Query::Sending { gate, serial } => self.newest(|row| sending(row) == Some((&**gate, *serial))),
            Query::ShownAs(given) => self.those(|row| is_shown_as(row, given)),
            Query::Due(at) => return self.due(*at, Interruption::due),
            Query::Snoozed(at) => return self.due(*at, snoozed_until),
            Query::NextHeld(range) => {
                let mut held = self.held_in(range);
                held.retain(|row| sending(row).is_none());
                held.into_iter().take(1).collect()
            }
            Query::HeldPage(range) => self.held_in(range).into_iter().take(100).collect(),
            Query::LaterPage { after, upto, mark: wanted } => {
                let mut held = self.held_between(*after, *upto);
                held.retain(|row| mark(row) == Some(*wanted));
                held.into_iter().take(100).collect()
            }
            Query::DonePage { after, upto, due } => self.those(|row| {
                let done = row.state() == State::Done && row.due() == Some(*due);
                done && row.seq > *after && row.seq <= *upto
            }),
            Query::Unanswered { gate } => self.those(|row| sending(row).is_some_and(|(by, _)| *by != **gate)),
            Query::ShownByOthers { by } => self.those(|row| shown_by(row).is_some_and(|other| *other != **by)),
        };
        Found { rows, next_due: None }
    }

    fn those(&self, wanted: impl Fn(&Interruption) -> bool) -> Vec<Interruption> {
        self.all().into_iter().filter(wanted).collect()
    }

    fn newest(&self, wanted: impl Fn(&Interruption) -> bool) -> Vec<Interruption> {
        self.those(wanted).pop().into_iter().collect()
    }

    fn held_between(&self, after: Seq, upto: Seq) -> Vec<Interruption> {
        let mut held = self.held(after, usize::MAX);
        held.retain(|row| row.seq <= upto);
        held
    }

    fn held_in(&self, range: &HeldRange) -> Vec<Interruption> {
        let mut held = self.held_between(range.after, range.upto);
        held.retain(|row| range.app.as_ref().is_none_or(|app| row.app.id == *app));
        held.retain(|row| mark(row).unwrap_or_default() <= range.later_than);
        held
    }

    fn due(&self, at: DateTime<Utc>, instant: impl Fn(&Interruption) -> Option<DateTime<Utc>>) -> Found {
        let next_due = self.rows.iter().filter_map(|row| instant(&row.row)).filter(|due| *due > at).min();
        Found { rows: self.those(|row| instant(row).is_some_and(|due| due <= at)), next_due }
    }

    pub(crate) fn loaded(&self) -> Loaded {
        let open = self.those(Interruption::is_open);
        let reserved = self.saved.as_ref().map_or(FIRST_ID, |saved| saved.reserved_ids);
        let mut adopted: Vec<_> = open.iter().map(|row| row.id.0).filter(|id| *id >= reserved).collect();
        adopted.sort_unstable();
        adopted.dedup();
        let later_than = self.saved.as_ref().map_or(LaterMark(0), |saved| saved.later_than);
        let held = self.held(Seq(0), usize::MAX);
        let later = held.iter().filter(|row| mark(row).is_some_and(|mark| mark > later_than)).count();
        let upto = self.saved.as_ref().map_or(Seq(0), |saved| saved.handed_over_upto);
        let here = held.iter().filter(|row| mark(row).unwrap_or_default() <= later_than);
        let handed_over = here.filter(|row| row.seq <= upto).count();
        let noted = held.iter().rev().filter(|row| row.is_noted()).take(20).map(Noted::of).collect();
        let mut senders: Vec<_> = open.iter().filter(|row| !row.is_noted()).map(|row| row.sender.clone()).collect();
        senders.sort();
        senders.dedup();
        let popups = self.those(|row| row.state() == State::Released && row.delivery != Delivery::None);
        Loaded {
            saved: self.saved.clone(),
            last_seq: self.rows.last().map_or(Seq(0), |row| row.row.seq),
            ledger: self.ledger(),
            held_by_app: self.held_by_app(),
            later: u32::try_from(later).unwrap(),
            handed_over: u32::try_from(handed_over).unwrap(),
            held_in_quiet: 0,
            noted,
            next_due: self.rows.iter().filter_map(|row| row.row.due()).min(),
            next_snoozed: self.rows.iter().filter_map(|row| snoozed_until(&row.row)).min(),
            adopted,
            senders,
            popups: u32::try_from(popups.len()).unwrap(),
            digest: open.iter().rev().find(|row| row.is_own()).map(|row| row.id),
            ids_from: 0,
            loss: None,
        }
    }

    fn ledger(&self) -> Ledger {
        let (period, carried) = self.saved.as_ref().map_or((1, 0), |saved| (saved.period.number, saved.period.carried));
        let mut ledger = Ledger { carried, ..Ledger::default() };
        for row in self.rows.iter().map(|row| &row.row).filter(|row| !row.is_own()) {
            if row.content.feedback {
                ledger.feedback += u32::from(row.period == period);
                continue;
            }
            ledger.came_in += u32::from(row.period == period);
            *ledger.of(row.state()) += u32::from(row.is_held() || row.settled() == Some(period));
        }
        ledger
    }

    fn held_by_app(&self) -> Vec<(Arc<str>, Arc<str>, u32)> {
        let mut apps: Vec<(Arc<str>, Arc<str>, u32)> = Vec::new();
        for row in self.those(|row| row.is_held() && row.is_counted()) {
            match apps.iter_mut().find(|(id, _, _)| *id == row.app.id) {
                Some(app) => (app.1, app.2) = (row.app.name, app.2 + 1),
                None => apps.push((row.app.id, row.app.name, 1)),
            }
        }
        apps.sort();
        apps
    }
}

impl Row {
    /// On disk.
    fn bytes(&self) -> usize {
        self.raw.as_ref().filter(|_| self.place != Place::Memory).map_or(0, |raw| raw.body.len())
    }

    fn seen(&self) -> Interruption {
        let mut row = self.row.clone();
        match self.place {
            Place::Kept | Place::Nowhere | Place::Memory => {}
            Place::Lost => row.content.remarks.push(Remark::TextLost),
            Place::Dropped => row.content.remarks.push(Remark::TextDroppedFlood),
        }
        if self.raw_dropped {
            row.content.remarks.push(Remark::RawDropped);
        }
        row
    }
}

/// Nothing of a text that is in memory only is on disk.
fn conversation_of(row: &Interruption, place: Place) -> Option<i64> {
    (place == Place::Kept).then(|| conversation(&row.content.summary))
}

/// What the place of the text says is not written twice.
fn stored(row: &Interruption) -> Interruption {
    let mut row = row.clone();
    let is_derived =
        |remark: &Remark| matches!(remark, Remark::TextLost | Remark::TextDroppedFlood | Remark::RawDropped);
    row.content.remarks.retain(|remark| !is_derived(remark));
    row
}

fn is_shown_as(row: &Interruption, given: &Given) -> bool {
    given.ids.iter().any(|id| row.delivery == Delivery::Shown { by: given.by.clone(), id: *id })
}

fn blank(content: &mut Content) {
    content.summary.clear();
    content.body.clear();
    content.actions.iter_mut().for_each(|action| action.label.clear());
    content.inline_reply.iter_mut().for_each(String::clear);
}

/// Neither held, nor under way, nor on screen, nor to be held again by an undo.
fn spent(row: &Interruption) -> bool {
    let wanted = row.is_open() && (shown_by(row).is_some() || row.state() == State::Done);
    !row.is_held() && sending(row).is_none() && !wanted
}

fn sending(row: &Interruption) -> Option<(&str, u32)> {
    match &row.delivery {
        Delivery::Sending { gate, serial, .. } => Some((gate, *serial)),
        Delivery::None | Delivery::Shown { .. } => None,
    }
}

fn shown_by(row: &Interruption) -> Option<&str> {
    match &row.delivery {
        Delivery::Shown { by, .. } => Some(by),
        Delivery::None | Delivery::Sending { .. } => None,
    }
}

fn in_order(mut rows: Vec<Interruption>) -> Vec<Interruption> {
    rows.sort_by_key(|row| row.seq);
    rows.dedup_by_key(|row| row.seq);
    rows
}

fn mark(row: &Interruption) -> Option<LaterMark> {
    row.deferred().map(|deferral| deferral.mark)
}

fn snoozed_until(row: &Interruption) -> Option<DateTime<Utc>> {
    row.deferred().and_then(|deferral| deferral.until)
}

/// Those that a set clock moves.
fn instants(row: &mut Interruption) -> Vec<&mut DateTime<Utc>> {
    match &mut row.standing {
        Standing::Held(Held { expires, deferred }) => {
            let until = deferred.as_mut().and_then(|deferral| deferral.until.as_mut());
            expires.as_mut().into_iter().chain(until).collect()
        }
        Standing::Settled { outcome: Outcome::Done { undo_until }, .. } => undo_until.as_mut().into_iter().collect(),
        Standing::Settled { .. } => Vec::new(),
    }
}
