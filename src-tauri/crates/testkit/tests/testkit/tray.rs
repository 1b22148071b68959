//! The panel finds a real tray icon, clicks it and walks its menu.

use tidegate_testkit::{DEADLINE, QtTray, Session, StatusNotifierWatcher, TrayEvent, TrayItem, Xvfb};

#[tokio::test]
async fn a_real_icon_is_read_clicked_and_chosen_from() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let panel = StatusNotifierWatcher::start(&session).await;
    let mut app = QtTray::start(&session).await;
    let icon = panel.wait_item(DEADLINE).await;
    assert_eq!(icon.text("Status").await, "Active");
    assert_eq!(icon.tool_tip().await.0, "A tray icon");
    icon.activate().await;
    assert_eq!(app.next_event(DEADLINE).await, TrayEvent::Activated);
    let menu = icon.wait(DEADLINE, TrayItem::menu, |menu| menu.len() == 2).await;
    assert!(menu[0].enabled && !menu[1].enabled, "{menu:?}");
    icon.choose("Greet").await;
    assert_eq!(app.next_event(DEADLINE).await, TrayEvent::Chosen);
    panel.stop().await;
}
