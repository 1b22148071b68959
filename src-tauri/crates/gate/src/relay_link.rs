//! The line to the relay: what it says becomes a channel's messages. Must not know what they mean for the model.

use crate::relay_protocol::{LineBuffer, RendererRecord, ToGate, ToRelay, VERSION, encode};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::mpsc;

/// What is read of why a record was refused, in bytes.
const MOST_OF_REFUSAL: u64 = 1_024;

/// The relay cannot be reached or understood.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Its socket.
    #[error("connect to the relay at {path}: {source}")]
    Connect {
        /// Where.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The conversation.
    #[error("talk to the relay: {0}")]
    Talk(#[from] std::io::Error),
    /// Its words.
    #[error("understand the relay: {0}")]
    Line(#[from] crate::relay_protocol::LineError),
    /// It does not understand us: it is of another version, and was started before an upgrade.
    #[error("the relay refuses this gate ({0}); log out and in again")]
    Refused(String),
}

/// A connection to the relay. Dropping it tells the relay that the gate is gone.
#[derive(Debug)]
pub struct RelayLink {
    write: tokio::net::unix::OwnedWriteHalf,
    /// What the relay says; ends when the relay does.
    pub(crate) said: mpsc::Receiver<ToGate>,
    reader: tokio::task::JoinHandle<()>,
    pid: Option<u32>,
}

impl RelayLink {
    /// Connects and says who the gate is. `called_before`: it may have called the renderer before it spoke to this relay.
    ///
    /// # Errors
    /// When nobody listens, or the first words cannot be sent.
    pub async fn connect(socket: &Path, gate: &str, called_before: bool) -> Result<Self, RelayError> {
        let stream = reach(socket).await?;
        let pid = stream.peer_cred().ok().and_then(|peer| u32::try_from(peer.pid()?).ok());
        let (read, write) = stream.into_split();
        let (says, said) = mpsc::channel(64);
        let reader = tokio::spawn(read_lines(read, says));
        let mut link = Self { write, said, reader, pid };
        link.say(&ToRelay::Hello { version: VERSION, gate: gate.to_owned(), called_before }).await?;
        Ok(link)
    }

    /// The relay's process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Hands a record over as nobody's gate: the line of the gate that is there goes on. The relay closes its end once it has
    /// read ours, and says something only if it refuses.
    ///
    /// # Errors
    /// When the relay is gone, or refuses.
    pub(crate) async fn hand_over(socket: &Path, record: RendererRecord) -> Result<(), RelayError> {
        let mut stream = reach(socket).await?;
        stream.write_all(&encode(&ToRelay::Supervise { record })?).await?;
        stream.shutdown().await?;
        let mut said = String::new();
        stream.take(MOST_OF_REFUSAL).read_to_string(&mut said).await?;
        if said.is_empty() { Ok(()) } else { Err(RelayError::Refused(said)) }
    }

    async fn say(&mut self, what: &ToRelay) -> Result<(), RelayError> {
        Ok(self.write.write_all(&encode(what)?).await?)
    }

    /// Has this renderer started behind the relay's socket, unless it runs there already.
    ///
    /// # Errors
    /// When the relay is gone.
    pub async fn supervise(&mut self, record: RendererRecord) -> Result<(), RelayError> {
        self.say(&ToRelay::Supervise { record }).await
    }
}

impl Drop for RelayLink {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn reach(socket: &Path) -> Result<UnixStream, RelayError> {
    let connected = UnixStream::connect(socket).await;
    connected.map_err(|source| RelayError::Connect { path: socket.display().to_string(), source })
}

async fn read_lines(mut read: OwnedReadHalf, says: mpsc::Sender<ToGate>) {
    let mut lines = LineBuffer::default();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = read.read(&mut chunk).await {
        let messages = match lines.push::<ToGate>(&chunk[..length]) {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(%error, "the relay said something that is not understood");
                return;
            }
        };
        for message in messages {
            if says.send(message).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay_protocol::{Answer, Call, LiveRenderer, MAX_LINE, Outcome, decode};
    use std::time::Duration;
    use tokio::net::UnixListener;

    /// Longer than anything here may take.
    const LIMIT: Duration = Duration::from_secs(20);

    /// A relay's end of a line to it.
    struct Far {
        listener: UnixListener,
        folder: tempfile::TempDir,
    }

    impl Far {
        fn listens() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let listener = UnixListener::bind(folder.path().join("relay.sock")).unwrap();
            Self { listener, folder }
        }

        fn socket(&self) -> std::path::PathBuf {
            self.folder.path().join("relay.sock")
        }

        /// A gate that has connected, and the relay's end, which has read what it said.
        async fn met(&self) -> (RelayLink, UnixStream, ToRelay) {
            let link = RelayLink::connect(&self.socket(), ":1.7", true).await.unwrap();
            let (mut far, _) = self.listener.accept().await.unwrap();
            let said = line(&mut far).await;
            (link, far, said)
        }
    }

    async fn line(far: &mut UnixStream) -> ToRelay {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.push(far.read_u8().await.unwrap());
        }
        decode(&line).unwrap()
    }

    async fn next(link: &mut RelayLink) -> Option<ToGate> {
        tokio::time::timeout(LIMIT, link.said.recv()).await.unwrap()
    }

    fn record() -> RendererRecord {
        RendererRecord { argv: vec!["dunst".into()], env: Vec::new(), cwd: "/".into(), unit: None }
    }

    fn answered(serial: u32) -> ToGate {
        ToGate::Answered(Answer { call: Call { caller: ":1.5".into(), serial }, outcome: Outcome::Shown(1) })
    }

    #[tokio::test]
    async fn the_gate_says_first_who_it_is_and_whether_it_has_called_before() {
        let (link, _far, said) = Far::listens().met().await;
        assert_eq!(said, ToRelay::Hello { version: VERSION, gate: ":1.7".into(), called_before: true });
        assert_eq!(link.pid(), Some(std::process::id()), "of who listens");
    }

    #[tokio::test]
    async fn what_the_relay_says_comes_in_its_order_also_in_pieces() {
        let (mut link, mut far, _) = Far::listens().met().await;
        let up = ToGate::RendererUp(LiveRenderer { pid: 7, unique: ":1.9".into() });
        let words = [encode(&up).unwrap(), encode(&answered(1)).unwrap(), encode(&answered(2)).unwrap()].concat();
        for piece in words.chunks(7) {
            far.write_all(piece).await.unwrap();
        }
        for wanted in [up, answered(1), answered(2)] {
            assert_eq!(next(&mut link).await, Some(wanted));
        }
        drop(far);
        assert_eq!(next(&mut link).await, None, "the relay has gone");
    }

    #[tokio::test]
    async fn what_is_not_understood_ends_the_line_and_what_came_before_it_counts() {
        let (mut link, mut far, _) = Far::listens().met().await;
        far.write_all(&encode(&answered(1)).unwrap()).await.unwrap();
        assert_eq!(next(&mut link).await, Some(answered(1)));
        far.write_all(b"{\"a_word_of_tomorrow\":1}\n").await.unwrap();
        assert_eq!(next(&mut link).await, None);
    }

    #[tokio::test]
    async fn a_line_that_never_ends_is_not_kept() {
        let (mut link, mut far, _) = Far::listens().met().await;
        let flood = tokio::spawn(async move {
            let piece = [b'x'; 64 << 10];
            let mut sent = 0;
            while far.write_all(&piece).await.is_ok() && sent < 64 * MAX_LINE {
                sent += piece.len();
            }
            sent
        });
        assert_eq!(next(&mut link).await, None);
        drop(link);
        assert!(tokio::time::timeout(LIMIT, flood).await.unwrap().unwrap() < 8 * MAX_LINE);
    }

    #[tokio::test]
    async fn the_relay_is_told_that_a_gate_is_gone_by_the_end_of_its_line() {
        let (mut link, mut far, _) = Far::listens().met().await;
        link.supervise(record()).await.unwrap();
        assert_eq!(line(&mut far).await, ToRelay::Supervise { record: record() });
        drop(link);
        assert_eq!(far.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_record_is_handed_over_without_a_greeting_and_silence_means_yes() {
        let relay = Far::listens();
        let socket = relay.socket();
        let handing = tokio::spawn(async move { RelayLink::hand_over(&socket, record()).await });
        let (mut far, _) = relay.listener.accept().await.unwrap();
        assert_eq!(line(&mut far).await, ToRelay::Supervise { record: record() });
        drop(far);
        tokio::time::timeout(LIMIT, handing).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_relay_that_refuses_a_record_says_why_in_so_many_words() {
        let relay = Far::listens();
        let socket = relay.socket();
        let handing = tokio::spawn(async move { RelayLink::hand_over(&socket, record()).await });
        let (mut far, _) = relay.listener.accept().await.unwrap();
        line(&mut far).await;
        far.write_all(&b"no ".repeat(1_000)).await.unwrap();
        drop(far);
        match tokio::time::timeout(LIMIT, handing).await.unwrap().unwrap() {
            Err(RelayError::Refused(why)) => assert_eq!(why.len() as u64, MOST_OF_REFUSAL),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn where_nobody_listens_the_error_names_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("nobody.sock");
        let error = RelayLink::connect(&socket, ":1.7", false).await.unwrap_err();
        assert!(error.to_string().contains(&socket.display().to_string()), "{error}");
    }
}
