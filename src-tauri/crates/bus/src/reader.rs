//! The socket as the library sees it: whole messages that it understands, from whom they may come. Nothing that a stranger
//! sends is an error of the connection; only the socket's own end is. Must not know what is said.

use crate::asked::Asked;
use crate::cutter::{Cutter, Next, Reads};
use crate::header::Header;
use crate::inbox::Inbox;
use crate::reception::{Emptying, Reception};
use crate::writer::Writer;
use std::os::fd::OwnedFd;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use zbus::Message;
use zbus::connection::socket::{ReadHalf, Socket, Split};

/// How much is read ahead, in bytes: some dozens of ordinary messages in one call of the kernel.
const AHEAD: usize = 16 << 10;
/// Descriptors that wait for their message; the bus itself lets none have more.
const MOST_FDS: usize = 253;

/// Whether a message came with a body that was too long to be read: it names arguments and has none.
#[must_use]
pub fn is_cut(message: &Message) -> bool {
    message.body().is_empty() && *message.header().signature() != zbus::zvariant::Signature::Unit
}

/// A socket whose other end may be anybody's mouthpiece.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) socket: UnixStream,
}

impl Socket for Guarded {
    type ReadHalf = Reader;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reader, Writer> {
        let (read, write) = self.socket.into_split();
        let asked = Asked::default();
        let (cutter, fds) = (Cutter::new(AHEAD), Vec::new());
        let reader = Reader { socket: read, cutter, fds, asked: asked.clone() };
        Split::new(reader, Writer::new(write, asked))
    }
}

/// The same, of which everything is read at once, and handed on as its turn comes.
#[derive(Debug)]
pub(crate) struct Emptied {
    pub(crate) socket: UnixStream,
    /// The same once more, for a thread of its own.
    pub(crate) again: OwnedFd,
    pub(crate) reads: Reads,
    pub(crate) inbox: Inbox,
}

impl Socket for Emptied {
    type ReadHalf = Reception;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reception, Writer> {
        let Self { socket, again, reads, inbox } = self;
        let (read, write) = socket.into_split();
        let asked = Asked::default();
        let writer = Writer::new(write, asked.clone());
        let emptying = Emptying::new(again, reads, inbox, asked, writer.outlet());
        Split::new(Reception::new(read, emptying), writer)
    }
}

/// The half that hears.
#[derive(Debug)]
pub(crate) struct Reader {
    socket: OwnedReadHalf,
    cutter: Cutter,
    /// Descriptors of what was not handed on yet, in the order in which they came.
    fds: Vec<OwnedFd>,
    asked: Asked,
}

#[async_trait::async_trait]
impl ReadHalf for Reader {
    /// Only while the bus lets us in.
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> std::io::Result<(usize, Vec<OwnedFd>)> {
        self.socket.recvmsg(buffer).await
    }

    async fn receive_message(
        &mut self,
        sequence: u64,
        early: &mut Vec<u8>,
        early_fds: &mut Vec<OwnedFd>,
    ) -> zbus::Result<Message> {
        self.cutter.put(early);
        self.fds.append(early_fds);
        loop {
            let cut = match self.cutter.next()? {
                Next::Message(cut) => cut,
                Next::Needs(bytes) => {
                    self.more(bytes).await?;
                    continue;
                }
            };
            match self.read(cut.bytes, sequence).await {
                Ok(message) if self.asked.believes(&Header::of_message(&message)) => return Ok(message),
                Ok(_) => tracing::debug!("an answer that nobody asked for is ignored"),
                Err(error) => tracing::debug!(%error, "a message that cannot be read is ignored"),
            }
        }
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> std::io::Result<zbus::fdo::ConnectionCredentials> {
        ReadHalf::peer_credentials(&mut self.socket).await
    }
}

impl Reader {
    async fn more(&mut self, needed: usize) -> std::io::Result<()> {
        let mut room = self.cutter.more(needed);
        let (read, fds) = self.socket.recvmsg(room.space()).await?;
        room.fill(read)?;
        self.fds.extend(fds);
        // Those of messages that were ignored would pile up.
        let surplus = self.fds.len().saturating_sub(MOST_FDS);
        self.fds.drain(..surplus);
        Ok(())
    }

    /// Has the library read it.
    async fn read(&mut self, mut bytes: Vec<u8>, sequence: u64) -> zbus::Result<Message> {
        if self.fds.is_empty() {
            return Whole.receive_message(sequence, &mut bytes, &mut Vec::new()).await;
        }
        // How many of those that wait are its own stands in its header.
        let message = Whole.receive_message(sequence, &mut bytes.clone(), &mut Vec::new()).await?;
        let own = message.header().unix_fds().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        if own == 0 {
            return Ok(message);
        }
        let mut fds = self.fds.drain(..own.min(self.fds.len())).collect();
        Whole.receive_message(sequence, &mut bytes, &mut fds).await
    }
}

/// A message that is all there: the library's own way of reading one, with nothing more to come.
#[derive(Debug)]
pub(crate) struct Whole;

#[async_trait::async_trait]
impl ReadHalf for Whole {
    async fn recvmsg(&mut self, _buffer: &mut [u8]) -> std::io::Result<(usize, Vec<OwnedFd>)> {
        Ok((0, Vec::new()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cutter::MOST_BODY;
    use std::io::IoSlice;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, BorrowedFd};
    use tokio::io::AsyncWriteExt;
    use zbus::connection::socket::WriteHalf;
    use zbus::message::Type;

    struct Line {
        far: UnixStream,
        near: Reader,
        asks: Writer,
        heard: u64,
    }

    impl Line {
        fn new() -> Self {
            let (far, near) = UnixStream::pair().unwrap();
            let (near, asks) = Guarded { socket: near }.split().take();
            Self { far, near, asks, heard: 0 }
        }

        async fn send(&mut self, bytes: &[u8]) {
            self.far.write_all(bytes).await.unwrap();
        }

        async fn hear(&mut self) -> Message {
            self.heard += 1;
            self.near.receive_message(self.heard, &mut Vec::new(), &mut Vec::new()).await.unwrap()
        }
    }

    fn call(text: &str) -> Message {
        Message::method_call("/", "Say").unwrap().sender(":1.5").unwrap().build(&text).unwrap()
    }

    fn changed(message: &Message, at: usize, byte: u8) -> Vec<u8> {
        let mut bytes = message.data().to_vec();
        bytes[at] = byte;
        bytes
    }

    fn said(message: &Message) -> String {
        message.body().deserialize().unwrap()
    }

    #[tokio::test]
    async fn a_message_with_flags_that_nobody_has_defined_is_heard_like_any_other() {
        let mut line = Line::new();
        for bit in 0..8 {
            line.send(&changed(&call("flagged"), 2, 1 << bit)).await;
            let heard = line.hear().await;
            assert_eq!(said(&heard), "flagged", "bit {bit}");
            assert_eq!(heard.primary_header().flags().bits(), if bit < 3 { 1 << bit } else { 0 });
        }
    }

    #[tokio::test]
    async fn what_is_of_no_known_type_is_passed_over() {
        let mut line = Line::new();
        for kind in [0, 5, 255] {
            line.send(&changed(&call("odd"), 1, kind)).await;
        }
        line.send(call("even").data()).await;
        assert_eq!(said(&line.hear().await), "even");
    }

    #[tokio::test]
    async fn many_that_come_at_once_are_heard_one_by_one() {
        let mut line = Line::new();
        let all: Vec<u8> = (0..500).flat_map(|number| call(&number.to_string()).data().to_vec()).collect();
        let far = std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0);
        let sent = tokio::spawn(async move {
            let mut far = far;
            far.write_all(&all).await.map(|()| far)
        });
        for number in 0..500 {
            assert_eq!(said(&line.hear().await), number.to_string());
        }
        line.far = sent.await.unwrap().unwrap();
        assert!(line.near.cutter.is_empty());
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_not_kept_and_its_header_is_handed_on() {
        let mut line = Line::new();
        let long = call(&"x".repeat(MOST_BODY));
        let bytes = long.data().to_vec();
        let far = std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0);
        let sent = tokio::spawn(async move {
            let mut far = far;
            far.write_all(&bytes).await?;
            far.write_all(call("next").data()).await.map(|()| far)
        });
        let cut = line.hear().await;
        assert!(is_cut(&cut) && cut.primary_header().serial_num() == long.primary_header().serial_num());
        let next = line.hear().await;
        assert!(!is_cut(&next) && said(&next) == "next");
        sent.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn only_who_was_asked_is_heard_to_answer() {
        let mut line = Line::new();
        let question = Message::method_call("/", "Ask").unwrap().destination(":1.7").unwrap().build(&()).unwrap();
        line.asks.send_message(&question).await.unwrap();
        for by in ["org.freedesktop.DBus", ":1.66", ":1.7"] {
            let answer = Message::method_return(&question.header()).unwrap().sender(by).unwrap().build(&by).unwrap();
            line.send(answer.data()).await;
        }
        assert_eq!(said(&line.hear().await), "org.freedesktop.DBus", "as to the Hello");
        assert_eq!(said(&line.hear().await), ":1.7");
    }

    #[tokio::test]
    async fn descriptors_stay_with_the_message_that_they_came_with() {
        let mut line = Line::new();
        let file = std::fs::File::open("/dev/null").unwrap();
        let with = Message::method_call("/", "Give").unwrap().build(&zbus::zvariant::Fd::from(file.as_fd())).unwrap();
        line.send(call("before").data()).await;
        send_with_descriptor(&line.far, with.data(), file.as_fd());
        line.send(call("after").data()).await;
        assert_eq!(said(&line.hear().await), "before");
        let given = line.hear().await;
        assert_eq!((given.message_type(), given.data().fds().len()), (Type::MethodCall, 1));
        let after = line.hear().await;
        assert_eq!((said(&after), after.data().fds().len()), ("after".to_owned(), 0));
    }

    pub(crate) fn send_with_descriptor(socket: &UnixStream, bytes: &[u8], descriptor: BorrowedFd<'_>) {
        use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [descriptor];
        assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)));
        let sent = sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::empty()).unwrap();
        assert_eq!(sent, bytes.len());
    }

    #[tokio::test]
    async fn the_end_of_the_socket_is_an_end() {
        let mut line = Line::new();
        drop(std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0));
        let ended = line.near.receive_message(1, &mut Vec::new(), &mut Vec::new()).await;
        assert!(matches!(ended, Err(zbus::Error::InputOutput(_))));
    }
}
