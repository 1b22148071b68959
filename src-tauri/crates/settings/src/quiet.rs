//! The section `[quiet]`: what an app's request for quiet does. Must not know who asks for it.

use super::group;
use super::kind::Kind;
use super::known::Known;
use super::section::{Holds, Section};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "quiet",
    group: &group::BLOCKS,
    about: say::setting_section_quiet,
    aside: None,
    holds: Holds::Known(&[HOLD, END_NOTICE]),
};

const HOLD: Known = Known {
    name: "hold",
    example: "true",
    meaning: say::setting_quiet_hold,
    title: say::setting_quiet_hold_title,
    hint: say::setting_quiet_hold_hint,
    needs: None,
    kind: Kind::Switch { get: |settings| settings.quiet.holds, set: |settings, on| settings.quiet.holds = on },
};

const END_NOTICE: Known = Known {
    name: "end-notice",
    example: "false",
    meaning: say::setting_quiet_end_notice,
    title: say::setting_quiet_end_notice_title,
    hint: say::setting_quiet_end_notice_hint,
    needs: Some(HOLD.name),
    kind: Kind::Switch {
        get: |settings| settings.quiet.tells_the_end,
        set: |settings, on| settings.quiet.tells_the_end = on,
    },
};
