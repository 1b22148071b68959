//! The settings of a daemon that runs: a change of the file counts at once, a mistake leaves the last good ones.

use crate::g_sender::own_program;
use crate::look_alike::notify_by_a_program_of_the_system;
use std::fs;
use std::os::unix::fs::symlink;
use tidegate_contract::{BlockLength, Code, ItemState, View, verb};
use tidegate_testkit::{DEADLINE, Notification, Session};
use tidegate_tests_process::{Stand, words};

fn write(session: &Session, text: &str) {
    let folder = session.config_home().join("tidegate");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("new"), text).unwrap();
    fs::rename(folder.join("new"), folder.join("settings.toml")).unwrap();
}

/// Which check-ins a daemon has whose settings folder is behind a link that is turned elsewhere.
#[tokio::test]
async fn a_folder_behind_a_link_that_is_turned_elsewhere_counts() {
    let session = Session::start().await;
    for (name, times) in [("work", "[\"12:00\"]"), ("home", "[]")] {
        let folder = session.home().join("dotfiles").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("settings.toml"), format!("[check-ins]\nmonday = {times}\n")).unwrap();
    }
    let link = session.config_home().join("tidegate");
    symlink(session.home().join("dotfiles/work"), &link).unwrap();
    let stand = Stand::start_in(session).await;
    assert_eq!(check_ins(&stand.view().await), 1);
    symlink(stand.session.home().join("dotfiles/home"), link.with_extension("new")).unwrap();
    fs::rename(link.with_extension("new"), &link).unwrap();
    stand.wait_view("what the other folder says", |view| check_ins(view) == 0).await;
}

fn check_ins(view: &View) -> usize {
    view.check_ins_today.len()
}

#[tokio::test]
async fn a_change_of_the_file_counts_without_a_restart() {
    let stand = Stand::start().await;
    assert_eq!(check_ins(&stand.view().await), 3, "11:30, 14:00 and 16:30");
    write(&stand.session, "[check-ins]\nmonday = [\"12:00\"]\n[apps]\n\"com.example.Pager\" = \"pass\"\n");
    let view = stand.wait_view("the new check-ins", |view| check_ins(view) == 1).await;
    assert_eq!((view.next_check_in, view.troubles.as_slice()), (Some(view.now + 3 * 3_600_000), [].as_slice()));
    stand.hold().await;
    let app = stand.app().await;
    let page = |text: &str| Notification::new(text).hint("desktop-entry", "com.example.Pager");
    let passed = app.notify(&page("passes")).await;
    assert_eq!(stand.detail(passed).await.item.state, ItemState::Passed);

    let set = stand.cli(["settings", "set", "apps.com.example.Pager", "hold"]).await;
    assert_eq!(set.ok(), "apps.com.example.Pager is hold");
    stand.cli(["settings", "set", "check-ins.monday", "none"]).await.ok();
    assert_eq!(check_ins(&stand.view().await), 0, "it counts once the command returns");
    let held = app.notify(&page("is held")).await;
    assert_eq!(stand.detail(held).await.item.state, ItemState::Held);
    fs::remove_file(stand.session.config_home().join("tidegate/settings.toml")).unwrap();
    stand.wait_view("the defaults", |view| check_ins(view) == 3).await;
}

#[tokio::test]
async fn a_client_changes_one_setting_in_the_file_and_it_is_in_force_when_it_is_answered() {
    let stand = Stand::start().await;
    write(&stand.session, "# mine\n[check-ins] # by day\nmonday = [\"12:00\"]\n");
    stand.wait_view("my check-in", |view| check_ins(view) == 1).await;
    let set = async |key: &str, value: Option<&str>| {
        stand.ask(verb::Set { key: key.into(), value: value.map(str::to_owned) }).await
    };
    set("blocks.length", Some("25")).await.unwrap();
    assert_eq!(stand.view().await.usual_length, BlockLength::Minutes { minutes: 25 });
    let settings = set("check-ins.monday", Some("10:00,15:00")).await.unwrap();
    assert_eq!(check_ins(&stand.view().await), 2);
    let monday = settings.settings.iter().find(|it| it.key == "check-ins.monday").unwrap();
    assert_eq!((monday.value.as_str(), monday.default.as_str()), ("10:00,15:00", "11:30,14:00,16:30"));
    let file = stand.session.config_home().join("tidegate/settings.toml");
    assert_eq!(settings.file, file.display().to_string());
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "# mine\n[check-ins] # by day\nmonday = [\"10:00\", \"15:00\"]\n\n[blocks]\nlength = 25\n");
    assert!(settings.data.bytes > Some(0) && settings.mistake.is_none());
    let refused = set("check-ins.monday", Some("25:00")).await.unwrap_err();
    assert_eq!(
        (refused.code, words(&refused.message).contains("25:00")),
        (Code::Invalid, true),
        "{}",
        words(&refused.message)
    );
    write(&stand.session, "[check-ins]\nmonday = [\"25:00\"]\n");
    let refused = set("blocks.length", None).await.unwrap_err();
    assert_eq!(
        (refused.code, words(&refused.message).contains("line 2")),
        (Code::Conflict, true),
        "{}",
        words(&refused.message)
    );
    let settings = stand.must(verb::Settings).await;
    assert!(settings.mistake.is_some_and(|mistake| words(&mistake.text).contains("line 2")));
    assert_eq!(settings.settings[0].value, "10:00,15:00", "the last good values");
}

#[tokio::test]
async fn who_sent_something_is_listed_with_what_the_settings_say_of_them() {
    let stand = Stand::start_with_settings("[apps]\n\"org.example.Rare\" = \"mute\"\n").await;
    let app = stand.app().await;
    for (text, id) in [("one", "Chat"), ("two", "Chat"), ("three", "Mail")] {
        app.notify(&Notification::new(text).app_name(id).hint("desktop-entry", format!("org.example.{id}"))).await;
    }
    stand.must(verb::Set { key: "apps.org.example.Mail".into(), value: Some("pass".into()) }).await;
    let apps = stand.must(verb::Apps).await;
    let rows: Vec<_> = apps.apps.iter().map(|app| (app.app_id.as_str(), app.came_in, app.rule.as_str())).collect();
    assert_eq!(
        rows,
        [("org.example.Chat", 2, "none"), ("org.example.Mail", 1, "pass"), ("org.example.Rare", 0, "mute")]
    );
}

#[tokio::test]
async fn the_safe_list_is_read_and_changed_and_takes_no_program_that_sends_for_others() {
    let stand = Stand::start().await;
    let list = async |value: &str| {
        stand.must(verb::Set { key: "safe-list.mine".into(), value: Some(value.into()) }).await;
    };
    let refused = stand.ask(verb::Set { key: "safe-list.mine".into(), value: Some("notify-send".into()) }).await;
    assert!(words(&refused.unwrap_err().message).contains("safe-list.mine"));
    let mine = async || {
        let settings = stand.must(verb::Settings).await;
        settings.settings.into_iter().find(|it| it.key == "safe-list.mine").map(|it| it.value)
    };
    list("my-alarm,batsignal").await;
    assert_eq!(mine().await.as_deref(), Some("my-alarm,batsignal"));
    list("none").await;
    assert_eq!(mine().await, None);
    let settings = stand.must(verb::Settings).await;
    let kept = settings.settings.iter().find(|it| it.key == "safe-list.power").unwrap();
    assert!(kept.value.starts_with("gsd-power,") && kept.value == kept.default);
}

#[tokio::test]
async fn a_program_that_was_put_on_the_safe_list_passes_in_a_block_until_it_is_taken_off_and_none_of_that_name_elsewhere()
 {
    let stand = Stand::holding().await;
    let (_first, program) = notify_by_a_program_of_the_system(&stand.session, "before").await;
    assert_eq!(stand.wait_held(1).await[0].app_id, program);
    stand.cli(["settings", "set", "safe-list.my alarms", program]).await.ok();
    let _second = notify_by_a_program_of_the_system(&stand.session, "the tea is ready").await;
    let shown = stand.renderer.wait_notified(1, DEADLINE).await.remove(0);
    assert_eq!(shown.summary(), "the tea is ready");
    let passed = stand.view().await.let_through;
    assert_eq!((passed.len(), words(&passed[0].why).as_str()), (1, "safe list: my alarms"));
    let look_alike = own_program(&stand.session, program).display().to_string();
    stand.session.run(look_alike, ["by another"]).await.ok();
    assert_eq!(stand.wait_held(2).await[1].summary, "by another");
    stand.cli(["settings", "unset", "safe-list.my alarms"]).await.ok();
    let _third = notify_by_a_program_of_the_system(&stand.session, "after").await;
    assert_eq!(stand.wait_held(3).await[2].summary, "after");
    assert_eq!(stand.ledger().await.passed, 1);
}

#[tokio::test]
async fn a_mistake_leaves_the_last_good_settings_and_goes_when_mended() {
    let stand = Stand::start_with_settings("[check-ins]\nmonday = [\"12:00\", \"15:00\"]\n").await;
    for (text, place) in [
        ("[check-ins]\nmonday = [\"25:00\"]\n", "line 2: monday"),
        ("version = 2\n", "line 1: the file is of version 2"),
    ] {
        write(&stand.session, text);
        let view = stand
            .wait_view("the mistake", |view| view.troubles.iter().any(|trouble| words(&trouble.text).contains(place)))
            .await;
        let trouble = &view.troubles[0];
        assert_eq!(
            (view.troubles.len(), trouble.code.as_str(), words(&trouble.text).lines().count()),
            (1, "settings", 1)
        );
        assert!(words(&trouble.text).ends_with("; the last good settings hold meanwhile"), "{}", words(&trouble.text));
        assert_eq!(check_ins(&view), 2);
    }
    write(&stand.session, "[check-ins]\nmonday = []\n");
    let view = stand.wait_view("a mended file", |view| view.troubles.is_empty()).await;
    assert_eq!(check_ins(&view), 0);
}

#[tokio::test]
async fn a_file_that_was_wrong_at_the_start_is_mended_without_a_restart() {
    let stand = Stand::start_with_settings("[check-ins\n").await;
    let view = stand.view().await;
    assert!(words(&view.troubles[0].text).ends_with("; the defaults hold meanwhile"), "{:?}", view.troubles);
    assert!(!words(&view.troubles[0].remedy).contains("anew"), "{:?}", view.troubles);
    write(&stand.session, "[check-ins]\nmonday = []\n");
    stand.wait_view("a mended file", |view| view.troubles.is_empty() && check_ins(view) == 0).await;
}
