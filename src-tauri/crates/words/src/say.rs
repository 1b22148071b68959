//! A function for each message of the catalogue, made of `locales/en` when this is built: its parameters are the message's.
//! Must not know who says what, or in which language it is read.
#![expect(clippy::useless_conversion, reason = "each parameter is converted, also where it is as it travels")]

use tidegate_contract::{Argument, Message, Millis};

include!(concat!(env!("OUT_DIR"), "/say.rs"));
