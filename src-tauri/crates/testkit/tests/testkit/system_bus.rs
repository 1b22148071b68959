//! The stand-in logind sleeps, wakes and idles as it is told.

use futures_util::StreamExt;
use tidegate_testkit::{DEADLINE, Session, SystemBus, next_item};
use zbus::Proxy;

async fn logind<'a>(conn: &'a zbus::Connection, path: &'a str, interface: &'a str) -> Proxy<'a> {
    Proxy::new(conn, "org.freedesktop.login1", path, interface).await.unwrap()
}

#[tokio::test]
async fn it_says_when_the_machine_sleeps_and_wakes() {
    let session = Session::start().await;
    let system = SystemBus::start(&session).await;
    assert_eq!(session.get("DBUS_SYSTEM_BUS_ADDRESS"), Some(system.address()));
    let path = "/org/freedesktop/login1";
    let manager = logind(system.conn(), path, "org.freedesktop.login1.Manager").await;
    let sleeps = manager.receive_signal("PrepareForSleep").await.unwrap();
    let mut sleeps = sleeps.map(|signal| signal.body().deserialize::<bool>().unwrap());
    system.prepare_for_sleep(true).await;
    assert!(next_item(DEADLINE, "sleep", &mut sleeps).await);
    system.prepare_for_sleep(false).await;
    assert!(!next_item(DEADLINE, "waking", &mut sleeps).await);
}

#[tokio::test]
async fn it_says_when_the_user_is_idle_or_away() {
    let session = Session::start().await;
    let system = SystemBus::start(&session).await;
    let path = "/org/freedesktop/login1/session/auto";
    let login = logind(system.conn(), path, "org.freedesktop.login1.Session").await;
    assert!(!login.get_property::<bool>("IdleHint").await.unwrap());
    let mut idle = login.receive_property_changed::<bool>("IdleHint").await;
    assert!(!next_item(DEADLINE, "the first", &mut idle).await.get().await.unwrap());
    system.set_idle(true).await;
    assert!(next_item(DEADLINE, "idle", &mut idle).await.get().await.unwrap());
    let mut locked = login.receive_property_changed::<bool>("LockedHint").await;
    assert!(!next_item(DEADLINE, "the first", &mut locked).await.get().await.unwrap());
    system.set_locked(true).await;
    assert!(next_item(DEADLINE, "locked", &mut locked).await.get().await.unwrap());
}
