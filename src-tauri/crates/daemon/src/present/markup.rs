//! A notification's body as plain text that fits its place. Must not know what markup is.

use tidegate_words::raw_paragraph;

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
    fn what_senders_write_besides_is_text_too() {
        check("<p>Old binaries.</p><p><b>Log in</b> again.</p>", "Old binaries.\nLog in again.");
        check("Tom &amp; Jerry<br/>about the plan<BR>soon", "Tom & Jerry\nabout the plan\nsoon");
        check("<p>one<p>two", "one\ntwo");
        check("<span foreground='red'>Storm</span> <font color=red>now</font>", "Storm now");
        check("<strong>a</strong> <em>b</em> <tt>c</tt> x<sub>1</sub> y<sup>2</sup>", "a b c x1 y2");
        check("Due:\n<ul>\n <li>one</li>\n <li>two</li>\n</ul>\n<ol><li>three</ol>", "Due:\n• one\n• two\n• three");
        check("<table><tr><td>Mon</td><td>9:00</td></tr><tr><td>Tue</td></tr></table>", "Mon 9:00\nTue");
        check("<b>report</b>&nbsp;copied", "report\u{a0}copied");
        check("<blink>loud</blink> <x-card id=\"1\"/>quiet <o:p></o:p>", "loud quiet");
        check("<B>a</b> <b><i>b</b></i>", "a b");
        check("<script>alert(1)</script><html><body>Hi</body></html>", "alert(1)\nHi");
        check("<!-- x -->y", "y");
    }

    #[test]
    fn entities_are_decoded_once() {
        check("Tom &amp; Jerry &lt;3 &quot;&apos; &#65;&#x42; &amp;lt;", "Tom & Jerry <3 \"' AB &lt;");
        check("5&nbsp;&euro; &ndash; &laquo;&Auml;rger&raquo;&hellip;", "5\u{a0}€ – «Ärger»…");
        check("AT&T &amp; Co", "AT&T & Co");
    }

    #[test]
    fn what_only_looks_like_markup_stays_as_it_came() {
        for body in [
            "I <3 AT&T",
            "b <i>&",
            "AT&T",
            "1 < 2",
            "a <b and c> d",
            "<b>open",
            "</b>",
            "Vec<String>",
            "usage: cp <from> <to>",
            "From: Maya <maya@x.test>",
            "<no subject>",
            "&foo;",
            "&#0;",
            "<![CDATA[x]]>",
            "<?xml version=\"1.0\"?>x",
            "<!DOCTYPE x [<!ENTITY a \"b\">]>&a;",
        ] {
            check(body, body);
        }
        check("<b>Error</b>: cannot open <file>", "Error: cannot open <file>");
    }

    #[test]
    fn an_escape_sequence_in_a_reference_is_no_way_around() {
        check("&#27;[31m&#x9b;2J&#x202e;x", "‹U+001B›[31m‹U+009B›2J\u{202e}x");
    }

    #[test]
    fn deep_nesting_and_long_bodies_end() {
        let deep = format!("{}x{}", "<b>".repeat(10_000), "</b>".repeat(10_000));
        assert_eq!(plain_body(&deep, 10), "x");
        assert_eq!(plain_body(&"<b".repeat(20_000), 3), "<b…");
        assert_eq!(plain_body(&"y".repeat(1 << 16), 3), "yy…");
    }
}
