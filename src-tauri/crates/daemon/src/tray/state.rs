//! What the icon and its menu show now, shared by the two objects that tell it. Must not know D-Bus.

use super::menu::{Entry, Press, Shown};
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
    presses: mpsc::UnboundedSender<Press>,
}

struct Now {
    shown: Shown,
    /// The number of the menu's first entry. Entries that do something else get other numbers, or a press on a menu that is
    /// being replaced would do that.
    first: i32,
    revision: u32,
}

/// What is different from what was shown before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) picture: bool,
    pub(super) tooltip: bool,
    /// The menu's new revision.
    pub(super) menu: Option<u32>,
}

impl State {
    pub(super) fn new(shown: Shown, presses: mpsc::UnboundedSender<Press>) -> Self {
        Self { now: Arc::new(Mutex::new(Now { shown, first: ROOT + 1, revision: 1 })), presses }
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

    pub(super) fn press(&self, press: Press) {
        if self.presses.send(press).is_err() {
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
            tooltip: before.tooltip != self.shown.tooltip,
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
    use super::super::icon::Picture;
    use super::*;

    fn shown(menu: &[(&str, Press)]) -> Shown {
        let menu = menu.iter().map(|(label, press)| Entry::Does((*label).to_owned(), press.clone())).collect();
        Shown { picture: Picture::Open, tooltip: "nothing held".to_owned(), menu }
    }

    #[test]
    fn a_press_on_an_entry_that_was_replaced_does_nothing_and_one_on_a_new_label_does() {
        let (presses, mut pressed) = mpsc::unbounded_channel();
        let state = State::new(shown(&[("Held (1)", Press::Open)]), presses);
        assert_eq!(state.change(shown(&[("Held (2)", Press::Open)])), Change { menu: Some(2), ..Change::default() });
        assert!(state.choose(1));
        assert_eq!(pressed.try_recv(), Ok(Press::Open));
        assert_eq!(state.change(shown(&[("Quit", Press::Quit)])), Change { menu: Some(3), ..Change::default() });
        assert!(!state.choose(1) && pressed.try_recv().is_err());
        assert!(state.choose(2));
        assert_eq!(pressed.try_recv(), Ok(Press::Quit));
        assert_eq!(state.change(shown(&[("Quit", Press::Quit)])), Change::default());
    }
}
