//! The heart of Tidegate: what happens to an interruption, decided purely.
//!
//! [`Model::handle`] takes one [`Event`], the rows that it names and the time, and gives back [`Effect`]s in the order
//! in which they must happen: what is written comes before what may leave. Nothing here may know a clock, a file, a bus,
//! a thread or a serialisation format; the rows themselves live in the store (see [`ports`]).

mod command;
mod conversation;
mod digest_order;
mod effect;
mod event;
mod focus;
mod ledger;
mod memory;
mod model;
mod name;
mod notice;
mod policy;
pub mod ports;
mod query;
mod schedule;
mod shared_programs;
mod stand_in;
mod time;
mod unspaced;
mod zone;

pub use command::{Answer, BlockLength, Command, HeldChange, Refusal, SnoozeEnd, Target};
pub use conversation::{conversation, conversation_name};
pub use digest_order::{Grouping, HeldApp, HeldByConversation, HeldLine, WithdrawnApp, WithdrawnApps};
pub use effect::{Digest, Effect, Forward, GateEffect, NoticeReply, Occasion, Outgoing, Signal, UiEffect, Write};
pub use event::{Audience, CallOutcome, Event, KnownCalls, SentCall};
pub use focus::{Block, BlockEnd, Break, Ended, EndedBy, Inhibitor, OnDay, PastBlock, Quiet, Stretch, TimeAway};
pub use ledger::{Absence, CheckInBy, Ledger, OnlyCounted, PastPeriod, Period};
pub use memory::{History, MemoryStore};
pub use model::{
    BREAK_MINUTES, Bulk, BulkKind, Deed, HandedOver, Heard, IDLE_TIME, LetThrough, Loaded, Model, NOTED, Noted,
    Portion, Saved, SettleStep, Settling, Snapshot, Trouble, UndoStep, Withdrawals,
};
pub use notice::{
    Action, App, Arrival, CallId, ClosedReason, Closing, Content, Deferral, Delivery, FIRST_ID, FLOOD_KEEP, HELD_NAMES,
    Held, INLINE_REPLY, Interruption, LaterMark, NoticeId, Origin, Outcome, Proof, Raw, Remark, RendererId, RequestId,
    Return, Sender, Seq, Standing, State, Then, Timeout, Urgency, Why,
};
pub use policy::{AppRule, Blocks, HandOver, OnQuiet, SafeEntry, SafeList, Settings, Storage};
pub use ports::{StoreFault, StoreLoss, StoreTrouble};
pub use query::{Found, Given, HeldRange, Lookups, Query};
pub use schedule::{CheckIns, Exceptions, NoSuchTime, Plan, PlannedCheckIn};
pub use shared_programs::{plain_program_name, sends_for_others};
pub use stand_in::StandIn;
pub use time::Now;
pub use unspaced::is_unspaced;
pub use zone::{NotAZone, Zone};
