//! GNOME's idle monitor: it owns `org.gnome.Mutter.IdleMonitor`, takes watches
//! on, and the test says when nothing was touched for long enough.

use std::time::Duration;

use tokio::sync::watch;
use zbus::message::Header;
use zbus::{Connection, interface};

use crate::session::Session;
use crate::wait::within;

const NAME: &str = "org.gnome.Mutter.IdleMonitor";
const PATH: &str = "/org/gnome/Mutter/IdleMonitor/Core";

/// The monitor. Dropping it is a shell that crashes.
#[derive(Debug)]
pub struct IdleMonitor {
    conn: Connection,
    watches: watch::Receiver<Vec<Asked>>,
}

/// A watch that somebody asked for. Mutter forgets it when its connection leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The connection.
    pub by: String,
    /// After how many milliseconds without a touch; none for a watch for the
    /// next touch.
    pub interval_ms: Option<u64>,
    /// The number that it was given.
    pub id: u32,
}

impl IdleMonitor {
    /// Starts it on the session's bus.
    ///
    /// # Panics
    /// If there is one already.
    pub async fn start(session: &Session) -> Self {
        let (asked, watches) = watch::channel(Vec::new());
        let conn = session.connect().await;
        conn.object_server().at(PATH, Core { asked }).await.unwrap();
        conn.request_name(NAME).await.unwrap();
        Self { conn, watches }
    }

    /// How many watches for so long without a touch were asked for so far,
    /// ended ones too; none for a touch.
    #[must_use]
    pub fn asked(&self, after: Option<Duration>) -> usize {
        of(&self.watches.borrow(), after).len()
    }

    /// Waits until so many of them were asked for, and gives the last.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_asked(&self, after: Option<Duration>, count: usize, deadline: Duration) -> Asked {
        let mut watches = self.watches.clone();
        let enough = watches.wait_for(|watches| of(watches, after).len() >= count);
        let asked = within(deadline, "a watch for idleness", enough).await.unwrap();
        of(&asked, after).pop().unwrap()
    }

    /// Says to its connection that a watch has fired.
    ///
    /// # Panics
    /// If the bus is gone.
    pub async fn fire(&self, watch: &Asked) {
        let to = Some(watch.by.as_str());
        self.conn.emit_signal(to, PATH, NAME, "WatchFired", &watch.id).await.unwrap();
    }

    /// Leaves the bus, and waits until the bus knows.
    ///
    /// # Panics
    /// If the bus is gone already.
    pub async fn stop(self) {
        self.conn.close().await.unwrap();
    }
}

fn of(watches: &[Asked], after: Option<Duration>) -> Vec<Asked> {
    let interval = after.map(|after| u64::try_from(after.as_millis()).unwrap());
    watches.iter().filter(|asked| asked.interval_ms == interval).cloned().collect()
}

/// The object for all devices together.
struct Core {
    asked: watch::Sender<Vec<Asked>>,
}

#[interface(name = "org.gnome.Mutter.IdleMonitor")]
impl Core {
    fn add_idle_watch(&self, interval: u64, #[zbus(header)] header: Header<'_>) -> u32 {
        self.take_on(Some(interval), &header)
    }

    fn add_user_active_watch(&self, #[zbus(header)] header: Header<'_>) -> u32 {
        self.take_on(None, &header)
    }
}

impl Core {
    fn take_on(&self, interval_ms: Option<u64>, header: &Header<'_>) -> u32 {
        let by = header.sender().unwrap().to_string();
        let id = u32::try_from(self.asked.borrow().len()).unwrap() + 1;
        self.asked.send_modify(|asked| asked.push(Asked { by, interval_ms, id }));
        id
    }
}
