//! Keeps the settings in force as the file says while the daemon runs. Must not know what any of them means.

use super::Wires;
use crate::settings::{InForce, SettingsFile, watch};
use tidegate_domain::Event;

/// The code of a mistake in the file.
pub(super) const TROUBLE: &str = "settings";

/// Heeds the file until the daemon ends.
pub(super) async fn heed(file: SettingsFile, mut settings: InForce, wires: Wires) {
    let watched = watch(file.path(), || {
        let change = settings.take(file.load());
        wires.set_trouble(TROUBLE, change.trouble);
        if let Some(settings) = change.settings {
            tracing::info!("the settings have changed");
            wires.engine.send(Event::SettingsChanged(Box::new(settings)));
        }
    });
    let Err(error) = watched.await;
    tracing::warn!(%error, "the settings file cannot be watched: a change of it counts from the next start");
}
