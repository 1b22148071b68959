//! Where the database lies: a folder and files that only their owner can read, whatever the umask, and a lock that keeps
//! a second daemon away. Must not know what is in them.

use crate::cause::Cause;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Keeps a second daemon away for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not enough: a program that is just being started has it open too, until it is executed.
    fn drop(&mut self) {
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
    drop(make_file(path)?);
    Ok(lock)
}

/// The path with something added to its file name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn make_folder(folder: &Path) -> Result<(), Cause> {
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
fn make_file(path: &Path) -> Result<File, Cause> {
    let file = File::options().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    make_private(path, &file.metadata()?, FILE_MODE)?;
    Ok(file)
}

fn lock(path: &Path) -> Result<Lock, Cause> {
    let file = make_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Cause::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
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
        assert!(matches!(lock(&path), Err(Cause::InUse)));
        drop(first);
        lock(&path).unwrap();
    }
}
