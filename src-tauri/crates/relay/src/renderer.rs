//! The desktop's own notification daemon as a process: started as it was recorded, started again when it ends.
//!
//! It must not know sockets or D-Bus; time is handed in. The daemon is started through this very program
//! ([`exec`]), which asks the kernel to end the daemon when the relay ends, however that happens.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, getppid, pidfd_open, set_parent_process_death_signal};

use crate::itself::{NAME, filter_for_others, restore_filter};
use crate::protocol::RendererRecord;
use crate::say;
use crate::whose::Started;

/// The argument that makes this program become the renderer; the relay's process id, the core filter and the command line
/// follow.
pub const EXEC_FLAG: &str = "--exec-renderer";
/// Waiting time before the first new start.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest waiting time; also how long a renderer must have run for the waiting to begin anew.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// What a shell, too, says when a program cannot be started.
const EXIT_NOT_STARTED: u8 = 127;
/// Left out of the recorded environment: these spoke of the process that was recorded, or lead past the socket.
const NOT_INHERITED: [&str; 9] = [
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
    "NOTIFY_SOCKET",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "INVOCATION_ID",
];

/// Keeps one renderer running.
#[derive(Debug)]
pub struct Renderer {
    launcher: PathBuf,
    bus_address: OsString,
    record: Option<RendererRecord>,
    state: State,
    wait: Duration,
    /// The last one ended before it was the renderer.
    has_failed: bool,
}

#[derive(Debug)]
enum State {
    Idle,
    Running {
        child: Child,
        pidfd: OwnedFd,
        since: Instant,
        /// It has been the renderer.
        was_it: bool,
    },
    Waiting {
        until: Instant,
        /// It ended well before it was the renderer, and may have left another process.
        left_another: bool,
    },
}

/// How a renderer ended, or could not be started.
#[derive(Debug, PartialEq, Eq)]
pub struct Down {
    /// The process; nothing if there was none.
    pub pid: Option<u32>,
    /// For people.
    pub why: String,
    /// Until the next start.
    pub retry_in: Duration,
}

impl Renderer {
    /// Nothing to run yet. `launcher` is this program; `bus_address` is what the renderer takes for its bus's.
    #[must_use]
    pub fn new(launcher: PathBuf, bus_address: OsString) -> Self {
        Self { launcher, bus_address, record: None, state: State::Idle, wait: FIRST_WAIT, has_failed: false }
    }

    /// From now on this is the renderer. It is started now unless one runs; a waiting time is cut short, for the
    /// record may be a better one, and so is the life of another that never was the renderer. `present`: one that we did
    /// not start is there.
    pub fn supervise(&mut self, record: RendererRecord, present: bool, now: Instant) -> Option<Down> {
        if !present && self.record.as_ref().is_some_and(|known| *known != record) {
            self.end_what_never_came();
        }
        self.record = Some(record);
        self.wait = FIRST_WAIT;
        let idle = !matches!(self.state, State::Running { .. });
        if idle && !present { self.start(now) } else { None }
    }

    /// What follows is done once its end is told of.
    fn end_what_never_came(&mut self) {
        if let State::Running { child, was_it: false, .. } = &mut self.state
            && let Err(error) = child.kill()
        {
            say(&format!("what was started as the renderer and never was it cannot be ended: {error}"));
        }
    }

    /// This process is the renderer now. If we did not start it (a daemon that forks away is one), ours is not needed.
    pub fn came(&mut self, pid: u32) {
        match &mut self.state {
            State::Running { child, was_it, .. } => *was_it |= child.id() == pid,
            State::Waiting { .. } => self.state = State::Idle,
            State::Idle => {}
        }
    }

    /// What became of the process that was started. `connected`: whether it has a connection.
    pub fn started(&mut self, connected: impl Fn(u32) -> bool) -> Started {
        match &mut self.state {
            // Its end may not have been told of yet; the status that is read here is kept for then.
            State::Running { child, was_it, .. } => match child.try_wait() {
                Ok(Some(status)) if left_another(status, *was_it) => Started::LeftAnother,
                Ok(Some(_)) => Started::Failed,
                Ok(None) | Err(_) => Started::Runs { pid: child.id(), connected: connected(child.id()) },
            },
            State::Waiting { left_another: true, .. } => Started::LeftAnother,
            State::Waiting { left_another: false, .. } => Started::Failed,
            State::Idle if self.record.is_some() => Started::Failed,
            State::Idle => Started::Nothing,
        }
    }

    /// A renderer that we did not start is gone: ours is due after a moment.
    pub fn stranger_left(&mut self, now: Instant) {
        if self.record.is_some() && matches!(self.state, State::Idle) {
            self.state = State::Waiting { until: now + FIRST_WAIT, left_another: false };
        }
    }

    /// When [`Self::start_if_due`] wants to be called.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until, .. } => Some(until),
            State::Idle | State::Running { .. } => None,
        }
    }

    /// Becomes readable when the renderer ends.
    #[must_use]
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        match &self.state {
            State::Running { pidfd, .. } => Some(pidfd.as_fd()),
            State::Idle | State::Waiting { .. } => None,
        }
    }

    /// Whether one is about to be started though the last could not become the renderer: where it was recorded may be gone.
    #[must_use]
    pub fn is_due_after_failure(&self, now: Instant) -> bool {
        self.has_failed && self.due().is_some_and(|until| until <= now)
    }

    /// From now on it is started where this environment says that the session is, if it says so.
    pub fn move_to(&mut self, environment: &[(OsString, OsString)]) {
        let own = |name: &str| environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        self.record = self.record.take().map(|record| record.in_this_login(own));
    }

    /// Starts the renderer if its waiting time is over.
    pub fn start_if_due(&mut self, now: Instant) -> Option<Down> {
        if self.due().is_some_and(|until| until <= now) { self.start(now) } else { None }
    }

    /// The renderer's process ended; `replaced`: another process of its took its place at the socket.
    pub fn reap(&mut self, replaced: impl Fn(u32) -> bool, now: Instant) -> Option<Down> {
        let State::Running { child, since, was_it, .. } = &mut self.state else {
            return None;
        };
        let status = child.try_wait().ok()??;
        let (pid, ran, left_another) =
            (child.id(), now.saturating_duration_since(*since), left_another(status, *was_it));
        self.has_failed = !*was_it && !left_another;
        if replaced(pid) {
            self.state = State::Idle;
            return None;
        }
        if ran >= LONGEST_WAIT {
            self.wait = FIRST_WAIT;
        }
        Some(self.down(Some(pid), describe(status), left_another, now))
    }

    fn start(&mut self, now: Instant) -> Option<Down> {
        let record = self.record.as_ref()?;
        match spawn(&self.launcher, record, &self.bus_address) {
            Ok((child, pidfd)) => {
                self.state = State::Running { child, pidfd, since: now, was_it: false };
                None
            }
            Err(error) => Some(self.down(None, format!("could not be started: {error}"), false, now)),
        }
    }

    fn down(&mut self, pid: Option<u32>, why: String, left_another: bool, now: Instant) -> Down {
        let retry_in = self.wait;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        self.state = State::Waiting { until: now + retry_in, left_another };
        Down { pid, why, retry_in }
    }
}

fn left_another(status: ExitStatus, was_it: bool) -> bool {
    status.success() && !was_it
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) if code == i32::from(EXIT_NOT_STARTED) => "its program could not be started".to_owned(),
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => status.to_string(),
    }
}

fn spawn(launcher: &Path, record: &RendererRecord, bus_address: &OsStr) -> io::Result<(Child, OwnedFd)> {
    let mut child = command(launcher, record, bus_address).spawn()?;
    match open_pidfd(&child) {
        Ok(pidfd) => Ok((child, pidfd)),
        Err(error) => {
            child.kill()?;
            child.wait()?;
            Err(error)
        }
    }
}

fn open_pidfd(child: &Child) -> io::Result<OwnedFd> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(pidfd_open(pid.ok_or(io::ErrorKind::InvalidData)?, PidfdFlags::empty())?)
}

/// Its output goes nowhere: a daemon may print what it shows, and no log of ours may hold notification texts.
fn command(launcher: &Path, record: &RendererRecord, bus_address: &OsStr) -> Command {
    let folder = Path::new(&record.cwd.0);
    let inherited = record.env.iter().filter(|(key, _)| !NOT_INHERITED.iter().any(|out| key.0 == *out));
    let mut command = Command::new(launcher);
    command
        .arg0(NAME)
        .arg(EXEC_FLAG)
        .arg(std::process::id().to_string())
        .arg(filter_for_others())
        .args(&record.argv)
        .env_clear()
        .envs(inherited.map(|(key, value)| (key, value)))
        .env("DBUS_SESSION_BUS_ADDRESS", bus_address)
        .current_dir(if folder.is_dir() { folder } else { Path::new("/") })
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Becomes the renderer, in the process that the relay started for it. Returns only on failure, with the exit status.
/// The kernel will send SIGTERM when the relay ends.
#[must_use]
pub fn exec(mut arguments: impl Iterator<Item = OsString>) -> u8 {
    let relay = arguments.next().and_then(|pid| pid.to_str()?.parse().ok()).and_then(Pid::from_raw);
    let (Some(filter), Some(program)) = (arguments.next(), arguments.next()) else {
        return EXIT_NOT_STARTED;
    };
    let bound = set_parent_process_death_signal(Some(Signal::TERM));
    // The relay may have ended before the kernel was asked.
    if bound.is_err() || relay.is_none() || getppid() != relay {
        return EXIT_NOT_STARTED;
    }
    restore_filter(&filter.to_string_lossy());
    let _error = Command::new(program).args(arguments).exec();
    EXIT_NOT_STARTED
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    /// Runs a program that ignores its arguments and ends at once.
    fn renderer() -> Renderer {
        Renderer::new("/bin/false".into(), "unix:path=/s".into())
    }

    fn record() -> RendererRecord {
        RendererRecord { argv: vec!["x".into()], env: vec![], cwd: "/".into(), unit: None }
    }

    fn ended(renderer: &mut Renderer, replaced: bool, now: Instant) -> Option<Down> {
        let pidfd = renderer.pidfd().unwrap();
        poll(&mut [PollFd::from_borrowed_fd(pidfd, PollFlags::IN)], None).unwrap();
        renderer.reap(|_| replaced, now)
    }

    #[test]
    fn the_waiting_doubles_up_to_its_limit_and_begins_anew_after_a_long_run() {
        let (mut renderer, mut now) = (renderer(), Instant::now());
        assert_eq!(renderer.supervise(record(), false, now), None);
        let mut waits = Vec::new();
        for _ in 0..11 {
            let down = ended(&mut renderer, false, now).unwrap();
            assert_eq!(down.why, "exited with status 1");
            assert_eq!(renderer.due(), Some(now + down.retry_in));
            assert_eq!(renderer.start_if_due(now + down.retry_in / 2), None);
            assert!(renderer.pidfd().is_none(), "not before its time");
            now += down.retry_in;
            assert_eq!(renderer.start_if_due(now), None);
            waits.push(down.retry_in.as_millis());
        }
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
        now += LONGEST_WAIT;
        assert_eq!(ended(&mut renderer, false, now).unwrap().retry_in, FIRST_WAIT);
    }

    #[test]
    fn one_that_could_not_become_the_renderer_may_have_to_be_started_elsewhere() {
        let (mut renderer, now) = (renderer(), Instant::now());
        let here =
            RendererRecord { env: vec![("DISPLAY".into(), ":1".into()), ("LANG".into(), "C".into())], ..record() };
        renderer.supervise(here, false, now);
        let retry_in = ended(&mut renderer, false, now).unwrap().retry_in;
        assert!(!renderer.is_due_after_failure(now) && renderer.is_due_after_failure(now + retry_in));
        let env = |renderer: &Renderer| renderer.record.as_ref().unwrap().env.clone();
        renderer.move_to(&[("LANG".into(), "de".into())]);
        assert_eq!(env(&renderer)[0], ("DISPLAY".into(), ":1".into()), "it does not know of a screen");
        renderer.move_to(&[("DISPLAY".into(), ":2".into()), ("LANG".into(), "de".into())]);
        assert_eq!(env(&renderer), [("LANG".into(), "C".into()), ("DISPLAY".into(), ":2".into())]);
        renderer.start_if_due(now + retry_in);
        let Started::Runs { pid, .. } = renderer.started(|_| true) else { return };
        renderer.came(pid);
        let retry_in = ended(&mut renderer, false, now).unwrap().retry_in;
        assert!(!renderer.is_due_after_failure(now + retry_in), "it was the renderer there");
    }

    #[test]
    fn while_another_renderer_is_there_none_is_started() {
        let (mut renderer, now) = (renderer(), Instant::now());
        renderer.supervise(record(), true, now);
        assert!(renderer.pidfd().is_none() && renderer.due().is_none());
        renderer.stranger_left(now);
        assert_eq!(renderer.due(), Some(now + FIRST_WAIT));
        renderer.came(1);
        assert_eq!(renderer.due(), None);
    }

    #[test]
    fn one_that_ended_well_may_have_left_another_process_and_one_that_failed_has_not() {
        let now = Instant::now();
        for (program, is_left) in [("/bin/true", Started::LeftAnother), ("/bin/false", Started::Failed)] {
            let mut renderer = Renderer::new(program.into(), "unix:path=/s".into());
            assert_eq!(renderer.started(|_| false), Started::Nothing);
            renderer.supervise(record(), false, now);
            let pidfd = renderer.pidfd().unwrap();
            poll(&mut [PollFd::from_borrowed_fd(pidfd, PollFlags::IN)], None).unwrap();
            assert_eq!(renderer.started(|_| false), is_left, "before its end was told of");
            let down = renderer.reap(|_| false, now).unwrap();
            assert_eq!(renderer.started(|_| false), is_left, "while it waits");
            assert!(down.why.starts_with("exited"), "the status is still known");
        }
    }

    #[test]
    fn one_that_was_the_renderer_leaves_no_other() {
        let (mut renderer, now) = (Renderer::new("/bin/true".into(), "unix:path=/s".into()), Instant::now());
        renderer.supervise(record(), false, now);
        let Started::Runs { pid, .. } = renderer.started(|_| true) else { return };
        renderer.came(pid);
        ended(&mut renderer, false, now);
        assert_eq!(renderer.started(|_| false), Started::Failed);
    }

    #[test]
    fn a_renderer_that_left_a_child_at_the_socket_is_not_down() {
        let (mut renderer, now) = (renderer(), Instant::now());
        renderer.supervise(record(), false, now);
        assert_eq!(ended(&mut renderer, true, now), None);
        assert_eq!(renderer.due(), None);
    }

    #[test]
    fn a_new_record_ends_the_waiting() {
        let (mut renderer, now) = (renderer(), Instant::now());
        renderer.supervise(record(), false, now);
        ended(&mut renderer, false, now);
        renderer.supervise(record(), false, now);
        assert_eq!(ended(&mut renderer, false, now).unwrap().retry_in, FIRST_WAIT);
    }

    /// One that runs for a while, and was the renderer or was not.
    fn running(was_it: bool, now: Instant) -> Renderer {
        let child = Command::new("/usr/bin/sleep").arg("5").spawn().unwrap();
        let state = State::Running { pidfd: open_pidfd(&child).unwrap(), child, since: now, was_it };
        Renderer { record: Some(record()), state, ..renderer() }
    }

    #[test]
    fn what_never_was_the_renderer_gives_way_to_another_record() {
        let other = || RendererRecord { argv: vec!["other".into()], ..record() };
        let now = Instant::now();
        for (was_it, record, present) in [(true, other(), false), (false, record(), false), (false, other(), true)] {
            let mut renderer = running(was_it, now);
            renderer.supervise(record, present, now);
            let pidfd = renderer.pidfd().unwrap();
            let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
            let ended = poll(&mut [PollFd::from_borrowed_fd(pidfd, PollFlags::IN)], Some(&at_once)).unwrap();
            assert_eq!(ended, 0, "it goes on");
        }
        let mut renderer = running(false, now);
        assert_eq!(renderer.supervise(other(), false, now), None);
        assert_eq!(ended(&mut renderer, false, now).unwrap().why, "ended by signal 9");
        assert_eq!(renderer.due(), Some(now + FIRST_WAIT), "the other is started");
    }

    #[test]
    fn a_program_that_cannot_be_spawned_is_tried_again() {
        let (mut renderer, now) = (Renderer::new("/nowhere".into(), "unix:path=/s".into()), Instant::now());
        let down = renderer.supervise(record(), false, now).unwrap();
        assert_eq!((down.pid, down.retry_in), (None, FIRST_WAIT));
        assert!(renderer.start_if_due(now + FIRST_WAIT).is_some());
    }
}
