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
