//! Short names for ids. An id has ten digits; its distance from the first one the gate gives out, written with 20
//! consonants, has three or four letters, and no number can be mistaken for it. Must not know what an id stands for.

use std::fmt;
use std::str::FromStr;
use tidegate_domain::FIRST_ID;

/// No vowels, so that no words come about.
const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const BASE: u32 = 20;
/// Shorter names are filled up with the first letter.
const SHORTEST: usize = 3;

/// An id as people read and type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut rest) = self.0.checked_sub(FIRST_ID) else { return write!(f, "{}", self.0) };
        let mut letters = Vec::new();
        while rest > 0 || letters.len() < SHORTEST {
            letters.extend(LETTERS.get((rest % BASE) as usize).map(|letter| char::from(*letter)));
            rest /= BASE;
        }
        f.write_str(&letters.into_iter().rev().collect::<String>())
    }
}

/// What is neither a name nor a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no id; `tidegate held` lists them, such as \"bkf\"")]
pub struct NoId(String);

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let id = if text.starts_with(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { from_letters(text) };
        id.filter(|id| *id != 0).map(Self).ok_or_else(|| NoId(crate::present::line(text, 40)))
    }
}

fn from_letters(text: &str) -> Option<u32> {
    if text.len() < SHORTEST {
        return None;
    }
    let distance = text.bytes().try_fold(0_u32, |sum, byte| {
        let digit = LETTERS.iter().position(|letter| *letter == byte.to_ascii_lowercase())?;
        sum.checked_mul(BASE)?.checked_add(u32::try_from(digit).ok()?)
    })?;
    FIRST_ID.checked_add(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_one_name_that_leads_back() {
        for (id, name) in [
            (FIRST_ID, "bbb"),
            (FIRST_ID + 19, "bbz"),
            (FIRST_ID + 20, "bcb"),
            (FIRST_ID + 8_000, "cbbb"),
            (u32::MAX, "dnjqrfrp"),
            (17, "17"),
        ] {
            assert_eq!(Id(id).to_string(), name);
            assert_eq!(name.parse(), Ok(Id(id)));
            assert_eq!(id.to_string().parse(), Ok(Id(id)));
        }
        assert_eq!("BKF".parse::<Id>(), "bkf".parse());
    }

    #[test]
    fn what_is_no_name_is_said_so() {
        for text in ["", "b", "bk", "bka", "0", "-1", "1x", "4294967296", "zzzzzzzzz", "żbk", "\u{1b}[2J"] {
            let error = text.parse::<Id>().unwrap_err().to_string();
            assert!(error.contains("is no id") && !error.contains('\u{1b}'), "{error}");
        }
    }
}
