//! A way to the renderer's socket for clients that take an address list for one path.
//!
//! A renderer is given a list of addresses, so that what it starts finds the bus when the relay is gone. Not every
//! D-Bus library knows lists: zbus takes all that follows `path=` up to a comma for the path of one socket, such as
//! `…/renderer.sock;unix:path=/run/user/1000/bus`. A client like that would not find any bus and a renderer like that
//! could not run behind the relay. So that very path is made to exist: folders below ours, and a link to the socket.
//! Clients that know lists never look at it. It must not know who connects, or what an address means.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Component, Path};

/// The longest path that can be connected to, in bytes (unix(7), with its final zero left out).
const LONGEST: usize = 107;

/// Makes `path` lead to `socket`, beside which it must lie.
///
/// # Errors
/// When nobody could connect to a path as long, it lies elsewhere, or cannot be made.
pub fn make(path: &Path, socket: &Path) -> io::Result<()> {
    let wrong = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
    if path.as_os_str().len() > LONGEST {
        return Err(wrong("the path is too long for a socket"));
    }
    let beside = socket.parent().is_some_and(|folder| path.starts_with(folder));
    if !beside || path.components().any(|part| part == Component::ParentDir) {
        return Err(wrong("the path leads elsewhere"));
    }
    let folder = path.parent().ok_or_else(|| wrong("the path has no folder"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    symlink(socket, path)
}

/// Removes what earlier relays made for this socket, maybe for another bus.
///
/// # Errors
/// The system's.
pub fn clean(socket: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Ok(());
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_of(&entry.file_name(), name) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn is_of(entry: &OsStr, socket: &OsStr) -> bool {
    entry.as_bytes().strip_prefix(socket.as_bytes()).is_some_and(|rest| rest.starts_with(b";"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn the_whole_list_is_a_path_to_the_socket_until_it_is_cleaned() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s.sock");
        let _listener = UnixListener::bind(&socket).unwrap();
        let path = folder.path().join("s.sock;unix:path=/run/user/7/bus");
        for _ in 0..2 {
            clean(&socket).unwrap();
            assert!(UnixStream::connect(&path).is_err());
            make(&path, &socket).unwrap();
            assert!(UnixStream::connect(&path).is_ok());
        }
        clean(&socket).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["s.sock"]);
    }

    #[test]
    fn nothing_is_made_elsewhere_or_where_nobody_could_connect() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("f/s.sock");
        let long = format!("f/s.sock;unix:path=/{}", "x".repeat(LONGEST));
        for path in [long.as_str(), "s.sock;unix:path=/bus", "f/s.sock;unix:path=/../../../bus"] {
            assert!(make(&folder.path().join(path), &socket).is_err(), "{path}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
