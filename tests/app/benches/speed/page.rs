//! What the page itself measures: its frames while it is scrolled, and the longest time in which it could do nothing else.
//! Must not know where the rows come from.

use crate::window::Window;
use serde_json::Value;
use std::time::Duration;
use tidegate_testkit::within;

/// Scrolls the list by so many pixels a frame, for four seconds; answers with the frames' times in milliseconds.
const SCROLL: &str = "
    const [step, done] = arguments;
    const list = document.querySelector('.scroller');
    const frames = [];
    let last = null;
    const frame = now => {
        if (last !== null) frames.push(now - last);
        last = now;
        list.scrollTop += step;
        if (frames.reduce((sum, one) => sum + one, 0) < 4000) requestAnimationFrame(frame);
        else done(frames);
    };
    requestAnimationFrame(frame);";

/// Starts to note how long the page's thread is away.
const WATCH: &str = "
    window.longest = 0;
    let last = performance.now();
    window.watching = setInterval(() => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last - 10);
        last = now;
    }, 10);";

/// The times of the frames while the list is scrolled, in milliseconds, sorted.
pub(crate) async fn frames(window: &Window, step: u32) -> Vec<f64> {
    let scroll = window.client.execute_async(SCROLL, vec![step.into()]);
    let frames = within(Duration::from_secs(120), "four seconds of scrolling", scroll).await.unwrap();
    let mut frames: Vec<f64> = frames.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    frames.sort_by(f64::total_cmp);
    frames
}

/// From now on the page notes its longest task.
pub(crate) async fn watch_tasks(window: &Window) {
    window.script(WATCH).await;
}

/// The longest task since [`watch_tasks`], in milliseconds.
pub(crate) async fn longest_task(window: &Window) -> f64 {
    window.script("clearInterval(window.watching); return window.longest").await.as_f64().unwrap()
}
