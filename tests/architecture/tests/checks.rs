//! What standing in the path of notifications demands is numbered, and each number has a test that is named after it.

use std::collections::BTreeSet;

use tidegate_tests_architecture::{Result, SourceFile, assert_none, files};

/// The demands are numbered from 1 to this.
const CHECKS: u32 = 52;

#[test]
fn every_numbered_check_has_a_test() -> Result<()> {
    let files = files()?;
    let rust = files.iter().filter(|file| file.ends_with(&[".rs"]));
    let tested: BTreeSet<_> = rust.flat_map(checks_in).collect();
    let lacking: Vec<_> = (1..=CHECKS).filter(|number| !tested.contains(number)).collect();
    let offenders: Vec<_> = lacking.iter().map(|number| format!("check {number}")).collect();
    assert_none(&offenders, "write a test that fails without it: fn check_NN_what_it_says");
    let unknown = tested.iter().filter(|number| !(1..=CHECKS).contains(*number));
    let offenders: Vec<_> = unknown.map(|number| format!("check_{number:02}")).collect();
    assert_none(&offenders, "there is no check of that number");
    Ok(())
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
