//! How many requests are dealt with at a time: one of each connection, few in all, and few that wait. What a client cannot
//! have at once it waits for; what it piles up is refused. Must not know what is asked.

use super::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tidegate_contract::{Code, Failure};
use tidegate_words::say;
use tokio::sync::Semaphore;

/// Of all connections.
const AT_ONCE: usize = 8;
/// Of one connection, with the one that is being dealt with.
const WAITING: u16 = 64;

/// Who is let in, and who waits.
#[derive(Debug)]
pub(super) struct Admission {
    lines: Mutex<HashMap<String, Line>>,
    places: Semaphore,
}

/// The requests of one connection.
#[derive(Debug)]
struct Line {
    turn: Arc<Semaphore>,
    waiting: u16,
}

/// One request that stands in line or is dealt with.
struct InLine<'a> {
    lines: &'a Mutex<HashMap<String, Line>>,
    from: &'a str,
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        let mut lines = lock(self.lines);
        if let Some(line) = lines.get_mut(self.from) {
            line.waiting -= 1;
            if line.waiting == 0 {
                lines.remove(self.from);
            }
        }
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self { lines: Mutex::default(), places: Semaphore::new(AT_ONCE) }
    }
}

impl Admission {
    /// Does what a connection asks for when it is its turn; until then it takes next to no memory.
    pub(super) async fn admit<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        from: &str,
        request: impl FnOnce() -> F,
    ) -> Result<T, Failure> {
        let turn = self.stand_in_line(from)?;
        let _in_line = InLine { lines: &self.lines, from };
        let _turn = turn.acquire().await.map_err(|_| too_many())?;
        let _place = self.places.acquire().await.map_err(|_| too_many())?;
        Box::pin(request()).await
    }

    fn stand_in_line(&self, from: &str) -> Result<Arc<Semaphore>, Failure> {
        let mut lines = lock(&self.lines);
        let new = || Line { turn: Arc::new(Semaphore::new(1)), waiting: 0 };
        let line = lines.entry(from.to_owned()).or_insert_with(new);
        if line.waiting >= WAITING {
            return Err(too_many());
        }
        line.waiting += 1;
        Ok(line.turn.clone())
    }
}

fn too_many() -> Failure {
    Failure { code: Code::Conflict, message: say::failure_too_many_requests(WAITING) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::task::Poll;
    use tokio::sync::oneshot;

    /// Asks `count` times; what was under way at most, and how many were refused.
    async fn flood(connections: usize, each: usize) -> (usize, usize) {
        let admission = Admission::default();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let request = || async {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::task::yield_now().await;
            now.set(now.get() - 1);
            Ok(())
        };
        let names: Vec<_> = (0..connections).map(|nth| format!(":1.{nth}")).collect();
        let mut asked: Vec<_> = names
            .iter()
            .flat_map(|name| (0..each).map(|_| Box::pin(admission.admit(name, &request))).collect::<Vec<_>>())
            .collect();
        let mut refused = 0;
        std::future::poll_fn(|context| {
            asked.retain_mut(|request| match request.as_mut().poll(context) {
                Poll::Ready(answer) => {
                    refused += usize::from(answer.is_err());
                    false
                }
                Poll::Pending => true,
            });
            if asked.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert!(lock(&admission.lines).is_empty(), "nobody stands in line any more");
        (most.get(), refused)
    }

    #[tokio::test]
    async fn one_of_each_connection_and_few_in_all_are_dealt_with_at_a_time() {
        assert_eq!(flood(1, 20).await, (1, 0));
        assert_eq!(flood(3, 20).await, (3, 0));
        assert_eq!(flood(40, 3).await, (AT_ONCE, 0));
    }

    #[tokio::test]
    async fn what_one_connection_piles_up_is_refused_and_another_is_not() {
        assert_eq!(flood(2, usize::from(WAITING) + 10).await, (2, 20));
    }

    #[tokio::test]
    async fn a_request_that_is_given_up_makes_room() {
        let admission = Admission::default();
        let (_keep, never) = oneshot::channel::<()>();
        let first = admission.admit(":1.1", || async { never.await.map_err(|_| too_many()) });
        let given_up = tokio::time::timeout(std::time::Duration::ZERO, first).await;
        assert!(given_up.is_err());
        assert_eq!(admission.admit(":1.1", || async { Ok(7) }).await, Ok(7));
    }
}
