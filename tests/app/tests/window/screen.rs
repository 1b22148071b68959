//! A screen whose own memory is read, so that nothing on it is missed and looking disturbs nobody. Must not know what is
//! on it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use tidegate_testkit::{DEADLINE, Piped, Session};

/// The screen's size in pixels, of four bytes each.
const SIZE: (usize, usize) = (1_280, 800);
/// One line of so many is looked at: no line of text is lower.
const EVERY: usize = 4;
/// Smooth letters have more colours than this; a window's own grounds, before its page is drawn, have fewer.
const COLOURS: usize = 8;

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

    /// The colours on it, as blue, green and red; after the first few it is not looked further. A look must cost next to
    /// nothing: there are few processors, and the window needs them.
    pub(crate) fn colours(&self) -> Vec<[u8; 3]> {
        let mut colours = vec![];
        let mut line = [0; SIZE.0 * 4];
        for y in (0..SIZE.1).step_by(EVERY) {
            let at = self.pixels + (y * line.len()) as u64;
            self.memory.read_exact_at(&mut line, at).unwrap();
            // Most points have the colour of the one before them.
            let mut last = None;
            for &[blue, green, red, _] in line.as_chunks::<4>().0 {
                let colour = [blue, green, red];
                if last != Some(colour) && !colours.contains(&colour) {
                    colours.push(colour);
                }
                if colours.len() > COLOURS {
                    return colours;
                }
                last = Some(colour);
            }
        }
        colours
    }

    /// Whether there are words on it.
    pub(crate) fn has_words(&self) -> bool {
        self.colours().len() > COLOURS
    }
}
