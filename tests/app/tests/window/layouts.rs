//! The window's keys on real keyboard layouts: which key is meant does not depend on the alphabet that is typed.

use crate::opener::morning_listed;
use tidegate_testkit::{DEADLINE, Session};

/// Keys of the keyboard itself, as X numbers them: where J, K, C and 2 are in the United States.
const PLACE_OF_J: &str = "44";
const PLACE_OF_K: &str = "45";
const PLACE_OF_C: &str = "54";
const PLACE_OF_2: &str = "11";

async fn lay_out(session: &Session, layout: &[&str]) {
    session.run("setxkbmap", layout).await.ok();
}

async fn press(session: &Session, key: &str) {
    let focus = ["search", "--onlyvisible", "--name", "(^| )Tidegate$", "windowfocus", "--sync", "key", key];
    session.run("xdotool", focus).await.ok();
}

#[tokio::test]
async fn a_key_is_known_by_what_it_types_and_in_another_alphabet_by_its_place() {
    let (stand, mut morning, window) = morning_listed().await;
    let session = &stand.session;
    for layout in ["us", "ru", "gr", "il", "ara", "de"] {
        lay_out(session, &[layout]).await;
        press(session, PLACE_OF_J).await;
        window.find("//h3[contains(., '#standup')]").await;
        press(session, PLACE_OF_K).await;
        window.find("//h3[contains(., 'Build 5812')]").await;
    }
    lay_out(session, &["us", "-variant", "dvorak"]).await;
    for title in ["#standup", "Invoice", "Review requested"] {
        press(session, PLACE_OF_C).await;
        window.find(&format!("//h3[contains(., '{title}')]")).await;
    }
    lay_out(session, &["fr"]).await;
    window.button("Remind me tomorrow").await;
    press(session, PLACE_OF_2).await;
    assert_eq!(morning.script.line(DEADLINE).await, "later");
}
