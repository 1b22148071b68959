//! Short names for ids. An id has ten digits; its distance from the first one the gate gives out, written with 20
//! consonants, has three or four letters, and no number can be mistaken for it. Must not know what an id stands for.

use crate::notice::{FIRST_ID, NoticeId};
use std::fmt;

/// No vowels, so that no words come about.
const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const BASE: u32 = 20;
/// Shorter names are filled up with the first letter.
const SHORTEST: usize = 3;

/// As people read and type it; one that an app brought along may have a number only.
impl fmt::Display for NoticeId {
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

impl NoticeId {
    /// The id of a name or a number; none if the text is neither.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        let id = if text.starts_with(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { from_letters(text) };
        id.filter(|id| *id != 0).map(Self)
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
            assert_eq!(NoticeId(id).to_string(), name);
            assert_eq!(NoticeId::from_name(name), Some(NoticeId(id)));
            assert_eq!(NoticeId::from_name(&id.to_string()), Some(NoticeId(id)));
        }
        assert_eq!(NoticeId::from_name("BKF"), NoticeId::from_name("bkf"));
    }

    #[test]
    fn what_is_no_name_leads_nowhere() {
        for text in ["", "b", "bk", "bka", "0", "-1", "1x", "4294967296", "zzzzzzzzz", "żbk", "\u{1b}[2J"] {
            assert_eq!(NoticeId::from_name(text), None, "{text:?}");
        }
    }
}
