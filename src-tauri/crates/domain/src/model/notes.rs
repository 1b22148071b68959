//! What the user notes by hand: interruptions that no app sent, and where they were when a check-in came. Must not know
//! how they are shown.

use super::{Model, Noted};
use crate::command::Answer;
use crate::effect::{Effect, Write};
use crate::notice::{App, Content, Delivery, Interruption, NoticeId, Origin, Sender, Standing, State, Why};
use crate::time::Now;

impl Model {
    /// The newest held ones that were noted by hand, newest first.
    pub fn noted(&self) -> impl Iterator<Item = &Noted> {
        self.state.held.noted()
    }

    /// Held like any other interruption, whether or not the gate is closed: it is for the next check-in.
    pub(super) fn note(&mut self, text: String, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let id = self.state.new_id(fx);
        let row = self.note_row(id, text, now);
        self.state.ledger.arrived(State::Held);
        self.state.one_more_held(&row);
        self.state.held.list_note(&row);
        fx.push(Effect::Store(Write::Insert { row: Box::new(row), raw: None }));
        Answer::Noted { id }
    }

    fn note_row(&mut self, id: NoticeId, text: String, now: Now) -> Interruption {
        Interruption {
            seq: self.state.new_seq(),
            id,
            arrived: now.utc,
            period: self.state.saved.period.number,
            sender: Sender::nobody(),
            gate: self.session.gate_connection.clone(),
            app: App::noted_by_hand(),
            content: Content { summary: text, ..Content::default() },
            standing: Standing::held(),
            why: Why::Noted,
            delivery: Delivery::None,
            closed: None,
            revisions: 0,
            acted: None,
            came_back: None,
            origin: Origin::Note,
        }
    }

    pub(super) fn remember_where(&mut self, line: Option<String>, fx: &mut Vec<Effect>) -> Answer {
        self.state.saved.where_were_you = line;
        self.state.save(fx);
        Answer::Remembered
    }

    /// Its digest leaves the screen with it: `rows` has that, if one is open.
    pub(super) fn close_check_in(&mut self, rows: Vec<Interruption>, now: Now, fx: &mut Vec<Effect>) -> Answer {
        self.leave_what_was_handed_over();
        self.state.saved.handed_over = None;
        self.state.saved.ended = None;
        self.leave_withdrawals();
        self.state.save(fx);
        self.state.digest = None;
        for digest in rows.into_iter().filter(|row| row.is_own() && row.is_open()) {
            self.retire(digest, now, fx);
        }
        Answer::CheckInClosed { where_were_you: self.state.saved.where_were_you.clone() }
    }

    pub(super) fn leave_what_was_handed_over(&mut self) {
        self.state.saved.checking_in = false;
        self.state.saved.is_worked_off = false;
        self.state.saved.owes_digest = false;
        self.drop_told_quiet();
    }
}
