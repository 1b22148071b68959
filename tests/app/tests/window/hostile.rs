//! Notification text is only ever text: whatever it says, nothing is run, loaded or left.

use crate::daemon::Daemon;
use crate::portal::Scheme;
use crate::sample::{action, item};
use crate::trap::Trap;
use crate::window::Window;
use serde_json::json;
use tidegate_contract::{Item, Request, Trouble};

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

fn hostile(trap: &Trap) -> Vec<Item> {
    let mut items: Vec<Item> = (1..).zip(attacks(trap)).map(|(id, text)| everywhere(id, &text)).collect();
    items.push(item(50, "Huge", &"W".repeat(200_000), &"word ".repeat(100_000)));
    items.push(item(51, "\u{202e}Backwards", "\u{202e}evitcani", "שלום עולם, مرحبا \u{2067}abc"));
    items.push(item(52, "Marks", &format!("Z{}", "\u{0301}\u{0323}".repeat(2_000)), "👩‍👩‍👧‍👦".repeat(3_000).as_str()));
    items.push(item(53, "", "", ""));
    items
}

/// The text in each place that an app can fill.
fn everywhere(id: u32, text: &str) -> Item {
    let mut item = item(id, text, text, text);
    item.app_id = text.into();
    item.actions = vec![action(text, text)];
    item.inline_reply = Some(text.into());
    item
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let trap = Trap::set().await;
    let daemon = Daemon::holding(hostile(&trap));
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    let text = attacks(&trap).join(" ");
    daemon.change(|books| books.troubles = vec![Trouble { code: "x".into(), text: text.clone(), remedy: text }]).await;
    window.script("location.hash = 'held'").await;
    for attack in attacks(&trap) {
        // The title and the body hold it as it came, letter by letter.
        let shown = format!("return document.querySelector('h3.outside')?.textContent === {}", json!(attack));
        window.until("the attack as text", &shown).await;
        window.key("j").await;
    }
    window.picture("hostile").await;
    window.until("nothing wider than the window, and both panes there", NOT_WIDER).await;
    for title in ["WWWW", "evitcani", "Z"] {
        window.find(&format!("//h3[contains(@class, 'outside')][contains(., '{title}')]")).await;
        window.until("nothing wider than the window, and both panes there", NOT_WIDER).await;
        window.picture(&format!("hostile-{title}")).await;
        window.key("j").await;
    }
    assert_eq!(window.script(FOREIGN_ELEMENTS).await, json!(0));
    trap.assert_untouched().await;
}

const NOT_WIDER: &str = "
    const inside = element => element.scrollWidth <= element.clientWidth;
    return inside(document.documentElement) && inside(document.querySelector('main'))
        && [...document.querySelectorAll('.pane')].every(pane => inside(pane) && pane.clientHeight > 200)";

const FOREIGN_ELEMENTS: &str = "
    return document.querySelectorAll('#app :is(script, img, iframe, link, meta, style, use, [onerror], [onload], form[action])').length";

#[tokio::test]
async fn hostile_revisions_and_buttons_stay_text_and_go_back_byte_exact() {
    let trap = Trap::set().await;
    let key = format!("app.x::\u{202e}<script>fetch('{}')</script>\"' ", trap.url("key"));
    let mut edited = item(1, "App", "Edited", "");
    edited.edited = 2;
    edited.actions = vec![action(&key, "<b>Bold</b>")];
    let daemon = Daemon::holding(vec![edited]);
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.script("location.hash = 'held'").await;
    window.press("<b>Bold</b>").await;
    assert_eq!(daemon.asked().await, Request::Act { id: 1, action: Some(key) });
    trap.assert_untouched().await;
}

/// As if text had become script after all: the page's policy and the shell still keep it in.
#[tokio::test]
async fn even_a_script_inside_the_page_gets_nowhere() {
    let trap = Trap::set().await;
    let daemon = Daemon::holding(Vec::new());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
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
