//! The icon as panels see it: org.kde.StatusNotifierItem, and how it is registered. (freedesktop.org, "StatusNotifierItem".)
//! Served over a connection that goes on whatever a stranger sends. Must not know what is shown when.

use super::dbusmenu::{self, DbusMenu};
use super::icon;
use super::menu::{Press, Shown};
use super::state::{Pressed, State};
use tidegate_domain::Command;
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::message::Header;
use zbus::names::BusName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::ObjectPath;

/// The name that panels own, and their object there.
pub(super) const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// The name that Plasma's panel owns.
const PLASMA: &str = "org.kde.plasmashell";
/// Where panels look for an item.
const PATH: &str = "/StatusNotifierItem";

/// A picture: width, height, and its pixels as ARGB in the network's byte order.
pub(super) type Pixmap = (i32, i32, Vec<u8>);

/// An icon in a panel.
pub(super) struct Item {
    conn: Connection,
    state: State,
}

impl Item {
    /// Registers one with the panel. By the connection's own name: a well-known one could be somebody else's already.
    pub(super) async fn register(shown: Shown, presses: mpsc::UnboundedSender<Pressed>) -> zbus::Result<Self> {
        let state = State::new(shown, presses);
        let object = StatusNotifierItem { state: state.clone(), is_named: icon::theme_has_them() };
        let builder = tidegate_bus::connect(None).await?;
        let builder = builder.serve_at(PATH, object)?.serve_at(dbusmenu::PATH, DbusMenu::new(state.clone()))?;
        let conn = builder.build().await?;
        let name = conn.unique_name().map(ToString::to_string).unwrap_or_default();
        conn.call_method(Some(WATCHER), WATCHER_PATH, Some(WATCHER), "RegisterStatusNotifierItem", &name).await?;
        Ok(Self { conn, state })
    }

    /// From now on it shows this.
    pub(super) async fn show(&self, shown: Shown) -> zbus::Result<()> {
        let change = self.state.change(shown);
        let emitter = SignalEmitter::new(&self.conn, PATH)?;
        if change.picture {
            StatusNotifierItem::new_icon(&emitter).await?;
        }
        if change.title {
            StatusNotifierItem::new_title(&emitter).await?;
            StatusNotifierItem::new_tool_tip(&emitter).await?;
        }
        if let Some(revision) = change.menu {
            DbusMenu::changed(&self.conn, revision).await?;
        }
        Ok(())
    }

    /// Takes it away.
    pub(super) async fn leave(self) {
        if let Err(error) = self.conn.close().await {
            tracing::debug!(%error, "the tray icon's connection has ended");
        }
    }
}

struct StatusNotifierItem {
    state: State,
    /// The icon theme has our pictures.
    is_named: bool,
}

impl StatusNotifierItem {
    /// Some panels show only one of title and tooltip, and some only the first line of that.
    fn tell(&self) -> String {
        self.state.shown().title.clone()
    }
}

/// Whether it is Plasma's panel that asks.
async fn is_from_plasma(header: Option<&Header<'_>>, conn: &Connection) -> bool {
    let Some(asks) = header.and_then(Header::sender) else { return false };
    let owner = async {
        let bus = DBusProxy::new(conn).await?;
        zbus::Result::Ok(bus.get_name_owner(BusName::try_from(PLASMA)?).await?)
    };
    owner.await.is_ok_and(|owner| owner == *asks)
}

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl StatusNotifierItem {
    fn activate(&self, _x: i32, _y: i32) {
        self.state.press(Press::Command(Command::Toggle));
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.state.press(Press::Open(None));
    }

    fn scroll(&self, _delta: i32, _orientation: &str) {}

    /// Comes just before the press that it is for.
    fn provide_xdg_activation_token(&self, token: &str) {
        self.state.keep_token(token);
    }

    #[zbus(property)]
    fn category(&self) -> &'static str {
        "ApplicationStatus"
    }

    #[zbus(property)]
    fn id(&self) -> &'static str {
        "org.tidegate.Tidegate"
    }

    #[zbus(property)]
    fn title(&self) -> String {
        self.tell()
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        "Active"
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(dbusmenu::PATH)
    }

    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        false
    }

    /// Only for Plasma, which draws what it finds by its name in the colour of its text. Other panels would show the same as
    /// by the pixmaps, or nothing.
    #[zbus(property)]
    async fn icon_name(
        &self,
        #[zbus(header)] header: Option<Header<'_>>,
        #[zbus(connection)] conn: &Connection,
    ) -> &'static str {
        let is_for_plasma = self.is_named && is_from_plasma(header.as_ref(), conn).await;
        if is_for_plasma { self.state.shown().picture.name() } else { "" }
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        self.state.shown().picture.pixmaps()
    }

    #[zbus(property)]
    fn overlay_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn overlay_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property)]
    fn attention_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_movie_name(&self) -> &'static str {
        ""
    }

    /// Icon name, pixmaps, title, text.
    #[zbus(property)]
    fn tool_tip(&self) -> (String, Vec<Pixmap>, String, String) {
        (String::new(), Vec::new(), self.tell(), String::new())
    }

    #[zbus(signal)]
    async fn new_title(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
