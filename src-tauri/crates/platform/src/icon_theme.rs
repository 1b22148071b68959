//! One icon theme as it lies on disk: its `index.theme` (Icon Theme Specification 0.13), and the folders of it that exist.
//! Must not know which themes there are, or which icon is wanted.

use crate::regular_file;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// A longer index is none, in bytes.
const LARGEST_INDEX: u64 = 1 << 20;
/// Folders of one theme: hicolor, the largest, lists some 700.
const MOST_FOLDERS: usize = 4_096;

/// One theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Theme {
    /// Those whose icons stand in for what it lacks.
    pub(crate) inherits: Vec<String>,
    folders: Vec<Folder>,
}

/// One folder of icons of a size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Folder {
    path: PathBuf,
    /// The sizes that its icons look well at, in pixels.
    sizes: (u32, u32),
}

impl Theme {
    /// The theme with this name below the places for themes: the first index counts, and the folders of all.
    pub(crate) fn load(bases: &[PathBuf], name: &str) -> Option<Self> {
        let index = bases.iter().find_map(|base| read_text(&base.join(name).join("index.theme")))?;
        let groups = groups(&index);
        let theme = groups.get("Icon Theme")?;
        let list = |key: &str| theme.get(key).into_iter().flat_map(|value| value.split(',')).map(str::trim);
        let listed = list("Directories").chain(list("ScaledDirectories")).filter(|name| stays_inside(name));
        let folders = listed.take(MOST_FOLDERS).filter_map(|folder| Some((folder, sizes(groups.get(folder)?)?)));
        let there = folders.flat_map(|(folder, sizes)| {
            let paths = bases.iter().map(move |base| base.join(name).join(folder));
            paths.filter(|path| path.is_dir()).map(move |path| Folder { path, sizes })
        });
        Some(Self { folders: there.collect(), inherits: list("Inherits").map(str::to_owned).collect() })
    }

    /// Its folders, those nearest to a size first.
    pub(crate) fn nearest(&self, size: u32) -> Vec<&Path> {
        let mut folders: Vec<_> = self.folders.iter().collect();
        folders.sort_by_key(|folder| distance(folder.sizes, size));
        folders.into_iter().map(|folder| folder.path.as_path()).collect()
    }
}

fn read_text(path: &Path) -> Option<String> {
    Some(String::from_utf8_lossy(&regular_file::read(path, LARGEST_INDEX).ok()?).into_owned())
}

/// Nothing but names of folders, one in another.
fn stays_inside(folder: &str) -> bool {
    !folder.is_empty() && Path::new(folder).components().all(|part| matches!(part, Component::Normal(_)))
}

/// The groups of a file of keys, by name.
fn groups(text: &str) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let mut groups = BTreeMap::new();
    let mut group: &mut BTreeMap<&str, &str> = groups.entry("").or_default();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = groups.entry(name).or_default();
        } else if let Some((key, value)) = line.split_once('=') {
            group.insert(key.trim_end(), value.trim_start());
        }
    }
    groups
}

/// The sizes of a folder as the screen has them: twice as many pixels where it is for a scale of two.
fn sizes(keys: &BTreeMap<&str, &str>) -> Option<(u32, u32)> {
    let number = |key: &str| keys.get(key).and_then(|value| value.parse::<u32>().ok());
    let size = number("Size")?;
    let threshold = number("Threshold").unwrap_or(2);
    let (least, most) = match keys.get("Type").copied() {
        Some("Fixed") => (size, size),
        Some("Scalable") => (number("MinSize").unwrap_or(size), number("MaxSize").unwrap_or(size)),
        _ => (size.saturating_sub(threshold), size.saturating_add(threshold)),
    };
    let scale = number("Scale").unwrap_or(1);
    Some((least.saturating_mul(scale), most.saturating_mul(scale)))
}

/// How far a size is from those of a folder. Of two that are as far the larger is nearer: it is shown smaller than it is.
fn distance((least, most): (u32, u32), size: u32) -> (u32, bool) {
    (least.saturating_sub(size).max(size.saturating_sub(most)), most < size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folders(index: &str, there: &[&str]) -> Option<(tempfile::TempDir, Theme)> {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir_all(base.path().join("x")).unwrap();
        for folder in there {
            fs::create_dir_all(base.path().join("x").join(folder)).unwrap();
        }
        fs::write(base.path().join("x/index.theme"), index).unwrap();
        let theme = Theme::load(&[base.path().to_owned()], "x")?;
        Some((base, theme))
    }

    fn nearest(index: &str, there: &[&str], size: u32) -> Vec<String> {
        let (base, theme) = folders(index, there).unwrap();
        let below = base.path().join("x");
        theme.nearest(size).iter().map(|path| path.strip_prefix(&below).unwrap().display().to_string()).collect()
    }

    #[test]
    fn folders_are_ordered_by_how_well_their_size_fits() {
        let index = "[Icon Theme]\nName=x\nDirectories=16,48,64,96,any,gone\nScaledDirectories=32@2\n\
            [16]\nSize=16\nType=Fixed\n[48]\nSize=48\n[64]\nSize=64\nThreshold=4\nType=Threshold\n\
            [96]\nSize=96\nType=Fixed\n[any]\nSize=128\nMinSize=72\nMaxSize=512\nType=Scalable\n\
            [32@2]\nSize=32\nScale=2\nType=Fixed\n[gone]\nSize=64\n";
        let there = ["16", "48", "64", "96", "any", "32@2"];
        assert_eq!(nearest(index, &there, 64), ["64", "32@2", "any", "48", "96", "16"]);
        assert_eq!(nearest(index, &there, 500), ["any", "96", "64", "32@2", "48", "16"]);
        assert_eq!(nearest(index, &["16"], 500), ["16"]);
    }

    #[test]
    fn a_folder_that_leads_elsewhere_or_says_no_size_is_none() {
        let index = "[Icon Theme]\nDirectories=../y,/tmp,a/../..,,a/b,c\nInherits=one, two\n\
            [../y]\nSize=16\n[/tmp]\nSize=16\n[a/../..]\nSize=16\n[]\nSize=16\n[a/b]\nSize=16\n[c]\nSize=much\n";
        let (_base, theme) = folders(index, &["a/b", "c", "../y"]).unwrap();
        assert_eq!(theme.inherits, ["one", "two"]);
        assert_eq!(theme.folders.len(), 1);
    }

    #[test]
    fn what_has_no_index_is_no_theme() {
        assert_eq!(folders("", &[]).map(|(_, theme)| theme), None);
        assert_eq!(folders("[Other]\nDirectories=a\n[a]\nSize=16", &["a"]).map(|(_, theme)| theme), None);
        assert_eq!(Theme::load(&["/nonexistent".into()], "x"), None);
    }
}
