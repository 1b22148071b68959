//! What an interruption is: who sent it, what it says, where it is. Must not know how it came in or is stored.

use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// The first id that the gate gives out. Renderers count from 1, so that an app's id from one of these is never taken for
/// one of ours (check 11).
pub const FIRST_ID: u32 = 1 << 30;

/// Over this many held of one app, older rows lose their text (check 51).
pub const FLOOD_KEEP: u32 = 2_000;

/// Apps of which something is held, before a name that is only claimed is no app of its own any more: anybody can give a
/// new one with each notification, and of each held app something is kept in memory.
pub const HELD_NAMES: usize = 1_000;

/// The key of the action that stands for a reply field: no button, for nothing can be said by pressing it.
pub const INLINE_REPLY: &str = "inline-reply";

/// The id that the sender knows an interruption by. Unique among the open ones; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId(pub u32);

/// The id that the renderer gave. Means nothing without the renderer connection that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RendererId(pub u32);

/// The row's own key: rises with arrival and is never used twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub i64);

/// A D-Bus call that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// A client's request that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Who sent it. The same sender only if all four agree: `:1.57` is given out anew after the bus restarts, and a process
/// id after the process ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sender {
    /// The bus's own id (`org.freedesktop.DBus.GetId`).
    pub bus: Arc<str>,
    /// The connection's unique name.
    pub name: Arc<str>,
    /// The process, as the bus reported it; 0 when it could not.
    pub pid: u32,
    /// The process's start time in clock ticks since boot (`/proc/PID/stat`, field 22).
    pub started: u64,
}

/// How the app was recognised, from most to least reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// `/proc/PID/root/.flatpak-info`.
    Flatpak,
    /// The snap's security label or cgroup.
    Snap,
    /// The systemd unit `app-…-ID-….scope` or `.service`.
    Unit,
    /// The program that runs.
    Executable,
    /// The `desktop-entry` hint: a claim.
    DesktopEntry,
    /// The `app_name` argument: a claim.
    Name,
}

impl Proof {
    /// Whether it rests on what the notification says of itself.
    #[must_use]
    pub fn is_claim(self) -> bool {
        match self {
            Self::DesktopEntry | Self::Name => true,
            Self::Flatpak | Self::Snap | Self::Unit | Self::Executable => false,
        }
    }
}

/// Put off to the next check-in: rises with every command that put some off, so that those can be told from earlier ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaterMark(pub u64);

impl Sender {
    /// Who sent what was noted by hand.
    #[must_use]
    pub fn nobody() -> Self {
        Self { bus: "".into(), name: "".into(), pid: 0, started: 0 }
    }
}

/// The app behind a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// What identifies it; groups and rules go by this. At most 128 bytes.
    pub id: Arc<str>,
    /// Its name for people. At most 128 bytes.
    pub name: Arc<str>,
    /// How `id` was found.
    pub proof: Proof,
    /// Where it can be opened although its sender left.
    pub desktop_entry: Option<Arc<str>>,
    /// The program that runs, where it surely is the one at that path and only the system's administrator can change it:
    /// what the safe list trusts.
    pub executable: Option<Arc<str>>,
}

impl App {
    /// What stands where an app would, for what was noted by hand. No app's id begins with a colon.
    #[must_use]
    pub fn noted_by_hand() -> Self {
        let (id, name) = (":noted".into(), "Noted by hand".into());
        Self { id, name, proof: Proof::Name, desktop_entry: None, executable: None }
    }

    /// What stands for all apps that are known by a name alone and come while [`HELD_NAMES`] are held.
    #[must_use]
    pub fn others() -> Self {
        let (id, name) = (":others".into(), "Other apps".into());
        Self { id, name, proof: Proof::Name, desktop_entry: None, executable: None }
    }

    /// Whether it is the app for sure, whatever its notification says (check 50). A program that anybody
    /// may have put in its place is not.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        match self.proof {
            Proof::Flatpak | Proof::Snap => true,
            Proof::Unit | Proof::Executable => self.executable.is_some(),
            Proof::DesktopEntry | Proof::Name => false,
        }
    }

    /// Whether its sender is a program that sends for others, such as a script's `notify-send`: nothing but the name that it
    /// was given says whose it is.
    #[must_use]
    pub fn is_sent_for_others(&self) -> bool {
        self.proof == Proof::Name
    }

    /// Whether it may go on with what an earlier connection left behind: the same app, recognised at least as surely. Who
    /// only says so must give the same name too.
    #[must_use]
    pub fn goes_on_for(&self, earlier: &Self) -> bool {
        let as_sure = self.proof <= earlier.proof && (self.is_trusted() || !earlier.is_trusted());
        self.id == earlier.id && as_sure && (!self.proof.is_claim() || self.name == earlier.name)
    }

    /// Whether it is the same app, as surely recognised: a claim is not the app that it names.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.proof == other.proof
    }
}

/// What the sender claims of its importance. No proof of any (check 21).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// 0
    Low,
    /// 1, and whatever is not understood
    #[default]
    Normal,
    /// 2
    Critical,
}

/// `expire_timeout` of the specification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Timeout {
    /// −1, and any other negative value.
    #[default]
    Default,
    /// 0
    Never,
    /// This long after it is shown.
    After(Duration),
}

/// A button of the notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Goes back byte-exact.
    pub key: String,
    /// What the button says.
    pub label: String,
}

/// What the user should know about what was kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The image was dropped: its size in bytes.
    ImageTooLarge(u64),
    /// The image was dropped: its numbers do not fit its bytes.
    ImageInvalid,
    /// The body was cut: its length in bytes.
    BodyTooLong(u64),
    /// The renderer refused it; its error, one line.
    RendererRefused(String),
    /// A crash came between sending it to the renderer and its answer.
    MayHaveBeenShown,
    /// The renderer restarted while it was on screen.
    RendererRestarted,
    /// Text and image dropped: its app sent over [`FLOOD_KEEP`].
    TextDroppedFlood,
    /// A transient one's text, which is never written to disk, was lost with a restart.
    TextLost,
    /// Its [`Raw`], and so its image and what only the renderer understands, was dropped: too much is kept on disk in all.
    RawDropped,
}

/// What it says. A cache of [`Raw`] for policy and display.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Never markup.
    pub summary: String,
    /// As sent, markup and all; at most 64 KiB here.
    pub body: String,
    /// In the order given. `default` is the click on the whole.
    pub actions: Vec<Action>,
    /// `urgency`.
    pub urgency: Urgency,
    /// `expire_timeout`.
    pub timeout: Timeout,
    /// Kept in memory only, and expires while held.
    pub transient: bool,
    /// Stays open after an action.
    pub resident: bool,
    /// Volume, brightness. Of an arrival: what its app says; of a row: that it passed as such, outside the ledger's sum.
    pub feedback: bool,
    /// `x-dunst-stack-tag` or one of the `synchronous` hints: replaces by tag within one app. Of a row that named an id
    /// which was never given out, that.
    pub stack_tag: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// The placeholder of the inline reply field, where the app offers one.
    pub inline_reply: Option<String>,
    /// What the gate had to leave out.
    pub remarks: Vec<Remark>,
}

/// The `Notify` call's body as it came, so that what is forwarded keeps every hint with its D-Bus type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The marshalled body, signature `susssasa{sv}i`.
    pub body: Arc<[u8]>,
    /// Its byte order.
    pub big_endian: bool,
}

/// One `Notify` call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// What must be answered.
    pub call: CallId,
    /// Who.
    pub sender: Sender,
    /// Of which app.
    pub app: App,
    /// `replaces_id`; 0 for a new one.
    pub replaces: u32,
    /// What it says.
    pub content: Content,
    /// As it came, or with its image made smaller: what is kept.
    pub raw: Raw,
    /// As it came, if that is not what is kept: what goes to the renderer at once.
    pub whole: Option<Raw>,
    /// One of the gate's own notices, known by its process.
    pub own: bool,
}

/// Where an interruption is: always in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Kept for a check-in.
    Held,
    /// Let through, by a rule or because the gate was open.
    Passed,
    /// Its app took it back.
    Withdrawn,
    /// By a rule.
    Muted,
    /// A transient one whose time ran out.
    Expired,
    /// Given to the renderer.
    Released,
    /// Dealt with by the user.
    Done,
}

/// Where an interruption came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// An app sent it.
    #[default]
    App,
    /// The user noted it by hand: nobody sent it, and nobody is told of it.
    Note,
    /// One of the gate's own notices: in no list and in no count.
    OurOwn,
}

/// Where a row is, with what is known of it only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Kept for a check-in.
    Held(Held),
    /// It left, or never was held.
    Settled {
        /// As what.
        outcome: Outcome,
        /// In which period; of one that never was held, that of its arrival.
        period: u64,
    },
}

/// One that is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// When its time runs out: that of a transient one, or of a script that waits for its time-out.
    pub expires: Option<DateTime<Utc>>,
    /// Put off to the next digest.
    pub deferred: Option<Deferral>,
}

/// With which command one was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferral {
    /// The command's mark: a later digest brings back all marks up to its own.
    pub mark: LaterMark,
    /// When it comes back, if no digest comes first.
    pub until: Option<DateTime<Utc>>,
}

/// What became of one that is not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As [`State::Passed`].
    Passed,
    /// As [`State::Withdrawn`].
    Withdrawn,
    /// As [`State::Muted`].
    Muted,
    /// As [`State::Expired`].
    Expired,
    /// As [`State::Released`].
    Released,
    /// As [`State::Done`].
    Done {
        /// When its sender is told, and it cannot be undone any more. None once that has happened.
        undo_until: Option<DateTime<Utc>>,
    },
}

impl Outcome {
    /// The books' word for it.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Passed => State::Passed,
            Self::Withdrawn => State::Withdrawn,
            Self::Muted => State::Muted,
            Self::Expired => State::Expired,
            Self::Released => State::Released,
            Self::Done { .. } => State::Done,
        }
    }
}

impl Standing {
    /// Held, and nothing more is known of it.
    #[must_use]
    pub fn held() -> Self {
        Self::Held(Held::default())
    }

    /// Where one is that the books have in a state; of one that is not held, since this period.
    #[must_use]
    pub fn of(state: State, period: u64) -> Self {
        let outcome = match state {
            State::Held => return Self::held(),
            State::Passed => Outcome::Passed,
            State::Withdrawn => Outcome::Withdrawn,
            State::Muted => Outcome::Muted,
            State::Expired => Outcome::Expired,
            State::Released => Outcome::Released,
            State::Done => Outcome::Done { undo_until: None },
        };
        Self::Settled { outcome, period }
    }

    /// Somebody set the clock: what lasts keeps its length. What no clock can say any more has no end.
    pub(crate) fn clock_moved(&mut self, by: Duration) {
        let move_on = |at: &mut Option<DateTime<Utc>>| *at = at.and_then(|at| at.checked_add_signed(by));
        match self {
            Self::Held(held) => {
                move_on(&mut held.expires);
                held.deferred.iter_mut().for_each(|deferral| move_on(&mut deferral.until));
            }
            Self::Settled { outcome: Outcome::Done { undo_until }, .. } => move_on(undo_until),
            Self::Settled { .. } => {}
        }
    }
}

/// The reason of the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A block ran and no rule let it through.
    Block,
    /// An app asked for quiet: its name.
    Inhibited(String),
    /// The gate was open.
    GateOpen,
    /// On the safe list: the entry's name.
    SafeList(String),
    /// A rule of the user's for this app.
    Rule,
    /// Feedback.
    Feedback,
    /// The store could not be written.
    StoreFailed,
    /// One of the gate's own notices.
    Own,
    /// The user noted it by hand.
    Noted,
}

/// Why one is held now that had left, or was on its way to the screen: whatever it was held or let through for at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It was pressed on the screen, and its app does not listen any more.
    NobodyListens,
    /// It was pressed on the screen to be answered, which is done here.
    ToBeAnswered,
    /// The renderer refused it.
    Refused,
    /// The renderer has it and does not answer.
    NoAnswer,
    /// The renderer that had shown it is gone.
    RendererGone,
    /// The gate stopped while it was on its way to the renderer.
    GateStopped,
    /// The user took its release back.
    ReleaseUndone,
    /// It came back before this was noted down.
    Unknown,
}

/// What must still be done once the renderer has answered the call that is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    #[default]
    Nothing,
    /// Send the newest text: it was edited meanwhile.
    Resend,
    /// Close it: its app took it back meanwhile.
    Close,
}

/// How it stands with the renderer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Not there.
    #[default]
    None,
    /// Stored before the call is sent, so that after a crash it can be found out what became of it.
    Sending {
        /// The connection that sends it, told apart from those of other sessions.
        gate: Arc<str>,
        /// The call's serial.
        serial: u32,
        /// What follows.
        then: Then,
        /// It has not answered for so long that nobody waits any more. Should it turn out to be shown, that counts.
        late: bool,
    },
    /// On screen, or in the renderer's history.
    Shown {
        /// The renderer's connection, told apart from those of other sessions.
        by: Arc<str>,
        /// Its id there.
        id: RendererId,
    },
}

/// `reason` of `NotificationClosed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedReason {
    /// 1
    Expired,
    /// 2
    Dismissed,
    /// 3
    ByCall,
    /// 4, and whatever else a renderer says
    Undefined,
}

impl ClosedReason {
    /// The number on the bus.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Expired => 1,
            Self::Dismissed => 2,
            Self::ByCall => 3,
            Self::Undefined => 4,
        }
    }

    /// From the number on the bus.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        match code {
            1 => Self::Expired,
            2 => Self::Dismissed,
            3 => Self::ByCall,
            _ => Self::Undefined,
        }
    }
}

/// That its sender was told it is closed: from then on the id is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// What it was told.
    pub reason: ClosedReason,
    /// When.
    pub at: DateTime<Utc>,
}

/// One row: an interruption and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// The row's key.
    pub seq: Seq,
    /// What the sender knows it by. A dead id may stand on an older row too.
    pub id: NoticeId,
    /// When it arrived; an edit does not change it.
    pub arrived: DateTime<Utc>,
    /// The period in which it arrived.
    pub period: u64,
    /// Who sent it.
    pub sender: Sender,
    /// The gate's own connection at that time, told apart from those of other sessions: GLib forgets when it changes.
    pub gate: Arc<str>,
    /// Its app.
    pub app: App,
    /// Its newest text.
    pub content: Content,
    /// Where it is.
    pub standing: Standing,
    /// Why it was held, passed or muted when it came.
    pub why: Why,
    /// Why it is held now, if it came back. Means nothing where it is not held.
    pub came_back: Option<Return>,
    /// How it stands with the renderer.
    pub delivery: Delivery,
    /// Whether its sender was told that it is closed.
    pub closed: Option<Closing>,
    /// How many earlier texts are kept.
    pub revisions: u32,
    /// When an action or a reply last went to its sender; stored before it leaves, so that a crash repeats none.
    pub acted: Option<DateTime<Utc>>,
    /// Where it came from.
    pub origin: Origin,
}

impl Interruption {
    /// The books' word for where it is.
    #[must_use]
    pub fn state(&self) -> State {
        match self.standing {
            Standing::Held(_) => State::Held,
            Standing::Settled { outcome, .. } => outcome.state(),
        }
    }

    /// Whether it is kept for a check-in.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.standing, Standing::Held(_))
    }

    /// The period in which it left *held*, or arrived and never was held.
    #[must_use]
    pub fn settled(&self) -> Option<u64> {
        match self.standing {
            Standing::Held(_) => None,
            Standing::Settled { period, .. } => Some(period),
        }
    }

    /// When its time runs out: while held it expires then, and what is done is done for good.
    #[must_use]
    pub fn due(&self) -> Option<DateTime<Utc>> {
        match self.standing {
            Standing::Held(held) => held.expires,
            Standing::Settled { outcome: Outcome::Done { undo_until }, .. } => undo_until,
            Standing::Settled { .. } => None,
        }
    }

    /// With which command it was put off, if it is held.
    #[must_use]
    pub fn deferred(&self) -> Option<Deferral> {
        match self.standing {
            Standing::Held(held) => held.deferred,
            Standing::Settled { .. } => None,
        }
    }

    /// Whether it was put off by a command with a mark above this one.
    #[must_use]
    pub fn is_deferred_after(&self, mark: LaterMark) -> bool {
        self.deferred().is_some_and(|deferral| deferral.mark > mark)
    }

    /// What is known of it while it is held.
    pub(crate) fn held_mut(&mut self) -> Option<&mut Held> {
        match &mut self.standing {
            Standing::Held(held) => Some(held),
            Standing::Settled { .. } => None,
        }
    }

    /// Its time does not run out any more.
    pub(crate) fn forget_due(&mut self) {
        match &mut self.standing {
            Standing::Held(held) => held.expires = None,
            Standing::Settled { outcome: Outcome::Done { undo_until }, .. } => *undo_until = None,
            Standing::Settled { .. } => {}
        }
    }

    /// Whether its sender may still hear of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether it is held though its sender was told that it is closed: a script that waits for the time-out that it set
    /// would else hang until the next check-in. Nobody listens to its buttons any more.
    #[must_use]
    pub fn script_went_on(&self) -> bool {
        self.is_held() && !self.is_open()
    }

    /// Whether its app may still edit it or take it back: also what a script left held, wherever it went since, as long as
    /// it is seen there or may be held again.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        let ran_out = self.closed.is_some_and(|closing| closing.reason == ClosedReason::Expired);
        let is_there = self.is_held() || self.delivery != Delivery::None || self.due().is_some();
        self.is_open() || (ran_out && is_there)
    }

    /// Whether the user noted it by hand.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        self.origin == Origin::Note
    }

    /// Whether it is one of the gate's own notices.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.origin == Origin::OurOwn
    }

    /// Whether it is on its way to the renderer, and its answer is waited for.
    #[must_use]
    pub fn is_going(&self) -> bool {
        matches!(self.delivery, Delivery::Sending { late: false, .. })
    }

    /// Whether the renderer has not said yet what became of it.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        matches!(self.delivery, Delivery::Sending { .. })
    }

    /// Whether the renderer has it, and its answer is not waited for any more.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self.delivery, Delivery::Sending { late: true, .. })
    }

    /// Whether it was let through, but nobody shows it: the renderer refused it, and there was no store to hold it in.
    #[must_use]
    pub fn waits_for_the_screen(&self) -> bool {
        let refused = |remark: &Remark| matches!(remark, Remark::RendererRefused(_));
        let is_nowhere = self.state() == State::Passed && self.delivery == Delivery::None && self.is_counted();
        is_nowhere && self.is_open() && self.content.remarks.iter().any(refused)
    }

    /// Whether the ledger counts it.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        !self.is_own() && !self.content.feedback
    }

    /// Whether its app offered a click on the whole.
    #[must_use]
    pub fn has_action(&self, key: &str) -> bool {
        self.content.actions.iter().any(|action| action.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(id: &str, name: &str, proof: Proof, executable: Option<&str>) -> App {
        App { id: id.into(), name: name.into(), proof, desktop_entry: None, executable: executable.map(Arc::from) }
    }

    #[test]
    fn check_15_the_same_app_goes_on_if_it_is_recognised_as_surely() {
        let systems = |proof| app("chat", "Chat", proof, Some("/usr/bin/chat"));
        let anybodys = app("chat", "Chat", Proof::Executable, None);
        let claim = |name| app("chat", name, Proof::DesktopEntry, None);
        assert!(systems(Proof::Unit).goes_on_for(&systems(Proof::Executable)));
        assert!(!systems(Proof::Executable).goes_on_for(&systems(Proof::Unit)));
        assert!(systems(Proof::Executable).goes_on_for(&anybodys));
        assert!(!anybodys.goes_on_for(&systems(Proof::Executable)));
        assert!(anybodys.goes_on_for(&claim("Other")) && !claim("Chat").goes_on_for(&anybodys));
        assert!(claim("Chat").goes_on_for(&claim("Chat")) && !claim("Chat").goes_on_for(&claim("Other")));
        assert!(!claim("Chat").goes_on_for(&app("mail", "Chat", Proof::DesktopEntry, None)));
    }
}
