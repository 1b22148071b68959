//! Reaching the relay: the one that runs, or another that is started. Every wait has a limit, since a relay that hangs must
//! not keep the gate out of the path. Must not know who owns the name.

use super::{TakeOverError, unit};
use crate::relay_link::{RelayError, RelayLink};
use crate::relay_protocol::{CONTROL_SOCKET, RUNTIME_FOLDER, RendererRecord, ToGate};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::path::PathBuf;
use std::time::Duration;
use tidegate_platform::ready::watched;
use tokio::io::Interest;
use zbus::Connection;

/// The relay's unit.
const RELAY_UNIT: &str = "tidegate-relay.service";
/// A relay answers within milliseconds; one that took longer is not waited for before the gate is in the path.
const GREETING_LIMIT: Duration = Duration::from_millis(500);
/// One that has said nothing for this long hangs, and is ended.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);
/// What is given to it is taken at once, or not at all.
const TALK_LIMIT: Duration = Duration::from_secs(2);
/// A relay that is started is ready, or has failed, by then.
const START_LIMIT: Duration = Duration::from_secs(10);

/// How to reach it.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) conn: Connection,
    /// The gate's unique name.
    pub(super) gate: String,
    /// `$XDG_RUNTIME_DIR`.
    pub(super) runtime: PathBuf,
    /// The program `tidegate-relay`.
    pub(super) program: PathBuf,
}

/// A relay that was called.
pub(super) enum Called {
    /// It answered.
    Welcome(Relay),
    /// It has not said anything yet.
    Silent(Silent),
}

/// A relay that has answered, and what it has said so far.
pub(super) struct Relay {
    link: RelayLink,
    said: Vec<ToGate>,
    /// The unique name of the renderer that is behind it.
    pub(super) renderer: Option<String>,
}

/// A relay that took the connection and says nothing.
pub(super) struct Silent {
    link: RelayLink,
    /// Its process.
    pub(super) pid: Option<u32>,
}

impl Way {
    /// The relay that runs, or one that is started now. `called_before`: the gate may have called the renderer.
    pub(super) async fn call(&self, called_before: bool) -> Result<Called, TakeOverError> {
        if let Ok(link) = self.connect(called_before).await {
            return greeted(link).await;
        }
        if let Some(link) = self.start_with_systemd(called_before).await {
            return greeted(link).await;
        }
        self.start_detached().await?;
        greeted(self.connect(called_before).await?).await
    }

    /// Has the relay that runs start this renderer in place of one that never came.
    pub(super) async fn hand_over(&self, record: RendererRecord) -> Result<(), TakeOverError> {
        within_talk_limit(RelayLink::hand_over(&self.socket(), record)).await
    }

    async fn connect(&self, called_before: bool) -> Result<RelayLink, RelayError> {
        RelayLink::connect(&self.socket(), &self.gate, called_before).await
    }

    fn socket(&self) -> PathBuf {
        self.runtime.join(RUNTIME_FOLDER).join(CONTROL_SOCKET)
    }

    /// Where systemd runs us, the relay is a unit of its own beside ours. Nothing: it has to be started in another way.
    async fn start_with_systemd(&self, called_before: bool) -> Option<RelayLink> {
        if !unit::runs_us() {
            return None;
        }
        let started = async {
            unit::start(&self.conn, RELAY_UNIT).await.map_err(|error| error.to_string())?;
            self.connect(called_before).await.map_err(|error| error.to_string())
        };
        match started.await {
            Ok(link) => Some(link),
            Err(error) => {
                tracing::warn!(error, unit = RELAY_UNIT, "systemd did not start the relay, so the gate does");
                None
            }
        }
    }

    /// It outlives us; this returns when the relay is ready.
    async fn start_detached(&self) -> Result<(), TakeOverError> {
        let fail = |reason: String| TakeOverError::StartRelay { program: self.program.display().to_string(), reason };
        let output = tokio::process::Command::new(&self.program).arg("--daemonize").kill_on_drop(true).output();
        let output = match tokio::time::timeout(START_LIMIT, output).await {
            Ok(output) => output.map_err(|error| fail(error.to_string()))?,
            Err(_) => return Err(fail(format!("it was not ready after {} s", START_LIMIT.as_secs()))),
        };
        // 4: another came first, which is as good.
        if output.status.success() || output.status.code() == Some(4) {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(fail(said.lines().last().unwrap_or("it failed without words").to_owned()))
    }
}

async fn within_talk_limit(said: impl Future<Output = Result<(), RelayError>>) -> Result<(), TakeOverError> {
    match tokio::time::timeout(TALK_LIMIT, said).await {
        Ok(given) => Ok(given?),
        Err(_) => Err(RelayError::Talk(std::io::ErrorKind::TimedOut.into()).into()),
    }
}

async fn greeted(mut link: RelayLink) -> Result<Called, TakeOverError> {
    match tokio::time::timeout(GREETING_LIMIT, link.said.recv()).await {
        Ok(first) => Relay::welcomed(link, first).map(Called::Welcome),
        Err(_) => Ok(Called::Silent(Silent { pid: link.pid(), link })),
    }
}

impl Silent {
    /// Waits until it speaks after all. Nothing: it hangs, was ended, and another may be started.
    pub(super) async fn wait(mut self) -> Result<Option<Relay>, TakeOverError> {
        match tokio::time::timeout(SILENCE_LIMIT, self.link.said.recv()).await {
            Ok(first) => Relay::welcomed(self.link, first).map(Some),
            Err(_) => {
                self.end().await;
                Ok(None)
            }
        }
    }

    /// The renderer is bound to it and ends with it; what runs next starts that anew.
    async fn end(&self) {
        let Some(pid) = self.pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) else { return };
        tracing::error!(pid = pid.as_raw_nonzero(), "the relay hangs: it is ended, and another takes its place");
        let ended = pidfd_open(pid, PidfdFlags::empty());
        if let Err(error) = kill_process(pid, Signal::KILL) {
            tracing::warn!(%error, "the relay cannot be ended");
            return;
        }
        if let Ok(Ok(ended)) = ended.map(|ended| watched(ended, Interest::READABLE))
            && tokio::time::timeout(TALK_LIMIT, ended.readable()).await.is_err()
        {
            tracing::warn!("the relay was told to end and is still there");
        }
    }
}

impl Relay {
    fn welcomed(link: RelayLink, first: Option<ToGate>) -> Result<Self, TakeOverError> {
        let gone = || RelayError::Talk(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        let first = first.ok_or_else(gone)?;
        if let ToGate::Refused { why, .. } = first {
            return Err(RelayError::Refused(why).into());
        }
        let mut relay = Self { link, said: Vec::new(), renderer: None };
        relay.hear(first);
        Ok(relay)
    }

    /// Takes in what it has said since.
    pub(super) fn catch_up(&mut self) {
        while let Ok(next) = self.link.said.try_recv() {
            self.hear(next);
        }
    }

    fn hear(&mut self, message: ToGate) {
        match &message {
            ToGate::Welcome { renderer, .. } => self.renderer = renderer.as_ref().map(|it| it.unique.clone()),
            ToGate::RendererUp(renderer) => self.renderer = Some(renderer.unique.clone()),
            ToGate::RendererDown { .. } => self.renderer = None,
            ToGate::Answered(_) | ToGate::StraySignal { .. } | ToGate::Refused { .. } => {}
        }
        self.said.push(message);
    }

    /// Its process.
    pub(super) fn pid(&self) -> Option<u32> {
        self.link.pid()
    }

    /// Has it start this renderer, unless one is there.
    pub(super) async fn supervise(&mut self, record: RendererRecord) -> Result<(), TakeOverError> {
        within_talk_limit(self.link.supervise(record)).await
    }

    /// The link, with all that it has said, oldest first.
    pub(super) fn into_parts(self) -> (RelayLink, Vec<ToGate>) {
        (self.link, self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay_protocol::{LiveRenderer, encode};
    use tokio::io::AsyncWriteExt;
    use tokio::net::{UnixListener, UnixStream};

    /// A gate's link, and the relay's end of it.
    async fn met() -> (RelayLink, UnixStream) {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join(CONTROL_SOCKET);
        let listener = UnixListener::bind(&socket).unwrap();
        let link = RelayLink::connect(&socket, ":1.7", false).await.unwrap();
        (link, listener.accept().await.unwrap().0)
    }

    fn renderer(unique: &str) -> LiveRenderer {
        LiveRenderer { pid: 7, unique: unique.into() }
    }

    fn welcome(renderer: Option<LiveRenderer>) -> ToGate {
        let (answered, waiting, watched) = (Vec::new(), Vec::new(), Vec::new());
        ToGate::Welcome { version: 1, renderer, answered, waiting, watched, away_ms: None }
    }

    async fn says(far: &mut UnixStream, message: &ToGate) {
        far.write_all(&encode(message).unwrap()).await.unwrap();
    }

    /// The relay that has said this first.
    async fn greeting(first: &ToGate) -> (Result<Called, TakeOverError>, UnixStream) {
        let (link, mut far) = met().await;
        says(&mut far, first).await;
        (greeted(link).await, far)
    }

    #[tokio::test]
    async fn a_relay_that_answers_is_welcome_with_the_renderer_that_it_has() {
        let (called, _far) = greeting(&welcome(Some(renderer(":1.9")))).await;
        let Ok(Called::Welcome(relay)) = called else { panic!("it answered") };
        assert_eq!(relay.renderer.as_deref(), Some(":1.9"));
        assert_eq!(relay.pid(), Some(std::process::id()));
        assert_eq!(relay.into_parts().1, [welcome(Some(renderer(":1.9")))], "the gate hears all of it");
    }

    #[tokio::test]
    async fn a_relay_that_says_nothing_may_speak_after_all() {
        let (link, mut far) = met().await;
        let Ok(Called::Silent(silent)) = greeted(link).await else { panic!("it said nothing") };
        assert_eq!(silent.pid, Some(std::process::id()));
        says(&mut far, &welcome(None)).await;
        let relay = silent.wait().await.unwrap().unwrap();
        assert_eq!(relay.renderer, None);
    }

    #[tokio::test]
    async fn a_relay_that_refuses_or_ends_is_an_error_at_once() {
        let refused = ToGate::Refused { version: 9, why: "a newer word".into() };
        let (called, _far) = greeting(&refused).await;
        let Err(TakeOverError::Relay(RelayError::Refused(why))) = called else { panic!("it refused") };
        assert_eq!(why, "a newer word");
        let (link, far) = met().await;
        drop(far);
        assert!(matches!(greeted(link).await, Err(TakeOverError::Relay(RelayError::Talk(_)))));
    }

    #[tokio::test]
    async fn what_it_has_said_since_is_taken_in_and_the_last_word_on_its_renderer_counts() {
        let (called, mut far) = greeting(&welcome(Some(renderer(":1.9")))).await;
        let Ok(Called::Welcome(mut relay)) = called else { panic!("it answered") };
        let down = ToGate::RendererDown { why: "exited".into(), retry_in_ms: Some(100) };
        let up = ToGate::RendererUp(renderer(":1.10"));
        says(&mut far, &down).await;
        hear_next(&mut relay).await;
        assert_eq!(relay.renderer, None);
        says(&mut far, &up).await;
        hear_next(&mut relay).await;
        relay.catch_up();
        assert_eq!(relay.renderer.as_deref(), Some(":1.10"));
        assert_eq!(relay.into_parts().1, [welcome(Some(renderer(":1.9"))), down, up]);
    }

    async fn hear_next(relay: &mut Relay) {
        let next = tokio::time::timeout(SILENCE_LIMIT, relay.link.said.recv()).await.unwrap().unwrap();
        relay.hear(next);
    }

    #[tokio::test]
    async fn a_process_that_is_ended_is_gone_when_that_returns() {
        let (link, _far) = met().await;
        let mut relay = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        Silent { link, pid: Some(relay.id()) }.end().await;
        assert!(!relay.wait().unwrap().success());
    }

    #[tokio::test]
    async fn nobody_is_ended_where_it_is_not_known_whom() {
        for pid in [None, Some(0), Some(u32::MAX)] {
            let (link, _far) = met().await;
            Silent { link, pid }.end().await;
        }
        let given_up = within_talk_limit(async { Err(RelayError::Refused("no".into())) }).await;
        assert!(matches!(given_up, Err(TakeOverError::Relay(RelayError::Refused(_)))));
    }
}
