//! The renderer's side: what waits to be given to it, the one call that is under way, and what it can show.
//! Must not know senders, rows or policy.

mod questions;
mod tokens;

use crate::files::{Files, Substitute};
use crate::names::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::relay_protocol::RendererSignal;
use crate::wire::{Notify, Rewrite, SIGNATURE, compose};
pub(crate) use questions::Question;
use questions::Questions;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_domain::{Audience, ClosedReason, Event, Forward, Raw, RendererId};
use tokens::Tokens;
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
    tokens: Tokens,
    questions: Questions,
    pub(crate) facts: RendererFacts,
}

impl Renderer {
    pub(crate) fn new(facts: RendererFacts) -> Self {
        Self { facts, ..Self::default() }
    }

    pub(crate) fn unique(&self) -> Option<&Arc<str>> {
        self.unique.as_ref()
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

    /// What one of its signals means to the model. `to`: for whom it was. None: nothing yet, or nobody is there who says it.
    pub(crate) fn event(&mut self, signal: RendererSignal, to: Audience) -> Option<Event> {
        let by = self.connection.clone()?;
        match signal {
            RendererSignal::Closed { id, reason } => {
                self.tokens.take(id);
                let reason = ClosedReason::from_code(reason);
                Some(Event::RendererClosed { by, id: RendererId(id), reason, to })
            }
            RendererSignal::ActivationToken { id, token } => {
                self.tokens.keep(id, token);
                None
            }
            RendererSignal::ActionInvoked { id, key } => {
                let token = self.tokens.take(id);
                Some(Event::RendererAction { by, id: RendererId(id), key, token, to })
            }
            RendererSignal::Replied { id, text } => Some(Event::RendererReplied { by, id: RendererId(id), text, to }),
        }
    }

    /// The call that asks it something; none while nobody is there.
    pub(crate) fn ask(&mut self, question: Question) -> Option<zbus::Result<Message>> {
        self.unique.as_deref().map(|unique| self.questions.ask(unique, question))
    }

    /// What it had been asked with this serial; what it says of itself is known then.
    pub(crate) fn answered(&mut self, serial: u32, answer: &Message) -> Option<Question> {
        let question = self.questions.answered(serial)?;
        self.facts.learn(question, answer);
        Some(question)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Slot, copy_of};
    use crate::testing::{forward, raw};
    use tidegate_domain::Interruption;
    use tidegate_testkit::Notification;

    const MOMENT: Duration = Duration::from_millis(1);

    /// Files of which no copies are made.
    fn files(folder: &tempfile::TempDir) -> Files {
        let (_, most) = tokio::sync::watch::channel(0);
        Files::new(folder.path().to_owned(), most)
    }

    /// A renderer that can do these things and is there.
    fn there(capabilities: &[&str]) -> Renderer {
        let capabilities = capabilities.iter().map(|one| (*one).to_owned()).collect();
        let mut renderer = Renderer::new(RendererFacts { capabilities, ..RendererFacts::default() });
        renderer.up(":1.9".into(), "bus/:1.9".into());
        renderer
    }

    fn push(renderer: &mut Renderer, serials: impl IntoIterator<Item = u32>) {
        serials.into_iter().for_each(|serial| assert_eq!(renderer.push(Box::new(forward(serial))), None));
    }

    fn with_raw(serial: u32, raw: Raw) -> Box<Forward> {
        Box::new(Forward { raw: Some(raw), ..forward(serial) })
    }

    /// The serial of what is sent next.
    fn sent(renderer: &mut Renderer, files: &Files) -> Option<u32> {
        match renderer.next(files)? {
            Next::Call(message) => Some(message.primary_header().serial_num().get()),
            Next::Refused(refused) => panic!("{refused:?}"),
            Next::Look(serial, _) => panic!("{serial} is looked at"),
        }
    }

    /// All that are sent, each answered at once.
    fn all_sent(renderer: &mut Renderer, files: &Files) -> Vec<u32> {
        std::iter::from_fn(|| sent(renderer, files).inspect(|serial| assert!(renderer.is_answer(*serial)))).collect()
    }

    fn refused(renderer: &mut Renderer, files: &Files) -> Refused {
        match renderer.next(files) {
            Some(Next::Refused(refused)) => refused,
            Some(Next::Call(_) | Next::Look(..)) | None => panic!("it is not refused"),
        }
    }

    fn serials(refused: &[Refused]) -> Vec<u32> {
        refused.iter().map(|refused| refused.serial).collect()
    }

    /// What the renderer is given for a notification.
    fn shown(renderer: &mut Renderer, files: &Files, forward: Forward) -> Raw {
        assert_eq!(renderer.push(Box::new(forward)), None);
        let Some(Next::Call(message)) = renderer.next(files) else { panic!("it is not sent") };
        assert!(renderer.is_answer(message.primary_header().serial_num().get()));
        let big_endian = cfg!(target_endian = "big");
        Raw { body: message.body().data().to_vec().into(), big_endian }
    }

    fn read(raw: &Raw) -> Notify<'_> {
        Notify::read(&raw.body, raw.big_endian).unwrap()
    }

    #[tokio::test]
    async fn one_call_is_under_way_at_a_time_and_the_next_goes_with_its_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        push(&mut renderer, [1, 2]);
        assert_eq!(sent(&mut renderer, &files), Some(1));
        assert_eq!(sent(&mut renderer, &files), None);
        assert!(!renderer.is_answer(2), "it was not sent");
        assert!(renderer.is_answer(1) && !renderer.is_answer(1), "an answer is one answer");
        assert_eq!(sent(&mut renderer, &files), Some(2));
    }

    #[tokio::test]
    async fn what_an_earlier_gate_had_not_sent_comes_before_what_has_arrived_since() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        push(&mut renderer, [10, 11]);
        for serial in [3, 5, 4] {
            renderer.push(Box::new(Forward { overdue: true, ..forward(serial) }));
        }
        push(&mut renderer, [12]);
        assert_eq!(all_sent(&mut renderer, &files), [3, 4, 5, 10, 11, 12]);
    }

    #[tokio::test]
    async fn what_waits_for_a_renderer_is_given_to_the_one_that_comes_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), Renderer::default());
        push(&mut renderer, [1, 2]);
        assert_eq!(sent(&mut renderer, &files), None);
        let due = renderer.deadline().unwrap();
        assert_eq!(renderer.give_up(due.checked_sub(MOMENT).unwrap()), GivenUp::default());
        renderer.up(":1.9".into(), "bus/:1.9".into());
        assert_eq!(renderer.deadline(), None);
        assert_eq!(all_sent(&mut renderer, &files), [1, 2]);
    }

    #[test]
    fn what_waits_for_a_renderer_is_refused_in_time_however_often_its_start_fails() {
        let mut renderer = Renderer::default();
        push(&mut renderer, [1]);
        let due = renderer.deadline().unwrap();
        renderer.down();
        push(&mut renderer, [2]);
        assert_eq!(renderer.deadline(), Some(due), "it has waited since it came");
        assert_eq!(serials(&renderer.give_up(due).refused), [1, 2]);
        assert_eq!((renderer.deadline(), renderer.give_up(due + ABSENT)), (None, GivenUp::default()));
        push(&mut renderer, [3]);
        assert!(renderer.deadline().unwrap() >= due - ABSENT, "what comes later waits as long");
    }

    #[test]
    fn a_renderer_that_leaves_with_nothing_to_do_keeps_nobody_waiting() {
        let mut renderer = there(&[]);
        renderer.down();
        assert_eq!((renderer.deadline(), renderer.unique()), (None, None));
    }

    /// One that was given 1 and did not answer, while 2 and 3 waited; and the instant at which that is too long.
    fn silent(files: &Files) -> (Renderer, Instant) {
        let mut renderer = there(&[]);
        push(&mut renderer, [1, 2, 3]);
        assert_eq!(sent(&mut renderer, files), Some(1));
        let due = renderer.deadline().unwrap();
        (renderer, due)
    }

    #[tokio::test]
    async fn a_renderer_that_does_not_answer_is_given_up_with_all_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let (mut renderer, due) = silent(&files);
        assert_eq!(renderer.give_up(due.checked_sub(MOMENT).unwrap()), GivenUp::default());
        let given_up = renderer.give_up(due);
        assert_eq!((given_up.silent, serials(&given_up.refused)), (Some(1), vec![2, 3]));
        assert_eq!((renderer.deadline(), renderer.give_up(due + SILENT)), (None, GivenUp::default()), "told once");
        let refused = renderer.push(Box::new(forward(4))).unwrap();
        assert_eq!((refused.serial, &*refused.error), (4, DOES_NOT_ANSWER));
    }

    #[tokio::test]
    async fn a_late_answer_still_counts_and_the_next_is_sent_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let (mut renderer, due) = silent(&files);
        renderer.give_up(due);
        assert!(renderer.is_answer(1));
        assert_eq!(renderer.answers_again(), None, "nothing is without an answer any more");
        push(&mut renderer, [4]);
        assert_eq!(all_sent(&mut renderer, &files), [4]);
    }

    #[tokio::test]
    async fn a_renderer_that_answers_something_later_never_answers_what_it_was_given_before() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let (mut renderer, due) = silent(&files);
        assert_eq!(renderer.answers_again(), None, "it is still waited for");
        renderer.give_up(due);
        assert_eq!(renderer.answers_again().map(|refused| refused.serial), Some(1));
        assert!(!renderer.is_answer(1));
        push(&mut renderer, [4]);
        assert_eq!(all_sent(&mut renderer, &files), [4]);
    }

    #[tokio::test]
    async fn so_many_wait_and_one_that_is_sent_makes_room_for_one_more() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        push(&mut renderer, (1..).take(QUEUED));
        let refused = renderer.push(Box::new(forward(9_999))).unwrap();
        assert_eq!((refused.serial, &*refused.error), (9_999, "2000 wait for it already"));
        assert_eq!(sent(&mut renderer, &files), Some(1));
        push(&mut renderer, [10_000]);
    }

    #[test]
    fn bodies_beyond_the_bound_are_not_kept_and_rows_beyond_theirs_not_taken() {
        let mut renderer = there(&[]);
        let large = Raw { body: vec![0; QUEUED_BYTES / 2].into(), big_endian: false };
        for serial in 1..5 {
            assert_eq!(renderer.push(with_raw(serial, large.clone())), None);
        }
        let keeps: Vec<_> = renderer.queue.iter().map(|(_, forward)| forward.raw.is_some()).collect();
        assert_eq!(keeps, [true, true, false, false]);
        assert_eq!(renderer.push(with_raw(5, large)).map(|refused| refused.serial), Some(5));
        renderer.pop().unwrap();
        assert_eq!(renderer.queued_bytes, 3 * QUEUED_BYTES / 2);
        renderer.refuse_all("no");
        assert_eq!(renderer.queued_bytes, 0);
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_refused_and_the_next_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        renderer.push(with_raw(1, Raw { body: vec![7; 40].into(), big_endian: false }));
        push(&mut renderer, [0, 2]);
        assert_eq!(refused(&mut renderer, &files).serial, 1);
        let without_serial = refused(&mut renderer, &files);
        assert_eq!((without_serial.serial, &*without_serial.error), (0, "the serial is 0"));
        assert_eq!(sent(&mut renderer, &files), Some(2));
    }

    #[tokio::test]
    async fn nothing_is_shown_behind_another_owner_of_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        push(&mut renderer, [1, 2]);
        renderer.set_name_lost(true);
        assert_eq!(refused(&mut renderer, &files).error, "another program owns the notifications' name");
        renderer.set_name_lost(false);
        assert_eq!(sent(&mut renderer, &files), Some(2));
    }

    #[tokio::test]
    async fn a_renderer_is_given_what_it_can_show() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let sent = raw(&Notification::new("mail")
            .body("<b>Dear</b> &amp; all")
            .action("default", "Open")
            .action("inline-reply", "Answer"));
        let forward = || Forward { raw: Some(sent.clone()), ..forward(1) };
        let simple = shown(&mut there(&[]), &files, forward());
        assert_eq!((read(&simple).body, read(&simple).actions.len()), ("Dear & all", 0));
        let rich = shown(&mut there(&["body-markup", "actions", "inline-reply"]), &files, forward());
        let rich = read(&rich);
        assert_eq!((rich.body, &rich.actions[2..]), ("<b>Dear</b> &amp; all", &["inline-reply", "Answer"][..]));
        let buttons = shown(&mut there(&["actions"]), &files, forward());
        assert_eq!(read(&buttons).actions[2..], ["inline-reply", "Reply"], "a field becomes a button");
    }

    #[tokio::test]
    async fn one_whose_sender_was_told_that_it_is_closed_has_no_buttons() {
        let folder = tempfile::tempdir().unwrap();
        let closing = tidegate_domain::Closing { reason: ClosedReason::Expired, at: chrono::DateTime::UNIX_EPOCH };
        let row = Interruption { closed: Some(closing), ..forward(1).row };
        let body = shown(&mut there(&["actions"]), &files(&folder), Forward { row, ..forward(1) });
        assert!(read(&body).actions.is_empty());
    }

    #[tokio::test]
    async fn a_row_whose_body_is_gone_is_shown_by_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let quiet = Forward { replaces: 5, quiet: true, ..forward(1) };
        let body = shown(&mut there(&["actions"]), &files(&folder), quiet);
        let shown = read(&body);
        assert_eq!((shown.summary, shown.replaces, shown.app_name), ("row 1", 5, "Chat"));
        assert_eq!(shown.actions, ["open", "Open"]);
    }

    #[tokio::test]
    async fn a_call_waits_for_the_look_at_its_files_and_has_copies_of_those_that_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (files, mut renderer) = (files(&folder), there(&[]));
        let one = with_raw(1, raw(&Notification::new("picture").icon("/gone.png")));
        let copy = copy_of(folder.path(), one.row.id, Slot::Icon);
        std::fs::write(&copy, b"picture").unwrap();
        renderer.push(one);
        let Some(Next::Look(1, substitutes)) = renderer.next(&files) else { panic!("it is not looked at") };
        assert_eq!(substitutes.len(), 1);
        assert!(renderer.next(&files).is_none(), "it is being looked at");
        renderer.looked(9, BTreeMap::new());
        let Some(Next::Look(1, _)) = renderer.next(&files) else { panic!("another's look is not its own") };
        renderer.looked(1, BTreeMap::from([("/gone.png".to_owned(), copy.display().to_string())]));
        let Some(Next::Call(message)) = renderer.next(&files) else { panic!("it is not sent") };
        let body = Raw { body: message.body().data().to_vec().into(), big_endian: cfg!(target_endian = "big") };
        assert_eq!(read(&body).icon, copy.display().to_string());
    }

    #[test]
    fn an_action_brings_the_token_that_came_for_it_and_a_close_forgets_it() {
        let mut renderer = there(&[]);
        let token = |id| RendererSignal::ActivationToken { id, token: format!("token {id}") };
        let action = |id| RendererSignal::ActionInvoked { id, key: "open".into() };
        let token_of = |renderer: &mut Renderer, id| match renderer.event(action(id), Audience::Gate) {
            Some(Event::RendererAction { by, key, token, to: Audience::Gate, .. }) => {
                assert_eq!((&*by, &*key), ("bus/:1.9", "open"));
                token
            }
            other => panic!("{other:?}"),
        };
        for id in [1, 2, 3] {
            assert!(renderer.event(token(id), Audience::Gate).is_none());
        }
        assert_eq!(token_of(&mut renderer, 2).as_deref(), Some("token 2"));
        assert_eq!(token_of(&mut renderer, 2), None, "one press");
        renderer.event(RendererSignal::Closed { id: 3, reason: 2 }, Audience::Gate).unwrap();
        assert_eq!(token_of(&mut renderer, 3), None);
        renderer.up(":1.10".into(), "bus/:1.9".into());
        assert_eq!(token_of(&mut renderer, 1), None, "the next renderer gives its ids out anew");
    }

    #[test]
    fn what_a_renderer_says_is_heard_with_whom_it_was_for_while_it_is_there() {
        let mut renderer = there(&[]);
        let closed = || RendererSignal::Closed { id: 4, reason: 2 };
        let to = Audience::Other(":1.5".into());
        assert!(matches!(
            renderer.event(closed(), to.clone()),
            Some(Event::RendererClosed { id: RendererId(4), reason: ClosedReason::Dismissed, to: heard, .. }) if heard == to
        ));
        let replied = RendererSignal::Replied { id: 4, text: "yes".into() };
        assert!(matches!(
            renderer.event(replied, Audience::Everybody),
            Some(Event::RendererReplied { text, to: Audience::Everybody, .. }) if text == "yes"
        ));
        renderer.down();
        assert!(renderer.event(closed(), Audience::Everybody).is_none());
    }

    #[test]
    fn only_a_renderer_that_is_there_is_asked_and_knows_what_it_was_asked() {
        let mut renderer = there(&[]);
        let asked = renderer.ask(Question::Capabilities).unwrap().unwrap();
        let serial = asked.primary_header().serial_num().get();
        let answer = Message::method_return(&asked.header()).unwrap().build(&vec!["sound"]).unwrap();
        assert_eq!(renderer.answered(serial + 1, &answer), None);
        assert_eq!(renderer.answered(serial, &answer), Some(Question::Capabilities));
        assert!(renderer.facts.has("sound"));
        renderer.down();
        assert!(renderer.ask(Question::Answers).is_none());
    }
}
