//! What a client may ask of the daemon, and what it is answered with. Knows nothing of how it is answered.

use crate::{
    AppsView, BlockLength, Books, Detail, Digest, DoctorFinding, Outcome, Page, SettingsView, View, Withdrawn,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Something that a client may ask, and what it is answered with; all are in [`verb`]. What cannot be met is answered with
/// a [`crate::Failure`].
pub trait Verb: Debug + Into<Request> {
    /// What is answered; it travels as JSON.
    type Response: Serialize + DeserializeOwned;
}

/// Makes of one table the verbs, each with the type of its response, and [`Request`], which is any of them on its way.
macro_rules! verbs {
    ($(
        $(#[$about:meta])*
        $verb:ident $({ $($(#[$meaning:meta])* $argument:ident: $type:ty),+ $(,)? })? -> $response:ty,
    )+) => {
        /// One request by the CLI, the window or the tray, as it travels: any [`Verb`].
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(tag = "verb", rename_all = "kebab-case")]
        pub enum Request {
            $($(#[$about])* $verb $({ $($(#[$meaning])* $argument: $type),+ })?),+
        }

        impl Request {
            /// The response to this request as this version writes it, for who hands it on: what an older daemon leaves
            /// out is as by default.
            ///
            /// # Errors
            /// If it is none.
            pub fn complete(&self, response: &str) -> serde_json::Result<String> {
                match self {
                    $(Self::$verb { .. } => serde_json::to_string(&serde_json::from_str::<$response>(response)?)),+
                }
            }
        }

        /// What a client asks with, one type for each verb.
        pub mod verb {
            use super::*;

            $(verbs!(@type $(#[$about])* $verb $({ $($(#[$meaning])* $argument: $type),+ })?);)+
        }

        $(
            impl Verb for verb::$verb {
                type Response = $response;
            }

            impl From<verb::$verb> for Request {
                fn from(verb::$verb { $($($argument),+)? }: verb::$verb) -> Self {
                    Self::$verb { $($($argument),+)? }
                }
            }
        )+

        /// What each verb is answered with, for the window.
        #[cfg(test)]
        #[derive(ts_rs::TS)]
        #[ts(rename_all = "kebab-case")]
        #[expect(non_snake_case, dead_code, reason = "the window knows the verbs as they travel")]
        pub(crate) struct Responses {
            $($verb: $response),+
        }
    };
    (@type $(#[$about:meta])* $verb:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $verb;
    };
    (@type $(#[$about:meta])* $verb:ident { $($(#[$meaning:meta])* $argument:ident: $type:ty),+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $verb {
            $($(#[$meaning])* pub $argument: $type),+
        }
    };
}

verbs! {
    /// The whole summary.
    View -> View,
    /// Close the gate for a block.
    Start {
        /// How long the block lasts.
        length: BlockLength,
        /// What the block is for: one line of at most 200 characters.
        intention: Option<String>,
    } -> Outcome,
    /// Move the end of the running block by this many minutes (1 to 480).
    Extend {
        /// Minutes to add.
        minutes: u32,
    } -> Outcome,
    /// End the running block.
    End -> Outcome,
    /// Closed: end the block. Open: start one of the usual length.
    Toggle -> Outcome,
    /// A break of so many minutes (1 to 480): a block that runs is over, and the gate is open.
    Break {
        /// Minutes.
        minutes: u32,
    } -> Outcome,
    /// The user has seen that a block or a break is over ([`crate::View::ended`]).
    SawEnd -> Outcome,
    /// Whether the time that the user was away in a block counts ([`crate::View::time_away`]).
    CountTimeAway {
        /// It does.
        counts: bool,
    } -> Outcome,
    /// Hand over what is held now, or pass over the next check-in.
    CheckIn {
        /// Now, or skip.
        when: CheckInWhen,
    } -> Outcome,
    /// A page of held interruptions, oldest first.
    Held {
        /// The cursor that the page before gave; none for the first page.
        after: Option<i64>,
        /// Rows wanted, 1 to 500.
        limit: u32,
    } -> Page,
    /// All that is held, in the order of the digest.
    Digest -> Digest,
    /// What apps took back while it was held.
    Withdrawn -> Withdrawn,
    /// The user has seen what was taken back: the next check-in need not tell of it again.
    SawWithdrawn {
        /// Up to here ([`crate::Withdrawn`]).
        upto: u64,
    } -> Outcome,
    /// These rows, oldest first, wherever they are now.
    Rows {
        /// Their cursors, at most 200.
        seqs: Vec<i64>,
    } -> Page,
    /// A page of all history in which every word occurs, newest first.
    Search {
        /// Words, or beginnings of words, of the app's name or the text; at most 200 characters. Where words stand without
        /// spaces, any letters in a row.
        text: String,
        /// The cursor that the page before gave; none for the first page.
        after: Option<i64>,
        /// Rows wanted, 1 to 500.
        limit: u32,
    } -> Page,
    /// Everything about one interruption.
    Show {
        /// Its id.
        id: u32,
    } -> Detail,
    /// Press one of its buttons; none is its default action.
    Act {
        /// Its id.
        id: u32,
        /// The action's key, byte-exact.
        action: Option<String>,
        /// The activation token of the press that asked for it, at most 512 bytes: the app gets it before the action.
        token: Option<String>,
    } -> Outcome,
    /// Answer it inline, where its app offered that.
    Reply {
        /// Its id.
        id: u32,
        /// The answer.
        text: String,
    } -> Outcome,
    /// Open the app that sent it, by the desktop entry that it named. Nothing of what it sent is passed on.
    OpenApp {
        /// Its id.
        id: u32,
        /// The activation token of the press that asked for it, at most 512 bytes.
        token: Option<String>,
    } -> Outcome,
    /// Mark as dealt with.
    Done {
        /// Which.
        which: Which,
    } -> Outcome,
    /// Put off to the next check-in. Takes back a *done* that can still be undone.
    Later {
        /// Which.
        which: Which,
    } -> Outcome,
    /// Put off until then, or to a check-in before that. Takes back a *done* that can still be undone.
    Snooze {
        /// Their ids, at most 100.
        ids: Vec<u32>,
        /// When they come back.
        until: SnoozeEnd,
    } -> Outcome,
    /// Note an interruption by hand: it is held like any other, but no app is behind it.
    Note {
        /// What interrupted: one line of at most 500 characters.
        text: String,
    } -> Outcome,
    /// Where you were: a line that is shown again when the check-in is over.
    WhereWereYou {
        /// One line of at most 200 characters; none forgets it.
        line: Option<String>,
    } -> Outcome,
    /// The check-in is over: what it did not deal with stays held.
    CloseCheckIn -> Outcome,
    /// Take back the last *done*, *later*, *snooze* or *release* of this one, or the newest of these, and of the check-ins passed
    /// over, that can be undone.
    Undo {
        /// Its id; none for the newest.
        id: Option<u32>,
    } -> Outcome,
    /// Give to the renderer.
    Release {
        /// Which.
        which: Which,
    } -> Outcome,
    /// Open the window, or bring it to the front.
    Window {
        /// What it is to show; none: what it shows, or would.
        view: Option<WindowView>,
        /// The activation token of the press that asked for it, at most 512 bytes.
        token: Option<String>,
    } -> Outcome,
    /// The books of this period.
    Ledger -> Books,
    /// Probe every path with real notifications.
    Doctor -> Vec<DoctorFinding>,
    /// All settings.
    Settings -> SettingsView,
    /// Change one setting; answered once it is in force.
    Set {
        /// Its key.
        key: String,
        /// In the words that people type; none for the default.
        value: Option<String>,
    } -> SettingsView,
    /// Who sent something lately, and what the settings say of them.
    Apps -> AppsView,
    /// Read the settings file now: answered once what it says is in force.
    ReadSettings -> Outcome,
    /// Take over from the notification daemon that runs, without waiting until it shows nothing: its popups are lost.
    TakeOverNow -> Outcome,
    /// End the daemon and give the name back to the renderer.
    Quit {
        /// Release what is held first; otherwise it stays on disk.
        release: bool,
    } -> Outcome,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_travels_under_its_name_with_what_it_takes() {
        let text = |request: Request| serde_json::to_string(&request).unwrap();
        assert_eq!(text(verb::CloseCheckIn.into()), r#"{"verb":"close-check-in"}"#);
        assert_eq!(text(verb::Show { id: 7 }.into()), r#"{"verb":"show","id":7}"#);
    }

    #[test]
    fn a_response_is_completed_by_what_its_verb_is_answered_with() {
        let outcome = r#"{"message":{"id":"answer-noted"}}"#;
        assert_eq!(
            Request::End.complete(outcome).unwrap(),
            r#"{"message":{"id":"answer-noted"},"left_out":[],"held":null}"#
        );
        assert!(Request::Digest.complete(outcome).is_err());
    }
}
