//! A tap in a program's line to the bus: everything passes unchanged, and a test can have the bus say something that it
//! would say by itself only when it is too late to look. Knows the framing of D-Bus and nothing of what is said.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tidegate_testkit::{NOTIFICATIONS, Session};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};
use zbus::Message;

/// What waits to be written to the program on each line, by the line's unique name.
type Lines = Arc<Mutex<HashMap<String, UnboundedSender<Vec<u8>>>>>;

/// A socket that leads to the session's bus. Dropping it cuts all lines.
pub(crate) struct BusTap {
    path: PathBuf,
    lines: Lines,
    task: JoinHandle<()>,
}

impl BusTap {
    pub(crate) fn listen(session: &Session) -> Self {
        let path = session.join("tapped-bus");
        let listener = UnixListener::bind(&path).unwrap();
        let lines = Lines::default();
        let task = tokio::spawn(serve(listener, session.bus().socket().to_path_buf(), lines.clone()));
        Self { path, lines, task }
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.path.display())
    }

    /// Has the bus say `NameLost` or `NameAcquired`, of the notification server's name, to this connection.
    pub(crate) fn say(&self, member: &str, to: &str) {
        let message = Message::signal("/org/freedesktop/DBus", "org.freedesktop.DBus", member)
            .and_then(|signal| signal.sender("org.freedesktop.DBus"))
            .and_then(|signal| signal.destination(to))
            .and_then(|signal| signal.build(&NOTIFICATIONS))
            .unwrap();
        let lines = self.lines.lock().unwrap();
        lines[to].send(message.data().to_vec()).unwrap();
    }
}

impl Drop for BusTap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: UnixListener, bus: PathBuf, lines: Lines) {
    let mut tasks = JoinSet::new();
    loop {
        let (program_reads, program_writes) = listener.accept().await.unwrap().0.into_split();
        let (bus_reads, bus_writes) = UnixStream::connect(&bus).await.unwrap().into_split();
        let (says, said) = unbounded_channel();
        tasks.spawn(pass_on(program_reads, bus_writes));
        tasks.spawn(read_frames(bus_reads, says, lines.clone()));
        tasks.spawn(write_frames(said, program_writes));
    }
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    tokio::io::copy(&mut from, &mut to).await.ok();
}

async fn write_frames(mut frames: UnboundedReceiver<Vec<u8>>, mut to: OwnedWriteHalf) {
    while let Some(frame) = frames.recv().await {
        if to.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Its first message answers `Hello`: the unique name is all of its body.
async fn read_frames(from: OwnedReadHalf, to: UnboundedSender<Vec<u8>>, lines: Lines) {
    let (mut from, mut named) = (BufReader::new(from), false);
    while let Ok(frame) = read_frame(&mut from).await {
        if !named && frame[0] == b'l' {
            named = true;
            lines.lock().unwrap().insert(last_string(&frame), to.clone());
        }
        if to.send(frame).is_err() {
            return;
        }
    }
}

/// A line of the authentication, or a message.
pub(crate) async fn read_frame(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut frame = vec![from.read_u8().await?];
    if frame[0] != b'l' {
        from.read_until(b'\n', &mut frame).await?;
        return Ok(frame);
    }
    frame.resize(16, 0);
    from.read_exact(&mut frame[1..]).await?;
    let number = |at: usize| u32::from_le_bytes(frame[at..at + 4].try_into().unwrap()) as usize;
    let length = 16 + number(12).next_multiple_of(8) + number(4);
    frame.resize(length, 0);
    from.read_exact(&mut frame[16..]).await?;
    Ok(frame)
}

pub(crate) fn last_string(frame: &[u8]) -> String {
    let text = frame[..frame.len() - 1].rsplit(|byte| *byte == 0).next().unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}
