//! After a start and after a failure of the store: nothing is lost, nothing is shown twice. Must not know how the relay
//! or the store found out.

use super::{Loaded, Model, Noted, Saved, renderer::remark};
use crate::effect::{Effect, Write};
use crate::event::{Audience, CallOutcome, Event, KnownCalls, Rows};
use crate::focus::Inhibitor;
use crate::ledger::Ledger;
use crate::notice::{Delivery, Interruption, Raw, Remark, State, Why};
use crate::ports::StoreTrouble;
use crate::time::Now;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Events about single rows that are kept while the store has failed.
const MISSED: usize = 4_096;

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
}

impl Model {
    /// What became of the calls that earlier gates had under way.
    pub(super) fn recover(&mut self, known: &KnownCalls, rows: Rows, now: Now, fx: &mut Vec<Effect>) {
        let (mut going, mut shown): (Vec<_>, Vec<_>) = rows.rows.into_iter().partition(Interruption::is_going);
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
                Known::NeverSent => self.did_not_arrive(&mut row, fx),
                Known::Nothing => {
                    remark(&mut row, Remark::MayHaveBeenShown);
                    self.did_not_arrive(&mut row, fx);
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
        self.held_revision = self.held_revision.wrapping_add(1);
        self.store_trouble = Some(trouble);
    }

    /// A failed store was tried again in vain: what it says now is told instead.
    pub fn store_still_fails(&mut self, trouble: StoreTrouble) {
        self.store_trouble = Some(trouble);
    }

    /// Whether the store failed and was not mended yet.
    #[must_use]
    pub fn has_store_trouble(&self) -> bool {
        self.store_trouble.is_some()
    }

    /// The model as the mended store says, with what only this process knows carried over.
    #[must_use]
    pub fn mended(&self, loaded: Loaded, now: Now) -> Model {
        let mut settled = Self::restore(loaded, self.settings.clone(), self.zone.clone(), self.gate.clone(), now);
        let known = settled.saved.absences.clone();
        settled.saved.absences.extend(self.saved.absences.iter().filter(|away| !known.contains(away)));
        Model {
            live: self.live.clone(),
            inhibitors: self.inhibitors.clone(),
            renderer: self.renderer.clone(),
            in_path: self.in_path,
            away_since: self.away_since,
            next_serial: self.next_serial,
            next_cookie: self.next_cookie,
            next_id: settled.next_id.max(self.next_id),
            next_seq: settled.next_seq.max(self.next_seq),
            clock_offset: self.clock_offset,
            held_revision: self.held_revision.wrapping_add(1),
            ..settled
        }
    }

    /// Keeps an event that may be about a row which only the failed store knows.
    pub(super) fn keep_if_missed(&mut self, event: &Event, rows: &Rows) {
        let of_all = matches!(event, Event::RendererUp(_) | Event::RendererDown | Event::Recover(_));
        let is_missed = of_all || (rows.rows.is_empty() && self.missed.len() < MISSED);
        if self.store_trouble.is_some() && is_missed {
            self.missed.extend(repeatable(event));
        }
    }

    /// What happened while the store had failed to rows that only it knows. To be handled by the mended model before
    /// anything else; calls among it were answered at the time.
    #[must_use]
    pub fn missed(&self) -> Vec<Event> {
        self.missed.clone()
    }

    /// What passed while the store had failed takes its id from the row in the store that its app meant to replace:
    /// `earlier` are those with that id. To be called before anything missed is handled.
    pub fn superseded(&mut self, passed: &Interruption, earlier: Rows, now: Now, fx: &mut Vec<Effect>) {
        let other = |row: &Interruption| row.is_editable() && !is_same_arrival(row, passed);
        for row in earlier.rows.into_iter().filter(other) {
            self.retire(row, now, fx);
        }
    }

    /// One that passed while the store had failed enters the books. `there` is the same row from a commit that had been
    /// given up and went through after all.
    pub fn enter_passed(
        &mut self,
        mut row: Interruption,
        raw: Option<Raw>,
        there: Option<Interruption>,
        fx: &mut Vec<Effect>,
    ) {
        if let Some(mut there) = there.filter(|there| is_same_arrival(there, &row)) {
            if there.state == State::Held {
                self.settle(&mut there, State::Passed);
            }
            (there.why, there.delivery, there.closed) = (Why::StoreFailed, row.delivery, row.closed);
            fx.push(Self::update(&there));
            return;
        }
        row.seq = self.new_seq();
        row.period = self.saved.period.number;
        row.settled = Some(row.period);
        if row.is_counted() {
            self.ledger.arrived(row.state);
        } else if row.content.feedback {
            self.ledger.feedback = self.ledger.feedback.saturating_add(1);
        }
        if row.state == State::Held {
            row.settled = None;
            self.one_more_held(&row);
            self.note_due(row.due);
        }
        if (self.saved.reserved_ids..self.next_id).contains(&row.id.0) {
            self.saved.reserved_ids = self.next_id.saturating_add(super::RESERVE);
            self.save(fx);
        }
        fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw }));
    }
}

/// Whether two rows are one arrival, judged twice by the same gate. A gate that started without its store counts keys
/// anew, so a key alone says nothing.
fn is_same_arrival(one: &Interruption, other: &Interruption) -> bool {
    let of = |row: &Interruption| (row.seq, row.id, row.gate.clone());
    of(one) == of(other) && one.sender == other.sender
}

/// The event as it may be handled once more, if it names a row. A signal was passed on at the time.
fn repeatable(event: &Event) -> Option<Event> {
    let mut event = event.clone();
    match &mut event {
        Event::RendererClosed { to, .. } | Event::RendererAction { to, .. } | Event::RendererReplied { to, .. } => {
            if matches!(to, Audience::Other(_)) {
                *to = Audience::Gate;
            }
        }
        Event::Sent { .. }
        | Event::SentByEarlier(_)
        | Event::CloseRequested { .. }
        | Event::RendererUp(_)
        | Event::RendererDown
        | Event::Recover(_) => {}
        Event::Arrived(_)
        | Event::Inhibit { .. }
        | Event::UnInhibit { .. }
        | Event::SenderPresent(_)
        | Event::SenderLeft(_)
        | Event::Command { .. }
        | Event::Wake
        | Event::UserIdle
        | Event::ZoneChanged(_)
        | Event::SettingsChanged(_)
        | Event::InPath(_)
        | Event::AwayFor(_) => return None,
    }
    Some(event)
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
