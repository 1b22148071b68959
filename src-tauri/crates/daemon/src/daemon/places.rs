//! Where the daemon's files lie, by the XDG Base Directory Specification. Must not know what is in them.

use crate::pictures::PicturePlaces;
use anyhow::Context;
use std::ffi::OsString;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tidegate_gate::RendererFacts;
use tidegate_platform::apps::Folders;
use tidegate_platform::icons::IconPlaces;

/// The user's settings, below `$XDG_CONFIG_HOME`.
const SETTINGS: &str = "tidegate/settings.toml";

/// The session's folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `$XDG_RUNTIME_DIR`.
    pub runtime: PathBuf,
    /// `$XDG_STATE_HOME`.
    pub state: PathBuf,
    /// `$XDG_DATA_HOME`.
    pub data: PathBuf,
    /// `$XDG_CONFIG_HOME`.
    pub config: PathBuf,
    /// `$XDG_DATA_DIRS`.
    pub shared_data: Vec<PathBuf>,
}

impl Places {
    /// From the environment.
    ///
    /// # Errors
    /// When there is no runtime folder or no home.
    pub fn find() -> anyhow::Result<Self> {
        let runtime = absolute("XDG_RUNTIME_DIR")
            .context("XDG_RUNTIME_DIR is not set: Tidegate runs inside a desktop session, so start it there")?;
        Ok(Self {
            runtime,
            state: or_below_home("XDG_STATE_HOME", ".local/state")?,
            data: or_below_home("XDG_DATA_HOME", ".local/share")?,
            config: or_below_home("XDG_CONFIG_HOME", ".config")?,
            shared_data: shared_data(std::env::var_os("XDG_DATA_DIRS")),
        })
    }

    /// Where the desktop entries of apps lie.
    #[must_use]
    pub fn apps(&self) -> Folders {
        Folders::below(std::iter::once(&self.data).chain(&self.shared_data).cloned())
    }

    /// Where pictures lie. Icons are looked for where the Icon Theme Specification says.
    #[must_use]
    pub fn pictures(&self) -> PicturePlaces {
        let own = absolute("HOME").map(|home| home.join(".icons"));
        let data = std::iter::once(&self.data).chain(&self.shared_data).map(|data| data.join("icons"));
        let themes: Vec<_> = own.into_iter().chain(data).collect();
        let pixmaps = self.shared_data.iter().map(|data| data.join("pixmaps"));
        let loose = themes.iter().cloned().chain(pixmaps).collect();
        PicturePlaces { copies: self.files(), icons: IconPlaces { themes, loose, config: self.config.clone() } }
    }

    /// Where all that is kept lies.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.data.join("tidegate")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("tidegate/tidegate.db")
    }

    /// What is remembered of the database, so that it is noticed when that is deleted or emptied.
    #[must_use]
    pub fn database_witness(&self) -> PathBuf {
        self.state.join("tidegate/database.json")
    }

    /// Copies of files that notifications name.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.data.join("tidegate/files")
    }

    /// The user's settings.
    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.config.join(SETTINGS)
    }

    /// What the renderer said of itself when it was last seen.
    #[must_use]
    pub fn facts_file(&self) -> PathBuf {
        self.state.join("tidegate/renderer-facts.json")
    }

    /// A renderer that was never seen is taken to have what the specification expects of most.
    #[must_use]
    pub fn read_facts(&self) -> RendererFacts {
        let known = std::fs::read(self.facts_file()).ok().and_then(|text| serde_json::from_slice(&text).ok());
        known.unwrap_or_else(|| RendererFacts {
            capabilities: ["body", "actions", "body-markup"].map(str::to_owned).into(),
            ..RendererFacts::default()
        })
    }
}

/// The user's settings, also where there is no session.
///
/// # Errors
/// When there is no home.
pub fn settings_file() -> anyhow::Result<PathBuf> {
    Ok(or_below_home("XDG_CONFIG_HOME", ".config")?.join(SETTINGS))
}

/// Keeps what the renderer says of itself for the next start.
pub(super) fn write_facts(file: &Path, facts: &RendererFacts) {
    if let Err(error) = try_write_facts(file, facts) {
        tracing::warn!(%error, "what the notification daemon says of itself could not be kept");
    }
}

fn try_write_facts(file: &Path, facts: &RendererFacts) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    let half = file.with_extension("new");
    let out = options.write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    serde_json::to_writer(out, facts)?;
    Ok(std::fs::rename(&half, file)?)
}

/// The specification has relative paths ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn shared_data(set: Option<OsString>) -> Vec<PathBuf> {
    let set = set.filter(|folders| !folders.is_empty()).unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    std::env::split_paths(&set).filter(|path| path.is_absolute()).collect()
}

fn or_below_home(variable: &str, below: &str) -> anyhow::Result<PathBuf> {
    match absolute(variable) {
        Some(path) => Ok(path),
        None => Ok(absolute("HOME").context("HOME is not set, so there is no place for Tidegate's files")?.join(below)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_data_lies_where_the_specification_says() {
        let folders = |set: Option<&str>| {
            let folders = shared_data(set.map(OsString::from));
            folders.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        let usual = ["/usr/local/share", "/usr/share"];
        assert_eq!(
            (folders(None), folders(Some(""))),
            (usual.map(str::to_owned).to_vec(), usual.map(str::to_owned).to_vec())
        );
        assert_eq!(folders(Some("/a/share:relative::/b")), ["/a/share", "/b"]);
    }
}
