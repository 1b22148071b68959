//! Texts as the search index is given them: where words stand without spaces, as pairs of letters that overlap. Must not
//! know the index.
//!
//! 会議は is 会議, 議は and は: each letter begins one, so that a pair is one of these words, more letters are some that
//! follow on one another, and one letter is the beginning of a word. All other scripts stay as they are.

use std::borrow::Cow;
use tidegate_domain::is_unspaced;

/// Letters that nobody uses stand for marks, which the index would take for the end of a word.
const FIRST_OF_NOBODY: u32 = 0xE000;

/// What the index reads.
pub(crate) fn spread(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unspaced) { Cow::Owned(pairs(text, false)) } else { Cow::Borrowed(text) }
}

/// What is looked for, if it has letters of such a script: the words that follow on one another, and whether the last is
/// only the beginning of one.
pub(crate) fn sequence(word: &str) -> Option<(String, bool)> {
    if !word.chars().any(is_unspaced) {
        return None;
    }
    let last = word.chars().rev().take(2).take_while(|letter| is_unspaced(*letter)).count();
    Some((pairs(word, last == 2), last < 2))
}

/// With `goes_on`, what is written after the last letter is not known.
fn pairs(text: &str, goes_on: bool) -> String {
    let mut out = String::with_capacity(3 * text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        match next.filter(|next| is_unspaced(*next)) {
            _ if !is_unspaced(letter) => out.push(letter),
            Some(next) => out.extend([' ', kept(letter), kept(next), ' ']),
            None if goes_on && next.is_none() => {}
            None => out.extend([' ', kept(letter), ' ']),
        }
    }
    out
}

/// As a letter, whatever it is.
fn kept(letter: char) -> char {
    let code = u32::from(letter);
    let stand_in = match code {
        0x0E00..=0x17FF => char::from_u32(FIRST_OF_NOBODY + code),
        0x3099..=0x309A => char::from_u32(FIRST_OF_NOBODY + 0x1800 + (code - 0x3099)),
        _ => None,
    };
    stand_in.unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn each_letter_begins_a_pair_and_the_last_one_stands_alone() {
        assert_eq!(words(&spread("会議は三時")), ["会議", "議は", "は三", "三時", "時"]);
        assert_eq!(words(&spread("Zoom会議30分、x")), ["Zoom", "会議", "議", "30", "分", "、x"]);
        assert!(matches!(spread("Größe, Ärger: 회의"), Cow::Borrowed("Größe, Ärger: 회의")));
    }

    #[test]
    fn marks_are_kept_as_letters() {
        let spread = spread("บ่าย");
        let thai = words(&spread);
        assert_eq!(thai.len(), 4);
        assert!(thai.iter().flat_map(|word| word.chars()).all(|letter| ('\u{e000}'..'\u{f8ff}').contains(&letter)));
    }

    #[test]
    fn what_is_looked_for_may_go_on_where_it_ends_and_nowhere_else() {
        let looked_for = |word| sequence(word).map(|(text, begins)| (words(&text).join(" "), begins));
        assert_eq!(looked_for("会議は"), Some(("会議 議は".into(), false)));
        assert_eq!(looked_for("会"), Some(("会".into(), true)));
        assert_eq!(looked_for("会議zo"), Some(("会議 議 zo".into(), true)));
        assert_eq!(looked_for("zoom会"), Some(("zoom 会".into(), true)));
        assert_eq!(looked_for("zoom会議"), Some(("zoom 会議".into(), false)));
        assert_eq!(looked_for("zoom"), None);
    }
}
