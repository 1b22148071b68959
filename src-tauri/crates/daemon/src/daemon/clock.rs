//! The daemon's clock: the machine's, or, in the tests' build only, one that a test steps. Must not know what is due.

use chrono::{DateTime, Duration, Utc};
use tidegate_domain::ports::Clock;
use tidegate_domain::{Event, Now, Zone};
use tidegate_engine::Engine;
use tidegate_platform::clock;
use tokio::sync::watch;

/// Reads the time, and sends the events that time itself causes.
#[derive(Clone)]
pub(super) struct DaemonClock {
    #[cfg(feature = "test-clock")]
    stepped: Option<super::step_clock::StepClock>,
}

impl DaemonClock {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            #[cfg(feature = "test-clock")]
            stepped: super::step_clock::StepClock::from_environment()?,
        })
    }

    pub(super) fn zone(&self) -> Zone {
        #[cfg(feature = "test-clock")]
        if let Some(stepped) = &self.stepped {
            return stepped.zone();
        }
        clock::zone()
    }

    /// How long the machine has slept so far: never less than before.
    pub(super) fn asleep(&self) -> Duration {
        #[cfg(feature = "test-clock")]
        if let Some(stepped) = &self.stepped {
            return stepped.asleep();
        }
        clock::asleep()
    }

    /// Wakes the engine when it wants to be, and tells it of another zone than `zone`.
    pub(super) fn run(&self, wake: watch::Receiver<Option<DateTime<Utc>>>, zone: Zone, engine: Engine) {
        #[cfg(feature = "test-clock")]
        if let Some(stepped) = &self.stepped {
            stepped.run(zone, engine);
            return;
        }
        let zone_engine = engine.clone();
        tokio::spawn(async move {
            if let Err(error) = clock::wake_at(wake, || engine.send(Event::Wake)).await {
                tracing::error!(%error, "the clock cannot be waited for: blocks and check-ins will be late");
            }
        });
        tokio::spawn(async move {
            if let Err(error) = clock::watch_zone(zone, |zone| zone_engine.send(Event::ZoneChanged(zone))).await {
                tracing::warn!(%error, "a change of the time zone will not be noticed");
            }
        });
    }
}

impl Clock for DaemonClock {
    fn now(&self) -> Now {
        #[cfg(feature = "test-clock")]
        if let Some(stepped) = &self.stepped {
            return stepped.now();
        }
        clock::SystemClock.now()
    }
}
