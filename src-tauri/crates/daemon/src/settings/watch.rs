//! Hears from the kernel that a file may say something else than before: written in place, replaced by rename, removed,
//! reached through symbolic links, in a folder that does not exist yet. Must not know what is in it.

use super::file::hops;
use crate::ready;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use std::convert::Infallible;
use std::ffi::OsString;
use std::io::Result;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, timeout};

/// A change is over after so much quiet: an editor may move the old file away before it writes the new one.
const QUIET: Duration = Duration::from_millis(200);
/// A file that is never quiet is read after so long.
const PATIENCE: Duration = Duration::from_secs(2);
/// While folders come and go faster than they can be watched, so many attempts.
const ATTEMPTS: usize = 8;

/// Calls `read` at once, and again after each change. What changes between the call and the next wait is not missed.
///
/// # Errors
/// When the system cannot watch any more folders.
pub async fn watch(file: &Path, mut read: impl FnMut()) -> Result<Infallible> {
    loop {
        let lookout = Lookout::over(file)?;
        read();
        lookout.changed().await?;
    }
}

/// A folder, and the name in it that the way to the file leads through.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    folder: PathBuf,
    name: OsString,
    /// Whether the name is the file, or a link to it; else a folder that does not exist yet.
    last: bool,
}

impl Step {
    /// What may change what is found under the name. Other files come and go in a folder that is only waited in.
    fn signs(&self) -> WatchFlags {
        let comes = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
        let changes = WatchFlags::CLOSE_WRITE | WatchFlags::ATTRIB | WatchFlags::DELETE | WatchFlags::MOVED_FROM;
        if self.last { comes | changes } else { comes }
    }
}

/// The steps to a file, as far as they exist.
fn steps(file: &Path) -> Vec<Step> {
    hops(file).iter().filter_map(|path| step(path)).collect()
}

fn step(path: &Path) -> Option<Step> {
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let mut rest = path.strip_prefix(folder).ok()?.components();
    let name = rest.next()?.as_os_str().to_owned();
    Some(Step { folder: folder.to_owned(), name, last: rest.next().is_none() })
}

/// Watches over every step to a file.
struct Lookout {
    inotify: AsyncFd<OwnedFd>,
    watched: Vec<(i32, OsString)>,
}

impl Lookout {
    /// Over the steps as they are once they are watched: they may change while the watches are set.
    fn over(file: &Path) -> Result<Self> {
        let mut steps = self::steps(file);
        for _ in 0..ATTEMPTS {
            let lookout = Self::at(&steps)?;
            let now = self::steps(file);
            if now == steps && lookout.watched.len() == steps.len() {
                return Ok(lookout);
            }
            steps = now;
        }
        Self::at(&steps)
    }

    fn at(steps: &[Step]) -> Result<Self> {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let mut watched = Vec::new();
        for step in steps {
            match inotify::add_watch(&inotify, &step.folder, step.signs() | WatchFlags::ONLYDIR | WatchFlags::MASK_ADD)
            {
                Ok(number) => watched.push((number, step.name.clone())),
                Err(error @ (rustix::io::Errno::NOSPC | rustix::io::Errno::NOMEM)) => return Err(error.into()),
                // It is gone, or may not be looked into: what lies before it is watched.
                Err(_) => {}
            }
        }
        Ok(Self { inotify: ready::watched(inotify, Interest::READABLE)?, watched })
    }

    /// Returns once something has changed and it is quiet again.
    async fn changed(&self) -> Result<()> {
        self.sign().await?;
        let latest = Instant::now() + PATIENCE;
        while Instant::now() < latest {
            match timeout(QUIET, self.sign()).await {
                Ok(sign) => sign?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Returns once something happened to one of the names.
    async fn sign(&self) -> Result<()> {
        loop {
            let mut ready = self.inotify.readable().await?;
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut events = Reader::new(self.inotify.get_ref(), &mut buffer);
            let mut seen = false;
            loop {
                match events.next() {
                    Ok(event) => seen |= self.concerns(&event),
                    Err(rustix::io::Errno::AGAIN) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            ready.clear_ready();
            if seen {
                return Ok(());
            }
        }
    }

    fn concerns(&self, event: &inotify::Event<'_>) -> bool {
        let lost = event.events().intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::IGNORED);
        let name = event.file_name().map(|name| name.to_bytes());
        lost || name.is_none_or(|name| {
            self.watched.iter().any(|(watch, known)| *watch == event.wd() && known.as_bytes() == name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use tidegate_testkit::{DEADLINE, within};
    use tokio::sync::mpsc;

    /// What is read, each time that it is read.
    struct Reading {
        folder: tempfile::TempDir,
        seen: mpsc::UnboundedReceiver<Option<String>>,
        watching: tokio::task::JoinHandle<()>,
    }

    impl Reading {
        /// Of `tidegate/settings.toml` below a folder that `prepare` has filled.
        async fn start(prepare: impl FnOnce(&Path)) -> Self {
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path());
            let file = folder.path().join("tidegate/settings.toml");
            let (see, seen) = mpsc::unbounded_channel();
            let watching = tokio::spawn(async move {
                let ended = watch(&file, || see.send(fs::read_to_string(&file).ok()).unwrap()).await;
                panic!("it ended: {ended:?}");
            });
            let mut reading = Self { folder, seen, watching };
            within(DEADLINE, "the first reading", reading.seen.recv()).await.unwrap();
            reading
        }

        fn at(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        /// Until the file is found to say this.
        async fn until(&mut self, text: Option<&str>) {
            let found = async { while self.seen.recv().await.unwrap().as_deref() != text {} };
            within(DEADLINE, &format!("{text:?}"), found).await;
        }
    }

    impl Drop for Reading {
        fn drop(&mut self) {
            self.watching.abort();
        }
    }

    #[tokio::test]
    async fn in_a_folder_that_is_made_later_and_goes_again() {
        let mut reading = Reading::start(|_| ()).await;
        for text in ["one", "two"] {
            fs::create_dir(reading.at("tidegate")).unwrap();
            fs::write(reading.at("tidegate/settings.toml"), text).unwrap();
            reading.until(Some(text)).await;
            fs::remove_dir_all(reading.at("tidegate")).unwrap();
            reading.until(None).await;
        }
        fs::create_dir(reading.at("elsewhere")).unwrap();
        fs::write(reading.at("elsewhere/settings.toml"), "three").unwrap();
        fs::rename(reading.at("elsewhere"), reading.at("tidegate")).unwrap();
        reading.until(Some("three")).await;
    }

    #[tokio::test]
    async fn written_in_place_replaced_and_moved_away() {
        let mut reading = Reading::start(|folder| fs::create_dir(folder.join("tidegate")).unwrap()).await;
        let file = reading.at("tidegate/settings.toml");
        fs::write(&file, "new").unwrap();
        reading.until(Some("new")).await;
        fs::write(&file, "in place").unwrap();
        reading.until(Some("in place")).await;
        fs::write(reading.at("tidegate/draft"), "by rename").unwrap();
        fs::rename(reading.at("tidegate/draft"), &file).unwrap();
        reading.until(Some("by rename")).await;
        fs::rename(&file, reading.at("tidegate/old")).unwrap();
        reading.until(None).await;
        fs::hard_link(reading.at("tidegate/old"), &file).unwrap();
        reading.until(Some("by rename")).await;
    }

    #[tokio::test]
    async fn an_editor_that_moves_the_old_one_away_first_is_read_once() {
        let mut reading = Reading::start(|folder| {
            fs::create_dir(folder.join("tidegate")).unwrap();
            fs::write(folder.join("tidegate/settings.toml"), "old").unwrap();
        })
        .await;
        fs::rename(reading.at("tidegate/settings.toml"), reading.at("tidegate/settings.toml~")).unwrap();
        fs::write(reading.at("tidegate/settings.toml"), "new").unwrap();
        let first = within(DEADLINE, "a reading", reading.seen.recv()).await.unwrap();
        assert_eq!(first.as_deref(), Some("new"));
    }

    #[tokio::test]
    async fn through_links_that_may_be_turned_elsewhere() {
        let mut reading = Reading::start(|folder| {
            fs::create_dir(folder.join("tidegate")).unwrap();
            fs::create_dir(folder.join("dotfiles")).unwrap();
            symlink("../dotfiles/a.toml", folder.join("tidegate/settings.toml")).unwrap();
        })
        .await;
        fs::write(reading.at("dotfiles/a.toml"), "a").unwrap();
        reading.until(Some("a")).await;
        fs::write(reading.at("dotfiles/a.toml"), "a again").unwrap();
        reading.until(Some("a again")).await;
        fs::write(reading.at("dotfiles/b.toml"), "b").unwrap();
        symlink("../dotfiles/b.toml", reading.at("tidegate/next")).unwrap();
        fs::rename(reading.at("tidegate/next"), reading.at("tidegate/settings.toml")).unwrap();
        reading.until(Some("b")).await;
        fs::write(reading.at("dotfiles/b.toml"), "b again").unwrap();
        reading.until(Some("b again")).await;
    }

    #[test]
    fn the_nearest_folder_that_exists_is_where_one_waits() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_owned();
        let step = |name: &str, last| Step { folder: here.clone(), name: name.into(), last };
        assert_eq!(steps(&here.join("a/b/c.toml")), [step("a", false)]);
        assert_eq!(steps(&here.join("c.toml")), [step("c.toml", true)]);
        symlink("a/b", here.join("c.toml")).unwrap();
        assert_eq!(steps(&here.join("c.toml")), [step("c.toml", true), step("a", false)]);
    }
}
