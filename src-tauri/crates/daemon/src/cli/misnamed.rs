//! Verbs that people try and that are called otherwise here: which one is meant. Must not do anything.

use tidegate_contract::Message;
use tidegate_words::say;

/// What to type instead.
type Instead = fn() -> Message;

/// What is typed, and what is meant.
const VERBS: [(&str, Instead); 15] = [
    ("pause", say::instead_pause),
    ("resume", say::instead_resume),
    ("close", say::instead_close),
    ("skip", say::instead_skip),
    ("dismiss", say::instead_dismiss),
    ("mute", say::instead_mute),
    ("config", say::instead_config),
    ("list", say::instead_list),
    ("ls", say::instead_list),
    ("inbox", say::instead_inbox),
    ("history", say::instead_history),
    ("search", say::instead_search),
    ("block", say::instead_block),
    ("on", say::instead_on),
    ("off", say::instead_off),
];

/// One line for a verb that is none.
pub(super) fn advice(verb: &str) -> Option<Message> {
    let (verb, instead) = VERBS.iter().find(|(known, _)| *known == verb)?;
    Some(say::instead_of(*verb, instead()))
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
