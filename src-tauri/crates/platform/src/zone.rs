//! Which zone this session is in, found where the C library finds it, so that Tidegate's times are the desktop's: in `TZ`,
//! `/etc/localtime` and the system's zone files. Must not know who asks.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use tidegate_domain::{NotAZone, Zone};

/// The largest zone file has 4 KiB: a variable or a link that names something else fills no memory.
const LARGEST: u64 = 256 * 1024;
/// Links that are followed from `/etc/localtime` in search of a name.
const LINKS: usize = 8;
/// What stands in zone names' place in front of some: the same zones once more.
const VARIANTS: [&str; 2] = ["posix/", "right/"];

/// Why no zone was found.
#[derive(Debug, thiserror::Error)]
pub enum NoZone {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What was read says no zone.
    #[error("{}: {source}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: NotAZone,
    },
    /// What `TZ` or another names is not there.
    #[error("{0:?} is no zone of this system, nor a rule for one")]
    Unknown(String),
}

/// The zone of this session.
///
/// # Errors
/// What is wrong with that which should name it.
pub fn local() -> Result<Zone, NoZone> {
    Sources::of_this_session().local()
}

/// A zone by its IANA name.
///
/// # Errors
/// Why the system does not have it.
pub fn named(name: &str) -> Result<Zone, NoZone> {
    Sources::of_this_session().named(name)
}

/// Where a session's zone is said.
struct Sources {
    variable: Option<OsString>,
    /// The system's zone files.
    files: PathBuf,
    etc: PathBuf,
}

impl Sources {
    fn of_this_session() -> Self {
        let files = std::env::var_os("TZDIR").filter(|folder| !folder.is_empty());
        Self {
            variable: std::env::var_os("TZ"),
            files: files.map_or_else(|| "/usr/share/zoneinfo".into(), PathBuf::from),
            etc: "/etc".into(),
        }
    }

    fn local(&self) -> Result<Zone, NoZone> {
        match &self.variable {
            Some(variable) => self.of_variable(variable),
            None => self.of_machine(),
        }
    }

    /// tzset(3): nothing is UTC; else a file, the system's or one by its path; else a rule.
    fn of_variable(&self, variable: &OsStr) -> Result<Zone, NoZone> {
        let bytes = variable.as_bytes();
        let text = String::from_utf8_lossy(bytes.strip_prefix(b":").unwrap_or(bytes)).into_owned();
        if text.is_empty() {
            return Ok(Zone::utc());
        }
        let path = Path::new(&text);
        if path.is_absolute() {
            return zone(name_in(path).as_deref(), path);
        }
        match self.named(&text) {
            Err(NoZone::Unreadable { .. } | NoZone::Unknown(_)) => {
                Zone::from_rule(&text).map_err(|_| NoZone::Unknown(text))
            }
            found => found,
        }
    }

    fn named(&self, name: &str) -> Result<Zone, NoZone> {
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !plain {
            return Err(NoZone::Unknown(name.to_owned()));
        }
        zone(Some(without_variant(name)), &self.files.join(name))
    }

    /// A link names the zone; a copy of its file does not, but Debian keeps the name beside it.
    fn of_machine(&self) -> Result<Zone, NoZone> {
        let localtime = self.etc.join("localtime");
        let file = match read(&localtime) {
            Ok(file) => file,
            Err(error) => return self.noted_name().and_then(|name| self.named(&name).ok()).ok_or(error),
        };
        let name = linked_name(&localtime).or_else(|| self.noted_name().filter(|name| self.is_copy(&file, name)));
        Zone::from_file(name.as_deref(), &file).map_err(|error| wrong(&localtime, error))
    }

    fn noted_name(&self) -> Option<String> {
        let noted = read(&self.etc.join("timezone")).ok()?;
        Some(String::from_utf8(noted).ok()?.lines().next()?.trim().to_owned())
    }

    fn is_copy(&self, file: &[u8], name: &str) -> bool {
        self.named(name).is_ok_and(|zone| Zone::from_file(zone.name(), file).is_ok_and(|copy| copy == zone))
    }
}

fn zone(name: Option<&str>, path: &Path) -> Result<Zone, NoZone> {
    Zone::from_file(name, &read(path)?).map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, error: NotAZone) -> NoZone {
    NoZone::Wrong { path: path.to_owned(), source: error }
}

fn read(path: &Path) -> Result<Vec<u8>, NoZone> {
    let mut file = Vec::new();
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|opened| opened.take(LARGEST).read_to_end(&mut file));
    read.map(|_| file).map_err(|error| NoZone::Unreadable { path: path.to_owned(), source: error })
}

/// The name that a link spells, or the link that it leads to: the first one is what somebody chose.
fn linked_name(link: &Path) -> Option<String> {
    let mut path = link.to_owned();
    for _ in 0..LINKS {
        let target = std::fs::read_link(&path).ok()?;
        path = path.parent()?.join(target);
        if let Some(name) = name_in(&path) {
            return Some(name);
        }
    }
    None
}

fn name_in(path: &Path) -> Option<String> {
    let (_, name) = path.to_str()?.rsplit_once("/zoneinfo/")?;
    Some(without_variant(name).to_owned()).filter(|name| !name.is_empty())
}

fn without_variant(name: &str) -> &str {
    VARIANTS.iter().find_map(|variant| name.strip_prefix(variant)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A machine with its own `/etc`, and the zone files of this system.
    struct Machine {
        etc: tempfile::TempDir,
    }

    impl Machine {
        fn new() -> Self {
            Self { etc: tempfile::tempdir().unwrap() }
        }

        fn link(self, target: &str) -> Self {
            symlink(target, self.etc.path().join("localtime")).unwrap();
            self
        }

        fn copy(self, zone: &str) -> Self {
            let copied = std::fs::read(Path::new("/usr/share/zoneinfo").join(zone)).unwrap();
            self.file("localtime", &copied)
        }

        fn file(self, name: &str, content: &[u8]) -> Self {
            std::fs::write(self.etc.path().join(name), content).unwrap();
            self
        }

        fn sources(&self, variable: Option<&str>) -> Sources {
            let files = "/usr/share/zoneinfo".into();
            Sources { variable: variable.map(Into::into), files, etc: self.etc.path().to_owned() }
        }

        /// The zone's name, and what its clocks show at noon UTC on 1 July 2026.
        fn says(&self, variable: Option<&str>) -> Result<(Option<String>, String), String> {
            let zone = self.sources(variable).local().map_err(|error| error.to_string())?;
            let noon = chrono::DateTime::from_timestamp(1_782_907_200, 0).unwrap();
            Ok((zone.name().map(str::to_owned), zone.local(noon).format("%H:%M").to_string()))
        }
    }

    fn check(machine: &Machine, variable: Option<&str>, name: Option<&str>, noon: &str) {
        assert_eq!(machine.says(variable), Ok((name.map(str::to_owned), noon.to_owned())), "TZ={variable:?}");
    }

    #[test]
    fn the_variable_names_a_zone_a_file_or_a_rule_and_comes_before_the_machine() {
        let machine = Machine::new().link("/usr/share/zoneinfo/Asia/Tokyo");
        check(&machine, Some("Europe/Berlin"), Some("Europe/Berlin"), "14:00");
        check(&machine, Some(":Europe/Berlin"), Some("Europe/Berlin"), "14:00");
        check(&machine, Some("posix/Europe/Berlin"), Some("Europe/Berlin"), "14:00");
        check(&machine, Some("/usr/share/zoneinfo/Europe/Berlin"), Some("Europe/Berlin"), "14:00");
        check(&machine, Some(":/usr/share/zoneinfo/Europe/Berlin"), Some("Europe/Berlin"), "14:00");
        check(&machine, Some("CET-1CEST,M3.5.0,M10.5.0/3"), None, "14:00");
        check(&machine, Some("<+0330>-3:30"), None, "15:30");
        check(&machine, Some(""), Some("UTC"), "12:00");
        check(&machine, None, Some("Asia/Tokyo"), "21:00");
    }

    #[test]
    fn a_file_by_its_path_has_no_name_outside_the_zone_files() {
        let machine = Machine::new().copy("Europe/Berlin");
        let path = machine.etc.path().join("localtime");
        check(&machine, path.to_str(), None, "14:00");
    }

    #[test]
    fn the_machine_s_zone_is_the_one_that_its_link_spells() {
        check(&Machine::new().link("/usr/share/zoneinfo/Europe/Oslo"), None, Some("Europe/Oslo"), "14:00");
        check(&Machine::new().link("/usr/share/zoneinfo/posix/Europe/Oslo"), None, Some("Europe/Oslo"), "14:00");
        let twice = Machine::new().link("there");
        symlink("/usr/share/zoneinfo/Europe/Oslo", twice.etc.path().join("there")).unwrap();
        check(&twice, None, Some("Europe/Oslo"), "14:00");
    }

    #[test]
    fn a_copy_of_a_zone_s_file_has_the_noted_name_only_if_that_zone_is_the_same() {
        check(&Machine::new().copy("Europe/Berlin"), None, None, "14:00");
        let noted = Machine::new().copy("Europe/Berlin").file("timezone", b"Europe/Berlin\n");
        check(&noted, None, Some("Europe/Berlin"), "14:00");
        let other = Machine::new().copy("Europe/Berlin").file("timezone", b"Asia/Tokyo\n");
        check(&other, None, None, "14:00");
        let path = Machine::new().copy("Europe/Berlin").file("timezone", b"../zoneinfo/Europe/Berlin\n");
        check(&path, None, None, "14:00");
    }

    #[test]
    fn a_noted_name_alone_will_do() {
        check(&Machine::new().file("timezone", b"Europe/Berlin\n"), None, Some("Europe/Berlin"), "14:00");
    }

    #[test]
    fn where_nothing_says_a_zone_it_is_told_why() {
        let nothing = Machine::new();
        assert!(nothing.says(None).unwrap_err().contains("localtime"));
        for wrong in ["Europe/Bergen", "../../etc/passwd", "/etc/passwd", "/dev/zero", "/proc/self", "x\u{0}y"] {
            assert!(nothing.says(Some(wrong)).is_err(), "TZ={wrong:?}");
        }
        assert!(Machine::new().file("localtime", b"").says(None).is_err());
        let looped = Machine::new().link("localtime");
        assert!(looped.says(None).is_err());
    }
}
