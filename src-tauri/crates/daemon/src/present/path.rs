//! Why the gate does not stand in the path, or stands there without a renderer, in words. Must not know how it gets in.

use super::line;
use tidegate_contract::{Message, Trouble};
use tidegate_gate::Waiting;
use tidegate_words::say;

/// Codes of what says more exactly why nothing is held than that another program answers.
pub(super) const EXACT: [&str; 2] = ["waiting", "take-over"];

/// Code of what says more exactly why no renderer can be reached.
pub const RENDERER_FAILS: &str = "renderer-fails";
/// Code of a renderer that had to give way to another.
pub const RENDERER_REPLACED: &str = "renderer-replaced";

/// Something that is wrong. `text` may be an error's words; how to look at every part of the path is the remedy.
#[must_use]
pub fn path_trouble(code: &str, text: &str) -> Trouble {
    trouble(code, say::trouble_path(line(text, 300)), say::trouble_path_remedy())
}

/// The gate could not get into the path.
#[must_use]
pub fn not_in_path(text: &str) -> Trouble {
    trouble("take-over", say::trouble_take_over(line(text, 300)), say::trouble_take_over_remedy())
}

/// The renderer is started in vain, and there is no other.
#[must_use]
pub fn renderer_fails(program: &str, why: &str) -> Trouble {
    let text = say::trouble_renderer_fails(line(program, 100), line(why, 200));
    trouble(RENDERER_FAILS, text, say::trouble_renderer_fails_remedy())
}

/// The renderer was started in vain, and `other` is in its place.
#[must_use]
pub fn renderer_replaced(program: &str, why: &str, other: &str) -> Trouble {
    let program = line(program, 100);
    let text = say::trouble_renderer_replaced(program.as_str(), line(why, 200), line(other, 100));
    trouble(RENDERER_REPLACED, text, say::trouble_renderer_replaced_remedy(program))
}

/// What is waited for, and how to go on at once.
#[must_use]
pub fn waiting(waiting: &Waiting) -> Trouble {
    let (text, remedy) = match waiting {
        Waiting::ForDaemon => (say::trouble_waiting_for_daemon(), say::trouble_waiting_for_daemon_remedy()),
        Waiting::ForPopups { program } => {
            (say::trouble_waiting_for_popups(line(program, 100)), say::trouble_waiting_for_popups_remedy())
        }
    };
    trouble("waiting", text, remedy)
}

fn trouble(code: &str, text: Message, remedy: Message) -> Trouble {
    Trouble { code: code.to_owned(), text, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_popups_are_waited_for_is_said_in_one_line() {
        let told = waiting(&Waiting::ForPopups { program: "/usr/bin/du\nnst".to_owned() });
        assert_eq!(told.text, say::trouble_waiting_for_popups("/usr/bin/du nst"));
        assert!(EXACT.contains(&told.code.as_str()) && EXACT.contains(&waiting(&Waiting::ForDaemon).code.as_str()));
    }
}
