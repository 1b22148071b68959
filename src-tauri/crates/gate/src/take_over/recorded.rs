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
