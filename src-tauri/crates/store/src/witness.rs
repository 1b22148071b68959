//! What is remembered of the database outside its folder: how far it had come. A database that is emptied, put
//! back from a copy or deleted cannot say so itself. Written when something new is known and nobody waits, and before new
//! ids are given out; a witness that cannot be read or written is no reason not to go on. Must not know the database, or
//! what time it is.

use crate::columns::instant;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// The form below.
const VERSION: u32 = 1;

/// What is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    version: u32,
    /// The newest row's key.
    last_seq: i64,
    /// No id at or above this was ever given out.
    reserved_ids: u32,
    /// When that row came.
    at_ms: i64,
}

/// The file in which it is remembered, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    file: Option<PathBuf>,
    seen: Option<Seen>,
}

impl Witness {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file: Some(file), seen: None }
    }

    /// Up to when the database was whole, if it has not come as far as it had. `last_seq` is its newest row.
    pub(crate) fn misses_since(&mut self, last_seq: i64) -> Option<DateTime<Utc>> {
        self.seen = self.read();
        let seen = self.seen.filter(|seen| last_seq < seen.last_seq)?;
        instant(seen.at_ms).ok()
    }

    /// No id at or above this was ever given out, as far as is known.
    pub(crate) fn reserved_ids(&self) -> u32 {
        self.seen.map_or(0, |seen| seen.reserved_ids)
    }

    /// Ids are about to be given out, below this one.
    pub(crate) fn reserve(&mut self, reserved_ids: u32) {
        let seen = self.seen.unwrap_or_default();
        if seen.reserved_ids < reserved_ids {
            self.note(Seen { reserved_ids, ..seen });
        }
    }

    /// All is in the database, up to this row that came at this time.
    pub(crate) fn is_whole(&mut self, (last_seq, at_ms): (i64, i64)) {
        let seen = self.seen.unwrap_or_default();
        if seen.last_seq != last_seq {
            self.note(Seen { last_seq, at_ms, ..seen });
        }
    }

    fn note(&mut self, seen: Seen) {
        let seen = Seen { version: VERSION, ..seen };
        self.seen = Some(seen);
        drop(self.write(seen));
    }

    fn read(&self) -> Option<Seen> {
        let seen: Seen = serde_json::from_slice(&fs::read(self.file.as_ref()?).ok()?).ok()?;
        (seen.version == VERSION).then_some(seen)
    }

    /// In place of the earlier one, whole or not at all.
    fn write(&self, seen: Seen) -> std::io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if let Some(folder) = file.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let half = file.with_extension("new");
        let mut out = File::options().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
        out.write_all(&serde_json::to_vec(&seen)?)?;
        fs::rename(&half, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_has_not_come_as_far_as_before_is_noticed_and_ids_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/tidegate/database.json");
        let mut first = Witness::new(file.clone());
        assert_eq!(first.misses_since(0), None, "nothing is known");
        first.reserve(5_000);
        first.is_whole((40, 7_000));
        let mut second = Witness::new(file.clone());
        assert_eq!((second.misses_since(40), second.reserved_ids()), (None, 5_000));
        assert_eq!(second.misses_since(39), instant(7_000).ok());
        second.is_whole((3, 8_000));
        assert_eq!((second.misses_since(3), second.reserved_ids()), (None, 5_000), "it is told of once");
    }

    #[test]
    fn one_that_cannot_be_read_or_written_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database.json");
        fs::write(&file, "{").unwrap();
        let mut witness = Witness::new(file);
        assert_eq!((witness.misses_since(0), witness.reserved_ids()), (None, 0));
        let mut nowhere = Witness::new("/proc/tidegate/database.json".into());
        nowhere.is_whole((1, 0));
        assert_eq!(nowhere.misses_since(0), None);
    }
}
