//! How the window comes: at once, in the ground that its page will have, and with the keyboard.

use crate::opener::morning;
use crate::portal::{Portal, Scheme};
use crate::screen::Screen;
use std::time::Duration;
use tidegate_testkit::{DEADLINE, Process, Session, within};
use tidegate_tests_process::program;

/// The page's `--paper`, as the screen has it: blue, green, red.
const LIGHT: [u8; 3] = [0xee, 0xf3, 0xf5];
const DARK: [u8; 3] = [0x1a, 0x16, 0x0e];
const NOTHING: [u8; 3] = [0, 0, 0];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Opens the window without a daemon; all colours that were on the screen before its first words, in their order.
async fn colours_before_words(session: &Session, screen: &Screen) -> (Vec<[u8; 3]>, Process) {
    let window = session.spawn(session.command(program("tidegate-app")));
    let mut seen: Vec<[u8; 3]> = Vec::new();
    let mut looks = tokio::time::interval(LOOK);
    let look = async {
        while !screen.has_words() {
            let new: Vec<_> = screen.colours().into_iter().filter(|colour| !seen.contains(colour)).collect();
            seen.extend(new);
            looks.tick().await;
        }
    };
    within(DEADLINE, "the window's words", look).await;
    seen.retain(|colour| *colour != NOTHING);
    (seen, window)
}

async fn opens_in(scheme: Scheme) -> Vec<[u8; 3]> {
    let session = Session::start().await;
    let screen = Screen::start(&session).await;
    let _portal = Portal::start(&session, scheme).await;
    let (seen, _window) = colours_before_words(&session, &screen).await;
    seen
}

#[tokio::test]
async fn on_a_dark_desktop_nothing_light_flashes() {
    let seen = opens_in(Scheme::Dark).await;
    assert_eq!(seen.first(), Some(&DARK), "{seen:02x?}");
    assert!(!seen.contains(&WHITE) && !seen.contains(&LIGHT), "{seen:02x?}");
}

#[tokio::test]
async fn on_a_light_desktop_it_comes_in_the_pages_own_ground() {
    let seen = opens_in(Scheme::Light).await;
    assert_eq!(seen.first(), Some(&LIGHT), "{seen:02x?}");
    assert!(!seen.contains(&DARK), "{seen:02x?}");
}

#[tokio::test]
async fn the_page_has_the_keyboard_at_once() {
    let (stand, _morning, window) = morning().await;
    window.sees("held, from 4 apps").await;
    let focus = ["search", "--onlyvisible", "--name", "(^| )Tidegate$", "windowfocus", "--sync", "key", "question"];
    stand.session.run("xdotool", focus).await.ok();
    window.sees("Move down and up").await;
}
