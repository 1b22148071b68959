//! Whose connection a new one on the renderer's socket is: the renderer's, or that of a program that it started.
//!
//! Programs that a renderer starts inherit its bus address, and with it the socket. Were they shifted too, they would
//! see the renderer as the owner of the name and send past the gate. So only connections of the renderer's own process
//! are; others are passed through to the bus as they are. This file must not know sockets or D-Bus.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::protocol::is_named_as_ours;

/// What the kernel adds to the name of a program whose file was removed, as by an upgrade.
const DELETED: &[u8] = b" (deleted)";

/// What became of the process that was started to be the renderer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// None was to be started: whoever comes may be the renderer.
    Nothing,
    /// It runs.
    Runs {
        /// Its process.
        pid: u32,
        /// It has a connection.
        connected: bool,
    },
    /// It ended well before it was the renderer, as daemons do that go on in a process of their own.
    LeftAnother,
    /// It failed, and is started again in a moment.
    Failed,
}

/// Whether a connection of process `pid` is the renderer's. `live`: the process that is the renderer now.
pub fn is_renderers(pid: u32, started: Started, live: Option<u32>, same_program: impl Fn(u32, u32) -> bool) -> bool {
    match (started, live) {
        (Started::Runs { pid: own, .. }, _) if own == pid => true,
        (_, Some(live)) => live == pid,
        (Started::Nothing | Started::LeftAnother, None) => true,
        (Started::Runs { pid: own, connected }, None) => !connected && same_program(own, pid),
        (Started::Failed, None) => false,
    }
}

/// Whether a process runs one of our own programs, which are never the renderer, whatever their bus address is.
#[must_use]
pub fn runs_ours(pid: u32) -> bool {
    fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|file| is_file_of_ours(&file))
}

fn is_file_of_ours(file: &Path) -> bool {
    let name = file.as_os_str().as_bytes();
    is_named_as_ours(Path::new(OsStr::from_bytes(name.strip_suffix(DELETED).unwrap_or(name))))
}

/// Whether two processes run the same file.
#[must_use]
pub fn same_program(one: u32, other: u32) -> bool {
    let file = |pid| fs::metadata(format!("/proc/{pid}/exe")).map(|found| (found.dev(), found.ino())).ok();
    file(one).is_some_and(|one| Some(one) == file(other))
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    const OWN: u32 = 7;
    const RUNS: Started = Started::Runs { pid: OWN, connected: false };
    const CONNECTED: Started = Started::Runs { pid: OWN, connected: true };

    /// Whether process 9, which runs the program of process 7 and of no other, is the renderer.
    fn is_it(started: Started, live: Option<u32>) -> bool {
        is_renderers(9, started, live, |one, other| (one, other) == (OWN, 9))
    }

    #[test]
    fn while_the_one_that_was_started_runs_it_alone_is_the_renderer() {
        for live in [None, Some(OWN), Some(5)] {
            assert!(is_renderers(OWN, CONNECTED, live, |_, _| false));
            assert!(!is_it(CONNECTED, live), "{live:?}");
        }
        assert!(!is_renderers(9, RUNS, None, |_, _| false), "another program");
    }

    #[test]
    fn a_daemon_that_forks_away_is_the_renderer() {
        assert!(is_it(RUNS, None), "before its parent ends");
        assert!(is_it(Started::LeftAnother, None), "after it");
        assert!(is_it(RUNS, Some(9)), "with a second connection");
        assert!(!is_it(RUNS, Some(5)), "unless it is there already");
        assert!(!is_it(Started::LeftAnother, Some(5)));
    }

    #[test]
    fn where_nothing_was_started_the_first_that_is_the_renderer_stays_it() {
        assert!(is_it(Started::Nothing, None));
        assert!(is_it(Started::Nothing, Some(9)));
        assert!(!is_it(Started::Nothing, Some(5)));
    }

    #[test]
    fn nobody_is_the_renderer_while_it_waits_to_be_started_again() {
        assert!(!is_it(Started::Failed, None));
        assert!(is_it(Started::Failed, Some(9)), "but one that is there");
    }

    #[test]
    fn our_own_programs_are_known_also_after_an_upgrade() {
        for file in ["/usr/bin/tidegate", "/opt/tidegate-relay", "/usr/bin/tidegate (deleted)"] {
            assert!(is_file_of_ours(Path::new(file)), "{file}");
        }
        assert!(!is_file_of_ours(Path::new("/usr/bin/dunst")));
        assert!(!runs_ours(std::process::id()));
    }

    struct Running(Child);

    impl Drop for Running {
        fn drop(&mut self) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }

    #[test]
    fn programs_are_told_apart_by_their_file() {
        let run = |program: &str| Running(Command::new(program).stdin(Stdio::piped()).spawn().unwrap());
        let (one, another, different) = (run("cat"), run("cat"), run("sh"));
        assert!(same_program(one.0.id(), another.0.id()));
        assert!(!same_program(one.0.id(), different.0.id()));
        assert!(!same_program(u32::MAX, u32::MAX), "of no process");
    }
}
