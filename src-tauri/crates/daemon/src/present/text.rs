//! Text from outside, made fit to be shown: bounded, one line where one is wanted, and without characters that a terminal
//! obeys or that reorder what stands around them. Must not know where the text goes.

/// Stands where a control character was, so that its loss is seen.
const INSTEAD: char = '\u{fffd}';

/// One line of at most `limit` characters: every run of white space is one space, and a cut ends in an ellipsis.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    let mut words = String::new();
    let mut room = limit.saturating_add(1);
    let mut gap = false;
    for c in text.chars().filter_map(tame) {
        if c.is_whitespace() {
            gap = !words.is_empty();
            continue;
        }
        let cost = 1 + usize::from(gap);
        if room < cost {
            return clip(words, limit, true);
        }
        room -= cost;
        if std::mem::take(&mut gap) {
            words.push(' ');
        }
        words.push(c);
    }
    clip(words, limit, false)
}

/// Lines of at most `limit` characters in all, without white space around the whole or at a line's end.
#[must_use]
pub fn paragraph(text: &str, limit: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let tamed: String = text.chars().filter_map(tame).take(limit.saturating_add(1)).collect();
    let lines: Vec<_> = tamed.lines().map(str::trim_end).collect();
    let joined = lines.join("\n");
    let left_out = tamed.chars().count() > limit;
    clip(joined.trim_matches('\n').trim_end().to_owned(), limit, left_out)
}

/// Cut to `limit` characters; if anything is or was left out, the last one is an ellipsis.
fn clip(mut text: String, limit: usize, left_out: bool) -> String {
    if !left_out && text.chars().count() <= limit {
        return text;
    }
    let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    text.truncate(end);
    text.truncate(text.trim_end().len());
    text.push('…');
    text
}

/// What a character is shown as: itself, a space, a line break, a mark of its loss, or nothing.
fn tame(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        c if reorders(c) => None,
        c if c.is_control() => Some(INSTEAD),
        c => Some(c),
    }
}

/// Whether a character changes the direction of the text after it (Unicode UAX 9, explicit formatting characters).
#[must_use]
pub fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_within_its_limit() {
        assert_eq!(line("  two\n\n words\t", 40), "two words");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("abcd efg", 6), "abcd…");
        assert_eq!(line("", 6), "");
        assert_eq!(line("żółw", 3), "żó…");
    }

    #[test]
    fn a_paragraph_keeps_its_lines_and_its_indents() {
        assert_eq!(paragraph("\r\n one \r\n\n  two\n\n", 40), " one\n\n  two");
        assert_eq!(paragraph("one\u{2028}two", 40), "one\ntwo");
        assert_eq!(paragraph("abcdefg", 6), "abcde…");
        assert_eq!(paragraph(&"a\n".repeat(100), 5), "a\na…");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_or_that_reorders_is_left() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7}b\u{7f}\u{202e}gpj.exe\u{2066}\0";
        for tamed in [line(hostile, 100), paragraph(hostile, 100)] {
            assert_eq!(tamed, "a\u{fffd}[2J\u{fffd}31m\u{fffd}b\u{fffd}gpj.exe\u{fffd}");
        }
    }

    #[test]
    fn work_is_bounded_by_the_limit_and_not_by_the_text() {
        let spaces = " ".repeat(100_000);
        assert_eq!(line(&format!("a{spaces}b"), 10), "a b");
        assert_eq!(line(&"ab".repeat(100_000), 10), "ababababa…");
    }
}
