//! The bytes of a relayed connection, without a bus: what is shifted, what is not, however the bytes are cut, and
//! what hostile bytes do. Messages are built by zbus, an implementation that is not ours.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Read, Write, pipe};
use std::num::NonZeroU32;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread;

use proptest::prelude::*;
use rustix::event::PollFlags;
use tidegate_relay::lane::{Direction, Lane, Violation};
use tidegate_relay::link::{Ended, Link};
use tidegate_relay::protocol::{Answer, Call, FOR_EVERYBODY, Outcome, RENDERER_NAME, RendererSignal};
use tidegate_relay::shift::{REAL_NAME, Seen, Shift};
use tidegate_relay::socket::{Received, receive, send};
use tidegate_relay::wire::{Endian, FIXED, Fields, Frame, Kind, is_unique_name};
use zbus::Message;
use zbus::message::{Builder, Flags};
use zbus::zvariant::{DynamicType, Endian as ZEndian};

const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
const PATH: &str = "/org/freedesktop/Notifications";
const CLIENT_HELLO: &[u8] = b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
const SERVER_HELLO: &[u8] = b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";
const ENDIANS: [ZEndian; 2] = [ZEndian::Little, ZEndian::Big];

/// Both lanes of one connection, without sockets.
struct Rig {
    up: Lane,
    down: Lane,
    shift: Shift,
    seen: Vec<Seen>,
}

impl Rig {
    /// Before authentication.
    fn closed() -> Self {
        let (up, down) = (Lane::new(Direction::ToBus), Lane::new(Direction::ToDaemon));
        Self { up, down, shift: Shift::default(), seen: Vec::new() }
    }

    /// After it.
    fn open() -> Self {
        let mut rig = Self::closed();
        assert_eq!(rig.feed(Direction::ToBus, CLIENT_HELLO).unwrap(), CLIENT_HELLO);
        assert_eq!(rig.feed(Direction::ToDaemon, SERVER_HELLO).unwrap(), SERVER_HELLO);
        let id = rig.seen.pop();
        assert_eq!(id, Some(Seen::Bus("0123456789abcdef0123456789abcdef".into())));
        assert_eq!(rig.seen, []);
        rig
    }

    /// What comes out for these bytes.
    fn feed(&mut self, direction: Direction, bytes: &[u8]) -> Result<Vec<u8>, Violation> {
        self.feed_with(direction, bytes, Vec::new())
    }

    fn feed_with(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        mut fds: Vec<OwnedFd>,
    ) -> Result<Vec<u8>, Violation> {
        let lane = if direction == Direction::ToBus { &mut self.up } else { &mut self.down };
        let mut out = Vec::new();
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(lane.want().min(bytes.len()));
            lane.take(now, std::mem::take(&mut fds), &mut self.shift, &mut self.seen)?;
            bytes = later;
            out.extend(drain(lane));
        }
        Ok(out)
    }

    fn up(&mut self, message: &Message) -> Vec<u8> {
        self.feed(Direction::ToBus, message.data()).unwrap()
    }

    fn down(&mut self, message: &Message) -> Vec<u8> {
        self.feed(Direction::ToDaemon, message.data()).unwrap()
    }
}

fn drain(lane: &mut Lane) -> Vec<u8> {
    let mut out = Vec::new();
    while !lane.outbox.is_empty() {
        let (bytes, _) = lane.outbox.next();
        out.extend_from_slice(bytes);
        let sent = bytes.len();
        lane.outbox.advance(sent);
    }
    out
}

fn serial(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn build<B: serde::Serialize + DynamicType>(builder: Builder<'_>, endian: ZEndian, body: &B) -> Message {
    builder.endian(endian).build(body).unwrap()
}

/// A call to the bus, always with the same serial.
fn bus_call<B: serde::Serialize + DynamicType>(endian: ZEndian, member: &str, body: &B) -> Message {
    let call = Message::method_call(BUS_PATH, member).unwrap().serial(serial(77));
    build(call.destination(BUS).unwrap().interface(BUS).unwrap(), endian, body)
}

/// A signal of the bus itself, to `:1.5`.
fn bus_signal<B: serde::Serialize + DynamicType>(endian: ZEndian, sender: &str, member: &str, body: &B) -> Message {
    let signal = Message::signal(BUS_PATH, BUS, member).unwrap().serial(serial(78));
    build(signal.sender(sender).unwrap().destination(":1.5").unwrap(), endian, body)
}

fn notify(endian: ZEndian, number: u32, flags: Option<Flags>) -> Message {
    let call = Message::method_call(PATH, "Notify").unwrap().serial(serial(number));
    let call = call.destination(REAL_NAME).unwrap().interface(REAL_NAME).unwrap().sender(":1.9").unwrap();
    let call = match flags {
        Some(flags) => call.with_flags(flags).unwrap(),
        None => call,
    };
    let hints = std::collections::HashMap::<&str, zbus::zvariant::Value<'_>>::new();
    build(call, endian, &("app", 0_u32, "", "summary", "body", Vec::<&str>::new(), hints, -1_i32))
}

/// A message of ours, with its body, as our own reader sees it.
fn parsed(bytes: &[u8]) -> (Frame, Option<Vec<u8>>, usize) {
    let frame = Frame::parse(bytes).unwrap();
    let fields = Fields::parse(&frame, &bytes[..frame.head]).unwrap();
    let member = fields.member.map(<[u8]>::to_vec);
    (frame, member, frame.head + frame.body)
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn the_name_is_shifted_where_the_daemon_asks_for_it_and_nowhere_else() {
    let rule = |key: &str, name: &str| format!("type='signal',sender='{BUS}',{key}='{name}'");
    for endian in ENDIANS {
        for member in ["GetNameOwner", "NameHasOwner", "ListQueuedOwners"] {
            let expected = bus_call(endian, member, &RENDERER_NAME);
            assert_eq!(Rig::open().up(&bus_call(endian, member, &REAL_NAME)), &**expected.data());
        }
        for member in ["AddMatch", "RemoveMatch"] {
            let expected = bus_call(endian, member, &rule("arg0", RENDERER_NAME));
            assert_eq!(Rig::open().up(&bus_call(endian, member, &rule("arg0", REAL_NAME))), &**expected.data());
            let expected = bus_call(endian, member, &format!("arg0={RENDERER_NAME}"));
            assert_eq!(Rig::open().up(&bus_call(endian, member, &format!("arg0={REAL_NAME}"))), &**expected.data());
        }
        let other_destination = Message::method_call(PATH, "RequestName").unwrap().destination("a.b").unwrap();
        let other_interface = Message::method_call(PATH, "RequestName").unwrap().destination(BUS).unwrap();
        for unchanged in [
            bus_call(endian, "Hello", &()),
            bus_call(endian, "RequestName", &("org.example.Longer.Than.Ours", 0_u32)),
            bus_call(endian, "GetNameOwner", &"org.freedesktop.Notificationz"),
            bus_call(endian, "GetConnectionUnixProcessID", &REAL_NAME),
            bus_call(endian, "AddMatch", &rule("arg0", "org.freedesktop.Notifications.More")),
            bus_call(endian, "AddMatch", &rule("sender", REAL_NAME)),
            bus_call(endian, "AddMatch", &rule("xarg0", REAL_NAME)),
            build(other_destination, endian, &(REAL_NAME, 0_u32)),
            build(other_interface.interface("a.b").unwrap(), endian, &(REAL_NAME, 0_u32)),
            notify(endian, 3, None),
        ] {
            assert_eq!(Rig::open().up(&unchanged), &**unchanged.data(), "{unchanged:?}");
        }
    }
}

#[test]
fn a_request_is_followed_by_one_for_the_real_name_whose_answer_stays_here() {
    for endian in ENDIANS {
        for (member, asked, shifted) in [
            (
                "RequestName",
                bus_call(endian, "RequestName", &(REAL_NAME, 7_u32)),
                bus_call(endian, "RequestName", &(RENDERER_NAME, 7_u32)),
            ),
            (
                "ReleaseName",
                bus_call(endian, "ReleaseName", &REAL_NAME),
                bus_call(endian, "ReleaseName", &RENDERER_NAME),
            ),
        ] {
            let mut rig = Rig::open();
            let out = rig.up(&asked);
            let (theirs, ours) = out.split_at(shifted.data().len());
            assert_eq!(theirs, &**shifted.data());
            let (frame, name, length) = parsed(ours);
            assert_eq!((frame.kind, name.as_deref(), length), (Kind::Call, Some(member.as_bytes()), ours.len()));
            assert_eq!(frame.endian == Endian::Little, endian == ZEndian::Little);
            assert!(contains(ours, REAL_NAME) && !contains(ours, RENDERER_NAME));
            if member == "RequestName" {
                let flags = ours.last_chunk::<4>().unwrap();
                assert_eq!(frame.endian.read(*flags), 1, "replaceable, and queued");
            }
            let answer = |to: u32| {
                let answer = bus_call(endian, "X", &());
                let answer = Message::method_return(&answer.header()).unwrap().reply_serial(NonZeroU32::new(to));
                build(answer.sender(BUS).unwrap().destination(":1.5").unwrap(), endian, &1_u32)
            };
            let (ours, theirs) = (answer(frame.serial), answer(77));
            assert_eq!(rig.down(&ours), b"", "the answer to our own call");
            assert_eq!(rig.down(&theirs), &**theirs.data(), "the answer to the daemon's call");
            assert_eq!(rig.down(&ours), &**ours.data(), "only once");
        }
    }
}

#[test]
fn the_daemon_hears_of_its_own_name_and_never_of_the_real_one() {
    for endian in ENDIANS {
        let changed = |name: &'static str| (name, "", ":1.5");
        for (member, ours, theirs, real) in [
            (
                "NameAcquired",
                bus_signal(endian, BUS, "NameAcquired", &RENDERER_NAME),
                bus_signal(endian, BUS, "NameAcquired", &REAL_NAME),
                true,
            ),
            (
                "NameLost",
                bus_signal(endian, BUS, "NameLost", &RENDERER_NAME),
                bus_signal(endian, BUS, "NameLost", &REAL_NAME),
                true,
            ),
            (
                "NameOwnerChanged",
                bus_signal(endian, BUS, "NameOwnerChanged", &changed(RENDERER_NAME)),
                bus_signal(endian, BUS, "NameOwnerChanged", &changed(REAL_NAME)),
                false,
            ),
        ] {
            let mut rig = Rig::open();
            assert_eq!(rig.down(&ours), &**theirs.data(), "{member}");
            assert_eq!(rig.seen.len(), usize::from(real), "{member}: {:?}", rig.seen);
            rig.seen.clear();
            assert_eq!(rig.down(&theirs), b"", "{member}");
            assert_eq!(rig.seen, []);
            let forged = match member {
                "NameOwnerChanged" => bus_signal(endian, ":1.8", member, &changed(REAL_NAME)),
                _ => bus_signal(endian, ":1.8", member, &REAL_NAME),
            };
            assert_eq!(rig.down(&forged), &**forged.data(), "{member} of somebody else");
        }
        let mut rig = Rig::open();
        rig.down(&bus_signal(endian, BUS, "NameAcquired", &RENDERER_NAME));
        rig.down(&bus_signal(endian, BUS, "NameLost", &RENDERER_NAME));
        assert_eq!(rig.seen, [Seen::Acquired(":1.5".into()), Seen::Lost]);
    }
}

#[test]
fn calls_answers_and_signals_are_noticed_in_passing() {
    for endian in ENDIANS {
        let mut rig = Rig::open();
        let call = notify(endian, 41, None);
        assert_eq!(rig.down(&call), &**call.data());
        let nobody_waits = notify(endian, 42, Some(Flags::NoReplyExpected));
        assert_eq!(rig.down(&nobody_waits), &**nobody_waits.data());
        let shown = build(Message::method_return(&call.header()).unwrap(), endian, &9_u32);
        assert_eq!(rig.up(&shown), &**shown.data());
        let refused = build(Message::error(&call.header(), "a.b.Excessive").unwrap(), endian, &"no");
        assert_eq!(rig.up(&refused), &**refused.data());
        let signal = |member: &'static str| Message::signal(PATH, REAL_NAME, member).unwrap();
        let closed = build(signal("NotificationClosed"), endian, &(9_u32, 2_u32));
        let action = build(signal("ActionInvoked").destination(":1.9").unwrap(), endian, &(9_u32, "app.open::r"));
        let token = build(signal("ActivationToken"), endian, &(9_u32, "tok"));
        let replied = build(signal("NotificationReplied"), endian, &(9_u32, "ja"));
        let odd = build(signal("ActionInvoked"), endian, &(9_u32, 9_u32));
        for message in [&closed, &action, &token, &replied, &odd] {
            assert_eq!(rig.up(message), &**message.data());
        }
        let call_41 = Call { caller: ":1.9".into(), serial: 41 };
        let answer = |outcome| Seen::Answered(Answer { call: call_41.clone(), outcome });
        let said =
            |destination: Option<&str>, signal| Seen::Signal { destination: destination.map(Into::into), signal };
        let expected = [
            Seen::Asked(call_41.clone()),
            answer(Outcome::Shown(9)),
            answer(Outcome::Error("a.b.Excessive".into())),
            said(None, RendererSignal::Closed { id: 9, reason: 2 }),
            said(Some(":1.9"), RendererSignal::ActionInvoked { id: 9, key: "app.open::r".into() }),
            said(None, RendererSignal::ActivationToken { id: 9, token: "tok".into() }),
            said(None, RendererSignal::Replied { id: 9, text: "ja".into() }),
        ];
        assert_eq!(rig.seen, expected);
    }
}

const GATE: &str = ":1.7";

/// A connection of the renderer's while a gate is there.
fn with_gate() -> Rig {
    let mut rig = Rig::open();
    rig.shift.set_gate(Some(GATE.into()));
    rig
}

/// A signal of the notification interface, to somebody or to everybody.
fn announce<B: serde::Serialize + DynamicType>(endian: ZEndian, member: &str, to: Option<&str>, body: &B) -> Message {
    let signal = Message::signal(PATH, REAL_NAME, member).unwrap().serial(serial(9));
    match to {
        Some(to) => build(signal.destination(to.to_owned()).unwrap(), endian, body),
        None => build(signal, endian, body),
    }
}

/// That these bytes are a whole message which differs from another in its destination and the mark alone.
fn assert_addressed(bytes: &[u8], original: &Message, to: &str, marked: bool) {
    let (before, after) = (Frame::parse(original.data()).unwrap(), Frame::parse(bytes).unwrap());
    assert_eq!((after.head % 8, after.head + after.body), (0, bytes.len()));
    let fields = Fields::parse(&after, &bytes[..after.head]).unwrap();
    assert_eq!(fields.destination, Some(to.as_bytes()));
    let mut same = Fields::parse(&before, &original.data()[..before.head]).unwrap();
    same.destination = fields.destination;
    assert_eq!(fields, same);
    assert_eq!(&bytes[after.head..], &original.data()[before.head..]);
    assert_eq!((after.kind, after.serial, after.endian), (before.kind, before.serial, before.endian));
    assert_eq!(after.flags, before.flags | if marked { FOR_EVERYBODY } else { 0 });
}

#[test]
fn what_the_renderer_tells_everybody_goes_to_the_gate_alone() {
    for endian in ENDIANS {
        let mut rig = with_gate();
        for signal in [
            announce(endian, "NotificationClosed", None, &(5_u32, 2_u32)),
            announce(endian, "ActionInvoked", None, &(5_u32, "default")),
            announce(endian, "ActivationToken", None, &(5_u32, "t")),
            announce(endian, "NotificationReplied", None, &(5_u32, "ja")),
            announce(endian, "NotificationReplied", None, &(5_u32, "x".repeat(100_000))),
            announce(endian, "ActionInvoked", None, &"of another type"),
        ] {
            assert_addressed(&rig.up(&signal), &signal, GATE, true);
            let mut again = with_gate();
            let byte_by_byte = signal.data().iter().flat_map(|byte| again.feed(Direction::ToBus, &[*byte]).unwrap());
            assert_addressed(&byte_by_byte.collect::<Vec<u8>>(), &signal, GATE, true);
        }
        let told = |seen: &Seen| matches!(seen, Seen::Signal { destination: Some(to), .. } if to == GATE);
        assert_eq!((rig.seen.len(), rig.seen.iter().all(told)), (4, true));
    }
}

#[test]
fn a_destination_fits_whatever_its_length_and_that_of_the_other_fields() {
    for endian in ENDIANS {
        for length in 1..=20 {
            let gate = format!(":1.{}", "7".repeat(length));
            let mut rig = Rig::open();
            rig.shift.set_gate(Some(gate.as_str().into()));
            for path in (1..=9).map(|length| format!("/{}", "p".repeat(length))) {
                let signal = Message::signal(path, REAL_NAME, "NotificationClosed").unwrap();
                let signal = build(signal, endian, &(5_u32, 2_u32));
                assert_addressed(&rig.up(&signal), &signal, &gate, true);
            }
        }
    }
}

#[test]
fn what_is_no_signal_of_notifications_or_is_addressed_already_stays_as_it_is() {
    let changed = |interface| Message::signal(PATH, interface, "PropertiesChanged").unwrap();
    for endian in ENDIANS {
        for signal in [
            announce(endian, "ActionInvoked", Some(":1.9"), &(5_u32, "default")),
            announce(endian, "NotificationReplied", Some(":1.9"), &(5_u32, "x".repeat(100_000))),
            announce(endian, "OfALaterSpecification", None, &5_u32),
            build(changed("org.freedesktop.DBus.Properties"), endian, &"fr.emersion.Mako"),
            build(changed("fr.emersion.Mako"), endian, &()),
        ] {
            assert_eq!(with_gate().up(&signal), &**signal.data());
        }
        let signal = announce(endian, "ActionInvoked", None, &(5_u32, "default"));
        assert_eq!(Rig::open().up(&signal), &**signal.data(), "while no gate is there");
    }
}

#[test]
fn what_an_app_had_shown_without_a_gate_is_that_apps() {
    for endian in ENDIANS {
        let mut rig = Rig::open();
        let call = notify(endian, 41, None);
        rig.down(&call);
        let answer = Message::method_return(&call.header()).unwrap().destination(":1.9").unwrap();
        rig.up(&build(answer, endian, &5_u32));
        rig.shift.set_gate(Some(GATE.into()));
        rig.seen.clear();
        let pressed = announce(endian, "ActionInvoked", None, &(5_u32, "default"));
        let closed = announce(endian, "NotificationClosed", None, &(5_u32, 2_u32));
        for signal in [&pressed, &closed] {
            assert_addressed(&rig.up(signal), signal, ":1.9", false);
        }
        assert_addressed(&rig.up(&pressed), &pressed, GATE, true);
        let to = rig.seen.iter().map(|seen| {
            let Seen::Signal { destination: Some(to), .. } = seen else { panic!("{seen:?}") };
            to.as_str()
        });
        assert_eq!(to.collect::<Vec<_>>(), [":1.9", ":1.9", GATE]);
    }
}

#[test]
fn a_signal_keeps_its_descriptors_when_it_is_addressed() {
    let mut rig = with_gate();
    let signal = announce(ZEndian::Little, "ActionInvoked", None, &(5_u32, "default"));
    let mut rest: &[u8] = signal.data();
    let mut fds = vec![OwnedFd::from(pipe().unwrap().0)];
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rig.up.want().min(rest.len()));
        rig.up.take(now, std::mem::take(&mut fds), &mut rig.shift, &mut rig.seen).unwrap();
        rest = later;
    }
    let (bytes, fds) = rig.up.outbox.next();
    assert_eq!(fds.len(), 1);
    assert_addressed(bytes, &signal, GATE, true);
}

#[test]
fn only_what_a_bus_gives_out_is_a_unique_name() {
    for name in [":1.7", ":1.0", ":a-b_c.d.9"] {
        assert!(is_unique_name(name), "{name}");
    }
    for name in ["", ":", ":1", ":1.", ":.1", "1.7", "a.b", ":1.ü", ":1.7\0", &format!(":1.{}", "7".repeat(253))] {
        assert!(!is_unique_name(name), "{name}");
    }
}

/// A conversation with everything in it, in both byte orders.
fn conversation() -> [(Direction, Vec<u8>); 2] {
    let (mut up, mut down) = (CLIENT_HELLO.to_vec(), SERVER_HELLO.to_vec());
    for endian in ENDIANS {
        for message in [
            bus_call(endian, "RequestName", &(REAL_NAME, 0_u32)),
            bus_call(endian, "AddMatch", &format!("arg0='{REAL_NAME}'")),
            build(Message::signal(PATH, "a.b", "C").unwrap(), endian, &"x".repeat(5000)),
            bus_call(endian, "ReleaseName", &REAL_NAME),
        ] {
            up.extend_from_slice(message.data());
        }
        for message in [
            bus_signal(endian, BUS, "NameLost", &REAL_NAME),
            bus_signal(endian, BUS, "NameAcquired", &RENDERER_NAME),
            notify(endian, 5, None),
        ] {
            down.extend_from_slice(message.data());
        }
    }
    [(Direction::ToBus, up), (Direction::ToDaemon, down)]
}

#[test]
fn it_does_not_matter_where_the_bytes_are_cut() {
    for (direction, input) in conversation() {
        let mut rig = Rig::closed();
        let (whole, seen) = (rig.feed(direction, &input).unwrap(), rig.seen);
        assert!(contains(&whole, if direction == Direction::ToBus { RENDERER_NAME } else { REAL_NAME }));
        for cut in 0..=input.len() {
            let mut rig = Rig::closed();
            let mut out = rig.feed(direction, &input[..cut]).unwrap();
            out.extend(rig.feed(direction, &input[cut..]).unwrap());
            assert!(out == whole && rig.seen == seen, "cut at {cut}");
        }
        let mut rig = Rig::closed();
        let out: Vec<u8> = input.iter().flat_map(|byte| rig.feed(direction, &[*byte]).unwrap()).collect();
        assert!(out == whole && rig.seen == seen, "byte by byte");
    }
}

#[test]
fn the_servers_first_message_is_known_whether_or_not_the_client_waited() {
    for endian in ENDIANS {
        let call = notify(endian, 5, None);
        let mut rig = Rig::closed();
        for line in ["DATA\r\n", "REJECTED EXTERNAL\r\n", "ERROR \"l B\"\r\n", "OK 00\r\n"] {
            assert_eq!(rig.feed(Direction::ToDaemon, line.as_bytes()).unwrap(), line.as_bytes());
        }
        assert_eq!(rig.down(&call), &**call.data());
        assert_eq!(rig.seen.len(), 2, "the id and the call");
    }
}

#[test]
fn descriptors_stay_with_their_message() {
    let fd = || OwnedFd::from(pipe().unwrap().0);
    let mut rig = Rig::open();
    let endian = ZEndian::Little;
    let with_two = bus_call(endian, "AddMatch", &format!("arg0='{REAL_NAME}'"));
    let without = bus_call(endian, "Hello", &());
    let with_one = build(Message::signal(PATH, "a.b", "C").unwrap(), endian, &"x".repeat(5000));
    for (message, fds) in [(&with_two, vec![fd(), fd()]), (&without, vec![]), (&with_one, vec![fd()])] {
        let mut rest: &[u8] = message.data();
        let mut fds = Some(fds);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rig.up.want().min(rest.len()));
            rig.up.take(now, fds.take().unwrap_or_default(), &mut rig.shift, &mut rig.seen).unwrap();
            rest = later;
        }
    }
    let mut sends = Vec::new();
    while !rig.up.outbox.is_empty() {
        let (bytes, fds) = rig.up.outbox.next();
        let length = bytes.len();
        sends.push((length, fds.len()));
        // Sent in two parts: the descriptors go with the first.
        rig.up.outbox.advance(length.div_ceil(2));
        assert_eq!(rig.up.outbox.next().1.len(), 0);
        rig.up.outbox.advance(length / 2);
    }
    let plain = with_two.data().len() + without.data().len();
    assert_eq!(sends, [(plain, 2), (with_one.data().len(), 1)]);
}

#[test]
fn what_is_no_authentication_ends_the_connection() {
    let mut rig = Rig::closed();
    assert_eq!(rig.feed(Direction::ToBus, b"AUTH"), Err(Violation::Opening));
    for direction in [Direction::ToBus, Direction::ToDaemon] {
        let mut rig = Rig::closed();
        let endless = [&b"\0"[..], &vec![b'A'; 1 << 20]].concat();
        assert_eq!(rig.feed(direction, &endless), Err(Violation::Line));
    }
}

#[test]
fn what_is_no_message_ends_the_connection() {
    let good = bus_call(ZEndian::Little, "Hello", &());
    let with = |at: usize, bytes: &[u8]| {
        let mut message = good.data().to_vec();
        message[at..at + bytes.len()].copy_from_slice(bytes);
        message
    };
    let huge = 0x7fff_ffff_u32.to_le_bytes();
    for (what, bytes) in [
        ("byte order", with(0, b"x")),
        ("kind", with(1, &[0])),
        ("version", with(3, &[2])),
        ("body's length", with(4, &huge)),
        ("body just too long", with(4, &(1_u32 << 27).to_le_bytes())),
        ("fields' length", with(12, &huge)),
        ("both lengths", with(12, &u32::MAX.to_le_bytes())),
        ("garbage", vec![0xff; 64]),
    ] {
        for direction in [Direction::ToBus, Direction::ToDaemon] {
            if direction == Direction::ToDaemon && !matches!(bytes[0], b'l' | b'B') {
                continue;
            }
            assert_eq!(Rig::open().feed(direction, &bytes), Err(Violation::Frame), "{what}");
        }
    }
}

#[test]
fn malformed_fields_pass_for_the_bus_to_judge() {
    let good = bus_call(ZEndian::Little, "RequestName", &(REAL_NAME, 0_u32));
    let frame = Frame::parse(good.data()).unwrap();
    for at in FIXED..frame.head {
        let mut bytes = good.data().to_vec();
        bytes[at] = 0xff;
        let out = Rig::open().feed(Direction::ToBus, &bytes).unwrap();
        assert!(out.len() >= bytes.len());
        assert_eq!(&out[..frame.head], &bytes[..frame.head]);
    }
}

#[test]
fn too_many_descriptors_end_the_connection() {
    let mut rig = Rig::open();
    let fd = || OwnedFd::from(pipe().unwrap().0);
    let first = (0..250).map(|_| fd()).collect();
    assert_eq!(rig.feed_with(Direction::ToBus, b"l", first).unwrap(), b"");
    let more = (0..4).map(|_| fd()).collect();
    assert_eq!(rig.feed_with(Direction::ToBus, b"\x01", more), Err(Violation::Descriptors));
}

#[test]
fn a_side_that_does_not_read_stops_the_other() {
    let endless = build(Message::signal(PATH, "a.b", "C").unwrap(), ZEndian::Little, &"x".repeat(1 << 20));
    let mut rig = Rig::open();
    let mut rest: &[u8] = endless.data();
    while rig.up.want() > 0 {
        let (now, later) = rest.split_at(rig.up.want());
        rig.up.take(now, Vec::new(), &mut rig.shift, &mut rig.seen).unwrap();
        rest = later;
    }
    assert!(endless.data().len() - rest.len() < 100_000, "what waits is bounded");
    drain(&mut rig.up);
    assert!(rig.up.want() > 0);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for direction in [Direction::ToBus, Direction::ToDaemon] {
            let _ended = Rig::open().feed(direction, &bytes);
        }
    }

    #[test]
    fn a_damaged_conversation_never_panics(at in 0..4000_usize, byte: u8) {
        for (direction, mut input) in conversation() {
            let at = at % input.len();
            input[at] = byte;
            let _ended = Rig::closed().feed(direction, &input);
        }
    }

    #[test]
    fn a_damaged_signal_never_panics(at in 0..400_usize, byte: u8, big: bool) {
        let signal = announce(ENDIANS[usize::from(big)], "ActionInvoked", None, &(5_u32, "default"));
        let mut input = signal.data().to_vec();
        let at = at % input.len();
        input[at] = byte;
        let _ended = with_gate().feed(Direction::ToBus, &input);
    }
}

/// A link between two sockets, with the far ends in the test's hands.
fn linked() -> (Link, UnixStream, UnixStream) {
    let (daemon, near_daemon) = UnixStream::pair().unwrap();
    let (bus, near_bus) = UnixStream::pair().unwrap();
    (Link::new(near_daemon, near_bus, 1), daemon, bus)
}

fn pump(link: &mut Link) -> Option<Ended> {
    let mut seen = Vec::new();
    link.pump(&mut seen)
}

#[test]
fn what_a_stranger_says_and_hears_passes_as_it_is() {
    let (mut daemon, near_daemon) = UnixStream::pair().unwrap();
    let (mut bus, near_bus) = UnixStream::pair().unwrap();
    let mut link = Link::of_a_stranger(near_daemon, near_bus, 1);
    let [(_, up), (_, down)] = conversation();
    daemon.write_all(&up).unwrap();
    bus.write_all(&down).unwrap();
    let (_, writer) = pipe().unwrap();
    let last = bus_call(ZEndian::Big, "RequestName", &(REAL_NAME, 0_u32));
    assert_eq!(send(&daemon, last.data(), &[writer.into()]).unwrap(), last.data().len());
    let mut seen = Vec::new();
    // Each pump reads a bounded number of times, and the authentication goes byte by byte.
    for _ in 0..4 {
        assert_eq!(link.pump(&mut seen), None);
    }
    assert_eq!(seen, []);
    let (said, fds) = receive_all(&bus);
    assert!(said == [&up, &**last.data()].concat());
    assert_eq!(fds.len(), 1);
    assert!(receive_all(&daemon).0 == down);
}

fn receive_all(socket: &UnixStream) -> (Vec<u8>, Vec<OwnedFd>) {
    let (mut bytes, mut fds) = (Vec::new(), Vec::new());
    let mut buffer = [0; 4096];
    while let Received::Some(read, new) = receive(socket, &mut buffer).unwrap() {
        bytes.extend_from_slice(&buffer[..read]);
        fds.extend(new);
    }
    (bytes, fds)
}

#[test]
fn descriptors_cross_a_link_and_work() {
    let (mut link, mut daemon, bus) = linked();
    daemon.write_all(CLIENT_HELLO).unwrap();
    let (mut reader, writer) = pipe().unwrap();
    let message = bus_call(ZEndian::Big, "RequestName", &(REAL_NAME, 0_u32));
    assert_eq!(send(&daemon, message.data(), &[writer.into()]).unwrap(), message.data().len());
    assert_eq!(pump(&mut link), None);
    let (bytes, fds) = receive_all(&bus);
    assert!(contains(&bytes, RENDERER_NAME));
    let [fd] = <[OwnedFd; 1]>::try_from(fds).unwrap();
    std::fs::File::from(fd).write_all(b"through").unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "through");
}

#[test]
fn a_long_message_streams_through_unchanged() {
    let (mut link, mut daemon, mut bus) = linked();
    let message = build(Message::signal(PATH, "a.b", "C").unwrap(), ZEndian::Big, &vec![7_u8; 8 << 20]);
    let sent = message.data().to_vec();
    let writer = thread::spawn(move || {
        daemon.write_all(CLIENT_HELLO).unwrap();
        daemon.write_all(message.data()).unwrap();
    });
    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        bus.read_to_end(&mut all).unwrap();
        all
    });
    while wait_and_pump(&mut link).is_none() {}
    drop(link);
    writer.join().unwrap();
    let arrived = reader.join().unwrap();
    assert!(arrived.strip_prefix(CLIENT_HELLO) == Some(sent.as_slice()));
}

/// Waits until one of the sockets can move something.
fn wait_and_pump(link: &mut Link) -> Option<Ended> {
    use rustix::event::{PollFd, poll};
    {
        let mut polled: Vec<PollFd<'_>> = link
            .interest()
            .into_iter()
            .filter(|(_, flags)| !flags.is_empty())
            .map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags))
            .collect();
        poll(&mut polled, None).unwrap();
    }
    pump(link)
}

#[test]
fn the_last_words_of_a_side_that_left_arrive() {
    let (mut link, mut daemon, bus) = linked();
    let last = bus_call(ZEndian::Little, "ReleaseName", &"a.b");
    daemon.write_all(CLIENT_HELLO).unwrap();
    daemon.write_all(last.data()).unwrap();
    drop(daemon);
    assert_eq!(pump(&mut link), Some(Ended::ByDaemon));
    assert_eq!(receive_all(&bus).0, [CLIENT_HELLO, last.data()].concat());
}

/// Which of a link's two sockets would be waited for, and for what.
fn waits(link: &Link) -> [PollFlags; 2] {
    link.interest().map(|(_, flags)| flags)
}

#[test]
fn nothing_is_waited_for_that_would_be_reported_for_ever() {
    let (mut link, mut daemon, bus) = linked();
    assert_eq!(waits(&link), [PollFlags::IN, PollFlags::IN]);
    daemon.write_all(CLIENT_HELLO).unwrap();
    let message = build(Message::signal(PATH, "a.b", "C").unwrap(), ZEndian::Little, &"x".repeat(4 << 20));
    daemon.set_nonblocking(true).unwrap();
    let mut rest: &[u8] = message.data();
    while let Ok(written) = daemon.write(rest) {
        rest = &rest[written..];
        assert_eq!(pump(&mut link), None);
    }
    // The bus does not read: the daemon is not read either.
    assert_eq!(waits(&link), [PollFlags::empty(), PollFlags::IN | PollFlags::OUT]);
    drop(daemon);
    let mut ended = None;
    while ended.is_none() {
        let [daemon, _] = waits(&link);
        let (more, _) = receive_all(&bus);
        assert!(!more.is_empty() || daemon.is_empty());
        ended = pump(&mut link);
    }
    assert_eq!(ended, Some(Ended::ByDaemon));
}

#[test]
fn a_link_ends_when_either_side_leaves_or_talks_nonsense() {
    let (mut link, _daemon, bus) = linked();
    drop(bus);
    assert_eq!(pump(&mut link), Some(Ended::ByBus));
    let (mut link, mut daemon, _bus) = linked();
    daemon.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    assert_eq!(pump(&mut link), Some(Ended::Broken(Violation::Opening)));
}
