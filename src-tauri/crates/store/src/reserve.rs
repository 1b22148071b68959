//! Room on the disk that is kept back beside the database. On a full disk nothing can be marked as done and no start can
//! open the database, for both must write before anything is freed: then this gives way. Must not know the database, or
//! what the room is used for.

use crate::cause::Cause;
use crate::place::make_file;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// A command writes some hundred KiB for each hundred rows, and what passed meanwhile enters the books before it.
const BYTES: u64 = 8 << 20;
/// What is left of a disk is taken in such pieces.
const PIECE: u64 = 64 << 10;
/// The last of a disk is everybody's: of that no more is taken than had just given way.
const LEFT_FREE: u64 = 16 << 20;

/// The file that takes the room, if it is there.
#[derive(Debug)]
pub(crate) struct Reserve {
    file: PathBuf,
    /// So many bytes gave way since it was last made.
    gave: u64,
}

impl Reserve {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, gave: 0 }
    }

    /// Frees the room; whether there was any.
    pub(crate) fn give_way(&mut self) -> bool {
        let bytes = fs::metadata(&self.file).map_or(0, |facts| facts.len());
        let freed = fs::remove_file(&self.file).is_ok();
        self.gave += if freed { bytes } else { 0 };
        freed
    }

    /// Whether what is written now may be written in its room.
    pub(crate) fn gave_way(&self) -> bool {
        self.gave > 0
    }

    /// Takes the room again, or what there is of it. Where that cannot be, nothing is kept back.
    pub(crate) fn make(&mut self) {
        drop(self.try_make());
        self.gave = 0;
    }

    fn try_make(&self) -> Result<(), Cause> {
        let there = match fs::metadata(&self.file) {
            Ok(facts) => facts.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        if there >= BYTES {
            return Ok(());
        }
        let disk = statvfs(self.file.parent().unwrap_or(&self.file)).map_err(std::io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let ours = free.saturating_sub(LEFT_FREE).max(free.min(self.gave));
        let length = BYTES.min(there.saturating_add(ours) / PIECE * PIECE);
        if length > there {
            fallocate(make_file(&self.file)?, FallocateFlags::empty(), 0, length).map_err(std::io::Error::from)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn the_room_is_taken_for_real_and_again_after_it_was_needed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidegate.db-reserve");
        let mut reserve = Reserve::new(file.clone());
        assert!(!reserve.give_way() && !reserve.gave_way(), "there is none yet");
        for _ in 0..2 {
            reserve.make();
            let facts = fs::metadata(&file).unwrap();
            assert_eq!(
                (facts.len(), facts.blocks() * 512 >= BYTES),
                (BYTES, true),
                "no hole: {} blocks",
                facts.blocks()
            );
            assert!(!reserve.gave_way());
            assert!(reserve.give_way() && reserve.gave_way());
            assert!(!file.exists());
        }
    }
}
