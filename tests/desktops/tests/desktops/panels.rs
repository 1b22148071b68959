//! The tray icon in real panels, under a real pointer. Must not know how a panel is spoken to.

use crate::panel::{Button, Kind, Panel};
use std::pin::pin;
use std::time::Duration;
use tidegate_testkit::{DEADLINE, Notification, Session, wait_owner};
use tidegate_tests_process::Stand;
use tokio::time::timeout;

/// The name that the window owns while it is open.
const WINDOW_NAME: &str = "org.tidegate.Tidegate";

/// When a person clicks once more: a click is lost that meets a panel at the moment in which it draws the icon anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// A gate whose icon is in a panel.
struct Tray {
    panel: Panel,
    stand: Stand,
}

impl Tray {
    async fn of(kind: Kind) -> Self {
        let session = Session::start().await;
        let panel = Panel::start(&session, kind).await;
        let stand = Stand::start_in(session).await;
        panel.wait_icon(&stand.session).await;
        Self { panel, stand }
    }

    /// Clicks the icon, until what a click leads to has come.
    async fn click_until(&mut self, button: Button, wanted: impl AsyncFn(&Stand)) {
        let Self { panel, stand } = self;
        let mut comes = pin!(wanted(stand));
        loop {
            panel.click_icon(&stand.session, button).await;
            if timeout(PATIENCE, &mut comes).await.is_ok() {
                break;
            }
        }
    }
}

async fn a_left_click_closes_and_opens_the_gate(kind: Kind) {
    let mut tray = Tray::of(kind).await;
    tray.click_until(Button::Left, async |stand| {
        stand.wait_view("a closed gate", |view| view.gate.closed).await;
    })
    .await;
    tray.stand.app().await.notify(&Notification::new("one")).await;
    tray.stand.wait_held(1).await;
    tray.click_until(Button::Left, async |stand| {
        stand.wait_view("an open gate", |view| !view.gate.closed && view.held == 1).await;
    })
    .await;
}

async fn a_middle_click_opens_the_window(kind: Kind) {
    let mut tray = Tray::of(kind).await;
    tray.click_until(Button::Middle, async |stand| {
        wait_owner(&stand.control, WINDOW_NAME, DEADLINE).await;
    })
    .await;
    assert!(!tray.stand.view().await.gate.closed, "it is no left click");
}

#[tokio::test]
async fn a_left_click_in_xfces_panel_closes_and_opens_the_gate() {
    a_left_click_closes_and_opens_the_gate(Kind::Xfce).await;
}

#[tokio::test]
async fn a_left_click_in_waybar_closes_and_opens_the_gate() {
    a_left_click_closes_and_opens_the_gate(Kind::Waybar).await;
}

#[tokio::test]
async fn a_middle_click_in_xfces_panel_opens_the_window() {
    a_middle_click_opens_the_window(Kind::Xfce).await;
}

#[tokio::test]
async fn a_middle_click_in_waybar_opens_the_window() {
    a_middle_click_opens_the_window(Kind::Waybar).await;
}

#[tokio::test]
async fn the_menu_in_xfces_panel_ends_with_quit() {
    let Tray { mut panel, mut stand } = Tray::of(Kind::Xfce).await;
    let session = &stand.session;
    // A menu that is renewed while it is open forgets what was chosen in it, so one opens it again.
    let attempts = async {
        loop {
            panel.click_icon(session, Button::Right).await;
            panel.wait_menu(session).await;
            panel.keys(session, &["Up", "Return"]).await;
        }
    };
    tokio::select! {
        status = stand.daemon.wait(DEADLINE) => assert!(status.success()),
        () = attempts => {}
    }
}
