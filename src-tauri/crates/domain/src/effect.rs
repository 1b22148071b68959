//! What must happen next, in order: writes first, and nothing leaves before they are committed. Must not do any of it.

use crate::command::{Answer, BlockLength, Refusal};
use crate::focus::{Ended, PastBlock};
use crate::ledger::{Absence, Ledger, PastPeriod};
use crate::model::Saved;
use crate::notice::{CallId, ClosedReason, Interruption, NoticeId, Raw, RequestId, Sender, Seq};
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// One thing to do, by who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Part of the transaction.
    Store(Write),
    /// Answer a client.
    Client(RequestId, Result<Answer, Refusal>),
    /// The gate's.
    Gate(GateEffect),
    /// What the user sees of us.
    Ui(UiEffect),
}

/// What the gate does, on the bus and at the renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateEffect {
    /// Answer a D-Bus call.
    Answer(CallId, NoticeReply),
    /// Send a signal to one sender, if it is still the same.
    Emit {
        /// To whom.
        to: Sender,
        /// What.
        signal: Signal,
    },
    /// Send a signal to whoever listens.
    EmitToAll(Signal),
    /// Send a signal on to a connection that the renderer had addressed itself.
    PassOn {
        /// The connection's unique name.
        to: Arc<str>,
        /// What.
        signal: Signal,
    },
    /// Give it to the renderer.
    Forward(Box<Forward>),
    /// `CloseNotification` at the renderer, with the renderer's id.
    CloseAtRenderer(u32),
    /// Find out which senders of rows from before a restart are still on the bus ([`crate::Event::SenderPresent`]).
    FindSenders(Vec<Sender>),
    /// The `Inhibited` property changed.
    Inhibited(bool),
}

/// What is shown by ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UiEffect {
    /// Show the digest, in place of an earlier one.
    ShowDigest(Box<Digest>),
    /// Open the window, with the token of the press that asked for it.
    OpenWindow {
        /// `ActivationToken`.
        token: Option<String>,
    },
}

/// What leaves once a transaction is committed, each in its order.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// The clients' answers.
    pub responses: Vec<(RequestId, Result<Answer, Refusal>)>,
    /// The gate's part.
    pub gate: Vec<GateEffect>,
    /// What the user sees of us.
    pub ui: Vec<UiEffect>,
}

impl Outgoing {
    /// Takes an effect; one that is a part of the transaction is given back.
    #[must_use]
    pub fn sort(&mut self, effect: Effect) -> Option<Write> {
        match effect {
            Effect::Store(write) => return Some(write),
            Effect::Client(request, outcome) => self.responses.push((request, outcome)),
            Effect::Gate(effect) => self.gate.push(effect),
            Effect::Ui(effect) => self.ui.push(effect),
        }
        None
    }

    /// Effects whose writes are committed.
    #[must_use]
    pub fn of_committed(effects: impl IntoIterator<Item = Effect>) -> Self {
        let mut outgoing = Self::default();
        effects.into_iter().for_each(|effect| drop(outgoing.sort(effect)));
        outgoing
    }

    /// What comes later leaves later.
    pub fn append(&mut self, later: Self) {
        self.responses.extend(later.responses);
        self.gate.extend(later.gate);
        self.ui.extend(later.ui);
    }
}

/// A change of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A new row. Without `raw` its text is not kept.
    Insert {
        /// The row.
        row: Box<Interruption>,
        /// As it came.
        raw: Option<Raw>,
    },
    /// An edit: the row's new text, and the earlier one as a revision.
    Revise {
        /// The row as it is now.
        row: Box<Interruption>,
        /// As the edit came.
        raw: Raw,
        /// When.
        at: DateTime<Utc>,
    },
    /// Everything of a row but its text.
    Update(Box<Interruption>),
    /// The oldest held row of an app that still has its text loses it.
    DropOldestText {
        /// The app's id.
        app: Arc<str>,
    },
    /// Somebody set the clock: every instant at which a row is due or comes back moves.
    ShiftDue(Duration),
    /// The model's own state.
    Save(Box<Saved>),
    /// A block is history.
    BlockEnded(Box<PastBlock>),
    /// The user leaves some more out of a block that is history: the last one that began then.
    LeftOut {
        /// When it began.
        of_block: DateTime<Utc>,
        /// How much more.
        length: Duration,
    },
    /// A period of the books is history.
    PeriodEnded(Box<PastPeriod>),
    /// The gate was out of the path.
    Absent(Absence),
}

/// The answer to a D-Bus call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeReply {
    /// `Notify`: the id.
    Id(NoticeId),
    /// `Inhibit`: the cookie.
    Cookie(u32),
    /// Nothing.
    Empty,
    /// `org.freedesktop.DBus.Error.InvalidArgs`.
    InvalidArgs(&'static str),
    /// `org.freedesktop.DBus.Error.LimitsExceeded`.
    LimitsExceeded(&'static str),
}

/// A signal to a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// `NotificationClosed`.
    Closed(NoticeId, ClosedReason),
    /// `ActionInvoked`, with `ActivationToken` before it where there is a real one.
    Action {
        /// Its id.
        id: NoticeId,
        /// The action's key.
        key: String,
        /// The token.
        token: Option<String>,
    },
    /// `NotificationReplied`.
    Replied(NoticeId, String),
}

/// One `Notify` to the renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The row: what is shown when `raw` is gone.
    pub row: Interruption,
    /// As it came; `None`: the store has it, if anybody.
    pub raw: Option<Raw>,
    /// The call's serial.
    pub serial: u32,
    /// The renderer's id that it replaces; 0 for none.
    pub replaces: u32,
    /// Without a sound: not the first of a release.
    pub quiet: bool,
    /// An earlier gate had let it through and not sent it any more: it comes before what has arrived since.
    pub overdue: bool,
}

/// Why there is a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occasion {
    /// A check-in hands over what is held.
    CheckIn,
    /// Nobody asks for quiet any more, and something came meanwhile.
    QuietIsOver {
        /// Who had asked.
        app: String,
        /// How many of what is held came meanwhile.
        held: u32,
    },
    /// A block or a break ended by itself.
    IsOver(Ended),
    /// The user is back from having been away in a block.
    WasAway {
        /// What the block is for.
        intention: Option<String>,
    },
    /// What was snoozed is back: these rows.
    SnoozeIsOver(Vec<Seq>),
}

/// What the digest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Why there is one.
    pub occasion: Occasion,
    /// How many it hands over.
    pub held: u32,
    /// The apps with the most, and how many each; at most five.
    pub apps: Vec<(Arc<str>, u32)>,
    /// From how many apps.
    pub app_count: u32,
    /// How many more are released at the same time, by the user's wish for their apps.
    pub released: u32,
    /// How many their apps took back, in this period and in earlier ones of which the user has not seen it.
    pub withdrawn: u32,
    /// The first of these periods.
    pub withdrawn_since: u64,
    /// The books of the period that it ends; those of now, where it ends none.
    pub ledger: Ledger,
    /// When the period began.
    pub since: DateTime<Utc>,
    /// When the gate was out of the path in it.
    pub absences: Vec<Absence>,
    /// It comes because the user is idle: a window that opens would not be in the way.
    pub user_is_idle: bool,
    /// How long another block would last: offered where one has ended by itself.
    pub another: Option<BlockLength>,
    /// For so long the user was away in the block: whether that counts is asked here.
    pub away: Option<Duration>,
    /// It may sound.
    pub sounds: bool,
}
