//! Asks for the file to be read at once, as whoever has just written it does. Must not know who reads it.

use tidegate_contract::Trouble;
use tokio::sync::{mpsc, oneshot};

/// How many may wait for it to be read.
const WAITING: usize = 16;

/// One who waits until the file has been read.
#[derive(Debug)]
pub struct ReadNow(oneshot::Sender<Option<Trouble>>);

impl ReadNow {
    /// Tells what is wrong with the file; none: what it says is in force.
    pub fn answer(self, trouble: Option<Trouble>) {
        // Whoever asked may have gone.
        drop(self.0.send(trouble));
    }
}

/// What has the file read.
#[derive(Debug, Clone)]
pub struct Reader(mpsc::Sender<ReadNow>);

/// Nobody reads the file any more.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not read any more")]
pub struct NotRead;

impl Reader {
    /// And where those who ask wait.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<ReadNow>) {
        let (asks, asking) = mpsc::channel(WAITING);
        (Self(asks), asking)
    }

    /// Has the file read: what is wrong with it, if anything is.
    ///
    /// # Errors
    /// When the daemon is ending.
    pub async fn read_now(&self) -> Result<Option<Trouble>, NotRead> {
        let (answer, answered) = oneshot::channel();
        self.0.send(ReadNow(answer)).await.map_err(|_| NotRead)?;
        answered.await.map_err(|_| NotRead)
    }
}
