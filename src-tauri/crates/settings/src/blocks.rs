//! The section `[blocks]`: how a block begins and ends. Must not know what a block is.

use super::group;
use super::kind::{Kind, Length, Offer};
use super::known::Known;
use super::section::{Holds, Section};
use std::num::NonZeroU32;
use tidegate_domain::{BlockLength, Settings};
use tidegate_words::say;

pub(super) const SECTION: Section = Section {
    name: "blocks",
    group: &group::BLOCKS,
    about: say::setting_section_blocks,
    aside: None,
    holds: Holds::Known(&[LENGTH, END_NOTICE, SOUND, AWAY]),
};

const LENGTH: Known = Known {
    name: "length",
    example: "90",
    meaning: say::setting_blocks_length,
    title: say::setting_blocks_length_title,
    hint: say::setting_blocks_length_hint,
    needs: None,
    kind: Kind::Length {
        offers: &[
            Offer::Word(LAST, say::setting_blocks_length_last),
            Offer::Minutes(25),
            Offer::Minutes(50),
            Offer::Minutes(90),
            Offer::Word(UNTIL_CHECK_IN, say::setting_blocks_length_until_check_in),
            Offer::Word(OPEN, say::setting_blocks_length_open),
        ],
        get: length,
        set: set_length,
    },
};

const END_NOTICE: Known = Known {
    name: "end-notice",
    example: "true",
    meaning: say::setting_blocks_end_notice,
    title: say::setting_blocks_end_notice_title,
    hint: say::setting_blocks_end_notice_hint,
    needs: None,
    kind: Kind::Switch {
        get: |settings| settings.blocks.tells_the_end,
        set: |settings, on| settings.blocks.tells_the_end = on,
    },
};

const SOUND: Known = Known {
    name: "sound",
    example: "false",
    meaning: say::setting_blocks_sound,
    title: say::setting_blocks_sound_title,
    hint: say::setting_blocks_sound_hint,
    needs: None,
    kind: Kind::Switch { get: |settings| settings.blocks.sounds, set: |settings, on| settings.blocks.sounds = on },
};

const AWAY: Known = Known {
    name: "away",
    example: "15",
    meaning: say::setting_blocks_away,
    title: say::setting_blocks_away_title,
    hint: say::setting_blocks_away_hint,
    needs: None,
    kind: Kind::Length {
        offers: &[
            Offer::Minutes(5),
            Offer::Minutes(10),
            Offer::Minutes(15),
            Offer::Minutes(30),
            Offer::Minutes(60),
            Offer::Word(NEVER, say::setting_blocks_away_never),
        ],
        get: |settings| {
            settings.blocks.away_minutes.map_or(Length::Word(NEVER), |minutes| Length::Minutes(minutes.get()))
        },
        set: |settings, length| settings.blocks.away_minutes = length.minutes().and_then(NonZeroU32::new),
    },
};

const LAST: &str = "last";
const UNTIL_CHECK_IN: &str = "until-check-in";
const OPEN: &str = "open";
const NEVER: &str = "never";

fn length(settings: &Settings) -> Length {
    match settings.blocks.length {
        Some(BlockLength::Minutes(minutes)) => Length::Minutes(minutes),
        Some(BlockLength::UntilCheckIn) => Length::Word(UNTIL_CHECK_IN),
        Some(BlockLength::Open) => Length::Word(OPEN),
        Some(BlockLength::Usual | BlockLength::UntilTime(_)) | None => Length::Word(LAST),
    }
}

fn set_length(settings: &mut Settings, length: Length) {
    settings.blocks.length = match length {
        Length::Minutes(minutes) => Some(BlockLength::Minutes(minutes)),
        Length::Word(UNTIL_CHECK_IN) => Some(BlockLength::UntilCheckIn),
        Length::Word(OPEN) => Some(BlockLength::Open),
        Length::Word(_) => None,
    };
}
