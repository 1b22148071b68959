//! What the user notes by hand: interruptions that no app sent, and where they were when a check-in came. Must not know
//! how they are shown.

use super::Model;
use crate::command::Answer;
use crate::effect::{Effect, Write};
use crate::event::Rows;
use crate::notice::{App, Content, Delivery, Interruption, NoticeId, Sender, Seq, State, Why};
use crate::time::Now;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// How many held notes the view names.
pub const NOTED: u32 = 20;

/// One that was noted by hand and is held, for the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The row's key.
    pub seq: Seq,
    /// Its id.
    pub id: NoticeId,
    /// What was noted.
    pub text: Arc<str>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Model {
    /// The newest held ones that were noted by hand, newest first.
    pub fn noted(&self) -> impl Iterator<Item = &Noted> {
        self.noted.iter()
    }

    /// Held like any other interruption, whether or not the gate is closed: it is for the next check-in.
    pub(super) fn note(&mut self, text: String, now: Now, fx: &mut Vec<Effect>) -> Answer {
        let id = self.new_id(fx);
        let row = self.note_row(id, text, now);
        self.ledger.arrived(State::Held);
        self.one_more_held(&row);
        self.list_note(&row);
        fx.push(Effect::Write(Write::Insert { row: Box::new(row), raw: None }));
        Answer::Noted { id }
    }

    fn note_row(&mut self, id: NoticeId, text: String, now: Now) -> Interruption {
        Interruption {
            seq: self.new_seq(),
            id,
            arrived: now.utc,
            period: self.saved.period.number,
            sender: Sender::nobody(),
            gate: self.gate.clone(),
            app: App::noted_by_hand(),
            content: Content { summary: text, ..Content::default() },
            state: State::Held,
            why: Why::Noted,
            delivery: Delivery::None,
            closed: None,
            revisions: 0,
            settled: None,
            due: None,
            acted: None,
            put_off: None,
            snoozed: None,
            came_back: None,
            own: false,
        }
    }

    /// Among the held notes that the view names, at its place by age.
    pub(super) fn list_note(&mut self, row: &Interruption) {
        if !row.is_noted() {
            return;
        }
        let place = self.noted.iter().position(|noted| noted.seq < row.seq).unwrap_or(self.noted.len());
        self.noted.insert(place, Noted::of(row));
        self.noted.truncate(NOTED as usize);
    }

    pub(super) fn remember_where(&mut self, line: Option<String>, fx: &mut Vec<Effect>) -> Answer {
        self.saved.where_were_you = line;
        self.save(fx);
        Answer::Remembered
    }

    /// Its digest leaves the screen with it: `rows` has that, if one is open.
    pub(super) fn close_check_in(&mut self, rows: Rows, now: Now, fx: &mut Vec<Effect>) -> Answer {
        self.leave_what_was_handed_over();
        self.saved.ended = None;
        self.leave_withdrawals();
        self.save(fx);
        self.digest = None;
        for digest in rows.rows.into_iter().filter(|row| row.own && row.is_open()) {
            self.retire(digest, now, fx);
        }
        Answer::CheckInClosed { where_were_you: self.saved.where_were_you.clone() }
    }

    pub(super) fn leave_what_was_handed_over(&mut self) {
        self.saved.checking_in = false;
        self.saved.worked_off = None;
        self.saved.owed_digest = None;
        self.drop_told_quiet();
    }
}

impl Noted {
    /// What the view says of a row.
    #[must_use]
    pub fn of(row: &Interruption) -> Self {
        Self { seq: row.seq, id: row.id, text: row.content.summary.as_str().into(), at: row.arrived }
    }
}
