//! The hang guard: a gate that hangs is worse than one that is dead, since every sender then waits over a minute while
//! a dead one's name falls to the renderer at once. Must not know what is being waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// A caller that waits longer than this ends the process.
const LIMIT: Duration = Duration::from_secs(2);

/// A parked thread that watches the oldest unanswered call. It runs only while there are calls, and at most once in two
/// seconds then; an idle gate has it parked for good.
pub(crate) struct HangGuard {
    shared: Arc<Shared>,
    thread: Thread,
    began: Instant,
    _join: JoinHandle<()>,
}

struct Shared {
    /// Milliseconds after `began` at which the oldest unanswered call came, plus 1; 0: none.
    oldest: AtomicU64,
    parked: AtomicBool,
}

impl HangGuard {
    /// `abort` is what ends the process; a test records instead.
    pub(crate) fn start(abort: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { oldest: AtomicU64::new(0), parked: AtomicBool::new(true) });
        let began = Instant::now();
        let watched = shared.clone();
        let join = std::thread::Builder::new()
            .name("hang-guard".into())
            .stack_size(64 << 10)
            .spawn(move || watch(&watched, began, &abort))?;
        Ok(Self { shared, thread: join.thread().clone(), began, _join: join })
    }

    /// Says since when the oldest unanswered call waits.
    pub(crate) fn watch(&self, oldest: Option<Instant>) {
        let value = oldest.map_or(0, |since| millis(since.duration_since(self.began)) + 1);
        self.shared.oldest.store(value, Ordering::Release);
        if value != 0 && self.shared.parked.swap(false, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

fn watch(shared: &Shared, began: Instant, abort: &dyn Fn()) {
    loop {
        match shared.oldest.load(Ordering::Acquire) {
            0 => {
                shared.parked.store(true, Ordering::Release);
                if shared.oldest.load(Ordering::Acquire) == 0 {
                    std::thread::park();
                }
                shared.parked.store(false, Ordering::Release);
            }
            oldest => {
                let waited = began.elapsed().saturating_sub(Duration::from_millis(oldest - 1));
                if waited >= LIMIT {
                    abort();
                    return;
                }
            }
        }
        std::thread::park_timeout(LIMIT);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
