//! The gate and the relay as units of a real systemd user manager, by the unit files that are installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use tidegate_contract::{BUS_NAME, ItemState, View, verb};
use tidegate_testkit::{
    Client, DEADLINE, Kind, NOTIFICATIONS, Notification, RecordingRenderer, Renderer, Session, StepClock, UserSystemd,
    Xvfb, wait_no_owner, wait_owner, wait_owner_change,
};
use tidegate_tests_process::{
    MONDAY_NINE, RENDERER_NAME, ask, connect_renderer, program, renderer_socket, runs, wait_view, words,
};
use zbus::Connection;

const GATE: &str = "tidegate.service";
const RELAY: &str = "tidegate-relay.service";
const SHOWING: &str = "tidegate-renderer.service";
const ACTIVATION: &str = "tidegate-activation.service";
/// A manager gives a unit up that it had to start more often than this in ten seconds, unless the unit says otherwise.
const USUAL_LIMIT: u32 = 5;

/// A session that systemd runs.
struct Machine {
    manager: UserSystemd,
    conn: Connection,
    _clock: StepClock,
    session: Session,
}

impl Machine {
    /// With these units installed.
    async fn start(units: &[&str]) -> Self {
        let session = Session::start().await;
        let _clock = StepClock::listen(&session, MONDAY_NINE, "Europe/Berlin");
        let manager = UserSystemd::start(&session).await;
        let conn = session.connect().await;
        let machine = Self { manager, conn, _clock, session };
        for unit in units {
            machine.manager.add_unit(unit, &machine.installed(unit)).await;
        }
        machine
    }

    /// The unit's file, for the programs beside the tests and with its words in a file.
    fn installed(&self, unit: &str) -> String {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd").join(unit);
        let text = fs::read_to_string(file).unwrap();
        let folder = program("tidegate").parent().unwrap().display().to_string();
        let log = format!("[Service]\nStandardError=append:{}\n", self.log(unit).display());
        text.replace("/usr/bin/", &format!("{folder}/")).replace("[Service]\n", &log)
    }

    fn log(&self, unit: &str) -> PathBuf {
        self.session.join(format!("logs/{unit}.log"))
    }

    /// The gate's unit with another program in the gate's place.
    async fn add_gate(&self, program: &str) {
        let unit = self.installed(GATE);
        let gate = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
        self.manager.add_unit(GATE, &unit.replace(gate, &format!("ExecStart={program}"))).await;
    }

    async fn start_gate(&self) {
        assert_eq!(self.manager.start_unit(GATE).await, "done");
    }

    /// With the renderer behind the gate.
    async fn wait_standing(&self) -> View {
        wait_owner(&self.conn, BUS_NAME, DEADLINE).await;
        wait_view(&self.conn, "the renderer behind the gate", |view| view.renderer.up && view.gate.in_path).await
    }

    async fn kill9(&self, unit: &str) -> u32 {
        self.kill(unit, "KILL").await
    }

    async fn kill(&self, unit: &str, signal: &str) -> u32 {
        let pid = self.manager.main_pid(unit).await;
        assert_ne!(pid, 0, "{unit} does not run");
        self.session.run("sh", ["-c", &format!("kill -{signal} {pid}")]).await.ok();
        self.manager.wait_ended(unit, pid).await;
        pid
    }
}

/// The unit that a process belongs to, by the last part of its control group.
fn unit_of(pid: u32) -> String {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let group = groups.lines().find(|line| line.starts_with("0::") || line.contains(":name=systemd:")).unwrap();
    group.rsplit('/').next().unwrap().to_owned()
}

fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
    environment.split('\0').find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

#[tokio::test]
async fn a_gate_that_nobody_asked_to_end_is_started_again_however_often() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    machine.start_gate().await;
    let _renderer = connect_renderer(&machine.session).await;
    for signal in ["HUP"].into_iter().chain(["KILL"; USUAL_LIMIT as usize + 1]) {
        machine.wait_standing().await;
        machine.kill(GATE, signal).await;
    }
    machine.wait_standing().await;
}

#[tokio::test]
async fn a_relay_that_nobody_asked_to_end_is_started_again_however_often() {
    let machine = Machine::start(&[RELAY]).await;
    assert_eq!(machine.manager.start_unit(RELAY).await, "done");
    for (restarts, signal) in (0..).zip(["TERM"; USUAL_LIMIT as usize + 1]) {
        machine.kill(RELAY, signal).await;
        machine.manager.wait_restarts(RELAY, restarts).await;
        assert_eq!(machine.manager.start_unit(RELAY).await, "done");
    }
    assert_eq!(machine.manager.stop_unit(RELAY).await, "done");
    assert_eq!(machine.manager.state_after_its_end(RELAY).await, "inactive");
}

#[tokio::test]
async fn a_gate_that_was_asked_to_end_stays_ended() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    machine.start_gate().await;
    let _renderer = connect_renderer(&machine.session).await;
    machine.wait_standing().await;
    machine.session.run(program("tidegate"), ["quit", "--keep"]).await.ok();
    assert_eq!(machine.manager.state_after_its_end(GATE).await, "inactive");
    assert_eq!(machine.manager.restarts(GATE).await, 0);
}

#[tokio::test]
async fn a_gate_that_will_not_do_better_is_not_started_again() {
    let machine = Machine::start(&[]).await;
    for status in [2, 5, 13] {
        machine.add_gate(&format!("/bin/sh -c 'exit {status}'")).await;
        assert_eq!(machine.manager.start_unit(GATE).await, "failed");
        assert_eq!((machine.manager.state(GATE).await.as_str(), machine.manager.restarts(GATE).await), ("failed", 0));
    }
}

#[tokio::test]
async fn while_the_gate_cannot_run_the_recorded_daemon_shows_and_the_gate_is_tried_again_and_again() {
    let machine = Machine::start(&[SHOWING]).await;
    let _screen = Xvfb::start(&machine.session).await;
    let folder = machine.session.state_home().join("tidegate");
    fs::create_dir_all(&folder).unwrap();
    let record = record_of(&Kind::Dunst.command(&machine.session).await);
    let file = folder.join("renderer.json");
    fs::write(&file, record.to_string()).unwrap();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    machine.add_gate("/bin/false").await;
    machine.manager.start_unit(GATE).await;
    wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    let pid = machine.session.processes().into_iter().find(|pid| runs(*pid, "dunst")).unwrap();
    assert_eq!(unit_of(pid), SHOWING);
    machine.manager.wait_restarts(GATE, USUAL_LIMIT).await;
}

#[tokio::test]
async fn what_the_bus_starts_is_done_at_once_whatever_becomes_of_the_gate() {
    let machine = Machine::start(&[SHOWING, ACTIVATION]).await;
    machine.add_gate("/bin/false").await;
    assert_eq!(machine.manager.start_unit(ACTIVATION).await, "done", "or the call that waits would be refused");
    machine.manager.wait_restarts(GATE, 1).await;
    assert_eq!(machine.manager.start_unit(ACTIVATION).await, "done");
    machine.add_gate(&format!("{} daemon", program("tidegate").display())).await;
    assert_eq!(machine.manager.start_unit(ACTIVATION).await, "done");
    wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
}

#[tokio::test]
async fn a_daemon_whose_display_is_gone_is_started_where_the_session_is_now() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    let first = Xvfb::start_apart(&machine.session).await;
    let _dunst = Renderer::start(&machine.session, Kind::Dunst).await;
    let before = wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    machine.start_gate().await;
    wait_owner_change(&machine.conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    machine.wait_standing().await;
    let gone = first.display().to_owned();
    let second = Xvfb::start(&machine.session).await;
    machine.manager.set_environment(&format!("DISPLAY={}", second.display())).await;
    drop(first);
    wait_view(&machine.conn, "the loss of the renderer", |view| !view.renderer.up).await;
    machine.wait_standing().await;
    let behind = machine.session.processes().into_iter().find(|pid| runs(*pid, "dunst")).unwrap();
    assert_ne!(gone, second.display());
    assert_eq!(variable(behind, "DISPLAY").as_deref(), Some(second.display()));
}

#[tokio::test]
async fn a_daemons_own_unit_does_not_fail_beside_the_gate_and_is_as_before_once_that_has_quit() {
    const DUNST: &str = "dunst.service";
    let machine = Machine::start(&[GATE, RELAY]).await;
    let screen = Xvfb::start(&machine.session).await;
    machine.manager.set_environment(&format!("DISPLAY={}", screen.display())).await;
    let dunst = Kind::Dunst.command(&machine.session).await;
    let unit = format!("[Service]\nType=dbus\nBusName={NOTIFICATIONS}\nExecStart={}\n", line(&dunst));
    machine.manager.add_unit(DUNST, &unit).await;
    assert_eq!(machine.manager.start_unit(DUNST).await, "done");
    let before = wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    machine.start_gate().await;
    wait_owner_change(&machine.conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    machine.wait_standing().await;
    machine.manager.start_unit(DUNST).await;
    assert_eq!(machine.manager.state(DUNST).await, "inactive", "as it was not asked to start");
    machine.session.run(program("tidegate"), ["quit", "--keep"]).await.ok();
    assert_eq!(machine.manager.stop_unit(RELAY).await, "done");
    wait_no_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    assert_eq!(machine.manager.start_unit(DUNST).await, "done");
    assert_eq!(machine.manager.state(DUNST).await, "active");
    let runtime = PathBuf::from(machine.session.get("XDG_RUNTIME_DIR").unwrap());
    assert!(!runtime.join("systemd/user/dunst.service.d").exists());
}

fn line(command: &std::process::Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn record_of(command: &std::process::Command) -> serde_json::Value {
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let argv: Vec<String> = [command.get_program()].into_iter().chain(command.get_args()).map(text).collect();
    let env = command.get_envs().map(|(name, value)| (text(name), text(value.unwrap_or_default())));
    serde_json::json!({ "argv": argv, "env": env.collect::<Vec<_>>(), "cwd": "/", "unit": null })
}

#[tokio::test]
async fn neither_core_dumps_nor_a_shortage_of_memory_are_for_gate_and_relay() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    machine.start_gate().await;
    let _renderer = connect_renderer(&machine.session).await;
    machine.wait_standing().await;
    let read = |pid: &str, file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let usual: i32 = read("self", "oom_score_adj").trim().parse().unwrap();
    for unit in [GATE, RELAY] {
        let pid = machine.manager.main_pid(unit).await.to_string();
        let limits = read(&pid, "limits");
        let cores = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
        assert_eq!(cores.split_whitespace().collect::<Vec<_>>()[..2], ["0", "0"], "{unit}");
        assert_eq!(read(&pid, "coredump_filter").trim(), "00000000", "{unit}");
        // A manager of newer systemd gives its units more than it has itself, unless they say otherwise.
        assert!(read(&pid, "oom_score_adj").trim().parse::<i32>().unwrap() <= usual, "{unit}");
    }
}

#[tokio::test]
async fn the_relay_is_a_unit_of_its_own_that_outlives_the_gate_and_starts_the_daemon_as_it_was_found() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    let screen = Xvfb::start(&machine.session).await;
    let dunst = Renderer::start(&machine.session, Kind::Dunst).await;
    let before = wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    machine.start_gate().await;
    wait_owner_change(&machine.conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    machine.wait_standing().await;
    let relay = machine.manager.main_pid(RELAY).await;
    let gate = machine.manager.main_pid(GATE).await;
    assert_eq!((unit_of(relay), unit_of(gate)), (RELAY.to_owned(), GATE.to_owned()));
    assert_eq!(variable(relay, "DISPLAY"), None, "systemd knows no screen here");
    let behind = machine.session.processes().into_iter().find(|pid| runs(*pid, "dunst")).unwrap();
    assert_eq!(unit_of(behind), RELAY);
    assert_eq!(variable(behind, "DISPLAY").as_deref(), Some(screen.display()));
    assert_eq!(variable(behind, "NOTIFY_SOCKET"), None);
    let app = Client::connect(&machine.session).await;
    app.notify(&Notification::new("shown by a dunst that systemd started")).await;
    dunst.wait_showing(1, DEADLINE).await;
    assert_eq!(machine.manager.stop_unit(GATE).await, "done");
    wait_no_owner(&machine.conn, BUS_NAME, DEADLINE).await;
    assert_eq!(machine.manager.main_pid(RELAY).await, relay, "it outlives the gate");
    app.notify(&Notification::new("without the gate")).await;
    dunst.wait_showing(2, DEADLINE).await;
}

#[tokio::test]
async fn a_daemon_that_lies_in_anothers_unit_is_stopped_and_the_unit_is_not() {
    const HOLDER: &str = "holder.service";
    let machine = Machine::start(&[GATE, RELAY]).await;
    let mock = "/usr/bin/python3 -m dbusmock --session --template notification_daemon";
    let holder = format!("[Service]\nExecStart=/bin/sh -c '{mock} & exec sleep infinity'\n");
    machine.manager.add_unit(HOLDER, &holder).await;
    assert_eq!(machine.manager.start_unit(HOLDER).await, "done");
    let before = wait_owner(&machine.conn, NOTIFICATIONS, DEADLINE).await;
    let held = machine.manager.main_pid(HOLDER).await;
    machine.start_gate().await;
    wait_owner_change(&machine.conn, NOTIFICATIONS, Some(before.as_str()), DEADLINE).await;
    machine.wait_standing().await;
    assert_eq!(machine.manager.main_pid(HOLDER).await, held, "what else runs there goes on");
    assert_eq!(machine.manager.state(HOLDER).await, "active");
}

#[tokio::test]
async fn a_relay_that_is_killed_is_started_again_by_systemd_and_the_gate_finds_it() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    machine.start_gate().await;
    let renderer = connect_renderer(&machine.session).await;
    machine.wait_standing().await;
    let killed = machine.kill9(RELAY).await;
    wait_view(&machine.conn, "the loss of the renderer", |view| !view.renderer.up).await;
    // Its job ends when the relay listens.
    assert_eq!(machine.manager.start_unit(RELAY).await, "done");
    let renderer = (renderer, connect_renderer(&machine.session).await).1;
    let view = machine.wait_standing().await;
    assert_eq!(view.troubles, []);
    let relay = machine.manager.main_pid(RELAY).await;
    assert!(relay != killed && unit_of(relay) == RELAY);
    Client::connect(&machine.session).await.notify(&Notification::new("through both")).await;
    renderer.wait_notified(1, DEADLINE).await;
}

#[tokio::test]
async fn gate_and_relay_killed_together_lose_nothing_and_show_nothing_twice() {
    let machine = Machine::start(&[GATE, RELAY]).await;
    machine.start_gate().await;
    let renderer = connect_renderer(&machine.session).await;
    machine.wait_standing().await;
    renderer.pause();
    let app = Client::connect(&machine.session).await;
    let id = app.notify(&Notification::new("on its way")).await;
    renderer.wait_notified(1, DEADLINE).await;
    machine.kill9(GATE).await;
    machine.kill9(RELAY).await;
    drop(renderer);
    // systemd starts both again, the relay first.
    let renderer = connect_once_there(&machine).await;
    let view = machine.wait_standing().await;
    assert!(view.ledger.balanced, "{:?}", view.ledger);
    let view = wait_view(&machine.conn, "what may have been shown", |view| view.held == 1).await;
    assert_eq!(view.ledger.held, 1);
    let detail = ask(&machine.conn, verb::Show { id }).await.unwrap();
    assert_eq!(detail.item.state, ItemState::Held);
    assert!(
        detail.remarks.iter().any(|remark| words(remark).starts_with("may have been shown")),
        "{:?}",
        detail.remarks
    );
    assert_eq!(renderer.notified().len(), 0);
}

/// A renderer behind the relay that systemd starts.
async fn connect_once_there(machine: &Machine) -> RecordingRenderer {
    assert_eq!(machine.manager.start_unit(RELAY).await, "done");
    let renderer = connect_renderer(&machine.session).await;
    wait_owner(&machine.conn, RENDERER_NAME, DEADLINE).await;
    renderer
}

#[tokio::test]
async fn without_the_relays_unit_the_gate_starts_it_and_says_so() {
    let machine = Machine::start(&[GATE]).await;
    machine.start_gate().await;
    stands_with_a_relay_of_its_own(&machine).await;
}

#[tokio::test]
async fn when_the_relays_unit_fails_the_gate_starts_it_and_says_so() {
    let machine = Machine::start(&[GATE]).await;
    machine.manager.add_unit(RELAY, "[Service]\nType=notify\nExecStart=/bin/false\n").await;
    machine.start_gate().await;
    stands_with_a_relay_of_its_own(&machine).await;
}

async fn stands_with_a_relay_of_its_own(machine: &Machine) {
    assert!(renderer_socket(&machine.session).exists());
    let renderer = connect_renderer(&machine.session).await;
    let view = machine.wait_standing().await;
    assert_eq!(view.troubles, []);
    let log = fs::read_to_string(machine.log(GATE)).unwrap();
    assert!(log.contains("systemd did not start the relay, so the gate does") && log.contains(RELAY), "{log}");
    Client::connect(&machine.session).await.notify(&Notification::new("through both")).await;
    renderer.wait_notified(1, DEADLINE).await;
}
