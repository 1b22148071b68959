//! Copies of the files that notifications name: Chromium deletes its pictures within seconds, and a held notification is
//! shown hours later. Must not know policy or rows; a copy belongs to a notification's id.
//!
//! Nothing here looks at a file that others name. A file system may hang, and a thread that waits for one keeps all that its
//! process has, the bus included, also from being killed. So a process of its own does it ([`copier`]), which has no socket.

mod copier;

pub use copier::copies;

use crate::wire::Notify;
use copier::Copier;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_domain::NoticeId;
use tokio::sync::mpsc;

/// Work that waits; beyond it a flood's files are not copied.
const MAX_WAITING: usize = 256;
/// Copying that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(5);
/// The process that copies is kept for so long after its last work.
const REST: Duration = Duration::from_secs(10);
/// Processes that hang in the kernel, where nothing ends them. With so many, nothing more is copied until one is gone.
const MOST_HANGING: usize = 4;

/// Which of a notification's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `app_icon`.
    Icon,
    /// `image-path`.
    Image,
    /// `sound-file`.
    Sound,
}

impl Slot {
    const ALL: [Self; 3] = [Self::Icon, Self::Image, Self::Sound];

    fn name(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Image => "image",
            Self::Sound => "sound",
        }
    }

    fn of<'a>(self, notify: &Notify<'a>) -> Option<&'a str> {
        match self {
            Self::Icon => Some(notify.icon),
            Self::Image => notify.hints.image_path,
            Self::Sound => notify.hints.sound_file,
        }
    }
}

/// The longest path that the kernel takes.
const MAX_PATH: usize = 4_096;

/// The files that one notification names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named(Vec<(String, String)>);

impl Named {
    /// `None` when it names none.
    pub(crate) fn by(notify: &Notify<'_>) -> Option<Self> {
        let named = |slot: Slot| Some((slot.name().to_owned(), local_path(slot.of(notify)?)?.to_str()?.to_owned()));
        let files: Vec<_> = Slot::ALL.into_iter().filter_map(named).collect();
        (!files.is_empty()).then_some(Self(files))
    }
}

/// What there is to do, as the copier is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Work {
    /// Copy what the notification of a process names.
    Keep { id: u32, pid: u32, named: Named },
    /// Nobody will show it again.
    Forget { id: u32 },
}

/// Has copies made, one after the other.
pub(crate) struct Files {
    folder: PathBuf,
    work: Option<mpsc::Sender<Work>>,
}

impl Files {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, work: None }
    }

    /// Copies what the notification of a process names, later.
    pub(crate) fn keep(&mut self, id: NoticeId, pid: u32, named: Named) {
        self.give(Work::Keep { id: id.0, pid, named });
    }

    /// It is closed: nobody will show it again.
    pub(crate) fn forget(&mut self, id: NoticeId) {
        if Slot::ALL.into_iter().any(|slot| copy_of(&self.folder, id, slot).exists()) || self.work.is_some() {
            self.give(Work::Forget { id: id.0 });
        }
    }

    fn give(&mut self, work: Work) {
        let worker = self.work.get_or_insert_with(|| start(self.folder.clone()));
        if worker.try_send(work).is_err() {
            tracing::debug!("a file that a notification names was not copied");
        }
    }

    /// Copies that stand in for the files: from how the notification names them to where they are. A copy is what its
    /// sender showed; the file may be gone by now, or another's.
    pub(crate) fn substitutes(&self, id: NoticeId, notify: &Notify<'_>) -> BTreeMap<String, String> {
        let substitute = |slot: Slot| {
            let named = slot.of(notify).filter(|named| local_path(named).is_some())?;
            let copy = copy_of(&self.folder, id, slot);
            copy.is_file().then(|| (named.to_owned(), as_named(named, &copy)))
        };
        Slot::ALL.into_iter().filter_map(substitute).collect()
    }
}

/// A bare path stays one, a URI too.
fn as_named(named: &str, copy: &Path) -> String {
    let path = copy.display().to_string();
    if named.starts_with("file:") { format!("file://{path}") } else { path }
}

fn start(folder: PathBuf) -> mpsc::Sender<Work> {
    let (work, tasks) = mpsc::channel(MAX_WAITING);
    tokio::spawn(work_through(tasks, folder));
    work
}

/// Until there is no more to come.
async fn work_through(mut tasks: mpsc::Receiver<Work>, folder: PathBuf) {
    let mut hanging = Vec::new();
    while let Some(first) = tasks.recv().await {
        hanging.retain_mut(Copier::is_running);
        if hanging.len() >= MOST_HANGING {
            tracing::debug!("files hang: one more is not copied");
            continue;
        }
        match Copier::start(&folder) {
            Ok(mut copier) => {
                if busy(&mut copier, first, &mut tasks).await.is_err() {
                    hanging.push(copier);
                }
            }
            Err(error) => tracing::warn!(%error, "files that notifications name cannot be copied"),
        }
    }
}

/// The copier hangs, or has ended.
struct Stuck;

/// Keeps one copier busy until there was nothing to do for a while.
async fn busy(copier: &mut Copier, first: Work, tasks: &mut mpsc::Receiver<Work>) -> Result<(), Stuck> {
    let mut next = Some(first);
    while let Some(work) = next {
        match tokio::time::timeout(LIMIT, copier.work(&work)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "a file that a notification names was not copied");
                return Err(Stuck);
            }
            Err(_) => {
                tracing::warn!("a file that a notification names is on a file system that hangs");
                copier.end();
                return Err(Stuck);
            }
        }
        next = tokio::time::timeout(REST, tasks.recv()).await.ok().flatten();
    }
    Ok(())
}

/// Where the copy of a notification's file lies, if there is one.
pub(crate) fn copy_of(folder: &Path, id: NoticeId, slot: Slot) -> PathBuf {
    folder.join(format!("{}-{}", id.0, slot.name()))
}

/// An absolute path, bare or as a `file:` URI of this machine. An icon's name is none.
pub(crate) fn local_path(named: &str) -> Option<PathBuf> {
    let path = match named.strip_prefix("file://") {
        Some(rest) => decoded(rest.strip_prefix("localhost").unwrap_or(rest))?,
        None => named.to_owned(),
    };
    (path.starts_with('/') && path.len() < MAX_PATH && !path.contains('\0')).then(|| PathBuf::from(path))
}

/// Percent-decoded (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(named: &str, path: Option<&str>) {
        assert_eq!(local_path(named).as_deref(), path.map(Path::new), "{named}");
    }

    #[test]
    fn check_38_paths_and_uris_of_this_machine_are_files_and_names_are_not() {
        check("/tmp/a b.png", Some("/tmp/a b.png"));
        check("file:///tmp/a%20b.png", Some("/tmp/a b.png"));
        check("file://localhost/x", Some("/x"));
        check("dialog-information", None);
        check("https://x.test/a.png", None);
        check("file:///a%zz", None);
        check("file:///a%0", None);
        check("file:///a%00b", None);
        check("relative/path.png", None);
        check("", None);
    }
}
