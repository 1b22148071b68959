//! `--ensure-renderer`: somebody shows notifications afterwards, or one line says why not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tidegate_relay::protocol::{RECORD_FILE, RendererRecord};
use tidegate_testkit::{Client, DEADLINE, Kind, NOTIFICATIONS, Notification, Session, Xvfb, wait_owner};

use crate::rig::{Control, command, ready, record_of, start};

const ENSURE: Option<&str> = Some("--ensure-renderer");

fn write_record(session: &Session, record: &RendererRecord) {
    let path = session.state_home().join(RECORD_FILE);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, serde_json::to_vec(record).unwrap()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn nothing_is_done_where_somebody_shows_notifications() {
    let session = Session::start().await;
    let owner = session.connect().await;
    owner.request_name(NOTIFICATIONS).await.unwrap();
    let ran = session.run_command(command(&session, ENSURE)).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn without_a_record_it_says_so() {
    let session = Session::start().await;
    let path = session.state_home().join(RECORD_FILE);
    let ran = session.run_command(command(&session, ENSURE)).await;
    assert_eq!((ran.code, ran.stderr.lines().count()), (3, 1));
    assert!(ran.stderr.contains(path.to_str().unwrap()) && ran.stderr.contains("does not exist"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_record_that_cannot_be_trusted_is_not_run() {
    let session = Session::start().await;
    let marker = session.join("ran");
    let record = crate::rig::record(&session, &["/usr/bin/touch", marker.to_str().unwrap()]);
    write_record(&session, &record);
    let path = session.state_home().join(RECORD_FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let ran = session.run_command(command(&session, ENSURE)).await;
    assert_eq!((ran.code, ran.stderr.lines().count()), (3, 1), "{}", ran.stderr);
    let nobody = "{\"argv\":[],\"env\":[],\"cwd\":\"/\",\"unit\":null}";
    let ourselves = nobody.replace("\"argv\":[]", "\"argv\":[\"/proc/self/exe\",\"--detached\"]");
    for text in ["", "{", nobody, &ourselves] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let ran = session.run_command(command(&session, ENSURE)).await;
        assert_eq!((ran.code, ran.stderr.lines().count()), (3, 1), "{}", ran.stderr);
    }
    assert!(!marker.exists());
}

#[tokio::test]
async fn a_recorded_daemon_is_started_and_answers() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    write_record(&session, &record_of(&session, Kind::Dunst).await);
    let _relay = ready(&session, |session| command(session, ENSURE)).await;
    let conn = session.connect().await;
    wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    assert_ne!(Client::connect(&session).await.notify(&Notification::new("x")).await, 0);
}

#[tokio::test]
async fn a_relay_that_runs_but_knows_no_renderer_is_handed_the_record() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    write_record(&session, &record_of(&session, Kind::Dunst).await);
    let _relay = start(&session).await;
    session.run_command(command(&session, ENSURE)).await.ok();
    let conn = session.connect().await;
    let owner = wait_owner(&conn, NOTIFICATIONS, DEADLINE).await;
    let (_control, welcome) = Control::hello(&session, ":1.1").await;
    assert_eq!(welcome.renderer.unwrap().unique, owner.as_str());
    session.run_command(command(&session, ENSURE)).await.ok();
}
