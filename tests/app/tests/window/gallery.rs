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
            self.is_accessible(state, scheme).await;
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
        self.each_of_these_counts(PANELS, session, &Exhibit::of_a_state(state, Scheme::Light)).await;
    }

    /// The same of a picture, and of these panels.
    pub(crate) async fn each_of_these_counts(&self, panels: &str, session: &Session, exhibit: &Exhibit) {
        if is_writing() {
            return;
        }
        let (name, known) = (&exhibit.name, Picture::read(&exhibit.committed()));
        let all = format!("document.querySelectorAll('{panels}')");
        let count = self.script(&format!("return {all}.length")).await.as_u64().unwrap();
        assert!(count >= 3, "{name} has {count} panels");
        for panel in 0..count {
            let without = drawn(&format!("{name}-without-{panel}"));
            self.script(&format!("{all}[{panel}].style.visibility = 'hidden'")).await;
            self.shot(session, &without, Colours::All).await;
            self.script(&format!("{all}[{panel}].style.visibility = ''")).await;
            let difference = known.difference(&Picture::read(&without)).unwrap();
            println!("{name} without panel {panel}: {difference:?}");
            assert!(!difference.is_small(), "{} passes for {name}", without.display());
        }
    }
}

fn is_writing() -> bool {
    std::env::var_os(WRITE).is_some_and(|value| value == "write")
}

/// What a view consists of. Books of two or three figures are as little ink as other fonts make a difference of.
const PANELS: &str = "nav, main > header, .card, .basin, .banner";

/// Where what was drawn can be looked at.
fn drawn(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.png"))
}

/// States that the likeness takes for one: they differ in a sentence or two, which the tests look for.
const ALIKE: [(&str, &str); 3] = [("asking", "asking-release"), ("block-empty", "open-empty"), ("held", "ready")];

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
    for (place, (state, picture)) in pictures.iter().enumerate() {
        for (other, another) in &pictures[..place] {
            if picture.difference(another).is_some_and(Difference::is_small) {
                alike.push((other.clone(), state.clone()));
            }
        }
    }
    let known = ALIKE
        .iter()
        .flat_map(|(one, other)| [Scheme::Light, Scheme::Dark].map(|scheme| (name(one, scheme), name(other, scheme))));
    assert_eq!(alike, known.collect::<Vec<_>>());
    let dark = pictures.iter().filter(|(name, _)| name.ends_with("-dark")).count();
    assert_eq!(pictures.len(), 2 * dark, "each state has two pictures");
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}
