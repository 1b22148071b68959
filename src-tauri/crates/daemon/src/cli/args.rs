//! The command line: its verbs, their options and the help that teaches them. Must not do anything.

use super::exit;
use super::here::Here;
use super::id::Id;
use super::length::Plan;
use clap::{Args as Options, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use tidegate_contract::Message;
use tidegate_words::{say, timeless};

/// What the shell was asked.
#[derive(Debug, Parser)]
#[command(
    name = "tidegate",
    version,
    about = "Holds every interruption while you work, and hands them over when you check in.",
    after_help = after_help(),
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// How answers are written.
    #[command(flatten)]
    pub style: Style,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Options)]
pub struct Style {
    /// Print JSON: the answer on standard output, a failure on standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// One thing to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Something to ask of the daemon.
    #[command(flatten)]
    Ask(Ask),
    /// Something that needs no daemon.
    #[command(flatten)]
    Here(Here),
    /// Run the daemon: the gate, the tray, the digest
    #[command(after_help = "It runs in the foreground and ends on SIGTERM and Ctrl-C, or by `tidegate quit`.")]
    Daemon(Daemon),
}

/// Something to ask of the daemon.
#[derive(Debug, Subcommand)]
pub enum Ask {
    /// Start a block: the gate closes, and what comes is held
    #[command(after_help = "Examples:\n  tidegate start\n  tidegate start 1h30 \"Invoices for October\"\n  \
        tidegate start until 11:00\n  tidegate start until-check-in\n\nWhile a block runs, its length and intention are \
        replaced. A time that is past today is refused.\nWith --json, \"block\" has its end.")]
    Start(Start),
    /// Move the end of the block
    #[command(after_help = "Example:\n  tidegate extend 15\n\nA block ends at most 24 hours from now.")]
    Extend {
        /// What to add (15, 15m, 1h30, 2 hours; at most 8 hours)
        #[arg(required = true, num_args = 1..=2, allow_negative_numbers = true)]
        length: Vec<String>,
    },
    /// End the block; what is held stays held until the check-in
    #[command(visible_alias = "stop")]
    End,
    /// End the block, or start one of the usual length
    #[command(
        after_help = "The same as a click on the tray icon: one shortcut for both. The usual length is that of the last\n\
        block, unless the setting blocks.length says another."
    )]
    Toggle,
    /// Take a break: a block that runs is over, the gate is open, and a notice asks when it is time
    #[command(after_help = "Examples:\n  tidegate break\n  tidegate break 15m")]
    Break {
        /// How long (10, 15m, 1h, 20 min; at most 8 hours); left out, 5 minutes
        #[arg(num_args = 1..=2, allow_negative_numbers = true)]
        length: Vec<String>,
    },
    /// Say whether the time that you were away in a block counts: until you do, it does
    #[command(after_help = "Examples:\n  tidegate away leave-out\n  tidegate away count\n\n\
        `tidegate status` says whether there is such a time, and how long it was.")]
    Away {
        /// Whether it counts
        answer: TimeAway,
    },
    /// How things stand: gate, block, next check-in, what is held, what is wrong
    #[command(
        after_help = "Examples:\n  tidegate status\n  tidegate status --follow | jq --unbuffered -r '.held // \"away\"'\n\n\
        --follow prints what --json does, in one line now and in one for each change, also while no daemon runs: then\n\
        the line is the failure, with \"code\":\"away\". It ends with whoever reads it."
    )]
    Status {
        /// Print a line of JSON now, and one for each change
        #[arg(long)]
        follow: bool,
    },
    /// List what is held, by app
    #[command(after_help = "Examples:\n  tidegate held\n  tidegate held --json | jq -r '.items[].summary'\n\n\
        The letters in front are the id that the other verbs take. --json gives ids as numbers, and these letters as\n\
        \"short_id\"; both are accepted. Where \"more\" is true, --next takes \"next\".")]
    Held {
        /// Rows to show at most, the oldest first
        #[arg(short = 'n', long, default_value_t = 200, value_name = "ROWS", value_parser = rows)]
        limit: u32,
        /// Go on where a list ended: its "next" in JSON, or as its last line says
        #[arg(long, value_name = "CURSOR", value_parser = cursor)]
        next: Option<i64>,
    },
    /// All about one: its text, its buttons and their keys, why it was held
    #[command(after_help = "Example:\n  tidegate show bkf")]
    Show {
        /// Its id, as `tidegate held` lists it
        id: Id,
    },
    /// Press one of its buttons, or open it
    #[command(after_help = "Examples:\n  tidegate act bkf            its default action\n  \
        tidegate act bkf mark-read  the button with that key\n\n`tidegate show ID` lists the keys. A press cannot be undone.\n\
        Where its app has quit, nothing is pressed: on a terminal it asks whether to open the app instead.")]
    Act {
        /// Its id, as `tidegate held` lists it
        id: Id,
        /// The button's key; left out, the default action
        action: Option<String>,
    },
    /// Open the app that sent it, though it has quit
    #[command(
        after_help = "Example:\n  tidegate open bkf\n\nThe app is found by the desktop entry that it named, among those that are installed here.\n\
        It is opened as from a menu: nothing of what it sent is passed on, and what is held stays held."
    )]
    Open {
        /// Its id, as `tidegate held` lists it
        id: Option<Id>,
    },
    /// Answer it, where its app takes answers
    #[command(
        after_help = "Examples:\n  tidegate reply bkf On my way\n  tidegate reply bkf -- --force is the flag\n\n\
        What begins with a dash stands behind --, so that no option becomes part of the answer.\n\
        A reply cannot be undone."
    )]
    Reply {
        /// Its id, as `tidegate held` lists it
        id: Id,
        /// The answer
        #[arg(required = true, allow_negative_numbers = true)]
        text: Vec<String>,
    },
    /// Mark as dealt with; can be undone for 30 seconds
    #[command(
        after_help = "Examples:\n  tidegate done bkf bkg\n  tidegate done --app Slack\n  tidegate done --all\n\n\
        --all leaves out what was put off."
    )]
    Done(Which),
    /// Put off to the next check-in
    #[command(after_help = "Examples:\n  tidegate later bkf\n  tidegate later --app Slack\n\n\
        It stays held, apart from the others, until the next digest. `tidegate undo` brings it back.")]
    Later(Which),
    /// Put off for some minutes, or to the next check-in if that comes first
    #[command(
        override_usage = "tidegate snooze [OPTIONS] <ID>... <LENGTH>",
        after_help = "Examples:\n  tidegate snooze bkf 20m\n  tidegate snooze bkf bkg 1h30\n  \
        tidegate snooze bkf until 11:00\n\nThen it is here again; while the gate is open, one notice says so. \
        `tidegate undo` brings it back before."
    )]
    Snooze {
        /// Their ids, as `tidegate held` lists them, and how long (20, 20m, 1h30; at most 24 hours) or until 11:00
        #[arg(required = true, allow_negative_numbers = true, value_name = "WORD")]
        words: Vec<String>,
    },
    /// Take back a done, a later, a snooze, a release, or the skip of a check-in
    #[command(after_help = "Examples:\n  tidegate undo      the last one\n  tidegate undo bkf\n\n\
        A release of many is taken back as a whole. A skip can be taken back until its check-in would have come.")]
    Undo {
        /// Its id; left out, the last done, later, snooze, release or skip
        id: Option<Id>,
    },
    /// Give to the desktop's own notification daemon, one by one
    #[command(
        after_help = "Examples:\n  tidegate release bkf\n  tidegate release --app Slack\n  tidegate release --all"
    )]
    Release(Which),
    /// Note an interruption by hand: someone came by, a stray thought
    #[command(
        after_help = "Example:\n  tidegate note Ben came by about the invoice\n\nIt is held until the check-in, as if an app had sent it."
    )]
    Note {
        /// What it was, one line
        #[arg(required = true, allow_negative_numbers = true)]
        text: Vec<String>,
    },
    /// Search all that ever came in, newest first
    #[command(
        after_help = "Examples:\n  tidegate log\n  tidegate log invoice october\n  tidegate log -n 500 --json slack\n\n\
        Every word must begin a word of the app's name or the text. Without words, the newest of all.\n\
        Where there is more, the last line says so; in JSON, \"more\" is true."
    )]
    Log {
        /// Words, or their beginnings
        words: Vec<String>,
        /// Rows to show at most
        #[arg(short = 'n', long, default_value_t = 50, value_name = "ROWS", value_parser = rows)]
        limit: u32,
        /// Go on where a list ended: its "next" in JSON
        #[arg(long, value_name = "CURSOR", value_parser = cursor)]
        next: Option<i64>,
    },
    /// Hand over what is held now, pass over the next check-in, or close this one
    #[command(after_help = "Examples:\n  tidegate check-in\n  tidegate check-in --where \"page 3, second table\"\n  \
        tidegate check-in skip\n  tidegate check-in close\n\n`close` shows the line of --where again.")]
    CheckIn {
        /// What
        #[arg(value_enum, default_value_t = When::Now)]
        when: When,
        /// Where you are now, one line: it is shown again when the check-in is closed
        #[arg(long = "where", value_name = "LINE")]
        place: Option<String>,
    },
    /// Open the window, or bring it to the front
    Window {
        /// Show what is held
        #[arg(long, conflicts_with = "now")]
        held: bool,
        /// Show the block that runs, or is to begin
        #[arg(long)]
        now: bool,
    },
    /// The books since the last digest: everything that came in, and where it is
    Ledger,
    /// Try every path with a real notification, and say what works here
    Doctor,
    /// Take over from the notification daemon that runs, though it shows something
    #[command(after_help = "Example:\n  tidegate take-over now\n\nA daemon that is started while something is on the \
        screen waits until that is gone,\nten minutes at most, and holds nothing before. Now, what is on the screen is lost.")]
    TakeOver {
        /// When
        #[arg(value_enum)]
        when: TakeOver,
    },
    /// Run a command, and hold what comes until it ends
    #[command(after_help = "Example:\n  tidegate inhibit -- make presentation\n\n\
        The gate is closed as when an app asks for quiet, and opens with the command's end, however that comes about: then\n\
        one notice says what was held meanwhile. The exit status is the command's.")]
    Inhibit {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// End the daemon and give notifications back to the desktop
    #[command(
        after_help = "On a terminal, without an option, it asks what to do with what is held. Elsewhere it keeps it: \
        what is held\nstays on disk, and is there again when Tidegate starts."
    )]
    Quit(Quit),
}

/// The options of `start`.
#[derive(Debug, Options)]
pub struct Start {
    /// Minutes or hours (25, 25m, 1h30, 5h; at most 24 hours), until 11:00, until-check-in or open; left out, as the last one
    #[arg(allow_negative_numbers = true)]
    length: Option<String>,
    /// What the block is for, one line; in quotes it may stand without a length
    #[arg(value_name = "INTENTION", allow_negative_numbers = true)]
    words: Vec<String>,
    /// The same
    #[arg(short, long, value_name = "TEXT")]
    intention: Option<String>,
}

impl Start {
    /// What it was told.
    ///
    /// # Errors
    /// What to type instead.
    pub(super) fn plan(self) -> Result<Plan, Message> {
        let words: Vec<_> = self.length.into_iter().chain(self.words).collect();
        Plan::of(&words, self.intention)
    }
}

/// Some ids, all of one app, or all that is held.
#[derive(Debug, Options)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Their ids, as `tidegate held` lists them
    pub ids: Vec<Id>,
    /// All that is held of one app, by its name as `tidegate held` lists it, or its id
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// All that is held
    #[arg(long)]
    pub all: bool,
}

/// The options of `quit`.
#[derive(Debug, Options)]
pub struct Quit {
    /// Release what is held first
    #[arg(long, conflicts_with = "keep")]
    pub release: bool,
    /// Keep what is held, on disk
    #[arg(long)]
    pub keep: bool,
}

/// The options of `daemon`.
#[derive(Debug, Clone, PartialEq, Eq, Options)]
pub struct Daemon {
    /// Take over from a running notification daemon at once, though it shows something
    #[arg(long)]
    pub replace_now: bool,
}

/// Whether time away counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TimeAway {
    /// It counts as deep work
    Count,
    /// It does not
    LeaveOut,
}

/// Now, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Hand over now
    Now,
    /// Pass over the next one
    Skip,
    /// The check-in is over
    Close,
}

/// When to take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TakeOver {
    /// Though it shows something
    Now,
}

/// How many rows a list may have.
fn rows(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|rows| *rows > 0).ok_or_else(|| timeless(&say::cli_rows()))
}

fn cursor(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| timeless(&say::cli_next()))
}

fn after_help() -> String {
    format!(
        "Examples:\n  tidegate start 50 \"Invoices for October\"\n  tidegate status\n  tidegate held\n  \
         tidegate act bkf\n  tidegate check-in\n\n{}",
        exit::help()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_may_stand_behind_the_verb() {
        let style = parse("tidegate held --json --color never -n 5").unwrap().style;
        assert_eq!(style, Style { json: true, color: Color::Never });
    }

    #[test]
    fn options_are_known_behind_free_text_and_never_become_part_of_it() {
        let reply = |line: &str| match parse(line).unwrap() {
            Args { verb: Verb::Ask(Ask::Reply { id, text }), style } => (id.to_string(), text.join(" "), style.json),
            other => panic!("{other:?}"),
        };
        let of = |text: &str, json| ("bkf".to_owned(), text.to_owned(), json);
        assert_eq!(reply("tidegate reply bkf on my way --json"), of("on my way", true));
        assert_eq!(reply("tidegate reply bkf -5 degrees"), of("-5 degrees", false));
        assert_eq!(reply("tidegate reply bkf -- on --json way"), of("on --json way", false));
        let error = parse("tidegate reply bkf on --my way").unwrap_err().to_string();
        assert!(error.contains("-- --my"), "{error}");
        assert!(parse("tidegate note hello --json").unwrap().style.json);
        assert!(parse("tidegate start 50 Draft it --json").unwrap().style.json);
    }

    #[test]
    fn ids_or_all_but_not_both_and_not_neither() {
        for (line, fits) in [
            ("tidegate done bkf bkg", true),
            ("tidegate release --all", true),
            ("tidegate done", false),
            ("tidegate done bkf --all", false),
            ("tidegate later --app Slack", true),
            ("tidegate later --app Slack bkf", false),
            ("tidegate quit --release --keep", false),
            ("tidegate act nonsense!", false),
        ] {
            assert_eq!(parse(line).is_ok(), fits, "{line}");
        }
    }
}
