//! Copies of the files that notifications name: Chromium deletes its pictures within seconds, and a held notification is
//! shown hours later. Must not know policy or rows; a copy belongs to a notification's id.

use crate::wire::Notify;
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};
use tidegate_domain::NoticeId;

/// The largest file that is copied.
const MAX_FILE: u64 = 1 << 20;
/// Copies that nobody came for are removed after this long.
const MAX_AGE: Duration = Duration::from_secs(60 * 60 * 24 * 30);
/// Work that waits; beyond it a flood's files are not copied.
const MAX_WAITING: usize = 256;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named(Vec<(&'static str, PathBuf)>);

impl Named {
    /// `None` when it names none.
    pub(crate) fn by(notify: &Notify<'_>) -> Option<Self> {
        let files: Vec<_> =
            Slot::ALL.into_iter().filter_map(|slot| Some((slot.name(), local_path(slot.of(notify)?)?))).collect();
        (!files.is_empty()).then_some(Self(files))
    }
}

enum Work {
    Keep(NoticeId, u32, Named),
    Forget(NoticeId),
}

/// Keeps copies, on a thread of its own: a file system may hang.
pub(crate) struct Files {
    folder: PathBuf,
    work: Option<mpsc::SyncSender<Work>>,
}

impl Files {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, work: None }
    }

    /// Copies what the notification of a process names, later.
    pub(crate) fn keep(&mut self, id: NoticeId, pid: u32, named: Named) {
        self.give(Work::Keep(id, pid, named));
    }

    /// It is closed: nobody will show it again.
    pub(crate) fn forget(&mut self, id: NoticeId) {
        if self.work.is_some() || self.folder.exists() {
            self.give(Work::Forget(id));
        }
    }

    fn give(&mut self, work: Work) {
        let worker = self.work.get_or_insert_with(|| start(self.folder.clone()));
        if worker.try_send(work).is_err() {
            tracing::debug!("a file that a notification names was not copied");
        }
    }

    /// Copies that stand in for files that are gone: from how the notification names them to where they are.
    pub(crate) fn substitutes(&self, id: NoticeId, notify: &Notify<'_>) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for slot in Slot::ALL {
            let Some(named) = slot.of(notify) else { continue };
            let Some(path) = local_path(named) else { continue };
            let copy = link_of(&self.folder, id, slot.name());
            if copy.is_file() && !path.is_file() {
                found.insert(named.to_owned(), as_named(named, &copy));
            }
        }
        found
    }
}

/// A bare path stays one, a URI too.
fn as_named(named: &str, copy: &Path) -> String {
    let path = copy.display().to_string();
    if named.starts_with("file:") { format!("file://{path}") } else { path }
}

fn start(folder: PathBuf) -> mpsc::SyncSender<Work> {
    let (work, tasks) = mpsc::sync_channel(MAX_WAITING);
    let started = std::thread::Builder::new().name("files".into()).stack_size(128 << 10).spawn(move || {
        prune(&folder);
        for task in tasks {
            match task {
                Work::Keep(id, pid, named) => keep_all(&folder, id, pid, &named),
                Work::Forget(id) => forget_all(&folder, id),
            }
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "files that notifications name cannot be copied");
    }
    work
}

fn keep_all(folder: &Path, id: NoticeId, pid: u32, named: &Named) {
    for (slot, path) in &named.0 {
        if let Err(error) = keep(folder, id, slot, pid, path) {
            tracing::debug!(%error, slot, "a file that a notification names cannot be copied");
        }
    }
}

/// The same content is stored once; each notification has a link to it.
fn keep(folder: &Path, id: NoticeId, slot: &str, pid: u32, path: &Path) -> std::io::Result<()> {
    let content = read_bounded(&seen_by(pid, path))?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let stored = store(folder, &content)?;
    let link = link_of(folder, id, slot);
    remove_if_there(&link)?;
    std::fs::hard_link(stored, link)
}

/// The path as the sender sees it: another one, where it lives in a sandbox.
fn seen_by(pid: u32, path: &Path) -> PathBuf {
    if !crate::identity::Process::is_sandboxed(pid) {
        return path.to_owned();
    }
    let below = path.strip_prefix("/").unwrap_or(path);
    PathBuf::from(format!("/proc/{pid}/root")).join(below)
}

/// Only a regular file of a bounded size; a FIFO or a device is not waited for.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let facts = file.metadata()?;
    if !facts.is_file() || facts.len() > MAX_FILE {
        return Err(std::io::Error::other("not a regular file of at most 1 MiB"));
    }
    let mut content = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE { Err(std::io::Error::other("it grew over 1 MiB")) } else { Ok(content) }
}

/// Stores content under its hash; another content with the same hash gets the next free number.
fn store(folder: &Path, content: &[u8]) -> std::io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let hash = hasher.finish();
    for number in 0..16 {
        let path = folder.join(format!("content-{hash:016x}-{number}"));
        match std::fs::read(&path) {
            Ok(there) if there == content => return Ok(path),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return write_new(path, content),
            Err(error) => return Err(error),
        }
    }
    Err(std::io::Error::other("too many files with one hash"))
}

fn write_new(path: PathBuf, content: &[u8]) -> std::io::Result<PathBuf> {
    let half = path.with_extension("new");
    remove_if_there(&half)?;
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
    std::io::Write::write_all(&mut out, content)?;
    std::fs::rename(&half, &path)?;
    Ok(path)
}

fn forget_all(folder: &Path, id: NoticeId) {
    for slot in Slot::ALL {
        let link = link_of(folder, id, slot.name());
        if link.exists()
            && let Err(error) = std::fs::remove_file(&link)
        {
            tracing::debug!(%error, "a copied file cannot be removed");
        }
    }
}

/// Content without a notification, and copies nobody came for, are removed at the first work of a run.
fn prune(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(facts) = entry.metadata() else { continue };
        let is_content = entry.file_name().to_string_lossy().starts_with("content-");
        let old = facts.modified().is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > MAX_AGE));
        if ((is_content && facts.nlink() == 1) || old)
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::debug!(%error, "a copied file cannot be removed");
        }
    }
}

/// Where the copy of a notification's file lies, if there is one.
pub(crate) fn copy_of(folder: &Path, id: NoticeId, slot: Slot) -> PathBuf {
    link_of(folder, id, slot.name())
}

fn link_of(folder: &Path, id: NoticeId, slot: &str) -> PathBuf {
    folder.join(format!("{}-{slot}", id.0))
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
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

    #[test]
    fn check_38_only_regular_files_up_to_one_mebibyte_are_copied_and_equal_ones_once() {
        let folder = std::env::temp_dir().join(format!("tidegate-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (small, large, fifo) = (folder.join("small"), folder.join("large"), folder.join("fifo"));
        std::fs::write(&small, b"picture").unwrap();
        std::fs::write(&large, vec![0; (1 << 20) + 1]).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let copies = folder.join("copies");
        let keep = |id, path: &Path| keep(&copies, NoticeId(id), "image", std::process::id(), path);
        keep(1, &small).unwrap();
        keep(2, &small).unwrap();
        assert!(keep(3, &large).is_err());
        assert!(keep(4, &fifo).is_err());
        assert!(keep(5, Path::new("/dev/zero")).is_err());
        let inode = |id| std::fs::metadata(link_of(&copies, NoticeId(id), "image")).unwrap().ino();
        assert_eq!(inode(1), inode(2));
        forget_all(&copies, NoticeId(1));
        forget_all(&copies, NoticeId(2));
        prune(&copies);
        assert_eq!(std::fs::read_dir(&copies).unwrap().count(), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
