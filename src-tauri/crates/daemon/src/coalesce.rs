//! At most so many changes a second reach the eye: the first at once, those that follow in one. A timer exists only
//! between a change that came too soon and its showing. Must not know what is shown.

use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Between two showings: four a second.
pub const GAP: Duration = Duration::from_millis(250);

/// Calls `show` with the newest value after changes, never sooner than [`GAP`] after the showing before. Ends when the
/// sender is gone.
pub async fn coalesced<T: Clone>(mut changes: watch::Receiver<T>, mut show: impl AsyncFnMut(T)) {
    let mut not_before = Instant::now();
    while changes.changed().await.is_ok() {
        if Instant::now() < not_before {
            sleep_until(not_before).await;
        }
        not_before = Instant::now() + GAP;
        let newest = changes.borrow_and_update().clone();
        show(newest).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tokio::time::advance;

    /// Runs changes against the coalescer on a stopped clock: what was shown, and after how many milliseconds.
    async fn shown(changes: &[(u64, u32)]) -> Vec<(u128, u32)> {
        let (sender, receiver) = watch::channel(0);
        let shown = RefCell::new(Vec::new());
        let began = Instant::now();
        let feed = async move {
            let mut at = 0;
            for (ms, value) in changes {
                advance(Duration::from_millis(ms - at)).await;
                at = *ms;
                sender.send(*value).unwrap();
                settle().await;
            }
        };
        let show = coalesced(receiver, async |value| shown.borrow_mut().push((began.elapsed().as_millis(), value)));
        tokio::join!(feed, show);
        shown.into_inner()
    }

    /// Lets the other side take its turn before the clock moves on.
    async fn settle() {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_after_quiet_is_shown_at_once() {
        assert_eq!(shown(&[(10, 1), (400, 2)]).await, [(10, 1), (400, 2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_that_follow_are_shown_together_and_the_last_is_never_lost() {
        assert_eq!(shown(&[(10, 1), (20, 2), (30, 3), (200, 4)]).await, [(10, 1), (260, 4)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_is_four_a_second() {
        let storm: Vec<_> = (1..=1_000).map(|ms| (ms, u32::try_from(ms).unwrap())).collect();
        let shown = shown(&storm).await;
        let times: Vec<_> = shown.iter().map(|(at, _)| *at).collect();
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 250), "{times:?}");
        assert_eq!((shown.len(), shown.last().unwrap().1), (5, 1_000));
    }
}
