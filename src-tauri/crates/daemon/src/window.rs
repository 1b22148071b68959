//! Opens the window, which is a program of its own. Must not know what it shows.

use std::io::{Error, ErrorKind};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use tidegate_contract::WindowView;
use tokio::process::Command;

/// Programs that were started and have not ended: the window, and such as hand it a wish.
const STARTED: usize = 4;

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// One of them.
struct Running;

impl Running {
    fn new() -> std::io::Result<Self> {
        let more = |running: usize| (running < STARTED).then_some(running + 1);
        let entered = RUNNING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        entered.map(|_| Self).map_err(|_| Error::new(ErrorKind::WouldBlock, "it is being opened already"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The window's program, beside this one or on the path.
const PROGRAM: &str = "tidegate-app";

/// Opens the window on this view, or brings it to the front: a second one hands its wish to the first. `token` is the
/// activation token of the click that asked for it. Call within a tokio runtime, which takes note of the window's end.
///
/// # Errors
/// When the program cannot be started, or several were that have not ended.
pub fn open(view: Option<WindowView>, token: Option<&str>) -> std::io::Result<()> {
    let running = Running::new()?;
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| PROGRAM.into()));
    command.args(view.map(argument)).stdin(Stdio::null());
    if let Some(token) = token {
        command.env("XDG_ACTIVATION_TOKEN", token).env("DESKTOP_STARTUP_ID", token);
    }
    let mut window = command.spawn()?;
    tokio::spawn(async move {
        let _running = running;
        if let Err(error) = window.wait().await {
            tracing::debug!(%error, "the window's end was not noticed");
        }
    });
    Ok(())
}

/// What the program's command line calls a view.
fn argument(view: WindowView) -> &'static str {
    match view {
        WindowView::Now => "--now",
        WindowView::Held => "--held",
    }
}

/// The same for a click that nobody waits for: a failure goes to the log.
pub fn open_or_log(view: Option<WindowView>, token: Option<&str>) {
    if let Err(error) = open(view, token) {
        tracing::warn!(%error, "{PROGRAM} could not be started");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_programs_are_started_that_have_not_ended() {
        let mut running: Vec<_> = (0..STARTED).map(|_| Running::new().unwrap()).collect();
        assert_eq!(Running::new().map(drop).unwrap_err().kind(), ErrorKind::WouldBlock);
        running.pop();
        assert!(Running::new().is_ok());
    }
}
