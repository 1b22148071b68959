//! After a start and after a failure of the store: nothing is lost, nothing is shown twice. Must not know how the relay
//! or the store found out.

use super::{Loaded, Model, Noted, Saved, UnderWay, arrive::expiry, renderer::remark};
use crate::effect::{Effect, Write};
use crate::event::{Audience, CallOutcome, Event, KnownCalls, Rows};
use crate::focus::Inhibitor;
use crate::ledger::Ledger;
use crate::notice::{Delivery, Interruption, NoticeId, Remark, Return, Seq, State, Why};
use crate::ports::StoreTrouble;
use crate::stand_in::{Entering, StandIn};
use crate::time::Now;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

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

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }
}

/// What a failed transaction must give back.
#[derive(Debug, Clone)]
pub struct Snapshot {
    saved: Saved,
    ledger: Ledger,
    next_id: u32,
    next_seq: i64,
    inhibitors: BTreeMap<u32, Inhibitor>,
    clock_offset: Option<DateTime<Utc>>,
    away_since: Option<DateTime<Utc>>,
    later: u32,
    noted: VecDeque<Noted>,
    under_way: Option<UnderWay>,
}

impl Model {
    /// What became of the calls that earlier gates had under way.
    pub(super) fn recover(&mut self, known: &KnownCalls, rows: Rows, now: Now, fx: &mut Vec<Effect>) {
        let (mut going, mut shown): (Vec<_>, Vec<_>) = rows.rows.into_iter().partition(Interruption::is_unanswered);
        going.sort_by_key(|row| place_of(known, row));
        for mut row in going {
            let Delivery::Sending { gate, serial, .. } = &row.delivery else {
                continue;
            };
            match outcome_of(known, gate, *serial) {
                Known::Answered(outcome) => {
                    self.make_way(&outcome, &mut shown, now, fx);
                    self.arrived_at_renderer(&mut row, outcome, fx);
                    shown.push(row);
                }
                Known::NeverSent if row.state == State::Passed && row.is_open() => self.send_again(&mut row, fx),
                Known::NeverSent => self.did_not_arrive(&mut row, Return::GateStopped, fx),
                Known::Nothing => {
                    remark(&mut row, Remark::MayHaveBeenShown);
                    self.did_not_arrive(&mut row, Return::GateStopped, fx);
                }
            }
        }
    }

    /// What to give back when the transaction that follows fails.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            saved: self.saved.clone(),
            ledger: self.ledger,
            next_id: self.next_id,
            next_seq: self.next_seq,
            inhibitors: self.inhibitors.clone(),
            clock_offset: self.clock_offset,
            away_since: self.away_since,
            later: self.later,
            noted: self.noted.clone(),
            under_way: self.under_way,
        }
    }

    /// The store failed: from now on everything passes, and the trouble is told.
    pub fn store_failed(&mut self, before: Snapshot, trouble: StoreTrouble) {
        self.saved = before.saved;
        self.ledger = before.ledger;
        self.next_id = before.next_id;
        self.next_seq = before.next_seq;
        self.inhibitors = before.inhibitors;
        self.clock_offset = before.clock_offset;
        self.away_since = before.away_since;
        self.later = before.later;
        self.noted = before.noted;
        self.under_way = before.under_way;
        self.held_revision = self.held_revision.wrapping_add(1);
        self.store_trouble = Some(trouble);
    }

    /// A failed store was tried again in vain: what it says now is told instead.
    pub fn store_still_fails(&mut self, trouble: StoreTrouble) {
        self.store_trouble = Some(trouble);
    }

    /// What the rows are kept in that pass from now on.
    #[must_use]
    pub fn stand_in(&self) -> StandIn {
        StandIn::new(NoticeId(self.next_id))
    }

    /// Whether the store failed and was not mended yet.
    #[must_use]
    pub fn has_store_trouble(&self) -> bool {
        self.store_trouble.is_some()
    }

    /// The model as the mended store says, with what only this process knows carried over.
    pub(super) fn mended(&self, loaded: Loaded, now: Now) -> Model {
        let mut settled = Self::restore(loaded, self.settings.clone(), self.zone.clone(), self.gate.clone(), now);
        settled.follow(self);
        settled.clock_offset = self.clock_offset;
        settled
    }

    /// Keeps an event that may be about a row which only the failed store knows.
    pub(super) fn keep_if_missed(&mut self, event: &Event, rows: &Rows) {
        if self.store_trouble.is_some() {
            self.missed.keep(event, rows.rows.is_empty());
        }
    }

    /// What passed while the store had failed takes its id from the row in the store that its app meant to replace:
    /// `earlier` are those with that id. Before anything missed is handled.
    pub(super) fn superseded(&mut self, passed: &Interruption, earlier: Rows, now: Now, fx: &mut Vec<Effect>) {
        let other = |row: &Interruption| row.is_editable() && !is_same_arrival(row, passed);
        for row in earlier.rows.into_iter().filter(other) {
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
        row.seq = self.new_seq();
        row.period = self.saved.period.number;
        row.settled = Some(row.period);
        if row.waits_for_the_screen() {
            row.state = State::Held;
            row.came_back = Some(Return::Refused);
            row.settled = None;
            row.due = expiry(&row, row.arrived);
            self.one_more_held(&row);
            self.note_due(row.due);
        }
        if row.is_counted() {
            self.ledger.arrived(row.state);
        } else if row.content.feedback {
            self.ledger.feedback = self.ledger.feedback.saturating_add(1);
        }
        if row.own && row.is_open() {
            self.digest = Some(row.id);
        }
        let seq = row.seq;
        fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw }));
        seq
    }

    fn enter_again(&mut self, row: Interruption, mut there: Interruption, fx: &mut Vec<Effect>) -> Seq {
        let waits = row.waits_for_the_screen();
        if there.state == State::Held && !waits {
            self.settle(&mut there, State::Passed);
        }
        (there.why, there.delivery, there.closed, there.acted) =
            (Why::StoreFailed, row.delivery, row.closed, row.acted);
        there.content.remarks = row.content.remarks;
        if there.state != State::Held && waits {
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

enum Known {
    Answered(CallOutcome),
    NeverSent,
    Nothing,
}

/// In the order in which the renderer got the calls: the last one to be given a number has it.
fn place_of(known: &KnownCalls, row: &Interruption) -> Option<usize> {
    let Delivery::Sending { gate, serial, .. } = &row.delivery else { return None };
    known.calls.iter().position(|call| call.gate == *gate && call.serial == *serial)
}

fn outcome_of(known: &KnownCalls, gate: &Arc<str>, serial: u32) -> Known {
    match known.calls.iter().find(|call| call.gate == *gate && call.serial == serial) {
        Some(call) => Known::Answered(call.outcome.clone()),
        None if known.watched.contains(gate) => Known::NeverSent,
        None => Known::Nothing,
    }
}
