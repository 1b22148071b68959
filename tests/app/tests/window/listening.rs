//! What those hear who listen to the window instead of looking at it, on the real accessibility bus.

use crate::morning::Morning;
use crate::window::Window;
use tidegate_testkit::{Said, ScreenReader};
use tidegate_tests_process::Stand;

const CTRL: char = '\u{e009}';

#[tokio::test]
async fn the_list_takes_the_focus_and_each_row_that_is_come_to_is_heard() {
    let stand = Stand::holding().await;
    let _morning = Morning::comes(&stand).await;
    let mut reader = ScreenReader::start(&stand.session).await;
    let window = Window::open(&stand.session).await;
    window.key(&format!("{CTRL}2")).await;
    reader.hears(&Said::Focus("Held notifications, by app and conversation".into())).await;
    window.has_rows(4).await;
    let row = |words: &str| Said::Row(words.to_owned());
    window.key("j").await;
    reader.hears(&row("#standup Element · Moved to 14:00 today 9:00")).await;
    window.key("j").await;
    reader.hears(&row("Invoice 2231 is due Thunderbird · Please find it attached. 9:00 app gone")).await;
    window.key("k").await;
    reader.hears(&row("#standup Element · Moved to 14:00 today 9:00")).await;
    window.key("/").await;
    reader.hears(&Said::Focus("Search all history".into())).await;
    window.client.active_element().await.unwrap().send_keys("i").await.unwrap();
    reader.hears(&Said::Cursor("Search all history".into())).await;
}
