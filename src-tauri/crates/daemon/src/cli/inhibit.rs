//! `tidegate inhibit`: a command during which what comes is held. It asks for quiet as any app may, over the notification
//! interface, so that the quiet ends with this process whatever becomes of it. Must not know what the command does.

use super::client::Client;
use super::visible::line;
use super::{Answered, Said, exit, failure, view, words_of};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use tidegate_contract::{Code, Failure};
use tidegate_words::{say, timeless};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};
use zbus::Connection;
use zbus::zvariant::Value;

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";

/// As shells say that a program was not found, or could not be started.
const NOT_FOUND: u8 = 127;
const NOT_STARTED: u8 = 126;
/// As shells say that a signal ended a program.
const SIGNALLED: i32 = 128;

/// Runs the command to its end; its status is ours.
///
/// # Errors
/// When nothing would be held meanwhile: then the command is not run.
pub(super) async fn inhibit(client: &Client, command: &[OsString]) -> Answered {
    let Some((program, arguments)) = command.split_first() else {
        return Err(failure(Code::Invalid, say::cli_run_what()));
    };
    if !view(client).await?.gate.in_path {
        return Err(failure(Code::Conflict, say::cli_nothing_would_be_held()));
    }
    let mut signals = Signals::catch()?;
    ask_for_quiet(client.connection(), program).await?;
    match Command::new(program).args(arguments).spawn() {
        Ok(child) => Ok(Said { status: signals.outlive(child).await?, ..Said::new(String::new()) }),
        Err(error) => {
            let program = line(&program.display().to_string(), 300);
            let what = say::cli_command_not_started(program, words_of(&error));
            let status = if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { NOT_STARTED };
            let said = Said::new(String::new());
            Ok(Said { status, left_out: vec![failure(Code::NotStarted, what)], ..said })
        }
    }
}

/// It lasts until the connection ends, which it does with this process.
async fn ask_for_quiet(conn: &Connection, program: &OsString) -> Result<(), Failure> {
    let name = Path::new(program).file_name().unwrap_or(program).to_string_lossy();
    let hints = std::collections::HashMap::<&str, Value<'_>>::new();
    let why = timeless(&say::cli_command_runs());
    let asked = (name.as_ref(), why.as_str(), hints);
    let call = conn.call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), "Inhibit", &asked);
    call.await.map(drop).map_err(|error| super::client::explain(&error))
}

/// What would end this process, and the quiet with it, before the command is done.
struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn catch() -> Result<Self, Failure> {
        let refused = |error| failure(Code::Internal, say::cli_no_signals(words_of(&error)));
        let caught = |kind| signal(kind).map_err(refused);
        Ok(Self {
            interrupt: caught(SignalKind::interrupt())?,
            quit: caught(SignalKind::quit())?,
            terminate: caught(SignalKind::terminate())?,
            hang_up: caught(SignalKind::hangup())?,
        })
    }

    /// Waits for the command's end. The terminal's signals reach it by themselves; others are passed on.
    async fn outlive(&mut self, mut child: Child) -> Result<u8, Failure> {
        loop {
            let passed_on = tokio::select! {
                ended = child.wait() => {
                    let missed = |error| failure(Code::Internal, say::cli_end_missed(words_of(&error)));
                    return ended.map(status).map_err(missed);
                }
                _ = self.interrupt.recv() => None,
                _ = self.quit.recv() => None,
                _ = self.terminate.recv() => Some(rustix::process::Signal::TERM),
                _ = self.hang_up.recv() => Some(rustix::process::Signal::HUP),
            };
            let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
            if let (Some(signal), Some(pid)) = (passed_on, pid) {
                // Where it has just ended, there is nobody to be told.
                rustix::process::kill_process(pid, signal).ok();
            }
        }
    }
}

fn status(ended: ExitStatus) -> u8 {
    let by_signal = || ended.signal().map(|signal| SIGNALLED + signal);
    let status = ended.code().or_else(by_signal).and_then(|status| u8::try_from(status).ok());
    status.unwrap_or_else(|| exit::status(Code::Internal))
}
