//! A clock that a test steps through a socket. Not in a release build: the feature `test-clock` is off there, and a test
//! looks for its variable in the binary. Must not know what is due.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_domain::{Event, Now, Zone};
use tidegate_engine::Engine;

/// Where the test listens.
const VARIABLE: &str = "TIDEGATE_TEST_CLOCK";

#[derive(Deserialize)]
struct Step {
    utc_ms: i64,
    boot_ms: i64,
    asleep_ms: i64,
    zone: String,
}

/// What the clock shows.
#[derive(Clone, Copy)]
struct Read {
    now: Now,
    asleep: Duration,
}

/// The time as the test last said.
#[derive(Clone)]
pub(super) struct StepClock {
    read: Arc<Mutex<Read>>,
    first: Zone,
    lines: Arc<Mutex<Option<BufReader<UnixStream>>>>,
}

impl StepClock {
    pub(super) fn from_environment() -> anyhow::Result<Option<Self>> {
        let Some(path) = std::env::var_os(VARIABLE) else { return Ok(None) };
        let mut lines = BufReader::new(UnixStream::connect(path)?);
        let (first, zone) = read(&mut lines)?.ok_or_else(|| anyhow::anyhow!("the test's clock said nothing"))?;
        let (read, lines) = (Arc::new(Mutex::new(first)), Arc::new(Mutex::new(Some(lines))));
        Ok(Some(Self { read, first: zone, lines }))
    }

    pub(super) fn now(&self) -> Now {
        self.read().now
    }

    pub(super) fn asleep(&self) -> Duration {
        self.read().asleep
    }

    fn read(&self) -> Read {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn zone(&self) -> Zone {
        self.first.clone()
    }

    /// Follows the test on a thread of its own, since it answers only when all that was due is handled.
    pub(super) fn run(&self, zone: Zone, engine: Engine) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (clock, runtime) = (self.clone(), tokio::runtime::Handle::current());
        std::thread::spawn(move || {
            if let Some(lines) = lines
                && let Err(error) = clock.follow(lines, zone, &engine, &runtime)
            {
                tracing::debug!(%error, "the test's clock ended");
            }
        });
    }

    fn follow(
        &self,
        mut lines: BufReader<UnixStream>,
        mut zone: Zone,
        engine: &Engine,
        runtime: &tokio::runtime::Handle,
    ) -> anyhow::Result<()> {
        loop {
            engine.send(Event::Wake);
            runtime.block_on(settled(engine))?;
            lines.get_mut().write_all(b"{\"settled\":true}\n")?;
            let Some((next, next_zone)) = read(&mut lines)? else { return Ok(()) };
            *self.read.lock().unwrap_or_else(PoisonError::into_inner) = next;
            if zone != next_zone {
                zone = next_zone.clone();
                engine.send(Event::ZoneChanged(next_zone));
            }
        }
    }
}

fn read(lines: &mut BufReader<UnixStream>) -> anyhow::Result<Option<(Read, Zone)>> {
    let mut line = String::new();
    if lines.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let step: Step = serde_json::from_str(&line)?;
    let utc = DateTime::<Utc>::from_timestamp_millis(step.utc_ms).ok_or_else(|| anyhow::anyhow!("no such instant"))?;
    let zone = tidegate_platform::zone::named(&step.zone)?;
    let now = Now { utc, boot: Duration::milliseconds(step.boot_ms) };
    Ok(Some((Read { now, asleep: Duration::milliseconds(step.asleep_ms) }, zone)))
}

/// The engine wakes itself for what is due; a question is answered between its turns.
async fn settled(engine: &Engine) -> Result<(), tidegate_engine::Stopped> {
    while engine.ask(|model, now| model.next_wakeup(now).is_some_and(|at| at <= now.utc)).await? {}
    Ok(())
}
