//! What standing in the path of notifications demands is numbered in `docs/notifications.md`: each number has a test that is
//! named after it, and whoever cites one finds it there.

use std::collections::BTreeSet;

use tidegate_tests_architecture::{Result, SourceFile, assert_none, files, read};

const DEMANDS: &str = "docs/notifications.md";

#[test]
fn every_numbered_check_has_a_test() -> Result<()> {
    let files = files()?;
    let tested: BTreeSet<_> = files.iter().filter(|file| file.ends_with(&[".rs"])).flat_map(checks_in).collect();
    let lacking = demanded()?.into_iter().filter(|number| !tested.contains(number));
    let offenders: Vec<_> = lacking.map(|number| format!("check {number}")).collect();
    assert_none(&offenders, "write a test that fails without it: fn check_NN_what_it_says");
    let demanded: BTreeSet<_> = demanded()?.into_iter().collect();
    let offenders: Vec<_> = tested.difference(&demanded).map(|number| format!("check_{number:02}")).collect();
    assert_none(&offenders, "docs/notifications.md has no entry of that number");
    Ok(())
}

#[test]
fn every_check_that_is_cited_stands_in_the_document() -> Result<()> {
    let demanded = demanded()?;
    let mut offenders = Vec::new();
    for file in files()?.iter().filter(|file| file.ends_with(&[".rs", ".ts", ".svelte", ".md"])) {
        offenders.extend(file.lines_where(|line| cited(line).iter().any(|number| !demanded.contains(number))));
    }
    assert_none(&offenders, "docs/notifications.md has no entry of that number");
    Ok(())
}

#[test]
fn the_documents_numbers_rise() -> Result<()> {
    let demanded = demanded()?;
    assert!(!demanded.is_empty() && demanded.is_sorted_by(|one, next| one < next), "{DEMANDS}: {demanded:?}");
    Ok(())
}

/// The numbers of the document's entries, in its order.
fn demanded() -> Result<Vec<u32>> {
    let text = read(DEMANDS)?;
    Ok(text.lines().filter_map(|line| line.split_once(". ")?.0.parse().ok()).collect())
}

/// The numbers that a line cites: "check 19", "checks 9 to 21".
fn cited(line: &str) -> Vec<u32> {
    let words: Vec<_> = line.split_whitespace().collect();
    let number = |at: usize| words.get(at)?.trim_end_matches(|c: char| !c.is_alphanumeric()).parse().ok();
    let cited_at = |at: usize| match words[at].trim_start_matches(|c: char| !c.is_alphanumeric()) {
        "check" | "Check" => [number(at + 1), None],
        "checks" | "Checks" => [number(at + 1), number(at + 3)],
        _ => [None, None],
    };
    (0..words.len()).flat_map(cited_at).flatten().collect()
}

/// The numbers that test functions of a file begin their names with.
fn checks_in(file: &SourceFile) -> Vec<u32> {
    let mut is_test = false;
    let mut numbers = Vec::new();
    for line in file.text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= matches!(line, "#[test]" | "#[tokio::test]") || line.starts_with("#[tokio::test(");
            continue;
        }
        if std::mem::take(&mut is_test) {
            numbers.extend(number(line));
        }
    }
    numbers
}

fn number(line: &str) -> Option<u32> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (number, says) = line.strip_prefix("fn check_")?.split_once('_')?;
    let is_named = says.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    (number.len() == 2 && is_named).then(|| number.parse().ok())?
}

#[test]
fn only_test_functions_count() {
    let text = "#[test]\nfn check_07_says() {}\nfn check_08_no_test() {}\n#[tokio::test]\nasync fn check_09_2_30() {}\n\
                #[test]\nfn check_1_short() {}\n#[test]\n#[ignore]\nfn check_10_() {}\n";
    let file = SourceFile { path: "x.rs".to_owned(), text: text.to_owned() };
    assert_eq!(checks_in(&file), [7, 9]);
}

#[test]
fn numbers_are_cited_one_by_one_or_from_one_to_another() {
    assert_eq!(cited("/// Only if it is still the same (check 32)."), [32]);
    assert_eq!(cited("//! Check 52: nobody else reads it; the service (checks 1 to 8)."), [52, 1, 8]);
    assert_eq!(cited("The next check-in is 14:00, to check 2nd of 3 checks; make check, 9 s"), Vec::<u32>::new());
}
