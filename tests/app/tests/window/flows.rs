//! The ordinary ways through the window: a block, the list, buttons, a reply, done and undo, by mouse and by keyboard. What
//! is pressed must reach the app that waits for it.

use crate::morning::{Morning, from, next_answer};
use crate::opener::{gate_closed, gate_open, morning, morning_listed};
use crate::window::{WINDOW_NAME, Window};
use std::time::Duration;
use tidegate_contract::{EndsWhen, ItemState};
use tidegate_testkit::{DEADLINE, Session, Signal, wait_no_owner};
use tidegate_tests_process::{MONDAY_NINE, Stand, program};

const CTRL: char = '\u{e009}';
const TAB: &str = "\u{e004}";
const RIGHT: &str = "\u{e014}";
const MINUTE: i64 = 60_000;
const HALF_PAST_ELEVEN: i64 = MONDAY_NINE + 150 * MINUTE;
const TWO: i64 = MONDAY_NINE + 300 * MINUTE;
/// How long *done* can be taken back.
const UNDO: Duration = Duration::from_secs(30);
/// How far apart the gate gives what it releases to the renderer.
const PAUSE: Duration = Duration::from_millis(250);

#[tokio::test]
async fn a_block_is_started_extended_and_ended() {
    let (stand, window) = gate_open().await;
    let intention = window.find("//input[@aria-label='Intention']").await;
    intention.send_keys("Draft the migration plan").await.unwrap();
    window.find("//label[contains(., '25 min')]").await.click().await.unwrap();
    window.press("Close the gate").await;
    let view = stand.wait_view("a block", |view| view.block.is_some()).await;
    let block = view.block.unwrap();
    assert_eq!(block.intention.as_deref(), Some("Draft the migration plan"));
    assert_eq!(block.ends, EndsWhen::At { at: MONDAY_NINE + 25 * MINUTE });
    assert!(view.gate.closed);
    window.find("//h2[.='Draft the migration plan']").await;
    window.sees("Nobody is waiting on you:").await;
    window.sees("Gate closed").await;
    window.until("seconds that run", TIME_RUNS).await;
    window.press("Extend by +15 min").await;
    let ends = EndsWhen::At { at: MONDAY_NINE + 40 * MINUTE };
    stand.wait_view("fifteen minutes more", |view| view.block.as_ref().is_some_and(|block| block.ends == ends)).await;
    assert_eq!(stand.view().await.next_check_in, Some(HALF_PAST_ELEVEN));
    window.press("Skip it").await;
    stand.wait_view("the check-in after", |view| view.next_check_in == Some(TWO)).await;
    window.sees("Next check-in 14:00").await;
    window.press("End block").await;
    stand.wait_view("an open gate", |view| !view.gate.closed && view.block.is_none()).await;
    window.sees("Gate open").await;
}

/// True once the time left is another than when this was first asked.
const TIME_RUNS: &str = "
    const time = document.querySelector('[role=timer]')?.textContent;
    window.seen ??= time;
    return time !== undefined && time !== window.seen";

#[tokio::test]
async fn an_open_ended_block_without_an_intention_is_started_from_the_keyboard() {
    let (stand, window) = gate_open().await;
    window.find("//label[contains(., 'Open-ended')]").await.click().await.unwrap();
    window.find("//input[@aria-label='Intention']").await.send_keys("\u{e007}").await.unwrap();
    let view = stand.wait_view("a block", |view| view.block.is_some()).await;
    let block = view.block.unwrap();
    assert_eq!((block.ends, block.intention), (EndsWhen::Open, None));
    window.sees("so far").await;
    window.keep_what_is_said().await;
    window.press("Check in now").await;
    window.sees("Nothing is held").await;
    window.sees("Checked in: nothing is held").await;
    window.looks_wholly_as(&stand.session, "said").await;
}

#[tokio::test]
async fn what_is_held_is_worked_through_by_mouse() {
    let (mut stand, morning, window) = morning().await;
    window.find("//nav//a[contains(., 'Held')]").await.click().await.unwrap();
    window.sees("edited 3×").await;
    window.find("//summary[contains(., '3 earlier texts')]").await.click().await.unwrap();
    window.sees("Build 5811 failed on main").await;
    window.looks_as(&stand.session, "revisions").await;
    window.press("Show log").await;
    assert_eq!(next_answer(&stand, &morning.ci).await, Signal::Action(morning.build, "app.log::r".into()));
    assert_eq!(stand.next_signal(&morning.ci).await, Signal::Closed(morning.build, 2));
    window.has_rows(3).await;
    window.sees("Invoice 2231 is due").await.click().await.unwrap();
    window.sees("The app that sent it has quit").await;
    window.find("//button[@disabled][normalize-space(.)='Open']").await;
    window.sees("It has to be opened by hand").await;
    window.press("Done").await;
    window.has_rows(2).await;
    assert_eq!(stand.detail(morning.invoice).await.item.state, ItemState::Done);
    window.press("Undo").await;
    window.find("//*[@role='option'][@aria-selected='true'][contains(., 'Invoice')]").await;
    assert_eq!(stand.detail(morning.invoice).await.item.state, ItemState::Held);
    window.press("Release to the desktop").await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "Invoice 2231 is due");
    window.has_rows(2).await;
    stand.heed_renderer().await;
    window.press("Undo").await;
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [shown[0].id()]);
    window.has_rows(3).await;
    window.find("//*[@role='option'][@aria-selected='true'][contains(., 'Invoice')]").await;
    window.press("Done").await;
    window.has_rows(2).await;
    stand.advance(UNDO).await;
    window.until("no undo is offered any more", "return !document.querySelector('.undo')").await;
    assert_eq!(stand.heard(&morning.chat).await, []);
}

#[tokio::test]
async fn an_app_that_is_gone_is_opened_from_its_detail_by_mouse_and_by_key() {
    let session = Session::start().await;
    let applications = session.data_home().join("applications");
    std::fs::create_dir_all(&applications).unwrap();
    let entry = "[Desktop Entry]\nType=Application\nName=Thunderbird\nExec=notify-send \"Thunderbird is open\"\n";
    std::fs::write(applications.join("org.mozilla.Thunderbird.desktop"), entry).unwrap();
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let _morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.sees("Invoice 2231 is due").await.click().await.unwrap();
    window.button("App gone: open it").await;
    window.looks_as(&stand.session, "app-gone").await;
    window.press("App gone: open it").await;
    stand.wait_view("a word of the app that was opened", |view| view.held == 5).await;
    window.key("o").await;
    stand.wait_view("a word of the app that was opened again", |view| view.held == 6).await;
    let opened = stand.held().await.into_iter().filter(|item| item.summary == "Thunderbird is open");
    assert_eq!(opened.count(), 2);
}

#[tokio::test]
async fn what_is_held_is_worked_through_by_keyboard() {
    let (stand, mut morning, window) = morning_listed().await;
    window.find("//h3[contains(., 'Build 5812')]").await;
    window.button("Show log").await;
    window.key("o").await;
    assert_eq!(next_answer(&stand, &morning.ci).await, Signal::Action(morning.build, "default".into()));
    window.find("//h3[contains(., '#standup')]").await;
    window.key("j").await;
    window.find("//h3[contains(., 'Invoice')]").await;
    window.key("k").await;
    window.find("//h3[contains(., '#standup')]").await;
    window.find("//input[@aria-label='Reply'][not(@disabled)]").await;
    window.key("r").await;
    window.until("the reply field has the focus", "return document.activeElement?.ariaLabel === 'Reply'").await;
    let reply = window.client.active_element().await.unwrap();
    reply.send_keys("joke: on my way").await.unwrap();
    window.looks_as(&stand.session, "reply").await;
    reply.send_keys("\u{e007}").await.unwrap();
    assert_eq!(stand.next_signal(&morning.chat).await, Signal::Replied(morning.standup, "joke: on my way".into()));
    window.has_rows(2).await;
    window.key("jj").await;
    window.find("//h3[contains(., 'Review requested')]").await;
    window.button("Done").await;
    window.key("e").await;
    window.has_rows(1).await;
    window.button("Undo").await;
    window.key("u").await;
    window.find("//h3[contains(., 'Review requested')]").await;
    window.button("Remind me tomorrow").await;
    window.key("2").await;
    assert_eq!(morning.script.line(DEADLINE).await, "later");
    assert_eq!(morning.script.wait(DEADLINE).await, (0, Vec::new()));
    assert_eq!(stand.detail(morning.review).await.item.state, ItemState::Done);
}

#[tokio::test]
async fn everything_at_once_is_asked_about_first() {
    let (mut stand, _morning, window) = morning_listed().await;
    window.press("Mark all done").await;
    window.find("//dialog[@open]//button[.='Cancel']").await.click().await.unwrap();
    assert_eq!(stand.view().await.held, 4);
    window.press("Mark all done").await;
    window.find("//dialog[@open]//button[.='Mark all done']").await.click().await.unwrap();
    window.sees("Nothing is held").await;
    assert_eq!(stand.ledger().await.done, 4);
    window.press("Undo").await;
    window.has_rows(4).await;
    assert_eq!(stand.ledger().await.done, 0);
    window.press("Release all").await;
    window.find("//dialog[@open]//button[.='Release all']").await.click().await.unwrap();
    for released in 1..=4 {
        stand.renderer.wait_notified(released, DEADLINE).await;
        stand.heed_renderer().await;
        stand.advance(PAUSE).await;
    }
    window.sees("Nothing is held").await;
    assert_eq!(stand.ledger().await.released, 4);
}

#[tokio::test]
async fn a_check_in_is_said_to_be_ready_and_the_block_s_end_hands_over() {
    let (mut stand, window) = gate_open().await;
    window.find("//label[contains(., 'Open-ended')]").await.click().await.unwrap();
    window.press("Close the gate").await;
    stand.wait_view("a block", |view| view.block.is_some()).await;
    let _morning = Morning::comes(&stand).await;
    window.sees("held, from 4 apps").await;
    stand.advance(Duration::from_secs(150 * 60)).await;
    window.sees("check-in ready").await;
    window.sees("everything held is ready for you.").await;
    window.press("Check in now").await;
    window.has_rows(4).await;
    window.until("nothing is due any more", "return !document.querySelector('main .due')").await;
    assert!(stand.renderer.notified().is_empty(), "no digest comes over the window");
}

#[tokio::test]
async fn of_a_long_list_only_what_is_in_sight_is_on_the_page() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for number in 1..=750 {
        app.notify(&from("Flood", "org.example.Flood", &format!("Message {number}."), "")).await;
    }
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.sees("Message 1.").await;
    window.key("\u{e010}").await;
    window.find("//*[@role='option'][@aria-selected='true'][@aria-setsize='750'][contains(., 'Message 750.')]").await;
    window.until("few rows on the page", "return document.querySelectorAll('[role=option]').length < 60").await;
    window.script("document.querySelector('.scroller').scrollTop /= 2").await;
    window.find("//*[@role='option'][contains(., 'Message 37')]").await;
    window.key("\u{e011}").await;
    window.find("//*[@role='option'][@aria-selected='true'][@aria-posinset='1'][contains(., 'Message 1.')]").await;
}

#[tokio::test]
async fn what_is_put_off_waits_apart_until_the_next_check_in() {
    let (stand, morning, window) = morning_listed().await;
    window.find("//h3[contains(@class, 'outside')][contains(., 'Build 5812')]").await;
    window.button("Done").await;
    window.key("l").await;
    stand.wait_view("one put off", |view| view.later == 1).await;
    assert!(stand.detail(morning.build).await.item.later);
    window.sees("Later, by 11:30").await;
    window.has_rows(4).await;
    window.looks_as(&stand.session, "later").await;
    window.key("u").await;
    stand.wait_view("none put off", |view| view.later == 0).await;
    // Until it has moved back, a click on another heading could meet it instead.
    window.until("nothing apart", "return !document.body.textContent.includes('Later, by 11:30')").await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "#platform", "The note is out")).await;
    window.has_rows(5).await;
    window
        .find("//button[not(@disabled)][contains(@aria-label, 'Element')][contains(., 'Later')]")
        .await
        .click()
        .await
        .unwrap();
    stand.wait_view("the app put off", |view| view.later == 2).await;
    assert!(stand.detail(morning.standup).await.item.later);
    window.press("Check in now").await;
    stand.wait_view("all here again", |view| view.later == 0 && view.checking_in).await;
}

#[tokio::test]
async fn one_is_snoozed_by_key_as_it_is_typed_or_by_one_press_and_is_here_again_by_itself() {
    let (mut stand, morning, window) = morning_listed().await;
    window.button("Show log").await;
    window.key("z").await;
    window.find("//dialog[@open]//button[contains(., '1 h')][contains(., 'until 10:00')]").await;
    window.looks_as(&stand.session, "snooze").await;
    let field = window.find("//dialog[@open]//input").await;
    field.send_keys("8:30\u{e007}").await.unwrap();
    window.sees("8:30 is past today: type a later time").await;
    window.looks_as(&stand.session, "snooze-refused").await;
    field.send_keys("\u{e003}\u{e003}\u{e003}\u{e003}45 min\u{e007}").await.unwrap();
    stand.wait_view("one put off", |view| view.later == 1).await;
    assert_eq!(stand.detail(morning.build).await.put_off_until, Some(MONDAY_NINE + 45 * MINUTE));
    window.sees("Later, by 11:30").await;
    let snoozed = "//*[@role='option'][contains(., 'Build 5812')][contains(., 'until 9:45')]";
    window.find(snoozed).await.click().await.unwrap();
    window.sees("put off until 9:45").await;
    window.looks_as(&stand.session, "snoozed").await;
    window.key("u").await;
    stand.wait_view("none put off", |view| view.later == 0).await;
    window.until("it is back", IS_FIRST).await;
    window.press("Snooze").await;
    window.find("//dialog[@open]//button[contains(., '20 min')]").await.click().await.unwrap();
    stand.wait_view("one put off again", |view| view.later == 1).await;
    stand.advance(Duration::from_secs(20 * 60)).await;
    stand.wait_view("it is here again", |view| view.later == 0).await;
    window.until("it is listed so", IS_FIRST).await;
}

/// True once what was put off stands where it stood.
const IS_FIRST: &str = "
    const first = document.querySelector('[role=option][aria-posinset=\"1\"]')?.textContent ?? '';
    return first.includes('Build 5812') && !document.body.textContent.includes('Later, by')";

#[tokio::test]
async fn an_app_s_buttons_are_one_stop_between_the_search_and_the_list() {
    let (stand, morning, window) = morning_listed().await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "#platform", "The note is out")).await;
    morning.ci.notify(&from("Woodpecker", "org.woodpecker-ci.Woodpecker", "Build 5813 failed on main", "")).await;
    window.has_rows(6).await;
    window.key("/").await;
    window.has_focus("element.ariaLabel === 'Search all history'").await;
    window.types(TAB).await;
    window.has_focus("element.ariaLabel === 'Later: all from Woodpecker'").await;
    window.types(TAB).await;
    window.has_focus("element.role === 'listbox'").await;
    window.types("j").await;
    window.types("j").await;
    window.find("//*[@role='option'][@aria-selected='true'][contains(., '#standup')]").await;
    window.types("\u{e008}\u{e004}").await;
    window.has_focus("element.ariaLabel === 'Later: all from Element'").await;
    window.types(RIGHT).await;
    window.has_focus("element.ariaLabel === 'Release all from Element'").await;
    window.types(RIGHT).await;
    window.has_focus("element.ariaLabel === 'Mark all done: from Element'").await;
    window.types("\u{e007}").await;
    stand.wait_view("all of the app done", |view| view.held == 4).await;
    window.has_focus("element.role === 'listbox'").await;
}

#[tokio::test]
async fn a_check_in_asks_where_you_were_and_says_it_again_at_its_end() {
    let (stand, _morning, window) = morning_listed().await;
    window.press("Check in now").await;
    let field = window.find("//input[@id='where-were-you']").await;
    field.send_keys("Page 3, the second table\u{e007}").await.unwrap();
    let at = |place: &str| Some(place.to_owned());
    stand.wait_view("where", |view| view.where_were_you == at("Page 3, the second table")).await;
    window.looks_as(&stand.session, "check-in").await;
    window.each_panel_counts(&stand.session, "check-in").await;
    window.press("Close check-in").await;
    stand.wait_view("it is closed", |view| !view.checking_in).await;
    window.find("//section[contains(., 'You were at')][contains(., 'Page 3, the second table')]").await;
    window.looks_as(&stand.session, "resume").await;
    assert_eq!(stand.view().await.held, 4);
    window.press("End block").await;
    window.button("Start a block").await;
    window.looks_as(&stand.session, "resume-open").await;
    window.each_panel_counts(&stand.session, "resume-open").await;
    window.press("Start a block").await;
    window.until("the line as the intention", INTENTION_IS_THE_LINE).await;
    window.press("Close the gate").await;
    stand.wait_view("a block for it", |view| view.block.is_some() && view.where_were_you.is_none()).await;
}

const INTENTION_IS_THE_LINE: &str =
    "return document.querySelector('input[aria-label=Intention]')?.value === 'Page 3, the second table'";

#[tokio::test]
async fn an_interruption_is_noted_by_hand_from_anywhere() {
    let (stand, window) = gate_closed().await;
    window.sees("Gate closed").await;
    window.key("n").await;
    window.key(&format!("{CTRL}n")).await;
    window.until("a field for it", "return document.activeElement?.tagName === 'INPUT'").await;
    let field = window.client.active_element().await.unwrap();
    field.send_keys("Ben came by about the invoice").await.unwrap();
    window.looks_as(&stand.session, "note").await;
    field.send_keys("\u{e007}").await.unwrap();
    stand.wait_view("a note", |view| view.noted.len() == 1).await;
    window.sees("Ben came by about the invoice").await;
    window.looks_as(&stand.session, "noted-now").await;
    window.shows("held").await;
    window.find("//h3[contains(@class, 'outside')][contains(., 'Ben came by')]").await;
    window.looks_as(&stand.session, "noted").await;
    window.key("e").await;
    stand.wait_view("it is done", |view| view.held == 0 && view.noted.is_empty()).await;
}

#[tokio::test]
async fn all_history_is_searched_as_it_is_typed() {
    let (stand, morning, window) = morning_listed().await;
    window.find("//h3[contains(@class, 'outside')][contains(., 'Build 5812')]").await;
    window.button("Done").await;
    window.key("e").await;
    stand.wait_view("one done", |view| view.held == 3).await;
    window.key("/").await;
    window.until("the search's field", "return document.activeElement?.ariaLabel === 'Search all history'").await;
    let field = window.client.active_element().await.unwrap();
    field.send_keys("build fail").await.unwrap();
    window.find("//*[@role='option'][contains(., 'Build 5812')][contains(., 'done')]").await;
    window.has_rows(1).await;
    window.looks_as(&stand.session, "search").await;
    field.send_keys("\u{e003}\u{e003}\u{e003}\u{e003} nobody").await.unwrap();
    window.has_rows(0).await;
    window.sees("Nothing found").await;
    window.looks_as(&stand.session, "search-none").await;
    window.key("\u{e00c}").await;
    window.has_rows(3).await;
    assert_eq!(stand.detail(morning.build).await.item.state, ItemState::Done);
}

#[tokio::test]
async fn the_keys_are_shown_on_request() {
    let (stand, window) = gate_open().await;
    window.sees("What would you like to finish?").await;
    window.script("document.activeElement.blur()").await;
    window.key("?").await;
    window.find("//dialog[@open]//*[contains(., 'Later: put it off to the next check-in')]").await;
    window.looks_as(&stand.session, "keys").await;
    window.key("\u{e00c}").await;
    window.until("it is closed", "return !document.querySelector('dialog[open]')").await;
}

#[tokio::test]
async fn a_second_start_shows_the_window_and_closing_it_leaves_nothing() {
    let (stand, window) = gate_open().await;
    window.sees("What would you like to finish?").await;
    let minimize = ["search", "--name", "(^| )Tidegate$", "windowminimize", "--sync"];
    stand.session.run("xdotool", minimize).await.ok();
    window.until("the window is minimized", "return document.hidden").await;
    let second = stand.session.run(program("tidegate-app"), ["--held"]).await;
    assert_eq!(second.code, 0, "{}", second.stderr);
    window.until("what the second start wished", "return location.hash === '#held'").await;
    window.until("the window is shown", "return !document.hidden && document.hasFocus()").await;
    // The driver loses the window before it could answer.
    window.client.active_element().await.unwrap().send_keys(&format!("{CTRL}w")).await.ok();
    wait_no_owner(&window.bus, WINDOW_NAME, DEADLINE).await;
}
