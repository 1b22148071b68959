//! What this process is to the system: its name, that no core dump holds a text, and that a limit on files is no death.
//!
//! It must not know what the process does. Children get back what is inherited and is not meant for them.

use std::ffi::c_int;
use std::fs;
use std::sync::OnceLock;

/// The name in `ps` and for `pgrep`, however the program was started. The kernel keeps 15 bytes.
pub const NAME: &str = "tidegate-relay";
/// Which memory of this process a core dump would hold. It is kept over fork and exec. (`PR_SET_DUMPABLE` would do as much,
/// but for anybody but root nobody could then tell which program this is: gate and doctor do.)
const CORE_FILTER: &str = "/proc/self/coredump_filter";
/// The kernel's own choice: see core(5).
const USUAL_FILTER: &str = "33";
/// signal(7): a file would grow beyond the limit. Its usual end is death; caught, the write fails.
const SIGXFSZ: c_int = 25;

static INHERITED_FILTER: OnceLock<String> = OnceLock::new();

/// To be called before anything else. What the system does not allow is left as it is.
pub fn prepare() {
    rustix::thread::set_name(c"tidegate-relay").ok();
    if let Ok(filter) = fs::read_to_string(CORE_FILTER) {
        INHERITED_FILTER.set(filter.trim().to_owned()).ok();
        fs::write(CORE_FILTER, "0").ok();
    }
    outlive_file_limit();
}

/// The core filter for programs that are not ours. One of nothing was inherited from the gate.
#[must_use]
pub fn filter_for_others() -> &'static str {
    let inherited = INHERITED_FILTER.get().map(String::as_str);
    inherited.filter(|filter| filter.bytes().any(|digit| digit != b'0')).unwrap_or(USUAL_FILTER)
}

/// Gives this process, which is about to become another program, a filter of [`filter_for_others`].
pub fn restore_filter(filter: &str) {
    fs::write(CORE_FILTER, format!("0x{filter}")).ok();
}

/// Caught and not ignored: what is ignored stays so in every program that is started, what is caught does not.
#[expect(unsafe_code, reason = "neither std nor rustix has signal handlers")]
fn outlive_file_limit() {
    // SAFETY: this is the C library's signal(2), which is linked anyway.
    unsafe extern "C" {
        fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    }
    extern "C" fn nothing(_: c_int) {}
    // SAFETY: the handler touches nothing.
    unsafe {
        signal(SIGXFSZ, nothing);
    }
}
