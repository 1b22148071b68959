//! What people do around a check-in, on the real daemon and its real store: putting off, notes, where they were, apps that
//! are re-delivered, and the search of all history; each across a kill.

use std::time::Duration;
use tidegate_contract::{CheckInWhen, Code, Digest, DigestApp, Item, ItemState, Request, Which, verb};
use tidegate_testkit::{DEADLINE, Notification, Signal};
use tidegate_tests_process::{Stand, words};

const PACE: Duration = Duration::from_millis(250);
/// The store's words are brought up to date once nothing has come for a tenth of a second.
const QUIET: Duration = Duration::from_secs(10);

async fn digest(stand: &Stand) -> Digest {
    stand.must(verb::Digest).await
}

async fn rows(stand: &Stand, seqs: &[i64]) -> Vec<Item> {
    let page = stand.must(verb::Rows { seqs: seqs.to_vec() }).await;
    page.items
}

async fn search(stand: &Stand, text: &str) -> Vec<Item> {
    let request = verb::Search { text: text.to_owned(), after: None, limit: 100 };
    let page = stand.must(request).await;
    page.items
}

async fn found_in_the_end(stand: &Stand, text: &str, count: usize) -> Vec<Item> {
    let looked = async {
        loop {
            let found = search(stand, text).await;
            if found.len() == count {
                return found;
            }
        }
    };
    tidegate_testkit::within(QUIET, text, looked).await
}

async fn check_in(stand: &Stand) {
    stand.must(verb::CheckIn { when: CheckInWhen::Now }).await;
}

fn ids(ids: &[u32]) -> Which {
    Which::Ids { ids: ids.to_vec() }
}

fn from(app: &str, summary: &str) -> Notification {
    Notification::new(summary).app_name(app).hint("desktop-entry", format!("org.example.{app}"))
}

fn shape(apps: &[DigestApp]) -> Vec<(&str, Vec<usize>)> {
    apps.iter().map(|app| (app.app.as_str(), app.conversations.iter().map(Vec::len).collect())).collect()
}

#[tokio::test]
async fn the_digest_is_by_app_and_conversation_and_its_rows_are_fetched_by_cursor() {
    let stand = Stand::holding().await;
    let (chat, mail) = (stand.app().await, stand.app().await);
    chat.notify(&from("Chat", "Team")).await;
    mail.notify(&from("Mail", "Invoice")).await;
    chat.notify(&from("Chat", "Maya")).await;
    let last = chat.notify(&from("Chat", "Team (2)")).await;
    let seen = digest(&stand).await;
    assert_eq!(shape(&seen.apps), [("Chat", vec![2, 1]), ("Mail", vec![1])]);
    assert_eq!((seen.later.len(), seen.held_revision), (0, stand.view().await.held_revision));
    let team = rows(&stand, &seen.apps[0].conversations[0]).await;
    assert_eq!(team.iter().map(|item| item.summary.as_str()).collect::<Vec<_>>(), ["Team", "Team (2)"]);
    stand.must(verb::Later { which: ids(&[last]) }).await;
    let seen = digest(&stand).await;
    assert_eq!(shape(&seen.apps), [("Chat", vec![1, 1]), ("Mail", vec![1])]);
    assert_eq!(shape(&seen.later), [("Chat", vec![1])]);
    let many = stand.ask(verb::Rows { seqs: (0..201).collect() }).await.unwrap_err();
    assert_eq!((many.code, words(&many.message).as_str()), (Code::Invalid, "201 rows are asked for; 200 fit"));
}

#[tokio::test]
async fn what_is_put_off_noted_and_remembered_outlives_a_kill() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let first = app.notify(&Notification::new("first")).await;
    app.notify(&Notification::new("second")).await;
    stand.must(verb::Later { which: ids(&[first]) }).await;
    stand.must(verb::Note { text: " Ben came by ".into() }).await;
    check_in(&stand).await;
    stand.must(verb::Later { which: ids(&[first]) }).await;
    stand.must(verb::WhereWereYou { line: Some("page 3".into()) }).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.view().await;
    assert_eq!((view.held, view.later, view.checking_in), (3, 1, true));
    assert_eq!(view.where_were_you.as_deref(), Some("page 3"));
    assert_eq!(view.noted.iter().map(|noted| noted.text.as_str()).collect::<Vec<_>>(), ["Ben came by"]);
    assert!(stand.detail(first).await.item.later);
    stand.must(verb::Done { which: Which::All }).await;
    let left = stand.held().await;
    assert_eq!(left.iter().map(|item| item.id).collect::<Vec<_>>(), [first]);
    let message = words(&stand.must(verb::CloseCheckIn).await.message);
    assert_eq!(message, "Check-in closed. You were at: page 3");
    let digest = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    let closed = stand.renderer.wait_closed(1, DEADLINE).await;
    assert_eq!(closed, [digest.id()], "the digest leaves the screen, though another daemon showed it");
    check_in(&stand).await;
    stand.renderer.wait_notified(2, DEADLINE).await;
    stand.heed_renderer().await;
    check_in(&stand).await;
    let [_, second, again] = stand.renderer.wait_notified(3, DEADLINE).await.try_into().unwrap();
    assert_eq!(again.fields().replaces_id, second.id(), "one digest at a time");
    assert_eq!(stand.view().await.later, 0);
    assert!(stand.view().await.ledger.balanced);
}

#[tokio::test]
async fn the_last_one_that_is_dealt_with_ends_the_check_in_and_an_undo_brings_it_back_also_after_a_kill() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let both = [app.notify(&Notification::new("one")).await, app.notify(&Notification::new("two")).await];
    check_in(&stand).await;
    let done = |id| verb::Done { which: ids(&[id]) };
    stand.must(done(both[0])).await;
    assert_eq!((stand.view().await.checking_in, stand.view().await.worked_off), (true, false));
    stand.must(done(both[1])).await;
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.view().await;
    assert_eq!((view.checking_in, view.worked_off, view.ledger.done), (false, true, 2));
    assert_eq!((view.ledger.came_in, view.handed_over.map(|books| books.came_in)), (0, Some(2)));
    stand.must(verb::Undo { id: Some(both[1]) }).await;
    let view = stand.view().await;
    assert_eq!((view.checking_in, view.worked_off, view.held), (true, false, 1));
}

#[tokio::test]
async fn what_its_app_closes_by_itself_is_told_of_listed_with_its_text_and_told_again_until_it_is_seen() {
    let mut stand = Stand::holding().await;
    let chat = stand.app().await;
    let id = chat.notify(&from("Chat", "Maya").body("Server is <b>down</b>")).await;
    chat.close(id).await.unwrap();
    check_in(&stand).await;
    let digest = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(digest.summary(), "Check-in: 1 withdrawn");
    assert!(digest.fields().body.starts_with("1 withdrawn by Chat\n"), "{}", digest.fields().body);
    assert_eq!(digest.fields().actions, ["default", "Review", "review", "Review"]);
    stand.heed_renderer().await;
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!((stand.view().await.withdrawn, stand.view().await.checking_in), (1, true));
    let withdrawn = stand.must(verb::Withdrawn).await;
    let [app] = withdrawn.apps.as_slice() else { panic!("{:?}", withdrawn.apps) };
    assert_eq!((app.app.as_str(), app.count, app.items[0].state), ("Chat", 1, ItemState::Withdrawn));
    assert_eq!((app.items[0].summary.as_str(), app.items[0].body.as_str()), ("Maya", "Server is down"));
    check_in(&stand).await;
    stand.renderer.wait_notified(2, DEADLINE).await;
    stand.must(verb::SawWithdrawn { upto: withdrawn.upto }).await;
    let message = words(&stand.must(verb::CheckIn { when: CheckInWhen::Now }).await.message);
    assert_eq!(message, "Checked in: nothing is held");
    assert_eq!(stand.view().await.withdrawn, 0);
}

#[tokio::test]
async fn a_note_is_nothing_that_an_app_could_touch_or_a_person_press() {
    let stand = Stand::holding().await;
    stand.must(verb::Note { text: "a thought".into() }).await;
    let note = stand.view().await.noted.remove(0);
    let evil = stand.app().await;
    assert_ne!(evil.notify(&Notification::new("gone").replaces(note.id)).await, note.id);
    evil.close(note.id).await.unwrap();
    for request in [
        Request::Act { id: note.id, action: None, token: None },
        Request::Reply { id: note.id, text: "x".into() },
        Request::Release { which: ids(&[note.id]) },
    ] {
        let refused = stand.refusal(request).await;
        assert_eq!(refused.code, Code::Conflict, "{}", words(&refused.message));
        assert!(words(&refused.message).ends_with("was noted by hand: it has nothing to press, answer or release"));
    }
    let item = stand.detail(note.id).await.item;
    assert!(item.noted && !item.live && item.state == ItemState::Held);
    for (text, why) in [("", "the note is empty"), ("a\nb", "the note must be one line of plain text")] {
        assert_eq!(words(&stand.ask(verb::Note { text: text.into() }).await.unwrap_err().message), why);
    }
}

#[tokio::test]
async fn an_app_that_is_to_be_re_delivered_is_released_at_the_check_in_and_once_though_the_daemon_is_killed() {
    let settings = "[hand-over]\n\"org.example.Chat\" = \"re-deliver\"\n\"org.example.News\" = \"silent\"\n";
    let mut stand = Stand::start_with_settings(settings).await;
    stand.hold().await;
    let (chat, news, mail) = (stand.app().await, stand.app().await, stand.app().await);
    news.notify(&from("News", "headline")).await;
    chat.notify(&from("Chat", "one")).await;
    chat.notify(&from("Chat", "two")).await;
    mail.notify(&from("Mail", "invoice")).await;
    check_in(&stand).await;
    stand.renderer.wait_notified(2, DEADLINE).await;
    stand.heed_renderer().await;
    stand.advance(PACE).await;
    stand.renderer.wait_notified(3, DEADLINE).await;
    stand.kill9().await;
    stand.start_again().await;
    let view = stand.wait_view("the two that were on their way", |view| view.held == 2).await;
    assert!(view.ledger.balanced);
    let calls = stand.renderer.notified();
    let shown = |summary: &str| calls.iter().filter(|call| call.summary() == summary).count();
    assert_eq!(calls.iter().filter(|call| call.fields().app_name == "Tidegate").count(), 1, "one digest");
    assert_eq!([shown("one"), shown("two"), shown("headline"), shown("invoice")], [1, 1, 0, 0]);
    let held: Vec<_> = stand.held().await.into_iter().map(|item| item.summary).collect();
    assert_eq!(held, ["headline", "invoice"], "what had not been sent yet stays held");
}

#[tokio::test]
async fn one_app_is_released_done_or_put_off_as_a_whole() {
    let mut stand = Stand::holding().await;
    let (chat, mail) = (stand.app().await, stand.app().await);
    chat.notify(&from("Chat", "one")).await;
    mail.notify(&from("Mail", "two")).await;
    chat.notify(&from("Chat", "three")).await;
    let of = |app: &str| Which::App { app_id: format!("org.example.{app}") };
    stand.must(verb::Later { which: of("Mail") }).await;
    assert_eq!(stand.view().await.later, 1);
    stand.must(verb::Release { which: of("Chat") }).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    stand.advance(PACE).await;
    let shown = stand.renderer.wait_notified(2, DEADLINE).await;
    stand.heed_renderer().await;
    assert_eq!(shown.iter().map(|call| call.summary()).collect::<Vec<_>>(), ["one", "three"]);
    stand.must(verb::Done { which: of("Mail") }).await;
    let left: Vec<_> = stand.held().await.into_iter().map(|item| item.summary).collect();
    assert_eq!(left, ["two"], "what is put off is not dealt with by the way");
}

#[tokio::test]
async fn all_history_is_searched_though_it_is_done_withdrawn_or_edited_and_after_a_kill() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let done = app.notify(&Notification::new("Invoice for October").body("see <b>page</b> 3")).await;
    let withdrawn = app.notify(&Notification::new("Rechnung über Äpfel")).await;
    let edited = app.notify(&Notification::new("Draft of an invoice")).await;
    stand.done(done).await;
    app.close(withdrawn).await.unwrap();
    app.notify(&Notification::new("The letter is sent").replaces(edited)).await;
    let found = found_in_the_end(&stand, "invo", 1).await;
    assert_eq!((found[0].id, found[0].state), (done, ItemState::Done));
    assert_eq!(found_in_the_end(&stand, "apfel UBER", 1).await[0].state, ItemState::Withdrawn);
    assert_eq!(found_in_the_end(&stand, "letter", 1).await[0].id, edited);
    assert_eq!(search(&stand, "").await.len(), 3);
    stand.kill9().await;
    stand.start_again().await;
    assert_eq!(search(&stand, "page octo").await[0].id, done);
    assert_eq!(search(&stand, "nobody \"* OR").await, []);
}

#[tokio::test]
async fn the_command_line_knows_all_of_it() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    app.notify(&from("Chat", "Maya asks")).await;
    let run = async |arguments: &[&str]| {
        let ran = stand.session.run(tidegate_tests_process::program("tidegate"), arguments).await;
        (ran.code, ran.stdout.trim_end().to_owned(), ran.stderr.trim_end().to_owned())
    };
    let ok = |text: &str| (0, text.to_owned(), String::new());
    assert_eq!(run(&["note", "Ben", "came", "by"]).await, ok("Noted for the next check-in"));
    // The command line tells times on its own clock.
    let says = async |arguments: &[&str], (begin, end): (&str, &str)| {
        let (code, said, _) = run(arguments).await;
        assert!(code == 0 && said.starts_with(begin) && said.contains(end), "{said}");
    };
    says(&["later", "--app", "chat"], ("1 put off to ", "")).await;
    let (_, shown, _) = run(&["show", "bbb"]).await;
    assert!(shown.contains("\nLater     put off until "), "{shown}");
    let detail = stand.must(verb::Show { id: 1 << 30 }).await;
    assert_eq!(detail.put_off_until, stand.view().await.next_check_in);
    assert_eq!(run(&["undo"]).await, ok("1 held again"));
    says(&["later", "--app", "Noted by hand"], ("1 put off to ", "")).await;
    assert_eq!(run(&["check-in", "--where", "page 3"]).await, ok("Checked in: 2 handed over"));
    assert_eq!(run(&["check-in", "close"]).await, ok("Check-in closed. You were at: page 3"));
    let (code, _, why) = run(&["done", "--app", "Nobody"]).await;
    assert_eq!((code, why.as_str()), (4, "tidegate: nothing is held of an app \"Nobody\"; `tidegate held` lists them"));
    let (code, log, _) = run(&["log", "-n", "1"]).await;
    let [newest, more] = log.lines().collect::<Vec<_>>().try_into().unwrap();
    assert!(code == 0 && newest.contains("Ben came by"), "{log}");
    assert_eq!(more, "and more: tidegate log -n 10");
    let json = async |arguments: &[&str]| serde_json::from_str::<serde_json::Value>(&run(arguments).await.1).unwrap();
    let (one, all) = (json(&["log", "-n", "1", "--json"]).await, json(&["log", "-n", "2", "--json"]).await);
    assert_eq!((one["items"].as_array().unwrap().len(), &one["more"]), (1, &true.into()));
    assert_eq!((&one["next"], &all["more"], &all["next"]), (&one["items"][0]["seq"], &false.into(), &().into()));
    says(&["check-in", "skip"], ("The check-in at ", " is skipped, the next is ")).await;
    let (_, status, _) = run(&["status"]).await;
    assert!(status.contains("\nUndo          skipped: check-in at "), "{status}");
    says(&["undo"], ("The check-in at ", " is on again")).await;
    assert_eq!(run(&["toggle"]).await, ok("Block ended, 2 held"));
    assert_eq!(run(&["toggle"]).await, ok("Block until you end it"));
}

#[tokio::test]
async fn one_undo_takes_a_release_of_many_back_and_says_how_many_were_out() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    for summary in ["one", "two", "three", "four"] {
        app.notify(&from("Chat", summary)).await;
    }
    let run = async |stand: &Stand, arguments: &[&str]| {
        let ran = stand.session.run(tidegate_tests_process::program("tidegate"), arguments).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        ran.stdout
    };
    assert_eq!(run(&stand, &["release", "--all"]).await, "4 on the way to the screen\n");
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    stand.advance(PACE).await;
    let second = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    stand.heed_renderer().await;
    assert_eq!(stand.view().await.to_be_released, 2);
    let status = run(&stand, &["status"]).await;
    assert!(status.contains("\nReleasing     2 still wait for the screen\n"), "{status}");
    assert!(status.contains("\nUndo          released: four and 3 more\n"), "{status}");
    stand.renderer.emit_to_caller(&second, &Signal::Closed(second.id(), 2)).await;
    stand.heed_renderer().await;
    assert_eq!(run(&stand, &["undo"]).await, "3 held again, 1 is out already\n");
    stand.advance(QUIET).await;
    let view = stand.view().await;
    assert_eq!((view.held, view.to_be_released, stand.renderer.notified().len()), (3, 0, 2));
    assert!(view.ledger.balanced);
}

#[tokio::test]
async fn a_digest_is_shown_once_whenever_the_daemon_is_killed_at_the_check_in() {
    const TRIES: usize = 4;
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    for nth in 1..=TRIES {
        app.notify(&Notification::new(&format!("held {nth}"))).await;
        check_in(&stand).await;
        stand.kill9().await;
        stand.start_again().await;
        stand.renderer.wait_notified(nth, DEADLINE).await;
        stand.heed_renderer().await;
        stand.must(verb::CloseCheckIn).await;
    }
    let digests = stand.renderer.notified();
    assert_eq!(digests.len(), TRIES, "{digests:?}");
    assert!(digests.iter().all(|digest| digest.summary().starts_with("Check-in: ")), "{digests:?}");
}
