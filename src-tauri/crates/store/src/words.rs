//! The domain's enumerations as the words that stand in the database. Must not know which column holds them.

use crate::cause::Cause;
use tidegate_domain::{CheckInBy, EndedBy, Origin, Proof, Return, State, Then};

/// An enumeration with a word for each value.
pub(crate) trait Word: Sized {
    fn word(&self) -> &'static str;
    /// Strict: an unknown word means a damaged database or one of another program.
    fn from_word(word: &str) -> Result<Self, Cause>;
}

/// Both directions from one table; the compiler sees to it that no value is left out.
macro_rules! words {
    ($kind:ty, $what:literal: $($value:ident = $word:literal),+ $(,)?) => {
        impl Word for $kind {
            fn word(&self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }

            fn from_word(word: &str) -> Result<Self, Cause> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err(Cause::unknown($what, word)),
                }
            }
        }
    };
}

words!(State, "a state":
    Held = "held",
    Passed = "passed",
    Withdrawn = "withdrawn",
    Muted = "muted",
    Expired = "expired",
    Released = "released",
    Done = "done",
);

words!(Origin, "where one came from":
    App = "app",
    Note = "note",
    OurOwn = "own",
);

words!(Return, "why one came back":
    NobodyListens = "nobody-listens",
    ToBeAnswered = "to-be-answered",
    Refused = "refused",
    NoAnswer = "no-answer",
    RendererGone = "renderer-gone",
    GateStopped = "gate-stopped",
    ReleaseUndone = "release-undone",
    Unknown = "unknown",
);

words!(EndedBy, "what ended a block":
    Itself = "itself",
    Hand = "hand",
    Toggle = "toggle",
    Break = "break",
    Unknown = "unknown",
);

words!(CheckInBy, "what ended a period":
    Plan = "plan",
    BlockEnd = "block-end",
    Pause = "pause",
    Wait = "wait",
    Hand = "hand",
);

words!(Proof, "an app's proof":
    Flatpak = "flatpak",
    Snap = "snap",
    Unit = "unit",
    Executable = "executable",
    DesktopEntry = "desktop-entry",
    Name = "name",
);

words!(Then, "what follows a call":
    Nothing = "nothing",
    Resend = "resend",
    Close = "close",
);

words!(TextPlace, "the place of a text":
    Kept = "kept",
    Nowhere = "none",
    Memory = "memory",
    Lost = "lost",
    Dropped = "dropped",
);

/// Where a row's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextPlace {
    /// In the row.
    Kept,
    /// Not wanted.
    Nowhere,
    /// In this process only.
    Memory,
    /// It was in memory.
    Lost,
    /// Its app sent too many.
    Dropped,
}
