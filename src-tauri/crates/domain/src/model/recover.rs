//! What became of the calls to the renderer that earlier gates had under way: nothing is lost, nothing is shown twice. Must
//! not know how the relay found out.

use super::{Model, renderer::remark};
use crate::effect::Effect;
use crate::event::{CallOutcome, KnownCalls};
use crate::notice::{Delivery, Interruption, Remark, Return, State};
use crate::time::Now;
use std::sync::Arc;

impl Model {
    /// What became of the calls that earlier gates had under way.
    pub(super) fn recover(&mut self, known: &KnownCalls, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) {
        let (mut going, mut shown): (Vec<_>, Vec<_>) = rows.into_iter().partition(Interruption::is_unanswered);
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
                Known::NeverSent if row.state() == State::Passed && row.is_open() => self.send_again(&mut row, fx),
                Known::NeverSent => self.did_not_arrive(&mut row, Return::GateStopped, fx),
                Known::Nothing => {
                    remark(&mut row, Remark::MayHaveBeenShown);
                    self.did_not_arrive(&mut row, Return::GateStopped, fx);
                }
            }
        }
    }
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
