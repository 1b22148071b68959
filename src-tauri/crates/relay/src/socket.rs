//! Sending and receiving on Unix sockets with file descriptors, and who is at the other end.
//!
//! It must not know what the bytes mean.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use crate::outbox::MAX_FDS;

/// What one receive brought.
#[derive(Debug)]
pub enum Received {
    /// So many bytes, and these descriptors; both kept from programs that we start.
    Some(usize, Vec<OwnedFd>),
    /// Nothing now.
    Nothing,
    /// Nothing more, ever.
    End,
}

/// Receives without waiting.
///
/// # Errors
/// The system's, and `EMFILE` when descriptors were lost because this process has too many.
pub fn receive(socket: &UnixStream, buffer: &mut [u8]) -> Result<Received, Errno> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    match recvmsg(socket, &mut [IoSliceMut::new(buffer)], &mut control, flags) {
        Ok(message) => {
            let fds = rights(&mut control);
            if message.flags.contains(ReturnFlags::CTRUNC) {
                Err(Errno::MFILE)
            } else if message.bytes == 0 {
                Ok(Received::End)
            } else {
                Ok(Received::Some(message.bytes, fds))
            }
        }
        Err(Errno::AGAIN | Errno::INTR) => Ok(Received::Nothing),
        // The other end was closed before it had read everything; what it sent has been received by now.
        Err(Errno::CONNRESET) => Ok(Received::End),
        Err(error) => Err(error),
    }
}

fn rights(control: &mut RecvAncillaryBuffer<'_>) -> Vec<OwnedFd> {
    let messages = control.drain();
    messages
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(fds) => Some(fds),
            RecvAncillaryMessage::ScmCredentials(_) | _ => None,
        })
        .flatten()
        .collect()
}

/// Sends without waiting; how many bytes went. The descriptors go with the first of them, all or none.
///
/// # Errors
/// The system's; a full socket is not one.
pub fn send(socket: &UnixStream, bytes: &[u8], fds: &[OwnedFd]) -> Result<usize, Errno> {
    let borrowed: Vec<BorrowedFd<'_>> = fds.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !borrowed.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&borrowed)) {
        return Err(Errno::TOOMANYREFS);
    }
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    match sendmsg(socket, &[IoSlice::new(bytes)], &mut control, flags) {
        Ok(sent) => Ok(sent),
        Err(Errno::AGAIN | Errno::INTR) => Ok(0),
        Err(error) => Err(error),
    }
}

/// The process at the other end, if it is of our own user; nobody else may speak to the relay.
#[must_use]
pub fn own_peer(socket: &UnixStream) -> Option<u32> {
    let peer = rustix::net::sockopt::socket_peercred(socket).ok()?;
    let pid = u32::try_from(peer.pid.as_raw_nonzero().get()).ok()?;
    (peer.uid == rustix::process::geteuid()).then_some(pid)
}
