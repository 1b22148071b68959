//! Why the gate does not stand in the path, in words. Must not know how it gets in.

use super::line;
use tidegate_contract::Trouble;
use tidegate_gate::Waiting;

/// Codes of what says more exactly why nothing is held than that another program answers.
pub(super) const EXACT: [&str; 2] = ["waiting", "take-over"];

/// What is waited for, and how to go on at once.
#[must_use]
pub fn waiting(waiting: &Waiting) -> Trouble {
    let (text, remedy) = match waiting {
        Waiting::ForDaemon => (
            "Nothing is held yet: a notification daemon that starts by itself is waited for, ten seconds at most."
                .to_owned(),
            "Nothing needs to be done; `tidegate take-over now` goes on at once.",
        ),
        Waiting::ForPopups { program } => (
            format!("Nothing is held yet: {} still shows something, which would be lost.", line(program, 100)),
            "Close what it shows, or `tidegate take-over now`.",
        ),
    };
    Trouble { code: "waiting".to_owned(), text, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_popups_are_waited_for_is_said_in_one_line() {
        let told = waiting(&Waiting::ForPopups { program: "/usr/bin/du\nnst".to_owned() });
        assert!(told.text.contains("/usr/bin/du") && !told.text.contains('\n'), "{told:?}");
        assert!(EXACT.contains(&told.code.as_str()) && EXACT.contains(&waiting(&Waiting::ForDaemon).code.as_str()));
    }
}
