//! The process that copies files, and the gate's end of it. It has standard input and output, both pipes, and nothing else
//! of the gate's: if a file system hangs in the kernel, nothing hangs but this. Must not know notifications.

use super::copies::Copies;
use super::{Slot, Work};
use crate::identity::Process;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, Error, ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use tidegate_domain::NoticeId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// This very program, also when its file has been replaced since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument, before the folder of the copies and the bytes that they may take, by which this program knows that
/// it is to copy.
const WORD: &str = "--copy-files";
/// What the process says after each piece of work, and before it of each file that it was to look at.
const DONE: u8 = b'\n';
const THERE: u8 = b'1';
const GONE: u8 = b'0';
/// The largest file that is copied.
const MAX_FILE: u64 = 1 << 20;

/// The process, as the gate has it. It ends with this.
pub(super) struct Copier {
    process: Child,
    tasks: ChildStdin,
    done: ChildStdout,
}

impl Copier {
    pub(super) fn start(folder: &Path, most: u64) -> Result<Self> {
        let mut command = Command::new(THIS_PROGRAM);
        command.arg(WORD).arg(folder).arg(most.to_string()).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn()?;
        let (Some(tasks), Some(done)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::from(ErrorKind::BrokenPipe));
        };
        Ok(Self { process, tasks, done })
    }

    /// Returns when it is done: whether each file that it was to look at is there.
    pub(super) async fn work(&mut self, work: &Work) -> Result<Vec<bool>> {
        let mut line = serde_json::to_vec(work)?;
        line.push(b'\n');
        self.tasks.write_all(&line).await?;
        let mut there = Vec::new();
        loop {
            match self.done.read_u8().await? {
                DONE => return Ok(there),
                said => there.push(said == THERE),
            }
        }
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
    let most = arguments.next().and_then(|most| most.to_str()?.parse().ok());
    let worked =
        folder.zip(most).is_some_and(|(folder, most)| copy_until_told_no_more(Path::new(&folder), most).is_ok());
    Some(if worked { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy_until_told_no_more(folder: &Path, most: u64) -> Result<()> {
    let mut copies = Copies::open(folder, most);
    for line in std::io::stdin().lock().lines() {
        let mut said = Vec::new();
        match serde_json::from_str(&line?)? {
            Work::Keep { id, pid, named } => keep_all(&mut copies, NoticeId(id), pid, &named.0),
            Work::Forget { id } => copies.forget(NoticeId(id)),
            Work::Look { files } => said.extend(files.iter().map(|file| look(Path::new(file)))),
            Work::TakeAtMost { bytes } => copies.take_at_most(bytes),
        }
        said.push(DONE);
        std::io::stdout().write_all(&said)?;
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn look(file: &Path) -> u8 {
    if file.is_file() { THERE } else { GONE }
}

/// What cannot be copied is no fault: it may be gone already, or anything. Then there is no copy, also of what its app had
/// named before.
fn keep_all(copies: &mut Copies, id: NoticeId, pid: u32, named: &[(String, String)]) {
    for (slot, path) in named {
        let Some(slot) = Slot::ALL.into_iter().find(|known| known.name() == slot) else { continue };
        let content = read_bounded(&seen_by(pid, Path::new(path)));
        if content.and_then(|content| copies.keep(id, slot, &content)).is_err() {
            copies.forget_one(id, slot);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_38_only_regular_files_up_to_one_mebibyte_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (small, large, fifo) = ["small", "large", "fifo"].map(|name| folder.path().join(name)).into();
        std::fs::write(&small, b"picture").unwrap();
        std::fs::write(&large, vec![0; (1 << 20) + 1]).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert_eq!(read_bounded(&small).unwrap(), b"picture");
        for other in [&large, &fifo, Path::new("/dev/zero")] {
            assert!(read_bounded(other).is_err(), "{}", other.display());
        }
    }

    fn named(slot: &str, path: &Path) -> (String, String) {
        (slot.to_owned(), path.to_str().unwrap().to_owned())
    }

    #[test]
    fn check_38_each_file_is_copied_by_where_it_stands_and_what_cannot_be_has_no_copy_any_more() {
        let (folder, source) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (icon, image) = (source.path().join("icon.png"), source.path().join("image.png"));
        std::fs::write(&icon, b"icon").unwrap();
        std::fs::write(&image, b"image").unwrap();
        let mut copies = Copies::open(folder.path(), 1 << 30);
        let copy = |slot| std::fs::read(super::super::copy_of(folder.path(), NoticeId(7), slot)).ok();
        let all = [named("icon", &icon), named("image", &image), named("video", &image)];
        keep_all(&mut copies, NoticeId(7), std::process::id(), &all);
        assert_eq!((copy(Slot::Icon), copy(Slot::Image)), (Some(b"icon".to_vec()), Some(b"image".to_vec())));
        std::fs::remove_file(&icon).unwrap();
        keep_all(&mut copies, NoticeId(7), std::process::id(), &[named("icon", &icon)]);
        assert_eq!((copy(Slot::Icon), copy(Slot::Image)), (None, Some(b"image".to_vec())));
    }

    #[test]
    fn a_sender_that_sees_our_files_names_ours() {
        assert_eq!(seen_by(std::process::id(), Path::new("/tmp/a.png")), Path::new("/tmp/a.png"));
        assert_eq!(seen_by(0, Path::new("/tmp/a.png")), Path::new("/tmp/a.png"), "one that has left, too");
    }

    #[test]
    fn only_a_file_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"").unwrap();
        assert_eq!([&file, folder.path(), Path::new("/nowhere")].map(look), [THERE, GONE, GONE]);
    }

    #[test]
    fn the_program_copies_only_where_its_first_word_says_so() {
        let is_it = |words: &[&str]| copies(words.iter().map(OsString::from)).is_some();
        assert!(!is_it(&["tidegate"]) && !is_it(&[]) && !is_it(&["tidegate", "daemon", WORD]));
        assert!(
            is_it(&["tidegate", WORD]) && is_it(&["tidegate", WORD, "/copies", "many"]),
            "and fails without a number"
        );
    }
}
