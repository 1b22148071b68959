//! When the store fails: what to put back, what passes meanwhile and is to be made good, and how that enters the books. Must
//! not know how the store found out, or the steps of the way back.

use super::Model;
use super::absences::Unwritten;
use super::expiry::expiry;
use super::saved::Loaded;
use super::session::Session;
use super::state::ModelState;
use crate::effect::{Effect, Write};
use crate::event::{Audience, Event};
use crate::notice::{Held, Interruption, NoticeId, Outcome, Return, Seq, Standing, Why};
use crate::ports::StoreTrouble;
use crate::query::Lookups;
use crate::stand_in::{Entering, StandIn};
use crate::time::Now;
use std::collections::{BTreeMap, VecDeque};

/// Events of one kind that are kept while the store has failed.
const MISSED: usize = 4_096;

/// What happened while the store had failed to rows that only it knows. Each kind has its own bound, so that neither an
/// app that closes at random nor a renderer whose popups run out pushes out what a person pressed.
#[derive(Debug, Clone, Default)]
pub(super) struct Missed {
    events: VecDeque<Event>,
    counts: BTreeMap<Kind, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Changes what all rows mean.
    OfAll,
    /// What the renderer reports of its own accord.
    Reported,
    /// What an app asked for.
    Asked,
    /// What a person did.
    Pressed,
}

impl Missed {
    fn keep(&mut self, event: &Event, names_no_row: bool) {
        let Some(kind) = kind(event) else { return };
        let count = self.counts.entry(kind).or_default();
        if (names_no_row || kind == Kind::OfAll) && *count < MISSED {
            *count += 1;
            self.events.push_back(repeatable(event.clone()));
        }
    }

    /// The first ones are made good.
    pub(super) fn forget_first(&mut self, count: usize) {
        for event in self.events.drain(..count.min(self.events.len())) {
            if let Some(count) = kind(&event).and_then(|kind| self.counts.get_mut(&kind)) {
                *count -= 1;
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }
}

/// What a failed transaction must give back, for its events are judged once more: all that they changed, but for settings
/// and zone, which they set again.
#[derive(Debug, Clone)]
pub struct Snapshot {
    state: ModelState,
    session: Session,
}

/// A failure of the store.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) trouble: StoreTrouble,
    pub(super) missed: Missed,
    pub(super) unwritten: Unwritten,
}

impl Model {
    /// What to give back when the transaction that follows fails.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.state.clone(), session: self.session.clone() }
    }

    /// The store failed: from now on everything passes, and the trouble is told.
    pub fn store_failed(&mut self, before: Snapshot, trouble: StoreTrouble) {
        let failed = std::mem::replace(&mut self.state, before.state);
        self.state.held.takes_the_place_of(&failed.held);
        self.session = before.session;
        let unwritten = Unwritten::new(&failed.saved, &self.state.saved);
        self.failure = Some(Failure { trouble, missed: Missed::default(), unwritten });
    }

    /// A failed store was tried again in vain: what it says now is told instead.
    pub fn store_still_fails(&mut self, trouble: StoreTrouble) {
        self.failure.iter_mut().for_each(|failure| failure.trouble = trouble.clone());
    }

    /// What the rows are kept in that pass from now on.
    #[must_use]
    pub fn stand_in(&self) -> StandIn {
        StandIn::new(NoticeId(self.state.ids.next()))
    }

    /// Whether the store failed and is not well again.
    #[must_use]
    pub fn has_store_trouble(&self) -> bool {
        self.failure.is_some()
    }

    /// The model as the store says that is well again.
    pub(super) fn loaded_anew(&self, loaded: Loaded, now: Now) -> Model {
        let gate_connection = self.session.gate_connection.clone();
        let mut anew = Self::restore(loaded, self.settings.clone(), self.zone.clone(), gate_connection, now);
        anew.goes_on_from(self);
        anew
    }

    /// What only this process knows, carried over to the model that goes on.
    pub(super) fn goes_on_from(&mut self, failed: &Model) {
        self.settings.clone_from(&failed.settings);
        self.zone.clone_from(&failed.zone);
        self.session.clone_from(&failed.session);
        self.next_serial = failed.next_serial;
        // One that came back meanwhile came back to books that are not kept: it is shown once more, and settled then.
        let is_settled = !failed.state.saved.owes_digest && self.state.saved.owes_digest;
        self.session.under_way.take_if(|_| is_settled);
        self.state.takes_the_place_of(&failed.state);
    }

    /// Keeps an event that may be about a row which only the failed store knows.
    pub(super) fn keep_if_missed(&mut self, event: &Event, lookups: &Lookups) {
        if let Some(failure) = &mut self.failure {
            failure.missed.keep(event, lookups.is_empty());
        }
    }

    /// What is still to be made good.
    pub(super) fn missed(&self) -> impl Iterator<Item = &Event> {
        self.failure.iter().flat_map(|failure| failure.missed.iter())
    }

    /// What passed while the store had failed takes its id from the row in the store that its app meant to replace:
    /// `earlier` are those with that id. Before anything missed is handled.
    pub(super) fn superseded(
        &mut self,
        passed: &Interruption,
        earlier: Vec<Interruption>,
        now: Now,
        fx: &mut Vec<Effect>,
    ) {
        let other = |row: &Interruption| row.is_editable() && !is_same_arrival(row, passed);
        for row in earlier.into_iter().filter(other) {
            self.retire(row, now, fx);
        }
    }

    /// One that passed while the store had failed enters the books; its key there. `there` is the same row from a commit
    /// that had been given up and went through after all. One that no renderer took is held, now that it is on disk.
    pub(super) fn enter_passed(
        &mut self,
        entering: Entering,
        there: Option<Interruption>,
        fx: &mut Vec<Effect>,
    ) -> Seq {
        let Entering { mut row, raw, .. } = entering;
        if let Some(there) = there {
            return self.enter_again(row, there, fx);
        }
        row.seq = self.state.new_seq();
        row.period = self.state.saved.period.number;
        row.standing = Standing::of(row.state(), row.period);
        if row.waits_for_the_screen() {
            row.standing = Standing::Held(Held { expires: expiry(&row, row.arrived), deferred: None });
            row.came_back = Some(Return::Refused);
            self.state.one_more_held(&row);
            self.state.note_due(row.due());
        }
        if row.is_counted() {
            self.state.ledger.arrived(row.state());
        } else if row.content.feedback {
            self.state.ledger.feedback = self.state.ledger.feedback.saturating_add(1);
        }
        if row.is_own() && row.is_open() {
            self.state.digest = Some(row.id);
        }
        let seq = row.seq;
        fx.push(Effect::Store(Write::Insert { row: Box::new(row), raw }));
        seq
    }

    fn enter_again(&mut self, row: Interruption, mut there: Interruption, fx: &mut Vec<Effect>) -> Seq {
        let waits = row.waits_for_the_screen();
        if there.is_held() && !waits {
            self.state.settle(&mut there, Outcome::Passed);
        }
        (there.why, there.delivery, there.closed, there.acted) =
            (Why::StoreFailed, row.delivery, row.closed, row.acted);
        there.content.remarks = row.content.remarks;
        if !there.is_held() && waits {
            self.take_in_again(&mut there, Return::Refused, fx);
        }
        fx.push(Self::update(&there));
        there.seq
    }
}

/// Whether two rows are one arrival, judged twice by the same gate. A gate that started without its store counts keys
/// anew, so a key alone says nothing.
fn is_same_arrival(one: &Interruption, other: &Interruption) -> bool {
    let of = |row: &Interruption| (row.seq, row.id, row.gate.clone());
    of(one) == of(other) && one.sender == other.sender
}

/// What an event is that may be handled once more, if it names a row.
fn kind(event: &Event) -> Option<Kind> {
    match event {
        Event::RendererUp(_) | Event::RendererDown | Event::Recover(_) => Some(Kind::OfAll),
        Event::Sent { .. } | Event::SentByEarlier(_) | Event::RendererClosed { .. } => Some(Kind::Reported),
        Event::CloseRequested { .. } => Some(Kind::Asked),
        Event::RendererAction { .. } | Event::RendererReplied { .. } => Some(Kind::Pressed),
        Event::Arrived(_)
        | Event::Inhibit { .. }
        | Event::UnInhibit { .. }
        | Event::SenderPresent(_)
        | Event::SenderLeft(_)
        | Event::Command { .. }
        | Event::Wake
        | Event::UserIdle
        | Event::UserBack(_)
        | Event::ZoneChanged(_)
        | Event::SettingsChanged(_)
        | Event::InPath(_)
        | Event::AwayFor(_) => None,
    }
}

/// A signal was passed on at the time.
#[expect(clippy::wildcard_enum_match_arm, reason = "only signals of the renderer are passed on")]
fn repeatable(mut event: Event) -> Event {
    match &mut event {
        Event::RendererClosed { to, .. } | Event::RendererAction { to, .. } | Event::RendererReplied { to, .. }
            if matches!(to, Audience::Other(_)) =>
        {
            *to = Audience::Gate;
        }
        _ => {}
    }
    event
}
