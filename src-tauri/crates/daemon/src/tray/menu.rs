//! What the tray shows, as a pure function of the view: picture, title, menu. Must not know how a tray is talked to.

use super::icon::{Mark, Picture};
use crate::present::{Clock, block_end, block_that_closes, headline_with_time_left, line, tooltip};
use tidegate_contract::{EndsWhen, Message, Millis, View, WindowView};
use tidegate_domain::{BlockLength, Command, Zone};
use tidegate_words::{Catalogue, say};

/// By how many minutes a block is extended.
const EXTENSION: u32 = 15;
const MINUTE: u64 = 60_000;

/// Everything that a tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The icon.
    pub(super) picture: Picture,
    /// Title and tooltip: "Tidegate: Closed until 9:50 (47 min left), 3 held, next check-in 11:30".
    pub(super) title: String,
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
    /// What is shown of a view at a time.
    pub(super) fn of(view: &View, zone: &Zone, now: Millis) -> Self {
        let clock = Clock { zone: zone.clone(), now };
        let words = Catalogue::new(&clock);
        let title = |tooltip| words.format(&say::tray_title(tooltip));
        Self { picture: picture(view), title: title(tooltip(view, now)), menu: menu(view, &words, now) }
    }
}

/// After how many milliseconds other minutes are left of the block; none where none are told.
pub(super) fn minute_lasts(view: &View, now: Millis) -> Option<u64> {
    let left = u64::try_from(block_end(block_that_closes(view)?)?.saturating_sub(now)).ok().filter(|left| *left > 0)?;
    Some((left - 1) % MINUTE + 1)
}

fn picture(view: &View) -> Picture {
    let mark = match view.held {
        _ if view.ended.is_some() => Mark::Ready,
        0 => Mark::Nothing,
        _ if view.ready => Mark::Ready,
        _ => Mark::Held,
    };
    match view.gate.in_path && view.troubles.is_empty() {
        true => Picture::Gate { closed: view.gate.closed, mark },
        false => Picture::Trouble,
    }
}

fn menu(view: &View, words: &Catalogue<'_>, now: Millis) -> Vec<Entry> {
    let does = |label: Message, press| Entry::Does(words.format(&label), press);
    let command = |(label, command)| does(label, Press::Command(command));
    let mut menu = vec![Entry::Says(words.format(&headline_with_time_left(view, now)))];
    let intention = view.block.as_ref().and_then(|block| block.intention.as_deref());
    menu.extend(intention.map(|intention| Entry::Says(line(intention, 60))));
    menu.extend(view.troubles.first().map(|trouble| Entry::Says(line(&words.format(&trouble.text), 100))));
    menu.push(Entry::Line);
    if view.held > 0 {
        menu.push(does(say::tray_held(view.held), Press::Open(Some(WindowView::Held))));
    }
    menu.push(does(say::tray_open(), Press::Open(None)));
    menu.push(Entry::Line);
    menu.extend(blocks(view).into_iter().map(command));
    menu.push(Entry::Line);
    menu.push(command((say::tray_check_in(), Command::CheckInNow)));
    menu.extend(skip(view).map(command));
    menu.push(Entry::Line);
    menu.push(does(say::tray_quit(), Press::Quit));
    menu
}

/// What starts a block, or extends and ends the one that runs.
fn blocks(view: &View) -> Vec<(Message, Command)> {
    if let Some(block) = view.block.as_ref().filter(|_| view.gate.closed) {
        let extend = (say::tray_extend(EXTENSION), Command::Extend { minutes: EXTENSION });
        let extend = (block.ends != EndsWhen::Open).then_some(extend);
        return extend.into_iter().chain([(say::tray_end(), Command::End)]).collect();
    }
    let start = |length| Command::Start { length, intention: None };
    let minutes = |minutes| (say::tray_block(minutes), start(BlockLength::Minutes(minutes)));
    let is_left_today = view.next_check_in.is_some_and(|next| view.check_ins_today.contains(&next));
    let until = is_left_today.then(|| (say::tray_block_until_check_in(), start(BlockLength::UntilCheckIn)));
    [minutes(25), minutes(50), minutes(90)].into_iter().chain(until).collect()
}

fn skip(view: &View) -> Option<(Message, Command)> {
    let next = view.next_check_in?;
    let label = if view.ready { say::tray_skip_ready() } else { say::tray_skip(next) };
    Some((label, Command::SkipCheckIn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{berlin, block_view, quiet_view};
    use tidegate_contract::{ClosedBecause, EndedView, GateView, Trouble};

    fn shown(view: &View) -> Shown {
        Shown::of(view, &berlin(), view.now)
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
        assert_eq!(shown[..2], ["(Gate closed: block until 10:48, 50 min left)", "(Invoices for October)"]);
        assert_eq!(shown[3..6], ["Held (12)", "Open Tidegate", "-"]);
        assert_eq!(shown[6..8], ["Extend the block by 15 minutes", "End the block"]);
        assert!(!shown.iter().any(|label| label.starts_with("Skip") || label.starts_with("Block for")));
    }

    #[test]
    fn a_block_until_the_next_check_in_is_offered_where_one_is_left_today() {
        let tomorrow = quiet_view().next_check_in.map(|at| at + 24 * 3_600_000);
        for (next, is_offered) in [(quiet_view().next_check_in, true), (tomorrow, false), (None, false)] {
            let labels = labels(&View { next_check_in: next, ..quiet_view() });
            assert_eq!(labels.iter().any(|label| label.starts_with("Block until")), is_offered, "{next:?}");
        }
    }

    #[test]
    fn a_block_without_an_end_is_not_extended() {
        let mut view = block_view();
        view.block.as_mut().unwrap().ends = EndsWhen::Open;
        assert!(!labels(&view).iter().any(|label| label.starts_with("Extend")));
    }

    #[test]
    fn the_minutes_left_are_told_anew_when_they_change_and_only_in_a_block_that_ends() {
        let view = block_view();
        let (start, end) = (view.now, view.now + 50 * 60_000);
        for (now, lasts) in
            [(start, Some(60_000)), (start + 1, Some(59_999)), (end - 1, Some(1)), (end, None), (end + 5, None)]
        {
            assert_eq!(minute_lasts(&view, now), lasts);
        }
        let title = |now| Shown::of(&view, &berlin(), now).title;
        assert_eq!(title(start), title(start + 59_999));
        assert_ne!(title(start), title(start + 60_000));
        assert_eq!(minute_lasts(&quiet_view(), start), None);
        let away = GateView { in_path: false, ..view.gate.clone() };
        let asked = GateView { because: Some(ClosedBecause::Inhibited { app: "Zoom".into() }), ..view.gate.clone() };
        for gate in [away, asked] {
            assert_eq!(minute_lasts(&View { gate, ..view.clone() }, start), None);
        }
    }

    #[test]
    fn the_picture_says_the_state() {
        let with = |change: fn(&mut View)| {
            let mut view = block_view();
            change(&mut view);
            shown(&view).picture
        };
        let gate = |closed, mark| Picture::Gate { closed, mark };
        assert_eq!(shown(&quiet_view()).picture, gate(false, Mark::Nothing));
        assert_eq!(shown(&View { held: 3, ..quiet_view() }).picture, gate(false, Mark::Held));
        assert_eq!(shown(&View { held: 3, ready: true, ..quiet_view() }).picture, gate(false, Mark::Ready));
        let over = EndedView { is_break: false, intention: None, started: 0, ended: 0, left_out: 0 };
        assert_eq!(shown(&View { ended: Some(over), ..quiet_view() }).picture, gate(false, Mark::Ready));
        assert_eq!(with(|_| ()), gate(true, Mark::Held));
        assert_eq!(with(|view| view.held = 0), gate(true, Mark::Nothing));
        assert_eq!(with(|view| view.ready = true), gate(true, Mark::Ready));
        assert_eq!(with(|view| view.gate = GateView { in_path: false, ..view.gate.clone() }), Picture::Trouble);
        let said = say::failure_said;
        let trouble = || Trouble { code: "store".into(), text: said("x\u{1b}"), remedy: said("y") };
        let troubled = View { troubles: vec![trouble()], ..quiet_view() };
        assert_eq!(shown(&troubled).picture, Picture::Trouble);
        assert!(labels(&troubled).contains(&"(x‹U+001B›)".to_owned()));
    }

    #[test]
    fn a_new_view_of_the_same_is_not_shown() {
        let later = View { revision: 9, now: block_view().now + 30_000, ..block_view() };
        assert_eq!(Shown::of(&later, &berlin(), block_view().now), shown(&block_view()));
    }
}
