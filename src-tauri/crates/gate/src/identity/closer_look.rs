//! What lies on disks and says more of a process, such as a sandbox's file, looked at beside everything else: a file system
//! may hang. Must not know what is waited with meanwhile.

use super::Process;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

/// What a file system says of a sender is not waited for longer.
const LIMIT: Duration = Duration::from_millis(200);
/// Senders that are looked at at a time.
const AT_A_TIME: usize = 4;
static FREE: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Who a connection is: what the bus and the kernel say, and the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Learned {
    pub(crate) name: Arc<str>,
    /// None when it has left.
    pub(crate) pid: Option<u32>,
    pub(crate) process: Process,
}

/// The looks that are under way.
#[derive(Default)]
pub(crate) struct CloserLooks(JoinSet<Learned>);

impl CloserLooks {
    /// Begins to look; [`CloserLooks::next`] gives what was learned.
    pub(crate) fn begin(&mut self, name: Arc<str>, pid: u32, process: Process) {
        self.0.spawn(look(name, pid, process, move |process| process.looked_at_closely(pid)));
    }

    /// None while nobody is looked at.
    pub(crate) async fn next(&mut self) -> Option<Learned> {
        self.0.join_next().await?.ok()
    }
}

/// Adds what was found, if that comes in time. What hangs may hang for good, so it has a thread that nobody waits for, and so
/// many at most.
async fn look(
    name: Arc<str>,
    pid: u32,
    process: Process,
    find: impl FnOnce(Process) -> Process + Send + 'static,
) -> Learned {
    let plain = process.clone();
    let (says, said) = oneshot::channel();
    let look = FREE.try_acquire().map(|permit| {
        move || {
            let is_too_late = says.send(find(process)).is_err();
            drop(permit);
            if is_too_late {
                tracing::debug!(pid, "files of a sender were read too late");
            }
        }
    });
    let thread = std::thread::Builder::new().name("sender".into()).stack_size(64 << 10);
    match look.map(|look| thread.spawn(look)) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a sender cannot be looked at"),
        Err(_) => tracing::warn!("file systems hang: one more sender is not looked at"),
    }
    let process = match tokio::time::timeout(LIMIT, said).await {
        Ok(Ok(process)) => process,
        Ok(Err(_)) | Err(_) => plain,
    };
    Learned { name, pid: Some(pid), process }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn process(started: u64) -> Process {
        Process { started, ..Process::default() }
    }

    fn name() -> Arc<str> {
        ":1.1".into()
    }

    /// Waits until nobody is looked at.
    async fn all_free() {
        let all = FREE.acquire_many(AT_A_TIME as u32);
        drop(tokio::time::timeout(LIMIT * 50, all).await.unwrap().unwrap());
    }

    /// One test for all, since so many looks are shared by the whole process.
    #[tokio::test]
    async fn file_systems_that_hang_cost_a_moment_each_and_then_nothing_more() {
        let found = look(name(), 7, process(1), |_| process(2)).await;
        assert_eq!(found, Learned { name: name(), pid: Some(7), process: process(2) });
        all_free().await;
        let lost = look(name(), 7, process(1), |_| panic!("it cannot be read")).await;
        assert_eq!(lost.process, process(1), "what the kernel says still counts");
        all_free().await;

        let (ends, ended) = mpsc::channel::<()>();
        let ended = Arc::new(std::sync::Mutex::new(ended));
        let hang = || {
            let ended = ended.clone();
            look(name(), 7, process(1), move |_| {
                drop(ended.lock().map(|ended| ended.recv()));
                process(2)
            })
        };
        let hanging: JoinSet<_> = (0..AT_A_TIME).map(|_| hang()).collect();
        assert!(hanging.join_all().await.iter().all(|learned| learned.process == process(1)));
        let one_more = look(name(), 7, process(1), |_| process(2)).await;
        assert_eq!(one_more.process, process(1), "nobody is looked at while so many hang");
        drop(ends);
        all_free().await;
    }

    #[tokio::test]
    async fn nobody_is_looked_at_unless_asked() {
        assert!(CloserLooks::default().next().await.is_none());
    }
}
