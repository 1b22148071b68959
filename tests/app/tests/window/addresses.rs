//! Addresses in a text: opened by choice, by what the desktop has for them, and nothing else is opened whatever the page asks.

use crate::morning::from;
use crate::window::Window;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tidegate_contract::Item;
use tidegate_testkit::Session;
use tidegate_tests_process::Stand;

/// A browser that says by a notification what it was started with, and by which token.
const BROWSER: &str = "#!/bin/sh\nexec notify-send --app-name=Browser -- \"$1\" \"$DESKTOP_STARTUP_ID\"\n";

/// A session in which it opens addresses of the web.
async fn with_browser() -> Session {
    let session = Session::start().await;
    let program = session.join("browser");
    fs::write(&program, BROWSER).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let applications = session.data_home().join("applications");
    fs::create_dir_all(&applications).unwrap();
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\nStartupNotify=true\n\
         MimeType=x-scheme-handler/https;\n",
        program.display()
    );
    fs::write(applications.join("browser.desktop"), entry).unwrap();
    let defaults = "[Default Applications]\nx-scheme-handler/https=browser.desktop\n";
    fs::write(session.config_home().join("mimeapps.list"), defaults).unwrap();
    session
}

/// The chosen one's text has an address.
async fn shows_an_address(session: Session) -> (Stand, Window) {
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let text = "The draft is at https://example.org/a?b=1#c, the old one at http://example.net/.";
    stand.app().await.notify(&from("Element", "im.riot.Riot", "Maya", text)).await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    (stand, window)
}

async fn opened(stand: &Stand) -> Vec<Item> {
    stand.held().await.into_iter().filter(|item| item.app == "Browser").collect()
}

#[tokio::test]
async fn an_address_is_opened_in_the_browser_with_the_presss_token() {
    let (stand, window) = shows_an_address(with_browser().await).await;
    window.button("Open in browser: example.net").await;
    window.looks_as(&stand.session, "addresses").await;
    window.press("Open in browser: example.org").await;
    window.sees("Opening example.org").await;
    stand.wait_view("what the browser was started with", |view| view.held == 2).await;
    let [opened] = opened(&stand).await.try_into().unwrap();
    assert_eq!(opened.summary, "https://example.org/a?b=1#c");
    assert!(opened.body.contains("_TIME"), "no token of the display: {:?}", opened.body);
}

#[tokio::test]
async fn nothing_but_the_web_and_mail_is_opened_even_for_a_script_inside_the_page() {
    let (stand, window) = shows_an_address(with_browser().await).await;
    let long = format!("https://example.org/{}", "a".repeat(100_000));
    for address in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://example.org/\nx",
        "--help",
        "mailto:a@b.c?attach=x",
        &long,
    ] {
        assert_eq!(ask_to_open(&window, address).await, json!("invalid"), "{address:.80}");
    }
    assert_eq!(ask_to_open(&window, "https://example.org/").await, json!("opened"));
    stand.wait_view("what the browser was started with", |view| view.held == 2).await;
    assert_eq!(opened(&stand).await.len(), 1);
}

async fn ask_to_open(window: &Window, address: &str) -> serde_json::Value {
    window.client.execute_async(ASK_TO_OPEN, vec![json!(address)]).await.unwrap()
}

const ASK_TO_OPEN: &str = "
    const [address, done] = arguments;
    window.__TAURI_INTERNALS__.invoke('open_address', { address }).then(() => done('opened'), ({ code }) => done(code))";
