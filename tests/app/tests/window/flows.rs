//! The ordinary ways through the window: a block, the list, buttons, a reply, done and undo, by mouse and by keyboard.

use crate::daemon::Daemon;
use crate::portal::Scheme;
use crate::sample::{item, morning};
use crate::window::{WINDOW_NAME, Window};
use tidegate_contract::{BlockLength, CheckInWhen, Code, Failure, Request, Which};
use tidegate_testkit::{DEADLINE, wait_no_owner};

fn one(id: u32) -> Which {
    Which::Ids { ids: vec![id] }
}

#[tokio::test]
async fn a_block_is_started_extended_and_ended() {
    let daemon = Daemon::holding(Vec::new());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    let intention = window.find("//input[@aria-label='Intention']").await;
    intention.send_keys("Draft the migration plan").await.unwrap();
    window.find("//label[contains(., '25 min')]").await.click().await.unwrap();
    window.press("Close the gate").await;
    let length = BlockLength::Minutes { minutes: 25 };
    let started = Request::Start { length, intention: Some("Draft the migration plan".into()) };
    assert_eq!(daemon.asked().await, started);
    window.find("//h2[.='Draft the migration plan']").await;
    window.sees("Nobody is waiting on you:").await;
    window.sees("Gate closed").await;
    window.until("seconds that run", TIME_RUNS).await;
    window.press("Extend by +10 min").await;
    assert_eq!(daemon.asked().await, Request::Extend { minutes: 10 });
    window.press("Skip it").await;
    assert_eq!(daemon.asked().await, Request::CheckIn { when: CheckInWhen::Skip });
    window.press("End block").await;
    assert_eq!(daemon.asked().await, Request::End);
    window.sees("Gate open").await;
}

/// True once the time left is another than when this was first asked.
const TIME_RUNS: &str = "
    const time = document.querySelector('[role=timer]')?.textContent;
    window.seen ??= time;
    return time !== undefined && time !== window.seen";

#[tokio::test]
async fn an_open_ended_block_without_an_intention_is_started_from_the_keyboard() {
    let daemon = Daemon::holding(Vec::new());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.find("//label[contains(., 'Open-ended')]").await.click().await.unwrap();
    window.find("//input[@aria-label='Intention']").await.send_keys("\u{e007}").await.unwrap();
    assert_eq!(daemon.asked().await, Request::Start { length: BlockLength::Open, intention: None });
    window.sees("so far").await;
    window.press("Check in now").await;
    assert_eq!(daemon.asked().await, Request::CheckIn { when: CheckInWhen::Now });
    window.sees("Nothing is held").await;
}

#[tokio::test]
async fn what_is_held_is_worked_through_by_mouse() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.find("//nav//a[contains(., 'Held')]").await.click().await.unwrap();
    window.sees("edited 3×").await;
    window.press("Show log").await;
    assert_eq!(daemon.asked().await, Request::Act { id: 1, action: Some("app.log::r".into()) });
    window.find("//summary[contains(., '3 earlier texts')]").await.click().await.unwrap();
    window.sees("Build 5811 failed on main").await;
    window.sees("Invoice 2231 is due").await.click().await.unwrap();
    window.sees("The app that sent it has quit").await;
    window.find("//button[@disabled][normalize-space(.)='Open']").await;
    window.press("App gone: open it").await;
    assert_eq!(daemon.asked().await, Request::OpenApp { id: 3, token: None });
    window.press("Done").await;
    assert_eq!(daemon.asked().await, Request::Done { which: one(3) });
    window.until("three are left", "return document.querySelectorAll('[role=option]').length === 3").await;
    window.press("Undo").await;
    assert_eq!(daemon.asked().await, Request::Undo { id: Some(3) });
    window.find("//*[@role='option'][@aria-selected='true'][contains(., 'Invoice')]").await;
    window.press("Release to the desktop").await;
    assert_eq!(daemon.asked().await, Request::Release { which: one(3) });
}

#[tokio::test]
async fn what_is_held_is_worked_through_by_keyboard() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.script("location.hash = 'held'").await;
    window.find("//h3[contains(., 'Build 5812')]").await;
    window.key("o").await;
    assert_eq!(daemon.asked().await, Request::Act { id: 1, action: None });
    window.key("j").await;
    window.find("//h3[contains(., '#standup')]").await;
    window.key("r").await;
    window.until("the reply field has the focus", "return document.activeElement?.ariaLabel === 'Reply'").await;
    let reply = window.client.active_element().await.unwrap();
    reply.send_keys("joke: on my way\u{e007}").await.unwrap();
    assert_eq!(daemon.asked().await, Request::Reply { id: 2, text: "joke: on my way".into() });
    window.script("document.activeElement.blur()").await;
    window.key("j").await;
    window.button("App gone: open it").await;
    window.key("o").await;
    assert_eq!(daemon.asked().await, Request::OpenApp { id: 3, token: None });
    window.key("j").await;
    window.find("//h3[contains(., 'Review requested')]").await;
    window.button("Remind me tomorrow").await;
    window.key("2").await;
    assert_eq!(daemon.asked().await, Request::Act { id: 4, action: Some("later".into()) });
    window.button("Done").await;
    window.key("e").await;
    assert_eq!(daemon.asked().await, Request::Done { which: one(4) });
    window.button("Undo").await;
    window.key("u").await;
    assert_eq!(daemon.asked().await, Request::Undo { id: Some(4) });
}

#[tokio::test]
async fn everything_at_once_is_asked_about_first() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.script("location.hash = 'held'").await;
    window.press("Done with all").await;
    window.find("//dialog[@open]//button[.='Cancel']").await.click().await.unwrap();
    window.press("Release all").await;
    window.find("//dialog[@open]//button[.='Release all']").await.click().await.unwrap();
    assert_eq!(daemon.asked().await, Request::Release { which: Which::All });
    window.press("Done with all").await;
    window.find("//dialog[@open]//button[.='Done with all']").await.click().await.unwrap();
    assert_eq!(daemon.asked().await, Request::Done { which: Which::All });
    window.sees("Nothing is held").await;
}

#[tokio::test]
async fn the_list_follows_what_arrives_and_goes_and_fetches_more_as_it_is_scrolled() {
    let daemon = Daemon::holding((1..=250).map(|id| item(id, "Flood", &format!("Message {id}"), "")).collect());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.script("location.hash = 'held'").await;
    window.sees("Message 100").await;
    window.script("document.querySelector('[role=listbox]').scrollTop = 1e6").await;
    window.sees("Message 200").await;
    window.script("document.querySelector('[role=listbox]').scrollTop = 1e6").await;
    window.sees("Message 250").await;
    daemon.change(|books| books.items.truncate(2)).await;
    window.until("two are left", "return document.querySelectorAll('[role=option]').length === 2").await;
    daemon.change(|books| books.items.push(item(300, "Mail", "A new one", ""))).await;
    window.sees("A new one").await;
}

#[tokio::test]
async fn what_could_not_be_done_is_said() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.script("location.hash = 'held'").await;
    let message = "Woodpecker has left the bus: open it from the menu.";
    daemon.change(|books| books.fails = Some(Failure { code: Code::AppGone, message: message.into() })).await;
    window.press("Show log").await;
    window.find(&format!("//*[@role='alert'][contains(., '{message}')]")).await;
    window.press("Close").await;
    window.until("the message is gone", "return !document.querySelector('[role=alert]')").await;
}

#[tokio::test]
async fn a_second_start_shows_the_window_and_closing_it_leaves_nothing() {
    let daemon = Daemon::holding(Vec::new());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.sees("What would you like to finish?").await;
    let minimize = ["search", "--name", "^Tidegate$", "windowminimize", "--sync"];
    window.session.run("xdotool", minimize).await.ok();
    window.until("the window is minimized", "return document.hidden").await;
    let second = window.session.run_command(window.second_start()).await;
    assert_eq!(second.code, 0, "{}", second.stderr);
    window.until("the window is shown", "return !document.hidden && document.hasFocus()").await;
    window.client.close_window().await.unwrap();
    wait_no_owner(&window.bus, WINDOW_NAME, DEADLINE).await;
}
