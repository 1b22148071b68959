//! What is written about the settings: the head of a new file, the README's example, the help of `tidegate settings`. All
//! of it from the table of sections. Must not know any of them.

use super::parse::VERSION;
use super::section::{SECTIONS, Says, Section};
use tidegate_contract::Message;
use tidegate_words::{Catalogue, Clock, say};

/// The file of somebody who has none yet.
pub(super) fn new_file() -> String {
    let clock = Clock::none();
    let words = Catalogue::new(&clock);
    let prose = |says: Says| words.format(&says()).lines().map(|line| format!("# {line}\n")).collect::<String>();
    let mut text = prose(say::setting_file_head);
    for section in SECTIONS {
        let about = prose(section.about) + &section.aside.map(prose).unwrap_or_default();
        let lines = lines_of(section).map(|line| format!("#     {line}\n"));
        text.push_str(&format!("#\n{about}{}", lines.collect::<String>()));
    }
    format!("{text}\nversion = {VERSION}\n")
}

/// A file that uses every section.
#[cfg(test)]
pub(super) fn example() -> String {
    let sections = SECTIONS.map(|section| {
        let about = tidegate_words::timeless(&(section.about)());
        let prose = about.lines().map(|line| format!("# {line}\n"));
        let lines = lines_of(section).map(|line| format!("{line}\n"));
        prose.chain(lines).collect::<String>()
    });
    sections.join("\n")
}

fn lines_of(section: &'static Section) -> impl Iterator<Item = String> {
    std::iter::once(format!("[{}]", section.name)).chain(section.example())
}

/// The keys, and what may be given for each.
#[must_use]
pub fn keys_help() -> String {
    let clock = Clock::none();
    let words = Catalogue::new(&clock);
    let worded = |(keys, takes): (Message, Message)| (words.format(&keys), words.format(&takes));
    let keys: Vec<_> = SECTIONS.into_iter().flat_map(Section::keys).map(worded).collect();
    let width = keys.iter().map(|(keys, _)| keys.len()).max().unwrap_or_default();
    let rows: Vec<_> = keys.iter().map(|(keys, takes)| format!("  {keys:width$}  {takes}\n")).collect();
    let asides = SECTIONS.into_iter().filter_map(|section| section.aside);
    let asides = asides.map(|aside| format!("{}\n", words.format(&aside())));
    format!("{}\n{}\n{}", words.format(&say::setting_keys()), rows.concat(), asides.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use tidegate_domain::Settings;

    #[test]
    fn a_new_file_documents_every_section_and_changes_nothing() {
        let text = new_file();
        assert_eq!(parse(&text), Ok(Settings::default()));
        for section in SECTIONS {
            assert!(text.contains(&format!("\n#     [{}]\n", section.name)), "{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let uncommented: String =
            text.lines().filter_map(|line| line.strip_prefix("#     ")).collect::<Vec<_>>().join("\n");
        assert_eq!(parse(&uncommented), parse(&example()));
    }

    #[test]
    fn the_readme_shows_this_example() {
        let readme = include_str!("../../../../README.md");
        assert!(readme.contains(&format!("```toml\n{}```\n", example())), "put this into the README:\n{}", example());
    }

    #[test]
    fn help_lists_every_key() {
        let help =
            "Keys, and what they take:\n  check-ins.monday to check-ins.sunday  times such as 10:00,15:30, or none\n";
        assert!(keys_help().starts_with(help), "{}", keys_help());
        assert!(keys_help().contains("`tidegate settings set apps.Battery pass`"), "{}", keys_help());
        assert!(keys_help().lines().all(|line| line.chars().count() <= 100), "{}", keys_help());
    }
}
