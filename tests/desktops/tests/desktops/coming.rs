//! The window on a real compositor: it comes to the front when it is called for, wherever the user is. Must not know how
//! that is done.

use serde_json::Value;
use tidegate_testkit::{DEADLINE, Piped, Process, Session, Sway, within};
use tidegate_tests_process::program;

/// What the compositor knows the window by, as the desktop entry is called.
const APP: &str = "org.tidegate.Tidegate";

/// A screen with the window on its first workspace, while the user is on the second.
struct Screen {
    session: Session,
    sway: Sway,
    changes: Piped,
    _window: Process,
}

impl Screen {
    async fn with_the_window_elsewhere() -> Self {
        let session = Session::start().await;
        let sway = Sway::start(&session).await;
        sway.msg(&session, "focus_on_window_activation focus").await;
        let mut subscribe = session.command("swaymsg");
        subscribe.args(["--monitor", "--raw", "--type", "subscribe", r#"["window", "workspace"]"#]);
        let changes = session.spawn_piped(subscribe);
        let _window = session.spawn(session.command(program("tidegate-app")));
        let mut screen = Self { session, sway, changes, _window };
        screen.wait_focus_on("1").await;
        screen.sway.msg(&screen.session, "workspace 2").await;
        assert_eq!(screen.focused().await, None);
        screen
    }

    /// The workspace on which the window has the focus.
    async fn focused(&self) -> Option<String> {
        let tree = self.session.run("swaymsg", ["--raw", "--type", "get_tree"]).await.ok();
        focused_below(&serde_json::from_str(&tree).unwrap(), "")
    }

    async fn wait_focus_on(&mut self, workspace: &str) {
        let comes = async {
            while self.focused().await.as_deref() != Some(workspace) {
                self.changes.line(DEADLINE).await;
            }
        };
        // What changes may have been told before it was looked at.
        within(2 * DEADLINE, "the window's focus", comes).await;
    }

    /// As a launcher's, for the program that it starts.
    async fn token(&self) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/desktops/token.py");
        let socket = self.sway.socket().to_str().unwrap().to_owned();
        self.session.run("python3", [script.to_owned(), socket]).await.ok().trim().to_owned()
    }

    /// Another start of the program, with the token that its launcher had.
    async fn start_again(&self, token: Option<&str>) {
        let mut again = self.session.command(program("tidegate-app"));
        again.arg("--held").envs(token.map(|token| ("XDG_ACTIVATION_TOKEN", token)));
        self.session.run_command(again).await.ok();
    }
}

fn focused_below(node: &Value, workspace: &str) -> Option<String> {
    let is_workspace = node["type"] == "workspace";
    let workspace = if is_workspace { node["name"].as_str().unwrap_or_default() } else { workspace };
    if node["focused"] == true && node["app_id"] == APP {
        return Some(workspace.to_owned());
    }
    let nodes = ["nodes", "floating_nodes"].into_iter().filter_map(|kind| node[kind].as_array()).flatten();
    nodes.into_iter().find_map(|below| focused_below(below, workspace))
}

#[tokio::test]
async fn with_a_token_the_window_comes_to_the_front_where_it_is() {
    let mut screen = Screen::with_the_window_elsewhere().await;
    let token = screen.token().await;
    screen.start_again(Some(&token)).await;
    screen.wait_focus_on("1").await;
}

#[tokio::test]
async fn without_a_token_the_window_comes_to_where_the_user_is() {
    let mut screen = Screen::with_the_window_elsewhere().await;
    screen.start_again(None).await;
    screen.wait_focus_on("2").await;
}

#[tokio::test]
async fn with_a_token_that_only_marks_it_the_window_comes_to_where_the_user_is() {
    let mut screen = Screen::with_the_window_elsewhere().await;
    screen.sway.msg(&screen.session, "focus_on_window_activation urgent").await;
    let token = screen.token().await;
    screen.start_again(Some(&token)).await;
    screen.wait_focus_on("2").await;
}
