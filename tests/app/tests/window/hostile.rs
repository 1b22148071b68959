//! Notification text is only ever text: whatever an app says, nothing is run, loaded or left, and its buttons get back what
//! they sent.

use crate::morning::{from, next_answer};
use crate::opener::gate_open;
use crate::trap::Trap;
use crate::window::Window;
use serde_json::json;
use std::fmt::Write as _;
use tidegate_testkit::{Notification, Signal};
use tidegate_tests_process::Stand;

/// Every way that text has been seen to get out elsewhere.
fn attacks(trap: &Trap) -> Vec<String> {
    let url = |path: &str| trap.url(path);
    vec![
        format!("<script>fetch('{}')</script>", url("script")),
        format!("<img src=x onerror=\"new Image().src='{}'\">", url("onerror")),
        format!("<img src=\"{}\">", url("img")),
        format!("<iframe src=\"{}\"></iframe>", url("iframe")),
        format!("<svg onload=\"fetch('{}')\"><use href=\"{}#x\"/></svg>", url("svg"), url("use")),
        format!("<link rel=stylesheet href=\"{}\"><style>@import '{}';</style>", url("css"), url("import")),
        format!("<form action=\"{}\"><button autofocus onfocus=\"this.form.submit()\">x</button></form>", url("form")),
        format!("<a href=\"{}\" ping=\"{}\">click</a> javascript:fetch('{}')", url("a"), url("ping"), url("js")),
        format!("<meta http-equiv=refresh content=\"0;url={}\">{{@html x}}{{{{constructor}}}}", url("meta")),
    ]
}

/// The text in each place that an app can fill.
fn everywhere(text: &str) -> Notification {
    from(text, text, text, text)
        .action(text, text)
        .action("inline-reply", text)
        .hint("x-kde-reply-placeholder-text", text.to_owned())
}

/// Text that is too much, or that would turn around what stands beside it.
fn oversized() -> [Notification; 4] {
    let marks = format!("Z{}", "\u{0301}\u{0323}".repeat(2_000));
    [
        from("Huge", "org.example.Huge", &"W".repeat(200_000), &"word ".repeat(100_000)),
        from("\u{202e}Backwards", "x", "\u{202e}evitcani", "שלום עולם, مرحبا \u{2067}abc"),
        from("Marks", "org.example.Marks", &marks, &"👩‍👩‍👧‍👦".repeat(3_000)),
        from("", "", "", ""),
    ]
}

/// Settings that are wrong, in words that the trouble repeats.
fn hostile_settings(attacks: &[String]) -> String {
    let mut key = String::new();
    for c in attacks.join(" ").chars() {
        write!(key, "\\u{:04x}", u32::from(c)).unwrap();
    }
    format!("\"{key}\" = 1\n")
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let trap = Trap::set().await;
    let attacks = attacks(&trap);
    let stand = Stand::start_with_settings(&hostile_settings(&attacks[..2])).await;
    stand.hold().await;
    let app = stand.app().await;
    for attack in &attacks {
        app.notify(&everywhere(attack)).await;
    }
    for notification in &oversized() {
        app.notify(notification).await;
    }
    let window = Window::open(&stand.session).await;
    window.find("//*[@role='alert'][contains(., 'is no setting')][contains(., '<script>')]").await;
    window.shows("held").await;
    for attack in &attacks {
        // The title holds it as it came, letter by letter.
        let shown = format!("return document.querySelector('h3.outside')?.textContent === {}", json!(attack));
        window.until("the attack as text", &shown).await;
        assert_eq!(window.script(FOREIGN_ELEMENTS).await, json!(0), "{attack}");
        window.key("j").await;
    }
    window.script(ONE_HUE).await;
    window.looks_as(&stand.session, "hostile").await;
    window.until("nothing wider than the window, and both panes there", NOT_WIDER).await;
    // Marks and emoji have no picture: each font draws them in a way of its own.
    for (title, state) in [("WWWW", Some("hostile-wide")), ("evitcani", Some("hostile-backwards")), ("Z\u{301}", None)]
    {
        window.find(&format!("//*[@role='option'][contains(., '{title}')]")).await.click().await.unwrap();
        window.find(&format!("//h3[contains(@class, 'outside')][contains(., '{title}')]")).await;
        window.until("nothing wider than the window, and both panes there", NOT_WIDER).await;
        if let Some(state) = state {
            window.looks_as(&stand.session, state).await;
        }
    }
    assert_eq!(window.script(FOREIGN_ELEMENTS).await, json!(0));
    trap.assert_untouched().await;
}

/// An app's colour comes from its name: what names no app is called after this program, whose name each build changes.
const ONE_HUE: &str = "
    for (let hue = 0; hue < 6; hue++) document.documentElement.style.setProperty(`--hue-${hue}`, '#6b7280')";

const NOT_WIDER: &str = "
    const inside = element => element.scrollWidth <= element.clientWidth;
    return inside(document.documentElement) && inside(document.querySelector('main'))
        && [...document.querySelectorAll('.pane')].every(pane => inside(pane) && pane.clientHeight > 200)";

const FOREIGN_ELEMENTS: &str = "
    return document.querySelectorAll('#app :is(script, img:not([src^=\"picture://localhost/\"]), iframe, link, meta, style, use, [onerror], [onload], form[action])').length";

#[tokio::test]
async fn hostile_revisions_and_buttons_stay_text_and_go_back_byte_exact() {
    let trap = Trap::set().await;
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let key = format!("app.x::\u{202e}<script>fetch('{}')</script>\"' ", trap.url("key"));
    let text = format!("<img src=\"{}\">", trap.url("revision"));
    let id = app.notify(&everywhere(&text)).await;
    let edited = from(&text, &text, "Edited", "").action(&key, "<b>Bold</b>").replaces(id);
    assert_eq!(app.notify(&edited).await, id);
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.find("//summary[contains(., '1 earlier text')]").await.click().await.unwrap();
    let shown = format!("return document.querySelector('details strong')?.textContent === {}", json!(text));
    window.until("the earlier text as text", &shown).await;
    assert_eq!(window.script(FOREIGN_ELEMENTS).await, json!(0));
    window.press("<b>Bold</b>").await;
    assert_eq!(next_answer(&stand, &app).await, Signal::Action(id, key));
    trap.assert_untouched().await;
}

/// As if text had become script after all: the page's policy and the shell still keep it in.
#[tokio::test]
async fn even_a_script_inside_the_page_gets_nowhere() {
    let trap = Trap::set().await;
    let (_stand, window) = gate_open().await;
    window.sees("What would you like to finish?").await;
    let url = json!(trap.url("out"));
    for attempt in [
        format!("fetch({url}).catch(() => {{}})"),
        format!("new Image().src = {url}"),
        format!("navigator.sendBeacon({url}, 'x')"),
        format!("try {{ new WebSocket({url}.replace('http', 'ws')) }} catch {{}}"),
        format!("document.body.append(Object.assign(document.createElement('script'), {{ src: {url} }}))"),
        format!("document.body.append(Object.assign(document.createElement('iframe'), {{ src: {url} }}))"),
        format!(
            "document.head.append(Object.assign(document.createElement('link'), {{ rel: 'stylesheet', href: {url} }}))"
        ),
        format!(
            "const f = Object.assign(document.createElement('form'), {{ action: {url} }}); document.body.append(f); f.submit()"
        ),
        format!("window.open({url})"),
        format!("location.href = {url}"),
    ] {
        window.script(&attempt).await;
    }
    let said = window.client.execute_async(CORE_COMMANDS, Vec::new()).await.unwrap();
    assert_eq!(said, json!(["refused", "refused", "refused"]));
    assert_eq!(window.script("return location.origin + location.pathname").await, json!("tauri://localhost/"));
    assert_eq!(window.script("return typeof window.__TAURI__").await, json!("undefined"));
    window.sees("What would you like to finish?").await;
    trap.assert_untouched().await;
}

/// Commands of the shell that the capability does not name.
const CORE_COMMANDS: &str = "
    const done = arguments[arguments.length - 1];
    const tries = [['plugin:event|emit', { event: 'view', payload: null }], ['plugin:window|close', {}], ['plugin:path|resolve_directory', { directory: 1 }]];
    Promise.all(tries.map(([name, args]) =>
        window.__TAURI_INTERNALS__.invoke(name, args).then(() => 'allowed', () => 'refused'))).then(done)";
