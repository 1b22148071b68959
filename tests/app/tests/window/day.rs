//! A whole day by keyboard alone, and by mouse alone; each also with thousands held. Must not know what happens in it.

mod keyboard;
mod mouse;

use crate::opener::gate_open;
use crate::window::Window;
use keyboard::Keyboard;
use mouse::Mouse;
use tidegate_tests_process::Stand;
use tidegate_tests_process::day::{MANY, lives};

impl Window {
    /// From now on counts what a script's condition on `event` means of these events.
    async fn counts(&self, event: &str, condition: &str) {
        let script = format!(
            "window.strayed = 0;
            addEventListener('{event}', event => {{ if ({condition}) window.strayed += 1 }}, true)"
        );
        self.script(&script).await;
    }

    /// Waits until the page lists what the daemon holds, at its place: what moves meanwhile could be missed.
    async fn lists_what_is_held(&self, stand: &Stand) {
        let view = stand.view().await;
        let script = format!(
            "const row = document.querySelector('[role=option]');
            const hasLater = document.body.textContent.includes('Later, by');
            return row?.ariaSetSize === '{}' && hasLater === {}",
            view.held,
            view.later > 0
        );
        self.until("what is held", &script).await;
    }

    /// None came.
    async fn counted_none(&self) {
        assert_eq!(self.script("return window.strayed").await, 0);
    }
}

async fn by_keyboard(besides: usize) {
    let (mut stand, window) = gate_open().await;
    window.counts("pointerdown", "true").await;
    lives(&mut stand, besides, &mut Keyboard(&window, "")).await;
    window.counted_none().await;
}

async fn by_mouse(besides: usize) {
    let (mut stand, window) = gate_open().await;
    window.counts("keydown", "event.target.tagName !== 'INPUT'").await;
    lives(&mut stand, besides, &mut Mouse(&window)).await;
    window.counted_none().await;
}

#[tokio::test]
async fn a_day_by_keyboard_alone() {
    by_keyboard(0).await;
}

#[tokio::test]
async fn a_day_by_mouse_alone() {
    by_mouse(0).await;
}

#[tokio::test]
async fn a_day_by_keyboard_alone_with_thousands_held() {
    by_keyboard(MANY).await;
}

#[tokio::test]
async fn a_day_by_mouse_alone_with_thousands_held() {
    by_mouse(MANY).await;
}
