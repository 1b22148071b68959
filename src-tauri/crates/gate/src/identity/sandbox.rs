//! Which app a sandbox was made for: Flatpak's instance file, snap's label. Must not know processes outside one.

use super::{is_id, kernel, last_part, program};
use std::path::Path;
use std::sync::Arc;

/// `[Application]` `name=` (or `[Runtime]` for a runtime's own tools) of Flatpak's instance file.
pub(super) fn flatpak(path: &Path) -> Option<Arc<str>> {
    let text = kernel::read_text(path)?;
    let mut in_section = false;
    for line in text.lines() {
        match line.strip_prefix('[') {
            Some(section) => in_section = section.starts_with("Application]"),
            None if in_section => {
                if let Some(name) = line.strip_prefix("name=").filter(|name| is_id(name)) {
                    return Some(Arc::from(name));
                }
            }
            None => {}
        }
    }
    None
}

/// The AppArmor label `snap.NAME.APP (enforce)`; without AppArmor the cgroup `snap.NAME.APP-….scope` of a program of that
/// snap, since anybody may name a scope.
pub(super) fn snap(folder: &Path, cgroup: &str) -> Option<Arc<str>> {
    let label = kernel::read_text(&folder.join("attr/current")).unwrap_or_default();
    if label.starts_with("snap.") {
        return Snap::read(&label).map(|snap| snap.id());
    }
    let part = cgroup.lines().filter_map(last_part).find(|part| part.starts_with("snap."))?;
    let snap = Snap::read(part)?;
    program::runs_systems_file_below(folder, &snap.folders()).then(|| snap.id())
}

struct Snap<'a> {
    name: &'a str,
    app: &'a str,
}

impl<'a> Snap<'a> {
    fn read(label: &'a str) -> Option<Self> {
        let name = label.split(['.', ' ', '-']).nth(1).filter(|name| is_id(name))?;
        let app = label.split(['.', ' ']).nth(2).filter(|app| is_id(app)).unwrap_or(name);
        Some(Self { name, app: app.split_once('-').map_or(app, |(app, _)| app) })
    }

    fn id(&self) -> Arc<str> {
        Arc::from(format!("{}_{}", self.name, self.app))
    }

    fn folders(&self) -> [String; 2] {
        [format!("/snap/{}/", self.name), format!("/var/lib/snapd/snap/{}/", self.name)]
    }
}
