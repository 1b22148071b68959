//! What is noted by hand: interruptions that nobody sent, where the user was, and the blocks of the day.

use crate::play::check;

#[test]
fn a_note_is_an_interruption_that_nobody_sent() {
    check(
        "
        chat: 'one'       | #1; shows 'one'
        note 'Ben came by' | noted #2
        note 'a thought'  | noted #3
        noted?            | a thought; Ben came by
        ledger            | 0 + 3 = 2 held + 1 passed
        check-in          | digest since Mon 09:00: 2 Noted by hand; 0 + 3 = 2 held + 1 passed; checked in with 2 held
        done #2           | 1 done
        noted?            | a thought
        undo              | 1 undone
        noted?            | a thought; Ben came by
        later #2          | 1 later, Mon 11:30
        done #2           | 1 done
        wait 31s          |
        undo #2           | no: bbc cannot be undone any more
        rows              | #1 passed 'one'; #2 done 'Ben came by'; #3 held 'a thought'
        ",
    );
}

#[test]
fn a_note_has_nothing_to_press_or_release() {
    check(
        "
        note 'Ben came by' | noted #1
        act #1       | no: bbb was noted by hand: it has nothing to press, answer or release
        reply #1 'x' | no: bbb was noted by hand: it has nothing to press, answer or release
        release #1   | no: bbb was noted by hand: it has nothing to press, answer or release
        release all  | releasing 0
        wait 10s     |
        rows         | #1 held 'Ben came by'
        ",
    );
}

#[test]
fn no_app_can_touch_a_note() {
    check(
        "
        note 'Ben came by'    | noted #1
        evil: 'gone' for #1   | #2; shows 'gone'
        evil closes #1        | ok
        restart alone         |
        evil: 'gone' for #1   | #4097; shows 'gone'
        noted?                | Ben came by
        ",
    );
}

#[test]
fn where_you_were_is_shown_again_until_a_block_starts() {
    check(
        "
        start 150     | started until Mon 11:30; quiet
        chat: 'one'   | #1
        check-in?     | closed, at nothing
        at 11:30      | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 150?; not quiet
        check-in?     | open, at nothing
        where 'page 3' | remembered
        restart alone | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 150?
        check-in?     | open, at page 3
        close-check-in | closed; was at page 3
        check-in?     | closed, at page 3
        start 10      | started until Mon 11:40; quiet
        check-in?     | closed, at nothing
        where 'x'     | remembered
        where         | remembered
        close-check-in | closed; was at nothing
        ",
    );
}

#[test]
fn the_blocks_of_the_day_are_remembered_until_the_next() {
    check(
        "
        begin 2026-11-23 22:00 Europe/Berlin
        start 30      | started until Mon 22:30; quiet
        wait 10m      |
        end           | ended with 0 held; not quiet
        blocks?       | Mon 22:00 to Mon 22:10
        start 30      | started until Mon 22:40; quiet
        at 22:40      | tells: 30 min are over; another 30?; not quiet
        restart alone | tells: 30 min are over; another 30?
        blocks?       | Mon 22:00 to Mon 22:10; Mon 22:10 to Mon 22:40
        start 180     | started until Tue 01:40; quiet
        wait 3h       | tells: 180 min are over; another 180?; not quiet
        blocks?       | Mon 22:40 to Tue 01:40
        ",
    );
}
