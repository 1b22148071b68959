//! Writes the manual pages into a folder, one for each verb: `make man`. They say what `--help` says. A program of its own,
//! so that nothing of it is in the other. Must not know what a verb does.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::error::Error;
use std::fs;
use std::path::Path;
use tidegate_daemon::cli::Args;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: tidegate-man FOLDER")?;
    let mut command = Args::command();
    command.build();
    write(&command, Path::new(&folder))
}

/// The page of a command, and those of its verbs.
fn write(command: &Command, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let man = Man::new(command.clone());
    fs::write(folder.join(man.get_filename()), page(command, &man)?)?;
    command.get_subcommands().try_for_each(|verb| write(verb, folder))
}

fn page(command: &Command, man: &Man) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let end = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    page.extend(sections(&end).to_roff().into_bytes());
    Ok(page)
}

/// What `--help` says at its end: lines below a heading such as `Examples:` stay as they are, the rest is prose.
fn sections(end: &str) -> Roff {
    let mut roff = Roff::new();
    let mut in_notes = false;
    for paragraph in end.split("\n\n") {
        match headed(paragraph) {
            Some((heading, lines)) => {
                in_notes = false;
                roff.control("SH", [heading.to_uppercase().as_str()]).control("nf", []);
                for line in lines.lines() {
                    roff.text([roman(line)]);
                }
                roff.control("fi", []);
            }
            None if paragraph.trim().is_empty() => {}
            None => {
                let control = if in_notes { ("PP", None) } else { ("SH", Some("NOTES")) };
                in_notes = true;
                roff.control(control.0, control.1).text([roman(paragraph.replace('\n', " "))]);
            }
        }
    }
    roff
}

fn headed(paragraph: &str) -> Option<(&str, &str)> {
    let (heading, lines) = paragraph.split_once(":\n")?;
    let indented = !heading.contains('\n') && lines.lines().all(|line| line.starts_with(' '));
    indented.then_some((heading, lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::process::Command as Program;

    #[test]
    fn every_verb_has_a_page_and_groff_finds_nothing_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Args::command();
        command.build();
        write(&command, folder.path()).unwrap();
        let pages: BTreeSet<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        for verb in command.get_subcommands() {
            assert!(pages.contains(&format!("tidegate-{}.1", verb.get_name())), "{verb}: {pages:?}");
        }
        assert!(pages.contains("tidegate.1") && pages.contains("tidegate-settings-set.1"), "{pages:?}");
        for page in &pages {
            let groff =
                Program::new("groff").args(["-man", "-Tutf8", "-ww", "-P-cbou"]).arg(folder.path().join(page)).output();
            let groff = groff.expect("groff is missing: apt-get install groff-base");
            let complaints = String::from_utf8_lossy(&groff.stderr);
            assert!(groff.status.success() && complaints.is_empty(), "{page}: {} {complaints}", groff.status);
            assert!(String::from_utf8_lossy(&groff.stdout).contains("SYNOPSIS"), "{page}");
        }
    }

    #[test]
    fn examples_stay_in_lines_and_prose_flows() {
        let roff = sections("Examples:\n  tidegate a\n  .b\n\nOne\ntwo.\n\nThree.").to_roff();
        let parts = [".SH EXAMPLES\n.nf\n  tidegate a\n", ".fi\n.SH NOTES\nOne two.\n.PP\nThree."];
        assert!(parts.iter().all(|part| roff.contains(part)), "{roff}");
    }
}
