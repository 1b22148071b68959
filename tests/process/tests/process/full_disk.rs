//! A disk that something else fills to its last byte: what is held can be dealt with, and a restart finds it. Must not know
//! how the daemon keeps back room for that, but for the name of the file that takes it.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use tidegate_contract::{BUS_NAME, ItemState};
use tidegate_testkit::{Client, DEADLINE, Notification, Process, Session, wait_no_owner, wait_owner, within};
use tidegate_tests_process::{STORE_RETRY, Stand, program, words};

/// Small enough to be filled in a moment.
const DISK: &str = "size=32m,mode=700";
const RESERVE: u64 = 8 << 20;

/// A disk of its own for the daemon's data, which only those in the namespace of a process see.
struct Disk {
    holder: Process,
    folder: PathBuf,
}

impl Disk {
    async fn mount(session: &Session) -> Self {
        let folder = session.data_home().join("tidegate");
        fs::create_dir(&folder).unwrap();
        let mut command = session.command("unshare");
        command.args(namespaces()).args(["--mount", "--propagation", "private", "sh", "-c"]);
        command.args([&format!("mount -t tmpfs -o {DISK} none \"$1\" && exec sleep infinity"), "sh"]).arg(&folder);
        let disk = Self { holder: session.spawn(command), folder };
        let mounts = format!("/proc/{}/mountinfo", disk.holder.pid());
        let place = disk.folder.display().to_string();
        until("the disk", || fs::read_to_string(&mounts).is_ok_and(|mounts| mounts.contains(&place))).await;
        disk
    }

    fn start_daemon(&self, session: &Session) -> Process {
        let mut command = session.command("nsenter");
        command.args(["--target", &self.holder.pid().to_string(), "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program("tidegate")).args(["daemon", "--replace-now"]);
        session.spawn(command)
    }

    fn file(&self, name: &str) -> PathBuf {
        let folder = self.folder.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", self.holder.pid())).join(folder).join(name)
    }

    /// Not a byte more fits; what is there already stays.
    fn fill(&self) {
        let mut filler = File::options().append(true).create(true).open(self.file("filler")).unwrap();
        for piece in [1 << 20, 4_096, 1] {
            while filler.write_all(&vec![0; piece]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.file("filler")).unwrap();
    }

    async fn wait_kept_back(&self, enough: impl Fn(u64) -> bool) {
        let reserve = self.file("tidegate.db-reserve");
        until("room to be kept back", || fs::metadata(&reserve).is_ok_and(|facts| enough(facts.len()))).await;
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    within(DEADLINE, what, waited).await;
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn namespaces() -> &'static [&'static str] {
    if is_root() { &[] } else { &["--user", "--map-current-user", "--keep-caps"] }
}

/// A closed gate that stores on such a disk, and room kept back there.
async fn stand() -> (Stand, Disk) {
    let session = Session::start().await;
    let disk = Disk::mount(&session).await;
    let stand = Stand::start_by(session, |session| disk.start_daemon(session)).await;
    stand.hold().await;
    disk.wait_kept_back(|length| length == RESERVE).await;
    (stand, disk)
}

async fn start_again(stand: &mut Stand, disk: &Disk) {
    wait_no_owner(&stand.control, BUS_NAME, DEADLINE).await;
    stand.daemon = disk.start_daemon(&stand.session);
    wait_owner(&stand.control, BUS_NAME, DEADLINE).await;
    stand.wait_view("the gate back in the path", |view| view.gate.in_path && view.renderer.up).await;
}

/// One that cannot be stored is shown, and that is told.
async fn assert_passes(stand: &Stand, app: &Client, text: &str) -> u32 {
    let before = stand.renderer.notified().len();
    let id = app.notify(&Notification::new(text)).await;
    let shown = stand.renderer.wait_notified(before + 1, DEADLINE).await;
    assert_eq!(shown[before].summary(), text);
    let view = stand.wait_view("the trouble", |view| !view.troubles.is_empty()).await;
    assert!(words(&view.troubles[0].text).contains("disk is full"), "{:?}", view.troubles);
    id
}

async fn all_done(stand: &Stand) {
    let done = stand.cli(["done", "--all"]).await;
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    stand.wait_view("nothing held any more", |view| view.held == 0 && view.troubles.is_empty()).await;
}

#[tokio::test]
async fn on_a_full_disk_what_is_held_can_be_released_and_marked_as_done_and_the_trouble_is_told_until_there_is_room() {
    let (mut stand, disk) = stand().await;
    let app = stand.app().await;
    let mut held = Vec::new();
    for text in ["released", "done"] {
        held.push(app.notify(&Notification::new(text)).await);
    }
    disk.fill();
    let passed = assert_passes(&stand, &app, "without room").await;
    assert_eq!(stand.release(held[0]).await.summary(), "released");
    disk.wait_kept_back(|length| length > 0).await;
    disk.fill();
    let again = assert_passes(&stand, &app, "still without room").await;
    all_done(&stand).await;
    let states = [ItemState::Released, ItemState::Done, ItemState::Passed, ItemState::Passed];
    for (id, state) in held.into_iter().chain([passed, again]).zip(states) {
        assert_eq!(stand.detail(id).await.item.state, state);
    }
    disk.free();
    stand.advance(STORE_RETRY).await;
    app.notify(&Notification::new("there is room again")).await;
    stand.wait_view("the store well again", |view| view.troubles.is_empty()).await;
    disk.wait_kept_back(|length| length == RESERVE).await;
    assert!(stand.ledger().await.balanced);
}

#[tokio::test]
async fn a_start_on_a_full_disk_finds_what_is_held() {
    let (mut stand, disk) = stand().await;
    let app = stand.app().await;
    let held = app.notify(&Notification::new("held before")).await;
    for _ in 0..2 {
        disk.fill();
        stand.kill9().await;
        start_again(&mut stand, &disk).await;
        let view = stand.view().await;
        assert_eq!((view.held, view.gate.closed, view.troubles), (1, true, vec![]));
        assert_eq!(stand.detail(held).await.item.state, ItemState::Held);
        disk.wait_kept_back(|length| length > 0).await;
    }
    disk.fill();
    all_done(&stand).await;
}

#[tokio::test]
async fn on_a_full_disk_as_many_as_are_held_can_be_marked_as_done_at_once() {
    const MANY: u32 = 1_000;
    let (mut stand, disk) = stand().await;
    let app = stand.app().await;
    for number in 0..MANY {
        app.notify(&Notification::new(&format!("number {number}")).body("its text")).await;
    }
    // A log that begins anew has no room of its own.
    stand.terminate().await;
    start_again(&mut stand, &disk).await;
    disk.wait_kept_back(|length| length == RESERVE).await;
    disk.fill();
    all_done(&stand).await;
    let ledger = stand.ledger().await;
    assert_eq!((ledger.done, ledger.balanced), (MANY, true));
}
