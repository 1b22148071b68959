//! The icon's menu as panels see it: com.canonical.dbusmenu, of one level. (libdbusmenu, "dbus-menu.xml".) Must not know
//! what its entries do.

use super::menu::Entry;
use super::state::{ROOT, State};
use std::collections::HashMap;
use zbus::fdo::Error;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;
use zbus::{Connection, fdo};

/// Where the menu is.
pub(super) const PATH: &str = "/MenuBar";

type Properties = HashMap<&'static str, Value<'static>>;
/// Number, properties, children.
type Layout = (i32, Properties, Vec<Value<'static>>);
/// Number, what happened, its data, when.
type Event<'a> = (i32, &'a str, Value<'a>, u32);

pub(super) struct DbusMenu {
    state: State,
}

impl DbusMenu {
    pub(super) fn new(state: State) -> Self {
        Self { state }
    }

    /// Tells that it has another revision.
    pub(super) async fn changed(conn: &Connection, revision: u32) -> zbus::Result<()> {
        Self::layout_updated(&SignalEmitter::new(conn, PATH)?, revision, ROOT).await
    }

    /// The menu itself and its entries.
    fn properties(&self) -> Vec<(i32, Properties)> {
        let (_, menu) = self.state.menu();
        let entries = menu.iter().map(|(number, entry)| (*number, of_entry(entry)));
        [(ROOT, of_root())].into_iter().chain(entries).collect()
    }

    fn happened(&self, number: i32, what: &str) -> bool {
        if what == "clicked" { self.state.choose(number) } else { self.is_known(number) }
    }

    fn is_known(&self, number: i32) -> bool {
        number == ROOT || self.state.menu().1.iter().any(|(known, _)| *known == number)
    }
}

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl DbusMenu {
    fn get_layout(&self, parent: i32, depth: i32, names: Vec<&str>) -> fdo::Result<(u32, Layout)> {
        let (revision, menu) = self.state.menu();
        let entry = |(number, entry): &(i32, Entry)| (*number, chosen(of_entry(entry), &names), Vec::new());
        if parent != ROOT {
            let found = menu.iter().find(|(number, _)| *number == parent);
            return Ok((revision, entry(found.ok_or_else(no_such_entry)?)));
        }
        let entries = menu.iter().filter(|_| depth != 0).map(|one| Value::from(entry(one)));
        Ok((revision, (ROOT, chosen(of_root(), &names), entries.collect())))
    }

    fn get_group_properties(&self, numbers: Vec<i32>, names: Vec<&str>) -> Vec<(i32, Properties)> {
        let all = self.properties().into_iter();
        let wanted = all.filter(|(number, _)| numbers.is_empty() || numbers.contains(number));
        wanted.map(|(number, properties)| (number, chosen(properties, &names))).collect()
    }

    fn get_property(&self, number: i32, name: &str) -> fdo::Result<Value<'static>> {
        let found = self.properties().into_iter().find(|(known, _)| *known == number);
        let (_, mut properties) = found.ok_or_else(no_such_entry)?;
        properties.remove(name).ok_or_else(|| Error::InvalidArgs("it has no such property".to_owned()))
    }

    fn event(&self, number: i32, what: &str, _data: Value<'_>, _timestamp: u32) -> fdo::Result<()> {
        if self.happened(number, what) { Ok(()) } else { Err(no_such_entry()) }
    }

    /// Answers with those that are not there.
    fn event_group(&self, events: Vec<Event<'_>>) -> Vec<i32> {
        events.into_iter().filter(|(number, what, ..)| !self.happened(*number, what)).map(|event| event.0).collect()
    }

    /// Whether it has to be fetched anew: it never has, since each change is told.
    fn about_to_show(&self, _number: i32) -> bool {
        false
    }

    /// Those to be fetched anew, and those that are not there.
    fn about_to_show_group(&self, numbers: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        (Vec::new(), numbers.into_iter().filter(|number| !self.is_known(*number)).collect())
    }

    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn text_direction(&self) -> &'static str {
        "ltr"
    }

    #[zbus(property)]
    fn status(&self) -> &'static str {
        "normal"
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(signal)]
    async fn layout_updated(emitter: &SignalEmitter<'_>, revision: u32, parent: i32) -> zbus::Result<()>;
}

fn no_such_entry() -> Error {
    Error::InvalidArgs("there is no such entry".to_owned())
}

fn of_root() -> Properties {
    HashMap::from([("children-display", Value::from("submenu"))])
}

/// What is as usual is left out.
fn of_entry(entry: &Entry) -> Properties {
    match entry {
        Entry::Line => HashMap::from([("type", Value::from("separator"))]),
        Entry::Says(text) => HashMap::from([("label", Value::from(literal(text))), ("enabled", Value::from(false))]),
        Entry::Does(label, _) => HashMap::from([("label", Value::from(literal(label)))]),
    }
}

/// Those of these names; all if none is named.
fn chosen(mut properties: Properties, names: &[&str]) -> Properties {
    properties.retain(|name, _| names.is_empty() || names.contains(name));
    properties
}

/// A label in which no underscore names an access key (com.canonical.dbusmenu, "label").
fn literal(label: &str) -> String {
    label.replace('_', "__")
}
