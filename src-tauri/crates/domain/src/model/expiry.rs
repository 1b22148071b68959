//! Rows whose time runs out: transient ones, scripts that wait for their own time-out, and what is done for good. Must not
//! know when a wake-up comes.

use super::Model;
use crate::effect::Effect;
use crate::notice::{ClosedReason, Interruption, Outcome, State, Timeout};
use crate::query::Found;
use crate::time::Now;
use chrono::{DateTime, Duration, Utc};

/// How long a transient one is kept that leaves the time to the server: what dunst and mako show by default.
const TRANSIENT_DEFAULT_SECONDS: i64 = 10;
/// When the time of one is over that is held since then: that of a transient one, and that of a script which waits for the
/// time-out that it set itself. No other has any.
pub(super) fn expiry(row: &Interruption, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let after = match row.content.timeout {
        Timeout::After(duration) if row.content.transient || row.app.is_sent_for_others() => duration,
        Timeout::Default if row.content.transient => Duration::seconds(TRANSIENT_DEFAULT_SECONDS),
        Timeout::After(_) | Timeout::Default | Timeout::Never => return None,
    };
    if row.is_open() { since.checked_add_signed(after) } else { None }
}

impl Model {
    /// Rows whose time is over: transient ones expire, scripts that wait go on, and what was done is closed for good.
    pub(super) fn run_out(&mut self, found: Found, now: Now, fx: &mut Vec<Effect>) {
        self.state.next_due = found.next_due;
        for mut row in found.rows.into_iter().filter(|row| !row.is_going()) {
            let told = match row.state() {
                State::Held if row.content.transient => {
                    self.state.release.picked.remove(&row.seq);
                    self.state.settle(&mut row, Outcome::Expired);
                    Self::close(&mut row, ClosedReason::Expired, now)
                }
                State::Held if self.may_wait(&row) => Self::close(&mut row, ClosedReason::Expired, now),
                State::Held => {
                    row.forget_due();
                    None
                }
                State::Done | State::Passed | State::Withdrawn | State::Muted | State::Expired | State::Released => {
                    Self::close(&mut row, ClosedReason::Dismissed, now)
                }
            };
            fx.push(Self::update(&row));
            fx.extend(told.filter(|_| !row.is_noted()));
        }
    }

    /// Whether the sender may wait for the end of its time-out. Of one from before a restart it is not known yet who is
    /// still there.
    fn may_wait(&self, row: &Interruption) -> bool {
        self.is_live(&row.sender) || row.gate != self.session.gate_connection
    }
}
