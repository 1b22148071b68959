//! Starts an app so that it owes nothing to the daemon: it outlives it, says nothing in its log, and is told nothing that
//! was meant for the daemon alone. Must not know which app, or why.

use super::folders::Installed;
use super::{exec, scope};
use crate::process_limits;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use zbus::Connection;
use zbus::names::WellKnownName;
use zbus::zvariant::Value;

/// How long an app may take to say that it was activated. Our own clients wait a little longer.
const PATIENCE: Duration = Duration::from_secs(15);
const INTERFACE: &str = "org.freedesktop.Application";
const SERVICE_UNKNOWN: &str = "org.freedesktop.DBus.Error.ServiceUnknown";

/// What systemd, D-Bus or whoever started the daemon told it alone.
const MEANT_FOR_THE_DAEMON: [&str; 19] = [
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
    "DESKTOP_STARTUP_ID",
    "GIO_LAUNCHED_DESKTOP_FILE",
    "GIO_LAUNCHED_DESKTOP_FILE_PID",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "MAINPID",
    "MANAGERPID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "NOTIFY_SOCKET",
    "SYSTEMD_EXEC_PID",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "XDG_ACTIVATION_TOKEN",
];

/// Why a call did not activate an app.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotActivated {
    /// Nobody has its name, and the bus does not know how to start it.
    #[error("the session bus does not know how to start it")]
    NoSuchName,
    /// It has not answered.
    #[error("it has not answered for {} s; it may still be starting", PATIENCE.as_secs())]
    Silent,
    /// Its answer, or the bus's.
    #[error("{0}")]
    Refused(String),
}

/// Has the bus start the app with this name, or the running one show itself.
pub(super) async fn activate(bus: &Connection, name: &str, token: Option<&str>) -> Result<(), NotActivated> {
    let name = WellKnownName::try_from(name).map_err(|_| NotActivated::NoSuchName)?;
    let path = format!("/{}", name.replace('.', "/").replace('-', "_"));
    let platform: HashMap<&str, Value<'_>> = token
        .into_iter()
        .flat_map(|token| [("activation-token", token.into()), ("desktop-startup-id", token.into())])
        .collect();
    let arguments = (platform,);
    let call = bus.call_method(Some(name), path.as_str(), Some(INTERFACE), "Activate", &arguments);
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(zbus::Error::MethodError(error, _, _))) if error.as_str() == SERVICE_UNKNOWN => {
            Err(NotActivated::NoSuchName)
        }
        Ok(Err(zbus::Error::MethodError(_, Some(text), _))) => Err(NotActivated::Refused(text)),
        Ok(Err(error)) => Err(NotActivated::Refused(error.to_string())),
        Err(_) => Err(NotActivated::Silent),
    }
}

/// What runs the app.
///
/// # Errors
/// Why it cannot be run.
pub(super) fn command(app: &Installed, token: Option<&str>) -> Result<Command, String> {
    let mut words = exec::words(app)?;
    if app.entry.terminal {
        words = exec::in_terminal(words, |program| exec::find_program(program).is_some())?;
    }
    let mut words = words.into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C in the daemon's terminal is for the daemon.
    command.process_group(0);
    process_limits::undo_in(&mut command);
    for variable in MEANT_FOR_THE_DAEMON {
        command.env_remove(variable);
    }
    if let Some(token) = token {
        command.env("XDG_ACTIVATION_TOKEN", token).env("DESKTOP_STARTUP_ID", token);
    }
    if let Some(folder) = folder(app)? {
        command.current_dir(folder);
    }
    Ok(command)
}

/// The folder that its entry names, or else the user's home, whatever the daemon was started in.
fn folder(app: &Installed) -> Result<Option<PathBuf>, String> {
    match &app.entry.path {
        Some(path) if !Path::new(path).is_dir() => Err(format!("its folder {path} is not there")),
        Some(path) => Ok(Some(path.into())),
        None => Ok(std::env::home_dir().filter(|home| home.is_dir())),
    }
}

/// Why a command did not run, with its program.
pub(super) fn why(command: &Command, error: &std::io::Error) -> String {
    format!("{}: {error}", command.as_std().get_program().to_string_lossy())
}

/// Stays with a started app until it ends: an ended child that nobody asks after is never gone.
pub(super) async fn attend(bus: Connection, id: String, mut child: Child) {
    let process = child.id();
    let (ended, ()) = tokio::join!(child.wait(), place(&bus, &id, process));
    match ended {
        Ok(status) => tracing::debug!(%status, app = id, "an app that was opened ended"),
        Err(error) => tracing::debug!(%error, app = id, "the end of an app that was opened was not noticed"),
    }
}

async fn place(bus: &Connection, id: &str, process: Option<u32>) {
    let Some(process) = process else { return };
    if let Err(error) = scope::give(bus, id, process).await {
        tracing::debug!(%error, app = id, "no scope for an app that was opened: it stays in the daemon's unit");
    }
}
