//! What a person is told about their command: one line for what was done, one with a code for why not. Must not decide
//! anything.

use super::NAME;
use super::clock::{Clock, stretch};
use super::view::millis;
use tidegate_contract::{Code, Failure, Trouble};
use tidegate_domain::{Answer, Refusal};
use tidegate_platform::apps::NotOpened;
use tidegate_words::line;

/// What was done, one line.
#[must_use]
pub fn message(answer: &Answer, clock: &Clock) -> String {
    match answer {
        Answer::Started { ends: Some(ends) } => format!("Block until {}", clock.when(millis(*ends))),
        Answer::Started { ends: None } => "Block until you end it".to_owned(),
        Answer::Ended { held: 0 } => "Block ended, nothing is held".to_owned(),
        Answer::Ended { held } => format!("Block ended, {held} held"),
        Answer::OnBreak { ends, held: 0 } => format!("Break until {}, nothing is held", clock.when(millis(*ends))),
        Answer::OnBreak { ends, held } => format!("Break until {}, {held} held", clock.when(millis(*ends))),
        Answer::TimeAway { length, counts: true } => format!("{} away count", stretch(length.num_milliseconds())),
        Answer::TimeAway { length, counts: false } => {
            format!("{} away are left out", stretch(length.num_milliseconds()))
        }
        Answer::Opened { held: 0 } => "Gate open, nothing is held".to_owned(),
        Answer::Opened { held } => format!("Gate open, {held} held"),
        Answer::Extended { ends } => format!("Block until {}", clock.when(millis(*ends))),
        Answer::CheckedIn { held, withdrawn } => checked_in(*held, *withdrawn),
        Answer::Skipped { skipped, next } => {
            let next =
                next.map_or("no other is set".to_owned(), |at| format!("the next is {}", clock.when(millis(at))));
            format!("The check-in at {} is skipped, {next}", clock.when(millis(*skipped)))
        }
        Answer::OnAgain { check_in } => format!("The check-in at {} is on again", clock.when(millis(*check_in))),
        Answer::Acted { key, .. } if key == "default" => "Opened by its app".to_owned(),
        Answer::Acted { key, .. } => format!("Pressed: {}", line(key, NAME)),
        Answer::Replied { .. } => "Reply sent".to_owned(),
        Answer::Done { count: 0, .. } => "Nothing was here to be done".to_owned(),
        Answer::Done { count, .. } => format!("{count} done"),
        Answer::Undone { count, out: 0 } => format!("{count} held again"),
        Answer::Undone { count, out: 1 } => format!("{count} held again, 1 is out already"),
        Answer::Undone { count, out } => format!("{count} held again, {out} are out already"),
        Answer::PutOff { count: 0, .. } => "Nothing was here to be put off".to_owned(),
        Answer::PutOff { count, until: Some(at), .. } => format!("{count} put off to {}", clock.when(millis(*at))),
        Answer::PutOff { count, until: None, .. } => format!("{count} put off to the next check-in"),
        Answer::Snoozed { count, until, .. } => format!("{count} snoozed until {}", clock.when(millis(*until))),
        Answer::Noted { .. } => "Noted for the next check-in".to_owned(),
        Answer::Remembered => "Remembered".to_owned(),
        Answer::Seen => "Seen".to_owned(),
        Answer::CheckInClosed { where_were_you: Some(place) } => {
            format!("Check-in closed. You were at: {}", line(place, NAME))
        }
        Answer::CheckInClosed { where_were_you: None } => "Check-in closed".to_owned(),
        Answer::Releasing { count: 0, .. } => "Nothing was here to be released".to_owned(),
        Answer::Releasing { count, .. } => format!("{count} on the way to the screen"),
    }
}

/// What the digest hands over, and what it tells of.
fn checked_in(held: u32, withdrawn: u32) -> String {
    let handed_over = if held == 0 { "nothing is held".to_owned() } else { format!("{held} handed over") };
    let withdrawn = if withdrawn == 0 { String::new() } else { format!(", {withdrawn} withdrawn") };
    format!("Checked in: {handed_over}{withdrawn}")
}

/// Added to the start of a block while the gate is not in the path: for what it waits, and how to go on at once.
#[must_use]
pub fn nothing_is_held(troubles: &[Trouble]) -> String {
    let tells = |trouble: &&Trouble| matches!(trouble.code.as_str(), "take-over" | "waiting");
    let waits = match troubles.iter().find(tells) {
        Some(trouble) => {
            let text = trouble.text.strip_prefix("Nothing is held yet: ").unwrap_or(&trouble.text);
            format!("{} {}", sentence(text), trouble.remedy)
        }
        None => {
            "It waits until the notification daemon that runs shows nothing any more; `tidegate take-over now` goes on \
             at once, and what is on the screen is lost."
                .to_owned()
        }
    };
    format!(", but nothing is held: Tidegate is not in the path yet. {}", line(&waits, 500))
}

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Why not: what, and what to do where something can be done.
#[must_use]
pub fn failure(refusal: &Refusal) -> Failure {
    let message = match refusal {
        Refusal::NoLength => "this block has no set length to extend; start it anew with one".to_owned(),
        Refusal::TooLong { most: 0 } => {
            "a block ends at most 24 hours from now; this one cannot be extended before some of it has passed"
                .to_owned()
        }
        Refusal::TooLong { most: 1 } => {
            "a block ends at most 24 hours from now; extend this one by 1 minute".to_owned()
        }
        Refusal::TooLong { most } => {
            format!("a block ends at most 24 hours from now; extend this one by {most} minutes or less")
        }
        Refusal::AppGone { id, app, desktop_entry: Some(_) } => {
            format!("{} has quit and cannot hear it any more; open it: tidegate open {id}", line(app, NAME))
        }
        Refusal::AppGone { app, desktop_entry: None, .. } => {
            format!("{} has quit and cannot hear it any more; open it yourself", line(app, NAME))
        }
        Refusal::NoRenderer => {
            "no notification daemon can be reached to show it; start yours, such as dunst or mako".to_owned()
        }
        Refusal::MayHaveForgotten(_) => {
            "its app may have forgotten it since the gate restarted; look in the app whether it heard".to_owned()
        }
        Refusal::RendererSilent => {
            "your notification daemon does not answer, so nothing can be shown; try again once it does, or restart it"
                .to_owned()
        }
        Refusal::StoreFailed => {
            "nothing was changed: the store cannot be written; `tidegate status` says why".to_owned()
        }
        Refusal::NoSuchAction { id, key } if key == "default" => {
            format!("{id} has no default action; `tidegate show {id}` lists its buttons")
        }
        Refusal::NeedsText(id) => format!("{id} is answered with a text: tidegate reply {id} TEXT"),
        Refusal::NoCheckInLeft => "no check-in is left today; say how long instead, such as 50 minutes".to_owned(),
        Refusal::TimeIsPast(_) => format!("{refusal}; say how long instead, such as 50 minutes"),
        Refusal::NoCheckIn => "no check-in is set; add one under [check-ins] in settings.toml".to_owned(),
        Refusal::TooManySkipped
        | Refusal::NoBlock
        | Refusal::NoTimeAway
        | Refusal::OnBreak(_)
        | Refusal::NotFound(_)
        | Refusal::NotHeld { .. }
        | Refusal::Closed(_)
        | Refusal::WentOn(_)
        | Refusal::Noted(_)
        | Refusal::NoSuchAction { .. }
        | Refusal::NoReply(_)
        | Refusal::BeingReleased(_)
        | Refusal::TooLateToUndo(_)
        | Refusal::NothingToUndo
        | Refusal::Busy => line(&refusal.to_string(), 300),
    };
    Failure { code: code(refusal), message }
}

/// An app's name, as its own desktop entry or anybody else gives it.
#[must_use]
pub fn app_name(name: &str) -> String {
    line(name, NAME)
}

/// That an app is being opened: whether it shows itself is its own doing.
#[must_use]
pub fn opening(name: &str) -> String {
    format!("Opening {}", app_name(name))
}

/// Why an app was not opened, and what to do. `app` is what it called itself.
#[must_use]
pub fn not_opened(app: &str, why: &NotOpened) -> Failure {
    let app = app_name(app);
    let (code, what) = match why {
        NotOpened::NoEntry => (Code::NoDesktopEntry, "cannot be opened from here"),
        NotOpened::NotInstalled(_) => (Code::NotInstalled, "cannot be opened"),
        NotOpened::NotStarted(_) => (Code::NotStarted, "could not be started"),
    };
    Failure { code, message: format!("{app} {what}: {}; open it yourself", line(&why.to_string(), 300)) }
}

fn code(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::NotFound(_) => Code::NotFound,
        Refusal::AppGone { .. } => Code::AppGone,
        Refusal::NoRenderer | Refusal::RendererSilent => Code::NoRenderer,
        Refusal::StoreFailed => Code::Store,
        Refusal::MayHaveForgotten(_) => Code::MayHaveForgotten,
        Refusal::NoSuchAction { .. } | Refusal::NeedsText(_) => Code::Invalid,
        Refusal::NoBlock
        | Refusal::NoTimeAway
        | Refusal::OnBreak(_)
        | Refusal::NoLength
        | Refusal::NoCheckInLeft
        | Refusal::TimeIsPast(_)
        | Refusal::TooLong { .. }
        | Refusal::NotHeld { .. }
        | Refusal::Closed(_)
        | Refusal::WentOn(_)
        | Refusal::Noted(_)
        | Refusal::NoReply(_)
        | Refusal::BeingReleased(_)
        | Refusal::TooLateToUndo(_)
        | Refusal::NothingToUndo
        | Refusal::NoCheckIn
        | Refusal::TooManySkipped
        | Refusal::Busy => Code::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::berlin;
    use chrono::{DateTime, Utc};
    use tidegate_domain::{NoticeId, State};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn check(answer: Answer, words: &str) {
        let clock = Clock { zone: berlin(), now: millis(at("2026-11-23T08:58:00Z")) };
        assert_eq!(message(&answer, &clock), words);
    }

    #[test]
    fn what_was_done_is_one_line_in_local_time() {
        let (half, two) = (at("2026-11-23T10:30:00Z"), at("2026-11-24T13:00:00Z"));
        check(Answer::Started { ends: Some(half) }, "Block until 11:30");
        check(Answer::Started { ends: None }, "Block until you end it");
        let away = |counts| Answer::TimeAway { length: chrono::Duration::minutes(23), counts };
        check(away(true), "23 min away count");
        check(away(false), "23 min away are left out");
        check(Answer::Ended { held: 12 }, "Block ended, 12 held");
        check(Answer::CheckedIn { held: 0, withdrawn: 0 }, "Checked in: nothing is held");
        check(Answer::CheckedIn { held: 0, withdrawn: 2 }, "Checked in: nothing is held, 2 withdrawn");
        check(Answer::CheckedIn { held: 3, withdrawn: 1 }, "Checked in: 3 handed over, 1 withdrawn");
        let skipped = "The check-in at 11:30 is skipped, the next is 14:00 tomorrow";
        check(Answer::Skipped { skipped: half, next: Some(two) }, skipped);
        check(Answer::Skipped { skipped: half, next: None }, "The check-in at 11:30 is skipped, no other is set");
        check(Answer::OnAgain { check_in: two }, "The check-in at 14:00 tomorrow is on again");
        check(Answer::Acted { key: "a\u{1b}b".into(), left_out: Vec::new() }, "Pressed: a‹U+001B›b");
        check(Answer::Undone { count: 20, out: 0 }, "20 held again");
        check(Answer::Undone { count: 20, out: 1 }, "20 held again, 1 is out already");
        check(Answer::Undone { count: 20, out: 3 }, "20 held again, 3 are out already");
        check(Answer::Snoozed { count: 2, until: half, left_out: Vec::new() }, "2 snoozed until 11:30");
        check(Answer::Releasing { count: 3, left_out: Vec::new() }, "3 on the way to the screen");
    }

    #[test]
    fn a_block_in_which_nothing_is_held_says_for_what_is_waited_and_how_to_go_on() {
        let trouble = |code: &str| Trouble {
            code: code.into(),
            text: "/usr/bin/dunst (process 7) does not leave".into(),
            remedy: "`tidegate take-over now` tries again at once.".into(),
        };
        let begin = ", but nothing is held: Tidegate is not in the path yet. ";
        for troubles in [vec![], vec![trouble("store")]] {
            let said = nothing_is_held(&troubles);
            assert!(said.starts_with(&format!("{begin}It waits until the notification daemon that runs")), "{said}");
            assert!(said.contains("`tidegate take-over now` goes on at once"), "{said}");
        }
        let said = nothing_is_held(&[trouble("store"), trouble("take-over")]);
        let why = "/usr/bin/dunst (process 7) does not leave. `tidegate take-over now` tries again at once.";
        assert_eq!(said, format!("{begin}{why}"));
        let said = nothing_is_held(&[crate::present::waiting(&tidegate_gate::Waiting::ForDaemon)]);
        assert!(said.starts_with(&format!("{begin}A notification daemon that starts by itself is waited")), "{said}");
        assert!(said.ends_with("`tidegate take-over now` goes on at once."), "{said}");
    }

    fn check_refusal(refusal: Refusal, code: Code, part: &str) {
        let failure = failure(&refusal);
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(part) && !failure.message.contains('\n'), "{}", failure.message);
    }

    #[test]
    fn a_refusal_has_its_code_and_one_line() {
        let id = NoticeId(1_073_741_841);
        check_refusal(Refusal::NotFound(id), Code::NotFound, "no interruption has the id bbw");
        check_refusal(Refusal::WentOn(id), Code::Conflict, "its script went on");
        check_refusal(Refusal::NotHeld { id, state: State::Withdrawn }, Code::Conflict, "withdrawn");
        check_refusal(Refusal::NoSuchAction { id, key: "x\ny".into() }, Code::Invalid, "x y");
        let no_default = "bbw has no default action; `tidegate show bbw`";
        check_refusal(Refusal::NoSuchAction { id, key: "default".into() }, Code::Invalid, no_default);
        check_refusal(Refusal::NeedsText(id), Code::Invalid, "tidegate reply bbw TEXT");
        check_refusal(
            Refusal::TooLong { most: 90 },
            Code::Conflict,
            "24 hours from now; extend this one by 90 minutes",
        );
        check_refusal(Refusal::TooLong { most: 1 }, Code::Conflict, "extend this one by 1 minute");
        check_refusal(Refusal::TooLong { most: 0 }, Code::Conflict, "cannot be extended");
        check_refusal(Refusal::NoRenderer, Code::NoRenderer, "dunst");
        check_refusal(Refusal::MayHaveForgotten(id), Code::MayHaveForgotten, "look in the app");
        check_refusal(Refusal::RendererSilent, Code::NoRenderer, "does not answer");
        check_refusal(Refusal::StoreFailed, Code::Store, "nothing was changed");
        let gone = |desktop_entry| Refusal::AppGone { id, app: "Slack".into(), desktop_entry };
        check_refusal(gone(Some("slack".into())), Code::AppGone, "tidegate open bbw");
        check_refusal(gone(None), Code::AppGone, "open it yourself");
    }

    #[test]
    fn an_app_that_was_not_opened_has_its_code_and_one_line() {
        let refused = "it\nsays \u{1b}[2Jno".to_owned();
        for (why, code, words) in [
            (NotOpened::NoEntry, Code::NoDesktopEntry, "cannot be opened from here: it named no desktop entry"),
            (
                NotOpened::NotInstalled("slack".into()),
                Code::NotInstalled,
                "no app is installed for the desktop entry \"slack\"",
            ),
            (NotOpened::NotStarted(refused), Code::NotStarted, "could not be started: it says ‹U+001B›[2Jno"),
        ] {
            let failure = not_opened("Sl\nack", &why);
            assert_eq!((failure.code, failure.message.starts_with("Sl ack ")), (code, true), "{}", failure.message);
            assert!(
                failure.message.contains(words) && failure.message.ends_with("; open it yourself"),
                "{}",
                failure.message
            );
        }
        assert_eq!(opening("Chat\u{202e}\u{7}\n"), "Opening Chat‹U+202E›‹U+0007›");
    }
}
