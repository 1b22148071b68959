//! What the kernel says of a process in `/proc/PID`. Must not know apps.

use rustix::fs::OFlags;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// No file that is read here is longer in any honest process.
const MAX_FILE: u64 = 64 << 10;
/// Descriptors of one process that are looked at: what speaks D-Bus has its connection among the first.
const DESCRIPTORS: usize = 1_024;
const DELETED: &[u8] = b" (deleted)";

/// A pipe that somebody put in the file's place would be waited for.
pub(super) fn read_text(path: &Path) -> Option<String> {
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(nonblock).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Field 22 of `/proc/PID/stat`; the second field is in parentheses and may hold anything.
pub(super) fn start_time(folder: &Path) -> Option<u64> {
    let stat = std::fs::read(folder.join("stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

/// The program as the kernel names it, and whether its file has been removed since: an upgrade does that. Touches no file
/// system but the kernel's own.
pub(super) fn executable(folder: &Path) -> Option<(PathBuf, bool)> {
    let target = std::fs::read_link(folder.join("exe")).ok()?;
    match target.as_os_str().as_bytes().strip_suffix(DELETED) {
        Some(path) => Some((PathBuf::from(OsString::from_vec(path.to_vec())), true)),
        None => Some((target, false)),
    }
}

/// Whether it lives in another mount namespace than we do; none where that cannot be read.
pub(super) fn is_in_another_namespace(folder: &Path) -> Option<bool> {
    static OURS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let ours = OURS.get_or_init(|| std::fs::read_link("/proc/self/ns/mnt").ok()).as_ref()?;
    let theirs = std::fs::read_link(folder.join("ns/mnt")).ok()?;
    Some(theirs != *ours)
}

/// Whether it sees the files that we see: the same mounts from the same root.
pub(super) fn sees_our_files(folder: &Path) -> bool {
    is_in_another_namespace(folder) == Some(false)
        && std::fs::read_link(folder.join("root")).is_ok_and(|root| root == Path::new("/"))
}

/// Whether the program that runs has opened a connection itself. What it inherited from another program in the same
/// process it has without the mark that closes a descriptor when a program begins; whatever speaks D-Bus sets that mark.
pub(super) fn has_own_socket(folder: &Path) -> bool {
    let Ok(descriptors) = std::fs::read_dir(folder.join("fd")) else { return false };
    descriptors.take(DESCRIPTORS).filter_map(Result::ok).any(|descriptor| {
        let target = std::fs::read_link(descriptor.path());
        target.is_ok_and(|target| target.as_os_str().as_bytes().starts_with(b"socket:"))
            && ends_with_its_program(&folder.join("fdinfo").join(descriptor.file_name()))
    })
}

fn ends_with_its_program(info: &Path) -> bool {
    let text = read_text(info).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).unwrap_or(0);
    flags & OFlags::CLOEXEC.bits() != 0
}
