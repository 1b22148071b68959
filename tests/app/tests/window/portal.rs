//! A desktop portal that says one thing: whether the desktop is light or dark.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tidegate_testkit::Session;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;
use zbus::{Connection, fdo};

const PATH: &str = "/org/freedesktop/portal/desktop";

/// What the desktop prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Dark = 1,
    Light = 2,
}

/// The portal, on the bus until it is dropped.
pub(crate) struct Portal {
    bus: Connection,
    scheme: Arc<Mutex<Scheme>>,
}

impl Portal {
    /// Owns the portal's name in this session.
    pub(crate) async fn start(session: &Session, scheme: Scheme) -> Self {
        let scheme = Arc::new(Mutex::new(scheme));
        let bus = session.connect().await;
        bus.object_server().at(PATH, Settings(Arc::clone(&scheme))).await.unwrap();
        bus.request_name("org.freedesktop.portal.Desktop").await.unwrap();
        Self { bus, scheme }
    }

    /// The user changes it.
    pub(crate) async fn set(&self, scheme: Scheme) {
        *self.scheme.lock().unwrap() = scheme;
        let emitter = SignalEmitter::new(&self.bus, PATH).unwrap();
        let value = Value::U32(scheme as u32);
        Settings::setting_changed(&emitter, "org.freedesktop.appearance", "color-scheme", value).await.unwrap();
    }
}

struct Settings(Arc<Mutex<Scheme>>);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    async fn read(&self, namespace: &str, key: &str) -> fdo::Result<Value<'static>> {
        if (namespace, key) != ("org.freedesktop.appearance", "color-scheme") {
            return Err(fdo::Error::Failed(format!("no setting {namespace} {key}")));
        }
        let scheme = *self.0.lock().unwrap();
        Ok(Value::Value(Box::new(Value::U32(scheme as u32))))
    }

    /// GTK reads them all when it starts.
    async fn read_all(&self, _namespaces: Vec<String>) -> HashMap<String, HashMap<String, Value<'static>>> {
        HashMap::new()
    }

    #[zbus(signal)]
    async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}
