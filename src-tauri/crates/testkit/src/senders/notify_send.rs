//! `notify-send`, as scripts use it: gone at once, or waiting for an answer.

use std::ffi::OsStr;
use std::time::Duration;

use crate::process::{Piped, exit_code};
use crate::programs;
use crate::session::Session;

/// A running `notify-send`. Dropping it ends it.
#[derive(Debug)]
pub struct NotifySend {
    process: Piped,
}

impl NotifySend {
    /// Starts it with these arguments.
    ///
    /// # Panics
    /// If it is missing.
    pub fn start<A: AsRef<OsStr>>(session: &Session, args: impl IntoIterator<Item = A>) -> Self {
        // Into a pipe it would print the id only when it ends.
        let mut command = session.command("stdbuf");
        command.arg("--output=L").arg(programs::find("notify-send")).args(args);
        Self { process: session.spawn_piped(command) }
    }

    /// Sends one and gives its id, for `notify-send` that does not wait.
    ///
    /// # Panics
    /// If it fails or prints no id.
    pub async fn send<A: AsRef<OsStr>>(session: &Session, args: impl IntoIterator<Item = A>) -> u32 {
        let mut command = session.command("notify-send");
        command.arg("--print-id").args(args);
        session.run_command(command).await.ok().parse().expect("an id")
    }

    /// Its next line: the id under `--print-id`, then the key of the action
    /// that was chosen.
    ///
    /// # Panics
    /// At the deadline, or if it ends without one.
    pub async fn line(&mut self, deadline: Duration) -> String {
        self.process.line(deadline).await
    }

    /// Its next line as an id.
    ///
    /// # Panics
    /// As [`NotifySend::line`], or if it is no number.
    pub async fn id(&mut self, deadline: Duration) -> u32 {
        self.line(deadline).await.parse().expect("an id")
    }

    /// Waits for its end: its exit code, and the lines that were left.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait(&mut self, deadline: Duration) -> (i32, Vec<String>) {
        let mut rest = Vec::new();
        while let Some(line) = self.process.try_line(deadline).await {
            rest.push(line);
        }
        let status = self.process.process().wait(deadline).await;
        (exit_code(status), rest)
    }

    /// Whether it still waits.
    pub fn is_running(&mut self) -> bool {
        self.process.process().is_running()
    }

    /// Its process id.
    pub fn pid(&mut self) -> u32 {
        self.process.process().pid()
    }

    /// Kills it, as an app that crashes.
    ///
    /// # Panics
    /// If it does not end at the deadline.
    pub async fn kill9(&mut self, deadline: Duration) {
        self.process.process().kill9(deadline).await;
    }
}
