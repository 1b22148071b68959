//! The menu of a tray icon, as `com.canonical.dbusmenu` tells it.

use std::collections::HashMap;

use zbus::Message;
use zbus::zvariant::{OwnedValue, Structure, Value};

pub(super) const INTERFACE: &str = "com.canonical.dbusmenu";

/// An entry of a menu. What the application does not say is as the protocol's
/// defaults have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// Its number, which events name.
    pub id: i32,
    /// Its text, with the underscores that mark access keys.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Whether it is a line between others.
    pub separator: bool,
    /// Whether it is ticked; `None` if it is not a thing to tick.
    pub ticked: Option<bool>,
    /// The entries of its submenu.
    pub children: Vec<MenuEntry>,
}

type Properties = HashMap<String, OwnedValue>;

/// The entries of the root in a reply of `GetLayout`.
pub(super) fn entries(reply: &Message) -> Vec<MenuEntry> {
    let (_revision, root): (u32, (i32, Properties, Vec<OwnedValue>)) = reply.body().deserialize().unwrap();
    entry(root.0, &root.1, root.2).children
}

/// The entry with this label, at any depth.
pub(super) fn find<'a>(entries: &'a [MenuEntry], label: &str) -> Option<&'a MenuEntry> {
    entries.iter().find_map(|entry| match entry.label == label {
        true => Some(entry),
        false => find(&entry.children, label),
    })
}

fn entry(id: i32, properties: &Properties, children: Vec<OwnedValue>) -> MenuEntry {
    let text = |name| properties.get(name).and_then(|value| <&str>::try_from(value).ok());
    let flag = |name| properties.get(name).and_then(|value| bool::try_from(value).ok());
    let state = properties.get("toggle-state").and_then(|value| i32::try_from(value).ok());
    MenuEntry {
        id,
        label: text("label").unwrap_or_default().to_owned(),
        enabled: flag("enabled").unwrap_or(true),
        visible: flag("visible").unwrap_or(true),
        separator: text("type") == Some("separator"),
        ticked: text("toggle-type").map(|_| state == Some(1)),
        children: children.into_iter().map(child).collect(),
    }
}

fn child(value: OwnedValue) -> MenuEntry {
    let fields = Structure::try_from(Value::from(value)).unwrap().into_fields();
    let [id, properties, children] = <[Value<'_>; 3]>::try_from(fields).unwrap();
    let properties = Properties::try_from(OwnedValue::try_from(properties).unwrap()).unwrap();
    let children = Vec::<OwnedValue>::try_from(OwnedValue::try_from(children).unwrap()).unwrap();
    entry(i32::try_from(id).unwrap(), &properties, children)
}
