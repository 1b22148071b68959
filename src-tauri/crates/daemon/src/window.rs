//! Opens the window, which is a program of its own. Must not know what it shows.

use std::process::Stdio;
use tokio::process::Command;

/// The window's program, beside this one or on the path.
const PROGRAM: &str = "tidegate-app";

/// Opens the window, or brings it to the front: a second one hands its wish to the first. `token` is the activation token
/// of the click that asked for it. Call within a tokio runtime, which takes note of the window's end.
///
/// # Errors
/// When the program cannot be started.
pub fn open(token: Option<&str>) -> std::io::Result<()> {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| PROGRAM.into()));
    command.stdin(Stdio::null());
    if let Some(token) = token {
        command.env("XDG_ACTIVATION_TOKEN", token).env("DESKTOP_STARTUP_ID", token);
    }
    let mut window = command.spawn()?;
    tokio::spawn(async move {
        if let Err(error) = window.wait().await {
            tracing::debug!(%error, "the window's end was not noticed");
        }
    });
    Ok(())
}

/// The same for a click that nobody waits for: a failure goes to the log.
pub fn open_or_log(token: Option<&str>) {
    if let Err(error) = open(token) {
        tracing::warn!(%error, "{PROGRAM} could not be started");
    }
}
