//! Bytes that wait to be sent, with the file descriptors that belong to their messages.
//!
//! It must not know D-Bus or sockets: it says what one send may carry and is told how much went.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// Bytes from which on nothing more should be added until some went out.
const FULL: usize = 64 * 1024;
/// Linux carries at most this many descriptors in one send (SCM_MAX_FD); also the most that may wait here.
pub const MAX_FDS: usize = 253;
/// A buffer that grew beyond this is given back once it is empty.
const KEPT: usize = 1024;

/// A queue of bytes; descriptors sit at the byte that they must arrive with.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
    parcels: VecDeque<Parcel>,
    fds: usize,
}

#[derive(Debug)]
struct Parcel {
    at: usize,
    fds: Vec<OwnedFd>,
}

impl Outbox {
    /// Adds bytes; the descriptors arrive with the first of them.
    pub fn push(&mut self, bytes: &[u8], fds: Vec<OwnedFd>) {
        if !fds.is_empty() {
            self.fds += fds.len();
            self.parcels.push_back(Parcel { at: self.bytes.len(), fds });
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sent >= self.bytes.len()
    }

    /// Enough waits: the other side should not be read now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes.len().saturating_sub(self.sent) >= FULL || self.fds >= MAX_FDS
    }

    /// What the next send may carry: descriptors only at its first byte, and none that belong to a later one.
    #[must_use]
    pub fn next(&self) -> (&[u8], &[OwnedFd]) {
        let mut parcels = self.parcels.iter();
        let first = self.parcels.front().filter(|parcel| parcel.at <= self.sent);
        if first.is_some() {
            parcels.next();
        }
        let end = parcels.next().map_or(self.bytes.len(), |parcel| parcel.at);
        let bytes = self.bytes.get(self.sent..end).unwrap_or_default();
        (bytes, first.map_or(&[], |parcel| parcel.fds.as_slice()))
    }

    /// So many bytes of [`Self::next`] went out, and its descriptors with them.
    pub fn advance(&mut self, sent: usize) {
        if sent == 0 {
            return;
        }
        if let Some(gone) = self.parcels.pop_front_if(|parcel| parcel.at <= self.sent) {
            self.fds = self.fds.saturating_sub(gone.fds.len());
        }
        self.sent = self.sent.saturating_add(sent);
        if self.is_empty() {
            self.reset();
        } else if self.sent >= FULL {
            self.compact();
        }
    }

    /// Gives the sent bytes back, or a queue that never runs empty would grow for ever.
    fn compact(&mut self) {
        self.bytes.drain(..self.sent);
        for parcel in &mut self.parcels {
            parcel.at = parcel.at.saturating_sub(self.sent);
        }
        self.sent = 0;
    }

    fn reset(&mut self) {
        self.sent = 0;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.parcels = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use std::io::pipe;

    use super::*;

    fn fd() -> Vec<OwnedFd> {
        vec![pipe().unwrap().0.into()]
    }

    #[test]
    fn descriptors_go_with_their_first_byte_and_never_with_an_earlier_one() {
        let mut outbox = Outbox::default();
        outbox.push(b"ab", Vec::new());
        outbox.push(b"cd", fd());
        outbox.push(b"ef", fd());
        for (bytes, fds, sent) in [(&b"ab"[..], 0, 2), (b"cd", 1, 1), (b"d", 0, 1), (b"ef", 1, 2)] {
            let (next, carried) = outbox.next();
            assert_eq!((next, carried.len()), (bytes, fds));
            outbox.advance(sent);
        }
        assert!(outbox.is_empty());
    }

    #[test]
    fn nothing_sent_moves_nothing() {
        let mut outbox = Outbox::default();
        outbox.push(b"ab", fd());
        outbox.advance(0);
        assert_eq!((outbox.next().0, outbox.next().1.len()), (&b"ab"[..], 1));
    }

    #[test]
    fn a_queue_that_never_runs_empty_stays_small() {
        let mut outbox = Outbox::default();
        outbox.push(b"x", Vec::new());
        for round in 0..10_000_u32 {
            outbox.push(&round.to_le_bytes(), fd());
            outbox.push(&[0; 996], Vec::new());
            outbox.advance(1);
            let (next, fds) = outbox.next();
            assert_eq!((next.first_chunk(), next.len(), fds.len()), (Some(&round.to_le_bytes()), 1000, 1));
            outbox.advance(999);
        }
        assert!(outbox.bytes.capacity() < 4 * FULL, "{}", outbox.bytes.capacity());
    }

    #[test]
    fn it_is_full_by_bytes_or_by_descriptors() {
        let mut outbox = Outbox::default();
        outbox.push(&[0; FULL - 1], Vec::new());
        assert!(!outbox.is_full());
        outbox.push(&[0; 1], Vec::new());
        assert!(outbox.is_full());
        let mut outbox = Outbox::default();
        (0..MAX_FDS).for_each(|_| outbox.push(b"x", fd()));
        assert!(outbox.is_full());
        outbox.advance(1);
        assert!(!outbox.is_full());
    }
}
