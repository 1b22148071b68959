//! The relay as a process: alone, in the background, ended, and as the parent of its renderer.

use std::path::PathBuf;

use rustix::process::Signal;
use tidegate_relay::protocol::RendererRecord;
use tidegate_testkit::{Client, DEADLINE, Kind, NOTIFICATIONS, Notification, Session, Xvfb, wait_owner, within};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use crate::rig::{
    Control, RELAY, Watched, command, folder, ready, record, record_of, renderers_bus, shifted_bus, start,
};

#[tokio::test]
async fn help_and_version_are_said_and_wrong_options_refused() {
    let session = Session::start().await;
    let help = session.run(RELAY, ["--help"]).await.ok();
    assert!(help.contains("--ensure-renderer") && help.contains("--daemonize"));
    assert!(session.run(RELAY, ["--version"]).await.ok().starts_with("tidegate-relay 0."));
    for arguments in [&["--nonsense"][..], &["--version", "x"], &["x"]] {
        let ran = session.run(RELAY, arguments).await;
        assert_eq!((ran.code, ran.stderr.lines().count()), (2, 1), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_second_relay_says_who_runs_and_ends() {
    let session = Session::start().await;
    let relay = start(&session).await;
    let ran = session.run_command(command(&session, None)).await;
    let expected = format!(
        "tidegate-relay: another relay (process {}) serves {}; end that one first\n",
        relay.pid(),
        folder(&session).display()
    );
    assert_eq!((ran.code, ran.stderr), (4, expected));
    let ran = session.run_command(command(&session, Some("--daemonize"))).await;
    assert_eq!((ran.code, ran.stderr.lines().count()), (4, 1), "{}", ran.stderr);
    Control::hello(&session, ":1.1").await;
}

#[tokio::test]
async fn a_relay_takes_the_place_of_one_that_was_killed() {
    let session = Session::start().await;
    start(&session).await.kill9(DEADLINE).await;
    let _second = start(&session).await;
    Control::hello(&session, ":1.1").await;
}

#[tokio::test]
async fn without_a_session_it_says_what_is_missing() {
    let session = Session::start().await;
    let mut no_folder = command(&session, None);
    no_folder.env_remove("XDG_RUNTIME_DIR");
    let mut no_bus = command(&session, None);
    no_bus.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let mut own_socket = command(&session, None);
    own_socket.env("DBUS_SESSION_BUS_ADDRESS", shifted_bus(&session));
    for (command, word) in [(no_folder, "XDG_RUNTIME_DIR"), (no_bus, "/nowhere"), (own_socket, "DBUS_SESSION_BUS")] {
        let ran = session.run_command(command).await;
        assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{}", ran.stderr);
        assert!(ran.stderr.contains(word), "{}", ran.stderr);
    }
}

/// Asks the relay in the background who it is, by a refused second one.
async fn pid_of_the_relay(session: &Session) -> u32 {
    let refused = session.run_command(command(session, None)).await;
    let pid = refused.stderr.split_once("process ").unwrap().1.split_once(')').unwrap().0;
    pid.parse().unwrap()
}

/// What `ps` and `pgrep` know of a process: its name, and its command line's first word.
fn names(pid: u32) -> (String, String) {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let first = read("cmdline").split('\0').next().unwrap().to_owned();
    (read("comm").trim().to_owned(), first)
}

#[tokio::test]
async fn it_has_its_own_name_however_it_was_started() {
    let session = Session::start().await;
    let mut relay = start(&session).await;
    assert_eq!(names(relay.pid()).0, "tidegate-relay");
    relay.kill9(DEADLINE).await;
    session.run_command(command(&session, Some("--daemonize"))).await.ok();
    let (_control, ..) = Control::hello(&session, ":1.1").await;
    let pid = pid_of_the_relay(&session).await;
    assert_eq!(names(pid), ("tidegate-relay".into(), "tidegate-relay".into()));
    let relay = Watched::new(pid);
    relay.signal(Signal::TERM);
    relay.ended().await;
}

#[tokio::test]
async fn no_core_dump_of_its_own_holds_memory_and_the_renderers_does() {
    let session = Session::start().await;
    let relay = start(&session).await;
    let filter = |process: &str| std::fs::read_to_string(format!("/proc/{process}/coredump_filter")).unwrap();
    assert_eq!(filter(&relay.pid().to_string()).trim(), "00000000");
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let (record, said) = script(&session, "cat /proc/self/coredump_filter").await;
    control.supervise(record).await;
    assert_eq!(lines_until_end(said).await, [filter("self").trim()]);
}

#[tokio::test]
async fn a_limit_on_files_does_not_end_it_and_is_as_usual_for_the_renderer() {
    let session = Session::start().await;
    // Its log is a file, which may not grow beyond 512 bytes.
    let relay = ready(&session, |session| {
        let mut shell = session.command("/bin/sh");
        shell.args(["-c", &format!("ulimit -f 1; exec {RELAY}")]);
        shell
    })
    .await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let (record, said) = script(&session, "grep -E '^Sig(Ign|Cgt)' /proc/self/status").await;
    control.supervise(record).await;
    for line in lines_until_end(said).await {
        let signals = u64::from_str_radix(line.split_whitespace().last().unwrap(), 16).unwrap();
        assert_eq!(signals & (1 << 24), 0, "SIGXFSZ is as usual: {line}");
    }
    for _ in 0..30 {
        control.leave().await;
        (control, _) = Control::hello(&session, ":1.2").await;
    }
    assert!((400..=512).contains(&relay.log().len()), "{}", relay.log());
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_nothing_up() {
    let session = Session::start().await;
    let log = session.join("log");
    session.run("/usr/bin/mkfifo", [&log]).await.ok();
    let _unread = pipe::OpenOptions::new().read_write(true).open_receiver(&log).unwrap();
    let full = pipe::OpenOptions::new().open_sender(&log).unwrap();
    while full.try_write(&[b'x'; 4096]).is_ok() {}
    let _relay = ready(&session, |session| {
        let mut shell = session.command("/bin/sh");
        shell.args(["-c", &format!("exec {RELAY} 2> {}", log.display())]);
        shell
    })
    .await;
    for _ in 0..3 {
        let (mut control, ..) = Control::hello(&session, ":1.1").await;
        control.supervise(record(&session, &["/bin/false"])).await;
        control.down().await;
        control.leave().await;
    }
}

#[tokio::test]
async fn in_the_background_it_belongs_to_no_session_of_ours_and_is_ready_at_once() {
    let session = Session::start().await;
    session.run_command(command(&session, Some("--daemonize"))).await.ok();
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let pid = pid_of_the_relay(&session).await;
    let relay = Watched::new(pid);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let numbers: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let (parent, leader) = (numbers[1], numbers[3]);
    assert_ne!(parent.parse::<u32>().unwrap(), std::process::id());
    assert!(leader.parse::<u32>().unwrap() != pid, "a session leader could get a terminal");
    let own = std::fs::read_to_string("/proc/self/stat").unwrap();
    assert_ne!(own.rsplit_once(')').unwrap().1.split_whitespace().nth(3).unwrap(), leader);
    relay.signal(Signal::TERM);
    relay.ended().await;
    assert_eq!(control.next().await, None);
}

#[tokio::test]
async fn the_renderer_ends_with_the_relay_however_that_ends() {
    for signal in [Signal::TERM, Signal::KILL] {
        let session = Session::start().await;
        let relay = start(&session).await;
        let (mut control, ..) = Control::hello(&session, ":1.1").await;
        // It has no connection to lose: only the kernel can tell it.
        let (record, said) = script(&session, "echo $$").await;
        control.supervise(record).await;
        let lines = lines_until_end(said).await;
        let renderer = Watched::new(lines[0].parse().unwrap());
        relay.signal(signal);
        renderer.ended().await;
        assert_eq!(control.next().await, None);
    }
}

#[tokio::test]
async fn it_ends_with_the_session_bus() {
    let mut session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let mut relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    control.supervise(record_of(&session, Kind::Dunst).await).await;
    let renderer = Watched::new(control.up().await.pid);
    session.bus_mut().kill9().await;
    // Nobody asked it to end: a supervisor is to start it again.
    assert_eq!(relay.wait(DEADLINE).await.code(), Some(1), "{}", relay.log());
    renderer.ended().await;
}

#[tokio::test]
async fn a_renderer_that_cannot_run_is_tried_less_and_less_often() {
    let session = Session::start().await;
    let _relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    control.supervise(record(&session, &["/bin/false"])).await;
    for wait in [100, 200, 400] {
        assert_eq!(control.down().await, ("exited with status 1".into(), wait));
    }
    // A new record is tried at once, with patience anew.
    control.supervise(record(&session, &["no-such-daemon"])).await;
    loop {
        let (why, wait) = control.down().await;
        if why == "its program could not be started" {
            assert_eq!(wait, 100);
            break;
        }
    }
}

#[tokio::test]
async fn a_renderer_gets_its_own_environment_but_for_the_bus() {
    let session = Session::start().await;
    let _relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let (mut recorded, said) = script(&session, "pwd; env").await;
    recorded.env.push(("OF_ITS_OWN".into(), "a b".into()));
    recorded.env.push(("NOTIFY_SOCKET".into(), "/old".into()));
    recorded.env.push(("DBUS_STARTER_ADDRESS".into(), "unix:path=/old".into()));
    control.supervise(recorded).await;
    let lines = lines_until_end(said).await;
    assert_eq!(lines[0], session.home().to_str().unwrap());
    let bus = format!("DBUS_SESSION_BUS_ADDRESS={}", renderers_bus(&session));
    assert!(lines.contains(&"OF_ITS_OWN=a b".to_owned()) && lines.contains(&bus));
    let foreign = |line: &String| line.contains("/old") || line.starts_with("NOTIFY_SOCKET");
    assert!(!lines.iter().any(foreign));
}

/// A renderer that runs these shell commands, stays, and is no D-Bus program; and where to hear what they print.
async fn script(session: &Session, commands: &str) -> (RendererRecord, pipe::Receiver) {
    let said = session.join("said");
    session.run("/usr/bin/mkfifo", [&said]).await.ok();
    let receiver = pipe::OpenOptions::new().read_write(true).open_receiver(&said).unwrap();
    let script = format!("({commands}; echo END) > {}; exec sleep 1000", said.display());
    (record(session, &["/bin/sh", "-c", &script]), receiver)
}

async fn lines_until_end(said: pipe::Receiver) -> Vec<String> {
    let mut lines = BufReader::new(said).lines();
    let mut all = Vec::new();
    loop {
        let line = within(DEADLINE, "the script", lines.next_line()).await.unwrap().unwrap();
        if line == "END" {
            break all;
        }
        all.push(line);
    }
}

#[tokio::test]
async fn a_relay_out_of_descriptors_recovers_when_some_are_free() {
    // A link has two: it fails at the first with one limit, at the second with the other.
    for limit in [24, 25] {
        let session = Session::start().await;
        let few = format!("ulimit -n {limit}; exec {RELAY}");
        let relay = ready(&session, |session| {
            let mut shell = session.command("/bin/sh");
            shell.args(["-c", &few]);
            shell
        })
        .await;
        let descriptors = PathBuf::from(format!("/proc/{}/fd", relay.pid()));
        let mut first = Bare::connect(&session).await;
        let mut many = Vec::new();
        while std::fs::read_dir(&descriptors).unwrap().count() + 2 <= limit {
            let mut another = Bare::connect(&session).await;
            another.is_answered().await;
            many.push(another);
        }
        many.push(Bare::connect(&session).await);
        // By now the relay has tried to take the last one, too.
        first.is_answered().await;
        drop((first, many));
        Control::hello(&session, ":1.1").await;
        drop(session.connect_at(&shifted_bus(&session)).await);
    }
}

/// A connection behind the relay that never gets beyond its authentication.
struct Bare(UnixStream);

impl Bare {
    async fn connect(session: &Session) -> Self {
        let mut stream = UnixStream::connect(folder(session).join("renderer.sock")).await.unwrap();
        // A relay that has no descriptor left for its side of the link closes it at once.
        stream.write_all(b"\0").await.ok();
        Self(stream)
    }

    async fn is_answered(&mut self) {
        self.0.write_all(b"NONSENSE\r\n").await.unwrap();
        let mut answer = [0; 5];
        within(DEADLINE, "the bus", self.0.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"ERROR");
        while !answer.ends_with(b"\n") {
            within(DEADLINE, "the bus", self.0.read_exact(&mut answer[4..])).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_daemon_that_forks_away_is_not_started_twice() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let relay = start(&session).await;
    let (mut control, ..) = Control::hello(&session, ":1.1").await;
    let dunst = Kind::Dunst.argv(&session).await.join(" ");
    control.supervise(record(&session, &["/bin/sh", "-c", &format!("{dunst} & ")])).await;
    let renderer = control.up().await;
    let conn = session.connect().await;
    assert_eq!(wait_owner(&conn, NOTIFICATIONS, DEADLINE).await.as_str(), renderer.unique);
    Client::connect(&session).await.notify(&Notification::new("x")).await;
    // It is looked after all the same.
    Watched::new(renderer.pid).signal(Signal::KILL);
    let again = control.up().await;
    assert_ne!(again.pid, renderer.pid);
    let last = Watched::new(again.pid);
    drop(relay);
    last.ended().await;
}
