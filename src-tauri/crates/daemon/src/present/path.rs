//! Why the gate does not stand in the path, or stands there without a renderer, in words. Must not know how it gets in.

use super::line;
use tidegate_contract::Trouble;
use tidegate_gate::Waiting;

/// Codes of what says more exactly why nothing is held than that another program answers.
pub(super) const EXACT: [&str; 2] = ["waiting", "take-over"];

/// Code of what says more exactly why no renderer can be reached.
pub const RENDERER_FAILS: &str = "renderer-fails";
/// Code of a renderer that had to give way to another.
pub const RENDERER_REPLACED: &str = "renderer-replaced";
/// What a person can do who has no renderer: it cannot own the name while the gate does.
pub const NO_RENDERER: &str = "None can start by itself while Tidegate owns the name: run `tidegate quit`, start one such as \
                               `dunst`, and then `tidegate daemon`";

/// The renderer is started in vain, and there is no other.
#[must_use]
pub fn renderer_fails(program: &str, why: &str) -> Trouble {
    let (program, why) = (line(program, 100), line(why, 200));
    let text = format!("{program}, which showed your notifications, was started in vain: {why}. It is tried again.");
    Trouble { code: RENDERER_FAILS.to_owned(), text, remedy: format!("{NO_RENDERER}; what is held stays held.") }
}

/// The renderer was started in vain, and `other` is in its place.
#[must_use]
pub fn renderer_replaced(program: &str, why: &str, other: &str) -> Trouble {
    let (program, why, other) = (line(program, 100), line(why, 200), line(other, 100));
    let text =
        format!("{program}, which showed your notifications, was started in vain: {why}. Now {other} shows them.");
    let remedy = format!("To have {program} back: run `tidegate quit`, start it, and then `tidegate daemon`.");
    Trouble { code: RENDERER_REPLACED.to_owned(), text, remedy }
}

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
