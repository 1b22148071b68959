//! Which daemons there are, how each is started, and where its popup is hit.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::programs;
use crate::session::Session;

/// Which daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// dunst, on X11.
    Dunst,
    /// mako, on Wayland.
    Mako,
    /// swaync, on Wayland.
    Swaync,
    /// xfce4-notifyd, on X11.
    XfceNotifyd,
    /// GNOME's old notification-daemon, on X11.
    NotificationDaemon,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Dunst, Self::Mako, Self::Swaync, Self::XfceNotifyd, Self::NotificationDaemon];

    /// Whether it needs a Wayland compositor; the others need an X server.
    #[must_use]
    pub fn on_wayland(self) -> bool {
        matches!(self, Self::Mako | Self::Swaync)
    }

    /// Its program and arguments, after writing its settings into the session:
    /// popups at the top left that stay until they are dealt with, where it
    /// can be told so.
    ///
    /// # Panics
    /// If the daemon is not installed.
    pub async fn argv(self, session: &Session) -> Vec<String> {
        match self {
            Self::Dunst => with_settings(session, "dunst", "-config", DUNST),
            Self::Mako => with_settings(session, "mako", "--config", MAKO),
            Self::Swaync => with_settings(session, "swaync", "--config", SWAYNC),
            Self::XfceNotifyd => {
                session.add_service(&programs::find(XFCONF)).await;
                vec![in_one_of(XFCE_PLACES)]
            }
            Self::NotificationDaemon => vec![in_one_of(NOTIFICATION_DAEMON_PLACES)],
        }
    }

    /// A command that starts it in the session.
    ///
    /// # Panics
    /// If the daemon is not installed.
    pub async fn command(self, session: &Session) -> Command {
        let argv = self.argv(session).await;
        let mut command = session.command(&argv[0]);
        command.args(&argv[1..]);
        command
    }

    /// The class of its windows, where X11 shows them.
    pub(super) fn window_class(self) -> Option<&'static str> {
        match self {
            Self::Dunst => Some("Dunst"),
            Self::XfceNotifyd => Some("xfce4-notifyd"),
            Self::NotificationDaemon => Some("notification-daemon"),
            Self::Mako | Self::Swaync => None,
        }
    }

    /// Where in a popup a click means its default action, in pixels: xfce
    /// draws it as its first button below a line of text.
    pub(super) fn default_action_at(self) -> (u32, u32) {
        match self {
            Self::XfceNotifyd => (60, 75),
            Self::Dunst | Self::Mako | Self::Swaync | Self::NotificationDaemon => (40, 25),
        }
    }
}

fn with_settings(session: &Session, program: &str, option: &str, settings: &str) -> Vec<String> {
    let file = session.config_home().join(format!("{program}.conf"));
    fs::write(&file, settings).unwrap();
    [programs::find(program), PathBuf::from(option), file].iter().map(|part| part.display().to_string()).collect()
}

fn in_one_of(places: &[&str]) -> String {
    programs::find_in(places).display().to_string()
}

const XFCONF: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";

const XFCE_PLACES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd",
    "/usr/lib/aarch64-linux-gnu/xfce4/notifyd/xfce4-notifyd",
    "/usr/lib/xfce4/notifyd/xfce4-notifyd",
    "/usr/lib64/xfce4/notifyd/xfce4-notifyd",
];

const NOTIFICATION_DAEMON_PLACES: &[&str] = &[
    "/usr/lib/notification-daemon/notification-daemon",
    "/usr/lib/notification-daemon-1.0/notification-daemon",
    "/usr/libexec/notification-daemon",
];

const DUNST: &str = "[global]
origin = top-left
offset = 10x10
width = 300
notification_limit = 0
indicate_hidden = no
sort = no
show_indicators = no
mouse_left_click = do_action, close_current
mouse_right_click = close_current
[urgency_low]
timeout = 0
[urgency_normal]
timeout = 0
[urgency_critical]
timeout = 0
";

const MAKO: &str = "anchor=top-left
margin=10
width=300
max-visible=-1
sort=+time
default-timeout=0
";

const SWAYNC: &str = r#"{
  "positionX": "left",
  "positionY": "top",
  "timeout": 0,
  "timeout-low": 0,
  "timeout-critical": 0,
  "transition-time": 0
}
"#;
