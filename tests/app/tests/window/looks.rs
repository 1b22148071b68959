//! How the window looks, to eyes and to those who do without: pictures of every view, axe without a finding, light and
//! dark as the desktop says, and no size at which something is lost.

use crate::morning::{Morning, from};
use crate::portal::Scheme;
use crate::window::Window;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tidegate_tests_process::Stand;

#[tokio::test]
async fn every_view_is_accessible_in_light() {
    every_view_is_accessible(Scheme::Light, "light").await;
}

#[tokio::test]
async fn every_view_is_accessible_in_dark() {
    every_view_is_accessible(Scheme::Dark, "dark").await;
}

/// Every state that looks different, one after the other as a day brings them.
async fn every_view_is_accessible(scheme: Scheme, name: &str) {
    let mut stand = Stand::on_a_finite_disk().await;
    let window = Window::open(&stand.session, scheme).await;
    window.set_scheme(scheme).await;
    let look = async |stand: &Stand, state: &str, view: &str| {
        window.go_to(view).await;
        window.until("the view", &shows(view)).await;
        window.is_accessible(stand, &format!("{state}-{name}")).await;
    };
    look(&stand, "open", "now").await;
    look(&stand, "open-empty", "held").await;
    stand.hold().await;
    window.sees("Nobody has tried to interrupt you").await;
    let morning = Morning::comes(&stand).await;
    window.has_rows(4).await;
    look(&stand, "held", "held").await;
    window.press("Done").await;
    window.button("Undo").await;
    look(&stand, "undo", "held").await;
    window.press("Undo").await;
    window.has_rows(4).await;
    window.press("Done with all").await;
    window.find("//dialog[@open]").await;
    look(&stand, "asking", "held").await;
    window.find("//dialog[@open]//button[.='Cancel']").await.click().await.unwrap();
    look(&stand, "block", "now").await;
    stand.advance(Duration::from_secs(150 * 60)).await;
    window.sees("check-in ready").await;
    look(&stand, "ready-now", "now").await;
    look(&stand, "ready", "held").await;
    stand.fill_disk().await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Maya", "This one passes")).await;
    window.sees("The store cannot be written").await;
    window.sees("What is held cannot be shown now").await;
    look(&stand, "trouble", "held").await;
    look(&stand, "trouble-now", "now").await;
}

impl Window {
    /// Takes a picture, and panics with what axe finds wrong.
    pub(crate) async fn is_accessible(&self, stand: &Stand, state: &str) {
        self.picture(&stand.session, state).await;
        assert_eq!(findings(self).await, Vec::<String>::new(), "{state}");
    }
}

/// True once the view of this route stands, with its list and its chosen one where there are any.
fn shows(route: &str) -> String {
    match route {
        "held" => "
            const empty = !!document.querySelector('.empty');
            return empty || (!!document.querySelector('[aria-selected=true]') && !!document.querySelector('.why'))"
            .to_owned(),
        _ => "return !!document.querySelector('#composer, #block')".to_owned(),
    }
}

/// What axe finds wrong, one line each.
async fn findings(window: &Window) -> Vec<String> {
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&axe).expect("axe-core is installed with the page's packages: npm ci in ui/");
    window.script(&axe).await;
    let run = "axe.run().then(arguments[arguments.length - 1])";
    let report = window.client.execute_async(run, Vec::new()).await.unwrap();
    let violations = report["violations"].as_array().cloned().unwrap_or_else(|| panic!("axe said {report}"));
    violations.iter().map(line).collect()
}

fn line(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let places = nodes.map(|node| format!("\n    {}: {}", node["html"], node["failureSummary"]));
    format!("{}: {}{}", violation["id"], violation["help"], places.collect::<String>())
}

#[tokio::test]
async fn light_and_dark_follow_the_desktop_while_the_window_is_open() {
    let stand = Stand::start().await;
    let window = Window::open(&stand.session, Scheme::Light).await;
    window.until("light", "return getComputedStyle(document.body).backgroundColor === 'rgb(245, 243, 238)'").await;
    window.set_scheme(Scheme::Dark).await;
    window.until("dark", "return getComputedStyle(document.body).backgroundColor === 'rgb(14, 22, 26)'").await;
    window.set_scheme(Scheme::Light).await;
    window.until("light", "return getComputedStyle(document.body).backgroundColor === 'rgb(245, 243, 238)'").await;
}

#[tokio::test]
async fn nothing_is_lost_in_a_small_window() {
    let stand = Stand::holding().await;
    let _morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session, Scheme::Light).await;
    for (width, height) in [(900, 600), (640, 600)] {
        window.client.set_window_size(width, height).await.unwrap();
        window.until("the size", &format!("return innerWidth <= {width}")).await;
        for route in ["now", "held"] {
            window.go_to(route).await;
            window.until("the view", &shows(route)).await;
            window
                .until("no sideways scrolling", "return document.querySelector('main').scrollWidth <= innerWidth")
                .await;
            window.picture(&stand.session, &format!("{route}-{width}")).await;
            assert_eq!(window.script(CUT_OFF).await, json!([]), "{route} at {width}");
        }
    }
}

/// Buttons that cannot be brought into view by scrolling up and down.
const CUT_OFF: &str = "
    return [...document.querySelectorAll('button')].filter(button => {
        if (button.closest('dialog:not([open])')) return false;
        button.scrollIntoView();
        const { left, right, width } = button.getBoundingClientRect();
        return width === 0 || left < 0 || right > innerWidth;
    }).map(button => button.textContent)";
