//! The daemon's face on the bus: `org.tidegate.Tidegate1`, with typed verbs for scripts, one request call for our own
//! clients, properties and a signal for whoever watches. Must not decide anything: it asks the engine.

mod admission;
mod interface;
mod requests;
mod shown;

pub(crate) use requests::TOKEN_BYTES;
pub use requests::{Examination, OpenWindow, Outlets, Quit, TakeOverNow, Viewer};

use interface::Tidegate1;
use requests::Requests;
use shown::Shown;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_contract::{Code, Failure, Message, OBJECT_PATH, View};
use zbus::Connection;
use zbus::fdo::Properties;
use zbus::names::InterfaceName;
use zbus::object_server::InterfaceRef;
use zbus::zvariant::Value;

/// The interface's name.
const INTERFACE: InterfaceName<'static> = InterfaceName::from_static_str_unchecked("org.tidegate.Tidegate1");

/// The served object. Publishes what has changed.
#[derive(Clone)]
pub struct Control {
    interface: InterfaceRef<Tidegate1>,
    last: Arc<Mutex<Arc<View>>>,
}

impl Control {
    /// Serves the object on a connection. Its well-known name is the caller's business, and should be asked for
    /// afterwards, so that nobody meets the name without the object.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn serve(conn: &Connection, outlets: Outlets, first: View) -> zbus::Result<Self> {
        let last = Arc::new(Mutex::new(Arc::new(first)));
        let object = Tidegate1::new(Requests::new(outlets), last.clone());
        conn.object_server().at(OBJECT_PATH, object).await?;
        let interface = conn.object_server().interface(OBJECT_PATH).await?;
        Ok(Self { interface, last })
    }

    /// Tells those who watch, if the view says something else than the last one published, or than one that a client may
    /// have been given in between: their revisions are not in a row then.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn publish(&self, view: Arc<View>) -> zbus::Result<()> {
        let before = std::mem::replace(&mut *lock(&self.last), view.clone());
        let in_a_row = view.revision <= before.revision.saturating_add(1);
        if in_a_row && shown::same(&before, &view) {
            return Ok(());
        }
        let emitter = self.interface.signal_emitter();
        let changed = Shown::of(&view).changes_since(&Shown::of(&before));
        if !changed.is_empty() {
            let changed: HashMap<&str, Value<'_>> = changed.into_iter().collect();
            Properties::properties_changed(emitter, INTERFACE, changed, Cow::Borrowed(&[])).await?;
        }
        let json = serde_json::to_string(&*view).map_err(|error| zbus::Error::Failure(error.to_string()))?;
        Tidegate1::view_changed(emitter, &json).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn invalid(message: Message) -> Failure {
    Failure { code: Code::Invalid, message }
}
