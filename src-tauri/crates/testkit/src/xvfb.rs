//! An X11 screen without a monitor, with a window manager on it.

use std::path::Path;
use std::process::Command;

use crate::process::Piped;
use crate::session::Session;
use crate::wait::DEADLINE;

/// From this number on displays are apart from those that are given out in turn.
const APART: u32 = 10_000;

/// Xvfb with openbox. Dropping it ends both.
#[derive(Debug)]
pub struct Xvfb {
    // Ends before the screen it draws on.
    _window_manager: Piped,
    _server: Piped,
    display: String,
}

impl Xvfb {
    /// Starts it on the first free display, waits until the window manager
    /// manages it, and exports `DISPLAY` to the session.
    ///
    /// # Panics
    /// If Xvfb or openbox is missing or does not come up.
    pub async fn start(session: &Session) -> Self {
        Self::start_with(session, session.command("Xvfb")).await
    }

    /// The same on a display that no other gets once this one has ended: its number is not among the first.
    ///
    /// # Panics
    /// As for [`Xvfb::start`].
    pub async fn start_apart(session: &Session) -> Self {
        let mut server = session.command("Xvfb");
        server.arg(format!(":{}", APART + std::process::id() % APART));
        Self::start_with(session, server).await
    }

    async fn start_with(session: &Session, mut server: Command) -> Self {
        server.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        let mut server = session.spawn_piped(server);
        let display = format!(":{}", server.line(DEADLINE).await.trim());
        session.export("DISPLAY", &display).await;
        session.export("XDG_SESSION_TYPE", "x11").await;
        let _window_manager = window_manager(session).await;
        Self { _window_manager, _server: server, display }
    }

    /// The display's name, such as `:1`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Writes a picture of the whole screen to `path` (PNG by its name).
    ///
    /// # Panics
    /// If ImageMagick is missing or fails.
    pub async fn shot(&self, session: &Session, path: &Path) {
        let mut import = session.command("import");
        import.args(["-display", &self.display, "-window", "root"]).arg(path);
        session.run_command(import).await.ok();
    }
}

/// Openbox runs its start-up command once it manages the screen.
async fn window_manager(session: &Session) -> Piped {
    let mut openbox = session.command("openbox");
    openbox.args(["--sm-disable", "--startup", "echo managing"]);
    let mut openbox = session.spawn_piped(openbox);
    openbox.line(DEADLINE).await;
    openbox
}
