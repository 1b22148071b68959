//! The tray's pictures: one per state, in every size that panels ask for, made by build.rs. Must not know when which is
//! shown.

use super::item::Pixmap;
use std::path::PathBuf;

include!(concat!(env!("OUT_DIR"), "/pixmaps.rs"));

/// What the icon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    /// How the gate stands, and what lies before it.
    Gate {
        /// Bars down, or up.
        closed: bool,
        /// What lies where the water was.
        mark: Mark,
    },
    /// Something is wrong.
    Trouble,
}

/// What the check-in will bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing is held.
    Nothing,
    /// Something is held.
    Held,
    /// What is held is ready to be looked at.
    Ready,
}

impl Picture {
    /// All sizes.
    pub(super) fn pixmaps(self) -> Vec<Pixmap> {
        self.sizes().iter().map(|(side, pixels)| (*side, *side, pixels.to_vec())).collect()
    }

    /// Its name in the icon theme.
    pub(super) fn name(self) -> &'static str {
        self.drawn().0
    }

    fn sizes(self) -> &'static [(i32, &'static [u8])] {
        self.drawn().1
    }

    fn drawn(self) -> (&'static str, &'static [(i32, &'static [u8])]) {
        match self {
            Self::Gate { closed: false, mark: Mark::Nothing } => ("tidegate-open", &OPEN),
            Self::Gate { closed: false, mark: Mark::Held } => ("tidegate-open-held", &OPEN_HELD),
            Self::Gate { closed: false, mark: Mark::Ready } => ("tidegate-open-ready", &OPEN_READY),
            Self::Gate { closed: true, mark: Mark::Nothing } => ("tidegate-closed", &CLOSED),
            Self::Gate { closed: true, mark: Mark::Held } => ("tidegate-closed-held", &CLOSED_HELD),
            Self::Gate { closed: true, mark: Mark::Ready } => ("tidegate-closed-ready", &CLOSED_READY),
            Self::Trouble => ("tidegate-trouble", &TROUBLE),
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

    fn all() -> Vec<Picture> {
        let gates = [false, true]
            .into_iter()
            .flat_map(|closed| [Mark::Nothing, Mark::Held, Mark::Ready].map(|mark| Picture::Gate { closed, mark }));
        gates.chain([Picture::Trouble]).collect()
    }

    #[test]
    fn every_picture_has_every_size_and_no_two_are_alike() {
        let all = all();
        for picture in &all {
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

    /// Pixels that are drawn, in the rows of a picture of 22 pixels where only bars that are down reach to.
    fn drawn_where_bars_reach(picture: Picture) -> usize {
        let (_, _, pixels) = picture.pixmaps().into_iter().find(|(side, ..)| *side == 22).unwrap();
        pixels[7 * 22 * 4..8 * 22 * 4].chunks(4).filter(|argb| argb[0] > 127).count()
    }

    #[test]
    fn plasma_s_own_style_colours_all_that_is_drawn() {
        let drawings = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../icons/tray");
        for picture in all() {
            for grid in [16, 22] {
                let file = format!("{}-{grid}.svg", picture.name().trim_start_matches("tidegate-"));
                let drawing = std::fs::read_to_string(drawings.join(&file)).unwrap();
                let groups: Vec<_> = drawing.lines().filter(|line| line.contains("<g ")).collect();
                let is_coloured =
                    |group: &&str| group.contains("class=\"ColorScheme-Text") && group.contains("currentColor");
                assert!(!groups.is_empty() && groups.iter().all(is_coloured), "{file}: {groups:?}");
                assert!(drawing.contains("<style id=\"current-color-scheme\">"), "{file}");
            }
        }
    }

    #[test]
    fn bars_are_down_while_the_gate_is_closed_and_only_then_whatever_is_held() {
        for mark in [Mark::Nothing, Mark::Held, Mark::Ready] {
            assert_eq!(drawn_where_bars_reach(Picture::Gate { closed: true, mark }), 8, "{mark:?}");
            assert_eq!(drawn_where_bars_reach(Picture::Gate { closed: false, mark }), 0, "{mark:?}");
        }
    }
}
