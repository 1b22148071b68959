//! The one window: how it is made, shown again, and kept from leaving its own page.
//!
//! It must not know what the page shows.

use crate::appearance;
use crate::application::{Call, Calls, NAME};
use crate::wish::Wish;
use gtk::gdk::Screen;
use gtk::prelude::{DisplayExtManual, GtkWindowExt, ObjectExt, WidgetExt};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tauri::utils::config::WebviewUrl;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::window::Color;
use tauri::{AppHandle, Emitter, LogicalSize, Manager, Url, Webview, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::oneshot;

/// The window's label: capabilities and events name it.
pub(crate) const MAIN: &str = "main";
/// The event that carries the name of a [`Wish`] to the page.
const WISH: &str = "wish";

const SIZE: (f64, f64) = (1200.0, 760.0);
const MIN_SIZE: (f64, f64) = (360.0, 420.0);
/// How long a compositor may take to let the window come with a token. Not every token is heeded: sway only marks the window
/// as urgent unless it is told otherwise, and a terminal may hand on the one that it was started with.
const HEEDED_WITHIN: Duration = Duration::from_millis(500);
/// For fonts, in dots an inch.
const USUAL_RESOLUTION: f64 = 96.0;
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

/// Finds the display, where shells know the windows of this program by its name. Without one GTK would end the program with
/// a trace that says nothing to a person.
///
/// # Errors
/// What was looked for, and what to do.
pub(crate) fn find_display() -> Result<(), String> {
    glib::set_prgname(Some(NAME));
    gtk::init().map(|()| gtk::gdk::set_program_class(NAME)).map_err(|_| {
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
pub(crate) fn open(app: &AppHandle, wish: Wish) -> tauri::Result<()> {
    let (width, height) = size_that_fits(app);
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(page(wish).into()))
        .title("Tidegate")
        .inner_size(width, height)
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1)
        .background_color(ground())
        .visible(false)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                report("show the page", AsRef::<Webview>::as_ref(&window).show());
            }
        })
        .on_document_title_changed(|window, title| report("name the window", window.set_title(&title)))
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

/// The page, and what it is to show first.
fn page(wish: Wish) -> String {
    wish.name().map_or_else(|| "index.html".to_owned(), |name| format!("index.html#{name}"))
}

/// As large as its text, and no larger than what panels leave of the screen, in pixels of the window.
fn size_that_fits(app: &AppHandle) -> (f64, f64) {
    let scale = text_scale();
    let (width, height) = (SIZE.0 * scale, SIZE.1 * scale);
    let Ok(Some(monitor)) = app.primary_monitor() else { return (width, height) };
    let room: LogicalSize<f64> = monitor.work_area().size.to_logical(monitor.scale_factor());
    (width.min(room.width), height.min(room.height))
}

/// How many times as large as usual the desktop has text: WebKit draws the whole page so. GTK's main thread only.
fn text_scale() -> f64 {
    let resolution = Screen::default().map_or(0.0, |screen| screen.resolution());
    if resolution > 0.0 { (resolution / USUAL_RESOLUTION).clamp(0.5, 3.0) } else { 1.0 }
}

/// Brings the window to the front whenever it is called for.
pub(crate) async fn come_when_called(app: AppHandle, calls: Option<Calls>) {
    let Some(mut calls) = calls else { return };
    while let Some(call) = calls.next().await {
        let Some(window) = app.get_webview_window(MAIN) else { return };
        if let Some(wish) = call.wish.name() {
            report("tell the page what is wished", app.emit_to(MAIN, WISH, wish));
        }
        let (done, presented) = oneshot::channel();
        let bring = move || {
            present(&window, &call);
            done.send(()).ok();
        };
        report("bring the window to the front", app.run_on_main_thread(bring));
        // One at a time: what is called for meanwhile waits here, where it is bounded.
        presented.await.ok();
    }
}

/// With a token the display lets it come; a window that is shown anew comes on Wayland also without. GTK's main thread only.
fn present(window: &WebviewWindow, call: &Call) {
    let Ok(gtk_window) = window.gtk_window() else { return };
    gtk_window.deiconify();
    let is_wayland = gtk_window.display().backend().is_wayland();
    match &call.token {
        Some(token) => {
            gtk_window.set_startup_id(token);
            gtk_window.present();
            if is_wayland {
                show_anew_unless_it_comes(gtk_window);
            }
        }
        None if is_wayland => show_anew(&gtk_window),
        None => report("bring the window to the front", window.show().and_then(|()| window.set_focus())),
    }
}

/// One that came may have been left again since, and stays where it is.
fn show_anew_unless_it_comes(window: gtk::ApplicationWindow) {
    let came = Rc::new(Cell::new(window.is_active()));
    let watched = came.clone();
    let watch = window.connect_is_active_notify(move |window| watched.set(watched.get() || window.is_active()));
    glib::timeout_add_local_once(HEEDED_WITHIN, move || {
        window.disconnect(watch);
        if window.is_visible() && !came.get() {
            show_anew(&window);
        }
    });
}

/// Unless it is in front already.
fn show_anew(window: &gtk::ApplicationWindow) {
    if !window.is_active() {
        window.hide();
        window.show();
        window.present();
    }
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
