//! Whether one is held, and why: a pure judgement of who sent it and how the gate stands. Must not know rows or time.

use crate::command::BlockLength;
use crate::notice::{App, Arrival, Proof, State, Why};
use crate::schedule::CheckIns;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// What the user set. Defaults live here only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Check-in times.
    pub check_ins: CheckIns,
    /// Per app id: hold, pass or mute, whatever else would hold.
    pub apps: BTreeMap<String, AppRule>,
    /// Per app id: how a check-in hands over what is held of it; in the digest, where none is set.
    pub hand_over: BTreeMap<String, HandOver>,
    /// Who passes a closed gate.
    pub safe_list: SafeList,
    /// How blocks begin and end.
    pub blocks: Blocks,
    /// What an app's request for quiet does.
    pub quiet: OnQuiet,
    /// What may be kept on disk.
    pub storage: Storage,
}

/// How blocks begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// How long one lasts that is given no length; where nothing is set, as long as the last one.
    pub length: Option<BlockLength>,
    /// A notice says when one is over.
    pub tells_the_end: bool,
    /// Notices of Tidegate sound.
    pub sounds: bool,
    /// Who has touched nothing for so long was away, and is asked whether that counts; nobody is where none is set.
    pub away_minutes: Option<NonZeroU32>,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { length: None, tells_the_end: true, sounds: true, away_minutes: NonZeroU32::new(10) }
    }
}

/// What an app's request for quiet does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnQuiet {
    /// The gate is closed as long as one stands.
    pub holds: bool,
    /// A notice says what was held meanwhile.
    pub tells_the_end: bool,
}

impl Default for OnQuiet {
    fn default() -> Self {
        Self { holds: true, tells_the_end: true }
    }
}

/// What may be kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// Messages as they came, with their pictures, and copies of the files that they name, in MiB of 1,048,576 bytes. Beyond
    /// it the rows keep their text and buttons.
    pub most_megabytes: u32,
}

impl Default for Storage {
    fn default() -> Self {
        Self { most_megabytes: 256 }
    }
}

impl Storage {
    /// What copies of files may take of it, in bytes: a quarter.
    #[must_use]
    pub fn file_bytes(self) -> u64 {
        u64::from(self.most_megabytes) << 18
    }

    /// What messages may take: the rest.
    #[must_use]
    pub fn message_bytes(self) -> u64 {
        (u64::from(self.most_megabytes) << 20) - self.file_bytes()
    }
}

/// How a check-in hands over what is held of one app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HandOver {
    /// In the digest; it stays held until it is dealt with.
    #[default]
    Digest,
    /// Released to the renderer, one by one; the first of a release sounds.
    ReDeliver,
    /// The same without a sound.
    Silent,
}

impl Settings {
    /// How a check-in hands over what is held of this app.
    #[must_use]
    pub fn hand_over_of(&self, app: &str) -> HandOver {
        self.hand_over.get(app).copied().unwrap_or_default()
    }
}

/// A user's rule for one app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppRule {
    /// Hold it while the gate is closed, though it is on the safe list.
    Hold,
    /// Let it through.
    Pass,
    /// Let it through where it was recognised by a sandbox or by what the system installed, and not by what its
    /// notification claims.
    PassTrusted,
    /// Never show it: it is answered and closed.
    Mute,
}

/// One kind of notice that passes a closed gate, and the programs trusted to send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeEntry {
    /// For people: "power".
    pub name: String,
    /// File names of programs that the distribution installs (below `/usr/`).
    pub programs: Vec<String>,
}

/// The tiny visible list of what passes: matched by the program that runs, never by what a notification claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeList {
    /// In the order shown.
    pub entries: Vec<SafeEntry>,
}

impl Default for SafeList {
    fn default() -> Self {
        Self::parse(include_str!("../data/safe-list.txt"))
    }
}

impl SafeList {
    /// Lines of `name: program program …`; `#` begins a comment.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let entries = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, programs)| SafeEntry {
                name: name.trim().to_owned(),
                programs: programs.split_whitespace().map(str::to_owned).collect(),
            })
            .collect();
        Self { entries }
    }

    /// The entry that lets this app through.
    #[must_use]
    pub fn entry_for(&self, app: &App) -> Option<&SafeEntry> {
        if matches!(app.proof, Proof::Flatpak | Proof::Snap) {
            return None;
        }
        let (folder, program) = app.executable.as_deref()?.rsplit_once('/')?;
        if !(folder == "/usr" || folder.starts_with("/usr/")) || folder.starts_with("/usr/local") {
            return None;
        }
        self.entries.iter().find(|entry| entry.programs.iter().any(|known| known == program))
    }
}

/// How the gate stands when one arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stand<'a> {
    Open,
    /// Open because the store failed.
    StoreFailed,
    Block,
    Inhibited(&'a str),
}

impl Stand<'_> {
    fn is_closed(&self) -> bool {
        matches!(self, Self::Block | Self::Inhibited(_))
    }
}

/// The verdict on one arrival, with its reason. Feedback passes unless the user holds or mutes its app.
pub(crate) fn judge(arrival: &Arrival, stand: &Stand<'_>, settings: &Settings) -> (State, Why) {
    if arrival.own {
        return (State::Passed, Why::Own);
    }
    match settings.apps.get(&*arrival.app.id) {
        Some(AppRule::Mute) => return (State::Muted, Why::Rule),
        Some(AppRule::Hold) if stand.is_closed() => return (State::Held, Why::Rule),
        _ if arrival.content.feedback => return (State::Passed, Why::Feedback),
        Some(AppRule::Pass) if stand.is_closed() => return (State::Passed, Why::Rule),
        Some(AppRule::PassTrusted) if stand.is_closed() && arrival.app.is_trusted() => {
            return (State::Passed, Why::Rule);
        }
        Some(AppRule::Hold | AppRule::Pass | AppRule::PassTrusted) | None => {}
    }
    match stand {
        Stand::Open => (State::Passed, Why::GateOpen),
        Stand::StoreFailed => (State::Passed, Why::StoreFailed),
        Stand::Block => safe_or_held(arrival, settings, Why::Block),
        Stand::Inhibited(app) => safe_or_held(arrival, settings, Why::Inhibited((*app).to_owned())),
    }
}

fn safe_or_held(arrival: &Arrival, settings: &Settings, held: Why) -> (State, Why) {
    match settings.safe_list.entry_for(&arrival.app) {
        Some(entry) => (State::Passed, Why::SafeList(entry.name.clone())),
        None => (State::Held, held),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(executable: &str, proof: Proof) -> App {
        App { id: "x".into(), name: "x".into(), proof, desktop_entry: None, executable: Some(executable.into()) }
    }

    fn check(executable: &str, proof: Proof, want: Option<&str>) {
        let list = SafeList::default();
        let found = list.entry_for(&app(executable, proof)).map(|entry| entry.name.as_str());
        assert_eq!(found, want, "{executable}");
    }

    #[test]
    fn the_safe_list_trusts_the_distributions_programs_and_no_look_alikes() {
        check("/usr/bin/xfce4-power-manager", Proof::Executable, Some("power"));
        check("/usr/libexec/gsd-power", Proof::Unit, Some("power"));
        for small in ["batsignal", "poweralertd", "cbatticon"] {
            check(&format!("/usr/bin/{small}"), Proof::Executable, Some("power"));
            check(&format!("/usr/libexec/{small}"), Proof::Unit, Some("power"));
            check(&format!("/home/eve/bin/{small}"), Proof::Executable, None);
        }
        check("/usr/libexec/hyprpolkitagent", Proof::Unit, Some("security prompts"));
        check("/usr/bin/pinentry-gtk-2", Proof::Executable, Some("security prompts"));
        check("/usr/bin/gnome-clocks", Proof::Executable, Some("alarms"));
        check(
            "/usr/libexec/evolution-data-server/evolution-alarm-notify",
            Proof::Executable,
            Some("calendar reminders"),
        );
        check("/home/eve/xfce4-power-manager", Proof::Executable, None);
        check("/usr/local/bin/xfce4-power-manager", Proof::Executable, None);
        check("/usr/bin/xfce4-power-manager", Proof::Flatpak, None);
        check("/usr/bin/slack", Proof::Executable, None);
    }

    #[test]
    fn no_program_on_the_safe_list_sends_for_others_or_is_named_twice() {
        let list = SafeList::default();
        let programs: Vec<_> = list.entries.iter().flat_map(|entry| &entry.programs).collect();
        for shared in ["sh", "bash", "python3", "perl", "node", "notify-send", "dunstify", "gdbus", "busctl"] {
            assert!(!programs.iter().any(|program| *program == shared), "{shared} lets every script through");
        }
        let once: std::collections::BTreeSet<_> = programs.iter().collect();
        assert_eq!(once.len(), programs.len());
        assert!(list.entries.iter().all(|entry| !entry.programs.is_empty()));
    }
}
