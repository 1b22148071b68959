//! Which Debian package brings which program, so that a missing one fails with
//! what to install. Knows nothing of how the programs are used.

use std::path::{Path, PathBuf};

/// Where the programs of a session are looked for.
pub(crate) const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

const PACKAGES: &[(&str, &str)] = &[
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("Xvfb", "xvfb"),
    ("convert", "imagemagick"),
    ("dbus-daemon", "dbus"),
    ("dunst", "dunst"),
    ("dunstctl", "dunst"),
    ("grim", "grim"),
    ("import", "imagemagick"),
    ("mako", "mako-notifier"),
    ("makoctl", "mako-notifier"),
    ("notification-daemon", "notification-daemon"),
    ("notify-send", "libnotify-bin"),
    ("openbox", "openbox"),
    ("org.a11y.Bus.service", "at-spi2-core"),
    ("org.xfce.Xfconf.service", "xfconf"),
    ("python3", "python3-gi gir1.2-notify-0.7 gir1.2-atspi-2.0 python3-dbusmock python3-pyqt5"),
    ("setxkbmap", "x11-xkb-utils"),
    ("strace", "strace"),
    ("systemd", "systemd"),
    ("systemd-run", "systemd"),
    ("sway", "sway"),
    ("swaymsg", "sway"),
    ("swaync", "sway-notification-center"),
    ("waybar", "waybar"),
    ("xdotool", "xdotool"),
    ("xfce4-notifyd", "xfce4-notifyd"),
    ("xfce4-panel", "xfce4-panel"),
];

/// What `scripts/setup` brings without a package being installed.
const UNPACKED: &[&str] = &["dbus-broker"];

/// The absolute path of `program`, given bare or absolute.
///
/// # Panics
/// If it is not installed, with the package that brings it.
pub(crate) fn find(program: &str) -> PathBuf {
    if program.contains('/') {
        return existing(Path::new(program)).unwrap_or_else(|| missing(program));
    }
    PATH.split(':').find_map(|folder| existing(&Path::new(folder).join(program))).unwrap_or_else(|| missing(program))
}

/// The first of several places where distributions put a daemon.
///
/// # Panics
/// If it is in none of them.
pub(crate) fn find_in(places: &[&str]) -> PathBuf {
    places
        .iter()
        .find_map(|place| existing(Path::new(place)))
        .unwrap_or_else(|| missing(places.first().copied().unwrap_or_default()))
}

fn existing(path: &Path) -> Option<PathBuf> {
    path.is_file().then(|| path.to_path_buf())
}

fn missing(program: &str) -> ! {
    let name = program.rsplit('/').next().unwrap_or(program);
    assert!(!UNPACKED.contains(&name), "{name} is missing here: scripts/setup test");
    match PACKAGES.iter().find(|(known, _)| *known == name) {
        Some((_, package)) => {
            panic!("{program} is missing here: apt-get install {package}")
        }
        None => panic!("{program} is missing here"),
    }
}
