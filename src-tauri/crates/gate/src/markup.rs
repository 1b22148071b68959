//! A notification's body as plain text. The markup is `b i u a img` (Desktop Notifications Specification 1.2, "Markup"),
//! and senders write much more of HTML than that. Its tags become line breaks or nothing and its named characters
//! themselves; what only looks like markup (`<3`, `AT&T`, `Vec<T>`) stays as it came. Must not follow any link.

mod entities;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use tags::{Kind, Part, Tag, parts};

/// The body as text.
#[must_use]
pub fn plain_text(body: &str) -> String {
    let parts = parts(body);
    let paired = Pairs::of(&parts);
    let is_markup = parts.iter().enumerate().any(|(at, part)| paired.proves_markup(at, part));
    let mut text = Text::default();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(plain) => text.push_characters(plain),
            Part::Comment => {}
            Part::Tag(tag) if is_markup && paired.is_tag(at, tag) => text.push_tag(tag),
            Part::Tag(tag) => text.push_characters(tag.source),
        }
    }
    text.out
}

/// Which openings and endings belong together, wherever they stand: `<b><i></b></i>` is meant well.
struct Pairs {
    /// Where they are among the parts.
    places: BTreeSet<usize>,
}

impl Pairs {
    fn of(parts: &[Part<'_>]) -> Self {
        let mut open: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut places = BTreeSet::new();
        for (at, part) in parts.iter().enumerate() {
            let Part::Tag(tag) = part else { continue };
            if !tag.is_end {
                open.entry(&tag.name).or_default().push(at);
            } else if let Some(start) = open.get_mut(tag.name.as_str()).and_then(Vec::pop) {
                places.extend([start, at]);
            }
        }
        Self { places }
    }

    /// Whether a part shows that the body was written as markup: a tag alone may be anybody's `<b>`.
    fn proves_markup(&self, at: usize, part: &Part<'_>) -> bool {
        match part {
            Part::Tag(tag) => self.places.contains(&at) || tag.stands_alone() || tag.closes_itself,
            Part::Comment => true,
            Part::Text(_) => false,
        }
    }

    /// Whether it is a tag in a body that is markup: `<file>` is not, unless `</file>` follows.
    fn is_tag(&self, at: usize, tag: &Tag<'_>) -> bool {
        tag.kind != Kind::Unknown || tag.closes_itself || self.places.contains(&at)
    }
}

/// The text as it grows.
#[derive(Default)]
struct Text {
    out: String,
    /// A new line begins before whatever comes next.
    breaks: bool,
}

impl Text {
    /// What stands between tags, its named and numbered characters decoded once.
    fn push_characters(&mut self, plain: &str) {
        // White space between two tags that break the line is how the source was laid out.
        if plain.is_empty() || (self.breaks && plain.trim().is_empty()) {
            return;
        }
        self.begin();
        let mut rest = plain;
        while let Some(at) = rest.find('&') {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let (c, length) = entities::decode(rest).unwrap_or(('&', 1));
            self.out.push(c);
            rest = &rest[length..];
        }
        self.out.push_str(rest);
    }

    fn push_tag(&mut self, tag: &Tag<'_>) {
        match tag.kind {
            Kind::Inline | Kind::Unknown => {}
            Kind::Break => {
                self.begin();
                self.out.push('\n');
            }
            Kind::Image => {
                if let Some(alternative) = &tag.alternative {
                    self.push_characters(alternative);
                }
            }
            Kind::Block => self.breaks = true,
            Kind::Cell => self.push_gap(),
            Kind::Item => {
                self.breaks = true;
                if !tag.is_end {
                    self.begin();
                    self.out.push_str("• ");
                }
            }
        }
    }

    fn push_gap(&mut self) {
        let is_at_beginning = self.breaks || self.out.ends_with(char::is_whitespace);
        if !(is_at_beginning || self.out.is_empty()) {
            self.out.push(' ');
        }
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.breaks) && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, text: &str) {
        assert_eq!(plain_text(body), text, "{body:?}");
    }

    #[test]
    fn tags_of_the_specification_leave_their_text() {
        check("<b>bold</b> <i>and</i> <u>so on</u>", "bold and so on");
        check("see <a href=\"https://x.test\">here</a>", "see here");
        check("<img src=\"cat.png\" alt=\"a cat\"/> sleeps", "a cat sleeps");
        check("<img src=\"cat.png\"/>sleeps", "sleeps");
    }

    #[test]
    fn text_that_only_looks_like_markup_stays_as_it_came() {
        for body in
            ["I <3 you", "Vec<T> or Vec<u8>", "AT&T", "a < b && c > d", "<maya@x.test> wrote", "<b>", "x <file> y"]
        {
            check(body, body);
        }
    }

    #[test]
    fn one_tag_that_is_meant_makes_all_of_it_markup_but_no_word_in_brackets() {
        check("<b>new</b>: <file>", "new: <file>");
        check("<file>x</file>", "x");
        check("<b>new</b><br>line", "new\nline");
        check("<b><i>crossed</b></i>", "crossed");
    }

    #[test]
    fn blocks_and_items_are_lines_of_their_own() {
        check("<p>one</p><p>two</p>", "one\ntwo");
        check("<p>one</p>\n  <p>two</p>\n", "one\ntwo");
        check("head<ul><li>one</li><li>two</li></ul>tail", "head\n• one\n• two\ntail");
        check("one<br/><br/>two", "one\n\ntwo");
        check("<td>a</td><td>b</td>c", "a b c");
    }

    #[test]
    fn nothing_is_before_the_first_line_or_after_the_last() {
        check("<p></p><div>only</div><p></p>", "only");
        check("<p></p>", "");
        check("", "");
    }

    #[test]
    fn characters_are_decoded_once() {
        check("&lt;b&gt; &amp;amp; &#65;&#x42;", "<b> &amp; AB");
        check("fish &chips; &", "fish &chips; &");
        check("<b>&lt;/b&gt;</b>", "</b>");
    }

    #[test]
    fn comments_are_nobodys_text_and_make_it_markup() {
        check("a<!-- hidden -->b", "ab");
        check("<!-- x --><b>c", "c");
        check("a <!-- never ends", "a <!-- never ends");
    }

    #[test]
    fn no_text_is_longer_than_its_body_in_letters_but_for_points_before_items() {
        for body in ["<li>".repeat(500), "<b>".repeat(500), "&".repeat(500), "<br>".repeat(500), "<td>x".repeat(500)] {
            let text = plain_text(&body);
            assert!(text.chars().count() <= body.len(), "{}", &body[..8]);
        }
    }
}
