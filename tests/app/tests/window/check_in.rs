//! A check-in from its beginning to its end, and that what is pressed in it is safe: nothing is lost, and text is no command.

use crate::morning::from;
use crate::opener::{gate_open, morning_listed};
use crate::window::Window;
use tidegate_testkit::Session;
use tidegate_tests_process::Stand;

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const CTRL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';

impl Window {
    /// Presses keys where the focus is.
    async fn presses(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    async fn listens_in_the_list(&self) {
        self.until("the list has the focus", "return document.activeElement?.role === 'listbox'").await;
    }

    async fn listens_where_you_were(&self) {
        self.until("the line has the focus", "return document.activeElement?.id === 'where-were-you'").await;
    }

    async fn chosen(&self, title: &str) {
        self.find(&format!("//*[@role='option'][@aria-selected='true'][contains(., '{title}')]")).await;
    }
}

/// Keys of the keyboard itself, one soon after the other: no answer can come between.
async fn type_fast(session: &Session, keys: &[&str]) {
    let focus =
        ["search", "--onlyvisible", "--name", "(^| )Tidegate$", "windowfocus", "--sync", "key", "--delay", "40"];
    session.run("xdotool", focus.iter().chain(keys)).await.ok();
}

/// So many of one app, in a block.
async fn flood(count: u32) -> (Stand, Window) {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for number in 1..=count {
        app.notify(&from("Flood", "org.example.Flood", &format!("Message {number}."), "")).await;
    }
    let window = Window::open(&stand.session).await;
    window.shows("held").await;
    window.listens_in_the_list().await;
    (stand, window)
}

#[tokio::test]
async fn it_begins_at_the_first_row_and_ends_with_the_last_until_an_undo_brings_both_back() {
    let (stand, morning, window) = morning_listed().await;
    window.presses("j").await;
    window.chosen("#standup").await;
    window.presses("i").await;
    window.listens_where_you_were().await;
    window.chosen("Build 5812").await;
    window.presses(&format!("Page 3, second table{TAB}")).await;
    window.listens_in_the_list().await;
    window.sees("4 came in = 4 here").await;
    for held in [3, 2, 1] {
        window.presses("e").await;
        stand.wait_view("one less", |view| view.held == held && view.checking_in).await;
    }
    window.sees("4 came in = 4 here").await;
    window.presses("e").await;
    window.sees("All 4 dealt with.").await;
    window.find("//section[contains(., 'You were at: Page 3, second table')]").await;
    assert!(!window.text().await.contains("Nobody"));
    stand.wait_view("it is closed", |view| !view.checking_in && view.held == 0).await;
    window.looks_as(&stand.session, "check-in-end").await;
    // What comes afterwards is for the next one.
    morning.chat.notify(&from("Element", "im.riot.Riot", "Maya", "Lunch?")).await;
    window.has_rows(1).await;
    window.sees("All 4 dealt with.").await;
    assert!(!stand.view().await.checking_in);
    window.presses(&format!("{CTRL}z")).await;
    window.has_rows(2).await;
    window.button("Close check-in").await;
    window.find("//input[@id='where-were-you']").await;
}

#[tokio::test]
async fn its_end_leads_back_to_work_with_one_key() {
    let (stand, window) = gate_open().await;
    stand.hold().await;
    let app = stand.app().await;
    app.notify(&from("Element", "im.riot.Riot", "Maya", "Lunch?")).await;
    window.press("End block").await;
    stand.wait_view("an open gate", |view| view.block.is_none()).await;
    window.shows("held").await;
    window.press("Check in now").await;
    window.listens_where_you_were().await;
    window.presses(&format!("The retry loop{ENTER}")).await;
    stand.wait_view("where", |view| view.where_were_you.is_some()).await;
    window.listens_in_the_list().await;
    window.presses("e").await;
    window
        .until("the way back has the focus", "return document.activeElement?.innerText.includes('Back to work')")
        .await;
    window.presses(ENTER).await;
    let view = stand.wait_view("a block", |view| view.block.is_some()).await;
    assert_eq!(view.block.unwrap().intention.as_deref(), Some("The retry loop"));
    window.find("//h2[.='The retry loop']").await;
    let notices = stand.renderer.notified();
    assert!(notices.iter().all(|call| call.fields().app_name != "Tidegate"), "no digest comes over the window");
}

#[tokio::test]
async fn what_is_pressed_faster_than_it_is_answered_counts_each_time() {
    let (stand, window) = flood(9).await;
    type_fast(&stand.session, &["e"; 5]).await;
    stand.wait_view("five are done", |view| view.held == 4).await;
    window.chosen("Message 6.").await;
    assert_eq!(stand.ledger().await.done, 5);
    type_fast(&stand.session, &["u", "u"]).await;
    stand.wait_view("two are back", |view| view.held == 6).await;
    window.chosen("Message 4.").await;
}

#[tokio::test]
async fn a_letter_is_a_command_over_the_list_alone() {
    let (stand, window) = flood(3).await;
    window.presses("/").await;
    window.presses("eel").await;
    window.sees("Nothing found").await;
    window.presses("\u{e00c}").await;
    window.has_rows(3).await;
    window.find("//nav//a[contains(., 'Now')]").await.click().await.unwrap();
    window.find("//*[@id='block']").await;
    window.presses("elucsn").await;
    window.presses(&format!("{CTRL}2")).await;
    window.listens_in_the_list().await;
    window.presses("gn").await;
    window.find("//*[@id='block']").await;
    window.key("gh").await;
    window.has_rows(3).await;
    assert_eq!((stand.view().await.held, stand.view().await.later), (3, 0));
}

#[tokio::test]
async fn a_whole_conversation_is_put_off_and_a_skip_is_taken_back_by_keys() {
    let (stand, morning, window) = morning_listed().await;
    for body in ["One", "Two"] {
        morning.chat.notify(&from("Element", "im.riot.Riot", "#platform", body)).await;
    }
    window.has_rows(6).await;
    window.presses(&format!("{SHIFT}j")).await;
    window.chosen("#standup").await;
    window.presses("j").await;
    window.chosen("#platform").await;
    window.presses(&format!("{SHIFT}l")).await;
    stand.wait_view("the conversation is put off", |view| view.later == 2).await;
    let next = stand.view().await.next_check_in;
    window.presses("s").await;
    stand.wait_view("the one after", |view| view.next_check_in > next).await;
    window.presses("u").await;
    stand.wait_view("the skip is taken back", |view| view.next_check_in == next).await;
}

#[tokio::test]
async fn a_note_is_taken_from_the_intention_and_the_page_is_drawn_larger() {
    let (stand, window) = gate_open().await;
    window.until("the intention has the focus", "return document.activeElement?.ariaLabel === 'Intention'").await;
    window.presses("new").await;
    window.presses(&format!("{CTRL}n")).await;
    window.until("the note's field", "return !!document.activeElement?.closest('dialog[open]')").await;
    window.presses(&format!("Ben came by{ENTER}")).await;
    stand.wait_view("a note", |view| view.noted.len() == 1).await;
    let is_back = "
        const field = document.activeElement;
        return field?.ariaLabel === 'Intention' && field.value === 'new' && !document.querySelector('dialog')";
    window.until("the intention as it was left", is_back).await;
    let width = window.script("return innerWidth").await.as_f64().unwrap();
    window.presses(&format!("{CTRL}+")).await;
    window.until("less room", &format!("return innerWidth < {width}")).await;
    window.presses(&format!("{CTRL}0")).await;
    window.until("as it was", &format!("return innerWidth === {width}")).await;
}
