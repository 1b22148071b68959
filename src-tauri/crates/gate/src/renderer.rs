//! The renderer's side: what waits to be given to it, the one call that is under way, and what it can show.
//! Must not know senders, rows or policy.

use crate::files::{Files, Substitute};
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::wire::{Notify, Rewrite, SIGNATURE, compose};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_domain::{Forward, Raw};
use zbus::Message;

/// What waits may hold this many bytes of bodies; beyond it only what a row says is shown.
const QUEUED_BYTES: usize = 32 << 20;
/// So many wait at most, and so many bytes' rows: what comes then is held. A daemon shows a handful a second.
const QUEUED: usize = 2_000;
const ROWS_BYTES: usize = 2 * QUEUED_BYTES;
/// A renderer that is being restarted is waited for this long.
pub(crate) const ABSENT: Duration = Duration::from_secs(5);
/// A renderer that does not answer for this long is not waited for any more: what GDBus allows a call.
const SILENT: Duration = Duration::from_secs(25);
const DOES_NOT_ANSWER: &str = "it does not answer";
/// Activation tokens that wait for the action they belong to.
const TOKENS: usize = 16;

/// What the renderer says of itself; kept on disk, since ours must be known before it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RendererFacts {
    /// `GetCapabilities`.
    pub capabilities: Vec<String>,
    /// `GetServerInformation`: name and version.
    pub name: String,
    /// The same.
    pub version: String,
}

impl RendererFacts {
    /// Whether it says that it can do this.
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }
}

/// What became of something that was to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) serial: u32,
    pub(crate) error: String,
}

/// What is not waited for any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenUp {
    /// The call that the renderer has and does not answer. It may show it all the same, and says so then.
    pub(crate) silent: Option<u32>,
    /// Those that were never sent.
    pub(crate) refused: Vec<Refused>,
}

/// The call that the renderer has.
struct Outstanding {
    serial: u32,
    since: Instant,
    /// It is not waited for any more, but its answer still counts; nothing else is sent before the renderer answers.
    is_given_up: bool,
}

/// The serial of the call whose files are looked at, and once that is known, which of them are gone, with their copies.
type Look = (u32, Option<BTreeMap<String, String>>);

/// What is to be done for the renderer.
pub(crate) enum Next {
    /// This is to be sent.
    Call(Message),
    /// This cannot be sent.
    Refused(Refused),
    /// It is to be found out whether these files are still there, for the call of this serial.
    Look(u32, Vec<Substitute>),
}

/// What became of a call that was to be made.
enum Made {
    Call(Message),
    /// Its files have to be looked at first.
    Look(Vec<Substitute>),
    /// They are being looked at.
    Waits(Look),
}

/// The queue to the renderer: one call outstanding.
#[derive(Default)]
pub(crate) struct Renderer {
    unique: Option<Arc<str>>,
    /// The same, among the connections of all sessions.
    connection: Option<Arc<str>>,
    absent_since: Option<Instant>,
    /// Another program answers for notifications now.
    name_lost: bool,
    /// With the bytes that each came with.
    queue: VecDeque<(usize, Box<Forward>)>,
    queued_bytes: usize,
    outstanding: Option<Outstanding>,
    look: Option<Look>,
    tokens: BTreeMap<u32, String>,
    pub(crate) facts: RendererFacts,
}

impl Renderer {
    pub(crate) fn new(facts: RendererFacts) -> Self {
        Self { facts, ..Self::default() }
    }

    pub(crate) fn unique(&self) -> Option<&Arc<str>> {
        self.unique.as_ref()
    }

    pub(crate) fn connection(&self) -> Option<&Arc<str>> {
        self.connection.as_ref()
    }

    pub(crate) fn up(&mut self, unique: Arc<str>, connection: Arc<str>) {
        (self.unique, self.connection) = (Some(unique), Some(connection));
        self.absent_since = None;
        self.tokens.clear();
    }

    pub(crate) fn down(&mut self) {
        (self.unique, self.connection) = (None, None);
        // Each failed start says so once more: what waits has waited since the first.
        if !self.queue.is_empty() && self.absent_since.is_none() {
            self.absent_since = Some(Instant::now());
        }
    }

    /// Whether the name was lost: what came to us all the same is not for the daemon behind us to show any more.
    pub(crate) fn set_name_lost(&mut self, lost: bool) {
        self.name_lost = lost;
    }

    /// Takes one to be sent. It is refused while too many wait, or while the renderer does not answer.
    pub(crate) fn push(&mut self, mut forward: Box<Forward>) -> Option<Refused> {
        if self.is_silent() {
            return Some(Refused { serial: forward.serial, error: DOES_NOT_ANSWER.into() });
        }
        let bytes = forward.raw.as_ref().map_or(0, |raw| raw.body.len());
        let place = self.place_of(&forward);
        let queued_bytes = self.queued_bytes.saturating_add(bytes);
        if self.queue.len() >= QUEUED || queued_bytes > ROWS_BYTES {
            let error = format!("{} wait for it already", self.queue.len());
            return Some(Refused { serial: forward.serial, error });
        }
        if queued_bytes > QUEUED_BYTES {
            forward.raw = None;
        }
        self.queued_bytes = queued_bytes;
        if self.unique.is_none() && self.absent_since.is_none() {
            self.absent_since = Some(Instant::now());
        }
        self.queue.insert(place, (bytes, forward));
        None
    }

    /// At the end; but what an earlier gate had not sent any more comes before what has arrived since.
    fn place_of(&self, forward: &Forward) -> usize {
        if !forward.overdue {
            return self.queue.len();
        }
        let arrived_later = |(_, other): &(usize, Box<Forward>)| other.row.seq > forward.row.seq;
        self.queue.iter().position(arrived_later).unwrap_or(self.queue.len())
    }

    /// What is next, if no call is outstanding and there is somebody to call. A body that cannot be written is refused.
    pub(crate) fn next(&mut self, files: &Files) -> Option<Next> {
        if self.name_lost {
            let serial = self.pop()?.serial;
            return Some(Next::Refused(Refused {
                serial,
                error: "another program owns the notifications' name".into(),
            }));
        }
        let unique = self.unique.clone().filter(|_| self.outstanding.is_none())?;
        let serial = self.queue.front()?.1.serial;
        let look = self.look.take_if(|(of, _)| *of == serial);
        match self.make(&unique, &self.queue.front()?.1, files, look) {
            Ok(Made::Call(message)) => {
                self.pop();
                self.outstanding = Some(Outstanding { serial, since: Instant::now(), is_given_up: false });
                Some(Next::Call(message))
            }
            Ok(Made::Waits(look)) => {
                self.look = Some(look);
                None
            }
            Ok(Made::Look(substitutes)) => {
                self.look = Some((serial, None));
                Some(Next::Look(serial, substitutes))
            }
            Err(error) => {
                self.pop();
                Some(Next::Refused(Refused { serial, error }))
            }
        }
    }

    /// Which of its files are gone, with their copies: the call can be made now.
    pub(crate) fn looked(&mut self, serial: u32, gone: BTreeMap<String, String>) {
        self.look = Some((serial, Some(gone)));
    }

    fn pop(&mut self) -> Option<Box<Forward>> {
        let (bytes, forward) = self.queue.pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
        Some(forward)
    }

    fn make(&self, unique: &str, forward: &Forward, files: &Files, look: Option<Look>) -> Result<Made, String> {
        let gone = match look {
            Some((serial, None)) => return Ok(Made::Waits((serial, None))),
            Some((_, Some(gone))) => Some(gone),
            None => None,
        };
        let raw = match &forward.raw {
            Some(raw) => raw.clone(),
            None => compose(&forward.row, forward.replaces, forward.quiet),
        };
        let notify = Notify::read(&raw.body, raw.big_endian).map_err(|error| error.to_string())?;
        if gone.is_none() {
            let substitutes = files.substitutes(forward.row.id, &notify);
            if !substitutes.is_empty() {
                return Ok(Made::Look(substitutes));
            }
        }
        let plain = (!self.facts.has("body-markup")).then(|| crate::markup::plain_text(notify.body));
        let rewrite = Rewrite {
            replaces: forward.replaces,
            quiet: forward.quiet,
            without_actions: !self.facts.has("actions") || !forward.row.is_open(),
            plain_body: plain.as_deref(),
            reply_button: (!self.facts.has("inline-reply")).then_some("Reply"),
            files: gone.unwrap_or_default(),
            ..Rewrite::default()
        };
        let body = rewrite.apply(&raw).map_err(|error| error.to_string())?;
        call(unique, forward.serial, &body).map(Made::Call)
    }

    /// Whether this is the serial of the outstanding call; the next may go then.
    pub(crate) fn is_answer(&mut self, serial: u32) -> bool {
        self.outstanding.take_if(|outstanding| outstanding.serial == serial).is_some()
    }

    fn is_silent(&self) -> bool {
        self.outstanding.as_ref().is_some_and(|outstanding| outstanding.is_given_up)
    }

    /// It has answered what it was asked after the call that it had not answered: notification daemons answer in order, so
    /// that one stays without an answer.
    pub(crate) fn answers_again(&mut self) -> Option<Refused> {
        let outstanding = self.outstanding.take_if(|outstanding| outstanding.is_given_up)?;
        Some(Refused { serial: outstanding.serial, error: "it never answered".into() })
    }

    /// When something must be given up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let waited_for = self.outstanding.as_ref().filter(|outstanding| !outstanding.is_given_up);
        let silent = waited_for.map(|outstanding| outstanding.since + SILENT);
        let absent = self.absent_since.map(|since| since + ABSENT);
        silent.into_iter().chain(absent).min()
    }

    /// What is given up now.
    pub(crate) fn give_up(&mut self, now: Instant) -> GivenUp {
        let mut given_up = GivenUp::default();
        let is_over = |outstanding: &&mut Outstanding| !outstanding.is_given_up && outstanding.since + SILENT <= now;
        if let Some(outstanding) = self.outstanding.as_mut().filter(is_over) {
            outstanding.is_given_up = true;
            given_up.silent = Some(outstanding.serial);
            given_up.refused = self.refuse_all(DOES_NOT_ANSWER);
        }
        if self.absent_since.is_some_and(|since| since + ABSENT <= now) {
            self.absent_since = None;
            given_up.refused.extend(self.refuse_all("it is not running"));
        }
        given_up
    }

    fn refuse_all(&mut self, error: &str) -> Vec<Refused> {
        let waiting = std::mem::take(&mut self.queue);
        self.queued_bytes = 0;
        let refused = |(_, forward): (usize, Box<Forward>)| Refused { serial: forward.serial, error: error.to_owned() };
        waiting.into_iter().map(refused).collect()
    }

    /// An empty token is none: some renderers send one before every action.
    pub(crate) fn keep_token(&mut self, id: u32, token: String) {
        if token.is_empty() {
            return;
        }
        if self.tokens.len() >= TOKENS {
            self.tokens.pop_first();
        }
        self.tokens.insert(id, token);
    }

    pub(crate) fn take_token(&mut self, id: u32) -> Option<String> {
        self.tokens.remove(&id)
    }
}

fn call(unique: &str, serial: u32, raw: &Raw) -> Result<Message, String> {
    let serial = NonZeroU32::new(serial).ok_or("the serial is 0")?;
    let endian = if raw.big_endian { zbus::zvariant::Endian::Big } else { zbus::zvariant::Endian::Little };
    let builder = Message::method_call(NOTIFICATIONS_PATH, "Notify")
        .and_then(|builder| builder.destination(unique.to_owned()))
        .and_then(|builder| builder.interface(NOTIFICATIONS))
        .map_err(|error| error.to_string())?
        .endian(endian)
        .serial(serial);
    raw_body(builder, &raw.body, SIGNATURE).map_err(|error| error.to_string())
}

/// A message with a body that is marshalled already.
pub(crate) fn raw_body(builder: zbus::message::Builder<'_>, body: &[u8], signature: &str) -> zbus::Result<Message> {
    // SAFETY: the function is unsafe because file descriptors in the body would have to be valid; none is passed, hints
    // that hold one are left out of the body (`Rewrite::keeps`), and other messages that carry any are not passed on.
    #[expect(unsafe_code, reason = "zbus has no safe way to send bytes that are marshalled already")]
    unsafe {
        builder.build_raw_body(body, signature, vec![])
    }
}
