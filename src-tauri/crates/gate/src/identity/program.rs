//! Whether the program that a process runs may be believed to be what its path says. Must not know apps.

use super::kernel;
use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, statx};
use std::path::Path;
use std::sync::Arc;
use tidegate_domain::sends_for_others;

/// The longest path that is kept, in bytes.
const MAX_PATH: usize = 4_096;
/// Where only the system's administrator installs. A path elsewhere is not followed: its file system may hang.
const SYSTEMS: [&str; 10] = [
    "/usr/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/lib64/",
    "/opt/",
    "/nix/store/",
    "/gnu/store/",
    "/snap/",
    "/var/lib/snapd/snap/",
];
/// Write permission of group and others.
const OTHERS_WRITE: u16 = 0o022;
const ADMINISTRATOR: u32 = 0;

/// The program of a process that sees our files and opened its connection itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// Its path, as the kernel names it.
    pub(super) path: Arc<str>,
    /// It is the file at that path, and only the system's administrator can change that.
    pub(super) is_systems: bool,
    /// It sends for others: its name names no app.
    pub(super) is_shared: bool,
}

impl Program {
    /// None where nothing may be concluded from what runs: it cannot be read, it sees other files than we do, it has become
    /// what it is since it connected, or its path is that of another file.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        if !kernel::sees_our_files(folder) || !kernel::has_own_socket(folder) {
            return None;
        }
        let (path, is_removed) = kernel::executable(folder)?;
        let text = text_of(&path)?;
        let lies_in_systems = SYSTEMS.iter().any(|place| text.starts_with(place));
        if lies_in_systems && !is_file_at(folder, &path, is_removed) {
            return None;
        }
        let is_systems = lies_in_systems && only_administrator_writes(folder, &path);
        Some(Self { path: text.into(), is_systems, is_shared: sends_for_others(file_name(text)) })
    }

    pub(super) fn name(&self) -> &str {
        file_name(&self.path)
    }
}

/// Whether a process still runs this program: the one look that is taken at every notification that trust may rest on.
pub(super) fn still_runs(folder: &Path, program: &Program) -> bool {
    kernel::executable(folder).is_some_and(|(path, _)| path.as_os_str() == &*program.path)
}

/// Whether what runs is a file below one of these folders of ours, wherever the process lives: what a snap runs is mounted
/// for all.
pub(super) fn runs_systems_file_below(folder: &Path, places: &[String]) -> bool {
    let Some((path, is_removed)) = kernel::executable(folder) else { return false };
    text_of(&path).is_some_and(|text| places.iter().any(|place| text.starts_with(place.as_str())))
        && is_file_at(folder, &path, is_removed)
        && only_administrator_writes(folder, &path)
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn text_of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with('/') && text.len() <= MAX_PATH)
}

/// The kernel names a file of another mount namespace as if it were one of ours. Of a removed one, the folder must be on
/// the same mount.
fn is_file_at(folder: &Path, path: &Path, is_removed: bool) -> bool {
    let Some(running) = look(&folder.join("exe"), AtFlags::empty()) else { return false };
    let same_file = |there: Statx| identity_of(&there) == identity_of(&running);
    if look(path, AtFlags::SYMLINK_NOFOLLOW).is_some_and(same_file) {
        return true;
    }
    let knows_mounts = |there: &Statx| there.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    let parent = path.parent().and_then(|parent| look(parent, AtFlags::SYMLINK_NOFOLLOW));
    is_removed
        && knows_mounts(&running)
        && parent.is_some_and(|parent| knows_mounts(&parent) && parent.stx_mnt_id == running.stx_mnt_id)
}

fn only_administrator_writes(folder: &Path, path: &Path) -> bool {
    let running = look(&folder.join("exe"), AtFlags::empty());
    running.is_some_and(is_administrators) && path.parent().is_some_and(is_administrators_alone)
}

/// Whether nobody but the administrator can change a file or folder, or what lies above it. The path has no links.
pub(super) fn is_administrators_alone(path: &Path) -> bool {
    path.ancestors().all(|part| look(part, AtFlags::SYMLINK_NOFOLLOW).is_some_and(is_administrators))
}

fn is_administrators(facts: Statx) -> bool {
    facts.stx_uid == ADMINISTRATOR && facts.stx_mode & OTHERS_WRITE == 0
}

fn identity_of(facts: &Statx) -> (u32, u32, u64) {
    (facts.stx_dev_major, facts.stx_dev_minor, facts.stx_ino)
}

/// Whether two paths lead to one file, as far as is known without asking a file system that may hang.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let of = |path| look(path, AtFlags::empty()).as_ref().map(identity_of);
    of(one).is_some_and(|known| of(other) == Some(known))
}

/// Without asking a file system that is not there: what is known is enough.
fn look(path: &Path, flags: AtFlags) -> Option<Statx> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    statx(CWD, path, flags | AtFlags::STATX_DONT_SYNC, wanted).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    /// What the kernel would say of a process that runs this file.
    fn running(file: &Path) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        symlink(file, folder.path().join("exe")).unwrap();
        folder
    }

    /// A program that every system has, where it lies.
    fn systems() -> PathBuf {
        Path::new("/usr/bin/env").canonicalize().unwrap()
    }

    #[test]
    fn two_paths_to_one_file_are_the_same_and_copies_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, hard, copy] = ["file", "link", "hard", "copy"].map(|name| folder.path().join(name));
        std::fs::write(&file, b"x").unwrap();
        std::fs::write(&copy, b"x").unwrap();
        symlink(&file, &link).unwrap();
        std::fs::hard_link(&file, &hard).unwrap();
        assert!(is_same_file(&file, &link) && is_same_file(&hard, &link));
        assert!(!is_same_file(&file, &copy) && !is_same_file(&file, &folder.path().join("not-there")));
        assert!(!is_same_file(Path::new("/nowhere"), Path::new("/nowhere")), "two that are not there are nothing");
    }

    #[test]
    fn check_50_a_file_at_a_systems_path_must_be_the_one_that_runs() {
        let (program, own) = (systems(), std::env::current_exe().unwrap());
        assert!(is_file_at(running(&program).path(), &program, false));
        assert!(!is_file_at(running(&own).path(), &program, false), "another file is called so");
        assert!(!is_file_at(running(&own).path(), Path::new("/usr/bin/not-there"), false));
        assert!(!is_file_at(running(Path::new("/nowhere")).path(), &program, true), "what runs cannot be seen");
    }

    #[test]
    fn check_50_what_others_may_change_is_not_the_administrators_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("program");
        std::fs::write(&file, b"x").unwrap();
        assert!(!is_administrators_alone(&file), "anybody may put another in its place");
        assert!(is_administrators_alone(Path::new("/")));
        assert!(!is_administrators_alone(Path::new("/usr/bin/not-there")));
    }

    #[test]
    fn a_snap_runs_a_file_below_its_own_folders() {
        let (program, folder) = (systems(), running(&systems()));
        let parent = format!("{}/", program.parent().unwrap().display());
        assert!(runs_systems_file_below(folder.path(), std::slice::from_ref(&parent)));
        assert!(!runs_systems_file_below(folder.path(), &["/snap/chat/".to_owned()]));
        assert!(!runs_systems_file_below(running(Path::new("/nowhere/x")).path(), &["/nowhere/".to_owned()]));
        assert!(!runs_systems_file_below(Path::new("/proc/0"), &[parent]));
    }

    #[test]
    fn a_path_is_kept_where_it_is_whole_and_a_text() {
        assert_eq!((text_of(Path::new("/usr/bin/chat")), text_of(Path::new("chat"))), (Some("/usr/bin/chat"), None));
        let long = format!("/{}", "x".repeat(MAX_PATH));
        assert_eq!(text_of(Path::new(&long)), None);
        assert_eq!((file_name("/usr/bin/chat"), file_name("chat"), file_name("/usr/")), ("chat", "chat", ""));
    }
}
