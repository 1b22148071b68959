//! A session whose data lies on the disk that holds this project: temporary folders are often in memory, where a sync costs
//! nothing. Must not know what is measured there.

use crate::program;
use std::fs;
use std::path::PathBuf;
use tidegate_testkit::Session;

/// An empty folder of this name, beside the programs.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn disk_folder(name: &str) -> PathBuf {
    let folder = program("tidegate").with_file_name(format!("bench-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A session that stores in such a folder.
///
/// # Panics
/// If either cannot be made.
pub async fn session_on_disk(name: &str) -> Session {
    on_disk(Session::start().await, name)
}

/// The same session, which from now on stores in such a folder.
///
/// # Panics
/// If that cannot be made.
#[must_use]
pub fn on_disk(session: Session, name: &str) -> Session {
    session.set("XDG_DATA_HOME", disk_folder(name).display().to_string());
    session
}
