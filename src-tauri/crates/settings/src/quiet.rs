//! The section `[quiet]`: what an app's request for quiet does. Must not know who asks for it.

use super::parse::{Key, Value, Wrong, is_on, switch, unknown, written};
use super::section::Section;
use tidegate_domain::{OnQuiet, Settings};

pub(super) const SECTION: Section = Section {
    name: "quiet",
    about: &[
        "Apps ask for quiet while you present or watch something. Whether the gate is closed as long as one",
        "does, and whether a notice says afterwards what was held (true, both).",
    ],
    aside: &[],
    example: &["hold = true", "end-notice = false"],
    keys: &[("quiet.hold", "yes or no"), ("quiet.end-notice", "yes or no")],
    read,
    written,
    names: |_| [HOLD, END_NOTICE].map(str::to_owned).into(),
    word,
    meaning: |name| {
        let meaning = match name {
            HOLD => "whether the gate is closed while an app asks for quiet",
            _ => "whether a notice says what was held while an app asked for quiet",
        };
        meaning.to_owned()
    },
};

const HOLD: &str = "hold";
const END_NOTICE: &str = "end-notice";

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let quiet = &mut settings.quiet;
    match key.get_ref().as_ref() {
        HOLD => is_on(HOLD, value).map(|on| quiet.holds = on),
        END_NOTICE => is_on(END_NOTICE, value).map(|on| quiet.tells_the_end = on),
        _ => Err(unknown(key, "Write hold or end-notice.")),
    }
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let OnQuiet { holds, tells_the_end } = settings.quiet;
    match name {
        HOLD => Some(switch(holds)),
        END_NOTICE => Some(switch(tells_the_end)),
        _ => None,
    }
}
