//! Who may depend on whom, as ARCHITECTURE.md draws it: our packages among themselves,
//! the few that are kept free of libraries, and what must never be linked into a
//! resident program.

use tidegate_tests_architecture::{Packages, Result, assert_none, locked_versions};

/// Each package of ours and those of ours that it may name. What is only for tests is
/// free: `tidegate-testkit` stands there.
const ARROWS: &[(&str, &[&str])] = &[
    ("tidegate-domain", &[]),
    ("tidegate-relay", &[]),
    ("tidegate-bus", &[]),
    ("tidegate-contract", &["tidegate-domain"]),
    ("tidegate-engine", &["tidegate-domain"]),
    ("tidegate-store", &["tidegate-domain"]),
    ("tidegate-gate", &["tidegate-bus", "tidegate-domain", "tidegate-platform"]),
    ("tidegate-platform", &["tidegate-bus", "tidegate-domain"]),
    (
        "tidegate",
        &[
            "tidegate-bus",
            "tidegate-contract",
            "tidegate-domain",
            "tidegate-engine",
            "tidegate-gate",
            "tidegate-platform",
            "tidegate-settings",
            "tidegate-store",
            "tidegate-words",
        ],
    ),
    ("tidegate-settings", &["tidegate-contract", "tidegate-domain", "tidegate-platform", "tidegate-words"]),
    ("tidegate-words", &["tidegate-contract", "tidegate-domain"]),
    ("tidegate-man", &["tidegate"]),
    ("tidegate-app", &["tidegate-bus", "tidegate-contract", "tidegate-words"]),
    ("tidegate-testkit", &["tidegate-domain"]),
    ("tidegate-tests-architecture", &[]),
    ("tidegate-tests-process", TESTS),
    ("tidegate-tests-desktops", TESTS),
    ("tidegate-tests-app", TESTS),
];

/// Tests from outside know the programs and what they say, in words, never their insides.
const TESTS: &[&str] = &["tidegate-contract", "tidegate-testkit", "tidegate-words"];

/// Packages that keep to themselves, and the only libraries that they may name.
const FRUGAL: &[(&str, &[&str])] = &[
    ("tidegate-domain", &["chrono", "jiff", "thiserror"]),
    ("tidegate-relay", &["rustix", "serde", "serde_json"]),
    ("tidegate-tests-architecture", &["serde_json"]),
];

/// What must not be linked into a program, however far away the reason is.
const UNLINKED: &[(&str, &[&str])] = &[
    ("tidegate-relay", &["tokio", "zbus"]),
    ("tidegate", &["tauri", "wry", "gtk", "webkit2gtk"]),
    ("tidegate-app", &["rusqlite"]),
];

/// Libraries whose types meet: two versions of one would not fit together.
const ONCE: &[&str] = &["chrono", "rusqlite", "serde", "tokio", "zbus", "zvariant"];

#[test]
fn our_packages_depend_only_along_the_arrows() -> Result<()> {
    let packages = Packages::read()?;
    let mut offenders = Vec::new();
    for name in packages.ours() {
        let Some((_, allowed)) = ARROWS.iter().find(|(package, _)| *package == name) else {
            offenders.push(format!("{name} has no row in ARROWS"));
            continue;
        };
        let ours = packages.direct(name).filter(|other| packages.is_ours(other));
        let wrong = ours.filter(|other| !allowed.contains(other));
        offenders.extend(wrong.map(|other| format!("{name} → {other}")));
    }
    assert_none(&offenders, "no such arrow: let them meet in a port of domain, wired by the daemon");
    Ok(())
}

#[test]
fn every_row_of_these_tables_is_about_a_package_that_exists() -> Result<()> {
    let packages = Packages::read()?;
    let rows = [ARROWS, FRUGAL, UNLINKED].into_iter().flatten();
    let gone = rows.filter(|(name, _)| !packages.is_ours(name));
    let offenders: Vec<_> = gone.map(|(name, _)| (*name).to_owned()).collect();
    assert_none(&offenders, "no longer a package: remove or rename its rows");
    Ok(())
}

#[test]
fn domain_and_relay_use_only_the_libraries_allowed() -> Result<()> {
    let packages = Packages::read()?;
    let mut offenders = Vec::new();
    for (name, allowed) in FRUGAL {
        let wrong = packages.direct(name).filter(|library| !allowed.contains(library));
        offenders.extend(wrong.map(|library| format!("{name} → {library}")));
    }
    assert_none(&offenders, "these packages do without: move the code that needs it to where it belongs");
    Ok(())
}

#[test]
fn only_the_shell_names_tauri() -> Result<()> {
    let packages = Packages::read()?;
    let mut offenders = Vec::new();
    for name in packages.ours().filter(|name| *name != "tidegate-app") {
        let tauri = packages.direct(name).filter(|library| library.starts_with("tauri"));
        offenders.extend(tauri.map(|library| format!("{name} → {library}")));
    }
    assert_none(&offenders, "only tidegate-app may know that the window is Tauri's");
    Ok(())
}

#[test]
fn resident_programs_link_nothing_heavy() -> Result<()> {
    let packages = Packages::read()?;
    let mut offenders = Vec::new();
    for (name, banned) in UNLINKED {
        let linked = packages.linked(name);
        let wrong = banned.iter().filter(|library| linked.contains(**library));
        offenders.extend(wrong.map(|library| format!("{name} links {library}")));
    }
    assert_none(&offenders, "each program stays small for its memory: see `cargo tree -p PACKAGE -i LIBRARY`");
    Ok(())
}

#[test]
fn a_plain_build_leaves_the_shell_out() -> Result<()> {
    let packages = Packages::read()?;
    let slow = ["tidegate-app", "tidegate-tests-app"];
    let expected = packages.ours().filter(|name| !slow.contains(name));
    assert!(packages.by_default().eq(expected), "default-members in Cargo.toml are all members but {slow:?}");
    Ok(())
}

#[test]
fn libraries_whose_types_meet_are_there_once() -> Result<()> {
    let mut offenders = Vec::new();
    for name in ONCE {
        let versions = locked_versions(name)?;
        if versions.len() > 1 {
            offenders.push(format!("{name}: {}", versions.join(", ")));
        }
    }
    assert_none(&offenders, "pin the newcomer to what the others use (cargo tree -d)");
    Ok(())
}
