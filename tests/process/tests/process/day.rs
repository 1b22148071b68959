//! A whole day by the command line alone, as a person without a window works, on the real daemon and its real store.

use serde_json::Value;
use tidegate_testkit::{DEADLINE, within};
use tidegate_tests_process::Stand;
use tidegate_tests_process::day::{BLOCK, BUTTON, Deed, MANY, MOVED, Person, lives};

struct CommandLine;

impl Person for CommandLine {
    async fn does(&mut self, stand: &Stand, deed: Deed) {
        match deed {
            Deed::Start(intention) => run(stand, ["start", &BLOCK.to_string(), intention]).await,
            Deed::Another(intention) | Deed::Resume(intention) => run(stand, ["start", intention]).await,
            Deed::Note(text) => run(stand, ["note", text]).await,
            Deed::CheckIn(line) => run(stand, ["check-in", "--where", line]).await,
            Deed::Open(title) => run(stand, ["act", &id(stand, title).await]).await,
            Deed::Press(title) => run(stand, ["act", &id(stand, title).await, BUTTON.0]).await,
            Deed::Reply(title, text) => run(stand, ["reply", &id(stand, title).await, text]).await,
            Deed::Later(title) => run(stand, ["later", &id(stand, title).await]).await,
            Deed::Done(title) => run(stand, ["done", &id(stand, title).await]).await,
            Deed::Undo => run(stand, ["undo"]).await,
            Deed::Find(word, title) => assert_eq!(found(stand, word).await["summary"], title),
            Deed::CloseCheckIn => {
                let said = stand.cli(["check-in", "close"]).await.ok();
                assert_eq!(said, "Check-in closed. You were at: Page 3");
            }
            Deed::MoveCheckIn => {
                run(stand, ["settings", "set", "check-ins.monday", &format!("11:30,14:00,{}", MOVED.1)]).await;
            }
            Deed::AllDone => run(stand, ["done", "--all"]).await,
            Deed::BackToWork => {
                run(stand, ["check-in", "close"]).await;
                run(stand, ["start"]).await;
            }
        }
    }
}

async fn run<const N: usize>(stand: &Stand, arguments: [&str; N]) {
    stand.cli(arguments).await.ok();
}

/// The newest that has these words: what came is searched a moment after it came.
async fn found(stand: &Stand, words: &str) -> Value {
    let looks = async {
        loop {
            let said = stand.cli(["log", words, "--json"]).await.ok();
            let page: Value = serde_json::from_str(&said).unwrap();
            if let Some(item) = page["items"].get(0) {
                return item.clone();
            }
        }
    };
    within(DEADLINE, words, looks).await
}

/// The letters that stand for it.
async fn id(stand: &Stand, title: &str) -> String {
    found(stand, title).await["short_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_day_by_the_command_line_alone() {
    lives(&mut Stand::start().await, 0, &mut CommandLine).await;
}

#[tokio::test]
async fn a_day_by_the_command_line_alone_with_thousands_held() {
    lives(&mut Stand::start().await, MANY, &mut CommandLine).await;
}
