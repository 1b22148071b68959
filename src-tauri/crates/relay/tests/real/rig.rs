//! A relay in a session of its own, and a stand-in for the gate that speaks to it.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tidegate_relay::protocol::{
    Answer, Call, LineBuffer, LiveRenderer, OsText, RendererRecord, ToGate, ToRelay, VERSION, encode,
};
use tidegate_testkit::{DEADLINE, Kind, Process, Session, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixDatagram, UnixStream};

/// The program under test.
pub(crate) const RELAY: &str = env!("CARGO_BIN_EXE_tidegate-relay");

/// A relay command in the session, with an argument or none.
pub(crate) fn command(session: &Session, option: Option<&str>) -> Command {
    let mut command = session.command(RELAY);
    command.args(option);
    command
}

/// Starts a relay and waits until it says that it is ready.
pub(crate) async fn start(session: &Session) -> Process {
    ready(session, |session| command(session, None)).await
}

/// Starts a relay by this command and waits until it says that it is ready.
pub(crate) async fn ready(session: &Session, command: impl FnOnce(&Session) -> Command) -> Process {
    let path = session.join("notify");
    let socket = StdDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let socket = UnixDatagram::from_std(socket).unwrap();
    let mut command = command(session);
    command.env("NOTIFY_SOCKET", &path);
    let relay = session.spawn(command);
    let mut said = [0; 16];
    let length = within(DEADLINE, "the relay to be ready", socket.recv(&mut said)).await.unwrap();
    assert_eq!(&said[..length], b"READY=1");
    std::fs::remove_file(&path).unwrap();
    relay
}

/// The relay's folder.
pub(crate) fn folder(session: &Session) -> PathBuf {
    session.runtime_dir().join("tidegate")
}

/// The bus as a daemon behind the relay sees it.
pub(crate) fn shifted_bus(session: &Session) -> String {
    format!("unix:path={}", folder(session).join("renderer.sock").display())
}

/// The bus as a renderer that the relay starts is told of it.
pub(crate) fn renderers_bus(session: &Session) -> String {
    format!("{};{}", shifted_bus(session), session.address())
}

/// How the session would have run this command.
pub(crate) fn record(session: &Session, argv: &[&str]) -> RendererRecord {
    let environment = session.command("/bin/true");
    let env = environment.get_envs().map(|(key, value)| (key.into(), value.unwrap_or_default().into())).collect();
    let argv = argv.iter().map(OsText::from).collect();
    RendererRecord { argv, env, cwd: session.home().into(), unit: None }
}

/// How the session would have run a real daemon.
pub(crate) async fn record_of(session: &Session, kind: Kind) -> RendererRecord {
    let argv = kind.argv(session).await;
    record(session, &argv.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What a gate is told first.
#[derive(Debug, PartialEq)]
pub(crate) struct Welcome {
    pub(crate) renderer: Option<LiveRenderer>,
    pub(crate) answered: Vec<Answer>,
    pub(crate) waiting: Vec<Call>,
    pub(crate) watched: Vec<String>,
}

/// A connection to the control socket.
pub(crate) struct Control {
    stream: UnixStream,
    lines: LineBuffer,
    read: VecDeque<ToGate>,
}

impl Control {
    /// Connects and says nothing.
    pub(crate) async fn connect(session: &Session) -> Self {
        let stream = UnixStream::connect(folder(session).join("relay.sock")).await.unwrap();
        Self { stream, lines: LineBuffer::default(), read: [].into() }
    }

    /// Connects as the gate of this unique name, which has called nobody yet; also what the Welcome said.
    pub(crate) async fn hello(session: &Session, gate: &str) -> (Self, Welcome) {
        Self::hello_after(session, gate, false).await
    }

    /// The same, of a gate that may have called before.
    pub(crate) async fn hello_after(session: &Session, gate: &str, called_before: bool) -> (Self, Welcome) {
        let mut control = Self::connect(session).await;
        let (version, name) = (VERSION, gate.into());
        control.say(&ToRelay::Hello { version, gate: name, called_before }).await;
        let welcome = match control.next().await {
            Some(ToGate::Welcome { version: VERSION, renderer, answered, waiting, watched, .. }) => {
                Welcome { renderer, answered, waiting, watched }
            }
            other => panic!("no Welcome but {other:?}"),
        };
        (control, welcome)
    }

    /// Sends one line.
    pub(crate) async fn say(&mut self, message: &ToRelay) {
        self.write(&encode(message).unwrap()).await;
    }

    /// Sends any bytes, as far as they are taken.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within(DEADLINE, "the relay to read", self.stream.write_all(bytes)).await.ok();
    }

    /// Asks for a renderer.
    pub(crate) async fn supervise(&mut self, record: RendererRecord) {
        self.say(&ToRelay::Supervise { record }).await;
    }

    /// Leaves, and waits until the relay knows. (Dropping it is not enough: a program that another test starts at this
    /// moment may hold a copy of the socket.)
    pub(crate) async fn leave(mut self) {
        self.stream.shutdown().await.unwrap();
        while self.next().await.is_some() {}
    }

    /// The next line; nothing once the relay closed the connection.
    pub(crate) async fn next(&mut self) -> Option<ToGate> {
        let mut buffer = [0; 4096];
        while self.read.is_empty() {
            let read = within(DEADLINE, "the relay to speak", self.stream.read(&mut buffer)).await.unwrap_or(0);
            if read == 0 {
                return None;
            }
            self.read.extend(self.lines.push(&buffer[..read]).unwrap());
        }
        self.read.pop_front()
    }

    /// The next RendererUp; what is said before it is passed over.
    pub(crate) async fn up(&mut self) -> LiveRenderer {
        loop {
            match self.next().await {
                Some(ToGate::RendererUp(renderer)) => break renderer,
                Some(_) => {}
                None => panic!("the relay closed the connection"),
            }
        }
    }

    /// The next RendererDown that says when the next start is: why, and the milliseconds.
    pub(crate) async fn down(&mut self) -> (String, u64) {
        loop {
            match self.next().await {
                Some(ToGate::RendererDown { why, retry_in_ms: Some(wait) }) => break (why, wait),
                Some(_) => {}
                None => panic!("the relay closed the connection"),
            }
        }
    }
}

/// The program that a process runs.
pub(crate) fn program(pid: u32) -> PathBuf {
    std::fs::read_link(Path::new("/proc").join(pid.to_string()).join("exe")).unwrap()
}

/// A process that the test did not start, to wait for its end.
pub(crate) struct Watched(OwnedFd);

impl Watched {
    /// Of a running process.
    pub(crate) fn new(pid: u32) -> Self {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
        Self(pidfd_open(pid, PidfdFlags::NONBLOCK).unwrap())
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        pidfd_send_signal(&self.0, signal).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(self) {
        let deadline = Timespec::try_from(DEADLINE).unwrap();
        let wait = move || poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&deadline));
        let ready = tokio::task::spawn_blocking(wait).await.unwrap();
        assert_eq!(ready.unwrap(), 1, "the process still runs");
    }
}
