//! One interruption as the columns of its row, in one fixed order for writing and reading. Must not know which rows are
//! wanted or why.

use crate::cause::Cause;
use crate::texts::SharedTexts;
use crate::words::{TextPlace, Word};
use chrono::{DateTime, Duration, Utc};
use rusqlite::types::FromSql;
use rusqlite::{Row, Statement, ToSql};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tidegate_domain::{
    Action, App, ClosedReason, Closing, Content, Deferral, Delivery, Held, Interruption, LaterMark, NoticeId, Outcome,
    Remark, RendererId, Sender, Seq, Standing, State, Timeout, Urgency, Why,
};

/// All but the key and the text, in the order of [`bind_facts`] and [`Columns::facts`].
macro_rules! facts {
    () => {
        "id, state, arrived_ms, period, settled, due_ms, closed_ms, closed_reason, acted_ms, put_off, snoozed_ms, origin, revisions, \
         sender_bus, sender_name, sender_pid, sender_started, gate, \
         app_id, app_name, app_proof, app_desktop_entry, app_executable, why, why_name, came_back, \
         sending_gate, sending_serial, sending_then, sending_late, shown_by, shown_id, \
         urgency, timeout_ms, transient, resident, feedback, stack_tag, category, remarks"
    };
}

/// As many as [`facts`] has.
macro_rules! fact_values {
    () => {
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    };
}

/// A query for whole rows, as [`read`] wants them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, ",
            $crate::columns::facts!(),
            ", text, raw_dropped, actions, inline_reply, summary, body FROM notices ",
            $rest
        )
    };
}

pub(crate) use {fact_values, facts, select};

/// Milliseconds since 1970; what is finer is dropped.
pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn instant(millis: i64) -> Result<DateTime<Utc>, Cause> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| Cause::unknown("an instant", millis))
}

/// Binds a statement's parameters one after the other.
pub(crate) struct Binder<'a, 'c> {
    statement: &'a mut Statement<'c>,
    next: usize,
}

impl<'a, 'c> Binder<'a, 'c> {
    pub(crate) fn new(statement: &'a mut Statement<'c>) -> Self {
        Self { statement, next: 1 }
    }

    pub(crate) fn put(&mut self, value: impl ToSql) -> Result<(), Cause> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }

    /// Runs the statement; how many rows it changed.
    pub(crate) fn execute(self) -> Result<usize, Cause> {
        Ok(self.statement.raw_execute()?)
    }
}

/// Binds the columns of [`facts`].
pub(crate) fn bind_facts(to: &mut Binder<'_, '_>, row: &Interruption) -> Result<(), Cause> {
    bind_place(to, row)?;
    bind_sender(to, &row.sender)?;
    to.put(&*row.gate)?;
    bind_app(to, &row.app)?;
    bind_why(to, &row.why)?;
    to.put(row.came_back.as_ref().map(Word::word))?;
    bind_delivery(to, &row.delivery)?;
    bind_claims(to, &row.content)
}

fn bind_place(to: &mut Binder<'_, '_>, row: &Interruption) -> Result<(), Cause> {
    to.put(row.id.0)?;
    to.put(row.state().word())?;
    to.put(millis(row.arrived))?;
    to.put(row.period.cast_signed())?;
    to.put(row.settled().map(u64::cast_signed))?;
    to.put(row.due().map(millis))?;
    to.put(row.closed.map(|closing| millis(closing.at)))?;
    to.put(row.closed.map(|closing| closing.reason.code()))?;
    to.put(row.acted.map(millis))?;
    to.put(row.deferred().map(|deferral| deferral.mark.0.cast_signed()))?;
    to.put(row.deferred().and_then(|deferral| deferral.until).map(millis))?;
    to.put(row.origin.word())?;
    to.put(row.revisions)
}

fn bind_sender(to: &mut Binder<'_, '_>, sender: &Sender) -> Result<(), Cause> {
    to.put(&*sender.bus)?;
    to.put(&*sender.name)?;
    to.put(sender.pid)?;
    to.put(sender.started.cast_signed())
}

fn bind_app(to: &mut Binder<'_, '_>, app: &App) -> Result<(), Cause> {
    to.put(&*app.id)?;
    to.put(&*app.name)?;
    to.put(app.proof.word())?;
    to.put(app.desktop_entry.as_deref())?;
    to.put(app.executable.as_deref())
}

fn bind_why(to: &mut Binder<'_, '_>, why: &Why) -> Result<(), Cause> {
    let (word, name) = match why {
        Why::Block => ("block", None),
        Why::Inhibited(name) => ("inhibited", Some(name)),
        Why::GateOpen => ("gate-open", None),
        Why::SafeList(name) => ("safe-list", Some(name)),
        Why::Rule => ("rule", None),
        Why::Feedback => ("feedback", None),
        Why::StoreFailed => ("store-failed", None),
        Why::Own => ("own", None),
        Why::Noted => ("noted", None),
    };
    to.put(word)?;
    to.put(name)
}

fn bind_delivery(to: &mut Binder<'_, '_>, delivery: &Delivery) -> Result<(), Cause> {
    let (sending, shown) = match delivery {
        Delivery::None => (None, None),
        Delivery::Sending { gate, serial, then, late } => (Some((gate, serial, then, late)), None),
        Delivery::Shown { by, id } => (None, Some((by, id))),
    };
    to.put(sending.map(|(gate, ..)| &**gate))?;
    to.put(sending.map(|(_, serial, ..)| serial))?;
    to.put(sending.map(|(_, _, then, _)| then.word()))?;
    to.put(sending.is_some_and(|(.., late)| *late))?;
    to.put(shown.map(|(by, _)| &**by))?;
    to.put(shown.map(|(_, id)| id.0))
}

fn bind_claims(to: &mut Binder<'_, '_>, content: &Content) -> Result<(), Cause> {
    to.put(urgency_number(content.urgency))?;
    to.put(timeout_millis(content.timeout))?;
    to.put(content.transient)?;
    to.put(content.resident)?;
    to.put(content.feedback)?;
    to.put(content.stack_tag.as_deref())?;
    to.put(content.category.as_deref())?;
    to.put(remarks_json(&content.remarks)?)
}

/// Binds `actions`, `inline_reply`, `summary` and `body`: blank unless the text may be in the row. The actions' keys stay,
/// for a press must still be told from one that was never offered.
pub(crate) fn bind_text(to: &mut Binder<'_, '_>, content: &Content, place: TextPlace) -> Result<(), Cause> {
    let blank = place != TextPlace::Kept;
    to.put(actions_json(&content.actions, blank)?)?;
    to.put(content.inline_reply.as_deref().map(|text| unless(blank, text)))?;
    to.put(unless(blank, &content.summary))?;
    to.put(unless(blank, &content.body))
}

fn unless(blank: bool, text: &str) -> &str {
    if blank { "" } else { text }
}

fn urgency_number(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    }
}

fn timeout_millis(timeout: Timeout) -> Option<i64> {
    match timeout {
        Timeout::Default => None,
        Timeout::Never => Some(-1),
        Timeout::After(duration) => Some(duration.num_milliseconds().max(0)),
    }
}

fn actions_json(actions: &[Action], blank: bool) -> Result<Option<String>, Cause> {
    if actions.is_empty() {
        return Ok(None);
    }
    let pairs: Vec<_> = actions.iter().map(|action| (&action.key, unless(blank, &action.label))).collect();
    Ok(Some(serde_json::to_string(&pairs)?))
}

/// A [`Remark`] as it is stored. Those that say where the text or the body went are not: `text` and `raw_dropped` say it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredRemark {
    ImageTooLarge(u64),
    ImageInvalid,
    BodyTooLong(u64),
    RendererRefused(String),
    MayHaveBeenShown,
    RendererRestarted,
}

impl StoredRemark {
    fn new(remark: &Remark) -> Option<Self> {
        Some(match remark {
            Remark::ImageTooLarge(bytes) => Self::ImageTooLarge(*bytes),
            Remark::ImageInvalid => Self::ImageInvalid,
            Remark::BodyTooLong(bytes) => Self::BodyTooLong(*bytes),
            Remark::RendererRefused(error) => Self::RendererRefused(error.clone()),
            Remark::MayHaveBeenShown => Self::MayHaveBeenShown,
            Remark::RendererRestarted => Self::RendererRestarted,
            Remark::TextDroppedFlood | Remark::TextLost | Remark::RawDropped => return None,
        })
    }

    fn remark(self) -> Remark {
        match self {
            Self::ImageTooLarge(bytes) => Remark::ImageTooLarge(bytes),
            Self::ImageInvalid => Remark::ImageInvalid,
            Self::BodyTooLong(bytes) => Remark::BodyTooLong(bytes),
            Self::RendererRefused(error) => Remark::RendererRefused(error),
            Self::MayHaveBeenShown => Remark::MayHaveBeenShown,
            Self::RendererRestarted => Remark::RendererRestarted,
        }
    }
}

fn remarks_json(remarks: &[Remark]) -> Result<Option<String>, Cause> {
    let stored: Vec<_> = remarks.iter().filter_map(StoredRemark::new).collect();
    if stored.is_empty() { Ok(None) } else { Ok(Some(serde_json::to_string(&stored)?)) }
}

/// A row as [`select`] found it, its text filled in from memory where that is where it is.
pub(crate) fn read(row: &Row<'_>, texts: &SharedTexts) -> Result<Interruption, Cause> {
    let mut columns = Columns { row, next: 0 };
    let seq = Seq(columns.next()?);
    let mut found = columns.facts(seq)?;
    let (place, raw_dropped): (TextPlace, bool) = (columns.word()?, columns.next()?);
    columns.text(&mut found.content)?;
    match place {
        TextPlace::Kept | TextPlace::Nowhere => {}
        TextPlace::Memory => match texts.get(seq.0) {
            Some(text) => text.fill(&mut found.content),
            None => found.content.remarks.push(Remark::TextLost),
        },
        TextPlace::Lost => found.content.remarks.push(Remark::TextLost),
        TextPlace::Dropped => found.content.remarks.push(Remark::TextDroppedFlood),
    }
    if raw_dropped {
        found.content.remarks.push(Remark::RawDropped);
    }
    Ok(found)
}

/// Reads a row's columns one after the other.
struct Columns<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
}

/// `due` and `deferred` mean something in some states only.
fn standing(state: State, settled: u64, due: Option<DateTime<Utc>>, deferred: Option<Deferral>) -> Standing {
    match state {
        State::Held => Standing::Held(Held { expires: due, deferred }),
        State::Done => Standing::Settled { outcome: Outcome::Done { undo_until: due }, period: settled },
        State::Passed | State::Withdrawn | State::Muted | State::Expired | State::Released => {
            Standing::of(state, settled)
        }
    }
}

impl Columns<'_, '_> {
    fn next<T: FromSql>(&mut self) -> Result<T, Cause> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn word<T: Word>(&mut self) -> Result<T, Cause> {
        T::from_word(&self.next::<String>()?)
    }

    fn instant(&mut self) -> Result<Option<DateTime<Utc>>, Cause> {
        self.next::<Option<i64>>()?.map(instant).transpose()
    }

    fn facts(&mut self, seq: Seq) -> Result<Interruption, Cause> {
        let (id, state) = (NoticeId(self.next()?), self.word::<State>()?);
        let (arrived, period) = (instant(self.next()?)?, self.next::<i64>()?.cast_unsigned());
        let (settled, due) = (self.next::<Option<i64>>()?.map(i64::cast_unsigned), self.instant()?);
        let (closed, acted) = (self.closed()?, self.instant()?);
        let standing = standing(state, settled.unwrap_or(period), due, self.deferral()?);
        let (origin, revisions) = (self.word()?, self.next()?);
        let (sender, gate, app, why) = (self.sender()?, self.next()?, self.app()?, self.why()?);
        Ok(Interruption {
            seq,
            id,
            arrived,
            period,
            standing,
            closed,
            acted,
            origin,
            revisions,
            sender,
            gate,
            app,
            why,
            came_back: self.next::<Option<String>>()?.as_deref().map(Word::from_word).transpose()?,
            delivery: self.delivery()?,
            content: self.claims()?,
        })
    }

    fn deferral(&mut self) -> Result<Option<Deferral>, Cause> {
        let (mark, until) = (self.next::<Option<i64>>()?, self.instant()?);
        Ok(mark.map(|mark| Deferral { mark: LaterMark(mark.cast_unsigned()), until }))
    }

    fn closed(&mut self) -> Result<Option<Closing>, Cause> {
        let (at, code) = (self.instant()?, self.next::<Option<u32>>()?);
        match (at, code) {
            (Some(at), Some(code)) => Ok(Some(Closing { reason: ClosedReason::from_code(code), at })),
            (None, None) => Ok(None),
            _ => Err(Cause::unknown("a closing", format!("{at:?}, reason {code:?}"))),
        }
    }

    fn sender(&mut self) -> Result<Sender, Cause> {
        Ok(Sender {
            bus: self.next()?,
            name: self.next()?,
            pid: self.next()?,
            started: self.next::<i64>()?.cast_unsigned(),
        })
    }

    fn app(&mut self) -> Result<App, Cause> {
        Ok(App {
            id: self.next()?,
            name: self.next()?,
            proof: self.word()?,
            desktop_entry: self.next()?,
            executable: self.next()?,
        })
    }

    fn why(&mut self) -> Result<Why, Cause> {
        let (word, name) = (self.next::<String>()?, self.next::<Option<String>>()?);
        match (word.as_str(), name) {
            ("block", None) => Ok(Why::Block),
            ("inhibited", Some(name)) => Ok(Why::Inhibited(name)),
            ("gate-open", None) => Ok(Why::GateOpen),
            ("safe-list", Some(name)) => Ok(Why::SafeList(name)),
            ("rule", None) => Ok(Why::Rule),
            ("feedback", None) => Ok(Why::Feedback),
            ("store-failed", None) => Ok(Why::StoreFailed),
            ("own", None) => Ok(Why::Own),
            ("noted", None) => Ok(Why::Noted),
            (_, name) => Err(Cause::unknown("a reason", format!("{word} {name:?}"))),
        }
    }

    fn delivery(&mut self) -> Result<Delivery, Cause> {
        let sending: (Option<Arc<str>>, Option<u32>, Option<String>) = (self.next()?, self.next()?, self.next()?);
        let late = self.next()?;
        let shown: (Option<Arc<str>>, Option<u32>) = (self.next()?, self.next()?);
        match (sending, shown) {
            ((None, None, None), (None, None)) => Ok(Delivery::None),
            ((Some(gate), Some(serial), Some(then)), (None, None)) => {
                Ok(Delivery::Sending { gate, serial, then: Word::from_word(&then)?, late })
            }
            ((None, None, None), (Some(by), Some(id))) => Ok(Delivery::Shown { by, id: RendererId(id) }),
            (sending, shown) => Err(Cause::unknown("a delivery", format!("{sending:?}, {shown:?}"))),
        }
    }

    /// What it claims besides its text.
    fn claims(&mut self) -> Result<Content, Cause> {
        Ok(Content {
            urgency: urgency(self.next()?)?,
            timeout: timeout(self.next()?),
            transient: self.next()?,
            resident: self.next()?,
            feedback: self.next()?,
            stack_tag: self.next()?,
            category: self.next()?,
            remarks: remarks(self.next()?)?,
            ..Content::default()
        })
    }

    fn text(&mut self, content: &mut Content) -> Result<(), Cause> {
        content.actions = actions(self.next()?)?;
        content.inline_reply = self.next()?;
        content.summary = self.next()?;
        content.body = self.next()?;
        Ok(())
    }
}

fn urgency(number: u8) -> Result<Urgency, Cause> {
    match number {
        0 => Ok(Urgency::Low),
        1 => Ok(Urgency::Normal),
        2 => Ok(Urgency::Critical),
        _ => Err(Cause::unknown("an urgency", number)),
    }
}

fn timeout(millis: Option<i64>) -> Timeout {
    match millis {
        None => Timeout::Default,
        Some(millis) if millis < 0 => Timeout::Never,
        Some(millis) => Duration::try_milliseconds(millis).map_or(Timeout::Never, Timeout::After),
    }
}

fn actions(json: Option<String>) -> Result<Vec<Action>, Cause> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let pairs: Vec<(String, String)> = serde_json::from_str(&json)?;
    Ok(pairs.into_iter().map(|(key, label)| Action { key, label }).collect())
}

fn remarks(json: Option<String>) -> Result<Vec<Remark>, Cause> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let stored: Vec<StoredRemark> = serde_json::from_str(&json)?;
    Ok(stored.into_iter().map(StoredRemark::remark).collect())
}
