//! Every real daemon shows what is sent, and its user's click comes back.

use tidegate_testkit::{DEADLINE, Kind, NotifySend, Renderer, RendererControl, Session, Sway, Xvfb};

/// Sends one that waits for its action, and gives its sender.
async fn ask(session: &Session, renderer: &RendererControl) -> NotifySend {
    let args = ["--print-id", "--action=default=Open", "Asked", "body"];
    let mut sender = NotifySend::start(session, args);
    assert_ne!(sender.id(DEADLINE).await, 0);
    renderer.wait_showing(1, DEADLINE).await;
    sender
}

async fn answered(mut sender: NotifySend) {
    assert_eq!(sender.line(DEADLINE).await, "default");
    assert_eq!(sender.wait(DEADLINE).await, (0, vec![]));
}

/// The default action of one is clicked; a second one is shown and closed.
async fn is_clicked_and_closes(kind: Kind) {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let renderer = Renderer::start(&session, kind).await;
    let sender = ask(&session, &renderer).await;
    renderer.click(&session).await;
    answered(sender).await;
    renderer.wait_showing(0, DEADLINE).await;
    NotifySend::send(&session, ["Told"]).await;
    renderer.wait_showing(1, DEADLINE).await;
    renderer.close_all().await;
    renderer.wait_showing(0, DEADLINE).await;
}

#[tokio::test]
async fn dunst_is_clicked() {
    is_clicked_and_closes(Kind::Dunst).await;
}

#[tokio::test]
async fn xfce4_notifyd_is_clicked() {
    is_clicked_and_closes(Kind::XfceNotifyd).await;
}

#[tokio::test]
async fn notification_daemon_is_clicked() {
    is_clicked_and_closes(Kind::NotificationDaemon).await;
}

#[tokio::test]
async fn dunst_obeys_its_own_tool() {
    let session = Session::start().await;
    let _screen = Xvfb::start(&session).await;
    let dunst = Renderer::start(&session, Kind::Dunst).await;
    let sender = ask(&session, &dunst).await;
    assert_eq!(session.run("dunstctl", ["count", "displayed"]).await.ok(), "1");
    dunst.invoke_default().await;
    answered(sender).await;
}

#[tokio::test]
async fn mako_obeys_its_own_tool_and_bus() {
    let session = Session::start().await;
    let _screen = Sway::start(&session).await;
    let mako = Renderer::start(&session, Kind::Mako).await;
    let sender = ask(&session, &mako).await;
    assert_eq!(mako.summaries().await, ["Asked"]);
    assert!(session.run("makoctl", ["list"]).await.ok().contains("Asked"));
    mako.invoke_default().await;
    answered(sender).await;
    mako.wait_showing(0, DEADLINE).await;
    NotifySend::send(&session, ["Told"]).await;
    mako.wait_showing(1, DEADLINE).await;
    mako.close_all().await;
    mako.wait_showing(0, DEADLINE).await;
}

#[tokio::test]
async fn swaync_shows_and_closes() {
    let session = Session::start().await;
    let _screen = Sway::start(&session).await;
    let swaync = Renderer::start(&session, Kind::Swaync).await;
    NotifySend::send(&session, ["Told"]).await;
    swaync.wait_showing(1, DEADLINE).await;
    swaync.close_all().await;
    swaync.wait_showing(0, DEADLINE).await;
}

#[tokio::test]
async fn a_popup_changes_the_picture() {
    let session = Session::start().await;
    let screen = Xvfb::start(&session).await;
    let dunst = Renderer::start(&session, Kind::Dunst).await;
    let (before, after) = (session.join("before.png"), session.join("after.png"));
    screen.shot(&session, &before).await;
    NotifySend::send(&session, ["Told"]).await;
    dunst.wait_showing(1, DEADLINE).await;
    dunst.wait_drawn(&session).await;
    screen.shot(&session, &after).await;
    let (before, after) = (std::fs::read(before).unwrap(), std::fs::read(after).unwrap());
    assert_ne!(before, after);
}

#[tokio::test]
async fn a_compositor_is_pictured() {
    let session = Session::start().await;
    let screen = Sway::start(&session).await;
    let path = session.join("sway.png");
    screen.shot(&session, &path).await;
    assert!(std::fs::read(path).unwrap().starts_with(b"\x89PNG"));
    assert!(screen.msg(&session, "nop").await.contains("true"));
}
