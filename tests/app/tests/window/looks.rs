//! How the window looks, to eyes and to those who do without: pictures of every view, axe without a finding, light and
//! dark as the desktop says, and no size at which something is lost.

use crate::morning::{Morning, from};
use crate::opener::{gate_open, in_front_of, morning};
use crate::portal::Scheme;
use crate::window::Window;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tidegate_testkit::{DEADLINE, within};
use tidegate_tests_process::Stand;

impl Window {
    /// Goes to a view, which is then as in its committed pictures.
    async fn looks_at(&self, stand: &Stand, view: &str, state: &str) {
        self.shows(view).await;
        self.looks_as(&stand.session, state).await;
    }

    /// Panics with what axe finds wrong. In dark only the colours can be wrong that are right in light.
    pub(crate) async fn is_accessible(&self, state: &str, scheme: Scheme) {
        let rules = match scheme {
            Scheme::Light => "",
            Scheme::Dark => "{ runOnly: { type: 'rule', values: ['color-contrast'] } }",
        };
        assert_eq!(findings(self, rules).await, Vec::<String>::new(), "{state} in {scheme:?}");
    }
}

#[tokio::test]
async fn every_view_before_and_during_a_block_is_as_it_should_be() {
    let (stand, window) = gate_open().await;
    window.looks_at(&stand, "now", "open").await;
    window.looks_at(&stand, "held", "open-empty").await;
    stand.hold().await;
    window.sees("Nobody has tried to interrupt you").await;
    window.looks_at(&stand, "held", "block-empty").await;
    let _morning = Morning::comes(&stand).await;
    window.has_rows(4).await;
    window.looks_at(&stand, "held", "held").await;
    window.press("Done").await;
    window.button("Undo").await;
    window.looks_at(&stand, "held", "undo").await;
    window.each_panel_counts(&stand.session, "undo").await;
    window.press("Undo").await;
    window.has_rows(4).await;
    for (all, state) in [("Mark all done", "asking"), ("Release all", "asking-release")] {
        window.press(all).await;
        window.find("//dialog[@open]").await;
        window.looks_at(&stand, "held", state).await;
        window.find("//dialog[@open]//button[.='Cancel']").await.click().await.unwrap();
    }
    window.looks_at(&stand, "now", "block").await;
}

#[tokio::test]
async fn every_view_of_a_check_in_that_is_ready_and_of_a_full_disk_is_as_it_should_be() {
    let stand = Stand::start().await;
    stand.hold().await;
    let morning = Morning::comes(&stand).await;
    let (mut stand, window) = in_front_of(stand).await;
    stand.advance(Duration::from_secs(150 * 60)).await;
    window.sees("check-in ready").await;
    window.looks_at(&stand, "now", "ready-now").await;
    window.looks_at(&stand, "held", "ready").await;
    stand.fill_disk().await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Maya", "This one passes")).await;
    window.sees("The store cannot be written").await;
    window.sees("What is held cannot be shown now").await;
    window.looks_at(&stand, "held", "trouble").await;
    window.each_panel_counts(&stand.session, "trouble").await;
    window.looks_at(&stand, "now", "trouble-now").await;
}

/// What axe finds wrong, one line each.
async fn findings(window: &Window, rules: &str) -> Vec<String> {
    if window.script("return typeof axe === 'undefined'").await == true {
        window.script(&axe()).await;
    }
    let run = format!("axe.run({rules}).then(arguments[arguments.length - 1])");
    let report = within(DEADLINE, "axe", window.client.execute_async(&run, Vec::new())).await.unwrap();
    let violations = report["violations"].as_array().cloned().unwrap_or_else(|| panic!("axe said {report}"));
    violations.iter().map(line).collect()
}

fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).expect("axe-core is installed with the page's packages: npm ci in ui/")
}

fn line(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let places = nodes.map(|node| format!("\n    {}: {}", node["html"], node["failureSummary"]));
    format!("{}: {}{}", violation["id"], violation["help"], places.collect::<String>())
}

#[tokio::test]
async fn light_and_dark_follow_the_desktop_while_the_window_is_open() {
    let (_stand, window) = gate_open().await;
    let ground = async |colour: &str| {
        let is_it = format!("return getComputedStyle(document.body).backgroundColor === '{colour}'");
        window.until(colour, &is_it).await;
    };
    ground("rgb(245, 243, 238)").await;
    window.set_scheme(Scheme::Dark).await;
    ground("rgb(14, 22, 26)").await;
    window.set_scheme(Scheme::Light).await;
    ground("rgb(245, 243, 238)").await;
}

#[tokio::test]
async fn nothing_is_lost_in_a_small_window() {
    let (stand, _morning, window) = morning().await;
    for (width, height) in [(900, 600), (640, 600), (360, 420)] {
        window.client.set_window_size(width, height).await.unwrap();
        window.until("the size", &format!("return innerWidth <= {width}")).await;
        for view in ["now", "held"] {
            window.looks_at(&stand, view, &format!("{view}-{width}")).await;
            window
                .until("no sideways scrolling", "return document.querySelector('main').scrollWidth <= innerWidth")
                .await;
            assert_eq!(window.script(CUT_OFF).await, json!([]), "{view} at {width}");
        }
        if width < 760 {
            the_chosen_one_has_a_page_of_its_own(&stand, &window, width).await;
        }
    }
}

#[tokio::test]
async fn an_intention_from_right_to_left_stays_beside_its_clock() {
    let (stand, window) = gate_open().await;
    let intention = window.find("//input[@aria-label='Intention']").await;
    intention.send_keys("לסיים את תוכנית ההגירה\u{e007}").await.unwrap();
    stand.wait_view("a block", |view| view.block.is_some()).await;
    window.find("//h2[contains(., 'לסיים')]").await;
    assert_eq!(window.script(BESIDE_ITS_CLOCK).await, json!(true));
}

/// Whether the words, not their box, begin where the clock does.
const BESIDE_ITS_CLOCK: &str = "
    const words = document.createRange();
    words.selectNodeContents(document.querySelector('#block'));
    return words.getBoundingClientRect().left - document.querySelector('[role=timer]').getBoundingClientRect().left < 8";

async fn the_chosen_one_has_a_page_of_its_own(stand: &Stand, window: &Window, width: u32) {
    window.find("//*[@role='option'][contains(., 'Review requested')]").await.click().await.unwrap();
    window.find("//h3[contains(., 'Review requested')]").await;
    window.button("View pull request").await;
    window.looks_as(&stand.session, &format!("chosen-{width}")).await;
    assert_eq!(window.script(CUT_OFF).await, json!([]), "the chosen one at {width}");
    window.key(ESCAPE).await;
    let in_the_list = "return document.activeElement?.role === 'listbox' && document.activeElement.checkVisibility()";
    window.until("the way back to the list", in_the_list).await;
    window.key(HOME).await;
    window.find("//*[@role='option'][@aria-selected='true'][contains(., 'Build 5812')]").await;
}

#[tokio::test]
async fn at_twice_the_size_every_drawn_icon_is_whole() {
    let (_stand, _morning, window) = morning().await;
    let width = window.script("return innerWidth").await.as_f64().unwrap();
    for _ in 0..5 {
        window.key(&format!("{CTRL}+")).await;
    }
    window.until("twice the size", &format!("return Math.abs(2 * innerWidth - {width}) < 3")).await;
    for view in ["now", "held"] {
        window.shows(view).await;
        assert_eq!(window.script(SQUEEZED).await, json!([]), "{view}");
        assert_eq!(window.script(CUT_OFF).await, json!([]), "{view}");
    }
}

const CTRL: char = '\u{e009}';
const ESCAPE: &str = "\u{e00c}";
const HOME: &str = "\u{e011}";

/// Icons that are not as wide as they are high, or not wholly inside what holds them.
const SQUEEZED: &str = "
    return [...document.querySelectorAll('nav svg, button svg, [role=search] svg, .icon')].filter(icon => {
        const [own, around] = [icon, icon.parentElement].map(element => element.getBoundingClientRect());
        return Math.abs(own.width - own.height) > 0.5 || own.width < 10 || own.height > around.height + 0.5;
    }).map(icon => icon.outerHTML)";

/// Buttons that cannot be brought into view by scrolling up and down.
const CUT_OFF: &str = "
    const cutOff = [...document.querySelectorAll('button')].filter(button => {
        if (button.closest('dialog:not([open])') || button.offsetParent === null) return false;
        button.scrollIntoView();
        const { left, right, width } = button.getBoundingClientRect();
        return width === 0 || left < 0 || right > innerWidth;
    }).map(button => button.textContent);
    for (const scrolled of document.querySelectorAll('main, .scroller, .pane')) scrolled.scrollTop = 0;
    return cutOff";
