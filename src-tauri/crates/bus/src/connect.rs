//! Connecting to a bus without the thread that zbus starts to wait for the socket: it would cost a command a tenth of its
//! time, and the daemon an arena. Must not know what is said on the bus.

use crate::address::{addresses, of_session};
use crate::cutter::Reads;
use crate::inbox::{Inbox, Limits};
use crate::reader::{Emptied, Guarded};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
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
    connect(None).await?.build().await
}

/// A connection to be built, to the bus at this address or list of addresses; to the session bus if none is given. What
/// cannot be connected to at once is left to the library, whose error tells why.
///
/// # Errors
/// When no address can be understood.
pub async fn connect(list: Option<&str>) -> zbus::Result<Builder<'static>> {
    match reach(list).await? {
        Ok(socket) => Ok(Builder::socket(Guarded { socket })),
        Err(addresses) => unreached(addresses),
    }
}

/// A connection to be built that everybody calls, and what tells how it fares.
pub struct Called {
    /// Builds it.
    pub builder: Builder<'static>,
    /// The socket once more.
    pub socket: OwnedFd,
    /// How often something was read.
    pub reads: Reads,
    /// What was read and waits.
    pub inbox: Inbox,
}

/// As [`connect`], for a connection that strangers call: its socket is emptied all the time, and what they send waits in
/// turns and within these limits.
///
/// # Errors
/// When no address can be understood, or none can be connected to.
pub async fn connect_called(list: Option<&str>, limits: Limits) -> zbus::Result<Called> {
    match reach(list).await? {
        Ok(stream) => {
            let (socket, again) = (stream.as_fd().try_clone_to_owned()?, stream.as_fd().try_clone_to_owned()?);
            let (reads, inbox) = (Reads::default(), Inbox::new(limits));
            let emptied = Emptied { socket: stream, again, reads: reads.clone(), inbox: inbox.clone() };
            Ok(Called { builder: Builder::socket(emptied), socket, reads, inbox })
        }
        Err(addresses) => {
            drop(unreached(addresses)?.build().await?);
            Err(zbus::Error::Address("it is no Unix socket".to_owned()))
        }
    }
}

/// The first that answers of a list, or of the session's; else all of them.
async fn reach(list: Option<&str>) -> zbus::Result<Result<UnixStream, Vec<Address>>> {
    let addresses = addresses(&list.map_or_else(of_session, str::to_owned))?;
    for address in &addresses {
        if let Some(socket) = socket(address).await {
            return Ok(Ok(socket));
        }
    }
    Ok(Err(addresses))
}

/// What the library says of it.
fn unreached(addresses: Vec<Address>) -> zbus::Result<Builder<'static>> {
    let first = addresses.into_iter().next();
    Builder::address(first.ok_or_else(|| zbus::Error::Address("the list of addresses is empty".to_owned()))?)
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
        let built = connect(Some(&nobody.to_string())).await.unwrap().build().await;
        assert!(matches!(built, Err(zbus::Error::Connection(..))));
    }
}
