//! The stepping clock as the daemon's side of it sees it.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tidegate_testkit::{CLOCK_VARIABLE, DEADLINE, Session, StepClock, within};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// What a daemon does with its clock: reads a line, says that it has settled.
struct Follower(BufReader<UnixStream>);

impl Follower {
    async fn connect(clock: &StepClock) -> Self {
        Self(BufReader::new(UnixStream::connect(clock.path()).await.unwrap()))
    }

    async fn hear(&mut self) -> Value {
        let mut line = String::new();
        within(DEADLINE, "a line", self.0.read_line(&mut line)).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }

    async fn settle(&mut self) {
        self.0.write_all(b"{\"settled\":true}\n").await.unwrap();
    }
}

#[tokio::test]
async fn each_step_is_heard_and_waits_until_it_has_settled() {
    let session = Session::start().await;
    let mut clock = StepClock::listen(&session, 1_000, "Europe/Berlin");
    assert_eq!(session.get(CLOCK_VARIABLE), Some(clock.path().display().to_string()));
    let mut daemon = Follower::connect(&clock).await;
    let first = json!({"utc_ms": 1_000, "boot_ms": 3_600_000, "asleep_ms": 0, "zone": "Europe/Berlin"});
    assert_eq!(daemon.hear().await, first);
    daemon.settle().await;
    let step = clock.advance(Duration::from_secs(2), DEADLINE);
    tokio::pin!(step);
    let heard = tokio::select! {
        heard = daemon.hear() => heard,
        () = &mut step => panic!("it did not wait"),
    };
    let then = json!({"utc_ms": 3_000, "boot_ms": 3_602_000, "asleep_ms": 0, "zone": "Europe/Berlin"});
    assert_eq!(heard, then);
    let ((), ()) = tokio::join!(step, daemon.settle());
}

#[tokio::test]
async fn a_daemon_started_anew_hears_the_time_as_it_is_then() {
    let session = Session::start().await;
    let mut clock = StepClock::listen(&session, 0, "UTC");
    let mut daemon = Follower::connect(&clock).await;
    daemon.hear().await;
    daemon.settle().await;
    drop(daemon);
    clock.advance_unheard(Duration::from_secs(60));
    let path = clock.path().to_owned();
    let restarted = tokio::spawn(async move {
        let mut daemon = Follower(BufReader::new(UnixStream::connect(path).await.unwrap()));
        let heard = daemon.hear().await;
        daemon.settle().await;
        (daemon, heard)
    });
    let (_daemon, heard) = restarted.await.unwrap();
    assert_eq!(heard["utc_ms"], json!(60_000));
}

#[tokio::test]
async fn a_step_waits_for_a_daemon_that_is_still_to_come() {
    let session = Session::start().await;
    let mut clock = StepClock::listen(&session, 0, "UTC");
    let path = clock.path().to_owned();
    let step = clock.advance(Duration::from_secs(1), DEADLINE);
    tokio::pin!(step);
    assert!((&mut step).now_or_never().is_none());
    let mut daemon = Follower(BufReader::new(UnixStream::connect(path).await.unwrap()));
    assert_eq!(daemon.hear().await["utc_ms"], json!(1_000));
    daemon.settle().await;
    step.await;
}

#[tokio::test]
async fn a_second_daemon_that_leaves_does_not_take_the_clock_along() {
    let session = Session::start().await;
    let mut clock = StepClock::listen(&session, 0, "UTC");
    let mut first = Follower::connect(&clock).await;
    first.hear().await;
    first.settle().await;
    let mut second = Follower::connect(&clock).await;
    second.hear().await;
    drop(second);
    let step = clock.advance(Duration::from_secs(1), DEADLINE);
    let follow = async {
        assert_eq!(first.hear().await["utc_ms"], json!(1_000));
        first.settle().await;
    };
    tokio::join!(step, follow);
}

#[tokio::test]
async fn the_wall_clock_and_the_zone_change_alone() {
    let session = Session::start().await;
    let mut clock = StepClock::listen(&session, 5_000, "UTC");
    let path = clock.path().to_owned();
    let follow = tokio::spawn(async move {
        let mut daemon = Follower(BufReader::new(UnixStream::connect(path).await.unwrap()));
        loop {
            let heard = daemon.hear().await;
            daemon.settle().await;
            if heard["zone"] != json!("UTC") {
                return heard;
            }
        }
    });
    clock.set_utc(9_000, DEADLINE).await;
    clock.set_zone("Asia/Tokyo", DEADLINE).await;
    assert_eq!(clock.utc_ms(), 9_000);
    let last = follow.await.unwrap();
    assert_eq!(last, json!({"utc_ms": 9_000, "boot_ms": 3_600_000, "asleep_ms": 0, "zone": "Asia/Tokyo"}));
}
