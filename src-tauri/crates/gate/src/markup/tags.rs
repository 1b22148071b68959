//! Where the tags of a body are, and what each is for the text. Must not decide whether a body is markup.

/// What a tag does to the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Inline,
    /// `br`: a new line.
    Break,
    /// `img`: what stands for it.
    Image,
    /// Begins and ends a line.
    Block,
    /// `li`: a line of its own.
    Item,
    /// A cell of a table: is apart from the one before it.
    Cell,
    /// None that we know.
    Unknown,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "b" | "i" | "u" | "a" | "span" | "font" | "strong" | "em" | "tt" | "sub" | "sup" | "s" | "strike"
            | "del" | "ins" | "small" | "big" | "code" | "kbd" | "samp" | "var" | "abbr" | "acronym" | "cite" | "q"
            | "mark" | "label" | "time" | "wbr" | "bdi" | "bdo" => Self::Inline,
            "br" => Self::Break,
            "img" => Self::Image,
            "p" | "div" | "ul" | "ol" | "dl" | "dt" | "dd" | "hr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre"
            | "blockquote" | "table" | "thead" | "tbody" | "tr" | "caption" | "center" | "html" | "head" | "title"
            | "body" | "header" | "footer" | "section" | "article" => Self::Block,
            "li" => Self::Item,
            "td" | "th" => Self::Cell,
            _ => Self::Unknown,
        }
    }
}

/// A tag, or what looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// As it came.
    pub(super) source: &'a str,
    /// In small letters.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// `</b>`
    pub(super) is_end: bool,
    /// `<br/>`
    pub(super) closes_itself: bool,
    /// `alt`
    pub(super) alternative: Option<&'a str>,
}

impl Tag<'_> {
    /// Whether HTML wants no end of it.
    pub(super) fn stands_alone(&self) -> bool {
        matches!(self.name.as_str(), "br" | "img" | "p" | "hr" | "li" | "dt" | "dd" | "tr" | "td" | "th")
    }
}

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
    Comment,
}

/// The body in its pieces, in one walk: a tag ends before the next `<`.
pub(super) fn parts(body: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    // Where no comment ends any more, none begins.
    let mut may_be_comment = true;
    while let Some(found) = body[at..].find('<') {
        at += found;
        let rest = &body[at..];
        let comment = if may_be_comment { comment(rest) } else { None };
        may_be_comment &= comment.is_some() || !rest.starts_with("<!--");
        let Some((part, length)) = comment.or_else(|| tag(rest)) else {
            at += 1;
            continue;
        };
        parts.extend((from < at).then(|| Part::Text(&body[from..at])));
        parts.push(part);
        at += length;
        from = at;
    }
    parts.extend((from < body.len()).then(|| Part::Text(&body[from..])));
    parts
}

fn comment(text: &str) -> Option<(Part<'_>, usize)> {
    let inside = text.strip_prefix("<!--")?;
    Some((Part::Comment, 4 + inside.find("-->")? + 3))
}

/// The tag that the text begins with, and how many bytes it takes.
fn tag(text: &str) -> Option<(Part<'_>, usize)> {
    let after = text.strip_prefix('<')?;
    let is_end = after.starts_with('/');
    let after = after.strip_prefix('/').unwrap_or(after);
    let length =
        after.find(|c: char| !is_of_name(c)).filter(|_| after.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let (name, mut rest) = after.split_at(length);
    let mut alternative = None;
    let closes_itself = loop {
        let trimmed = rest.trim_start();
        if let Some(end) = trimmed.strip_prefix('>') {
            rest = end;
            break false;
        }
        if let Some(end) = trimmed.strip_prefix("/>") {
            rest = end;
            break true;
        }
        let attribute = attribute(trimmed).filter(|_| trimmed.len() < rest.len())?;
        alternative = alternative.or_else(|| attribute.name.eq_ignore_ascii_case("alt").then_some(attribute.value));
        rest = attribute.rest;
    };
    let length = text.len() - rest.len();
    let name = name.to_ascii_lowercase();
    let kind = Kind::of(&name);
    Some((Part::Tag(Tag { source: &text[..length], name, kind, is_end, closes_itself, alternative }), length))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_')
}

struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    rest: &'a str,
}

/// `name`, `name=value`, `name="value"` or `name='value'`.
fn attribute(text: &str) -> Option<Attribute<'_>> {
    let length = text.find(|c: char| !is_of_name(c)).filter(|length| *length > 0)?;
    let (name, rest) = text.split_at(length);
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return Some(Attribute { name, value: "", rest });
    };
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, rest) = match quote {
        Some(quote) => value[1..].split_once(quote)?,
        None => {
            let length = value.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\''));
            value.split_at(length.filter(|length| *length > 0)?)
        }
    };
    Some(Attribute { name, value, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_tag_is_text() {
        for text in [
            "<3",
            "< b>",
            "<",
            "<>",
            "</>",
            "<b",
            "<b <i",
            "<maya@x.test>",
            "<http://x.test>",
            "a<b && c>d",
            "<b x=>",
            "<b x=\"1>",
            "<String, Foo>",
            "<!-- x",
            "<!DOCTYPE x>",
            "<?xml?>",
            "<b\"x\">",
        ] {
            assert_eq!(parts(text), [Part::Text(text)], "{text}");
        }
    }

    #[test]
    fn a_tag_has_a_name_and_attributes_of_every_spelling() {
        for text in
            ["<IMG x alt=cat>", "<img src='>'  alt = \"cat\" />", "<img alt='cat' alt='dog'>", "<img\nalt=\"cat\">"]
        {
            let parts = parts(text);
            let [Part::Tag(tag)] = parts.as_slice() else { panic!("{text}: {parts:?}") };
            assert_eq!((tag.kind, tag.source, tag.alternative), (Kind::Image, text, Some("cat")));
        }
    }

    #[test]
    fn what_never_ends_is_walked_once() {
        let size = 1 << 20;
        for piece in ["<", "<a ", "<a x", "<a x=\"", "<a x='<a x=\"", "<!--", "<a/", "</a"] {
            let body = piece.repeat(size / piece.len());
            let text: usize =
                parts(&body).iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum();
            assert!(text > 0, "{piece}");
        }
    }
}
