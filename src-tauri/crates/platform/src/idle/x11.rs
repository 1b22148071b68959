//! Idleness from an X server: an alarm of the SYNC extension on its counter `IDLETIME`. That counts touches alone: to X
//! a video that plays is idleness. Only a server on this machine is asked, by its socket.

use super::{IdleError, IdleSource, Wire, plain};
use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;
use x11rb_protocol::connect::Connect;
use x11rb_protocol::parse_display::{ConnectAddress, parse_display};
use x11rb_protocol::protocol::sync::{
    ALARM_NOTIFY_EVENT, CreateAlarmAux, CreateAlarmRequest, InitializeRequest, Int64, ListSystemCountersReply,
    ListSystemCountersRequest, TESTTYPE, VALUETYPE, X11_EXTENSION_NAME, X11_XML_VERSION,
};
use x11rb_protocol::protocol::xproto::{GetInputFocusRequest, QueryExtensionRequest};
use x11rb_protocol::x11_utils::{ReplyRequest, Request, TryParse};
use x11rb_protocol::xauth::{Family, get_auth};

/// The counter counts in these.
const TICK: Duration = Duration::from_millis(1);
/// Longer replies to what is asked here no server sends.
const LONGEST: usize = 64 << 10;
/// More counters than this no server has.
const MOST_COUNTERS: u32 = 1024;
/// What every reply and event begins with.
const PACKET: usize = 32;
/// The first bytes of what a server sends.
const ERROR: u8 = 0;
const REPLY: u8 = 1;
const GENERIC_EVENT: u8 = 35;
/// Set where another client sent the event.
const SENT_BY_CLIENT: u8 = 0x80;

const MALFORMED: IdleError = IdleError::Malformed(IdleSource::X11);

/// The watch lasts as long as its connection.
pub(super) struct Watch {
    wire: Wire,
    /// The event that tells; 0, which is none, until the server has said.
    alarm_event: u8,
    /// What the SYNC extension's requests begin with.
    sync: u8,
    counter: u32,
    /// The one that goes off when nothing was touched for so long; the next id is that of the other one.
    alarm: u32,
    after: Duration,
    /// The alarm that went off last.
    went_off: Option<u32>,
}

pub(super) async fn watch(display: &str, after: Duration) -> Result<Watch, IdleError> {
    let (socket, number) = socket(display).ok_or(IdleError::NotTold(IdleSource::X11))?;
    let wire = Wire::connect(IdleSource::X11, &socket).await?;
    let mut watch = Watch { wire, alarm_event: 0, sync: 0, counter: 0, alarm: 0, after, went_off: None };
    watch.alarm = watch.set_up(number).await?;
    let sync = watch.ask(QueryExtensionRequest { name: X11_EXTENSION_NAME.as_bytes().into() }, 0).await?;
    if !sync.present {
        return Err(IdleError::NotTold(IdleSource::X11));
    }
    watch.alarm_event = sync.first_event.saturating_add(ALARM_NOTIFY_EVENT);
    watch.sync = sync.major_opcode;
    watch.counter = watch.idle_counter(sync.major_opcode).await?;
    watch.set_alarm(watch.alarm, TESTTYPE::POSITIVE_COMPARISON, after).await?;
    Ok(watch)
}

/// The socket of a display on this machine, and the display's number.
fn socket(display: &str) -> Option<(PathBuf, u16)> {
    let parsed = parse_display(Some(display)).ok()?;
    let socket = parsed.connect_instruction().find_map(|address| {
        let ConnectAddress::Socket(path) = address else { return None };
        Some(PathBuf::from(path))
    });
    Some((socket?, parsed.display))
}

/// Always a comparison, not a transition: who is idle already is idle. Without a step it tells once.
fn alarm_at(counter: u32, test: TESTTYPE, idle: Duration) -> CreateAlarmAux {
    let value = Int64 { hi: 0, lo: u32::try_from(idle.as_millis()).unwrap_or(u32::MAX) };
    CreateAlarmAux::new()
        .counter(counter)
        .value_type(VALUETYPE::ABSOLUTE)
        .value(value)
        .test_type(test)
        .delta(Int64 { hi: 0, lo: 0 })
        .events(1)
}

impl Watch {
    pub(super) async fn idle(&mut self) -> Result<(), IdleError> {
        while self.went_off.is_none() {
            self.packet().await?;
        }
        Ok(())
    }

    /// A touch lets the counter begin anew, so that it is below what it had come to.
    pub(super) async fn touched(mut self) -> Result<(), IdleError> {
        let other = self.alarm.wrapping_add(1);
        self.set_alarm(other, TESTTYPE::NEGATIVE_COMPARISON, self.after.saturating_sub(TICK)).await?;
        while self.went_off != Some(other) {
            self.packet().await?;
        }
        Ok(())
    }

    async fn set_alarm(&mut self, id: u32, test: TESTTYPE, idle: Duration) -> Result<(), IdleError> {
        let value_list = Cow::Owned(alarm_at(self.counter, test, idle));
        self.send(CreateAlarmRequest { id, value_list }, self.sync).await?;
        // An alarm is not answered; what comes next is, after the alarm's error if there is one.
        self.ask(GetInputFocusRequest, 0).await?;
        Ok(())
    }

    /// Introduces this client, and gives the first of its ids.
    async fn set_up(&mut self, display: u16) -> Result<u32, IdleError> {
        let host = rustix::system::uname();
        // Without the file or an entry in it, the server decides by the user.
        let allowed = get_auth(Family::LOCAL, host.nodename().to_bytes(), display).ok().flatten();
        let (name, data) = allowed.unwrap_or_default();
        let (mut connect, request) = Connect::with_authorization(name, data);
        self.wire.send(&request).await?;
        loop {
            let length = connect.buffer().len();
            if length == 0 {
                return Err(MALFORMED);
            }
            let bytes = self.wire.take(length).await?;
            connect.buffer().copy_from_slice(&bytes);
            if connect.advance(length) {
                break;
            }
        }
        let refused = |error: x11rb_protocol::errors::ConnectError| {
            IdleError::Refused(IdleSource::X11, plain(&error.to_string()))
        };
        Ok(connect.into_setup().map_err(refused)?.resource_id_base)
    }

    async fn idle_counter(&mut self, sync: u8) -> Result<u32, IdleError> {
        let (major, minor) = X11_XML_VERSION;
        let version = |number| u8::try_from(number).unwrap_or(0);
        let initialize =
            InitializeRequest { desired_major_version: version(major), desired_minor_version: version(minor) };
        self.ask(initialize, sync).await?;
        let reply = self.answer(ListSystemCountersRequest, sync).await?;
        // The library makes room for as many as the reply says, before it looks for them.
        if reply.get(8..).and_then(<[u8]>::first_chunk).is_none_or(|count| u32::from_ne_bytes(*count) > MOST_COUNTERS) {
            return Err(MALFORMED);
        }
        let (reply, _) = ListSystemCountersReply::try_parse(&reply).map_err(|_| MALFORMED)?;
        let idle_time = reply.counters.iter().find(|counter| counter.name == b"IDLETIME");
        Ok(idle_time.ok_or(IdleError::NotTold(IdleSource::X11))?.counter)
    }

    async fn send(&mut self, request: impl Request, opcode: u8) -> Result<(), IdleError> {
        let (bytes, _) = request.serialize(opcode);
        self.wire.send(&bytes).await
    }

    async fn ask<R: ReplyRequest>(&mut self, request: R, opcode: u8) -> Result<R::Reply, IdleError> {
        let reply = self.answer(request, opcode).await?;
        R::Reply::try_parse(&reply).map(|(reply, _)| reply).map_err(|_| MALFORMED)
    }

    async fn answer(&mut self, request: impl Request, opcode: u8) -> Result<Vec<u8>, IdleError> {
        self.send(request, opcode).await?;
        loop {
            let packet = self.packet().await?;
            if packet.first() == Some(&REPLY) {
                return Ok(packet);
            }
        }
    }

    /// The next reply or event; what tells is noted.
    async fn packet(&mut self) -> Result<Vec<u8>, IdleError> {
        let [kind, code, _, _, words @ ..] = *self.wire.peek(PACKET).await?.first_chunk::<8>().ok_or(MALFORMED)?;
        let more = match kind & !SENT_BY_CLIENT {
            REPLY | GENERIC_EVENT => usize::try_from(u32::from_ne_bytes(words)).unwrap_or(usize::MAX).saturating_mul(4),
            _ => 0,
        };
        if more > LONGEST {
            return Err(MALFORMED);
        }
        let packet = self.wire.take(PACKET + more).await?;
        if kind > REPLY && kind == self.alarm_event {
            self.went_off = Some(u32::from_ne_bytes(words));
        }
        match kind {
            ERROR => Err(IdleError::Refused(IdleSource::X11, format!("error {code}"))),
            _ => Ok(packet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_displays_of_this_machine_have_a_socket() {
        assert_eq!(socket(":7"), Some(("/tmp/.X11-unix/X7".into(), 7)));
        assert_eq!(socket(":7.1"), Some(("/tmp/.X11-unix/X7".into(), 7)));
        for other in ["elsewhere.test:7", "", "7", ":x", ":99999999"] {
            assert_eq!(socket(other), None, "{other:?}");
        }
    }

    #[test]
    fn an_alarm_compares_once_and_a_time_beyond_the_counter_is_its_longest() {
        let counted = |value: Option<Int64>| value.map(|value| (value.hi, value.lo));
        let alarm = alarm_at(5, TESTTYPE::POSITIVE_COMPARISON, Duration::from_secs(45));
        assert_eq!((alarm.counter, counted(alarm.value)), (Some(5), Some((0, 45_000))));
        assert_eq!((counted(alarm.delta), alarm.events), (Some((0, 0)), Some(1)), "it goes off once");
        let long = alarm_at(5, TESTTYPE::POSITIVE_COMPARISON, Duration::from_secs(u64::MAX));
        assert_eq!(counted(long.value), Some((0, u32::MAX)));
    }
}
