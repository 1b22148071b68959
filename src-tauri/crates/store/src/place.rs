//! Where the database lies: a folder and files that only their owner can read, whatever the umask, and a lock that keeps
//! a second daemon away. Must not know what is in them.

use crate::cause::Cause;
use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER_MODE: u32 = 0o700;
pub(crate) const FILE_MODE: u32 = 0o600;

/// A process id and its line end fit.
const HOLDER_BYTES: u64 = 16;

/// Keeps a second daemon away for as long as it lives. The file says which process has it, for the other to tell: two
/// sessions of one user have a bus each, so that the lock is the first thing that they have in common.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not enough: a program that is just being started has it open too, until it is executed.
    fn drop(&mut self) {
        self.0.set_len(0).ok();
        self.0.unlock().ok();
    }
}

/// Makes the folder and the files where they are missing, and private, and locks the database.
pub(crate) fn prepare(path: &Path) -> Result<Lock, Cause> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    make_private(folder, &fs::metadata(folder)?, FOLDER_MODE)?;
    files_private(folder, path)?;
    let lock = lock(&beside(path, ".lock"))?;
    // Closing a file that is there would let go of the locks that somebody of this process has on it (fcntl).
    if !path.try_exists()? {
        drop(make_file(path)?);
    }
    Ok(lock)
}

/// Which files the database and its log are, whatever name they have by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    database: Inode,
    log: Inode,
}

/// Device, in two parts, and number.
type Inode = (u32, u32, u64);

impl Identity {
    /// Of the files that have the names now; none if one of them is not there.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        Some(Self { database: inode(path)?, log: inode(&beside(path, "-wal"))? })
    }

    /// Whether the database itself is there, whatever became of its log.
    pub(crate) fn is_database(self, path: &Path) -> bool {
        inode(path) == Some(self.database)
    }
}

/// Asks for no times: on kernels from 6.13 on, a file whose times somebody looked at gets a new one with each write, and each
/// commit would put its inode on the disk as well.
fn inode(path: &Path) -> Option<Inode> {
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::INO).ok()?;
    Some((found.stx_dev_major, found.stx_dev_minor, found.stx_ino))
}

/// The path with something added to its file name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), Cause> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    sync_parent(folder)
}

/// So that a power cut does not take the new folder with all that is synced in it.
fn sync_parent(folder: &Path) -> Result<(), Cause> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// SQLite gives its own files the mode of the database's, so this one must be right before SQLite opens it.
pub(crate) fn make_file(path: &Path) -> Result<File, Cause> {
    let file = File::options().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    make_private(path, &file.metadata()?, FILE_MODE)?;
    Ok(file)
}

pub(crate) fn lock(path: &Path) -> Result<Lock, Cause> {
    let file = make_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(name_holder(Lock(file))),
        Err(TryLockError::WouldBlock) => Err(Cause::InUse { by: holder(&file) }),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// A lock without a name keeps others away as well: no reason to fail where the disk is full.
fn name_holder(lock: Lock) -> Lock {
    let named = lock.0.set_len(0).and_then(|()| (&lock.0).write_all(format!("{}\n", std::process::id()).as_bytes()));
    drop(named);
    lock
}

/// The process that has the lock, as it wrote itself.
fn holder(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(HOLDER_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Mends what is there already: the database, SQLite's files beside it, the lock and the backups.
fn files_private(folder: &Path, path: &Path) -> Result<(), Cause> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(name) {
            continue;
        }
        match entry.metadata() {
            Ok(found) if found.is_file() => make_private(&entry.path(), &found, FILE_MODE)?,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn make_private(path: &Path, found: &Metadata, mode: u32) -> Result<(), Cause> {
    if found.permissions().mode() & 0o777 != mode {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lock_at_a_time_and_none_in_a_copy_that_a_child_may_still_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidegate.db.lock");
        let first = lock(&path).unwrap();
        let _of_a_child = first.0.try_clone().unwrap();
        assert!(matches!(lock(&path), Err(Cause::InUse { .. })));
        drop(first);
        lock(&path).unwrap();
    }

    #[test]
    fn the_lock_names_its_holder_whoever_had_it_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidegate.db.lock");
        fs::write(&path, "123456789 of one that was killed\n").unwrap();
        let first = lock(&path).unwrap();
        let own = std::process::id();
        assert!(matches!(lock(&path), Err(Cause::InUse { by: Some(pid) }) if pid == own));
        drop(first);
        assert_eq!(fs::read(&path).unwrap(), b"", "nobody has it");
    }
}
