//! Where a client's change of a setting goes through: it is written, in force, and only then answered. A disk may be slow,
//! so this waits elsewhere than where apps are answered. Must not know what any setting means.

use super::edit::NotSet;
use super::file::SettingsFile;
use super::parse::Mistake;
use super::read_now::{NotRead, Reader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tidegate_contract::{DataView, Trouble};
use tokio::sync::Semaphore;

/// A disk that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Files that are measured, at most: bodies and copies lie in few.
const FILES: usize = 10_000;

/// The settings' door.
#[derive(Debug, Clone)]
pub struct Door {
    file: SettingsFile,
    reader: Reader,
    data: PathBuf,
    turn: Arc<Semaphore>,
}

/// Why a setting was not changed, or cannot be said to be in force.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// The file was not changed.
    #[error(transparent)]
    NotSet(#[from] NotSet),
    /// It was, and what it says now is wrong elsewhere.
    #[error("the settings file is wrong elsewhere")]
    Wrong(Trouble),
    /// Nobody reads it any more.
    #[error(transparent)]
    NotRead(#[from] NotRead),
    /// The disk has not answered in time.
    #[error("the disk does not answer: {} may be changed or not", .0.display())]
    Late(PathBuf),
}

impl Door {
    /// `data` is the folder of what is kept.
    #[must_use]
    pub fn new(file: SettingsFile, reader: Reader, data: PathBuf) -> Self {
        Self { file, reader, data, turn: Arc::new(Semaphore::new(1)) }
    }

    /// The file's path.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.file.path()
    }

    /// Has the file read, and what it says in force: what is wrong with it, if anything is.
    ///
    /// # Errors
    /// When the daemon is ending.
    pub async fn read_now(&self) -> Result<Option<Trouble>, NotRead> {
        self.reader.read_now().await
    }

    /// Writes a value, or takes it out, and has the file read.
    ///
    /// # Errors
    /// Why it is not changed, or not in force.
    pub async fn set(&self, key: String, value: Option<String>) -> Result<(), NotChanged> {
        let file = self.file.clone();
        let set = move || match value {
            Some(value) => file.set(&key, &value),
            None => file.unset(&key),
        };
        let late = || NotChanged::Late(self.file().to_owned());
        self.elsewhere(set).await.ok_or_else(late)??;
        match self.read_now().await? {
            Some(trouble) => Err(NotChanged::Wrong(trouble)),
            None => Ok(()),
        }
    }

    /// What is wrong with the file as it lies there now.
    pub async fn mistake(&self) -> Option<Mistake> {
        let file = self.file.clone();
        self.elsewhere(move || file.load()).await?.err()
    }

    /// Where the data lies, and what it takes.
    pub async fn data(&self) -> DataView {
        let folder = self.data.clone();
        let bytes = self.elsewhere(move || bytes_in(&folder)).await;
        DataView { folder: self.data.display().to_string(), bytes }
    }
}

impl Door {
    /// Nothing, if the disk does not answer. One at a time: what hangs takes one of the few threads there are, and what waits
    /// for it is not done once nobody waits any more.
    async fn elsewhere<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = self.turn.clone();
        let in_turn = async move {
            let turn = turn.acquire_owned().await.ok()?;
            let work = move || {
                let done = work();
                drop(turn);
                done
            };
            tokio::task::spawn_blocking(work).await.ok()
        };
        tokio::time::timeout(PATIENCE, in_turn).await.ok()?
    }
}

/// Of the files in a folder and in the folders in it.
fn bytes_in(folder: &Path) -> u64 {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().take(FILES);
    let files = entries(folder).flat_map(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let inside: Vec<_> = if is_folder { entries(&entry.path()).collect() } else { Vec::new() };
        inside.into_iter().chain((!is_folder).then_some(entry))
    });
    files.take(FILES).filter_map(|file| file.metadata().ok()).map(|found| found.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_folder_and_in_the_folders_in_it_is_measured() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("one"), [0; 10]).unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        std::fs::write(folder.path().join("files/two"), [0; 5]).unwrap();
        assert_eq!(bytes_in(folder.path()), 15);
        assert_eq!(bytes_in(&folder.path().join("none")), 0);
    }

    #[tokio::test]
    async fn a_value_is_in_force_before_it_is_answered_and_a_wrong_one_leaves_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path().join("settings.toml"));
        let (reader, mut reads) = Reader::new();
        let door = Door::new(file.clone(), reader, folder.path().to_owned());
        let read = tokio::spawn(async move {
            let mut count = 0;
            while let Some(read) = reads.recv().await {
                count += 1;
                read.answer(None);
            }
            count
        });
        door.set("blocks.length".into(), Some("25".into())).await.unwrap();
        let before = std::fs::read_to_string(file.path()).unwrap();
        assert!(before.ends_with("\n[blocks]\nlength = 25\n"), "{before}");
        let wrong = door.set("blocks.length".into(), Some("never".into())).await.unwrap_err().to_string();
        assert_eq!(
            wrong,
            "blocks.length cannot be \"never\"; give 25, 25m or 1h30 (at most 24h), last, until-check-in or open"
        );
        assert!(matches!(door.set("x".into(), None).await, Err(NotChanged::NotSet(NotSet::Key(_)))));
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), before);
        assert_eq!(door.mistake().await, None);
        door.set("blocks.length".into(), None).await.unwrap();
        drop(door);
        assert_eq!(read.await.unwrap(), 2);
    }
}
