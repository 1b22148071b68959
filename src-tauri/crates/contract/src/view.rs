//! The summary that window, tray and CLI show. A value: it is computed from state elsewhere.

use crate::{Message, Millis};
use serde::{Deserialize, Serialize};

/// The summary. Lists are fetched by page; this stays small however much is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct View {
    /// Rises with every change; a reader drops an older one.
    #[cfg_attr(test, ts(type = "number"))]
    pub revision: u64,
    /// The daemon's clock when this was made.
    #[cfg_attr(test, ts(type = "number"))]
    pub now: Millis,
    /// The time zone that check-in times are in, an IANA name; empty where the machine's zone has no name.
    pub zone: String,
    /// Open or closed, and why.
    pub gate: GateView,
    /// The running block.
    pub block: Option<BlockView>,
    /// The blocks that ended today, oldest first.
    pub blocks_today: Vec<PastBlock>,
    /// The break that the user takes.
    #[serde(default)]
    pub on_break: Option<BreakView>,
    /// The block or break that ended by itself last, as long as no other has begun and the user has not seen it.
    #[serde(default)]
    pub ended: Option<EndedView>,
    /// How long the user was away in the block that runs, or in the last one, in milliseconds, as long as they have not said
    /// whether it counts. Until they do, it does.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub time_away: Option<Millis>,
    /// How long a block lasts that is given no length: minutes, until a check-in that is left today, or open-ended.
    pub usual_length: BlockLength,
    /// What the last blocks were for, the newest first, each once; at most 10.
    #[serde(default)]
    pub intentions: Vec<String>,
    /// How long the user was in blocks that are over.
    #[serde(default)]
    pub deep_work: DeepWorkView,
    /// When what is held is handed over next; none when no check-in is set.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub next_check_in: Option<Millis>,
    /// Today's check-ins in local time, skipped ones left out.
    #[cfg_attr(test, ts(type = "number[]"))]
    pub check_ins_today: Vec<Millis>,
    /// A check-in is due and waits for the block's end.
    pub ready: bool,
    /// What is held was handed over, and the user has neither closed the check-in nor started a block since.
    pub checking_in: bool,
    /// The last check-in is over because nothing was left of it, and no block has started since.
    #[serde(default)]
    pub worked_off: bool,
    /// The books of the time before the check-in that is open, or that its last one has ended.
    #[serde(default)]
    pub handed_over: Option<LedgerView>,
    /// Where the user was before the check-in, in their own words: to be shown again when it is over. Forgotten when a
    /// block starts.
    pub where_were_you: Option<String>,
    /// How many are held, those put off and those noted by hand included.
    pub held: u32,
    /// How many of these were put off to the next check-in.
    pub later: u32,
    /// How many of these still wait to be shown by a release, which goes on a few at a time.
    #[serde(default)]
    pub to_be_released: u32,
    /// How many apps took back while they were held, since the last check-in and for as long as the user has not seen it.
    #[serde(default)]
    pub withdrawn: u32,
    /// The held ones that were noted by hand, newest first, at most 20.
    pub noted: Vec<Noted>,
    /// From how many apps.
    pub held_apps: u32,
    /// Rises whenever a list of the held ones would say something else, an edit and an app that left included.
    #[cfg_attr(test, ts(type = "number"))]
    pub held_revision: u64,
    /// The number of this period of the books: a check-in begins the next one.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number"))]
    pub period: u64,
    /// The books of this period.
    pub ledger: LedgerView,
    /// What passed during this block, newest first, at most 20.
    pub let_through: Vec<LetThrough>,
    /// What undo would take back now.
    pub undoable: Option<Undoable>,
    /// The desktop's own notification daemon.
    pub renderer: RendererView,
    /// What is wrong, worst first. Empty when all is well.
    pub troubles: Vec<Trouble>,
}

/// Open or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GateView {
    /// Whether it holds what comes.
    pub closed: bool,
    /// Why it is closed.
    pub because: Option<ClosedBecause>,
    /// Whether it stands in the path at all. When false nothing is held, whatever `closed` says.
    pub in_path: bool,
}

/// Why the gate is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ClosedBecause {
    /// A block runs.
    Block,
    /// An app asked for quiet.
    Inhibited {
        /// Its name, as it gave it.
        app: String,
    },
}

/// A running block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BlockView {
    /// What it is for.
    pub intention: Option<String>,
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub started: Millis,
    /// When it ends.
    pub ends: EndsWhen,
    /// How long the user was away in it, by their own word, in milliseconds: that does not count.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number"))]
    pub left_out: Millis,
}

/// A pause between blocks: the gate is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BreakView {
    /// What the block before it was for.
    pub intention: Option<String>,
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub started: Millis,
    /// When it ends.
    #[cfg_attr(test, ts(type = "number"))]
    pub ends: Millis,
}

/// A block or a break that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EndedView {
    /// It was a break.
    pub is_break: bool,
    /// What the block was for, or the one before the break.
    pub intention: Option<String>,
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub started: Millis,
    /// When it ended.
    #[cfg_attr(test, ts(type = "number"))]
    pub ended: Millis,
    /// How long the user was away in it, by their own word, in milliseconds: that does not count.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number"))]
    pub left_out: Millis,
}

/// How long the user was in blocks that are over, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeepWorkView {
    /// Today.
    #[cfg_attr(test, ts(type = "number"))]
    pub today: Millis,
    /// In this week, which begins on Monday.
    #[cfg_attr(test, ts(type = "number"))]
    pub week: Millis,
}

/// A block that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PastBlock {
    /// What it was for.
    pub intention: Option<String>,
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub started: Millis,
    /// When it ended.
    #[cfg_attr(test, ts(type = "number"))]
    pub ended: Millis,
}

/// An interruption that was noted by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Noted {
    /// Its id.
    pub id: u32,
    /// What was noted.
    pub text: String,
    /// When.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: Millis,
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
    /// As long as the settings say, or as the last one was to last ([`View::usual_length`]).
    Usual,
}

/// When a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EndsWhen {
    /// At an instant.
    At {
        /// It.
        #[cfg_attr(test, ts(type = "number"))]
        at: Millis,
    },
    /// At the check-in of that instant.
    CheckIn {
        /// It.
        #[cfg_attr(test, ts(type = "number"))]
        at: Millis,
    },
    /// When it is ended by hand.
    Open,
}

/// The count that always adds up: `carried + came_in` equals the sum of all others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LedgerView {
    /// When this period began.
    #[cfg_attr(test, ts(type = "number"))]
    pub since: Millis,
    /// Held from the period before.
    pub carried: u32,
    /// Arrived since.
    pub came_in: u32,
    /// Still here.
    pub held: u32,
    /// Let through.
    pub passed: u32,
    /// Taken back by their app.
    pub withdrawn: u32,
    /// Muted by a rule.
    pub muted: u32,
    /// Transient ones whose time ran out.
    pub expired: u32,
    /// Given to the renderer.
    pub released: u32,
    /// Dealt with by the user.
    pub done: u32,
    /// Feedback such as volume: passed, outside the sum.
    pub feedback: u32,
    /// Of those let through or muted, how many were shown while the store had failed and could not be kept: only their
    /// count is.
    #[serde(default)]
    pub only_counted: u32,
    /// Whether the books balance; false is an error and shown as one.
    pub balanced: bool,
    /// When the gate was out of the path in this period: what came then was shown, not counted.
    pub absences: Vec<AbsenceView>,
}

/// How many of something one app sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppCount {
    /// Its name.
    pub app: String,
    /// How many.
    pub count: u32,
}

/// A time in which the gate was out of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AbsenceView {
    /// When it began.
    #[cfg_attr(test, ts(type = "number"))]
    pub since: Millis,
    /// When the gate was back.
    #[cfg_attr(test, ts(type = "number"))]
    pub until: Millis,
}

/// One that passed during the block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LetThrough {
    /// Its id.
    pub id: u32,
    /// Its app's name.
    pub app: String,
    /// Its summary.
    pub summary: String,
    /// When.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: Millis,
    /// Why, a few words: "safe list: power".
    pub why: Message,
}

/// What undo would take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Undoable {
    /// The newest one's id; none of a check-in that was passed over.
    pub id: Option<u32>,
    /// Such as "done: Review requested".
    pub label: Message,
    /// Until when; none when it has no time limit.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub until: Option<Millis>,
}

/// The desktop's own notification daemon behind the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RendererView {
    /// What it calls itself: "dunst 1.9.0"; none when none is known.
    pub name: Option<String>,
    /// Whether it can be reached.
    pub up: bool,
}

/// Something that is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trouble {
    /// Stable, for screens: "store", "store-loss", "name-lost", "no-renderer",
    /// "renderer-silent", "settings".
    pub code: String,
    /// One line: what and where.
    pub text: Message,
    /// One line: what to do.
    pub remedy: Message,
}

/// Where an interruption is: always in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum ItemState {
    /// Kept for a check-in.
    Held,
    /// Let through.
    Passed,
    /// Taken back by its app.
    Withdrawn,
    /// Muted by a rule.
    Muted,
    /// A transient one whose time ran out.
    Expired,
    /// Given to the renderer.
    Released,
    /// Dealt with.
    Done,
}

/// What an interruption is about, as its app claims by the specification's `category`: the first word of one that says
/// something to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// A message of a person.
    Message,
    /// A mail.
    Mail,
    /// A call.
    Call,
    /// Something that is plugged in or worn.
    Device,
    /// A file that comes or goes.
    Transfer,
    /// The way to other computers.
    Network,
}

/// One interruption in a list. All text is plain: markup is gone, and nothing here may be read as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Item {
    /// The id that its app knows it by.
    pub id: u32,
    /// The cursor of this row: rises with arrival.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: i64,
    /// The app's name for people.
    pub app: String,
    /// What identifies the app: groups are made by this.
    pub app_id: String,
    /// When it arrived.
    #[cfg_attr(test, ts(type = "number"))]
    pub arrived: Millis,
    /// The summary.
    pub summary: String,
    /// The body, plain text.
    pub body: String,
    /// Buttons, without the default action.
    pub actions: Vec<ActionView>,
    /// Whether it has a default action.
    pub has_default: bool,
    /// The placeholder of the inline reply field, where its app offers one.
    pub inline_reply: Option<String>,
    /// Whether its buttons still reach its app.
    pub live: bool,
    /// Its app was restarted in the meantime or forgets: a press may do nothing.
    pub may_have_forgotten: bool,
    /// Its script waited for the time-out that it had set itself and went on: its buttons are dead.
    pub script_went_on: bool,
    /// Where it is.
    pub state: ItemState,
    /// It was put off to the next check-in.
    pub later: bool,
    /// It was put off until then, which is before the next hand-over.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub snoozed_until: Option<Millis>,
    /// It was noted by hand: no app is behind it.
    pub noted: bool,
    /// How many earlier texts there are.
    pub edited: u32,
    /// 0 low, 1 normal, 2 critical, as its app claims.
    pub urgency: u8,
    /// What it is about, as its app claims; null where it claims nothing that is known.
    pub category: Option<Category>,
    /// Whether its text was dropped: a flood, or a setting.
    pub text_dropped: bool,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActionView {
    /// What goes back to the app, byte-exact.
    pub key: String,
    /// What the button says.
    pub label: String,
}
