//! A whole day by keyboard alone: no pointer, no script that presses anything.

use crate::morning::{Morning, next_answer};
use crate::opener::gate_open;
use crate::window::Window;
use std::time::Duration;
use tidegate_contract::ItemState;
use tidegate_testkit::Signal;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
/// More elements than any view has that take the focus.
const TABS: usize = 60;

impl Window {
    /// Presses keys where the focus is.
    async fn types(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Goes on with Tab until the focus is on what this condition on `element` means.
    async fn tab_to(&self, what: &str, condition: &str) {
        let is_there = format!("const element = document.activeElement; return {condition}");
        for _ in 0..TABS {
            if self.script(&is_there).await == true {
                return;
            }
            self.types(TAB).await;
        }
        panic!("Tab never came to {what}:\n{}", self.text().await);
    }

    async fn is_at(&self, title: &str) {
        self.find(&format!("//h3[contains(@class, 'outside')][contains(., '{title}')]")).await;
    }
}

#[tokio::test]
async fn a_day_by_keyboard_alone() {
    let (mut stand, window) = gate_open().await;
    // A block until the check-in.
    window.tab_to("the intention", "element.ariaLabel === 'Intention'").await;
    window.types(&format!("Draft the migration plan{TAB}")).await;
    window.tab_to("a length", "element.type === 'radio'").await;
    while window.script("return document.activeElement.closest('label').textContent.includes('Until')").await != true {
        window.types("\u{e014}").await;
    }
    window.types(ENTER).await;
    let view = stand.wait_view("a block", |view| view.block.is_some()).await;
    assert_eq!(view.block.unwrap().intention.as_deref(), Some("Draft the migration plan"));
    // What comes meanwhile, and somebody at the door.
    let morning = Morning::comes(&stand).await;
    window.sees("held, from 4 apps").await;
    window.types("\u{e009}n").await;
    window.tab_to("the note's field", "element.tagName === 'INPUT' && !!element.closest('dialog[open]')").await;
    window.types(&format!("Ben came by{ENTER}")).await;
    stand.wait_view("a note", |view| view.noted.len() == 1).await;
    // The check-in: the block ends by itself, and the list is opened.
    stand.advance(Duration::from_secs(150 * 60)).await;
    stand.wait_view("a check-in", |view| view.block.is_none() && view.checking_in).await;
    window.tab_to("the way to the list", "element.tagName === 'A' && element.textContent.includes('Held')").await;
    window.types(ENTER).await;
    window.has_rows(5).await;
    window.tab_to("where you were", "element.id === 'where-were-you'").await;
    window.types(&format!("Page 3{ENTER}")).await;
    stand.wait_view("where", |view| view.where_were_you.as_deref() == Some("Page 3")).await;
    // One is opened, one answered, one put off and taken back, one done and taken back, the note is done.
    window.is_at("Build 5812").await;
    window.button("Show log").await;
    window.types("1").await;
    assert_eq!(next_answer(&stand, &morning.ci).await, Signal::Action(morning.build, "app.log::r".into()));
    window.is_at("#standup").await;
    window.find("//input[@aria-label='Reply'][not(@disabled)]").await;
    window.types("r").await;
    window.until("the reply's field", "return document.activeElement?.ariaLabel === 'Reply'").await;
    window.types(&format!("On my way{ENTER}")).await;
    assert_eq!(stand.next_signal(&morning.chat).await, Signal::Replied(morning.standup, "On my way".into()));
    window.is_at("Invoice").await;
    window.button("Later").await;
    window.types("l").await;
    stand.wait_view("one put off", |view| view.later == 1).await;
    window.button("Undo").await;
    window.types("u").await;
    stand.wait_view("it is back", |view| view.later == 0).await;
    window.is_at("Invoice").await;
    window.button("Done").await;
    window.types("e").await;
    stand.wait_view("one done", |view| view.held == 2).await;
    window.is_at("Review requested").await;
    window.types("j").await;
    window.is_at("Ben came by").await;
    window.button("Done").await;
    window.types("e").await;
    stand.wait_view("the note is done", |view| view.noted.is_empty()).await;
    // Something from before is looked for.
    window.types("/").await;
    window.until("the search", "return document.activeElement?.ariaLabel === 'Search all history'").await;
    window.types("invoice").await;
    window.find("//*[@role='option'][contains(., 'Invoice 2231')][contains(., 'done')]").await;
    window.types(ESCAPE).await;
    window.has_rows(1).await;
    // Back to work, where it was left.
    window.types("c").await;
    stand.wait_view("the check-in is over", |view| !view.checking_in).await;
    window.find("//section[contains(., 'You were at')][contains(., 'Page 3')]").await;
    window.tab_to("the next block", "element.textContent.trim() === 'Start a block'").await;
    window.types(ENTER).await;
    window.until("the intention has the focus", "return document.activeElement?.ariaLabel === 'Intention'").await;
    window.types(ENTER).await;
    let view = stand.wait_view("the next block", |view| view.block.is_some()).await;
    assert_eq!(view.block.unwrap().intention.as_deref(), Some("Page 3"));
    assert_eq!(stand.detail(morning.invoice).await.item.state, ItemState::Done);
    assert!(stand.ledger().await.balanced);
}
