//! The model: small, bounded state, and the one function from event to effects. Rows come in as arguments and go out as
//! writes; must not keep them.

mod absences;
mod agenda;
mod arrival;
mod away;
mod blocks;
mod bulk;
mod check_in;
mod commands;
mod defer;
mod expiry;
mod failover;
mod held;
mod ids;
mod notes;
mod notices;
mod quieting;
mod recover;
mod release;
mod renderer;
mod saved;
mod session;
mod settling;
mod snoozing;
mod state;
mod undo;
mod withdrawing;
mod working_off;

use crate::effect::{Effect, GateEffect, Write};
use crate::event::{CallOutcome, Event};
use crate::focus::{Block, Inhibitor};
use crate::ledger::Ledger;
use crate::notice::{Interruption, NoticeId, Return, Sender};
use crate::policy::{Settings, Stand};
use crate::ports::{StoreLoss, StoreTrouble, WantedOfUser};
use crate::query::{Given, Lookups, Query};
use crate::time::Now;
use crate::zone::Zone;
pub use blocks::BREAK_MINUTES;
pub use check_in::IDLE_TIME;
use chrono::{DateTime, Duration, Utc};
use failover::Failure;
pub use failover::Snapshot;
pub use held::Noted;
use notices::Owed;
pub use saved::{Bulk, BulkKind, HandedOver, Loaded, Saved};
pub use session::LetThrough;
use session::Session;
pub use settling::{Heard, Portion, SettleStep, Settling};
use state::ModelState;
use std::sync::Arc;
pub use undo::{Deed, UndoStep};
pub use withdrawing::Withdrawals;

/// How many held notes the view names.
pub const NOTED: u32 = 20;
/// Serials of our calls to the renderer start here, clear of those that the D-Bus library counts from 1.
const FIRST_SERIAL: u32 = 1 << 31;

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

/// The decisions' state. See the crate's documentation.
#[derive(Debug, Clone)]
pub struct Model {
    settings: Settings,
    zone: Zone,
    state: ModelState,
    session: Session,
    /// Serials of our calls to the renderer: none is used twice, whatever is put back.
    next_serial: u32,
    /// While the store has failed.
    failure: Option<Failure>,
}

impl Model {
    /// From what the store knows. `gate` is the gate's own connection: no other, of this session or another, is called so.
    #[must_use]
    pub fn restore(loaded: Loaded, settings: Settings, zone: Zone, gate: Arc<str>, now: Now) -> Self {
        let (state, session) = (ModelState::load(loaded, now), Session::new(gate));
        let mut model = Self { settings, zone, state, session, next_serial: FIRST_SERIAL, failure: None };
        model.remember_skips(now);
        model
    }

    /// What an event asks the store for.
    #[must_use]
    pub fn queries(&self, event: &Event, now: Now) -> Vec<Query> {
        let [first, second] = match event {
            Event::Arrived(arrival) => [self.arrival_query(arrival), None],
            Event::CloseRequested { id, .. } => [Some(Query::Id(NoticeId(*id))), None],
            Event::Sent { serial, outcome } => self.queries_of_sent(&self.session.gate_connection, *serial, outcome),
            Event::SentByEarlier(call) => self.queries_of_sent(&call.gate, call.serial, &call.outcome),
            Event::RendererClosed { by, id, .. }
            | Event::RendererAction { by, id, .. }
            | Event::RendererReplied { by, id, .. } => {
                [Some(Query::ShownAs(Given { by: by.clone(), ids: vec![*id] })), None]
            }
            Event::RendererUp(by) => [Some(Query::ShownByOthers { by: by.clone() }), None],
            Event::Recover(known) => {
                let given = self.query_of_given(known.calls.iter().map(|call| &call.outcome));
                [Some(Query::Unanswered { gate: self.session.gate_connection.clone() }), given]
            }
            Event::Command { command, .. } => [self.command_query(command, self.before_clock_jump(now)), None],
            Event::Wake => [self.query_of_wake(self.before_clock_jump(now)), None],
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
            | Event::AwayFor(_) => [None, None],
        };
        first.into_iter().chain(second).collect()
    }

    fn queries_of_sent(&self, gate: &Arc<str>, serial: u32, outcome: &CallOutcome) -> [Option<Query>; 2] {
        [Some(Query::Sending { gate: gate.clone(), serial }), self.query_of_given([outcome])]
    }

    /// What happens. `lookups` are the answers to [`Model::queries`] for the same event and time.
    pub fn handle(&mut self, event: Event, mut lookups: Lookups, now: Now) -> Vec<Effect> {
        let mut fx = Vec::new();
        let was_closed = self.is_closed();
        let back = self.state.saved.back.clone();
        let (work, before) = (self.work_of(&event), self.here_and_left());
        self.watch_clock(&mut lookups, now, &mut fx);
        self.keep_if_missed(&event, &lookups);
        // First, too: it may have begun while the store had failed, and then this is the first to be held in it.
        self.mind_quiet(&mut fx);
        self.happens(event, lookups, now, &mut fx);
        self.mind_check_in(work, before, &mut fx);
        self.mind_quiet(&mut fx);
        self.show_owed_digest(now, &mut fx);
        if self.state.saved.back != back {
            self.state.save(&mut fx);
        }
        if self.is_closed() != was_closed {
            fx.push(Effect::Gate(GateEffect::Inhibited(!was_closed)));
        }
        if fx.iter().any(changes_a_held_one) {
            self.state.held_changed();
        }
        fx
    }

    fn happens(&mut self, event: Event, lookups: Lookups, now: Now, fx: &mut Vec<Effect>) {
        match event {
            Event::Arrived(arrival) => self.arrived(*arrival, lookups.rows(), now, fx),
            Event::CloseRequested { call, sender, app, .. } => {
                self.close_requested(call, (&sender, app.as_deref()), lookups.rows(), now, fx);
            }
            Event::Inhibit { call, sender, app } => self.inhibit(call, sender, app, fx),
            Event::UnInhibit { call, sender, cookie } => self.uninhibit(call, &sender, cookie, fx),
            Event::SenderPresent(sender) => self.track(&sender),
            Event::SenderLeft(name) => self.sender_left(&name),
            Event::RendererUp(by) => self.renderer_up(by, lookups.rows(), now, fx),
            Event::RendererDown => self.renderer_down(),
            Event::Sent { serial, outcome } => self.sent(serial, outcome, lookups.rows(), now, fx),
            Event::SentByEarlier(call) => self.answered(call.outcome, lookups.rows(), now, fx),
            Event::RendererClosed { id, reason, to, .. } => {
                self.renderer_closed(id, reason, to, lookups.rows(), now, fx);
            }
            Event::RendererAction { id, key, token, to, .. } => {
                self.renderer_action(id, key, token, to, lookups.rows(), now, fx);
            }
            Event::RendererReplied { id, text, to, .. } => {
                self.renderer_replied(id, text, to, lookups.rows(), now, fx);
            }
            Event::Recover(known) => self.recover(&known, lookups.rows(), now, fx),
            Event::Command { request, command } => self.command(request, command, lookups.rows(), now, fx),
            Event::Wake => self.wake(lookups, now, fx),
            Event::UserIdle => self.user_idle(now, fx),
            Event::UserBack(length) => self.user_is_back(length, now, fx),
            Event::ZoneChanged(zone) => self.zone_changed(zone, now, fx),
            Event::SettingsChanged(settings) => self.settings_changed(*settings, now, fx),
            Event::InPath(in_path) => self.stand_in_path(in_path, now, fx),
            Event::AwayFor(length) => self.session.out_of_path_since = now.utc.checked_sub_signed(length),
        }
    }

    /// Whether the gate holds what comes.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.failure.is_none() && (self.state.saved.block.is_some() || self.inhibitor().is_some())
    }

    /// The running block.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        self.state.saved.block.as_ref()
    }

    /// The app that asked for quiet first, where that closes the gate.
    #[must_use]
    pub fn inhibitor(&self) -> Option<&Inhibitor> {
        self.session.inhibitor().filter(|_| self.settings.quiet.holds)
    }

    /// The books of this period.
    #[must_use]
    pub fn ledger(&self) -> (Ledger, DateTime<Utc>) {
        (self.state.ledger, self.state.saved.period.since)
    }

    /// How many are held, and from how many apps.
    #[must_use]
    pub fn held(&self) -> (u32, u32) {
        (self.state.ledger.held, u32::try_from(self.state.held.app_count()).unwrap_or(u32::MAX))
    }

    /// The name of an app of which something is held, by its id; else the id.
    #[must_use]
    pub fn held_app_name<'a>(&'a self, app: &'a str) -> &'a str {
        self.state.held.name_of(app)
    }

    /// Rises whenever a list of the held ones would say something else: one came, one was edited, an app left.
    #[must_use]
    pub fn held_revision(&self) -> u64 {
        self.state.held.revision()
    }

    /// Whether what is held was handed over, and the user has neither closed the check-in nor started a block since.
    #[must_use]
    pub fn is_checking_in(&self) -> bool {
        self.state.saved.checking_in
    }

    /// Whether the last check-in is over because nothing was left of it, and no block has started since.
    #[must_use]
    pub fn is_worked_off(&self) -> bool {
        self.state.saved.is_worked_off
    }

    /// What the check-in that is open, or that its last one has ended, handed over: the books of the time before it.
    #[must_use]
    pub fn handed_over(&self) -> Option<&HandedOver> {
        self.state.saved.handed_over.as_ref()
    }

    /// Where the user was before the check-in.
    #[must_use]
    pub fn where_were_you(&self) -> Option<&str> {
        self.state.saved.where_were_you.as_deref()
    }

    /// The digest that is open, also one from before a restart.
    #[must_use]
    pub fn open_digest(&self) -> Option<NoticeId> {
        self.state.digest
    }

    /// How many released ones are at the renderer.
    #[must_use]
    pub fn popups(&self) -> u32 {
        self.state.popups
    }

    /// Whether a check-in is due and waits for the block's end.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state.saved.ready_since.is_some()
    }

    /// Of what the user does, what would change anything: only that need anybody watch.
    #[must_use]
    pub fn wanted_of_user(&self) -> WantedOfUser {
        if self.failure.is_some() {
            return WantedOfUser::default();
        }
        // Who watches what an app asks for quiet for touches nothing and is there.
        let may_be_away = self.block().is_some() && self.session.inhibitor().is_none();
        WantedOfUser { idleness: self.is_ready(), absences: may_be_away && self.asks_after().is_some() }
    }

    /// What passed during this block, newest first.
    pub fn let_through(&self) -> impl Iterator<Item = &LetThrough> {
        self.session.let_through.iter()
    }

    /// Whether a sender is still the same and on the bus.
    #[must_use]
    pub fn is_live(&self, sender: &Sender) -> bool {
        self.session.is_live(sender)
    }

    /// Whether its app may not hear of it any more although it is live: GLib's notifications, dbus-python and others listen
    /// to the connection that owned the name, not to the name, and nobody can tell who does.
    #[must_use]
    pub fn may_have_forgotten(&self, row: &Interruption) -> bool {
        row.gate != self.session.gate_connection && !row.is_noted()
    }

    /// Whether the gate stands in the path.
    #[must_use]
    pub fn in_path(&self) -> bool {
        self.session.in_path
    }

    /// Whether the renderer can be reached.
    #[must_use]
    pub fn renderer_is_up(&self) -> bool {
        self.session.renderer.is_some()
    }

    /// The zone that check-ins are in.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What is wrong, worst first. Out of the path it is for whoever answers to show what comes.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        let store = self.failure.as_ref().map(|failure| Trouble::Store(failure.trouble.clone()));
        let path = (!self.session.in_path).then_some(Trouble::NotInPath);
        let renderer = (self.session.in_path && self.session.renderer.is_none()).then_some(Trouble::NoRenderer);
        let silent = self.is_renderer_silent().then_some(Trouble::RendererSilent);
        let books = (!self.state.ledger.balances()).then_some(Trouble::Ledger);
        let loss = self.state.loss.map(Trouble::StoreLoss);
        [store, loss, path, renderer, silent, books].into_iter().flatten().collect()
    }

    fn is_renderer_silent(&self) -> bool {
        self.session.in_path && self.session.silent.is_some()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of this period.
    #[must_use]
    pub fn period(&self) -> u64 {
        self.state.saved.period.number
    }

    fn stand(&self) -> Stand<'_> {
        match (&self.failure, &self.state.saved.block, self.inhibitor()) {
            (Some(_), _, _) => Stand::StoreFailed,
            (None, None, None) => Stand::Open,
            (None, Some(_), _) => Stand::Block,
            (None, None, Some(inhibitor)) => Stand::Inhibited(&inhibitor.app),
        }
    }

    fn update(row: &Interruption) -> Effect {
        Effect::Store(Write::Update(Box::new(row.clone())))
    }

    /// A sender is on the bus.
    fn track(&mut self, sender: &Sender) {
        if self.session.track(sender) {
            self.state.held_changed();
        }
    }

    fn sender_left(&mut self, name: &str) {
        if self.session.left(name) {
            self.state.held_changed();
        }
    }

    fn new_serial(&mut self) -> u32 {
        let serial = self.next_serial;
        self.next_serial = serial.checked_add(1).unwrap_or(FIRST_SERIAL);
        serial
    }

    /// Holds again what had left, if there is a store to hold it in.
    fn take_in_again(&mut self, row: &mut Interruption, because: Return, fx: &mut Vec<Effect>) {
        self.hold_again(row, fx);
        if row.is_held() {
            row.came_back = Some(because);
        }
    }

    /// Holds a settled row again, if there is a store to hold it in, as it was held before.
    fn hold_again(&mut self, row: &mut Interruption, fx: &mut Vec<Effect>) {
        if self.failure.is_none() {
            let due = expiry::expiry(row, row.arrived);
            self.state.hold_again(row, due, fx);
        }
    }
}

/// Whether a list of the held ones says something else after this.
fn changes_a_held_one(effect: &Effect) -> bool {
    let Effect::Store(write) = effect else { return false };
    match write {
        Write::Insert { row, .. } | Write::Revise { row, .. } | Write::Update(row) => row.is_held(),
        Write::DropOldestText { .. } => true,
        Write::ShiftDue(_)
        | Write::Save(_)
        | Write::BlockEnded(_)
        | Write::LeftOut { .. }
        | Write::PeriodEnded(_)
        | Write::Absent(_) => false,
    }
}

/// How long *done* can be undone.
fn undo_time() -> Duration {
    Duration::seconds(30)
}
