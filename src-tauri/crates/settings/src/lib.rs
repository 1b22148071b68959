//! The user's settings, from `settings.toml`: what the file may say, reading it, changing one value of it, and hearing that
//! it changed. What is wrong in it is one clear line, and then none of it counts: half-read settings would be worse than
//! the ones before. Must not know who asks, nor what settings do.
//!
//! A new setting is a row, [`known::Known`], of its section; a new section is a file with a [`section::Section`] and a line
//! in [`section::SECTIONS`]; their words stand in `locales/en/settings.ftl`. Parsing, `tidegate settings`, the window, the
//! head of a new file and the README follow from it.

mod apps;
mod blocks;
mod check_ins;
mod documentation;
mod door;
mod edit;
mod file;
mod group;
mod hand_over;
mod in_force;
mod kind;
mod known;
pub mod minutes;
mod parse;
mod quiet;
mod read_now;
mod safe_list;
mod section;
mod storage;
mod watch;

pub use apps::rules;
pub use documentation::keys_help;
pub use door::{Door, NotChanged};
pub use edit::NotSet;
pub use file::SettingsFile;
pub use group::groups;
pub use hand_over::ways;
pub use in_force::{Change, InForce};
pub use parse::Mistake;
pub use read_now::{NotRead, ReadNow, Reader};
pub use section::{NoSuchKey, Row, row, rows, shown};
pub use watch::watch;
