//! The project's files: what git tracks or would track, so nothing that was built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// A text file of the project.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl SourceFile {
    /// Whether its name ends with one of `endings`, each given with its dot.
    #[must_use]
    pub fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The lines for which `wanted` holds, each as `path:number: line`.
    pub fn lines_where(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let numbered = self.text.lines().enumerate();
        numbered
            .filter(|(_, line)| wanted(line))
            .map(|(index, line)| format!("{}:{}: {}", self.path, index + 1, line.trim()))
            .collect()
    }
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One file that must be there.
///
/// # Errors
/// If it cannot be read, with its path.
pub fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}").into())
}

/// Every text file that is tracked, or untracked and not ignored.
///
/// # Errors
/// If this is no git checkout or git is missing.
pub fn files() -> Result<Vec<SourceFile>> {
    Ok(paths()?.iter().filter_map(|path| text_file(path)).collect())
}

/// The path of every file that is tracked, or untracked and not ignored, text or not.
///
/// # Errors
/// If this is no git checkout or git is missing.
pub fn paths() -> Result<Vec<String>> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()?;
    if !listing.status.success() {
        return Err(String::from_utf8_lossy(&listing.stderr).into());
    }
    let paths = String::from_utf8(listing.stdout)?;
    let are_there = paths.split_terminator('\0').filter(|path| root().join(path).exists());
    Ok(are_there.map(str::to_owned).collect())
}

/// `None` for what is no text.
fn text_file(path: &str) -> Option<SourceFile> {
    let text = fs::read_to_string(root().join(path)).ok()?;
    let path = path.to_owned();
    Some(SourceFile { path, text })
}
