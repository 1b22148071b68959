//! The section `[blocks]`: how a block begins and ends. Must not know what a block is.

use super::parse::{Key, Value, Wrong, is_on, switch, unknown, written};
use super::section::Section;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use tidegate_domain::{BlockLength, Blocks, Settings};

pub(super) const SECTION: Section = Section {
    name: "blocks",
    about: &[
        "The length of a block that is given none, in minutes, or \"last\" (as long as the last one, the",
        "default), \"until-check-in\" or \"open\". Whether a notice says when a block is over, and whether",
        "Tidegate's notices sound, by the sounds of your desktop (true, both). Who touches nothing for so",
        "many minutes in a block is asked once, when they are back, if they count (10), or \"never\".",
    ],
    aside: &[],
    example: &["length = 90", "end-notice = true", "sound = false", "away = 15"],
    keys: &[
        ("blocks.length", "25, 25m or 1h30 (at most 24h), last, until-check-in or open"),
        ("blocks.end-notice", "yes or no"),
        ("blocks.sound", "yes or no"),
        ("blocks.away", "1 minute to 24 hours (10, 10m), or never"),
    ],
    read,
    written,
    names: |_| [LENGTH, END_NOTICE, SOUND, AWAY].map(str::to_owned).into(),
    word,
    meaning: |name| {
        let meaning = match name {
            LENGTH => "how long a block lasts that is given no length",
            END_NOTICE => "whether a notice says when a block is over",
            SOUND => "whether Tidegate's own notices sound",
            _ => "after how many minutes without a touch in a block you are asked if they count",
        };
        meaning.to_owned()
    },
};

const LENGTH: &str = "length";
const END_NOTICE: &str = "end-notice";
const SOUND: &str = "sound";
const AWAY: &str = "away";
const NEVER: &str = "never";
const MINUTES: RangeInclusive<u32> = 1..=1_440;
const WORDS: [(&str, Option<BlockLength>); 3] =
    [("last", None), ("until-check-in", Some(BlockLength::UntilCheckIn)), ("open", Some(BlockLength::Open))];

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let blocks = &mut settings.blocks;
    match key.get_ref().as_ref() {
        LENGTH => length(value).map(|length| blocks.length = length),
        END_NOTICE => is_on(END_NOTICE, value).map(|on| blocks.tells_the_end = on),
        SOUND => is_on(SOUND, value).map(|on| blocks.sounds = on),
        AWAY => away(value).map(|minutes| blocks.away_minutes = minutes),
        _ => Err(unknown(key, "Write length, end-notice, sound or away.")),
    }
}

fn length(value: &Value<'_>) -> Result<Option<BlockLength>, Wrong> {
    let minutes = minutes(value).map(|minutes| Some(BlockLength::Minutes(minutes)));
    let word = value.get_ref().as_str().and_then(|word| WORDS.iter().find(|(known, _)| *known == word));
    minutes.or(word.map(|(_, length)| *length)).ok_or_else(|| {
        let what = format!("{LENGTH} must be a number of minutes from 1 to 1440, or a word");
        Wrong::new(value.span(), what, "Write a number, \"last\", \"until-check-in\" or \"open\".")
    })
}

fn minutes(value: &Value<'_>) -> Option<u32> {
    let number = value.get_ref().as_integer();
    let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    number.filter(|minutes| MINUTES.contains(minutes))
}

fn away(value: &Value<'_>) -> Result<Option<NonZeroU32>, Wrong> {
    if value.get_ref().as_str() == Some(NEVER) {
        return Ok(None);
    }
    minutes(value).and_then(NonZeroU32::new).map(Some).ok_or_else(|| {
        let what = format!("{AWAY} must be a number of minutes from 1 to 1440, or \"{NEVER}\"");
        Wrong::new(value.span(), what, "Write a number or \"never\".")
    })
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let Blocks { length, tells_the_end, sounds, away_minutes } = settings.blocks;
    match name {
        LENGTH => Some(match length {
            Some(BlockLength::Minutes(minutes)) => minutes.to_string(),
            Some(BlockLength::UntilCheckIn) => "until-check-in".to_owned(),
            Some(BlockLength::Open) => "open".to_owned(),
            Some(BlockLength::Usual | BlockLength::UntilTime(_)) | None => "last".to_owned(),
        }),
        END_NOTICE => Some(switch(tells_the_end)),
        SOUND => Some(switch(sounds)),
        AWAY => Some(away_minutes.map_or(NEVER.to_owned(), |minutes| minutes.to_string())),
        _ => None,
    }
}
