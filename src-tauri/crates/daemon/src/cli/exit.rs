//! The exit statuses, documented in `--help`. Must not know how a failure comes about.

use tidegate_contract::Code;

/// Done.
pub(super) const OK: u8 = 0;
/// The doctor found something that does not work.
pub(super) const UNWELL: u8 = 9;

/// Every status and what it means, for `--help`.
pub(super) const TABLE: [(u8, &str); 15] = [
    (OK, "done"),
    (1, "something went wrong inside"),
    (2, "the command line is wrong"),
    (3, "the daemon does not run or cannot be reached, or there is no desktop session here"),
    (4, "no interruption has that id, or nothing is held of that app"),
    (5, "not possible now: no block runs, not held any more, too late to undo, a mistake in settings.toml"),
    (6, "the app that sent it has quit"),
    (7, "no notification daemon can be reached to show it"),
    (8, "the store or settings.toml cannot be read or written"),
    (UNWELL, "the doctor found something that does not work"),
    (10, "it named no desktop entry by which its app could be opened"),
    (11, "no app is installed for the desktop entry that it named"),
    (12, "its app could not be started"),
    (13, "this desktop is not supported yet: nothing was changed"),
    (14, "pressed or answered, but its app may have forgotten it since the gate restarted"),
];

/// The status of a failure.
#[must_use]
pub(super) fn status(code: Code) -> u8 {
    match code {
        Code::Internal => 1,
        Code::Invalid => 2,
        Code::Away => 3,
        Code::NotFound => 4,
        Code::Conflict => 5,
        Code::AppGone => 6,
        Code::NoRenderer => 7,
        Code::Store => 8,
        Code::NoDesktopEntry => 10,
        Code::NotInstalled => 11,
        Code::NotStarted => 12,
        Code::Unsupported => 13,
        Code::MayHaveForgotten => 14,
    }
}

/// The table as `--help` shows it.
#[must_use]
pub(super) fn help() -> String {
    let rows = TABLE.iter().map(|(status, meaning)| format!("  {status:>2}  {meaning}\n"));
    format!("Exit status:\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_status_of_its_own_that_help_explains() {
        let codes = [
            Code::Internal,
            Code::Invalid,
            Code::Away,
            Code::NotFound,
            Code::Conflict,
            Code::AppGone,
            Code::NoRenderer,
            Code::Store,
            Code::NoDesktopEntry,
            Code::NotInstalled,
            Code::NotStarted,
            Code::Unsupported,
            Code::MayHaveForgotten,
        ];
        let statuses: Vec<_> = codes.into_iter().map(status).collect();
        assert_eq!(statuses, [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14]);
        let explained: Vec<_> = TABLE.iter().map(|(status, _)| *status).collect();
        assert_eq!(explained, (0..15).collect::<Vec<_>>());
    }
}
