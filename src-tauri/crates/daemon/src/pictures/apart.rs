//! Reads and draws a stranger's file in a process of its own: a file system that hangs and what a decoder does wrong end
//! there, its memory and its time are bounded by the system, and the daemon goes on. Must not know whose picture it is.

use super::draw;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::ffi::OsString;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tidegate_platform::regular_file;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// This very program, also when its file has been replaced since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument, before size and file, by which this program knows that it is to draw.
const WORD: &str = "--draw-picture";
/// The largest file that is drawn, in bytes.
const LARGEST: u64 = 4 << 20;
/// The largest picture that is taken back, in bytes: 512 x 512 pixels that could not be packed, and more.
const LARGEST_DRAWN: u64 = 2 << 20;
/// What drawing may take of memory, in bytes, and of a processor, in seconds.
const MEMORY: u64 = 256 << 20;
const SECONDS: u64 = 5;
/// How long it may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// The picture in a file, as a PNG that fits a square.
///
/// # Errors
/// When it is no picture, too large, or takes too long.
pub(super) async fn drawn(file: &Path, square: u32) -> Result<Vec<u8>> {
    let late = |_| Error::from(ErrorKind::TimedOut);
    tokio::time::timeout(PATIENCE, exchanged(file, square)).await.map_err(late)?
}

async fn exchanged(file: &Path, square: u32) -> Result<Vec<u8>> {
    let mut command = Command::new(THIS_PROGRAM);
    command.arg(WORD).arg(square.to_string()).arg(file).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut drawing = command.spawn()?;
    let mut drawn = Vec::new();
    if let Some(output) = drawing.stdout.take() {
        output.take(LARGEST_DRAWN).read_to_end(&mut drawn).await?;
    }
    let status = drawing.wait().await?;
    if status.success() { Ok(drawn) } else { Err(Error::other(format!("it was not drawn: {status}"))) }
}

/// What this program does in place of everything else, where its command line says that it is to draw.
#[must_use]
pub fn draws(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let is_it = arguments.nth(1).is_some_and(|word| word == WORD);
    let size = is_it.then(|| arguments.next()?.to_str()?.parse().ok())?;
    let drawn = size.zip(arguments.next()).is_some_and(|(size, path)| draw_here(Path::new(&path), size).is_ok());
    Some(if drawn { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// To standard output.
fn draw_here(path: &Path, square: usize) -> Result<()> {
    bound_this_process()?;
    let file = regular_file::read(path, LARGEST)?;
    let drawn = draw::drawn(&file, square).map_err(Error::other)?;
    std::io::stdout().write_all(&drawn)
}

fn bound_this_process() -> Result<()> {
    let most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, most(MEMORY))?;
    setrlimit(Resource::Cpu, most(SECONDS))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
