//! A real systemd user manager for a session, with the units that a test gives it and none of the machine's. It must not
//! know what the units run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, geteuid, pidfd_open, pidfd_send_signal};
use zbus::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::process::Process;
use crate::programs;
use crate::session::Session;
use crate::wait::{DEADLINE, next_item, wait_owner, within};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER_PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";

/// Where distributions put it.
const PROGRAMS: &[&str] = &["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
/// Of the machine's own units, those that every manager needs.
const MACHINE_UNITS: &str = "/usr/lib/systemd/user";
const NEEDED: &[&str] = &["basic.target", "shutdown.target", "exit.target", "systemd-exit.service"];
/// The manager goes on the bus once it has itself started the bus. The session's bus runs already, so these stand for it.
const STARTS_THE_BUS: &[(&str, &str)] = &[
    ("default.target", "[Unit]\nWants=dbus.service\n"),
    ("dbus.socket", "[Socket]\nListenStream=%t/systemd/unused\n"),
    ("dbus.service", "[Unit]\nRequires=dbus.socket\n[Service]\nExecStart=/bin/sleep infinity\n"),
];

/// As root: a control group of its own, for managers of other tests and their units must not meet in one; and what tells
/// systemd that the machine was started by systemd, where it was not. (The tests' own folders are visible as they are.)
const BECOME_MANAGER: &str = r#"
for place in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -w "$place/cgroup.procs" ]; then mkdir "$place/$1" && echo $$ > "$place/$1/cgroup.procs"; fi
done
mount -t tmpfs none /run/systemd && mkdir /run/systemd/system && exec "$2" --user
"#;

/// A running manager. Dropping it ends it and all of its units.
#[derive(Debug)]
pub struct UserSystemd {
    conn: Connection,
    units: PathBuf,
    _manager: Process,
    _group: ControlGroup,
}

impl UserSystemd {
    /// Starts it with the environment that the session has now, and waits until it is on the session's bus.
    ///
    /// # Panics
    /// If systemd is missing, or does not come up.
    pub async fn start(session: &Session) -> Self {
        let units = session.config_home().join("systemd/user");
        fs::create_dir_all(&units).unwrap();
        for (name, text) in STARTS_THE_BUS {
            fs::write(units.join(name), text).unwrap();
        }
        for name in NEEDED {
            symlink(Path::new(MACHINE_UNITS).join(name), units.join(name)).unwrap();
        }
        let group = ControlGroup(format!("tidegate-test-{}", session.path().file_name().unwrap().to_string_lossy()));
        let mut command = manager_command(session, &group.0);
        let folders = [&units, &of_this_login(session), &session.data_home().join("systemd/user")];
        let folders: Vec<_> = folders.map(|folder| folder.display().to_string()).into();
        command.env("SYSTEMD_UNIT_PATH", folders.join(":"));
        let mut manager = session.spawn(command);
        let conn = session.connect().await;
        manager.while_running("the manager must be on the bus", wait_owner(&conn, SYSTEMD, DEADLINE)).await;
        Self { conn, units, _manager: manager, _group: group }
    }

    /// Has it know a unit by this text.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn add_unit(&self, name: &str, text: &str) {
        fs::write(self.units.join(name), text).unwrap();
        self.ask("Reload", &()).await.unwrap();
    }

    /// Has it give this variable to what it starts from now on.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn set_environment(&self, variable: &str) {
        self.ask("SetEnvironment", &vec![variable]).await.unwrap();
    }

    /// Starts a unit; returns when its job has ended, with the job's result, such as `done`.
    ///
    /// # Panics
    /// If there is no such unit.
    pub async fn start_unit(&self, unit: &str) -> String {
        self.job("StartUnit", unit).await
    }

    /// Stops a unit, in the same way.
    ///
    /// # Panics
    /// If there is no such unit.
    pub async fn stop_unit(&self, unit: &str) -> String {
        self.job("StopUnit", unit).await
    }

    /// The main process of a running service; 0: it does not run.
    ///
    /// # Panics
    /// If there is no such unit.
    pub async fn main_pid(&self, unit: &str) -> u32 {
        self.property(unit, "Service", "MainPID").await.try_into().unwrap()
    }

    /// How often the manager has started a service again by itself.
    ///
    /// # Panics
    /// If there is no such unit.
    pub async fn restarts(&self, unit: &str) -> u32 {
        self.property(unit, "Service", "NRestarts").await.try_into().unwrap()
    }

    /// Whether a unit is `active`, `failed`, `activating` …
    ///
    /// # Panics
    /// If there is no such unit.
    pub async fn state(&self, unit: &str) -> String {
        self.property(unit, "Unit", "ActiveState").await.try_into().unwrap()
    }

    async fn property(&self, unit: &str, interface: &str, name: &str) -> OwnedValue {
        let unit: OwnedObjectPath = self.ask("LoadUnit", &unit).await.unwrap().body().deserialize().unwrap();
        let asked = (format!("org.freedesktop.systemd1.{interface}"), name);
        let get = self.conn.call_method(Some(SYSTEMD), &unit, Some("org.freedesktop.DBus.Properties"), "Get", &asked);
        get.await.unwrap().body().deserialize().unwrap()
    }

    /// Returns when the manager knows that this process is not the unit's main one any more.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_ended(&self, unit: &str, pid: u32) {
        let mut changes = self.changes().await;
        while self.main_pid(unit).await == pid {
            next_item(DEADLINE, &format!("{unit} to end"), &mut changes).await.unwrap();
        }
    }

    /// Returns when the manager has started a service again by itself more often than this.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_restarts(&self, unit: &str, more_than: u32) {
        let mut changes = self.changes().await;
        while self.restarts(unit).await <= more_than {
            next_item(DEADLINE, &format!("{unit} to be started again"), &mut changes).await.unwrap();
        }
    }

    /// What becomes of a service that ends: its state once it is neither `active` nor `deactivating`.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn state_after_its_end(&self, unit: &str) -> String {
        let mut changes = self.changes().await;
        loop {
            let state = self.state(unit).await;
            if !["active", "deactivating"].contains(&state.as_str()) {
                return state;
            }
            next_item(DEADLINE, &format!("{unit} to end"), &mut changes).await.unwrap();
        }
    }

    /// Every change of any unit from now on.
    async fn changes(&self) -> zbus::MessageStream {
        self.ask("Subscribe", &()).await.ok();
        let rule = "type='signal',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'";
        let rule = zbus::MatchRule::try_from(rule).unwrap();
        zbus::MessageStream::for_match_rule(rule, &self.conn, Some(64)).await.unwrap()
    }

    async fn job(&self, method: &str, unit: &str) -> String {
        self.ask("Subscribe", &()).await.ok();
        let rule = format!("type='signal',interface='{MANAGER}',member='JobRemoved',arg2='{unit}'");
        let rule = zbus::MatchRule::try_from(rule.as_str()).unwrap();
        let mut ends = zbus::MessageStream::for_match_rule(rule, &self.conn, Some(16)).await.unwrap();
        let job: OwnedObjectPath = self.ask(method, &(unit, "replace")).await.unwrap().body().deserialize().unwrap();
        loop {
            let end = next_item(DEADLINE, &format!("{method} {unit} to end"), &mut ends).await.unwrap();
            let (_, ended, _, result): (u32, OwnedObjectPath, String, String) = end.body().deserialize().unwrap();
            if ended == job {
                return result;
            }
        }
    }

    async fn ask<B>(&self, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let call = self.conn.call_method(Some(SYSTEMD), MANAGER_PATH, Some(MANAGER), method, body);
        within(DEADLINE, method, call).await
    }
}

/// Where every manager looks for units, and additions to them, that end at logout.
fn of_this_login(session: &Session) -> PathBuf {
    Path::new(&session.get("XDG_RUNTIME_DIR").unwrap()).join("systemd/user")
}

/// Anybody but root must ask the machine's own manager for a control group that may be divided.
fn manager_command(session: &Session, group: &str) -> Command {
    let program = programs::find_in(PROGRAMS);
    if geteuid().is_root() {
        let mut command = session.command("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-ec", BECOME_MANAGER, "sh", group]).arg(program);
        return command;
    }
    let mut command = session.command("systemd-run");
    command.args(["--user", "--scope", "--quiet", "--property=Delegate=yes", "env"]);
    for name in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] {
        command.arg(format!("{name}={}", session.get(name).unwrap()));
        command.env(name, std::env::var_os(name).unwrap_or_default());
    }
    command.arg(program).arg("--user");
    command
}

/// A control group by its name, in every hierarchy. Dropping it ends what is in it and removes it.
#[derive(Debug)]
struct ControlGroup(String);

impl ControlGroup {
    /// Its folders, each after those below it.
    fn folders(&self) -> Vec<PathBuf> {
        let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten().map(|entry| entry.path());
        let mut all = Vec::new();
        for hierarchy in hierarchies.chain(["/sys/fs/cgroup".into()]) {
            add_with_those_below(&hierarchy.join(&self.0), &mut all);
        }
        all
    }
}

fn add_with_those_below(folder: &Path, all: &mut Vec<PathBuf>) {
    if !folder.is_dir() {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        add_with_those_below(&entry.path(), all);
    }
    all.push(folder.to_path_buf());
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        let folders = self.folders();
        for pid in folders.iter().flat_map(|folder| processes(folder)) {
            end(pid);
        }
        for folder in folders {
            fs::remove_dir(folder).ok();
        }
    }
}

fn processes(folder: &Path) -> Vec<Pid> {
    let list = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    list.lines().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

fn end(pid: Pid) {
    if let Ok(process) = pidfd_open(pid, PidfdFlags::empty())
        && pidfd_send_signal(&process, Signal::KILL).is_ok()
    {
        poll(&mut [PollFd::new(&process, PollFlags::IN)], None).ok();
    }
}
