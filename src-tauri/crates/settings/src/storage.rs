//! The section `[storage]`: what may be kept on disk. Must not know what goes beyond it.

use super::group;
use super::kind::Kind;
use super::known::Known;
use super::section::{Holds, Section};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "storage",
    group: &group::ABOUT,
    about: say::setting_section_storage,
    aside: None,
    holds: Holds::Known(&[MOST]),
};

const MOST: Known = Known {
    name: "most-megabytes",
    example: "128",
    meaning: say::setting_storage_most,
    title: say::setting_storage_most_title,
    hint: say::setting_storage_most_hint,
    needs: None,
    kind: Kind::Number {
        within: 1..=1_000_000,
        unit: say::setting_storage_most_unit,
        get: |settings| settings.storage.most_megabytes,
        set: |settings, number| settings.storage.most_megabytes = number,
    },
};
