//! The section `[hand-over]`: how a check-in hands over what is held of an app. Must not know how that is done.

use super::parse::{Key, Value, Wrong};
use super::section::Section;
use tidegate_domain::{HandOver, Settings};

pub(super) const SECTION: Section = Section {
    name: "hand-over",
    about: &[
        "How a check-in hands over what is held of an app, by its id: digest (it waits in the list, the",
        "default), re-deliver (it is released to the screen, one by one) or silent (without a sound).",
    ],
    aside: &[],
    example: &["\"im.riot.Riot\" = \"re-deliver\"", "\"com.nextcloud.desktopclient.nextcloud\" = \"silent\""],
    keys: &[("hand-over.ID", "digest, re-deliver or silent")],
    read,
    written: |word| (word != "digest").then(|| word.into()),
    names: |settings| settings.hand_over.keys().cloned().collect(),
    word,
    meaning: |_| "how a check-in hands over what is held of that app".to_owned(),
};

const WAYS: [(&str, HandOver); 3] =
    [("digest", HandOver::Digest), ("re-deliver", HandOver::ReDeliver), ("silent", HandOver::Silent)];

fn read(key: &Key<'_>, value: &Value<'_>, settings: &mut Settings) -> Result<(), Wrong> {
    let app = key.get_ref();
    let way = value.get_ref().as_str().and_then(|word| WAYS.iter().find(|(known, _)| *known == word));
    let (_, way) = way.ok_or_else(|| {
        let what = format!("the way of handing over \"{app}\" is unknown");
        Wrong::new(value.span(), what, "Write \"digest\", \"re-deliver\" or \"silent\".")
    })?;
    settings.hand_over.insert(app.to_string(), *way);
    Ok(())
}

fn word(settings: &Settings, name: &str) -> Option<String> {
    let way = settings.hand_over_of(name);
    let word = WAYS.iter().find(|(_, known)| *known == way).map_or("digest", |(word, _)| *word);
    (!name.is_empty()).then(|| word.to_owned())
}
