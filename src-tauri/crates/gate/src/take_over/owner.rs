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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Child, Command, Stdio};

    /// A process that ends with its standard input.
    struct Running(Child);

    impl Running {
        /// Of a program that says so when it runs.
        fn started(command: &mut Command) -> Self {
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdout.as_mut().unwrap().read_exact(&mut [0; 3]).unwrap();
            Self(child)
        }

        fn end(mut self) {
            drop(self.0.stdin.take());
            self.0.wait().unwrap();
        }
    }

    fn shell() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "echo up; read x"]);
        command
    }

    fn with(argv: &[&str], env: &[(&str, &str)], cwd: &Path) -> RendererRecord {
        RendererRecord {
            argv: argv.iter().map(|word| OsText::from(*word)).collect(),
            env: env.iter().map(|(name, value)| (OsText::from(*name), OsText::from(*value))).collect(),
            cwd: OsText::from(cwd.as_os_str()),
            unit: None,
        }
    }

    #[test]
    fn a_daemon_is_recorded_as_it_was_started_without_what_belongs_to_one_run_of_a_unit() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = shell();
        command.current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("DISPLAY", ":7").env("EMPTY", "").env("TEXT", "a=b=c").envs(NOT_KEPT.map(|name| (name, "x")));
        let daemon = Running::started(&mut command);
        let record = record(daemon.0.id(), Some("dunst.service".into())).unwrap();
        daemon.end();
        assert_eq!((&*program(&record), record.unit.as_deref()), ("sh", Some("dunst.service")));
        assert_eq!(record.argv.len(), 3);
        assert_eq!(Path::new(&record.cwd.0), folder.path().canonicalize().unwrap());
        let env: BTreeMap<_, _> = record.env.iter().map(|(name, value)| (name.0.to_str(), value.0.to_str())).collect();
        assert_eq!(env.get(&Some("TEXT")), Some(&Some("a=b=c")));
        assert_eq!((env.get(&Some("EMPTY")), env.get(&Some("DISPLAY"))), (Some(&Some("")), Some(&Some(":7"))));
        assert!(NOT_KEPT.iter().all(|name| !env.contains_key(&Some(*name))));
    }

    #[test]
    fn a_daemon_that_has_ended_cannot_be_recorded() {
        let daemon = Running::started(&mut shell());
        let pid = daemon.0.id();
        daemon.end();
        assert!(record(pid, None).is_err());
        assert_eq!(program(&with(&[], &[], Path::new("/"))), "");
    }

    #[test]
    fn what_is_no_text_is_recorded_byte_by_byte() {
        let odd = OsString::from_vec(b"NAME=\xff\xfe".to_vec());
        let (name, value) = variable(odd).unwrap();
        assert_eq!((name.0, value.0.into_vec()), ("NAME".into(), vec![0xff, 0xfe]));
        assert_eq!(variable("no equals sign".into()), None);
        assert_eq!(split(b"a\0\0b c\0").collect::<Vec<_>>(), ["a", "b c"]);
    }

    #[test]
    fn a_program_is_ours_by_its_file_whatever_it_calls_itself() {
        let folder = tempfile::tempdir().unwrap();
        let shell_file = Path::new("/bin/sh").canonicalize().unwrap();
        let ours = folder.path().join("tidegate");
        std::fs::copy(&shell_file, &ours).unwrap();
        let mut called_ours = Command::new(&ours);
        called_ours.args(["-c", "echo up; read x"]);
        let named = Running::started(&mut called_ours);
        let other = Running::started(&mut shell());
        assert!(is_ours(named.0.id(), Path::new("/elsewhere/tidegate")));
        std::fs::remove_file(&ours).unwrap();
        assert!(is_ours(named.0.id(), Path::new("/elsewhere/tidegate")), "also one that was replaced since");
        assert!(!is_ours(other.0.id(), Path::new("/elsewhere/tidegate")));
        assert!(is_ours(other.0.id(), &shell_file), "it is the same file");
        named.end();
        other.end();
    }

    #[test]
    fn a_program_is_installed_where_the_daemon_itself_would_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir_all(bin.join("a-folder")).unwrap();
        std::fs::write(bin.join("dunst"), b"").unwrap();
        let path = format!("/nowhere:{}", bin.display());
        let found = |argv: &str, env: &[(&str, &str)]| is_installed(&with(&[argv], env, folder.path()));
        assert!(found("dunst", &[("PATH", &path)]));
        assert!(!found("dunst", &[("PATH", "/nowhere")]) && !found("dunst", &[]), "by its own path");
        assert!(!found("a-folder", &[("PATH", &path)]));
        assert!(found("bin/dunst", &[]) && found("./bin/dunst", &[]), "from its own folder");
        assert!(found(bin.join("dunst").to_str().unwrap(), &[]) && !found("/nowhere/dunst", &[]));
        assert!(!is_installed(&with(&[], &[], folder.path())));
    }

    #[test]
    fn a_daemon_is_for_the_kind_of_display_that_it_ran_on() {
        let fits = |had: &[(&str, &str)], own: &[&str]| {
            let own: Vec<_> = own.iter().map(|name| (*name).to_owned()).collect();
            let is_set = |name: &str| own.iter().any(|set| set == name).then(|| OsString::from("x"));
            is_for_this_display(&with(&["dunst"], had, Path::new("/")), is_set)
        };
        let (wayland, x11) = ([(WAYLAND, "wayland-1"), (X11, ":1")], [(X11, ":0")]);
        assert!(fits(&wayland, &[WAYLAND, X11]) && fits(&wayland, &[WAYLAND]));
        assert!(!fits(&x11, &[WAYLAND, X11]), "it would be behind everything");
        assert!(fits(&x11, &[X11]) && !fits(&wayland, &[X11]));
        assert!(!fits(&[(WAYLAND, "")], &[WAYLAND]), "an empty one is none");
        assert!(fits(&x11, &[]) && fits(&wayland, &[]), "who knows no display says nothing against it");
    }

    #[test]
    fn a_private_file_is_written_whole_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidegate/renderer.json");
        write_private(&file, b"first, and longer").unwrap();
        write_private(&file, b"second").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"second");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing half is left");
        std::fs::create_dir(file.with_extension("new")).unwrap();
        assert!(write_private(&file, b"third").is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"second", "what was there stays");
    }
}
