//! Activation tokens: of the press that started this program, and of a press in the window, with which the app that is
//! answered may bring its own window to the front. Without one, Wayland lets no program do so. It must not know what a press
//! means.

use crate::windows::report;
use gtk::gdk::Display;
use gtk::gio::prelude::AppLaunchContextExt;
use gtk::gio::{AppInfo, AppInfoCreateFlags};
use gtk::prelude::DisplayExtManual;
use tauri::AppHandle;
use tidegate_contract::Request;
use tokio::sync::oneshot;

/// The token of the press that started this program, as launchers give it (xdg-activation, startup notification).
pub(crate) fn of_this_start() -> Option<String> {
    let named = |name| std::env::var(name).ok().filter(|token| !token.is_empty());
    named("XDG_ACTIVATION_TOKEN").or_else(|| named("DESKTOP_STARTUP_ID"))
}

/// Gives a request that leads to another program's window the token for it, if the display has one.
pub(crate) async fn accompany(app: &AppHandle, request: &mut Request) {
    let (Request::Act { token, .. } | Request::OpenApp { token, .. }) = request else { return };
    let (answer, asked) = oneshot::channel();
    // GTK belongs to the thread that draws. Whether anybody still waits there for the answer does not matter to it.
    report("ask for an activation token", app.run_on_main_thread(|| drop(answer.send(new_token()))));
    *token = asked.await.ok().flatten();
}

/// A token for whichever program is meant: GTK only wants to know that it would take one.
///
/// On X11 it also announces a program that starts, and the desktop shows a busy pointer until that has a window. Most
/// presses open none. The announcement is taken back at once; the time of the press, by which X11 goes, is in the token.
fn new_token() -> Option<String> {
    let display = Display::default()?;
    let context = display.app_launch_context()?;
    let flags = AppInfoCreateFlags::SUPPORTS_STARTUP_NOTIFICATION;
    let program = AppInfo::create_from_commandline("tidegate-app", Some("Tidegate"), flags).ok()?;
    let token = context.startup_notify_id(&program, &[]).filter(|token| !token.is_empty())?;
    if display.backend().is_x11() {
        context.launch_failed(&token);
    }
    Some(token.into())
}
