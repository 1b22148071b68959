//! A notification's body as plain text. The markup is `b i u a img` (Desktop Notifications Specification 1.2, "Markup");
//! where it is not exactly that, the body was never markup and is shown as it came. Must not follow any link.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// The body as text: without its markup, or as it came where it is not markup.
#[must_use]
pub fn plain_text(body: &str) -> String {
    without_markup(body).unwrap_or_else(|| body.to_owned())
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
