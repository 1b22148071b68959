//! What the icon and its menu show now, shared by the two objects that tell it. Must not know D-Bus.

use super::menu::{Entry, Press, Shown};
use crate::control::TOKEN_BYTES;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// The number of the menu itself.
pub(super) const ROOT: i32 = 0;
/// From here on entries are numbered anew, long before the numbers end.
const LAST: i32 = i32::MAX / 2;

/// Shared by the objects of one icon.
#[derive(Clone)]
pub(super) struct State {
    now: Arc<Mutex<Now>>,
    presses: mpsc::UnboundedSender<Pressed>,
}

/// A press, and the activation token that the panel gave for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pressed {
    pub(super) press: Press,
    pub(super) token: Option<String>,
}

struct Now {
    shown: Shown,
    /// For the press that comes next.
    token: Option<String>,
    /// The number of the menu's first entry. Entries that do something else get other numbers, or a press on a menu that is
    /// being replaced would do that.
    first: i32,
    revision: u32,
}

/// What is different from what was shown before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) picture: bool,
    pub(super) title: bool,
    /// The menu's new revision.
    pub(super) menu: Option<u32>,
}

impl State {
    pub(super) fn new(shown: Shown, presses: mpsc::UnboundedSender<Pressed>) -> Self {
        Self { now: Arc::new(Mutex::new(Now { shown, token: None, first: ROOT + 1, revision: 1 })), presses }
    }

    pub(super) fn shown(&self) -> Shown {
        self.with(|now| now.shown.clone())
    }

    /// The entries with their numbers, and the menu's revision.
    pub(super) fn menu(&self) -> (u32, Vec<(i32, Entry)>) {
        self.with(|now| (now.revision, (now.first..).zip(now.shown.menu.iter().cloned()).collect()))
    }

    pub(super) fn change(&self, shown: Shown) -> Change {
        self.with(|now| now.change(shown))
    }

    /// What the entry of this number does; false: there is no such entry.
    pub(super) fn choose(&self, number: i32) -> bool {
        let (_, menu) = self.menu();
        let Some((_, entry)) = menu.into_iter().find(|(known, _)| *known == number) else { return false };
        if let Entry::Does(_, press) = entry {
            self.press(press);
        }
        true
    }

    /// A token that is too long is none.
    pub(super) fn keep_token(&self, token: &str) {
        let token = (1..=TOKEN_BYTES).contains(&token.len()).then(|| token.to_owned());
        self.with(|now| now.token = token);
    }

    pub(super) fn press(&self, press: Press) {
        let token = self.with(|now| now.token.take());
        if self.presses.send(Pressed { press, token }).is_err() {
            tracing::debug!("the tray was pressed while the daemon was ending");
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Now) -> T) -> T {
        look(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Now {
    fn change(&mut self, shown: Shown) -> Change {
        let before = std::mem::replace(&mut self.shown, shown);
        if before.menu != self.shown.menu {
            self.revision = self.revision.wrapping_add(1);
            if !do_the_same(&before.menu, &self.shown.menu) {
                let next = self.first.saturating_add(i32::try_from(before.menu.len()).unwrap_or(LAST));
                self.first = if next < LAST { next } else { ROOT + 1 };
            }
        }
        Change {
            picture: before.picture != self.shown.picture,
            title: before.title != self.shown.title,
            menu: (before.menu != self.shown.menu).then_some(self.revision),
        }
    }
}

fn do_the_same(one: &[Entry], other: &[Entry]) -> bool {
    fn press(entry: &Entry) -> Option<&Press> {
        if let Entry::Does(_, press) = entry { Some(press) } else { None }
    }
    one.len() == other.len() && one.iter().map(press).eq(other.iter().map(press))
}

#[cfg(test)]
mod tests {
    use super::super::icon::{Mark, Picture};
    use super::*;

    fn shown(menu: &[(&str, Press)]) -> Shown {
        let menu = menu.iter().map(|(label, press)| Entry::Does((*label).to_owned(), press.clone())).collect();
        Shown { picture: Picture::Gate { closed: false, mark: Mark::Nothing }, title: "nothing held".to_owned(), menu }
    }

    #[test]
    fn a_press_on_an_entry_that_was_replaced_does_nothing_and_one_on_a_new_label_does() {
        let (presses, mut pressed) = mpsc::unbounded_channel();
        let open = Press::Open(None);
        let state = State::new(shown(&[("Held (1)", open.clone())]), presses);
        let more = state.change(shown(&[("Held (2)", open.clone())]));
        assert_eq!(more, Change { menu: Some(2), ..Change::default() });
        assert!(state.choose(1));
        assert_eq!(pressed.try_recv(), Ok(Pressed { press: open, token: None }));
        assert_eq!(state.change(shown(&[("Quit", Press::Quit)])), Change { menu: Some(3), ..Change::default() });
        assert!(!state.choose(1) && pressed.try_recv().is_err());
        assert!(state.choose(2));
        assert_eq!(pressed.try_recv(), Ok(Pressed { press: Press::Quit, token: None }));
        assert_eq!(state.change(shown(&[("Quit", Press::Quit)])), Change::default());
    }

    #[test]
    fn a_token_is_for_the_press_that_comes_next() {
        let (presses, mut pressed) = mpsc::unbounded_channel();
        let state = State::new(shown(&[("Quit", Press::Quit)]), presses);
        let mut token_of_a_press = |given: &str| {
            state.keep_token(given);
            state.press(Press::Quit);
            pressed.try_recv().unwrap().token
        };
        assert_eq!(token_of_a_press("abc").as_deref(), Some("abc"));
        assert_eq!(token_of_a_press(""), None);
        assert_eq!(token_of_a_press(&"x".repeat(TOKEN_BYTES + 1)), None);
        state.keep_token("once");
        state.press(Press::Quit);
        state.press(Press::Quit);
        let tokens = [pressed.try_recv().unwrap().token, pressed.try_recv().unwrap().token];
        assert_eq!(tokens, [Some("once".to_owned()), None]);
    }
}
