//! The other end of a daemon's stepping clock: the test says what time it is.
//!
//! The test listens on a Unix socket and the daemon connects to it. At once, and
//! at each step, the test sends a line with all that a clock says: a JSON object
//! of `utc_ms`, `boot_ms` and `asleep_ms` (Unix time, time since boot and how much
//! of that the machine has slept, in milliseconds) and `zone` (an IANA name). The daemon answers every line, the first one too,
//! with `{"settled":true}` once all that was due by then has been handled.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::session::Session;
use crate::wait::within;

/// The variable that tells a daemon where its clock is.
pub const CLOCK_VARIABLE: &str = "TIDEGATE_TEST_CLOCK";

/// A clock that stands still until it is stepped. It outlives the daemon: one
/// that is started anew hears the time as it is then.
#[derive(Debug)]
pub struct StepClock {
    time: Time,
    path: PathBuf,
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// What the clock shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Time {
    utc_ms: i64,
    boot_ms: i64,
    asleep_ms: i64,
    zone: String,
}

/// A new time, and whom to tell when it has settled.
#[derive(Debug)]
struct Order {
    time: Time,
    settled: Option<oneshot::Sender<()>>,
}

impl StepClock {
    /// Listens in the session's folder and tells the session's programs where.
    /// The clock shows `utc_ms` in `zone`, and a machine up for an hour.
    ///
    /// # Panics
    /// If the socket cannot be made.
    #[must_use]
    pub fn listen(session: &Session, utc_ms: i64, zone: &str) -> Self {
        let path = session.join("clock");
        session.set(CLOCK_VARIABLE, path.display().to_string());
        let time = Time { utc_ms, boot_ms: 3_600_000, asleep_ms: 0, zone: zone.to_owned() };
        let listener = UnixListener::bind(&path).unwrap();
        let (orders, taken) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(listener, taken, time.clone()));
        Self { time, path, orders, task }
    }

    /// The socket's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The Unix time that it shows, in milliseconds.
    #[must_use]
    pub fn utc_ms(&self) -> i64 {
        self.time.utc_ms
    }

    /// Lets time pass, asleep or awake, and waits until the daemon has handled
    /// all that fell due.
    ///
    /// # Panics
    /// If no daemon has settled at the deadline.
    pub async fn advance(&mut self, by: Duration, deadline: Duration) {
        self.add(by);
        self.wait_settled(deadline).await;
    }

    /// Lets the machine sleep, and waits until the daemon has handled all that
    /// fell due meanwhile.
    ///
    /// # Panics
    /// If no daemon has settled at the deadline.
    pub async fn suspend(&mut self, by: Duration, deadline: Duration) {
        self.time.asleep_ms += i64::try_from(by.as_millis()).unwrap();
        self.advance(by, deadline).await;
    }

    /// Lets time pass with no daemon there; the next one hears the new time.
    pub fn advance_unheard(&mut self, by: Duration) {
        self.add(by);
        self.order(None);
    }

    /// Sets the wall clock alone, as a user or NTP does, and waits until the
    /// daemon has handled it.
    ///
    /// # Panics
    /// If no daemon has settled at the deadline.
    pub async fn set_utc(&mut self, utc_ms: i64, deadline: Duration) {
        self.time.utc_ms = utc_ms;
        self.wait_settled(deadline).await;
    }

    /// Moves the machine to another time zone, and waits until the daemon has
    /// handled it.
    ///
    /// # Panics
    /// If no daemon has settled at the deadline.
    pub async fn set_zone(&mut self, zone: &str, deadline: Duration) {
        self.time.zone = zone.to_owned();
        self.wait_settled(deadline).await;
    }

    /// Waits until a daemon is there and has handled all that is due now.
    ///
    /// # Panics
    /// If no daemon has settled at the deadline.
    pub async fn wait_settled(&self, deadline: Duration) {
        let (settled, wait) = oneshot::channel();
        let what = format!("the daemon to settle at {:?}", self.time);
        self.order(Some(settled));
        within(deadline, &what, wait).await.expect("the clock's task ended");
    }

    fn add(&mut self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap();
        self.time.utc_ms += by;
        self.time.boot_ms += by;
    }

    fn order(&self, settled: Option<oneshot::Sender<()>>) {
        let order = Order { time: self.time.clone(), settled };
        self.orders.send(order).expect("the clock's task ended");
    }
}

impl Drop for StepClock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Time {
    fn line(&self) -> String {
        let Self { utc_ms, boot_ms, asleep_ms, zone } = self;
        let line = json!({"utc_ms": utc_ms, "boot_ms": boot_ms, "asleep_ms": asleep_ms, "zone": zone});
        format!("{line}\n")
    }
}

/// Everyone who connects follows the clock until it goes: a second daemon that is turned away must not take it from the
/// first.
async fn run(listener: UnixListener, mut orders: mpsc::UnboundedReceiver<Order>, mut time: Time) {
    let mut daemons: Vec<Daemon> = Vec::new();
    let mut unsettled: Vec<oneshot::Sender<()>> = Vec::new();
    loop {
        tokio::select! {
            // A step made before a daemon connects is in what it hears first.
            biased;
            order = orders.recv() => {
                let Some(order) = order else { return };
                time = order.time;
                unsettled.extend(order.settled);
                daemons = all_hear(daemons, &time).await;
            }
            connected = listener.accept() => {
                let stream = BufReader::new(connected.unwrap().0);
                daemons.extend(Daemon(stream).hear(&time).await);
            }
        }
        if !daemons.is_empty() {
            for settled in unsettled.drain(..) {
                settled.send(()).ok();
            }
        }
    }
}

/// Those that are still there.
async fn all_hear(daemons: Vec<Daemon>, time: &Time) -> Vec<Daemon> {
    let mut left = Vec::new();
    for daemon in daemons {
        left.extend(daemon.hear(time).await);
    }
    left
}

/// A connected daemon.
struct Daemon(BufReader<UnixStream>);

impl Daemon {
    /// Says the time and reads the answer; `None` if the daemon has gone.
    async fn hear(mut self, time: &Time) -> Option<Self> {
        self.0.write_all(time.line().as_bytes()).await.ok()?;
        let mut answer = String::new();
        let length = self.0.read_line(&mut answer).await.ok()?;
        if length == 0 {
            return None;
        }
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| {
            panic!("the daemon said {answer:?}: {error}");
        });
        assert_eq!(answer, json!({"settled": true}));
        Some(self)
    }
}
