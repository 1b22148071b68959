//! Everything that can happen to the model, in one closed enum, and the rows that each needs. Must not know who sends it.

use crate::command::Command;
use crate::notice::{
    App, Arrival, CallId, ClosedReason, Interruption, LaterMark, NoticeId, RendererId, RequestId, Sender, Seq,
};
use crate::policy::Settings;
use crate::zone::Zone;
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `Notify`.
    Arrived(Box<Arrival>),
    /// `CloseNotification`.
    CloseRequested {
        /// What must be answered.
        call: CallId,
        /// Who asks.
        sender: Sender,
        /// Its app, where it can be recognised.
        app: Option<Box<App>>,
        /// Of which id.
        id: u32,
    },
    /// KDE's `Inhibit`: an app asks for quiet.
    Inhibit {
        /// What must be answered with a cookie.
        call: CallId,
        /// Who asks.
        sender: Sender,
        /// Its name, as it says.
        app: String,
    },
    /// KDE's `UnInhibit`.
    UnInhibit {
        /// What must be answered.
        call: CallId,
        /// Who.
        sender: Sender,
        /// The cookie.
        cookie: u32,
    },
    /// A sender of rows from before a restart is still on the bus.
    SenderPresent(Sender),
    /// A connection left the bus: its unique name.
    SenderLeft(Arc<str>),
    /// The renderer can be reached: its connection, told apart from those of other sessions.
    RendererUp(Arc<str>),
    /// It cannot.
    RendererDown,
    /// The renderer answered the call with this serial: its id, or its error.
    Sent {
        /// The serial.
        serial: u32,
        /// What came.
        outcome: CallOutcome,
    },
    /// `NotificationClosed` of the renderer.
    RendererClosed {
        /// The renderer's connection.
        by: Arc<str>,
        /// Its id.
        id: RendererId,
        /// Why.
        reason: ClosedReason,
        /// Whom the renderer addressed.
        to: Audience,
    },
    /// `ActionInvoked` of the renderer, with the token that came before it.
    RendererAction {
        /// The renderer's connection.
        by: Arc<str>,
        /// Its id.
        id: RendererId,
        /// The action's key.
        key: String,
        /// `ActivationToken`.
        token: Option<String>,
        /// As above.
        to: Audience,
    },
    /// `NotificationReplied` of the renderer.
    RendererReplied {
        /// The renderer's connection.
        by: Arc<str>,
        /// Its id.
        id: RendererId,
        /// The answer.
        text: String,
        /// As above.
        to: Audience,
    },
    /// After a start: what is known of the calls that earlier gates had under way. It is about the renderer that runs, so
    /// [`Event::RendererUp`] comes first.
    Recover(KnownCalls),
    /// The renderer answered a call of an earlier gate, which [`Event::Recover`] had named as waiting.
    SentByEarlier(SentCall),
    /// A person asked for something. Without a request id nobody waits for the answer.
    Command {
        /// Whom to answer.
        request: Option<RequestId>,
        /// What.
        command: Command,
    },
    /// The instant of [`crate::Model::next_wakeup`] has come, or may have: the clock was set, the machine woke.
    Wake,
    /// The user has touched nothing for [`crate::IDLE_TIME`]. Wanted only while [`crate::Model::wanted_of_user`] says so.
    UserIdle,
    /// The user is back: for so long nothing was touched, or the machine slept. Wanted where they had gone while
    /// [`crate::Model::wanted_of_user`] names a time.
    UserBack(Duration),
    /// The zone is another now.
    ZoneChanged(Zone),
    /// The settings are others now.
    SettingsChanged(Box<Settings>),
    /// Whether the gate stands in the path: it owns the name.
    InPath(bool),
    /// After a start: how long ago the gate before this one left the path, as the relay saw it.
    AwayFor(Duration),
}

/// Whom the renderer addressed with a signal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Audience {
    /// This gate.
    #[default]
    Gate,
    /// Another connection: an earlier gate, or an app that was served while the gate was away.
    Other(Arc<str>),
    /// Whoever listens.
    Everybody,
}

/// What became of a call to the renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// It shows it under this id.
    Shown(RendererId),
    /// It refused: the error, one line.
    Refused(String),
    /// It has the call and has not answered yet.
    Waiting,
    /// It has not answered for so long that nobody waits any more. What it says later still counts.
    Silent,
    /// It left with the call: nobody knows whether it had shown it, and it will not say.
    Left,
}

impl CallOutcome {
    /// The number that the renderer gave it.
    pub(crate) fn shown_as(&self) -> Option<RendererId> {
        match self {
            Self::Shown(id) => Some(*id),
            Self::Refused(_) | Self::Waiting | Self::Silent | Self::Left => None,
        }
    }
}

/// A call of an earlier gate to the renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCall {
    /// The connection that sent it.
    pub gate: Arc<str>,
    /// Its serial.
    pub serial: u32,
    /// What the renderer answered.
    pub outcome: CallOutcome,
}

/// What a relay knows of the calls of earlier gates; by default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownCalls {
    /// Those that it saw.
    pub calls: Vec<SentCall>,
    /// The gates all of whose calls it saw: one of theirs that is not among those was never sent. What became of another's
    /// nobody knows.
    pub watched: Vec<Arc<str>>,
}

/// The rows that an event names. The store loads them just before [`crate::Model::handle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// None.
    Nothing,
    /// The newest row with this id.
    Id(NoticeId),
    /// The newest rows with these ids.
    Ids(Vec<NoticeId>),
    /// These rows.
    Seqs(Vec<Seq>),
    /// The newest open row of one app with this stack tag that is held, at the renderer or on its way there.
    StackTag {
        /// The app's id.
        app: Arc<str>,
        /// The tag.
        tag: String,
    },
    /// The rows that the renderer shows under this id: more than one only in the store of an earlier version.
    Renderer {
        /// The renderer's connection.
        by: Arc<str>,
        /// Its id.
        id: RendererId,
    },
    /// The row whose call to the renderer has this serial, and those shown under the number that it gave for it.
    Serial {
        /// The connection that sent it.
        gate: Arc<str>,
        /// The serial.
        serial: u32,
        /// The number, if it gave one.
        given: Given,
    },
    /// The first 100 rows whose time has run out at this instant.
    Due(DateTime<Utc>),
    /// The first 100 rows that were snoozed to this instant or an earlier one.
    Snoozed(DateTime<Utc>),
    /// The first held row in the range that is not on its way to the renderer.
    NextHeld(HeldRange),
    /// The first 100 held rows in the range.
    HeldPage(HeldRange),
    /// The first 100 held rows after this one, and not after the other, that were put off by one command.
    LaterPage {
        /// After this.
        after: Seq,
        /// Up to this.
        upto: Seq,
        /// The command's mark.
        mark: LaterMark,
    },
    /// The first 100 rows marked done together, in the same range: they share the instant at which their undo ends.
    DonePage {
        /// After this.
        after: Seq,
        /// Up to this.
        upto: Seq,
        /// When their undo ends.
        due: DateTime<Utc>,
    },
    /// All rows under way to the renderer that another connection sent, and those shown under these numbers.
    Unanswered {
        /// This gate's connection.
        gate: Arc<str>,
        /// The numbers that the renderer gave for such calls.
        given: Given,
    },
    /// All rows shown by another renderer connection than this.
    ShownByOthers {
        /// The renderer's connection.
        by: Arc<str>,
    },
}

/// Numbers that one renderer gave popups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The renderer's connection.
    pub by: Arc<str>,
    /// Its ids.
    pub ids: Vec<RendererId>,
}

/// Held rows in order of arrival: after one and not after another, of one app or of all, but not those put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRange {
    /// After this.
    pub after: Seq,
    /// Up to this.
    pub upto: Seq,
    /// Of this app only.
    pub app: Option<Arc<str>>,
    /// Those with a mark above this one are put off.
    pub later_than: LaterMark,
}

/// What the store loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows, in order of arrival.
    pub rows: Vec<Interruption>,
    /// With [`Need::Due`] and [`Need::Snoozed`]: the first instant at which more rows run out or come back.
    pub next_due: Option<DateTime<Utc>>,
}
