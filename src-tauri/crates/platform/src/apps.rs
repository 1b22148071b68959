//! Opens the app behind an interruption by the desktop entry that it named, from the user's own data folders. The name is
//! a stranger's claim: it only picks among what is installed, and nothing else of what they sent comes this far. Must not
//! know notifications.

mod entry;
mod exec;
mod folders;
mod scope;
mod start;

pub use entry::Languages;
pub use folders::Folders;

use folders::{EntryId, Installed};
use start::NotActivated;
use zbus::Connection;

/// Why an app was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// It named no desktop entry, or none that could be one's id.
    #[error("it named no desktop entry")]
    NoEntry,
    /// There is none with this id, or it says itself that its app is not there.
    #[error("no app is installed for the desktop entry \"{0}\"")]
    NotInstalled(String),
    /// It is installed and does not start.
    #[error("{0}")]
    NotStarted(String),
}

/// The apps of this session.
#[derive(Debug, Clone)]
pub struct Apps {
    bus: Connection,
    folders: Folders,
    languages: Languages,
}

impl Apps {
    /// `bus` is the session's.
    #[must_use]
    pub fn new(bus: Connection, folders: Folders, languages: Languages) -> Self {
        Self { bus, folders, languages }
    }

    /// What the user calls the app that would be opened; none where nothing is installed to be opened.
    pub async fn name(&self, claimed: &str) -> Option<String> {
        self.installed(claimed).await.ok().map(|app| app.entry.name)
    }

    /// The icon of the app with this id: a name, or an absolute path; none where nothing is installed. An app that is
    /// known by its name only is looked for as its entry would be called. Reads disks, so not for the thread that answers
    /// apps.
    #[must_use]
    pub fn icon(&self, id: &str) -> Option<String> {
        let as_entry = id.to_lowercase().replace(' ', "-");
        [id, &as_entry].into_iter().find_map(|id| {
            let id = EntryId::claimed(id)?;
            self.folders.installed(&id, &self.languages).ok()?.entry.icon
        })
    }

    /// Opens it, and gives its name. `token` is the activation token of the press that asked for it.
    ///
    /// # Errors
    /// Why not. What was started and ends later is no error.
    pub async fn open(&self, claimed: &str, token: Option<&str>) -> Result<String, NotOpened> {
        let app = self.installed(claimed).await?;
        let name = app.entry.name.clone();
        if app.entry.dbus_activatable {
            match start::activate(&self.bus, &app.id, token).await {
                Ok(()) => return Ok(name),
                // Nothing was started, so that nothing is started twice.
                Err(NotActivated::NoSuchName) if app.entry.exec.is_some() => {}
                Err(error) => return Err(NotOpened::NotStarted(error.to_string())),
            }
        }
        self.run(app, token.map(str::to_owned)).await?;
        Ok(name)
    }

    async fn installed(&self, claimed: &str) -> Result<Installed, NotOpened> {
        let id = EntryId::claimed(claimed).ok_or(NotOpened::NoEntry)?;
        let (folders, languages) = (self.folders.clone(), self.languages.clone());
        blocking(move || folders.installed(&id, &languages)).await
    }

    async fn run(&self, app: Installed, token: Option<String>) -> Result<(), NotOpened> {
        let (id, child) = blocking(move || {
            let mut command = start::command(&app, token.as_deref()).map_err(NotOpened::NotStarted)?;
            let child = command.spawn().map_err(|error| NotOpened::NotStarted(start::why(&command, &error)))?;
            Ok((app.id, child))
        })
        .await?;
        tokio::spawn(start::attend(self.bus.clone(), id, child));
        Ok(())
    }
}

/// A file system may be slow, and the thread that answers apps must not wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NotOpened> + Send + 'static,
) -> Result<T, NotOpened> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(NotOpened::NotStarted("the daemon is ending".to_owned())))
}
