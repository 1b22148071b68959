//! What the page may do with its own window: close it, and be drawn larger or smaller.
//!
//! It must not know which key asks for it.
// `tauri::command` writes such a `let` of its own.
#![allow(clippy::let_underscore_must_use)]

use crate::windows::report;
use tauri::WebviewWindow;

/// How small and how large the page may be drawn.
const ZOOM: (f64, f64) = (0.5, 3.0);

/// Closes the window, and with it ends the program. The gate stays as it is.
#[tauri::command]
pub(crate) fn close_window(window: WebviewWindow) {
    report("close the window", window.close());
}

/// Draws the page so many times as large as it is by itself.
#[tauri::command]
pub(crate) fn zoom(window: WebviewWindow, factor: f64) {
    report("draw the page larger or smaller", window.set_zoom(factor.clamp(ZOOM.0, ZOOM.1)));
}
