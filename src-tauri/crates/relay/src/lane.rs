//! One direction of a relayed connection: bytes in, messages recognised and shifted, bytes out.
//!
//! The lane reads exactly up to the next boundary (a line's byte, the fixed part, the header, the body), so that file
//! descriptors stay with the message that they came with, and a body that nobody needs to see is streamed. It must not
//! know sockets, nor which names are shifted: that is [`crate::shift`].

use std::fmt;
use std::os::fd::OwnedFd;

use crate::outbox::{MAX_FDS, Outbox};
use crate::shift::{Concern, Edit, Plan, Seen, Shift, greeting};
use crate::wire::{Endian, FIXED, Fields, Frame};

/// How much of a body is read at a time, in bytes.
pub const CHUNK: usize = 16 * 1024;
/// The longest authentication line, as in libdbus.
const MAX_LINE: usize = 16 * 1024;
/// Longer headers are streamed unread: no conversation with the bus driver has one.
const MAX_HEAD: usize = 64 * 1024;
/// Longer bodies are streamed unread. A match rule has 1 KiB at most; an inline reply is text that someone typed.
const MAX_BODY: usize = 4 * 1024;

/// Which way a lane runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the notification daemon to the bus.
    ToBus,
    /// From the bus to the notification daemon.
    ToDaemon,
}

/// What made a connection unusable. It is closed; nobody else notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// The first byte was not the zero that authentication begins with.
    Opening,
    /// An authentication line without an end.
    Line,
    /// Bytes that no D-Bus message begins with, or a length beyond the protocol's.
    Frame,
    /// More file descriptors than one message can have.
    Descriptors,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "the connection did not begin with a zero byte",
            Self::Line => "an authentication line has no end",
            Self::Frame => "a message has a malformed header",
            Self::Descriptors => "a message came with too many file descriptors",
        })
    }
}

impl std::error::Error for Violation {}

#[derive(Debug)]
enum Phase {
    Opening,
    Line,
    Fixed,
    Head(Frame),
    Body(Frame, Concern),
    Rest { left: usize, pass: bool },
}

/// One direction of a connection.
#[derive(Debug)]
pub struct Lane {
    direction: Direction,
    phase: Phase,
    /// The message (or line) so far; empty while a body is streamed.
    held: Vec<u8>,
    /// Descriptors that came with what is held.
    fds: Vec<OwnedFd>,
    /// Descriptors that came with this message so far, held or already passed on.
    fds_seen: usize,
    /// What waits to be sent on.
    pub outbox: Outbox,
}

impl Lane {
    /// At the beginning of a connection.
    #[must_use]
    pub fn new(direction: Direction) -> Self {
        let phase = match direction {
            Direction::ToBus => Phase::Opening,
            Direction::ToDaemon => Phase::Line,
        };
        Self { direction, phase, held: Vec::new(), fds: Vec::new(), fds_seen: 0, outbox: Outbox::default() }
    }

    /// How many bytes may be read now; never more than [`CHUNK`]. Zero: not before some were sent on.
    #[must_use]
    pub fn want(&self) -> usize {
        if self.outbox.is_full() {
            return 0;
        }
        let wanted = match self.phase {
            Phase::Opening | Phase::Line => 1,
            Phase::Rest { left, .. } => left,
            Phase::Fixed | Phase::Head(_) | Phase::Body(..) => self.target().saturating_sub(self.held.len()),
        };
        wanted.min(CHUNK)
    }

    /// The length at which what is held is complete.
    fn target(&self) -> usize {
        match &self.phase {
            Phase::Head(frame) => frame.head,
            Phase::Body(frame, _) => frame.head + frame.body,
            Phase::Opening | Phase::Line | Phase::Fixed | Phase::Rest { .. } => FIXED,
        }
    }

    /// Takes at most [`Self::want`] bytes, with the descriptors that came with them.
    ///
    /// # Errors
    /// A [`Violation`]; the connection must then be closed.
    pub fn take(
        &mut self,
        bytes: &[u8],
        fds: Vec<OwnedFd>,
        shift: &mut Shift,
        seen: &mut Vec<Seen>,
    ) -> Result<(), Violation> {
        self.fds_seen += fds.len();
        if self.fds_seen > MAX_FDS {
            return Err(Violation::Descriptors);
        }
        if let Phase::Rest { left, pass } = self.phase {
            self.stream(bytes, fds, left, pass);
            return Ok(());
        }
        self.fds.extend(fds);
        self.held.extend_from_slice(bytes);
        self.step(shift, seen)
    }

    fn stream(&mut self, bytes: &[u8], fds: Vec<OwnedFd>, left: usize, pass: bool) {
        if pass {
            self.outbox.push(bytes, fds);
        }
        self.rest(left.saturating_sub(bytes.len()), pass);
    }

    fn step(&mut self, shift: &mut Shift, seen: &mut Vec<Seen>) -> Result<(), Violation> {
        match self.phase {
            Phase::Opening => self.opening(),
            Phase::Line => self.line(shift, seen),
            Phase::Fixed | Phase::Head(_) | Phase::Body(..) if self.held.len() < self.target() => Ok(()),
            Phase::Fixed => self.fixed(shift),
            Phase::Head(frame) => {
                self.head(frame, shift, seen);
                Ok(())
            }
            Phase::Body(frame, concern) => {
                self.body(frame, concern, shift, seen);
                Ok(())
            }
            Phase::Rest { .. } => Ok(()),
        }
    }

    fn opening(&mut self) -> Result<(), Violation> {
        if self.held != [0] {
            return Err(Violation::Opening);
        }
        self.pass_held();
        self.phase = Phase::Line;
        Ok(())
    }

    fn line(&mut self, shift: &Shift, seen: &mut Vec<Seen>) -> Result<(), Violation> {
        let answers = self.direction == Direction::ToDaemon;
        if answers && self.held.len() == 1 && self.held.first().copied().and_then(Endian::of).is_some() {
            // No answer of the authentication begins with `l` or `B`: this is the first message.
            self.phase = Phase::Fixed;
        } else if self.held.ends_with(b"\n") {
            let begin = !answers && self.held.trim_ascii() == b"BEGIN";
            seen.extend(greeting(&self.held).filter(|_| answers && !shift.is_off()));
            self.pass_held();
            self.phase = if begin { Phase::Fixed } else { Phase::Line };
        } else if self.held.len() >= MAX_LINE {
            return Err(Violation::Line);
        }
        Ok(())
    }

    /// Even where nothing is shifted the messages' boundaries are kept: some buses end a connection whose descriptors
    /// come with an earlier message than theirs.
    fn fixed(&mut self, shift: &Shift) -> Result<(), Violation> {
        let frame = Frame::parse(&self.held).ok_or(Violation::Frame)?;
        if frame.head == FIXED || frame.head > MAX_HEAD || shift.is_off() {
            self.pass_held();
            self.rest(frame.head + frame.body - FIXED, true);
        } else {
            self.phase = Phase::Head(frame);
        }
        Ok(())
    }

    fn head(&mut self, frame: Frame, shift: &mut Shift, seen: &mut Vec<Seen>) {
        let plan = Fields::parse(&frame, &self.held)
            .map_or(Plan::Pass, |fields| shift.plan(self.direction, &frame, &fields, seen));
        match plan {
            Plan::Read(concern) if frame.body <= MAX_BODY => {
                self.phase = Phase::Body(frame, concern);
                if frame.body == 0 {
                    self.body(frame, concern, shift, seen);
                }
            }
            Plan::Read(_) | Plan::Pass => {
                if matches!(plan, Plan::Read(Concern::Signal(_))) {
                    shift.address_unread(&frame, &mut self.held);
                }
                self.pass_held();
                self.rest(frame.body, true);
            }
            Plan::Drop => {
                self.drop_held();
                self.rest(frame.body, false);
            }
        }
    }

    fn body(&mut self, frame: Frame, concern: Concern, shift: &mut Shift, seen: &mut Vec<Seen>) {
        match shift.edit(concern, &frame, &mut self.held, seen) {
            Edit::Drop => self.drop_held(),
            Edit::Pass => self.pass_held(),
            Edit::PassThen(more) => {
                self.pass_held();
                self.outbox.push(&more, Vec::new());
            }
        }
        self.rest(0, true);
    }

    /// The rest of this message is streamed; without one, the next message begins.
    fn rest(&mut self, left: usize, pass: bool) {
        self.phase = if left == 0 { Phase::Fixed } else { Phase::Rest { left, pass } };
        if left == 0 {
            self.fds_seen = 0;
        }
    }

    fn pass_held(&mut self) {
        self.outbox.push(&self.held, std::mem::take(&mut self.fds));
        self.drop_held();
    }

    fn drop_held(&mut self) {
        self.fds.clear();
        self.held.clear();
        self.held.shrink_to(1024);
    }
}
