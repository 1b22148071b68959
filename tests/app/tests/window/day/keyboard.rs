//! What a person does by keyboard alone: real keys, pressed and let go, wherever the focus is. Must not know the day.

use crate::window::Window;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use tidegate_testkit::{DEADLINE, within};
use tidegate_tests_process::Stand;
use tidegate_tests_process::crowd::APPS;
use tidegate_tests_process::day::{BLOCK, BUTTON, Deed, MOVED, Person};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const SHIFT: char = '\u{e008}';
const CTRL: char = '\u{e009}';
const ESCAPE: &str = "\u{e00c}";
const PAGE_UP: &str = "\u{e00e}";
const HOME: &str = "\u{e011}";
const LEFT: &str = "\u{e012}";
/// More elements than any view has that take the focus.
const PRESSES: usize = 120;

/// Somebody without a pointer, and which one they dealt with last.
pub(super) struct Keyboard<'a>(pub(super) &'a Window, pub(super) &'static str);

impl Person for Keyboard<'_> {
    async fn does(&mut self, stand: &Stand, deed: Deed) {
        match deed {
            Deed::Start(intention) => self.starts(intention).await,
            Deed::Note(text) => self.notes(text).await,
            Deed::Another(_) => self.takes_another().await,
            Deed::CheckIn(line) => self.checks_in(line).await,
            Deed::Open(title) => self.on(stand, title, "Open", "o").await,
            Deed::Press(title) => self.on(stand, title, BUTTON.1, "1").await,
            Deed::Reply(title, text) => self.replies(stand, title, text).await,
            Deed::Later(title) => {
                self.1 = title;
                self.on(stand, title, "Later", "l").await;
            }
            Deed::Done(title) => {
                self.1 = title;
                self.on(stand, title, "Done", "e").await;
            }
            Deed::Undo => self.takes_back().await,
            Deed::Find(word, title) => self.finds(word, title).await,
            Deed::CloseCheckIn => self.in_list("c").await,
            Deed::Resume(line) => self.resumes(line).await,
            Deed::MoveCheckIn => self.moves_check_in().await,
            Deed::AllDone => self.is_done_with_all().await,
            Deed::BackToWork => {
                self.is_at("the way back to work", "element.textContent.includes('Back to work')").await;
                self.presses(ENTER).await;
            }
        }
    }
}

impl Keyboard<'_> {
    /// Presses keys one after the other.
    async fn presses(&self, keys: &str) {
        let pressed = keys.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        self.performs(pressed).await;
    }

    /// Presses a key while another is held down.
    async fn presses_with(&self, held: char, value: char) {
        let [down, up] = [KeyAction::Down { value: held }, KeyAction::Up { value: held }];
        self.performs([down, KeyAction::Down { value }, KeyAction::Up { value }, up]).await;
    }

    async fn performs(&self, keys: impl IntoIterator<Item = KeyAction>) {
        let keys = keys.into_iter().fold(KeyActions::new("keyboard".to_owned()), InputSource::then);
        within(DEADLINE, "the keyboard", self.0.client.perform_actions(keys)).await.unwrap();
    }

    /// Waits until the focus is on what this condition on `element` means.
    async fn is_at(&self, what: &str, condition: &str) {
        let script = format!("const element = document.activeElement; return !!element && ({condition})");
        self.0.until(what, &script).await;
    }

    /// Goes on with Tab until the focus is on what this condition on `element` means.
    async fn tabs_to(&self, what: &str, condition: &str) {
        self.goes_on_with(TAB, what, condition).await;
    }

    /// Presses a key until the focus is on what this condition on `element` means.
    async fn goes_on_with(&self, key: &str, what: &str, condition: &str) {
        let is_there = format!("const element = document.activeElement; return !!element && ({condition})");
        for _ in 0..PRESSES {
            if self.0.script(&is_there).await == true {
                return;
            }
            self.presses(key).await;
        }
        panic!("it never came to {what}:\n{}", self.0.text().await);
    }

    /// Over the list, or over nothing, letters are commands.
    async fn in_list(&self, key: &str) {
        self.is_at("the list", "element === document.body || element.role === 'listbox'").await;
        self.presses(key).await;
    }

    async fn starts(&self, intention: &str) {
        self.tabs_to("the intention", "element.ariaLabel === 'Intention'").await;
        self.presses(intention).await;
        self.tabs_to("a length", "element.type === 'radio'").await;
        self.goes_on_with(LEFT, "its length", &format!("element.value === '{BLOCK}'")).await;
        self.presses(ENTER).await;
    }

    async fn notes(&self, text: &str) {
        self.presses_with(CTRL, 'n').await;
        self.tabs_to("the note's field", "element.tagName === 'INPUT' && !!element.closest('dialog[open]')").await;
        self.presses(text).await;
        self.presses(ENTER).await;
        self.0.until("the dialog is gone", "return !document.querySelector('dialog')").await;
    }

    async fn takes_another(&self) {
        self.presses_with(CTRL, '1').await;
        self.tabs_to("another", "element.textContent.trim().startsWith('Another')").await;
        self.presses(ENTER).await;
    }

    async fn checks_in(&self, line: &str) {
        self.presses_with(CTRL, '2').await;
        self.is_at("the list", "element.role === 'listbox'").await;
        self.presses("i").await;
        self.is_at("where they were", "element.id === 'where-were-you'").await;
        self.presses(line).await;
        self.presses(ENTER).await;
    }

    /// Goes to one, app by app, and presses a key once its button is there.
    async fn on(&self, stand: &Stand, title: &str, button: &str, key: &str) {
        self.goes_to(stand, title).await;
        self.0.button(button).await;
        self.presses(key).await;
    }

    async fn goes_to(&self, stand: &Stand, title: &str) {
        self.0.lists_what_is_held(stand).await;
        self.in_list(HOME).await;
        self.0.until("the first", &format!("return {CHOSEN}?.ariaPosInSet === '1'")).await;
        for _ in 0..APPS + 10 {
            let row = self.chosen().await;
            if row.contains(title) {
                self.0.find(&format!("//h3[contains(@class, 'outside')][contains(., '{title}')]")).await;
                return;
            }
            let before = format!("return {CHOSEN}.id");
            let before = self.0.script(&before).await;
            self.presses_with(SHIFT, 'J').await;
            self.0.until("the next app", &format!("return {CHOSEN} && {CHOSEN}.id !== {before}")).await;
        }
        panic!("{title} is not in the list:\n{}", self.0.text().await);
    }

    /// What the chosen row says, once it is there.
    async fn chosen(&self) -> String {
        self.0.until("the row", &format!("return {CHOSEN} && !{CHOSEN}.querySelector('[aria-busy]')")).await;
        self.0.script(&format!("return {CHOSEN}.textContent")).await.as_str().unwrap_or_default().to_owned()
    }

    /// What is taken back is chosen again, once the list has it.
    async fn takes_back(&self) {
        self.in_list("u").await;
        self.0.until("it is back", &format!("return !!{CHOSEN}?.textContent.includes('{}')", self.1)).await;
    }

    async fn replies(&self, stand: &Stand, title: &str, text: &str) {
        self.goes_to(stand, title).await;
        self.0.find("//input[@aria-label='Reply'][not(@disabled)]").await;
        self.presses("r").await;
        self.is_at("the reply's field", "element.ariaLabel === 'Reply'").await;
        self.presses(text).await;
        self.presses(ENTER).await;
    }

    async fn finds(&self, word: &str, title: &str) {
        self.in_list("/").await;
        self.is_at("the search", "element.ariaLabel === 'Search all history'").await;
        self.presses(word).await;
        self.0.find(&format!("//*[@role='option'][contains(., '{title}')][contains(., 'done')]")).await;
        self.presses(ESCAPE).await;
        self.is_at("the list", "element === document.body || element.role === 'listbox'").await;
    }

    async fn resumes(&self, line: &str) {
        self.tabs_to("the next block", "element.textContent.trim() === 'Start a block'").await;
        self.presses(ENTER).await;
        self.is_at("the intention", &format!("element.ariaLabel === 'Intention' && element.value === '{line}'")).await;
        self.presses(ENTER).await;
    }

    /// By an hour, which is the larger step.
    async fn moves_check_in(&self) {
        self.presses_with(CTRL, '3').await;
        let mark = format!("element.ariaLabel === 'Check-in on Monday' && element.ariaValueText === '{}'", MOVED.0);
        self.tabs_to("the check-in", &mark).await;
        self.presses(PAGE_UP).await;
    }

    async fn is_done_with_all(&self) {
        self.presses_with(CTRL, '2').await;
        self.0.button("Close check-in").await;
        // Each app has one of that name too, which a label tells apart.
        let button =
            "element.textContent.includes('Mark all done') && element.tagName === 'BUTTON' && !element.ariaLabel";
        self.tabs_to("all", button).await;
        self.presses(ENTER).await;
        self.tabs_to("the answer", &format!("{button} && !!element.closest('dialog[open]')")).await;
        self.presses(ENTER).await;
    }
}

/// The chosen row, for scripts.
const CHOSEN: &str = "document.querySelector('[role=option][aria-selected=true]')";
