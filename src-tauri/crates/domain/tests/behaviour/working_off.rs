//! A check-in ends with the last one that is dealt with, whoever asked for that, and comes back with what is taken back.

use crate::play::check;

/// A check-in with two to deal with, and its notice on the screen.
const CHECK_IN: &str = "
    start open   | started; quiet
    chat: 'one' button default | #1
    mail: 'two' reply | #2
    where 'page 3' | remembered
    check-in     | digest since Mon 09:00: 1 chat 1 mail; 0 + 2 = 2 held; checked in with 2 held
    tidegate: 'digest' | #3; shows 'digest'
    renderer shows |
    check-in?    | open, at page 3
";

fn check_after(script: &str) {
    check(&format!("{CHECK_IN}{script}"));
}

#[test]
fn the_last_done_ends_it_takes_its_notice_down_and_keeps_the_line_and_an_undo_brings_it_back() {
    check_after(
        "
        done #1      | 1 done
        check-in?    | open, at page 3
        done #2      | 1 done
        check-in?    | closed, at page 3
        wait 1s      | closes r1
        chat: 'new'  | #4
        check-in?    | closed, at page 3
        undo         | 1 undone
        check-in?    | open, at page 3
        done all     | 2 done
        check-in?    | closed, at page 3
        ",
    );
}

#[test]
fn a_press_a_reply_and_putting_off_end_it_too() {
    check_after(
        "
        act #1       | chat hears #1 pressed: default; chat hears #1 closed: dismissed; acted: default
        check-in?    | open, at page 3
        reply #2 'yes' | mail hears #2 replied: yes; mail hears #2 closed: dismissed; replied
        check-in?    | closed, at page 3
        ",
    );
    check_after(
        "
        later #1     | 1 later, Mon 11:30
        snooze #2 20 | 1 snoozed, Mon 09:20
        check-in?    | closed, at page 3
        undo         | 1 undone
        check-in?    | open, at page 3
        snooze #2 20 | 1 snoozed, Mon 09:20
        wait 20m     | closes r1
        check-in?    | closed, at page 3
        ",
    );
}

#[test]
fn a_release_ends_it_once_the_last_one_is_on_the_screen() {
    check_after(
        "
        release all  | releasing 2
        wait 1s      | shows 'one'
        renderer shows |
        wait 250ms   | shows 'two', silently
        check-in?    | open, at page 3
        renderer shows |
        check-in?    | closed, at page 3
        undo         | closes r2; closes r3; 2 undone
        check-in?    | open, at page 3
        ",
    );
}

#[test]
fn what_an_app_takes_back_does_not_end_it_and_nothing_ends_one_that_is_not_open() {
    check_after(
        "
        done #1      | 1 done
        mail closes #2 | ok; mail hears #2 closed: by call
        check-in?    | open, at page 3
        chat: 'new'  | #4
        done #4      | 1 done
        check-in?    | closed, at page 3
        ",
    );
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        done #1      | 1 done
        undo         | 1 undone
        check-in?    | closed, at nothing
        ",
    );
}

#[test]
fn once_it_was_closed_or_a_block_has_started_nothing_brings_it_back() {
    for ends in ["close-check-in | closed; was at page 3", "start 25 | started until Mon 09:25:01"] {
        check_after(&format!(
            "
            done #1      | 1 done
            done #2      | 1 done
            wait 1s      | closes r1
            {ends}
            undo         | 1 undone
            check-in?    | closed, at {}
            ",
            if ends.starts_with("close") { "page 3" } else { "nothing" }
        ));
    }
}

#[test]
fn more_than_a_page_ends_it_with_the_last_page_and_a_restart_knows_of_it() {
    let arrive: String = (0..150).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    check(&format!(
        "
        start open   | started; quiet
        {arrive}
        check-in
        done all     | 150 done
        check-in?    | open, at nothing
        wait 1s      |
        check-in?    | closed, at nothing
        undo         | 150 undone
        check-in?    | open, at nothing
        wait 1s      |
        done all     | 150 done
        wait 1s      |
        restart alone |
        undo #150    | 1 undone
        check-in?    | open, at nothing
        "
    ));
}

#[test]
fn one_that_is_taken_back_between_two_pages_keeps_it_open() {
    let arrive: String = (0..150).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    check(&format!(
        "
        start open   | started; quiet
        {arrive}
        check-in
        done all     | 150 done
        undo #5      | 1 undone
        wait 1s      |
        check-in?    | open, at nothing
        done #5      | 1 done
        check-in?    | closed, at nothing
        "
    ));
}

#[test]
fn its_notice_leaves_the_screen_after_a_crash_once_there_is_a_renderer() {
    check_after(
        "
        done #1 #2     | 2 done
        check-in?      | closed, at page 3
        restart relay  |
        wait 0s        | closes r1
        rows           | #1 done 'one'; #2 done 'two'; #3 passed 'digest'
        ",
    );
}

#[test]
fn a_digest_that_comes_late_while_the_store_has_failed_leaves_once_that_is_well() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        check-in     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        done #1      | 1 done
        check-in?    | closed, at nothing
        disk fails   |
        tidegate: 'digest' | #2; shows 'digest'
        renderer shows |
        disk is-well |
        wait 0s      | closes r1
        ",
    );
}

#[test]
fn what_comes_in_a_block_between_two_pages_of_mark_all_done_is_not_of_it() {
    let arrive: String = (0..150).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    for (command, dealt_with) in [("done all", "150 done"), ("later all", "150 later, Mon 11:30")] {
        check(&format!(
            "
            start open   | started; quiet
            {arrive}
            check-in
            tidegate: 'digest' | #151; shows 'digest'
            renderer shows |
            {command}    | {dealt_with}
            chat: 'new'  | #152
            check-in?    | open, at nothing
            wait 1s      | closes r1
            check-in?    | closed, at nothing
            undo         | 150 undone
            check-in?    | open, at nothing
            "
        ));
    }
}

#[test]
fn one_that_asked_before_the_check_in_does_not_end_it() {
    let arrive: String = (0..150).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    check(&format!(
        "
        start open   | started; quiet
        {arrive}
        done all     | 150 done
        chat: 'new'  | #151
        check-in     | digest since Mon 09:00: 51 chat; 0 + 151 = 51 held + 100 done; checked in with 51 held
        tidegate: 'digest' | #152; shows 'digest'
        renderer shows |
        wait 1s      |
        check-in?    | open, at nothing
        done all     | 1 done
        check-in?    | closed, at nothing
        "
    ));
}

#[test]
fn a_digest_that_is_under_way_when_its_check_in_ends_leaves_the_screen_too() {
    for ends in ["done #1 | 1 done", "close-check-in | closed; was at nothing", "start 25 | started until Mon 09:25"] {
        check(&format!(
            "
            start open   | started; quiet
            chat: 'one'  | #1
            check-in     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
            {ends}
            tidegate: 'digest' | #2; shows 'digest'
            wait 0s      |
            renderer shows | closes r1
            renderer closes r1 by-call |
            wait 1s      |
            "
        ));
    }
}

#[test]
fn a_crash_right_after_the_last_done_leaves_no_notice_on_the_screen() {
    check_after(
        "
        done #1      | 1 done
        done #2      | 1 done
        restart alone |
        wait 0s      | closes r1
        wait 1s      |
        check-in?    | closed, at page 3
        ",
    );
}

#[test]
fn a_digest_that_comes_late_and_says_that_a_block_is_over_stays_for_that() {
    check(
        "
        start 155 'write' | started until Mon 11:35; quiet
        chat: 'one'  | #1
        at 11:35     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 155?; not quiet
        done #1      | 1 done
        tidegate: 'digest' | #2; shows 'digest'
        renderer shows |
        wait 1s      |
        over?        | 155 min of 'write' are over
        ",
    );
}

#[test]
fn the_last_of_what_was_handed_over_ends_it_though_more_came_meanwhile() {
    check_after(
        "
        chat: 'new'  | #4
        done #1      | 1 done
        check-in?    | open, at page 3
        later #2     | 1 later, Mon 11:30
        check-in?    | closed, at page 3
        restart alone |
        undo #1      | 1 undone
        check-in?    | open, at page 3
        done #4      | 1 done
        check-in?    | open, at page 3
        done #1      | 1 done
        check-in?    | closed, at page 3
        undo #4      | 1 undone
        check-in?    | closed, at page 3
        ",
    );
}

#[test]
fn what_is_left_of_it_is_known_after_a_restart() {
    check_after(
        "
        chat: 'new'  | #4
        done #1      | 1 done
        snooze #2 20 | 1 snoozed, Mon 09:20
        undo #2      | 1 undone
        restart alone |
        done #4      | 1 done
        check-in?    | open, at page 3
        done #2      | 1 done
        check-in?    | closed, at page 3
        ",
    );
}
