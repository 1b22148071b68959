//! The model: small, bounded state, and the one function from event to effects. Rows come in as arguments and go out as
//! writes; must not keep them.

mod arrive;
mod away;
mod blocks;
mod clockwork;
mod commands;
mod noting;
mod putting_off;
mod quieting;
mod recover;
mod releasing;
mod renderer;
mod settling;
mod snoozing;
mod undoing;
mod withdrawing;
mod working_off;

use crate::command::BlockLength;
use crate::effect::{Effect, Write};
use crate::event::{Event, HeldRange, Need, Rows};
use crate::focus::{Block, Break, DeepWork, Ended, Inhibitor, PastBlock, Quiet, TimeAway};
use crate::ledger::{Absence, Ledger, OnlyCounted, Period};
use crate::notice::{Delivery, FIRST_ID, Interruption, LaterMark, NoticeId, Return, Sender, Seq, State, Why};
use crate::policy::{Settings, Stand};
use crate::ports::{StoreLoss, StoreTrouble, WantedOfUser};
use crate::time::Now;
use crate::zone::Zone;
pub use blocks::BREAK_MINUTES;
use chrono::{DateTime, Duration, Utc};
pub use clockwork::IDLE_TIME;
use clockwork::{Owed, UnderWay};
pub use noting::{NOTED, Noted};
use recover::Missed;
pub use recover::Snapshot;
use releasing::ReleaseQueue;
pub use settling::{Heard, Portion, SettleStep, Settling};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
pub use undoing::{Deed, UndoStep};
pub use withdrawing::Withdrawals;

/// How many ids are reserved at a time, so that not every arrival has to write the high-water mark.
const RESERVE: u32 = 4_096;
/// Serials of our calls to the renderer start here, clear of those that the D-Bus library counts from 1.
const FIRST_SERIAL: u32 = 1 << 31;
/// How many let-through ones the view names.
const LET_THROUGH: usize = 20;
/// How many absences of the gate one period's books name.
const ABSENCES: usize = 50;

/// The model's own state as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// No id at or above this was ever given out.
    pub reserved_ids: u32,
    /// The running block.
    pub block: Option<Block>,
    /// The period of the books.
    pub period: Period,
    /// The last check-in that was dealt with.
    pub last_check_in: DateTime<Utc>,
    /// A check-in to pass over.
    pub skipped: Option<DateTime<Utc>>,
    /// A check-in is due and waits for the block's end: since then.
    pub ready_since: Option<DateTime<Utc>>,
    /// When the gate was out of the path in this period: the last [`ABSENCES`], oldest first.
    pub absences: Vec<Absence>,
    /// The blocks that ended on the day of the last one, oldest first.
    pub past_blocks: Arc<[PastBlock]>,
    /// The break that the user takes.
    pub on_break: Option<Break>,
    /// What ended by itself last, as long as no other block or check-in has begun and the user has not seen it.
    pub ended: Option<Ended>,
    /// How long the user was away in the last block, as long as no other has begun and they have not said whether it counts.
    pub away: Option<TimeAway>,
    /// How long the last block was to last that somebody gave a length.
    pub last_length: Option<BlockLength>,
    /// What the last blocks were for, the newest first, each once.
    pub intentions: Arc<[String]>,
    /// The days of the week of the last block on which there was one.
    pub deep_work: Arc<[DeepWork]>,
    /// What is held was handed over, and the user has neither closed the check-in nor started a block since.
    pub checking_in: bool,
    /// The last check-in is over because nothing was left of it: what is taken back brings it back, until a block starts.
    pub worked_off: Option<Seq>,
    /// A digest that was due and has not come back through the gate yet: a restart shows it.
    pub owed_digest: Option<OwedDigest>,
    /// Apps ask for quiet, or did and what was held meanwhile was not told of yet.
    pub quiet: Option<Quiet>,
    /// How far the user knows what apps took back.
    pub withdrawals: Withdrawals,
    /// Where the user was before the check-in.
    pub where_were_you: Option<String>,
    /// The mark of the last command that put some off.
    pub later_mark: LaterMark,
    /// Those with a mark above this one are put off: the last mark at the last digest.
    pub later_than: LaterMark,
    /// What was snoozed and is back, as long as nothing has told of it; at most 100.
    pub back: BTreeSet<Seq>,
    /// What is counted in this period, but has no row.
    pub only_counted: OnlyCounted,
    /// Commands on many rows that were answered and are not through yet, oldest first: a restart goes on with them.
    pub bulks: VecDeque<Bulk>,
}

/// What a digest says of the time before it, kept until it is known to be shown. Who interrupted is counted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedDigest {
    /// The books of the period that it ended.
    pub ledger: Ledger,
    /// When the period began.
    pub since: DateTime<Utc>,
    /// When the gate was out of the path in it.
    pub absences: Vec<Absence>,
}

/// What the store knows at a start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// As it was saved; none in a new store.
    pub saved: Option<Saved>,
    /// The highest key in use.
    pub last_seq: Seq,
    /// The books of the saved period, counted from the rows.
    pub ledger: Ledger,
    /// Held ones per app: id, name, count.
    pub held_by_app: Vec<(Arc<str>, Arc<str>, u32)>,
    /// How many of the held ones are put off.
    pub later: u32,
    /// How many of the held ones came in the saved time of quiet.
    pub held_in_quiet: u32,
    /// The newest [`NOTED`] held ones that were noted by hand, newest first.
    pub noted: Vec<Noted>,
    /// When the first row runs out of time.
    pub next_due: Option<DateTime<Utc>>,
    /// When the first snoozed row comes back.
    pub next_snoozed: Option<DateTime<Utc>>,
    /// Ids of open rows that no counter has come to yet: an earlier version let apps bring ids along.
    pub adopted: Vec<u32>,
    /// The senders of open rows.
    pub senders: Vec<Sender>,
    /// How many released ones are at the renderer, shown there or edited and on their way again.
    pub popups: u32,
    /// The newest open digest.
    pub digest: Option<NoticeId>,
    /// No id at or above this was ever given out, whatever `saved` says.
    pub ids_from: u32,
    /// What is not as it was.
    pub loss: Option<StoreLoss>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The store cannot be written.
    Store(StoreTrouble),
    /// What was stored was not all there.
    StoreLoss(StoreLoss),
    /// Another program owns the name.
    NotInPath,
    /// No renderer can be reached.
    NoRenderer,
    /// The renderer does not answer.
    RendererSilent,
    /// The books do not balance.
    Ledger,
}

/// One that passed during the block, for the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetThrough {
    /// Its id.
    pub id: NoticeId,
    /// Its app's name.
    pub app: Arc<str>,
    /// Its summary.
    pub summary: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: Why,
}

/// A command on many rows, carried out 100 a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// What is done.
    pub kind: BulkKind,
    /// To which rows; those up to `after` are through.
    pub range: HeldRange,
    /// How many rows it is about.
    pub count: u32,
}

/// What is done to many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkKind {
    /// Marked as dealt with; until this instant it can be undone.
    Done(DateTime<Utc>),
    /// That is undone.
    UndoDone(DateTime<Utc>),
    /// Put off, with this mark.
    PutOff(LaterMark),
    /// That is undone.
    UndoPutOff(LaterMark),
}

/// The decisions' state. See the crate's documentation.
#[derive(Debug, Clone)]
pub struct Model {
    settings: Settings,
    zone: Zone,
    saved: Saved,
    ledger: Ledger,
    held_by_app: BTreeMap<Arc<str>, (Arc<str>, u32)>,
    later: u32,
    held_in_quiet: u32,
    noted: VecDeque<Noted>,
    next_id: u32,
    next_seq: i64,
    next_serial: u32,
    next_cookie: u32,
    adopted: BTreeSet<u32>,
    live: BTreeMap<Arc<str>, Sender>,
    inhibitors: BTreeMap<u32, Inhibitor>,
    gate: Arc<str>,
    renderer: Option<Arc<str>>,
    /// The serial of the call that it does not answer.
    silent: Option<u32>,
    in_path: bool,
    away_since: Option<DateTime<Utc>>,
    next_due: Option<DateTime<Utc>>,
    next_snoozed: Option<DateTime<Utc>>,
    popups: u32,
    release: ReleaseQueue,
    undo: VecDeque<UndoStep>,
    let_through: VecDeque<LetThrough>,
    digest: Option<NoticeId>,
    /// The notice of ours that was asked for in this process and has not come back through the gate yet.
    under_way: Option<UnderWay>,
    /// What the last notice of ours was for that came back through the gate to this process.
    told_last: Option<Owed>,
    /// A notice of ours that is still open, though the user has dealt with all that it tells of.
    outdated_notice: Option<NoticeId>,
    clock_offset: Option<DateTime<Utc>>,
    store_trouble: Option<StoreTrouble>,
    missed: Missed,
    loss: Option<StoreLoss>,
    /// How often anything about a held one has changed.
    held_revision: u64,
}

impl Model {
    /// From what the store knows. `gate` is the gate's own connection: no other, of this session or another, is called so.
    #[must_use]
    pub fn restore(loaded: Loaded, settings: Settings, zone: Zone, gate: Arc<str>, now: Now) -> Self {
        let saved = loaded.saved.unwrap_or_else(|| Saved::new(now.utc));
        let held_by_app = loaded.held_by_app.into_iter().map(|(id, name, count)| (id, (name, count))).collect();
        let mut model = Self {
            settings,
            zone,
            next_id: saved.reserved_ids.max(loaded.ids_from).max(FIRST_ID),
            loss: loaded.loss,
            saved,
            ledger: loaded.ledger,
            held_by_app,
            later: loaded.later,
            held_in_quiet: loaded.held_in_quiet,
            noted: loaded.noted.into(),
            next_seq: loaded.last_seq.0.saturating_add(1),
            next_serial: FIRST_SERIAL,
            next_cookie: 1,
            adopted: loaded.adopted.into_iter().collect(),
            live: BTreeMap::new(),
            inhibitors: BTreeMap::new(),
            gate,
            renderer: None,
            silent: None,
            in_path: false,
            away_since: None,
            next_due: loaded.next_due,
            next_snoozed: loaded.next_snoozed,
            popups: loaded.popups,
            release: ReleaseQueue::default(),
            undo: VecDeque::new(),
            let_through: VecDeque::new(),
            digest: loaded.digest,
            under_way: None,
            told_last: None,
            outdated_notice: None,
            clock_offset: None,
            store_trouble: None,
            missed: Missed::default(),
            held_revision: 0,
        };
        model.remember_skips(now);
        model
    }

    /// The rows that an event names.
    #[must_use]
    pub fn need(&self, event: &Event, now: Now) -> Need {
        match event {
            Event::Arrived(arrival) => self.arrival_need(arrival),
            Event::CloseRequested { id, .. } => Need::Id(NoticeId(*id)),
            Event::Sent { serial, outcome } => {
                Need::Serial { gate: self.gate.clone(), serial: *serial, given: self.given([outcome]) }
            }
            Event::SentByEarlier(call) => {
                Need::Serial { gate: call.gate.clone(), serial: call.serial, given: self.given([&call.outcome]) }
            }
            Event::RendererClosed { by, id, .. }
            | Event::RendererAction { by, id, .. }
            | Event::RendererReplied { by, id, .. } => Need::Renderer { by: by.clone(), id: *id },
            Event::RendererUp(by) => Need::ShownByOthers { by: by.clone() },
            Event::Recover(known) => {
                let given = self.given(known.calls.iter().map(|call| &call.outcome));
                Need::Unanswered { gate: self.gate.clone(), given }
            }
            Event::Command { command, .. } => self.command_need(command, self.before_clock_jump(now)),
            Event::Wake => self.wake_need(self.before_clock_jump(now)),
            Event::Inhibit { .. }
            | Event::UnInhibit { .. }
            | Event::SenderPresent(_)
            | Event::SenderLeft(_)
            | Event::RendererDown
            | Event::UserIdle
            | Event::UserBack(_)
            | Event::ZoneChanged(_)
            | Event::SettingsChanged(_)
            | Event::InPath(_)
            | Event::AwayFor(_) => Need::Nothing,
        }
    }

    /// What happens. `rows` are those of [`Model::need`] for the same event and time.
    pub fn handle(&mut self, event: Event, mut rows: Rows, now: Now) -> Vec<Effect> {
        let mut fx = Vec::new();
        let was_closed = self.is_closed();
        let back = self.saved.back.clone();
        let (work, here) = (self.work_of(&event), self.here_count());
        self.watch_clock(&mut rows, now, &mut fx);
        self.keep_if_missed(&event, &rows);
        // First, too: it may have begun while the store had failed, and then this is the first to be held in it.
        self.mind_quiet(&mut fx);
        match event {
            Event::Arrived(arrival) => self.arrived(*arrival, rows, now, &mut fx),
            Event::CloseRequested { call, sender, app, .. } => {
                self.close_requested(call, (&sender, app.as_deref()), rows, now, &mut fx);
            }
            Event::Inhibit { call, sender, app } => self.inhibit(call, sender, app, &mut fx),
            Event::UnInhibit { call, sender, cookie } => self.uninhibit(call, &sender, cookie, &mut fx),
            Event::SenderPresent(sender) => self.note_live(&sender),
            Event::SenderLeft(name) => self.sender_left(&name),
            Event::RendererUp(by) => self.renderer_up(by, rows, now, &mut fx),
            Event::RendererDown => self.renderer_down(),
            Event::Sent { serial, outcome } => self.sent(serial, outcome, rows, now, &mut fx),
            Event::SentByEarlier(call) => self.answered(call.outcome, rows, now, &mut fx),
            Event::RendererClosed { id, reason, to, .. } => {
                self.renderer_closed(id, reason, to, rows, now, &mut fx);
            }
            Event::RendererAction { id, key, token, to, .. } => {
                self.renderer_action(id, key, token, to, rows, now, &mut fx);
            }
            Event::RendererReplied { id, text, to, .. } => {
                self.renderer_replied(id, text, to, rows, now, &mut fx);
            }
            Event::Recover(known) => self.recover(&known, rows, now, &mut fx),
            Event::Command { request, command } => self.command(request, command, rows, now, &mut fx),
            Event::Wake => self.wake(rows, now, &mut fx),
            Event::UserIdle => self.user_idle(now, &mut fx),
            Event::UserBack(length) => self.user_is_back(length, now, &mut fx),
            Event::ZoneChanged(zone) => self.zone_changed(zone, now, &mut fx),
            Event::SettingsChanged(settings) => self.settings_changed(*settings, now, &mut fx),
            Event::InPath(in_path) => self.stand_in_path(in_path, now, &mut fx),
            Event::AwayFor(length) => self.away_since = now.utc.checked_sub_signed(length),
        }
        self.mind_check_in(work, here, &mut fx);
        self.mind_quiet(&mut fx);
        self.show_owed_digest(now, &mut fx);
        if self.saved.back != back {
            self.save(&mut fx);
        }
        if self.is_closed() != was_closed {
            fx.push(Effect::Inhibited(!was_closed));
        }
        if fx.iter().any(changes_a_held_one) {
            self.held_changed();
        }
        fx
    }

    /// Whether the gate holds what comes.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.store_trouble.is_none() && (self.saved.block.is_some() || self.inhibitor().is_some())
    }

    /// The running block.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        self.saved.block.as_ref()
    }

    /// The app that asked for quiet first, where that closes the gate.
    #[must_use]
    pub fn inhibitor(&self) -> Option<&Inhibitor> {
        self.inhibitors.values().next().filter(|_| self.settings.quiet.holds)
    }

    /// The books of this period.
    #[must_use]
    pub fn ledger(&self) -> (Ledger, DateTime<Utc>) {
        (self.ledger, self.saved.period.since)
    }

    /// How many are held, and from how many apps.
    #[must_use]
    pub fn held(&self) -> (u32, u32) {
        (self.ledger.held, u32::try_from(self.held_by_app.len()).unwrap_or(u32::MAX))
    }

    /// The name of an app of which something is held, by its id; else the id.
    #[must_use]
    pub fn held_app_name<'a>(&'a self, app: &'a str) -> &'a str {
        self.held_by_app.get(app).map_or(app, |(name, _)| name)
    }

    /// Rises whenever a list of the held ones would say something else: one came, one was edited, an app left.
    #[must_use]
    pub fn held_revision(&self) -> u64 {
        self.held_revision
    }

    /// Whether what is held was handed over, and the user has neither closed the check-in nor started a block since.
    #[must_use]
    pub fn is_checking_in(&self) -> bool {
        self.saved.checking_in
    }

    /// Whether the last check-in is over because nothing was left of it, and no block has started since.
    #[must_use]
    pub fn is_worked_off(&self) -> bool {
        self.saved.worked_off.is_some()
    }

    /// Where the user was before the check-in.
    #[must_use]
    pub fn where_were_you(&self) -> Option<&str> {
        self.saved.where_were_you.as_deref()
    }

    /// The digest that is open, also one from before a restart.
    #[must_use]
    pub fn open_digest(&self) -> Option<NoticeId> {
        self.digest
    }

    /// How many released ones are at the renderer.
    #[must_use]
    pub fn popups(&self) -> u32 {
        self.popups
    }

    /// Whether a check-in is due and waits for the block's end.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.saved.ready_since.is_some()
    }

    /// Of what the user does, what would change anything: only that need anybody watch.
    #[must_use]
    pub fn wanted_of_user(&self) -> WantedOfUser {
        if self.store_trouble.is_some() {
            return WantedOfUser::default();
        }
        // Who watches what an app asks for quiet for touches nothing and is there.
        let may_be_away = self.block().is_some() && self.inhibitors.is_empty();
        let back_after = self.asks_after().filter(|_| may_be_away).and_then(|after| after.to_std().ok());
        WantedOfUser { idleness: self.is_ready(), back_after }
    }

    /// What passed during this block, newest first.
    pub fn let_through(&self) -> impl Iterator<Item = &LetThrough> {
        self.let_through.iter()
    }

    /// Whether a sender is still the same and on the bus.
    #[must_use]
    pub fn is_live(&self, sender: &Sender) -> bool {
        self.live.get(&sender.name) == Some(sender)
    }

    /// Whether its app may not hear of it any more although it is live: GLib's notifications, dbus-python and others listen
    /// to the connection that owned the name, not to the name, and nobody can tell who does.
    #[must_use]
    pub fn may_have_forgotten(&self, row: &Interruption) -> bool {
        row.gate != self.gate && !row.is_noted()
    }

    /// Whether the gate stands in the path.
    #[must_use]
    pub fn in_path(&self) -> bool {
        self.in_path
    }

    /// Whether the renderer can be reached.
    #[must_use]
    pub fn renderer_is_up(&self) -> bool {
        self.renderer.is_some()
    }

    /// The zone that check-ins are in.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What is wrong, worst first. Out of the path it is for whoever answers to show what comes.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        let store = self.store_trouble.clone().map(Trouble::Store);
        let path = (!self.in_path).then_some(Trouble::NotInPath);
        let renderer = (self.in_path && self.renderer.is_none()).then_some(Trouble::NoRenderer);
        let silent = self.is_renderer_silent().then_some(Trouble::RendererSilent);
        let books = (!self.ledger.balances()).then_some(Trouble::Ledger);
        let loss = self.loss.map(Trouble::StoreLoss);
        [store, loss, path, renderer, silent, books].into_iter().flatten().collect()
    }

    fn is_renderer_silent(&self) -> bool {
        self.in_path && self.silent.is_some()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of this period.
    #[must_use]
    pub fn period(&self) -> u64 {
        self.saved.period.number
    }

    /// When the gate was out of the path in this period, oldest first.
    #[must_use]
    pub fn absences(&self) -> &[Absence] {
        &self.saved.absences
    }

    fn stand_in_path(&mut self, in_path: bool, now: Now, fx: &mut Vec<Effect>) {
        if self.in_path && !in_path {
            self.away_since = Some(now.utc);
        }
        self.in_path = in_path;
        if let Some(since) = self.away_since.take_if(|_| in_path) {
            let kept = self.saved.absences.len().saturating_sub(ABSENCES - 1);
            self.saved.absences.drain(..kept);
            self.saved.absences.push(Absence { since, until: now.utc.max(since) });
            self.save(fx);
        }
    }

    fn stand(&self) -> Stand<'_> {
        match (&self.store_trouble, &self.saved.block, self.inhibitor()) {
            (Some(_), _, _) => Stand::StoreFailed,
            (None, None, None) => Stand::Open,
            (None, Some(_), _) => Stand::Block,
            (None, None, Some(inhibitor)) => Stand::Inhibited(&inhibitor.app),
        }
    }

    fn save(&self, fx: &mut Vec<Effect>) {
        fx.push(Effect::Write(Write::Save(Box::new(self.saved.clone()))));
    }

    fn update(row: &Interruption) -> Effect {
        Effect::Write(Write::Update(Box::new(row.clone())))
    }

    /// A new id: risen, never 0, never one that is open.
    fn new_id(&mut self, fx: &mut Vec<Effect>) -> NoticeId {
        while self.adopted.contains(&self.next_id) {
            self.next_id = self.next_id.checked_add(1).unwrap_or(FIRST_ID);
        }
        let id = NoticeId(self.next_id);
        self.next_id = self.next_id.checked_add(1).unwrap_or(FIRST_ID);
        if !(self.saved.reserved_ids.saturating_sub(RESERVE)..self.saved.reserved_ids).contains(&id.0) {
            self.saved.reserved_ids = id.0.checked_add(RESERVE).unwrap_or(FIRST_ID + RESERVE);
            self.save(fx);
        }
        id
    }

    fn new_seq(&mut self) -> Seq {
        let seq = Seq(self.next_seq);
        self.next_seq = self.next_seq.saturating_add(1);
        seq
    }

    fn new_serial(&mut self) -> u32 {
        let serial = self.next_serial;
        self.next_serial = serial.checked_add(1).unwrap_or(FIRST_SERIAL);
        serial
    }

    fn note_live(&mut self, sender: &Sender) {
        if self.live.get(&sender.name) != Some(sender) {
            self.live.insert(sender.name.clone(), sender.clone());
            self.held_changed();
        }
    }

    fn sender_left(&mut self, name: &str) {
        if self.live.remove(name).is_some() {
            self.held_changed();
        }
        self.inhibitors.retain(|_, inhibitor| &*inhibitor.sender.name != name);
    }

    /// Nothing to tell while nothing is held: with an open gate, apps come and go all the time.
    fn held_changed(&mut self) {
        if self.ledger.held > 0 {
            self.list_changed();
        }
    }

    /// Who has fetched what is held and withdrawn has to fetch it anew.
    fn list_changed(&mut self) {
        self.held_revision = self.held_revision.wrapping_add(1);
    }

    /// Moves a row to another state, in the books too.
    fn settle(&mut self, row: &mut Interruption, to: State) {
        if row.is_counted() {
            self.ledger.moved(row.state, to);
            if row.state == State::Held {
                self.one_less_held(row);
            }
        }
        row.state = to;
        row.settled = Some(self.saved.period.number);
        row.due = None;
    }

    /// Holds again what had left, if there is a store to hold it in.
    fn take_in_again(&mut self, row: &mut Interruption, because: Return, fx: &mut Vec<Effect>) {
        self.hold_again(row, fx);
        if row.state == State::Held {
            row.came_back = Some(because);
        }
    }

    /// Holds a settled row again, if there is a store to hold it in, as it was held before.
    fn hold_again(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        if self.store_trouble.is_some() {
            return;
        }
        if row.is_counted() {
            if row.settled == Some(self.saved.period.number) {
                self.ledger.moved(row.state, State::Held);
            } else {
                self.ledger.came_back();
                self.saved.period.carried = self.saved.period.carried.saturating_add(1);
                self.save(fx);
            }
            self.one_more_held(row);
            self.list_note(row);
        }
        row.state = State::Held;
        row.settled = None;
        self.release.regained(row);
        row.due = arrive::expiry(row, row.arrived);
        self.note_due(row.due);
    }

    fn one_more_held(&mut self, row: &Interruption) -> u32 {
        let entry = self.held_by_app.entry(row.app.id.clone()).or_insert_with(|| (row.app.name.clone(), 0));
        entry.1 = entry.1.saturating_add(1);
        let of_app = entry.1;
        self.held_in_quiet = self.held_in_quiet.saturating_add(self.is_of_quiet(row).into());
        of_app
    }

    fn one_less_held(&mut self, row: &mut Interruption) {
        self.list_changed();
        self.held_in_quiet = self.held_in_quiet.saturating_sub(self.is_of_quiet(row).into());
        self.release.lost(row);
        self.take_off_later(row);
        self.saved.back.remove(&row.seq);
        self.noted.retain(|noted| noted.seq != row.seq);
        if let Some(entry) = self.held_by_app.get_mut(&row.app.id) {
            entry.1 = entry.1.saturating_sub(1);
            if entry.1 == 0 {
                self.held_by_app.remove(&row.app.id);
            }
        }
    }

    fn note_due(&mut self, due: Option<DateTime<Utc>>) {
        self.next_due = match (self.next_due, due) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
    }

    fn close_popup(&mut self, row: &mut Interruption) {
        self.count_popup_out(row);
        row.delivery = Delivery::None;
    }

    fn count_popup_out(&mut self, row: &Interruption) {
        if row.state == State::Released && row.delivery != Delivery::None {
            self.popups = self.popups.saturating_sub(1);
        }
    }
}

impl Saved {
    /// What a new store begins with.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        let period = Period { number: 1, since: now, carried: 0 };
        Self {
            reserved_ids: FIRST_ID,
            block: None,
            period,
            last_check_in: now,
            skipped: None,
            ready_since: None,
            absences: Vec::new(),
            past_blocks: Arc::default(),
            on_break: None,
            ended: None,
            away: None,
            last_length: None,
            intentions: Arc::default(),
            deep_work: Arc::default(),
            checking_in: false,
            worked_off: None,
            owed_digest: None,
            quiet: None,
            withdrawals: Withdrawals::since(&period),
            where_were_you: None,
            later_mark: LaterMark(0),
            later_than: LaterMark(0),
            back: BTreeSet::new(),
            only_counted: OnlyCounted::default(),
            bulks: VecDeque::new(),
        }
    }
}

/// Whether a list of the held ones says something else after this.
fn changes_a_held_one(effect: &Effect) -> bool {
    let Effect::Write(write) = effect else { return false };
    match write {
        Write::Insert { row, .. } | Write::Revise { row, .. } | Write::Update(row) => row.state == State::Held,
        Write::DropOldestText { .. } => true,
        Write::ShiftDue(_) | Write::Save(_) => false,
    }
}

/// How long *done* can be undone.
fn undo_time() -> Duration {
    Duration::seconds(30)
}
