//! The digest as a notification server receives it.

use tidegate_daemon::notices::show_digest;
use tidegate_daemon::present::{DigestText, Sound};
use tidegate_domain::NoticeId;
use tidegate_testkit::{DEADLINE, NOTIFICATIONS, RecordingRenderer, Session};
use tidegate_words::{Clock, Zone};
use zbus::fdo::RequestNameFlags;
use zbus::zvariant::Value;

/// Shows two digests.
#[tokio::test]
#[ignore = "runs inside the session of the other test"]
async fn inside_a_session() {
    let clock = Clock { zone: Zone::utc(), now: 0 };
    let mut earlier = None;
    for held in ["12 held", "13 held"] {
        let text = DigestText {
            summary: held.to_owned(),
            body: "Slack &amp; Co 12".to_owned(),
            reviews: true,
            releases: true,
            another: (held == "13 held").then(|| "Another 50".to_owned()),
            asks_of_away: held == "13 held",
            sound: Sound::Complete,
        };
        earlier = Some(NoticeId(show_digest(&text, earlier, &clock).await.unwrap()));
    }
}

#[tokio::test]
async fn a_digest_stays_offers_its_buttons_and_takes_the_place_of_the_last() {
    let session = Session::start().await;
    let flags = RequestNameFlags::DoNotQueue;
    let server = RecordingRenderer::start(&session.connect().await, NOTIFICATIONS, flags).await;
    let mut command = session.command(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "notices::inside_a_session"]);
    assert_eq!(session.run_command(command).await.code, 0);
    let digests = server.wait_notified(2, DEADLINE).await;
    let (first, second) = (digests[0].fields(), digests[1].fields());
    assert_eq!((first.replaces_id, second.replaces_id), (0, digests[0].id()));
    assert_eq!((second.app_name.as_str(), second.summary.as_str()), ("Tidegate", "13 held"));
    assert_eq!((second.body.as_str(), second.timeout), ("Slack &amp; Co 12", 0));
    let actions = ["default", "Review", "review", "Review", "release-all", "Release all"];
    assert_eq!(first.actions, actions);
    assert_eq!(
        second.actions,
        [&actions[..], &["another", "Another 50", "break", "Break 5", "leave-out", "Leave it out"]].concat()
    );
    assert_eq!(*second.hints["sound-name"], Value::from("complete"));
    assert_eq!(*second.hints["desktop-entry"], Value::from("org.tidegate.Tidegate"));
}
