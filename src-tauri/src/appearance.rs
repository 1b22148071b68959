//! Light or dark, as the desktop's settings portal says: GTK 3 alone does not hear of it.
//!
//! Without a portal GTK's own theme decides. It must not know what the page looks like.

use crate::windows::MAIN;
use futures_util::StreamExt;
use tauri::{AppHandle, Manager, Theme};
use zbus::zvariant::{OwnedValue, Value};

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html>
#[zbus::proxy(
    interface = "org.freedesktop.portal.Settings",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_blocking = false
)]
trait Settings {
    fn read(&self, namespace: &str, key: &str) -> zbus::Result<OwnedValue>;
    #[zbus(signal)]
    fn setting_changed(&self, namespace: &str, key: &str, value: Value<'_>) -> zbus::Result<()>;
}

/// Follows the setting until the window closes, or until it turns out that there is nothing to follow.
pub(crate) async fn follow(app: AppHandle) {
    if let Err(error) = try_follow(&app).await {
        eprintln!("tidegate-app: light or dark is left to GTK: {error}");
    }
}

async fn try_follow(app: &AppHandle) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let settings = SettingsProxy::new(&bus).await?;
    let mut changes = settings.receive_setting_changed_with_args(&[(0, NAMESPACE), (1, KEY)]).await?;
    if let Some(wanted) = theme(&*settings.read(NAMESPACE, KEY).await?) {
        apply(app, Some(wanted));
    }
    while let Some(change) = changes.next().await {
        apply(app, theme(change.args()?.value()));
    }
    Ok(())
}

fn apply(app: &AppHandle, theme: Option<Theme>) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    if let Err(error) = window.set_theme(theme) {
        eprintln!("tidegate-app: cannot change between light and dark: {error}");
    }
}

/// 1 is dark, 2 is light; 0 is no preference, and so is what this does not know. `Read` wraps its answer twice.
fn theme(mut value: &Value<'_>) -> Option<Theme> {
    while let Value::Value(inner) = value {
        value = inner;
    }
    match value.downcast_ref::<u32>() {
        Ok(1) => Some(Theme::Dark),
        Ok(2) => Some(Theme::Light),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_answer_is_read_however_deep_it_is_wrapped() {
        let wrapped = |value: u32| Value::Value(Box::new(Value::Value(Box::new(Value::U32(value)))));
        assert_eq!(theme(&wrapped(1)), Some(Theme::Dark));
        assert_eq!(theme(&Value::U32(2)), Some(Theme::Light));
        assert_eq!(theme(&wrapped(0)), None);
        assert_eq!(theme(&Value::from("dark")), None);
    }
}
