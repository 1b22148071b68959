//! Idleness from Mutter: `org.gnome.Mutter.IdleMonitor` on the session bus. While an app keeps the session from going
//! idle, such as a video player, Mutter does not call it idle.

use super::{IdleError, IdleSource, plain};
use futures_util::StreamExt;
use std::time::Duration;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};
use zbus::{Connection, Message, MessageStream};

const NAME: &str = "org.gnome.Mutter.IdleMonitor";
const PATH: &str = "/org/gnome/Mutter/IdleMonitor/Core";
/// Whoever has the name may answer or not.
const PATIENCE: Duration = Duration::from_secs(5);
const MUTTER: WellKnownName<'static> = WellKnownName::from_static_str_unchecked(NAME);

/// The watch lasts as long as its connection.
pub(super) struct Watch {
    conn: Connection,
    mutter: OwnedUniqueName,
    id: u32,
    messages: MessageStream,
    departure: NameOwnerChangedStream,
}

/// `None`: there is no Mutter. It is not started.
pub(super) async fn watch(bus: Option<&str>, after: Duration) -> Result<Option<Watch>, IdleError> {
    let conn = async { tidegate_bus::connect(bus).await?.build().await }.await.map_err(IdleError::Bus)?;
    let bus = DBusProxy::new(&conn).await.map_err(IdleError::Bus)?;
    let departure = bus.receive_name_owner_changed_with_args(&[(0, NAME)]).await.map_err(IdleError::Bus)?;
    let Ok(mutter) = bus.get_name_owner(BusName::WellKnown(MUTTER)).await else { return Ok(None) };
    let messages = MessageStream::from(&conn);
    let interval = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    let id = add_watch(&conn, &mutter, "AddIdleWatch", &interval).await?;
    Ok(Some(Watch { conn, mutter, id, messages, departure }))
}

async fn add_watch<B>(conn: &Connection, mutter: &OwnedUniqueName, method: &str, of: &B) -> Result<u32, IdleError>
where
    B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
{
    let refused = |why: &str| IdleError::Refused(IdleSource::Mutter, plain(why));
    let call = conn.call_method(Some(mutter), PATH, Some(NAME), method, of);
    let added = tokio::time::timeout(PATIENCE, call).await.map_err(|_| refused("no answer"))?;
    let added = added.map_err(|error| refused(&error.to_string()))?;
    added.body().deserialize().map_err(|_| IdleError::Malformed(IdleSource::Mutter))
}

impl Watch {
    /// A watch for a touch fires at the next one.
    pub(super) async fn touched(mut self) -> Result<(), IdleError> {
        self.id = add_watch(&self.conn, &self.mutter, "AddUserActiveWatch", &()).await?;
        self.idle().await
    }

    /// Until the watch has fired that is asked for.
    pub(super) async fn idle(&mut self) -> Result<(), IdleError> {
        loop {
            tokio::select! {
                message = self.messages.next() => match message {
                    Some(Ok(message)) if self.fired(&message) => return Ok(()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(IdleError::Bus(error)),
                    None => return Err(IdleError::Gone(IdleSource::Mutter)),
                },
                _ = self.departure.next() => return Err(IdleError::Gone(IdleSource::Mutter)),
            }
        }
    }

    fn fired(&self, message: &Message) -> bool {
        let header = message.header();
        header.sender().is_some_and(|sender| *sender == self.mutter)
            && header.interface().is_some_and(|interface| interface == NAME)
            && header.member().is_some_and(|member| member == "WatchFired")
            && message.body().deserialize::<u32>().is_ok_and(|id| id == self.id)
    }
}
