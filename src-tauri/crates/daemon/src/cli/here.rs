//! The commands that need no daemon and no session: `settings` and `completions`. Must not know how a daemon is reached.

use super::paper::{Ink, Paper, left, widest};
use super::visible::line;
use super::{Answered, Args, Desk, Said, blocking, client, exit, failure, misnamed, words_of};
use crate::daemon::settings_file;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use tidegate_contract::{Code, Failure, Message};
use tidegate_settings::{self as settings, Mistake, NotSet, Row, SettingsFile};
use tidegate_words::{Catalogue, say};

/// Something that needs no daemon.
#[derive(Debug, Subcommand)]
pub enum Here {
    /// List the settings, or change one; a daemon that runs heeds it at once
    #[command(after_help = settings_help())]
    Settings {
        /// What to do; left out, list them
        #[command(subcommand)]
        what: Option<Settings>,
    },
    /// Explain a verb, or list them all
    Help {
        /// The verb, such as start or settings set
        verb: Vec<String>,
    },
    /// Print a script that completes this command line in a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum Settings {
    /// Each with its value, its default and what it means
    List,
    /// The value that holds
    Get {
        /// Such as check-ins.monday
        key: String,
    },
    /// Write a value into settings.toml; comments and order stay
    #[command(after_help = settings_help())]
    Set {
        /// Such as check-ins.monday
        key: String,
        /// Such as 10:00,15:30
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Take a value out of settings.toml: the default holds again
    Unset {
        /// Such as check-ins.monday
        key: String,
    },
}

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
}

const COMPLETIONS_HELP: &str = "Examples:\n  \
    tidegate completions bash > ~/.local/share/bash-completion/completions/tidegate\n  \
    tidegate completions fish > ~/.config/fish/completions/tidegate.fish\n  \
    tidegate completions zsh > ~/.zfunc/_tidegate    with ~/.zfunc in $fpath";

fn settings_help() -> String {
    format!(
        "Examples:\n  tidegate settings\n  tidegate settings set check-ins.friday 11:30,15:00\n  \
         tidegate settings set apps.org.telegram.desktop pass\n  tidegate settings unset check-ins.friday\n\n{}",
        settings::keys_help()
    )
}

/// Does it.
pub(super) fn perform(here: Here, desk: &Desk) -> Answered {
    match here {
        Here::Settings { what } => settings(what.unwrap_or(Settings::List), desk),
        Here::Help { verb } => help(&verb).map(Said::new),
        Here::Completions { shell } => Ok(Said::new(completions(shell))),
    }
}

fn settings(what: Settings, desk: &Desk) -> Answered {
    let file = file_that_counts()?;
    match what {
        Settings::List => {
            let rows = settings::rows(&file.load().map_err(mistaken)?);
            desk.say(&rows, |paper| list(&rows, &file, paper))
        }
        Settings::Get { key } => {
            let row = settings::row(&file.load().map_err(mistaken)?, &key);
            let row = row.map_err(|error| failure(Code::Invalid, error.message()))?;
            desk.say(&row, |_| format!("{}\n", line(&row.value, 600)))
        }
        Settings::Set { key, value } => put_in_force(&file.set(&key, &value).map_err(not_set)?, desk),
        Settings::Unset { key } => put_in_force(&file.unset(&key).map_err(not_set)?, desk),
    }
}

/// That of a daemon that runs, which may have been started with other folders; else the one that it would read.
fn file_that_counts() -> Result<SettingsFile, Failure> {
    let of_daemon = blocking(client::settings_file())??;
    let path = of_daemon.map_or_else(settings_file, Ok);
    path.map(SettingsFile::new).map_err(|error| failure(Code::Invalid, say::failure_said(words_of(&error))))
}

/// The keys that are known or in the file, for completion; none where the file cannot be read.
pub(super) fn settings_keys() -> Vec<String> {
    let known = file_that_counts().ok().and_then(|file| file.load().ok());
    known.map(|known| settings::rows(&known).into_iter().map(|row| row.key).collect()).unwrap_or_default()
}

/// What `--help` says behind these words.
fn help(verb: &[String]) -> Result<String, Failure> {
    let words = std::iter::once("tidegate").chain(verb.iter().map(String::as_str)).chain(["--help"]);
    match Args::try_parse_from(words) {
        Err(help) if help.kind() == ErrorKind::DisplayHelp => Ok(help.render().to_string()),
        Err(_) | Ok(_) => {
            let verb = verb.join(" ");
            let unknown = || say::cli_no_verb(line(&verb, 100));
            Err(failure(Code::Invalid, misnamed::advice(&verb).unwrap_or_else(unknown)))
        }
    }
}

/// What was written counts once this returns: a daemon that runs has read it.
fn put_in_force(row: &Row, desk: &Desk) -> Answered {
    let said = say_changed(row, desk)?;
    Ok(match blocking(client::have_settings_read()) {
        Ok(Ok(())) => said,
        Ok(Err(failure)) | Err(failure) => {
            Said { status: exit::status(failure.code), left_out: vec![unread(failure)], ..said }
        }
    })
}

fn unread(failure: Failure) -> Failure {
    Failure { message: say::failure_settings_unread(failure.message), ..failure }
}

fn say_changed(row: &Row, desk: &Desk) -> Answered {
    let said = if row.value == row.default { say::answer_set_to_default } else { say::answer_set };
    desk.say_message(&said(row.key.clone(), row.value.clone()))
}

/// The longest value in the table; `settings get` tells all of it.
const CELL: usize = 32;

fn list(rows: &[Row], file: &SettingsFile, paper: &Paper) -> String {
    let cell = |text: &str| line(text, 200);
    let words = Catalogue::new(&paper.clock);
    let remark = |row| cell(&words.format(&remark(row)));
    let cells: Vec<_> = rows.iter().map(|row| (cell(&row.key), line(&row.value, CELL), remark(row))).collect();
    let keys = widest(cells.iter().map(|(key, ..)| key.as_str()));
    let values = widest(cells.iter().map(|(_, value, _)| value.as_str()));
    let remarks = widest(cells.iter().map(|(.., remark)| remark.as_str()));
    let fits = paper.room(keys + values + 4).is_none_or(|room| remarks <= room);
    let mut out = String::new();
    for (key, value, remark) in &cells {
        let key = paper.ink(Ink::Bold, &left(key, keys));
        match fits {
            true => out.push_str(&format!("{key}  {}  {}\n", left(value, values), paper.ink(Ink::Dim, remark))),
            false => out.push_str(&format!("{key}  {value}\n{}", paper.wrapped(remark, 4))),
        }
    }
    let place = say::cli_settings_file(line(&file.path().display().to_string(), 600));
    format!("{out}\n{}\n{}", paper.wrapped(&line(&words.format(&place), 600), 0), settings::keys_help())
}

/// What it means, and what it would be if the file said nothing.
fn remark(row: &Row) -> Message {
    match row.value == row.default {
        true => say::cli_setting_is_default(row.meaning.clone()),
        false => say::cli_setting(row.meaning.clone(), line(&row.default, CELL)),
    }
}

fn not_set(error: NotSet) -> Failure {
    match error {
        NotSet::File(mistake) => mistaken(mistake),
        NotSet::Key(_) | NotSet::Value(_) => failure(Code::Invalid, error.message()),
        NotSet::Disk { .. } => failure(Code::Store, error.message()),
    }
}

fn mistaken(mistake: Mistake) -> Failure {
    let code = if mistake.is_unreadable { Code::Store } else { Code::Conflict };
    failure(code, say::setting_refused(mistake.text, mistake.remedy))
}

/// The verbs and options as the argument library has them; then what only the program knows.
fn completions(shell: Shell) -> String {
    match shell {
        Shell::Bash => generated(clap_complete::Shell::Bash) + "\n" + include_str!("completions/words.bash"),
        Shell::Zsh => {
            // The shell calls the function of the file's name, which asks the program first.
            let verbs = generated(clap_complete::Shell::Zsh).replace("\n_tidegate() {", "\n_tidegate_verbs() {");
            let (verbs, _) = verbs.split_once("\nif [ \"$funcstack[1]\"").unwrap_or((&verbs, ""));
            format!("{verbs}\n{}", include_str!("completions/words.zsh"))
        }
        Shell::Fish => generated(clap_complete::Shell::Fish) + "\n" + include_str!("completions/words.fish"),
    }
}

fn generated(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tidegate", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::paper::tests::plain_paper;

    #[test]
    fn the_list_is_a_table_and_drives_no_terminal() {
        let row = |key: &str, value: &str| Row {
            key: key.into(),
            value: value.into(),
            default: "none".into(),
            meaning: say::failure_said("what it is for"),
            takes: say::failure_said("x"),
        };
        let rows = [row("check-ins.monday", "10:00"), row("apps.\u{1b}[2J", "mute")];
        let page = list(&rows, &SettingsFile::new("/x/settings.toml".into()), &plain_paper(0));
        let table = "check-ins.monday  10:00  what it is for (default none)\n\
                     apps.‹U+001B›[2J  mute   what it is for (default none)\n\n\
                     `tidegate settings set KEY VALUE` writes into /x/settings.toml.\n\nKeys, and what they take:\n  check-ins.monday to";
        assert!(page.starts_with(table), "{page}");
        let long = Row { meaning: say::failure_said("what it is for, ".repeat(5)), ..row("apps.x", "mute") };
        let page = list(&[long], &SettingsFile::new("/x/settings.toml".into()), &plain_paper(0));
        assert!(page.starts_with("apps.x  mute\n    what it is for, what"), "{page}");
        assert!(page.lines().take(3).all(|line| line.len() <= 80), "{page}");
    }

    #[test]
    fn every_shell_gets_a_script_that_knows_the_verbs() {
        for (shell, sign) in
            [(Shell::Bash, "complete -F"), (Shell::Zsh, "#compdef tidegate"), (Shell::Fish, "complete -c tidegate")]
        {
            let script = completions(shell);
            assert!(script.contains(sign) && script.contains("check-in") && script.contains("completions"), "{script}");
        }
    }
}
