//! A child process that ends with its guard, by its own process id only. It
//! knows nothing of what the child is for.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::wait::within;

/// How long a child may take to end itself before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// A running child with a log file of its own. Dropping it ends it: SIGTERM, a
/// bounded wait, SIGKILL.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: u32,
    child: Child,
    pidfd: OwnedFd,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with no input; both outputs go to `log`.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(command: Command, log: &Path) -> Self {
        Self::start_with_input(command, Stdio::null(), log)
    }

    /// The same, with this input.
    pub(crate) fn start_with_input(mut command: Command, input: Stdio, log: &Path) -> Self {
        let out = File::create(log).unwrap();
        let errors = out.try_clone().unwrap();
        command.stdin(input).stdout(out).stderr(errors);
        Self::spawn(command, log)
    }

    fn spawn(command: Command, log: &Path) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = tokio::process::Command::from(command)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let pid = child.id().unwrap();
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
        let pidfd = pidfd_open(raw, PidfdFlags::empty()).unwrap();
        let log = log.to_path_buf();
        Self { name, pid, child, pidfd, log }
    }

    /// The process id, which means nothing once the process has ended.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn signal(&self, signal: Signal) {
        pidfd_send_signal(&self.pidfd, signal).unwrap();
    }

    /// Kills it at once (SIGKILL), and waits for its end.
    ///
    /// # Panics
    /// If the kernel does not end it at the deadline.
    pub async fn kill9(&mut self, deadline: Duration) -> ExitStatus {
        self.child.start_kill().unwrap();
        self.wait(deadline).await
    }

    /// Asks it to end (SIGTERM) and gives its exit status.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn terminate(&mut self, deadline: Duration) -> ExitStatus {
        if self.is_running() {
            self.signal(Signal::TERM);
        }
        self.wait(deadline).await
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// At the deadline, with its log.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        match tokio::time::timeout(deadline, self.child.wait()).await {
            Ok(status) => status.unwrap(),
            Err(_) => panic!("{} still runs after {deadline:?}\n{}", self.name, self.log()),
        }
    }

    /// The result of `future`, for which this process must go on running.
    ///
    /// # Panics
    /// If it ends first, with its log and `hint`.
    pub async fn while_running<F: Future>(&mut self, hint: &str, future: F) -> F::Output {
        tokio::select! {
            output = future => output,
            status = self.child.wait() => {
                panic!("{} ended: {status:?}\n{}\n{hint}", self.name, self.log())
            }
        }
    }

    fn end(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        pidfd_send_signal(&self.pidfd, Signal::TERM).ok();
        if !self.ends_within(GRACE) {
            self.child.start_kill().ok();
            self.ends_within(GRACE);
        }
        self.child.try_wait().ok();
    }

    fn ends_within(&self, time: Duration) -> bool {
        let time = Timespec::try_from(time).unwrap();
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        poll(&mut fds, Some(&time)).is_ok_and(|ready| ready > 0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The exit code, or 128 plus the signal as a shell says it.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// A child that is talked to in lines: its input and output are pipes, its
/// errors go to the log.
#[derive(Debug)]
pub struct Piped {
    process: Process,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Piped {
    /// Starts `command`; only its errors go to `log`.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(mut command: Command, log: &Path) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(log).unwrap());
        let mut process = Process::spawn(command, log);
        let input = process.child.stdin.take();
        let lines = BufReader::new(process.child.stdout.take().unwrap()).lines();
        Self { process, input, lines }
    }

    /// The child itself.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The next line of its output, or `None` once it has closed it.
    ///
    /// # Panics
    /// At the deadline, with the end of its log.
    pub async fn try_line(&mut self, deadline: Duration) -> Option<String> {
        match tokio::time::timeout(deadline, self.lines.next_line()).await {
            Ok(line) => line.unwrap(),
            Err(_) => panic!("{}: no line\n{}", self.process.name, self.process.log()),
        }
    }

    /// The next line of its output.
    ///
    /// # Panics
    /// At the deadline, or when there are no more.
    pub async fn line(&mut self, deadline: Duration) -> String {
        match self.try_line(deadline).await {
            Some(line) => line,
            None => panic!("{} ended\n{}", self.process.name, self.process.log()),
        }
    }

    /// The next line, read as JSON.
    ///
    /// # Panics
    /// At the deadline, at the end, or if it is not JSON.
    pub async fn json(&mut self, deadline: Duration) -> Value {
        let line = self.line(deadline).await;
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Writes one JSON line to it.
    ///
    /// # Panics
    /// If it no longer reads.
    pub async fn send(&mut self, value: &Value) {
        let input = self.input.as_mut().expect("its input was closed");
        let line = format!("{value}\n");
        within(GRACE, "writing to a child", input.write_all(line.as_bytes())).await.unwrap();
    }

    /// Closes its input.
    pub fn close_input(&mut self) {
        drop(self.input.take());
    }
}
