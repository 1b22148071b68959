//! The folder of the copies, and what they take of the disk: beyond a limit those that were not used for longest go first.
//! Must not know the gate, or what a notification is.

use super::{Slot, copy_of};
use std::collections::{BTreeMap, HashMap};
use std::fs::{DirBuilder, File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tidegate_domain::NoticeId;

/// Copies that nobody came for are removed after this long.
const MAX_AGE: Duration = Duration::from_secs(60 * 60 * 24 * 30);
/// The least that a file takes, and what it takes more at a time.
const BLOCK: u64 = 4 << 10;
/// Copies leave so much of the disk to everything else: a picture is worth less than what would not be held.
const LEFT_FREE: u64 = 32 << 20;

/// The copies. The same content is stored once, and each notification has a link to it.
pub(super) struct Copies {
    folder: PathBuf,
    /// Bytes that all may take.
    most: u64,
    taken: u64,
    /// By the number of its file.
    contents: HashMap<u64, Content>,
    /// Those numbers, the one that was not used for longest first.
    by_use: BTreeMap<u64, u64>,
    uses: u64,
}

struct Content {
    path: PathBuf,
    bytes: u64,
    last_use: u64,
}

impl Copies {
    /// Those that are there, but for content without a notification and what nobody came for.
    pub(super) fn open(folder: &Path, most: u64) -> Self {
        let (folder, contents, by_use) = (folder.to_owned(), HashMap::new(), BTreeMap::new());
        let mut copies = Self { folder, most, taken: 0, contents, by_use, uses: 0 };
        let mut found = copies.prune();
        found.sort_by_key(|(_, facts)| (facts.mtime(), facts.mtime_nsec()));
        found.into_iter().for_each(|(path, facts)| copies.add(path, &facts));
        copies.make_room(0);
        copies
    }

    /// From now on they may take so much.
    pub(super) fn take_at_most(&mut self, bytes: u64) {
        self.most = bytes;
        self.make_room(0);
    }

    /// A notification's copy of something.
    pub(super) fn keep(&mut self, id: NoticeId, slot: Slot, content: &[u8]) -> Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let (number, path) = self.store(content)?;
        let link = copy_of(&self.folder, id, slot);
        if std::fs::metadata(&link).is_ok_and(|facts| facts.ino() == number) {
            return Ok(());
        }
        self.unlink(&link)?;
        std::fs::hard_link(path, link)
    }

    pub(super) fn forget(&mut self, id: NoticeId) {
        Slot::ALL.into_iter().for_each(|slot| self.forget_one(id, slot));
    }

    pub(super) fn forget_one(&mut self, id: NoticeId, slot: Slot) {
        self.unlink(&copy_of(&self.folder, id, slot)).ok();
    }

    /// Removes what no notification can need, and says what content is left.
    fn prune(&self) -> Vec<(PathBuf, Metadata)> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut contents = Vec::new();
        for entry in entries.flatten() {
            let Ok(facts) = entry.metadata() else { continue };
            let is_content = entry.file_name().to_string_lossy().starts_with("content-");
            let age = facts.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            let is_alone = is_content && facts.nlink() == 1;
            if is_alone || facts.len() == 0 || age.is_some_and(|age| age > MAX_AGE) {
                remove_if_there(&entry.path()).ok();
            } else if is_content {
                contents.push((entry.path(), facts));
            }
        }
        contents
    }

    fn add(&mut self, path: PathBuf, facts: &Metadata) {
        let (bytes, number) = (room_for(facts.len()), facts.ino());
        self.taken += bytes;
        self.contents.insert(number, Content { path, bytes, last_use: 0 });
        self.used(number);
    }

    fn used(&mut self, number: u64) {
        let Some(content) = self.contents.get_mut(&number) else { return };
        self.by_use.remove(&content.last_use);
        self.uses += 1;
        content.last_use = self.uses;
        self.by_use.insert(self.uses, number);
    }

    /// Stores content under its hash; another content with the same hash gets the next free number.
    fn store(&mut self, content: &[u8]) -> Result<(u64, PathBuf)> {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let hash = hasher.finish();
        for number in 0..16 {
            let path = self.folder.join(format!("content-{hash:016x}-{number}"));
            match std::fs::read(&path) {
                Ok(there) if there == content => return self.use_again(path),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => return self.write(path, content),
                Err(error) => return Err(error),
            }
        }
        Err(Error::other("too many files with one hash"))
    }

    /// The file remembers its last use for the process after this one.
    fn use_again(&mut self, path: PathBuf) -> Result<(u64, PathBuf)> {
        let file = File::open(&path)?;
        file.set_modified(SystemTime::now())?;
        let number = file.metadata()?.ino();
        self.used(number);
        Ok((number, path))
    }

    fn write(&mut self, path: PathBuf, content: &[u8]) -> Result<(u64, PathBuf)> {
        let bytes = room_for(content.len() as u64);
        self.make_room(bytes);
        if content.is_empty() || bytes > self.most || free_below(&self.folder)? < bytes + LEFT_FREE {
            return Err(Error::other("there is no room for it, or nothing in it"));
        }
        let facts = write_whole(&path, content)?;
        self.add(path.clone(), &facts);
        Ok((facts.ino(), path))
    }

    /// So that so many bytes more fit.
    fn make_room(&mut self, bytes: u64) {
        while self.taken.saturating_add(bytes) > self.most
            && let Some((_, number)) = self.by_use.first_key_value()
        {
            self.give_up(*number);
        }
    }

    /// The links to it stay, and are empty from then on: which they are, only a look at all of them would tell.
    fn give_up(&mut self, number: u64) {
        if let Some(path) = self.leave_out(number) {
            File::options().write(true).truncate(true).open(&path).ok();
            remove_if_there(&path).ok();
        }
    }

    fn leave_out(&mut self, number: u64) -> Option<PathBuf> {
        let content = self.contents.remove(&number)?;
        self.by_use.remove(&content.last_use);
        self.taken -= content.bytes;
        Some(content.path)
    }

    /// Removes a link, and with the last one the content.
    fn unlink(&mut self, link: &Path) -> Result<()> {
        let Ok(facts) = std::fs::metadata(link) else { return Ok(()) };
        remove_if_there(link)?;
        if facts.nlink() == 2
            && let Some(path) = self.leave_out(facts.ino())
        {
            remove_if_there(&path)?;
        }
        Ok(())
    }
}

fn room_for(bytes: u64) -> u64 {
    bytes.max(1).div_ceil(BLOCK) * BLOCK
}

fn free_below(folder: &Path) -> Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// All of it or nothing.
fn write_whole(path: &Path, content: &[u8]) -> Result<Metadata> {
    let half = path.with_extension("new");
    remove_if_there(&half)?;
    let mut out = File::options().write(true).create_new(true).mode(0o600).open(&half)?;
    let written = out.write_all(content).and_then(|()| std::fs::rename(&half, path));
    if written.is_err() {
        remove_if_there(&half)?;
    }
    written.and_then(|()| out.metadata())
}

fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_copy;
    use super::*;

    const MANY: u64 = 1 << 30;

    /// One block of its own.
    fn picture(number: u32) -> Vec<u8> {
        number.to_ne_bytes().to_vec()
    }

    fn keep(copies: &mut Copies, id: u32, content: u32) {
        copies.keep(NoticeId(id), Slot::Image, &picture(content)).unwrap();
    }

    /// Which of these have a copy.
    fn kept(copies: &Copies, ids: std::ops::Range<u32>) -> Vec<u32> {
        ids.filter(|id| is_copy(&copy_of(&copies.folder, NoticeId(*id), Slot::Image))).collect()
    }

    fn files(copies: &Copies) -> usize {
        std::fs::read_dir(&copies.folder).unwrap().count()
    }

    #[test]
    fn check_38_equal_content_is_stored_once_and_goes_with_its_last_notification() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = Copies::open(folder.path(), MANY);
        keep(&mut copies, 1, 7);
        keep(&mut copies, 2, 7);
        keep(&mut copies, 2, 7);
        assert_eq!((files(&copies), copies.taken), (3, BLOCK));
        copies.forget(NoticeId(1));
        assert_eq!(kept(&copies, 1..3), [2]);
        keep(&mut copies, 2, 8);
        assert_eq!((files(&copies), copies.taken), (2, BLOCK), "another picture takes the place of the first");
        copies.forget(NoticeId(2));
        assert_eq!((files(&copies), copies.taken), (0, 0));
    }

    #[test]
    fn beyond_the_limit_what_was_not_used_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = Copies::open(folder.path(), 3 * BLOCK);
        (1..4).for_each(|id| keep(&mut copies, id, id));
        keep(&mut copies, 4, 1);
        keep(&mut copies, 5, 5);
        assert_eq!(kept(&copies, 1..6), [1, 3, 4, 5]);
        copies.take_at_most(2 * BLOCK);
        assert_eq!((kept(&copies, 1..6), copies.taken), (vec![1, 4, 5], 2 * BLOCK));
        copies.take_at_most(BLOCK - 1);
        assert_eq!((kept(&copies, 1..6), copies.taken), (vec![], 0));
        assert!(copies.keep(NoticeId(6), Slot::Image, &picture(6)).is_err());
    }

    #[test]
    fn what_is_there_already_counts_in_the_order_of_its_use() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = Copies::open(folder.path(), MANY);
        let day = |days: u64| SystemTime::now() - Duration::from_secs(60 * 60 * 24 * days);
        for (id, days) in [(1, 40), (2, 1), (3, 3), (4, 2)] {
            keep(&mut copies, id, id);
            let copy = copy_of(folder.path(), NoticeId(id), Slot::Image);
            File::open(copy).unwrap().set_modified(day(days)).unwrap();
        }
        let mut copies = Copies::open(folder.path(), MANY);
        assert_eq!((kept(&copies, 1..5), copies.taken), (vec![2, 3, 4], 3 * BLOCK), "one is too old");
        keep(&mut copies, 5, 3);
        let copies = Copies::open(folder.path(), 2 * BLOCK);
        assert_eq!(kept(&copies, 1..6), [2, 3, 5]);
        assert_eq!(files(&Copies::open(folder.path(), MANY)), 5, "links to what is gone are removed");
    }
}
