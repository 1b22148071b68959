//! What the gate does, as scripts: on the left of the bar what happens, on the right what comes of it (nothing stands
//! there: nothing does; no bar: it does not matter here). Names that begin with `check` are those of the demands on a
//! notification server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed script should stop where it failed"
)]

mod arriving;
mod away;
mod blocks;
mod check_ins;
mod closing;
mod coming_back;
mod defer;
#[path = "../common/engine.rs"]
mod engine;
mod failing;
mod history;
mod notes;
mod play;
mod quieting;
mod recovering;
mod releasing;
mod silence;
mod snoozing;
mod withdrawing;
mod words;
mod working_off;
#[path = "../common/zones.rs"]
mod zones;
