//! Answers a client's request: checks its limits, turns it into a question or a command for the engine, and says what
//! came of it. Must not know the bus, or the words.

mod settings;

use super::invalid;
use crate::pictures::{NotLooked, Pictures, Wanted};
use crate::present;
use chrono::NaiveTime;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tidegate_contract::{
    self as contract, Books, CheckInWhen, Code, DoctorFinding, Failure, Message, Outcome, Page, Request, Verb, View,
    Which, WindowView, verb,
};
use tidegate_domain::ports::{Archive, StoreError};
use tidegate_domain::{
    Answer, App, BlockLength, Command, Interruption, Model, NoticeId, Now, Query, Refusal, Seq, SnoozeEnd, Target,
};
use tidegate_engine::{Engine, Reading, Stopped};
use tidegate_platform::apps::{Apps, NotOpened};
use tidegate_settings::Door;
use tidegate_words::say;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::watch;

/// Apps whose feedback the ledger names.
const FEEDBACK_APPS: u32 = 10;

/// The longest intention, in characters.
const INTENTION: usize = 200;
/// The longest inline reply, in bytes.
const REPLY_BYTES: usize = 4 * 1024;
/// The longest activation token, in bytes.
pub(crate) const TOKEN_BYTES: usize = 512;
/// The most ids in one request.
const IDS: usize = 100;
/// The longest line that is noted by hand, in characters.
const NOTE: usize = 500;
/// The longest search, in characters.
const SEARCH: usize = 200;
/// The longest id of an app, in bytes.
const APP_ID_BYTES: usize = 128;
/// The most rows that are named in one request.
const SEQS: usize = 200;
/// Rows that were taken back whose texts are told at once.
const WITHDRAWN: u32 = 100;
/// The most rows of one page.
const ROWS: u32 = 500;
/// The longest block, break, snooze and extension, in minutes.
const BLOCK_MINUTES: std::ops::RangeInclusive<u32> = 1..=1_440;
const BREAK_MINUTES: std::ops::RangeInclusive<u32> = 1..=480;
const SNOOZE_MINUTES: std::ops::RangeInclusive<u32> = 1..=1_440;
const EXTEND_MINUTES: std::ops::RangeInclusive<u32> = 1..=480;

/// A block may be what a daemon was started for: it gets into the path in a moment, or has something to wait for.
const GETTING_IN: Duration = Duration::from_secs(2);

/// Makes the view of a model, with what only the wiring knows: the revision, the renderer's name, other troubles.
pub type Viewer = Arc<dyn Fn(&Model, Now) -> View + Send + Sync>;
/// What the daemon finds out about itself when a doctor asks.
pub type Examination = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Vec<DoctorFinding>> + Send>> + Send + Sync>;

/// What opens the window on a view, with the activation token of the press that asked for it.
pub type OpenWindow = Arc<dyn Fn(Option<WindowView>, Option<&str>) -> std::io::Result<()> + Send + Sync>;

/// The daemon is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quit {
    /// Release what is held first.
    pub release: bool,
}

/// What the gate waits for before it takes over is waited for no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakeOverNow;

/// Where requests lead to.
#[derive(Clone)]
pub struct Outlets {
    /// What decides.
    pub engine: Engine,
    /// Rises with every change of the view.
    pub changed: watch::Receiver<u64>,
    /// What makes a view.
    pub view: Viewer,
    /// What examines the daemon.
    pub doctor: Examination,
    /// What opens apps.
    pub apps: Apps,
    /// What opens the window.
    pub window: OpenWindow,
    /// What finds pictures.
    pub pictures: Pictures,
    /// What the settings are read and changed by.
    pub settings: Door,
    /// What gets it into the path.
    pub take_over: mpsc::Sender<TakeOverNow>,
    /// What ends it.
    pub quit: mpsc::UnboundedSender<Quit>,
}

pub(super) struct Requests {
    outlets: Outlets,
}

/// A response as JSON. A long one is written by the thread that reads what is in it, never by the one that answers apps.
type Answered = Result<String, Failure>;

impl Requests {
    pub(super) fn new(outlets: Outlets) -> Self {
        Self { outlets }
    }

    pub(super) async fn answer(&self, request: Request) -> Answered {
        match request {
            Request::View => self.view().await,
            Request::Held { after, limit } => self.held(after, limit).await,
            Request::Digest => self.digest().await,
            Request::Withdrawn => self.withdrawn().await,
            Request::SawWithdrawn { upto } => self.command::<verb::SawWithdrawn>(Command::SawWithdrawn(upto)).await,
            Request::Rows { seqs } => self.rows(seqs).await,
            Request::Search { text, after, limit } => self.search(&text, after, limit).await,
            Request::Show { id } => self.show(id).await,
            Request::Ledger => self.ledger().await,
            Request::Doctor => json::<verb::Doctor>(&(self.outlets.doctor)().await),
            Request::TakeOverNow => self.take_over_now().await,
            Request::Settings => self.settings().await,
            Request::Set { key, value } => self.set(key, value).await,
            Request::Apps => self.apps().await,
            Request::ReadSettings => self.read_settings().await,
            Request::Quit { release } => self.quit(release).await,
            Request::Start { length, intention } => {
                self.command::<verb::Start>(Command::Start { length: block_length(length)?, intention }).await
            }
            Request::Extend { minutes } => self.command::<verb::Extend>(Command::Extend { minutes }).await,
            Request::End => self.command::<verb::End>(Command::End).await,
            Request::Toggle => self.command::<verb::Toggle>(Command::Toggle).await,
            Request::Break { minutes } => self.command::<verb::Break>(Command::Break { minutes }).await,
            Request::SawEnd => self.command::<verb::SawEnd>(Command::SawEnd).await,
            Request::CountTimeAway { counts } => {
                self.command::<verb::CountTimeAway>(Command::CountTimeAway(counts)).await
            }
            Request::CheckIn { when: CheckInWhen::Now } => self.command::<verb::CheckIn>(Command::CheckInNow).await,
            Request::CheckIn { when: CheckInWhen::InWindow } => {
                self.command::<verb::CheckIn>(Command::CheckInInWindow).await
            }
            Request::CheckIn { when: CheckInWhen::Skip } => self.command::<verb::CheckIn>(Command::SkipCheckIn).await,
            Request::Act { id, action, token } => {
                let token = activation_token(token)?;
                self.command::<verb::Act>(Command::Act { id: NoticeId(id), key: action, token }).await
            }
            Request::Reply { id, text } => self.command::<verb::Reply>(Command::Reply { id: NoticeId(id), text }).await,
            Request::OpenApp { id, token } => self.open_app(NoticeId(id), token).await,
            Request::Done { which } => self.command::<verb::Done>(Command::Done(target(which))).await,
            Request::Later { which } => self.command::<verb::Later>(Command::Later(target(which))).await,
            Request::Snooze { ids, until } => {
                let ids = ids.into_iter().map(NoticeId).collect();
                self.command::<verb::Snooze>(Command::Snooze { ids, until: snooze_end(until)? }).await
            }
            Request::Note { text } => self.command::<verb::Note>(Command::Note(text)).await,
            Request::WhereWereYou { line } => self.command::<verb::WhereWereYou>(Command::WhereWereYou(line)).await,
            Request::CloseCheckIn => self.command::<verb::CloseCheckIn>(Command::CloseCheckIn).await,
            Request::Window { view, token } => self.window(view, token),
            Request::Undo { id } => self.command::<verb::Undo>(Command::Undo(id.map(NoticeId))).await,
            Request::Release { which } => self.command::<verb::Release>(Command::Release(target(which))).await,
        }
    }

    async fn command<V: Verb<Response = Outcome>>(&self, command: Command) -> Answered {
        json::<V>(&self.carry_out(command).await?)
    }

    /// Gives a command, and says what came of it.
    pub(super) async fn carry_out(&self, command: Command) -> Result<Outcome, Failure> {
        let command = within_limits(command)?;
        match self.outlets.engine.command(command).await {
            Ok(answer) => {
                let left_out = answer.left_out().iter().map(present::failure).collect();
                let message = self.unless_held(&answer, present::message(&answer)).await?;
                Ok(Outcome { message, left_out, held: present::held_change(&answer) })
            }
            Err(mut refusal) => {
                self.drop_what_cannot_be_opened(&mut refusal).await;
                Err(present::failure(&refusal))
            }
        }
    }

    /// What is said of the start of a block, or that nothing is held in it yet.
    async fn unless_held(&self, answer: &Answer, message: Message) -> Result<Message, Failure> {
        if !matches!(answer, Answer::Started { .. }) {
            return Ok(message);
        }
        if let Ok(in_path) = tokio::time::timeout(GETTING_IN, self.in_path()).await {
            return in_path.map(|()| message);
        }
        let viewer = self.outlets.view.clone();
        let view = self.ask(move |model, now| viewer(model, now)).await?;
        Ok(present::nothing_is_held(message, &view.troubles))
    }

    /// Returns once the gate stands in the path.
    async fn in_path(&self) -> Result<(), Failure> {
        let mut changed = self.outlets.changed.clone();
        while !self.ask(|model, _| model.in_path()).await? {
            changed.changed().await.map_err(|_| stopped(Stopped))?;
        }
        Ok(())
    }

    async fn take_over_now(&self) -> Answered {
        if self.ask(|model, _| model.in_path()).await? {
            return said::<verb::TakeOverNow>(say::answer_in_path_already());
        }
        match self.outlets.take_over.try_send(TakeOverNow) {
            // One that has not been heard yet does for both.
            Ok(()) | Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Closed(_)) => return Err(stopped(Stopped)),
        }
        said::<verb::TakeOverNow>(say::answer_takes_over())
    }

    /// An app that is gone is offered only where something is installed to be opened.
    async fn drop_what_cannot_be_opened(&self, refusal: &mut Refusal) {
        if let Refusal::AppGone { desktop_entry, .. } = refusal
            && let Some(entry) = desktop_entry.as_deref()
            && self.outlets.apps.name(entry).await.is_none()
        {
            *desktop_entry = None;
        }
    }

    async fn open_app(&self, id: NoticeId, token: Option<String>) -> Answered {
        let token = activation_token(token)?;
        let found = self.read(Reading::Rows, move |_, archive, _| app_of(archive, id)).await?;
        let found = found.map_err(|error| unreadable(&error))?;
        let app = found.ok_or_else(|| present::failure(&Refusal::NotFound(id)))?;
        let opened = match app.desktop_entry.as_deref() {
            Some(entry) => self.outlets.apps.open(entry, token.as_deref()).await,
            None => Err(NotOpened::NoEntry),
        };
        match opened {
            Ok(name) => said::<verb::OpenApp>(say::answer_opening(present::app_name(&name))),
            Err(why) => Err(present::not_opened(&app.name, &why)),
        }
    }

    /// The picture of a row or of an app.
    pub(super) async fn picture(&self, kind: &str, key: &str, size: u32) -> Result<contract::Picture, NotLooked> {
        self.outlets.pictures.find(Wanted::new(kind, key, size)?).await
    }

    async fn view(&self) -> Answered {
        let viewer = self.outlets.view.clone();
        let view = self.ask(move |model, now| viewer(model, now)).await?;
        json::<verb::View>(&view)
    }

    async fn held(&self, after: Option<i64>, limit: u32) -> Answered {
        page_limit(limit)?;
        let after = Seq(after.unwrap_or_default());
        self.answer_from::<verb::Held>(Reading::Rows, move |model, archive, now| {
            Ok(page_of(model, &archive.held(after, limit)?, Some(limit), now))
        })
        .await
    }

    async fn digest(&self) -> Answered {
        self.answer_from::<verb::Digest>(Reading::Rows, |model, archive, _| {
            let held = archive.held_by_conversation(model.later_than())?;
            Ok(present::digest_order(model, held))
        })
        .await
    }

    async fn withdrawn(&self) -> Answered {
        self.answer_from::<verb::Withdrawn>(Reading::Rows, |model, archive, now| {
            let apps = archive.withdrawn(model.withdrawn().1, WITHDRAWN)?;
            let seqs = apps.iter().flat_map(|app| app.seqs.iter().copied()).collect();
            let rows = archive.rows(&Query::Seqs(seqs))?.rows;
            Ok(present::withdrawn(model, apps, &rows, now))
        })
        .await
    }

    async fn rows(&self, seqs: Vec<i64>) -> Answered {
        if seqs.len() > SEQS {
            return Err(invalid(say::failure_too_many_rows(number(seqs.len()), number(SEQS))));
        }
        let need = Query::Seqs(seqs.into_iter().map(Seq).collect());
        self.answer_from::<verb::Rows>(Reading::Rows, move |model, archive, now| {
            Ok(page_of(model, &archive.rows(&need)?.rows, None, now))
        })
        .await
    }

    async fn search(&self, text: &str, after: Option<i64>, limit: u32) -> Answered {
        page_limit(limit)?;
        let length = text.chars().count();
        if length > SEARCH {
            return Err(invalid(say::failure_search_too_long(number(length), number(SEARCH))));
        }
        let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        let before = Seq(after.unwrap_or(i64::MAX));
        let of = if words.is_empty() { Reading::Rows } else { Reading::Words };
        self.answer_from::<verb::Search>(of, move |model, archive, now| {
            let rows = archive.search(&words, before, limit)?;
            let index_is_behind = !words.is_empty() && archive.index_is_behind()?;
            Ok(Page { index_is_behind, ..page_of(model, &rows, Some(limit), now) })
        })
        .await
    }

    fn window(&self, view: Option<WindowView>, token: Option<String>) -> Answered {
        let token = activation_token(token)?;
        match (self.outlets.window)(view, token.as_deref()) {
            Ok(()) => said::<verb::Window>(say::answer_window_opens()),
            Err(error) => Err(Failure {
                code: Code::NotStarted,
                message: say::failure_window_not_started(present::line(&error.to_string(), 200)),
            }),
        }
    }

    async fn show(&self, id: u32) -> Answered {
        let id = NoticeId(id);
        let found = self.read(Reading::Rows, move |model, archive, now| detail(model, archive, id, now)).await?;
        let found = found.map_err(|error| unreadable(&error))?;
        let (mut detail, app) = found.ok_or_else(|| present::failure(&Refusal::NotFound(id)))?;
        if let Some(entry) = app.desktop_entry.filter(|_| !detail.item.live) {
            detail.opens = self.outlets.apps.name(&entry).await.map(|name| present::app_name(&name));
        }
        json::<verb::Show>(&detail)
    }

    async fn ledger(&self) -> Answered {
        self.answer_from::<verb::Ledger>(Reading::Rows, |model, archive, _| {
            let (books, since) = model.ledger();
            let ledger = present::ledger_view(&books, since, model.absences());
            let feedback = archive.feedback_by_app(model.period(), FEEDBACK_APPS)?;
            Ok(Books { ledger, feedback_by_app: present::app_counts(feedback) })
        })
        .await
    }

    async fn quit(&self, release: bool) -> Answered {
        let held = self.ask(|model, _| model.held().0).await?;
        self.outlets.quit.send(Quit { release }).map_err(|_| stopped(Stopped))?;
        let message = match (held, release) {
            (held @ 1.., true) => say::answer_releases_and_ends(held),
            (held, _) => say::answer_ends(held),
        };
        said::<verb::Quit>(message)
    }

    /// Answers from the rows, on the thread that reads them.
    async fn answer_from<V: Verb>(
        &self,
        of: Reading,
        question: impl FnOnce(&Model, &mut dyn Archive, Now) -> Result<V::Response, StoreError> + Send + 'static,
    ) -> Answered {
        self.read(of, move |model, archive, now| match question(model, archive, now) {
            Ok(response) => json::<V>(&response),
            Err(error) => Err(unreadable(&error)),
        })
        .await?
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Model, Now) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.outlets.engine.ask(question).await.map_err(stopped)
    }

    async fn read<T: Send + 'static>(
        &self,
        of: Reading,
        question: impl FnOnce(&Model, &mut dyn Archive, Now) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.outlets.engine.read(of, question).await.map_err(stopped)
    }
}

fn said<V: Verb<Response = Outcome>>(message: Message) -> Answered {
    json::<V>(&Outcome { message, left_out: Vec::new(), held: None })
}

fn json<V: Verb>(response: &V::Response) -> Answered {
    serde_json::to_string(response)
        .map_err(|error| Failure { code: Code::Internal, message: say::failure_not_written(error.to_string()) })
}

/// The rows as a page; there may be a next one if it is as long as it may be.
fn page_of(model: &Model, rows: &[Interruption], limit: Option<u32>, now: Now) -> Page {
    let full = limit.is_some_and(|limit| u32::try_from(rows.len()).is_ok_and(|rows| rows >= limit));
    let next = rows.last().filter(|_| full).map(|row| row.seq.0);
    Page { items: rows.iter().map(|row| present::item(model, row, now)).collect(), next, index_is_behind: false }
}

fn page_limit(limit: u32) -> Result<(), Failure> {
    if (1..=ROWS).contains(&limit) {
        return Ok(());
    }
    Err(invalid(say::failure_page_limit(ROWS, limit)))
}

fn activation_token(token: Option<String>) -> Result<Option<String>, Failure> {
    let token = token.filter(|token| !token.is_empty());
    if token.as_deref().is_some_and(|token| token.len() > TOKEN_BYTES || token.chars().any(char::is_control)) {
        return Err(invalid(say::failure_activation_token(number(TOKEN_BYTES))));
    }
    Ok(token)
}

/// All about one, but for what could be opened; and its app.
fn detail(
    model: &Model,
    archive: &mut dyn Archive,
    id: NoticeId,
    now: Now,
) -> Result<Option<(contract::Detail, App)>, StoreError> {
    let found = archive.detail(id)?.filter(|(row, _)| !row.is_own());
    Ok(found.map(|(row, earlier)| (present::detail(model, &row, &earlier, now), row.app)))
}

fn app_of(archive: &mut dyn Archive, id: NoticeId) -> Result<Option<App>, StoreError> {
    Ok(archive.detail(id)?.map(|(row, _)| row).filter(|row| !row.is_own()).map(|row| row.app))
}

/// A command within the limits that the contract names.
fn within_limits(command: Command) -> Result<Command, Failure> {
    match command {
        Command::Start { length, intention } => {
            if let BlockLength::Minutes(minutes) = length {
                minutes_within(minutes, BLOCK_MINUTES, say::failure_block_minutes)?;
            }
            let intention = optional_line(intention, "intention", INTENTION)?;
            Ok(Command::Start { length, intention })
        }
        Command::Extend { minutes } => {
            minutes_within(minutes, EXTEND_MINUTES, say::failure_extend_minutes).map(|()| command)
        }
        Command::Break { minutes } => {
            minutes_within(minutes, BREAK_MINUTES, say::failure_break_minutes).map(|()| command)
        }
        Command::Reply { ref text, .. } if text.len() > REPLY_BYTES => {
            Err(invalid(say::failure_reply_too_long(number(text.len()), number(REPLY_BYTES))))
        }
        Command::Done(ref target) | Command::Later(ref target) | Command::Release(ref target) => {
            target_within(target).map(|()| command)
        }
        Command::Snooze { ref ids, until } => {
            if let SnoozeEnd::Minutes(minutes) = until {
                minutes_within(minutes, SNOOZE_MINUTES, say::failure_snooze_minutes)?;
            }
            some_ids(ids).map(|()| command)
        }
        Command::Note(text) => {
            let text = one_line(&text, "note", NOTE)?;
            Ok(Command::Note(text.ok_or_else(|| invalid(say::failure_note_empty()))?))
        }
        Command::WhereWereYou(line) => Ok(Command::WhereWereYou(optional_line(line, "line", INTENTION)?)),
        Command::Reply { .. }
        | Command::End
        | Command::Toggle
        | Command::SawEnd
        | Command::CountTimeAway(_)
        | Command::CheckInNow
        | Command::CheckInInWindow
        | Command::SkipCheckIn
        | Command::Act { .. }
        | Command::CloseCheckIn
        | Command::SawWithdrawn(_)
        | Command::Undo(_) => Ok(command),
    }
}

/// What is said where at least and at most so many minutes are possible, and others are given.
type NotSoLong = fn(u32, u32, u32) -> Message;

fn minutes_within(minutes: u32, range: RangeInclusive<u32>, not_so_long: NotSoLong) -> Result<(), Failure> {
    if range.contains(&minutes) {
        return Ok(());
    }
    Err(invalid(not_so_long(*range.start(), *range.end(), minutes)))
}

fn optional_line(text: Option<String>, what: &str, longest: usize) -> Result<Option<String>, Failure> {
    Ok(text.map(|text| one_line(&text, what, longest)).transpose()?.flatten())
}

/// A line without white space around it; none if nothing is left.
fn one_line(text: &str, what: &str, longest: usize) -> Result<Option<String>, Failure> {
    let text = text.trim();
    let length = text.chars().count();
    if length > longest {
        return Err(invalid(say::failure_line_too_long(what, number(length), number(longest))));
    }
    if text.chars().any(|c| c.is_control() || present::reorders(c)) {
        return Err(invalid(say::failure_line_not_plain(what)));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn some_ids(ids: &[NoticeId]) -> Result<(), Failure> {
    match ids.len() {
        0 => Err(invalid(say::failure_no_id())),
        1..=IDS => Ok(()),
        given => Err(invalid(say::failure_too_many_ids(number(given), number(IDS)))),
    }
}

fn target_within(target: &Target) -> Result<(), Failure> {
    match target {
        Target::Ids(ids) => some_ids(ids),
        Target::App(app) if app.is_empty() || app.len() > APP_ID_BYTES => {
            Err(invalid(say::failure_app_id(number(APP_ID_BYTES))))
        }
        Target::App(_) | Target::All => Ok(()),
    }
}

fn block_length(length: contract::BlockLength) -> Result<BlockLength, Failure> {
    Ok(match length {
        contract::BlockLength::Minutes { minutes } => BlockLength::Minutes(minutes),
        contract::BlockLength::UntilTime { hour, minute } => BlockLength::UntilTime(time_of_day(hour, minute)?),
        contract::BlockLength::UntilCheckIn => BlockLength::UntilCheckIn,
        contract::BlockLength::Open => BlockLength::Open,
        contract::BlockLength::Usual => BlockLength::Usual,
    })
}

fn snooze_end(until: contract::SnoozeEnd) -> Result<SnoozeEnd, Failure> {
    Ok(match until {
        contract::SnoozeEnd::Minutes { minutes } => SnoozeEnd::Minutes(minutes),
        contract::SnoozeEnd::Time { hour, minute } => SnoozeEnd::Time(time_of_day(hour, minute)?),
    })
}

fn time_of_day(hour: u8, minute: u8) -> Result<NaiveTime, Failure> {
    let time = NaiveTime::from_hms_opt(hour.into(), minute.into(), 0);
    time.ok_or_else(|| invalid(say::failure_no_time_of_day(format!("{hour}:{minute}"))))
}

fn target(which: Which) -> Target {
    match which {
        Which::Ids { ids } => Target::Ids(ids.into_iter().map(NoticeId).collect()),
        Which::App { app_id } => Target::App(app_id.into()),
        Which::All => Target::All,
    }
}

fn unreadable(error: &StoreError) -> Failure {
    Failure { code: Code::Store, message: say::failure_store_not_read(present::line(&error.to_string(), 300)) }
}

fn stopped(_: Stopped) -> Failure {
    Failure { code: Code::Away, message: say::failure_ending() }
}
