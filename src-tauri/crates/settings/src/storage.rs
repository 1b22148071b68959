//! The section `[storage]`: what may be kept on disk. Must not know what goes beyond it.

use super::parse::{Key, Value, Wrong, unknown};
use super::section::Section;
use std::ops::RangeInclusive;
use tidegate_domain::Settings;

pub(super) const SECTION: Section = Section {
    name: "storage",
    about: &[
        "How many MiB the messages of apps may take, with their pictures (256, if this is left out). A",
        "quarter is for copies of the files that they name. Beyond it the oldest of the app with the",
        "most go, and of the copies the oldest: the text and the buttons stay.",
    ],
    aside: &[],
    example: &["most-megabytes = 128"],
    keys: &[("storage.most-megabytes", "a number of MiB from 1 to 1000000")],
    read,
    written: |word| Some(word.parse::<i64>().map_or_else(|_| word.into(), Into::into)),
    names: |_| vec![MOST.to_owned()],
    word: |settings, name| (name == MOST).then(|| settings.storage.most_megabytes.to_string()),
    meaning: |_| "how many MiB of messages and pictures are kept on disk".to_owned(),
};

const MOST: &str = "most-megabytes";
const MEGABYTES: RangeInclusive<u32> = 1..=1_000_000;

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    if key.get_ref() != MOST {
        return Err(unknown(key, "Write most-megabytes."));
    }
    let number = value.get_ref().as_integer();
    let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    settings.storage.most_megabytes = number.filter(|number| MEGABYTES.contains(number)).ok_or_else(|| {
        let what = format!("{MOST} must be a number from 1 to 1000000");
        Wrong::new(value.span(), what, "Write a number of MiB, such as 256.")
    })?;
    Ok(())
}
