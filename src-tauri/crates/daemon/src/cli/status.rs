//! `tidegate status`: how things stand, as text. Must not know where the view came from.

use super::paper::{Ink, Paper, fit, left, right, widest};
use super::visible::line;
use crate::present::{self, books_line, headline};
use tidegate_contract::{LetThrough, Message, Millis, RendererView, Trouble, Undoable, View};
use tidegate_words::{Catalogue, ahead, say};

/// Columns of the labels.
const LABEL: usize = 14;
/// In milliseconds: what ends within one is told to the second.
const MINUTE: Millis = 60_000;
/// How many of those let through are listed.
const LISTED: usize = 5;

/// The whole page.
pub(super) fn status(view: &View, paper: &Paper) -> String {
    let words = &Catalogue::new(&paper.clock);
    let mut out = troubles(&view.troubles, paper);
    out.push_str(&gate(view, paper, words));
    for (label, text) in rows(view, paper, words) {
        let label = paper.ink(Ink::Dim, &left(&words.format(&label), LABEL));
        out.push_str(&format!("{label}{}\n", fit(&text, paper.room(LABEL))));
    }
    out.push_str(&let_through(&view.let_through, paper, words));
    out
}

/// The state in one line, the time and the intention below it.
fn gate(view: &View, paper: &Paper, words: &Catalogue<'_>) -> String {
    let ink = match (view.gate.in_path, view.gate.closed) {
        (false, _) => Ink::Red,
        (true, true) => Ink::Calm,
        (true, false) => Ink::Bold,
    };
    let state = paper.ink(ink, &words.format(&headline(view)));
    let mut out = format!("{}\n", with_time(state, view, paper.clock.now, words));
    let intention = view.block.as_ref().and_then(|block| block.intention.as_deref());
    if let Some(intention) = intention {
        out.push_str(&paper.wrapped(&format!("“{}”", line(intention, 200)), 2));
    }
    out.push('\n');
    out
}

/// Also of a block in which something else closes the gate.
fn with_time(state: String, view: &View, now: Millis, words: &Catalogue<'_>) -> String {
    let Some(block) = &view.block else { return state };
    words.format(&match present::time_left(block, now) {
        Some(left) => say::cli_status_left(state, left),
        None => say::cli_status_so_far(state, now.saturating_sub(block.started)),
    })
}

/// What stands below, with its labels.
fn rows(view: &View, paper: &Paper, words: &Catalogue<'_>) -> Vec<(Message, String)> {
    let waiting = Some(view.to_be_released).filter(|waiting| *waiting > 0);
    let today: Vec<_> = view.check_ins_today.iter().map(|at| paper.clock.time(*at)).collect();
    let place = view.where_were_you.as_deref();
    let rows = [
        Some((say::cli_status_held(), words.format(&held(view)))),
        waiting
            .map(|waiting| (say::cli_status_releasing(), words.format(&say::cli_status_waiting_for_screen(waiting)))),
        Some((say::cli_status_next_check_in(), words.format(&next_check_in(view, paper.clock.now)))),
        (!today.is_empty()).then(|| (say::cli_status_today(), today.join(", "))),
        Some((say::cli_status_books(), words.format(&books_line(&view.ledger, words)))),
        Some((say::cli_status_renderer(), renderer(&view.renderer, words))),
        view.time_away.map(|away| (say::cli_status_away(), words.format(&say::cli_status_time_away(away)))),
        place.map(|place| (say::cli_status_place(), line(place, 200))),
        view.undoable.as_ref().map(|undoable| (say::cli_status_undo(), undo(undoable, paper, words))),
    ];
    rows.into_iter().flatten().collect()
}

fn held(view: &View) -> Message {
    let from = || say::cli_status_held_from(view.held_apps, view.held);
    match (view.held, view.later) {
        (0, _) => say::cli_status_nothing_held(),
        (_, 0) => from(),
        (_, later) => say::cli_status_held_later(from(), later),
    }
}

fn next_check_in(view: &View, now: Millis) -> Message {
    match view.next_check_in {
        _ if view.ready => say::cli_status_ready(),
        Some(at) if at.saturating_sub(now) < MINUTE => say::cli_status_next_now(at),
        Some(at) => say::cli_status_next(at, ahead(at.saturating_sub(now))),
        None => say::cli_status_no_check_in(),
    }
}

fn renderer(renderer: &RendererView, words: &Catalogue<'_>) -> String {
    match (&renderer.name, renderer.up) {
        (Some(name), true) => line(name, 100),
        (Some(name), false) => words.format(&say::cli_status_renderer_down(line(name, 100))),
        (None, true) => words.format(&say::cli_status_renderer_nameless()),
        (None, false) => words.format(&say::cli_status_no_renderer()),
    }
}

fn undo(undoable: &Undoable, paper: &Paper, words: &Catalogue<'_>) -> String {
    let what = paper.says(&undoable.label, 60);
    match undoable.until {
        Some(until) if until.saturating_sub(paper.clock.now) <= MINUTE => {
            words.format(&say::cli_status_undo_until_second(what, until))
        }
        Some(until) => words.format(&say::cli_status_undo_until(what, until)),
        None => what,
    }
}

fn let_through(passed: &[LetThrough], paper: &Paper, words: &Catalogue<'_>) -> String {
    if passed.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paper.ink(Ink::Bold, &words.format(&say::cli_status_let_through())));
    let rows: Vec<_> = passed.iter().take(LISTED).map(|it| (paper.clock.stamp(it.at), it)).collect();
    let times = widest(rows.iter().map(|(time, _)| time.as_str()));
    for (time, it) in &rows {
        let text = format!("{}: {}", line(&it.app, 40), line(&it.summary, 200));
        let why = format!(" ({})", paper.says(&it.why, 40));
        let room = paper.room(2 + times + 2 + widest([why.as_str()]));
        let time = paper.ink(Ink::Dim, &right(time, times));
        out.push_str(&format!("  {time}  {}{}\n", fit(&text, room), paper.ink(Ink::Dim, &why)));
    }
    if passed.len() > LISTED {
        let more = i64::try_from(passed.len() - LISTED).unwrap_or(i64::MAX);
        out.push_str(&format!("  {}\n", words.format(&say::cli_status_and_more(more))));
    }
    out
}

fn troubles(troubles: &[Trouble], paper: &Paper) -> String {
    let mut out = String::new();
    for trouble in troubles {
        let text = paper.wrapped(&format!("! {}", paper.says(&trouble.text, 400)), 0);
        out.push_str(&text.lines().map(|line| format!("{}\n", paper.ink(Ink::Red, line))).collect::<String>());
        out.push_str(&paper.wrapped(&paper.says(&trouble.remedy, 400), 2));
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
            why: say::reason_safe_list_short("power"),
        };
        let undoable =
            Undoable { id: Some(2), label: say::undo_done("Review", 0), until: Some(quiet_view().now + 3_000) };
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
        let next = block_view().next_check_in;
        let undoable = Undoable { id: None, label: say::undo_skipped(next.unwrap()), until: next };
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
            text: say::trouble_no_renderer(),
            remedy: say::failure_said("Start it."),
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
        let said = || say::failure_said(evil.clone());
        let passed = LetThrough { id: 1, app: evil.clone(), summary: evil.clone(), at: i64::MAX, why: said() };
        let view = View {
            block: block_view().block.map(|block| BlockView { intention: Some(evil.clone()), ..block }),
            let_through: vec![passed],
            undoable: Some(Undoable { id: Some(1), label: said(), until: Some(i64::MIN) }),
            renderer: RendererView { name: Some(evil.clone()), up: false },
            troubles: vec![Trouble { code: evil.clone(), text: said(), remedy: said() }],
            gate: GateView { in_path: true, ..block_view().gate },
            ..block_view()
        };
        let page = status(&view, &plain_paper(view.now));
        assert!(page.chars().all(|c| c == '\n' || !c.is_control() && !present::reorders(c)), "{page}");
        assert!(page.lines().all(|line| widest([line]) <= 80), "{page}");
    }
}
