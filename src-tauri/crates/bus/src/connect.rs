//! Connecting to a bus without the thread that zbus starts to wait for the socket: it would cost a command a tenth of its
//! time, and the daemon an arena. Must not know what is said on the bus.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use tokio::net::UnixStream;
use zbus::address::Transport;
use zbus::address::transport::UnixSocket;
use zbus::connection::Builder;
use zbus::{Address, Connection};

/// Connects to the session bus.
///
/// # Errors
/// When there is none, or it refuses.
pub async fn session() -> zbus::Result<Connection> {
    connection_to(Address::session()?).await?.build().await
}

/// A connection to the bus at an address, to be built. What cannot be connected to at once is left to zbus, whose error
/// tells why.
pub(crate) async fn connection_to(address: Address) -> zbus::Result<Builder<'static>> {
    match socket(&address).await {
        Some(socket) => Ok(Builder::unix_stream(socket)),
        None => Builder::address(address),
    }
}

async fn socket(address: &Address) -> Option<UnixStream> {
    let Transport::Unix(unix) = address.transport() else { return None };
    if let UnixSocket::File(path) = unix.path() {
        return UnixStream::connect(path).await.ok();
    }
    let UnixSocket::Abstract(name) = unix.path() else { return None };
    UnixStream::connect(abstract_path(name)).await.ok()
}

/// unix(7): an abstract name stands behind a zero byte.
fn abstract_path(name: &OsStr) -> OsString {
    OsString::from_vec([b"\0", name.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_bus_is_reached_by_its_path_and_by_its_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let _by_path = UnixListener::bind(&path).unwrap();
        assert!(socket(&address(&format!("unix:path={}", path.display()))).await.is_some());
        let name = format!("tidegate-{}", std::process::id());
        let _by_name = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        assert!(socket(&address(&format!("unix:abstract={name}"))).await.is_some());
    }

    #[tokio::test]
    async fn what_is_not_there_is_told_by_zbus() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = address(&format!("unix:path={}", folder.path().join("nobody").display()));
        assert!(socket(&nobody).await.is_none());
        assert!(matches!(connection_to(nobody).await.unwrap().build().await, Err(zbus::Error::Connection(..))));
    }
}
