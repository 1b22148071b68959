//! The committed pictures of what the window looks like, in light and in dark: the README's in `docs`, those of every state
//! in `tests/app/pictures`. Each is drawn anew in each test run and compared; `make screenshots` (the variable
//! `TIDEGATE_SCREENSHOTS=write`) writes them instead. Must not know how the window comes to a state.

use crate::likeness::{Difference, Picture};
use crate::portal::Scheme;
use crate::window::{Colours, Window};
use std::fs;
use std::path::{Path, PathBuf};
use tidegate_testkit::Session;

const WRITE: &str = "TIDEGATE_SCREENSHOTS";

/// A committed picture.
pub(crate) struct Exhibit {
    name: String,
    folder: &'static str,
    colours: Colours,
}

impl Exhibit {
    /// For people to look at first.
    pub(crate) fn of_the_readme(view: &str, scheme: Scheme) -> Self {
        Self { name: name(view, scheme), folder: "../../docs", colours: Colours::All }
    }

    /// For this comparison, and small.
    fn of_a_state(state: &str, scheme: Scheme) -> Self {
        Self { name: name(state, scheme), folder: "pictures", colours: Colours::Few }
    }

    fn committed(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder).join(format!("{}.png", self.name))
    }
}

fn name(state: &str, scheme: Scheme) -> String {
    match scheme {
        Scheme::Light => state.to_owned(),
        Scheme::Dark => format!("{state}-dark"),
    }
}

impl Window {
    /// This state is as in its committed pictures, in light and in dark, and accessible in both. What was said for a
    /// moment is no part of it.
    pub(crate) async fn looks_as(&self, session: &Session, state: &str) {
        self.hush().await;
        self.looks_wholly_as(session, state).await;
    }

    /// The same, with what is said.
    pub(crate) async fn looks_wholly_as(&self, session: &Session, state: &str) {
        self.settle().await;
        for scheme in [Scheme::Light, Scheme::Dark] {
            self.set_scheme(scheme).await;
            self.compare(session, &Exhibit::of_a_state(state, scheme)).await;
            self.is_accessible(&name(state, scheme)).await;
        }
        self.set_scheme(Scheme::Light).await;
    }

    /// The window is as in this picture, which is written instead if that is wanted.
    pub(crate) async fn compare(&self, session: &Session, exhibit: &Exhibit) {
        let (name, committed) = (&exhibit.name, exhibit.committed());
        if is_writing() {
            fs::create_dir_all(committed.parent().unwrap()).unwrap();
            return self.shot(session, &committed, exhibit.colours).await;
        }
        let fresh = drawn(name);
        self.shot(session, &fresh, Colours::All).await;
        assert!(
            committed.is_file(),
            "there is no {}: look at {}, and run make screenshots",
            committed.display(),
            fresh.display()
        );
        let difference = Picture::read(&committed).difference(&Picture::read(&fresh));
        println!("{name}: {difference:?}");
        let (fresh, committed) = (fresh.display(), committed.display());
        let difference = difference.unwrap_or_else(|| panic!("{fresh} and {committed} differ in size"));
        assert!(
            difference.is_small(),
            "{fresh} is another view than {committed} ({difference:?}): if it should be, run make screenshots"
        );
    }

    /// That the comparison finds a missing panel of this state in light: without any one of them it would not pass.
    pub(crate) async fn each_panel_counts(&self, session: &Session, state: &str) {
        self.settle().await;
        self.each_panel_of_counts(session, &Exhibit::of_a_state(state, Scheme::Light)).await;
    }

    /// The same of what this picture shows.
    pub(crate) async fn each_panel_of_counts(&self, session: &Session, exhibit: &Exhibit) {
        if is_writing() {
            return;
        }
        let (name, known) = (&exhibit.name, Picture::read(&exhibit.committed()));
        let panels = self.script(&format!("return {PANELS}.length")).await.as_u64().unwrap();
        assert!(panels >= 3, "{name} has {panels} panels");
        for panel in 0..panels {
            let without = drawn(&format!("{name}-without-{panel}"));
            self.script(&format!("{PANELS}[{panel}].style.visibility = 'hidden'")).await;
            self.shot(session, &without, Colours::All).await;
            self.script(&format!("{PANELS}[{panel}].style.visibility = ''")).await;
            let difference = known.difference(&Picture::read(&without)).unwrap();
            println!("{name} without panel {panel}: {difference:?}");
            assert!(!difference.is_small(), "{} passes for {name}", without.display());
        }
    }
}

fn is_writing() -> bool {
    std::env::var_os(WRITE).is_some_and(|value| value == "write")
}

/// What a view consists of.
const PANELS: &str = "document.querySelectorAll('nav, main > header, main > .ledger, .card, .basin, .banner')";

/// Where what was drawn can be looked at.
fn drawn(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.png"))
}

/// Pairs that the likeness takes for one: they differ in a line of text, and what differs is looked for in the tests.
const ALIKE: &[(&str, &str)] = &[];

#[test]
fn every_committed_picture_is_unlike_every_other() {
    if is_writing() {
        return;
    }
    let folder = Exhibit::of_a_state("", Scheme::Light).committed().with_file_name("");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pictures: Vec<_> = files.map(|file| (stem(&file), Picture::read(&file))).collect();
    pictures.sort_by(|one, other| one.0.cmp(&other.0));
    let mut alike = Vec::new();
    for (place, (name, picture)) in pictures.iter().enumerate() {
        for (other, another) in &pictures[..place] {
            if picture.difference(another).is_some_and(Difference::is_small) {
                alike.push((other.as_str(), name.as_str()));
            }
        }
    }
    assert_eq!(alike, ALIKE);
    let dark = pictures.iter().filter(|(name, _)| name.ends_with("-dark")).count();
    assert_eq!(pictures.len(), 2 * dark, "each state has two pictures");
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}
