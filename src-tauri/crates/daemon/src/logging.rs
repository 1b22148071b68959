//! Where the daemon's log goes: to the journal under systemd, else to standard error. Only Tidegate's own words are
//! logged, for a library that logs a message would log a notification's text. Must not know what is logged.

use std::os::unix::fs::MetadataExt;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Registry, fmt};

/// Names the level: error, warn, info (the default), debug or trace.
const LEVEL: &str = "TIDEGATE_LOG";

/// Sends what is logged from now on where it belongs. A log that was set up before stays.
pub fn start() {
    let level = std::env::var(LEVEL).ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let journal = if stderr_is_the_journal() { tracing_journald::layer().ok() } else { None };
    let set = match journal {
        Some(journal) => tracing::subscriber::set_global_default(Registry::default().with(ours(journal, level))),
        None => {
            let stderr = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
            tracing::subscriber::set_global_default(Registry::default().with(ours(stderr, level)))
        }
    };
    if set.is_err() {
        tracing::debug!("the log was set up before");
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
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_our_own_words_from_the_level_up_are_logged() {
        let page = Page::default();
        let writer = page.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).with_ansi(false);
        let subscriber = Registry::default().with(ours(layer, LevelFilter::INFO));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "tidegate_gate", "ours");
            tracing::debug!(target: "tidegate_gate", "too quiet");
            tracing::error!(target: "zbus", "somebody's text");
        });
        let logged = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("ours"), "{logged}");
        assert!(!logged.contains("quiet") && !logged.contains("text"), "{logged}");
    }
}
