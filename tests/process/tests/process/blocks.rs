//! How blocks end, on the real daemon and its real store: the notice, its buttons, the break; each across a kill.

use std::time::Duration;
use tidegate_contract::{BlockLength, EndsWhen, verb};
use tidegate_testkit::{DEADLINE, Notification, Signal};
use tidegate_tests_process::{Stand, words};
use zbus::zvariant::Value;

const MINUTE: Duration = Duration::from_secs(60);

async fn draft(stand: &Stand) {
    let length = BlockLength::Minutes { minutes: 25 };
    stand.must(verb::Start { length, intention: Some("Draft".into()) }).await;
}

#[tokio::test]
async fn the_end_of_a_block_is_told_once_and_another_is_one_press_away() {
    let mut stand = Stand::start().await;
    draft(&stand).await;
    stand.app().await.notify(&Notification::new("one").app_name("Chat")).await;
    stand.advance(25 * MINUTE).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let said = told.fields();
    assert_eq!((told.summary().as_str(), said.body.as_str()), ("25 min of Draft", "1 held: one"));
    assert_eq!(said.actions, ["default", "Review", "review", "Review", "another", "Another 25", "break", "Break 5"]);
    stand.heed_renderer().await;
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.view().await;
    let over = view.ended.expect("what is over");
    assert_eq!((over.intention.as_deref(), over.ended - over.started), (Some("Draft"), 25 * 60_000));
    assert_eq!((view.gate.closed, view.held, view.deep_work.today), (false, 1, 25 * 60_000));
    stand.renderer.emit_to_caller(&told, &Signal::Action(told.id(), "another".into())).await;
    let view = stand.wait_view("another block", |view| view.block.is_some()).await;
    let block = view.block.expect("a block");
    assert_eq!(block.ends, EndsWhen::At { at: view.now + 25 * 60_000 });
    assert_eq!((block.intention.as_deref(), view.ended), (Some("Draft"), None));
    assert_eq!(stand.renderer.notified().len(), 1, "it is told once");
}

#[tokio::test]
async fn a_break_opens_the_gate_and_ends_with_a_question_that_leads_back() {
    let mut stand = Stand::start().await;
    draft(&stand).await;
    let message = words(&stand.must(verb::Break { minutes: 5 }).await.message);
    assert_eq!(message, "Break until 9:05, nothing is held");
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.view().await;
    assert_eq!((view.gate.closed, view.on_break.map(|pause| pause.ends - view.now)), (false, Some(5 * 60_000)));
    stand.advance(5 * MINUTE).await;
    let told = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let said = told.fields();
    assert_eq!(
        (told.summary().as_str(), said.actions.get(4..6)),
        ("Back to Draft?", Some(&["another", "Back to work"].map(str::to_owned)[..]))
    );
    assert_eq!(*said.hints["urgency"], Value::from(0_u8));
    let length = BlockLength::Usual;
    stand.must(verb::Start { length, intention: None }).await;
    let closed = stand.renderer.wait_closed(1, DEADLINE).await;
    assert_eq!(closed, [told.id()], "the question leaves the screen when a block begins");
}
