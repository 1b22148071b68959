//! The daemon that owns the name: how it was started, whether it shows anything, and how it is asked to leave.
//! Must not know the gate.

use super::unit;
use crate::identity;
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::relay_protocol::{OsText, RendererRecord};
use crate::renderer::RendererFacts;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use zbus::Connection;

/// How often a daemon with popups on screen is asked whether they are gone: there is no signal that says so.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// A daemon that takes longer to say what it shows is not asked again.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Variables that belong to one run of a unit or to its bus, not to the daemon.
const NOT_KEPT: [&str; 8] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
    "NOTIFY_SOCKET",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LISTEN_FDS",
    "LISTEN_PID",
];

/// Our programs that a bus or a relay may start.
const OURS: [&str; 2] = ["tidegate", "tidegate-relay"];
/// Variables that name a display.
const WAYLAND: &str = "WAYLAND_DISPLAY";
const X11: &str = "DISPLAY";

/// How a process was started; `unit`: by systemd, as this one.
pub(super) fn record(pid: u32, unit: Option<String>) -> std::io::Result<RendererRecord> {
    let folder = super::proc_folder(pid);
    let argv = split(&std::fs::read(folder.join("cmdline"))?).map(OsText).collect();
    let env = split(&std::fs::read(folder.join("environ"))?).filter_map(variable).collect();
    let cwd = OsText(std::fs::read_link(folder.join("cwd"))?.into_os_string());
    Ok(RendererRecord { argv, env, cwd, unit })
}

fn split(bytes: &[u8]) -> impl Iterator<Item = OsString> + '_ {
    bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty()).map(|part| OsString::from_vec(part.to_vec()))
}

fn variable(text: OsString) -> Option<(OsText, OsText)> {
    let bytes = text.into_vec();
    let equals = bytes.iter().position(|byte| *byte == b'=')?;
    let name = OsString::from_vec(bytes[..equals].to_vec());
    if NOT_KEPT.iter().any(|not_kept| name == *not_kept) {
        return None;
    }
    Some((OsText(name), OsText(OsString::from_vec(bytes[equals + 1..].to_vec()))))
}

pub(super) fn program(record: &RendererRecord) -> String {
    record.argv.first().map(|argv| argv.0.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a process runs a program of ours, by the file that it runs: what it calls itself says nothing.
pub(super) fn is_ours(pid: u32, program: &Path) -> bool {
    let running = super::proc_folder(pid).join("exe");
    identity::is_same_file(&running, program)
        || std::fs::read_link(&running).is_ok_and(|path| OURS.contains(&file_name(&path).as_str()))
}

/// A file's name, also of one that was replaced since.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(" (deleted)").unwrap_or(&name).to_owned()
}

/// Whether the recorded program can still be found. May wait for the file system that it is on.
pub(super) fn is_installed(record: &RendererRecord) -> bool {
    let Some(program) = record.argv.first().map(|first| Path::new(&first.0)) else { return false };
    if program.components().count() > 1 {
        return Path::new(&record.cwd.0).join(program).is_file();
    }
    let path = record.env.iter().find(|(name, _)| name.0 == "PATH").map(|(_, value)| value.0.clone());
    std::env::split_paths(&path.unwrap_or_default()).any(|folder| folder.join(program).is_file())
}

/// Whether the recorded daemon ran on a display of the kind that there is now. `own`: this process's environment; if that
/// knows no display, a supervisor started us without, and nothing can be said against it.
pub(super) fn is_for_this_display(record: &RendererRecord, own: impl Fn(&str) -> Option<OsString>) -> bool {
    let had = |name: &str| record.env.iter().any(|(known, value)| known.0 == name && !value.0.is_empty());
    let (wayland, x11) = (own(WAYLAND).is_some(), own(X11).is_some());
    if !wayland && !x11 {
        return true;
    }
    if wayland { had(WAYLAND) } else { had(X11) && !had(WAYLAND) }
}

/// What it says of itself; nothing if it does not answer.
pub(super) async fn facts(conn: &Connection, owner: &str) -> Option<RendererFacts> {
    let ask = async |method: &'static str| {
        conn.call_method(Some(owner), NOTIFICATIONS_PATH, Some(NOTIFICATIONS), method, &()).await.ok()
    };
    let asked = async {
        let (can, is) = (ask("GetCapabilities").await?, ask("GetServerInformation").await?);
        let (can, is) = (can.body(), is.body());
        let (name, _, version, _) = is.deserialize::<(String, String, String, String)>().ok()?;
        Some(RendererFacts { capabilities: can.deserialize().ok()?, name, version })
    };
    tokio::time::timeout(ANSWER_LIMIT, asked).await.ok().flatten()
}

/// Waits until nothing is on screen, where the daemon can say so. Popups that outlast the limit are lost, and said.
pub(super) async fn wait_until_clear(conn: &Connection, owner: &str, limit: Duration) {
    let clear = async {
        while let Some(shown @ 1..) = shown(conn, owner).await {
            tracing::info!(shown, "waiting until the notification daemon shows nothing");
            tokio::time::sleep(ASK_AGAIN).await;
        }
    };
    if tokio::time::timeout(limit, clear).await.is_err() {
        tracing::warn!("popups were still on screen after ten minutes and are lost");
    }
}

/// How many popups dunst or mako shows; nothing for daemons that do not say, or do not answer.
async fn shown(conn: &Connection, owner: &str) -> Option<usize> {
    let asked = async {
        match shown_by_dunst(conn, owner).await {
            Some(shown) => Some(shown),
            None => shown_by_mako(conn, owner).await,
        }
    };
    tokio::time::timeout(ANSWER_LIMIT, asked).await.ok().flatten()
}

async fn shown_by_mako(conn: &Connection, owner: &str) -> Option<usize> {
    let listed = conn
        .call_method(Some(owner), "/fr/emersion/Mako", Some("fr.emersion.Mako"), "ListNotifications", &())
        .await
        .ok()?;
    let body = listed.body();
    let list: Vec<std::collections::BTreeMap<String, zbus::zvariant::Value<'_>>> = body.deserialize().ok()?;
    Some(list.len())
}

async fn shown_by_dunst(conn: &Connection, owner: &str) -> Option<usize> {
    let asked = ("org.dunstproject.cmd0", "displayedLength");
    let reply = conn
        .call_method(Some(owner), NOTIFICATIONS_PATH, Some("org.freedesktop.DBus.Properties"), "Get", &asked)
        .await
        .ok()?;
    let body = reply.body();
    let value: zbus::zvariant::Value<'_> = body.deserialize().ok()?;
    usize::try_from(value.downcast_ref::<u32>().ok()?).ok()
}

/// Asks it to leave: through systemd where it is a unit's main process, or systemd would start it again.
pub(super) async fn stop(conn: &Connection, pid: u32, record: &RendererRecord) {
    if let Some(unit) = &record.unit {
        match unit::stop(conn, unit).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, unit, "systemd did not stop the notification daemon"),
        }
    }
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    if let Err(error) = kill_process(pid, Signal::TERM) {
        tracing::warn!(%error, "the notification daemon could not be asked to leave");
    }
}

/// Writes a file that only its owner reads, whole or not at all.
pub(crate) fn write_private(file: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let half = file.with_extension("new");
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    out.write_all(text)?;
    out.sync_data()?;
    std::fs::rename(&half, file)
}
