//! What the tests of the house look at: the packages as cargo resolves them, and the
//! files as git lists them. Knows no rule; the rules are in `tests/`.

mod packages;
mod tree;

pub use packages::{Packages, locked_versions};
pub use tree::{SourceFile, files, paths, read, root};

/// Whatever went wrong while looking: a test passes it on and fails.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Fails with one offender a line and what to do about them, unless there are none.
pub fn assert_none(offenders: &[String], remedy: &str) {
    assert!(offenders.is_empty(), "{remedy}:\n  {}", offenders.join("\n  "));
}
