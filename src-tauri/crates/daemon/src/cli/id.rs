//! An id on the command line: its short name, or the number that JSON gives. Must not know what an id stands for.

use std::fmt;
use std::str::FromStr;
use tidegate_contract::Message;
use tidegate_domain::NoticeId;
use tidegate_words::{say, timeless};

/// An id as people read and type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        NoticeId(self.0).fmt(f)
    }
}

/// What is neither a name nor a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", timeless(.0))]
pub struct NoId(pub(super) Message);

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let id = NoticeId::from_name(text).ok_or_else(|| NoId(say::cli_no_id(crate::present::line(text, 40))))?;
        Ok(Self(id.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_is_said_so() {
        for text in ["", "bka", "0", "\u{1b}[2J"] {
            let error = text.parse::<Id>().unwrap_err().to_string();
            assert!(error.contains("is no id") && !error.contains('\u{1b}'), "{error}");
        }
        assert_eq!("1073741825".parse::<Id>().unwrap().to_string(), "bbc");
    }
}
