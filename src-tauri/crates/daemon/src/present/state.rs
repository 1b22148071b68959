//! How the gate stands, in a few words: for the tray's tooltip, its menu and the CLI's first line. Must not know more than
//! a view.

use super::clock::Clock;
use super::text::line;
use tidegate_contract::{BlockView, ClosedBecause, EndsWhen, View};
use tidegate_domain::Zone;

/// The daemon's own wall clock at the time of the view.
#[must_use]
pub fn view_clock(view: &View, zone: &Zone) -> Clock {
    Clock { zone: zone.clone(), now: view.now }
}

/// "Gate closed: block until 11:30".
#[must_use]
pub fn headline(view: &View, clock: &Clock) -> String {
    if !view.gate.in_path {
        return "Gate away: nothing is held".to_owned();
    }
    match (&view.gate.because, &view.block) {
        _ if !view.gate.closed => "Gate open: everything passes".to_owned(),
        (Some(ClosedBecause::Inhibited { app }), _) => format!("Gate closed: {} asked for quiet", line(app, 60)),
        (_, Some(block)) => format!("Gate closed: {}", block_words(block, clock)),
        (_, None) => "Gate closed".to_owned(),
    }
}

fn block_words(block: &BlockView, clock: &Clock) -> String {
    match block.ends {
        EndsWhen::At { at } => format!("block until {}", clock.when(at)),
        EndsWhen::CheckIn { at } => format!("block until the check-in at {}", clock.when(at)),
        EndsWhen::Open => "open-ended block".to_owned(),
    }
}

/// "12 held, next check-in 16:30".
#[must_use]
pub fn tooltip(view: &View, clock: &Clock) -> String {
    let held = match view.held {
        0 => "Nothing held".to_owned(),
        count => format!("{count} held"),
    };
    if !view.gate.in_path {
        return "The gate is away: nothing is being held".to_owned();
    }
    match view.next_check_in {
        _ if view.ready => format!("{held}, ready for you"),
        Some(at) => format!("{held}, next check-in {}", clock.when(at)),
        None => format!("{held}, no check-in set"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{berlin, block_view, quiet_view};
    use tidegate_contract::GateView;

    fn check(view: &View, first: &str, tip: &str) {
        let clock = view_clock(view, &berlin());
        assert_eq!((headline(view, &clock).as_str(), tooltip(view, &clock).as_str()), (first, tip));
    }

    #[test]
    fn open_and_closed() {
        check(&quiet_view(), "Gate open: everything passes", "Nothing held, next check-in 11:30");
        check(&block_view(), "Gate closed: block until 10:48", "12 held, next check-in 11:30");
        let none = View { next_check_in: None, ..quiet_view() };
        check(&none, "Gate open: everything passes", "Nothing held, no check-in set");
    }

    #[test]
    fn every_end_of_a_block_has_its_words() {
        let ends = |ends| View { block: block_view().block.map(|block| BlockView { ends, ..block }), ..block_view() };
        let until = ends(EndsWhen::CheckIn { at: 1_795_429_800_000 });
        check(&until, "Gate closed: block until the check-in at 11:30", "12 held, next check-in 11:30");
        check(&ends(EndsWhen::Open), "Gate closed: open-ended block", "12 held, next check-in 11:30");
    }

    #[test]
    fn ready_away_and_an_app_that_asked() {
        let ready = View { ready: true, ..block_view() };
        check(&ready, "Gate closed: block until 10:48", "12 held, ready for you");
        let away = View { gate: GateView { in_path: false, ..block_view().gate }, ..block_view() };
        check(&away, "Gate away: nothing is held", "The gate is away: nothing is being held");
        let app = "Zoom\n\u{1b}[2J".to_owned();
        let gate = GateView { closed: true, because: Some(ClosedBecause::Inhibited { app }), in_path: true };
        let asked = View { gate, block: None, ..block_view() };
        check(&asked, "Gate closed: Zoom ‹U+001B›[2J asked for quiet", "12 held, next check-in 11:30");
    }
}
