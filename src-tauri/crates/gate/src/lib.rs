//! Standing in the path: the notification service on the raw message stream, and the renderer behind it.
//!
//! Turns what comes on the bus into events of the domain and the domain's effects into messages, in the bus's order.
//! Must not know the store or the engine, and must not decide what happens to a notification.

mod behind;
mod files;
mod hang_guard;
mod identity;
mod markup;
mod names;
pub mod pictures;
mod relay_link;
mod renderer;
mod senders;
mod server;
mod take_over;
#[cfg(test)]
mod testing;
mod wire;

#[path = "../../relay/src/protocol.rs"]
pub mod relay_protocol;

pub use files::copies;
pub use markup::plain_text;
pub use names::{NOTIFICATIONS, NOTIFICATIONS_PATH};
pub use relay_link::RelayLink;
pub use renderer::RendererFacts;
pub use server::{Config, Gate, GateError, Outputs};
pub use take_over::{Failing, RendererNews, TakeOver, TakeOverError, Waiting, When, reads_record, shell_in_charge};
