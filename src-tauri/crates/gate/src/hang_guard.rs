//! The hang guard: a gate that hangs is worse than one that is dead, since every sender then waits over a minute while
//! a dead one's name falls to the renderer at once. Must not know what is being waited for.

use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tidegate_bus::{Inbox, Reads};

/// A caller that waits longer than this ends the process.
const LIMIT: Duration = Duration::from_secs(2);
/// A process that was stopped, or a machine that was, seems to hang until it has had a moment to go on.
const SECOND_LOOK: Duration = Duration::from_millis(250);

/// Since when the oldest unanswered call waits: said by who has the calls, seen by the guard.
#[derive(Debug, Clone)]
pub(crate) struct Oldest {
    /// Milliseconds after `began` at which it came, plus 1; 0: none.
    at: Arc<AtomicU64>,
    began: Instant,
}

impl Oldest {
    /// No call waits.
    pub(crate) fn none() -> Self {
        Self { at: Arc::new(AtomicU64::new(0)), began: Instant::now() }
    }

    pub(crate) fn set(&self, oldest: Option<Instant>) {
        let value = oldest.map_or(0, |since| millis(since.duration_since(self.began)) + 1);
        self.at.store(value, Ordering::Release);
    }

    /// What tells it from any other that waits at another time.
    pub(crate) fn mark(&self) -> Option<u64> {
        let at = self.at.load(Ordering::Acquire);
        (at != 0).then_some(at)
    }

    /// The mark, if it has waited too long by then.
    fn overdue(&self, now: Instant) -> Option<u64> {
        self.mark().filter(|at| {
            let waited = now.duration_since(self.began).saturating_sub(Duration::from_millis(at - 1));
            waited >= LIMIT
        })
    }
}

/// What is watched: that the socket is read once it has something, and that what was read is answered, whatever the gate's
/// own thread does, or waits for.
struct Watched {
    socket: OwnedFd,
    reads: Reads,
    inbox: Inbox,
    oldest: Oldest,
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

/// Starts the thread that watches, for as long as the process lives: at most once in two seconds while there is something; an
/// idle gate has it waiting for good. `abort` is what ends the process; a test records instead.
pub(crate) fn start(
    socket: OwnedFd,
    reads: Reads,
    inbox: Inbox,
    abort: impl Fn() + Send + 'static,
) -> std::io::Result<Oldest> {
    let oldest = Oldest::none();
    let watched = Watched { socket, reads, inbox, oldest: oldest.clone() };
    let thread = std::thread::Builder::new().name("hang-guard".into()).stack_size(64 << 10);
    thread.spawn(move || watched.watch(&abort))?;
    Ok(oldest)
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
        let has_input = rustix::io::ioctl_fionread(&self.socket).is_ok_and(|bytes| bytes > 0);
        let unheard_since = self.inbox.unheard_since();
        Look {
            unread_since: has_input.then(|| self.reads.count()),
            unheard_since,
            overdue: self.oldest.overdue(Instant::now()),
            is_busy: has_input || unheard_since.is_some() || self.oldest.mark().is_some(),
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
        start(near.into(), Reads::default(), Inbox::new(crate::server::WAITING), abort).unwrap();
        std::io::Write::write_all(&mut far, b"nobody reads this").unwrap();
        aborted.recv_timeout(LIMIT * 5).unwrap();
    }

    #[test]
    fn the_oldest_call_is_overdue_from_the_limit_on_until_it_is_answered() {
        let oldest = Oldest::none();
        let came = oldest.began + Duration::from_millis(7);
        assert_eq!((oldest.mark(), oldest.overdue(came + LIMIT * 9)), (None, None));
        oldest.set(Some(came));
        assert_eq!(oldest.overdue(came), None);
        assert_eq!(oldest.overdue(came + LIMIT - Duration::from_millis(1)), None);
        assert_eq!(oldest.overdue(came + LIMIT), Some(8));
        oldest.set(Some(came + LIMIT));
        assert_eq!(oldest.overdue(came + LIMIT), None, "the next one has just come");
        oldest.set(None);
        assert_eq!(oldest.overdue(came + LIMIT * 9), None);
    }

    #[test]
    fn a_call_that_came_with_the_guard_itself_is_one() {
        let oldest = Oldest::none();
        oldest.set(Some(oldest.began));
        assert_eq!((oldest.mark(), oldest.overdue(oldest.began + LIMIT)), (Some(1), Some(1)));
    }
}
