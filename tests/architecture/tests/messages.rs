//! What the programs say stands in the catalogue, and what stands there is said. That a message exists and takes what it is
//! given does not compile otherwise; what the window says by itself is looked at by its own tests.

use std::collections::BTreeSet;
use tidegate_tests_architecture::{Result, assert_none, files};

/// What the window says by itself.
const WINDOW: &str = "window";

#[test]
fn each_message_is_said_somewhere() -> Result<()> {
    let files = files()?;
    let sources = files.iter().filter(|file| file.ends_with(&[".rs"]));
    let said: BTreeSet<_> = sources.flat_map(|file| called(&file.text)).collect();
    let catalogue = files.iter().filter(|file| file.path.starts_with("locales/en/") && !is_the_windows(&file.path));
    let mut offenders = Vec::new();
    for file in catalogue {
        let unsaid = functions(&file.text).filter(|name| !said.contains(name.as_str()));
        offenders.extend(unsaid.map(|name| format!("{}: {name}", file.path)));
    }
    assert_none(&offenders, "nobody says it: remove it from every language");
    Ok(())
}

fn is_the_windows(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with(WINDOW))
}

/// The functions of `words::say` that a source names.
fn called(text: &str) -> impl Iterator<Item = &str> {
    text.split("say::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

/// The functions that the messages of a file become, and their attributes.
fn functions(text: &str) -> impl Iterator<Item = String> {
    let mut of = "";
    text.lines().filter_map(move |line| {
        let (name, _) = line.split_once(" =")?;
        match name.strip_prefix("    .") {
            Some(attribute) => Some(format!("{of}.{attribute}").replace(['-', '.'], "_")),
            None if name.starts_with(|c: char| c.is_ascii_lowercase()) => {
                of = name;
                Some(name.replace('-', "_"))
            }
            None => None,
        }
    })
}
