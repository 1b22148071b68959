//! Finds icons by name in the themes that are installed (Icon Theme Specification 0.13). Must not read an icon, or know what
//! it stands for.

use crate::icon_theme::Theme;
use crate::regular_file;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Themes that are tried where the user's own lacks an icon, before all others that are installed. Apps bring theirs in the
/// first.
const USUAL: [&str; 3] = ["hicolor", "Adwaita", "breeze"];
/// The kinds of files that can be shown.
const KINDS: [&str; 2] = ["png", "svg"];
/// What is also written behind a name, though it should not be.
const ENDINGS: [&str; 3] = [".png", ".svg", ".xpm"];

/// After this long themes are read anew: one may have been installed, or another chosen.
const FRESH: Duration = Duration::from_secs(60);
/// Themes that are looked through.
const MOST_THEMES: usize = 16;
/// Names whose files are remembered; more are looked for again.
const MOST_FOUND: usize = 1_024;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 200;
/// The largest file of settings that is read, in bytes.
const LARGEST_SETTINGS: u64 = 256 << 10;

/// Where icons lie, and where the user's choice of a theme is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IconPlaces {
    /// Folders of themes, the one that counts most first.
    pub themes: Vec<PathBuf>,
    /// Folders of icons that belong to no theme.
    pub loose: Vec<PathBuf>,
    /// `$XDG_CONFIG_HOME`.
    pub config: PathBuf,
}

/// The icons of this machine. What was found is remembered, and how it lies on disk.
#[derive(Debug, Default)]
pub struct Icons {
    places: IconPlaces,
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    since: Instant,
    themes: Vec<Theme>,
    found: BTreeMap<(String, u32), Option<PathBuf>>,
}

impl Icons {
    /// Nothing is read before it is asked.
    #[must_use]
    pub fn new(places: IconPlaces) -> Self {
        Self { places, known: Mutex::default() }
    }

    /// The file of an icon, for a size in pixels. Reads folders the first time, so not for the thread that answers apps.
    pub fn find(&self, name: &str, size: u32) -> Option<PathBuf> {
        let name = plain_name(name)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &mut *known {
            Some(known) if known.since.elapsed() < FRESH => known,
            stale => stale.insert(Known { since: Instant::now(), themes: self.places.load(), found: BTreeMap::new() }),
        };
        let key = (name.to_owned(), size);
        if let Some(found) = known.found.get(&key) {
            return found.clone();
        }
        let found = self.places.find(&known.themes, name, size);
        if known.found.len() >= MOST_FOUND {
            known.found.clear();
        }
        known.found.insert(key, found.clone());
        found
    }
}

/// A name that leads nowhere but into a folder's own files.
fn plain_name(name: &str) -> Option<&str> {
    let name = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let is_plain = !name.is_empty() && !name.starts_with('.') && name.len() <= LONGEST_NAME;
    (is_plain && !name.chars().any(|c| c == '/' || c.is_control())).then_some(name)
}

impl IconPlaces {
    fn find(&self, themes: &[Theme], name: &str, size: u32) -> Option<PathBuf> {
        let in_theme = |theme: &Theme| theme.nearest(size).into_iter().find_map(|folder| file_in(folder, name));
        let loose = || self.loose.iter().find_map(|folder| file_in(folder, name));
        themes.iter().find_map(in_theme).or_else(loose)
    }

    /// The user's theme and those that it inherits, then the usual ones, then all others.
    fn load(&self) -> Vec<Theme> {
        let (mut seen, mut themes) = (BTreeSet::new(), Vec::new());
        let mut waiting: Vec<String> = self.chosen().into_iter().chain(USUAL.map(str::to_owned)).collect();
        waiting.extend(self.installed());
        waiting.reverse();
        while let Some(name) = waiting.pop().filter(|_| themes.len() < MOST_THEMES) {
            if plain_name(&name).is_none() || !seen.insert(name.clone()) {
                continue;
            }
            let Some(theme) = Theme::load(&self.themes, &name) else { continue };
            // hicolor comes once, behind all that inherit from it.
            waiting.extend(theme.inherits.iter().rev().filter(|parent| *parent != USUAL[0]).cloned());
            themes.push(theme);
        }
        themes
    }

    /// What GTK's and KDE's settings say.
    fn chosen(&self) -> Vec<String> {
        let said = |file: &str, key: &str| {
            let text = regular_file::read(&self.config.join(file), LARGEST_SETTINGS).ok()?;
            value(&String::from_utf8_lossy(&text), key)
        };
        let gtk = |file: &str| said(file, "[Settings] gtk-icon-theme-name");
        [gtk("gtk-4.0/settings.ini"), gtk("gtk-3.0/settings.ini"), said("kdeglobals", "[Icons] Theme")]
            .into_iter()
            .flatten()
            .collect()
    }

    fn installed(&self) -> BTreeSet<String> {
        let entries = self.themes.iter().filter_map(|base| std::fs::read_dir(base).ok()).flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).take(MOST_FOUND).collect()
    }
}

/// The value of a key, named with its group: "[Icons] Theme".
fn value(text: &str, wanted: &str) -> Option<String> {
    let (group, key) = wanted.split_once(' ')?;
    let lines = text.lines().map(str::trim).skip_while(|line| *line != group).skip(1);
    let mut keys = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    keys.find(|(name, _)| name.trim_end() == key).map(|(_, value)| value.trim_start().to_owned())
}

fn file_in(folder: &Path, name: &str) -> Option<PathBuf> {
    KINDS.iter().map(|kind| folder.join(format!("{name}.{kind}"))).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// Two places for themes, one for loose icons, and a folder of settings.
    struct Machine(TempDir);

    impl Machine {
        fn with(files: &[(&str, &str)]) -> Self {
            let machine = Self(tempfile::tempdir().unwrap());
            for (path, text) in files {
                machine.add(path, text);
            }
            machine
        }

        fn add(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn icons(&self) -> Icons {
            let at = |name: &str| self.0.path().join(name);
            Icons::new(IconPlaces {
                themes: vec![at("home"), at("system")],
                loose: vec![at("loose")],
                config: at("config"),
            })
        }

        /// Where an icon is found, below the machine's root.
        fn found(&self, name: &str) -> Option<String> {
            self.below(&self.icons(), name)
        }

        fn below(&self, icons: &Icons, name: &str) -> Option<String> {
            let path = icons.find(name, 64)?;
            Some(path.strip_prefix(self.0.path()).unwrap().display().to_string())
        }
    }

    const INDEX: &str = "[Icon Theme]\nName=x\nDirectories=64,any\n[64]\nSize=64\n[any]\nSize=64\nMinSize=8\nMaxSize=512\nType=Scalable\n";

    fn index(inherits: &str) -> String {
        INDEX.replace("Name=x", &format!("Inherits={inherits}"))
    }

    #[test]
    fn an_icon_comes_from_the_users_theme_then_its_parents_then_the_usual_then_any() {
        let machine = Machine::with(&[
            (
                "config/gtk-3.0/settings.ini",
                "[Other]\ngtk-icon-theme-name=no\n[Settings]\ngtk-icon-theme-name = Mine\n",
            ),
            ("system/Mine/index.theme", &index("Parent,hicolor")),
            ("system/Parent/index.theme", &index("Mine")),
            ("system/hicolor/index.theme", INDEX),
            ("system/Adwaita/index.theme", INDEX),
            ("system/Any/index.theme", INDEX),
        ]);
        assert_eq!(machine.found("mail"), None);
        for (file, found) in [
            ("loose/mail.svg", "loose/mail.svg"),
            ("system/Any/any/mail.svg", "system/Any/any/mail.svg"),
            ("system/Adwaita/any/mail.svg", "system/Adwaita/any/mail.svg"),
            ("system/hicolor/any/mail.svg", "system/hicolor/any/mail.svg"),
            ("system/Parent/any/mail.svg", "system/Parent/any/mail.svg"),
            ("system/Mine/any/mail.svg", "system/Mine/any/mail.svg"),
            ("home/Mine/any/mail.svg", "home/Mine/any/mail.svg"),
            ("system/Mine/64/mail.png", "system/Mine/64/mail.png"),
        ] {
            machine.add(file, "x");
            assert_eq!(machine.found("mail").as_deref(), Some(found));
        }
        assert_eq!(machine.found("mail.xpm").as_deref(), Some("system/Mine/64/mail.png"));
    }

    #[test]
    fn kdes_theme_is_known_too() {
        let files = [
            ("config/kdeglobals", "[Icons]\nTheme=Mine\n"),
            ("system/Mine/index.theme", INDEX),
            ("system/Mine/64/a.png", "x"),
        ];
        assert_eq!(Machine::with(&files).found("a").as_deref(), Some("system/Mine/64/a.png"));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        let machine = Machine::with(&[
            ("system/hicolor/index.theme", INDEX),
            ("system/hicolor/64/.hidden.png", "x"),
            ("system/hicolor/64/inner/a.png", "x"),
            ("system/hicolor/secret.png", "x"),
            ("loose/a.png", "x"),
        ]);
        let absolute = machine.0.path().join("loose/a").display().to_string();
        let long = "x".repeat(LONGEST_NAME + 1);
        for name in
            ["", ".png", "..", "../secret", "../64/../secret.png", "inner/a", ".hidden", "a\0", "a\n", &absolute, &long]
        {
            assert_eq!(machine.found(name), None, "{name:?}");
        }
        assert_eq!(machine.found("a").as_deref(), Some("loose/a.png"));
    }

    #[test]
    fn what_was_found_is_remembered_without_a_look_at_the_disk() {
        let machine = Machine::with(&[("system/hicolor/index.theme", INDEX), ("system/hicolor/64/a.png", "x")]);
        let icons = machine.icons();
        assert_eq!(machine.below(&icons, "b"), None);
        fs::remove_dir_all(machine.0.path().join("system")).unwrap();
        machine.add("loose/b.png", "x");
        assert_eq!(machine.below(&icons, "b"), None, "remembered as missing");
        assert_eq!(machine.below(&icons, "a"), None, "never looked for before");
        assert_eq!(machine.found("b").as_deref(), Some("loose/b.png"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let machine = Machine::with(&[]);
        let icons = machine.icons();
        for number in 0..=MOST_FOUND {
            assert_eq!(icons.find(&format!("icon-{number}"), 64), None);
        }
        assert_eq!(icons.known.lock().unwrap().as_ref().unwrap().found.len(), 1);
    }
}
