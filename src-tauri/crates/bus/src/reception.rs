//! The half of a connection that hears, where everybody calls. While little comes, it is read as the library asks for it.
//! Once more comes than one look takes, or much waits for its answer, a thread empties the socket until that is over, so that
//! the queue is ours and not the bus's, where whoever sends little would stand behind whoever sends much: what a socket holds
//! is little beside a flood, so it must be read whatever else is being done. Must not know what is said.

use crate::asked::Asked;
use crate::cutter::{Cut, Cutter, Next, Reads};
use crate::header::Header;
use crate::inbox::{Inbox, Item};
use crate::reader::Whole;
use crate::refusal::Refusal;
use crate::writer::{Outlet, wait_for};
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown, recv, shutdown};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::io::AsyncReadExt;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::oneshot;
use zbus::Message;
use zbus::connection::socket::ReadHalf;
use zbus::message::Type;

/// How much is read at a time, in bytes: some dozens of ordinary messages, and little to clear for a single one.
const CHUNK: usize = 16 << 10;
/// A thread that finds no more than that waiting is not needed any more.
const FEW: usize = 4;
/// With more than that waiting one is needed, however little comes at a time: dbus-broker writes no more than 16 messages.
const MANY: usize = 32;
/// Serials of refusals. Those that the library gives count from one.
const FIRST_SERIAL: u32 = 1 << 31;

/// Hands on what was read.
#[derive(Debug)]
pub(crate) struct Reception {
    socket: OwnedReadHalf,
    inbox: Inbox,
    again: Arc<OwnedFd>,
    read_by: ReadBy,
}

/// Who reads.
#[derive(Debug)]
enum ReadBy {
    Us(Box<Emptying>),
    /// One of its own, which gives it back.
    Thread(oneshot::Receiver<Box<Emptying>>),
    Nobody,
}

impl Reception {
    pub(crate) fn new(socket: OwnedReadHalf, emptying: Emptying) -> Self {
        let (inbox, again) = (emptying.inbox.clone(), emptying.socket.clone());
        Self { socket, inbox, again, read_by: ReadBy::Us(Box::new(emptying)) }
    }

    async fn next(&mut self) -> std::io::Result<Item> {
        loop {
            if let Some(next) = self.inbox.try_next() {
                return next;
            }
            match &mut self.read_by {
                ReadBy::Us(emptying) => {
                    let is_flood = emptying.look(&mut self.socket).await?;
                    if is_flood {
                        self.hand_over()?;
                    }
                }
                ReadBy::Thread(back) => tokio::select! {
                    biased;
                    next = self.inbox.next() => return next,
                    emptying = back => self.read_by = emptying.map_or(ReadBy::Nobody, ReadBy::Us),
                },
                ReadBy::Nobody => return Err(std::io::ErrorKind::BrokenPipe.into()),
            }
        }
    }

    fn hand_over(&mut self) -> std::io::Result<()> {
        if let ReadBy::Us(emptying) = std::mem::replace(&mut self.read_by, ReadBy::Nobody) {
            self.read_by = ReadBy::Thread(emptying.start()?);
        }
        Ok(())
    }
}

impl Drop for Reception {
    /// The thread holds the socket, too.
    fn drop(&mut self) {
        self.inbox.end(std::io::ErrorKind::ConnectionAborted);
        shutdown(&*self.again, Shutdown::Both).ok();
    }
}

#[async_trait::async_trait]
impl ReadHalf for Reception {
    /// Only while the bus lets us in.
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> std::io::Result<(usize, Vec<OwnedFd>)> {
        self.socket.recvmsg(buffer).await
    }

    async fn receive_message(
        &mut self,
        sequence: u64,
        early: &mut Vec<u8>,
        _early_fds: &mut Vec<OwnedFd>,
    ) -> zbus::Result<Message> {
        if let (false, ReadBy::Us(emptying)) = (early.is_empty(), &mut self.read_by) {
            emptying.cutter.put(early);
            emptying.sort_all()?;
        }
        loop {
            let mut item = self.next().await?;
            match Whole.receive_message(sequence, &mut item.bytes, &mut Vec::new()).await {
                Ok(message) => return Ok(message),
                Err(error) => tracing::debug!(%error, "a message that cannot be read is ignored"),
            }
            self.inbox.forget(&item.admitted);
        }
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> std::io::Result<zbus::fdo::ConnectionCredentials> {
        ReadHalf::peer_credentials(&mut self.socket).await
    }
}

/// Only reads, sorts and refuses. Descriptors that come along are closed: nobody here takes any.
#[derive(Debug)]
pub(crate) struct Emptying {
    socket: Arc<OwnedFd>,
    reads: Reads,
    cutter: Cutter,
    inbox: Inbox,
    asked: Asked,
    refused: Refused,
}

impl Emptying {
    pub(crate) fn new(socket: OwnedFd, reads: Reads, inbox: Inbox, asked: Asked, outlet: Outlet) -> Self {
        let refused = Refused { outlet, last: FIRST_SERIAL, written: Vec::new() };
        Self { socket: Arc::new(socket), reads, cutter: Cutter::new(CHUNK), inbox, asked, refused }
    }

    /// Waits for something and sorts it; whether that, or what waits by now, is more than one look should take.
    async fn look(&mut self, socket: &mut OwnedReadHalf) -> std::io::Result<bool> {
        let mut room = self.cutter.more(1);
        let read = socket.read(room.space()).await?;
        self.reads.add();
        room.fill(read)?;
        let missing = self.sort_all()?;
        Ok(read >= CHUNK || missing > CHUNK || !self.refused.written.is_empty() || !self.inbox.has_at_most(MANY))
    }

    /// Goes on in a thread, until no more comes than one look takes and little waits.
    fn start(mut self: Box<Self>) -> std::io::Result<oneshot::Receiver<Box<Self>>> {
        let (give_back, back) = oneshot::channel();
        let run = move || match self.empty() {
            Ok(()) => drop(give_back.send(self)),
            Err(error) => self.inbox.end(error.kind()),
        };
        std::thread::Builder::new().name("bus-reader".into()).stack_size(128 << 10).spawn(run)?;
        Ok(back)
    }

    fn empty(&mut self) -> std::io::Result<()> {
        let mut is_all = false;
        loop {
            let missing = self.sort_all()?;
            self.refused.send(&self.socket)?;
            if is_all && missing <= CHUNK && self.inbox.has_at_most(FEW) {
                return Ok(());
            }
            self.inbox.wait_for_room(self.cutter.next_body())?;
            is_all = self.more(missing)?;
        }
    }

    /// Reads once; whether nothing was left.
    fn more(&mut self, needed: usize) -> std::io::Result<bool> {
        let mut room = self.cutter.more(needed);
        let length = room.space().len();
        match recv(&*self.socket, room.space(), RecvFlags::empty()) {
            Ok((_, read)) => {
                self.reads.add();
                room.fill(read).map(|()| read < length)
            }
            Err(Errno::AGAIN) => wait_for(&self.socket, PollFlags::IN).map(|()| false),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Has all that is whole wait for its turn, or refuses it; how many bytes the next lacks, at least.
    fn sort_all(&mut self) -> std::io::Result<usize> {
        loop {
            match self.cutter.next()? {
                Next::Message(cut) => self.sort(cut),
                Next::Needs(bytes) => return Ok(bytes),
            }
        }
    }

    /// Has a message wait for its turn, or refuses it.
    fn sort(&mut self, cut: Cut) {
        let read;
        let header = match Header::of(&cut.bytes) {
            Some(header) => header,
            None => match read_whole(&cut.bytes) {
                Ok(message) => {
                    read = message;
                    Header::of_message(&read)
                }
                Err(error) => return tracing::debug!(%error, "a message that cannot be read is ignored"),
            },
        };
        if !self.asked.believes(&header) {
            return tracing::debug!("an answer that nobody asked for is ignored");
        }
        match self.inbox.admit(header.sender.as_deref(), header.kind, cut.body) {
            Some(admitted) => self.inbox.put(admitted, cut.bytes),
            None => self.refused.add(&header, self.inbox.refusal()),
        }
    }
}

/// The library waits for nothing where all is there.
fn read_whole(bytes: &[u8]) -> zbus::Result<Message> {
    let (mut bytes, mut fds) = (bytes.to_vec(), Vec::new());
    let mut whole = Whole;
    let mut reading = whole.receive_message(1, &mut bytes, &mut fds);
    match reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => read,
        Poll::Pending => Err(zbus::Error::ExcessData),
    }
}

/// Refusals that are still to be sent, all of a chunk together.
#[derive(Debug)]
struct Refused {
    outlet: Outlet,
    last: u32,
    written: Vec<u8>,
}

impl Refused {
    fn add(&mut self, header: &Header<'_>, refusal: Refusal) {
        let Some(sender) = header.sender.as_deref().filter(|_| header.kind == Type::MethodCall) else { return };
        if header.wants_reply {
            self.last = self.last.wrapping_add(1).max(FIRST_SERIAL);
            refusal.write(self.last, header.serial, sender, &mut self.written);
        }
    }

    fn send(&mut self, socket: &OwnedFd) -> std::io::Result<()> {
        let written = std::mem::take(&mut self.written);
        if written.is_empty() { Ok(()) } else { self.outlet.send_blocking(socket, &written) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::{Limits, Load};
    use crate::reader::Emptied;
    use crate::writer::Writer;
    use std::os::fd::AsFd;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;
    use zbus::connection::socket::{Socket, WriteHalf};
    use zbus::zvariant::Fd;

    const REFUSAL: Refusal = Refusal { name: "org.example.Error.TooMuch", text: "too much" };
    const OWN: usize = 100;
    const LIMITS: Limits = Limits {
        own: Load { calls: OWN, bytes: 16 << 20 },
        all: Load { calls: 1_000, bytes: 64 << 20 },
        first: 1 << 10,
        overhead: 100,
        heaviest: 4 << 20,
        refusal: REFUSAL,
    };

    /// A connection of ours and its far end.
    struct Line {
        far: UnixStream,
        near: Reception,
        asks: Writer,
        inbox: Inbox,
        heard: u64,
    }

    impl Line {
        fn new() -> Self {
            let (far, socket) = UnixStream::pair().unwrap();
            let inbox = Inbox::new(LIMITS);
            let again = socket.as_fd().try_clone_to_owned().unwrap();
            let (near, asks) = Emptied { socket, again, reads: Reads::default(), inbox: inbox.clone() }.split().take();
            Self { far, near, asks, inbox, heard: 0 }
        }

        async fn send(&mut self, bytes: &[u8]) {
            self.far.write_all(bytes).await.unwrap();
        }

        async fn hear(&mut self) -> Message {
            self.heard += 1;
            self.near.receive_message(self.heard, &mut Vec::new(), &mut Vec::new()).await.unwrap()
        }

        /// Makes room for another.
        async fn hear_and_answer(&mut self) -> Message {
            let heard = self.hear().await;
            drop(self.inbox.place_of(&heard));
            heard
        }

        /// The next message that we send.
        async fn answer(&mut self) -> Message {
            let mut fixed = [0; crate::frame::FIXED];
            self.far.read_exact(&mut fixed).await.unwrap();
            let frame = crate::frame::Frame::of(&fixed).unwrap();
            let mut bytes = fixed.to_vec();
            bytes.resize(frame.head + frame.body, 0);
            self.far.read_exact(&mut bytes[crate::frame::FIXED..]).await.unwrap();
            Whole.receive_message(1, &mut bytes, &mut Vec::new()).await.unwrap()
        }
    }

    fn call(by: &str, text: &str) -> Message {
        Message::method_call("/", "Say").unwrap().sender(by).unwrap().build(&text).unwrap()
    }

    /// From one sender, and no more than it may have waiting.
    fn more_than_one_look_takes() -> Vec<u8> {
        (0..OWN).flat_map(|_| call(":1.66", &"x".repeat(CHUNK / OWN)).data().to_vec()).collect()
    }

    fn said(message: &Message) -> String {
        message.body().deserialize().unwrap()
    }

    #[tokio::test]
    async fn one_that_sends_little_is_not_behind_one_that_sends_much() {
        let mut line = Line::new();
        let flood: Vec<Message> = (0..10 * OWN).map(|number| call(":1.66", &number.to_string())).collect();
        line.send(call(":1.66", "first").data()).await;
        assert_eq!(said(&line.hear().await), "first");
        let bytes: Vec<u8> = flood.iter().flat_map(|call| call.data().to_vec()).collect();
        let (before, last) = bytes.split_at(bytes.len() - flood[10 * OWN - 1].data().len());
        line.send(before).await;
        line.send(call(":1.5", "quiet").data()).await;
        line.send(last).await;
        assert_eq!(said(&line.hear().await), "0", "and from here on a thread reads");
        // That the last of all is refused says that what stood before it has been read.
        for refused in &flood[OWN - 1..] {
            let answer = line.answer().await;
            assert_eq!(answer.header().reply_serial(), Some(refused.primary_header().serial_num()));
            assert_eq!(answer.header().error_name().unwrap().as_str(), REFUSAL.name);
        }
        let mut two = [line.hear().await, line.hear().await].map(|message| said(&message));
        // Which of them is first is up to when the thread has come to the quiet one: before the "0" was taken or after.
        two.sort();
        assert_eq!(two, ["1", "quiet"]);
        for number in 2..OWN - 1 {
            assert_eq!(said(&line.hear().await), number.to_string(), "what was not refused is heard in its order");
        }
    }

    #[tokio::test]
    async fn a_call_that_wants_no_reply_is_refused_without_one() {
        let mut line = Line::new();
        line.send(call(":1.66", "first").data()).await;
        line.hear().await;
        let silent = Message::method_call("/", "Say").unwrap().sender(":1.66").unwrap();
        let silent = silent.with_flags(zbus::message::Flags::NoReplyExpected).unwrap().build(&"silent").unwrap();
        let bytes: Vec<u8> = std::iter::repeat_n(silent.data().to_vec(), 2 * OWN).flatten().collect();
        line.send(&bytes).await;
        let last = call(":1.66", "last");
        line.send(last.data()).await;
        line.hear().await;
        let answer = line.answer().await;
        assert_eq!(answer.header().reply_serial(), Some(last.primary_header().serial_num()));
    }

    #[tokio::test]
    async fn answers_overtake_calls_and_are_believed_only_from_who_was_asked() {
        let mut line = Line::new();
        line.send(call(":1.66", "first").data()).await;
        line.hear().await;
        let question = Message::method_call("/", "Ask").unwrap().destination(":1.7").unwrap().build(&()).unwrap();
        line.asks.send_message(&question).await.unwrap();
        line.answer().await;
        for _ in 0..OWN {
            line.send(call(":1.66", "flood").data()).await;
        }
        for by in ["org.freedesktop.DBus", ":1.66", ":1.7"] {
            let answer = Message::method_return(&question.header()).unwrap().sender(by).unwrap().build(&by).unwrap();
            line.send(answer.data()).await;
        }
        assert_eq!(said(&line.hear().await), "org.freedesktop.DBus", "as to the Hello");
        assert_eq!(said(&line.hear().await), ":1.7");
        line.answer().await;
    }

    #[tokio::test]
    async fn descriptors_are_kept_by_nobody() {
        let mut line = Line::new();
        let file = std::fs::File::open("/dev/null").unwrap();
        let with = Message::method_call("/", "Give").unwrap().sender(":1.5").unwrap();
        let with = with.build(&Fd::from(file.as_fd())).unwrap();
        crate::reader::tests::send_with_descriptor(&line.far, with.data(), file.as_fd());
        let given = line.hear().await;
        assert_eq!((given.header().unix_fds(), given.data().fds().len()), (Some(1), 0));
    }

    #[tokio::test]
    async fn a_long_body_waits_alone_and_one_that_is_too_long_is_cut() {
        let mut line = Line::new();
        let long = call(":1.5", &"x".repeat(5 << 20));
        let far = std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0);
        let bytes = long.data().to_vec();
        let sent = tokio::spawn(async move {
            let mut far = far;
            far.write_all(&bytes).await?;
            far.write_all(&bytes).await?;
            far.write_all(call(":1.5", "next").data()).await.map(|()| far)
        });
        for _ in 0..2 {
            assert_eq!(line.hear().await.body().len(), long.body().len());
        }
        assert_eq!(said(&line.hear().await), "next");
        sent.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_end_of_the_socket_is_an_end() {
        let mut line = Line::new();
        line.send(call(":1.5", "first").data()).await;
        line.hear().await;
        drop(std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0));
        let ended = line.near.receive_message(2, &mut Vec::new(), &mut Vec::new()).await;
        assert!(matches!(ended, Err(zbus::Error::InputOutput(_))));
    }

    #[tokio::test]
    async fn a_thread_reads_during_a_flood_and_hears_the_end_whatever_waits() {
        let mut line = Line::new();
        line.send(&more_than_one_look_takes()).await;
        line.hear().await;
        assert!(matches!(line.near.read_by, ReadBy::Thread(_)));
        drop(std::mem::replace(&mut line.far, UnixStream::pair().unwrap().0));
        line.inbox.wait_for_end().await;
        let ended = line.near.receive_message(2, &mut Vec::new(), &mut Vec::new()).await;
        assert!(matches!(ended, Err(zbus::Error::InputOutput(_))));
    }

    #[tokio::test]
    async fn a_thread_reads_on_while_calls_are_unanswered_though_none_waits_here() {
        let mut line = Line::new();
        line.send(&more_than_one_look_takes()).await;
        for _ in 0..OWN {
            line.hear().await;
        }
        for _ in 0..OWN {
            let one_more = call(":1.66", "one more");
            line.send(one_more.data()).await;
            let refused = line.answer().await;
            assert_eq!(refused.header().reply_serial(), Some(one_more.primary_header().serial_num()));
        }
    }

    #[tokio::test]
    async fn many_that_wait_are_a_flood_however_little_comes_at_a_time() {
        let mut line = Line::new();
        for _ in 0..=MANY {
            line.send(call(":1.66", "one more").data()).await;
            line.hear().await;
        }
        assert!(matches!(line.near.read_by, ReadBy::Thread(_)));
    }

    #[tokio::test]
    async fn after_a_flood_it_is_read_here_again() {
        let mut line = Line::new();
        line.send(&more_than_one_look_takes()).await;
        for _ in 0..OWN {
            line.hear_and_answer().await;
        }
        // It is given back after what the thread reads last, which may be one of these.
        for _ in 0..OWN {
            line.send(call(":1.5", "one more").data()).await;
            assert_eq!(said(&line.hear_and_answer().await), "one more");
        }
        assert!(matches!(line.near.read_by, ReadBy::Us(_)));
    }

    #[tokio::test]
    async fn who_drops_it_hangs_up() {
        let mut line = Line::new();
        line.send(call(":1.5", "first").data()).await;
        line.hear().await;
        drop(line.near);
        let mut rest = Vec::new();
        line.far.read_to_end(&mut rest).await.unwrap();
    }
}
