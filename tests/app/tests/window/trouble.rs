//! What goes wrong behind the window is said in it, and forgotten once it is over.

use crate::morning::{Morning, from};
use crate::opener::morning_listed;
use crate::window::Window;
use tidegate_contract::{BUS_NAME, ItemState};
use tidegate_testkit::{DEADLINE, NOTIFICATIONS, Process, Session, StepClock, wait_owner};
use tidegate_tests_process::{MONDAY_NINE, STORE_RETRY, Stand, start_daemon, wait_view};

#[tokio::test]
async fn a_disk_without_room_is_said_nothing_is_lost_and_room_makes_it_well() {
    let mut stand = Stand::start().await;
    stand.hold().await;
    let morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.button("Show log").await;
    stand.fill_disk().await;
    window.press("Done").await;
    window.find("//*[@role='alert'][contains(., 'Nothing was changed')]").await;
    window.find("//*[@role='alert'][contains(., 'The store cannot be written, so everything passes')]").await;
    window.sees("Everything passes").await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Maya", "This one passes")).await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await[0].summary(), "Maya");
    stand.free_disk().await;
    stand.advance(STORE_RETRY).await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Ben", "The store is well")).await;
    window.sees("was not marked as done").await;
    window.press("Close").await;
    window.until("the trouble is over", "return !document.querySelector('[role=alert]')").await;
    window.sees("Everything is held").await;
    assert_eq!(stand.detail(morning.build).await.item.state, ItemState::Held);
    window.find("//h3[contains(., 'Build 5812')]").await;
}

#[tokio::test]
async fn a_renderer_that_is_gone_is_said_and_nothing_is_released_into_nowhere() {
    let (stand, _morning, window) = morning_listed().await;
    window.button("Show log").await;
    stand.renderer.conn().clone().close().await.unwrap();
    window.find("//main//*[@role='alert'][contains(., 'No notification daemon can be reached')]").await;
    window.looks_as(&stand.session, "renderer-gone").await;
    window.press("Release to the desktop").await;
    window.find("//aside//*[@role='alert'][contains(., 'No notification daemon can be reached to show it')]").await;
    window.looks_as(&stand.session, "refused").await;
    window.press("Close").await;
    window.until("the message is gone", "return !document.querySelector('aside [role=alert]')").await;
    assert_eq!(stand.view().await.held, 4);
}

#[tokio::test]
async fn a_daemon_that_does_not_give_way_is_named_and_nothing_is_said_to_be_held() {
    let session = Session::start().await;
    let _clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
    let bus = session.connect().await;
    let mut stubborn = start_stubborn(&session);
    stubborn.while_running("apt-get install python3-dbusmock", wait_owner(&bus, NOTIFICATIONS, DEADLINE)).await;
    let _daemon = start_daemon(&session);
    wait_owner(&bus, BUS_NAME, DEADLINE).await;
    wait_view(&bus, "the trouble", |view| view.troubles.iter().any(|trouble| trouble.code == "take-over")).await;
    let window = Window::open(&session).await;
    window.sees("a block is counted, but nothing is held").await;
    window.looks_as(&session, "out-of-path").await;
    window.press("Close the gate").await;
    window.sees("nothing new is held.").await;
    window.button("End block").await;
    window.looks_as(&session, "out-of-path-block").await;
    window.shows("held").await;
    window.sees("notifications go to your desktop").await;
}

/// A notification daemon that ignores SIGTERM.
fn start_stubborn(session: &Session) -> Process {
    let line = "trap '' TERM; exec /usr/bin/python3 -m dbusmock --session --template notification_daemon";
    let mut command = session.command("sh");
    command.args(["-c", line]);
    session.spawn(command)
}
