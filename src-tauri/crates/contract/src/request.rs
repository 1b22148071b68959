//! What a client may ask of the daemon. Knows nothing of how it is answered.

use serde::{Deserialize, Serialize};

/// One request by the CLI, the window or the tray. The answer is a [`crate::Reply`] or a [`crate::Failure`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Request {
    /// The whole summary: answered with [`crate::Reply::View`].
    View,
    /// Close the gate for a block.
    Start {
        /// How long the block lasts.
        length: BlockLength,
        /// What the block is for: one line of at most 200 characters.
        intention: Option<String>,
    },
    /// Move the end of the running block by this many minutes (1 to 480).
    Extend {
        /// Minutes to add.
        minutes: u32,
    },
    /// End the running block.
    End,
    /// Closed: end the block. Open: start one of the usual length.
    Toggle,
    /// A break of so many minutes (1 to 480): a block that runs is over, and the gate is open.
    Break {
        /// Minutes.
        minutes: u32,
    },
    /// The user has seen that a block or a break is over ([`crate::View::ended`]).
    SawEnd,
    /// Whether the time that the user was away in a block counts ([`crate::View::time_away`]).
    CountTimeAway {
        /// It does.
        counts: bool,
    },
    /// Hand over what is held now, or pass over the next check-in.
    CheckIn {
        /// Now, or skip.
        when: CheckInWhen,
    },
    /// A page of held interruptions, oldest first: answered with [`crate::Reply::Page`].
    Held {
        /// The cursor that the page before gave; none for the first page.
        after: Option<i64>,
        /// Rows wanted, 1 to 500.
        limit: u32,
    },
    /// All that is held, in the order of the digest: answered with [`crate::Reply::Digest`].
    Digest,
    /// What apps took back while it was held: answered with [`crate::Reply::Withdrawn`].
    Withdrawn,
    /// The user has seen what was taken back: the next check-in need not tell of it again.
    SawWithdrawn {
        /// Up to here ([`crate::Withdrawn`]).
        #[cfg_attr(test, ts(type = "number"))]
        upto: u64,
    },
    /// These rows, oldest first, wherever they are now: answered with [`crate::Reply::Page`].
    Rows {
        /// Their cursors, at most 200.
        #[cfg_attr(test, ts(type = "Array<number>"))]
        seqs: Vec<i64>,
    },
    /// A page of all history in which every word occurs, newest first: answered with [`crate::Reply::Page`].
    Search {
        /// Words, or beginnings of words, of the app's name or the text; at most 200 characters. Where words stand without
        /// spaces, any letters in a row.
        text: String,
        /// The cursor that the page before gave; none for the first page.
        #[cfg_attr(test, ts(type = "number | null"))]
        after: Option<i64>,
        /// Rows wanted, 1 to 500.
        limit: u32,
    },
    /// Everything about one interruption: answered with [`crate::Reply::Detail`].
    Show {
        /// Its id.
        id: u32,
    },
    /// Press one of its buttons; none is its default action.
    Act {
        /// Its id.
        id: u32,
        /// The action's key, byte-exact.
        action: Option<String>,
        /// The activation token of the press that asked for it, at most 512 bytes: the app gets it before the action.
        token: Option<String>,
    },
    /// Answer it inline, where its app offered that.
    Reply {
        /// Its id.
        id: u32,
        /// The answer.
        text: String,
    },
    /// Open the app that sent it, by the desktop entry that it named. Nothing of what it sent is passed on.
    OpenApp {
        /// Its id.
        id: u32,
        /// The activation token of the press that asked for it, at most 512 bytes.
        token: Option<String>,
    },
    /// Mark as dealt with.
    Done {
        /// Which.
        which: Which,
    },
    /// Put off to the next check-in. Takes back a *done* that can still be undone.
    Later {
        /// Which.
        which: Which,
    },
    /// Put off until then, or to a check-in before that. Takes back a *done* that can still be undone.
    Snooze {
        /// Their ids, at most 100.
        ids: Vec<u32>,
        /// When they come back.
        until: SnoozeEnd,
    },
    /// Note an interruption by hand: it is held like any other, but no app is behind it.
    Note {
        /// What interrupted: one line of at most 500 characters.
        text: String,
    },
    /// Where you were: a line that is shown again when the check-in is over.
    WhereWereYou {
        /// One line of at most 200 characters; none forgets it.
        line: Option<String>,
    },
    /// The check-in is over: what it did not deal with stays held.
    CloseCheckIn,
    /// Take back the last *done*, *later*, *snooze* or *release* of this one, or the newest of these, and of the check-ins passed
    /// over, that can be undone.
    Undo {
        /// Its id; none for the newest.
        id: Option<u32>,
    },
    /// Give to the renderer.
    Release {
        /// Which.
        which: Which,
    },
    /// Open the window, or bring it to the front.
    Window {
        /// What it is to show; none: what it shows, or would.
        view: Option<WindowView>,
        /// The activation token of the press that asked for it, at most 512 bytes.
        token: Option<String>,
    },
    /// The books of this period: answered with [`crate::Reply::Ledger`].
    Ledger,
    /// Probe every path with real notifications: answered with [`crate::Reply::Doctor`].
    Doctor,
    /// All settings: answered with [`crate::Reply::Settings`].
    Settings,
    /// Change one setting: answered with [`crate::Reply::Settings`] once it is in force.
    Set {
        /// Its key.
        key: String,
        /// In the words that people type; none for the default.
        value: Option<String>,
    },
    /// Who sent something lately, and what the settings say of them: answered with [`crate::Reply::Apps`].
    Apps,
    /// Read the settings file now: answered once what it says is in force.
    ReadSettings,
    /// Take over from the notification daemon that runs, without waiting until it shows nothing: its popups are lost.
    TakeOverNow,
    /// End the daemon and give the name back to the renderer.
    Quit {
        /// Release what is held first; otherwise it stays on disk.
        release: bool,
    },
}

/// A view of the window that it can be called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum WindowView {
    /// The block that runs, or is to begin.
    Now,
    /// What is held.
    Held,
}

/// How long a block lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BlockLength {
    /// This many minutes, 1 to 1,440.
    Minutes {
        /// Minutes.
        minutes: u32,
    },
    /// Until a local time of today; refused where that is past.
    UntilTime {
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
    /// Until the next check-in; refused where none is left today.
    UntilCheckIn,
    /// Until it is ended by hand.
    Open,
    /// As long as the settings say, or as the last one was to last ([`crate::View::usual_length`]).
    Usual,
}

/// Until when something is snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SnoozeEnd {
    /// For this many minutes, 1 to 1,440.
    Minutes {
        /// Minutes.
        minutes: u32,
    },
    /// Until a local time of today; refused where that is past.
    Time {
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
}

/// What to do about the check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CheckInWhen {
    /// Hand over now.
    Now,
    /// Hand over now, to a window that shows it: no digest comes.
    InWindow,
    /// Pass over the next one.
    Skip,
}

/// Some held interruptions, or all of them but those that were put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Which {
    /// These, at most 100.
    Ids {
        /// Their ids.
        ids: Vec<u32>,
    },
    /// Every held one of an app.
    App {
        /// Its id.
        app_id: String,
    },
    /// Every held one.
    All,
}
