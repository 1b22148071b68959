//! A notification as a sender builds it, with any hints, and the D-Bus message
//! that carries it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use zbus::Message;
use zbus::zvariant::{Signature, Type, Value, as_value};

use crate::image::ImageData;
use crate::{NOTIFICATIONS, NOTIFICATIONS_PATH};

/// The arguments of `Notify`. Everything not set is what a plain sender gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    app_name: String,
    replaces_id: u32,
    app_icon: String,
    summary: String,
    body: String,
    actions: Vec<String>,
    hints: BTreeMap<String, Hint>,
    timeout: i32,
}

impl Notification {
    /// One with this summary.
    #[must_use]
    pub fn new(summary: &str) -> Self {
        Self {
            app_name: "testkit".into(),
            replaces_id: 0,
            app_icon: String::new(),
            summary: summary.into(),
            body: String::new(),
            actions: Vec::new(),
            hints: BTreeMap::new(),
            timeout: -1,
        }
    }

    /// Sets the name that the app gives itself.
    #[must_use]
    pub fn app_name(mut self, name: &str) -> Self {
        self.app_name = name.into();
        self
    }

    /// Sets the id that it replaces; 0 for none.
    #[must_use]
    pub fn replaces(mut self, id: u32) -> Self {
        self.replaces_id = id;
        self
    }

    /// Sets the icon: a name, a path or a URI.
    #[must_use]
    pub fn icon(mut self, icon: &str) -> Self {
        self.app_icon = icon.into();
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }

    /// Adds an action.
    #[must_use]
    pub fn action(self, key: &str, label: &str) -> Self {
        self.raw_action(key).raw_action(label)
    }

    /// Adds a single entry to the list of actions, for odd counts.
    #[must_use]
    pub fn raw_action(mut self, entry: &str) -> Self {
        self.actions.push(entry.into());
        self
    }

    /// Sets a hint, with the D-Bus type that the value has.
    #[must_use]
    pub fn hint(mut self, name: &str, value: impl Into<Value<'static>>) -> Self {
        self.hints.insert(name.into(), Hint::Value(value.into()));
        self
    }

    /// Sets a hint that is an image.
    #[must_use]
    pub fn image(mut self, name: &str, image: ImageData) -> Self {
        self.hints.insert(name.into(), Hint::Image(image));
        self
    }

    /// Sets the timeout in milliseconds; 0 stays, −1 is the server's choice.
    #[must_use]
    pub fn timeout(mut self, milliseconds: i32) -> Self {
        self.timeout = milliseconds;
        self
    }

    /// The `Notify` call to whoever owns `destination`.
    ///
    /// # Panics
    /// If it cannot be encoded.
    #[must_use]
    pub fn message(&self, destination: &str) -> Message {
        let body = (
            &self.app_name,
            self.replaces_id,
            &self.app_icon,
            &self.summary,
            &self.body,
            &self.actions,
            &self.hints,
            self.timeout,
        );
        call(destination, "Notify").build(&body).unwrap()
    }
}

/// The value of a hint. An image is kept as it is: as a [`Value`], each of its
/// bytes would take dozens.
#[derive(Debug, Clone, PartialEq)]
enum Hint {
    Value(Value<'static>),
    Image(ImageData),
}

impl Type for Hint {
    const SIGNATURE: &'static Signature = Value::SIGNATURE;
}

impl Serialize for Hint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Image(image) => as_value::Serialize(image).serialize(serializer),
        }
    }
}

/// The start of a call to a notification server.
pub(crate) fn call<'a>(destination: &'a str, method: &'a str) -> zbus::message::Builder<'a> {
    Message::method_call(NOTIFICATIONS_PATH, method)
        .and_then(|call| call.destination(destination))
        .and_then(|call| call.interface(NOTIFICATIONS))
        .unwrap()
}
