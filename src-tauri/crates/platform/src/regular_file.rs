//! Reads a file that may be anything: only a regular one, and only up to a bound. Must not know what is in it.

use std::fs::{File, OpenOptions};
use std::io::{Error, Read, Result};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// All of it. Neither a FIFO nor a device is waited for, and no terminal becomes this process's own.
///
/// # Errors
/// When it is not a regular file of 1 to `most` bytes: what the system makes up as it is read is of length 0.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() || facts.len() == 0 || facts.len() > most {
        return Err(Error::other("not a regular file of a fitting size"));
    }
    bounded(file, most)
}

fn bounded(file: File, most: u64) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most { Err(Error::other("it grew over its bound")) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::os::unix::fs::symlink;

    #[test]
    fn only_a_regular_file_up_to_the_bound_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("fits"), b"12345").unwrap();
        std::fs::write(at("large"), b"123456").unwrap();
        std::fs::write(at("empty"), b"").unwrap();
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        symlink("fits", at("link")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("/dev/zero", at("device")).unwrap();
        assert_eq!(read(&at("fits"), 5).unwrap(), b"12345");
        assert_eq!(read(&at("link"), 5).unwrap(), b"12345");
        for other in ["large", "empty", "fifo", "loop", "device", "missing", "."] {
            assert!(read(&at(other), 5).is_err(), "{other}");
        }
        assert!(read(Path::new("/proc/self/status"), 1 << 20).is_err());
    }
}
