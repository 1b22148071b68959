//! Crashes: nothing that was answered is lost, and nothing is shown twice that need not be.

use crate::play::check;

#[test]
fn a_block_and_what_it_holds_survive_a_crash() {
    check(
        "
        start 50               | started until Mon 09:50; quiet
        chat: 'one' button yes | #1
        restart relay          |
        plan                   | block until Mon 09:50, check-in Mon 11:30
        ledger                 | 0 + 1 = 1 held
        act #1 yes             | chat hears #1 pressed: yes; chat hears #1 closed: dismissed; acted: yes, but its app may have forgotten bbb since the gate restarted
        ",
    );
}

#[test]
fn an_app_that_forgets_with_the_gate_is_said_to() {
    check(
        "
        start open                | started; quiet
        chat: 'one' button yes    | #1
        doubtful                  |
        restart relay             |
        mail: 'two'               | #4097
        doubtful                  | #1 held 'one'
        act #1 yes                | chat hears #1 pressed: yes; chat hears #1 closed: dismissed; acted: yes, but its app may have forgotten bbb since the gate restarted
        ",
    );
}

#[test]
fn check_44_the_relay_saw_it_shown() {
    check(
        "
        start open               | started; quiet
        chat: 'one' button yes   | #1
        release all              | releasing 1
        wait 1s                  | shows 'one'
        renderer shows unheard   |
        restart relay            |
        rows                     | #1 released 'one'
        renderer presses r1 yes for :gate.1 | chat hears #1 pressed: yes with token
        ",
    );
}

#[test]
fn check_44_the_relay_still_waits_for_the_answer() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        release all      | releasing 1
        wait 1s          | shows 'one'
        restart relay    |
        done #1          | no: bbb is being released
        renderer shows   |
        rows             | #1 released 'one'
        ",
    );
}

#[test]
fn check_44_it_was_never_sent() {
    check(
        "
        chat: 'passes'          | #1; shows 'passes'
        start open              | started; quiet
        chat: 'held'            | #2
        release all             | releasing 1
        wait 1s                 | shows 'held'
        renderer never saw it   |
        renderer never saw it   |
        restart relay           | shows 'passes'
        rows                    | #1 passed 'passes'; #2 held 'held'
        ",
    );
}

#[test]
fn check_44_without_a_relay_it_may_have_been_shown() {
    check(
        "
        chat: 'passes'  | #1; shows 'passes'
        start open      | started; quiet
        chat: 'held'    | #2
        release all     | releasing 1
        wait 1s         | shows 'held'
        restart alone   |
        rows            | #1 held 'passes' (MayHaveBeenShown); #2 held 'held' (MayHaveBeenShown)
        ledger          | 0 + 2 = 2 held
        ",
    );
}

#[test]
fn check_44_a_relay_that_came_later_knows_nothing_of_what_was_sent_before() {
    check(
        "
        chat: 'passes'          | #1; shows 'passes'
        start open              | started; quiet
        chat: 'held'            | #2
        release all             | releasing 1
        wait 1s                 | shows 'held'
        restart relay-since-2   |
        rows                    | #1 held 'passes' (MayHaveBeenShown); #2 held 'held' (MayHaveBeenShown)
        ",
    );
}

#[test]
fn check_44_a_relay_knows_of_the_gates_that_it_has_watched() {
    check(
        "
        start open              | started; quiet
        restart relay           |
        chat: 'held'            | #1
        release all             | releasing 1
        wait 1s                 | shows 'held'
        renderer never saw it   |
        restart relay-since-2   |
        rows                    | #1 held 'held'
        ",
    );
}

#[test]
fn check_44_one_that_its_app_took_back_meanwhile_stays_closed() {
    check(
        "
        start open              | started; quiet
        chat: 'one'             | #1
        release all             | releasing 1
        wait 1s                 | shows 'one'
        chat closes #1          | ok; chat hears #1 closed: by call
        renderer shows unheard  |
        restart relay           | closes r1
        rows                    | #1 withdrawn 'one'
        ",
    );
}

#[test]
fn what_went_to_no_renderer_is_held_again_when_one_is_back() {
    check(
        "
        start open              | started; quiet
        chat: 'one'             | #1
        release all             | releasing 1
        wait 1s                 | shows 'one'
        renderer shows          |
        renderer comes          |
        restart relay           |
        rows                    | #1 held 'one' (RendererRestarted)
        ",
    );
}

#[test]
fn the_books_name_the_times_in_which_the_gate_was_out_of_the_path() {
    check(
        "
        start open                  | started; quiet
        in the path                 |
        absences                    |
        out of the path             |
        wait 10m                    |
        in the path                 |
        absences                    | Mon 09:00 to Mon 09:10
        away before this start 90m  |
        in the path                 |
        absences                    | Mon 09:00 to Mon 09:10; Mon 07:40 to Mon 09:10
        restart relay               |
        absences                    | Mon 09:00 to Mon 09:10; Mon 07:40 to Mon 09:10
        chat: 'one'                 | #1
        check-in                    | \
            digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; \
            away Mon 09:00 to Mon 09:10; away Mon 07:40 to Mon 09:10; checked in with 1 held
        absences                    |
        ",
    );
}

#[test]
fn the_clock_that_is_set_while_the_gate_is_away_makes_its_absence_no_longer() {
    check(
        "
        in the path      |
        out of the path  |
        wait 10m         |
        clock +5h        |
        in the path      |
        absences         | Mon 14:00 to Mon 14:10
        ",
    );
}
