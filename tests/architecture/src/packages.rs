//! The packages and what they depend on, from `cargo metadata` for the platform of this
//! machine; and the versions that `Cargo.lock` holds.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::{Result, read, root};

/// The workspace's packages and their dependencies.
#[derive(Debug)]
pub struct Packages {
    ours: BTreeSet<String>,
    by_default: BTreeSet<String>,
    /// Of our own: the names in the manifest, without those for tests.
    direct: BTreeMap<String, BTreeSet<String>>,
    /// Of all: what ends up in the program, without what only builds it.
    linked: BTreeMap<String, BTreeSet<String>>,
    /// Names of `linked`'s keys.
    names: BTreeMap<String, String>,
}

impl Packages {
    /// Asks cargo, which needs no network once everything was built.
    ///
    /// # Errors
    /// If cargo fails or says something unexpected.
    pub fn read() -> Result<Self> {
        let metadata = metadata()?;
        let packages = list(&metadata["packages"]);
        let names: BTreeMap<_, _> = packages.map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let ours = named(&metadata["workspace_members"], &names);
        let direct = list(&metadata["packages"])
            .map(|package| (text(&package["name"]), in_manifest(package)))
            .filter(|(name, _)| ours.contains(name))
            .collect();
        let linked = list(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), linked_by(node))).collect();
        let by_default = named(&metadata["workspace_default_members"], &names);
        Ok(Self { ours, by_default, direct, linked, names })
    }

    /// The names of our own packages.
    pub fn ours(&self) -> impl Iterator<Item = &str> {
        self.ours.iter().map(String::as_str)
    }

    /// Those of ours that a plain `cargo build` builds.
    pub fn by_default(&self) -> impl Iterator<Item = &str> {
        self.by_default.iter().map(String::as_str)
    }

    /// Whether `name` is one of our own.
    #[must_use]
    pub fn is_ours(&self, name: &str) -> bool {
        self.ours.contains(name)
    }

    /// What one of ours names in its manifest, without what only its tests use.
    pub fn direct(&self, name: &str) -> impl Iterator<Item = &str> {
        self.direct.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Everything that is linked into one of ours.
    #[must_use]
    pub fn linked(&self, name: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let is_start = |(_, found): &(&String, &String)| *found == name;
        let mut open: Vec<_> = self.names.iter().filter(is_start).map(first).collect();
        while let Some(id) = open.pop() {
            let further = self.linked.get(id).into_iter().flatten();
            open.extend(further.filter(|next| reached.insert(*next)));
        }
        let name_of = |id: &String| self.names.get(id).map(String::as_str);
        reached.into_iter().filter_map(name_of).collect()
    }
}

/// The versions of `name` in `Cargo.lock`.
///
/// # Errors
/// If it cannot be read.
pub fn locked_versions(name: &str) -> Result<Vec<String>> {
    let lock = read("Cargo.lock")?;
    let head = format!("name = \"{name}\"");
    let entries = lock.split("[[package]]").map(str::trim_start);
    let own = entries.filter(|entry| entry.lines().next() == Some(&head));
    Ok(own.filter_map(version).collect())
}

fn version(entry: &str) -> Option<String> {
    let line = entry.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(line.trim_matches('"').to_owned())
}

fn metadata() -> Result<Value> {
    let platform = platform()?;
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &platform])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The platform that rustc builds for here, as `rustc -vV` names it.
fn platform() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let answer = String::from_utf8(output.stdout)?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc -vV names no host")?.to_owned())
}

fn in_manifest(package: &Value) -> BTreeSet<String> {
    let for_tests = |dependency: &&Value| dependency["kind"] == "dev";
    list(&package["dependencies"])
        .filter(|dependency| !for_tests(dependency))
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn linked_by(node: &Value) -> BTreeSet<String> {
    let is_linked = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
    list(&node["deps"]).filter(is_linked).map(|dependency| text(&dependency["pkg"])).collect()
}

fn named(ids: &Value, names: &BTreeMap<String, String>) -> BTreeSet<String> {
    list(ids).filter_map(|id| names.get(id.as_str()?)).cloned().collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn first<'a>((id, _): (&'a String, &'a String)) -> &'a String {
    id
}
