//! Finds the desktop entry with an id among the user's data folders. Must not know how an app is started.

use super::NotOpened;
use super::entry::{DesktopEntry, Languages};
use super::exec;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest id that is looked for, in bytes: with its suffixes it is a file's name.
const LONGEST_ID: usize = 200;
/// A longer file is no desktop entry, in bytes.
const LARGEST: u64 = 1 << 20;
const SUFFIX: &str = ".desktop";

/// An id that somebody claims, without its suffix: one name that leads nowhere but into a folder's own files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryId(String);

impl EntryId {
    /// None where it could be no id.
    pub(super) fn claimed(text: &str) -> Option<Self> {
        let id = text.strip_suffix(SUFFIX).unwrap_or(text);
        let plain = is_name(id) && id.len() <= LONGEST_ID && !id.chars().any(|c| c == '/' || c.is_control());
        plain.then(|| Self(id.to_owned()))
    }

    /// The ids that it may stand for: an app whose own id ends like a file's name loses that end on the way.
    fn readings(&self) -> [String; 2] {
        [self.0.clone(), format!("{}{SUFFIX}", self.0)]
    }
}

/// Nothing hidden, and not the folder above.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.')
}

/// An app that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    /// Its id: its name on the bus too, where it can be started by it.
    pub(super) id: String,
    /// Where its entry lies.
    pub(super) file: PathBuf,
    /// What that says.
    pub(super) entry: DesktopEntry,
}

/// The folders in which desktop entries lie, the one that counts most first.
#[derive(Debug, Clone, Default)]
pub struct Folders(Arc<[PathBuf]>);

impl Folders {
    /// Below these data folders: `$XDG_DATA_HOME`, then `$XDG_DATA_DIRS`.
    #[must_use]
    pub fn below(data: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(data.into_iter().map(|folder| folder.join("applications")).collect())
    }

    /// The app with this id. The first entry counts, and hides those of the same id behind it.
    pub(super) fn installed(&self, id: &EntryId, languages: &Languages) -> std::result::Result<Installed, NotOpened> {
        let missing = || NotOpened::NotInstalled(id.0.clone());
        let (id, file) = self.find(id).ok_or_else(missing)?;
        let unusable = |why: &str| NotOpened::NotStarted(format!("its desktop entry {} {why}", file.display()));
        let text = read(&file).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
        let entry = DesktopEntry::parse(&text, languages).ok_or_else(|| unusable("is not one of an application"))?;
        let program_is_there = entry.try_exec.as_deref().is_none_or(|program| exec::find_program(program).is_some());
        if entry.hidden || !program_is_there {
            return Err(missing());
        }
        Ok(Installed { id, file, entry })
    }

    fn find(&self, id: &EntryId) -> Option<(String, PathBuf)> {
        id.readings().into_iter().find_map(|id| {
            let name = format!("{id}{SUFFIX}");
            let file = self.0.iter().find_map(|folder| find_below(folder, &name))?;
            Some((id, file))
        })
    }
}

/// A dash in an id may stand for a folder.
fn find_below(folder: &Path, name: &str) -> Option<PathBuf> {
    let file = folder.join(name);
    if file.is_file() {
        return Some(file);
    }
    name.match_indices('-').find_map(|(at, _)| {
        let (inner, rest) = (name.get(..at)?, name.get(at + 1..)?);
        let inner = Some(folder.join(inner)).filter(|path| is_name(inner) && is_name(rest) && path.is_dir())?;
        find_below(&inner, rest)
    })
}

fn read(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const ENTRY: &str = "[Desktop Entry]\nType=Application\nName=App\nExec=app\n";

    /// Two data folders, and files in them.
    struct Place(TempDir);

    impl Place {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Self(folder)
        }

        fn look_for(&self, claimed: &str) -> std::result::Result<Installed, NotOpened> {
            let folders = Folders::below(["home", "machine"].map(|name| self.0.path().join(name)));
            let id = EntryId::claimed(claimed).ok_or(NotOpened::NoEntry)?;
            folders.installed(&id, &Languages::default())
        }

        /// The id and the file that are found, the file below the data folders.
        fn found(&self, claimed: &str) -> Option<(String, String)> {
            let app = self.look_for(claimed).ok()?;
            Some((app.id, app.file.strip_prefix(self.0.path()).unwrap().display().to_string()))
        }
    }

    #[test]
    fn an_entry_is_found_with_and_without_its_suffix_and_in_folders() {
        let place = Place::with(&[
            ("machine/applications/slack.desktop", ENTRY),
            ("machine/applications/org.telegram.desktop.desktop", ENTRY),
            ("machine/applications/kde4/net/chat-room.desktop", ENTRY),
            ("machine/applications/Upper.desktop", ENTRY),
        ]);
        for (claimed, id, file) in [
            ("slack", "slack", "slack.desktop"),
            ("slack.desktop", "slack", "slack.desktop"),
            ("org.telegram.desktop", "org.telegram.desktop", "org.telegram.desktop.desktop"),
            ("org.telegram.desktop.desktop", "org.telegram.desktop", "org.telegram.desktop.desktop"),
            ("org.telegram", "org.telegram.desktop", "org.telegram.desktop.desktop"),
            ("kde4-net-chat-room", "kde4-net-chat-room", "kde4/net/chat-room.desktop"),
        ] {
            assert_eq!(place.found(claimed), Some((id.into(), format!("machine/applications/{file}"))), "{claimed}");
        }
        for other in ["upper", "kde4", "kde4-net", "chat-room", "slack-", "-slack"] {
            assert_eq!(place.look_for(other), Err(NotOpened::NotInstalled(other.into())), "{other}");
        }
    }

    #[test]
    fn the_users_own_entry_hides_the_machines() {
        let hidden = format!("{ENTRY}Hidden=true\n");
        let no_display = format!("{ENTRY}NoDisplay=true\n");
        let place = Place::with(&[
            ("home/applications/one.desktop", ENTRY),
            ("machine/applications/one.desktop", ENTRY),
            ("home/applications/two.desktop", &hidden),
            ("machine/applications/two.desktop", ENTRY),
            ("machine/applications/three.desktop", &no_display),
        ]);
        assert_eq!(place.found("one").unwrap().1, "home/applications/one.desktop");
        assert_eq!(place.look_for("two"), Err(NotOpened::NotInstalled("two".into())), "deleted by the user");
        assert!(place.found("three").is_some(), "not in menus, and yet to be opened");
    }

    #[test]
    fn an_app_whose_program_is_missing_is_not_installed() {
        let with = |program: &str| format!("{ENTRY}TryExec={program}\n");
        let place = Place::with(&[
            ("machine/applications/there.desktop", &with("/bin/sh")),
            ("machine/applications/named.desktop", &with("sh")),
            ("machine/applications/gone.desktop", &with("/nonexistent/program")),
            ("machine/applications/unknown.desktop", &with("no-such-program-anywhere")),
            ("machine/applications/folder.desktop", &with("/")),
        ]);
        assert!(place.found("there").is_some() && place.found("named").is_some());
        for id in ["gone", "unknown", "folder"] {
            assert_eq!(place.look_for(id), Err(NotOpened::NotInstalled(id.into())), "{id}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let place = Place::with(&[
            ("machine/applications/link.desktop", "[Desktop Entry]\nType=Link\nName=x\n"),
            ("machine/applications/huge.desktop", &format!("{ENTRY}{}", "#\n".repeat(1 << 19))),
            ("machine/applications/bytes.desktop", "\u{0}\u{fffd}"),
        ]);
        for (id, part) in [("link", "not one of an application"), ("huge", "1 MiB"), ("bytes", "not one of")] {
            let Err(NotOpened::NotStarted(why)) = place.look_for(id) else { panic!("{id}") };
            assert!(why.contains(part) && why.contains(&format!("{id}.desktop")), "{why}");
        }
    }

    #[test]
    fn check_36_a_hostile_id_leads_nowhere() {
        let place = Place::with(&[
            ("home/evil.desktop", ENTRY),
            ("home/applications/.evil.desktop", ENTRY),
            ("home/applications/.folder/evil.desktop", ENTRY),
            ("home/applications/inner/evil.desktop", ENTRY),
            ("home/applications/inner/.desktop", ENTRY),
            ("home/applications/.desktop", ENTRY),
        ]);
        let longest = "x".repeat(LONGEST_ID + 1);
        let absolute = place.0.path().join("home/evil").display().to_string();
        let no_ids =
            ["", ".desktop", "..", "../evil", "inner/evil", "/", ".evil", "evil\n", "evil\0", &longest, &absolute];
        for id in no_ids {
            assert_eq!(place.look_for(id), Err(NotOpened::NoEntry), "{id:?}");
        }
        for id in ["evil", "inner-", "inner--evil", "inner-..-evil", "inner-.", "x-.folder-evil", "-.folder-evil", "%k"]
        {
            assert_eq!(place.look_for(id), Err(NotOpened::NotInstalled(id.into())), "{id:?}");
        }
        assert_eq!(place.found("inner-evil").unwrap().1, "home/applications/inner/evil.desktop");
    }
}
