//! dbus-broker as a private bus. It opens no socket and knows no policy of its own: whoever starts it tells it both over a
//! line without a bus in between, as `dbus-broker-launch` does. This one lets everybody do everything, and has no services.
//! Must not know who is on the bus.

use std::io::{IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use zbus::Message;
use zbus::zvariant::{Fd, ObjectPath, Value};

use crate::process::Process;
use crate::programs;

/// What `dbus-broker-launch` makes of the limits of every desktop's session: what all clients of one user may have waiting.
const MAX_BYTES: &str = "276447232";
/// From this version on a policy says what kind of bus it is for.
const SINCE_NAMED: u32 = 32;
/// Where `scripts/setup` unpacks it: installed, Debian's package would put it in the place of the machine's own bus.
const UNPACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/tools/dbus-broker/usr/bin/dbus-broker");

/// Types and flags of messages, and a header's fixed part (D-Bus Specification, "Message Format").
const CALL: u8 = 1;
const RETURN: u8 = 2;
const NO_REPLY: u8 = 1;
const FIXED: usize = 16;

/// Whether it may be done, its rank among rules, and of names whether it means all that begin so.
type Own = (bool, u64, bool, String);
/// Whether it may be sent, its rank, name, path, interface, member, type, broadcast, and how many descriptors.
type Transmit = (bool, u64, String, String, String, String, u32, u32, u64, u64);
/// May connect, own, send, receive.
type Batch = (bool, u64, Vec<Own>, Vec<Transmit>, Vec<Transmit>);

/// The program.
///
/// # Panics
/// If it is not there.
pub(crate) fn program() -> PathBuf {
    programs::find_in(&[UNPACKED, "/usr/bin/dbus-broker"])
}

/// Starts one that listens at `socket`; it ends with its process.
pub(crate) fn start(mut command: Command, socket: &Path, log: &Path) -> Process {
    let names_the_bus = version(&command) >= SINCE_NAMED;
    let (ours, theirs) = UnixStream::pair().unwrap();
    let id = format!("{:032x}", std::process::id());
    command.args(["--controller", "0", "--max-bytes", MAX_BYTES, "--machine-id", &id]);
    let process = Process::start_with_input(command, OwnedFd::from(theirs).into(), log);
    let mut line = Line(ours);
    line.greet();
    line.add_listener(socket, names_the_bus);
    std::thread::spawn(move || while line.answer().is_ok() {});
    process
}

fn version(broker: &Command) -> u32 {
    let said = Command::new(broker.get_program()).arg("--version").output().unwrap().stdout;
    String::from_utf8(said).unwrap().split_whitespace().last().unwrap().parse().unwrap()
}

/// To the broker.
struct Line(UnixStream);

impl Line {
    fn greet(&mut self) {
        let user = rustix::process::geteuid().as_raw().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        write!(self.0, "\0AUTH EXTERNAL {user}\r\nNEGOTIATE_UNIX_FD\r\n").unwrap();
        for wanted in ["OK ", "AGREE_UNIX_FD"] {
            let said = self.word();
            assert!(said.starts_with(wanted), "{said}");
        }
        self.0.write_all(b"BEGIN\r\n").unwrap();
    }

    fn word(&mut self) -> String {
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            said.extend(byte);
        }
        String::from_utf8(said).unwrap()
    }

    fn add_listener(&mut self, socket: &Path, names_the_bus: bool) {
        let listener = UnixListener::bind(socket).unwrap();
        listener.set_nonblocking(true).unwrap();
        let path = ObjectPath::try_from("/org/bus1/DBus/Listener/0").unwrap();
        let call = Message::method_call("/org/bus1/DBus/Broker", "AddListener").unwrap();
        let call = call.interface("org.bus1.DBus.Broker").unwrap();
        let call = call.build(&(path, Fd::from(listener.as_fd()), everything(names_the_bus))).unwrap();
        self.send(&call, &listener);
        assert_eq!(self.read().unwrap()[1], RETURN, "the broker takes the socket");
    }

    fn send(&self, call: &Message, with: &UnixListener) {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = [with.as_fd()];
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
        let sent = sendmsg(&self.0, &[IoSlice::new(call.data())], &mut ancillary, SendFlags::empty()).unwrap();
        assert_eq!(sent, call.data().len());
    }

    /// Whatever the broker asks is done: there is nothing that it could be told anew.
    fn answer(&mut self) -> std::io::Result<()> {
        let asked = self.read()?;
        if asked[1] == CALL && asked[2] & NO_REPLY == 0 {
            let serial = &asked[8..12];
            let reply_serial = [5, 1, b'u', 0];
            let head = [b'l', RETURN, NO_REPLY, 1, 0, 0, 0, 0];
            self.0.write_all(&[&head, serial, &8_u32.to_le_bytes(), &reply_serial, serial].concat())?;
        }
        Ok(())
    }

    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let mut message = vec![0; FIXED];
        self.0.read_exact(&mut message)?;
        let number = |at: usize| u32::from_le_bytes(message[at..at + 4].try_into().unwrap()) as usize;
        let length = (FIXED + number(12)).next_multiple_of(8) + number(4);
        message.resize(length, 0);
        self.0.read_exact(&mut message[FIXED..])?;
        Ok(message)
    }
}

/// For any user; no ranges of users, no security labels.
fn everything(names_the_bus: bool) -> Value<'static> {
    let any = String::new;
    let transmit = || vec![(true, 1, any(), any(), any(), any(), 0, 0, 0, u64::MAX)];
    let batch: Batch = (true, 1, vec![(true, 1, true, any())], transmit(), transmit());
    let ranges: Vec<(bool, u32, u32, Batch)> = Vec::new();
    let labels: Vec<(String, String)> = Vec::new();
    match names_the_bus {
        true => Value::from((vec![(u32::MAX, batch)], ranges, labels, false, "session".to_owned())),
        false => Value::from((vec![(u32::MAX, batch)], ranges, labels, false)),
    }
}
