//! The window follows what happens without it: what arrives, is edited, taken back, let through, and apps that quit.

use crate::morning::from;
use crate::opener::gate_open;
use crate::window::Window;
use tidegate_testkit::DEADLINE;
use tidegate_tests_process::Stand;

#[tokio::test]
async fn what_arrives_is_edited_and_taken_back_is_followed() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.sees("Nothing is held").await;
    let lunch = from("Element", "im.riot.Riot", "Maya", "Lunch at 12?");
    let id = app.notify(&lunch).await;
    window.sees("Lunch at 12?").await;
    window.has_rows(1).await;
    app.notify(&lunch.body("Lunch at 1?").replaces(id)).await;
    window.find("//*[@role='option'][contains(., 'Lunch at 1?')][contains(., 'edited 1×')]").await;
    window.find("//section[@aria-label='Chosen notification']//p[.='Lunch at 1?']").await;
    app.notify(&from("Element", "im.riot.Riot", "Ben", "On the train")).await;
    window.has_rows(2).await;
    app.close(id).await.unwrap();
    window.has_rows(1).await;
    window.find("//h3[contains(., 'Ben')]").await;
    window.find("//*[contains(@class, 'ledger')][contains(., '1 withdrawn')]").await;
    let search = window.find("//input[@aria-label='Search all history']").await;
    search.send_keys("lunch").await.unwrap();
    window.find("//*[@role='option'][contains(., 'Lunch at 1?')][contains(., 'withdrawn')]").await;
    window.sees("Its app has taken it back since").await;
    window.looks_as(&stand.session, "withdrawn").await;
}

#[tokio::test]
async fn an_app_that_quits_is_gone_at_once_and_its_buttons_are_dead() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    app.notify(&from("Thunderbird", "org.mozilla.Thunderbird", "Invoice", "Due").action("default", "Open")).await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.button("Open").await;
    app.leave(&stand.session).await;
    window.sees("The app that sent it has quit").await;
    window.find("//button[@disabled][contains(., 'Open')]").await;
    window.find("//*[@role='option'][contains(., 'app gone')]").await;
    window.looks_as(&stand.session, "app-gone-by-hand").await;
}

#[tokio::test]
async fn what_a_rule_lets_through_during_a_block_is_shown_with_the_reason() {
    let stand = Stand::start_with_settings("[apps]\n\"org.gnome.Calls\" = \"pass\"\n").await;
    stand.start_block(50).await;
    let window = Window::open(&stand.session).await;
    window.sees("Nobody is waiting on you:").await;
    let app = stand.app().await;
    app.notify(&from("Calls", "org.gnome.Calls", "Anna is calling", "")).await;
    window.find("//section[contains(., 'Let through')]//li[contains(., 'Anna is calling')][contains(., 'rule')]").await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await[0].summary(), "Anna is calling");
}

#[tokio::test]
async fn an_app_that_asks_for_quiet_closes_the_gate_and_is_named() {
    let (stand, window) = gate_open().await;
    window.sees("Gate open").await;
    let app = stand.app().await;
    let nothing = std::collections::HashMap::<&str, zbus::zvariant::Value<'_>>::new();
    app.call("Inhibit", &("org.example.Meeting", "In a meeting", nothing)).await.unwrap();
    window.sees("Meeting asked for quiet").await;
    window.sees("Gate closed").await;
    window.looks_as(&stand.session, "quiet").await;
    app.leave(&stand.session).await;
    window.sees("Gate open").await;
}
