//! The time that is passed in. Must not read any clock.

use chrono::{DateTime, Duration, Utc};

/// One reading of both clocks, taken together at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub utc: DateTime<Utc>,
    /// Time since boot with suspend counted (`CLOCK_BOOTTIME`): it never jumps, so a change of the difference between
    /// the two is a change of the wall clock.
    pub boot: Duration,
}

impl Now {
    /// What the wall clock would show at boot: constant until somebody sets the clock.
    pub(crate) fn offset(&self) -> DateTime<Utc> {
        self.utc - self.boot
    }
}
