//! The settings in the window, by mouse and by keys, on the real file; and how a block's end is seen.

use crate::opener::gate_open;
use crate::window::Window;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use std::fs;
use std::time::Duration;
use tidegate_contract::{BlockLength, EndsWhen, verb};
use tidegate_testkit::{DEADLINE, IdleMonitor, Notification, within};
use tidegate_tests_process::{MONDAY_NINE, Stand};

const MINUTE: Duration = Duration::from_secs(60);
const HALF_PAST_ELEVEN: i64 = MONDAY_NINE + 150 * 60_000;

fn file(stand: &Stand) -> String {
    fs::read_to_string(stand.session.config_home().join("tidegate/settings.toml")).unwrap_or_default()
}

/// What the daemon goes by.
async fn rule_of_chat(stand: &Stand) -> String {
    let apps = stand.must(verb::Apps).await;
    apps.apps.into_iter().find(|app| app.app_id == "org.example.Chat").expect("the app").rule
}

impl Window {
    /// Puts the keyboard on a check-in's mark, from where arrow keys move it.
    async fn at_mark(&self, day: &str, time: &str) {
        let mark = format!("document.querySelector('[aria-label=\"Check-in on {day}\"][aria-valuetext=\"{time}\"]')");
        self.until("the mark", &format!("const mark = {mark}; mark?.focus(); return !!mark")).await;
    }

    async fn sends(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Draws a mark along its band, by so many of its width's hundredths.
    pub(crate) async fn draws(&self, day: &str, time: &str, by: f64) {
        let measure = format!(
            "const mark = document.querySelector('[aria-label=\"Check-in on {day}\"][aria-valuetext=\"{time}\"]');
            mark.scrollIntoView({{ block: 'center' }});
            const box = mark.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2, mark.parentElement.clientWidth]"
        );
        let place: Vec<f64> = serde_json::from_value(self.script(&measure).await).unwrap();
        let to = |x| PointerAction::MoveTo { duration: None, x, y: place[1] };
        let drawn = MouseActions::new("pointer".to_owned())
            .then(to(place[0]))
            .then(PointerAction::Down { button: 0 })
            .then(to(place[0] + place[2] * by / 200.0))
            .then(to(place[0] + place[2] * by / 100.0))
            .then(PointerAction::Up { button: 0 });
        within(DEADLINE, "the pointer", self.client.perform_actions(drawn)).await.unwrap();
    }
}

#[tokio::test]
async fn check_in_times_are_moved_added_removed_and_copied() {
    let (stand, window) = gate_open().await;
    window.sees("Check-ins 11:30, 14:00, 16:30").await;
    window.find("//a[.='Change']").await.click().await.unwrap();
    window.at_mark("Monday", "11:30").await;
    window.sends("\u{e014}").await;
    stand
        .wait_view("a quarter of an hour later", |view| view.next_check_in == Some(HALF_PAST_ELEVEN + 15 * 60_000))
        .await;
    window.at_mark("Monday", "11:45").await;
    window.sends("\u{e017}").await;
    stand.wait_view("one less", |view| view.check_ins_today.len() == 2).await;
    // Six hundredths of a day are nearly an hour and a half.
    window.draws("Monday", "14:00", -100.0 / 24.0 * 2.0).await;
    window.at_mark("Monday", "12:00").await;
    assert!(file(&stand).ends_with("\n[check-ins]\nmonday = [\"12:00\", \"16:30\"]\n"), "{}", file(&stand));
    window.press("Add a check-in on Sunday").await;
    window.at_mark("Sunday", "12:00").await;
    window.find("//button[@aria-label='Remove 12:00 on Sunday']").await.click().await.unwrap();
    window.until("none on Sunday", "return !document.querySelector('[aria-label=\"Check-in on Sunday\"]')").await;
    window.press("Copy to all work days from Monday").await;
    window.at_mark("Friday", "12:00").await;
    window.until("all that can be copied is", "return !document.body.innerText.includes('Copy to all')").await;
    window.find("//input[@aria-label='Check-in on Friday at']").await;
    window.script("document.querySelector('main').scrollTop = 0").await;
    window.looks_as(&stand.session, "settings").await;
    window.client.set_window_size(360, 420).await.unwrap();
    window.until("a narrow page", "return innerWidth === 360").await;
    window.looks_as(&stand.session, "settings-360").await;
}

#[tokio::test]
async fn blocks_and_quiet_are_set_and_what_means_nothing_cannot_be() {
    let (stand, window) = gate_open().await;
    window.shows("settings").await;
    window.find("//input[@type='search']").await.send_keys("away").await.unwrap();
    let checkbox = |title: &str| format!("//label[contains(., '{title}')]/input");
    let ask = window.find("//label[contains(., 'Ask when you were away')]/select").await;
    ask.select_by_value("never").await.unwrap();
    window.find(&checkbox("Hold while an app asks for quiet")).await.click().await.unwrap();
    window.find(&format!("{}[@disabled]", checkbox("Say afterwards what was held"))).await;
    let written = "\n[blocks]\naway = \"never\"\n\n[quiet]\nhold = false\n";
    assert!(file(&stand).ends_with(written), "{}", file(&stand));
    window.looks_as(&stand.session, "settings-blocks").await;
    window.client.set_window_size(360, 640).await.unwrap();
    window.until("a narrow page", "return innerWidth === 360").await;
    window.looks_as(&stand.session, "settings-blocks-360").await;
}

#[tokio::test]
async fn a_number_is_typed_and_one_that_cannot_be_is_put_back() {
    let (stand, window) = gate_open().await;
    window.shows("settings").await;
    window.find("//input[@type='search']").await.send_keys("megabytes").await.unwrap();
    let number = window.find("//label[contains(., 'Messages and pictures')]//input[@type='number']").await;
    // Three times Backspace: the driver's own clearing would be a change.
    number.send_keys("\u{e003}\u{e003}\u{e003}128\u{e007}").await.unwrap();
    window.until("the number", "return document.querySelector('input[type=number]').value === '128'").await;
    within(DEADLINE, "the number in force", async {
        while !file(&stand).ends_with("\n[storage]\nmost-megabytes = 128\n") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    number.send_keys("\u{e003}\u{e003}\u{e003}0\u{e007}").await.unwrap();
    window.until("what holds", "return document.querySelector('input[type=number]').value === '128'").await;
}

#[tokio::test]
async fn an_app_gets_its_rule_and_a_search_finds_it() {
    let (stand, window) = gate_open().await;
    let app = stand.app().await;
    for text in ["one", "two"] {
        app.notify(&Notification::new(text).app_name("Chat").hint("desktop-entry", "org.example.Chat")).await;
    }
    window.shows("settings").await;
    window.find("//input[@type='search']").await.send_keys("chat").await.unwrap();
    let rule = window.find("//select[@aria-label='In a block: Chat']").await;
    rule.select_by_value("mute").await.unwrap();
    let muted = "return document.querySelector('select').value === 'mute' && !document.querySelector('[role=slider]')";
    window.until("the rule, and nothing else", muted).await;
    within(DEADLINE, "the rule in force", async {
        while rule_of_chat(&stand).await != "mute" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    window.looks_as(&stand.session, "settings-app").await;
    assert!(file(&stand).ends_with("\n[apps]\n\"org.example.Chat\" = \"mute\"\n"), "{}", file(&stand));
}

#[tokio::test]
async fn what_passes_a_closed_gate_is_named_beside_the_intention_as_the_settings_have_it() {
    let (stand, window) = gate_open().await;
    window.find("//form//a[.='power, alarms, security prompts and calendar reminders']").await;
    let key = "safe-list.calendar reminders".to_owned();
    stand.must(verb::Set { key, value: Some("none".to_owned()) }).await;
    // As who has changed them in another window comes back to this one.
    window.script("dispatchEvent(new Event('focus'))").await;
    window.find("//form//a[.='power, alarms and security prompts']").await;
}

#[tokio::test]
async fn a_mistake_in_the_file_is_shown_with_its_line() {
    let (stand, window) = gate_open().await;
    let folder = stand.session.config_home().join("tidegate");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("settings.toml"), "[check-ins]\nmonday = [\"25:00\"]\n").unwrap();
    stand.wait_view("the mistake", |view| !view.troubles.is_empty()).await;
    window.shows("settings").await;
    window.sees("these are the values that hold meanwhile").await;
    window.find("//*[contains(text(), 'line 2')]").await;
}

#[tokio::test]
async fn who_was_away_in_a_block_is_asked_by_a_card_until_they_answer() {
    let (mut stand, window) = gate_open().await;
    let monitor = IdleMonitor::start(&stand.session).await;
    let length = BlockLength::Minutes { minutes: 50 };
    stand.must(verb::Start { length, intention: Some("Draft the migration plan".into()) }).await;
    let gone = monitor.wait_asked(Some(MINUTE), 1, DEADLINE).await;
    stand.advance(11 * MINUTE).await;
    monitor.fire(&gone).await;
    let back = monitor.wait_asked(None, 1, DEADLINE).await;
    stand.advance(22 * MINUTE).await;
    monitor.fire(&back).await;
    window.sees("You were away 23 min: count it?").await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    window.looks_as(&stand.session, "time-away").await;
    window.press("Leave it out").await;
    let view = stand.wait_view("the answer", |view| view.time_away.is_none()).await;
    assert_eq!(view.block.expect("the block goes on").left_out, 23 * 60_000);
    window.until("the card gone", "return !document.querySelector('#away')").await;
}

#[tokio::test]
async fn the_end_of_a_block_is_a_card_with_what_comes_next() {
    let (mut stand, window) = gate_open().await;
    let length = BlockLength::Minutes { minutes: 25 };
    stand.must(verb::Start { length, intention: Some("Draft the migration plan".into()) }).await;
    window.until("what is left, in the title", "return document.title === '25 min left – Tidegate'").await;
    stand.app().await.notify(&Notification::new("one")).await;
    stand.advance(25 * MINUTE).await;
    window.sees("25 min of Draft the migration plan").await;
    window.sees("1 held.").await;
    window.until("the title", "return document.title === 'Tidegate'").await;
    stand.renderer.wait_notified(1, DEADLINE).await;
    window.looks_as(&stand.session, "over").await;
    window.press("Break, 5 min").await;
    window.find("//h2[contains(., 'Break,')]").await;
    window.looks_as(&stand.session, "break").await;
    window.press("Back to work").await;
    let view = stand.wait_view("a block", |view| view.block.is_some()).await;
    let block = view.block.unwrap();
    assert_eq!(block.intention.as_deref(), Some("Draft the migration plan"));
    assert_eq!(block.ends, EndsWhen::At { at: view.now + 25 * 60_000 });
}
