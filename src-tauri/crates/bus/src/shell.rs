//! Desktop shells that show notifications themselves: a program that is the desktop, or draws it, is more than a
//! notification daemon, and who stops it ends the session. They are known by the names that they own on the bus, by their
//! program, and by being the display's compositor. Must not change anything.

use std::path::{Path, PathBuf};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

/// The name that notification daemons own.
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// Names on the bus by which a shell is known, and what people call it. Phosh owns GNOME's too, so it comes first.
const NAMES: [(&str, &str); 7] = [
    ("mobi.phosh.Shell", "Phosh"),
    ("org.kde.plasmashell", "KDE Plasma"),
    ("org.gnome.Shell", "GNOME"),
    ("org.gnome.Shell.Notifications", "GNOME"),
    ("org.Cinnamon", "Cinnamon"),
    ("org.enlightenment.wm.service", "Enlightenment"),
    ("org.awesomewm.awful", "awesome"),
];

/// Programs that are more than a notification daemon, or are bound to a shell, by their file name.
const PROGRAMS: [(&str, &str); 16] = [
    ("phosh", "Phosh"),
    ("plasmashell", "KDE Plasma"),
    ("gnome-shell", "GNOME"),
    ("gnome-flashback", "GNOME Flashback"),
    ("cinnamon", "Cinnamon"),
    ("enlightenment", "Enlightenment"),
    ("awesome", "awesome"),
    ("quickshell", "Quickshell"),
    ("qs", "Quickshell"),
    ("qtile", "Qtile"),
    ("ags", "AGS"),
    ("dde-shell", "Deepin"),
    ("dde-osd", "Deepin"),
    ("emacs", "Emacs"),
    ("cosmic-panel", "COSMIC"),
    // Speaks to the panel over a socket that it was started with.
    ("cosmic-notifications", "COSMIC"),
];

/// What `XDG_CURRENT_DESKTOP` says where the shell shows notifications.
const DESKTOPS: [(&str, &str); 9] = [
    ("GNOME", "GNOME"),
    ("KDE", "KDE Plasma"),
    ("X-Cinnamon", "Cinnamon"),
    ("Cinnamon", "Cinnamon"),
    ("Phosh", "Phosh"),
    ("Enlightenment", "Enlightenment"),
    ("Deepin", "Deepin"),
    ("DDE", "Deepin"),
    ("COSMIC", "COSMIC"),
];

/// What the environment says of the desktop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `$XDG_CURRENT_DESKTOP`: names with colons in between.
    pub desktop: Option<String>,
    /// The socket of the Wayland display.
    pub wayland: Option<PathBuf>,
}

impl Surroundings {
    /// Of this process.
    #[must_use]
    pub fn of_environment() -> Self {
        let runtime = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_default());
        Self {
            desktop: std::env::var("XDG_CURRENT_DESKTOP").ok(),
            wayland: std::env::var_os("WAYLAND_DISPLAY").map(|display| runtime.join(display)),
        }
    }

    /// By its name, where that says enough.
    fn shell(&self) -> Option<&'static str> {
        self.desktop.iter().flat_map(|list| list.split(':')).find_map(|one| called(&DESKTOPS, one))
    }

    /// The process behind the display's socket.
    fn compositor(&self) -> Option<u32> {
        let socket = std::os::unix::net::UnixStream::connect(self.wayland.as_ref()?).ok()?;
        let peer = rustix::net::sockopt::socket_peercred(&socket).ok()?;
        u32::try_from(peer.pid.as_raw_nonzero().get()).ok()
    }
}

/// A shell that shows this session's notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// What people call it.
    pub name: String,
    /// Its process, where it owns the notifications already.
    pub pid: Option<u32>,
}

impl std::fmt::Display for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} shows its notifications itself. This desktop is not supported yet; nothing was changed",
            self.name
        )
    }
}

/// The shell that owns the notifications, or will: where nobody owns them yet, one that is on the bus or that the
/// environment names.
///
/// # Errors
/// When the bus does not answer.
pub async fn in_charge(conn: &Connection, around: &Surroundings) -> zbus::Result<Option<Shell>> {
    let bus = DBusProxy::new(conn).await?;
    if let Some(pid) = process_of(&bus, NOTIFICATIONS).await {
        return Ok(of_process(&bus, pid, around).await.map(|name| Shell { name, pid: Some(pid) }));
    }
    for (name, shell) in NAMES {
        if process_of(&bus, name).await.is_some() {
            return Ok(Some(Shell { name: shell.to_owned(), pid: None }));
        }
    }
    Ok(around.shell().map(|name| Shell { name: name.to_owned(), pid: None }))
}

/// What people call the shell that this process is; nothing for one that is none.
///
/// # Errors
/// When the bus does not answer.
pub async fn of(conn: &Connection, pid: u32, around: &Surroundings) -> zbus::Result<Option<String>> {
    Ok(of_process(&DBusProxy::new(conn).await?, pid, around).await)
}

async fn of_process(bus: &DBusProxy<'_>, pid: u32, around: &Surroundings) -> Option<String> {
    if let Some(shell) = program(pid) {
        return Some(shell.to_owned());
    }
    for (name, shell) in NAMES {
        if process_of(bus, name).await == Some(pid) {
            return Some(shell.to_owned());
        }
    }
    (around.compositor() == Some(pid)).then(|| "the compositor".to_owned())
}

async fn process_of(bus: &DBusProxy<'_>, name: &'static str) -> Option<u32> {
    bus.get_connection_unix_process_id(BusName::try_from(name).ok()?).await.ok()
}

/// By the program that runs, or the script that an interpreter runs.
fn program(pid: u32) -> Option<&'static str> {
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let named = arguments.split(|byte| *byte == 0).take(2).map(|part| {
        let text = String::from_utf8_lossy(part);
        Path::new(&*text).file_name().map(|name| name.to_string_lossy().into_owned())
    });
    let executable = executable.and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let mut names = named.chain([executable]).flatten();
    names.find_map(|name| called(&PROGRAMS, plain(&name)))
}

/// A program's name without what distributions add to it: Nix wraps `.NAME-wrapped`, Debian calls Emacs `emacs-gtk`.
fn plain(name: &str) -> &str {
    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
    let name = name.strip_prefix('.').and_then(|rest| rest.strip_suffix("-wrapped")).unwrap_or(name);
    match name.split_once(['-', '.']) {
        Some(("emacs", _)) => "emacs",
        Some(_) | None => name,
    }
}

fn called(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, shell)| *shell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_testkit::Session;

    async fn found(session: &Session, names: &[&'static str], around: &Surroundings) -> Option<Shell> {
        let mut owners = Vec::new();
        for name in names {
            let owner = session.connect().await;
            owner.request_name(*name).await.unwrap();
            owners.push(owner);
        }
        in_charge(&session.connect().await, around).await.unwrap()
    }

    #[tokio::test]
    async fn a_shell_that_owns_the_notifications_is_known_by_its_other_names() {
        let session = Session::start().await;
        let (around, us) = (Surroundings::default(), Some(std::process::id()));
        for (name, shell) in NAMES {
            let want = Shell { name: shell.to_owned(), pid: us };
            assert_eq!(found(&session, &[NOTIFICATIONS, name], &around).await, Some(want), "{name}");
        }
        assert_eq!(found(&session, &[NOTIFICATIONS, "org.example.Daemon"], &around).await, None);
    }

    #[tokio::test]
    async fn where_nobody_owns_them_the_bus_and_the_environment_tell_of_the_shell() {
        let session = Session::start().await;
        let around = |desktop: &str| Surroundings { desktop: Some(desktop.to_owned()), wayland: None };
        let shell = |name: &str| Some(Shell { name: name.to_owned(), pid: None });
        assert_eq!(found(&session, &["org.kde.plasmashell"], &Surroundings::default()).await, shell("KDE Plasma"));
        assert_eq!(found(&session, &[], &around("ubuntu:GNOME")).await, shell("GNOME"));
        assert_eq!(found(&session, &[], &around("sway")).await, None);
        assert_eq!(found(&session, &[], &Surroundings::default()).await, None);
        assert_eq!(found(&session, &[NOTIFICATIONS], &around("KDE")).await, None, "another daemon was chosen");
    }

    #[tokio::test]
    async fn the_compositor_is_no_notification_daemon() {
        let session = Session::start().await;
        let path = session.runtime_dir().join("wayland-7");
        let _display = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let around = Surroundings { desktop: None, wayland: Some(path) };
        let want = Shell { name: "the compositor".to_owned(), pid: Some(std::process::id()) };
        assert_eq!(found(&session, &[NOTIFICATIONS], &around).await, Some(want));
    }

    #[test]
    fn what_distributions_add_to_a_name_is_left_out() {
        for (name, want) in [("emacs-gtk", "emacs"), (".quickshell-wrapped", "quickshell"), ("qs (deleted)", "qs")] {
            assert_eq!(plain(name), want);
        }
        assert_eq!(plain("gnome-shell"), "gnome-shell");
    }
}
