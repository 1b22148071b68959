//! A working day as one table: what comes, what the user does, and what is so afterwards. Must not know by what means the
//! user does it.

use crate::crowd::Crowd;
use crate::{MONDAY_NINE, Stand};
use std::time::Duration;
use tidegate_contract::{ItemState, View};
use tidegate_testkit::{Client, Notification, Signal};

/// What makes a day a full one: so many are held besides those of the table.
pub const MANY: usize = 5_000;

/// What each of these is called.
pub const BUILD: &str = "Build 5812 failed on main";
/// It is answered.
pub const STANDUP: &str = "Standup";
/// It is opened.
pub const INVOICE: &str = "Invoice 2231 is due";
/// It is put off.
pub const DENTIST: &str = "Dentist moved to Thursday";
/// It is dealt with.
pub const REVIEW: &str = "Review requested";

/// The button of [`BUILD`], as its app knows it and as it reads.
pub const BUTTON: (&str, &str) = ("log", "Show log");
/// Monday's last check-in, and where it is moved to.
pub const MOVED: (&str, &str) = ("16:30", "17:30");
/// The length of each block, in minutes.
pub const BLOCK: u64 = 25;

/// What the user is at.
const DRAFT: &str = "Draft the migration plan";
const PAGE: &str = "Page 3";
const HALF_PAST_FIVE: i64 = MONDAY_NINE + 510 * 60_000;

/// Something that the user does. Titles say which interruption is meant.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// Starts a block for this.
    Start(&'static str),
    /// Notes an interruption by hand.
    Note(&'static str),
    /// Starts another block for the same, when one is over.
    Another(&'static str),
    /// Checks in, and says where they were.
    CheckIn(&'static str),
    /// Opens it.
    Open(&'static str),
    /// Presses [`BUTTON`].
    Press(&'static str),
    /// Answers it with this.
    Reply(&'static str, &'static str),
    /// Puts it off.
    Later(&'static str),
    /// Is done with it.
    Done(&'static str),
    /// Takes the last back.
    Undo,
    /// Searches all history for a word, and finds this.
    Find(&'static str, &'static str),
    /// Closes the check-in.
    CloseCheckIn,
    /// Starts a block for what they were at.
    Resume(&'static str),
    /// Moves a check-in, see [`MOVED`].
    MoveCheckIn,
    /// Is done with all that is left.
    AllDone,
    /// Goes back to work from a check-in of which nothing is left.
    BackToWork,
}

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    User(Deed),
    /// What the apps send through the morning.
    Morning,
    /// One of them takes back what it sent.
    TakenBack,
    /// One more.
    Afternoon,
    /// So many minutes pass.
    Pass(u64),
}

use Deed::{
    AllDone, Another, BackToWork, CheckIn, CloseCheckIn, Done, Find, Later, MoveCheckIn, Note, Open, Press, Reply,
    Resume, Start, Undo,
};
use Step::{Afternoon, Morning, Pass, TakenBack, User};

/// Whether something is so.
type IsSo = fn(&View) -> bool;

/// From nine in the morning to the evening: each step, and what is so once it has been taken.
const DAY: &[(Step, IsSo)] = &[
    (User(Start(DRAFT)), |view| is_for(view, DRAFT)),
    (Morning, |view| view.held >= 6),
    (User(Note("Ben came by")), |view| view.noted.len() == 1),
    (Pass(BLOCK), |view| view.block.is_none() && view.ended.is_some()),
    (User(Another(DRAFT)), |view| is_for(view, DRAFT)),
    (TakenBack, |view| view.withdrawn == 1),
    (Pass(BLOCK), |view| view.block.is_none() && view.ended.is_some()),
    (User(CheckIn(PAGE)), |view| view.checking_in && view.where_were_you.as_deref() == Some(PAGE)),
    (User(Open(INVOICE)), |view| view.ledger.done == 1),
    (User(Press(BUILD)), |view| view.ledger.done == 2),
    (User(Reply(STANDUP, "On my way")), |view| view.ledger.done == 3),
    (User(Later(DENTIST)), |view| view.later == 1),
    (User(Undo), |view| view.later == 0),
    (User(Later(DENTIST)), |view| view.later == 1),
    (User(Done(REVIEW)), |view| view.ledger.done == 4),
    (User(Undo), |view| view.ledger.done == 3),
    (User(Done(REVIEW)), |view| view.ledger.done == 4),
    (User(Find("invoice", INVOICE)), |view| view.checking_in),
    (User(CloseCheckIn), |view| !view.checking_in),
    (User(Resume(PAGE)), |view| is_for(view, PAGE)),
    (User(MoveCheckIn), |view| view.check_ins_today.contains(&HALF_PAST_FIVE)),
    (Afternoon, |view| view.held >= 3),
    (Pass(BLOCK), |view| view.block.is_none()),
    (Pass(75), |view| view.checking_in && view.later == 0),
    (User(AllDone), |view| view.held == 0),
    (User(BackToWork), |view| view.block.is_some() && !view.checking_in),
    (Pass(BLOCK), |view| view.block.is_none()),
    (Pass(370), |view| !view.ready && view.check_ins_today.iter().all(|&at| at < view.now)),
];

fn is_for(view: &View, intention: &str) -> bool {
    view.block.as_ref().is_some_and(|block| block.intention.as_deref() == Some(intention))
}

/// Somebody who gets through the day by one means alone.
pub trait Person {
    /// Does this. What comes of it at the daemon need not be waited for.
    fn does(&mut self, stand: &Stand, deed: Deed) -> impl Future<Output = ()>;
}

/// Goes through the whole day, in which so many come besides; at its end the books balance, nothing is held, and each app
/// has heard what became of what it sent.
///
/// # Panics
/// If a step does not lead to what the table says, or the end is not so.
pub async fn lives(stand: &mut Stand, besides: usize, person: &mut impl Person) {
    let mut apps = Apps::start(stand).await;
    for (step, is_so) in DAY {
        match *step {
            User(deed) => person.does(stand, deed).await,
            Morning => apps.morning(besides).await,
            TakenBack => apps.chat.close(apps.maya).await.unwrap(),
            Afternoon => apps.retro = apps.planner.notify(&from("Planner", "Retro at 17:00")).await,
            Pass(minutes) => stand.advance(Duration::from_secs(minutes * 60)).await,
        }
        stand.wait_view(&format!("what follows from {step:?}"), is_so).await;
    }
    let view = stand.view().await;
    assert_eq!((view.held, view.later, view.to_be_released, view.gate.closed), (0, 0, 0, false));
    assert!(view.ledger.balanced && view.troubles.is_empty(), "{view:?}");
    apps.heard(stand).await;
}

/// The apps, and the ids of what they sent.
struct Apps {
    ci: Client,
    chat: Client,
    mail: Client,
    planner: Client,
    forge: Client,
    crowd: Crowd,
    build: u32,
    standup: u32,
    maya: u32,
    invoice: u32,
    dentist: u32,
    review: u32,
    retro: u32,
}

impl Apps {
    async fn start(stand: &Stand) -> Self {
        Self {
            ci: stand.app().await,
            chat: stand.app().await,
            mail: stand.app().await,
            planner: stand.app().await,
            forge: stand.app().await,
            crowd: Crowd::comes(stand).await,
            build: 0,
            standup: 0,
            maya: 0,
            invoice: 0,
            dentist: 0,
            review: 0,
            retro: 0,
        }
    }

    /// The crowd comes between the others.
    async fn morning(&mut self, besides: usize) {
        let build = from("Woodpecker", BUILD).action("default", "Open").action(BUTTON.0, BUTTON.1);
        self.build = self.ci.notify(&build).await;
        let standup = from("Element", STANDUP).action("default", "Open").action("inline-reply", "Reply");
        self.standup = self.chat.notify(&standup).await;
        self.maya = self.chat.notify(&from("Element", "Maya")).await;
        self.crowd.floods(besides).await;
        self.invoice = self.mail.notify(&from("Thunderbird", INVOICE).action("default", "Open")).await;
        self.dentist = self.planner.notify(&from("Planner", DENTIST)).await;
        self.review = self.forge.notify(&from("GitHub", REVIEW)).await;
    }

    async fn heard(&self, stand: &Stand) {
        let closed = |id| Signal::Closed(id, 2);
        let pressed = |id, key: &str| vec![Signal::Action(id, key.to_owned()), closed(id)];
        let answered = Signal::Replied(self.standup, "On my way".to_owned());
        let expected = [
            (&self.ci, pressed(self.build, BUTTON.0)),
            (&self.mail, pressed(self.invoice, "default")),
            (&self.chat, vec![Signal::Closed(self.maya, 3), answered, closed(self.standup)]),
            (&self.planner, vec![closed(self.dentist), closed(self.retro)]),
            (&self.forge, vec![closed(self.review)]),
        ];
        for (app, expected) in expected {
            let mut heard = stand.heard(app).await;
            // A press may bring the app to the front, where there is a window to come from.
            heard.retain(|signal| !matches!(signal, Signal::Token(..)));
            assert_eq!(heard, expected);
        }
        self.crowd.heard_of_all(stand).await;
        assert_eq!(stand.detail(self.maya).await.item.state, ItemState::Withdrawn);
        let shown = stand.renderer.notified();
        assert!(shown.iter().all(|call| call.fields().app_name == "Tidegate"), "nothing of an app came to the screen");
    }
}

fn from(app: &str, summary: &str) -> Notification {
    Notification::new(summary)
        .body("In a sentence or two.")
        .app_name(app)
        .hint("desktop-entry", format!("org.example.{app}"))
}
