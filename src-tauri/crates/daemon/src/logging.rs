//! Where the daemon's log goes: to standard error, which is the journal under systemd. Only Tidegate's own words are logged,
//! for a library that logs a message would log a notification's text. Must not know what is logged.
//!
//! Nobody who logs waits for who reads: a journal that hangs, or a terminal that was stopped, must not stop the gate. A
//! thread of its own writes, and what it cannot take is counted.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Registry, fmt};

/// Names the level: error, warn, info (the default), debug or trace.
const LEVEL: &str = "TIDEGATE_LOG";
/// Lines that wait to be written.
const MOST_LINES: usize = 256;
/// How long the last lines are waited for when the daemon ends.
const LAST_LINES: Duration = Duration::from_millis(500);

/// The log's end, to be waited for when the daemon ends.
#[derive(Debug)]
pub struct Log {
    lines: Lines,
    written: Receiver<()>,
}

/// Sends what is logged from now on where it belongs. A log that was set up before stays.
pub fn start() -> Log {
    let level = std::env::var(LEVEL).ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let is_journal = stderr_is_the_journal();
    let log = Log::to(std::io::stderr, is_journal);
    let layer = fmt::layer().with_writer(log.lines.clone()).with_target(false).with_ansi(false);
    // The journal knows when.
    let layer = if is_journal { layer.without_time().boxed() } else { layer.boxed() };
    if tracing::subscriber::set_global_default(Registry::default().with(ours(layer, level))).is_err() {
        tracing::debug!("the log was set up before");
    }
    log
}

impl Log {
    fn to<W: Write + 'static>(open: impl FnOnce() -> W + Send + 'static, with_levels: bool) -> Self {
        let (sender, waiting) = sync_channel(MOST_LINES);
        let (writes, written) = sync_channel(1);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = lost.clone();
        let thread = std::thread::Builder::new().name("log".into()).stack_size(64 << 10);
        let started = thread.spawn(move || {
            write_all(&waiting, &counted, open());
            // Whoever waits for it has given up.
            writes.send(()).ok();
        });
        if let Err(error) = started {
            eprintln!("tidegate: nothing can be logged: {error}");
        }
        Self { lines: Lines { sender, lost, with_levels }, written }
    }

    /// Writes what still waits, if somebody reads it in time.
    pub fn finish(self) {
        if self.lines.sender.try_send(Line::Last).is_ok() {
            self.written.recv_timeout(LAST_LINES).ok();
        }
    }
}

enum Line {
    Text(Vec<u8>),
    /// Nothing comes after it.
    Last,
}

fn write_all(waiting: &Receiver<Line>, lost: &AtomicU64, mut to: impl Write) {
    while let Ok(Line::Text(line)) = waiting.recv() {
        // A log that nobody takes is no reason to end.
        to.write_all(&line).ok();
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 {
            writeln!(to, "{missing} lines of the log were lost, since nobody took them").ok();
        }
    }
}

/// Makes a writer for each line.
#[derive(Debug, Clone)]
struct Lines {
    sender: SyncSender<Line>,
    lost: Arc<AtomicU64>,
    /// Each line begins with its level, as systemd's journal understands it (sd-daemon(3)).
    with_levels: bool,
}

/// One line, handed on when it is complete.
struct Writer {
    text: Vec<u8>,
    lines: Lines,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Writer;

    fn make_writer(&'a self) -> Writer {
        Writer { text: Vec::new(), lines: self.clone() }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Writer {
        let text = if self.with_levels { priority(*meta.level()).to_vec() } else { Vec::new() };
        Writer { text, lines: self.clone() }
    }
}

fn priority(level: Level) -> &'static [u8] {
    match level {
        Level::ERROR => b"<3>",
        Level::WARN => b"<4>",
        Level::INFO => b"<6>",
        Level::DEBUG | Level::TRACE => b"<7>",
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.lines.sender.try_send(Line::Text(std::mem::take(&mut self.text))).is_err() {
            self.lines.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A layer that hears Tidegate only.
fn ours<S, L>(layer: L, level: LevelFilter) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    L: Layer<S>,
{
    layer.with_filter(filter_fn(move |meta| meta.target().starts_with("tidegate") && *meta.level() <= level))
}

/// systemd.exec(5): `JOURNAL_STREAM` holds the device and inode of the journal's socket; it is inherited, so only standard
/// error being that socket proves it.
fn stderr_is_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(stderr) = std::fs::metadata("/proc/self/fd/2") else { return false };
    stream == format!("{}:{}", stderr.dev(), stderr.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, pipe};

    #[test]
    fn only_our_own_words_from_the_level_up_are_logged() {
        let (page, writes) = pipe().unwrap();
        let log = Log::to(move || writes, true);
        let layer = fmt::layer().with_writer(log.lines.clone()).with_ansi(false).without_time().with_target(false);
        let subscriber = Registry::default().with(ours(layer, LevelFilter::INFO));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "tidegate_gate", "ours");
            tracing::debug!(target: "tidegate_gate", "too quiet");
            tracing::error!(target: "zbus", "somebody's text");
            tracing::warn!(target: "tidegate", "ours too");
        });
        log.finish();
        let lines: Vec<_> = BufReader::new(page).lines().map(Result::unwrap).collect();
        assert_eq!(lines, ["<6> INFO ours", "<4> WARN ours too"]);
    }

    #[test]
    fn who_logs_does_not_wait_for_who_reads_and_what_is_lost_is_counted() {
        let (page, writes) = pipe().unwrap();
        let log = Log::to(move || writes, false);
        let lines = 2_000;
        for _ in 0..lines {
            log.lines.make_writer().write_all(&[b'x'; 999]).unwrap();
            log.lines.make_writer().write_all(b"\n").unwrap();
        }
        // Nobody has read yet: a pipe takes 64 KiB, and so many lines wait.
        assert!(log.lines.lost.load(Ordering::Relaxed) > 0);
        let read = std::thread::spawn(move || BufReader::new(page).lines().map(Result::unwrap).collect::<Vec<_>>());
        while log.lines.sender.try_send(Line::Last).is_err() {
            std::thread::yield_now();
        }
        drop(log);
        let read = read.join().unwrap();
        assert!(read.iter().any(|line| line.ends_with("lines of the log were lost, since nobody took them")));
    }
}
