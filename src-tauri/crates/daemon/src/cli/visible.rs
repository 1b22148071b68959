//! Text for a terminal in which nothing stays unseen: what has no width of its own is shown as a mark of it, unless it only
//! joins, varies or accents what is seen beside it, as in emoji and in the scripts that need it. Must not know where the text
//! came from.

use crate::present::{self, mark};
use tidegate_words::{say, timeless};
use unicode_width::UnicodeWidthChar;

/// Accents on one letter that are shown as they are: more than any script writes.
const ACCENTS: u32 = 6;
const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';
const BLACK_FLAG: char = '\u{1f3f4}';
/// What makes a black flag that of England, Scotland or Wales (Unicode UTS 51, emoji tag sequences), as ASCII.
const FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// One line of at most `limit` characters, and what cannot be seen of it as marks.
#[must_use]
pub(super) fn line(text: &str, limit: usize) -> String {
    visible(&present::line(text, limit))
}

/// Lines of at most `limit` characters in all, and what cannot be seen of them as marks.
#[must_use]
pub(super) fn paragraph(text: &str, limit: usize) -> String {
    visible(&present::paragraph(text, limit))
}

/// The same text with marks for what cannot be seen. Control characters stay: a page has colours and lines.
#[must_use]
pub(super) fn visible(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut writer = Writer { out: String::with_capacity(text.len()), ..Writer::default() };
    for (at, c) in text.char_indices() {
        writer.write(c, text.get(at + c.len_utf8()..).unwrap_or_default());
    }
    writer.end_accents();
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// What a mark without width would be drawn with; none after a blank.
    base: Option<char>,
    before: Option<char>,
    /// Accents since the base, shown and left out.
    accents: u32,
    /// Characters that belong to what was written already.
    covered: usize,
}

impl Writer {
    fn write(&mut self, c: char, rest: &str) {
        if self.covered > 0 {
            self.covered -= 1;
            self.out.push(c);
        } else if is_ignorable(c) {
            self.covered = self.flag(c, rest);
            let kept = self.covered > 0 || self.is_at_work(c, rest.chars().next());
            self.put_unseen(c, kept);
        } else if c.width() == Some(0) {
            self.accent(c);
        } else {
            self.end_accents();
            self.base = Some(c).filter(|c| !c.is_whitespace() && !c.is_control());
            self.out.push(c);
        }
        self.before = Some(c);
    }

    fn put_unseen(&mut self, c: char, kept: bool) {
        if kept {
            self.out.push(c);
        } else {
            self.end_accents();
            self.out.push_str(&mark(c));
            self.base = None;
        }
    }

    fn accent(&mut self, c: char) {
        if self.base.is_none() {
            self.out.push_str(&mark(c));
            return;
        }
        self.accents += 1;
        if self.accents <= ACCENTS {
            self.out.push(c);
        }
    }

    /// Says how many accents were left out.
    fn end_accents(&mut self) {
        let more = std::mem::take(&mut self.accents).saturating_sub(ACCENTS);
        if more > 0 {
            self.out.push_str(&timeless(&say::cli_more_accents(more)));
        }
    }

    /// Whether a character without a shape of its own changes that of one that is seen.
    fn is_at_work(&self, c: char, next: Option<char>) -> bool {
        match c {
            ZWJ | ZWNJ => self.joins(c, next),
            '\u{180b}'..='\u{180f}' => self.base.is_some_and(is_mongolian) && !self.before.is_some_and(is_ignorable),
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => self.varies(c),
            _ => false,
        }
    }

    /// Arabic letters, and Indic ones, have other shapes beside a joiner; emoji become one.
    fn joins(&self, c: char, next: Option<char>) -> bool {
        let is_joiner = |c: Option<char>| matches!(c, Some(ZWJ | ZWNJ));
        let is_letter = |c: Option<char>| c.is_some_and(has_joined_letters);
        if is_joiner(self.before) || is_joiner(next) {
            return false;
        }
        let (after, before) = (is_letter(self.before), is_letter(next));
        let are_emoji = || self.base.is_some_and(is_picture) && next.is_some_and(is_picture);
        if c == ZWJ { after || before || are_emoji() } else { after && before }
    }

    /// The variation selectors that the Unicode standard and its emoji know after the base; a second one varies nothing.
    fn varies(&self, c: char) -> bool {
        let Some(base) = self.base.filter(|_| !self.before.is_some_and(is_ignorable)) else { return false };
        match c {
            '\u{fe0e}' | '\u{fe0f}' => is_picture(base) || matches!(base, '0'..='9' | '#' | '*'),
            '\u{fe00}'..='\u{fe0d}' => {
                is_picture(base) || is_ideograph(base) || matches!(base, '0' | '\u{1000}'..='\u{109f}')
            }
            _ => is_ideograph(base),
        }
    }

    /// How many characters more belong to a flag whose first tag this is.
    fn flag(&self, c: char, rest: &str) -> usize {
        let tagged = |flag: &&str| flag.chars().chain(['\u{7f}']).filter_map(tag).eq(first_tags(c, rest));
        let is_first = self.before == Some(BLACK_FLAG);
        FLAGS.iter().find(|flag| is_first && tagged(flag)).map_or(0, |flag| flag.len())
    }
}

/// As many as a flag has.
fn first_tags(c: char, rest: &str) -> impl Iterator<Item = char> {
    std::iter::once(c).chain(rest.chars()).take(6)
}

/// The tag character for an ASCII one.
fn tag(c: char) -> Option<char> {
    char::from_u32(0xe_0000 + u32::from(c))
}

/// Unicode's `Default_Ignorable_Code_Point`, what stands between annotations, and what has no shape but a direction.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters and vowels of scripts in which a joiner changes shapes: from Arabic over those of India to Mongolian.
fn has_joined_letters(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{61b}' | '\u{61d}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{180a}'
        | '\u{1810}'..='\u{18af}' | '\u{1a00}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{10fff}' | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
        && !c.is_ascii_punctuation()
}

fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1800}'..='\u{180a}' | '\u{1810}'..='\u{18af}')
}

/// Emoji, and the signs of which some are emoji.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{2bff}' | '\u{3030}'
        | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Chinese characters, and the signs written among them.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3001}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(line(text, 1_000), shown, "{text:?}");
        assert_eq!(visible(shown), shown, "what is shown has nothing more to be marked");
    }

    #[track_caller]
    fn stays(text: &str) {
        check(text, text);
    }

    #[test]
    fn what_has_no_shape_is_a_mark_of_it() {
        check("pay\u{200b}pal", "pay‹U+200B›pal");
        check(
            "\u{feff}a\u{ad}b\u{2060}c\u{200e}d\u{200f}\u{61c}",
            "‹U+FEFF›a‹U+00AD›b‹U+2060›c‹U+200E›d‹U+200F›‹U+061C›",
        );
        check("in\u{202e}gpj.exe\u{2069}", "in‹U+202E›gpj.exe‹U+2069›");
        check("a\u{1b}[2Jb\u{9b}", "a‹U+001B›[2Jb‹U+009B›");
        check("a\u{3164}b\u{115f}\u{ffa0}\u{34f}\u{180e}", "a‹U+3164›b‹U+115F›‹U+FFA0›‹U+034F›‹U+180E›");
        check("hi\u{e0068}\u{e0069}\u{e007f}", "hi‹U+E0068›‹U+E0069›‹U+E007F›");
        assert_eq!(paragraph("a\n\u{200b}b", 100), "a\n‹U+200B›b");
    }

    #[test]
    fn emoji_keep_what_they_are_put_together_with() {
        for text in ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍⚕️", "❤️‍🔥", "🙂‍↔️", "🐦‍⬛", "1️⃣", "☎︎", "🇵🇱"]
        {
            stays(text);
        }
        stays("\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!");
        check("\u{1f3f4}\u{e0067}\u{e0078}", "\u{1f3f4}‹U+E0067›‹U+E0078›");
        check("👩\u{200d}", "👩‹U+200D›");
        check("👩\u{200d}\u{200d}👧", "👩‹U+200D›‹U+200D›👧");
        check("🙂\u{fe0f}\u{fe0f}\u{e0100}", "🙂\u{fe0f}‹U+FE0F›‹U+E0100›");
    }

    #[test]
    fn scripts_keep_the_joiners_that_shape_their_letters() {
        for text in [
            "می\u{200c}خواهم",
            "ه\u{200d}.ش",
            "क\u{94d}\u{200d}ष",
            "क\u{94d}\u{200c}ष",
            "র\u{200d}\u{9cd}য",
            "ශ\u{dca}\u{200d}රී",
        ] {
            stays(text);
        }
        stays("ᠮᠣᠩᠭᠣᠯ\u{180b}");
        stays("葛\u{e0100}");
        check("pay\u{200d}pal\u{200c}s", "pay‹U+200D›pal‹U+200C›s");
        check("pay\u{fe0f}pal", "pay‹U+FE0F›pal");
        check("می\u{200c} x\u{200c}ی", "می‹U+200C› x‹U+200C›ی");
        check("می\u{200c}\u{200c}خ", "می‹U+200C›‹U+200C›خ");
    }

    #[test]
    fn accents_are_kept_as_far_as_any_script_has_them() {
        for text in ["ệ e\u{302}\u{323}", "שׁ\u{5bc}\u{5b8}\u{591}", "ที่นี่", "한", "བསྒྲུབས"]
        {
            stays(text);
        }
        check(
            &format!("Z{}!", "\u{301}\u{323}".repeat(20)),
            &format!("Z{}‹34 more accents›!", "\u{301}\u{323}".repeat(3)),
        );
        check(&format!("Z{}", "\u{301}".repeat(7)), &format!("Z{}‹1 more accent›", "\u{301}".repeat(6)));
        check("\u{338}x \u{20e0}", "‹U+0338›x ‹U+20E0›");
    }

    #[test]
    fn colours_and_lines_of_a_page_stay() {
        let page = "\u{1b}[1;36mżółw\u{1b}[0m\n  日本\n";
        assert_eq!(visible(page), page);
    }
}
