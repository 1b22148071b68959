//! The summary of the model. Must not know who reads it.

use super::books::{ledger_view, mismatch};
use super::reason::why_short;
use super::{NAME, SUMMARY, path};
use chrono::{DateTime, Duration, Utc};
use tidegate_contract as contract;
use tidegate_contract::{
    BlockView, BreakView, ClosedBecause, DeepWorkView, EndedView, EndsWhen, GateView, Message, Millis, Noted,
    PastBlock, RendererView, Undoable, View,
};
use tidegate_domain as domain;
use tidegate_domain::{
    Block, BlockEnd, Deed, HandedOver, LetThrough, Model, Now, OnDay, StoreFault, StoreLoss, StoreTrouble, Trouble,
    UndoStep,
};
use tidegate_words::{line, raw_line, say};

/// The summary now. `renderer` is what the desktop's daemon calls itself; `troubles` are those that the model does not
/// know of, and stand after its own.
#[must_use]
pub fn view(model: &Model, now: Now, revision: u64, renderer: Option<&str>, troubles: &[contract::Trouble]) -> View {
    let (held, held_apps) = model.held();
    let (withdrawn, _) = model.withdrawn();
    let (books, since) = model.ledger();
    let ledger = ledger_view(&books, since, model.absences());
    let known = model.troubles();
    let are_told = |codes: &[&str]| troubles.iter().any(|trouble| codes.contains(&trouble.code.as_str()));
    let (path, renderer_fails) = (are_told(&path::EXACT), are_told(&[path::RENDERER_FAILS]));
    let known = known.iter().filter(|trouble| !path || **trouble != Trouble::NotInPath);
    let known = known.filter(|trouble| !renderer_fails || **trouble != Trouble::NoRenderer);
    let known = known.map(|trouble| trouble_view(trouble, &ledger));
    let troubles = known.chain(troubles.iter().cloned()).collect();
    View {
        revision,
        now: millis(now.utc),
        zone: model.zone().name().unwrap_or_default().to_owned(),
        gate: gate_view(model),
        block: model.block().map(block_view),
        blocks_today: model.blocks_today(now).map(past_block_view).collect(),
        on_break: model.on_break().map(break_view),
        ended: model.ended().map(ended_view),
        time_away: model.time_away().map(|away| away.num_milliseconds()),
        usual_length: length_view(model.usual_length(now)),
        intentions: model.intentions().iter().map(|intention| raw_line(intention, SUMMARY)).collect(),
        deep_work: deep_work_view(model.deep_work(now)),
        next_check_in: model.next_check_in(now).map(millis),
        check_ins_today: model.check_ins_today(now).into_iter().map(millis).collect(),
        ready: model.is_ready(),
        checking_in: model.is_checking_in() && (held > model.later() || withdrawn > 0),
        worked_off: model.is_worked_off(),
        handed_over: model.handed_over().map(handed_over_view),
        where_were_you: model.where_were_you().map(|place| raw_line(place, SUMMARY)),
        held,
        later: model.later(),
        to_be_released: model.to_be_released(),
        withdrawn,
        noted: model.noted().map(noted_view).collect(),
        held_apps,
        held_revision: model.held_revision(),
        period: model.period(),
        ledger,
        let_through: model.let_through().map(let_through_view).collect(),
        undoable: model.undoable(now).map(undoable_view),
        renderer: RendererView { name: renderer.map(|name| raw_line(name, NAME)), up: model.renderer_is_up() },
        troubles,
    }
}

/// Milliseconds since the epoch.
pub(super) fn millis(at: DateTime<Utc>) -> Millis {
    at.timestamp_millis()
}

fn handed_over_view(books: &HandedOver) -> contract::LedgerView {
    ledger_view(&books.ledger, books.since, &books.absences)
}

fn gate_view(model: &Model) -> GateView {
    let asked = || model.inhibitor().map(|asked| ClosedBecause::Inhibited { app: raw_line(&asked.app, NAME) });
    let because = model.block().map(|_| ClosedBecause::Block).or_else(asked);
    let closed = model.is_closed();
    GateView { closed, because: because.filter(|_| closed), in_path: model.in_path() }
}

fn block_view(block: &Block) -> BlockView {
    let ends = match block.end {
        BlockEnd::At(at) => EndsWhen::At { at: millis(at) },
        BlockEnd::CheckIn(at) => EndsWhen::CheckIn { at: millis(at) },
        BlockEnd::Open => EndsWhen::Open,
    };
    let left_out = OnDay::sum(&block.left_out).num_milliseconds();
    BlockView { intention: block.intention.clone(), started: millis(block.started), ends, left_out }
}

fn past_block_view(block: &domain::PastBlock) -> PastBlock {
    let intention = block.intention.as_deref().map(|intention| raw_line(intention, SUMMARY));
    PastBlock { intention, started: millis(block.started), ended: millis(block.ended) }
}

fn break_view(pause: &domain::Break) -> BreakView {
    let intention = pause.intention.as_deref().map(|intention| raw_line(intention, SUMMARY));
    BreakView { intention, started: millis(pause.started), ends: millis(pause.ends) }
}

fn ended_view(over: &domain::Ended) -> EndedView {
    let intention = over.intention.as_deref().map(|intention| raw_line(intention, SUMMARY));
    let is_break = over.what == domain::Stretch::Break;
    let left_out = over.left_out.num_milliseconds();
    EndedView { is_break, intention, started: millis(over.started), ended: millis(over.ended), left_out }
}

fn length_view(length: domain::BlockLength) -> contract::BlockLength {
    match length {
        domain::BlockLength::Minutes(minutes) => contract::BlockLength::Minutes { minutes },
        domain::BlockLength::UntilCheckIn => contract::BlockLength::UntilCheckIn,
        domain::BlockLength::Open => contract::BlockLength::Open,
        domain::BlockLength::Usual | domain::BlockLength::UntilTime(_) => contract::BlockLength::Usual,
    }
}

fn deep_work_view((today, week): (Duration, Duration)) -> DeepWorkView {
    DeepWorkView { today: today.num_milliseconds(), week: week.num_milliseconds() }
}

fn noted_view(noted: &domain::Noted) -> Noted {
    Noted { id: noted.id.0, text: raw_line(&noted.text, SUMMARY), at: millis(noted.at) }
}

fn let_through_view(passed: &LetThrough) -> contract::LetThrough {
    contract::LetThrough {
        id: passed.id.0,
        app: raw_line(&passed.app, NAME),
        summary: raw_line(&passed.summary, SUMMARY),
        at: millis(passed.at),
        why: why_short(&passed.why),
    }
}

fn undoable_view(step: &UndoStep) -> Undoable {
    let summary = raw_line(&step.summary, SUMMARY);
    let more = step.count().saturating_sub(1);
    let label = match step.deed {
        Deed::Done => say::undo_done(summary, more),
        Deed::PutOff => say::undo_later(summary, more),
        Deed::Released => say::undo_released(summary, more),
        Deed::Skipped(check_in) => say::undo_skipped(millis(check_in)),
    };
    Undoable { id: step.id.map(|id| id.0), label, until: step.until.map(millis) }
}

fn trouble_view(trouble: &Trouble, ledger: &contract::LedgerView) -> contract::Trouble {
    let (code, text, remedy) = match trouble {
        Trouble::Store(trouble) => store_trouble(trouble),
        Trouble::StoreLoss(loss) => store_loss(*loss),
        Trouble::NotInPath => ("name-lost", say::trouble_name_lost(), say::trouble_name_lost_remedy()),
        Trouble::NoRenderer => ("no-renderer", say::trouble_no_renderer(), say::trouble_no_renderer_remedy()),
        Trouble::RendererSilent => {
            ("renderer-silent", say::trouble_renderer_silent(), say::trouble_renderer_silent_remedy())
        }
        Trouble::Ledger => {
            ("ledger", mismatch(ledger).unwrap_or_else(say::trouble_ledger_unsaid), say::trouble_ledger_remedy())
        }
    };
    contract::Trouble { code: code.to_owned(), text, remedy }
}

/// What is said of a store that cannot be used, and what can be done, by what is wrong with it.
fn store_trouble(trouble: &StoreTrouble) -> (&'static str, Message, Message) {
    let failed = || say::trouble_store(line(&trouble.said, 200));
    let (text, remedy) = match trouble.fault {
        StoreFault::Unusable | StoreFault::Vanished => (failed(), say::trouble_store_remedy()),
        StoreFault::Unreadable => (failed(), say::trouble_store_remedy_unreadable()),
        StoreFault::InUse { by: None } => (say::trouble_store_elsewhere(), say::trouble_store_elsewhere_remedy()),
        StoreFault::InUse { by: Some(pid) } => (
            say::trouble_store_elsewhere_process(pid.to_string()),
            say::trouble_store_elsewhere_process_remedy(pid.to_string()),
        ),
    };
    ("store", text, remedy)
}

fn store_loss(loss: StoreLoss) -> (&'static str, Message, Message) {
    let (text, remedy) = match loss {
        StoreLoss::Missing { last_good } => {
            (say::trouble_store_missing(millis(last_good)), say::trouble_store_missing_remedy())
        }
        StoreLoss::WrittenAgain => (say::trouble_store_written_again(), say::trouble_store_written_again_remedy()),
    };
    ("store-loss", text, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, berlin, content, sender, words};
    use tidegate_domain::{BlockLength, Command, Event, Target};

    fn seen(world: &World) -> View {
        view(&world.model, world.now, 7, Some("dunst 1.9.0"), &[])
    }

    fn in_block() -> World {
        let mut world = World::new();
        let intention = Some("Invoices".to_owned());
        world.command(Command::Start { length: BlockLength::Minutes(50), intention }, Vec::new());
        world
    }

    #[test]
    fn every_check_in_up_to_the_skipped_one_is_left_out_of_today() {
        let mut world = World::new();
        let all = seen(&world).check_ins_today;
        world.command(Command::SkipCheckIn, Vec::new());
        assert_eq!(seen(&world).check_ins_today, all[1..]);
        world.command(Command::SkipCheckIn, Vec::new());
        assert_eq!(seen(&world).check_ins_today, all[2..]);
        world.now.utc += chrono::Duration::hours(2);
        assert_eq!(seen(&world).check_ins_today, [all[0], all[2]], "one that is past is shown");
    }

    #[test]
    fn an_open_gate() {
        let view = seen(&World::new());
        assert_eq!((view.revision, view.now, view.zone.as_str()), (7, 1_795_424_280_000, "Europe/Berlin"));
        assert_eq!(view.gate, GateView { closed: false, because: None, in_path: true });
        assert_eq!((view.block, view.held, view.ready), (None, 0, false));
        assert_eq!(view.next_check_in, Some(1_795_429_800_000));
        assert_eq!(view.check_ins_today.len(), 3);
        assert_eq!(view.renderer, RendererView { name: Some("dunst 1.9.0".into()), up: true });
        assert_eq!(view.troubles, []);
        assert!(view.ledger.balanced);
    }

    #[test]
    fn a_block_holds_and_names_what_it_let_through() {
        let mut world = in_block();
        world.notify(app("Slack", "/usr/bin/slack"), content("Maya", "hi"));
        world.notify(app("Slack", "/usr/bin/slack"), content("Ben", "hi"));
        world.notify(app("Power", "/usr/bin/xfce4-power-manager"), content("Battery\u{1b}low", ""));
        let view = seen(&world);
        assert_eq!(view.gate.because, Some(ClosedBecause::Block));
        let block = view.block.unwrap();
        assert_eq!(block.intention.as_deref(), Some("Invoices"));
        assert_eq!(block.ends, EndsWhen::At { at: view.now + 50 * 60_000 });
        assert_eq!((view.held, view.held_apps), (2, 1));
        assert_eq!((view.ledger.came_in, view.ledger.held, view.ledger.passed), (3, 2, 1));
        let [passed] = view.let_through.as_slice() else { panic!("{:?}", view.let_through) };
        assert_eq!((passed.summary.as_str(), words(&passed.why).as_str()), ("Battery‹U+001B›low", "safe list: power"));
    }

    #[test]
    fn what_undo_takes_back_is_named() {
        let mut world = in_block();
        let rows: Vec<_> =
            ["one", "two"].map(|text| world.notify(app("Mail", "/usr/bin/mail"), content(text, ""))).into();
        assert_eq!(seen(&world).undoable, None);
        let ids = rows.iter().map(|row| row.id).collect();
        world.command(Command::Done(Target::Ids(ids)), rows.clone());
        let undoable = seen(&world).undoable.unwrap();
        assert_eq!((undoable.id, words(&undoable.label).as_str()), (Some(rows[1].id.0), "done: two and 1 more"));
        assert_eq!(undoable.until, Some(seen(&world).now + 30_000));
    }

    #[test]
    fn a_check_in_that_was_passed_over_can_be_taken_back_until_it_comes() {
        let mut world = World::new();
        world.command(Command::SkipCheckIn, Vec::new());
        let undoable = seen(&world).undoable.unwrap();
        assert_eq!((undoable.id, words(&undoable.label).as_str()), (None, "skipped: check-in at 11:30"));
        assert_eq!(undoable.until, Some(1_795_429_800_000));
    }

    #[test]
    fn an_app_that_asks_for_quiet_is_named() {
        let mut world = World::new();
        let asked = Event::Inhibit { call: tidegate_domain::CallId(1), sender: sender("Zoom"), app: "Zoom".into() };
        world.send(asked);
        assert_eq!(seen(&world).gate.because, Some(ClosedBecause::Inhibited { app: "Zoom".into() }));
    }

    #[test]
    fn troubles_stand_worst_first_and_the_models_before_others() {
        let mut world = World::new();
        world.send(Event::RendererDown);
        let other =
            contract::Trouble { code: "settings".into(), text: say::failure_said("x"), remedy: say::failure_said("y") };
        let seen = |world: &World| view(&world.model, world.now, 1, None, std::slice::from_ref(&other));
        let codes = |view: &View| view.troubles.iter().map(|trouble| trouble.code.clone()).collect::<Vec<_>>();
        assert_eq!(codes(&seen(&world)), ["no-renderer", "settings"]);
        assert_eq!(seen(&world).renderer, RendererView { name: None, up: false });
        world.send(Event::InPath(false));
        assert_eq!(codes(&seen(&world)), ["name-lost", "settings"], "another program shows what comes");
    }

    fn store_told(fault: StoreFault) -> (String, String) {
        let mut world = World::new();
        let before = world.model.snapshot();
        world.model.store_failed(before, StoreTrouble { said: "open /a/b: no".into(), fault });
        let told = seen(&world).troubles.remove(0);
        assert_eq!(told.code, "store");
        (words(&told.text), words(&told.remedy))
    }

    #[test]
    fn a_store_that_another_session_has_is_told_as_that_and_not_as_a_full_disk() {
        let (text, remedy) = store_told(StoreFault::InUse { by: Some(4711) });
        let said = "Tidegate runs in another session of yours (process 4711) and keeps its data there; here everything \
                    passes.";
        assert_eq!(text, said);
        assert!(remedy.contains("tidegate quit") && remedy.contains("kill 4711") && !remedy.contains("disk"));
        let (text, remedy) = store_told(StoreFault::InUse { by: None });
        assert!(!text.contains("process") && !remedy.contains("kill"), "{text} {remedy}");
    }

    #[test]
    fn what_the_database_does_not_hold_any_more_is_told_with_the_day_on_which_it_did() {
        let told = |loss| {
            let now = World::new().now;
            let loaded = tidegate_domain::Loaded { loss: Some(loss), ..Default::default() };
            let model = Model::restore(loaded, tidegate_domain::Settings::default(), berlin(), ":gate".into(), now);
            let view = view(&model, now, 1, None, &[]);
            view.troubles.into_iter().find(|trouble| trouble.code == "store-loss").unwrap()
        };
        let last_good = DateTime::from_timestamp(1_795_339_800, 0).unwrap();
        let missing = told(StoreLoss::Missing { last_good });
        assert!(words(&missing.text).contains("whole with what came Sun 10:30; "), "{missing:?}");
        assert!(words(&told(StoreLoss::WrittenAgain).text).contains("nothing of it is lost"));
    }

    #[test]
    fn room_is_only_asked_for_where_it_may_help() {
        let (text, remedy) = store_told(StoreFault::Unusable);
        assert!(text.ends_with("everything passes: open /a/b: no") && remedy.contains("Make room on the disk"));
        let (text, remedy) = store_told(StoreFault::Unreadable);
        assert!(text.contains("open /a/b: no") && !remedy.contains("disk"), "{text} {remedy}");
    }
}
