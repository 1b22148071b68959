//! What can go wrong below the store, in words for the person who has to mend it. Must not know what was being done: that
//! is [`tidegate_domain::ports::StoreError`].

use rusqlite::ErrorCode;
use tidegate_domain::StoreFault;

/// The source of a [`tidegate_domain::ports::StoreError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Sqlite(rusqlite::Error),
    #[error(
        "the file is damaged ({0}); move it away and Tidegate begins a new one (what is in it may still be read with \
         the recover command of the program sqlite3)"
    )]
    Damaged(String),
    #[error(
        "it was written by a newer Tidegate (schema {found}, this one knows up to {known}); install that one again or \
         move the file away"
    )]
    Newer { found: i64, known: i64 },
    #[error("another Tidegate is using it")]
    InUse {
        /// Its process, as the lock says.
        by: Option<u32>,
    },
    #[error("the file system does not allow a write-ahead log (journal mode {0})")]
    NoWriteAheadLog(String),
    #[error("{what} is stored as {value:?}, which this version does not know")]
    Unknown { what: &'static str, value: String },
    #[error("migration to schema {to}: {}", said(source))]
    Migration { to: i64, source: rusqlite_migration::Error },
    #[error("row {0} does not exist")]
    NoSuchRow(i64),
    #[error("it was deleted, or another file put in its place, while it was open")]
    Vanished,
    #[error("its log is to be moved into it first")]
    LogIsLong,
    #[error("no database is open")]
    NotOpen,
    #[error("no transaction is open")]
    NoTransaction,
}

/// SQLite's own words, without the whole of the schema that they are about.
fn said(error: &rusqlite_migration::Error) -> String {
    if let rusqlite_migration::Error::RusqliteError { err, .. } = error { err.to_string() } else { error.to_string() }
}

impl Cause {
    pub(crate) fn unknown(what: &'static str, value: impl ToString) -> Self {
        Self::Unknown { what, value: value.to_string() }
    }

    /// What a person can do about it.
    pub(crate) fn fault(&self) -> StoreFault {
        match self {
            Self::InUse { by } => StoreFault::InUse { by: *by },
            Self::Vanished => StoreFault::Vanished,
            Self::Damaged(_) | Self::Newer { .. } => StoreFault::Unreadable,
            Self::Io(_)
            | Self::Sqlite(_)
            | Self::NoWriteAheadLog(_)
            | Self::Unknown { .. }
            | Self::Migration { .. }
            | Self::NoSuchRow(_)
            | Self::LogIsLong
            | Self::NotOpen
            | Self::NoTransaction => StoreFault::Unusable,
        }
    }

    /// Whether the file itself may be bad, so that it must be checked before it is trusted again.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_))
    }
}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for Cause {
    fn from(error: serde_json::Error) -> Self {
        Self::unknown("JSON", error)
    }
}
