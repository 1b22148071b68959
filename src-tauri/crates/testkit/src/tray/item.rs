//! One tray icon as its panel sees it.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::menu::{self, MenuEntry};
use crate::wait::{DEADLINE, next_item, within};

const ITEM: &str = "org.kde.StatusNotifierItem";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// A tray icon. It is asked anew each time; nothing is cached.
#[derive(Debug, Clone)]
pub struct TrayItem {
    conn: Connection,
    name: String,
    path: String,
}

impl TrayItem {
    pub(super) fn new(conn: Connection, name: String, path: String) -> Self {
        Self { conn, name, path }
    }

    /// The bus name by which it registered.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One of its properties, such as `Status` or `ToolTip`.
    ///
    /// # Panics
    /// If it does not have it.
    pub async fn property(&self, name: &str) -> OwnedValue {
        let reply = self.call(&self.path, PROPERTIES, "Get", &(ITEM, name)).await;
        reply.body().deserialize().unwrap()
    }

    /// All of its properties at once, as panels ask for them.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn properties(&self) -> HashMap<String, OwnedValue> {
        let reply = self.call(&self.path, PROPERTIES, "GetAll", &ITEM).await;
        reply.body().deserialize().unwrap()
    }

    /// A property that is text: `Id`, `Title`, `Status`, `IconName`.
    ///
    /// # Panics
    /// If it does not have it, or it is no text.
    pub async fn text(&self, name: &str) -> String {
        String::try_from(self.property(name).await).unwrap()
    }

    /// The title and the text of its tooltip.
    ///
    /// # Panics
    /// If it has none.
    pub async fn tool_tip(&self) -> (String, String) {
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let (_, _, title, text) = ToolTip::try_from(self.property("ToolTip").await).unwrap();
        (title, text)
    }

    /// Clicks it with the left button.
    pub async fn activate(&self) {
        self.call(&self.path, ITEM, "Activate", &(0, 0)).await;
    }

    /// Clicks it with the middle button.
    pub async fn secondary_activate(&self) {
        self.call(&self.path, ITEM, "SecondaryActivate", &(0, 0)).await;
    }

    /// Gives it the activation token of the press that comes next.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn provide_token(&self, token: &str) {
        self.call(&self.path, ITEM, "ProvideXdgActivationToken", &token).await;
    }

    /// Turns the wheel over it.
    pub async fn scroll(&self, delta: i32) {
        self.call(&self.path, ITEM, "Scroll", &(delta, "vertical")).await;
    }

    /// Its menu: the root's entries.
    ///
    /// # Panics
    /// If it has none.
    pub async fn menu(&self) -> Vec<MenuEntry> {
        let names: &[&str] = &[];
        let path = self.menu_path().await;
        let reply = self.call(&path, menu::INTERFACE, "GetLayout", &(0, -1, names)).await;
        menu::entries(&reply)
    }

    /// Chooses the menu's entry with this label.
    ///
    /// # Panics
    /// If there is none that can be chosen.
    pub async fn choose(&self, label: &str) {
        let menu = self.menu().await;
        let entry = menu::find(&menu, label).unwrap_or_else(|| panic!("no {label:?} in {menu:?}"));
        assert!(entry.enabled, "{label:?} cannot be chosen");
        let path = self.menu_path().await;
        let event = (entry.id, "clicked", zbus::zvariant::Value::from(0), 0_u32);
        self.call(&path, menu::INTERFACE, "Event", &event).await;
    }

    /// Waits until a question about it has the wanted answer, asking again
    /// whenever the item or its menu announces a change.
    ///
    /// # Panics
    /// At the deadline, with the last answer.
    pub async fn wait<T: std::fmt::Debug>(
        &self,
        deadline: Duration,
        mut question: impl AsyncFnMut(&Self) -> T,
        mut wanted: impl FnMut(&T) -> bool,
    ) -> T {
        let mut changes = self.changes().await;
        let mut answer = question(self).await;
        while !wanted(&answer) {
            let what = format!("the tray icon to change from {answer:?}");
            drop(next_item(deadline, &what, &mut changes).await);
            answer = question(self).await;
        }
        answer
    }

    /// Every signal of its connection: `NewIcon`, `NewToolTip`,
    /// `LayoutUpdated` and the like.
    async fn changes(&self) -> MessageStream {
        let rule =
            MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(self.name.as_str()).unwrap().build();
        MessageStream::for_match_rule(rule, &self.conn, None).await.unwrap()
    }

    async fn menu_path(&self) -> String {
        let path = OwnedObjectPath::try_from(self.property("Menu").await).unwrap();
        path.to_string()
    }

    async fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> Message
    where
        B: Serialize + DynamicType,
    {
        let name = Some(self.name.as_str());
        let call = self.conn.call_method(name, path, Some(interface), method, body);
        within(DEADLINE, method, call).await.unwrap_or_else(|error| panic!("the tray icon's {method}: {error}"))
    }
}
