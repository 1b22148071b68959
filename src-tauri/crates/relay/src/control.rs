//! The connections on the control socket: lines in, lines out, and which of them is the gate.
//!
//! It must not know what the lines ask for. A peer that does not read, or writes nonsense, loses its connection and
//! nothing else happens.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::event::PollFlags;

use crate::lane::CHUNK;
use crate::protocol::{LineBuffer, LineError, ToGate, ToRelay, VERSION, encode};
use crate::socket::{Received, receive, send};

/// Connections at a time: one gate, one that replaces it, and a few that only hand over a record.
const MAX_PEERS: usize = 8;
/// What may wait for a peer that does not read: a full Welcome and every stray signal at their longest fit in.
const MAX_WAITING: usize = 8 << 20;

/// Identifies a peer, for as long as the relay runs.
pub type PeerId = u64;

/// One connection.
#[derive(Debug)]
pub struct Peer {
    id: PeerId,
    stream: UnixStream,
    lines: LineBuffer,
    waiting: Vec<u8>,
    /// The unique name that it gave in its Hello.
    gate: Option<String>,
    closing: bool,
}

/// All connections.
#[derive(Debug, Default)]
pub struct Control {
    peers: Vec<Peer>,
    next: PeerId,
}

impl Control {
    /// A new connection. Where there are too many, the oldest that is not the gate gives way.
    pub fn add(&mut self, stream: UnixStream) {
        if self.peers.len() >= MAX_PEERS {
            let idle = self.peers.iter().position(|peer| peer.gate.is_none());
            drop(idle.map(|at| self.peers.remove(at)));
        }
        let id = self.next;
        self.next += 1;
        let lines = LineBuffer::default();
        self.peers.push(Peer { id, stream, lines, waiting: Vec::new(), gate: None, closing: false });
    }

    /// What to wait for.
    pub fn interest(&self) -> impl Iterator<Item = (PeerId, BorrowedFd<'_>, PollFlags)> {
        self.peers.iter().map(|peer| {
            let flags = if peer.waiting.is_empty() { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
            (peer.id, peer.stream.as_fd(), flags)
        })
    }

    /// The unique name of the connected gate.
    #[must_use]
    pub fn gate(&self) -> Option<&str> {
        let mut open = self.peers.iter().filter(|peer| !peer.closing);
        open.find_map(|peer| peer.gate.as_deref())
    }

    /// Reads what a peer wrote; its messages in order. A peer that left, or wrote nonsense, is gone afterwards.
    pub fn read(&mut self, id: PeerId) -> Vec<ToRelay> {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) else {
            return Vec::new();
        };
        peer.flush();
        match peer.read() {
            Ok(messages) => messages,
            Err(error) => {
                self.refuse(id, &error.to_string());
                Vec::new()
            }
        }
    }

    /// This peer is the gate now; the one before it loses its connection.
    pub fn make_gate(&mut self, id: PeerId, unique: String) {
        for peer in &mut self.peers {
            peer.closing |= peer.gate.is_some() && peer.id != id;
        }
        self.sweep();
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.gate = Some(unique);
        }
    }

    /// Says why, and closes.
    pub fn refuse(&mut self, id: PeerId, why: &str) {
        let refusal = ToGate::Refused { version: VERSION, why: why.to_owned() };
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) {
            peer.say(&refusal);
            peer.closing = true;
        }
    }

    /// Tells the gate, if there is one.
    pub fn tell_gate(&mut self, message: &ToGate) {
        let mut open = self.peers.iter_mut().filter(|peer| !peer.closing);
        if let Some(peer) = open.find(|peer| peer.gate.is_some()) {
            peer.say(message);
        }
    }

    /// Drops the connections that are over; true: the gate was among them, and no other took its place.
    pub fn sweep(&mut self) -> bool {
        let left = self.peers.iter().any(|peer| peer.closing && peer.gate.is_some());
        self.peers.retain(|peer| !peer.closing);
        left && self.gate().is_none()
    }
}

impl Peer {
    fn read(&mut self) -> Result<Vec<ToRelay>, LineError> {
        let mut buffer = [0; CHUNK];
        match receive(&self.stream, &mut buffer) {
            Ok(Received::Some(read, _)) => self.lines.push(buffer.get(..read).unwrap_or_default()),
            Ok(Received::Nothing) => Ok(Vec::new()),
            Ok(Received::End) | Err(_) => {
                self.closing = true;
                Ok(Vec::new())
            }
        }
    }

    fn say(&mut self, message: &ToGate) {
        match encode(message) {
            Ok(line) if self.waiting.len() + line.len() <= MAX_WAITING => self.waiting.extend(line),
            Ok(_) | Err(_) => self.closing = true,
        }
        self.flush();
    }

    fn flush(&mut self) {
        while !self.waiting.is_empty() {
            match send(&self.stream, &self.waiting, &[]) {
                Ok(0) => return,
                Ok(sent) => drop(self.waiting.drain(..sent)),
                Err(_) => {
                    self.closing = true;
                    return;
                }
            }
        }
        self.waiting = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn peer(control: &mut Control) -> (PeerId, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        control.add(near);
        (control.next - 1, far)
    }

    #[test]
    fn a_gate_that_does_not_read_is_let_go() {
        let mut control = Control::default();
        let (id, _far) = peer(&mut control);
        control.make_gate(id, ":1.1".into());
        let long = ToGate::Refused { version: VERSION, why: "x".repeat(100_000) };
        let told = (0..1000).position(|_| {
            control.tell_gate(&long);
            control.sweep()
        });
        assert!(told.is_some_and(|told| told * 100_000 < MAX_WAITING + (1 << 20)));
        assert_eq!(control.gate(), None);
    }

    #[test]
    fn silent_peers_give_way_and_the_gate_does_not() {
        let mut control = Control::default();
        let (id, _gate) = peer(&mut control);
        control.make_gate(id, ":1.1".into());
        let peers: Vec<_> = (0..100).map(|_| peer(&mut control)).collect();
        assert_eq!((control.peers.len(), control.gate()), (MAX_PEERS, Some(":1.1")));
        let (last, mut far) = peers.into_iter().next_back().unwrap();
        far.write_all(b"{\"hello\":{\"version\":1,\"gate\":\":1.2\"}}\n").unwrap();
        assert_eq!(control.read(last), [ToRelay::Hello { version: 1, gate: ":1.2".into(), called_before: false }]);
    }
}
