//! What output is written on: its width, whether it takes colours, and which clock it tells times by; and the few strokes
//! that all output is made of. Must not know what is written.

use super::args::Color;
use super::visible::line;
use crate::present::{self, Clock};
use std::borrow::Cow;
use std::io::IsTerminal;
use tidegate_contract::Message;
use tidegate_platform::clock;
use tidegate_words::Catalogue;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Below this many columns lines may overflow: nothing legible fits.
const NARROWEST: usize = 40;
/// Prose is not set wider than this.
const PROSE: usize = 100;

/// What output is written on.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    /// Columns; none when nobody counts them, as in a pipe.
    pub(super) width: Option<usize>,
    /// Whether escape sequences for colours are understood and wanted.
    pub(super) color: bool,
    /// Tells times.
    pub(super) clock: Clock,
}

/// What the clock of who reads shows now.
pub(super) fn clock() -> Clock {
    Clock { zone: clock::zone(), now: chrono::Utc::now().timestamp_millis() }
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// What matters first.
    Bold,
    /// What may be skipped.
    Dim,
    /// The gate is closed; as it should be.
    Calm,
    /// Worth a look.
    Warm,
    /// Wrong.
    Red,
}

impl Paper {
    /// Standard output, at this moment.
    #[must_use]
    pub(super) fn stdout(color: Color) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let width = terminal.then(columns).flatten();
        Self { width, color: colors(color, terminal), clock: self::clock() }
    }

    /// What a message says, on one line of at most so many characters.
    #[must_use]
    pub(super) fn says(&self, message: &Message, limit: usize) -> String {
        line(&Catalogue::new(&self.clock).format(message), limit)
    }

    /// Text in an ink.
    #[must_use]
    pub(super) fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Calm => "1;36",
            Ink::Warm => "33",
            Ink::Red => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// The columns that are left beside `used`; none when nobody counts.
    #[must_use]
    pub(super) fn room(&self, used: usize) -> Option<usize> {
        self.width.map(|width| width.max(NARROWEST).saturating_sub(used))
    }

    /// Text in lines that fit, each behind an indent.
    #[must_use]
    pub(super) fn wrapped(&self, text: &str, indent: usize) -> String {
        let width = self.room(indent).unwrap_or(PROSE).min(PROSE);
        let lines = text.lines().flat_map(|line| wrap(line, width));
        let indent = " ".repeat(indent);
        lines.map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect()
    }
}

fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn colors(color: Color, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !dumb && !set("NO_COLOR"),
    }
}

/// One line broken at spaces into lines of at most `width` columns. Spaces in front and between words stay as they are.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let words = line.trim_start_matches(' ');
    let (mut lines, mut last) = (Vec::new(), " ".repeat(line.len() - words.len()));
    let mut fresh = true;
    for word in words.split(' ') {
        if !fresh && last.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut last));
        } else if !fresh {
            last.push(' ');
        }
        last.push_str(word);
        fresh = false;
    }
    lines.push(last);
    lines
}

/// Text in at most so many columns; a cut ends in an ellipsis.
#[must_use]
pub(super) fn fit(text: &str, room: Option<usize>) -> Cow<'_, str> {
    let Some(room) = room.filter(|room| text.width() > *room) else { return Cow::Borrowed(text) };
    let mut cut = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        cut.push(c);
    }
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    Cow::Owned(cut)
}

/// Text filled up to so many columns, on its left.
#[must_use]
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(text.width())))
}

/// Text filled up to so many columns, on its right.
#[must_use]
pub(super) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The widest of some texts, in columns.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// JSON in which nothing is left that a terminal obeys. Such characters stand in strings only, where an escape is the
/// same text.
#[must_use]
pub(super) fn harmless_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || present::reorders(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::present::fixtures::berlin;
    use tidegate_contract::Millis;

    /// 80 columns without colours, in Berlin at this instant.
    pub(crate) fn plain_paper(now: Millis) -> Paper {
        Paper { width: Some(80), color: false, clock: Clock { zone: berlin(), now } }
    }

    #[test]
    fn text_is_cut_by_columns_and_not_by_characters() {
        assert_eq!(fit("abcdef", Some(6)), "abcdef");
        assert_eq!(fit("abcdef", Some(4)), "abc…");
        assert_eq!(fit("日本語", Some(5)), "日本…");
        assert_eq!(fit("日本語", Some(4)), "日…");
        assert_eq!(fit("日本語", None), "日本語");
        assert_eq!((left("日", 4), right("日", 4)), ("日  ".to_owned(), "  日".to_owned()));
    }

    #[test]
    fn prose_is_broken_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable x", 4), ["unbreakable", "x"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("  a  b c", 6), ["  a  b", "c"]);
        assert_eq!(plain_paper(0).wrapped("a\n\nb", 2), "  a\n\n  b\n");
    }

    #[test]
    fn colours_are_used_only_where_wanted() {
        let mut paper = plain_paper(0);
        assert_eq!(paper.ink(Ink::Red, "x"), "x");
        paper.color = true;
        assert_eq!(paper.ink(Ink::Red, "x"), "\u{1b}[1;31mx\u{1b}[0m");
        assert!(colors(Color::Always, false) && !colors(Color::Never, true) && !colors(Color::Auto, false));
    }

    #[test]
    fn json_stays_the_same_text_and_drives_no_terminal() {
        let text = "a\u{1b}[2J\u{9b}x\u{7f}\u{202e}y\n";
        let json = harmless_json(&serde_json::to_string(text).unwrap());
        assert!(json.chars().all(|c| !c.is_control() && !present::reorders(c)), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
