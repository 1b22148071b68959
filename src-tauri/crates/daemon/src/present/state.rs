//! How the gate stands, in a few words: for the tray's tooltip, its menu and the CLI's first line. Must not know more than
//! a view.

use super::clock::{Clock, stretch_up};
use tidegate_contract::{BlockView, ClosedBecause, EndsWhen, Millis, View};
use tidegate_words::line;

/// "Gate closed: block until 11:30".
#[must_use]
pub fn headline(view: &View, clock: &Clock) -> String {
    if !view.gate.in_path {
        return "Gate away: nothing is held".to_owned();
    }
    match (&view.gate.because, &view.block) {
        _ if !view.gate.closed => format!("Gate open: {}", open_words(view, clock)),
        (Some(ClosedBecause::Inhibited { app }), _) => format!("Gate closed: {} asked for quiet", line(app, 60)),
        (_, Some(block)) => format!("Gate closed: {}", block_words(block, clock)),
        (_, None) => "Gate closed".to_owned(),
    }
}

fn open_words(view: &View, clock: &Clock) -> String {
    match &view.on_break {
        Some(pause) => format!("break until {}", clock.when(pause.ends)),
        None => "everything passes".to_owned(),
    }
}

fn block_words(block: &BlockView, clock: &Clock) -> String {
    until(block, clock).map_or_else(|| "open-ended block".to_owned(), |until| format!("block {until}"))
}

/// "Closed until 9:50 (47 min left), 3 held, next check-in 11:30".
#[must_use]
pub fn tooltip(view: &View, clock: &Clock) -> String {
    if !view.gate.in_path {
        return "The gate is away: nothing is being held".to_owned();
    }
    let held = match view.held {
        0 => "nothing held".to_owned(),
        count => format!("{count} held"),
    };
    let next = match view.next_check_in {
        _ if view.ready => "ready for you".to_owned(),
        Some(at) => format!("next check-in {}", clock.when(at)),
        None => "no check-in set".to_owned(),
    };
    format!("{}, {held}, {next}", gate(view, clock))
}

fn gate(view: &View, clock: &Clock) -> String {
    match (&view.gate.because, block_that_closes(view)) {
        _ if !view.gate.closed => match (&view.on_break, &view.ended) {
            (Some(pause), _) => format!("Open for a break until {}", clock.when(pause.ends)),
            (None, Some(over)) if over.is_break => "Open, the break is over".to_owned(),
            (None, Some(_)) => "Open, the block is over".to_owned(),
            (None, None) => "Open".to_owned(),
        },
        (Some(ClosedBecause::Inhibited { app }), _) => format!("Closed for {}", line(app, 60)),
        (_, Some(block)) => match until(block, clock).zip(time_left(block, clock)) {
            Some((until, left)) => format!("Closed {until} ({left})"),
            None => "Closed without an end".to_owned(),
        },
        (_, None) => "Closed".to_owned(),
    }
}

/// The block, if the gate is closed for it and for nothing else: then what is left of it is told.
#[must_use]
pub fn block_that_closes(view: &View) -> Option<&BlockView> {
    let is_for_it = view.gate.in_path && view.gate.because == Some(ClosedBecause::Block);
    view.block.as_ref().filter(|_| is_for_it)
}

/// "until 11:30"; nothing of a block without an end.
fn until(block: &BlockView, clock: &Clock) -> Option<String> {
    match block.ends {
        EndsWhen::At { at } => Some(format!("until {}", clock.when(at))),
        EndsWhen::CheckIn { at } => Some(format!("until the check-in at {}", clock.when(at))),
        EndsWhen::Open => None,
    }
}

/// "47 min left"; nothing of a block without an end.
#[must_use]
pub fn time_left(block: &BlockView, clock: &Clock) -> Option<String> {
    block_end(block).map(|at| format!("{} left", stretch_up(at.saturating_sub(clock.now))))
}

/// When a block ends by itself.
#[must_use]
pub fn block_end(block: &BlockView) -> Option<Millis> {
    match block.ends {
        EndsWhen::At { at } | EndsWhen::CheckIn { at } => Some(at),
        EndsWhen::Open => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{berlin, block_view, quiet_view};
    use tidegate_contract::{BreakView, EndedView, GateView};

    fn check(view: &View, first: &str, tip: &str) {
        let clock = Clock { zone: berlin(), now: view.now };
        assert_eq!((headline(view, &clock).as_str(), tooltip(view, &clock).as_str()), (first, tip));
    }

    #[test]
    fn open_and_closed() {
        check(&quiet_view(), "Gate open: everything passes", "Open, nothing held, next check-in 11:30");
        check(
            &block_view(),
            "Gate closed: block until 10:48",
            "Closed until 10:48 (50 min left), 12 held, next check-in 11:30",
        );
        let none = View { next_check_in: None, ..quiet_view() };
        check(&none, "Gate open: everything passes", "Open, nothing held, no check-in set");
    }

    #[test]
    fn a_break_and_what_is_over_are_told() {
        let pause = BreakView { intention: None, started: 0, ends: quiet_view().now + 5 * 60_000 };
        let on_break = View { on_break: Some(pause), ..quiet_view() };
        check(
            &on_break,
            "Gate open: break until 10:03",
            "Open for a break until 10:03, nothing held, next check-in 11:30",
        );
        let over = |is_break| EndedView { is_break, intention: None, started: 0, ended: 0, left_out: 0 };
        let words = |is_break| {
            tooltip(
                &View { ended: Some(over(is_break)), ..quiet_view() },
                &Clock { zone: berlin(), now: quiet_view().now },
            )
        };
        assert!(
            words(false).starts_with("Open, the block is over, ")
                && words(true).starts_with("Open, the break is over, ")
        );
    }

    #[test]
    fn every_end_of_a_block_has_its_words() {
        let ends = |ends| View { block: block_view().block.map(|block| BlockView { ends, ..block }), ..block_view() };
        let until = ends(EndsWhen::CheckIn { at: 1_795_429_800_000 });
        check(
            &until,
            "Gate closed: block until the check-in at 11:30",
            "Closed until the check-in at 11:30 (1 h 32 min left), 12 held, next check-in 11:30",
        );
        check(
            &ends(EndsWhen::Open),
            "Gate closed: open-ended block",
            "Closed without an end, 12 held, next check-in 11:30",
        );
    }

    #[test]
    fn what_is_left_is_told_at_the_time_of_looking() {
        let block = block_view().block.unwrap();
        let left = |now| time_left(&block, &Clock { zone: berlin(), now });
        let start = block_view().now;
        assert_eq!(left(start + 3 * 60_000 + 1).as_deref(), Some("47 min left"));
        assert_eq!(left(start + 60 * 60_000).as_deref(), Some("under a minute left"));
        assert_eq!(
            time_left(&BlockView { ends: EndsWhen::Open, ..block.clone() }, &Clock { zone: berlin(), now: 0 }),
            None
        );
    }

    #[test]
    fn ready_away_and_an_app_that_asked() {
        let ready = View { ready: true, ..block_view() };
        check(&ready, "Gate closed: block until 10:48", "Closed until 10:48 (50 min left), 12 held, ready for you");
        let away = View { gate: GateView { in_path: false, ..block_view().gate }, ..block_view() };
        check(&away, "Gate away: nothing is held", "The gate is away: nothing is being held");
        let app = "Zoom\n\u{1b}[2J".to_owned();
        let gate = GateView { closed: true, because: Some(ClosedBecause::Inhibited { app }), in_path: true };
        let asked = View { gate, block: None, ..block_view() };
        check(
            &asked,
            "Gate closed: Zoom ‹U+001B›[2J asked for quiet",
            "Closed for Zoom ‹U+001B›[2J, 12 held, next check-in 11:30",
        );
    }
}
