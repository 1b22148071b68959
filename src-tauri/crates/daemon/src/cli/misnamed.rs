//! Verbs that people try and that are called otherwise here: which one is meant. Must not do anything.

use tidegate_contract::Message;
use tidegate_words::say;

/// What to type instead.
type Instead = fn() -> Message;

/// What is typed, and what is meant.
const VERBS: [(&str, Instead); 15] = [
    ("pause", say::cli_instead_pause),
    ("resume", say::cli_instead_resume),
    ("close", say::cli_instead_close),
    ("skip", say::cli_instead_skip),
    ("dismiss", say::cli_instead_dismiss),
    ("mute", say::cli_instead_mute),
    ("config", say::cli_instead_config),
    ("list", say::cli_instead_list),
    ("ls", say::cli_instead_list),
    ("inbox", say::cli_instead_inbox),
    ("history", say::cli_instead_history),
    ("search", say::cli_instead_search),
    ("block", say::cli_instead_block),
    ("on", say::cli_instead_on),
    ("off", say::cli_instead_off),
];

/// One line for a verb that is none.
pub(super) fn advice(verb: &str) -> Option<Message> {
    let (verb, instead) = VERBS.iter().find(|(known, _)| *known == verb)?;
    Some(say::cli_instead_of(*verb, instead()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Args;
    use clap::CommandFactory;
    use tidegate_words::timeless;

    #[test]
    fn what_is_advised_is_there_and_what_is_advised_against_is_not() {
        let command = Args::command();
        let is_verb = |word: &str| command.find_subcommand(word).is_some();
        for (verb, instead) in VERBS {
            assert!(!is_verb(verb), "{verb}");
            let instead = timeless(&instead());
            let advised: Vec<_> =
                instead.split("tidegate ").skip(1).map(|rest| rest.split([' ', ';']).next()).collect();
            assert!(!advised.is_empty() && advised.iter().flatten().all(|verb| is_verb(verb)), "{verb}: {advised:?}");
        }
    }
}
