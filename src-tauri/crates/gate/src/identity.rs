//! Which app is behind a process: from what the kernel and the sandbox say down to what it claims.
//! Must not know D-Bus or policy.

mod closer_look;
mod kernel;
mod program;
mod sandbox;
mod unit;

use crate::wire::cut;
pub(crate) use closer_look::{CloserLooks, Learned};
use program::Program;
pub(crate) use program::is_same_file;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tidegate_domain::{App, Proof};

/// The longest app id or name that is kept, in bytes.
const MAX_NAME: usize = 128;

/// What is known of a process whatever it sends. By default nothing: then it is what it claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Process {
    /// Start time in clock ticks since boot.
    pub(crate) started: u64,
    /// The program that runs; none where nothing may be concluded from it.
    program: Option<Program>,
    /// The app's id and how it was found, where kernel, sandbox or systemd name it.
    app: Option<(Arc<str>, Proof)>,
    /// The app of its unit, where only a desktop entry can say whether the program is that app's.
    unit: Option<Arc<str>>,
}

impl Process {
    /// Reads `/proc/PID`. A process that has ended gives what the default says.
    #[must_use]
    pub(crate) fn read(pid: u32) -> Self {
        Self::read_in(&folder_of(pid))
    }

    fn read_in(folder: &Path) -> Self {
        let started = kernel::start_time(folder).unwrap_or(0);
        let cgroup = kernel::read_text(&folder.join("cgroup")).unwrap_or_default();
        if let Some(snap) = sandbox::snap(folder, &cgroup) {
            return Self { started, app: Some((snap, Proof::Snap)), ..Self::default() };
        }
        let program = Program::of(folder);
        let own = program.as_ref().filter(|program| !program.is_shared);
        match own.and_then(|own| Some((unit::named_in(&cgroup)?, own))) {
            Some((id, own)) if unit::is_called(&id, own.name()) => {
                Self { started, app: Some((id, Proof::Unit)), program, unit: None }
            }
            named => Self { started, app: None, unit: named.map(|(id, _)| id), program },
        }
    }

    /// Whether it lives in another mount namespace than we do: a sandbox whose files need care.
    #[must_use]
    pub(crate) fn is_sandboxed(pid: u32) -> bool {
        kernel::is_in_another_namespace(&folder_of(pid)) == Some(true)
    }

    /// Whether there is more to be known than the kernel says.
    #[must_use]
    pub(crate) fn wants_closer_look(&self, pid: u32) -> bool {
        self.unit.is_some() || Self::is_sandboxed(pid)
    }

    /// Adds what `.flatpak-info` or a desktop entry says. May block for as long as their file systems like.
    #[must_use]
    pub(crate) fn looked_at_closely(self, pid: u32) -> Self {
        if Self::is_sandboxed(pid) {
            return self.with_flatpak_info(&folder_of(pid).join("root/.flatpak-info"));
        }
        self.with_entries(unit::Entries::of_session)
    }

    fn with_flatpak_info(self, file: &Path) -> Self {
        match sandbox::flatpak(file) {
            Some(id) => Self { app: Some((id, Proof::Flatpak)), ..self },
            None => self,
        }
    }

    fn with_entries(mut self, entries: impl FnOnce() -> unit::Entries) -> Self {
        if let (Some(id), Some(program)) = (self.unit.take(), &self.program)
            && entries().start(&id, program)
        {
            self.app = Some((id, Proof::Unit));
        }
        self
    }

    /// Whether what is known of it still holds: a process may become another program. Only a process that is known by its
    /// program can; a sandbox is never left.
    #[must_use]
    pub(crate) fn is_unchanged(&self, pid: u32) -> bool {
        let known_by = self.program.as_ref().filter(|program| !program.is_shared);
        known_by.is_none_or(|program| program::still_runs(&folder_of(pid), program))
    }

    /// The same process when nothing may be concluded from what runs any more.
    #[must_use]
    pub(crate) fn distrusted(&self) -> Self {
        Self { started: self.started, ..Self::default() }
    }

    /// The app, from the most reliable source that there is (check 49).
    #[must_use]
    pub(crate) fn app(&self, app_name: &str, desktop_entry: Option<&str>) -> App {
        let hint =
            desktop_entry.map(|entry| entry.strip_suffix(".desktop").unwrap_or(entry)).filter(|entry| is_id(entry));
        let claimed = cut(app_name, MAX_NAME).trim();
        let (id, proof) = match (self.recognised(), hint) {
            (Some((id, proof)), _) if proof != Proof::Executable => (id, proof),
            (_, Some(hint)) => (Arc::from(hint), Proof::DesktopEntry),
            (Some((id, proof)), None) => (id, proof),
            (None, None) => (Arc::from(if claimed.is_empty() { "unknown" } else { claimed }), Proof::Name),
        };
        let id = without_colon(id);
        let name = if claimed.is_empty() { id.clone() } else { Arc::from(claimed) };
        let said = self.app.as_ref().map(|(id, _)| id.clone());
        App { id, name, proof, desktop_entry: said.or_else(|| hint.map(Arc::from)), executable: self.trusted() }
    }

    /// The app as far as it is known whatever is claimed.
    #[must_use]
    pub(crate) fn proven_app(&self) -> Option<App> {
        self.recognised().map(|_| self.app("", None))
    }

    fn recognised(&self) -> Option<(Arc<str>, Proof)> {
        let own = || self.program.as_ref().filter(|program| !program.is_shared);
        let program = || own().map(|program| (Arc::from(cut(program.name(), MAX_NAME)), Proof::Executable));
        self.app.clone().or_else(program)
    }

    /// The program, where nobody but the system's administrator can have put it there.
    fn trusted(&self) -> Option<Arc<str>> {
        let program = self.program.as_ref().filter(|program| program.is_systems && !program.is_shared);
        program.map(|program| program.path.clone())
    }
}

/// Whether this is the process that asks.
pub(crate) fn is_this_process(pid: u32, started: u64) -> bool {
    static STARTED: OnceLock<Option<u64>> = OnceLock::new();
    pid == std::process::id() && *STARTED.get_or_init(|| kernel::start_time(Path::new("/proc/self"))) == Some(started)
}

fn folder_of(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

/// An id that begins with a colon is the gate's own: that of what was noted by hand.
fn without_colon(id: Arc<str>) -> Arc<str> {
    match id.trim_start_matches(':') {
        same if same.len() == id.len() => id,
        "" => Arc::from("unknown"),
        rest => Arc::from(rest),
    }
}

/// A desktop file id: no path, nothing that could leave a folder.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '+' | '@'))
}

fn last_part(line: &str) -> Option<&str> {
    line.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};
    use tidegate_domain::sends_for_others;

    /// What the kernel would say of a process.
    struct Fixture(tempfile::TempDir);

    /// A program that every system has, as the kernel names it.
    fn systems_program() -> PathBuf {
        Path::new("/usr/bin/env").canonicalize().unwrap()
    }

    impl Fixture {
        fn new(cgroup: &str, label: Option<&str>, runs: &Path) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let process = folder.path();
            for name in ["attr", "ns", "fd", "fdinfo"] {
                std::fs::create_dir(process.join(name)).unwrap();
            }
            std::fs::write(process.join("cgroup"), cgroup).unwrap();
            let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
            std::fs::write(process.join("stat"), stat).unwrap();
            symlink(runs, process.join("exe")).unwrap();
            symlink("/", process.join("root")).unwrap();
            symlink(std::fs::read_link("/proc/self/ns/mnt").unwrap(), process.join("ns/mnt")).unwrap();
            symlink("socket:[4711]", process.join("fd/3")).unwrap();
            std::fs::write(process.join("fdinfo/3"), "pos:\t0\nflags:\t02000002\nmnt_id:\t9\n").unwrap();
            if let Some(label) = label {
                std::fs::write(process.join("attr/current"), label).unwrap();
            }
            Self(folder)
        }

        fn at(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn link_anew(&self, name: &str, target: &str) {
            std::fs::remove_file(self.at(name)).unwrap();
            symlink(target, self.at(name)).unwrap();
        }

        fn read(&self) -> Process {
            Process::read_in(self.0.path())
        }
    }

    const CHAT_SCOPE: &str = "0::/app.slice/app-gnome-org.example.Chat-7.scope\n";

    #[track_caller]
    fn check(cgroup: &str, label: Option<&str>, runs: &str, want: (&str, Proof)) {
        let process = Fixture::new(cgroup, label, Path::new(runs)).read();
        assert_eq!(process.started, 4242);
        let app = process.app("Claimed", None);
        assert_eq!((&*app.id, app.proof), want, "{cgroup} {runs}");
    }

    #[test]
    fn check_49_the_unit_and_the_snap_name_the_app() {
        let scope = "0::/user@1000.service/app.slice/app-gnome-org.mozilla.firefox-3141.scope\n";
        check(scope, None, "/home/eve/firefox/firefox", ("org.mozilla.firefox", Proof::Unit));
        let service = "0::/app.slice/app-org.kde.konsole@4711.service\n";
        check(service, None, "/home/eve/konsole", ("org.kde.konsole", Proof::Unit));
        check("0::/x\n", Some("snap.slack.slack (enforce)\n"), "/snap/slack/1/slack", ("slack_slack", Proof::Snap));
        check("0::/user.slice/session-2.scope\n", None, "/home/eve/chat", ("chat", Proof::Executable));
    }

    #[test]
    fn check_49_what_runs_in_an_apps_unit_is_not_that_app() {
        let terminal = "0::/app.slice/app-sway-foot-77.scope\n";
        check(terminal, None, "/home/eve/foot", ("foot", Proof::Unit));
        check(terminal, None, "/home/eve/backup-tool", ("backup-tool", Proof::Executable));
        for script in ["/home/eve/notify-send", "/home/eve/python3.11", "/home/eve/.bash-wrapped"] {
            check(terminal, None, script, ("Claimed", Proof::Name));
        }
        let browser = "0::/app.slice/app-gnome-chromium-5.scope\n";
        check(browser, None, "/home/eve/lib/chromium", ("chromium", Proof::Unit));
    }

    #[test]
    fn check_49_a_scope_called_like_a_snaps_is_none() {
        let scope = "0::/app.slice/snap.firefox.firefox-1234-abcd.scope\n";
        check(scope, None, "/home/eve/chat", ("chat", Proof::Executable));
        check(scope, None, "/snap/firefox/1/not-there", ("Claimed", Proof::Name));
    }

    #[test]
    fn check_49_flatpak_info_names_the_app() {
        let fixture = Fixture::new("", None, Path::new("/"));
        let info = fixture.at("flatpak-info");
        let check = |text: &str, want: Option<&str>| {
            std::fs::write(&info, text).unwrap();
            assert_eq!(sandbox::flatpak(&info).as_deref(), want, "{text:?}");
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
        assert_eq!(sandbox::flatpak(&info), None);
        assert_eq!(sandbox::flatpak(&fixture.at("not-there")), None);
    }

    #[test]
    fn check_49_what_stands_in_the_place_of_flatpaks_file_is_not_waited_for() {
        let fixture = Fixture::new("", None, Path::new("/"));
        let pipe = fixture.at("flatpak-info");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert_eq!(sandbox::flatpak(&pipe), None);
        assert_eq!(sandbox::flatpak(fixture.0.path()), None, "a folder");
        assert_eq!(sandbox::flatpak(Path::new("/dev/zero")), None);
    }

    #[test]
    fn check_49_the_more_reliable_source_wins() {
        let fixture = Fixture::new(CHAT_SCOPE, Some("snap.example.app (enforce)\n"), Path::new("/home/eve/chat"));
        let info = fixture.at("flatpak-info");
        std::fs::write(&info, "[Application]\nname=org.example.Flatpak\n").unwrap();
        let found = |process: &Process| {
            let app = process.app("Claimed Name", Some("org.example.Claimed"));
            (app.id.to_string(), app.proof, app.desktop_entry.map(|entry| entry.to_string()))
        };
        let snap = fixture.read();
        assert_eq!(found(&snap), ("example_app".to_owned(), Proof::Snap, Some("example_app".to_owned())));
        let flatpak = snap.with_flatpak_info(&info);
        let id = "org.example.Flatpak".to_owned();
        assert_eq!(found(&flatpak), (id.clone(), Proof::Flatpak, Some(id)));
        std::fs::remove_file(fixture.at("attr/current")).unwrap();
        let unit = fixture.read();
        assert_eq!(found(&unit), ("org.example.Chat".to_owned(), Proof::Unit, Some("org.example.Chat".to_owned())));
        std::fs::write(fixture.at("cgroup"), "0::/user.slice/session-2.scope\n").unwrap();
        let bare = fixture.read();
        let claimed = "org.example.Claimed".to_owned();
        assert_eq!(found(&bare), (claimed.clone(), Proof::DesktopEntry, Some(claimed)));
        assert_eq!(bare.app("Claimed Name", None).id.as_ref(), "chat");
        assert_eq!(bare.app("x", Some("../../etc/passwd")).proof, Proof::Executable);
    }

    #[test]
    fn check_50_only_what_the_system_installed_is_a_program_to_be_trusted() {
        let program = systems_program();
        let name = program.file_name().unwrap().to_str().unwrap();
        let at_home = Fixture::new("", None, Path::new("/home/eve/chat")).read().app("x", None);
        assert_eq!((at_home.executable, at_home.proof), (None, Proof::Executable));
        let process = Fixture::new("", None, &program).read();
        let known = process.app("x", None);
        let is_shared = sends_for_others(name);
        assert_eq!(known.executable.as_deref(), program.to_str().filter(|_| !is_shared));
    }

    #[test]
    fn check_50_another_file_at_a_systems_path_is_nobodys() {
        let fixture = Fixture::new("", None, Path::new("/usr/libexec/no-such-program-of-the-system"));
        assert_eq!(fixture.read(), Process { started: 4242, ..Process::default() });
    }

    #[test]
    fn check_50_nobody_is_trusted_who_sees_other_files_or_did_not_connect_itself() {
        let chat = Path::new("/home/eve/chat");
        let claimed = |fixture: &Fixture| {
            let app = fixture.read().app("Claimed", None);
            (app.id.to_string(), app.proof, app.executable)
        };
        let nobody = ("Claimed".to_owned(), Proof::Name, None);
        type Change = fn(&Fixture);
        let changes: [(&str, Change); 6] = [
            ("another mount namespace", |it| it.link_anew("ns/mnt", "mnt:[1]")),
            ("a namespace that cannot be read", |it| std::fs::remove_file(it.at("ns/mnt")).unwrap()),
            ("another root", |it| it.link_anew("root", "/home/eve/fake")),
            ("a program that cannot be read", |it| std::fs::remove_file(it.at("exe")).unwrap()),
            ("no socket", |it| it.link_anew("fd/3", "pipe:[4711]")),
            ("an inherited socket", |it| std::fs::write(it.at("fdinfo/3"), "flags:\t02\n").unwrap()),
        ];
        for (what, change) in changes {
            let fixture = Fixture::new(CHAT_SCOPE, None, chat);
            assert_eq!(fixture.read().app("x", None).proof, Proof::Unit, "before: {what}");
            change(&fixture);
            assert_eq!(claimed(&fixture), nobody, "{what}");
        }
    }

    #[test]
    fn check_50_a_process_that_becomes_another_program_is_not_what_it_was() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "read x; exec cat"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let path = kernel::executable(&folder_of(child.id())).unwrap().0;
        let program = Program { path: path.to_str().unwrap().into(), is_systems: true, is_shared: false };
        let process = Process { program: Some(program), ..Process::default() };
        assert!(process.is_unchanged(child.id()));
        child.stdin.take().unwrap().write_all(b"go on\nread by cat\n").unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "read by cat\n");
        assert!(!process.is_unchanged(child.id()), "a shell no more");
        child.wait().unwrap();
        assert!(!process.is_unchanged(child.id()), "it has ended");
        assert!(Process::default().is_unchanged(child.id()), "nothing was known of it");
        assert_eq!(process.distrusted().app("Claimed", None).proof, Proof::Name);
    }

    fn runs(path: &str) -> Process {
        Fixture::new("", None, Path::new(path)).read()
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
        let page = runs("/home/eve/firefox/firefox").app("https://bank.example", None);
        assert_eq!((page.id.as_ref(), page.proof), ("firefox", Proof::Executable));
    }

    #[test]
    fn check_49_what_is_claimed_comes_last_and_shared_programs_say_nothing() {
        let known = runs("/home/eve/quassel");
        assert_eq!(known.app("Quassel IRC", None).id.as_ref(), "quassel");
        assert_eq!(known.app("x", Some("org.kde.quassel.desktop")).id.as_ref(), "org.kde.quassel");
        assert_eq!(known.proven_app().map(|app| app.proof), Some(Proof::Executable));
        let shared = runs("/home/eve/dunstify");
        assert_eq!(shared.app("backup", None).id.as_ref(), "backup");
        assert_eq!(shared.app("", None).id.as_ref(), "unknown");
        assert_eq!(shared.app("feeds", None).proof, Proof::Name);
        assert_eq!((shared.proven_app(), shared.app("x", None).executable), (None, None));
    }

    #[test]
    fn a_program_that_was_upgraded_while_it_runs_is_the_same() {
        let fixture = Fixture::new("", None, Path::new("/home/eve/chat"));
        let before = fixture.read();
        fixture.link_anew("exe", "/home/eve/chat (deleted)");
        assert_eq!(fixture.read(), before);
        assert!(program::still_runs(fixture.0.path(), before.program.as_ref().unwrap()));
        fixture.link_anew("exe", "/home/eve/other");
        assert!(!program::still_runs(fixture.0.path(), before.program.as_ref().unwrap()));
    }
}
