//! How a test begins: the gate stands in one of the usual ways, and the window is open in front of it.

use crate::morning::Morning;
use crate::window::Window;
use tidegate_tests_process::Stand;

/// On Monday at nine, with the gate open.
pub(crate) async fn gate_open() -> (Stand, Window) {
    in_front_of(Stand::start().await).await
}

/// In a block without an end: the gate is closed, and nothing has come yet.
pub(crate) async fn gate_closed() -> (Stand, Window) {
    in_front_of(Stand::holding().await).await
}

/// The gate is closed, and the morning's worth is held.
pub(crate) async fn morning() -> (Stand, Morning, Window) {
    let stand = Stand::holding().await;
    let morning = Morning::comes(&stand).await;
    let (stand, window) = in_front_of(stand).await;
    (stand, morning, window)
}

/// The same, and the list is shown: the first one is chosen and all of it is there.
pub(crate) async fn morning_listed() -> (Stand, Morning, Window) {
    let (stand, morning, window) = morning().await;
    window.shows("held").await;
    window.has_rows(4).await;
    (stand, morning, window)
}

/// In front of a gate that was made ready in another way.
pub(crate) async fn in_front_of(stand: Stand) -> (Stand, Window) {
    let window = Window::open(&stand.session).await;
    (stand, window)
}
