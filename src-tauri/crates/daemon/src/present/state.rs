//! How the gate stands, in a few words: for the tray's tooltip, its menu and the CLI's first line. Must not know more than
//! a view.

use tidegate_contract::{BlockView, ClosedBecause, EndsWhen, Message, Millis, View};
use tidegate_words::{ahead, line, say};

/// Characters of an app's name.
const NAME: usize = 60;

/// "Gate closed: block until 11:30".
#[must_use]
pub fn headline(view: &View) -> Message {
    if !view.gate.in_path {
        return say::state_out_of_path();
    }
    match (&view.gate.because, &view.block) {
        _ if !view.gate.closed => match &view.on_break {
            Some(pause) => say::state_open_break(pause.ends),
            None => say::state_open(),
        },
        (Some(ClosedBecause::Inhibited { app }), _) => say::state_closed_inhibited(line(app, NAME)),
        (_, Some(block)) => match block.ends {
            EndsWhen::At { at } => say::state_closed_until(at),
            EndsWhen::CheckIn { at } => say::state_closed_until_check_in(at),
            EndsWhen::Open => say::state_closed_open_ended(),
        },
        (_, None) => say::state_closed(),
    }
}

/// "Gate closed: block until 10:48, 47 min left".
#[must_use]
pub fn headline_with_time_left(view: &View, now: Millis) -> Message {
    let left = block_that_closes(view).and_then(|block| time_left(block, now));
    left.map_or_else(|| headline(view), |left| say::state_with_time_left(headline(view), left))
}

/// "Closed until 9:50 (47 min left), 3 held, next check-in 11:30".
#[must_use]
pub fn tooltip(view: &View, now: Millis) -> Message {
    if !view.gate.in_path {
        return say::state_tooltip_out_of_path();
    }
    let next = match view.next_check_in {
        _ if view.ready => say::state_ready(),
        Some(at) => say::state_next(at),
        None => say::state_no_check_in(),
    };
    say::state_tooltip(gate(view, now), say::state_held(view.held), next)
}

fn gate(view: &View, now: Millis) -> Message {
    match (&view.gate.because, block_that_closes(view)) {
        _ if !view.gate.closed => match (&view.on_break, &view.ended) {
            (Some(pause), _) => say::state_gate_open_break(pause.ends),
            (None, Some(over)) if over.is_break => say::state_gate_break_is_over(),
            (None, Some(_)) => say::state_gate_block_is_over(),
            (None, None) => say::state_gate_open(),
        },
        (Some(ClosedBecause::Inhibited { app }), _) => say::state_gate_closed_for(line(app, NAME)),
        (_, Some(block)) => match block.ends {
            EndsWhen::At { at } => say::state_gate_closed_until(at, left_until(at, now)),
            EndsWhen::CheckIn { at } => say::state_gate_closed_until_check_in(at, left_until(at, now)),
            EndsWhen::Open => say::state_gate_closed_without_end(),
        },
        (_, None) => say::state_gate_closed(),
    }
}

/// The block, if the gate is closed for it and for nothing else: then what is left of it is told.
#[must_use]
pub fn block_that_closes(view: &View) -> Option<&BlockView> {
    let is_for_it = view.gate.in_path && view.gate.because == Some(ClosedBecause::Block);
    view.block.as_ref().filter(|_| is_for_it)
}

/// How long a block still lasts, in minutes that have begun; nothing of a block without an end.
#[must_use]
pub fn time_left(block: &BlockView, now: Millis) -> Option<Millis> {
    block_end(block).map(|at| left_until(at, now))
}

fn left_until(at: Millis, now: Millis) -> Millis {
    ahead(at.saturating_sub(now))
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
    use tidegate_words::{Catalogue, Clock};

    fn check(view: &View, first: &str, tip: &str) {
        let clock = Clock { zone: berlin(), now: view.now };
        let words = Catalogue::new(&clock);
        let told = (words.format(&headline(view)), words.format(&tooltip(view, view.now)));
        assert_eq!((told.0.as_str(), told.1.as_str()), (first, tip));
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
        for (is_break, gate) in [(false, "Open, the block is over"), (true, "Open, the break is over")] {
            let view = View { ended: Some(over(is_break)), ..quiet_view() };
            check(&view, "Gate open: everything passes", &format!("{gate}, nothing held, next check-in 11:30"));
        }
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
        let start = block_view().now;
        assert_eq!(time_left(&block, start + 3 * 60_000 + 1), Some(47 * 60_000));
        assert_eq!(time_left(&block, start + 60 * 60_000), Some(0));
        assert_eq!(time_left(&BlockView { ends: EndsWhen::Open, ..block }, 0), None);
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
