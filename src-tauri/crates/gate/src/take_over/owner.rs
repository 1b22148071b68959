//! The daemon that owns the name: how it was started, whether it shows anything, and how it is asked to leave.
//! Must not know the gate.

use crate::names::NOTIFICATIONS_PATH;
use crate::relay_protocol::{OsText, RendererRecord};
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

/// How a process was started.
pub(super) fn record(pid: u32) -> std::io::Result<RendererRecord> {
    let folder = super::proc_folder(pid);
    let argv = split(&std::fs::read(folder.join("cmdline"))?).map(OsText).collect();
    let env = split(&std::fs::read(folder.join("environ"))?).filter_map(variable).collect();
    let cwd = OsText(std::fs::read_link(folder.join("cwd"))?.into_os_string());
    let cgroup = std::fs::read_to_string(folder.join("cgroup")).unwrap_or_default();
    Ok(RendererRecord { argv, env, cwd, unit: user_service(&cgroup) })
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

/// The systemd user unit: the last part of a cgroup below `user@UID.service`.
fn user_service(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (_, below) = path.split_once("/user@")?;
    let unit = below.rsplit('/').next()?;
    (below.contains('/') && unit.ends_with(".service")).then(|| unit.to_owned())
}

pub(super) fn program(record: &RendererRecord) -> String {
    record.argv.first().map(|argv| argv.0.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether it is this program, by its file name.
pub(super) fn is_program(record: &RendererRecord, program: &Path) -> bool {
    let theirs = record.argv.first().map(|argv| Path::new(&argv.0).file_name().map(ToOwned::to_owned));
    theirs.flatten() == program.file_name().map(ToOwned::to_owned)
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

/// How many popups dunst or mako shows; nothing for daemons that do not say.
async fn shown(conn: &Connection, owner: &str) -> Option<usize> {
    if let Some(shown) = shown_by_dunst(conn, owner).await {
        return Some(shown);
    }
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

/// Asks it to leave: through systemd where that runs it, or systemd would start it again.
pub(super) async fn stop(pid: u32, record: &RendererRecord) {
    if let Some(unit) = &record.unit {
        let stopped = tokio::process::Command::new("systemctl").args(["--user", "stop", unit]).status().await;
        if stopped.is_ok_and(|status| status.success()) {
            return;
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
