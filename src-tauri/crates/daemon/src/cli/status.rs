//! `tidegate status`: how things stand, as text. Must not know where the view came from.

use super::paper::{Ink, Paper, fit, left, right, widest};
use super::visible::line;
use crate::present::{self, books_line, headline};
use tidegate_contract::{LetThrough, RendererView, Trouble, Undoable, View};

/// Columns of the labels.
const LABEL: usize = 14;
/// What ends within so many milliseconds is told to the second.
const SECONDS_COUNT: i64 = 60_000;
/// How many of those let through are listed.
const LISTED: usize = 5;

/// The whole page.
pub(super) fn status(view: &View, paper: &Paper) -> String {
    let mut out = troubles(&view.troubles, paper);
    out.push_str(&gate(view, paper));
    let mut row = |label: &str, text: &str| {
        let label = paper.ink(Ink::Dim, &left(label, LABEL));
        out.push_str(&format!("{label}{}\n", fit(text, paper.room(LABEL))));
    };
    row("Held", &held(view));
    match view.to_be_released {
        0 => {}
        1 => row("Releasing", "1 still waits for the screen"),
        waiting => row("Releasing", &format!("{waiting} still wait for the screen")),
    }
    row("Next check-in", &next_check_in(view, paper));
    if !view.check_ins_today.is_empty() {
        row("Today", &today(view, paper));
    }
    row("Books", &books_line(&view.ledger));
    row("Renderer", &renderer(&view.renderer));
    if let Some(away) = view.time_away {
        let away = present::stretch(away);
        row("Away", &format!("{away} in the block: `tidegate away count`, or `tidegate away leave-out`"));
    }
    if let Some(place) = &view.where_were_you {
        row("You were at", &line(place, 200));
    }
    if let Some(undoable) = &view.undoable {
        row("Undo", &undo(undoable, paper));
    }
    out.push_str(&let_through(&view.let_through, paper));
    out
}

/// The state in one line, the time and the intention below it.
fn gate(view: &View, paper: &Paper) -> String {
    let ink = match (view.gate.in_path, view.gate.closed) {
        (false, _) => Ink::Red,
        (true, true) => Ink::Calm,
        (true, false) => Ink::Bold,
    };
    let mut out = format!("{}{}\n", paper.ink(ink, &headline(view, &paper.clock)), time_left(view, paper));
    let intention = view.block.as_ref().and_then(|block| block.intention.as_deref());
    if let Some(intention) = intention {
        out.push_str(&paper.wrapped(&format!("“{}”", line(intention, 200)), 2));
    }
    out.push('\n');
    out
}

fn time_left(view: &View, paper: &Paper) -> String {
    let Some(block) = &view.block else { return String::new() };
    match present::time_left(block, &paper.clock) {
        Some(left) => format!(", {left}"),
        None => format!(", for {} so far", paper.ago(block.started)),
    }
}

fn held(view: &View) -> String {
    let later = match view.later {
        0 => String::new(),
        later => format!(", {later} of them later"),
    };
    match (view.held, view.held_apps) {
        (0, _) => "nothing".to_owned(),
        (held, 1) => format!("{held} from 1 app{later}"),
        (held, apps) => format!("{held} from {apps} apps{later}"),
    }
}

fn next_check_in(view: &View, paper: &Paper) -> String {
    match view.next_check_in {
        _ if view.ready => "ready: it waits for the end of the block, or `tidegate check-in`".to_owned(),
        Some(at) => format!("{}, {}", paper.clock.when(at), paper.clock.until(at)),
        None => "none is set".to_owned(),
    }
}

fn today(view: &View, paper: &Paper) -> String {
    let times: Vec<_> = view.check_ins_today.iter().map(|at| paper.clock.time(*at)).collect();
    times.join(", ")
}

fn renderer(renderer: &RendererView) -> String {
    match (&renderer.name, renderer.up) {
        (Some(name), true) => line(name, 100),
        (Some(name), false) => format!("{} cannot be reached", line(name, 100)),
        (None, true) => "one that does not say its name".to_owned(),
        (None, false) => "none".to_owned(),
    }
}

fn undo(undoable: &Undoable, paper: &Paper) -> String {
    let label = line(&undoable.label, 60);
    match undoable.until {
        Some(until) if until.saturating_sub(paper.clock.now) <= SECONDS_COUNT => {
            format!("{label}, until {}", paper.clock.time_with_seconds(until))
        }
        Some(until) => format!("{label}, until {}", paper.clock.when(until)),
        None => label,
    }
}

fn let_through(passed: &[LetThrough], paper: &Paper) -> String {
    if passed.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paper.ink(Ink::Bold, "Let through in this block"));
    let rows: Vec<_> = passed.iter().take(LISTED).map(|it| (paper.clock.stamp(it.at), it)).collect();
    let times = widest(rows.iter().map(|(time, _)| time.as_str()));
    for (time, it) in &rows {
        let text = format!("{}: {}", line(&it.app, 40), line(&it.summary, 200));
        let why = format!(" ({})", line(&it.why, 40));
        let room = paper.room(2 + times + 2 + widest([why.as_str()]));
        let time = paper.ink(Ink::Dim, &right(time, times));
        out.push_str(&format!("  {time}  {}{}\n", fit(&text, room), paper.ink(Ink::Dim, &why)));
    }
    if passed.len() > LISTED {
        out.push_str(&format!("  and {} more\n", passed.len() - LISTED));
    }
    out
}

fn troubles(troubles: &[Trouble], paper: &Paper) -> String {
    let mut out = String::new();
    for trouble in troubles {
        let text = paper.wrapped(&format!("! {}", line(&trouble.text, 400)), 0);
        out.push_str(&text.lines().map(|line| format!("{}\n", paper.ink(Ink::Red, line))).collect::<String>());
        out.push_str(&paper.wrapped(&line(&trouble.remedy, 400), 2));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::paper::tests::plain_paper;
    use crate::present::fixtures::{block_view, quiet_view};
    use tidegate_contract::{BlockView, EndsWhen, GateView};

    fn check(view: &View, page: &str) {
        assert_eq!(status(view, &plain_paper(view.now)), page);
    }

    #[test]
    fn an_open_gate() {
        check(
            &quiet_view(),
            "Gate open: everything passes\n\n\
             Held          nothing\n\
             Next check-in 11:30, in 1 h 32 min\n\
             Today         11:30, 14:00, 16:30\n\
             Books         0 came in = 0 here\n\
             Renderer      dunst 1.9.0\n",
        );
    }

    #[test]
    fn a_block_with_everything() {
        let passed = LetThrough {
            id: 1,
            app: "Power".into(),
            summary: "Battery low: ".to_owned() + &"plug in ".repeat(20),
            at: quiet_view().now,
            why: "safe list: power".into(),
        };
        let undoable = Undoable { id: Some(2), label: "done: Review".into(), until: Some(quiet_view().now + 3_000) };
        let view = View { let_through: vec![passed], undoable: Some(undoable), ready: true, ..block_view() };
        check(
            &view,
            "Gate closed: block until 10:48, 50 min left\n  \
               “Invoices for October”\n\n\
             Held          12 from 4 apps\n\
             Next check-in ready: it waits for the end of the block, or `tidegate check-in`\n\
             Today         11:30, 14:00, 16:30\n\
             Books         0 came in = 0 here\n\
             Renderer      dunst 1.9.0\n\
             Undo          done: Review, until 9:58:03\n\n\
             Let through in this block\n  \
               9:58  Power: Battery low: plug in plug in plug in plug in… (safe list: power)\n",
        );
    }

    #[test]
    fn what_can_be_undone_for_long_is_told_to_the_minute() {
        let undoable =
            Undoable { id: None, label: "skipped: check-in at 11:30".into(), until: block_view().next_check_in };
        let page = status(&View { undoable: Some(undoable), ..block_view() }, &plain_paper(block_view().now));
        assert!(page.contains("Undo          skipped: check-in at 11:30, until 11:30\n"), "{page}");
    }

    #[test]
    fn a_release_that_goes_on_says_how_many_still_wait() {
        let page = |to_be_released| {
            let view = View { to_be_released, ..block_view() };
            status(&view, &plain_paper(view.now))
        };
        assert!(page(25).contains("12 from 4 apps\nReleasing     25 still wait for the screen\n"), "{}", page(25));
        assert!(page(1).contains("Releasing     1 still waits for the screen\n") && !page(0).contains("Releasing"));
    }

    #[test]
    fn troubles_come_first_and_say_what_to_do() {
        let trouble = Trouble {
            code: "no-renderer".into(),
            text: "No notification daemon can be reached behind the gate, so nothing can be shown.".into(),
            remedy: "Start it.".into(),
        };
        let view = View { troubles: vec![trouble], renderer: RendererView { name: None, up: false }, ..quiet_view() };
        let page = status(&view, &plain_paper(view.now));
        let begin = "! No notification daemon can be reached behind the gate, so nothing can be\nshown.\n  Start it.\n\nGate open";
        assert!(page.starts_with(begin) && page.contains("Renderer      none\n"), "{page}");
    }

    #[test]
    fn an_open_ended_block_says_how_long_it_has_been() {
        let block = block_view().block.map(|block| BlockView { ends: EndsWhen::Open, intention: None, ..block });
        let view = View { block, ..block_view() };
        let page = status(&view, &plain_paper(view.now + 54 * 60_000));
        assert!(page.starts_with("Gate closed: open-ended block, for 54 min so far\n\nHeld"), "{page}");
    }

    #[test]
    fn hostile_text_drives_nothing_and_no_line_is_too_long() {
        let evil = "\u{1b}]0;x\u{7}\u{202e}".to_owned() + &"wide 日本 ".repeat(40);
        let passed = LetThrough { id: 1, app: evil.clone(), summary: evil.clone(), at: i64::MAX, why: evil.clone() };
        let view = View {
            block: block_view().block.map(|block| BlockView { intention: Some(evil.clone()), ..block }),
            let_through: vec![passed],
            undoable: Some(Undoable { id: Some(1), label: evil.clone(), until: Some(i64::MIN) }),
            renderer: RendererView { name: Some(evil.clone()), up: false },
            troubles: vec![Trouble { code: evil.clone(), text: evil.clone(), remedy: evil }],
            gate: GateView { in_path: true, ..block_view().gate },
            ..block_view()
        };
        let page = status(&view, &plain_paper(view.now));
        assert!(page.chars().all(|c| c == '\n' || !c.is_control() && !present::reorders(c)), "{page}");
        assert!(page.lines().all(|line| widest([line]) <= 80), "{page}");
    }
}
