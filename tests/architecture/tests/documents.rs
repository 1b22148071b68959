//! What documents say of the repository is there: each link leads somewhere, and each file that is named exists. Must not
//! know what a document is about.

use std::fs;
use std::path::Path;

use tidegate_tests_architecture::{Result, SourceFile, assert_none, files, paths, read, root};

/// For whoever changes the program. The others name files of people's own too.
const FOR_MAINTAINERS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions.md", "docs/notifications.md"];

/// How the names of files end that stand without a folder.
const ENDINGS: &[&str] = &[".rs", ".ts", ".svelte", ".sql", ".toml", ".txt", ".md", ".service"];

#[test]
fn every_link_of_a_document_leads_somewhere() -> Result<()> {
    let mut offenders = Vec::new();
    for document in files()?.iter().filter(|file| file.ends_with(&[".md"])) {
        let lost = links(&document.text).filter(|link| !leads_somewhere(document, link));
        offenders.extend(lost.map(|link| format!("{}: {link}", document.path)));
    }
    assert_none(&offenders, "there is no such file, or no such heading in it");
    Ok(())
}

#[test]
fn every_file_that_a_document_names_exists() -> Result<()> {
    let paths = paths()?;
    let mut offenders = Vec::new();
    for document in FOR_MAINTAINERS {
        let text = read(document)?;
        let named = in_backticks(&text).filter(|word| is_file_name(word));
        let gone = named.filter(|name| !paths.iter().any(|path| leads_to(path, name)));
        offenders.extend(gone.map(|name| format!("{document}: {name}")));
    }
    assert_none(&offenders, "it was moved or removed: say where it is now");
    Ok(())
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0))
}

fn leads_somewhere(document: &SourceFile, link: &str) -> bool {
    if link.contains("://") {
        return true;
    }
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let from = root().join(&document.path);
    let target = if file.is_empty() { from } else { from.with_file_name(file) };
    let has = |heading: &str| {
        let text = fs::read_to_string(&target).unwrap_or_default();
        text.lines().any(|line| anchor(line).is_some_and(|anchor| anchor == heading))
    };
    heading.map_or_else(|| target.exists(), has)
}

/// What a link to this heading says behind its `#`; nothing for any other line.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let kept = heading.to_lowercase().replace(' ', "-");
    Some(kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect())
}

/// What stands in backticks, but for whole blocks.
fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    let outside_blocks = text.split("```").step_by(2);
    outside_blocks.flat_map(|part| part.split('`').skip(1).step_by(2))
}

fn is_file_name(word: &str) -> bool {
    let is_path = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'));
    let is_of_a_file = word.contains('/') || ENDINGS.iter().any(|ending| word.ends_with(ending));
    is_path && is_of_a_file && !word.starts_with('/')
}

/// Whether a name stands for this file or a folder above it. Folders may be left out: `gate/senders.rs` is
/// `src-tauri/crates/gate/src/senders.rs`.
fn leads_to(path: &str, name: &str) -> bool {
    let name = Path::new(name);
    Path::new(path).ancestors().any(|place| {
        let mut parts = place.components();
        place.file_name() == name.file_name() && name.components().all(|wanted| parts.any(|part| part == wanted))
    })
}

#[test]
fn a_name_may_leave_folders_out_and_nothing_else() {
    let path = "src-tauri/crates/gate/src/wire/image.rs";
    for name in ["gate/wire/image.rs", "image.rs", "gate/wire", "gate/wire/", "crates/gate"] {
        assert!(leads_to(path, name), "{name}");
    }
    for name in ["wire/gate/image.rs", "gate/wires", "image", "relay/image.rs"] {
        assert!(!leads_to(path, name), "{name}");
    }
}

#[test]
fn what_is_a_heading_and_a_name_is_told_from_other_words() {
    assert_eq!(anchor("## What passes a closed gate?").as_deref(), Some("what-passes-a-closed-gate"));
    assert_eq!(anchor("# The `gate`"), Some("the-gate".to_owned()));
    assert_eq!(anchor("no heading"), None);
    let text = "See `gate/wire.rs`, `make test` and\n`/etc/x.md`.\n```\n`not/this.rs`\n```\nAnd `notes.md`.";
    let named: Vec<_> = in_backticks(text).filter(|word| is_file_name(word)).collect();
    assert_eq!(named, ["gate/wire.rs", "notes.md"]);
}
