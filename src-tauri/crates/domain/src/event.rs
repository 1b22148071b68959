//! Everything that can happen to the model, in one closed enum. Must not know who sends it.

use crate::command::Command;
use crate::notice::{App, Arrival, CallId, ClosedReason, RendererId, RequestId, Sender};
use crate::policy::Settings;
use crate::zone::Zone;
use chrono::Duration;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An app has called `Notify`.
    Arrived(Box<Arrival>),
    /// An app has called `CloseNotification`.
    CloseRequested {
        /// What must be answered.
        call: CallId,
        /// The connection that asks.
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
        /// The connection that asks.
        sender: Sender,
        /// Its name, as it says.
        app: String,
    },
    /// KDE's `UnInhibit`: an app asks for quiet no more.
    UnInhibit {
        /// What must be answered.
        call: CallId,
        /// The connection that gives it back.
        sender: Sender,
        /// What its request for quiet was answered with.
        cookie: u32,
    },
    /// A sender of rows from before a restart is still on the bus.
    SenderPresent(Sender),
    /// A connection left the bus: its unique name.
    SenderLeft(Arc<str>),
    /// The renderer can be reached: its connection, told apart from those of other sessions.
    RendererUp(Arc<str>),
    /// The renderer cannot be reached.
    RendererDown,
    /// The renderer answered the call with this serial: its id, or its error.
    Sent {
        /// The call's, as we sent it.
        serial: u32,
        /// The renderer's answer, or why there is none.
        outcome: CallOutcome,
    },
    /// `NotificationClosed` of the renderer.
    RendererClosed {
        /// The renderer's connection.
        by: Arc<str>,
        /// The id that the renderer gave.
        id: RendererId,
        /// What the renderer says of it.
        reason: ClosedReason,
        /// Whom the renderer addressed.
        to: Audience,
    },
    /// `ActionInvoked` of the renderer, with the token that came before it.
    RendererAction {
        /// The renderer's connection.
        by: Arc<str>,
        /// The id that the renderer gave.
        id: RendererId,
        /// The action's key.
        key: String,
        /// What lets the app's window come to the front, if `ActivationToken` came before.
        token: Option<String>,
        /// Whom the renderer addressed.
        to: Audience,
    },
    /// `NotificationReplied` of the renderer.
    RendererReplied {
        /// The renderer's connection.
        by: Arc<str>,
        /// The id that the renderer gave.
        id: RendererId,
        /// What the person wrote.
        text: String,
        /// Whom the renderer addressed.
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
        /// What is asked for.
        command: Command,
    },
    /// The instant of [`crate::Model::next_wakeup`] has come, or may have: the clock was set, the machine woke.
    Wake,
    /// The user has touched nothing for [`crate::IDLE_TIME`]. Wanted only while [`crate::Model::wanted_of_user`] says so.
    UserIdle,
    /// The user is back: for so long nothing was touched, or the machine slept. Wanted where they had gone while
    /// [`crate::Model::wanted_of_user`] says so.
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
