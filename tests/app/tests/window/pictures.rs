//! The pictures that the page shows: by its own scheme, from the daemon, and from nowhere else.

use crate::window::Window;
use serde_json::json;
use std::fs;
use tidegate_testkit::{ImageData, Notification};
use tidegate_tests_process::Stand;

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='9' height='9'/></svg>";

/// What becomes of a picture: its width, or that there is none.
async fn loaded(window: &Window, url: &str) -> String {
    let load = format!(
        "const image = new Image(); window.became = null; image.onerror = () => window.became = 'none';
        image.onload = () => window.became = String(image.naturalWidth); image.src = {}",
        json!(url)
    );
    window.script(&load).await;
    window.until(url, "return window.became !== null").await;
    window.script("return window.became").await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn rows_and_apps_have_pictures_and_nothing_else_has() {
    let stand = Stand::holding().await;
    let data = stand.session.home().join(".local/share");
    fs::create_dir_all(data.join("applications")).unwrap();
    let icon = data.join("chat.svg");
    fs::write(&icon, SVG).unwrap();
    let entry = format!("[Desktop Entry]\nType=Application\nName=Chat\nExec=chat\nIcon={}\n", icon.display());
    fs::write(data.join("applications/org.example.Chat.desktop"), entry).unwrap();
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one").image("image-data", ImageData::grey(320, 160))).await;
    let plain = app.notify(&Notification::new("two")).await;
    let (row, plain) = (stand.detail(id).await.item.seq, stand.detail(plain).await.item.seq);
    let window = Window::open(&stand.session).await;
    assert_eq!(loaded(&window, &format!("picture://localhost/row/{row}?size=64")).await, "64");
    assert_eq!(loaded(&window, &format!("picture://localhost/row/{row}?size=512")).await, "320");
    assert_eq!(loaded(&window, "picture://localhost/app/org.example.Chat?size=64").await, "40");
    for url in [
        &format!("picture://localhost/row/{plain}?size=64"),
        "picture://localhost/app/org.example.Unknown?size=64",
        "picture://localhost/row/999999?size=64",
        "picture://localhost/row/1?size=9999",
        "picture://localhost/file/etc/passwd?size=64",
        &format!("picture://localhost/app/{}?size=64", icon.display()),
        &format!("file://{}", icon.display()),
    ] {
        assert_eq!(loaded(&window, url).await, "none", "{url}");
    }
}

#[tokio::test]
async fn a_picture_larger_than_an_icon_can_be_looked_at_and_an_address_says_where_it_leads() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let text = "See https://forge.example/reviews/214, please.";
    app.notify(&Notification::new("one").body(text).image("image-data", ImageData::grey(320, 160))).await;
    app.notify(&Notification::new("two").image("image-data", ImageData::grey(48, 48))).await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.find("//li[contains(., 'Leads to forge.example')]//button[contains(., 'Copy address')]").await;
    window.find("//button[@aria-label='Look at its picture'][not(@disabled)]").await.click().await.unwrap();
    let width = "return document.querySelector('dialog[open] img')?.naturalWidth";
    window.until("the whole picture", &format!("{width} === 320")).await;
    window.looks_as(&stand.session, "picture").await;
    window.find("//dialog[@open]//button[.='Close']").await.click().await.unwrap();
    window.key("j").await;
    window.find("//h3[contains(., 'two')]").await;
    let icons = "return [...document.querySelectorAll('.icon img')].filter(icon => icon.naturalWidth).length === 2";
    window.until("both icons", icons).await;
    window.find("//button[@aria-label='Look at its picture'][@disabled]").await;
}

#[tokio::test]
async fn a_script_inside_the_page_cannot_read_a_picture() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one").image("image-data", ImageData::grey(8, 8))).await;
    let row = stand.detail(id).await.item.seq;
    let window = Window::open(&stand.session).await;
    let url = format!("picture://localhost/row/{row}?size=64");
    assert_eq!(loaded(&window, &url).await, "8");
    let read = format!(
        "window.read = null; fetch({}).then(() => window.read = 'read', () => window.read = 'refused')",
        json!(url)
    );
    window.script(&read).await;
    window.until("an end of the attempt", "return window.read !== null").await;
    assert_eq!(window.script("return window.read").await, json!("refused"));
}
