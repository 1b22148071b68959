//! The characters that are written by name or number: `&hellip;`, `&#8230;`, `&#x2026;`. Must not know tags.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// No name is longer, and no number has more digits.
const LONGEST: usize = 10;

static NAMED: LazyLock<BTreeMap<&'static str, char>> = LazyLock::new(|| {
    let lines = include_str!("../../data/entities.txt").lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(' '));
    pairs.filter_map(|(name, point)| Some((name, of_number(point, 16)?))).collect()
});

/// The character that the text begins with by name or number, and how many bytes that takes. The text begins with `&`.
pub(super) fn decode(text: &str) -> Option<(char, usize)> {
    let most = text.floor_char_boundary(LONGEST + 2);
    let name = text[..most].strip_prefix('&')?.split_once(';')?.0;
    let c = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => of_number(digits, 16),
            None => of_number(number, 10),
        },
        None => NAMED.get(name).copied(),
    };
    Some((c?, name.len() + 2))
}

/// Never the character with the number 0: what is stored and shown ends there elsewhere.
fn of_number(digits: &str, radix: u32) -> Option<char> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let number = u32::from_str_radix(digits, radix).ok().filter(|number| is_plain && *number != 0)?;
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_decoded_and_nothing_else_is() {
        for (text, c, length) in [
            ("&amp;x", '&', 5),
            ("&nbsp;", '\u{a0}', 6),
            ("&hellip;", '…', 8),
            ("&thetasym;", 'ϑ', 10),
            ("&#65;", 'A', 5),
            ("&#x1F600;", '😀', 9),
            ("&#0000065;", 'A', 10),
        ] {
            assert_eq!(decode(text), Some((c, length)), "{text}");
        }
        for text in [
            "&",
            "&;",
            "&T",
            "&T;",
            "&AMP;",
            "&#;",
            "&#x;",
            "&#0;",
            "&#-1;",
            "&#xd800;",
            "&#99999999;",
            "& amp;",
            "&ä;",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_is_read_to_its_end() {
        assert_eq!((NAMED.len(), NAMED.get("zwnj")), (253, Some(&'\u{200c}')));
    }
}
