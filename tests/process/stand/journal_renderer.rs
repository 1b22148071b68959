//! A notification daemon for tests that kill it: what it was given to show is in the file that its first argument names,
//! before it is answered. Like any other it owns the name on the bus of its environment, and knows nothing of a gate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;
use tidegate_testkit::{NOTIFICATIONS, Recorded, RecordingRenderer, Signal};
use zbus::fdo::RequestNameFlags;

/// When more are on the screen, the user dismisses the oldest.
const MOST_ON_SCREEN: usize = 8;
const EXPIRED: u32 = 1;
const DISMISSED: u32 = 2;
/// A test has ended long before.
const FOR_EVER: Duration = Duration::from_secs(3_600);
/// The gate gives its calls serials from here on, far from those that libraries count.
const GATES_FIRST_SERIAL: u32 = 1 << 31;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let journal = std::env::args_os().nth(1).map(PathBuf::from).expect("usage: journal-renderer FILE");
    let conn = zbus::Connection::session().await.unwrap();
    let renderer = RecordingRenderer::serve(&conn);
    renderer.keep_journal(&journal);
    conn.request_name_with_flags(NOTIFICATIONS, RequestNameFlags::DoNotQueue.into()).await.unwrap();
    let (mut seen, mut on_screen) = (0, VecDeque::new());
    loop {
        let calls = renderer.wait_notified(seen + 1, FOR_EVER).await;
        for call in &calls[seen..] {
            show(&renderer, call, &mut on_screen).await;
        }
        seen = calls.len();
    }
}

/// Time does not pass here: one with a time-out is over at once.
async fn show(renderer: &RecordingRenderer, call: &Recorded, on_screen: &mut VecDeque<Recorded>) {
    let fields = call.fields();
    if fields.timeout > 0 {
        renderer.emit_to_caller(call, &Signal::Closed(call.id(), EXPIRED)).await;
    } else if fields.replaces_id == 0 && call.message().primary_header().serial_num().get() >= GATES_FIRST_SERIAL {
        on_screen.push_back(call.clone());
    }
    if on_screen.len() > MOST_ON_SCREEN
        && let Some(oldest) = on_screen.pop_front()
    {
        renderer.emit_to_caller(&oldest, &Signal::Closed(oldest.id(), DISMISSED)).await;
    }
}
