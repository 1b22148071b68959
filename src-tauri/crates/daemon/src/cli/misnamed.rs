//! Verbs that people try and that are called otherwise here: which one is meant. Must not do anything.

/// What is typed, and what to type instead.
const VERBS: [(&str, &str); 15] = [
    ("pause", "to open the gate for some minutes: tidegate break 5; for now: tidegate end"),
    ("resume", "to close the gate again: tidegate start"),
    ("close", "to close the gate: tidegate start; to close the check-in: tidegate check-in close"),
    ("skip", "to pass over the next check-in: tidegate check-in skip"),
    ("dismiss", "to be done with one: tidegate done ID"),
    ("mute", "to mute an app: tidegate settings set apps.ID mute"),
    ("config", "to list or change settings: tidegate settings"),
    ("list", "to see what is held: tidegate held; all that ever came in: tidegate log"),
    ("ls", "to see what is held: tidegate held; all that ever came in: tidegate log"),
    ("inbox", "to see what is held: tidegate held"),
    ("history", "to see all that ever came in: tidegate log"),
    ("search", "to search all that ever came in: tidegate log WORDS"),
    ("block", "to start a block: tidegate start"),
    ("on", "to close the gate: tidegate start; to close or open it: tidegate toggle"),
    ("off", "to open the gate: tidegate end; to end Tidegate: tidegate quit"),
];

/// One line for a verb that is none.
pub(super) fn advice(verb: &str) -> Option<String> {
    let (verb, instead) = VERBS.iter().find(|(known, _)| *known == verb)?;
    Some(format!("there is no verb \"{verb}\"; {instead}"))
}

/// For `open` without an id.
pub(super) const OPEN_WHAT: &str = "open what? The app that sent one: tidegate open ID. To open the gate: tidegate end";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Args;
    use clap::CommandFactory;

    #[test]
    fn what_is_advised_is_there_and_what_is_advised_against_is_not() {
        let command = Args::command();
        let is_verb = |word: &str| command.find_subcommand(word).is_some();
        for (verb, instead) in VERBS {
            assert!(!is_verb(verb), "{verb}");
            let advised: Vec<_> =
                instead.split("tidegate ").skip(1).map(|rest| rest.split([' ', ';']).next()).collect();
            assert!(!advised.is_empty() && advised.iter().flatten().all(|verb| is_verb(verb)), "{verb}: {advised:?}");
        }
    }
}
