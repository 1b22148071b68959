//! A Wayland compositor without a monitor.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Piped;
use crate::session::Session;
use crate::wait::DEADLINE;

/// The user and group `nobody`: sway refuses to run as root.
const NOBODY: u32 = 65_534;

/// A headless sway. Dropping it ends it.
#[derive(Debug)]
pub struct Sway {
    _process: Piped,
    socket: PathBuf,
    ipc: PathBuf,
}

impl Sway {
    /// Starts it, waits until it takes clients, and exports `WAYLAND_DISPLAY`
    /// and `SWAYSOCK` to the session.
    ///
    /// # Panics
    /// If sway is missing or does not come up.
    pub async fn start(session: &Session) -> Self {
        let folder = session.join("sway");
        fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
        fs::write(folder.join("config"), CONFIG).unwrap();
        let mut process = session.spawn_piped(command(session, &folder));
        let ready = process.line(DEADLINE).await;
        let (display, ipc) = ready.split_once(' ').expect("sway's display and socket");
        let (socket, ipc) = (folder.join(display), PathBuf::from(ipc));
        session.export("WAYLAND_DISPLAY", &socket.to_string_lossy()).await;
        session.export("SWAYSOCK", &ipc.to_string_lossy()).await;
        session.export("XDG_SESSION_TYPE", "wayland").await;
        session.export("XDG_CURRENT_DESKTOP", "sway").await;
        Self { _process: process, socket, ipc }
    }

    /// The Wayland socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Has sway run one of its commands.
    ///
    /// # Panics
    /// If `swaymsg` is missing or sway refuses.
    pub async fn msg(&self, session: &Session, command: &str) -> String {
        let mut swaymsg = session.command("swaymsg");
        swaymsg.arg("--socket").arg(&self.ipc).arg(command);
        session.run_command(swaymsg).await.ok()
    }

    /// Writes a picture of the whole screen to `path` (PNG).
    ///
    /// # Panics
    /// If grim is missing or fails.
    pub async fn shot(&self, session: &Session, path: &Path) {
        session.run("grim", [path]).await.ok();
    }
}

/// `exec` runs once the sockets are there; its output is sway's own.
const CONFIG: &str = r#"output HEADLESS-1 resolution 1280x800
output HEADLESS-1 bg #335577 solid_color
seat seat0 fallback true
xwayland disable
exec echo "$WAYLAND_DISPLAY $SWAYSOCK"
"#;

fn command(session: &Session, folder: &Path) -> Command {
    let mut command = session.command("sway");
    command.arg("--config").arg(folder.join("config")).arg("--unsupported-gpu");
    command.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("DISPLAY");
    command.envs([("WLR_BACKENDS", "headless"), ("WLR_LIBINPUT_NO_DEVICES", "1"), ("WLR_RENDERER", "pixman")]);
    command.env("XDG_RUNTIME_DIR", folder).env("HOME", folder).current_dir(folder);
    if rustix::process::geteuid().is_root() {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        chown(folder.join("config"), Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}
