//! Which names are shifted in which messages, and what the relay notes in passing.
//!
//! The daemon behind the socket asks for `org.freedesktop.Notifications` and gets another name of the same length; on
//! the real name its own connection is queued, replaceable, behind the gate, and it never learns of that. Only the
//! conversation with the bus driver is changed, and for whom the notification interface's signals are
//! ([`crate::addressee`]). This file must not know sockets or processes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::addressee::Addressees;
use crate::lane::Direction;
use crate::protocol::{Answer, Call, FOR_EVERYBODY, Outcome, RENDERER_NAME, RendererSignal};
use crate::wire::{
    Argument, BUS, Cursor, Endian, Fields, Frame, Kind, NO_REPLY_EXPECTED, add_destination, add_flag, bus_call,
    first_string_mut,
};

/// The name (and interface) that applications call.
pub const REAL_NAME: &str = "org.freedesktop.Notifications";
const REAL: &[u8] = REAL_NAME.as_bytes();
const SHIFTED: &[u8] = RENDERER_NAME.as_bytes();
const _: () = assert!(REAL.len() == SHIFTED.len());

/// RequestName's flag: somebody else may take the name.
const ALLOW_REPLACEMENT: u32 = 1;
/// Calls of our own that may wait for the bus's answer at a time.
const MAX_OUTSTANDING: usize = 64;
/// Our own serials begin here, far above those that a daemon counts up to.
const FIRST_SERIAL: u32 = 0xf000_0000;

/// What to do with a message whose header is known.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// Stream it.
    Pass,
    /// Keep it from the other side.
    Drop,
    /// Read its body, then ask [`Shift::edit`].
    Read(Concern),
}

/// Why a body has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// A call whose first argument is a name.
    Name(NameCall),
    /// AddMatch or RemoveMatch.
    Rule,
    /// NameAcquired, NameLost or NameOwnerChanged.
    Owner(NameEvent),
    /// A return that may be Notify's.
    Reply,
    /// A signal of the notification interface.
    Signal(SignalKind),
}

/// What a call wants with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCall {
    /// RequestName.
    Request,
    /// ReleaseName.
    Release,
    /// Any of the questions.
    Ask,
}

/// What the bus says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameEvent {
    /// NameAcquired.
    Acquired,
    /// NameLost.
    Lost,
    /// NameOwnerChanged.
    Changed,
}

/// The four signals of the notification interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalKind {
    /// NotificationClosed(uu)
    Closed,
    /// ActionInvoked(us)
    Action,
    /// ActivationToken(us)
    Token,
    /// NotificationReplied(us)
    Replied,
}

/// What became of a message that was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Edit {
    /// It goes on.
    Pass,
    /// It goes on, and these bytes after it.
    PassThen(Vec<u8>),
    /// It does not go on.
    Drop,
}

/// What was noticed in passing.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// This connection, of this unique name, owns the shifted name: it is the renderer.
    Acquired(String),
    /// It owns the shifted name no more.
    Lost,
    /// The bus said which one it is: the hexadecimal id of its address.
    Bus(String),
    /// Somebody called its Notify.
    Asked(Call),
    /// It answered a call, maybe Notify.
    Answered(Answer),
    /// It sent a notification signal.
    Signal {
        /// To whom it goes; nothing: everybody.
        destination: Option<String>,
        /// What it said.
        signal: RendererSignal,
    },
}

/// The state of one connection's shifting: its own calls to the bus that are not answered yet.
#[derive(Debug, Default)]
pub struct Shift {
    off: bool,
    outstanding: VecDeque<u32>,
    calls: u32,
    addressees: Addressees,
}

impl Shift {
    /// For a connection in which nothing is changed and nothing noticed.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Whether nothing is changed and nothing noticed.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// The unique name of the gate that is there now.
    pub fn set_gate(&mut self, gate: Option<Arc<str>>) {
        self.addressees.set_gate(gate);
    }

    /// Decides on a message by its header.
    pub fn plan(&mut self, direction: Direction, frame: &Frame, fields: &Fields<'_>, seen: &mut Vec<Seen>) -> Plan {
        match (direction, frame.kind) {
            (Direction::ToBus, Kind::Call) => plan_call_to_bus(fields),
            (Direction::ToBus, Kind::Return) if fields.signature == Some(b"u") => Plan::Read(Concern::Reply),
            (Direction::ToBus, Kind::Error) => {
                self.answered(refusal(fields), seen);
                Plan::Pass
            }
            (Direction::ToBus, Kind::Signal) => plan_signal(fields),
            (Direction::ToDaemon, Kind::Call) => {
                if let Some(call) = asked(frame, fields) {
                    self.addressees.asked(&call);
                    seen.push(Seen::Asked(call));
                }
                Plan::Pass
            }
            (Direction::ToDaemon, Kind::Return | Kind::Error) => self.plan_answer(fields),
            (Direction::ToDaemon, Kind::Signal) => plan_bus_signal(fields),
            (Direction::ToBus, Kind::Return | Kind::Unknown) | (Direction::ToDaemon, Kind::Unknown) => Plan::Pass,
        }
    }

    /// The answer to a call of our own is not the daemon's business.
    fn plan_answer(&mut self, fields: &Fields<'_>) -> Plan {
        if fields.sender != Some(BUS) {
            return Plan::Pass;
        }
        let ours = self.outstanding.iter().position(|serial| Some(*serial) == fields.reply_serial);
        ours.and_then(|at| self.outstanding.remove(at)).map_or(Plan::Pass, |_| Plan::Drop)
    }

    /// Changes a message that was read whole.
    pub fn edit(&mut self, concern: Concern, frame: &Frame, message: &mut Vec<u8>, seen: &mut Vec<Seen>) -> Edit {
        if let Concern::Signal(kind) = concern {
            self.edit_signal(kind, frame, message, seen);
            return Edit::Pass;
        }
        let Some((head, body)) = message.split_at_mut_checked(frame.head) else {
            return Edit::Pass;
        };
        match concern {
            Concern::Name(call) => self.edit_name_call(call, frame.endian, body),
            Concern::Rule => edit_rule(frame.endian, body),
            Concern::Owner(event) => edit_owner(event, frame, head, body, seen),
            Concern::Reply => {
                self.answered(reply(frame, head, body), seen);
                Edit::Pass
            }
            Concern::Signal(_) => Edit::Pass,
        }
    }

    fn answered(&mut self, answer: Option<Answer>, seen: &mut Vec<Seen>) {
        if let Some(answer) = answer {
            self.addressees.answered(&answer);
            seen.push(Seen::Answered(answer));
        }
    }

    fn edit_signal(&mut self, kind: SignalKind, frame: &Frame, message: &mut Vec<u8>, seen: &mut Vec<Seen>) {
        let Some((head, body)) = message.split_at_checked(frame.head) else {
            return;
        };
        let Some(fields) = Fields::parse(frame, head) else {
            return;
        };
        let signal = signal(kind, frame, &fields, body);
        let mut destination = fields.destination.and_then(text);
        if fields.destination.is_none() {
            destination = self.address(signal.as_ref().map(RendererSignal::id), frame, message);
        }
        if let Some(RendererSignal::Closed { id, .. }) = signal {
            self.addressees.closed(id);
        }
        seen.extend(signal.map(|signal| Seen::Signal { destination, signal }));
    }

    /// Addresses a signal of the notification interface that is too long to be read: what it is about is not known.
    pub fn address_unread(&self, frame: &Frame, message: &mut Vec<u8>) {
        if Fields::parse(frame, message).is_some_and(|fields| fields.destination.is_none()) {
            self.address(None, frame, message);
        }
    }

    /// Addresses a signal that is for everybody; to whom, if to anybody. One about no id that is known goes to the gate.
    fn address(&self, id: Option<u32>, frame: &Frame, message: &mut Vec<u8>) -> Option<String> {
        let gate = self.addressees.gate()?;
        let to = id.and_then(|id| self.addressees.of(id)).unwrap_or(gate);
        if to == gate {
            add_flag(message, FOR_EVERYBODY);
        }
        add_destination(frame, message, to);
        Some(to.to_owned())
    }

    fn edit_name_call(&mut self, call: NameCall, endian: Endian, body: &mut [u8]) -> Edit {
        match first_string_mut(endian, body) {
            Some(name) if name == REAL => name.copy_from_slice(SHIFTED),
            _ => return Edit::Pass,
        }
        let real = Argument::Text(REAL_NAME);
        let arguments: &[_] = match call {
            NameCall::Request => &[real, Argument::Number(ALLOW_REPLACEMENT)],
            NameCall::Release => &[real],
            NameCall::Ask => return Edit::Pass,
        };
        let member = if call == NameCall::Request { "RequestName" } else { "ReleaseName" };
        self.own_call(endian, member, arguments)
    }

    fn own_call(&mut self, endian: Endian, member: &str, arguments: &[Argument<'_>]) -> Edit {
        if self.outstanding.len() >= MAX_OUTSTANDING {
            return Edit::Pass;
        }
        let serial = FIRST_SERIAL | (self.calls & !FIRST_SERIAL);
        self.calls = self.calls.wrapping_add(1);
        self.outstanding.push_back(serial);
        Edit::PassThen(bus_call(endian, serial, member, arguments))
    }
}

fn plan_call_to_bus(fields: &Fields<'_>) -> Plan {
    if fields.destination != Some(BUS) || fields.interface.is_some_and(|interface| interface != BUS) {
        return Plan::Pass;
    }
    match fields.member {
        Some(b"RequestName") => Plan::Read(Concern::Name(NameCall::Request)),
        Some(b"ReleaseName") => Plan::Read(Concern::Name(NameCall::Release)),
        Some(b"GetNameOwner" | b"NameHasOwner" | b"ListQueuedOwners") => Plan::Read(Concern::Name(NameCall::Ask)),
        Some(b"AddMatch" | b"RemoveMatch") => Plan::Read(Concern::Rule),
        _ => Plan::Pass,
    }
}

fn plan_signal(fields: &Fields<'_>) -> Plan {
    if fields.interface != Some(REAL) {
        return Plan::Pass;
    }
    match fields.member {
        Some(b"NotificationClosed") => Plan::Read(Concern::Signal(SignalKind::Closed)),
        Some(b"ActionInvoked") => Plan::Read(Concern::Signal(SignalKind::Action)),
        Some(b"ActivationToken") => Plan::Read(Concern::Signal(SignalKind::Token)),
        Some(b"NotificationReplied") => Plan::Read(Concern::Signal(SignalKind::Replied)),
        _ => Plan::Pass,
    }
}

fn plan_bus_signal(fields: &Fields<'_>) -> Plan {
    if fields.sender != Some(BUS) || fields.interface != Some(BUS) {
        return Plan::Pass;
    }
    match fields.member {
        Some(b"NameAcquired") => Plan::Read(Concern::Owner(NameEvent::Acquired)),
        Some(b"NameLost") => Plan::Read(Concern::Owner(NameEvent::Lost)),
        Some(b"NameOwnerChanged") => Plan::Read(Concern::Owner(NameEvent::Changed)),
        _ => Plan::Pass,
    }
}

/// What the bus says of the shifted name is meant for the daemon's name; what it says of the real one is not for it
/// (some daemons exit when they lose it).
fn edit_owner(event: NameEvent, frame: &Frame, head: &[u8], body: &mut [u8], seen: &mut Vec<Seen>) -> Edit {
    let Some(name) = first_string_mut(frame.endian, body) else {
        return Edit::Pass;
    };
    if name == REAL {
        return Edit::Drop;
    }
    if name == SHIFTED {
        name.copy_from_slice(REAL);
        seen.extend(ownership(event, frame, head));
    }
    Edit::Pass
}

fn ownership(event: NameEvent, frame: &Frame, head: &[u8]) -> Option<Seen> {
    match event {
        NameEvent::Acquired => text(Fields::parse(frame, head)?.destination?).map(Seen::Acquired),
        NameEvent::Lost => Some(Seen::Lost),
        NameEvent::Changed => None,
    }
}

fn edit_rule(endian: Endian, body: &mut [u8]) -> Edit {
    if let Some(rule) = first_string_mut(endian, body) {
        for at in places_in_rule(rule) {
            if let Some(name) = rule.get_mut(at..).and_then(|rest| rest.get_mut(..REAL.len())) {
                name.copy_from_slice(SHIFTED);
            }
        }
    }
    Edit::Pass
}

/// Where a match rule's `arg0` is the whole real name, quoted or not.
fn places_in_rule(rule: &[u8]) -> Vec<usize> {
    const KEY: &[u8] = b"arg0=";
    let starts = (0..rule.len()).filter(|at| rule.get(*at..).is_some_and(|rest| rest.starts_with(KEY)));
    starts
        .filter(|at| at.checked_sub(1).is_none_or(|before| matches!(rule.get(before), Some(b',' | b' '))))
        .map(|at| at + KEY.len())
        .map(|at| if rule.get(at) == Some(&b'\'') { at + 1 } else { at })
        .filter(|at| rule.get(*at..).is_some_and(|rest| rest.starts_with(REAL)))
        .filter(|at| matches!(rule.get(at + REAL.len()), None | Some(b'\'' | b',' | b' ')))
        .collect()
}

fn asked(frame: &Frame, fields: &Fields<'_>) -> Option<Call> {
    let notify = fields.member == Some(b"Notify") && fields.interface.is_none_or(|interface| interface == REAL);
    if !notify || frame.flags & NO_REPLY_EXPECTED != 0 {
        return None;
    }
    let caller = text(fields.sender?)?;
    Some(Call { caller, serial: frame.serial })
}

fn reply(frame: &Frame, head: &[u8], body: &[u8]) -> Option<Answer> {
    let id = Cursor::body(frame.endian, body).uint32()?;
    answer(&Fields::parse(frame, head)?, Outcome::Shown(id))
}

fn refusal(fields: &Fields<'_>) -> Option<Answer> {
    answer(fields, Outcome::Error(text(fields.error?)?))
}

fn answer(fields: &Fields<'_>, outcome: Outcome) -> Option<Answer> {
    let (caller, serial) = (text(fields.destination?)?, fields.reply_serial?);
    Some(Answer { call: Call { caller, serial }, outcome })
}

fn signal(kind: SignalKind, frame: &Frame, fields: &Fields<'_>, body: &[u8]) -> Option<RendererSignal> {
    let expected: &[u8] = if kind == SignalKind::Closed { b"uu" } else { b"us" };
    if fields.signature != Some(expected) {
        return None;
    }
    let mut cursor = Cursor::body(frame.endian, body);
    let id = cursor.uint32()?;
    Some(match kind {
        SignalKind::Closed => RendererSignal::Closed { id, reason: cursor.uint32()? },
        SignalKind::Action => RendererSignal::ActionInvoked { id, key: text(cursor.string()?)? },
        SignalKind::Token => RendererSignal::ActivationToken { id, token: text(cursor.string()?)? },
        SignalKind::Replied => RendererSignal::Replied { id, text: text(cursor.string()?)? },
    })
}

/// A line of the authentication, from the bus.
pub fn greeting(line: &[u8]) -> Option<Seen> {
    let id = line.strip_prefix(b"OK ")?.trim_ascii();
    text(id).map(Seen::Bus)
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}
