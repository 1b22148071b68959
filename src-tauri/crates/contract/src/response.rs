//! What the daemon answers, and why it does not. Knows nothing of how it is decided or shown.

use crate::{AppCount, Item, LedgerView, Message, Millis};
use serde::{Deserialize, Serialize};

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Outcome {
    /// What was done, one line: "Block until 11:30".
    pub message: Message,
    /// Why some of those that were named were left out, one failure each.
    #[serde(default)]
    pub left_out: Vec<Failure>,
    /// What became of the list of the held ones, where that is nothing but that those which were named left it.
    #[serde(default)]
    pub held: Option<HeldChange>,
}

/// The list of the held ones ([`Digest`]) of one revision is that of another, but for those that a request named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeldChange {
    /// [`Digest::held_revision`] of the list that has them.
    #[cfg_attr(test, ts(type = "number"))]
    pub before: u64,
    /// The same of the list without them.
    #[cfg_attr(test, ts(type = "number"))]
    pub after: u64,
}

/// The books, with what stands beside their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Books {
    /// Of the current period.
    #[serde(flatten)]
    pub ledger: LedgerView,
    /// Who sent the feedback that is outside the sum: the ten apps with the most.
    pub feedback_by_app: Vec<AppCount>,
}

/// All that is held, by app and then by conversation, in the order in which the first of each arrived: what comes in
/// later never moves what is there. Only cursors; the rows are fetched with [`crate::Request::Rows`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Digest {
    /// [`crate::View::held_revision`] of the moment: a list made for an older one may say something else.
    #[cfg_attr(test, ts(type = "number"))]
    pub held_revision: u64,
    /// What is there to be dealt with.
    pub apps: Vec<DigestApp>,
    /// What was put off to the next check-in.
    pub later: Vec<DigestApp>,
}

/// What one app sent, in a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DigestApp {
    /// What identifies the app.
    pub app_id: String,
    /// Its name for people.
    pub app: String,
    /// The cursors of each conversation, oldest first. A conversation is what an app sent under the same summary: mail by
    /// its subject, chat by its room or person.
    #[cfg_attr(test, ts(type = "Array<Array<number>>"))]
    pub conversations: Vec<Vec<i64>>,
}

/// What apps took back while it was held, since the last check-in and for as long as the user has not seen it, the apps
/// with the most first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Withdrawn {
    /// Who has seen this answer has seen all up to here: for [`crate::Request::SawWithdrawn`].
    #[cfg_attr(test, ts(type = "number"))]
    pub upto: u64,
    /// By app.
    pub apps: Vec<WithdrawnApp>,
}

/// What one app took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WithdrawnApp {
    /// What identifies the app.
    pub app_id: String,
    /// Its name for people.
    pub app: String,
    /// How many it took back.
    pub count: u32,
    /// The newest of them in order of arrival, at most 100 of all apps.
    pub items: Vec<Item>,
}

/// A page of interruptions in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Page {
    /// The rows.
    pub items: Vec<Item>,
    /// The cursor for the page after this one; none at the end.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub next: Option<i64>,
    /// The words of what came last are still being read, so that a search may not have found all of it.
    #[serde(default)]
    pub index_is_behind: bool,
}

/// Everything about one interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Detail {
    /// As in a list.
    pub item: Item,
    /// Earlier texts, oldest first.
    pub revisions: Vec<Revision>,
    /// Why it is where it is: a sentence, and a second one where it has moved on since.
    pub why: Vec<Message>,
    /// When it comes back, if it was snoozed, or put off and a check-in is set.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub put_off_until: Option<Millis>,
    /// The desktop entry that its app named, without ".desktop": a claim, and maybe of one that is not installed.
    pub desktop_entry: Option<String>,
    /// What [`crate::Request::OpenApp`] opens, where its app is gone: the name that the installed desktop entry gives.
    /// None where the app is there, or nothing is installed to be opened.
    pub opens: Option<String>,
    /// What the user should know of it: "image dropped: 60 MiB is over the limit", "app may have forgotten".
    pub remarks: Vec<Message>,
}

/// An earlier text of an edited interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Revision {
    /// When it was replaced.
    #[cfg_attr(test, ts(type = "number"))]
    pub replaced: Millis,
    /// Its summary.
    pub summary: String,
    /// Its body as plain text.
    pub body: String,
}

/// One line of `tidegate doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DoctorFinding {
    /// How it stands.
    pub verdict: Verdict,
    /// What was looked at: "owner of org.freedesktop.Notifications".
    pub subject: Message,
    /// What was found.
    pub found: Message,
    /// What to do, where there is something to do.
    pub remedy: Option<Message>,
}

/// How one finding of the doctor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works, with a limit worth knowing.
    Note,
    /// Does not work.
    Bad,
}

/// Why a request could not be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Failure {
    /// For a screen or an exit status.
    pub code: Code,
    /// One line for a person: what, where, what to do.
    pub message: Message,
}

/// The kinds of failure that a screen or an exit status tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request itself is wrong.
    Invalid,
    /// No interruption has that id, or nothing is held of that app.
    NotFound,
    /// It is not possible in this state: no block runs, cannot be undone, not held any more.
    Conflict,
    /// The app that sent it has left the bus.
    AppGone,
    /// It named no desktop entry by which its app could be opened.
    NoDesktopEntry,
    /// No app is installed for the desktop entry that it named.
    NotInstalled,
    /// Its app could not be started.
    NotStarted,
    /// There is no renderer to release to.
    NoRenderer,
    /// It was pressed, but its app may have forgotten it since the gate restarted.
    MayHaveForgotten,
    /// The store cannot be written; the gate passes everything through.
    Store,
    /// The desktop shows its notifications itself, and there is no way in front of it yet.
    Unsupported,
    /// The daemon does not run, or does not answer.
    Away,
    /// Something inside went wrong.
    Internal,
}
