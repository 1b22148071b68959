//! Text from outside, made fit to be given on: bounded, one line where one is wanted, and without characters that a terminal
//! obeys. People also see those that reorder what stands around them; programs get such characters as they were sent. Must
//! not know where the text goes.

/// One line of at most `limit` characters for people: every run of white space is one space, and a cut ends in an ellipsis.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    one_line(text, limit, is_marked_for_people)
}

/// Lines of at most `limit` characters in all for people, without white space around the whole or at a line's end.
#[must_use]
pub fn paragraph(text: &str, limit: usize) -> String {
    lines(text, limit, is_marked_for_people)
}

/// As [`line()`], for programs.
#[must_use]
pub fn raw_line(text: &str, limit: usize) -> String {
    one_line(text, limit, char::is_control)
}

/// As [`paragraph()`], for programs.
#[must_use]
pub fn raw_paragraph(text: &str, limit: usize) -> String {
    lines(text, limit, char::is_control)
}

/// What stands for a character that cannot be seen, so that it is: "‹U+202E›".
#[must_use]
pub fn mark(c: char) -> String {
    format!("‹U+{:04X}›", u32::from(c))
}

/// Whether a character changes the direction of the text after it (Unicode UAX 9, explicit formatting characters).
#[must_use]
pub fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Which characters are shown as marks.
type IsMarked = fn(char) -> bool;

fn is_marked_for_people(c: char) -> bool {
    c.is_control() || reorders(c)
}

fn one_line(text: &str, limit: usize, is_marked: IsMarked) -> String {
    let mut words = String::new();
    let mut room = limit.saturating_add(1);
    let mut gap = false;
    for c in shown(text, is_marked) {
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

fn lines(text: &str, limit: usize, is_marked: IsMarked) -> String {
    let text = text.replace("\r\n", "\n");
    let tamed: String = shown(&text, is_marked).take(limit.saturating_add(1)).collect();
    let lines: Vec<_> = tamed.lines().map(str::trim_end).collect();
    let joined = lines.join("\n");
    let left_out = tamed.chars().count() > limit;
    clip(joined.trim_matches('\n').trim_end().to_owned(), limit, left_out)
}

/// Each character as it is shown: itself, a space, a line break, or a mark of it.
fn shown(text: &str, is_marked: IsMarked) -> impl Iterator<Item = char> {
    text.chars().flat_map(move |c| {
        let blank = blank(c);
        let mark = if blank.is_none() && is_marked(c) { mark(c) } else { String::new() };
        let itself = mark.is_empty().then_some(blank.unwrap_or(c));
        itself.into_iter().chain(mark.chars().collect::<Vec<_>>())
    })
}

/// What a control character stands for that only says where text goes on.
fn blank(c: char) -> Option<char> {
    match c {
        '\t' => Some(' '),
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        _ => None,
    }
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
    fn what_a_terminal_obeys_is_a_mark_and_for_people_what_reorders_too() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7}b\u{7f}\u{202e}gpj.exe\u{2066}\0";
        let marked = "a‹U+001B›[2J‹U+009B›31m‹U+0007›b‹U+007F›‹U+202E›gpj.exe‹U+2066›‹U+0000›";
        for tamed in [line(hostile, 200), paragraph(hostile, 200)] {
            assert_eq!(tamed, marked);
        }
        let raw = marked.replace("‹U+202E›", "\u{202e}").replace("‹U+2066›", "\u{2066}");
        for tamed in [raw_line(hostile, 200), raw_paragraph(hostile, 200)] {
            assert_eq!(tamed, raw);
        }
        assert_eq!((line("ab\u{7}\u{7}", 6), paragraph("ab\u{7}\u{7}", 6)), ("ab‹U+…".to_owned(), "ab‹U+…".to_owned()));
    }

    #[test]
    fn work_is_bounded_by_the_limit_and_not_by_the_text() {
        let spaces = " ".repeat(100_000);
        assert_eq!(line(&format!("a{spaces}b"), 10), "a b");
        assert_eq!(line(&"ab".repeat(100_000), 10), "ababababa…");
    }
}
