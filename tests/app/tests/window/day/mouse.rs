//! What a person does by mouse alone: no key is pressed but to type a text into a field that was clicked. Must not know the
//! day.

use crate::window::Window;
use tidegate_tests_process::Stand;
use tidegate_tests_process::day::{BLOCK, BUTTON, Deed, MOVED, Person};

/// An hour as hundredths of a day.
const HOUR: f64 = 100.0 / 24.0;

/// Somebody without keys.
pub(super) struct Mouse<'a>(pub(super) &'a Window);

impl Person for Mouse<'_> {
    async fn does(&mut self, stand: &Stand, deed: Deed) {
        match deed {
            Deed::Start(intention) => self.starts(intention).await,
            Deed::Note(text) => self.notes(text).await,
            Deed::Another(_) => self.takes_another().await,
            Deed::CheckIn(line) => self.checks_in(line).await,
            Deed::Open(title) => self.on(stand, title, "Open").await,
            Deed::Press(title) => self.on(stand, title, BUTTON.1).await,
            Deed::Reply(title, text) => self.replies(stand, title, text).await,
            Deed::Later(title) => self.on(stand, title, "Later").await,
            Deed::Done(title) => self.on(stand, title, "Done").await,
            Deed::Undo => self.0.press("Undo").await,
            Deed::Find(word, title) => self.finds(word, title).await,
            Deed::CloseCheckIn => self.0.press("Close check-in").await,
            Deed::Resume(line) => self.resumes(line).await,
            Deed::MoveCheckIn => self.moves_check_in().await,
            Deed::AllDone => self.is_done_with_all().await,
            Deed::BackToWork => self.0.press("Back to work").await,
        }
    }
}

impl Mouse<'_> {
    async fn clicks(&self, xpath: &str) {
        self.0.find(xpath).await.click().await.unwrap();
    }

    /// Types into a field that it clicks.
    async fn types(&self, field: &str, text: &str) {
        let field = self.0.find(&format!("//input[@aria-label='{field}' or @id='{field}'][not(@disabled)]")).await;
        field.click().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn goes_to_view(&self, view: &str) {
        self.clicks(&format!("//nav//a[contains(., '{view}')]")).await;
        self.0.find(&format!("//nav//a[@aria-current='page'][contains(., '{view}')]")).await;
    }

    async fn starts(&self, intention: &str) {
        self.types("Intention", intention).await;
        self.clicks(&format!("//label[contains(., '{BLOCK} min')]")).await;
        self.0.press("Close the gate").await;
    }

    async fn notes(&self, text: &str) {
        self.clicks("//button[contains(., 'Note an interruption')]").await;
        self.types("What interrupted", text).await;
        self.clicks("//dialog[@open]//button[contains(., 'Note it')]").await;
        self.0.until("the dialog is gone", "return !document.querySelector('dialog')").await;
    }

    async fn takes_another(&self) {
        self.goes_to_view("Now").await;
        self.clicks("//button[starts-with(normalize-space(.), 'Another')]").await;
    }

    /// The line is kept as its field is left for the list.
    async fn checks_in(&self, line: &str) {
        self.goes_to_view("Held").await;
        self.0.press("Check in now").await;
        self.types("where-were-you", line).await;
        self.clicks("//*[@role='option'][@aria-posinset='1']").await;
    }

    async fn on(&self, stand: &Stand, title: &str, button: &str) {
        self.chooses(stand, title).await;
        self.0.press(button).await;
        self.puts_search_away().await;
    }

    /// In a list that is longer than the window, by the search.
    async fn chooses(&self, stand: &Stand, title: &str) {
        self.0.lists_what_is_held(stand).await;
        let is_long = "return Number(document.querySelector('[role=option]')?.ariaSetSize) > 10";
        if self.0.script(is_long).await == true {
            self.types("Search all history", title).await;
            self.0.find("//*[@role='listbox'][starts-with(@aria-label, 'Found')]").await;
        }
        self.clicks(&format!("//*[@role='option'][contains(., '{title}')]")).await;
        self.0.find(&format!("//h3[contains(@class, 'outside')][contains(., '{title}')]")).await;
    }

    async fn puts_search_away(&self) {
        let is_on = "return document.querySelector('[role=search] button') !== null";
        if self.0.script(is_on).await == true {
            self.0.press("Close search").await;
        }
    }

    async fn replies(&self, stand: &Stand, title: &str, text: &str) {
        self.chooses(stand, title).await;
        self.types("Reply", text).await;
        self.0.press("Send").await;
        self.puts_search_away().await;
    }

    async fn finds(&self, word: &str, title: &str) {
        self.types("Search all history", word).await;
        self.0.find(&format!("//*[@role='option'][contains(., '{title}')][contains(., 'done')]")).await;
        self.puts_search_away().await;
    }

    async fn resumes(&self, line: &str) {
        self.0.press("Start a block").await;
        let suggested = format!("return document.querySelector('[aria-label=Intention]').value === '{line}'");
        self.0.until("the line as the intention", &suggested).await;
        self.0.press("Close the gate").await;
    }

    async fn moves_check_in(&self) {
        self.goes_to_view("Settings").await;
        self.0.find(&format!("//*[@aria-label='Check-in on Monday'][@aria-valuetext='{}']", MOVED.0)).await;
        self.0.draws("Monday", MOVED.0, HOUR).await;
    }

    async fn is_done_with_all(&self) {
        self.goes_to_view("Held").await;
        self.0.button("Close check-in").await;
        self.0.press("Mark all done").await;
        self.clicks("//dialog[@open]//button[.='Mark all done']").await;
    }
}
