//! The command line: its verbs, their options and the help that teaches them. Must not do anything.

use super::exit;
use super::here::Here;
use super::id::Id;
use clap::{Args as Options, Parser, Subcommand, ValueEnum};
use std::str::FromStr;
use tidegate_contract::BlockLength;

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
    #[command(after_help = "Examples:\n  tidegate start\n  tidegate start 1h30 -i \"Invoices for October\"\n  \
        tidegate start until-check-in\n\nWhile a block runs, its length and intention are replaced.")]
    Start(Start),
    /// Move the end of the block
    #[command(after_help = "Example:\n  tidegate extend 15\n\nA block ends at most 24 hours from now.")]
    Extend {
        /// What to add (15, 15m, 1h30; at most 8 hours)
        #[arg(allow_negative_numbers = true, value_parser = extension)]
        minutes: u32,
    },
    /// End the block; what is held stays held until the check-in
    End,
    /// End the block, or start one until the next check-in
    #[command(
        after_help = "The same as a click on the tray icon: one shortcut for both. Where no check-in is left today, the\n\
        block lasts 50 minutes."
    )]
    Toggle,
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
        The letters in front are the id that the other verbs take. --json gives ids as numbers; both are accepted.")]
    Held {
        /// Rows to show at most, the oldest first
        #[arg(short = 'n', long, default_value_t = 200, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
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
        id: Id,
    },
    /// Answer it, where its app takes answers
    #[command(after_help = "Example:\n  tidegate reply bkf On my way\n\nA reply cannot be undone.")]
    Reply {
        /// Its id, as `tidegate held` lists it
        id: Id,
        /// The answer
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
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
    /// Take back a done, a later, a release, or the skip of a check-in
    #[command(after_help = "Examples:\n  tidegate undo      the last one\n  tidegate undo bkf\n\n\
        A release of many is taken back as a whole. A skip can be taken back until its check-in would have come.")]
    Undo {
        /// Its id; left out, the last done, later, release or skip
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
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
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
        #[arg(short = 'n', long, default_value_t = 50, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
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
    /// Minutes or hours (25, 25m, 1h30, 5h; at most 24 hours), until-check-in or open
    #[arg(default_value = "50", allow_negative_numbers = true, value_parser = Length::from_str)]
    pub length: Length,
    /// What the block is for, one line
    #[arg(short, long, value_name = "TEXT")]
    pub intention: Option<String>,
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

/// How long a block lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub BlockLength);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let length = match text {
            "until-check-in" => BlockLength::UntilCheckIn,
            "open" => BlockLength::Open,
            time => {
                let minutes = minutes(time).filter(|minutes| (1..=1_440).contains(minutes));
                let minutes =
                    minutes.ok_or("give 1 minute to 24 hours, such as 25, 25m, 1h30 or 5h; until-check-in; or open")?;
                BlockLength::Minutes { minutes }
            }
        };
        Ok(Self(length))
    }
}

/// The minutes of an extension.
fn extension(text: &str) -> Result<u32, String> {
    let minutes = minutes(text).filter(|minutes| (1..=480).contains(minutes));
    minutes.ok_or_else(|| "give what to add, 1 minute to 8 hours, such as 15, 15m or 1h30".to_owned())
}

/// A stretch of time as people type it: "25", "25m", "25min", "5h", "1h30", "1h30m".
fn minutes(text: &str) -> Option<u32> {
    let number = |digits: &str| -> Option<u32> {
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let of_minutes = |rest: &str| number(rest.strip_suffix("min").or_else(|| rest.strip_suffix('m')).unwrap_or(rest));
    match text.split_once('h') {
        Some((hours, "")) => number(hours)?.checked_mul(60),
        Some((hours, rest)) => number(hours)?.checked_mul(60)?.checked_add(of_minutes(rest).filter(|rest| *rest < 60)?),
        None => of_minutes(text),
    }
}

fn after_help() -> String {
    format!(
        "Examples:\n  tidegate start 50 -i \"Invoices for October\"\n  tidegate status\n  tidegate held\n  \
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
    fn a_block_has_a_length() {
        let length = |line: &str| {
            let Verb::Ask(Ask::Start(start)) = parse(line).unwrap().verb else { panic!("{line}") };
            start.length.0
        };
        assert_eq!(length("tidegate start"), BlockLength::Minutes { minutes: 50 });
        assert_eq!(length("tidegate start 1440 -i x"), BlockLength::Minutes { minutes: 1_440 });
        assert_eq!(length("tidegate start until-check-in"), BlockLength::UntilCheckIn);
        assert_eq!(length("tidegate start open"), BlockLength::Open);
        for (text, minutes) in [("25m", 25), ("25min", 25), ("1h", 60), ("1h30", 90), ("1h30m", 90), ("24h", 1_440)] {
            assert_eq!(length(&format!("tidegate start {text}")), BlockLength::Minutes { minutes }, "{text}");
        }
        for wrong in
            ["0", "1441", "-5", "+5", "soon", "99999999999", "h", "m", "1h60", "1h-5", "25h", "1.5h", "71582789h", "١h"]
        {
            let error = parse(&format!("tidegate start {wrong}")).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn options_may_stand_behind_the_verb() {
        let style = parse("tidegate held --json --color never -n 5").unwrap().style;
        assert_eq!(style, Style { json: true, color: Color::Never });
    }

    #[test]
    fn a_reply_takes_the_rest_of_the_line_as_it_is() {
        let Verb::Ask(Ask::Reply { id, text }) = parse("tidegate reply bkf on --my way").unwrap().verb else {
            panic!("reply")
        };
        assert_eq!((id.to_string().as_str(), text.join(" ").as_str()), ("bkf", "on --my way"));
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
