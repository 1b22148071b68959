//! The tray icon in real panels, under a real pointer. Must not know how a panel is spoken to.

use crate::panel::{Button, Kind, Panel};
use tidegate_testkit::{DEADLINE, Notification, Session, wait_owner};
use tidegate_tests_process::Stand;

/// The name that the window owns while it is open.
const WINDOW_NAME: &str = "org.tidegate.Tidegate.SingleInstance";

/// A gate whose icon is in a panel, and where.
struct Tray {
    panel: Panel,
    icon: (usize, usize),
    stand: Stand,
}

impl Tray {
    async fn of(kind: Kind) -> Self {
        let session = Session::start().await;
        let panel = Panel::start(&session, kind).await;
        let stand = Stand::start_in(session).await;
        let icon = panel.wait_icon(&stand.session).await;
        Self { panel, icon, stand }
    }

    async fn click(&mut self, button: Button) {
        self.panel.click(&self.stand.session, self.icon, button).await;
    }
}

async fn a_left_click_closes_and_opens_the_gate(kind: Kind) {
    let mut tray = Tray::of(kind).await;
    tray.click(Button::Left).await;
    tray.stand.wait_view("a closed gate", |view| view.gate.closed).await;
    tray.stand.app().await.notify(&Notification::new("one")).await;
    tray.stand.wait_held(1).await;
    tray.click(Button::Left).await;
    tray.stand.wait_view("an open gate", |view| !view.gate.closed && view.held == 1).await;
}

async fn a_middle_click_opens_the_window(kind: Kind) {
    let mut tray = Tray::of(kind).await;
    tray.click(Button::Middle).await;
    wait_owner(&tray.stand.control, WINDOW_NAME, DEADLINE).await;
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
    let Tray { mut panel, icon, mut stand } = Tray::of(Kind::Xfce).await;
    let session = &stand.session;
    // A menu that is renewed while it is open forgets what was chosen in it, so one opens it again.
    let attempts = async {
        loop {
            panel.click(session, icon, Button::Right).await;
            panel.wait_menu(session).await;
            panel.keys(session, &["Up", "Return"]).await;
        }
    };
    tokio::select! {
        status = stand.daemon.wait(DEADLINE) => assert!(status.success()),
        () = attempts => {}
    }
}
