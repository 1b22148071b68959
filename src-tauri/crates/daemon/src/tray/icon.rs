//! The tray's pictures: one per state, in every size that panels ask for, made by build.rs. Must not know when which is
//! shown.

use super::item::Pixmap;
use std::path::PathBuf;

include!(concat!(env!("OUT_DIR"), "/pixmaps.rs"));

/// What the icon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    /// The gate is open and nothing is held.
    Open,
    /// It is closed and nothing is held yet.
    Closed,
    /// Something is held.
    Held,
    /// What is held is ready to be looked at.
    Ready,
    /// Something is wrong.
    Trouble,
}

impl Picture {
    /// All sizes.
    pub(super) fn pixmaps(self) -> Vec<Pixmap> {
        self.sizes().iter().map(|(side, pixels)| (*side, *side, pixels.to_vec())).collect()
    }

    /// Its name in the icon theme.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "tidegate-open",
            Self::Closed => "tidegate-closed",
            Self::Held => "tidegate-held",
            Self::Ready => "tidegate-ready",
            Self::Trouble => "tidegate-trouble",
        }
    }

    fn sizes(self) -> &'static [(i32, &'static [u8])] {
        match self {
            Self::Open => &OPEN,
            Self::Closed => &CLOSED,
            Self::Held => &HELD,
            Self::Ready => &READY,
            Self::Trouble => &TROUBLE,
        }
    }
}

/// Whether the icon theme has our pictures: hosts prefer a name to a pixmap, and some show nothing for an unknown name.
pub(super) fn theme_has_them() -> bool {
    let file = format!("icons/hicolor/scalable/status/{}.svg", Picture::Trouble.name());
    data_folders().iter().any(|folder| folder.join(&file).is_file())
}

/// `$XDG_DATA_HOME` and `$XDG_DATA_DIRS`, with the defaults of the XDG Base Directory Specification.
fn data_folders() -> Vec<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let below_home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let home = variable("XDG_DATA_HOME").map(PathBuf::from).or_else(below_home);
    let others = variable("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    home.into_iter().chain(std::env::split_paths(&others)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_every_size_and_no_two_are_alike() {
        let all = [Picture::Open, Picture::Closed, Picture::Held, Picture::Ready, Picture::Trouble];
        for picture in all {
            let pixmaps = picture.pixmaps();
            let sides: Vec<_> = pixmaps.iter().map(|(width, ..)| *width).collect();
            assert_eq!(sides, [16, 22, 24, 32, 44, 48]);
            for (side, _, pixels) in pixmaps {
                let side = usize::try_from(side).unwrap();
                assert_eq!(pixels.len(), side * side * 4);
                assert!(pixels.chunks(4).any(|argb| argb[0] > 200), "{picture:?} {side}: nothing to be seen");
                assert!(pixels.chunks(4).any(|argb| argb[0] == 0), "{picture:?} {side}: no background");
            }
        }
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| b.sizes() != a.sizes() && b.name() != a.name()));
        }
    }
}
