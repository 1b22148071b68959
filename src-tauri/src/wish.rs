//! What a start of the program, a launcher's action or a dock wants to see. It must not know how it is asked or shown.

use std::ffi::OsString;

/// What the window is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Itself, as it is.
    Window,
    /// The view *Now*, where a block is started.
    Now,
    /// The view *Held*.
    Held,
    /// The field for a note.
    Note,
    /// A check-in that begins now.
    CheckIn,
}

const NAMED: [(&str, Wish); 5] =
    [("now", Wish::Now), ("start", Wish::Now), ("held", Wish::Held), ("note", Wish::Note), ("check-in", Wish::CheckIn)];

impl Wish {
    /// By the name of an action of the desktop entry.
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMED.into_iter().find_map(|(known, wish)| (known == name).then_some(wish))
    }

    /// The action's name; none where no action is needed.
    pub(crate) fn name(self) -> Option<&'static str> {
        NAMED.into_iter().find_map(|(name, wish)| (wish == self).then_some(name))
    }

    /// By the arguments of a start: none, or one such as `--held`.
    ///
    /// # Errors
    /// What was wrong, and what there is.
    pub(crate) fn by(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let Some(argument) = arguments.next() else { return Ok(Self::Window) };
        let known = argument.to_str().and_then(|argument| Self::named(argument.strip_prefix("--")?));
        known.filter(|_| arguments.next().is_none()).ok_or_else(|| {
            let known: Vec<_> = NAMED.iter().map(|(name, _)| format!("--{name}")).collect();
            format!("{argument:?} is not understood; it takes one of {}, or nothing", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(arguments: &[&str]) -> Result<Wish, String> {
        Wish::by(arguments.iter().map(OsString::from))
    }

    #[test]
    fn a_start_names_what_it_wants_or_nothing() {
        assert_eq!(by(&[]), Ok(Wish::Window));
        assert_eq!(by(&["--held"]), Ok(Wish::Held));
        assert_eq!(by(&["--start"]), Ok(Wish::Now));
        for wrong in [&["held"] as &[_], &["--hel"], &["--held", "--now"], &["--"]] {
            assert!(by(wrong).is_err_and(|why| why.contains("--check-in")), "{wrong:?}");
        }
    }

    #[test]
    fn each_wish_goes_by_the_name_that_it_is_known_by() {
        for (_, wish) in NAMED {
            assert_eq!(wish.name().and_then(Wish::named), Some(wish));
        }
        assert_eq!(Wish::Window.name(), None);
    }
}
