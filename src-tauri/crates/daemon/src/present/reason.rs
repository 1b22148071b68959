//! Why an interruption is where it is, and what was kept of it. Must not know time, zones or the words.

use super::NAME;
use tidegate_contract::Message;
use tidegate_domain::{Interruption, Remark, Return, State, Why};
use tidegate_words::{line, say};

/// A sentence, and a second one where it has moved on since.
#[must_use]
pub fn why(row: &Interruption) -> Vec<Message> {
    if let Some(because) = came_back(row) {
        return vec![returned(because), verdict(row, "first")];
    }
    std::iter::once(verdict(row, "now")).chain(since(row)).collect()
}

/// Why it is held now, if that is not what it was held for at first.
fn came_back(row: &Interruption) -> Option<Return> {
    row.came_back.filter(|_| row.is_held())
}

fn returned(because: Return) -> Message {
    match because {
        Return::NobodyListens => say::reason_nobody_listens(),
        Return::ToBeAnswered => say::reason_to_be_answered(),
        Return::Refused => say::reason_refused(),
        Return::NoAnswer => say::reason_no_answer(),
        Return::RendererGone => say::reason_renderer_gone(),
        Return::GateStopped => say::reason_gate_stopped(),
        Return::ReleaseUndone => say::reason_release_undone(),
        Return::Unknown => say::reason_unknown(),
    }
}

/// What was decided when it came. `at`: "now", or "first" for what holds no longer.
fn verdict(row: &Interruption, at: &str) -> Message {
    match &row.why {
        Why::Block => say::reason_block(at),
        Why::Inhibited(asker) => say::reason_inhibited(at, line(asker, NAME)),
        Why::GateOpen => say::reason_gate_open(at),
        Why::SafeList(entry) => say::reason_safe_list(at, line(entry, NAME)),
        Why::Rule => say::reason_rule(line(&row.app.name, NAME), if at == "first" { at } else { ruled(row.state()) }),
        Why::Feedback => say::reason_feedback(at),
        Why::StoreFailed => say::reason_store_failed(at),
        Why::Own => say::reason_own(),
        Why::Noted => say::reason_noted(),
    }
}

fn ruled(state: State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::Muted => "muted",
        State::Held | State::Withdrawn | State::Expired | State::Released | State::Done => "held",
    }
}

/// What has become of it since the verdict.
fn since(row: &Interruption) -> Option<Message> {
    match row.state() {
        State::Held | State::Passed | State::Muted => None,
        State::Withdrawn => Some(say::reason_withdrawn_since()),
        State::Expired => Some(say::reason_expired_since()),
        State::Released => Some(say::reason_released_since()),
        State::Done => Some(say::reason_done_since()),
    }
}

/// A few words: "safe list: power".
#[must_use]
pub fn why_short(why: &Why) -> Message {
    match why {
        Why::Block => say::reason_block_short(),
        Why::Inhibited(asker) => say::reason_inhibited_short(line(asker, NAME)),
        Why::GateOpen => say::reason_gate_open_short(),
        Why::SafeList(entry) => say::reason_safe_list_short(line(entry, NAME)),
        Why::Rule => say::reason_rule_short(),
        Why::Feedback => say::reason_feedback_short(),
        Why::StoreFailed => say::reason_store_failed_short(),
        Why::Own => say::reason_own_short(),
        Why::Noted => say::reason_noted_short(),
    }
}

/// What the user should know of what was kept.
#[must_use]
pub fn remark(remark: &Remark) -> Message {
    match remark {
        Remark::ImageTooLarge(size) => say::reason_image_too_large(*size),
        Remark::ImageInvalid => say::reason_image_invalid(),
        Remark::BodyTooLong(size) => say::reason_body_cut(*size),
        Remark::RendererRefused(said) => say::reason_renderer_refused(line(said, 200)),
        Remark::MayHaveBeenShown => say::reason_may_have_been_shown(),
        Remark::RendererRestarted => say::reason_renderer_restarted(),
        Remark::TextDroppedFlood => say::reason_text_dropped(),
        Remark::TextLost => say::reason_text_lost(),
        Remark::RawDropped => say::reason_raw_dropped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, content, words};
    use tidegate_domain::Standing;

    fn check(state: State, reason: Why, sentence: &str) {
        let mut row = World::new().notify(app("Slack", "/usr/bin/slack"), content("x", ""));
        (row.standing, row.why) = (Standing::of(state, 1), reason);
        assert_eq!(sentences(&row), sentence);
    }

    fn sentences(row: &Interruption) -> String {
        why(row).iter().map(words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_reason_and_what_followed_is_a_sentence() {
        check(State::Passed, Why::GateOpen, "Let through because the gate was open.");
        check(State::Passed, Why::SafeList("power".into()), "Let through because it is on the safe list: power.");
        check(State::Passed, Why::StoreFailed, "Let through because the store could not be written.");
        check(State::Muted, Why::Rule, "Muted by your rule for Slack.");
        check(State::Passed, Why::Rule, "Let through by your rule for Slack.");
        check(State::Released, Why::Rule, "Held by your rule for Slack. It has been released since.");
        check(
            State::Withdrawn,
            Why::Inhibited("Zoom\u{1b}".into()),
            "Held because Zoom‹U+001B› asked for quiet. Its app has taken it back since.",
        );
    }

    #[test]
    fn one_that_came_back_says_why_it_is_held_now() {
        let back = |first: Why, because: Return| {
            let mut row = World::new().notify(app("Slack", "/usr/bin/slack"), content("x", ""));
            (row.standing, row.why, row.came_back) = (Standing::held(), first, Some(because));
            let (now, first) = (sentences(&row), Interruption { standing: Standing::of(State::Released, 1), ..row });
            assert!(!sentences(&first).contains("again"), "{}", sentences(&first));
            now
        };
        let block = "At first: held because a block was running and nothing lets it through.";
        for (because, now) in [
            (
                Return::NobodyListens,
                "Held again because you pressed it on the screen and its app does not listen any more.",
            ),
            (Return::ToBeAnswered, "Held again because you wanted to reply to it: that is done here."),
            (Return::Refused, "Held because the notification daemon refused it."),
            (Return::NoAnswer, "Held because the notification daemon does not say whether it has shown it."),
            (Return::RendererGone, "Held again because the notification daemon restarted while it was on screen."),
            (Return::GateStopped, "Held because the gate stopped while it was on its way to the screen."),
            (Return::ReleaseUndone, "Held again because you took its release back."),
            (Return::Unknown, "Held since it came back from the screen."),
        ] {
            assert_eq!(back(Why::Block, because), format!("{now} {block}"));
        }
        let (open, ruled) = (back(Why::GateOpen, Return::Refused), back(Why::Rule, Return::NobodyListens));
        assert!(open.ends_with("it. At first: let through because the gate was open."), "{open}");
        assert!(ruled.ends_with("more. At first: your rule for Slack applied."), "{ruled}");
    }
}
