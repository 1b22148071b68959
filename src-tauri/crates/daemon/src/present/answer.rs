//! What a person is told about their command: one message for what was done, one with a code for why not. Must not decide
//! anything, or know the words.

use super::NAME;
use super::view::millis;
use chrono::NaiveTime;
use tidegate_contract::{Code, Failure, HeldChange, Message, Trouble};
use tidegate_domain::{Answer, Refusal, State};
use tidegate_platform::apps::NotOpened;
use tidegate_words::{line, say};

/// What was done.
#[must_use]
pub fn message(answer: &Answer) -> Message {
    match answer {
        Answer::Started { ends: Some(ends) } | Answer::Extended { ends } => say::answer_started(millis(*ends)),
        Answer::Started { ends: None } => say::answer_started_open(),
        Answer::Ended { held } => say::answer_ended(*held),
        Answer::OnBreak { ends, held } => say::answer_on_break(millis(*ends), *held),
        Answer::TimeAway { length, counts: true } => say::answer_away_counts(length.num_milliseconds()),
        Answer::TimeAway { length, counts: false } => say::answer_away_left_out(length.num_milliseconds()),
        Answer::Opened { held } => say::answer_opened(*held),
        Answer::CheckedIn { held, withdrawn: 0 } => say::answer_checked_in(*held),
        Answer::CheckedIn { held, withdrawn } => {
            say::answer_checked_in_withdrawn(say::answer_checked_in(*held), *withdrawn)
        }
        Answer::Skipped { skipped, next: Some(next) } => say::answer_skipped(millis(*skipped), millis(*next)),
        Answer::Skipped { skipped, next: None } => say::answer_skipped_last(millis(*skipped)),
        Answer::OnAgain { check_in } => say::answer_on_again(millis(*check_in)),
        Answer::Acted { key, .. } if key == "default" => say::answer_acted_default(),
        Answer::Acted { key, .. } => say::answer_acted(line(key, NAME)),
        Answer::Replied { .. } => say::answer_replied(),
        Answer::Done { count, .. } => say::answer_done(*count),
        Answer::Undone { count, out } => say::answer_undone(*count, *out),
        Answer::PutOff { count, until: Some(at), .. } => say::answer_put_off(*count, millis(*at)),
        Answer::PutOff { count, until: None, .. } => say::answer_put_off_to_some_check_in(*count),
        Answer::Snoozed { count, until, .. } => say::answer_snoozed(*count, millis(*until)),
        Answer::Noted { .. } => say::answer_noted(),
        Answer::Remembered => say::answer_remembered(),
        Answer::Seen => say::answer_seen(),
        Answer::CheckInClosed { where_were_you: Some(place) } => say::answer_check_in_closed_place(line(place, NAME)),
        Answer::CheckInClosed { where_were_you: None } => say::answer_check_in_closed(),
        Answer::Releasing { count, .. } => say::answer_releasing(*count),
    }
}

/// What became of the list of the held ones, if nothing else did.
#[must_use]
pub fn held_change(answer: &Answer) -> Option<HeldChange> {
    let Answer::Done { left: Some(change), .. } = answer else { return None };
    Some(HeldChange { before: change.before, after: change.after })
}

/// Around the start of a block while the gate is not in the path: for what it waits, and how to go on at once.
#[must_use]
pub fn nothing_is_held(started: Message, troubles: &[Trouble]) -> Message {
    let tells = |trouble: &&Trouble| matches!(trouble.code.as_str(), "take-over" | "waiting");
    let (why, remedy) = match troubles.iter().find(tells) {
        Some(trouble) => (trouble.text.clone(), trouble.remedy.clone()),
        None => (say::answer_waits_for_popups(), say::answer_waits_for_popups_remedy()),
    };
    say::answer_nothing_is_held(started, why, remedy)
}

/// Why not: what, and what to do where something can be done.
#[must_use]
pub fn failure(refusal: &Refusal) -> Failure {
    let message = match refusal {
        Refusal::NoBlock => say::failure_no_block(),
        Refusal::OnBreak(ends) => say::failure_on_break(millis(*ends)),
        Refusal::NoCheckInLeft => say::failure_no_check_in_left(),
        Refusal::TimeIsPast(time) => say::failure_time_is_past(time_of_day(*time)),
        Refusal::NoTimeAway => say::failure_no_time_away(),
        Refusal::NoLength => say::failure_no_length(),
        Refusal::TooLong { most } => say::failure_too_long(*most),
        Refusal::NotFound(id) => say::failure_not_found(id.to_string()),
        Refusal::NotHeld { id, state } => say::failure_not_held(id.to_string(), state_word(*state)),
        Refusal::Closed(id) => say::failure_closed(id.to_string()),
        Refusal::WentOn(id) => say::failure_went_on(id.to_string()),
        Refusal::NoSuchAction { id, key } if key == "default" => say::failure_no_default_action(id.to_string()),
        Refusal::NoSuchAction { id, key } => say::failure_no_such_action(id.to_string(), line(key, NAME)),
        Refusal::Noted(id) => say::failure_noted(id.to_string()),
        Refusal::NeedsText(id) => say::failure_needs_text(id.to_string()),
        Refusal::NoReply(id) => say::failure_no_reply(id.to_string()),
        Refusal::AppGone { id, app, desktop_entry: Some(_) } => {
            say::failure_app_gone_open_it(line(app, NAME), id.to_string())
        }
        Refusal::AppGone { app, desktop_entry: None, .. } => say::failure_app_gone(line(app, NAME)),
        Refusal::MayHaveForgotten(_) => say::failure_may_have_forgotten(),
        Refusal::BeingReleased(id) => say::failure_being_released(id.to_string()),
        Refusal::TooLateToUndo(id) => say::failure_too_late_to_undo(id.to_string()),
        Refusal::NothingToUndo => say::failure_nothing_to_undo(),
        Refusal::NoRenderer => say::failure_no_renderer(),
        Refusal::RendererSilent => say::failure_renderer_silent(),
        Refusal::NoCheckIn => say::failure_no_check_in(),
        Refusal::TooManySkipped => say::failure_too_many_skipped(),
        Refusal::Busy => say::failure_busy(),
        Refusal::StoreFailed => say::failure_store(),
    };
    Failure { code: code(refusal), message }
}

fn time_of_day(time: NaiveTime) -> String {
    time.format("%-H:%M").to_string()
}

/// Where a row is, as the catalogue tells apart.
fn state_word(state: State) -> &'static str {
    match state {
        State::Held => "held",
        State::Passed => "passed",
        State::Withdrawn => "withdrawn",
        State::Muted => "muted",
        State::Expired => "expired",
        State::Released => "released",
        State::Done => "done",
    }
}

/// An app's name, as its own desktop entry or anybody else gives it.
#[must_use]
pub fn app_name(name: &str) -> String {
    line(name, NAME)
}

/// Why an app was not opened, and what to do. `app` is what it called itself.
#[must_use]
pub fn not_opened(app: &str, why: &NotOpened) -> Failure {
    let app = app_name(app);
    let (code, message) = match why {
        NotOpened::NoEntry => (Code::NoDesktopEntry, say::failure_no_desktop_entry(app)),
        NotOpened::NotInstalled(entry) => (Code::NotInstalled, say::failure_not_installed(app, line(entry, NAME))),
        NotOpened::NotStarted(why) => (Code::NotStarted, say::failure_not_started(app, line(why, 300))),
    };
    Failure { code, message }
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
    use crate::present;
    use crate::present::fixtures::words;
    use chrono::{DateTime, Utc};
    use tidegate_domain::NoticeId;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn check(answer: Answer, said: &str) {
        assert_eq!(words(&message(&answer)), said);
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
        let begin = "Block until you end it, but nothing is held: Tidegate is not in the path yet. ";
        let told = |troubles: &[Trouble]| words(&nothing_is_held(message(&Answer::Started { ends: None }), troubles));
        let store = || present::path_trouble("store", "x");
        for troubles in [vec![], vec![store()]] {
            let told = told(&troubles);
            assert!(told.starts_with(&format!("{begin}It waits until the notification daemon that runs")), "{told}");
            assert!(told.contains("`tidegate take-over now` goes on at once"), "{told}");
        }
        let stays = told(&[store(), present::not_in_path("/usr/bin/dunst (process 7) does not leave.")]);
        let why = "/usr/bin/dunst (process 7) does not leave. `tidegate take-over now` tries again at once; ";
        assert!(stays.starts_with(&format!("{begin}{why}")), "{stays}");
        let waits = told(&[present::waiting(&tidegate_gate::Waiting::ForDaemon)]);
        assert!(waits.starts_with(&format!("{begin}A notification daemon that starts by itself is waited")), "{waits}");
        assert!(waits.ends_with("`tidegate take-over now` goes on at once."), "{waits}");
    }

    fn check_refusal(refusal: Refusal, code: Code, part: &str) {
        let failure = failure(&refusal);
        assert_eq!(failure.code, code);
        let said = words(&failure.message);
        assert!(said.contains(part) && !said.contains('\n'), "{said}");
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
        for (why, code, part) in [
            (NotOpened::NoEntry, Code::NoDesktopEntry, "cannot be opened from here: it named no desktop entry"),
            (
                NotOpened::NotInstalled("slack".into()),
                Code::NotInstalled,
                "no app is installed for the desktop entry \"slack\"",
            ),
            (NotOpened::NotStarted(refused), Code::NotStarted, "could not be started: it says ‹U+001B›[2Jno"),
        ] {
            let failure = not_opened("Sl\nack", &why);
            let said = words(&failure.message);
            assert_eq!((failure.code, said.starts_with("Sl ack ")), (code, true), "{said}");
            assert!(said.contains(part) && said.ends_with("; open it yourself"), "{said}");
        }
    }
}
