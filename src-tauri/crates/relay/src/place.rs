//! Where things are: the runtime folder with its sockets and lock, and the recorded renderer.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;

use crate::error::Error;
use crate::protocol::{CONTROL_SOCKET, MAX_LINE, RECORD_FILE, RENDERER_SOCKET, RUNTIME_FOLDER, RendererRecord, decode};

const LOCK_FILE: &str = "relay.lock";

/// `$XDG_RUNTIME_DIR`, and our folder in it.
#[derive(Debug, Clone)]
pub struct Place {
    /// `$XDG_RUNTIME_DIR`.
    pub runtime_folder: PathBuf,
    folder: PathBuf,
}

/// Held for as long as this process is the session's relay.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Place {
    /// Of this session.
    ///
    /// # Errors
    /// [`Error::NoRuntimeFolder`].
    pub fn of_session() -> Result<Self, Error> {
        let runtime_folder = absolute("XDG_RUNTIME_DIR").ok_or(Error::NoRuntimeFolder)?;
        let folder = runtime_folder.join(RUNTIME_FOLDER);
        Ok(Self { runtime_folder, folder })
    }

    /// The socket that renderers take for their bus.
    #[must_use]
    pub fn renderer_socket(&self) -> PathBuf {
        self.folder.join(RENDERER_SOCKET)
    }

    /// The gate's socket.
    #[must_use]
    pub fn control_socket(&self) -> PathBuf {
        self.folder.join(CONTROL_SOCKET)
    }

    /// Makes the folder if need be and becomes the session's only relay.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`]; [`Error::UnsafeFolder`]; [`Error::File`].
    pub fn lock(&self) -> Result<Lock, Error> {
        self.make_folder()?;
        let path = self.folder.join(LOCK_FILE);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
        let mut file = options.open(&path).map_err(Error::file("open", &path))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            file.take(16).read_to_string(&mut pid).ok();
            return Err(Error::AlreadyRunning { folder: self.folder.clone(), pid: pid.trim().parse().ok() });
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(Error::file("write", &path))?;
        Ok(Lock { _file: file })
    }

    fn make_folder(&self) -> Result<(), Error> {
        let path = &self.folder;
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::file("create", path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let found = fs::symlink_metadata(path).map_err(Error::file("look at", path))?;
        if !found.is_dir() || found.uid() != geteuid().as_raw() {
            return Err(Error::UnsafeFolder(path.clone()));
        }
        if found.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::file("protect", path))?;
        }
        Ok(())
    }
}

impl Lock {
    /// Listens on a socket; one left behind by an earlier relay is replaced, which only the lock's holder may do.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn listen(&self, path: &Path) -> Result<UnixListener, Error> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::file("replace", path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(path).map_err(Error::file("listen on", path))?;
        listener.set_nonblocking(true).map_err(Error::file("listen on", path))?;
        Ok(listener)
    }
}

/// Where the gate records the renderer: below `$XDG_STATE_HOME`, by default `~/.local/state`.
#[must_use]
pub fn record_path() -> PathBuf {
    let state = absolute("XDG_STATE_HOME");
    let home = || absolute("HOME").unwrap_or_else(|| PathBuf::from("/")).join(".local/state");
    state.unwrap_or_else(home).join(RECORD_FILE)
}

/// The recorded renderer. It names a program to run, so nobody else may have been able to write it.
///
/// # Errors
/// [`Error::Record`].
pub fn read_record(path: &Path) -> Result<RendererRecord, Error> {
    let wrong = |why: String| Error::Record { path: path.to_owned(), why };
    let unreadable = |error: io::Error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        wrong(if missing { "does not exist".to_owned() } else { format!("cannot be read ({error})") })
    };
    let file = File::open(path).map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?;
    if !found.is_file() || found.uid() != geteuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(wrong("could have been written by somebody else".to_owned()));
    }
    let mut text = Vec::new();
    file.take(MAX_LINE as u64 + 1).read_to_end(&mut text).map_err(unreadable)?;
    let record: RendererRecord = decode(&text).map_err(|error| wrong(format!("cannot be understood ({error})")))?;
    if record.argv.is_empty() {
        return Err(wrong("names no program".to_owned()));
    }
    if record.is_ours() { Err(wrong("names Tidegate itself".to_owned())) } else { Ok(record) }
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
