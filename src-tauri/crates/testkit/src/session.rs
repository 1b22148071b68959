//! A desktop session of its own in a temporary folder: home, XDG folders and a
//! bus, and an environment in which nothing of the machine's session is left.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use zbus::Connection;
use zbus::fdo::DBusProxy;

use crate::broker;
use crate::bus::{PrivateBus, connect};
use crate::leftovers::{self, Leftovers};
use crate::process::{Piped, Process, exit_code};
use crate::programs;
use crate::wait::{DEADLINE, within};

/// How much of each log a failing test shows, in bytes.
const LOG_TAIL: usize = 4_000;

/// A hermetic desktop session. Dropping it ends its bus and all of its processes,
/// and removes its folder (kept when `TIDEGATE_TEST_KEEP` is set); if the test is
/// failing, the ends of all logs are shown first. It lives in a tokio runtime.
#[derive(Debug)]
pub struct Session {
    environment: Mutex<BTreeMap<String, String>>,
    logs: AtomicU32,
    bus: PrivateBus,
    // After the bus, whose end is a sign to leave for all who hear it.
    _leftovers: Leftovers,
    folder: TempDir,
}

/// What a program that has ended left.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code, or 128 plus the signal that ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// The output of a program that must have succeeded, without the last
    /// line break.
    ///
    /// # Panics
    /// If it did not exit with 0.
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "failed: {} {}", self.stdout, self.stderr);
        self.stdout.trim_end_matches('\n').to_owned()
    }
}

impl Session {
    /// A session in the system's temporary folder.
    ///
    /// # Panics
    /// If `dbus-daemon` is missing or does not start.
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir()).await
    }

    /// A session whose folder lies in `parent`, for those that need a certain
    /// file system. Keep `parent` short: socket paths end at 107 bytes.
    ///
    /// # Panics
    /// If `dbus-daemon` is missing or does not start.
    pub async fn start_in(parent: &Path) -> Self {
        let folder = new_folder(parent);
        let environment = environment(folder.path());
        let bus = start_bus(folder.path(), &environment).await;
        Self::on(bus, environment, folder)
    }

    /// A session on a `dbus-broker`, which activates nothing here.
    ///
    /// # Panics
    /// If it is missing or does not start.
    #[must_use]
    pub fn start_on_broker() -> Self {
        let folder = new_folder(&std::env::temp_dir());
        let environment = environment(folder.path());
        let mut command = Command::new(broker::program());
        command.env_clear().envs(&environment).current_dir(folder.path());
        let (socket, log) = (folder.path().join("run/bus"), folder.path().join("logs/dbus-broker.log"));
        let bus = PrivateBus::start_broker(command, &socket, &log);
        Self::on(bus, environment, folder)
    }

    fn on(bus: PrivateBus, mut environment: BTreeMap<String, String>, folder: TempDir) -> Self {
        environment.insert("DBUS_SESSION_BUS_ADDRESS".into(), bus.address());
        let environment = Mutex::new(environment);
        let _leftovers = Leftovers(folder.path().to_path_buf());
        Self { environment, logs: AtomicU32::new(0), bus, _leftovers, folder }
    }

    /// The session's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the session's folder.
    #[must_use]
    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    /// `$HOME`.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.join("home")
    }

    /// `$XDG_RUNTIME_DIR`.
    #[must_use]
    pub fn runtime_dir(&self) -> PathBuf {
        self.join("run")
    }

    /// `$XDG_CONFIG_HOME`.
    #[must_use]
    pub fn config_home(&self) -> PathBuf {
        self.join("home/.config")
    }

    /// `$XDG_DATA_HOME`.
    #[must_use]
    pub fn data_home(&self) -> PathBuf {
        self.join("home/.local/share")
    }

    /// `$XDG_STATE_HOME`.
    #[must_use]
    pub fn state_home(&self) -> PathBuf {
        self.join("home/.local/state")
    }

    /// The folder of service files that only this session's bus reads.
    #[must_use]
    pub fn services(&self) -> PathBuf {
        self.join("services")
    }

    /// The session bus.
    #[must_use]
    pub fn bus(&self) -> &PrivateBus {
        &self.bus
    }

    /// The session bus, to be killed.
    pub fn bus_mut(&mut self) -> &mut PrivateBus {
        &mut self.bus
    }

    /// Kills the bus and starts another at the same address: it has an id of its own, and counts unique names from the
    /// beginning.
    pub async fn restart_bus(&mut self) {
        self.bus.kill9().await;
        let environment = self.environment.lock().unwrap().clone();
        self.bus = start_bus(self.folder.path(), &environment).await;
    }

    /// The address of the session bus.
    #[must_use]
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// A new connection to the session bus.
    pub async fn connect(&self) -> Connection {
        self.bus.connect().await
    }

    /// A new connection to another address, such as the relay's socket.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn connect_at(&self, address: &str) -> Connection {
        connect(address).await
    }

    /// Sets a variable for programs that this session starts from now on.
    pub fn set(&self, name: &str, value: impl Into<String>) {
        self.environment.lock().unwrap().insert(name.into(), value.into());
    }

    /// Sets a variable for programs that the bus activates, too.
    ///
    /// # Panics
    /// If the bus refuses.
    pub async fn export(&self, name: &str, value: &str) {
        self.set(name, value);
        let conn = self.connect().await;
        let bus = DBusProxy::new(&conn).await.unwrap();
        bus.update_activation_environment([(name, value)].into()).await.unwrap();
    }

    /// A variable of the session's environment.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.environment.lock().unwrap().get(name).cloned()
    }

    /// A command with this session's environment and no other.
    ///
    /// # Panics
    /// If the program is missing, with the package to install.
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(programs::find(&program.as_ref().to_string_lossy()));
        command.env_clear().envs(&*self.environment.lock().unwrap());
        command.current_dir(self.home());
        command
    }

    /// Starts a command as a guarded child with a log of its own.
    pub fn spawn(&self, command: Command) -> Process {
        let log = self.new_log(&command);
        Process::start(command, &log)
    }

    /// Starts a command as a guarded child that is talked to in lines.
    pub fn spawn_piped(&self, command: Command) -> Piped {
        let log = self.new_log(&command);
        Piped::start(command, &log)
    }

    /// Runs a program to its end.
    ///
    /// # Panics
    /// If it is missing, or still runs at the deadline.
    pub async fn run<A: AsRef<OsStr>>(&self, program: impl AsRef<Path>, args: impl IntoIterator<Item = A>) -> Ran {
        let mut command = self.command(program);
        command.args(args);
        self.run_command(command).await
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// If it cannot be started, or still runs at the deadline.
    pub async fn run_command(&self, command: Command) -> Ran {
        let what = format!("{command:?}");
        let mut command = tokio::process::Command::from(command);
        command.stdin(std::process::Stdio::null()).kill_on_drop(true);
        let output = within(DEADLINE, &what, command.output()).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        Ran {
            code: exit_code(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The ids of all processes of this session, however they were started.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        leftovers::processes(self.path())
    }

    /// Lets the bus activate from a service file of the machine, by a copy.
    ///
    /// # Panics
    /// If there is no such file, or the bus cannot be told.
    pub async fn add_service(&self, file: &Path) {
        let name = file.file_name().expect("a service file has a name");
        fs::copy(file, self.services().join(name)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.reload_services().await;
    }

    /// Has the bus read its service files anew.
    ///
    /// # Panics
    /// If the bus refuses.
    pub async fn reload_services(&self) {
        let conn = self.connect().await;
        DBusProxy::new(&conn).await.unwrap().reload_config().await.unwrap();
    }

    pub(crate) fn new_log(&self, command: &Command) -> PathBuf {
        let number = self.logs.fetch_add(1, Ordering::Relaxed);
        let program = Path::new(command.get_program());
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        self.join(format!("logs/{number:02}-{name}.log"))
    }

    fn show_logs(&self) {
        let mut paths: Vec<_> = fs::read_dir(self.join("logs"))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        paths.sort();
        for path in paths {
            let bytes = fs::read(&path).unwrap_or_default();
            let tail = &bytes[bytes.len().saturating_sub(LOG_TAIL)..];
            if !tail.is_empty() {
                eprintln!("--- {}\n{}", path.display(), String::from_utf8_lossy(tail));
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.show_logs();
        }
        if std::env::var_os("TIDEGATE_TEST_KEEP").is_some() {
            self.folder.disable_cleanup(true);
            eprintln!("kept {}", self.path().display());
        }
    }
}

/// Readable for root's headless compositor, which runs as another user; what is
/// private lies in folders of mode 0700 below.
fn new_folder(parent: &Path) -> TempDir {
    let folder = tempfile::Builder::new().prefix("tg").tempdir_in(parent).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
    for part in [
        "home/.config",
        "home/.local/share",
        "home/.local/state",
        "home/.cache",
        "run/dbus-1/services",
        "services",
        "logs",
    ] {
        let path = folder.path().join(part);
        DirBuilder::new().recursive(true).mode(0o700).create(path).unwrap();
    }
    folder
}

async fn start_bus(folder: &Path, environment: &BTreeMap<String, String>) -> PrivateBus {
    let mut command = Command::new(programs::find("dbus-daemon"));
    command.env_clear().envs(environment).current_dir(folder);
    let services = ["run/dbus-1/services", "services", "home/.local/share/dbus-1/services"].map(|at| folder.join(at));
    PrivateBus::start(command, &folder.join("run/bus"), &services, &folder.join("logs/dbus-daemon.log")).await
}

fn environment(folder: &Path) -> BTreeMap<String, String> {
    let at = |part: &str| folder.join(part).display().to_string();
    let user = if rustix::process::geteuid().is_root() { "root" } else { "user" };
    BTreeMap::from([
        ("PATH".into(), programs::PATH.into()),
        ("LANG".into(), "C.UTF-8".into()),
        ("USER".into(), user.into()),
        ("LOGNAME".into(), user.into()),
        ("HOME".into(), at("home")),
        ("XDG_RUNTIME_DIR".into(), at("run")),
        ("XDG_CONFIG_HOME".into(), at("home/.config")),
        ("XDG_DATA_HOME".into(), at("home/.local/share")),
        ("XDG_STATE_HOME".into(), at("home/.local/state")),
        ("XDG_CACHE_HOME".into(), at("home/.cache")),
        // There is no system bus unless a test starts one.
        ("DBUS_SYSTEM_BUS_ADDRESS".into(), format!("unix:path={}", at("no-system-bus"))),
        ("GSETTINGS_BACKEND".into(), "memory".into()),
        ("LIBGL_ALWAYS_SOFTWARE".into(), "1".into()),
        ("NO_AT_BRIDGE".into(), "1".into()),
    ])
}
