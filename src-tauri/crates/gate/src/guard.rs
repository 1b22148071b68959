//! The hang guard: a gate that hangs is worse than one that is dead, since every sender then waits over a minute while
//! a dead one's name falls to the renderer at once. Must not know what is being waited for.

use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tidegate_bus::{Inbox, Reads};

/// A caller that waits longer than this ends the process.
const LIMIT: Duration = Duration::from_secs(2);
/// A process that was stopped, or a machine that was, seems to hang until it has had a moment to go on.
const SECOND_LOOK: Duration = Duration::from_millis(250);

/// A thread that waits until the socket has something, and then watches that it is read and that what was read is
/// answered: whatever the gate's own thread does, or waits for. It runs at most once in two seconds then; an idle gate has
/// it waiting for good.
pub(crate) struct HangGuard {
    /// Milliseconds after `began` at which the oldest unanswered call came, plus 1; 0: none.
    oldest: Arc<AtomicU64>,
    began: Instant,
    _join: JoinHandle<()>,
}

/// What is watched.
struct Watched {
    socket: OwnedFd,
    reads: Reads,
    inbox: Inbox,
    oldest: Arc<AtomicU64>,
    began: Instant,
}

/// What was seen at one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    /// How often something was read, while the socket has more.
    unread_since: Option<u64>,
    /// How much was taken of what was read, while more of it waits.
    unheard_since: Option<u64>,
    /// The oldest unanswered call, if it has waited too long.
    overdue: Option<u64>,
    is_busy: bool,
}

impl HangGuard {
    /// `abort` is what ends the process; a test records instead.
    pub(crate) fn start(
        socket: OwnedFd,
        reads: Reads,
        inbox: Inbox,
        abort: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (oldest, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let watched = Watched { socket, reads, inbox, oldest: oldest.clone(), began };
        let join = std::thread::Builder::new()
            .name("hang-guard".into())
            .stack_size(64 << 10)
            .spawn(move || watched.watch(&abort))?;
        Ok(Self { oldest, began, _join: join })
    }

    /// Says since when the oldest unanswered call waits.
    pub(crate) fn watch(&self, oldest: Option<Instant>) {
        let value = oldest.map_or(0, |since| millis(since.duration_since(self.began)) + 1);
        self.oldest.store(value, Ordering::Release);
    }
}

impl Watched {
    fn watch(&self, abort: &dyn Fn()) {
        loop {
            self.wait_for_input();
            let mut before = self.look();
            while before.is_busy {
                std::thread::park_timeout(LIMIT);
                let now = self.look();
                if hangs(before, now) {
                    std::thread::park_timeout(SECOND_LOOK);
                    if hangs(now, self.look()) {
                        abort();
                        return;
                    }
                }
                before = now;
            }
        }
    }

    fn wait_for_input(&self) {
        let mut polled = [PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::IN)];
        // An interrupted wait is as good as one that is over: another look costs nothing.
        poll(&mut polled, None).ok();
    }

    fn look(&self) -> Look {
        let oldest = self.oldest.load(Ordering::Acquire);
        let waited = self.began.elapsed().saturating_sub(Duration::from_millis(oldest.saturating_sub(1)));
        let has_input = rustix::io::ioctl_fionread(&self.socket).is_ok_and(|bytes| bytes > 0);
        let unheard_since = self.inbox.unheard_since();
        Look {
            unread_since: has_input.then(|| self.reads.count()),
            unheard_since,
            overdue: (oldest != 0 && waited >= LIMIT).then_some(oldest),
            is_busy: has_input || unheard_since.is_some() || oldest != 0,
        }
    }
}

/// Whether nothing at all was read, or taken of what was read, between two looks though there was something; or a call still
/// waits.
fn hangs(before: Look, now: Look) -> bool {
    let stands_still = |before: Option<u64>, now: Option<u64>| before.is_some() && before == now;
    let is_unread = stands_still(before.unread_since, now.unread_since);
    is_unread || stands_still(before.unheard_since, now.unheard_since) || now.overdue.is_some()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(unread_since: Option<u64>, overdue: Option<u64>) -> Look {
        Look { unread_since, unheard_since: None, overdue, is_busy: true }
    }

    #[test]
    fn input_that_nobody_reads_and_a_call_that_nobody_answers_are_a_hang() {
        assert!(hangs(look(Some(7), None), look(Some(7), None)));
        assert!(!hangs(look(Some(7), None), look(Some(8), None)), "something was read");
        assert!(!hangs(look(Some(7), None), look(None, None)), "all was read");
        assert!(!hangs(look(None, None), look(Some(7), None)), "it has just come");
        assert!(hangs(look(None, None), look(None, Some(1))));
    }

    #[test]
    fn what_was_read_and_nobody_takes_is_a_hang() {
        let look = |unheard_since| Look { unheard_since, ..look(None, None) };
        assert!(hangs(look(Some(7)), look(Some(7))));
        assert!(!hangs(look(Some(7)), look(Some(8))) && !hangs(look(Some(7)), look(None)));
    }

    #[test]
    fn a_loop_that_does_not_turn_is_noticed_whatever_it_waits_for() {
        let (mut far, near) = std::os::unix::net::UnixStream::pair().unwrap();
        let (aborts, aborted) = std::sync::mpsc::channel();
        let abort = move || aborts.send(()).unwrap();
        let _guard =
            HangGuard::start(near.into(), Reads::default(), Inbox::new(crate::server::WAITING), abort).unwrap();
        std::io::Write::write_all(&mut far, b"nobody reads this").unwrap();
        aborted.recv_timeout(LIMIT * 5).unwrap();
    }
}
