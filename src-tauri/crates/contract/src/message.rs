//! What is said to a person, before it is in anybody's language: which message of the catalogue (`locales`), and its
//! arguments. Knows neither the catalogue nor how an instant is written.

use crate::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One message. Whoever shows it words it, in the language and on the clock of whom it is shown to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Message {
    /// Its name in the catalogue, such as `answer-ended`; `settings-file.remedy` is an attribute of one.
    pub id: String,
    /// Its parameters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Argument>,
}

/// What stands for a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Argument {
    /// Text that is the same in each language, such as a name or what somebody else said. It may come from outside, and is
    /// fit to be shown.
    Text(String),
    /// How many.
    Number(#[cfg_attr(test, ts(type = "number"))] i64),
    /// A moment, which is told as it is read: "11:30 tomorrow".
    Instant(#[cfg_attr(test, ts(type = "number"))] Millis),
    /// A moment that is past, with its day where that is another: "Tue 9:58".
    Stamp(#[cfg_attr(test, ts(type = "number"))] Millis),
    /// A moment that is past, to the second: "Tue 9:58:03".
    Second(#[cfg_attr(test, ts(type = "number"))] Millis),
    /// How long, in milliseconds, where it may be very short: "0.4 s".
    Brief(#[cfg_attr(test, ts(type = "number"))] Millis),
    /// How long, in milliseconds: "54 min".
    Length(#[cfg_attr(test, ts(type = "number"))] Millis),
    /// How large, in bytes: "1.5 KiB".
    Size(#[cfg_attr(test, ts(type = "number"))] u64),
    /// What another message says.
    Message(Message),
}

impl Message {
    /// A message without arguments.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), args: BTreeMap::new() }
    }

    /// With one argument more.
    #[must_use]
    pub fn with(mut self, parameter: &str, argument: Argument) -> Self {
        self.args.insert(parameter.to_owned(), argument);
        self
    }
}
