//! Saves what is still open of a database whose file has lost its name: it is written again to where it was. Must not know
//! who deleted it, or why.

use crate::cause::Cause;
use crate::place::{self, FILE_MODE, Lock, beside, make_folder};
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Under another name until it is whole and on disk. Another file that stands in the place by now is put aside, with its
/// log; one that is the database itself (`is_own`), only without its log, is replaced.
pub(crate) fn write_again(connection: &Connection, path: &Path, is_own: bool) -> Result<(), Cause> {
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    let _lock = lock_if_free(path)?;
    let partial = beside(path, ".rescue-in-progress");
    let copy = File::options().write(true).create(true).truncate(true).mode(FILE_MODE).open(&partial)?;
    let target = partial.to_str().ok_or_else(|| Cause::unknown("the path", partial.display()))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    copy.sync_all()?;
    if !is_own {
        put_aside(path)?;
    }
    remove_if_there(&beside(path, "-wal"))?;
    remove_if_there(&beside(path, "-shm"))?;
    Ok(fs::rename(&partial, path)?)
}

/// The lock of the place, unless this process has it still: a daemon of another session may keep its data there by now.
fn lock_if_free(path: &Path) -> Result<Option<Lock>, Cause> {
    match place::lock(&beside(path, ".lock")) {
        Err(Cause::InUse { by }) if by == Some(std::process::id()) => Ok(None),
        locked => locked.map(Some),
    }
}

fn put_aside(path: &Path) -> Result<(), Cause> {
    let aside = beside(path, ".put-aside");
    for suffix in ["", "-wal"] {
        rename_if_there(&beside(path, suffix), &beside(&aside, suffix))?;
    }
    Ok(())
}

fn rename_if_there(from: &Path, to: &Path) -> Result<(), Cause> {
    not_found_is_well(fs::rename(from, to))
}

fn remove_if_there(path: &Path) -> Result<(), Cause> {
    not_found_is_well(fs::remove_file(path))
}

fn not_found_is_well(done: std::io::Result<()>) -> Result<(), Cause> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
