//! One relayed connection: the daemon's socket, ours to the session bus, and a lane each way.
//!
//! It must not know what the relay does with what was seen in passing.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::lane::{CHUNK, Direction, Lane, Violation};
use crate::shift::{Seen, Shift};
use crate::socket::{Received, receive, send};

/// How often one lane may read before the others have their turn.
const TURNS: usize = 64;

/// Why a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The daemon closed its end.
    ByDaemon,
    /// The bus closed its end.
    ByBus,
    /// A socket failed.
    Failed(Errno),
    /// One side did not speak D-Bus.
    Broken(Violation),
}

/// One relayed connection.
#[derive(Debug)]
pub struct Link {
    daemon: UnixStream,
    bus: UnixStream,
    up: Lane,
    down: Lane,
    shift: Shift,
    ended: Option<Ended>,
    /// The process that connected.
    pub pid: u32,
}

impl Link {
    /// Joins a daemon's connection to one to the bus.
    #[must_use]
    pub fn new(daemon: UnixStream, bus: UnixStream, pid: u32) -> Self {
        Self::with(daemon, bus, pid, Shift::default())
    }

    /// Joins the connection of a program that is not the renderer to one to the bus: everything passes as it is.
    #[must_use]
    pub fn of_a_stranger(daemon: UnixStream, bus: UnixStream, pid: u32) -> Self {
        Self::with(daemon, bus, pid, Shift::off())
    }

    fn with(daemon: UnixStream, bus: UnixStream, pid: u32, shift: Shift) -> Self {
        let (up, down) = (Lane::new(Direction::ToBus), Lane::new(Direction::ToDaemon));
        Self { daemon, bus, up, down, shift, ended: None, pid }
    }

    /// The unique name of the gate that is there now.
    pub fn set_gate(&mut self, gate: Option<Arc<str>>) {
        self.shift.set_gate(gate);
    }

    /// Whether it is the renderer's own.
    #[must_use]
    pub fn is_renderers(&self) -> bool {
        !self.shift.is_off()
    }

    /// The two sockets, with what to wait for on each. Waiting for nothing means: do not even look for a hang-up,
    /// which would be reported for ever.
    #[must_use]
    pub fn interest(&self) -> [(BorrowedFd<'_>, PollFlags); 2] {
        let flags = |reads: &Lane, writes: &Lane, over: Ended| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, self.ended.is_none() && reads.want() > 0);
            flags.set(PollFlags::OUT, self.ended != Some(over) && !writes.outbox.is_empty());
            flags
        };
        [
            (self.daemon.as_fd(), flags(&self.up, &self.down, Ended::ByDaemon)),
            (self.bus.as_fd(), flags(&self.down, &self.up, Ended::ByBus)),
        ]
    }

    /// Moves whatever can be moved now. Something: the link is over and all that came before its end is passed on.
    pub fn pump(&mut self, seen: &mut Vec<Seen>) -> Option<Ended> {
        if let Err(ended) = self.pump_open(seen).and_then(|()| self.drain()) {
            return Some(ended);
        }
        let drained = match self.ended? {
            Ended::ByDaemon => self.up.outbox.is_empty(),
            Ended::ByBus => self.down.outbox.is_empty(),
            Ended::Failed(_) | Ended::Broken(_) => true,
        };
        self.ended.filter(|_| drained)
    }

    fn pump_open(&mut self, seen: &mut Vec<Seen>) -> Result<(), Ended> {
        if self.ended.is_none() && !pump_lane(&mut self.up, &self.daemon, &self.bus, &mut self.shift, seen)? {
            self.ended = Some(Ended::ByDaemon);
        }
        if self.ended.is_none() && !pump_lane(&mut self.down, &self.bus, &self.daemon, &mut self.shift, seen)? {
            self.ended = Some(Ended::ByBus);
        }
        Ok(())
    }

    /// Once one side has ended, only what it said before still goes to the other.
    fn drain(&mut self) -> Result<(), Ended> {
        match self.ended {
            Some(Ended::ByDaemon) => flush(&mut self.up, &self.bus),
            Some(Ended::ByBus) => flush(&mut self.down, &self.daemon),
            Some(Ended::Failed(_) | Ended::Broken(_)) | None => Ok(()),
        }
    }
}

/// Moves one lane; false: its source has come to an end.
fn pump_lane(
    lane: &mut Lane,
    from: &UnixStream,
    to: &UnixStream,
    shift: &mut Shift,
    seen: &mut Vec<Seen>,
) -> Result<bool, Ended> {
    let mut buffer = [0; CHUNK];
    for _ in 0..TURNS {
        flush(lane, to)?;
        let Some(room) = buffer.get_mut(..lane.want()).filter(|room| !room.is_empty()) else {
            return Ok(true);
        };
        match receive(from, room).map_err(Ended::Failed)? {
            Received::Some(read, fds) => {
                let bytes = room.get(..read).unwrap_or_default();
                lane.take(bytes, fds, shift, seen).map_err(Ended::Broken)?;
            }
            Received::Nothing => return Ok(true),
            Received::End => return Ok(false),
        }
    }
    flush(lane, to)?;
    Ok(true)
}

fn flush(lane: &mut Lane, to: &UnixStream) -> Result<(), Ended> {
    while !lane.outbox.is_empty() {
        let (bytes, fds) = lane.outbox.next();
        match send(to, bytes, fds).map_err(Ended::Failed)? {
            0 => break,
            sent => lane.outbox.advance(sent),
        }
    }
    Ok(())
}
