//! The process that copies files, and the gate's end of it. It has standard input and output, both pipes, and nothing else
//! of the gate's: if a file system hangs in the kernel, nothing hangs but this. Must not know notifications.

use super::{Slot, Work, copy_of};
use crate::identity::Process;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, SystemTime};
use tidegate_domain::NoticeId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// This very program, also when its file has been replaced since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument, before the folder of the copies, by which this program knows that it is to copy.
const WORD: &str = "--copy-files";
/// What the process says after each piece of work.
const DONE: u8 = b'\n';
/// The largest file that is copied.
const MAX_FILE: u64 = 1 << 20;
/// Copies that nobody came for are removed after this long.
const MAX_AGE: Duration = Duration::from_secs(60 * 60 * 24 * 30);

/// The process, as the gate has it. It ends with this.
pub(super) struct Copier {
    process: Child,
    tasks: ChildStdin,
    done: ChildStdout,
}

impl Copier {
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let mut command = Command::new(THIS_PROGRAM);
        command.arg(WORD).arg(folder).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn()?;
        let (Some(tasks), Some(done)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::from(ErrorKind::BrokenPipe));
        };
        Ok(Self { process, tasks, done })
    }

    /// Returns when it is done.
    pub(super) async fn work(&mut self, work: &Work) -> Result<()> {
        let mut line = serde_json::to_vec(work)?;
        line.push(b'\n');
        self.tasks.write_all(&line).await?;
        self.done.read_u8().await.map(drop)
    }

    /// Has it end, if the kernel lets it.
    pub(super) fn end(&mut self) {
        if let Err(error) = self.process.start_kill() {
            tracing::debug!(%error, "the process that copies files has ended");
        }
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

/// What this program does in place of everything else, where its command line says that it is to copy.
#[must_use]
pub fn copies(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let is_it = arguments.nth(1).is_some_and(|word| word == WORD);
    let folder = is_it.then(|| arguments.next())?;
    let worked = folder.is_some_and(|folder| copy_until_told_no_more(Path::new(&folder)).is_ok());
    Some(if worked { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy_until_told_no_more(folder: &Path) -> Result<()> {
    prune(folder);
    for line in std::io::stdin().lock().lines() {
        match serde_json::from_str(&line?)? {
            Work::Keep { id, pid, named } => keep_all(folder, NoticeId(id), pid, &named.0),
            Work::Forget { id } => forget_all(folder, NoticeId(id)),
        }
        std::io::stdout().write_all(&[DONE])?;
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// What cannot be copied is no fault: it may be gone already, or anything.
fn keep_all(folder: &Path, id: NoticeId, pid: u32, named: &[(String, String)]) {
    for (slot, path) in named {
        let Some(slot) = Slot::ALL.into_iter().find(|known| known.name() == slot) else { continue };
        keep(folder, id, slot, pid, Path::new(path)).ok();
    }
}

/// The same content is stored once; each notification has a link to it.
fn keep(folder: &Path, id: NoticeId, slot: Slot, pid: u32, path: &Path) -> Result<()> {
    let content = read_bounded(&seen_by(pid, path))?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let stored = store(folder, &content)?;
    let link = copy_of(folder, id, slot);
    remove_if_there(&link)?;
    std::fs::hard_link(stored, link)
}

/// The path as the sender sees it: another one, where it lives in a sandbox.
fn seen_by(pid: u32, path: &Path) -> PathBuf {
    if !Process::is_sandboxed(pid) {
        return path.to_owned();
    }
    let below = path.strip_prefix("/").unwrap_or(path);
    PathBuf::from(format!("/proc/{pid}/root")).join(below)
}

/// Only a regular file of a bounded size; a FIFO or a device is not waited for.
fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let facts = file.metadata()?;
    if !facts.is_file() || facts.len() > MAX_FILE {
        return Err(Error::other("not a regular file of at most 1 MiB"));
    }
    let mut content = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE { Err(Error::other("it grew over 1 MiB")) } else { Ok(content) }
}

/// Stores content under its hash; another content with the same hash gets the next free number.
fn store(folder: &Path, content: &[u8]) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let hash = hasher.finish();
    for number in 0..16 {
        let path = folder.join(format!("content-{hash:016x}-{number}"));
        match std::fs::read(&path) {
            Ok(there) if there == content => return Ok(path),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return write_new(path, content),
            Err(error) => return Err(error),
        }
    }
    Err(Error::other("too many files with one hash"))
}

fn write_new(path: PathBuf, content: &[u8]) -> Result<PathBuf> {
    let half = path.with_extension("new");
    remove_if_there(&half)?;
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
    out.write_all(content)?;
    std::fs::rename(&half, &path)?;
    Ok(path)
}

fn forget_all(folder: &Path, id: NoticeId) {
    for slot in Slot::ALL {
        remove_if_there(&copy_of(folder, id, slot)).ok();
    }
}

/// Content without a notification, and copies nobody came for, are removed at the first work of a run.
fn prune(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(facts) = entry.metadata() else { continue };
        let is_content = entry.file_name().to_string_lossy().starts_with("content-");
        let old = facts.modified().is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > MAX_AGE));
        if (is_content && facts.nlink() == 1) || old {
            remove_if_there(&entry.path()).ok();
        }
    }
}

fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_38_only_regular_files_up_to_one_mebibyte_are_copied_and_equal_ones_once() {
        let folder = std::env::temp_dir().join(format!("tidegate-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (small, large, fifo) = (folder.join("small"), folder.join("large"), folder.join("fifo"));
        std::fs::write(&small, b"picture").unwrap();
        std::fs::write(&large, vec![0; (1 << 20) + 1]).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let copies = folder.join("copies");
        let keep = |id, path: &Path| keep(&copies, NoticeId(id), Slot::Image, std::process::id(), path);
        keep(1, &small).unwrap();
        keep(2, &small).unwrap();
        assert!(keep(3, &large).is_err());
        assert!(keep(4, &fifo).is_err());
        assert!(keep(5, Path::new("/dev/zero")).is_err());
        let inode = |id| std::fs::metadata(copy_of(&copies, NoticeId(id), Slot::Image)).unwrap().ino();
        assert_eq!(inode(1), inode(2));
        forget_all(&copies, NoticeId(1));
        forget_all(&copies, NoticeId(2));
        prune(&copies);
        assert_eq!(std::fs::read_dir(&copies).unwrap().count(), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
