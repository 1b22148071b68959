//! From whatever schema the file has to this program's, with a copy put aside first. Must not know what the tables mean.

use crate::cause::Cause;
use crate::place::beside;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The schema that this program reads and writes (`PRAGMA user_version`).
pub const SCHEMA_VERSION: i64 = 3;

/// One file per schema, applied in order and all or none.
pub(crate) fn steps() -> Migrations<'static> {
    let steps = [include_str!("schema/v1.sql"), include_str!("schema/v2.sql"), include_str!("schema/v3.sql")];
    Migrations::new(steps.map(M::up).into())
}

/// The file's schema; 0 in a new one. Refuses one that a newer program wrote.
pub(crate) fn version(connection: &Connection, known: i64) -> Result<i64, Cause> {
    let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known { Err(Cause::Newer { found, known }) } else { Ok(found) }
}

/// Applies what is missing of `steps`, whose last one leads to schema `to`.
pub(crate) fn migrate(connection: &mut Connection, path: &Path, steps: &Migrations<'_>, to: i64) -> Result<(), Cause> {
    let from = version(connection, to)?;
    if from == to {
        return Ok(());
    }
    if from > 0 {
        back_up(connection, path, from)?;
    }
    steps.to_latest(connection).map_err(|source| Cause::Migration { to, source })
}

/// A copy beside the file, if there is none from an earlier try. Under another name until it is whole and on disk, so that half a copy is never taken for one.
fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<(), Cause> {
    let (partial, whole) = (beside(path, ".backup-in-progress"), beside(path, &format!(".v{version}-backup")));
    if whole.try_exists()? {
        return Ok(());
    }
    let copied = copy(connection, &partial).and_then(|()| Ok(fs::rename(&partial, whole)?));
    if copied.is_err() {
        // It takes room that may be what is lacking.
        fs::remove_file(&partial).ok();
        fs::remove_file(beside(&partial, "-journal")).ok();
    }
    copied
}

fn copy(connection: &Connection, partial: &Path) -> Result<(), Cause> {
    let copy = File::options().write(true).create(true).truncate(true).mode(0o600).open(partial)?;
    let target = partial.to_str().ok_or_else(|| Cause::unknown("the path", partial.display()))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(copy.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use tempfile::TempDir;
    use tidegate_domain::ports::{Archive, Journal};

    /// A copy of a released schema's fixture.
    fn fixture(version: i64) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidegate.db");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../../tests/fixtures/store-v{version}.db"));
        fs::copy(from, &path).unwrap();
        (folder, path)
    }

    fn dump(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let lines = statement.query_map([], |row| row.get(0)).unwrap();
        lines.collect::<Result<_, _>>().unwrap()
    }

    fn schema(connection: &Connection) -> Vec<String> {
        dump(
            connection,
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name",
        )
    }

    fn summaries(connection: &Connection) -> Vec<String> {
        dump(connection, "SELECT summary FROM notices ORDER BY seq")
    }

    /// The known steps and one more.
    fn with_next(sql: &str) -> Migrations<'_> {
        Migrations::new(vec![M::up(include_str!("schema/v1.sql")), M::up(sql)])
    }

    #[test]
    fn the_steps_lead_to_the_schema_that_is_announced() {
        let mut connection = Connection::open_in_memory().unwrap();
        steps().to_latest(&mut connection).unwrap();
        assert_eq!(version(&connection, i64::MAX).unwrap(), SCHEMA_VERSION);
    }

    #[test]
    fn every_released_schema_migrates_to_what_a_new_store_has() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = opening::open(&folder.path().join("tidegate.db"), false).unwrap();
        for version in 1..=SCHEMA_VERSION {
            let (_folder, path) = fixture(version);
            let migrated = opening::open(&path, true).unwrap();
            assert_eq!(schema(&migrated.connection), schema(&fresh.connection), "from schema {version}");
        }
    }

    #[test]
    fn every_released_schemas_rows_can_be_read() {
        for version in 1..=SCHEMA_VERSION {
            let (_folder, path) = fixture(version);
            let mut store = crate::SqliteStore::new(path);
            let loaded = store.load().unwrap();
            assert!(loaded.ledger.balances() && loaded.ledger.held > 0, "from schema {version}: {loaded:?}");
            let held = store.held(tidegate_domain::Seq(0), 100).unwrap();
            assert_eq!(held.len(), loaded.ledger.held as usize, "from schema {version}");
        }
    }

    #[test]
    fn a_check_in_that_was_skipped_stays_skipped() {
        let (_folder, path) = fixture(2);
        let saved = crate::SqliteStore::new(path).load().unwrap().saved.unwrap();
        assert_eq!(saved.exceptions.skipped_until.unwrap().timestamp_millis(), 1_795_007_200_000);
    }

    #[test]
    fn what_had_come_back_before_that_was_noted_down_is_told_from_what_had_not() {
        let (_folder, path) = fixture(2);
        let old = Connection::open(&path).unwrap();
        old.execute_batch(
            "UPDATE notices SET state = 'held', settled = NULL, closed_ms = NULL, closed_reason = NULL, remarks = NULL,
                why = 'block' WHERE seq IN (6, 7, 8);
            UPDATE notices SET why = 'gate-open' WHERE seq = 6;
            UPDATE notices SET remarks = '[\"renderer-restarted\"]' WHERE seq = 7;",
        )
        .unwrap();
        drop(old);
        let migrated = opening::open(&path, true).unwrap();
        let came_back = "SELECT coalesce(came_back, 'no') FROM notices WHERE seq IN (6, 7, 8) ORDER BY seq";
        assert_eq!(dump(&migrated.connection, came_back), ["unknown", "unknown", "no"]);
    }

    #[test]
    fn where_each_row_came_from_is_known_after_a_migration() {
        let (_folder, path) = fixture(2);
        let old = Connection::open(&path).unwrap();
        old.execute_batch("UPDATE notices SET own = 1, why = 'own' WHERE seq = 6").unwrap();
        drop(old);
        let migrated = opening::open(&path, true).unwrap();
        let origins = "SELECT DISTINCT origin || ' ' || why FROM notices WHERE seq IN (1, 2, 6, 13) ORDER BY seq";
        assert_eq!(dump(&migrated.connection, origins), ["app inhibited", "app block", "own own", "note noted"]);
    }

    #[test]
    fn what_an_earlier_schema_knew_to_be_over_is_kept_for_good() {
        let (_folder, path) = fixture(2);
        let old = Connection::open(&path).unwrap();
        old.execute_batch(
            "UPDATE model SET saved = json_insert(saved,
            '$.past_blocks[#]', json('{\"intention\":null,\"started_ms\":1794997000000,\"ended_ms\":1794998000000}'),
            '$.absences_ms[#]', json('[1794999950000,1794999960000]'))",
        )
        .unwrap();
        drop(old);
        let migrated = opening::open(&path, true).unwrap().connection;
        let blocks = "SELECT concat_ws(' ', number, started_ms, ended_ms, coalesce(planned_ms, 'none'),
            coalesce(intention, 'none'), left_out_ms, ended_by) FROM blocks ORDER BY number";
        let mail = "1 1794992800000 1794996400000 none mail 0 unknown";
        assert_eq!(dump(&migrated, blocks), [mail, "2 1794997000000 1794998000000 none none 0 unknown"]);
        let absences = "SELECT concat_ws(' ', number, since_ms, until_ms) FROM absences ORDER BY number";
        assert_eq!(dump(&migrated, absences), ["1 1794999940000 1794999941000", "2 1794999950000 1794999960000"]);
        assert_eq!(dump(&migrated, "SELECT number FROM periods"), Vec::<String>::new());
    }

    #[test]
    fn the_first_schema_knew_of_nothing_that_was_over() {
        let (_folder, path) = fixture(1);
        let migrated = opening::open(&path, true).unwrap().connection;
        let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM blocks), (SELECT count(*) FROM periods),
            (SELECT count(*) FROM absences))";
        assert_eq!(dump(&migrated, counts), ["0 0 0"]);
    }

    #[test]
    fn what_hangs_on_a_row_is_there_after_a_migration_and_goes_with_the_row() {
        let bodies = "SELECT seq || hex(raw) FROM bodies ORDER BY seq";
        let revisions = "SELECT seq || ' ' || n || summary || body FROM revisions ORDER BY seq, n";
        for version in 1..SCHEMA_VERSION {
            let (_folder, path) = fixture(version);
            let all = |connection: &Connection| (dump(connection, bodies), dump(connection, revisions));
            let before = all(&Connection::open(&path).unwrap());
            assert!(!before.0.is_empty() && !before.1.is_empty(), "schema {version}");
            let migrated = opening::open(&path, true).unwrap().connection;
            assert_eq!(all(&migrated), before, "from schema {version}");
            migrated.execute_batch("DELETE FROM notices").unwrap();
            assert_eq!(all(&migrated), (vec![], vec![]), "from schema {version}");
        }
    }

    #[test]
    fn of_an_index_that_took_a_run_of_letters_for_one_word_only_such_texts_are_read_anew() {
        let (_folder, path) = fixture(2);
        let old = Connection::open(&path).unwrap();
        old.execute_batch(
            "UPDATE notices SET summary = 'Größe', body = '今日の会議は三時から' WHERE seq = 2;
            DELETE FROM reworded;
            INSERT INTO words (words) VALUES ('delete-all');
            INSERT INTO words (rowid, app, summary, body) SELECT seq, app_name, summary, body FROM notices;
            UPDATE worded SET upto = (SELECT max(seq) FROM notices);",
        )
        .unwrap();
        drop(old);
        let to_be_read = |path| {
            let migrated = opening::open(path, true).unwrap();
            dump(&migrated.connection, "SELECT CAST(seq AS TEXT) FROM reworded")
        };
        assert_eq!(to_be_read(&path), ["2"]);
        let mut store = crate::SqliteStore::new(path);
        store.load().unwrap();
        while store.tidy().unwrap() {}
        assert!(!store.index_is_behind().unwrap());
        for word in ["会議", "grösse"] {
            let found = store.search(&[word.to_owned()], tidegate_domain::Seq(i64::MAX), 9).unwrap();
            assert_eq!(found.iter().map(|row| row.seq.0).collect::<Vec<_>>(), [2], "{word}");
        }
    }

    #[test]
    fn a_copy_is_put_aside_before_a_migration() {
        let (_folder, path) = fixture(1);
        let mut connection = Connection::open(&path).unwrap();
        let before = summaries(&connection);
        migrate(&mut connection, &path, &with_next("UPDATE notices SET summary = 'changed'"), 2).unwrap();
        assert!(summaries(&connection).iter().all(|summary| summary == "changed"));
        let backup = beside(&path, ".v1-backup");
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!beside(&path, ".backup-in-progress").exists());
        let copy = Connection::open(&backup).unwrap();
        assert_eq!((version(&copy, 1).unwrap(), summaries(&copy)), (1, before));
    }

    #[test]
    fn a_migration_that_fails_changes_nothing_and_can_be_tried_again() {
        let (_folder, path) = fixture(1);
        let mut connection = Connection::open(&path).unwrap();
        let before = (schema(&connection), summaries(&connection));
        let failing = with_next("DROP TABLE revisions; UPDATE notices SET summary = 'changed'; SELECT no_such_column");
        let error = migrate(&mut connection, &path, &failing, 2).unwrap_err();
        assert!(error.to_string().contains("migration to schema 2"), "{error}");
        assert_eq!(
            (schema(&connection), summaries(&connection), version(&connection, 2).unwrap()),
            (before.0, before.1, 1)
        );
        migrate(&mut connection, &path, &with_next("DROP TABLE revisions"), 2).unwrap();
        assert_eq!(version(&connection, 2).unwrap(), 2);
    }
}
