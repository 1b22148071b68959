//! Which app is behind a process: from what the kernel and the sandbox say down to what it claims.
//! Must not know D-Bus or policy.

use crate::wire::cut;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tidegate_domain::{App, Proof};

/// The longest app id or name that is kept, in bytes.
const MAX_NAME: usize = 128;
/// No file of `/proc` that is read here is longer in any honest process.
const MAX_PROC: u64 = 64 << 10;

/// What is known of a process whatever it sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Process {
    /// Start time in clock ticks since boot.
    pub(crate) started: u64,
    /// The program that runs.
    pub(crate) executable: Option<Arc<str>>,
    /// The app's id and how it was found, where kernel, sandbox or systemd name it.
    pub(crate) app: Option<(Arc<str>, Proof)>,
    /// The desktop entry that the same source names.
    pub(crate) desktop_entry: Option<Arc<str>>,
}

impl Process {
    /// Reads `/proc/PID`. A process that has ended gives what the default says.
    #[must_use]
    pub(crate) fn read(pid: u32) -> Self {
        Self::read_below(Path::new("/proc"), pid)
    }

    pub(crate) fn read_below(proc: &Path, pid: u32) -> Self {
        let folder = proc.join(pid.to_string());
        let executable = executable(&folder);
        let cgroup = read_text(&folder.join("cgroup")).unwrap_or_default();
        let found = snap(&folder, &cgroup).or_else(|| unit(&cgroup));
        let desktop_entry = found.as_ref().map(|(id, _)| id.clone());
        Self { started: start_time(&folder).unwrap_or(0), executable, app: found, desktop_entry }
    }

    /// Whether it lives in another mount namespace than we do: a sandbox whose files need care.
    #[must_use]
    pub(crate) fn is_sandboxed(pid: u32) -> bool {
        let theirs = std::fs::read_link(format!("/proc/{pid}/ns/mnt"));
        let ours = std::fs::read_link("/proc/self/ns/mnt");
        matches!((theirs, ours), (Ok(theirs), Ok(ours)) if theirs != ours)
    }

    /// Adds what `.flatpak-info` says. May block for as long as the sandbox's file system likes.
    #[must_use]
    pub(crate) fn with_flatpak(self, pid: u32) -> Self {
        self.with_flatpak_info(&PathBuf::from(format!("/proc/{pid}/root/.flatpak-info")))
    }

    fn with_flatpak_info(mut self, file: &Path) -> Self {
        if let Some(id) = flatpak(file) {
            self.desktop_entry = Some(id.clone());
            self.app = Some((id, Proof::Flatpak));
        }
        self
    }

    /// The app, from the most reliable source that there is (notifications.md, check 49).
    #[must_use]
    pub(crate) fn app(&self, app_name: &str, desktop_entry: Option<&str>) -> App {
        let hint =
            desktop_entry.map(|entry| entry.strip_suffix(".desktop").unwrap_or(entry)).filter(|entry| is_id(entry));
        let claimed = cut(app_name, MAX_NAME).trim();
        let program = self.executable.as_deref().and_then(|path| path.rsplit('/').next());
        let (id, proof) = match (&self.app, hint, program) {
            (Some((id, proof)), _, _) => (id.clone(), *proof),
            (None, Some(hint), _) => (Arc::from(hint), Proof::DesktopEntry),
            (None, None, Some(program)) if !is_shared_program(program) => {
                (Arc::from(cut(program, MAX_NAME)), Proof::Executable)
            }
            _ => (Arc::from(if claimed.is_empty() { "unknown" } else { claimed }), Proof::Name),
        };
        let id = without_colon(id);
        let name = if claimed.is_empty() { id.clone() } else { Arc::from(claimed) };
        let desktop_entry = self.desktop_entry.clone().or_else(|| hint.map(Arc::from));
        App { id, name, proof, desktop_entry, executable: self.executable.clone() }
    }
}

/// An id that begins with a colon is the gate's own: that of what was noted by hand.
fn without_colon(id: Arc<str>) -> Arc<str> {
    match id.trim_start_matches(':') {
        same if same.len() == id.len() => id,
        "" => Arc::from("unknown"),
        rest => Arc::from(rest),
    }
}

/// Programs that many apps send with: their own name says nothing.
fn is_shared_program(program: &str) -> bool {
    let interpreters = ["python", "perl", "ruby", "node", "gjs", "java", "bash", "sh", "dash", "zsh", "electron"];
    let tools = ["notify-send", "gdbus", "busctl", "dbus-send", "kdialog", "zenity", "xdg-desktop-portal"];
    tools.contains(&program)
        || interpreters.iter().any(|known| {
            program
                .strip_prefix(known)
                .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-'))
        })
}

/// A desktop file id: no path, nothing that could leave a folder.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '+' | '@'))
}

/// A pipe that somebody put in the file's place would be waited for.
fn read_text(path: &Path) -> Option<String> {
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(nonblock).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_PROC).read_to_string(&mut text).ok()?;
    Some(text)
}

fn executable(folder: &Path) -> Option<Arc<str>> {
    let target = std::fs::read_link(folder.join("exe")).ok()?;
    let text = target.to_str()?;
    Some(Arc::from(cut(text.strip_suffix(" (deleted)").unwrap_or(text), 4096)))
}

/// Field 22 of `/proc/PID/stat`; the second field is in parentheses and may hold anything.
fn start_time(folder: &Path) -> Option<u64> {
    let stat = std::fs::read(folder.join("stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

/// `[Application]` `name=` (or `[Runtime]` for a runtime's own tools) of Flatpak's instance file.
fn flatpak(path: &Path) -> Option<Arc<str>> {
    let text = read_text(path)?;
    let mut in_section = false;
    for line in text.lines() {
        match line.strip_prefix('[') {
            Some(section) => in_section = section.starts_with("Application]"),
            None if in_section => {
                if let Some(name) = line.strip_prefix("name=").filter(|name| is_id(name)) {
                    return Some(Arc::from(name));
                }
            }
            None => {}
        }
    }
    None
}

/// The AppArmor label `snap.NAME.APP (enforce)`, or the cgroup `snap.NAME.APP-….scope`.
fn snap(folder: &Path, cgroup: &str) -> Option<(Arc<str>, Proof)> {
    let label = read_text(&folder.join("attr/current")).unwrap_or_default();
    let from_cgroup = cgroup.lines().filter_map(last_part).find(|part| part.starts_with("snap."));
    let label = if label.starts_with("snap.") { label.as_str() } else { from_cgroup? };
    let mut parts = label.split(['.', ' ', '-']).skip(1);
    let name = parts.next().filter(|name| is_id(name))?;
    let app = label.split(['.', ' ']).nth(2).filter(|app| is_id(app)).unwrap_or(name);
    let app = app.split_once('-').map_or(app, |(app, _)| app);
    Some((Arc::from(format!("{name}_{app}")), Proof::Snap))
}

/// `app-LAUNCHER-ID-RANDOM.scope`, `app-LAUNCHER-ID@RANDOM.service` or `app-ID…` (systemd's desktop environments
/// document); dashes within the id are escaped as `\x2d`.
fn unit(cgroup: &str) -> Option<(Arc<str>, Proof)> {
    let unit = cgroup.lines().filter_map(last_part).find(|part| part.starts_with("app-"))?;
    let id = match unit.strip_suffix(".scope") {
        Some(scope) => scope.strip_prefix("app-")?.rsplit_once('-')?.0,
        None => {
            let service = unit.strip_suffix(".service")?.strip_prefix("app-")?;
            service.split_once('@').map_or(service, |(id, _)| id)
        }
    };
    let id = id.rsplit('-').next()?.replace("\\x2d", "-");
    is_id(&id).then(|| (Arc::from(id), Proof::Unit))
}

fn last_part(line: &str) -> Option<&str> {
    line.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture(PathBuf);

    impl Fixture {
        fn new(name: &str, cgroup: &str, label: Option<&str>) -> Self {
            let folder = std::env::temp_dir().join(format!("tidegate-identity-{}-{name}", std::process::id()));
            let process = folder.join("7");
            std::fs::create_dir_all(process.join("attr")).unwrap();
            std::fs::write(process.join("cgroup"), cgroup).unwrap();
            let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
            std::fs::write(process.join("stat"), stat).unwrap();
            std::os::unix::fs::symlink("/usr/lib/firefox/firefox", process.join("exe")).unwrap();
            if let Some(label) = label {
                std::fs::write(process.join("attr/current"), label).unwrap();
            }
            Self(folder)
        }
    }

    impl Drop for Fixture {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[track_caller]
    fn check(name: &str, cgroup: &str, label: Option<&str>, want: Option<(&str, Proof)>) {
        let fixture = Fixture::new(name, cgroup, label);
        let process = Process::read_below(&fixture.0, 7);
        assert_eq!(process.started, 4242);
        assert_eq!(process.app.as_ref().map(|(id, proof)| (&**id, *proof)), want);
    }

    #[test]
    fn check_49_the_unit_and_the_snap_name_the_app() {
        let scope =
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-org.mozilla.firefox-3141.scope\n";
        check("scope", scope, None, Some(("org.mozilla.firefox", Proof::Unit)));
        let escaped = "0::/app.slice/app-flatpak-org.some\\x2dapp-99.scope\n";
        check("escaped", escaped, None, Some(("org.some-app", Proof::Unit)));
        let service = "0::/app.slice/app-org.kde.konsole@4711.service\n";
        check("service", service, None, Some(("org.kde.konsole", Proof::Unit)));
        check("label", "0::/x\n", Some("snap.slack.slack (enforce)\n"), Some(("slack_slack", Proof::Snap)));
        let snap = "0::/app.slice/snap.firefox.firefox-1234-abcd.scope\n";
        check("snap", snap, None, Some(("firefox_firefox", Proof::Snap)));
        check("none", "0::/user.slice/session-2.scope\n", None, None);
    }

    #[test]
    fn check_49_flatpak_info_names_the_app() {
        let fixture = Fixture::new("flatpak", "", None);
        let info = fixture.0.join("flatpak-info");
        let check = |text: &str, want: Option<&str>| {
            std::fs::write(&info, text).unwrap();
            assert_eq!(flatpak(&info).as_deref(), want, "{text:?}");
        };
        check(
            "[Runtime]\nname=wrong\n[Application]\nname=org.telegram.desktop\nruntime=x\n",
            Some("org.telegram.desktop"),
        );
        check("[Application]\nname=../../etc/passwd\n", None);
        check("[Application]\nname=\n", None);
        check("[Instance]\nname=org.example.App\n", None);
        check("", None);
        check(&format!("[Application]\nname={}\n", "x".repeat(MAX_NAME + 1)), None);
        std::fs::write(&info, b"[Application]\nname=\xff\xfe\n").unwrap();
        assert_eq!(flatpak(&info), None);
        assert_eq!(flatpak(&fixture.0.join("not-there")), None);
    }

    #[test]
    fn check_49_what_stands_in_the_place_of_flatpaks_file_is_not_waited_for() {
        let fixture = Fixture::new("pipe", "", None);
        let pipe = fixture.0.join("flatpak-info");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert_eq!(flatpak(&pipe), None);
        assert_eq!(flatpak(&fixture.0), None, "a folder");
        assert_eq!(flatpak(Path::new("/dev/zero")), None);
    }

    #[test]
    fn check_49_the_more_reliable_source_wins() {
        let scope = "0::/app.slice/app-gnome-org.example.Unit-7.scope\n";
        let fixture = Fixture::new("order", scope, Some("snap.example.app (enforce)\n"));
        let info = fixture.0.join("flatpak-info");
        std::fs::write(&info, "[Application]\nname=org.example.Flatpak\n").unwrap();
        let found = |process: &Process| {
            let app = process.app("Claimed Name", Some("org.example.Claimed"));
            (app.id.to_string(), app.proof, app.desktop_entry.map(|entry| entry.to_string()))
        };
        let snap = Process::read_below(&fixture.0, 7);
        assert_eq!(found(&snap), ("example_app".to_owned(), Proof::Snap, Some("example_app".to_owned())));
        let flatpak = snap.with_flatpak_info(&info);
        let id = "org.example.Flatpak".to_owned();
        assert_eq!(found(&flatpak), (id.clone(), Proof::Flatpak, Some(id)));
        std::fs::remove_file(fixture.0.join("7/attr/current")).unwrap();
        let unit = Process::read_below(&fixture.0, 7);
        assert_eq!(found(&unit), ("org.example.Unit".to_owned(), Proof::Unit, Some("org.example.Unit".to_owned())));
        std::fs::write(fixture.0.join("7/cgroup"), "0::/user.slice/session-2.scope\n").unwrap();
        let bare = Process::read_below(&fixture.0, 7);
        let claimed = "org.example.Claimed".to_owned();
        assert_eq!(found(&bare), (claimed.clone(), Proof::DesktopEntry, Some(claimed)));
        assert_eq!(bare.app("Claimed Name", None).id.as_ref(), "firefox");
    }

    #[test]
    fn check_50_a_claim_is_marked_as_one() {
        let unknown = Process::default();
        let claim = unknown.app("https://bank.example", Some("org.gnome.clocks"));
        assert_eq!((claim.proof, claim.executable), (Proof::DesktopEntry, None));
        let named = unknown.app("https://bank.example", None);
        assert_eq!((named.id.as_ref(), named.proof), ("https://bank.example", Proof::Name));
        for (name, id) in [(":noted", "noted"), ("::", "unknown"), ("a:b", "a:b")] {
            assert_eq!(unknown.app(name, None).id.as_ref(), id, "{name}");
        }
        let firefox = Process { executable: Some("/usr/lib/firefox/firefox".into()), ..Process::default() };
        let page = firefox.app("https://bank.example", None);
        assert_eq!((page.id.as_ref(), page.proof), ("firefox", Proof::Executable));
    }

    #[test]
    fn check_49_what_is_claimed_comes_last_and_shared_programs_say_nothing() {
        let known = Process { executable: Some("/usr/bin/quassel".into()), ..Process::default() };
        assert_eq!(known.app("Quassel IRC", None).id.as_ref(), "quassel");
        assert_eq!(known.app("x", Some("org.kde.quassel.desktop")).id.as_ref(), "org.kde.quassel");
        assert_eq!(known.app("x", Some("../../etc/passwd")).proof, Proof::Executable);
        let shared = Process { executable: Some("/usr/bin/notify-send".into()), ..Process::default() };
        assert_eq!(shared.app("backup", None).id.as_ref(), "backup");
        assert_eq!(shared.app("", None).id.as_ref(), "unknown");
        let python = Process { executable: Some("/usr/bin/python3.11".into()), ..Process::default() };
        assert_eq!(python.app("feeds", None).proof, Proof::Name);
    }
}
