//! The tray before a real panel's watcher. What reads the session bus of its environment runs in a process of its own, in
//! the session's environment: this test binary again, with one test picked.

use crate::stand::Stand;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;
use tidegate_contract::{BUS_NAME, Tidegate1Proxy};
use tidegate_daemon::coalesce::coalesced;
use tidegate_daemon::tray;
use tidegate_domain::Event;
use tidegate_testkit::{
    DEADLINE, Process, Session, StatusNotifierWatcher, TrayItem, wait_no_owner, wait_owner, within,
};
use tokio::sync::watch;

/// A daemon with a tray, until it is asked to quit.
#[tokio::test]
#[ignore = "runs inside the session of the other tests"]
async fn inside_a_session() {
    let conn = zbus::Connection::session().await.unwrap();
    let Stand { engine, control, quit, mut quits, changed, .. } = Stand::on(&conn).await;
    engine.send(Event::RendererUp(":1.2".into()));
    let (views, seen) = watch::channel(None);
    let now = || chrono::Utc::now().timestamp_millis();
    let viewer = engine.clone();
    let showing = coalesced(changed, async |_| {
        let view = viewer
            .ask(|model, now| (tidegate_daemon::present::view(model, now, 1, Some("x"), &[]), model.zone().clone()));
        let (view, zone) = view.await.unwrap();
        let view = Arc::new(view);
        views.send_replace(Some((view.clone(), zone)));
        control.publish(view).await.unwrap();
    });
    tokio::select! {
        () = showing => panic!("there are always views"),
        () = tray::run(seen, now, engine.clone(), quit) => panic!("a tray lasts"),
        asked = quits.recv() => assert!(!asked.unwrap().release),
    }
}

/// The daemon's process and a client of it.
struct Scene {
    daemon: Process,
    control: Tidegate1Proxy<'static>,
}

impl Scene {
    async fn start(session: &Session) -> Self {
        let mut command: Command = session.command(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "tray::inside_a_session"]);
        let path = format!("{}:{}", session.join("bin").display(), session.get("PATH").unwrap());
        let daemon = session.spawn(command_with_path(command, &path));
        let conn = session.connect().await;
        wait_owner(&conn, BUS_NAME, DEADLINE).await;
        Self { daemon, control: Tidegate1Proxy::new(&conn).await.unwrap() }
    }
}

fn command_with_path(mut command: Command, path: &str) -> Command {
    command.env("PATH", path);
    command
}

async fn labels(item: &TrayItem) -> Vec<String> {
    item.menu().await.into_iter().filter(|entry| !entry.separator).map(|entry| entry.label).collect()
}

#[tokio::test]
async fn it_shows_the_state_and_obeys_clicks() {
    let session = Session::start().await;
    let panel = StatusNotifierWatcher::start(&session).await;
    let mut scene = Scene::start(&session).await;
    let item = panel.wait_item(DEADLINE).await;
    assert_eq!(item.text("Id").await, "org.tidegate.Tidegate");
    assert!(item.text("Title").await.starts_with("Tidegate: "));
    assert_eq!(item.text("IconName").await, "");
    let before = item.property("IconPixmap").await;
    assert!(labels(&item).await.contains(&"Block for 25 minutes".to_owned()));

    item.activate().await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"End the block".to_owned())).await;
    assert!(item.property("IconPixmap").await != before, "the picture has not changed");
    assert_eq!(scene.control.state().await.unwrap(), "closed");

    item.choose("End the block").await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"Block for 50 minutes".to_owned())).await;
    item.choose("Block for 50 minutes").await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"End the block".to_owned())).await;
    let says = item.menu().await.remove(0);
    assert!(says.label.starts_with("Gate closed: block until ") && !says.enabled, "{says:?}");
    item.choose("Extend the block by 15 minutes").await;
    let is_later = |labels: &Vec<String>| labels[0].starts_with("Gate closed: block until ") && labels[0] != says.label;
    item.wait(DEADLINE, labels, is_later).await;

    item.choose("Quit, keep what is held").await;
    assert!(scene.daemon.wait(DEADLINE).await.success());
}

/// Puts the icon that a panel finds by its name where panels look, as `scripts/install` does.
fn install_icon(session: &Session) {
    let folder = session.data_home().join("icons/hicolor/scalable/status");
    fs::create_dir_all(&folder).unwrap();
    let drawing = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../icons/tray/trouble-22.svg");
    fs::copy(drawing, folder.join("tidegate-trouble.svg")).unwrap();
}

/// The icon's name as a panel is given it.
async fn name_of_icon(item: &TrayItem) -> String {
    item.properties().await.remove("IconName").unwrap().try_into().unwrap()
}

#[tokio::test]
async fn the_icon_s_name_is_for_plasma_alone_and_the_pixmaps_are_for_all() {
    let session = Session::start().await;
    install_icon(&session);
    let panel = StatusNotifierWatcher::start(&session).await;
    let _scene = Scene::start(&session).await;
    let item = panel.wait_item(DEADLINE).await;
    let pixmaps = item.property("IconPixmap").await;
    assert_eq!(name_of_icon(&item).await, "");
    panel.become_plasma().await;
    assert_eq!(name_of_icon(&item).await, "tidegate-open");
    item.activate().await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"End the block".to_owned())).await;
    assert_eq!(name_of_icon(&item).await, "tidegate-closed");
    assert!(item.property("IconPixmap").await != pixmaps, "the picture has not changed");
}

#[tokio::test]
async fn plasma_is_given_no_name_that_it_would_not_find() {
    let session = Session::start().await;
    let panel = StatusNotifierWatcher::start(&session).await;
    panel.become_plasma().await;
    let _scene = Scene::start(&session).await;
    assert_eq!(name_of_icon(&panel.wait_item(DEADLINE).await).await, "");
}

/// What the window's program is started with: its arguments, and the activation token.
async fn opened(session: &Session, press: impl AsyncFnOnce(TrayItem)) -> String {
    let opened = session.join("opened");
    let mkfifo = session.run("mkfifo", [&opened]).await;
    mkfifo.ok();
    let program = session.join("bin/tidegate-app");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    let script = format!("#!/bin/sh\necho \"opened $* $XDG_ACTIVATION_TOKEN\" > {}\n", opened.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let panel = StatusNotifierWatcher::start(session).await;
    let scene = Scene::start(session).await;
    scene.control.request(r#"{"verb":"note","text":"Ben came by"}"#).await.unwrap();
    let item = panel.wait_item(DEADLINE).await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"Held (1)".to_owned())).await;
    press(item).await;
    let said = tokio::task::spawn_blocking(move || fs::read_to_string(opened).unwrap());
    within(DEADLINE, "the window", said).await.unwrap()
}

#[tokio::test]
async fn a_middle_click_opens_the_window() {
    let session = Session::start().await;
    assert_eq!(opened(&session, async |item| item.secondary_activate().await).await, "opened  \n");
}

#[tokio::test]
async fn what_is_held_is_shown_and_the_window_gets_the_token_of_the_click() {
    let session = Session::start().await;
    let press = async |item: TrayItem| {
        item.provide_token("of-this-click").await;
        item.choose("Held (1)").await;
    };
    assert_eq!(opened(&session, press).await, "opened --held of-this-click\n");
}

#[tokio::test]
async fn a_panel_that_comes_later_or_again_gets_the_icon() {
    let session = Session::start().await;
    let scene = Scene::start(&session).await;
    scene.control.start(0, "Invoices_2026").await.unwrap();
    for _ in 0..2 {
        let panel = StatusNotifierWatcher::start(&session).await;
        let item = panel.wait_item(DEADLINE).await;
        item.wait(DEADLINE, labels, |labels| labels.contains(&"Invoices__2026".to_owned())).await;
        assert!(item.tool_tip().await.0.starts_with("Tidegate: Closed without an end, nothing held"));
        panel.stop().await;
    }
}

#[tokio::test]
async fn a_panel_that_hangs_holds_up_nothing() {
    let session = Session::start().await;
    let hung = session.connect().await;
    hung.request_name("org.kde.StatusNotifierWatcher").await.unwrap();
    let scene = Scene::start(&session).await;
    within(DEADLINE, "an answer", scene.control.start(0, "")).await.unwrap();
    let view = within(DEADLINE, "a view", scene.control.request("{\"verb\":\"view\"}")).await.unwrap();
    assert!(view.contains("\"closed\":true"), "{view}");
    hung.close().await.unwrap();
    wait_no_owner(&session.connect().await, "org.kde.StatusNotifierWatcher", DEADLINE).await;
    let panel = StatusNotifierWatcher::start(&session).await;
    let item = panel.wait_item(DEADLINE).await;
    item.wait(DEADLINE, labels, |labels| labels.contains(&"End the block".to_owned())).await;
}
