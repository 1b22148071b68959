//! The half of a socket that speaks, for the library and for whoever refuses calls before the library reads them. Must not
//! know what is said.

use crate::asked::Asked;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::Mutex;
use zbus::Message;
use zbus::connection::socket::WriteHalf;

/// The socket's own half. Who writes has it until the last message is whole; then the next, in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct Outlet(Arc<Mutex<OwnedWriteHalf>>);

impl Outlet {
    /// Sends whole messages over this socket, which is the same, and waits until it takes them. For a thread of its own.
    pub(crate) fn send_blocking(&self, socket: &OwnedFd, messages: &[u8]) -> std::io::Result<()> {
        let _whole = self.0.blocking_lock();
        let mut rest = messages;
        while !rest.is_empty() {
            match send(socket, rest, SendFlags::NOSIGNAL) {
                Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
                Err(Errno::AGAIN) => wait_for(socket, PollFlags::OUT)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Returns when the socket is ready.
pub(crate) fn wait_for(socket: &OwnedFd, flags: PollFlags) -> std::io::Result<()> {
    match poll(&mut [PollFd::new(socket, flags)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The half that speaks.
#[derive(Debug)]
pub(crate) struct Writer {
    socket: Outlet,
    asked: Asked,
}

impl Writer {
    pub(crate) fn new(socket: OwnedWriteHalf, asked: Asked) -> Self {
        Self { socket: Outlet(Arc::new(Mutex::new(socket))), asked }
    }

    pub(crate) fn outlet(&self) -> Outlet {
        self.socket.clone()
    }
}

#[async_trait::async_trait]
impl WriteHalf for Writer {
    async fn send_message(&mut self, message: &Message) -> zbus::Result<()> {
        // First, or its answer could be there before it.
        self.asked.sending(message);
        self.socket.0.lock().await.send_message(message).await
    }

    /// Only while the bus lets us in.
    async fn sendmsg(&mut self, buffer: &[u8], fds: &[BorrowedFd<'_>]) -> std::io::Result<usize> {
        self.socket.0.lock().await.sendmsg(buffer, fds).await
    }

    async fn close(&mut self) -> std::io::Result<()> {
        WriteHalf::close(&mut *self.socket.0.lock().await).await
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> std::io::Result<zbus::fdo::ConnectionCredentials> {
        WriteHalf::peer_credentials(&mut *self.socket.0.lock().await).await
    }
}
