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

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(label: &str) -> Option<Arc<str>> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("attr")).unwrap();
        std::fs::write(folder.path().join("attr/current"), label).unwrap();
        snap(folder.path(), "0::/app.slice/snap.other.other-1-2.scope\n")
    }

    #[test]
    fn check_49_a_label_names_the_snap_and_its_app() {
        assert_eq!(labelled("snap.chat.desktop (enforce)\n").as_deref(), Some("chat_desktop"));
        assert_eq!(labelled("snap.chat.chat (complain)").as_deref(), Some("chat_chat"));
        assert_eq!(labelled("snap.chat").as_deref(), Some("chat_chat"), "without an app its own");
        assert_eq!(labelled("snap.chat.app-1234").as_deref(), Some("chat_app"), "without what only counts");
    }

    #[test]
    fn check_49_a_label_that_names_no_snap_is_none_and_the_cgroup_does_not_count_beside_it() {
        for label in ["snap.", "snap..x (enforce)", "snap.../../x"] {
            assert_eq!(labelled(label), None, "{label}");
        }
        assert_eq!(labelled(&format!("snap.{}.x", "n".repeat(200))), None);
    }

    #[test]
    fn check_49_without_a_label_a_cgroup_alone_is_believed_of_nobody() {
        for label in ["unconfined\n", "", "docker-default (enforce)"] {
            assert_eq!(labelled(label), None, "{label}");
        }
        let nothing = tempfile::tempdir().unwrap();
        assert_eq!(snap(nothing.path(), "0::/user.slice/session-2.scope\n"), None);
    }

    #[test]
    fn a_snaps_files_lie_below_its_own_name_on_every_distribution() {
        let read = Snap::read("snap.chat.chat-1-2.scope").unwrap();
        assert_eq!(read.folders(), ["/snap/chat/", "/var/lib/snapd/snap/chat/"]);
        assert_eq!(&*read.id(), "chat_chat");
    }
}
