//! Tells the engine when the user is back from having been away, while it wants to know. Must not know what for.
//!
//! Away is who touches nothing for a while, and whoever's machine sleeps. How long is told by a clock that counts the sleep
//! and that nobody sets.

use super::clock::DaemonClock;
use chrono::Duration;
use tidegate_domain::Event;
use tidegate_domain::ports::{Clock, WantedOfUser};
use tidegate_engine::Engine;
use tidegate_gate::idle::{Desktop, IdleError, IdleWatch};
use tidegate_gate::sleep::Sleeps;
use tokio::sync::watch;

/// How it is known that somebody was away.
enum Gone {
    /// Nothing was touched since then, as time since boot; the watch tells of the next touch.
    Untouched(IdleWatch, Duration),
    /// The machine slept for so long, and is awake again.
    Slept(Duration),
}

/// Nobody who has gone is forgotten because nothing more is wanted meanwhile: a block may end without them.
pub(super) async fn watch(mut wanted: watch::Receiver<WantedOfUser>, clock: DaemonClock, engine: Engine) {
    loop {
        let Ok(of_user) = wanted.wait_for(|wanted| wanted.back_after.is_some()).await.map(|wanted| *wanted) else {
            return;
        };
        let Some(after) = of_user.back_after else { return };
        let asleep = clock.asleep();
        let gone = tokio::select! {
            gone = gone(after, &clock) => gone,
            changed = wanted.wait_for(|wanted| wanted.back_after != Some(after)) => match changed {
                // A block that ends in a sleep ends before logind has said that it is over.
                Ok(_) if clock.asleep() > asleep => Gone::Slept(clock.asleep() - asleep),
                Ok(_) => continue,
                Err(_) => return,
            },
        };
        match back(gone, &clock).await {
            Some(length) => engine.send(Event::UserBack(length)),
            // Whoever cannot tell of this touch cannot tell of the next.
            None => drop(wanted.wait_for(|wanted| wanted.back_after != Some(after)).await),
        }
    }
}

async fn gone(after: std::time::Duration, clock: &DaemonClock) -> Gone {
    tokio::select! {
        watch = untouched(after) => Gone::Untouched(watch, went(after, clock)),
        length = slept(clock) => Gone::Slept(length),
    }
}

fn went(after: std::time::Duration, clock: &DaemonClock) -> Duration {
    clock.now().boot - Duration::from_std(after).unwrap_or_default()
}

/// `None`: it cannot be told any more.
async fn back(gone: Gone, clock: &DaemonClock) -> Option<Duration> {
    match gone {
        Gone::Slept(length) => Some(length),
        Gone::Untouched(watch, since) => match watch.touched().await {
            Ok(()) => Some(clock.now().boot - since),
            Err(error) => {
                tracing::info!(%error, "nobody tells when the user is back");
                None
            }
        },
    }
}

/// Waits for ever where nobody can tell.
async fn untouched(after: std::time::Duration) -> IdleWatch {
    let watched = async {
        let mut watch = Desktop::from_environment().watch_idleness(after).await?;
        watch.idle().await?;
        Ok::<_, IdleError>(watch)
    };
    match watched.await {
        Ok(watch) => watch,
        Err(error) => {
            tracing::info!(%error, "nobody tells when the user is away");
            std::future::pending().await
        }
    }
}

/// The same. How long a sleep must be to be an absence is not judged here.
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
