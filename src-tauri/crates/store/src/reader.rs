//! The rows read on a connection of its own, beside the journal's: who reads keeps nobody waiting who writes. Must not write,
//! nor read anything but the files that the journal has open.

use crate::cause::Cause;
use crate::finding::Finding;
use crate::opening::open_to_read;
use crate::place::{Identity, beside};
use crate::sqlite_store::LISTED;
use crate::texts::SharedTexts;
use crate::wording;
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_domain::ports::{Archive, EarlierText, Reader, Senders, StoreError};
use tidegate_domain::{Found, HeldByConversation, Interruption, LaterMark, NoticeId, Query, Raw, Seq, WithdrawnApp};

/// The write-ahead log can begin anew only while nobody reads: beyond this many bytes the journal reads alone, until it has.
const LONGEST_LOG: u64 = 16 << 20;

/// Which files the journal has open; none while it has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened(Arc<Mutex<Option<Identity>>>);

impl Opened {
    pub(crate) fn set(&self, identity: Option<Identity>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    fn get(&self) -> Option<Identity> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what [`crate::SqliteStore`] writes. Opened when it is first asked, and anew when the journal is.
#[derive(Debug)]
pub struct SqliteReader {
    path: PathBuf,
    texts: SharedTexts,
    opened: Opened,
    connection: Option<(Identity, Connection)>,
}

impl SqliteReader {
    pub(crate) fn new(path: PathBuf, texts: SharedTexts, opened: Opened) -> Self {
        Self { path, texts, opened, connection: None }
    }

    fn open(&mut self) -> Result<(), Cause> {
        if log_length(&self.path) > LONGEST_LOG {
            self.connection = None;
            return Err(Cause::LogIsLong);
        }
        let wanted = self.opened.get().ok_or(Cause::NotOpen)?;
        if self.connection.as_ref().is_none_or(|(identity, _)| *identity != wanted) {
            self.connection = Some((wanted, open_to_read(&self.path, wanted)?));
        }
        if Identity::at(&self.path) == Some(wanted) { Ok(()) } else { Err(Cause::Vanished) }
    }

    fn reading<T>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Finding<'_>) -> Result<T, Cause>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref().ok_or(Cause::NotOpen);
        let found = connection.and_then(|(_, connection)| read(&Finding { connection, texts: &self.texts }));
        found.map_err(|cause| StoreError {
            operation,
            object: self.path.display().to_string(),
            fault: cause.fault(),
            source: Box::new(cause),
        })
    }
}

fn log_length(path: &Path) -> u64 {
    std::fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len())
}

impl Archive for SqliteReader {
    fn rows(&mut self, query: &Query) -> Result<Found, StoreError> {
        self.reading("read", |finding| finding.rows(query))
    }

    fn raw(&mut self, seq: Seq) -> Result<Option<Raw>, StoreError> {
        self.reading("read", |finding| finding.raw(seq))
    }

    fn held(&mut self, after: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        self.reading("read", |finding| finding.held(after, limit))
    }

    fn held_by_conversation(&mut self, later_than: LaterMark) -> Result<HeldByConversation, StoreError> {
        self.reading("read", |finding| finding.held_by_conversation(later_than, LISTED))
    }

    fn withdrawn(&mut self, since: u64, limit: u32) -> Result<Vec<WithdrawnApp>, StoreError> {
        self.reading("read", |finding| finding.withdrawn(since, limit))
    }

    fn search(&mut self, words: &[String], before: Seq, limit: u32) -> Result<Vec<Interruption>, StoreError> {
        self.reading("search", |finding| finding.search(words, before, limit))
    }

    fn index_is_behind(&mut self) -> Result<bool, StoreError> {
        self.reading("read", |finding| wording::is_behind(finding.connection))
    }

    fn detail(&mut self, id: NoticeId) -> Result<Option<(Interruption, Vec<EarlierText>)>, StoreError> {
        self.reading("read", |finding| finding.detail(id))
    }

    fn feedback_by_app(&mut self, period: u64, limit: u32) -> Result<Vec<(Arc<str>, u32)>, StoreError> {
        self.reading("read", |finding| finding.feedback_by_app(period, limit))
    }

    fn senders(&mut self, since: DateTime<Utc>, rows: u32, limit: u32) -> Result<Senders, StoreError> {
        self.reading("read", |finding| finding.senders(since, rows, limit))
    }
}

impl Reader for SqliteReader {
    fn is_current(&mut self) -> bool {
        self.open().is_ok()
    }

    /// Its pages are read anew when they are wanted.
    fn rest(&mut self) {
        self.connection = None;
    }
}
