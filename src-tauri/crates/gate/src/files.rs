//! Copies of the files that notifications name: Chromium deletes its pictures within seconds, and a held notification is
//! shown hours later. Must not know policy or rows; a copy belongs to a notification's id.
//!
//! Nothing here looks at a file that others name. A file system may hang, and a thread that waits for one keeps all that its
//! process has, the bus included, also from being killed. So a process of its own does it ([`copier`]), which has no socket.

mod copier;
mod copies;

pub use copier::copies;

use crate::wire::Notify;
use copier::Copier;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_domain::NoticeId;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Work that waits; beyond it a flood's files are not copied.
const MAX_WAITING: usize = 256;
/// Copying that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(5);
/// A call to the renderer waits for a look at its files no longer.
const LOOK_LIMIT: Duration = Duration::from_millis(500);
/// The process that copies is kept for so long after its last work.
const REST: Duration = Duration::from_secs(10);
/// Processes that hang in the kernel, where nothing ends them. With so many, nothing more is copied until one is gone.
const MOST_HANGING: usize = 4;

/// Which of a notification's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `app_icon`.
    Icon,
    /// `image-path`.
    Image,
    /// `sound-file`.
    Sound,
}

impl Slot {
    const ALL: [Self; 3] = [Self::Icon, Self::Image, Self::Sound];

    fn name(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Image => "image",
            Self::Sound => "sound",
        }
    }

    fn of<'a>(self, notify: &Notify<'a>) -> Option<&'a str> {
        match self {
            Self::Icon => Some(notify.icon),
            Self::Image => notify.hints.image_path,
            Self::Sound => notify.hints.sound_file,
        }
    }
}

/// The longest path that the kernel takes.
const MAX_PATH: usize = 4_096;

/// The files that one notification names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named(Vec<(String, String)>);

impl Named {
    /// `None` when it names none.
    pub(crate) fn by(notify: &Notify<'_>) -> Option<Self> {
        let named = |slot: Slot| Some((slot.name().to_owned(), local_path(slot.of(notify)?)?.to_str()?.to_owned()));
        let files: Vec<_> = Slot::ALL.into_iter().filter_map(named).collect();
        (!files.is_empty()).then_some(Self(files))
    }
}

/// What there is to do, as the copier is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Work {
    /// Copy what the notification of a process names.
    Keep { id: u32, pid: u32, named: Named },
    /// Nobody will show it again.
    Forget { id: u32 },
    /// Say of each of these files whether it is there.
    Look { files: Vec<String> },
    /// The copies may take so much from now on.
    TakeAtMost { bytes: u64 },
}

/// A piece of work, and who waits for what it brings.
type Task = (Work, Option<oneshot::Sender<Vec<bool>>>);

/// Has copies made, one after the other.
pub(crate) struct Files {
    folder: PathBuf,
    work: mpsc::Sender<Task>,
    /// A copy may be under way.
    kept: bool,
    /// Looks that are under way, each for the call of a serial.
    looks: JoinSet<(u32, BTreeMap<String, String>)>,
}

impl Files {
    /// Copies go to this folder, and take no more bytes than that.
    pub(crate) fn new(folder: PathBuf, most: watch::Receiver<u64>) -> Self {
        let (work, given) = mpsc::channel(MAX_WAITING);
        tokio::spawn(work_through(Tasks { given, most }, folder.clone()));
        Self { folder, work, kept: false, looks: JoinSet::new() }
    }

    /// Copies what the notification of a process names, later.
    pub(crate) fn keep(&mut self, id: NoticeId, pid: u32, named: Named) {
        self.kept = true;
        self.give((Work::Keep { id: id.0, pid, named }, None));
    }

    /// It is closed: nobody will show it again.
    pub(crate) fn forget(&self, id: NoticeId) {
        if self.kept || Slot::ALL.into_iter().any(|slot| copy_of(&self.folder, id, slot).exists()) {
            self.give((Work::Forget { id: id.0 }, None));
        }
    }

    fn give(&self, task: Task) {
        if self.work.try_send(task).is_err() {
            tracing::debug!("a file that a notification names was not copied");
        }
    }

    /// Copies that can stand in for files of a notification: nothing where none was made, or it had to make room.
    pub(crate) fn substitutes(&self, id: NoticeId, notify: &Notify<'_>) -> Vec<Substitute> {
        let substitute = |slot: Slot| {
            let named = slot.of(notify)?;
            let path = local_path(named)?.to_str()?.to_owned();
            let copy = copy_of(&self.folder, id, slot);
            is_copy(&copy).then(|| Substitute { named: named.to_owned(), path, copy: as_named(named, &copy) })
        };
        Slot::ALL.into_iter().filter_map(substitute).collect()
    }

    /// Finds out which of them are needed, for the call of this serial; [`Files::looked`] gives what was found.
    pub(crate) fn look(&mut self, serial: u32, substitutes: Vec<Substitute>) {
        let needed = self.needed(substitutes);
        self.looks.spawn(async move { (serial, needed.await) });
    }

    /// None while nothing is looked at.
    pub(crate) async fn looked(&mut self) -> Option<(u32, BTreeMap<String, String>)> {
        self.looks.join_next().await?.ok()
    }

    /// Those whose file is gone, as the notification names them, and their copies. A file system that does not say so soon
    /// is taken to have lost them.
    fn needed(&self, substitutes: Vec<Substitute>) -> impl Future<Output = BTreeMap<String, String>> + use<> {
        let files = substitutes.iter().map(|one| one.path.clone()).collect();
        let (says, said) = oneshot::channel();
        self.give((Work::Look { files }, Some(says)));
        async move {
            let there = tokio::time::timeout(LOOK_LIMIT, said).await.ok().and_then(Result::ok).unwrap_or_default();
            let all = substitutes.into_iter().enumerate();
            let gone = all.filter(|(at, _)| !there.get(*at).copied().unwrap_or(false));
            gone.map(|(_, one)| (one.named, one.copy)).collect()
        }
    }
}

/// A copy of a file that a notification names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Substitute {
    /// As the notification says it.
    named: String,
    /// Where the file is, or was.
    path: String,
    /// The copy, in the same way.
    copy: String,
}

/// A bare path stays one, a URI too.
fn as_named(named: &str, copy: &Path) -> String {
    let path = copy.display().to_string();
    if named.starts_with("file:") { format!("file://{path}") } else { path }
}

/// What there is to do, as it comes.
struct Tasks {
    given: mpsc::Receiver<Task>,
    most: watch::Receiver<u64>,
}

impl Tasks {
    /// None: there is no more to come.
    async fn next(&mut self) -> Option<Task> {
        tokio::select! {
            task = self.given.recv() => task,
            Ok(()) = self.most.changed() => Some((Work::TakeAtMost { bytes: self.most() }, None)),
        }
    }

    fn most(&self) -> u64 {
        *self.most.borrow()
    }
}

async fn work_through(mut tasks: Tasks, folder: PathBuf) {
    let mut hanging = Vec::new();
    while let Some(first) = tasks.next().await {
        hanging.retain_mut(Copier::is_running);
        if hanging.len() >= MOST_HANGING {
            tracing::debug!("files hang: one more is not copied");
            continue;
        }
        match Copier::start(&folder, tasks.most()) {
            Ok(mut copier) => {
                if busy(&mut copier, first, &mut tasks).await.is_err() {
                    hanging.push(copier);
                }
            }
            Err(error) => tracing::warn!(%error, "files that notifications name cannot be copied"),
        }
    }
}

/// The copier hangs, or has ended.
struct Stuck;

/// Keeps one copier busy until there was nothing to do for a while.
async fn busy(copier: &mut Copier, first: Task, tasks: &mut Tasks) -> Result<(), Stuck> {
    let mut next = Some(first);
    while let Some((work, waits)) = next {
        match tokio::time::timeout(LIMIT, copier.work(&work)).await {
            Ok(Ok(there)) => {
                if waits.is_some_and(|waits| waits.send(there).is_err()) {
                    tracing::debug!("what a look at files brought came too late");
                }
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a file that a notification names was not copied");
                return Err(Stuck);
            }
            Err(_) => {
                tracing::warn!("a file that a notification names is on a file system that hangs");
                copier.end();
                return Err(Stuck);
            }
        }
        next = tokio::time::timeout(REST, tasks.next()).await.ok().flatten();
    }
    Ok(())
}

/// Where the copy of a notification's file lies, if there is one.
pub(crate) fn copy_of(folder: &Path, id: NoticeId, slot: Slot) -> PathBuf {
    folder.join(format!("{}-{}", id.0, slot.name()))
}

/// One that had to make room is empty.
pub(crate) fn is_copy(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() > 0)
}

/// An absolute path, bare or as a `file:` URI of this machine. An icon's name is none.
pub(crate) fn local_path(named: &str) -> Option<PathBuf> {
    let path = match named.strip_prefix("file://") {
        Some(rest) => decoded(rest.strip_prefix("localhost").unwrap_or(rest))?,
        None => named.to_owned(),
    };
    (path.starts_with('/') && path.len() < MAX_PATH && !path.contains('\0')).then(|| PathBuf::from(path))
}

/// Percent-decoded (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::raw;
    use tidegate_testkit::Notification;

    #[track_caller]
    fn check(named: &str, path: Option<&str>) {
        assert_eq!(local_path(named).as_deref(), path.map(Path::new), "{named}");
    }

    #[test]
    fn check_38_paths_and_uris_of_this_machine_are_files_and_names_are_not() {
        check("/tmp/a b.png", Some("/tmp/a b.png"));
        check("file:///tmp/a%20b.png", Some("/tmp/a b.png"));
        check("file://localhost/x", Some("/x"));
        check("dialog-information", None);
        check("https://x.test/a.png", None);
        check("file:///a%zz", None);
        check("file:///a%0", None);
        check("file:///a%00b", None);
        check("relative/path.png", None);
        check("", None);
    }

    /// Files whose work the test does.
    fn by_hand(folder: &Path, room: usize) -> (Files, mpsc::Receiver<Task>) {
        let (work, given) = mpsc::channel(room);
        (Files { folder: folder.to_owned(), work, kept: false, looks: JoinSet::new() }, given)
    }

    fn named(pairs: &[(&str, &str)]) -> Named {
        Named(pairs.iter().map(|(slot, path)| ((*slot).to_owned(), (*path).to_owned())).collect())
    }

    fn substitute(name: &str) -> Substitute {
        Substitute { named: name.into(), path: name.into(), copy: format!("/copies{name}") }
    }

    fn pictures() -> tidegate_domain::Raw {
        let all = Notification::new("all").icon("file:///tmp/a%20b.png").hint("image-path", "/tmp/image.png");
        raw(&all.hint("sound-file", "message-new"))
    }

    #[test]
    fn check_38_what_a_notification_names_is_kept_by_where_it_stands() {
        let (all, none) = (pictures(), raw(&Notification::new("none").icon("mail")));
        let by = |raw: &tidegate_domain::Raw| Named::by(&Notify::read(&raw.body, raw.big_endian).unwrap());
        assert_eq!(by(&all), Some(named(&[("icon", "/tmp/a b.png"), ("image", "/tmp/image.png")])));
        assert_eq!(by(&none), None);
    }

    #[test]
    fn check_38_copies_stand_in_as_the_notification_names_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let (files, _given) = by_hand(folder.path(), 1);
        let all = pictures();
        let notify = Notify::read(&all.body, all.big_endian).unwrap();
        assert_eq!(files.substitutes(NoticeId(7), &notify), [], "none were made");
        for slot in [Slot::Icon, Slot::Image, Slot::Sound] {
            std::fs::write(copy_of(folder.path(), NoticeId(7), slot), b"x").unwrap();
        }
        let found: Vec<_> = files.substitutes(NoticeId(7), &notify).into_iter().map(|one| one.copy).collect();
        let copies = folder.path().display();
        assert_eq!(found, [format!("file://{copies}/7-icon"), format!("{copies}/7-image")]);
        std::fs::write(copy_of(folder.path(), NoticeId(7), Slot::Icon), b"").unwrap();
        assert_eq!(files.substitutes(NoticeId(7), &notify).len(), 1, "one that had to make room is none");
    }

    #[tokio::test]
    async fn a_look_brings_the_copies_of_what_is_gone_to_the_call_that_waits_for_them() {
        let (mut files, mut given) = by_hand(Path::new("/copies"), 4);
        files.look(7, vec![substitute("/there"), substitute("/gone")]);
        let Some((Work::Look { files: looked_at }, Some(says))) = given.recv().await else { panic!("no look") };
        assert_eq!(looked_at, ["/there", "/gone"]);
        says.send(vec![true, false]).unwrap();
        let gone = BTreeMap::from([("/gone".to_owned(), "/copies/gone".to_owned())]);
        assert_eq!(files.looked().await, Some((7, gone)));
        assert_eq!(files.looked().await, None, "nothing is looked at any more");
    }

    #[tokio::test]
    async fn what_is_not_said_is_taken_to_be_gone() {
        let (mut files, mut given) = by_hand(Path::new("/copies"), 4);
        files.look(7, vec![substitute("/a"), substitute("/b")]);
        let Some((_, Some(says))) = given.recv().await else { panic!("no look") };
        says.send(vec![true]).unwrap();
        assert_eq!(files.looked().await.map(|(_, gone)| gone.into_keys().collect()), Some(vec!["/b".to_owned()]));
        files.look(8, vec![substitute("/a")]);
        drop(given.recv().await);
        assert_eq!(files.looked().await.map(|(serial, gone)| (serial, gone.len())), Some((8, 1)), "nobody looked");
        files.look(9, vec![substitute("/a")]);
        let _hangs = given.recv().await;
        assert_eq!(files.looked().await.map(|(serial, gone)| (serial, gone.len())), Some((9, 1)), "it hangs");
    }

    #[test]
    fn check_38_work_beyond_what_may_wait_is_left_and_nobody_waits_for_it() {
        let (mut files, mut given) = by_hand(Path::new("/copies"), 1);
        files.keep(NoticeId(1), 7, named(&[("icon", "/tmp/a.png")]));
        files.keep(NoticeId(2), 7, named(&[("icon", "/tmp/b.png")]));
        let kept = Work::Keep { id: 1, pid: 7, named: named(&[("icon", "/tmp/a.png")]) };
        assert!(matches!(given.try_recv(), Ok((work, None)) if work == kept));
        assert!(given.try_recv().is_err());
    }

    #[test]
    fn only_what_may_have_a_copy_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, mut given) = by_hand(folder.path(), 4);
        files.forget(NoticeId(1));
        assert!(given.try_recv().is_err(), "nothing was ever copied");
        std::fs::write(copy_of(folder.path(), NoticeId(1), Slot::Sound), b"x").unwrap();
        files.forget(NoticeId(1));
        assert!(matches!(given.try_recv(), Ok((Work::Forget { id: 1 }, None))), "an earlier gate had");
        files.keep(NoticeId(2), 7, named(&[("icon", "/tmp/a.png")]));
        files.forget(NoticeId(3));
        assert!(given.try_recv().is_ok() && matches!(given.try_recv(), Ok((Work::Forget { id: 3 }, None))));
    }
}
