//! What every file of the project keeps to, and what must be found nowhere.

use std::path::Path;

use tidegate_tests_architecture::{Result, SourceFile, assert_none, files, read, root};

/// Where tests live; code that only tests use counts as a test.
const TEST_PLACES: &[&str] = &["tests/", "/tests/", "/testkit/", ".test.ts"];

/// Lists that a program wrote: their sums may spell anything.
const LOCKS: &[&str] = &["Cargo.lock", "package-lock.json"];

// In halves, so that this file does not find itself.
const LEFT_OVERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const SLEEP: &str = concat!("sle", "ep(");
const RAW_MARKUP: &str = concat!("{@", "html");

/// The daemon's feature with which a test sets its clock.
const TEST_CLOCK: &str = "test-clock";

/// Names that say nothing: the field has a word for each thing.
const EMPTY_NAMES: &[&str] = &["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];

#[test]
fn every_source_file_opens_by_saying_what_it_is_for() -> Result<()> {
    let files = files()?;
    let silent = files.iter().filter(|file| !opens_with_a_comment(file));
    let offenders: Vec<_> = silent.map(|file| file.path.clone()).collect();
    assert_none(&offenders, "let it begin with a comment: what it is for, and what it must not know");
    Ok(())
}

fn opens_with_a_comment(file: &SourceFile) -> bool {
    let mut lines = file.text.lines();
    let mut first = lines.next().unwrap_or_default();
    let is_script = first.starts_with("#!") && !first.starts_with("#![");
    if is_script {
        first = lines.next().unwrap_or_default();
    }
    let openings: &[&str] = match Path::new(&file.path).extension().and_then(|e| e.to_str()) {
        Some("rs") => &["//!"],
        Some("ts" | "js" | "mjs") => &["//", "/*"],
        Some("css") => &["/*"],
        Some("svelte" | "svg") => &["<!--"],
        Some("py") => &["#", "\"\"\""],
        Some("sh") => &["#"],
        _ if is_script => &["#"],
        _ => return true,
    };
    openings.iter().any(|opening| first.starts_with(opening))
}

#[test]
fn nothing_is_left_for_later() -> Result<()> {
    let mut offenders = Vec::new();
    for file in files()?.iter().filter(|file| !file.ends_with(LOCKS)) {
        offenders.extend(file.lines_where(|line| has_word(line, LEFT_OVERS)));
    }
    assert_none(&offenders, "finish it, or file an issue and remove the mark");
    Ok(())
}

#[test]
fn no_test_sleeps() -> Result<()> {
    let mut offenders = Vec::new();
    for mut file in files()? {
        file.text = test_part(&file);
        offenders.extend(file.lines_where(|line| calls(line, SLEEP)));
    }
    assert_none(&offenders, "wait for the event with a deadline: see tidegate-testkit's wait.rs");
    Ok(())
}

/// All of a test file; of another Rust file what follows its first test module, with
/// the lines before it left empty.
fn test_part(file: &SourceFile) -> String {
    let is_test = TEST_PLACES.iter().any(|place| file.path.starts_with(place) || file.path.contains(place));
    if is_test {
        return file.text.clone();
    }
    let Some((before, tests)) = file.text.split_once("#[cfg(test)]") else {
        return String::new();
    };
    "\n".repeat(before.matches('\n').count()) + tests
}

#[test]
fn the_window_never_renders_raw_markup() -> Result<()> {
    let mut offenders = Vec::new();
    for file in files()?.iter().filter(|file| file.path.starts_with("ui/")) {
        offenders.extend(file.lines_where(|line| line.contains(RAW_MARKUP)));
    }
    assert_none(&offenders, "what an app sent is only ever text: render it as text");
    Ok(())
}

#[test]
fn types_are_called_what_the_field_calls_them() -> Result<()> {
    let mut offenders = Vec::new();
    let rust = files()?;
    for file in rust.iter().filter(|file| file.ends_with(&[".rs"])) {
        offenders.extend(file.lines_where(declares_an_empty_name));
    }
    assert_none(&offenders, "name it after what it is: README and the notification spec have the words");
    Ok(())
}

fn declares_an_empty_name(line: &str) -> bool {
    let declared = ["struct ", "enum ", "trait "].iter().find_map(|keyword| line.split_once(keyword));
    let Some((before, after)) = declared else {
        return false;
    };
    let is_declaration = matches!(before.trim(), "" | "pub" | "pub(crate)" | "pub(super)");
    let name = after.split(|c: char| !is_word(c)).next();
    is_declaration && name.is_some_and(|name| EMPTY_NAMES.iter().any(|end| name.ends_with(end)))
}

#[test]
fn gate_and_relay_speak_by_one_file() -> Result<()> {
    const SHARED: &str = "relay/src/protocol.rs\"]";
    read("src-tauri/crates/relay/src/protocol.rs")?;
    let files = files()?;
    let gate = files.iter().filter(|file| file.path.starts_with("src-tauri/crates/gate/src/"));
    let mut including =
        gate.flat_map(|file| file.lines_where(|line| line.trim_start().starts_with("#[path") && line.contains(SHARED)));
    assert!(
        including.next().is_some(),
        "the gate takes the protocol from the relay: #[path = \"…/{SHARED} mod protocol;"
    );
    Ok(())
}

#[test]
fn the_window_has_the_generated_contract_and_only_that() -> Result<()> {
    const FOLDER: &str = "ui/src/lib/contract/";
    let files = files()?;
    let contract: Vec<_> = files.iter().filter(|file| file.path.starts_with(FOLDER)).collect();
    assert!(!contract.is_empty(), "{FOLDER} is empty: cargo test -p tidegate-contract writes it; commit it");
    let by_hand = contract.iter().filter(|file| !file.text.contains("Do not edit this file manually"));
    let offenders: Vec<_> = by_hand.map(|file| file.path.clone()).collect();
    assert_none(&offenders, "only generated files belong there: a type by hand goes elsewhere");
    Ok(())
}

#[test]
fn every_package_obeys_the_workspace_s_lints() -> Result<()> {
    let files = files()?;
    let manifests = files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let free = manifests.filter(|file| !file.text.contains("[lints]\nworkspace = true"));
    let offenders: Vec<_> = free.map(|file| file.path.clone()).collect();
    assert_none(&offenders, "add [lints] workspace = true");
    Ok(())
}

#[test]
fn the_domain_s_lints_add_to_the_workspace_s() -> Result<()> {
    let own = read("src-tauri/crates/domain/clippy.toml")?;
    let common = read("clippy.toml")?;
    let settings = common.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lacking = settings.filter(|setting| !own.lines().any(|line| line == *setting));
    let offenders: Vec<_> = lacking.map(str::to_owned).collect();
    assert_none(&offenders, "clippy reads only the nearest clippy.toml: repeat it in domain's");
    assert!(
        own.contains("disallowed-methods") && own.contains("disallowed-types"),
        "domain's clippy.toml is what keeps clocks and I/O out"
    );
    Ok(())
}

#[test]
fn the_shell_s_main_stays_short() -> Result<()> {
    let lines = read("src-tauri/src/main.rs")?.lines().count();
    assert!(lines <= 60, "src-tauri/src/main.rs has {lines} lines: it only starts what other files say");
    Ok(())
}

#[test]
fn no_build_but_the_tests_has_their_clock() -> Result<()> {
    const TESTS: &str = "scripts/test";
    const BUILDS: &[&str] = &["Makefile", "packaging/", "scripts/", ".ci/"];
    let asks = |line: &str| line.contains(TEST_CLOCK) || line.contains("--all-features");
    let files = files()?;
    let (for_tests, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.path == TESTS);
    assert!(for_tests.iter().any(|file| file.text.contains(TEST_CLOCK)), "{TESTS} builds without the tests' clock");
    let builds = others.iter().filter(|file| BUILDS.iter().any(|place| file.path.starts_with(place)));
    let mut offenders: Vec<_> = builds.flat_map(|file| file.lines_where(asks)).collect();
    for file in others.iter().filter(|file| file.ends_with(&["Cargo.toml", "config.toml"])) {
        let declared = |line: &str| line.trim() == format!("{TEST_CLOCK} = []");
        offenders.extend(file.lines_where(|line| line.contains(TEST_CLOCK) && !declared(line)));
    }
    assert_none(&offenders, "whoever can set the clock can end a block: the feature is for the tests alone");
    Ok(())
}

#[test]
fn what_packages_promise_exists() -> Result<()> {
    // And systemd's own.
    const BINARIES: &[&str] = &["tidegate", "tidegate-relay", "tidegate-app", "systemctl"];
    let files = files()?;
    let mut offenders = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("packaging/")) {
        let started = file.lines_where(|line| program(line).is_some_and(|name| !BINARIES.contains(&name)));
        offenders.extend(started);
    }
    assert_none(&offenders, "no such program is built here");
    assert!(root().join("icons/org.tidegate.Tidegate.svg").is_file(), "the desktop entry names this icon");
    Ok(())
}

/// The program that a line of a unit, a service file or a desktop entry starts.
fn program(line: &str) -> Option<&str> {
    let command = line.strip_prefix("Exec=").or_else(|| line.strip_prefix("ExecStart="))?;
    let program = command.split(' ').next()?;
    Some(program.strip_prefix("/usr/bin/").unwrap_or(program))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(line: &str, words: &[&str]) -> bool {
    line.split(|c: char| !is_word(c)).any(|word| words.contains(&word))
}

/// Whether `call` stands in the line as a whole word.
fn calls(line: &str, call: &str) -> bool {
    line.match_indices(call).any(|(at, _)| !line[..at].ends_with(is_word))
}
