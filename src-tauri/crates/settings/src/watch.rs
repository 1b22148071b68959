//! Hears from the kernel that a file may say something else than before: written in place, replaced by rename, removed, in a
//! folder that does not exist yet, or elsewhere because a folder or a symbolic link on the way to it is another. Must not
//! know what is in it.

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::ffi::OsString;
use std::fs;
use std::io::Result;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use tidegate_platform::ready;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// A change is over after so much quiet: an editor may move the old file away before it writes the new one.
const QUIET: Duration = Duration::from_millis(200);
/// A file that is never quiet is read after so long.
const PATIENCE: Duration = Duration::from_secs(2);
/// While folders come and go faster than they can be watched, so many attempts.
const ATTEMPTS: usize = 8;
/// As many symbolic links as the kernel follows on one way.
const LINKS: usize = 40;

/// Calls `read` at once, and again after each change and for each that asks. What changes between the call and the next wait
/// is not missed.
///
/// # Errors
/// When the system cannot watch any more folders.
pub async fn watch<A>(
    file: &Path,
    asking: &mut mpsc::Receiver<A>,
    mut read: impl FnMut(Option<A>),
) -> Result<Infallible> {
    let mut asks = None;
    loop {
        let lookout = Lookout::over(file);
        read(asks.take());
        let lookout = lookout?;
        asks = tokio::select! {
            changed = lookout.changed() => {
                changed?;
                None
            }
            Some(asks) = asking.recv() => Some(asks),
        };
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

/// The way to a file, as far as it exists.
#[derive(Debug, Default, PartialEq, Eq)]
struct Way {
    steps: Vec<Step>,
    /// The folders, and the links to folders, on the way.
    passed: Vec<PathBuf>,
}

impl Way {
    /// Goes it name by name, as the kernel does, since any link on it may come to lead elsewhere.
    fn to(file: &Path) -> Self {
        let (mut way, mut at, mut links) = (Self::default(), PathBuf::from("/"), 0);
        let mut names = names_of(&std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
        while let Some(name) = names.pop_front() {
            let (path, is_last) = (at.join(&name), names.is_empty());
            let found = Found::at(&path);
            if is_last || found == Found::Other {
                way.steps.push(Step { folder: at.clone(), name, last: is_last });
            } else {
                way.passed.push(path.clone());
            }
            match found {
                Found::Link(target) if links < LINKS => {
                    links += 1;
                    names = names_of(&target).into_iter().chain(names).collect();
                    at = if target.is_absolute() { PathBuf::from("/") } else { at };
                }
                Found::Folder if path.ends_with("..") => at = at.parent().unwrap_or(&at).to_owned(),
                Found::Folder if !is_last => at = path,
                Found::Link(_) | Found::Folder | Found::Other => break,
            }
        }
        way
    }
}

/// What lies at a path.
#[derive(PartialEq, Eq)]
enum Found {
    Link(PathBuf),
    Folder,
    /// A file, or nothing.
    Other,
}

impl Found {
    fn at(path: &Path) -> Self {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => fs::read_link(path).map_or(Self::Other, Self::Link),
            Ok(found) if found.is_dir() => Self::Folder,
            Ok(_) | Err(_) => Self::Other,
        }
    }
}

/// The names that a path is made of, without its root.
fn names_of(path: &Path) -> VecDeque<OsString> {
    let names = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    names.map(|part| part.as_os_str().to_owned()).collect()
}

impl Step {
    /// What may change what is found under the name. Other files come and go in a folder that is only waited in.
    fn signs(&self) -> WatchFlags {
        let comes = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
        let changes = WatchFlags::CLOSE_WRITE | WatchFlags::ATTRIB | WatchFlags::DELETE | WatchFlags::MOVED_FROM;
        if self.last { comes | changes } else { comes }
    }
}

/// Watches over every step to a file.
struct Lookout {
    inotify: AsyncFd<OwnedFd>,
    watched: Vec<(i32, OsString)>,
}

impl Lookout {
    /// Over the steps as they are once they are watched: they may change while the watches are set.
    fn over(file: &Path) -> Result<Self> {
        let mut way = Way::to(file);
        for _ in 0..ATTEMPTS {
            let lookout = Self::at(&way)?;
            let now = Way::to(file);
            if now == way && lookout.watched.len() == way.steps.len() {
                return Ok(lookout);
            }
            way = now;
        }
        Self::at(&way)
    }

    fn at(way: &Way) -> Result<Self> {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        // Only what happens to them themselves: files come and go in them all the time.
        let itself = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::DONT_FOLLOW;
        for path in &way.passed {
            // A link that is replaced may live on under another name, with one name less.
            let signs = if path.is_symlink() { itself | WatchFlags::ATTRIB } else { itself };
            add(&inotify, path, signs)?;
        }
        let mut watched = Vec::new();
        for step in &way.steps {
            let number = add(&inotify, &step.folder, step.signs() | WatchFlags::ONLYDIR)?;
            watched.extend(number.map(|number| (number, step.name.clone())));
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

/// None for what is gone, or may not be looked into: what lies before it is watched.
fn add(inotify: &OwnedFd, path: &Path, signs: WatchFlags) -> Result<Option<i32>> {
    match inotify::add_watch(inotify, path, signs | WatchFlags::MASK_ADD) {
        Ok(number) => Ok(Some(number)),
        Err(error @ (rustix::io::Errno::NOSPC | rustix::io::Errno::NOMEM)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tidegate_testkit::{DEADLINE, within};
    use tokio::sync::oneshot;

    /// What is read, each time that it is read.
    struct Reading {
        folder: tempfile::TempDir,
        seen: mpsc::UnboundedReceiver<Option<String>>,
        asks: mpsc::Sender<oneshot::Sender<()>>,
        watching: tokio::task::JoinHandle<()>,
    }

    impl Reading {
        /// Of `tidegate/settings.toml` below a folder that `prepare` has filled.
        async fn start(prepare: impl FnOnce(&Path)) -> Self {
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path());
            let file = folder.path().join("tidegate/settings.toml");
            let (see, seen) = mpsc::unbounded_channel();
            let (asks, mut asking) = mpsc::channel::<oneshot::Sender<()>>(1);
            let watching = tokio::spawn(async move {
                let ended = watch(&file, &mut asking, |asks| {
                    see.send(fs::read_to_string(&file).ok()).unwrap();
                    if let Some(asks) = asks {
                        asks.send(()).unwrap();
                    }
                });
                panic!("it ended: {:?}", ended.await);
            });
            let mut reading = Self { folder, seen, asks, watching };
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

    /// Each folder is one of dotfiles, with a file that says its name.
    fn dotfiles(folder: &Path, names: &[&str]) {
        for name in names {
            fs::create_dir_all(folder.join("dotfiles").join(name)).unwrap();
            fs::write(folder.join("dotfiles").join(name).join("settings.toml"), name).unwrap();
        }
    }

    #[tokio::test]
    async fn in_a_folder_behind_a_link_that_is_turned_elsewhere() {
        let mut reading = Reading::start(|folder| {
            dotfiles(folder, &["a", "b", "c"]);
            symlink("dotfiles/a", folder.join("tidegate")).unwrap();
        })
        .await;
        // At once, as `ln -T` and the tools that keep dotfiles do it.
        symlink(reading.at("dotfiles/b"), reading.at("next")).unwrap();
        fs::rename(reading.at("next"), reading.at("tidegate")).unwrap();
        reading.until(Some("b")).await;
        // In two steps.
        fs::remove_file(reading.at("tidegate")).unwrap();
        symlink("dotfiles/c", reading.at("tidegate")).unwrap();
        reading.until(Some("c")).await;
        fs::write(reading.at("dotfiles/c/settings.toml"), "c again").unwrap();
        reading.until(Some("c again")).await;
        // What it leads to is not there, and comes.
        fs::rename(reading.at("dotfiles"), reading.at("away")).unwrap();
        reading.until(None).await;
        dotfiles(reading.folder.path(), &["c"]);
        reading.until(Some("c")).await;
    }

    #[tokio::test]
    async fn through_links_to_links_of_folders() {
        let mut reading = Reading::start(|folder| {
            dotfiles(folder, &["a", "b"]);
            symlink("dotfiles/../dotfiles/now", folder.join("tidegate")).unwrap();
            symlink("a", folder.join("dotfiles/now")).unwrap();
        })
        .await;
        symlink("b", reading.at("dotfiles/next")).unwrap();
        fs::rename(reading.at("dotfiles/next"), reading.at("dotfiles/now")).unwrap();
        reading.until(Some("b")).await;
        fs::write(reading.at("dotfiles/b/settings.toml"), "b again").unwrap();
        reading.until(Some("b again")).await;
    }

    #[tokio::test]
    async fn when_a_folder_above_is_replaced() {
        let mut reading = Reading::start(|folder| {
            dotfiles(folder, &["x/a", "y/a"]);
            symlink("dotfiles/x/a", folder.join("tidegate")).unwrap();
        })
        .await;
        fs::rename(reading.at("dotfiles/x"), reading.at("dotfiles/z")).unwrap();
        fs::rename(reading.at("dotfiles/y"), reading.at("dotfiles/x")).unwrap();
        reading.until(Some("y/a")).await;
    }

    #[tokio::test]
    async fn it_is_read_at_once_for_whoever_asks() {
        let mut reading = Reading::start(|folder| fs::create_dir(folder.join("tidegate")).unwrap()).await;
        for text in ["one", "two"] {
            fs::write(reading.at("tidegate/settings.toml"), text).unwrap();
            let (done, read) = oneshot::channel();
            reading.asks.send(done).await.unwrap();
            within(DEADLINE, "an answer", read).await.unwrap();
            let seen = std::iter::from_fn(|| reading.seen.try_recv().ok()).last();
            assert_eq!(seen.flatten().as_deref(), Some(text));
        }
    }

    #[test]
    fn the_nearest_folder_that_exists_is_where_one_waits() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_owned();
        let steps = |name: &str| Way::to(&here.join(name)).steps;
        let step = |name: &str, last| Step { folder: here.clone(), name: name.into(), last };
        assert_eq!(steps("a/b/c.toml"), [step("a", false)]);
        assert_eq!(steps("c.toml"), [step("c.toml", true)]);
        symlink("a/b", here.join("c.toml")).unwrap();
        assert_eq!(steps("c.toml"), [step("c.toml", true), step("a", false)]);
        symlink("loop", here.join("loop")).unwrap();
        assert_eq!(steps("loop/c.toml"), []);
        assert_eq!(steps("loop").last(), Some(&step("loop", true)));
    }
}
