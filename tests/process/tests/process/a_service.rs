//! The service: who it is, what it can, whose calls it passes on.

use std::time::Duration;
use tidegate_testkit::{DEADLINE, Notification};
use tidegate_tests_process::Stand;

#[tokio::test]
async fn check_02_server_information_names_us_and_spec_version_1_2() {
    let stand = Stand::start().await;
    let (name, vendor, version, spec) = stand.app().await.server_information().await;
    assert_eq!((name.as_str(), vendor.as_str(), spec.as_str()), ("Tidegate", "Tidegate", "1.2"));
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn what_comes_through_an_open_gate_is_shown_and_what_comes_in_a_block_is_held() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    app.notify(&Notification::new("through the open gate")).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(shown[0].summary(), "through the open gate");
    stand.start_block(50).await;
    let id = app.notify(&Notification::new("kept for the check-in")).await;
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].summary.as_str()), (1, id, "kept for the check-in"));
    stand.advance(Duration::from_secs(3_600)).await;
    assert!(!stand.view().await.gate.closed);
    assert_eq!(stand.renderer.notified().len(), 1);
}
