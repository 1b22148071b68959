//! A store that fails: everything passes, and the books are settled when it is well again.

use crate::play::check;

#[test]
fn while_the_store_has_failed_everything_passes_and_is_counted_later() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        disk fails
        chat: 'two'     | #2; shows 'two'
        done #1         | no: the store cannot be written, so nothing was changed
        plan            | open, check-in Mon 11:30
        renderer shows  |
        disk is-well    |
        plan            | block until never, check-in Mon 11:30
        rows            | #1 held 'one'; #2 passed 'two'
        ledger          | 0 + 2 = 1 held + 1 passed
        renderer closes r1 dismissed  | chat hears #2 closed: dismissed
        chat: 'three'   | #4097
        ",
    );
}

#[test]
fn when_the_gate_was_out_of_the_path_meanwhile_is_in_the_books_once_the_store_is_well() {
    check(
        "
        out of the path      |
        at 09:05             |
        in the path          |
        disk fails
        at 09:10             |
        chat: 'one'          | #1; shows 'one'
        out of the path      |
        at 09:20             |
        in the path          |
        out of the path      |
        at 09:30             |
        in the path          |
        absences             | Mon 09:00 to Mon 09:05; Mon 09:10 to Mon 09:20; Mon 09:20 to Mon 09:30
        history of absences  | Mon 09:00 to Mon 09:05
        disk is-back
        step                 |
        disk fails
        step                 |
        disk is-well         |
        absences             | Mon 09:00 to Mon 09:05; Mon 09:10 to Mon 09:20; Mon 09:20 to Mon 09:30
        history of absences  | Mon 09:00 to Mon 09:05; Mon 09:10 to Mon 09:20; Mon 09:20 to Mon 09:30
        restart relay        |
        absences             | Mon 09:00 to Mon 09:05; Mon 09:10 to Mon 09:20; Mon 09:20 to Mon 09:30
        ",
    );
}

#[test]
fn a_block_that_would_have_ended_meanwhile_ends_once_the_store_is_well() {
    check(
        "
        start 50 'write'     | started until Mon 09:50; quiet
        chat: 'one'          | #1
        disk fails
        chat: 'two'          | #2; shows 'two'
        renderer shows       |
        end                  | no: the store cannot be written, so nothing was changed
        at 10:00             |
        history of blocks    |
        disk is-well         |
        wait 1s              | tells: 50 min of 'write' are over; 1 held: 1 chat; another 50?; not quiet
        history of blocks    | 'write' Mon 09:00 to Mon 09:50 of Mon 09:50 by Itself
        ",
    );
}

#[test]
fn who_has_fetched_the_list_fetches_it_anew_when_the_store_fails_and_when_it_is_well() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        list          | another
        disk fails
        chat: 'two'   | #2; shows 'two'
        list          | another
        list          | same
        disk is-well  |
        list          | another
        chat closes #1 | ok; chat hears #1 closed: by call
        list          | another
        ",
    );
}

#[test]
fn while_the_store_has_failed_a_pause_is_not_waited_for_and_afterwards_it_is() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        at 11:35      |
        disk fails
        idle          |
        plan          | open, ready, check-in Mon 14:00
        idle          |
        disk is-well  |
        plan          | block until never, ready for a pause, check-in Mon 14:00
        idle          | digest in a pause since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn what_was_muted_refused_or_feedback_meanwhile_enters_the_books_as_such() {
    check(
        "
        rule mail mute           |
        disk fails
        mail: 'one'              | #1; mail hears #1 closed: dismissed
        chat: 'two'              | #2; shows 'two'
        sound: '60 %' feedback   | #3; shows '60 %'
        renderer refuses         |
        disk is-well             |
        rows     | #1 muted 'one'; #2 held 'two' (RendererRefused(\"full\")); #3 passed '60 %'
        ledger   | 0 + 2 = 1 held + 1 muted, 1 feedback
        ",
    );
}

#[test]
fn what_apps_and_the_renderer_said_of_stored_ones_is_made_good() {
    check(
        "
        chat: 'shown'                  | #1; shows 'shown'
        renderer shows                 |
        chat: 'sent'                   | #2; shows 'sent'
        start open                     | started; quiet
        chat: 'held'                   | #3
        mail: 'kept'                   | #4
        disk fails
        renderer closes r1 dismissed   |
        renderer shows                 |
        chat closes #3                 | ok
        disk is-well                   | chat hears #1 closed: dismissed; chat hears #3 closed: by call
        renderer closes r2 dismissed   | chat hears #2 closed: dismissed
        ledger                         | 0 + 4 = 1 held + 2 passed + 1 withdrawn
        ",
    );
}

#[test]
fn a_signal_that_was_passed_on_is_not_passed_on_again() {
    check(
        "
        disk fails
        chat: 'one'                          | #1; shows 'one'
        renderer closes r9 dismissed for :x  | :x hears id 9 closed: dismissed
        disk is-well                         |
        ",
    );
}

#[test]
fn one_that_was_edited_meanwhile_is_superseded() {
    check(
        "
        start open           | started; quiet
        chat: 'one'          | #1
        disk fails
        chat: 'two' for #1   | #1; shows 'two'
        renderer shows       |
        disk is-well         |
        rows                 | #1 withdrawn 'one'; #1 passed 'two'
        chat closes #1       | ok; chat hears #1 closed: by call; closes r1
        ",
    );
}

#[test]
fn quiet_that_was_asked_for_in_the_failed_transaction_is_asked_for_once() {
    check(
        "
        disk fails
        slides asks-for-quiet  | cookie 1
        disk is-well           |
        plan                   | quiet, check-in Mon 11:30
        slides takes-back 1    | ok; not quiet
        ",
    );
}

#[test]
fn popups_that_went_with_the_renderer_meanwhile_are_held_again() {
    check(
        "
        start open        | started; quiet
        chat: 'one'       | #1
        release all       | releasing 1
        wait 1s           | shows 'one'
        renderer shows    |
        disk fails
        renderer leaves   |
        renderer comes    |
        disk is-well      |
        rows              | #1 held 'one' (RendererRestarted)
        release all       | releasing 1
        wait 1s           | shows 'one'
        ",
    );
}

#[test]
fn a_failed_store_wakes_nobody() {
    check(
        "
        start 30     | started until Mon 09:30; quiet
        chat: 'one'  | #1
        disk fails
        chat: 'two'  | #2; shows 'two'
        wait 5h      |
        disk is-well |
        wait 0s      | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 passed; another 30?; not quiet
        ",
    );
}

#[test]
fn what_comes_on_the_way_back_passes_and_what_is_said_of_rows_that_are_back_is_made_good() {
    check(
        "
        start open        | started; quiet
        chat: 'held'      | #1
        disk fails
        chat: 'one'       | #2; shows 'one'
        mail: 'two'       | #3; shows 'two'
        chat: 'three'     | #4; shows 'three'
        renderer shows    |
        disk is-back
        step              |
        chat closes #1    | ok
        step              | chat hears #1 closed: by call
        chat: 'between'   | #5; shows 'between'
        renderer shows    |
        step              |
        chat closes #2    | ok
        step              | chat hears #2 closed: by call; closes r1
        disk is-well      |
        rows              | #1 withdrawn 'held'; #2 passed 'one'; #3 passed 'two'; #4 passed 'three'; #5 passed 'between'
        renderer closes r2 dismissed  | mail hears #3 closed: dismissed
        ledger            | 0 + 5 = 4 passed + 1 withdrawn
        ",
    );
}

#[test]
fn a_store_that_fails_again_on_the_way_back_keeps_what_it_has_and_gets_the_rest_later() {
    check(
        "
        start open        | started; quiet
        disk fails
        chat: 'one'       | #1; shows 'one'
        chat: 'two'       | #2; shows 'two'
        chat: 'three'     | #3; shows 'three'
        disk is-back
        step              |
        step              |
        disk fails
        step              |
        chat: 'four'      | #4; shows 'four'
        disk is-well      |
        rows              | #1 passed 'one'; #2 passed 'two'; #3 passed 'three'; #4 passed 'four'
        ledger            | 0 + 4 = 4 passed
        ",
    );
}

#[test]
fn beyond_the_room_that_there_is_what_was_shown_is_only_counted_and_ids_never_come_again() {
    check(
        "
        start open        | started; quiet
        room for 2
        disk fails
        chat: 'one'       | #1; shows 'one'
        renderer shows    |
        chat: 'two'       | #2; shows 'two'
        chat: 'three'     | #3; shows 'three'
        renderer shows    |
        renderer shows    |
        disk is-well      |
        rows              | #2 passed 'two'; #3 passed 'three'
        ledger            | 0 + 3 = 3 passed, 1 only counted
        restart relay     |
        ledger            | 0 + 3 = 3 passed, 1 only counted
        chat: 'four'      | #4100
        ",
    );
}

#[test]
fn what_was_answered_and_nobody_has_shown_never_gives_way() {
    check(
        "
        start open        | started; quiet
        room for 2
        disk fails
        chat: 'one'       | #1; shows 'one'
        renderer refuses  |
        plan              | open, check-in Mon 11:30
        ledger            | 0 + 1 = 1 passed
        chat: 'two'       | #2; shows 'two'
        chat: 'three'     | too many
        renderer shows    |
        chat: 'three'     | #3; shows 'three'
        disk is-well      |
        rows              | #1 held 'one' (RendererRefused(\"full\")); #3 passed 'three'
        ledger            | 0 + 3 = 1 held + 2 passed, 1 only counted
        ",
    );
}
