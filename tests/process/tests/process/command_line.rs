//! The command line as a person types it, on the real daemon with a clock that is set.

use serde_json::Value;
use std::time::Duration;
use tidegate_contract::EndsWhen;
use tidegate_testkit::Notification;
use tidegate_tests_process::{MONDAY_NINE, Stand};

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_block_lasts_until_a_time_of_today_and_one_that_is_past_is_refused_in_one_line() {
    let mut stand = Stand::start().await;
    // The command line tells times on its own clock.
    let said = stand.cli(["start", "until", "10:15", "Draft the plan"]).await.ok();
    assert!(said.starts_with("Block until "), "{said}");
    let ends = stand.view().await.block.unwrap().ends;
    assert_eq!(ends, EndsWhen::At { at: MONDAY_NINE + 75 * MINUTE });
    let past = stand.cli(["start", "until", "8:59"]).await;
    let why = "tidegate: 8:59 is past today; say how long instead, such as 50 minutes\n";
    assert_eq!((past.code, past.stderr.as_str()), (5, why));
    let started: Value = serde_json::from_str(&stand.cli(["start", "until", "9:30", "--json"]).await.ok()).unwrap();
    assert_eq!(started["block"]["ends"]["at"], MONDAY_NINE + 30 * MINUTE);
    stand.advance(Duration::from_secs(29 * 60)).await;
    assert!(stand.view().await.gate.closed);
    stand.advance(Duration::from_secs(60)).await;
    assert!(!stand.view().await.gate.closed);
}

#[tokio::test]
async fn what_scripts_read_has_the_letters_that_people_see_beside_each_id() {
    let stand = Stand::holding().await;
    stand.app().await.notify(&Notification::new("one")).await;
    stand.cli(["note", "a", "thought"]).await.ok();
    let json = async |verb: &str| {
        let said = stand.cli([verb, "--json"]).await.ok();
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let held = json("held").await;
    let letters: Vec<_> = held["items"].as_array().unwrap().iter().map(|item| &item["short_id"]).collect();
    assert_eq!(letters, ["bbb", "bbc"]);
    assert_eq!(json("status").await["noted"][0]["short_id"], "bbc");
    let shown = stand.cli(["show", "bbb", "--json"]).await.ok();
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap()["item"]["short_id"], "bbb");
}
