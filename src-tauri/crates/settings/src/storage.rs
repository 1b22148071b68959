//! The section `[storage]`: what may be kept on disk. Must not know what goes beyond it.

use super::group;
use super::kind::Kind;
use super::known::Known;
use super::section::{Holds, Section};

pub(super) const SECTION: Section = Section {
    name: "storage",
    group: &group::ABOUT,
    about: &[
        "How many MiB the messages of apps may take, with their pictures (256, if this is left out). A",
        "quarter is for copies of the files that they name. Beyond it the oldest of the app with the",
        "most go, and of the copies the oldest: the text and the buttons stay.",
    ],
    aside: &[],
    holds: Holds::Known(&[MOST]),
};

const MOST: Known = Known {
    name: "most-megabytes",
    example: "128",
    meaning: "how many MiB of messages and pictures are kept on disk",
    title: "Messages and pictures, at most",
    hint: "Beyond it the oldest go, and text and buttons stay",
    needs: None,
    kind: Kind::Number {
        within: 1..=1_000_000,
        unit: "MiB",
        get: |settings| settings.storage.most_megabytes,
        set: |settings, number| settings.storage.most_megabytes = number,
    },
};
