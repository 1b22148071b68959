//! Every command but `daemon`: a client that asks the daemon and prints the answer. Must not decide anything, and must not
//! trust what it prints: text from the bus is cleaned once more before it reaches a terminal.

mod args;
mod client;
mod complete;
mod detail;
mod doctor;
mod exit;
mod follow;
mod held;
mod here;
mod id;
mod inhibit;
mod json;
mod length;
mod log;
mod misnamed;
mod paper;
mod quit;
mod reports;
mod status;
mod visible;

pub use args::{Args, Ask, Style, Verb};
pub use complete::completes;
pub use here::Here;

use crate::present::mismatch;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use client::{Client, Wake};
use id::Id;
use length::{Plan, Snooze, stretch};
use paper::Paper;
use serde::Serialize;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tidegate_contract::{
    self as contract, CheckInWhen, Code, DoctorFinding, Failure, Item, Message, Outcome, Page, Verdict, View, Which,
    WindowView, Withdrawn, verb,
};
use tidegate_domain::{App, BREAK_MINUTES};
use tidegate_words::{Catalogue, say, timeless};
use visible::{line, paragraph, visible};

/// Rows asked for at a time.
const PAGE: u32 = 100;

/// Runs one command to its end; the exit status is one of [`exit::TABLE`].
#[must_use]
pub fn run(ask: Ask, style: Style) -> ExitCode {
    let desk = Desk::new(style);
    let said = blocking(perform(ask, &desk)).and_then(|said| said);
    end(said, &desk)
}

/// What comes of something that waits.
fn blocking<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let refused = |error| failure(Code::Internal, say::cli_system_refuses(words_of(&error)));
    let runtime = runtime.map_err(refused)?;
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(output)
}

/// Runs one command that needs no daemon; as [`run`].
#[must_use]
pub fn run_here(here: Here, style: Style) -> ExitCode {
    let desk = Desk::new(style);
    end(here::perform(here, &desk), &desk)
}

fn end(said: Answered, desk: &Desk) -> ExitCode {
    match said {
        Ok(said) => {
            said.left_out.iter().for_each(|failure| complain(failure, desk));
            print(&said)
        }
        Err(failure) => {
            complain(&failure, desk);
            ExitCode::from(exit::status(failure.code))
        }
    }
}

/// What a command says, and its exit status.
struct Said {
    page: String,
    /// What was asked for but not done, for standard error.
    left_out: Vec<Failure>,
    status: u8,
}

impl Said {
    fn new(page: String) -> Self {
        Self { page, left_out: Vec::new(), status: exit::OK }
    }
}

/// How answers are written.
struct Desk {
    paper: Paper,
    json: bool,
}

type Answered = Result<Said, Failure>;

impl Desk {
    fn new(style: Style) -> Self {
        Self { paper: Paper::stdout(style.color), json: style.json }
    }

    /// A value as JSON, or as the page that `page` makes of it.
    fn say<T: Serialize>(&self, value: &T, page: impl FnOnce(&Paper) -> String) -> Answered {
        let page = if self.json { json::text(value)? + "\n" } else { visible(&page(&self.paper)) };
        Ok(Said::new(page))
    }

    fn say_message(&self, message: &Message) -> Answered {
        self.say(&serde_json::json!({ "message": message }), |paper| format!("{}\n", paper.says(message, 600)))
    }
}

async fn perform(ask: Ask, desk: &Desk) -> Answered {
    let client = match (&ask, Client::connect(wake_for(&ask)).await) {
        (Ask::Doctor, Err(failure)) => return say_findings(&[doctor::no_bus(failure)], desk),
        (_, client) => client?,
    };
    match ask {
        Ask::Status { follow: true } => follow::follow(&client).await,
        Ask::Status { follow: false } => status(&client, desk).await,
        Ask::Held { limit, next } => list(&client, limit, next, desk).await,
        Ask::Show { id } => show(&client, id, desk).await,
        Ask::Ledger => ledger(&client, desk).await,
        Ask::Doctor => say_findings(&doctor::examine(&client).await, desk),
        Ask::Inhibit { command } => inhibit::inhibit(&client, &command).await,
        Ask::Quit(options) => quit(&client, &options, desk).await,
        Ask::Act { id, action } => act(&client, id, action, desk).await,
        Ask::Open { id: Some(id) } => open(&client, id, desk).await,
        Ask::Open { id: None } => Err(failure(Code::Invalid, say::cli_open_what())),
        Ask::Reply { id, text } => tell(&client, verb::Reply { id: id.0, text: text.join(" ") }, desk).await,
        Ask::Undo { id } => tell(&client, verb::Undo { id: id.map(|id| id.0) }, desk).await,
        Ask::Done(which) => {
            let which = targets(&client, which).await?;
            tell(&client, verb::Done { which }, desk).await
        }
        Ask::Later(which) => {
            let which = targets(&client, which).await?;
            tell(&client, verb::Later { which }, desk).await
        }
        Ask::Snooze { words } => {
            let Snooze { ids, until } = Snooze::of(&words).map_err(|why| failure(Code::Invalid, why))?;
            let ids = ids.iter().map(|id| id.0).collect();
            tell(&client, verb::Snooze { ids, until }, desk).await
        }
        Ask::Release(which) => {
            let which = targets(&client, which).await?;
            tell(&client, verb::Release { which }, desk).await
        }
        Ask::Note { text } => tell(&client, verb::Note { text: text.join(" ") }, desk).await,
        Ask::Log { words, limit, next } => log(&client, &words, limit, next, desk).await,
        Ask::Window { held, now } => {
            let view = held.then_some(WindowView::Held).or(now.then_some(WindowView::Now));
            tell(&client, verb::Window { view, token: activation_token() }, desk).await
        }
        Ask::Start(start) => {
            let Plan { length, intention } = start.plan().map_err(|why| failure(Code::Invalid, why))?;
            tell_block(&client, verb::Start { length, intention }, desk).await
        }
        Ask::Extend { length } => {
            let minutes = stretch(&length).map_err(|why| failure(Code::Invalid, why))?;
            tell_block(&client, verb::Extend { minutes }, desk).await
        }
        Ask::End => tell(&client, verb::End, desk).await,
        Ask::Toggle => tell_block(&client, verb::Toggle, desk).await,
        Ask::Away { answer } => {
            let counts = matches!(answer, args::TimeAway::Count);
            tell(&client, verb::CountTimeAway { counts }, desk).await
        }
        Ask::Break { length } => {
            let minutes = if length.is_empty() { Ok(BREAK_MINUTES) } else { stretch(&length) };
            let minutes = minutes.map_err(|why| failure(Code::Invalid, why))?;
            tell(&client, verb::Break { minutes }, desk).await
        }
        Ask::TakeOver { when: args::TakeOver::Now } => tell(&client, verb::TakeOverNow, desk).await,
        Ask::CheckIn { when, place } => check_in(&client, when, place, desk).await,
    }
}

/// The line is remembered first: it is about what the check-in interrupts.
async fn check_in(client: &Client, when: args::When, place: Option<String>, desk: &Desk) -> Answered {
    if place.is_some() && when == args::When::Skip {
        return Err(failure(Code::Invalid, say::cli_where_is_not_for_skip()));
    }
    if let Some(place) = place {
        client.ask(verb::WhereWereYou { line: Some(place) }).await?;
    }
    match when {
        args::When::Now => tell(client, verb::CheckIn { when: CheckInWhen::Now }, desk).await,
        args::When::Skip => tell(client, verb::CheckIn { when: CheckInWhen::Skip }, desk).await,
        args::When::Close => tell(client, verb::CloseCheckIn, desk).await,
    }
}

/// Whether D-Bus may start the daemon for a verb: not where it would only learn that nothing runs, or that the gate is not
/// in the path yet.
fn wake_for(ask: &Ask) -> Wake {
    match ask {
        Ask::Status { .. }
        | Ask::End
        | Ask::Extend { .. }
        | Ask::Doctor
        | Ask::TakeOver { .. }
        | Ask::Inhibit { .. }
        | Ask::Quit(_) => Wake::LeaveAsleep,
        Ask::Start(_)
        | Ask::Toggle
        | Ask::Break { .. }
        | Ask::Away { .. }
        | Ask::Later(_)
        | Ask::Snooze { .. }
        | Ask::Note { .. }
        | Ask::Log { .. }
        | Ask::Window { .. }
        | Ask::CheckIn { .. }
        | Ask::Held { .. }
        | Ask::Show { .. }
        | Ask::Act { .. }
        | Ask::Open { .. }
        | Ask::Reply { .. }
        | Ask::Done(_)
        | Ask::Undo { .. }
        | Ask::Release(_)
        | Ask::Ledger => Wake::Start,
    }
}

async fn status(client: &Client, desk: &Desk) -> Answered {
    let view = view(client).await?;
    desk.say(&view, |paper| status::status(&view, paper))
}

async fn show(client: &Client, id: Id, desk: &Desk) -> Answered {
    let detail = client.ask(verb::Show { id: id.0 }).await?;
    desk.say(&detail, |paper| detail::detail(&detail, paper))
}

async fn ledger(client: &Client, desk: &Desk) -> Answered {
    let books = client.ask(verb::Ledger).await?;
    let said = desk.say(&books, |paper| reports::ledger(&books, paper))?;
    let status = if mismatch(&books.ledger).is_some() { exit::status(Code::Internal) } else { exit::OK };
    Ok(Said { status, ..said })
}

/// A request that is answered with one line. Why some of those that were named were left out is said too, each in a line.
async fn tell<V: contract::Verb<Response = Outcome>>(client: &Client, verb: V, desk: &Desk) -> Answered {
    say_done(client.ask(verb).await?, desk)
}

fn say_done(Outcome { message, left_out, .. }: Outcome, desk: &Desk) -> Answered {
    let said = desk.say_message(&message)?;
    let status = left_out.first().map_or(said.status, |first| exit::status(first.code));
    Ok(Said { left_out, status, ..said })
}

/// As [`tell`], of a request that leaves a block behind: scripts are told of that too.
async fn tell_block<V: contract::Verb<Response = Outcome>>(client: &Client, verb: V, desk: &Desk) -> Answered {
    let outcome = client.ask(verb).await?;
    if !desk.json {
        return say_done(outcome, desk);
    }
    let block = view(client).await?.block;
    desk.say(&serde_json::json!({ "message": outcome.message, "block": block }), |_| String::new())
}

/// Presses a button. Where its app is gone nothing was pressed: on a terminal it is asked whether to open the app.
async fn act(client: &Client, id: Id, action: Option<String>, desk: &Desk) -> Answered {
    let pressed = tell(client, verb::Act { id: id.0, action, token: activation_token() }, desk).await;
    match pressed {
        Err(failure) if failure.code == Code::AppGone && !desk.json && at_a_terminal() => {
            offer(client, id, failure, desk).await
        }
        pressed => pressed,
    }
}

/// Asks whether to open the app, if there is one to open.
async fn offer(client: &Client, id: Id, gone: Failure, desk: &Desk) -> Answered {
    let detail = client.ask(verb::Show { id: id.0 }).await?;
    let Some(name) = &detail.opens else { return Err(gone) };
    let app = line(&detail.item.app, 100);
    match answer(&say::cli_open_app(app, line(name, 100)))?.as_deref() {
        Some("" | "y" | "Y" | "yes") => open(client, id, desk).await,
        Some(_) | None => Ok(Said { status: exit::status(Code::AppGone), ..Said::new(String::new()) }),
    }
}

/// Opens the app. The token of the press that started this program lets its window come to the front.
async fn open(client: &Client, id: Id, desk: &Desk) -> Answered {
    tell(client, verb::OpenApp { id: id.0, token: activation_token() }, desk).await
}

fn activation_token() -> Option<String> {
    ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].into_iter().find_map(|name| std::env::var(name).ok())
}

async fn targets(client: &Client, which: args::Which) -> Result<Which, Failure> {
    if let Some(app) = which.app {
        return Ok(Which::App { app_id: app_id(client, &app).await? });
    }
    Ok(match which.ids.as_slice() {
        [] => Which::All,
        ids => Which::Ids { ids: ids.iter().map(|id| id.0).collect() },
    })
}

/// The id of the app that somebody means by its id or its name.
async fn app_id(client: &Client, app: &str) -> Result<String, Failure> {
    let notes = App::noted_by_hand();
    if app.to_lowercase() == notes.name.to_lowercase() {
        return Ok(notes.id.to_string());
    }
    let digest = client.ask(verb::Digest).await?;
    let held = || digest.apps.iter().chain(&digest.later);
    let is_named = |name: &str| name.to_lowercase() == app.to_lowercase();
    let by_id = held().find(|held| held.app_id == app);
    let mut by_name: Vec<_> = held().filter(|held| is_named(&held.app)).map(|held| held.app_id.as_str()).collect();
    by_name.dedup();
    match (by_id, by_name.as_slice()) {
        (Some(found), _) => Ok(found.app_id.clone()),
        (None, [one]) => Ok((*one).to_owned()),
        (None, []) => Err(failure(Code::NotFound, say::cli_nothing_of_app(line(app, 100)))),
        (None, many) => {
            let ids: Vec<_> = many.iter().map(|id| line(id, 100)).collect();
            Err(failure(Code::Invalid, say::cli_apps_of_one_name(ids.join(", "))))
        }
    }
}

/// History, page by page, until there are enough; one more is asked for, to know whether there is more.
async fn log(client: &Client, words: &[String], limit: u32, from: Option<i64>, desk: &Desk) -> Answered {
    let text = words.join(" ");
    let listed = pages(client, from, limit, |after, limit| verb::Search { text: text.clone(), after, limit }).await?;
    must_be_readable(&view(client).await?)?;
    let Listed { items, next, index_is_behind } = listed;
    let found = log::Found { items, text, next, is_continued: from.is_some(), index_is_behind };
    let more = next.is_some();
    let page =
        serde_json::json!({ "items": found.items, "next": next, "more": more, "index_is_behind": index_is_behind });
    desk.say(&page, |paper| log::log(&found, paper))
}

async fn list(client: &Client, limit: u32, from: Option<i64>, desk: &Desk) -> Answered {
    let rows = pages(client, from, limit, |after, limit| verb::Held { after, limit });
    let (view, rows) = tokio::join!(view(client), rows);
    let (view, Listed { items, next, .. }) = (view?, rows?);
    must_be_readable(&view)?;
    let withdrawn = withdrawn(client, &view).await?;
    let more = next.is_some();
    let page = serde_json::json!({ "items": items, "next": next, "more": more, "withdrawn": withdrawn.apps });
    let rows = held::Rows { items: &items, next, is_continued: from.is_some() };
    let said = desk.say(&page, |paper| held::held(&view, &rows, &withdrawn.apps, paper))?;
    // What scripts read nobody has seen.
    if !desk.json && std::io::stdout().is_terminal() {
        client.ask(verb::SawWithdrawn { upto: withdrawn.upto }).await?;
    }
    Ok(said)
}

async fn withdrawn(client: &Client, view: &View) -> Result<Withdrawn, Failure> {
    if view.withdrawn == 0 {
        return Ok(Withdrawn::default());
    }
    client.ask(verb::Withdrawn).await
}

/// While the store has failed a list of it would say that there is nothing.
fn must_be_readable(view: &View) -> Result<(), Failure> {
    match view.troubles.iter().find(|trouble| trouble.code == "store") {
        Some(trouble) => {
            let message = say::failure_cannot_be_listed(trouble.text.clone(), trouble.remedy.clone());
            Err(Failure { code: Code::Store, message })
        }
        None => Ok(()),
    }
}

async fn view(client: &Client) -> Result<View, Failure> {
    client.ask(verb::View).await
}

/// Rows of a list.
struct Listed {
    items: Vec<Item>,
    /// Where the rest begins, if there is more.
    next: Option<i64>,
    /// Whether the words of what came last are still being read.
    index_is_behind: bool,
}

/// So many rows at most, from where another list ended: one more is asked for, to know whether there is more.
async fn pages<V: contract::Verb<Response = Page>>(
    client: &Client,
    from: Option<i64>,
    limit: u32,
    verb: impl Fn(Option<i64>, u32) -> V,
) -> Result<Listed, Failure> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut items, mut after, mut index_is_behind) = (Vec::new(), from, false);
    while items.len() <= wanted {
        let left = wanted.saturating_add(1).saturating_sub(items.len());
        let left = u32::try_from(left).unwrap_or(u32::MAX).clamp(1, PAGE);
        let page = client.ask(verb(after, left)).await?;
        let is_last = page.next.is_none() || page.next == after || page.items.is_empty();
        items.extend(page.items);
        after = page.next;
        index_is_behind |= page.index_is_behind;
        if is_last {
            break;
        }
    }
    let more = items.len() > wanted;
    items.truncate(wanted);
    let next = items.last().filter(|_| more).map(|item| item.seq);
    Ok(Listed { items, next, index_is_behind })
}

fn say_findings(findings: &[DoctorFinding], desk: &Desk) -> Answered {
    let said = desk.say(&findings, |paper| reports::doctor(findings, paper))?;
    let unwell = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(Said { status: if unwell { exit::UNWELL } else { exit::OK }, ..said })
}

async fn quit(client: &Client, options: &args::Quit, desk: &Desk) -> Answered {
    let asks = !options.release && !options.keep && !desk.json;
    let release = options.release || (asks && at_a_terminal() && wants_release(client).await?);
    say_done(quit::quit(client, release).await?, desk)
}

fn at_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks, unless nothing is held.
async fn wants_release(client: &Client) -> Result<bool, Failure> {
    let held = view(client).await?.held;
    if held == 0 {
        return Ok(false);
    }
    Ok(matches!(answer(&say::cli_release_first(held))?.as_deref(), Some("y" | "Y" | "yes")))
}

/// What is answered to a question, without white space around it; none at the end of all input.
fn answer(question: &Message) -> Result<Option<String>, Failure> {
    let broken = |error| failure(Code::Internal, say::cli_not_asked(words_of(&error)));
    let mut out = std::io::stdout();
    write!(out, "{} ", timeless(question)).map_err(broken)?;
    out.flush().map_err(broken)?;
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).map_err(broken)?;
    Ok((read > 0).then(|| answer.trim().to_owned()))
}

fn print(said: &Said) -> ExitCode {
    match std::io::stdout().write_all(said.page.as_bytes()) {
        Ok(()) => ExitCode::from(said.status),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(said.status),
        Err(_) => ExitCode::from(exit::status(Code::Internal)),
    }
}

fn complain(failure: &Failure, desk: &Desk) {
    if desk.json {
        complain_in_json(failure);
    } else {
        say_why(failure);
    }
}

fn complain_in_json(failure: &Failure) {
    say_on_stderr(&json::text(failure).unwrap_or_default());
}

fn say_why(failure: &Failure) {
    say_on_stderr(&format!("tidegate: {}", line(&Catalogue::new(&paper::clock()).format(&failure.message), 600)));
}

/// Says why in one line on standard error; the status that goes with it.
#[must_use]
pub fn fail(failure: &Failure) -> ExitCode {
    say_why(failure);
    ExitCode::from(exit::status(failure.code))
}

/// Says what is wrong with a command line, as JSON where that was asked for. It repeats what was typed, or what a script
/// took from elsewhere.
#[must_use]
pub fn misused(wrong: &clap::Error, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let advice = misnamed_verb(wrong).and_then(misnamed::advice);
    let wants_json = arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json");
    if wants_json {
        complain_in_json(&failure(Code::Invalid, advice.unwrap_or_else(|| in_one_line(wrong))));
    } else if is_about_a_value(wrong) {
        say_why(&failure(Code::Invalid, in_one_line(wrong)));
    } else if let Some(advice) = advice {
        say_why(&failure(Code::Invalid, advice));
    } else {
        say_on_stderr(&paragraph(&wrong.render().to_string(), 4_000));
    }
    ExitCode::from(exit::status(Code::Invalid))
}

fn is_about_a_value(wrong: &clap::Error) -> bool {
    matches!(wrong.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::TooManyValues)
}

fn misnamed_verb(wrong: &clap::Error) -> Option<&str> {
    match wrong.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(verb)) => Some(verb),
        Some(_) | None => None,
    }
}

/// What is wrong and what may be meant, without the usage.
fn in_one_line(wrong: &clap::Error) -> Message {
    let wrong = wrong.render().to_string();
    let said = wrong.split("\n\nUsage:").next().and_then(|said| said.split("\n\nFor more").next()).unwrap_or_default();
    let words: Vec<_> = said.trim_start_matches("error: ").split_whitespace().collect();
    say::failure_said(words_of(&words.join(" ")))
}

fn say_on_stderr(text: &str) {
    // There is nowhere left to say that standard error is gone.
    drop(writeln!(std::io::stderr(), "{text}"));
}

fn failure(code: Code, message: Message) -> Failure {
    Failure { code, message }
}

/// What another program says, or the system.
fn words_of(said: &impl Display) -> String {
    line(&said.to_string(), 600)
}
