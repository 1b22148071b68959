//! The section `[blocks]`: how a block begins and ends. Must not know what a block is.

use super::group;
use super::kind::{Kind, Length, Offer};
use super::known::Known;
use super::section::{Holds, Section};
use std::num::NonZeroU32;
use tidegate_domain::{BlockLength, Settings};

pub(super) const SECTION: Section = Section {
    name: "blocks",
    group: &group::BLOCKS,
    about: &[
        "The length of a block that is given none, in minutes, or \"last\" (as long as the last one, the",
        "default), \"until-check-in\" or \"open\". Whether a notice says when a block is over, and whether",
        "Tidegate's notices sound, by the sounds of your desktop (true, both). Who touches nothing for so",
        "many minutes in a block is asked once, when they are back, if they count (10), or \"never\".",
    ],
    aside: &[],
    holds: Holds::Known(&[LENGTH, END_NOTICE, SOUND, AWAY]),
};

const LENGTH: Known = Known {
    name: "length",
    example: "90",
    meaning: "how long a block lasts that is given no length",
    title: "A block that is given no length",
    hint: "In the window by Enter, in the tray by a click, by `tidegate start`",
    needs: None,
    kind: Kind::Length {
        offers: &[
            Offer::Word(LAST, "As long as the last one"),
            Offer::Minutes(25),
            Offer::Minutes(50),
            Offer::Minutes(90),
            Offer::Word(UNTIL_CHECK_IN, "Until the next check-in"),
            Offer::Word(OPEN, "Open-ended"),
        ],
        get: length,
        set: set_length,
    },
};

const END_NOTICE: Known = Known {
    name: "end-notice",
    example: "true",
    meaning: "whether a notice says when a block is over",
    title: "Say when a block is over",
    hint: "By a notice with what is held; the window and the tray show it in any case",
    needs: None,
    kind: Kind::Switch {
        get: |settings| settings.blocks.tells_the_end,
        set: |settings, on| settings.blocks.tells_the_end = on,
    },
};

const SOUND: Known = Known {
    name: "sound",
    example: "false",
    meaning: "whether Tidegate's own notices sound",
    title: "Let Tidegate’s own notices sound",
    hint: "By the sounds of your desktop",
    needs: None,
    kind: Kind::Switch { get: |settings| settings.blocks.sounds, set: |settings, on| settings.blocks.sounds = on },
};

const AWAY: Known = Known {
    name: "away",
    example: "15",
    meaning: "after how many minutes without a touch in a block you are asked if they count",
    title: "Ask when you were away in a block",
    hint: "After so long without a touch, or asleep: once, when you are back, whether it counts",
    needs: None,
    kind: Kind::Length {
        offers: &[
            Offer::Minutes(5),
            Offer::Minutes(10),
            Offer::Minutes(15),
            Offer::Minutes(30),
            Offer::Minutes(60),
            Offer::Word(NEVER, "Never"),
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
