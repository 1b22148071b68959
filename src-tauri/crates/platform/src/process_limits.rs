//! What the system may do with this process: no core dump of it holds a text, and a limit on the size of files is an error
//! and no death. Programs of others that it starts are as they would be without it. Must not know what they are.

use rustix::fs::{Mode, OFlags, open};
use std::ffi::CStr;
use std::sync::OnceLock;
use tokio::process::Command;

/// Which memory of this process a core dump would hold. (`PR_SET_DUMPABLE` would do as much, but for anybody but root nobody
/// could then tell which program this is, as `tidegate doctor` does of the one that owns the name.)
const CORE_FILTER: &CStr = c"/proc/self/coredump_filter";

/// The filter that was inherited, as it is written.
static INHERITED: OnceLock<String> = OnceLock::new();

/// To be called before anything else. What the system does not allow is left as it is.
pub fn set() {
    if let Ok(filter) = std::fs::read_to_string("/proc/self/coredump_filter") {
        // The first one is the one that was inherited.
        INHERITED.set(format!("0x{}", filter.trim())).ok();
        write_filter("0");
    }
    outlive_file_limit();
}

/// Starts a program that is not ours as if this process had left everything as it was.
pub fn undo_in(command: &mut Command) {
    let Some(filter) = INHERITED.get() else { return };
    // SAFETY: between fork and exec only system calls are made: open, write, close. Nothing is allocated or locked.
    #[expect(unsafe_code, reason = "the filter is kept over exec, so only the child itself can give it back")]
    unsafe {
        command.pre_exec(move || {
            write_filter(filter);
            Ok(())
        });
    }
}

/// A process without it has no core dumps either.
fn write_filter(filter: &str) {
    if let Ok(file) = open(CORE_FILTER, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()) {
        rustix::io::write(file, filter.as_bytes()).ok();
    }
}

/// setrlimit(2): a write beyond the limit ends the process, unless the signal is ignored or caught; then it fails, as on a
/// full disk. Caught, since what is ignored would stay so in every program that is started.
fn outlive_file_limit() {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = nothing as extern "C" fn(libc::c_int);
    // SAFETY: the handler touches nothing.
    #[expect(unsafe_code, reason = "neither std nor rustix has signal handlers")]
    unsafe {
        libc::signal(libc::SIGXFSZ, handler as libc::sighandler_t);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    #[tokio::test]
    async fn this_process_is_bounded_and_programs_of_others_are_not() {
        let filter = || std::fs::read_to_string("/proc/self/coredump_filter").unwrap();
        let before = filter();
        set();
        set();
        assert_eq!(filter().trim(), "00000000");

        let mut command = Command::new("cat");
        command.args(["/proc/self/coredump_filter", "/proc/self/status"]).stdout(Stdio::piped());
        undo_in(&mut command);
        let said = String::from_utf8(command.output().await.unwrap().stdout).unwrap();
        assert_eq!(said.lines().next(), Some(before.trim()));
        let ignored = said.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
        let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
        assert_eq!(ignored >> (libc::SIGXFSZ - 1) & 1, 0, "the signal ends a child as usual");
    }
}
