//! Without a daemon the window says so, and has the bus start one when asked.

use crate::morning::next_answer;
use crate::opener::morning;
use crate::window::Window;
use tidegate_contract::BUS_NAME;
use tidegate_testkit::{CLOCK_VARIABLE, Session};
use tidegate_tests_process::{Stand, program};

#[tokio::test]
async fn a_daemon_that_is_not_there_is_said_to_be_away() {
    let session = Session::start().await;
    let window = Window::open(&session).await;
    window.sees("Tidegate’s daemon is not running").await;
    window.sees("The session bus does not know how to start it").await;
    window.looks_as(&session, "away").await;
    window.press("Start Tidegate").await;
    window.find("//*[@role='alert'][contains(., 'tidegate daemon')]").await;
}

#[tokio::test]
async fn a_desktop_whose_shell_shows_notifications_itself_is_said_to_be_not_supported() {
    let session = Session::start().await;
    session.set("XDG_CURRENT_DESKTOP", "KDE");
    let window = Window::open(&session).await;
    window.sees("This desktop is not supported yet").await;
    window.sees("nothing was changed").await;
    window.looks_as(&session, "not-supported").await;
}

#[tokio::test]
async fn a_daemon_that_ends_and_comes_back_is_followed() {
    let (mut stand, morning, window) = morning().await;
    window.sees("held, from 4 apps").await;
    stand.terminate().await;
    window.sees("Tidegate’s daemon is not running").await;
    stand.start_again().await;
    window.sees("held, from 4 apps").await;
    window.shows("held").await;
    window.press("Show log").await;
    assert_eq!(
        next_answer(&stand, &morning.ci).await,
        tidegate_testkit::Signal::Action(morning.build, "app.log::r".into())
    );
}

#[tokio::test]
async fn start_has_the_bus_start_the_daemon() {
    let mut stand = Stand::start().await;
    make_activatable(&stand.session).await;
    let window = Window::open(&stand.session).await;
    window.sees("Gate open").await;
    stand.terminate().await;
    window.sees("Tidegate’s daemon is not running").await;
    window.press("Start Tidegate").await;
    window.sees("Gate open").await;
    stand.wait_view("the gate in the path", |view| view.gate.in_path && view.renderer.up).await;
}

/// As the package does: the bus knows how to start the daemon.
async fn make_activatable(session: &Session) {
    session.export(CLOCK_VARIABLE, &session.get(CLOCK_VARIABLE).unwrap()).await;
    let exec = format!("{} daemon --replace-now", program("tidegate").display());
    let service = format!("[D-BUS Service]\nName={BUS_NAME}\nExec={exec}\n");
    std::fs::write(session.services().join(format!("{BUS_NAME}.service")), service).unwrap();
    session.reload_services().await;
}
