//! The record of the renderer, read in a process of its own. It names files, and they may lie on a file system that hangs:
//! then nothing hangs but that process, which shares a pipe with the gate and nothing else. Must not know the bus.

use super::owner;
use crate::relay_protocol::{RECORD_FILE, RendererRecord};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::io::{Error, Result, Write};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// This very program, also when its file has been replaced since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument, before the file, by which this program knows that it is to read a record.
const WORD: &str = "--read-record";
/// A file system that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(5);
/// The longest answer that is taken: a record is one line of the relay's, and as long at most.
const MOST: u64 = 2 << 20;
/// Processes that may hang in the kernel, where nothing ends them. After so many in a row no record is looked for any more.
const MOST_HANGING: usize = 4;

static HANGING: AtomicUsize = AtomicUsize::new(0);

/// A record that names no program of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) record: RendererRecord,
    /// Its program can be found.
    is_installed: bool,
}

impl Recorded {
    /// Whether a renderer of an earlier login can show anything in this one: its program is still there, and the display is
    /// of the same kind. Else what this session offers comes first.
    pub(super) fn fits(&self) -> bool {
        let own = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        self.is_installed && owner::is_for_this_display(&self.record, own)
    }

    /// Whether it showed the notifications of this desktop, whose shell would else: then somebody chose it.
    pub(super) fn was_chosen_in(&self, desktop: Option<&str>) -> bool {
        let known = self.record.env.iter().find(|(name, _)| name.0 == "XDG_CURRENT_DESKTOP");
        desktop.is_some_and(|desktop| known.is_some_and(|(_, value)| value.0 == OsStr::new(desktop))) && self.fits()
    }
}

/// The record below `$XDG_STATE_HOME`. Nothing: there is none that can be read, it is of a program of ours (an earlier
/// version took the relay for a renderer), or its files hang.
pub(super) async fn read(state: &Path) -> Option<Recorded> {
    if HANGING.load(Ordering::Relaxed) >= MOST_HANGING {
        return None;
    }
    match tokio::time::timeout(LIMIT, exchanged(&state.join(RECORD_FILE))).await {
        Ok(read) => {
            HANGING.store(0, Ordering::Relaxed);
            read.inspect_err(|error| tracing::debug!(%error, "there is no record of a renderer")).ok()
        }
        Err(_) => {
            HANGING.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("the record of the renderer, or a file that it names, is on a file system that hangs");
            None
        }
    }
}

async fn exchanged(file: &Path) -> Result<Recorded> {
    let mut command = Command::new(THIS_PROGRAM);
    command.arg(WORD).arg(file).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut reading = command.spawn()?;
    let mut said = Vec::new();
    if let Some(output) = reading.stdout.take() {
        output.take(MOST).read_to_end(&mut said).await?;
    }
    let status = reading.wait().await?;
    if status.success() { Ok(serde_json::from_slice(&said)?) } else { Err(Error::other(status.to_string())) }
}

/// What this program does in place of everything else, where its command line says that it is to read a record.
#[must_use]
pub fn reads_record(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let is_it = arguments.nth(1).is_some_and(|word| word == WORD);
    let file = is_it.then(|| arguments.next())?;
    let was_read = file.is_some_and(|file| read_here(Path::new(&file)).is_ok());
    Some(if was_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// To standard output.
fn read_here(file: &Path) -> Result<()> {
    let record: RendererRecord = serde_json::from_slice(&std::fs::read(file)?)?;
    if record.is_ours() {
        return Err(Error::other("it is of a program of ours"));
    }
    let recorded = Recorded { is_installed: owner::is_installed(&record), record };
    std::io::stdout().write_all(&serde_json::to_vec(&recorded)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay_protocol::OsText;

    /// A record of this program, with these variables.
    fn record(program: &str, env: &[(&str, &str)]) -> RendererRecord {
        let env = env.iter().map(|(name, value)| (OsText::from(*name), OsText::from(*value))).collect();
        RendererRecord { argv: vec![program.into()], env, cwd: "/".into(), unit: None }
    }

    /// One that fits wherever the tests run.
    fn fitting(desktop: &str) -> Recorded {
        let both = [("XDG_CURRENT_DESKTOP", desktop), ("WAYLAND_DISPLAY", "wayland-1")];
        let only_x11 = [("XDG_CURRENT_DESKTOP", desktop), ("DISPLAY", ":1")];
        let is_wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty());
        Recorded { record: record("/bin/sh", if is_wayland { &both } else { &only_x11 }), is_installed: true }
    }

    fn is_read(arguments: &[&OsStr]) -> Option<bool> {
        let code = reads_record(arguments.iter().map(|word| (*word).to_owned()))?;
        Some(format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS))
    }

    #[test]
    fn a_renderer_was_chosen_in_the_very_desktop_in_which_it_was_found() {
        let known = fitting("sway");
        assert!(known.fits() && known.was_chosen_in(Some("sway")));
        for other in [Some("GNOME"), Some(""), Some("swa"), None] {
            assert!(!known.was_chosen_in(other), "{other:?}");
        }
    }

    #[test]
    fn one_whose_program_is_gone_fits_nowhere_and_was_not_chosen() {
        let gone = Recorded { is_installed: false, ..fitting("sway") };
        assert!(!gone.fits() && !gone.was_chosen_in(Some("sway")));
        let nowhere = Recorded { record: record("/bin/sh", &[]), is_installed: true };
        assert!(!nowhere.was_chosen_in(Some("sway")), "it was found in no desktop");
    }

    #[test]
    fn the_program_reads_a_record_only_where_its_first_word_says_so() {
        let [tidegate, daemon, word] = ["tidegate", "daemon", WORD].map(OsStr::new);
        assert_eq!(is_read(&[tidegate]), None);
        assert_eq!(is_read(&[]), None);
        assert_eq!(is_read(&[tidegate, daemon, word, daemon]), None, "it is not the first");
        assert_eq!(is_read(&[tidegate, word]), Some(false), "which file?");
        assert_eq!(is_read(&[tidegate, word, OsStr::new("/nowhere.json")]), Some(false));
    }

    #[test]
    fn a_record_that_is_none_or_is_of_ours_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("renderer.json");
        let is_read = |text: &[u8]| {
            std::fs::write(&file, text).unwrap();
            is_read(&[OsStr::new("tidegate"), OsStr::new(WORD), file.as_os_str()])
        };
        for text in [&b""[..], b"{}", b"null", b"\xff", b"{\"argv\":[\"dunst\"]}"] {
            assert_eq!(is_read(text), Some(false), "{}", String::from_utf8_lossy(text));
        }
        let written = |program: &str| serde_json::to_vec(&record(program, &[])).unwrap();
        assert_eq!(is_read(&written("/usr/bin/tidegate-relay")), Some(false));
        assert_eq!(is_read(&written("/usr/bin/dunst")), Some(true));
    }
}
