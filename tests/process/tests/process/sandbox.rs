//! An app in a sandbox as Flatpak makes it: a root of its own, in which a file says who it is. Knows how to build one from
//! what every system has, and nothing of notifications but the program that sends one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use tidegate_testkit::{Process, Session};

/// What the sandbox says of the app.
pub(crate) const APP_ID: &str = "org.example.Sandboxed";
/// A picture that is in the sandbox only, and what it holds.
pub(crate) const PICTURE: (&str, &[u8]) = ("/only-in-here.png", b"a picture");

const BUILD: &str = r#"
set -e
mount -t tmpfs none "$ROOT"
cd "$ROOT"
mkdir -p usr etc ".$SESSION"
mount --rbind /usr usr
mount --rbind /etc etc
mount --bind "$SESSION" ".$SESSION"
for name in bin sbin lib lib64; do
  if [ -L "/$name" ]; then cp -P "/$name" .; elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; fi
done
printf '[Application]\nname=%s\n' "$APP_ID" > .flatpak-info
printf '%s' "$CONTENT" > ".$PICTURE"
exec chroot . notify-send --wait --app-name=Claimed --hint=string:desktop-entry:org.example.Claimed --icon="$PICTURE" "$@"
"#;

/// Has `notify-send` send one from a sandbox; it waits there for its end.
pub(crate) fn notify_from_a_sandbox(session: &Session, summary: &str) -> Process {
    let root = session.join("sandbox");
    fs::create_dir(&root).unwrap();
    let mut command = session.command("unshare");
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    command.args(["--mount", "--propagation", "private", "sh", "-c", BUILD, "sh", summary]);
    command.env("ROOT", &root).env("SESSION", session.path()).env("APP_ID", APP_ID);
    command.env("PICTURE", PICTURE.0).env("CONTENT", String::from_utf8(PICTURE.1.to_vec()).unwrap());
    session.spawn(command)
}
