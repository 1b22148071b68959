//! A sender that is a program of the system, and those that would pass for one: one that lies at such a program's path in a
//! mount namespace of its own, and one that is such a program and has left its connection to another. Knows how to build
//! them, and nothing of the gate.

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

/// What has a program of the system connect and send before it does what it is for.
const SENDING: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

__attribute__((constructor)) static void send_first(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    strncpy(at.sun_path, getenv("BUS"), sizeof at.sun_path - 1);
    int bus = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(bus, (struct sockaddr *)&at, sizeof at) != 0) abort();
    unsigned byte;
    for (const char *rest = getenv("BYTES"); sscanf(rest, "%2x", &byte) == 1; rest += 2) {
        if (write(bus, &(unsigned char){byte}, 1) != 1) abort();
    }
}
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
    let mut command = session.command("/usr/bin/python3");
    command.args(["-c", HANDING_OVER]).arg(session.bus().socket());
    command.arg(if inherited { "inherited" } else { "closed" });
    command.args([hex(hello().data()), hex(notification.message(NOTIFICATIONS).data())]);
    session.spawn(command)
}

/// Has a program of the system that sends for nobody else send one, and gives the name of its file; it stays until it is
/// dropped.
pub(crate) async fn notify_by_a_program_of_the_system(session: &Session, summary: &str) -> (Process, &'static str) {
    let (source, library) = (session.join("sending.c"), session.join("sending.so"));
    std::fs::write(&source, SENDING).unwrap();
    let mut build = session.command("cc");
    build.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    session.run_command(build).await.ok();
    let uid = std::fs::metadata("/proc/self").unwrap().uid().to_string();
    let login = format!("\0AUTH EXTERNAL {}\r\nBEGIN\r\n", hex(uid.as_bytes()));
    let notify = Notification::new(summary).message(NOTIFICATIONS);
    let mut command = session.command("/usr/bin/sleep");
    command.arg("60").env("LD_PRELOAD", library).env("BUS", session.bus().socket());
    command.env("BYTES", [login.as_bytes(), hello().data(), notify.data()].map(hex).concat());
    (session.spawn(command), "sleep")
}

fn hello() -> Message {
    Message::method_call("/org/freedesktop/DBus", "Hello")
        .and_then(|call| call.destination("org.freedesktop.DBus"))
        .and_then(|call| call.interface("org.freedesktop.DBus"))
        .and_then(|call| call.build(&()))
        .unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
