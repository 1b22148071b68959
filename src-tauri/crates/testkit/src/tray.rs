//! A panel: it owns `org.kde.StatusNotifierWatcher`, reads the tray icons that
//! register, clicks them and walks their menus.

mod item;
mod menu;

use std::time::Duration;

use tokio::sync::watch;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::session::Session;
use crate::wait::within;

pub use item::TrayItem;
pub use menu::MenuEntry;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const PLASMA: &str = "org.kde.plasmashell";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM_PATH: &str = "/StatusNotifierItem";

/// The watcher. Dropping it is a panel that crashes.
#[derive(Debug)]
pub struct StatusNotifierWatcher {
    conn: Connection,
    items: watch::Receiver<Vec<Registered>>,
}

/// Where a tray icon is found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Registered {
    name: String,
    path: String,
}

impl StatusNotifierWatcher {
    /// Starts it on the session's bus.
    ///
    /// # Panics
    /// If there is one already.
    pub async fn start(session: &Session) -> Self {
        let (registered, items) = watch::channel(Vec::new());
        let conn = session.connect().await;
        conn.object_server().at(WATCHER_PATH, Watcher { registered }).await.unwrap();
        conn.request_name(WATCHER).await.unwrap();
        Self { conn, items }
    }

    /// How many tray icons have registered, also those that have gone since.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.items.borrow().len()
    }

    /// Waits for a tray icon and gives the one that registered last.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_item(&self, deadline: Duration) -> TrayItem {
        self.wait_items(1, deadline).await.pop().unwrap()
    }

    /// Waits until `count` tray icons have registered, and gives them in that
    /// order.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_items(&self, count: usize, deadline: Duration) -> Vec<TrayItem> {
        let mut items = self.items.clone();
        let enough = items.wait_for(|items| items.len() >= count);
        let items = within(deadline, "a tray icon", enough).await.unwrap().clone();
        let item = |at: Registered| TrayItem::new(self.conn.clone(), at.name, at.path);
        items.into_iter().map(item).collect()
    }

    /// From now on it is the panel of Plasma.
    ///
    /// # Panics
    /// If there is one already.
    pub async fn become_plasma(&self) {
        self.conn.request_name(PLASMA).await.unwrap();
    }

    /// Leaves the bus, and waits until the bus knows.
    ///
    /// # Panics
    /// If the bus is gone already.
    pub async fn stop(self) {
        self.conn.close().await.unwrap();
    }
}

/// The object that applications speak to.
struct Watcher {
    registered: watch::Sender<Vec<Registered>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// `service` is a bus name, or the path of an item on the caller's own.
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let caller = header.sender().unwrap().to_string();
        let (name, path) = match service.starts_with('/') {
            true => (caller, service.to_owned()),
            false => (service.to_owned(), ITEM_PATH.to_owned()),
        };
        let told = format!("{name}{path}");
        self.registered.send_modify(|items| items.push(Registered { name, path }));
        Self::status_notifier_item_registered(&emitter, &told).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.registered.borrow();
        items.iter().map(|item| format!("{}{}", item.name, item.path)).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
