//! The stream of bytes cut into messages. Nothing that a stranger sends is an error of the connection; only the socket's own
//! end is. Must not know what is said or who said it, and must not read.

use crate::frame::{FIXED, Frame, cut_body, mask_flags};
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The longest header that is read; others are ignored. What the specification defines fits in a tenth.
const MOST_HEAD: usize = 64 << 10;
/// The longest body that is read, in bytes: half of what the bus lets through, which is more than any picture takes. Of a
/// longer one only the header is handed on, see [`crate::is_cut`].
pub(crate) const MOST_BODY: usize = 64 << 20;

/// How often something was read: while it stands still though the socket has something, nobody reads.
#[derive(Debug, Clone, Default)]
pub struct Reads(Arc<AtomicU64>);

impl Reads {
    /// So far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A message as it may be read.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) bytes: Vec<u8>,
    /// How much of it is body.
    pub(crate) body: usize,
}

/// What is next.
#[derive(Debug)]
pub(crate) enum Next {
    Message(Cut),
    /// So many bytes more are needed for it, at least.
    Needs(usize),
}

/// What was read of a socket, and where its messages end.
#[derive(Debug)]
pub(crate) struct Cutter {
    /// How much is read at a time, in bytes.
    chunk: usize,
    /// What was read and belongs to messages that were not handed on yet, from `start` on. Nothing is kept while nothing comes.
    ahead: Vec<u8>,
    start: usize,
    /// So much of what comes next is ignored.
    ignored: usize,
}

impl Cutter {
    pub(crate) fn new(chunk: usize) -> Self {
        Self { chunk, ahead: Vec::new(), start: 0, ignored: 0 }
    }

    /// What the library has read already.
    pub(crate) fn put(&mut self, bytes: &mut Vec<u8>) {
        self.ahead.append(bytes);
    }

    /// Has `read` put more where it is shown, of which so much is needed; it says how much it was.
    pub(crate) fn more(&mut self, needed: usize) -> Room<'_> {
        self.ahead.drain(..std::mem::take(&mut self.start));
        let from = self.ahead.len();
        self.ahead.resize(from + needed.max(self.chunk), 0);
        Room { ahead: &mut self.ahead, from, read: 0 }
    }

    /// The next message that is not to be ignored.
    pub(crate) fn next(&mut self) -> std::io::Result<Next> {
        loop {
            let there = self.ignored.min(self.unread().len());
            self.forget(there);
            self.ignored -= there;
            if self.ignored > 0 {
                return Ok(Next::Needs(1));
            }
            let Some(frame) = self.frame()? else { return Ok(Next::Needs(FIXED - self.unread().len())) };
            if !frame.is_known || frame.head > MOST_HEAD {
                self.ignored = frame.head.saturating_add(frame.body);
                continue;
            }
            let is_cut = frame.body > MOST_BODY;
            let body = if is_cut { 0 } else { frame.body };
            let missing = (frame.head + body).saturating_sub(self.unread().len());
            if missing > 0 {
                return Ok(Next::Needs(missing));
            }
            let mut bytes = self.take(frame.head + body);
            mask_flags(&mut bytes);
            if is_cut {
                cut_body(&mut bytes);
                self.ignored = frame.body;
            }
            return Ok(Next::Message(Cut { bytes, body }));
        }
    }

    /// How long the body of the next message is, once its header is there.
    pub(crate) fn next_body(&self) -> usize {
        Frame::of(self.unread()).map_or(0, |frame| frame.body)
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.ahead.is_empty() && self.start == 0
    }

    fn frame(&self) -> std::io::Result<Option<Frame>> {
        let there = self.unread();
        if there.len() < FIXED {
            return Ok(None);
        }
        Frame::of(there).map(Some).ok_or_else(|| Error::new(ErrorKind::InvalidData, "this is no D-Bus"))
    }

    fn unread(&self) -> &[u8] {
        self.ahead.get(self.start..).unwrap_or_default()
    }

    /// The next bytes, in no more memory than they need: a message may be kept for long. A large one is not copied.
    fn take(&mut self, length: usize) -> Vec<u8> {
        if self.start == 0 && self.ahead.len() == length && length >= self.chunk {
            return std::mem::take(&mut self.ahead);
        }
        let taken = self.unread().get(..length).unwrap_or_default().to_vec();
        self.forget(length);
        taken
    }

    fn forget(&mut self, length: usize) {
        self.start += length;
        if self.start >= self.ahead.len() {
            (self.ahead, self.start) = (Vec::new(), 0);
        }
    }
}

/// Where more may be read to. What was not filled is taken away again.
#[derive(Debug)]
pub(crate) struct Room<'c> {
    ahead: &'c mut Vec<u8>,
    from: usize,
    read: usize,
}

impl Room<'_> {
    pub(crate) fn space(&mut self) -> &mut [u8] {
        self.ahead.get_mut(self.from..).unwrap_or_default()
    }

    /// So much was read; nothing is the end.
    pub(crate) fn fill(mut self, read: usize) -> std::io::Result<()> {
        self.read = read;
        match read {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the bus has closed the connection")),
            _ => Ok(()),
        }
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.ahead.truncate(self.from + self.read);
        if self.ahead.is_empty() {
            *self.ahead = Vec::new();
        }
    }
}
