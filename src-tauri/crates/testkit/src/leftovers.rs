//! Finds the processes of a session by the one thing they cannot lack: its
//! folder in their environment. Also those that the bus has started, and those
//! that have made themselves independent.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

/// How long a process may take to see that its session is over.
const GRACE: Duration = Duration::from_secs(2);

/// Ends, when dropped, every process that still has this folder in its
/// environment.
#[derive(Debug)]
pub(crate) struct Leftovers(pub(crate) PathBuf);

impl Drop for Leftovers {
    fn drop(&mut self) {
        let left: Vec<OwnedFd> = processes(&self.0).into_iter().filter_map(|pid| hold(pid, &self.0)).collect();
        for process in &left {
            pidfd_send_signal(process, Signal::TERM).ok();
        }
        for process in &left {
            if !has_ended(process) && pidfd_send_signal(process, Signal::KILL).is_ok() && !has_ended(process) {
                eprintln!("a process of the session outlives kill -9");
            }
        }
    }
}

/// The ids of the processes with `folder` in their environment, but for this
/// one.
pub(crate) fn processes(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != getpid().as_raw_pid().unsigned_abs() && belongs(*pid, folder))
        .collect()
}

/// A handle on a process that belongs to the session; the number alone may by
/// now be another's.
fn hold(pid: u32, folder: &Path) -> Option<OwnedFd> {
    let raw = Pid::from_raw(i32::try_from(pid).ok()?)?;
    let process = pidfd_open(raw, PidfdFlags::empty()).ok()?;
    belongs(pid, folder).then_some(process)
}

fn belongs(pid: u32, folder: &Path) -> bool {
    let wanted = format!("XDG_RUNTIME_DIR={}/", folder.display());
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(wanted.as_bytes()))
}

fn has_ended(process: &OwnedFd) -> bool {
    let time = Timespec::try_from(GRACE).unwrap();
    let mut fds = [PollFd::new(process, PollFlags::IN)];
    poll(&mut fds, Some(&time)).is_ok_and(|ready| ready > 0)
}
