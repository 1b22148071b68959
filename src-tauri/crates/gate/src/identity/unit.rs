//! The app that a systemd unit is named after, and whether a program in it is that app's own: a unit may be named by
//! anybody, and whatever an app starts, such as all that runs in a terminal, is in its unit too. Must not know D-Bus.

use super::program::{self, Program};
use super::{is_id, kernel, last_part};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tidegate_domain::{plain_program_name, sends_for_others};

/// Words that may stand before the program in a desktop entry.
const BEFORE_PROGRAM: [&str; 2] = ["env", "/usr/bin/env"];
/// Folders of many apps' programs: lying in the same one says nothing.
const SHARED_FOLDERS: [&str; 6] = ["bin", "sbin", "games", "lib", "lib64", "libexec"];

/// `app-LAUNCHER-ID-RANDOM.scope`, `app-LAUNCHER-ID@RANDOM.service` or `app-ID…` (systemd's desktop environments
/// document); what is no plain character within the id is escaped as `\x2d`.
pub(super) fn named_in(cgroup: &str) -> Option<Arc<str>> {
    let unit = cgroup.lines().filter_map(last_part).find(|part| part.starts_with("app-"))?;
    let id = match unit.strip_suffix(".scope") {
        Some(scope) => scope.strip_prefix("app-")?.rsplit_once('-')?.0,
        None => {
            let service = unit.strip_suffix(".service")?.strip_prefix("app-")?;
            service.split_once('@').map_or(service, |(id, _)| id)
        }
    };
    let id = id.rsplit('-').next()?.replace("\\x2d", "-");
    is_id(&id).then(|| Arc::from(id))
}

/// Whether a program is called as the app is: `firefox` of `org.mozilla.firefox`.
pub(super) fn is_called(id: &str, program: &str) -> bool {
    let (id, program) = (id.to_lowercase(), plain_program_name(program));
    let last = id.rsplit('.').next().unwrap_or(&id);
    !program.is_empty() && (program == id || program == last)
}

/// The folders in which desktop entries lie.
pub(super) struct Entries(Vec<PathBuf>);

impl Entries {
    /// Those of this session, of what starts by itself too. Its variables say where.
    pub(super) fn of_session() -> Self {
        let data = std::env::var("XDG_DATA_DIRS").ok().filter(|dirs| !dirs.is_empty());
        let data = data.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        let config = std::env::var("XDG_CONFIG_DIRS").ok().filter(|dirs| !dirs.is_empty());
        let config = config.unwrap_or_else(|| "/etc/xdg".into());
        let home = |variable, below: &str| {
            let own = std::env::var_os(variable).filter(|folder| !folder.is_empty()).map(PathBuf::from);
            own.or_else(|| std::env::home_dir().map(|home| home.join(below)))
        };
        let data = home("XDG_DATA_HOME", ".local/share").into_iter().chain(std::env::split_paths(&data));
        let config = home("XDG_CONFIG_HOME", ".config").into_iter().chain(std::env::split_paths(&config));
        let folders = data.map(|folder| folder.join("applications"));
        Self(folders.chain(config.map(|folder| folder.join("autostart"))).collect())
    }

    /// Whether one with this id starts this program. A program of the system's only counts if the entry is the system's too:
    /// anybody may write one of their own. Reads disks, so not for the thread that answers apps.
    pub(super) fn start(&self, id: &str, program: &Program) -> bool {
        let file = format!("{id}.desktop");
        self.0.iter().any(|folder| {
            let Ok(file) = folder.join(&file).canonicalize() else { return false };
            (!program.is_systems || program::is_administrators_alone(&file))
                && kernel::read_text(&file).is_some_and(|text| starts(&text, program))
        })
    }
}

fn starts(entry: &str, program: &Program) -> bool {
    let lines = entry.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    lines.any(|line| {
        let value = line.strip_prefix("Exec").or_else(|| line.strip_prefix("TryExec"));
        let value = value.and_then(|rest| rest.trim_start().strip_prefix('='));
        value.and_then(program_of).is_some_and(|started| is_of(&started, program))
    })
}

/// The program of a command, without what stands before it.
fn program_of(command: &str) -> Option<String> {
    let mut words = command.split_whitespace().map(|word| word.trim_matches('"'));
    let is_before = |word: &&str| BEFORE_PROGRAM.contains(word) || (word.contains('=') && !word.starts_with('/'));
    words.find(|word| !is_before(word)).map(str::to_owned)
}

/// Whether what runs is what was started, or lies in that app's own folder, as the programs of browsers do.
fn is_of(started: &str, program: &Program) -> bool {
    let name = program::file_name(started);
    if sends_for_others(name) {
        return false;
    }
    if plain_program_name(name) == plain_program_name(program.name()) {
        return true;
    }
    let Some(started) = found(started) else { return false };
    let (started, runs) = (started.as_path(), Path::new(&*program.path));
    started == runs || (started.parent() == runs.parent() && started.parent().is_some_and(is_an_apps_own))
}

/// Where it lies, behind all links.
fn found(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Path::new(program).canonicalize().ok();
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).find_map(|folder| folder.join(program).canonicalize().ok())
}

fn is_an_apps_own(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.is_empty() && !SHARED_FOLDERS.contains(&name) && !name.ends_with("-linux-gnu")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(path: &str) -> Program {
        Program { path: path.into(), is_systems: false, is_shared: false }
    }

    #[test]
    fn check_49_a_units_name_is_that_of_the_app() {
        for (group, wanted) in [
            ("0::/user.slice/app.slice/app-gnome-org.mozilla.firefox-3141.scope\n", Some("org.mozilla.firefox")),
            ("0::/app.slice/app-flatpak-org.some\\x2dapp-99.scope\n", Some("org.some-app")),
            ("0::/app.slice/app-org.kde.konsole@4711.service\n", Some("org.kde.konsole")),
            ("0::/user.slice/session-2.scope\n", None),
            ("0::/app.slice/app-gnome-..\\x2f..-1.scope\n", None),
        ] {
            assert_eq!(named_in(group).as_deref(), wanted, "{group}");
        }
    }

    #[test]
    fn check_49_an_apps_own_program_is_called_as_it_is() {
        for (id, program) in [
            ("org.mozilla.firefox", "firefox"),
            ("firefox-esr", "firefox-esr"),
            ("thunderbird", "thunderbird-bin"),
            ("kitty", ".kitty-wrapped"),
            ("discord", "Discord"),
        ] {
            assert!(is_called(id, program), "{id} {program}");
        }
        for (id, program) in [("kitty", "notify"), ("org.example.Chat", "example"), ("foot", "footprint"), ("x.", "")] {
            assert!(!is_called(id, program), "{id} {program}");
        }
    }

    #[test]
    fn check_49_what_a_desktop_entry_starts_is_its_apps_program() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("chrome");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("google-chrome"), "").unwrap();
        std::os::unix::fs::symlink(own.join("google-chrome"), folder.path().join("google-chrome-stable")).unwrap();
        let at = own.canonicalize().unwrap();
        let check = |exec: &str, runs: &str, wanted: bool| {
            let entry = format!("[Desktop Entry]\nName=x\nExec={exec}\n[Desktop Action new]\nExec=/usr/bin/other\n");
            assert_eq!(starts(&entry, &program(runs)), wanted, "{exec} {runs}");
        };
        check("gnome-calendar --gapplication-service", "/usr/bin/gnome-calendar", true);
        check("env GDK_BACKEND=x11 /opt/x/gnome-calendar", "/usr/bin/gnome-calendar", true);
        check("\"/usr/bin/chat\" %u", "/home/eve/chat", true);
        check(
            &format!("{}/google-chrome-stable %U", folder.path().display()),
            &format!("{}/chrome", at.display()),
            true,
        );
        check("kitty", "/usr/bin/backup-tool", false);
        check("python3 app.py", "/usr/bin/python3", false);
        check("/usr/bin/env sh -c x", "/usr/bin/x", false);
        check("kitty", "/usr/bin/other", false);
    }

    #[test]
    fn check_49_a_desktop_entry_of_ones_own_says_nothing_of_the_systems_programs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("org.example.Chat.desktop"), "[Desktop Entry]\nExec=messenger\n").unwrap();
        let entries = Entries(vec![folder.path().to_owned()]);
        let own = program("/home/eve/messenger");
        let systems = Program { is_systems: true, ..program("/usr/bin/messenger") };
        assert!(entries.start("org.example.Chat", &own));
        assert!(!entries.start("org.example.Other", &own));
        assert!(!entries.start("org.example.Chat", &systems));
    }
}
