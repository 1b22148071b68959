//! A notification's body as plain text. The markup is `b i u a img` (Desktop Notifications Specification 1.2, "Markup");
//! where it is not exactly that, the body was never markup and is shown as it came. Must not follow any link.

use super::text::paragraph;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// The body as text of at most `limit` characters.
#[must_use]
pub fn plain_body(body: &str, limit: usize) -> String {
    match without_markup(body) {
        Some(text) => paragraph(&text, limit),
        None => paragraph(body, limit),
    }
}

fn without_markup(body: &str) -> Option<String> {
    let mut reader = Reader::from_str(body);
    let mut text = String::with_capacity(body.len());
    let mut open = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(entity) => text.push_str(&resolve(&entity)?),
            Event::Start(tag) => {
                open += 1;
                text.push_str(&alternative(&tag)?);
            }
            Event::Empty(tag) => text.push_str(&alternative(&tag)?),
            Event::End(_) => open = open.checked_sub(1)?,
            Event::Eof => return (open == 0).then_some(text),
            Event::Comment(_) | Event::CData(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => return None,
        }
    }
}

/// What stands for a tag: an image's `alt`, and nothing for the others. `None`: not one of the five, or malformed.
fn alternative(tag: &BytesStart<'_>) -> Option<String> {
    let name = tag.name();
    let is_image = name.as_ref() == "img";
    if !is_image && !matches!(name.as_ref(), "b" | "i" | "u" | "a") {
        return None;
    }
    let mut alt = String::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        if is_image && attribute.key.as_ref() == "alt" {
            alt.push_str(&value);
        }
    }
    Some(alt)
}

fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref().ok()? {
        Some(c) => Some(c.to_string()),
        None => resolve_predefined_entity(entity).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, plain: &str) {
        assert_eq!(plain_body(body, 200), plain, "{body}");
    }

    #[test]
    fn the_five_tags_leave_their_text() {
        check("<b>Maya</b>: see <a href=\"https://x.test\">the <i>draft</i></a>", "Maya: see the draft");
        check("before <img src=\"file:///x.png\" alt=\"a &lt;cat&gt;\"/> after", "before a <cat> after");
        check("<img src='x'></img><u/>text", "text");
    }

    #[test]
    fn entities_are_decoded_once() {
        check("Tom &amp; Jerry &lt;3 &quot;&apos; &#65;&#x42; &amp;lt;", "Tom & Jerry <3 \"' AB &lt;");
    }

    #[test]
    fn what_is_not_strictly_markup_stays_as_it_came() {
        for body in [
            "b <i>&",
            "AT&T",
            "1 < 2",
            "<b>open",
            "</b>",
            "<b><i></b></i>",
            "<p>x</p>",
            "a<br/>b",
            "<script>alert(1)</script>",
            "<b x>y</b>",
            "<b x=\"1\" x=\"2\">y</b>",
            "&nbsp;",
            "&#0;",
            "<!-- x -->y",
            "<![CDATA[x]]>",
            "<?xml version=\"1.0\"?>x",
            "<!DOCTYPE x [<!ENTITY a \"b\">]>&a;",
        ] {
            check(body, body);
        }
    }

    #[test]
    fn an_escape_sequence_in_a_reference_is_no_way_around() {
        check("&#27;[31m&#x9b;2J&#x202e;x", "\u{fffd}[31m\u{fffd}2Jx");
    }

    #[test]
    fn deep_nesting_and_long_bodies_end() {
        let deep = format!("{}x{}", "<b>".repeat(10_000), "</b>".repeat(10_000));
        assert_eq!(plain_body(&deep, 10), "x");
        assert_eq!(plain_body(&"y".repeat(1 << 16), 3), "yy…");
    }
}
