//! What the tray shows, as a pure function of the view: picture, tooltip, menu. Must not know how a tray is talked to.

use super::icon::Picture;
use crate::present::{Clock, headline, line, tooltip, view_clock};
use tidegate_contract::{EndsWhen, View, WindowView};
use tidegate_domain::{BlockLength, Command, Zone};

/// By how many minutes a block is extended.
const EXTENSION: u32 = 15;

/// Everything that a tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The icon.
    pub(super) picture: Picture,
    /// "12 held, next check-in 16:30".
    pub(super) tooltip: String,
    /// The menu, from top to bottom.
    pub(super) menu: Vec<Entry>,
}

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// Tells something.
    Says(String),
    /// Does something.
    Does(String, Press),
    /// A line between others.
    Line,
}

/// What a press asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// A command for the engine.
    Command(Command),
    /// The window, on a view.
    Open(Option<WindowView>),
    /// The daemon's end; what is held is kept.
    Quit,
}

impl Shown {
    pub(super) fn of(view: &View, zone: &Zone) -> Self {
        let clock = view_clock(view, zone);
        Self { picture: picture(view), tooltip: tooltip(view, &clock), menu: menu(view, &clock) }
    }
}

fn picture(view: &View) -> Picture {
    match (view.gate.closed, view.held > 0) {
        _ if !view.troubles.is_empty() || !view.gate.in_path => Picture::Trouble,
        (_, true) if view.ready => Picture::Ready,
        (false, true) => Picture::Held,
        (true, true) => Picture::Held,
        (true, false) => Picture::Closed,
        (false, false) => Picture::Open,
    }
}

fn menu(view: &View, clock: &Clock) -> Vec<Entry> {
    let mut menu = vec![Entry::Says(headline(view, clock))];
    let intention = view.block.as_ref().and_then(|block| block.intention.as_deref());
    menu.extend(intention.map(|intention| Entry::Says(line(intention, 60))));
    menu.extend(view.troubles.first().map(|trouble| Entry::Says(line(&trouble.text, 100))));
    menu.push(Entry::Line);
    if view.held > 0 {
        menu.push(Entry::Does(format!("Held ({})", view.held), Press::Open(Some(WindowView::Held))));
    }
    menu.push(Entry::Does("Open Tidegate".to_owned(), Press::Open(None)));
    menu.push(Entry::Line);
    menu.extend(blocks(view));
    menu.push(Entry::Line);
    menu.push(command("Check in now", Command::CheckInNow));
    menu.extend(skip(view, clock));
    menu.push(Entry::Line);
    menu.push(Entry::Does("Quit, keep what is held".to_owned(), Press::Quit));
    menu
}

/// What starts a block, or extends and ends the one that runs.
fn blocks(view: &View) -> Vec<Entry> {
    if let Some(block) = view.block.as_ref().filter(|_| view.gate.closed) {
        let label = format!("Extend the block by {EXTENSION} minutes");
        let has_an_end = block.ends != EndsWhen::Open;
        let extend = has_an_end.then(|| command(&label, Command::Extend { minutes: EXTENSION }));
        return extend.into_iter().chain([command("End the block", Command::End)]).collect();
    }
    let minutes = |minutes| start(&format!("Block for {minutes} minutes"), BlockLength::Minutes(minutes));
    vec![minutes(25), minutes(50), minutes(90), start("Block until the next check-in", BlockLength::UntilCheckIn)]
}

fn skip(view: &View, clock: &Clock) -> Option<Entry> {
    let next = view.next_check_in?;
    let label =
        if view.ready { "Skip this check-in".to_owned() } else { format!("Skip the check-in at {}", clock.when(next)) };
    Some(command(&label, Command::SkipCheckIn))
}

fn start(label: &str, length: BlockLength) -> Entry {
    command(label, Command::Start { length, intention: None })
}

fn command(label: &str, command: Command) -> Entry {
    Entry::Does(label.to_owned(), Press::Command(command))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{berlin, block_view, quiet_view};
    use tidegate_contract::{GateView, Trouble};

    fn shown(view: &View) -> Shown {
        Shown::of(view, &berlin())
    }

    fn labels(view: &View) -> Vec<String> {
        let label = |entry| match entry {
            Entry::Says(text) => format!("({text})"),
            Entry::Does(label, _) => label,
            Entry::Line => "-".to_owned(),
        };
        shown(view).menu.into_iter().map(label).collect()
    }

    #[test]
    fn an_open_gate_offers_blocks() {
        assert_eq!(
            labels(&quiet_view()),
            [
                "(Gate open: everything passes)",
                "-",
                "Open Tidegate",
                "-",
                "Block for 25 minutes",
                "Block for 50 minutes",
                "Block for 90 minutes",
                "Block until the next check-in",
                "-",
                "Check in now",
                "Skip the check-in at 11:30",
                "-",
                "Quit, keep what is held",
            ]
        );
    }

    #[test]
    fn a_block_offers_its_extension_and_its_end() {
        let shown = labels(&View { next_check_in: None, ..block_view() });
        assert_eq!(shown[..2], ["(Gate closed: block until 10:48)", "(Invoices for October)"]);
        assert_eq!(shown[3..6], ["Held (12)", "Open Tidegate", "-"]);
        assert_eq!(shown[6..8], ["Extend the block by 15 minutes", "End the block"]);
        assert!(!shown.iter().any(|label| label.starts_with("Skip") || label.starts_with("Block for")));
    }

    #[test]
    fn a_block_without_an_end_is_not_extended() {
        let mut view = block_view();
        view.block.as_mut().unwrap().ends = EndsWhen::Open;
        assert!(!labels(&view).iter().any(|label| label.starts_with("Extend")));
    }

    #[test]
    fn the_picture_says_the_state() {
        let with = |change: fn(&mut View)| {
            let mut view = block_view();
            change(&mut view);
            shown(&view).picture
        };
        assert_eq!(shown(&quiet_view()).picture, Picture::Open);
        assert_eq!(with(|_| ()), Picture::Held);
        assert_eq!(with(|view| view.held = 0), Picture::Closed);
        assert_eq!(with(|view| view.ready = true), Picture::Ready);
        assert_eq!(with(|view| view.gate = GateView { in_path: false, ..view.gate.clone() }), Picture::Trouble);
        let trouble = || Trouble { code: "store".into(), text: "x\u{1b}".into(), remedy: "y".into() };
        let troubled = View { troubles: vec![trouble()], ..quiet_view() };
        assert_eq!(shown(&troubled).picture, Picture::Trouble);
        assert!(labels(&troubled).contains(&"(x‹U+001B›)".to_owned()));
    }

    #[test]
    fn what_only_time_changes_is_not_shown() {
        let later = View { revision: 9, now: block_view().now + 60_000, ..block_view() };
        assert_eq!(shown(&later), shown(&block_view()));
    }
}
