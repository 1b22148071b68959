//! Light or dark, as the desktop's settings portal says: GTK 3 alone does not hear of it. The answer becomes GTK's
//! setting, which WebKit goes by.
//!
//! Without a portal GTK's own theme decides. It must not know what the page looks like.

use crate::windows::report;
use futures_util::StreamExt;
use gtk::prelude::GtkSettingsExt;
use std::time::Duration;
use tauri::AppHandle;
use tauri::async_runtime::JoinHandle;
use zbus::proxy::MethodFlags;
use zbus::zvariant::{OwnedValue, Value};

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
/// How long the window may wait for a portal that runs. It answers in about a millisecond, on a busy machine later.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Dark,
    Light,
}

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

/// Whether WebKit draws the page for a dark desktop now: it goes by GTK's settings, and by how the theme is called. GTK's
/// main thread only.
pub(crate) fn is_dark() -> bool {
    let settings = gtk::Settings::default();
    let prefers_dark = settings.as_ref().is_some_and(GtkSettingsExt::is_gtk_application_prefer_dark_theme);
    // GTK takes this theme before the settings' one.
    let theme = std::env::var("GTK_THEME").ok();
    let theme = theme.or_else(|| settings.and_then(|settings| settings.gtk_theme_name()).map(String::from));
    prefers_dark || theme.is_some_and(|theme| is_called_dark(&theme))
}

fn is_called_dark(theme: &str) -> bool {
    [":dark", "-dark", "-Dark"].iter().any(|end| theme.ends_with(end))
}

/// Calls back whenever [`is_dark`] may say something else. GTK's main thread only.
pub(crate) fn on_change(call: impl Fn() + Clone + 'static) {
    let Some(settings) = gtk::Settings::default() else { return };
    let again = call.clone();
    settings.connect_gtk_application_prefer_dark_theme_notify(move |_| call());
    settings.connect_gtk_theme_name_notify(move |_| again());
}

/// What a portal that runs answers, asked while the program starts.
pub(crate) struct Asked(JoinHandle<zbus::Result<Option<Scheme>>>);

impl Asked {
    pub(crate) fn now() -> Self {
        Self(tauri::async_runtime::spawn(ask_one_that_runs()))
    }

    /// Takes the answer, so that the window opens as it will stay. GTK's main thread only.
    pub(crate) fn take(self) {
        let answer = tauri::async_runtime::block_on(async { tokio::time::timeout(PATIENCE, self.0).await });
        // Without an answer, [`follow`] will say why.
        if let Ok(Ok(Ok(Some(scheme)))) = answer {
            prefer(Some(scheme));
        }
    }
}

async fn ask_one_that_runs() -> zbus::Result<Option<Scheme>> {
    let bus = tidegate_bus::session().await?;
    let settings = SettingsProxy::new(&bus).await?;
    let flags = MethodFlags::NoAutoStart.into();
    let answer: Option<OwnedValue> = settings.inner().call_with_flags("Read", flags, &(NAMESPACE, KEY)).await?;
    Ok(answer.and_then(|answer| scheme(&answer)))
}

/// Follows the setting until the window closes, or until it turns out that there is nothing to follow.
pub(crate) async fn follow(app: AppHandle) {
    if let Err(error) = try_follow(&app).await {
        eprintln!("tidegate-app: light or dark is left to GTK: {error}");
    }
}

async fn try_follow(app: &AppHandle) -> zbus::Result<()> {
    let bus = tidegate_bus::session().await?;
    let settings = SettingsProxy::new(&bus).await?;
    let mut changes = settings.receive_setting_changed_with_args(&[(0, NAMESPACE), (1, KEY)]).await?;
    if let Some(wanted) = scheme(&*settings.read(NAMESPACE, KEY).await?) {
        apply(app, Some(wanted));
    }
    while let Some(change) = changes.next().await {
        apply(app, scheme(change.args()?.value()));
    }
    Ok(())
}

fn apply(app: &AppHandle, scheme: Option<Scheme>) {
    report("change between light and dark", app.run_on_main_thread(move || prefer(scheme)));
}

/// Without a preference it is as GTK's own settings have it.
fn prefer(scheme: Option<Scheme>) {
    let Some(settings) = gtk::Settings::default() else { return };
    match scheme {
        Some(scheme) => settings.set_gtk_application_prefer_dark_theme(scheme == Scheme::Dark),
        None => settings.reset_property("gtk-application-prefer-dark-theme"),
    }
}

/// 1 is dark, 2 is light; 0 is no preference, and so is what this does not know. `Read` wraps its answer twice.
fn scheme(mut value: &Value<'_>) -> Option<Scheme> {
    while let Value::Value(inner) = value {
        value = inner;
    }
    match value.downcast_ref::<u32>() {
        Ok(1) => Some(Scheme::Dark),
        Ok(2) => Some(Scheme::Light),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_dark_by_its_name() {
        let dark = ["Adwaita:dark", "Adwaita-dark", "Arc-Dark"];
        assert!(dark.iter().all(|theme| is_called_dark(theme)));
        assert!(!["Adwaita", "Darkness", "", "dark"].iter().any(|theme| is_called_dark(theme)));
    }

    #[test]
    fn the_portals_answer_is_read_however_deep_it_is_wrapped() {
        let wrapped = |value: u32| Value::Value(Box::new(Value::Value(Box::new(Value::U32(value)))));
        assert_eq!(scheme(&wrapped(1)), Some(Scheme::Dark));
        assert_eq!(scheme(&Value::U32(2)), Some(Scheme::Light));
        assert_eq!(scheme(&wrapped(0)), None);
        assert_eq!(scheme(&Value::from("dark")), None);
    }
}
