//! Tells the engine when the user is idle, while it wants to know. Must not know what for.

use tidegate_domain::ports::WantedOfUser;
use tidegate_domain::{Event, IDLE_TIME};
use tidegate_engine::Engine;
use tidegate_platform::idle::{Desktop, IdleError};
use tokio::sync::watch;

/// Watches while it is wanted, and is connected to the desktop only then. A watch that fails is not tried again before
/// the next check-in: the digest comes later, and nothing else is wrong.
pub(super) async fn watch(mut wanted: watch::Receiver<WantedOfUser>, engine: Engine) {
    while wanted.wait_for(|wanted| wanted.idleness).await.is_ok() {
        tokio::select! {
            idle = user_idle() => match idle {
                Ok(()) => engine.send(Event::UserIdle),
                Err(error) => tracing::info!(%error, "idleness cannot be seen: the digest waits for the block's end"),
            },
            changed = wanted.wait_for(|wanted| !wanted.idleness) => if changed.is_err() { return },
        }
        if wanted.wait_for(|wanted| !wanted.idleness).await.is_err() {
            return;
        }
    }
}

async fn user_idle() -> Result<(), IdleError> {
    Desktop::from_environment().watch_idleness(IDLE_TIME).await?.idle().await
}
