//! What is put off for some minutes, on the real daemon and its real store: when it comes back, and what tells of it; each
//! across a kill.

use std::time::Duration;
use tidegate_contract::{Code, SnoozeEnd, Which, verb};
use tidegate_testkit::{DEADLINE, Notification};
use tidegate_tests_process::{Stand, words};

const MINUTE: Duration = Duration::from_secs(60);

async fn snooze(stand: &Stand, id: u32, minutes: u32) -> String {
    let request = verb::Snooze { ids: vec![id], until: SnoozeEnd::Minutes { minutes } };
    words(&stand.must(request).await.message)
}

#[tokio::test]
async fn it_comes_back_after_its_minutes_across_kills_and_is_told_of_once_while_the_gate_is_open() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let maya = app.notify(&Notification::new("Maya").app_name("Chat")).await;
    app.notify(&Notification::new("Ben").app_name("Chat")).await;
    stand.must(verb::End).await;
    assert_eq!(snooze(&stand, maya, 20).await, "1 snoozed until 9:20");
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.view().await;
    assert_eq!((view.held, view.later), (2, 1));
    let detail = stand.detail(maya).await;
    assert_eq!((detail.item.later, detail.put_off_until), (true, Some(view.now + 20 * 60_000)));
    stand.advance(20 * MINUTE).await;
    stand.wait_view("it is back", |view| view.later == 0).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!((told.summary().as_str(), told.fields().body.as_str()), ("1 snoozed is back, 2 held in all", "Maya"));
    stand.heed_renderer().await;
    stand.kill9().await;
    stand.start_again().await;
    stand.advance(20 * MINUTE).await;
    assert_eq!((stand.view().await.later, stand.renderer.notified().len()), (0, 1), "it is told once");
    assert!(stand.view().await.ledger.balanced);
}

#[tokio::test]
async fn an_undo_brings_it_back_before_and_the_last_one_that_is_dealt_with_ends_the_check_in() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let maya = app.notify(&Notification::new("Maya")).await;
    let ben = app.notify(&Notification::new("Ben")).await;
    stand.must(verb::CheckIn { when: tidegate_contract::CheckInWhen::Now }).await;
    let digest = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    stand.must(verb::Done { which: Which::Ids { ids: vec![ben] } }).await;
    assert!(stand.view().await.checking_in);
    snooze(&stand, maya, 20).await;
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [digest.id()]);
    app.notify(&Notification::new("Ada")).await;
    assert!(!stand.view().await.checking_in, "what comes afterwards is for the next one");
    stand.must(verb::Undo { id: Some(maya) }).await;
    let view = stand.view().await;
    assert_eq!((view.held, view.later, view.checking_in), (2, 0, true));
    for (ids, minutes) in [(vec![maya], 0), (vec![maya], 1_441), (vec![], 20), ((0..101).collect(), 20)] {
        let refused = stand.ask(verb::Snooze { ids, until: SnoozeEnd::Minutes { minutes } }).await.unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
    }
}
