//! The catalogue, `locales`: words messages in the reader's language and on their clock. Must not know what is said, or why.

use crate::Clock;
use crate::clock::{brief_stretch, stretch};
use crate::size::bytes;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tidegate_contract::{Argument, Message};

/// Each file: its language's tag, what the names of its messages begin with, and its text.
const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The language that has every message.
const SOURCE: &str = "en";

type Bundle = FluentBundle<FluentResource>;

/// Words messages. Files are read when the first of their messages is asked for, and forgotten with this: a resident program
/// makes one when it has something to say, and keeps nothing.
pub struct Catalogue<'a> {
    clock: &'a Clock,
    language: &'static str,
    read: RefCell<BTreeMap<(&'static str, &'static str), Bundle>>,
}

impl<'a> Catalogue<'a> {
    /// For somebody who reads this clock, in the language of the environment.
    #[must_use]
    pub fn new(clock: &'a Clock) -> Self {
        Self { clock, language: *LANGUAGE, read: RefCell::default() }
    }

    /// What a message says. One that is not in the catalogue, as from a daemon of another version, is shown by its name.
    #[must_use]
    pub fn format(&self, message: &Message) -> String {
        let Some(file) = file_of(&message.id) else { return message.id.clone() };
        let mut args = FluentArgs::with_capacity(message.args.len());
        for (name, argument) in &message.args {
            args.set(name.as_str(), self.value(argument));
        }
        let said = self.format_in(self.language, file, &message.id, &args);
        let said = said.or_else(|| self.format_in(SOURCE, file, &message.id, &args));
        said.unwrap_or_else(|| message.id.clone())
    }

    fn format_in(&self, language: &'static str, file: &'static str, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let mut read = self.read.borrow_mut();
        let bundle = read.entry((language, file)).or_insert_with(|| bundle(language, file));
        format_in(bundle, id, args)
    }

    fn value<'b>(&self, argument: &'b Argument) -> FluentValue<'b> {
        match argument {
            Argument::Text(text) => text.as_str().into(),
            Argument::Number(number) => (*number).into(),
            Argument::Instant(at) => self.clock.when(*at).into(),
            Argument::Stamp(at) => self.clock.stamp(*at).into(),
            Argument::Second(at) => self.clock.stamp_with_seconds(*at).into(),
            Argument::Brief(length) => brief_stretch(*length).into(),
            Argument::Length(length) => stretch(*length).into(),
            Argument::Size(size) => bytes(*size).into(),
            Argument::Message(message) => self.format(message).into(),
        }
    }
}

/// What a message says that tells no time.
#[must_use]
pub fn timeless(message: &Message) -> String {
    Catalogue::new(&Clock::none()).format(message)
}

fn format_in(bundle: &Bundle, id: &str, args: &FluentArgs<'_>) -> Option<String> {
    let (id, attribute) = id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)));
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(attribute) => message.get_attribute(attribute)?.value(),
    };
    // What a parameter lacks is seen as its name in braces.
    Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
}

/// Times and sizes stand in other messages, in lists by the thousand.
static NO_CLOCK: LazyLock<Clock> = LazyLock::new(Clock::none);

thread_local! {
    static PLAIN: Catalogue<'static> = Catalogue::new(&NO_CLOCK);
}

/// What a message says in which no clock has a part; its file stays read.
pub(crate) fn plain(message: &Message) -> String {
    PLAIN.with(|catalogue| catalogue.format(message))
}

/// The first language of the environment that there is, as POSIX orders the variables.
static LANGUAGE: LazyLock<&'static str> = LazyLock::new(|| {
    let mut said = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    language_of(&said.find(|said| !said.is_empty()).unwrap_or_default())
});

/// For a locale such as `pt_BR.UTF-8`: `pt-BR`, or else `pt`, or else the language that has all.
fn language_of(locale: &str) -> &'static str {
    let tag = locale.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
    let narrow = tag.split('-').next().unwrap_or_default();
    let is_there =
        |wanted: &str| FILES.iter().map(|(language, ..)| *language).find(|it| it.eq_ignore_ascii_case(wanted));
    is_there(&tag).or_else(|| is_there(narrow)).unwrap_or(SOURCE)
}

/// The file whose name a message's begins with; the longest, where there are several.
fn file_of(id: &str) -> Option<&'static str> {
    let begins = |name: &str| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    let files = FILES.iter().filter(|(locale, name, _)| *locale == SOURCE && begins(name));
    files.map(|(_, name, _)| *name).max_by_key(|name| name.len())
}

fn bundle(language: &str, file: &str) -> Bundle {
    let text = FILES.iter().find(|(of, name, _)| (*of, *name) == (language, file)).map_or("", |(.., text)| text);
    let mut bundle = FluentBundle::new(language.parse().into_iter().collect());
    // Names from outside are made fit to be shown where they come in, and a terminal shows the marks.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;
    use fluent_syntax::ast::Entry;
    use fluent_syntax::parser;
    use std::collections::BTreeSet;

    fn clock() -> Clock {
        Clock::none()
    }

    fn words(message: &Message) -> String {
        Catalogue::new(&clock()).format(message)
    }

    #[test]
    fn each_kind_of_argument_is_worded() {
        const MINUTE: i64 = 60_000;
        assert_eq!(words(&say::answer_started(90 * MINUTE)), "Block until 1:30");
        assert_eq!(words(&say::answer_away_counts(54 * MINUTE)), "54 min away count");
        assert_eq!(words(&say::reason_image_too_large(60 << 20)), "image dropped: 60 MiB is over the limit");
        assert_eq!(
            words(&say::answer_checked_in_withdrawn(say::answer_checked_in(1_200), 2)),
            "Checked in: 1200 handed over, 2 withdrawn"
        );
        let stamp = words(&say::trouble_store_missing(26 * 60 * MINUTE));
        assert!(stamp.contains("with what came Fri 2:00; of that"), "{stamp}");
    }

    #[test]
    fn what_stands_for_a_parameter_is_never_read_as_a_message() {
        let said = words(&say::answer_acted("{ $key } { -term } \u{2068}x"));
        assert_eq!(said, "Pressed: { $key } { -term } \u{2068}x");
    }

    #[test]
    fn an_attribute_has_a_name_of_its_own_and_may_name_another_message() {
        let remedy = words(&say::trouble_no_renderer_remedy());
        assert!(remedy.starts_with("None can start by itself") && remedy.ends_with("; what is held stays held."));
    }

    #[test]
    fn what_another_version_says_is_shown_by_its_name() {
        for unknown in ["answer-of-tomorrow", "tomorrow", "answer", "", "trouble-store.tomorrow"] {
            assert_eq!(words(&Message::new(unknown)), unknown);
        }
        assert_eq!(words(&Message::new("answer-acted")), "Pressed: {$key}");
    }

    fn messages(locale: &str) -> BTreeSet<String> {
        let files = FILES.iter().filter(|(of, ..)| *of == locale);
        files.flat_map(|(_, name, text)| ids(name, text)).collect()
    }

    fn ids(name: &str, text: &str) -> Vec<String> {
        let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{name}.ftl: {errors:?}"));
        let messages = resource.body.iter().filter_map(|entry| {
            let Entry::Message(message) = entry else { return None };
            Some(message.id.name.to_owned())
        });
        messages.collect()
    }

    #[test]
    fn the_environments_language_is_spoken_where_it_is_there() {
        for locale in ["en_GB.UTF-8", "en", "EN_us@euro", "C.UTF-8", "", "xx_YY", "-", "."] {
            assert_eq!(language_of(locale), "en", "{locale}");
        }
    }

    #[test]
    fn every_language_has_the_messages_that_english_has() {
        let languages: BTreeSet<_> = FILES.iter().map(|(locale, ..)| *locale).collect();
        let english = messages(SOURCE);
        assert!(english.len() > 100);
        for language in languages {
            assert_eq!(messages(language), english, "{language}");
        }
    }

    #[test]
    fn each_message_is_looked_for_in_its_own_file() {
        for (_, name, text) in FILES {
            for id in ids(name, text) {
                assert_eq!(file_of(&id), Some(*name), "{id}");
            }
        }
    }
}
