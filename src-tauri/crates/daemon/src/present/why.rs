//! Why an interruption is where it is, and what was kept of it, in sentences. Must not know time or zones.

use super::NAME;
use tidegate_domain::{Interruption, Remark, Return, State, Why};
use tidegate_words::line;

/// A full sentence, two where it has moved on since.
#[must_use]
pub fn why(row: &Interruption) -> String {
    let verdict = verdict(row);
    if let Some(because) = came_back(row) {
        return format!("{} {}", returned(because), at_first(&verdict));
    }
    match since(row) {
        Some(since) => format!("{verdict} {since}"),
        None => verdict,
    }
}

/// Why it is held now, if that is not what it was held for at first.
fn came_back(row: &Interruption) -> Option<Return> {
    row.came_back.filter(|_| row.is_held())
}

fn returned(because: Return) -> &'static str {
    match because {
        Return::NobodyListens => {
            "Held again because you pressed it on the screen and its app does not listen any more."
        }
        Return::ToBeAnswered => "Held again because you wanted to reply to it: that is done here.",
        Return::Refused => "Held because the notification daemon refused it.",
        Return::NoAnswer => "Held because the notification daemon does not say whether it has shown it.",
        Return::RendererGone => "Held again because the notification daemon restarted while it was on screen.",
        Return::GateStopped => "Held because the gate stopped while it was on its way to the screen.",
        Return::ReleaseUndone => "Held again because you took its release back.",
        Return::Unknown => "Held since it came back from the screen.",
    }
}

fn verdict(row: &Interruption) -> String {
    let app = line(&row.app.name, NAME);
    match &row.why {
        Why::Block => "Held because a block was running and nothing lets it through.".to_owned(),
        Why::Inhibited(asker) => format!("Held because {} asked for quiet.", line(asker, NAME)),
        Why::GateOpen => "Let through because the gate was open.".to_owned(),
        Why::SafeList(entry) => format!("Let through because it is on the safe list: {}.", line(entry, NAME)),
        Why::Rule if came_back(row).is_some() => format!("Your rule for {app} applied."),
        Why::Rule => format!("{} by your rule for {app}.", ruled(row.state())),
        Why::Feedback => "Let through because it is feedback, such as a volume change.".to_owned(),
        Why::StoreFailed => "Let through because the store could not be written.".to_owned(),
        Why::Own => "One of Tidegate's own notices.".to_owned(),
        Why::Noted => "You noted it by hand.".to_owned(),
    }
}

/// An earlier verdict as part of a sentence.
fn at_first(verdict: &str) -> String {
    let mut letters = verdict.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    format!("At first: {}{}", first.map(String::from).unwrap_or_default(), letters.as_str())
}

fn ruled(state: State) -> &'static str {
    match state {
        State::Passed => "Let through",
        State::Muted => "Muted",
        State::Held | State::Withdrawn | State::Expired | State::Released | State::Done => "Held",
    }
}

/// What has become of it since the verdict.
fn since(row: &Interruption) -> Option<&'static str> {
    match row.state() {
        State::Held | State::Passed | State::Muted => None,
        State::Withdrawn => Some("Its app has taken it back since."),
        State::Expired => Some("It was transient, and its time ran out."),
        State::Released => Some("It has been released since."),
        State::Done => Some("It is done."),
    }
}

/// A few words: "safe list: power".
#[must_use]
pub fn why_short(why: &Why) -> String {
    match why {
        Why::Block => "block".to_owned(),
        Why::Inhibited(asker) => format!("quiet for {}", line(asker, NAME)),
        Why::GateOpen => "gate open".to_owned(),
        Why::SafeList(entry) => format!("safe list: {}", line(entry, NAME)),
        Why::Rule => "your rule".to_owned(),
        Why::Feedback => "feedback".to_owned(),
        Why::StoreFailed => "store failed".to_owned(),
        Why::Own => "Tidegate's own".to_owned(),
        Why::Noted => "noted by hand".to_owned(),
    }
}

/// What the user should know of what was kept.
#[must_use]
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::ImageTooLarge(size) => format!("image dropped: {} is over the limit", bytes(*size)),
        Remark::ImageInvalid => "image dropped: its measures do not fit its data".to_owned(),
        Remark::BodyTooLong(size) => format!("body cut: it was {} long", bytes(*size)),
        Remark::RendererRefused(said) => format!("the notification daemon refused it: {}", line(said, 200)),
        Remark::MayHaveBeenShown => {
            "may have been shown: it was on its way when the gate stopped, or the notification daemon did not answer"
                .to_owned()
        }
        Remark::RendererRestarted => "the notification daemon restarted while it was on screen".to_owned(),
        Remark::TextDroppedFlood => "text dropped: its app sent a flood".to_owned(),
        Remark::TextLost => "text lost in a restart: a transient one's is never written to disk".to_owned(),
        Remark::RawDropped => "picture and details dropped: too much is kept on disk".to_owned(),
    }
}

/// "812 bytes", "1.5 KiB", "60 MiB".
fn bytes(size: u64) -> String {
    const STEP: u64 = 1024;
    let (unit, name) = match size {
        ..STEP => return format!("{size} bytes"),
        STEP..0x10_0000 => (STEP, "KiB"),
        0x10_0000..0x4000_0000 => (STEP * STEP, "MiB"),
        _ => (STEP * STEP * STEP, "GiB"),
    };
    let tenths = u128::from(size) * 10 / u128::from(unit);
    if tenths % 10 == 0 || tenths >= 100 {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, content};
    use tidegate_domain::Standing;

    fn check(state: State, reason: Why, sentence: &str) {
        let mut row = World::new().notify(app("Slack", "/usr/bin/slack"), content("x", ""));
        (row.standing, row.why) = (Standing::of(state, 1), reason);
        assert_eq!(why(&row), sentence);
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
            let (now, first) = (why(&row), Interruption { standing: Standing::of(State::Released, 1), ..row });
            assert!(!why(&first).contains("again"), "{}", why(&first));
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

    #[test]
    fn sizes_are_short() {
        for (size, words) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (60 << 20, "60 MiB"),
            ((10 << 20) + (1 << 19), "10 MiB"),
            (u64::MAX, "17179869183 GiB"),
        ] {
            assert_eq!(bytes(size), words);
        }
    }
}
