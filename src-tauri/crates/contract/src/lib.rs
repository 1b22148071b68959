//! What the daemon hears and says: verbs and their responses, the view, and the D-Bus proxy that carries them.
//!
//! Data only. It must not know how anything is decided, stored or shown, and it never names Tauri.
//! Every instant is in milliseconds since 1970-01-01T00:00:00Z; local time is the reader's business.

mod message;
mod picture;
mod proxy;
mod request;
mod response;
mod settings;
#[cfg(test)]
mod typescript;
mod view;

pub use message::{Argument, Message};
pub use picture::{PICTURE_SIZES, Picture};
pub use proxy::Tidegate1Proxy;
pub use request::{CheckInWhen, Request, SnoozeEnd, Verb, Which, WindowView, verb};
pub use response::{
    Books, Code, Detail, Digest, DigestApp, DoctorFinding, Failure, HeldChange, Outcome, Page, Revision, Verdict,
    Withdrawn, WithdrawnApp,
};
pub use settings::{
    AppView, AppsView, DataView, Setting, SettingControl, SettingLine, SettingOption, SettingsGroup, SettingsPanel,
    SettingsView,
};
pub use view::{
    AbsenceView, ActionView, AppCount, BlockLength, BlockView, BreakView, Category, ClosedBecause, DeepWorkView,
    EndedView, EndsWhen, GateView, Item, ItemState, LedgerView, LetThrough, Noted, PastBlock, RendererView, Trouble,
    Undoable, View,
};

/// The D-Bus name, and the interface name without its version, of the daemon.
pub const BUS_NAME: &str = "org.tidegate.Tidegate1";
/// The object that serves `org.tidegate.Tidegate1`.
pub const OBJECT_PATH: &str = "/org/tidegate/Tidegate1";

/// An instant in milliseconds since the Unix epoch.
pub type Millis = i64;
