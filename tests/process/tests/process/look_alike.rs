//! Senders that would pass for programs of the system: one that lies at such a program's path in a mount namespace of its
//! own, and one that is such a program and has left its connection to another. Knows how to build them, and nothing of the
//! gate.

use std::os::unix::fs::MetadataExt;
use tidegate_testkit::{NOTIFICATIONS, Notification, Process, Session};
use zbus::Message;

/// A program that is on the safe list.
const TRUSTED: &str = "/usr/libexec/gsd-power";

const IN_ITS_NAMESPACE: &str = r#"
set -e
copy=$(mktemp)
cp "$(command -v notify-send)" "$copy"
mount -t tmpfs none "$(dirname "$TRUSTED")"
cp "$copy" "$TRUSTED"
chmod 755 "$TRUSTED"
rm "$copy"
exec "$TRUSTED" --wait --app-name=Claimed "$@"
"#;

/// Connects, leaves the connection to a child and becomes another program; then the child sends.
const HANDING_OVER: &str = r#"
import os, socket, sys
path, inherited, hello, notify = sys.argv[1], sys.argv[2] == "inherited", *map(bytes.fromhex, sys.argv[3:])
bus = socket.socket(socket.AF_UNIX)
bus.connect(path)
bus.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
bus.recv(4096)
bus.sendall(b"BEGIN\r\n" + hello)
bus.recv(4096)
bus.set_inheritable(inherited)
becomes, until = os.pipe()
if os.fork():
    os.execv("/bin/sleep", ["sleep", "60"])
os.close(until)
os.read(becomes, 1)
bus.sendall(notify)
while bus.recv(4096):
    pass
"#;

/// Has `notify-send` send one from the path of a trusted program that only itself sees; it waits there for its end.
pub(crate) fn notify_from_a_trusted_path(session: &Session, summary: &str) -> Process {
    let mut command = session.command("unshare");
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    command.args(["--mount", "--propagation", "private", "sh", "-c", IN_ITS_NAMESPACE, "sh", summary]);
    command.env("TRUSTED", TRUSTED);
    session.spawn(command)
}

/// Has one sent over the connection of a process that has become a program of the system since it connected. That program
/// has `inherited` the connection or knows nothing of it.
pub(crate) fn notify_over_anothers_connection(
    session: &Session,
    inherited: bool,
    notification: &Notification,
) -> Process {
    let hello = Message::method_call("/org/freedesktop/DBus", "Hello")
        .and_then(|call| call.destination("org.freedesktop.DBus"))
        .and_then(|call| call.interface("org.freedesktop.DBus"))
        .and_then(|call| call.build(&()));
    let mut command = session.command("/usr/bin/python3");
    command.args(["-c", HANDING_OVER]).arg(session.bus().socket());
    command.arg(if inherited { "inherited" } else { "closed" });
    command.args([hex(hello.unwrap().data()), hex(notification.message(NOTIFICATIONS).data())]);
    session.spawn(command)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
