//! The section `[quiet]`: what an app's request for quiet does. Must not know who asks for it.

use super::group;
use super::kind::Kind;
use super::known::Known;
use super::section::{Holds, Section};

pub(super) const SECTION: Section = Section {
    name: "quiet",
    group: &group::BLOCKS,
    about: &[
        "Apps ask for quiet while you present or watch something. Whether the gate is closed as long as one",
        "does, and whether a notice says afterwards what was held (true, both).",
    ],
    aside: &[],
    holds: Holds::Known(&[HOLD, END_NOTICE]),
};

const HOLD: Known = Known {
    name: "hold",
    example: "true",
    meaning: "whether the gate is closed while an app asks for quiet",
    title: "Hold while an app asks for quiet",
    hint: "When you present or watch something; without it the gate stays as it is",
    needs: None,
    kind: Kind::Switch { get: |settings| settings.quiet.holds, set: |settings, on| settings.quiet.holds = on },
};

const END_NOTICE: Known = Known {
    name: "end-notice",
    example: "false",
    meaning: "whether a notice says what was held while an app asked for quiet",
    title: "Say afterwards what was held",
    hint: "By a notice, once no app asks for quiet any more",
    needs: Some(HOLD.name),
    kind: Kind::Switch {
        get: |settings| settings.quiet.tells_the_end,
        set: |settings, on| settings.quiet.tells_the_end = on,
    },
};
