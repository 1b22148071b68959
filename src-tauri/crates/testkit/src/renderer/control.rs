//! The controls of a running daemon: what it shows, its default action, a
//! click, and closing all, each by the daemon's own means.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use zbus::zvariant::{DynamicType, OwnedValue};
use zbus::{Connection, Message};

use super::kind::Kind;
use super::tally::Tally;
use crate::monitor::Monitor;
use crate::session::Session;
use crate::wait::owner;
use crate::{NOTIFICATIONS, NOTIFICATIONS_PATH};

const DUNST: &str = "org.dunstproject.cmd0";
const MAKO: &str = "fr.emersion.Mako";
const MAKO_PATH: &str = "/fr/emersion/Mako";
const SWAYNC: &str = "org.erikreider.swaync.cc";
const SWAYNC_PATH: &str = "/org/erikreider/swaync/cc";

/// The controls of a daemon, whoever started it, spoken to by its own D-Bus
/// interface at the bus name that it owns.
#[derive(Debug)]
pub struct RendererControl {
    kind: Kind,
    name: String,
    address: String,
    conn: Connection,
    /// For the kinds that cannot be asked.
    tally: Option<Tally>,
}

impl RendererControl {
    /// Controls for the daemon that owns, or will own, `name`. Of xfce4-notifyd
    /// and notification-daemon they count only what is shown from now on.
    pub async fn new(session: &Session, kind: Kind, name: &str) -> Self {
        let address = session.address();
        let tally = match kind {
            Kind::XfceNotifyd | Kind::NotificationDaemon => Some(Tally::start(&address).await),
            Kind::Dunst | Kind::Mako | Kind::Swaync => None,
        };
        let conn = session.connect().await;
        Self { kind, name: name.to_owned(), address, conn, tally }
    }

    /// Which daemon this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many popups it shows; of swaync, how many its panel holds.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn showing(&self) -> usize {
        match self.kind {
            Kind::Dunst => self.dunst_displayed().await,
            Kind::Mako => self.mako_list().await.len(),
            Kind::Swaync => self.swaync_count().await,
            Kind::XfceNotifyd | Kind::NotificationDaemon => self.open().await.len(),
        }
    }

    /// Waits until it shows exactly `count` popups, looking again whenever
    /// somebody has said something on the bus.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_showing(&self, count: usize, deadline: Duration) {
        if let Some(tally) = &self.tally {
            return tally.wait(&self.owner().await, count, deadline).await;
        }
        let mut monitor = Monitor::start(&self.address, &[]).await;
        let me = self.conn.unique_name().unwrap().as_str();
        let what = format!("{:?} to show {count}", self.kind);
        while self.showing().await != count {
            monitor.until(deadline, &what, |message| is_between_others(message, me)).await;
        }
    }

    /// Invokes the default action of the popup shown first.
    ///
    /// # Panics
    /// If it refuses, or has no such control (only dunst and mako have).
    pub async fn invoke_default(&self) {
        match self.kind {
            Kind::Dunst => self.call(NOTIFICATIONS_PATH, DUNST, "NotificationAction", &0_u32).await,
            Kind::Mako => self.call(MAKO_PATH, MAKO, "InvokeAction", &(0_u32, "default")).await,
            Kind::Swaync | Kind::XfceNotifyd | Kind::NotificationDaemon => {
                panic!("{:?} invokes actions only by the pointer", self.kind)
            }
        };
    }

    /// Waits until a popup is on the screen, for a picture of it. X11 only.
    ///
    /// # Panics
    /// If xdotool is missing, or there is none at the deadline.
    pub async fn wait_drawn(&self, session: &Session) {
        let class = self.kind.window_class().expect("a daemon on X11");
        let find = ["search", "--sync", "--onlyvisible", "--class", class];
        session.run("xdotool", find).await.ok();
    }

    /// Clicks a popup with the left button of the pointer, where this daemon
    /// takes that for the default action. X11 only: a headless sway has no
    /// pointer. notification-daemon leaves a closed popup on the screen for a
    /// moment: click its first one.
    ///
    /// # Panics
    /// If xdotool is missing, or there is no popup.
    pub async fn click(&self, session: &Session) {
        let class = self.kind.window_class().expect("a daemon on X11");
        let (x, y) = self.kind.default_action_at();
        let (x, y) = (x.to_string(), y.to_string());
        let find = ["search", "--sync", "--onlyvisible", "--class", class];
        let click = ["mousemove", "--window", "%1", &x, &y, "click", "1"];
        session.run("xdotool", find.iter().chain(&click)).await.ok();
    }

    /// Dismisses all popups as the user does; those of xfce4-notifyd and
    /// notification-daemon by `CloseNotification`, for want of another way.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn close_all(&self) {
        match self.kind {
            Kind::Dunst => {
                self.call(NOTIFICATIONS_PATH, DUNST, "NotificationCloseAll", &()).await;
            }
            Kind::Mako => {
                self.call(MAKO_PATH, MAKO, "DismissAllNotifications", &()).await;
            }
            Kind::Swaync => {
                self.swaync("CloseAllNotifications").await;
            }
            Kind::XfceNotifyd | Kind::NotificationDaemon => {
                for id in self.open().await {
                    let method = "CloseNotification";
                    self.call(NOTIFICATIONS_PATH, NOTIFICATIONS, method, &id).await;
                }
            }
        }
    }

    /// The summaries that it shows (mako only: no other daemon tells).
    ///
    /// # Panics
    /// If it is another daemon, or does not answer.
    pub async fn summaries(&self) -> Vec<String> {
        assert_eq!(self.kind, Kind::Mako, "only mako lists what it shows");
        let list = self.mako_list().await;
        let summary =
            |mut entry: HashMap<String, OwnedValue>| String::try_from(entry.remove("summary").unwrap()).unwrap();
        list.into_iter().map(summary).collect()
    }

    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    async fn owner(&self) -> String {
        let owner = owner(&self.conn, &self.name).await;
        owner.unwrap_or_else(|| panic!("nobody owns {}", self.name)).to_string()
    }

    async fn open(&self) -> Vec<u32> {
        let tally = self.tally.as_ref().expect("a daemon that is counted");
        tally.open_at(&self.owner().await)
    }

    async fn dunst_displayed(&self) -> usize {
        let get = (DUNST, "displayedLength");
        let interface = "org.freedesktop.DBus.Properties";
        let reply = self.call(NOTIFICATIONS_PATH, interface, "Get", &get).await;
        let value: OwnedValue = reply.body().deserialize().unwrap();
        usize::try_from(u32::try_from(value).unwrap()).unwrap()
    }

    async fn mako_list(&self) -> Vec<HashMap<String, OwnedValue>> {
        let reply = self.call(MAKO_PATH, MAKO, "ListNotifications", &()).await;
        reply.body().deserialize().unwrap()
    }

    async fn swaync_count(&self) -> usize {
        let count: u32 = self.swaync("NotificationCount").await.body().deserialize().unwrap();
        usize::try_from(count).unwrap()
    }

    /// Its controls have a name of their own, which no relay changes.
    async fn swaync(&self, method: &str) -> Message {
        self.call_at(SWAYNC, SWAYNC_PATH, SWAYNC, method, &()).await
    }

    async fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> Message
    where
        B: Serialize + DynamicType,
    {
        self.call_at(&self.name, path, interface, method, body).await
    }

    async fn call_at<B>(&self, name: &str, path: &str, interface: &str, method: &str, body: &B) -> Message
    where
        B: Serialize + DynamicType,
    {
        self.conn
            .call_method(Some(name), path, Some(interface), method, body)
            .await
            .unwrap_or_else(|error| panic!("{:?} {method}: {error}", self.kind))
    }
}

/// What this connection asks and is answered must not wake it again.
fn is_between_others(message: &Message, me: &str) -> bool {
    let header = message.header();
    header.sender().is_some_and(|from| *from != me) && header.destination().is_none_or(|to| *to != me)
}
