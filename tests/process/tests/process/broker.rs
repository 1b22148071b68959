//! The gate on dbus-broker, the session bus of some distributions: everyday use. What floods do on it stands beside what they
//! do on the other bus.

use tidegate_contract::{CheckInWhen, verb};
use tidegate_testkit::{DEADLINE, Notification, Session, Signal};
use tidegate_tests_process::Stand;

/// A gate on dbus-broker, closed.
pub(crate) async fn holding() -> Stand {
    let stand = Stand::start_in(Session::start_on_broker()).await;
    stand.hold().await;
    stand
}

#[tokio::test]
async fn on_dbus_broker_one_is_held_until_a_check_in_and_its_press_reaches_its_app() {
    let stand = holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("Come?").action("yes", "Yes")).await;
    assert_eq!(stand.wait_held(1).await[0].id, id);
    stand.must(verb::CheckIn { when: CheckInWhen::Now }).await;
    let digest = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    stand.renderer.emit_to_caller(&digest, &Signal::Action(digest.id(), "release-all".into())).await;
    let shown = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(shown.fields().summary, "Come?");
    stand.heed_renderer().await;
    stand.renderer.emit_to_caller(&shown, &Signal::Action(shown.id(), "yes".into())).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Action(id, "yes".into()));
}
