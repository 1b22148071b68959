//! How the window looks, to eyes and to those who do without: pictures of every view, axe without a finding, light and
//! dark as the desktop says, and no size at which something is lost.

use crate::daemon::{Books, Daemon};
use crate::portal::Scheme;
use crate::sample::{morning, now};
use crate::window::Window;
use serde_json::{Value, json};
use std::path::Path;
use tidegate_contract::{BlockView, EndsWhen, LetThrough, Trouble};

/// A name, the view to look at, and what leads there.
type State = (&'static str, &'static str, fn(&mut Books));

/// Every state that looks different.
const STATES: &[State] = &[
    ("open", "now", |_| {}),
    ("open-empty", "held", |books| books.items.clear()),
    ("block", "now", in_a_block),
    ("held", "held", in_a_block),
    ("ready", "held", |books| books.ready = true),
    ("trouble", "held", with_troubles),
];

fn in_a_block(books: &mut Books) {
    books.items = morning();
    let started = now() - 600_000;
    let ends = EndsWhen::At { at: now() + 2_400_000 };
    books.block = Some(BlockView { intention: Some("Draft the migration plan".into()), started, ends });
    let why = "safe list: power".into();
    books.let_through =
        vec![LetThrough { id: 9, app: "UPower".into(), summary: "Battery at 9 %".into(), at: now(), why }];
}

fn with_troubles(books: &mut Books) {
    books.lost = 2;
    let text = "The disk is full. The gate passes everything through.".into();
    books.troubles = vec![Trouble { code: "store".into(), text, remedy: "Free some space.".into() }];
}

#[tokio::test]
async fn every_view_is_accessible_in_light() {
    every_view_is_accessible(Scheme::Light, "light").await;
}

#[tokio::test]
async fn every_view_is_accessible_in_dark() {
    every_view_is_accessible(Scheme::Dark, "dark").await;
}

async fn every_view_is_accessible(scheme: Scheme, name: &str) {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), scheme).await;
    let dark = json!(scheme == Scheme::Dark);
    window
        .until("the desktop's scheme", &format!("return matchMedia('(prefers-color-scheme: dark)').matches === {dark}"))
        .await;
    for (state, route, change) in STATES {
        daemon.change(change).await;
        window.script(&format!("location.hash = '{route}'")).await;
        window.until("the view", &shows(route)).await;
        window.is_accessible(&format!("{state}-{name}")).await;
    }
    daemon.change(|books| books.items.retain(|item| !item.live)).await;
    window.button("App gone: open it").await;
    window.is_accessible(&format!("app-gone-{name}")).await;
    daemon.change(|books| books.items = morning()).await;
    window.press("Done").await;
    window.button("Undo").await;
    window.is_accessible(&format!("undo-{name}")).await;
    window.press("Done with all").await;
    window.find("//dialog[@open]").await;
    window.is_accessible(&format!("asking-{name}")).await;
}

impl Window {
    /// Takes a picture, and panics with what axe finds wrong.
    async fn is_accessible(&self, state: &str) {
        self.picture(state).await;
        assert_eq!(findings(self).await, Vec::<String>::new(), "{state}");
    }
}

/// True once the view of this route stands, with its list and its chosen one where there are any.
fn shows(route: &str) -> String {
    match route {
        "held" => "
            const empty = [...document.querySelectorAll('h3')].some(h => h.textContent === 'Nothing is held');
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
    let daemon = Daemon::holding(Vec::new());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.until("light", "return getComputedStyle(document.body).backgroundColor === 'rgb(245, 243, 238)'").await;
    window.set_scheme(Scheme::Dark).await;
    window.until("dark", "return getComputedStyle(document.body).backgroundColor === 'rgb(14, 22, 26)'").await;
    window.set_scheme(Scheme::Light).await;
    window.until("light", "return getComputedStyle(document.body).backgroundColor === 'rgb(245, 243, 238)'").await;
}

#[tokio::test]
async fn nothing_is_lost_in_a_small_window() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    daemon.change(in_a_block).await;
    for (width, height) in [(900, 600), (640, 600)] {
        window.client.set_window_size(width, height).await.unwrap();
        window.until("the size", &format!("return innerWidth <= {width}")).await;
        for route in ["now", "held"] {
            window.script(&format!("location.hash = '{route}'")).await;
            window.until("the view", &shows(route)).await;
            window
                .until("no sideways scrolling", "return document.querySelector('main').scrollWidth <= innerWidth")
                .await;
            window.picture(&format!("{route}-{width}")).await;
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
