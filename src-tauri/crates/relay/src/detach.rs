//! Leaving the terminal or the parent behind, and telling whoever waits that the relay is ready.
//!
//! `--daemonize` starts this program twice over: the first child becomes a session leader and starts the second, which
//! is none and so never gets a terminal. Nothing forks a running program.

use std::env;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write, stdout};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::setsid;
use rustix::stdio::{dup2_stderr, dup2_stdout};

use crate::error::{EXIT_FAILURE, Error};
use crate::itself::NAME;

/// The argument of the first child.
pub const DETACHED_FLAG: &str = "--detached";
/// The argument of the second: a relay that says on its standard output when it is ready.
pub const REPORTING_FLAG: &str = "--report-ready";
const READY: &str = "ready";
/// How long systemd may take to make room for a message.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts a relay that outlives this process and waits until it is ready, or has failed and said why; the exit status.
///
/// # Errors
/// [`Error::System`] when nothing could be started.
pub fn daemonize(program: &Path) -> Result<u8, Error> {
    let wrong = |source| Error::System { doing: "start the relay in the background", source };
    let mut child = command(program, DETACHED_FLAG).stdout(Stdio::piped()).spawn().map_err(wrong)?;
    let report = child.stdout.take().map(read_report);
    child.wait().map_err(wrong)?;
    Ok(match report.as_deref().map(str::trim) {
        Some(READY) => 0,
        Some(code) => code.parse().unwrap_or(EXIT_FAILURE),
        None => EXIT_FAILURE,
    })
}

fn read_report(output: ChildStdout) -> String {
    let mut report = String::new();
    BufReader::new(output.take(16)).read_line(&mut report).ok();
    report
}

/// In the first child: a session of its own, and the relay outside of it.
///
/// # Errors
/// [`Error::System`].
pub fn start_detached(program: &Path) -> Result<u8, Error> {
    let wrong = |source| Error::System { doing: "leave the session", source };
    setsid().map_err(Errno::into).map_err(wrong)?;
    let relay = command(program, REPORTING_FLAG).spawn().map_err(wrong)?;
    drop(relay);
    Ok(0)
}

fn command(program: &Path, flag: &str) -> Command {
    let mut command = Command::new(program);
    command.arg0(NAME).arg(flag).current_dir("/").stdin(Stdio::null());
    command
}

/// Tells systemd, where it asked to be told.
pub fn tell_systemd() {
    let Some(name) = env::var("NOTIFY_SOCKET").ok() else {
        return;
    };
    let address = match name.strip_prefix('@') {
        Some(hidden) => SocketAddr::from_abstract_name(hidden),
        None => SocketAddr::from_pathname(&name),
    };
    let told = address.and_then(|address| {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.send_to_addr(b"READY=1", &address)
    });
    if let Err(error) = told {
        crate::say(&format!("cannot tell systemd at {name}: {error}"));
    }
}

/// Tells the waiting `--daemonize`: ready, or failed with this exit status. The output is given up afterwards.
pub fn report(outcome: Result<(), u8>) {
    let line = outcome.map_or_else(|code| code.to_string(), |()| READY.to_owned());
    writeln!(stdout(), "{line}").and_then(|()| stdout().flush()).ok();
    if let Ok(nothing) = OpenOptions::new().write(true).open("/dev/null") {
        dup2_stdout(&nothing).and_then(|()| dup2_stderr(&nothing)).ok();
    }
}
