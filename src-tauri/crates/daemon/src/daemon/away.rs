//! Tells the engine when the user is back from having been away, while it wants to know. Must not know what for.
//!
//! Away is who touches nothing for a while, and whoever's machine sleeps; both together are one absence, from the last touch
//! to the next; also where the machine wakes by itself. How long is told by a clock that counts the sleep and that nobody sets. How long it must be to be asked of
//! is not judged here.

use super::clock::DaemonClock;
use chrono::Duration;
use tidegate_domain::Event;
use tidegate_domain::ports::{Clock, WantedOfUser};
use tidegate_engine::Engine;
use tidegate_platform::idle::{Desktop, IdleError, IdleWatch};
use tidegate_platform::sleep::Sleeps;
use tokio::sync::watch;

/// Who touches nothing for so long has gone. Short, so that a sleep that follows is not taken for all of the absence.
const UNTOUCHED: std::time::Duration = std::time::Duration::from_secs(60);
/// Whoever woke the machine touches it again after such a pause; it may also have woken by itself.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
/// Who makes no such pause in this time is there, and so is a screen that an app keeps on: that is never called idle.
const AT_ONCE: std::time::Duration = std::time::Duration::from_secs(5);

/// How it is known that somebody was away.
enum Gone {
    /// Nothing was touched since then, as time since boot; the watch tells of the next touch.
    Untouched(IdleWatch, Duration),
    /// The machine slept for so long, and is awake again, with or without them.
    Slept { began: Duration, length: Duration },
}

/// Nobody who has gone is forgotten because nothing more is wanted meanwhile: a block may end without them.
pub(super) async fn watch(mut wanted: watch::Receiver<WantedOfUser>, clock: DaemonClock, engine: Engine) {
    while wanted.wait_for(|wanted| wanted.absences).await.is_ok() {
        let asleep = clock.asleep();
        let gone = tokio::select! {
            gone = gone(&clock) => gone,
            changed = wanted.wait_for(|wanted| !wanted.absences) => match changed {
                // A block that ends in a sleep ends before logind has said that it is over.
                Ok(_) if clock.asleep() > asleep => Gone::slept(clock.asleep() - asleep, &clock),
                Ok(_) => continue,
                Err(_) => return,
            },
        };
        match back(gone, &clock).await {
            Some(length) => engine.send(Event::UserBack(length)),
            // Whoever cannot tell of this touch cannot tell of the next.
            None => drop(wanted.wait_for(|wanted| !wanted.absences).await),
        }
    }
}

impl Gone {
    fn slept(length: Duration, clock: &DaemonClock) -> Self {
        Self::Slept { began: clock.now().boot - length, length }
    }
}

async fn gone(clock: &DaemonClock) -> Gone {
    tokio::select! {
        watch = untouched() => Gone::Untouched(watch, went(clock)),
        length = slept(clock) => Gone::slept(length, clock),
    }
}

fn went(clock: &DaemonClock) -> Duration {
    clock.now().boot - Duration::from_std(UNTOUCHED).unwrap_or_default()
}

/// `None`: it cannot be told any more.
async fn back(gone: Gone, clock: &DaemonClock) -> Option<Duration> {
    let (watch, since) = match gone {
        Gone::Untouched(watch, since) => (watch, since),
        Gone::Slept { began, length } => match tokio::time::timeout(AT_ONCE, idle_for(PAUSE)).await {
            Ok(Ok(watch)) => (watch, began),
            Ok(Err(_)) | Err(_) => return Some(length),
        },
    };
    match watch.touched().await {
        Ok(()) => Some(clock.now().boot - since),
        Err(error) => {
            tracing::info!(%error, "nobody tells when the user is back");
            None
        }
    }
}

/// Waits until nothing was touched for so long.
async fn idle_for(after: std::time::Duration) -> Result<IdleWatch, IdleError> {
    let mut watch = Desktop::from_environment().watch_idleness(after).await?;
    watch.idle().await?;
    Ok(watch)
}

/// Waits for ever where nobody can tell.
async fn untouched() -> IdleWatch {
    match idle_for(UNTOUCHED).await {
        Ok(watch) => watch,
        Err(error) => {
            tracing::info!(%error, "nobody tells when the user is away");
            std::future::pending().await
        }
    }
}

/// The same.
async fn slept(clock: &DaemonClock) -> Duration {
    let before = clock.asleep();
    let listening = async { Sleeps::listen().await?.awake_again().await };
    match listening.await {
        Ok(()) => clock.asleep() - before,
        Err(error) => {
            tracing::info!(%error, "nobody tells when the machine has slept");
            std::future::pending().await
        }
    }
}
