//! What can end the relay, each as one line that says what failed, where, and what to do; and its exit status.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Anything but what follows.
pub const EXIT_FAILURE: u8 = 1;
/// The command line was not understood.
pub const EXIT_USAGE: u8 = 2;
/// There is no usable record of a renderer.
pub const EXIT_NO_RECORD: u8 = 3;
/// Another relay serves this session.
pub const EXIT_ALREADY_RUNNING: u8 = 4;

/// Why the relay cannot start or go on.
#[derive(Debug)]
pub enum Error {
    /// The command line.
    Usage(String),
    /// `XDG_RUNTIME_DIR` is missing or relative.
    NoRuntimeFolder,
    /// The folder of the sockets belongs to somebody else, or is no folder.
    UnsafeFolder(PathBuf),
    /// A file, folder or socket.
    File {
        /// Such as "listen on".
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The session bus cannot be reached.
    Bus {
        /// Its address as given.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The session bus went away while the relay ran.
    BusGone,
    /// Another relay holds the lock.
    AlreadyRunning {
        /// Where.
        folder: PathBuf,
        /// Its process, if it left its number.
        pid: Option<u32>,
    },
    /// Nothing was recorded, or what was cannot be trusted.
    Record {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A system call that has no object.
    System {
        /// Such as "wait for events".
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    /// For wrapping an error about a path.
    pub fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }

    /// The process's exit status.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => EXIT_USAGE,
            Self::Record { .. } => EXIT_NO_RECORD,
            Self::AlreadyRunning { .. } => EXIT_ALREADY_RUNNING,
            Self::BusGone
            | Self::NoRuntimeFolder
            | Self::UnsafeFolder(_)
            | Self::File { .. }
            | Self::Bus { .. }
            | Self::System { .. } => EXIT_FAILURE,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(f, "{what}; see tidegate-relay --help"),
            Self::NoRuntimeFolder => {
                f.write_str("XDG_RUNTIME_DIR is not an absolute path; start the relay from inside your session")
            }
            Self::UnsafeFolder(path) => {
                write!(f, "{} is not a folder of your own; remove it and start again", path.display())
            }
            Self::File { doing, path, source } => write!(f, "cannot {doing} {}: {source}", path.display()),
            Self::Bus { address, source } => {
                write!(f, "cannot reach the session bus at {address}: {source}; check DBUS_SESSION_BUS_ADDRESS")
            }
            Self::BusGone => f.write_str("the session bus is gone, and with it the session; ending"),
            Self::AlreadyRunning { folder, pid } => {
                let pid = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                write!(f, "another relay{pid} serves {}; end that one first", folder.display())
            }
            Self::Record { path, why } => {
                write!(f, "no renderer to start: {} {why}; let the gate take over once, or start one", path.display())
            }
            Self::System { doing, source } => write!(f, "cannot {doing}: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Bus { source, .. } | Self::System { source, .. } => Some(source),
            Self::Usage(_)
            | Self::NoRuntimeFolder
            | Self::UnsafeFolder(_)
            | Self::BusGone
            | Self::AlreadyRunning { .. }
            | Self::Record { .. } => None,
        }
    }
}
