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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn stat(text: &[u8]) -> Option<u64> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stat"), text).unwrap();
        start_time(folder.path())
    }

    #[test]
    fn the_start_is_read_behind_whatever_a_process_calls_itself() {
        let rest = b"S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
        for name in [&b"chat"[..], b"a) b", b") S 9 9 9", b"\xff\xfe", b"new\nline", b""] {
            let text = [&b"7 ("[..], name, b") ", rest].concat();
            assert_eq!(stat(&text), Some(4242), "{}", String::from_utf8_lossy(name));
        }
        assert_eq!((stat(b""), stat(b"7 (x) S 1"), stat(b"no parentheses")), (None, None, None));
        assert_eq!(start_time(Path::new("/proc/0")), None, "there is no such process");
    }

    #[test]
    fn this_process_is_known_and_lives_where_we_do() {
        let folder = Path::new("/proc/self");
        assert!(start_time(folder).is_some_and(|start| start > 0));
        assert_eq!(executable(folder), std::env::current_exe().ok().map(|path| (path, false)));
        assert_eq!(is_in_another_namespace(folder), Some(false));
        assert!(sees_our_files(folder));
    }

    #[test]
    fn a_program_whose_file_was_removed_is_known_by_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let is = |target: &str| {
            let link = folder.path().join("exe");
            std::fs::remove_file(&link).ok();
            symlink(target, link).unwrap();
            executable(folder.path())
        };
        assert_eq!(is("/usr/bin/chat"), Some(("/usr/bin/chat".into(), false)));
        assert_eq!(is("/usr/bin/chat (deleted)"), Some(("/usr/bin/chat".into(), true)));
        assert_eq!(is("/usr/bin/chat (deleted) (deleted)"), Some(("/usr/bin/chat (deleted)".into(), true)));
        assert_eq!(executable(Path::new("/proc/0")), None);
    }

    #[test]
    fn a_process_that_sees_other_files_or_hides_what_it_sees_is_not_like_us() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ns")).unwrap();
        assert_eq!(is_in_another_namespace(folder.path()), None);
        symlink("mnt:[1]", folder.path().join("ns/mnt")).unwrap();
        symlink("/", folder.path().join("root")).unwrap();
        assert_eq!(is_in_another_namespace(folder.path()), Some(true));
        assert!(!sees_our_files(folder.path()));
    }

    #[test]
    fn a_text_is_read_only_from_a_file_and_no_further_than_an_honest_one_reaches() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text");
        std::fs::write(&file, "words").unwrap();
        assert_eq!(read_text(&file).as_deref(), Some("words"));
        std::fs::write(&file, "x".repeat(100_000)).unwrap();
        assert_eq!(read_text(&file).map(|text| text.len() as u64), Some(MAX_FILE));
        std::fs::write(&file, b"\xff").unwrap();
        assert_eq!((read_text(&file), read_text(folder.path())), (None, None));
        assert_eq!(read_text(&folder.path().join("not-there")), None);
    }

    /// A process with one descriptor, which leads there and has these flags.
    fn has_socket(target: &str, info: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        for name in ["fd", "fdinfo"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        symlink(target, folder.path().join("fd/3")).unwrap();
        std::fs::write(folder.path().join("fdinfo/3"), info).unwrap();
        has_own_socket(folder.path())
    }

    #[test]
    fn check_50_only_a_socket_that_ends_with_its_program_is_the_programs_own() {
        assert!(has_socket("socket:[7]", "pos:\t0\nflags:\t02000002\n"));
        assert!(!has_socket("socket:[7]", "pos:\t0\nflags:\t02\n"), "it may be inherited");
        assert!(!has_socket("pipe:[7]", "flags:\t02000002\n") && !has_socket("/socket:[7]", "flags:\t02000002\n"));
        for info in ["", "flags:\t9\n", "flags:\n", "pos:\t02000002\n"] {
            assert!(!has_socket("socket:[7]", info), "{info:?}");
        }
        assert!(!has_own_socket(Path::new("/proc/0")));
    }
}
