//! What fits behind the words of a command line so far, for the completion scripts: ids, apps, keys of buttons, settings,
//! lengths. What is offered is typed by a shell, and apps choose some of it: only plain words are. Starts no daemon, and says
//! nothing where there is none. Must not know a shell.

use super::args::Args;
use super::blocking;
use super::client::{Client, Wake};
use super::here::settings_keys;
use super::id::Id;
use super::visible::line;
use clap::CommandFactory;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use tidegate_contract::{Item, verb};
use tidegate_words::{say, timeless};

/// What the scripts call, with the words behind the program's name; the last is the one that is being typed.
const ARGUMENT: &str = "complete-words";
/// Ids that are offered at most, the oldest first.
const IDS: u32 = 200;
/// Columns of what is said of one.
const MEANING: usize = 60;

/// A word, and what is said of it.
struct Offer {
    word: String,
    meaning: String,
}

impl Offer {
    fn new(word: impl Into<String>, meaning: &str) -> Self {
        Self { word: word.into(), meaning: line(meaning, MEANING) }
    }
}

/// Answers a completion script, if one calls: in each line a word, and behind a tab what is said of it.
#[must_use]
pub fn completes(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if arguments.nth(1)? != ARGUMENT {
        return None;
    }
    let words: Vec<_> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let (begun, before) = words.split_last()?;
    let before: Vec<_> = before.iter().map(String::as_str).collect();
    let fitting = offers(&before).into_iter().filter(|offer| is_safe(&offer.word) && offer.word.starts_with(begun));
    let lines: String = fitting.map(|offer| format!("{}\t{}\n", offer.word, offer.meaning)).collect();
    // A shell that does not listen any more has gone on.
    drop(std::io::stdout().write_all(lines.as_bytes()));
    Some(ExitCode::SUCCESS)
}

/// Whether a shell takes it for one word as it is.
fn is_plain(word: &str) -> bool {
    is_safe(word) && !word.contains(' ')
}

/// The same but for single spaces, which the scripts quote.
fn is_safe(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.:@%+,/-".contains(c);
    !word.starts_with('-') && word.split(' ').all(|part| !part.is_empty() && part.chars().all(plain))
}

fn offers(before: &[&str]) -> Vec<Offer> {
    match before {
        [.., "--app"] => with_daemon(apps),
        ["act", id] => with_daemon(async |client| keys(client, id).await),
        ["done" | "later" | "snooze" | "release", ..] | ["show" | "act" | "open" | "reply" | "undo"] => {
            with_daemon(ids)
        }
        ["settings", "get" | "set" | "unset"] => settings_keys().into_iter().map(|key| Offer::new(key, "")).collect(),
        ["start"] => lengths(),
        ["help"] => verbs(),
        _ => Vec::new(),
    }
}

fn lengths() -> Vec<Offer> {
    let lengths = [
        ("until-check-in", say::cli_offers_until_check_in()),
        ("until", say::cli_offers_until()),
        ("open", say::cli_offers_open()),
    ];
    lengths.map(|(word, meaning)| Offer::new(word, &timeless(&meaning))).into()
}

fn verbs() -> Vec<Offer> {
    let about = |verb: &clap::Command| verb.get_about().map(ToString::to_string).unwrap_or_default();
    Args::command().get_subcommands().map(|verb| Offer::new(verb.get_name(), &about(verb))).collect()
}

/// What a daemon that runs is asked; nothing where it cannot be.
fn with_daemon(ask: impl AsyncFnOnce(&Client) -> Option<Vec<Offer>>) -> Vec<Offer> {
    let asked = blocking(async {
        let client = Client::connect(Wake::LeaveAsleep).await.ok()?;
        ask(&client).await
    });
    asked.ok().flatten().unwrap_or_default()
}

async fn held(client: &Client) -> Option<Vec<Item>> {
    client.ask(verb::Held { after: None, limit: IDS }).await.ok().map(|page| page.items)
}

async fn ids(client: &Client) -> Option<Vec<Offer>> {
    let items = held(client).await?;
    Some(items.iter().map(|item| Offer::new(Id(item.id).to_string(), &about(item))).collect())
}

fn about(item: &Item) -> String {
    format!("{}: {}", item.app, if item.summary.is_empty() { &item.body } else { &item.summary })
}

/// By name, or by id where the name is more than a plain word.
async fn apps(client: &Client) -> Option<Vec<Offer>> {
    let mut apps: Vec<_> = held(client).await?.into_iter().map(|item| (item.app, item.app_id)).collect();
    apps.sort();
    apps.dedup();
    let offer = |(name, id): (String, String)| match is_plain(&name) {
        true => Offer::new(name, &id),
        false => Offer::new(id, &name),
    };
    Some(apps.into_iter().map(offer).collect())
}

async fn keys(client: &Client, id: &str) -> Option<Vec<Offer>> {
    let Id(id) = id.parse().ok()?;
    let item = client.ask(verb::Show { id }).await.ok()?.item;
    item.live.then(|| item.actions.iter().map(|button| Offer::new(button.key.clone(), &button.label)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_takes_as_it_is_is_offered() {
        for plain in ["bkf", "app.open::r", "org.example.Chat", "check-ins.monday", "mark_read"] {
            assert!(is_plain(plain), "{plain}");
        }
        for word in ["", "-x", "$(reboot)", "a b", "a;b", "`a`", "a\nb", "é", "~", "*"] {
            assert!(!is_plain(word), "{word}");
        }
        assert!(is_safe("calendar reminders") && is_safe("bkf"));
        for word in ["", " ", "a ", " a", "a  b", "-x y", "a $(reboot)", "a\tb"] {
            assert!(!is_safe(word), "{word}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_a_script_that_calls() {
        let asked = |words: &[&str]| completes(words.iter().map(OsString::from)).is_some();
        assert!(!asked(&["tidegate"]) && !asked(&["tidegate", "held"]) && !asked(&["tidegate", ARGUMENT]));
    }
}
