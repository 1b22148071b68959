//! The desktop's text twice as large, as a setting tells GTK or, here, a variable: WebKit draws the whole page so, and nothing
//! of it is cut or covered.

use crate::morning::{Morning, from};
use crate::window::Window;
use serde_json::json;
use tidegate_testkit::Session;
use tidegate_tests_process::Stand;

/// Of these there are pictures.
const SHOWN: [(&str, u32); 3] = [("held", 900), ("now", 360), ("settings", 360)];

#[tokio::test]
async fn nothing_is_cut_or_covered_where_text_is_twice_as_large() {
    let session = Session::start().await;
    session.set("GDK_DPI_SCALE", "2");
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let _morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session).await;
    for (width, height) in [(900, 700), (360, 640)] {
        window.client.set_window_size(width, height).await.unwrap();
        window.until("the size", &format!("return innerWidth === {}", width / 2)).await;
        for view in ["now", "held", "settings"] {
            window.shows(view).await;
            assert_eq!(window.script(SPOILT).await, json!([]), "{view} at {width} × {height}");
            assert_eq!(window.script(SIDEWAYS).await, json!([]), "{view} at {width} × {height}");
            if SHOWN.contains(&(view, width)) {
                window.looks_as(&stand.session, &format!("{view}-{width}-large")).await;
            }
        }
        window.shows("held").await;
        window.key("z").await;
        window.find("//dialog[@open]").await;
        assert_eq!(window.script(SIDEWAYS).await, json!([]), "a dialog at {width} × {height}");
        if width == 360 {
            window.looks_as(&stand.session, "snooze-360-large").await;
        }
        window.key("\u{e00c}").await;
        window.until("it is closed", "return !document.querySelector('dialog')").await;
    }
}

#[tokio::test]
async fn an_app_s_buttons_are_behind_one_where_there_is_room_for_one_only() {
    let session = Session::start().await;
    session.set("GDK_DPI_SCALE", "2");
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let morning = Morning::comes(&stand).await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "#platform", "The note is out")).await;
    let window = Window::open(&stand.session).await;
    window.client.set_window_size(360, 640).await.unwrap();
    window.shows("held").await;
    window.has_rows(5).await;
    window.key("j").await;
    window.find("//*[@role='option'][@aria-selected='true'][contains(., '#standup')]").await;
    window.has_focus("element.role === 'listbox'").await;
    window.types("\u{e008}\u{e004}").await;
    window.has_focus("element.textContent.trim() === 'All…'").await;
    assert_eq!(window.script(SPOILT).await, json!([]));
    window.looks_as(&stand.session, "heading-360-large").await;
    window.types("\u{e007}").await;
    window.find("//dialog[@open]//h2[.='All 2 from Element']").await;
    window.looks_as(&stand.session, "heading-asking-360-large").await;
    window.has_focus("element.textContent.trim() === 'Later'").await;
    window.types("\u{e007}").await;
    stand.wait_view("the app put off", |view| view.later == 2).await;
    window.has_focus("element.role === 'listbox'").await;
}

/// What makes a page, or a part of it, wider than it is.
const SIDEWAYS: &str = "
    const isWider = element => element.scrollWidth > element.clientWidth && element.clientWidth > 0;
    const wide = [document.querySelector('main'), ...document.querySelectorAll('main .pane, main .scroller, dialog[open]')].filter(isWider);
    const widest = outer => [...outer.querySelectorAll('*:not(.unseen)')].filter(isWider);
    return wide.flatMap(outer => [outer, ...widest(outer)]).map(element => element.outerHTML.slice(0, 160))";

/// What is cut, outside of the window, squashed or covered by something else; what is shortened says so by an ellipsis.
const SPOILT: &str = "
    const style = element => getComputedStyle(element);
    const box = element => element.getBoundingClientRect();
    const isSeen = element => box(element).width > 1 && box(element).height > 1
        && style(element).visibility !== 'hidden' && style(element).opacity !== '0' && !element.closest('.unseen');
    const isCut = element => {
        const { overflowX, overflowY, textOverflow, webkitLineClamp } = style(element);
        const isWider = element.scrollWidth > element.clientWidth + 1 && overflowX === 'hidden' && textOverflow !== 'ellipsis';
        const isHigher = element.scrollHeight > element.clientHeight + 1 && overflowY === 'hidden' && webkitLineClamp === 'none';
        return element.clientWidth > 0 && (isWider || isHigher);
    };
    const isShortened = element => element !== document.body
        && (style(element.parentElement).textOverflow === 'ellipsis' || isShortened(element.parentElement));
    const isOutside = element => (box(element).left < -1 || box(element).right > innerWidth + 1) && !isShortened(element);
    const isSquashed = element => {
        const { width, height } = element.viewBox?.baseVal ?? {};
        const isDrawn = element.tagName === 'svg' && width && element.getAttribute('preserveAspectRatio') !== 'none';
        return isDrawn && Math.abs(box(element).width / box(element).height - width / height) > 0.05;
    };
    const isCovered = element => {
        if (!element.matches('button, a, select, input:not([type=radio])')) return false;
        const { left, top, width, height } = box(element);
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        const isScrolledAway = top < 0 || top + height > innerHeight || !there;
        return !isScrolledAway && !element.contains(there) && !there.contains(element);
    };
    const isSpoilt = element => [isCut, isOutside, isSquashed, isCovered].find(how => how(element));
    const said = element => `${isSpoilt(element).name}: ${element.outerHTML.slice(0, 160)}`;
    return [...document.querySelectorAll('#app *')].filter(isSeen).filter(isSpoilt).map(said)";
