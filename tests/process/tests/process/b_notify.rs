//! `Notify` (checks 9 to 21): answers, ids, replacing, what is accepted, feedback, transient ones, urgency.

use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_contract::{ItemState, verb};
use tidegate_testkit::{
    DEADLINE, GNotificationSender, LibnotifySender, Notification, NotifySend, QtTray, Session, Signal,
    StatusNotifierWatcher, Xvfb,
};
use tidegate_tests_process::{Stand, program, words};
use zbus::zvariant::Value;

/// The first id that is ever given out.
const FIRST_ID: u32 = 1 << 30;
const TEN_HOURS: Duration = Duration::from_secs(36_000);
const SECOND: Duration = Duration::from_secs(1);

/// A notification of another app than that of a bare one.
fn of(app: &str, summary: &str) -> Notification {
    Notification::new(summary).hint("desktop-entry", app.to_owned())
}

/// The body of the call that a notification makes when it replaces this id.
fn body(notification: &Notification, replaces: u32) -> Vec<u8> {
    notification.clone().replaces(replaces).message("org.example.Any").body().data().bytes().to_vec()
}

#[tokio::test]
async fn check_09_a_held_one_is_answered_at_once_with_its_real_id() {
    let stand = Stand::holding().await;
    stand.renderer.pause();
    let app = stand.app().await;
    let id = app.notify(&Notification::new("one").action("a", "A")).await;
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].state), (1, id, ItemState::Held));
    stand.press(id, Some("a")).await.unwrap();
    assert_eq!(stand.next_signal(&app).await, Signal::Action(id, "a".into()));
    assert_eq!(stand.renderer.notified().len(), 0);
}

#[tokio::test]
async fn check_09_libnotify_does_not_block_while_the_gate_holds_and_the_renderer_hangs() {
    let stand = Stand::holding().await;
    stand.renderer.pause();
    let mut app = LibnotifySender::start(&stand.session).await;
    let id = app.show("one", "", &[]).await;
    assert_eq!(stand.held().await[0].id, id);
}

#[tokio::test]
async fn check_10_kill_9_right_after_the_reply_loses_nothing() {
    let mut stand = Stand::holding().await;
    let mut sent = Vec::new();
    for round in 0..3 {
        let app = stand.app().await;
        for number in 0..5 {
            sent.push(app.notify(&Notification::new(&format!("{round}.{number}")).body("all of it")).await);
        }
        stand.daemon.kill9(DEADLINE).await;
        stand.start_again().await;
        let held = stand.held().await;
        assert_eq!(held.iter().map(|item| item.id).collect::<Vec<_>>(), sent, "round {round}");
        assert_eq!(held.last().unwrap().summary, format!("{round}.4"));
        assert_eq!(held.last().unwrap().body, "all of it");
    }
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.held, ledger.balanced), (15, 15, true));
}

#[tokio::test]
async fn check_10_the_row_is_synced_to_the_disk_before_the_reply() {
    let (mut stand, trace) = traced().await;
    stand.hold().await;
    let app = stand.app().await;
    app.notify(&Notification::new("so that the gate knows who sends")).await;
    let id = app.notify(&Notification::new("the one that is watched")).await;
    app.notify(&Notification::new("the edit of it").replaces(id)).await;
    let trace = ended(&mut stand, &trace).await;
    for text in ["the one that is watched", "the edit of it"] {
        assert_synced_before_reply(&trace, text, &app.unique_name());
    }
}

/// A stand whose daemon's messages and syncs are written down in a file.
async fn traced() -> (Stand, PathBuf) {
    let session = Session::start().await;
    let trace = session.join("calls");
    let stand = Stand::start_by(session, |session| {
        let mut command = session.command("strace");
        let calls = [
            "-f",
            "-b",
            "execve",
            "-qq",
            "-y",
            "-s",
            "4096",
            "-e",
            "trace=fsync,fdatasync,recvfrom,sendmsg,pwrite64,write",
            "-e",
            "signal=none",
        ];
        command.args(calls).arg("-o").arg(&trace).arg(program("tidegate")).args(["daemon", "--replace-now"]);
        session.spawn(command)
    })
    .await;
    (stand, trace)
}

/// What was written down once the daemon has ended.
async fn ended(stand: &mut Stand, trace: &Path) -> String {
    stand.must(verb::Quit { release: false }).await;
    stand.daemon.wait(DEADLINE).await;
    std::fs::read_to_string(trace).unwrap()
}

/// From the call that brings `text` to the first message to `app` after it.
#[track_caller]
fn until_reply<'a>(trace: &'a str, text: &str, app: &str) -> Vec<&'a str> {
    let after = trace.lines().skip_while(|line| !(line.contains("recvfrom") && line.contains(text))).skip(1);
    let lines: Vec<_> = after.take_while(|line| !(line.contains("sendmsg(") && line.contains(app))).collect();
    assert!(!lines.is_empty(), "no call with {text:?} and a reply after it in the trace:\n{trace}");
    lines
}

/// Between the call and its reply a sync of the log must have returned.
#[track_caller]
fn assert_synced_before_reply(trace: &str, text: &str, app: &str) {
    let thread = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let until_reply = until_reply(trace, text, app);
    let sync = until_reply.iter().position(|line| line.contains("sync(") && line.contains("tidegate.db-wal"));
    let sync = sync.unwrap_or_else(|| panic!("no sync before the reply:\n{}", until_reply.join("\n")));
    let by = thread(until_reply[sync]);
    let mut rest = until_reply[sync..].iter().filter(|line| thread(line) == by);
    assert!(rest.any(|line| line.contains("sync") && line.ends_with("= 0")), "{}", until_reply.join("\n"));
}

#[tokio::test]
async fn check_47_what_passes_is_written_before_the_reply_without_a_sync() {
    let (mut stand, trace) = traced().await;
    let app = stand.app().await;
    app.notify(&Notification::new("so that the gate knows who sends")).await;
    app.notify(&Notification::new("the one that is watched")).await;
    let trace = ended(&mut stand, &trace).await;
    let until_reply = until_reply(&trace, "the one that is watched", &app.unique_name());
    let of_the_log =
        |call: &str| until_reply.iter().any(|line| line.contains(call) && line.contains("tidegate.db-wal"));
    assert!(of_the_log("write"), "nothing was written before the reply:\n{}", until_reply.join("\n"));
    assert!(!of_the_log("sync("), "the reply waited for a sync:\n{}", until_reply.join("\n"));
}

#[tokio::test]
async fn check_10_a_transients_text_stays_in_memory_and_its_id_and_count_go_to_disk() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let secret = Notification::new("the code is 493817").hint("transient", true).timeout(60_000);
    let id = app.notify(&secret).await;
    app.notify(&Notification::new("no secret at all")).await;
    assert_eq!(stand.held().await[0].summary, "the code is 493817");
    stand.daemon.kill9(DEADLINE).await;
    let home = stand.session.home();
    assert!(is_in_a_file_below(&home, b"no secret at all"), "what is looked for can be found");
    assert!(!is_in_a_file_below(&home, b"493817"));
    stand.start_again().await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 1));
    let lost = stand.detail(id).await.item;
    assert_eq!((lost.id, lost.state, lost.summary.as_str()), (id, ItemState::Expired, ""));
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.held, ledger.expired, ledger.balanced), (2, 1, 1, true));
}

fn is_in_a_file_below(folder: &Path, text: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_in_a_file_below(&path, text),
            false => std::fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text)),
        }
    })
}

#[tokio::test]
async fn check_11_ids_start_at_2_30_and_rise_over_restarts() {
    let mut stand = Stand::holding().await;
    let mut ids = Vec::new();
    for round in 0..4 {
        let app = stand.app().await;
        for _ in 0..3 {
            ids.push(app.notify(&Notification::new("one")).await);
        }
        match round {
            0 | 2 => stand.kill9().await,
            _ => stand.terminate().await,
        }
        stand.start_again().await;
    }
    assert_eq!(ids[..3], [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]);
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}

/// Ids that no app has from this gate: of the renderer, of another server, or made up.
fn never_given_out() -> [u32; 5] {
    [1, 7, FIRST_ID - 1, FIRST_ID + 500, u32::MAX]
}

#[tokio::test]
async fn check_11_an_id_that_was_never_given_out_is_nobodys() {
    let mut stand = Stand::start().await;
    let app = stand.app().await;
    let mut ids = Vec::new();
    for stale in never_given_out() {
        let edit = Notification::new("shown as new").replaces(stale).hint("urgency", 1_u8);
        ids.push(app.notify(&edit).await);
        let shown = stand.renderer.wait_notified(ids.len(), DEADLINE).await.pop().unwrap();
        assert_eq!((shown.fields().replaces_id, shown.bytes()), (0, body(&edit, 0)));
    }
    stand.hold().await;
    for stale in never_given_out() {
        ids.push(app.notify(&of("org.example.Other", "held as new").replaces(stale)).await);
    }
    assert_eq!(ids, (0..10).map(|nth| FIRST_ID + nth).collect::<Vec<_>>(), "all from the counter");
    assert_eq!(stand.held().await.iter().map(|item| item.id).collect::<Vec<_>>(), ids[5..]);
    for stale in never_given_out() {
        app.close(stale).await.unwrap();
    }
    stand.kill9().await;
    stand.start_again().await;
    let app = stand.app().await;
    let next = app.notify(&Notification::new("after a restart").replaces(FIRST_ID + 500)).await;
    assert!(next > ids[9] && next != FIRST_ID + 500, "{next} comes from the counter");
    app.close(FIRST_ID + 500).await.unwrap();
    stand.heed_renderer().await;
    assert!(stand.renderer.wait_closed(0, DEADLINE).await.is_empty(), "none of it reached the renderer");
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_11_a_smaller_id_never_touches_the_popup_that_the_renderer_calls_so() {
    let stand = Stand::start().await;
    let (mail, old) = (stand.app().await, stand.app().await);
    stand.renderer.set_next_id(7);
    let id = mail.notify(&of("org.example.Mail", "mine").action("a", "A")).await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    old.close(7).await.unwrap();
    let anew = old.notify(&of("org.example.Old", "from before the gate").action("a", "A").replaces(7)).await;
    assert!(anew > id, "{anew}");
    let second = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(second.fields().replaces_id, 0, "the popup 7 is not its own");
    stand.heed_renderer().await;
    old.close(7).await.unwrap();
    stand.renderer.emit_to_caller(&shown, &Signal::Action(7, "a".into())).await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(7, 2)).await;
    assert_eq!(stand.heard(&mail).await, [Signal::Action(id, "a".into()), Signal::Closed(id, 2)]);
    assert_eq!(stand.heard(&old).await, []);
    old.close(anew).await.unwrap();
    assert_eq!(stand.renderer.wait_closed(1, DEADLINE).await, [second.id()]);
    assert_eq!(stand.heard(&old).await, [Signal::Closed(anew, 3)]);
}

#[tokio::test]
async fn check_12_an_edit_keeps_id_and_arrival_and_replaces_all_the_rest() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let first = Notification::new("Maya").body("first").icon("chat").action("a", "A").action("b", "B");
    let first = first.hint("urgency", 2_u8).hint("x-example", "gone after the edit").timeout(9_000);
    let id = app.notify(&first).await;
    let arrived = stand.held().await[0].arrived;
    stand.advance(60 * SECOND).await;
    let second = Notification::new("Maya (2)").body("second").action("c", "C").hint("category", "im").timeout(0);
    assert_eq!(app.notify(&second.clone().replaces(id)).await, id);
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].arrived, held[0].edited), (1, id, arrived, 1));
    assert_eq!((held[0].summary.as_str(), held[0].body.as_str(), held[0].urgency), ("Maya (2)", "second", 1));
    let buttons: Vec<_> = held[0].actions.iter().map(|action| action.key.as_str()).collect();
    assert_eq!(buttons, ["c"]);
    let revisions = stand.detail(id).await.revisions;
    assert_eq!(revisions.len(), 1);
    assert_eq!((revisions[0].summary.as_str(), revisions[0].body.as_str()), ("Maya", "first"));
    assert_eq!(revisions[0].replaced, stand.clock.utc_ms());
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.held), (1, 1));
    let released = stand.release(id).await;
    assert_eq!(released.bytes(), body(&second, 0));
    assert_eq!(stand.heard(&app).await, []);
}

#[tokio::test]
async fn check_12_a_later_connection_of_the_same_app_may_edit_and_hears_from_then_on() {
    let stand = Stand::holding().await;
    let (one, other) = (stand.app().await, stand.app().await);
    let id = one.notify(&of("org.example.Chat", "first").action("a", "A")).await;
    let edit = of("org.example.Chat", "second").action("a", "A").replaces(id);
    let anew = other.notify(&edit).await;
    assert_ne!(anew, id, "the first is still there");
    one.leave(&stand.session).await;
    assert_eq!(other.notify(&edit).await, id);
    let held: Vec<_> = stand.held().await.into_iter().map(|item| (item.id, item.summary, item.edited)).collect();
    assert_eq!(held, [(id, "second".to_owned(), 1), (anew, "second".to_owned(), 0)]);
    stand.press(id, Some("a")).await.unwrap();
    assert_eq!(stand.heard(&other).await, [Signal::Action(id, "a".into()), Signal::Closed(id, 2)]);
}

#[tokio::test]
async fn check_12_every_earlier_text_stays_as_a_revision_over_a_restart() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("0")).await;
    for number in 1..4 {
        app.notify(&Notification::new(&number.to_string()).replaces(id)).await;
    }
    stand.kill9().await;
    stand.start_again().await;
    let detail = stand.detail(id).await;
    assert_eq!((detail.item.summary.as_str(), detail.item.edited), ("3", 3));
    let earlier: Vec<_> = detail.revisions.iter().map(|revision| revision.summary.as_str()).collect();
    assert_eq!(earlier, ["0", "1", "2"]);
}

#[tokio::test]
async fn check_13_an_edit_of_a_released_one_goes_to_its_renderers_id() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    stand.renderer.set_next_id(41);
    let id = app.notify(&Notification::new("first")).await;
    assert_eq!(stand.release(id).await.id(), 41);
    let edit = Notification::new("second").hint("x-example", 5_i64);
    assert_eq!(app.notify(&edit.clone().replaces(id)).await, id);
    let shown = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(shown.bytes(), body(&edit, 41));
    assert_eq!(stand.held().await, []);
    stand.heed_renderer().await;
    stand.renderer.emit_to_caller(&shown, &Signal::Closed(41, 2)).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 2));
}

#[tokio::test]
async fn check_13_an_edit_of_one_that_passed_goes_to_its_renderers_id_though_it_is_on_its_way() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.set_next_id(41);
    stand.renderer.pause();
    let id = app.notify(&Notification::new("first")).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    assert_eq!(app.notify(&Notification::new("second").replaces(id)).await, id);
    assert_eq!(app.notify(&Notification::new("third").replaces(id)).await, id);
    stand.renderer.resume().await;
    let shown = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(shown.bytes(), body(&Notification::new("third"), 41));
    stand.heed_renderer().await;
    assert_eq!(stand.renderer.notified().len(), 2, "the second text never was the newest when one could be sent");
}

#[tokio::test]
async fn check_13_an_edit_of_a_closed_one_is_shown_anew_under_the_same_id() {
    let stand = Stand::start().await;
    let app = stand.app().await;
    stand.renderer.set_next_id(41);
    let id = app.notify(&Notification::new("first")).await;
    let first = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    stand.heed_renderer().await;
    stand.renderer.emit_to_caller(&first, &Signal::Closed(41, 2)).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 2));
    let edit = Notification::new("second").action("a", "A");
    assert_eq!(app.notify(&edit.clone().replaces(id)).await, id);
    let again = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!((again.bytes(), again.id()), (body(&edit, 0), 42));
    stand.heed_renderer().await;
    stand.renderer.emit_to_caller(&again, &Signal::Action(42, "a".into())).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Action(id, "a".into()));
}

#[tokio::test]
async fn check_13_an_edit_of_a_closed_one_is_held_anew_under_the_same_id() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let id = app.notify(&Notification::new("first")).await;
    let first = stand.release(id).await;
    stand.renderer.emit_to_caller(&first, &Signal::Closed(first.id(), 2)).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(id, 2));
    assert_eq!(app.notify(&Notification::new("second").replaces(id)).await, id);
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].summary.as_str()), (1, id, "second"));
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.held, ledger.released, ledger.balanced), (2, 1, 1, true));
    assert_eq!(stand.release(id).await.fields().replaces_id, 0);
}

#[tokio::test]
async fn check_14_an_unknown_id_is_answered_with_a_new_one_that_works() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let stale = Notification::new("stale").action("a", "A").replaces(FIRST_ID + 500);
    let (one, same) = (app.notify(&stale).await, app.notify(&stale).await);
    assert_eq!((one, same), (FIRST_ID, FIRST_ID), "it means what it last sent by it");
    let other = app.notify(&of("org.example.Other", "stale").replaces(FIRST_ID + 500)).await;
    assert_eq!(app.notify(&Notification::new("edited").action("a", "A").replaces(one)).await, one);
    let held: Vec<_> = stand.held().await.into_iter().map(|item| (item.id, item.summary)).collect();
    assert_eq!(held, [(one, "edited".to_owned()), (other, "stale".to_owned())]);
    stand.press(one, Some("a")).await.unwrap();
    assert_eq!(stand.heard(&app).await, [Signal::Action(one, "a".into()), Signal::Closed(one, 2)]);
}

#[tokio::test]
async fn check_14_for_another_clients_id_a_new_one_is_given() {
    let mut stand = Stand::holding().await;
    let (mail, chat) = (stand.app().await, stand.app().await);
    let id = mail.notify(&of("org.example.Mail", "mine").action("a", "A")).await;
    let grab = of("org.example.Chat", "no, mine").replaces(id);
    let claim = of("org.example.Mail", "as the first says it is").replaces(id);
    let (first, second) = (chat.notify(&grab).await, chat.notify(&claim).await);
    let held: Vec<_> = stand.held().await.into_iter().map(|item| (item.id, item.summary, item.edited)).collect();
    let texts = ["mine", "no, mine", "as the first says it is"].map(str::to_owned);
    assert_eq!(held, std::array::from_fn::<_, 3, _>(|nth| ([id, first, second][nth], texts[nth].clone(), 0)));
    stand.release(id).await;
    let third = chat.notify(&grab).await;
    mail.leave(&stand.session).await;
    let fourth = chat.notify(&grab).await;
    let given: std::collections::BTreeSet<_> = [id, first, second, third, fourth].into();
    assert_eq!(given.len(), 5, "also when it is on the screen, and when its sender is gone");
    assert_eq!(stand.renderer.notified().len(), 1);
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn check_15_notify_send_replaces_what_an_earlier_one_sent() {
    let stand = Stand::holding().await;
    let id = NotifySend::send(&stand.session, ["Build", "50 %"]).await;
    let again = id.to_string();
    assert_eq!(NotifySend::send(&stand.session, ["--replace-id", &again, "Build", "done"]).await, id);
    let held = stand.held().await;
    assert_eq!((held.len(), held[0].id, held[0].body.as_str(), held[0].edited), (1, id, "done", 1));
}

#[tokio::test]
async fn check_15_two_scripts_with_one_fixed_id_keep_what_is_theirs() {
    let stand = Stand::holding().await;
    let send = async |name: &str, text: &str| {
        let name = format!("--app-name={name}");
        NotifySend::send(&stand.session, [&name, "--replace-id", "1000", text]).await
    };
    let sent = [send("backup", "failed").await, send("build", "done").await, send("backup", "failed again").await];
    assert!(sent[0] == sent[2] && !sent.contains(&1_000), "{sent:?}");
    let held: Vec<_> = stand.held().await.into_iter().map(|item| (item.id, item.summary)).collect();
    assert_eq!(held, [(sent[0], "failed again".to_owned()), (sent[1], "done".to_owned())]);
    stand.end_block().await;
    for count in 1..=2 {
        let shown = send("volume", "louder").await;
        let popup = stand.renderer.wait_notified(count, DEADLINE).await.pop().unwrap();
        stand.heed_renderer().await;
        let place = if count == 1 { 0 } else { popup.id() };
        assert_eq!((popup.fields().replaces_id, sent.contains(&shown)), (place, false), "one popup, in place");
    }
}

#[tokio::test]
async fn check_15_who_only_says_that_it_is_the_same_app_must_give_the_same_name() {
    let stand = Stand::holding().await;
    let (mail, later) = (stand.app().await, stand.app().await);
    let mine = |name: &str| of("org.example.Mail", "mine").app_name(name).action("a", "A");
    let id = mail.notify(&mine("Mail")).await;
    mail.leave(&stand.session).await;
    assert_ne!(later.notify(&mine("Chat").replaces(id)).await, id);
    assert_eq!(later.notify(&mine("Mail").replaces(id)).await, id);
    stand.press(id, Some("a")).await.unwrap();
    assert_eq!(stand.next_signal(&later).await, Signal::Action(id, "a".into()));
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn check_16_two_identical_ones_stay_two() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    let twin = Notification::new("Reminder").body("the same").hint("category", "x");
    let (one, other) = (app.notify(&twin).await, app.notify(&twin).await);
    assert_ne!(one, other);
    assert_eq!(stand.held().await.iter().map(|item| item.id).collect::<Vec<_>>(), [one, other]);
    stand.end_block().await;
    assert_ne!(app.notify(&twin).await, app.notify(&twin).await);
    let shown = stand.renderer.wait_notified(2, DEADLINE).await;
    assert_eq!((shown[0].fields().replaces_id, shown[1].fields().replaces_id), (0, 0));
    let one = NotifySend::send(&stand.session, ["Twin"]).await;
    assert_ne!(one, NotifySend::send(&stand.session, ["Twin"]).await);
}

#[tokio::test]
async fn check_17_odd_calls_are_accepted_and_kept_as_they_are() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let odd = [
        Notification::new("an odd count").action("a", "A").raw_action("b"),
        Notification::new("a key alone").raw_action("default"),
        Notification::new(""),
        Notification::new("").body("").app_name("").icon(""),
        Notification::new("no name").app_name(""),
        Notification::new("timeout").timeout(-2),
        Notification::new("timeout").timeout(i32::MIN),
    ];
    for notification in &odd {
        let id = app.notify(notification).await;
        assert_eq!(stand.release(id).await.bytes(), body(notification, 0), "{notification:?}");
    }
    assert_eq!(stand.ledger().await.released, u32::try_from(odd.len()).unwrap());
}

#[tokio::test]
async fn check_17_a_gnotification_without_a_body_is_accepted() {
    let stand = Stand::holding().await;
    let mut app = GNotificationSender::start(&stand.session).await;
    app.show("letter", "A letter", "").await;
    let held = stand.wait_held(1).await;
    assert_eq!((held.len(), held[0].summary.as_str(), held[0].body.as_str()), (1, "A letter", ""));
}

/// What volume and brightness send, each in another way.
fn feedback() -> Vec<Notification> {
    let marks = [
        ("x-canonical-private-synchronous", Value::from("")),
        ("x-canonical-private-synchronous", Value::from("volume")),
        ("synchronous", Value::from("brightness")),
        ("private-synchronous", Value::from(true)),
        ("x-dunst-stack-tag", Value::from("keyboard")),
    ];
    let values = [
        Value::from(0_u8),
        Value::from(1_i16),
        Value::from(50_u16),
        Value::from(99_i32),
        Value::from(100_u32),
        Value::from(7_i64),
        Value::from(8_u64),
        Value::from(66.7_f64),
    ];
    let volume = || Notification::new("Volume").hint("value", 40_i32);
    let marked = marks.into_iter().map(|(hint, value)| volume().hint(hint, value));
    let valued =
        values.into_iter().map(|value| Notification::new("Volume").hint("value", value).hint("synchronous", ""));
    marked.chain(valued).chain([volume().timeout(1), volume().timeout(3_000)]).collect()
}

/// What looks like it and is none: a gauge alone, a tag alone, a value that is no part of a whole, a button.
fn no_feedback() -> Vec<Notification> {
    let gauge = || Notification::new("Downloading").hint("value", 40_i32);
    let tagged = |value: Value<'static>| Notification::new("Song").hint("value", value).hint("synchronous", "");
    let values = [
        Value::from(101_i32),
        Value::from(-1_i32),
        Value::from(100.5_f64),
        Value::from(f64::NAN),
        Value::from(u64::MAX),
        Value::from("40"),
    ];
    let odd = values.into_iter().map(tagged);
    let alone = [
        gauge(),
        gauge().timeout(0),
        gauge().timeout(3_001),
        gauge().hint("x-dunst-stack-tag", ""),
        gauge().hint("x-canonical-private-synchronous", false),
        Notification::new("Track one").hint("synchronous", "player"),
        Notification::new("Track two").hint("x-canonical-private-synchronous", "second player").timeout(1_000),
        Notification::new("Track three").hint("x-dunst-stack-tag", "other player"),
    ];
    let buttons = feedback().into_iter().take(1).map(|one| one.action("a", "A"));
    odd.chain(alone).chain(buttons).collect()
}

#[tokio::test]
async fn check_18_feedback_goes_straight_through_and_is_counted_apart() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for (number, volume) in feedback().into_iter().enumerate() {
        let id = app.notify(&volume).await;
        let shown = stand.renderer.wait_notified(number + 1, DEADLINE).await.remove(number);
        assert_eq!(shown.bytes(), body(&volume, 0), "{volume:?}");
        let detail = stand.detail(id).await;
        assert_eq!((detail.item.state, detail.item.summary.as_str()), (ItemState::Passed, "Volume"));
        assert!(words(&detail.why[0]).contains("feedback"), "{:?}", detail.why);
        assert_eq!(detail.item.app, "testkit", "each is known with its app");
        let ledger = stand.ledger().await;
        assert_eq!(ledger.feedback as usize, number + 1, "{volume:?}");
        assert_eq!((ledger.came_in, ledger.passed, ledger.held, ledger.balanced), (0, 0, 0, true));
    }
    app.notify(&of("org.example.Mixer", "Loudness").hint("value", 40_i32).timeout(900)).await;
    let feedback_by_app = stand.must(verb::Ledger).await.feedback_by_app;
    let counts: Vec<_> = feedback_by_app.iter().map(|sent| (sent.app.as_str(), sent.count)).collect();
    assert_eq!(counts[0], ("testkit", u32::try_from(feedback().len()).unwrap()), "no silent bypass");
    assert_eq!((counts.len(), counts[1].1), (2, 1), "{counts:?}");
    let said = stand.cli(["ledger"]).await;
    assert!(said.stdout.contains("of feedback such as volume (testkit 15, "), "{}", said.stdout);
    let log = stand.cli(["log"]).await.ok();
    assert_eq!((log.matches("Volume").count(), log.matches("Loudness").count()), (15, 1), "{log}");
}

#[tokio::test]
async fn check_18_a_gauge_or_a_tag_alone_is_held() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for (number, one) in no_feedback().into_iter().enumerate() {
        app.notify(&one).await;
        assert_eq!(stand.held().await.len(), number + 1, "{one:?}");
    }
    let ledger = stand.ledger().await;
    assert_eq!((ledger.feedback, ledger.came_in), (0, ledger.held));
    assert_eq!(stand.renderer.notified().len(), 0);
}

#[tokio::test]
async fn check_18_the_users_rule_for_an_app_comes_before_its_feedback() {
    let rules = "[apps]\n\"org.example.Muted\" = \"mute\"\n\"org.example.Strict\" = \"hold\"\n";
    let stand = Stand::start_with_settings(rules).await;
    stand.hold().await;
    let app = stand.app().await;
    let volume = |name: &str| of(name, "Volume").hint("value", 40_i32).hint("synchronous", "volume");
    let muted = app.notify(&volume("org.example.Muted")).await;
    assert_eq!(stand.next_signal(&app).await, Signal::Closed(muted, 2));
    let held = app.notify(&volume("org.example.Strict")).await;
    assert_eq!(app.notify(&volume("org.example.Strict")).await, held, "a tag replaces in held rows too");
    assert_eq!(stand.held().await.iter().map(|item| item.id).collect::<Vec<_>>(), [held]);
    let ledger = stand.ledger().await;
    assert_eq!((ledger.feedback, ledger.came_in, ledger.held, ledger.muted, ledger.balanced), (0, 2, 1, 1, true));
    assert_eq!(stand.renderer.notified().len(), 0);
}

#[tokio::test]
async fn check_18_a_volume_key_that_is_held_down_is_one_row() {
    let stand = Stand::holding().await;
    let hints = ["--hint=int:value:40", "--hint=string:x-canonical-private-synchronous:volume"];
    let first = NotifySend::send(&stand.session, [hints[0], hints[1], "Volume 40 %"]).await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    stand.heed_renderer().await;
    for _ in 0..20 {
        assert_eq!(NotifySend::send(&stand.session, [hints[0], hints[1], "Volume 41 %"]).await, first);
    }
    let ledger = stand.ledger().await;
    assert_eq!((ledger.feedback, ledger.came_in), (1, 0));
    assert_eq!(stand.detail(first).await.item.summary, "Volume 41 %");
}

#[tokio::test]
async fn check_18_a_stack_tag_alone_replaces_within_its_app() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let tagged = |app: &str, summary: &str| of(app, summary).hint("x-dunst-stack-tag", "build");
    let one = app.notify(&tagged("org.example.Make", "50 %")).await;
    assert_eq!(app.notify(&tagged("org.example.Make", "done")).await, one);
    let other = app.notify(&tagged("org.example.Ninja", "started")).await;
    let untagged = app.notify(&of("org.example.Make", "no tag")).await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| item.id).collect::<Vec<_>>(), [one, other, untagged]);
    assert_eq!((held[0].summary.as_str(), held[0].edited), ("done", 1));
    let shown = stand.release(one).await;
    assert_eq!(app.notify(&tagged("org.example.Make", "again")).await, one);
    let again = stand.renderer.wait_notified(2, DEADLINE).await.remove(1);
    assert_eq!(again.fields().replaces_id, shown.id());
}

#[tokio::test]
async fn check_19_a_transient_expires_from_its_arrival_and_counts() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let transient = Notification::new("passing").hint("transient", true);
    let short = app.notify(&transient.clone().timeout(5_000)).await;
    let default = app.notify(&transient.clone()).await;
    let stays = app.notify(&transient.timeout(0)).await;
    assert_eq!(stand.held().await.len(), 3);
    stand.advance(5 * SECOND - Duration::from_millis(1)).await;
    assert_eq!(stand.heard(&app).await, []);
    stand.advance(Duration::from_millis(1)).await;
    assert_eq!(stand.heard(&app).await, [Signal::Closed(short, 1)]);
    assert_eq!(stand.detail(short).await.item.state, ItemState::Expired);
    stand.advance(5 * SECOND).await;
    assert_eq!(stand.heard(&app).await, [Signal::Closed(default, 1)], "the server's default is ten seconds");
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.expired, ledger.held, ledger.balanced), (3, 2, 1, true));
    stand.advance(TEN_HOURS).await;
    assert_eq!(stand.heard(&app).await, []);
    assert_eq!(stand.held().await[0].id, stays, "0 is: until somebody deals with it");
}

#[tokio::test]
async fn check_19_transient_is_accepted_as_b_i_and_u() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let flags = [(Value::from(true), Value::from(false)), (Value::from(1_i32), Value::from(0_i32))];
    let flags = flags.into_iter().chain([(Value::from(1_u32), Value::from(0_u32))]);
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for (yes, no) in flags {
        gone.push(app.notify(&Notification::new("goes").hint("transient", yes).timeout(1_000)).await);
        kept.push(app.notify(&Notification::new("stays").hint("transient", no).timeout(1_000)).await);
    }
    stand.advance(60 * SECOND).await;
    let closed: Vec<_> = gone.iter().map(|id| Signal::Closed(*id, 1)).collect();
    assert_eq!(stand.heard(&app).await, closed);
    assert_eq!(stand.held().await.iter().map(|item| item.id).collect::<Vec<_>>(), kept);
    let ledger = stand.ledger().await;
    assert_eq!((ledger.came_in, ledger.expired, ledger.held, ledger.balanced), (6, 3, 3, true));
}

#[tokio::test]
async fn check_20_urgency_is_accepted_as_y_i_and_u() {
    let mut stand = Stand::holding().await;
    let app = stand.app().await;
    let types = |level: u8| [Value::from(level), Value::from(i32::from(level)), Value::from(u32::from(level))];
    for (level, value) in (0..3).flat_map(|level| types(level).map(|value| (level, value))) {
        let id = app.notify(&Notification::new("one").hint("urgency", value.try_clone().unwrap())).await;
        assert_eq!(stand.detail(id).await.item.urgency, level, "{value:?}");
        let released = stand.release(id).await;
        assert_eq!(*released.fields().hints["urgency"], value, "forwarded with its type");
    }
}

#[tokio::test]
async fn check_20_qts_int32_urgency_is_kept() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let _panel = StatusNotifierWatcher::start(&session).await;
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    let mut app = QtTray::start(&stand.session).await;
    app.show("from Qt", "body").await;
    let held = stand.wait_held(1).await;
    assert_eq!((held.len(), held[0].summary.as_str(), held[0].urgency), (1, "from Qt", 0));
    let released = stand.release(held[0].id).await;
    assert_eq!(*released.fields().hints["urgency"], Value::from(0_i32), "Qt sends an int32");
}

#[tokio::test]
async fn check_21_critical_is_no_proof_of_importance() {
    let stand = Stand::holding().await;
    let app = stand.app().await;
    for critical in [Value::from(2_u8), Value::from(2_i32), Value::from(2_u32)] {
        app.notify(&Notification::new("LOOK").hint("urgency", critical).hint("category", "device.error")).await;
    }
    NotifySend::send(&stand.session, ["--urgency=critical", "LOOK"]).await;
    let held = stand.held().await;
    assert_eq!(held.iter().map(|item| item.urgency).collect::<Vec<_>>(), [2, 2, 2, 2]);
    stand.heed_renderer().await;
    assert_eq!(stand.renderer.notified().len(), 0);
    assert_eq!(stand.view().await.let_through, []);
}
