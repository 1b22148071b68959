//! What goes wrong behind the window is said in it, and forgotten once it is over.

use crate::morning::{Morning, from};
use crate::portal::Scheme;
use crate::window::Window;
use tidegate_contract::ItemState;
use tidegate_testkit::DEADLINE;
use tidegate_tests_process::{STORE_RETRY, Stand};

#[tokio::test]
async fn a_disk_without_room_is_said_nothing_is_lost_and_room_makes_it_well() {
    let mut stand = Stand::on_a_finite_disk().await;
    stand.hold().await;
    let morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session, Scheme::Light).await;
    window.go_to("held").await;
    window.button("Show log").await;
    stand.fill_disk().await;
    window.press("Done").await;
    window.find("//*[@role='alert'][contains(., 'nothing was changed')]").await;
    window.find("//*[@role='alert'][contains(., 'The store cannot be written, so everything passes')]").await;
    window.sees("Everything passes").await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Maya", "This one passes")).await;
    assert_eq!(stand.renderer.wait_notified(1, DEADLINE).await[0].summary(), "Maya");
    stand.free_disk().await;
    stand.advance(STORE_RETRY).await;
    morning.chat.notify(&from("Element", "im.riot.Riot", "Ben", "The store is well")).await;
    window.until("the trouble is over", "return !document.querySelector('main [role=alert]')").await;
    window.sees("Everything is held").await;
    assert_eq!(stand.detail(morning.build).await.item.state, ItemState::Held);
    window.find("//h3[contains(., 'Build 5812')]").await;
}

#[tokio::test]
async fn a_renderer_that_is_gone_is_said_and_nothing_is_released_into_nowhere() {
    let stand = Stand::holding().await;
    let _morning = Morning::comes(&stand).await;
    let window = Window::open(&stand.session, Scheme::Light).await;
    window.go_to("held").await;
    window.button("Show log").await;
    stand.renderer.conn().clone().close().await.unwrap();
    window.find("//main//*[@role='alert'][contains(., 'No notification daemon can be reached')]").await;
    window.press("Release to the desktop").await;
    window.find("//aside//*[@role='alert'][contains(., 'no notification daemon can be reached to show it')]").await;
    window.press("Close").await;
    window.until("the message is gone", "return !document.querySelector('aside [role=alert]')").await;
    assert_eq!(stand.view().await.held, 4);
}
