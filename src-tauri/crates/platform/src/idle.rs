//! Whether the user touches anything: the desktop says once when nothing was touched for a while, and when something is again.
//!
//! The desktop keeps the time, so nothing is polled; each watch is a connection of its own, and nothing is left of it
//! when it is dropped. Who knows is asked in this order: Mutter, which says so on the bus; the Wayland compositor; the X
//! server. Under Wayland the X server is never asked: it is Xwayland, which sees only what reaches X windows. logind's
//! `IdleHint` is not asked either: desktops set it minutes late, with the blanked screen, and sway and i3 never.
//! Must not know what the word is good for.

mod mutter;
mod wayland;
mod x11;

use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Where the desktop can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desktop {
    /// The address of the session bus; `None`: the environment's.
    pub bus: Option<String>,
    /// The Wayland compositor's socket.
    pub wayland: Option<PathBuf>,
    /// The X display's name.
    pub x11: Option<String>,
}

impl Desktop {
    /// The one that this process was started in.
    #[must_use]
    pub fn from_environment() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let runtime = set("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
        let wayland = set("WAYLAND_DISPLAY").map(|display| runtime.join(display));
        let x11 = set("DISPLAY").and_then(|display| display.into_string().ok());
        Self { bus: None, wayland: wayland.filter(|socket| socket.is_absolute()), x11 }
    }

    /// Begins to watch for this long without a touch; what the user did not touch before counts, where the desktop
    /// knows it. Returns when the desktop has taken it on.
    ///
    /// # Errors
    /// When nobody here can tell.
    pub async fn watch_idleness(&self, after: Duration) -> Result<IdleWatch, IdleError> {
        if let Some(watch) = mutter::watch(self.bus.as_deref(), after).await? {
            return Ok(IdleWatch(Watch::Mutter(Box::new(watch))));
        }
        match (&self.wayland, &self.x11) {
            (Some(socket), _) => Ok(IdleWatch(Watch::Wayland(wayland::watch(socket, after).await?))),
            (None, Some(display)) => Ok(IdleWatch(Watch::X11(x11::watch(display, after).await?))),
            (None, None) => Err(IdleError::NoDesktop),
        }
    }
}

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleSource {
    /// GNOME's compositor, on the session bus.
    Mutter,
    /// Any other Wayland compositor.
    Wayland,
    /// An X server.
    X11,
}

impl std::fmt::Display for IdleSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mutter => "Mutter",
            Self::Wayland => "the Wayland compositor",
            Self::X11 => "the X server",
        })
    }
}

/// Idleness cannot be seen, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum IdleError {
    /// No display.
    #[error("neither WAYLAND_DISPLAY nor DISPLAY is set, and there is no Mutter")]
    NoDesktop,
    /// It lacks what would tell.
    #[error("{0} does not tell when nothing is touched")]
    NotTold(IdleSource),
    /// It answered with an error.
    #[error("{0} refused to tell when nothing is touched: {1}")]
    Refused(IdleSource, String),
    /// It does not speak its protocol.
    #[error("{0} said what cannot be understood")]
    Malformed(IdleSource),
    /// It left.
    #[error("{0} is gone")]
    Gone(IdleSource),
    /// It cannot be reached.
    #[error("speak to {0}: {1}")]
    Unreachable(IdleSource, #[source] std::io::Error),
    /// The bus does not work.
    #[error("ask the session bus for Mutter: {0}")]
    Bus(#[source] zbus::Error),
}

/// A watch. Dropping it ends it.
pub struct IdleWatch(Watch);

enum Watch {
    Mutter(Box<mutter::Watch>),
    Wayland(wayland::Watch),
    X11(x11::Watch),
}

impl IdleWatch {
    /// Who tells.
    #[must_use]
    pub fn source(&self) -> IdleSource {
        match &self.0 {
            Watch::Mutter(_) => IdleSource::Mutter,
            Watch::Wayland(_) => IdleSource::Wayland,
            Watch::X11(_) => IdleSource::X11,
        }
    }

    /// Waits until nothing was touched for as long as the watch is about. May be given up and waited for again.
    ///
    /// # Errors
    /// When who tells has left.
    pub async fn idle(&mut self) -> Result<(), IdleError> {
        match &mut self.0 {
            Watch::Mutter(watch) => watch.idle().await,
            Watch::Wayland(watch) => watch.idle().await,
            Watch::X11(watch) => watch.idle().await,
        }
    }

    /// Waits until the user touches something again, once it was idle. May be given up, and is over then.
    ///
    /// # Errors
    /// When who tells has left, or does not tell this.
    pub async fn touched(self) -> Result<(), IdleError> {
        match self.0 {
            Watch::Mutter(watch) => watch.touched().await,
            Watch::Wayland(watch) => watch.touched().await,
            Watch::X11(watch) => watch.touched().await,
        }
    }
}

/// What somebody else says, for the log.
fn plain(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// A socket that is read in whole messages; a read that is given up loses nothing.
struct Wire {
    source: IdleSource,
    socket: UnixStream,
    read: Vec<u8>,
}

impl Wire {
    async fn connect(source: IdleSource, path: &Path) -> Result<Self, IdleError> {
        let socket = UnixStream::connect(path).await.map_err(|error| IdleError::Unreachable(source, error))?;
        Ok(Self { source, socket, read: Vec::new() })
    }

    async fn send(&mut self, message: &[u8]) -> Result<(), IdleError> {
        self.socket.write_all(message).await.map_err(|error| IdleError::Unreachable(self.source, error))
    }

    /// The first so many bytes that wait; they go on waiting.
    async fn peek(&mut self, length: usize) -> Result<&[u8], IdleError> {
        while self.read.len() < length {
            match self.socket.read_buf(&mut self.read).await {
                Ok(0) => return Err(IdleError::Gone(self.source)),
                Ok(_) => {}
                Err(error) => return Err(IdleError::Unreachable(self.source, error)),
            }
        }
        Ok(self.read.get(..length).unwrap_or_default())
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, IdleError> {
        self.peek(length).await?;
        Ok(self.read.drain(..length).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;

    /// A wire and its other end.
    async fn wire() -> (Wire, UnixStream) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("display");
        let listener = UnixListener::bind(&path).unwrap();
        let wire = Wire::connect(IdleSource::Wayland, &path).await.unwrap();
        (wire, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn what_is_read_in_pieces_is_taken_whole_and_the_rest_waits() {
        let (mut wire, mut far) = wire().await;
        far.write_all(b"first, sec").await.unwrap();
        assert_eq!(wire.peek(5).await.unwrap(), b"first");
        assert_eq!(wire.take(7).await.unwrap(), b"first, ");
        far.write_all(b"ond").await.unwrap();
        assert_eq!(wire.take(6).await.unwrap(), b"second");
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_loses_nothing() {
        let (mut wire, mut far) = wire().await;
        far.write_all(b"ha").await.unwrap();
        assert_eq!(wire.peek(2).await.unwrap(), b"ha");
        let given_up = tokio::time::timeout(Duration::from_millis(1), wire.take(4)).await;
        assert!(given_up.is_err());
        far.write_all(b"lf").await.unwrap();
        assert_eq!(wire.take(4).await.unwrap(), b"half");
    }

    #[tokio::test]
    async fn who_leaves_in_the_middle_of_a_message_is_gone() {
        let (mut wire, mut far) = wire().await;
        far.write_all(b"ha").await.unwrap();
        drop(far);
        assert!(matches!(wire.take(4).await, Err(IdleError::Gone(IdleSource::Wayland))));
        assert_eq!(wire.take(2).await.unwrap(), b"ha", "what had come is still there");
    }

    #[tokio::test]
    async fn where_nobody_is_the_error_says_who_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let error = Wire::connect(IdleSource::X11, &folder.path().join("X0")).await.err().unwrap();
        assert!(error.to_string().starts_with("speak to the X server: "), "{error}");
    }

    #[test]
    fn what_others_say_is_a_short_line_in_the_log() {
        assert_eq!(plain("no\x1b[31m\nseat\u{7}"), "no[31mseat");
        assert_eq!(plain(&"ü".repeat(500)), "ü".repeat(200));
    }
}
