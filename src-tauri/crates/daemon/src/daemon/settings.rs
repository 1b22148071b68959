//! Keeps the settings in force as the file says while the daemon runs. Must not know what any of them means.

use super::Wires;
use tidegate_contract::Trouble;
use tidegate_domain::Event;
use tidegate_settings::{InForce, ReadNow, SettingsFile, watch};
use tokio::sync::mpsc;

/// The code of a mistake in the file.
pub(super) const TROUBLE: &str = "settings";

/// Heeds the file until the daemon ends, and at once when somebody asks.
pub(super) async fn heed(file: SettingsFile, settings: InForce, wires: Wires, mut asking: mpsc::Receiver<ReadNow>) {
    let mut heeding = Heeding { file: file.clone(), settings, wires };
    let Err(error) = watch(file.path(), &mut asking, |asks| heeding.read(asks)).await;
    tracing::warn!(%error, "the settings file cannot be watched: a change of it counts once `tidegate settings` makes one");
    while let Some(asks) = asking.recv().await {
        heeding.read(Some(asks));
    }
}

struct Heeding {
    file: SettingsFile,
    settings: InForce,
    wires: Wires,
}

impl Heeding {
    fn read(&mut self, asks: Option<ReadNow>) {
        let trouble = self.take();
        if let Some(asks) = asks {
            asks.answer(trouble);
        }
    }

    /// Puts what the file says now in force; what is wrong with it.
    fn take(&mut self) -> Option<Trouble> {
        let change = self.settings.take(self.file.load());
        self.wires.set_trouble(TROUBLE, change.trouble.clone());
        if let Some(settings) = change.settings {
            tracing::info!("the settings have changed");
            self.wires.room.set(settings.storage);
            self.wires.engine.send(Event::SettingsChanged(Box::new(settings)));
        }
        change.trouble
    }
}
