//! What is written about the settings: the head of a new file, the README's example, the help of `tidegate settings`. All
//! of it from the table of sections. Must not know any of them.

use super::parse::VERSION;
use super::section::{SECTIONS, Section};

/// The file of somebody who has none yet.
pub(super) fn new_file() -> String {
    let mut text = "# The settings of Tidegate. A change counts as soon as the file is saved; `tidegate status`\n\
                    # names a mistake by its line, and `tidegate settings` lists and changes them without an editor.\n"
        .to_owned();
    for section in SECTIONS {
        let prose = section.about.iter().chain(section.aside).map(|line| format!("# {line}\n"));
        let lines = lines_of(section).map(|line| format!("#     {line}\n"));
        text.push_str(&format!("#\n{}{}", prose.collect::<String>(), lines.collect::<String>()));
    }
    format!("{text}\nversion = {VERSION}\n")
}

/// A file that uses every section.
#[cfg(test)]
pub(super) fn example() -> String {
    let sections = SECTIONS.map(|section| {
        let prose = section.about.iter().map(|line| format!("# {line}\n"));
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
    let keys: Vec<_> = SECTIONS.into_iter().flat_map(Section::keys).collect();
    let width = keys.iter().map(|(keys, _)| keys.len()).max().unwrap_or_default();
    let rows: Vec<_> = keys.iter().map(|(keys, takes)| format!("  {keys:width$}  {takes}\n")).collect();
    let aside = SECTIONS.into_iter().flat_map(|section| section.aside).map(|line| format!("{line}\n"));
    format!("Keys, and what they take:\n{}\n{}", rows.concat(), aside.collect::<String>())
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
