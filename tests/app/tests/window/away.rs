//! Without a daemon the window says so, and starts one when asked.

use crate::daemon::Daemon;
use crate::portal::Scheme;
use crate::sample::morning;
use crate::window::Window;
use tidegate_contract::BUS_NAME;
use tidegate_testkit::{DEADLINE, Session, within};
use tokio::net::unix::pipe;

#[tokio::test]
async fn a_daemon_that_is_not_there_is_said_to_be_away() {
    let window = Window::open(None, Scheme::Light).await;
    window.sees("Tidegate’s daemon is not running").await;
    window.sees("The session bus does not know how to start it").await;
    window.picture("away").await;
    window.press("Start Tidegate").await;
    window.find("//*[@role='alert'][contains(., 'tidegate daemon')]").await;
}

#[tokio::test]
async fn a_daemon_that_quits_and_comes_back_is_followed() {
    let daemon = Daemon::holding(morning());
    let window = Window::open(Some(&daemon), Scheme::Light).await;
    window.sees("4 held, from 4 apps").await;
    daemon.change(|books| books.items.truncate(3)).await;
    window.sees("3 held, from 3 apps").await;
    daemon.quit().await;
    window.sees("Tidegate’s daemon is not running").await;
    daemon.run(&window.session).await;
    window.sees("3 held, from 3 apps").await;
}

#[tokio::test]
async fn start_has_the_bus_start_the_daemon() {
    let session = Session::start().await;
    let starts = activatable(&session).await;
    let daemon = Daemon::holding(Vec::new());
    daemon.run(&session).await;
    let window = Window::open_in(session, Scheme::Light).await;
    window.sees("Gate open").await;
    daemon.quit().await;
    window.press("Start Tidegate").await;
    within(DEADLINE, "the daemon's start by the bus", starts.readable()).await.unwrap();
    assert!(starts.try_read(&mut [0; 16]).unwrap() > 0);
    daemon.run(&window.session).await;
    window.sees("Gate open").await;
}

/// Installs a service file whose program writes into a pipe.
async fn activatable(session: &Session) -> pipe::Receiver {
    let pipe = session.join("started");
    session.run("mkfifo", [&pipe]).await.ok();
    let exec = format!("/bin/sh -c \"echo started > {}\"", pipe.display());
    let service = format!("[D-BUS Service]\nName={BUS_NAME}\nExec={exec}\n");
    std::fs::write(session.services().join(format!("{BUS_NAME}.service")), service).unwrap();
    session.reload_services().await;
    pipe::OpenOptions::new().read_write(true).open_receiver(&pipe).unwrap()
}
