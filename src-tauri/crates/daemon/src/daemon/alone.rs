//! One daemon a session: a lock in the runtime folder, taken before anything of the session or the store is touched. Must not
//! know the bus.

use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;

/// A daemon that is ending, or was killed and is not all gone, is waited for this long.
const PATIENCE: Duration = Duration::from_secs(3);
const FOLDER: &str = "tidegate";
const FILE: &str = "daemon.lock";

/// Held for as long as this process is the session's daemon.
#[derive(Debug)]
pub(super) struct Alone {
    /// None where no lock can be had at all, such as in a runtime folder that is full: then the bus alone says who was first.
    _lock: Option<File>,
}

/// Another daemon runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Its process, if it said so.
    pub(super) pid: Option<u32>,
}

/// The lock was not free in time.
struct Late;

impl Alone {
    /// Becomes the session's only daemon. One that is just ending is waited for.
    pub(super) async fn become_it(runtime: &Path) -> Result<Self, Taken> {
        match open(runtime) {
            Ok(file) => Self::lock(file).await.map_err(|_| Taken { pid: signature(runtime) }),
            Err(error) => {
                tracing::warn!(%error, "no lock in the session's runtime folder");
                Ok(Self { _lock: None })
            }
        }
    }

    async fn lock(file: File) -> Result<Self, Late> {
        let (locked, is_locked) = oneshot::channel();
        // The kernel tells nobody that a lock is free but who waits for it. A thread whose wait is in vain ends with the process.
        let waits = std::thread::Builder::new().name("lock".into()).stack_size(64 << 10).spawn(move || {
            let outcome = flock(&file, FlockOperation::LockExclusive).map(|()| file);
            if locked.send(outcome).is_err() {
                tracing::debug!("the lock came too late");
            }
        });
        if let Err(error) = waits {
            tracing::warn!(%error, "the session's lock cannot be waited for");
            return Ok(Self { _lock: None });
        }
        match tokio::time::timeout(PATIENCE, is_locked).await {
            Ok(Ok(Ok(file))) => Ok(Self { _lock: Some(signed(file)) }),
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "the session's runtime folder knows no locks");
                Ok(Self { _lock: None })
            }
            Ok(Err(_)) | Err(_) => Err(Late),
        }
    }
}

fn path(runtime: &Path) -> PathBuf {
    runtime.join(FOLDER).join(FILE)
}

fn open(runtime: &Path) -> std::io::Result<File> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(runtime.join(FOLDER))?;
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path(runtime))
}

/// With this process's number in it, for whoever comes second. Without room for it nobody is named.
fn signed(mut file: File) -> File {
    if let Err(error) = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())) {
        tracing::debug!(%error, "the lock does not say whose it is");
    }
    file
}

/// The process that holds the lock.
fn signature(runtime: &Path) -> Option<u32> {
    std::fs::read_to_string(path(runtime)).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_is_told_who_was_first_and_has_its_turn_when_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = Alone::become_it(folder.path()).await.unwrap();
        // It waits for as long as it would for one that is ending.
        let path = folder.path().to_owned();
        let second = Alone::become_it(&path).await;
        assert_eq!(second.unwrap_err(), Taken { pid: Some(std::process::id()) });
        let waiting = tokio::spawn(async move { Alone::become_it(&path).await });
        drop(first);
        assert!(waiting.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn where_no_lock_can_be_had_the_daemon_goes_on_without() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("no-folder");
        std::fs::write(&file, "").unwrap();
        assert!(Alone::become_it(&file).await.unwrap()._lock.is_none());
    }
}
