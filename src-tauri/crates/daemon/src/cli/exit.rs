//! The exit statuses, documented in `--help`. Must not know how a failure comes about.

use tidegate_contract::{Code, Message};
use tidegate_words::{Catalogue, Clock, say};

/// Done.
pub(super) const OK: u8 = 0;
/// The doctor found something that does not work.
pub(super) const UNWELL: u8 = 9;

/// Every status and what it means, for `--help`.
pub(super) const TABLE: [(u8, fn() -> Message); 15] = [
    (OK, say::cli_exit_ok),
    (1, say::cli_exit_internal),
    (2, say::cli_exit_invalid),
    (3, say::cli_exit_away),
    (4, say::cli_exit_not_found),
    (5, say::cli_exit_conflict),
    (6, say::cli_exit_app_gone),
    (7, say::cli_exit_no_renderer),
    (8, say::cli_exit_store),
    (UNWELL, say::cli_exit_unwell),
    (10, say::cli_exit_no_desktop_entry),
    (11, say::cli_exit_not_installed),
    (12, say::cli_exit_not_started),
    (13, say::cli_exit_unsupported),
    (14, say::cli_exit_may_have_forgotten),
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
    let clock = Clock::none();
    let words = Catalogue::new(&clock);
    let rows = TABLE.iter().map(|(status, meaning)| format!("  {status:>2}  {}\n", words.format(&meaning())));
    format!("{}\n{}", words.format(&say::cli_exit_status()), rows.collect::<String>())
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
