//! D-Bus activation: what the bus starts for the notifications' name, and our own say in that, which ends at logout.
//! Must not know what is started.

use crate::names::NOTIFICATIONS;
use std::path::{Path, PathBuf};

/// The file that has the bus start this program for the name: one in the runtime folder wins over those of the system.
pub(super) fn file(runtime: &Path) -> PathBuf {
    runtime.join("dbus-1/services").join(format!("{NOTIFICATIONS}.service"))
}

/// The unit that has ours started.
const UNIT: &str = "tidegate-activation.service";

/// What stands in it. `by_systemd`: through a unit, or D-Bus would start a second daemon beside the one that systemd starts
/// again.
pub(super) fn text(program: &Path, by_systemd: bool) -> String {
    let unit = if by_systemd { format!("SystemdService={UNIT}\n") } else { String::new() };
    format!("[D-BUS Service]\nName={NOTIFICATIONS}\nExec={} daemon\n{unit}", quoted(&program.display().to_string()))
}

/// As one word of a command line. Both buses split it as a shell does, in which nothing is special within single quotes;
/// nothing in it is replaced.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        let exec = |path: &str| {
            let text = text(Path::new(path), false);
            text.lines().find_map(|line| line.strip_prefix("Exec=").map(str::to_owned)).unwrap()
        };
        assert_eq!(exec("/usr/bin/tidegate"), "/usr/bin/tidegate daemon");
        assert_eq!(exec("/home/a b/100%/tidegate"), "'/home/a b/100%/tidegate' daemon");
        assert_eq!(exec("/it's/tidegate"), r"'/it'\''s/tidegate' daemon");
    }

    #[test]
    fn under_systemd_the_unit_is_named() {
        assert!(text(Path::new("/x"), true).ends_with("SystemdService=tidegate-activation.service\n"));
        assert!(!text(Path::new("/x"), false).contains("Systemd"));
    }
}
