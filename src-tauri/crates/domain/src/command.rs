//! What a person can ask for, and what they are told. Must not know how it was asked or how the answer is worded.

use crate::notice::{NoticeId, State};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use std::sync::Arc;

/// What a person asked for, by window, tray, CLI, D-Bus or a press on the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Close the gate for a block. While one runs, its length and intention are replaced.
    Start {
        /// How long it is to last.
        length: BlockLength,
        /// What for, one line.
        intention: Option<String>,
    },
    /// Move the block's end by minutes.
    Extend {
        /// Minutes, at least 1.
        minutes: u32,
    },
    /// End the block.
    End,
    /// Closed: end the block. Open: start one of the usual length.
    Toggle,
    /// A break of so many minutes, at least 1: a block that runs is over, and the gate is open.
    Break {
        /// How long it is to last, in minutes.
        minutes: u32,
    },
    /// The user has seen that a block or a break is over.
    SawEnd,
    /// Whether the time that the user was away in a block counts ([`crate::Model::time_away`]).
    CountTimeAway(bool),
    /// Hand over what is held.
    CheckInNow,
    /// The same to the window, which shows it: no digest does.
    CheckInInWindow,
    /// Pass over the next check-in.
    SkipCheckIn,
    /// Press a button; none is the default action.
    Act {
        /// The interruption that the button is of.
        id: NoticeId,
        /// The action's key.
        key: Option<String>,
        /// What lets the sender's window come to the front.
        token: Option<String>,
    },
    /// Send a text to an app that offers a field for it.
    Reply {
        /// The interruption that is answered.
        id: NoticeId,
        /// What is sent, not empty.
        text: String,
    },
    /// Mark as dealt with.
    Done(Target),
    /// Put off to the next check-in; one that is done and can be undone too.
    Later(Target),
    /// Put these off, at most 100, as *later* does, but not beyond this: they come back by themselves.
    Snooze {
        /// The held ones that are put off.
        ids: Vec<NoticeId>,
        /// When they come back, if no check-in comes first.
        until: SnoozeEnd,
    },
    /// Take the last *done*, *later*, *snooze* or *release* of this one back, or the newest of these and the skips.
    Undo(Option<NoticeId>),
    /// Give to the renderer.
    Release(Target),
    /// Note an interruption by hand: one line.
    Note(String),
    /// Remember where the user was, or forget it: one line.
    WhereWereYou(Option<String>),
    /// The check-in is over.
    CloseCheckIn,
    /// The user has seen what was withdrawn, up to this number ([`crate::Model::withdrawn_upto`]).
    SawWithdrawn(u64),
}

/// Some of the held ones, at most 100, or all but those put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Those with these ids.
    Ids(Vec<NoticeId>),
    /// All of one app, by its id, that are held at this moment.
    App(Arc<str>),
    /// All that are held at this moment.
    All,
}

/// Until when one is snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnoozeEnd {
    /// For so many minutes, at least 1, at most a day.
    Minutes(u32),
    /// Until a local time of today.
    Time(NaiveTime),
}

/// How long a block lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockLength {
    /// Minutes, at least 1.
    Minutes(u32),
    /// Until a local time of today.
    UntilTime(NaiveTime),
    /// Until the next check-in; refused where none is left today.
    UntilCheckIn,
    /// Until it is ended.
    Open,
    /// As long as the settings say, or as the last one was to last ([`crate::Model::usual_length`]).
    Usual,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The gate is closed, until then if it has an end.
    Started {
        /// When it opens by itself; none for a block without an end.
        ends: Option<DateTime<Utc>>,
    },
    /// The block is over.
    Ended {
        /// How many are held.
        held: u32,
    },
    /// The gate is open for a break, until then.
    OnBreak {
        /// When the break is over.
        ends: DateTime<Utc>,
        /// How many are held.
        held: u32,
    },
    /// No app's request for quiet counts any more.
    Opened {
        /// How many are held.
        held: u32,
    },
    /// The block's new end.
    Extended {
        /// When the block ends now.
        ends: DateTime<Utc>,
    },
    /// The time that the user was away counts, or does not.
    TimeAway {
        /// How long it was.
        length: Duration,
        /// Whether it counts.
        counts: bool,
    },
    /// The digest went out.
    CheckedIn {
        /// How many it hands over.
        held: u32,
        /// How many it tells of that their apps took back.
        withdrawn: u32,
    },
    /// A check-in is passed over.
    Skipped {
        /// When it would have been.
        skipped: DateTime<Utc>,
        /// The next one.
        next: Option<DateTime<Utc>>,
    },
    /// A check-in that was to be passed over is not.
    OnAgain {
        /// When it is.
        check_in: DateTime<Utc>,
    },
    /// The button's key went to its app.
    Acted {
        /// The action's key, as its app gave it.
        key: String,
        /// That its app may not have heard it.
        left_out: Vec<Refusal>,
    },
    /// The answer went to its app.
    Replied {
        /// That its app may not have heard it.
        left_out: Vec<Refusal>,
    },
    /// So many are done.
    Done {
        /// The number of those.
        count: u32,
        /// Why not the others that were named.
        left_out: Vec<Refusal>,
        /// That nothing else was changed of what is held, where they were named one by one.
        left: Option<HeldChange>,
    },
    /// So many are put off.
    PutOff {
        /// The number of those.
        count: u32,
        /// To this check-in, if one is set.
        until: Option<DateTime<Utc>>,
        /// Why not the others that were named.
        left_out: Vec<Refusal>,
    },
    /// So many are snoozed.
    Snoozed {
        /// The number of those.
        count: u32,
        /// They come back then: at their own instant, or at a check-in before that.
        until: DateTime<Utc>,
        /// Why not the others that were named.
        left_out: Vec<Refusal>,
    },
    /// So many are held again.
    Undone {
        /// The number of those.
        count: u32,
        /// How many more of a release are out already: on their way, pressed or dismissed.
        out: u32,
    },
    /// So many are on their way to the renderer.
    Releasing {
        /// The number of those.
        count: u32,
        /// Why not the others that were named.
        left_out: Vec<Refusal>,
    },
    /// It is noted.
    Noted {
        /// The id that the note has from now on.
        id: NoticeId,
    },
    /// The line is remembered, or forgotten.
    Remembered,
    /// It is known what the user has seen.
    Seen,
    /// The check-in is over.
    CheckInClosed {
        /// Where the user was before it.
        where_were_you: Option<String>,
    },
}

/// The list of the held ones of one revision ([`crate::Model::held_revision`]) is that of another, but for those that a
/// command named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChange {
    /// The revision of the list that has them.
    pub before: u64,
    /// The revision of the list without them.
    pub after: u64,
}

impl Answer {
    /// Why some of those that were named were left out, or may have been.
    #[must_use]
    pub fn left_out(&self) -> &[Refusal] {
        match self {
            Self::Done { left_out, .. }
            | Self::PutOff { left_out, .. }
            | Self::Snoozed { left_out, .. }
            | Self::Releasing { left_out, .. }
            | Self::Acted { left_out, .. }
            | Self::Replied { left_out } => left_out,
            Self::Started { .. }
            | Self::Ended { .. }
            | Self::OnBreak { .. }
            | Self::Opened { .. }
            | Self::Extended { .. }
            | Self::CheckedIn { .. }
            | Self::Skipped { .. }
            | Self::OnAgain { .. }
            | Self::Undone { .. }
            | Self::Noted { .. }
            | Self::Remembered
            | Self::TimeAway { .. }
            | Self::Seen
            | Self::CheckInClosed { .. } => &[],
        }
    }
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No block runs.
    NoBlock,
    /// No block runs, but a break until then.
    OnBreak(DateTime<Utc>),
    /// A block until the next check-in was asked for, and no check-in is left today.
    NoCheckInLeft,
    /// Until a time of day was asked for, and that is past.
    TimeIsPast(NaiveTime),
    /// Nobody was away, or it was answered, or a block has begun since.
    NoTimeAway,
    /// An open-ended block, or one until a check-in, has no minutes to add to.
    NoLength,
    /// It would end later than a block may.
    TooLong {
        /// By so many minutes it may be extended.
        most: u32,
    },
    /// No interruption has that id.
    NotFound(NoticeId),
    /// It is not held any more.
    NotHeld {
        /// The id that was named.
        id: NoticeId,
        /// Where it is.
        state: State,
    },
    /// It is closed: its app would not hear a press.
    Closed(NoticeId),
    /// Its script waited for the time-out that it set itself.
    WentOn(NoticeId),
    /// It has no such button.
    NoSuchAction {
        /// The id that was named.
        id: NoticeId,
        /// The key asked for.
        key: String,
    },
    /// Nobody sent it.
    Noted(NoticeId),
    /// A reply needs a text.
    NeedsText(NoticeId),
    /// It offers no inline reply.
    NoReply(NoticeId),
    /// Its app has left the bus.
    AppGone {
        /// The id that was named.
        id: NoticeId,
        /// The app's name.
        app: String,
        /// Where it can be opened.
        desktop_entry: Option<String>,
    },
    /// It was pressed, but it is from before a restart of the gate: some apps listen only to the connection that they knew.
    MayHaveForgotten(NoticeId),
    /// It is on its way to the renderer.
    BeingReleased(NoticeId),
    /// It was clicked, dismissed or its time to undo is over.
    TooLateToUndo(NoticeId),
    /// Nothing was done lately.
    NothingToUndo,
    /// There is nobody to release to.
    NoRenderer,
    /// It has a call that it does not answer.
    RendererSilent,
    /// No check-in is set.
    NoCheckIn,
    /// As many are passed over as are remembered.
    TooManySkipped,
    /// Commands on many rows are not through yet.
    Busy,
    /// The store cannot be written.
    StoreFailed,
}
