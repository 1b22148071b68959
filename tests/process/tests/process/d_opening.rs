//! An app that is gone is opened (check 36): by the desktop entry that it named, as from a menu, and by nothing else that
//! its sender said; and whatever does not open says so.

use std::fs;
use std::path::{Path, PathBuf};
use tidegate_contract::{Code, Failure, Item, ItemState, verb};
use tidegate_testkit::{DEADLINE, Notification, Ran, Session, within};
use tidegate_tests_process::{Stand, program, words};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe::{OpenOptions, Receiver};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// What started programs say, in lines.
struct Told {
    path: PathBuf,
    lines: Lines<BufReader<Receiver>>,
}

impl Told {
    async fn by_programs_of(session: &Session) -> Self {
        let path = pipe(session, "told").await;
        // To write as well, or the first program to end would end it for all.
        let receiver = OpenOptions::new().read_write(true).open_receiver(&path).unwrap();
        Self { path, lines: BufReader::new(receiver).lines() }
    }

    async fn next(&mut self) -> String {
        within(DEADLINE, "a word from a started program", self.lines.next_line()).await.unwrap().unwrap()
    }

    async fn next_lines(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..count {
            lines.push(self.next().await);
        }
        lines
    }

    /// The command line of a program that says these words, as a shell expands them.
    fn says(&self, session: &Session, name: &str, words: &str) -> String {
        self.does(session, name, &format!("printf '%s\\n' {words} >{}", self.path.display()))
    }

    /// The command line of a program that runs these lines of shell.
    fn does(&self, session: &Session, name: &str, lines: &str) -> String {
        let script = session.join(name);
        fs::write(&script, lines).unwrap();
        format!("/bin/sh \"{}\"", script.display())
    }
}

async fn pipe(session: &Session, name: &str) -> PathBuf {
    let path = session.join(name);
    session.run("mkfifo", [&path]).await.ok();
    path
}

/// The desktop entry of an app that the user calls Chat.
fn entry(lines: &str) -> String {
    format!("[Desktop Entry]\nType=Application\nName=Chat\n{lines}\n")
}

fn install(session: &Session, id: &str, text: &str) {
    write(&session.data_home().join(format!("applications/{id}.desktop")), text);
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// One that is held, of a sender that named this desktop entry and has left. All else that it says looks like options.
async fn gone(stand: &Stand, entry: &str) -> Item {
    let app = stand.app().await;
    let letter = Notification::new("--summary").app_name("--name").body("--body").action("default", "--open");
    let id = app.notify(&letter.hint("desktop-entry", entry.to_owned())).await;
    let name = app.unique_name();
    app.leave(&stand.session).await;
    stand.heed_departure_of(&[name]).await;
    let item = stand.detail(id).await.item;
    assert!(!item.live);
    item
}

async fn open(stand: &Stand, id: u32) -> Result<String, Failure> {
    open_with(stand, id, None).await
}

async fn open_with(stand: &Stand, id: u32, token: Option<&str>) -> Result<String, Failure> {
    Ok(words(&stand.ask(verb::OpenApp { id, token: token.map(str::to_owned) }).await?.message))
}

#[tokio::test]
async fn check_36_an_app_that_is_gone_is_opened_by_its_desktop_entry() {
    let session = Session::start().await;
    session.set("NOTIFY_SOCKET", session.join("nowhere").display().to_string());
    session.set("XDG_ACTIVATION_TOKEN", "of the daemon's own start");
    let mut told = Told::by_programs_of(&session).await;
    let shown = "\"$#\" \"$@\" \"$PWD\" \"${XDG_ACTIVATION_TOKEN-none}\" \"${NOTIFY_SOCKET-none}\"";
    let command = told.says(&session, "chat", shown);
    let runs = format!("Exec={command} --new \"two shown\" %U %i 100%%\nPath={}", session.data_home().display());
    install(&session, "org.example.Chat", &entry(&runs));
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let held = gone(&stand, "org.example.Chat").await;
    assert_eq!(stand.detail(held.id).await.opens.as_deref(), Some("Chat"));
    let failure = stand.press(held.id, None).await.unwrap_err();
    assert_eq!(failure.code, Code::AppGone);
    assert!(words(&failure.message).ends_with("open it: tidegate open bbb"), "{failure:?}");

    assert_eq!(open_with(&stand, held.id, Some("token 1")).await.unwrap(), "Opening Chat");
    let folder = stand.session.data_home().display().to_string();
    assert_eq!(told.next_lines(7).await, ["3", "--new", "two shown", "100%", &folder, "token 1", "none"]);
    assert_eq!(open(&stand, held.id).await.unwrap(), "Opening Chat", "as often as it is asked for");
    assert_eq!(told.next_lines(7).await[5], "none");
    assert_eq!(stand.held().await, [held], "nothing was done with it");
}

#[tokio::test]
async fn check_36_an_opened_app_outlives_the_daemon_and_is_silent_in_its_log() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let go_on = pipe(&session, "go-on").await;
    let (told_at, go_on_at) = (told.path.display(), go_on.display());
    let say = "all=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 /proc/$$/cwd); echo \"$all\"";
    let lines =
        format!("echo noise; echo noise >&2; {say} >{told_at}; read word <{go_on_at}; echo still here >{told_at}");
    let command = told.does(&session, "chat", &lines);
    install(&session, "chat", &entry(&format!("Exec={command}")));
    let mut stand = Stand::start_in(session).await;
    stand.hold().await;
    let held = gone(&stand, "chat.desktop").await;
    open(&stand, held.id).await.unwrap();
    let home = stand.session.home().canonicalize().unwrap().display().to_string();
    assert_eq!(told.next_lines(4).await, ["/dev/null", "/dev/null", "/dev/null", &home]);
    stand.terminate().await;
    assert!(!stand.daemon.log().contains("noise"), "{}", stand.daemon.log());
    stand.session.run("sh", ["-c", &format!("echo go >{}", go_on.display())]).await.ok();
    assert_eq!(told.next().await, "still here");
}

/// A service that GLib runs when the bus starts it, and that says what it was activated with.
const SERVICE: &str = r#"
import sys
from gi.repository import Gio

class App(Gio.Application):
    token = None

    def do_before_emit(self, platform_data):
        self.token = platform_data.unpack().get("activation-token")

    def do_activate(self):
        with open(sys.argv[1], "w") as told:
            print("activated", self.token, file=told)

App(application_id="org.example.Letters", flags=Gio.ApplicationFlags.IS_SERVICE).run([])
"#;

async fn serve(session: &Session, name: &str, command: &str) {
    let text = format!("[D-BUS Service]\nName={name}\nExec={command}\n");
    write(&session.services().join(format!("{name}.service")), &text);
    session.reload_services().await;
}

#[tokio::test]
async fn check_36_an_app_that_the_bus_starts_is_activated() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let by_hand = told.says(&session, "by-hand", "\"by its command line\"");
    install(&session, "org.example.Letters", &entry(&format!("DBusActivatable=true\nExec={by_hand}")));
    let script = session.join("letters.py");
    write(&script, SERVICE);
    let command = format!("/usr/bin/python3 {} {}", script.display(), told.path.display());
    serve(&session, "org.example.Letters", &command).await;
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let held = gone(&stand, "org.example.Letters").await;
    assert_eq!(open_with(&stand, held.id, Some("token-2")).await.unwrap(), "Opening Chat");
    assert_eq!(told.next().await, "activated token-2");
    assert_eq!(open(&stand, held.id).await.unwrap(), "Opening Chat");
    assert_eq!(told.next().await, "activated None");
}

#[tokio::test]
async fn check_36_an_app_that_the_bus_cannot_start_is_run_or_said_not_to_be() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let by_hand = told.says(&session, "by-hand", "\"by its command line\"");
    install(&session, "org.example.Unserved", &entry(&format!("DBusActivatable=true\nExec={by_hand}")));
    install(&session, "org.example.Nothing", &entry("DBusActivatable=true"));
    install(&session, "org.example.Broken", &entry(&format!("DBusActivatable=true\nExec={by_hand}")));
    serve(&session, "org.example.Broken", "/bin/false").await;
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    for (entry, part) in
        [("org.example.Nothing", "does not know how to start it"), ("org.example.Broken", "org.example.Broken")]
    {
        let held = gone(&stand, entry).await;
        let failure = open(&stand, held.id).await.unwrap_err();
        assert_eq!(failure.code, Code::NotStarted, "{failure:?}");
        assert!(
            words(&failure.message).contains(part) && words(&failure.message).contains("open it yourself"),
            "{failure:?}"
        );
    }
    let held = gone(&stand, "org.example.Unserved").await;
    assert_eq!(open(&stand, held.id).await.unwrap(), "Opening Chat");
    assert_eq!(told.next().await, "by its command line", "and nothing before");
}

#[tokio::test]
async fn check_36_what_does_not_open_is_never_a_silent_success() {
    let session = Session::start().await;
    let nothing = "/nonexistent/program";
    let system = session.join("system/applications");
    session.set("XDG_DATA_DIRS", session.join("system").display().to_string());
    install(&session, "deleted", &entry("Exec=true\nHidden=true"));
    write(&system.join("deleted.desktop"), &entry("Exec=true"));
    write(&system.join("uninstalled.desktop"), &entry(&format!("Exec=true\nTryExec={nothing}")));
    write(&system.join("missing.desktop"), &entry(&format!("Exec={nothing}")));
    write(&system.join("wrong.desktop"), &entry("Exec=true %x"));
    write(&system.join("nowhere.desktop"), &entry("Exec=true\nPath=/nonexistent"));
    write(&system.join("idle.desktop"), &entry(""));
    write(&system.join("link.desktop"), "[Desktop Entry]\nType=Link\nName=Chat\nURL=file:///\n");
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    for (id, opens, code, part) in [
        ("unknown", false, Code::NotInstalled, "no app is installed for the desktop entry \"unknown\""),
        ("deleted", false, Code::NotInstalled, "\"deleted\""),
        ("uninstalled", false, Code::NotInstalled, "\"uninstalled\""),
        ("link", false, Code::NotStarted, "link.desktop is not one of an application"),
        ("missing", true, Code::NotStarted, nothing),
        ("wrong", true, Code::NotStarted, "not valid"),
        ("nowhere", true, Code::NotStarted, "/nonexistent"),
        ("idle", true, Code::NotStarted, "nothing to run"),
    ] {
        let held = gone(&stand, id).await;
        assert_eq!(stand.detail(held.id).await.opens.is_some(), opens, "{id}");
        let pressed = stand.press(held.id, None).await.unwrap_err();
        assert_eq!(
            (pressed.code, words(&pressed.message).contains("tidegate open")),
            (Code::AppGone, opens),
            "{pressed:?}"
        );
        let failure = open(&stand, held.id).await.unwrap_err();
        assert_eq!(failure.code, code, "{failure:?}");
        assert!(
            words(&failure.message).contains(part) && words(&failure.message).contains("open it yourself"),
            "{failure:?}"
        );
        assert_eq!(stand.detail(held.id).await.item.state, ItemState::Held);
    }
    let last = gone(&stand, "unknown").await;
    for (id, code) in [(last.id, 11), (1, 4)] {
        let ran = stand.cli(["open", &id.to_string()]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
    }
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn check_36_a_hostile_desktop_entry_starts_nothing() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let evil = entry(&format!("Exec={}", told.says(&session, "evil", "evil")));
    let good = entry(&format!("Exec={}", told.says(&session, "good", "good")));
    let apps = session.data_home().join("applications");
    for file in ["../evil", ".evil", "inner/evil", "inner/.evil", "évil\u{202e}", "$(evil)", "evil\nevil"] {
        write(&apps.join(format!("{file}.desktop")), &evil);
    }
    write(&apps.join(".desktop"), &evil);
    write(&session.join("evil.desktop"), &evil);
    install(&session, "good", &good);
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let absolute = stand.session.join("evil.desktop").display().to_string();
    let long = "x".repeat(100_000);
    let hostile = [
        "",
        ".desktop",
        "..",
        "../evil",
        "../evil.desktop",
        "inner/evil",
        "./inner/evil",
        ".evil",
        "évil\u{202e}",
        "$(evil)",
        "evil\nevil",
        "inner-.evil",
        "inner-..-..-evil",
        "good --option",
        "good %U",
        "file:///evil",
        &absolute,
        &long,
    ];
    for claimed in hostile {
        let held = gone(&stand, claimed).await;
        let failure = open(&stand, held.id).await.unwrap_err();
        assert!(matches!(failure.code, Code::NoDesktopEntry | Code::NotInstalled), "{claimed:.80}: {failure:?}");
        assert!(!words(&failure.message).contains(['\n', '\u{202e}']), "{failure:?}");
        assert_eq!(stand.detail(held.id).await.opens, None, "{claimed:.80}");
    }
    let held = gone(&stand, "good").await;
    open(&stand, held.id).await.unwrap();
    assert_eq!(told.next().await, "good", "and nothing before");
}

#[tokio::test]
async fn check_36_an_app_without_a_window_gets_a_terminal() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let inside = told.says(&session, "inside", "\"in it\" \"$@\"");
    let terminal = session.join("terminal");
    write(&terminal, &format!("#!/bin/sh\nprintf '%s\\n' \"a terminal\" >{}\nexec \"$@\"\n", told.path.display()));
    let in_path = session.join("bin/xdg-terminal-exec");
    let install_program = ["-D", "-m755", terminal.to_str().unwrap(), in_path.to_str().unwrap()];
    session.run("install", install_program).await.ok();
    session.set("PATH", format!("{}:{}", session.join("bin").display(), session.get("PATH").unwrap()));
    install(&session, "mutt", &entry(&format!("Terminal=true\nExec={inside} -y")));
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let held = gone(&stand, "mutt").await;
    open(&stand, held.id).await.unwrap();
    assert_eq!(told.next_lines(3).await, ["a terminal", "in it", "-y"]);
}

/// Runs the command line on a terminal of its own, where this is typed.
async fn at_a_terminal(stand: &Stand, typed: &str, line: &str) -> Ran {
    let command = format!("{} {line}", program("tidegate").display());
    let script = format!("{typed} | script --quiet --return --command '{command}' /dev/null");
    stand.session.run("sh", ["-c", &script]).await
}

#[tokio::test]
async fn check_36_the_command_line_offers_to_open_it() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let command = told.says(&session, "chat", "opened");
    install(&session, "chat", &entry(&format!("Exec={command}")));
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let id = gone(&stand, "chat").await.id.to_string();
    let act = format!("act {id}");

    let ran = stand.cli(["act", &id]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (6, ""), "{ran:?}");
    assert!(ran.stderr.contains("has quit") && ran.stderr.contains("tidegate open bbb"), "{ran:?}");
    for typed in ["echo n", "echo what", "true"] {
        let ran = at_a_terminal(&stand, typed, &act).await;
        assert!(ran.stdout.contains("--name has quit") && ran.stdout.contains("Open Chat? [Y/n]"), "{typed}: {ran:?}");
        assert_eq!((ran.code, ran.stdout.contains("Opening")), (6, false), "{typed}: {ran:?}");
    }
    let json = at_a_terminal(&stand, "echo y", &format!("{act} --json")).await;
    assert_eq!((json.code, json.stdout.contains("\"app-gone\"")), (6, true), "nothing is asked: {json:?}");

    assert_eq!(stand.cli(["open", &id]).await.ok(), "Opening Chat");
    assert_eq!(told.next().await, "opened", "and not before");
    for typed in ["echo", "echo y"] {
        let ran = at_a_terminal(&stand, typed, &act).await;
        assert_eq!((ran.code, ran.stdout.contains("Opening Chat")), (0, true), "{typed}: {ran:?}");
        assert_eq!(told.next().await, "opened");
    }

    let other = gone(&stand, "not-here").await.id;
    let ran = at_a_terminal(&stand, "echo y", &format!("act {other}")).await;
    assert_eq!((ran.code, ran.stdout.contains("[Y/n]")), (6, false), "there is nothing to ask: {ran:?}");
    assert!(ran.stdout.contains("open it yourself"), "{ran:?}");
}

/// systemd, as far as it is asked to make a unit: it tells the unit's name, mode and properties.
struct Systemd(UnboundedSender<(String, String, Properties)>);

/// What a unit is given.
type Properties = Vec<(String, OwnedValue)>;

#[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
impl Systemd {
    fn start_transient_unit(
        &self,
        name: String,
        mode: String,
        properties: Properties,
        _further: Vec<(String, Properties)>,
    ) -> OwnedObjectPath {
        self.0.send((name, mode, properties)).unwrap();
        OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap()
    }
}

#[tokio::test]
async fn where_systemd_runs_the_session_an_opened_app_gets_a_unit_of_its_own() {
    let session = Session::start().await;
    let mut told = Told::by_programs_of(&session).await;
    let command = told.says(&session, "chat", "$$");
    install(&session, "org.example.chat-room", &entry(&format!("Exec={command}")));
    let stand = Stand::start_in(session).await;
    stand.hold().await;
    let (tell, mut units) = unbounded_channel();
    let systemd = stand.session.connect().await;
    systemd.object_server().at("/org/freedesktop/systemd1", Systemd(tell)).await.unwrap();
    systemd.request_name("org.freedesktop.systemd1").await.unwrap();
    let held = gone(&stand, "org.example.chat-room").await;
    open(&stand, held.id).await.unwrap();
    let process: u32 = told.next().await.parse().unwrap();
    let (name, mode, properties) = within(DEADLINE, "a unit", units.recv()).await.unwrap();
    assert_eq!(name, format!("app-tidegate-org.example.chat\\x2droom-{process}.scope"));
    let property = |name: &str| properties.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    assert_eq!(property("PIDs"), Some(&Value::from(vec![process])));
    assert_eq!((property("Slice"), mode.as_str()), (Some(&Value::from("app.slice")), "fail"));
}
