//! A notification's body as plain text. The markup is `b i u a img` (Desktop Notifications Specification 1.2, "Markup");
//! where it is not exactly that, the body was never markup and is shown as it came. Must not follow any link.

use super::text::raw_paragraph;

/// The body as text of at most `limit` characters.
#[must_use]
pub fn plain_body(body: &str, limit: usize) -> String {
    raw_paragraph(&tidegate_gate::plain_text(body), limit)
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
        check("&#27;[31m&#x9b;2J&#x202e;x", "‹U+001B›[31m‹U+009B›2J\u{202e}x");
    }

    #[test]
    fn deep_nesting_and_long_bodies_end() {
        let deep = format!("{}x{}", "<b>".repeat(10_000), "</b>".repeat(10_000));
        assert_eq!(plain_body(&deep, 10), "x");
        assert_eq!(plain_body(&"y".repeat(1 << 16), 3), "yy…");
    }
}
