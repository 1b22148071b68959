//! From the start of a program to the first words on the screen. Must not know which program it is.

use crate::screen::Screen;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tidegate_testkit::{DEADLINE, Process, Session, within};

/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(3);

/// Starts a program and waits for its first words: how long that took, in milliseconds, and the program.
pub(crate) async fn first_paint(session: &Session, screen: &Screen, program: PathBuf) -> (f64, Process) {
    until_words(screen, false).await;
    let command = session.command(program);
    let began = Instant::now();
    let process = session.spawn(command);
    until_words(screen, true).await;
    (began.elapsed().as_secs_f64() * 1_000.0, process)
}

/// Waits until there are words on the screen, or none.
async fn until_words(screen: &Screen, wanted: bool) {
    let mut looks = tokio::time::interval(LOOK);
    let look = async {
        while screen.has_words() != wanted {
            looks.tick().await;
        }
    };
    within(DEADLINE, "the screen", look).await;
}
