//! When the machine wakes up from sleep, as logind says on the system bus. Must not know what that is good for.

use futures_util::StreamExt;
use zbus::proxy::SignalStream;

const LOGIND: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
/// Where the system bus is that no variable names.
const SYSTEM_BUS: &str = "unix:path=/run/dbus/system_bus_socket";

/// Sleep cannot be seen.
#[derive(Debug, thiserror::Error)]
pub enum SleepError {
    /// There is no system bus, or it does not work.
    #[error("listen to logind on the system bus: {0}")]
    Bus(#[from] zbus::Error),
    /// It is gone.
    #[error("the system bus is gone")]
    Gone,
}

/// Hears of each sleep of the machine. Dropping it ends it.
pub struct Sleeps(SignalStream<'static>);

impl Sleeps {
    /// Begins to listen. logind is not started for it.
    ///
    /// # Errors
    /// Without a system bus.
    pub async fn listen() -> Result<Self, SleepError> {
        let set = std::env::var("DBUS_SYSTEM_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
        let address = set.unwrap_or_else(|| SYSTEM_BUS.to_owned());
        let conn = tidegate_bus::connect(Some(&address)).await?.build().await?;
        let manager = zbus::Proxy::new(&conn, LOGIND, PATH, MANAGER).await?;
        Ok(Self(manager.receive_signal("PrepareForSleep").await?))
    }

    /// Waits until the machine has slept and is awake again.
    ///
    /// # Errors
    /// When the system bus is gone.
    pub async fn awake_again(&mut self) -> Result<(), SleepError> {
        loop {
            let told = self.0.next().await.ok_or(SleepError::Gone)?;
            if told.body().deserialize::<bool>().is_ok_and(|falls_asleep| !falls_asleep) {
                return Ok(());
            }
        }
    }
}
