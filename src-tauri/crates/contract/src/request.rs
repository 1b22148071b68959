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
    /// Take back the last *done* or *release* of this one, or the newest that can be undone.
    Undo {
        /// Its id; none for the newest.
        id: Option<u32>,
    },
    /// Give to the renderer.
    Release {
        /// Which.
        which: Which,
    },
    /// The books of this period: answered with [`crate::Reply::Ledger`].
    Ledger,
    /// Probe every path with real notifications: answered with [`crate::Reply::Doctor`].
    Doctor,
    /// End the daemon and give the name back to the renderer.
    Quit {
        /// Release what is held first; otherwise it stays on disk.
        release: bool,
    },
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
    /// Until the next check-in.
    UntilCheckIn,
    /// Until it is ended by hand.
    Open,
}

/// What to do about the check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CheckInWhen {
    /// Hand over now.
    Now,
    /// Pass over the next one.
    Skip,
}

/// Some held interruptions, or all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Which {
    /// These, at most 100.
    Ids {
        /// Their ids.
        ids: Vec<u32>,
    },
    /// Every held one.
    All,
}
