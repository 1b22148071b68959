//! The file itself: where it really lies, reading it, and putting another in its place. Must not know what is in it.

use super::parse::{Mistake, parse};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tidegate_domain::Settings;
use tidegate_words::{say, timeless};

/// A file over this many bytes is no settings file.
pub(super) const LARGEST: u64 = 1 << 20;
/// How often, and after which pauses, its folder is tried to be locked.
const ATTEMPTS: usize = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// So many symbolic links are followed from one to the next.
const LINKS: usize = 8;

/// `settings.toml`, which need not exist.
#[derive(Debug, Clone)]
pub struct SettingsFile(PathBuf);

impl SettingsFile {
    /// The file at a path.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is looked for.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings in it. A file that is not there is the defaults.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn load(&self) -> std::result::Result<Settings, Mistake> {
        let text = self.read()?.unwrap_or_default();
        parse(&text).map_err(|wrong| wrong.in_file(&self.0, &text))
    }

    pub(super) fn read(&self) -> std::result::Result<Option<String>, Mistake> {
        match read(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Mistake::unreadable(&self.0, &error)),
        }
    }

    /// Holds other writers off for as long as the result lives. Makes the folder if there is none.
    pub(super) fn lock(&self) -> Result<File> {
        let place = self.place();
        let folder = folder_of(&place);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let folder = File::open(folder)?;
        // Who holds it writes a small file. Who does not let go keeps nobody waiting for ever.
        for _ in 0..ATTEMPTS {
            match folder.try_lock() {
                Ok(()) => return Ok(folder),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(Error::new(ErrorKind::TimedOut, timeless(&say::setting_not_written_locked())))
    }

    /// Puts a text in its place, whole or not at all, for the user's eyes only. A symbolic link stays one.
    pub(super) fn write(&self, text: &str) -> Result<()> {
        let place = self.place();
        let mut name = place.file_name().ok_or(ErrorKind::InvalidFilename)?.to_owned();
        name.push(".new");
        let half = place.with_file_name(name);
        match fs::remove_file(&half) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&half, &place)
    }

    /// Where it lies once all symbolic links are followed.
    fn place(&self) -> PathBuf {
        hops(&self.0).pop().unwrap_or_else(|| self.0.clone())
    }
}

/// A path, what it links to, what that links to: the last is no link, or one too many.
fn hops(path: &Path) -> Vec<PathBuf> {
    let first = Some(path.to_owned());
    let next = |path: &PathBuf| fs::read_link(path).ok().map(|target| folder_of(path).join(target));
    std::iter::successors(first, next).take(LINKS).collect()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Only a plain file of a sensible size; a pipe would never end.
fn read(path: &Path) -> Result<String> {
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Error::other(timeless(&say::setting_unreadable_no_file())));
    }
    if found.len() > LARGEST {
        return Err(Error::new(ErrorKind::FileTooLarge, timeless(&say::setting_unreadable_too_large())));
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn in_folder() -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path().join("config/tidegate/settings.toml"));
        (folder, file)
    }

    #[test]
    fn no_file_is_the_defaults() {
        let (_folder, file) = in_folder();
        assert_eq!(file.load(), Ok(Settings::default()));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let (folder, _) = in_folder();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("binary"), [0xff; 10]).unwrap();
        fs::write(at("huge"), vec![b'#'; (1 << 20) + 1]).unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(pipe.success());
        for (name, why) in [
            ("binary", "UTF-8"),
            ("huge", "larger than 1 MiB"),
            ("folder", "it is no file"),
            ("pipe", "it is no file"),
            ("loop", "symbolic links"),
        ] {
            let mistake = SettingsFile::new(at(name)).load().unwrap_err();
            let said = timeless(&mistake.text);
            assert!(said.contains("cannot be read") && said.contains(why), "{name}: {said}");
        }
    }

    #[test]
    fn it_is_written_whole_and_for_the_user_alone() {
        let (folder, file) = in_folder();
        let lock = file.lock().unwrap();
        fs::write(file.path().with_file_name("settings.toml.new"), "left by a crash").unwrap();
        file.write("# one\n").unwrap();
        drop(lock);
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "# one\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(file.path()), mode(folder_of(file.path()))), (0o600, 0o700));
        let files = fs::read_dir(folder.path().join("config/tidegate")).unwrap().count();
        assert_eq!(files, 1);
    }

    #[test]
    fn a_link_stays_a_link_also_to_what_is_not_there_yet() {
        let (folder, file) = in_folder();
        fs::create_dir_all(folder_of(file.path())).unwrap();
        let target = folder.path().join("dotfiles/tidegate.toml");
        symlink("../../dotfiles/link", file.path()).unwrap();
        fs::create_dir(folder_of(&target)).unwrap();
        symlink("tidegate.toml", target.with_file_name("link")).unwrap();
        for text in ["# new\n", "# again\n"] {
            let _lock = file.lock().unwrap();
            file.write(text).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
        }
        assert!(fs::symlink_metadata(file.path()).unwrap().is_symlink());
        assert!(!fs::symlink_metadata(&target).unwrap().is_symlink());
    }
}
