//! Whether a renderer is behind the gate, as the relay tells, for who has to see that one is. Must not know how it is
//! reached.

use std::time::Duration;
use tokio::sync::watch;

/// The relay's pause doubles with each failed start, from 100 ms on, until a renderer has run for half a minute: once it is
/// so long, five have failed.
const PAUSE_OF_FAILURE: Duration = Duration::from_millis(1_600);

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Behind {
    /// It can be reached.
    pub(crate) is_up: bool,
    /// Why it is down, once it was started in vain several times.
    pub(crate) failing: Option<String>,
}

/// Tells it.
#[derive(Debug, Default)]
pub(crate) struct Tell(watch::Sender<Behind>);

impl Tell {
    pub(crate) fn watch(&self) -> watch::Receiver<Behind> {
        self.0.subscribe()
    }

    pub(crate) fn up(&self) {
        self.0.send_replace(Behind { is_up: true, failing: None });
    }

    /// `retry_in`: the relay's pause before the next start.
    pub(crate) fn down(&self, why: Option<String>, retry_in: Option<Duration>) {
        let failing = why.filter(|_| retry_in.is_some_and(|pause| pause >= PAUSE_OF_FAILURE));
        self.0.send_replace(Behind { is_up: false, failing });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_several_failed_starts_are_a_failure() {
        let tell = Tell::default();
        let seen = tell.watch();
        let down = |pause: Option<u64>| {
            tell.down(Some("exited".to_owned()), pause.map(Duration::from_millis));
            seen.borrow().failing.clone()
        };
        assert_eq!([None, Some(100), Some(800)].map(down), [None, None, None]);
        assert_eq!(down(Some(1_600)), Some("exited".to_owned()));
        tell.up();
        assert_eq!(*seen.borrow(), Behind { is_up: true, failing: None });
    }
}
