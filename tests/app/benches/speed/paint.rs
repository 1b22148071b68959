//! From the start of a program to the first words on the screen, read from the screen's own memory. Must not know which
//! program it is.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tidegate_testkit::{DEADLINE, Piped, Process, Session, within};

/// The screen's size in pixels, of four bytes each.
const SIZE: (usize, usize) = (1_280, 800);
/// One line of so many is looked at: no line of text is lower.
const EVERY: usize = 4;
/// Smooth letters have more colours than this; a window's own grounds, before its page is drawn, have fewer.
const COLOURS: usize = 8;
/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(3);

/// An X11 screen in a file, without a window manager: all that is on it is the window's own.
pub(crate) struct Screen {
    memory: File,
    pixels: u64,
    _server: Piped,
}

impl Screen {
    /// Starts it and exports `DISPLAY`.
    pub(crate) async fn start(session: &Session) -> Self {
        let folder = session.join("screen");
        std::fs::create_dir_all(&folder).unwrap();
        let mut server = session.command("Xvfb");
        let size = format!("{}x{}x24", SIZE.0, SIZE.1);
        server.args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset", "-fbdir"]).arg(&folder);
        let mut server = session.spawn_piped(server);
        session.export("DISPLAY", &format!(":{}", server.line(DEADLINE).await.trim())).await;
        let memory = File::open(folder.join("Xvfb_screen0")).unwrap();
        // The picture is the end of the file, after a head whose length depends on the screen's colours.
        let pixels = memory.metadata().unwrap().len() - (SIZE.0 * SIZE.1 * 4) as u64;
        Self { memory, pixels, _server: server }
    }

    /// Whether there are words on it. A look must cost next to nothing: there are few processors, and the window needs them.
    fn has_words(&self) -> bool {
        let mut colours = Vec::with_capacity(COLOURS);
        let mut line = [0; SIZE.0 * 4];
        for y in (0..SIZE.1).step_by(EVERY) {
            let at = self.pixels + (y * line.len()) as u64;
            self.memory.read_exact_at(&mut line, at).unwrap();
            // Most points have the colour of the one before them.
            for [one, next] in line.as_chunks::<4>().0.array_windows() {
                if next != one && !colours.contains(next) {
                    colours.push(*next);
                }
                if colours.len() > COLOURS {
                    return true;
                }
            }
        }
        false
    }

    /// Waits until there are words on it, or none.
    pub(crate) async fn until_words(&self, wanted: bool) {
        let mut looks = tokio::time::interval(LOOK);
        let look = async {
            while self.has_words() != wanted {
                looks.tick().await;
            }
        };
        within(DEADLINE, "the screen", look).await;
    }
}

/// Starts a program and waits for its first words: how long that took, in milliseconds, and the program.
pub(crate) async fn first_paint(session: &Session, screen: &Screen, program: PathBuf) -> (f64, Process) {
    screen.until_words(false).await;
    let command = session.command(program);
    let began = Instant::now();
    let process = session.spawn(command);
    screen.until_words(true).await;
    (began.elapsed().as_secs_f64() * 1_000.0, process)
}
