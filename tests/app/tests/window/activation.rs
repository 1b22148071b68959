//! A press of the real pointer in the window, and what lets the app that is answered bring its own window to the front.

use crate::opener::morning_listed;
use tidegate_testkit::Signal;

#[tokio::test]
async fn an_app_gets_the_token_of_the_press_before_its_action() {
    let (stand, morning, window) = morning_listed().await;
    let (x, y, width, height) = window.button("Show log").await.rectangle().await.unwrap();
    let [x, y] = [x + width / 2.0, y + height / 2.0].map(|at| at.round().to_string());
    let found = stand.session.run("xdotool", ["search", "--onlyvisible", "--name", "(^| )Tidegate$"]).await.ok();
    stand.session.run("xdotool", ["mousemove", "--window", found.trim(), &x, &y, "click", "1"]).await.ok();
    let Signal::Token(id, token) = stand.next_signal(&morning.ci).await else { panic!("no token first") };
    assert_eq!(id, morning.build);
    assert_eq!(stand.next_signal(&morning.ci).await, Signal::Action(id, "app.log::r".into()));
    let (_, at) = token.rsplit_once("_TIME").unwrap_or_else(|| panic!("no X11 token: {token}"));
    assert!(at.parse::<u32>().unwrap() > 0, "of no press: {token}");
}
