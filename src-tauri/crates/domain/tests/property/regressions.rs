//! Runs that once went wrong, as the random search left them.

use crate::script::Op::{
    Ask as Asks, Close, Crash, Deliver, DiskFails, DiskIsWell, Flush, Inhibit, Leave, Notify, RendererIsSilent,
    RendererWorks, Restart, SetClock, Storm, Suspend, Touch as Touches, Wait, Wake, Zone,
};
use crate::script::{Ask, Conn, Kind, Op, Span, Touch, Which};
use crate::world::World;

const CHAT: Conn = Conn(0, 0);
const MAIL: Conn = Conn(1, 0);

fn run(script: &[Op]) {
    World::new(0).run(script);
}

fn sends(by: Conn) -> Op {
    Notify { by, kind: Kind::Plain, replaces: Which::None }
}

fn replaces_newest(by: Conn) -> Op {
    Notify { by, kind: Kind::Plain, replaces: Which::Told(0) }
}

#[test]
fn a_failed_store_is_no_reason_to_wake_up_at_once_for_ever() {
    run(&[DiskFails, Zone(0), sends(CHAT), Flush, Wait(Span::Hours(3))]);
}

#[test]
fn an_id_that_an_app_brought_along_is_not_given_out_after_its_closing_was_rolled_back() {
    let brings = Notify { by: CHAT, kind: Kind::Plain, replaces: Which::Ahead(0) };
    let closes = Close { by: CHAT, id: Which::Told(0) };
    run(&[brings, Flush, DiskFails, sends(MAIL), closes, sends(MAIL)]);
}

#[test]
fn what_happened_to_popups_while_the_store_had_failed_is_made_good() {
    let works = RendererWorks { calls: 1, refuses: false };
    let click = Touches { popup: 0, how: Touch::Click };
    run(&[sends(CHAT), Flush, works, replaces_newest(CHAT), click, DiskFails, Deliver(2), sends(CHAT)]);
}

#[test]
fn a_row_of_a_gate_that_started_without_its_store_is_no_row_of_the_store() {
    let dies = Crash { after: None };
    run(&[sends(CHAT), Flush, dies, DiskFails, Restart { relay: false }, replaces_newest(CHAT)]);
}

#[test]
fn an_id_that_a_later_connection_took_over_is_that_ones() {
    let later = Conn(0, 1);
    let script = [sends(CHAT), Flush, Leave(CHAT), replaces_newest(later), sends(CHAT), replaces_newest(CHAT)];
    run(&script);
}

#[test]
fn what_lasts_keeps_its_length_when_the_clock_is_set_while_the_store_has_failed() {
    let forward = SetClock { forward: true, by: Span::Hours(1) };
    let done = [Asks(Ask::StartOpen), sends(CHAT), Flush, Asks(Ask::DoneAll), Flush];
    let outage = [DiskFails, forward, sends(MAIL), Flush, DiskIsWell, Wait(Span::Seconds(9))];
    run(&[&done[..], &outage[..]].concat());
}

#[test]
fn an_id_that_an_app_brought_along_while_the_store_had_failed_is_not_given_out() {
    let brings = Notify { by: MAIL, kind: Kind::Plain, replaces: Which::Ahead(1) };
    run(&[DiskFails, sends(CHAT), Flush, brings, Flush, DiskIsWell, Wait(Span::Seconds(1)), sends(CHAT), sends(CHAT)]);
}

#[test]
fn ids_rise_over_an_outage_and_a_crash() {
    let (dies, starts) = (Crash { after: None }, Restart { relay: true });
    let outage = [DiskFails, dies.clone(), starts.clone(), sends(CHAT), Flush, DiskIsWell, Wake, Flush];
    run(&[&outage[..], &[dies, starts, sends(MAIL)]].concat());
}

#[test]
fn many_that_are_done_together_are_done_since_it_was_asked_for() {
    let storm = Storm { by: CHAT, count: 101 };
    run(&[Asks(Ask::StartOpen), storm, Asks(Ask::DoneAll), Suspend(Span::Seconds(4))]);
}

#[test]
fn a_popup_that_is_taken_down_by_an_undo_may_be_shown_once_more() {
    let works = RendererWorks { calls: 3, refuses: false };
    let pause = Wait(Span::Seconds(1));
    run(&[
        Asks(Ask::StartOpen),
        sends(CHAT),
        Flush,
        Asks(Ask::ReleaseAll),
        pause.clone(),
        works.clone(),
        Deliver(3),
        Asks(Ask::UndoNewest),
        Asks(Ask::ReleaseAll),
        pause,
        works,
    ]);
}

#[test]
fn ids_rise_over_a_digest_that_a_crash_took() {
    let (dies, starts) = (Crash { after: Some(0) }, Restart { relay: false });
    let asks =
        [sends(CHAT), Asks(Ask::Start(1)), sends(CHAT), Asks(Ask::CheckInNow), Flush, Asks(Ask::CheckInNow), Flush];
    run(&[&asks[..], &[DiskFails, sends(CHAT), dies, starts, sends(CHAT)]].concat());
}

#[test]
fn one_that_takes_an_id_on_the_way_back_is_not_taken_for_the_row_that_had_it() {
    let feedback = Notify { by: MAIL, kind: Kind::Feedback, replaces: Which::None };
    let takes_its_id = Notify { by: MAIL, kind: Kind::Plain, replaces: Which::Told(1) };
    let close = Close { by: CHAT, id: Which::None };
    run(&[DiskFails, feedback, sends(CHAT), close, Flush, takes_its_id, DiskIsWell]);
}

#[test]
fn what_was_held_in_quiet_before_the_disk_failed_is_told_of_after_a_crash() {
    let replaces_the_first = Notify { by: MAIL, kind: Kind::Plain, replaces: Which::Told(3) };
    let script = [
        Inhibit(CHAT),
        sends(CHAT),
        Flush,
        replaces_newest(CHAT),
        DiskFails,
        sends(MAIL),
        Flush,
        replaces_the_first,
        DiskIsWell,
        sends(Conn(2, 0)),
        Flush,
        Crash { after: None },
    ];
    World::new(1).run(&script);
}

#[test]
fn an_edit_that_the_renderer_left_with_is_held_though_its_script_went_on() {
    let sound = Conn(3, 0);
    let tagged = Notify { by: sound, kind: Kind::Tagged(0), replaces: Which::None };
    let edits = Notify { by: sound, kind: Kind::Lasting(0), replaces: Which::Told(6) };
    let works = RendererWorks { calls: 1, refuses: false };
    run(&[
        &[tagged, sends(CHAT), Flush, sends(CHAT), RendererIsSilent][..],
        &[sends(CHAT), sends(CHAT), sends(CHAT), sends(CHAT), Flush, edits, Deliver(1)],
        &[works, Wait(Span::Millis(1)), sends(CHAT), Deliver(2), sends(CHAT)],
    ]
    .concat());
}

#[test]
fn an_edit_of_one_that_is_done_while_its_call_is_under_way_is_not_done_with_it() {
    let edits = Notify { by: CHAT, kind: Kind::Plain, replaces: Which::Told(0) };
    let done = Asks(Ask::Done(0));
    run(&[sends(CHAT), Flush, RendererIsSilent, Deliver(1), done, edits, Wait(Span::Minutes(1))]);
}

#[test]
fn one_that_gave_way_in_memory_and_is_still_stored_may_be_released_and_edited() {
    let power = Conn(4, 1);
    let start = || Asks(Ask::Start(1));
    let of_power = |replaces| Notify { by: power, kind: Kind::Plain, replaces };
    let closes_nothing = Close { by: CHAT, id: Which::None };
    let storm = |count| Storm { by: CHAT, count };
    let begins_anew = [Crash { after: None }, Restart { relay: false }, DiskIsWell];
    run(&[
        &[start(), of_power(Which::None), closes_nothing, Flush, start(), replaces_newest(CHAT), DiskFails, Flush][..],
        &[start(), start(), sends(CHAT), sends(CHAT), storm(5), Leave(CHAT), storm(10), storm(5)],
        &begins_anew,
        &[Asks(Ask::Release(0)), of_power(Which::Told(0))],
    ]
    .concat());
}
