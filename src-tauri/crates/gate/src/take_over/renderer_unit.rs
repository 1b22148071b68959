//! The unit by which systemd would start the renderer beside us, as at each login where it is enabled: with the name taken
//! it could only fail. It is passed over for as long as D-Bus starts us, by a file that ends at logout. Must not know how
//! the renderer is started in its place.

use super::unit::{self, UnitError};
use super::{activation, owner};
use crate::names::NOTIFICATIONS;
use crate::relay_protocol::RendererRecord;
use std::ffi::OsStr;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zbus::Connection;

/// What we add to a unit, in a folder of its own.
const FILE: &str = "50-tidegate.conf";

/// A session that ends gives us little time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the unit is not passed over, or still is.
#[derive(Debug, thiserror::Error)]
pub(super) enum PassOverError {
    /// A file of ours.
    #[error("{operation} {path}: {source}")]
    File {
        /// What was done.
        operation: &'static str,
        /// To what.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The user manager.
    #[error(transparent)]
    Manager(#[from] UnitError),
}

/// Where systemd looks for what is only of this login.
fn folder(runtime: &Path) -> PathBuf {
    runtime.join("systemd/user")
}

/// What makes the unit start only if D-Bus does not start us, or could not, since we were removed. Nothing for a path that
/// no line can hold.
fn text(runtime: &Path, program: &Path) -> Option<String> {
    let (activation, program) = (line(&activation::file(runtime))?, line(program)?);
    Some(format!(
        "# Tidegate stands in front of this daemon and has it started itself. Gone after `tidegate quit`.\n\
        [Unit]\nConditionPathExists=|!{activation}\nConditionPathExists=|!{program}\n"
    ))
}

/// A path in a unit's file, where percent signs begin what systemd replaces.
fn line(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|path| !path.contains(['\n', '\\']))?;
    Some(path.replace('%', "%%"))
}

/// Has the renderer's unit passed over, if it has one that asks for the notifications' name.
pub(super) async fn pass_over(
    conn: &Connection,
    runtime: &Path,
    program: &Path,
    record: &RendererRecord,
) -> std::result::Result<(), PassOverError> {
    let (Some(unit), Some(text)) = (of(conn, record).await, text(runtime, program)) else { return Ok(()) };
    let file = folder(runtime).join(format!("{unit}.d")).join(FILE);
    if std::fs::read_to_string(&file).is_ok_and(|known| known == text) {
        return Ok(());
    }
    owner::write_private(&file, text.as_bytes()).map_err(|source| file_error("write", &file, source))?;
    let known = unit::reload(conn).await;
    if known.is_err() {
        // So that the next start tries again.
        std::fs::remove_file(&file).ok();
    }
    Ok(known?)
}

/// The unit that it was found in, or else one of its program's name, as packages have it.
async fn of(conn: &Connection, record: &RendererRecord) -> Option<String> {
    let program = record.argv.first().and_then(|program| Path::new(&program.0).file_name()).and_then(OsStr::to_str);
    let named = program.map(|program| format!("{program}.service"));
    for unit in record.unit.clone().into_iter().chain(named) {
        if unit::bus_name(conn, &unit).await.as_deref() == Some(NOTIFICATIONS) {
            return Some(unit);
        }
    }
    None
}

/// No unit is passed over any more, which holds as soon as the activation file is gone: the manager is only asked to look,
/// and not waited for where it takes its time.
pub(super) async fn pass_over_none(conn: &Connection, runtime: &Path) -> std::result::Result<(), PassOverError> {
    let folder = folder(runtime);
    let removed =
        remove_all(&folder).map_err(|source| file_error("remove the files of Tidegate in", &folder, source))?;
    if !removed {
        return Ok(());
    }
    Ok(tokio::time::timeout(PATIENCE, unit::reload(conn)).await.unwrap_or(Ok(()))?)
}

/// Whether there was one.
fn remove_all(folder: &Path) -> Result<bool> {
    let units = match std::fs::read_dir(folder) {
        Ok(units) => units,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut removed = false;
    for unit in units {
        let of_unit = unit?.path();
        if std::fs::remove_file(of_unit.join(FILE)).is_ok() {
            removed = true;
            // Others may have files there.
            std::fs::remove_dir(of_unit).ok();
        }
    }
    Ok(removed)
}

fn file_error(operation: &'static str, path: &Path, source: std::io::Error) -> PassOverError {
    PassOverError::File { operation, path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_only_where_d_bus_does_not_start_us_or_could_not() {
        let text = text(Path::new("/run/user/1000"), Path::new("/home/a b/100%/tidegate")).unwrap();
        let conditions: Vec<_> = text.lines().filter(|line| line.starts_with("Condition")).collect();
        assert_eq!(
            conditions,
            [
                "ConditionPathExists=|!/run/user/1000/dbus-1/services/org.freedesktop.Notifications.service",
                "ConditionPathExists=|!/home/a b/100%%/tidegate",
            ]
        );
    }

    #[test]
    fn what_would_be_another_line_is_not_written() {
        assert_eq!(text(Path::new("/run"), Path::new("/x\n[Service]\nExecStart=/bin/false")), None);
        assert_eq!(text(Path::new("/run"), Path::new("/x\\")), None);
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str| home.path().join(name);
        for name in ["dunst.service.d/50-tidegate.conf", "mako.service.d/50-tidegate.conf", "mako.service.d/mine.conf"]
        {
            std::fs::create_dir_all(file(name).parent().unwrap()).unwrap();
            std::fs::write(file(name), "[Unit]\n").unwrap();
        }
        assert!(remove_all(home.path()).unwrap());
        assert!(!file("dunst.service.d").exists() && file("mako.service.d/mine.conf").exists());
        assert!(!remove_all(home.path()).unwrap());
        assert!(!remove_all(&file("nowhere")).unwrap());
    }
}
