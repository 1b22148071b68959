//! A session is closed to the machine around it, and ends what it started.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tidegate_testkit::{DEADLINE, Session, owner_pid, wait_no_owner, wait_owner};
use zbus::fdo::DBusProxy;

#[tokio::test]
async fn programs_see_only_the_sessions_environment() {
    let session = Session::start().await;
    let listed = session.run("env", [] as [&str; 0]).await.ok();
    let names: Vec<_> = listed.lines().filter_map(|line| line.split('=').next()).collect();
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
        let here = format!("{name}={}/", session.path().display());
        assert!(listed.contains(&here), "{listed}");
    }
    let known = names.iter().filter(|name| session.get(name).is_some()).count();
    assert_eq!(known, names.len(), "{listed}");
    let mode = fs::metadata(session.runtime_dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn the_bus_activates_nothing_of_the_machine() {
    let session = Session::start().await;
    assert!(Path::new("/usr/share/dbus-1/services/org.knopwob.dunst.service").exists());
    let conn = session.connect().await;
    let names = DBusProxy::new(&conn).await.unwrap().list_activatable_names().await.unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test]
async fn a_service_file_in_the_runtime_folder_is_used_first() {
    let session = Session::start().await;
    let write = |folder: &Path, command: &str| {
        let text = format!("[D-BUS Service]\nName=org.example.Started\nExec={command}\n");
        fs::write(folder.join("org.example.Started.service"), text).unwrap();
    };
    write(&session.services(), "/bin/false");
    let owner = "/usr/bin/python3 -m dbusmock org.example.Started / org.example.Started";
    write(&session.runtime_dir().join("dbus-1/services"), owner);
    session.reload_services().await;
    let conn = session.connect().await;
    let bus = DBusProxy::new(&conn).await.unwrap();
    let name = "org.example.Started".try_into().unwrap();
    bus.start_service_by_name(name, 0).await.unwrap();
    assert!(owner_pid(&conn, "org.example.Started").await > 0);
}

#[tokio::test]
async fn what_is_exported_reaches_what_the_bus_starts() {
    let session = Session::start().await;
    session.export("TIDE", "low").await;
    let out = session.join("tide");
    let script = format!("#!/bin/sh\necho $TIDE > {}\nexit 1\n", out.display());
    let program = session.join("say-tide");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let service = format!("[D-BUS Service]\nName=org.example.Tide\nExec={}\n", program.display());
    fs::write(session.services().join("org.example.Tide.service"), service).unwrap();
    session.reload_services().await;
    let conn = session.connect().await;
    let bus = DBusProxy::new(&conn).await.unwrap();
    let name = "org.example.Tide".try_into().unwrap();
    bus.start_service_by_name(name, 0).await.unwrap_err();
    assert_eq!(fs::read_to_string(out).unwrap(), "low\n");
}

#[tokio::test]
async fn a_dropped_process_has_ended() {
    let session = Session::start().await;
    let conn = session.connect().await;
    let mut command = session.command("/usr/bin/python3");
    command.args(["-m", "dbusmock", "org.example.Hole", "/", "org.example.Hole"]);
    let process = session.spawn(command);
    wait_owner(&conn, "org.example.Hole", DEADLINE).await;
    let pid = process.pid();
    assert_eq!(owner_pid(&conn, "org.example.Hole").await, pid);
    drop(process);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    wait_no_owner(&conn, "org.example.Hole", DEADLINE).await;
}

#[tokio::test]
async fn a_process_that_ignores_sigterm_is_killed() {
    let session = Session::start().await;
    let mut command = session.command("sh");
    command.args(["-c", "trap '' TERM; echo deaf; exec sleep 1000"]);
    let mut process = session.spawn_piped(command);
    process.line(DEADLINE).await;
    let pid = process.process().pid();
    drop(process);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[tokio::test]
async fn a_session_leaves_nobody_behind() {
    let session = Session::start().await;
    let mut command = session.command("setsid");
    command.args(["--fork", "sh", "-c", "trap '' TERM; echo $$; exec sleep 1000"]);
    command.stdin(std::process::Stdio::null());
    let mut starter = session.spawn_piped(command);
    let pid: u32 = starter.line(DEADLINE).await.parse().unwrap();
    starter.process().wait(DEADLINE).await;
    assert!(session.processes().contains(&pid));
    drop((starter, session));
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[tokio::test]
async fn a_killed_bus_is_gone_for_its_clients() {
    let mut session = Session::start().await;
    let conn = session.connect().await;
    session.bus_mut().kill9().await;
    let bus = DBusProxy::new(&conn).await;
    let gone = match bus {
        Ok(bus) => bus.get_id().await.is_err(),
        Err(_) => true,
    };
    assert!(gone);
}

#[tokio::test]
#[should_panic(expected = "apt-get install dunst")]
async fn a_missing_program_names_its_package() {
    let session = Session::start().await;
    drop(session.command("/nowhere/dunst"));
}
