//! The machine's clocks and its zone, read and watched. Must not know what anybody does with them.

use crate::ready::watched;
use crate::zone;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
    timerfd_settime,
};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use tidegate_domain::ports::Clock;
use tidegate_domain::{Now, Zone};
use tokio::io::Interest;
use tokio::sync::watch;

/// An instant that never comes, for a timer that only hears of a clock that is set.
const FAR_AWAY: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Now {
        // The store keeps milliseconds: what is compared must not be finer than what comes back.
        let utc = Utc::now().trunc_subsecs(3);
        Now { utc, boot: since_boot(ClockId::Boottime) }
    }
}

/// How long the machine has slept since it was started.
#[must_use]
pub fn asleep() -> Duration {
    // One clock is read after the other.
    (since_boot(ClockId::Boottime) - since_boot(ClockId::Monotonic)).max(Duration::zero())
}

fn since_boot(clock: ClockId) -> Duration {
    let read = clock_gettime(clock);
    Duration::new(read.tv_sec, u32::try_from(read.tv_nsec).unwrap_or(0)).unwrap_or_else(Duration::zero)
}

/// Calls `wake` once at each instant that `at` names, and whenever somebody sets the clock before it. A timer on the wall
/// clock goes off right after a suspend that it fell into.
///
/// # Errors
/// When the system gives no timer.
pub async fn wake_at(mut at: watch::Receiver<Option<DateTime<Utc>>>, wake: impl Fn()) -> std::io::Result<()> {
    let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let timer = watched(timer, Interest::READABLE)?;
    let mut is_over = false;
    loop {
        let next = *at.borrow_and_update();
        // Whoever was woken may take a while to name the next; that somebody sets the clock is heard all the same.
        arm(timer.get_ref(), if is_over { Some(FAR_AWAY) } else { next })?;
        tokio::select! {
            changed = at.changed() => match changed {
                Ok(()) => is_over = false,
                Err(_) => return Ok(()),
            },
            ready = timer.readable() => {
                if ready?.try_io(|fd| went_off(fd.get_ref())).is_ok() {
                    is_over = true;
                    wake();
                }
            }
        }
    }
}

/// Reads the timer. An error other than "not yet" is "the clock was set" (ECANCELED): what is due must be looked at anew.
fn went_off(timer: &OwnedFd) -> std::io::Result<()> {
    let mut expirations = [0_u8; 8];
    match rustix::io::read(timer, &mut expirations) {
        Err(rustix::io::Errno::AGAIN) => Err(std::io::ErrorKind::WouldBlock.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn arm(timer: &OwnedFd, at: Option<DateTime<Utc>>) -> std::io::Result<()> {
    let never = Timespec { tv_sec: 0, tv_nsec: 0 };
    // An instant of 0 would disarm it; one in the past goes off at once.
    let value = at.map_or(never, |at| Timespec {
        tv_sec: at.timestamp().max(0),
        tv_nsec: i64::from(at.timestamp_subsec_nanos()).max(1),
    });
    let setting = Itimerspec { it_interval: never, it_value: value };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(timer, flags, &setting)?;
    Ok(())
}

/// The zone of this session; UTC where none can be found, which is logged.
#[must_use]
pub fn zone() -> Zone {
    zone::local().unwrap_or_else(|error| {
        tracing::warn!(%error, "no time zone is set here: check-ins are in UTC");
        Zone::utc()
    })
}

/// Calls `changed` when the machine's zone is set to another than `known`. A `TZ` variable stays as it is for a process's
/// life. What cannot be read is a file that is being written: its end is heard too.
///
/// # Errors
/// When the folder cannot be watched.
pub async fn watch_zone(mut known: Zone, changed: impl Fn(Zone)) -> std::io::Result<()> {
    if std::env::var_os("TZ").is_some() {
        return Ok(());
    }
    let watcher = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    let what = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::CLOSE_WRITE;
    inotify::add_watch(&watcher, "/etc", what)?;
    let watcher = watched(watcher, Interest::READABLE)?;
    loop {
        if let Ok(now) = zone::local()
            && now != known
        {
            known = now.clone();
            changed(now);
        }
        let mut ready = watcher.readable().await?;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(watcher.get_ref(), &mut buffer);
        while events.next().is_ok() {}
        ready.clear_ready();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_instant_that_is_past_wakes_once_however_long_nobody_names_another() {
        let past = Some(DateTime::UNIX_EPOCH);
        let (named, at) = watch::channel(past);
        let (wakes, mut woken) = tokio::sync::mpsc::unbounded_channel();
        let waiting = tokio::spawn(wake_at(at, move || wakes.send(()).unwrap()));
        woken.recv().await.unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(woken.try_recv().is_err(), "it was woken for it already");
        named.send_replace(past);
        woken.recv().await.unwrap();
        drop(named);
        waiting.await.unwrap().unwrap();
        assert_eq!(woken.recv().await, None);
    }

    #[test]
    fn both_clocks_go_on_and_the_wall_clock_has_no_more_than_is_kept() {
        let (first, then) = (SystemClock.now(), SystemClock.now());
        assert!(then.boot >= first.boot && first.boot > Duration::zero());
        assert_eq!(first.utc, first.utc.trunc_subsecs(3));
    }
}
