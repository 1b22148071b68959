//! The one window: how it is made, shown again, and kept from leaving its own page.
//!
//! It must not know what the page shows.

use crate::appearance;
use tauri::utils::config::WebviewUrl;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::window::Color;
use tauri::{AppHandle, Manager, Url, Webview, WebviewWindowBuilder};

/// The window's label: capabilities and events name it.
pub(crate) const MAIN: &str = "main";

const SIZE: (f64, f64) = (1200.0, 760.0);
const MIN_SIZE: (f64, f64) = (480.0, 420.0);
/// The page's grounds: `--paper` of its style.
const LIGHT: Color = Color(0xf5, 0xf3, 0xee, 0xff);
const DARK: Color = Color(0x0e, 0x16, 0x1a, 0xff);

/// Has WebKit draw through shared memory unless the user chose otherwise: through DMA-BUF, windows stay blank with
/// NVIDIA's driver, and 65 MiB more are used. To be called before any thread is started.
pub(crate) fn prefer_shared_memory() {
    if let Err(error) = glib::setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1", false) {
        eprintln!("tidegate-app: cannot set WEBKIT_DISABLE_DMABUF_RENDERER: {error}");
    }
}

/// Finds the display. Without one GTK would end the program with a trace that says nothing to a person.
///
/// # Errors
/// What was looked for, and what to do.
pub(crate) fn find_display() -> Result<(), String> {
    gtk::init().map_err(|_| {
        let said = |name: &str| match std::env::var(name) {
            Ok(display) if !display.is_empty() => format!("{name} is {display:?}"),
            Ok(_) | Err(_) => format!("{name} is not set"),
        };
        let (wayland, x11) = (said("WAYLAND_DISPLAY"), said("DISPLAY"));
        format!(
            "no display can be reached ({wayland}, {x11}); run this inside your desktop session, or use `tidegate status`"
        )
    })
}

/// Opens the window.
///
/// It is there at once, in the page's own colour, and its page is put into it once loaded. Before, WebKit's drawing would
/// wait for the page while the page waits for its files, which this thread hands out, until half a second is over; a
/// window that comes with its page comes later.
///
/// # Errors
/// When GTK or WebKit cannot make it.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Tidegate")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1)
        .background_color(ground())
        .visible(false)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                report("show the page", AsRef::<Webview>::as_ref(&window).show());
            }
        })
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    AsRef::<Webview>::as_ref(&window).hide()?;
    window.show()?;
    appearance::on_change(move || report("colour the window", window.set_background_color(Some(ground()))));
    Ok(())
}

/// What the page's ground will be.
fn ground() -> Color {
    if appearance::is_dark() { DARK } else { LIGHT }
}

/// Brings the window to the front: what a second start of the program does.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    report("bring the window to the front", shown);
}

/// There is nobody to give these errors to but the log.
pub(crate) fn report(operation: &str, result: tauri::Result<()>) {
    if let Err(error) = result {
        eprintln!("tidegate-app: cannot {operation}: {error}");
    }
}

/// The page that the program carries, and nothing else.
fn is_our_page(url: &Url) -> bool {
    url.scheme() == "tauri" && url.host_str() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grounds_are_the_pages_own() {
        let style = include_str!("../../ui/src/app.css");
        let grounds: Vec<_> = style.lines().filter_map(|line| line.trim().strip_prefix("--paper: #")).collect();
        let hex = |Color(red, green, blue, _): Color| format!("{red:02x}{green:02x}{blue:02x};");
        assert_eq!(grounds, [hex(LIGHT), hex(DARK)]);
    }

    #[test]
    fn the_window_stays_on_its_own_page() {
        let cases = [
            ("tauri://localhost/", true),
            ("tauri://localhost/#held", true),
            ("tauri://elsewhere/", false),
            ("http://localhost/", false),
            ("https://example.org/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
            ("about:blank", false),
        ];
        for (url, expected) in cases {
            assert_eq!(is_our_page(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
