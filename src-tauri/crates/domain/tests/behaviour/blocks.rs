//! Blocks: how long they last, and what the clock does to them.

use crate::play::check;

#[test]
fn a_block_of_minutes_ends_by_itself() {
    check(
        "
        start 50 'write' | started until Mon 09:50; quiet
        at 09:49         |
        at 09:50         | not quiet
        plan             | open, check-in Mon 11:30
        ",
    );
}

#[test]
fn a_block_until_the_next_check_in_ends_with_its_digest() {
    check(
        "
        start until-check-in  | started until Mon 11:30; quiet
        chat: 'one'           | #1
        at 11:30              | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; not quiet
        ",
    );
}

#[test]
fn nobody_is_given_a_block_without_an_end_unasked_when_no_check_in_is_left_today() {
    check(
        "
        at 16:30              |
        start until-check-in  | no: no check-in is left today
        plan                  | open, check-in Tue 11:30
        toggle                | started until Mon 17:20; quiet
        toggle                | ended with 0 held; not quiet
        start open            | started; quiet
        plan                  | block until never, check-in Tue 11:30
        wait 12h              |
        end                   | ended with 0 held; not quiet
        ",
    );
}

#[test]
fn starting_again_replaces_the_length() {
    check(
        "
        start 50  | started until Mon 09:50; quiet
        at 09:30  |
        start 25  | started until Mon 09:55
        at 09:55  | not quiet
        ",
    );
}

#[test]
fn a_block_is_extended_and_ended_early() {
    check(
        "
        extend 10    | no: no block is running
        end          | no: no block is running
        start 25     | started until Mon 09:25; quiet
        extend 10    | extended until Mon 09:35
        at 09:34     |
        end          | ended with 0 held; not quiet
        start open   | started; quiet
        extend 10    | no: this block has no set length to extend
        ",
    );
}

#[test]
fn no_length_is_too_long_or_too_short() {
    check(
        "
        start 0            | started until Mon 09:01; quiet
        extend 4294967295  | no: a block ends at most 24 hours from now
        start 4294967295   | started until Wed 09:00
        ",
    );
}

#[test]
fn toggling_ends_a_block_or_starts_one_until_the_next_check_in() {
    check(
        "
        toggle                | started until Mon 11:30; quiet
        toggle                | ended with 0 held; not quiet
        video asks-for-quiet  | cookie 1; quiet
        toggle                | opened with 0 held; not quiet
        ",
    );
}

#[test]
fn a_block_sleeps_through_a_suspend_and_ends_on_time() {
    check(
        "
        start 50     | started until Mon 09:50; quiet
        suspend 20m  |
        suspend 29m  |
        suspend 1m   | not quiet
        start 50     | started until Mon 10:40; quiet
        suspend 3h   | not quiet
        ",
    );
}

#[test]
fn a_block_keeps_its_length_when_somebody_sets_the_clock() {
    check(
        "
        start 50   | started until Mon 09:50; quiet
        wait 20m   |
        clock +1h  |
        plan       | block until Mon 10:50, check-in Mon 11:30
        wait 29m   |
        wait 1m    | not quiet
        start 50   | started until Mon 11:40; quiet
        clock -1h  |
        wait 49m   |
        wait 1m    | not quiet
        ",
    );
}

#[test]
fn undo_keeps_its_length_when_somebody_sets_the_clock() {
    check(
        "
        start open  | started; quiet
        chat: 'one' | #1
        done all    | 1 done
        clock +1h   |
        wait 29s    |
        undo        | 1 undone
        done #1     | 1 done
        clock -5h   |
        wait 29s    |
        wait 1s     | chat hears #1 closed: dismissed
        ",
    );
}

#[test]
fn the_first_to_come_after_the_clock_was_set_sees_the_right_times() {
    check(
        "
        start 50             | started until Mon 09:50; quiet
        chat: 'one'          | #1
        done #1              | 1 done
        clock +1h unnoticed  |
        undo #1              | 1 undone
        done #1              | 1 done
        clock +1h unnoticed  |
        chat: 'two'          | #2
        wait 29s             |
        wait 1s              | chat hears #1 closed: dismissed
        plan                 | block until Mon 11:50, check-in Mon 11:30
        ",
    );
}

#[test]
fn what_runs_out_and_what_is_released_are_not_mixed_up_when_the_clock_was_set() {
    check(
        "
        start open                        | started; quiet
        chat: 'one' transient lasting 60s | #1
        chat: 'two'                       | #2
        release #2                        | releasing 1
        clock +1h                         | shows 'two'
        wait 59s                          |
        wait 1s                           | chat hears #1 closed: expired
        ",
    );
}

#[test]
fn a_release_goes_on_when_somebody_sets_the_clock() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        chat: 'two'      | #2
        chat: 'three'    | #3
        release all      | releasing 3
        wait 1s          | shows 'one'
        renderer shows   |
        clock -5h        |
        wait 249ms       |
        wait 1ms         | shows 'two', silently
        renderer shows   |
        clock +5h        |
        wait 249ms       |
        wait 1ms         | shows 'three', silently
        ",
    );
}

#[test]
fn a_transient_one_keeps_its_time_when_somebody_sets_the_clock() {
    check(
        "
        start open                        | started; quiet
        chat: 'one' transient lasting 9s  | #1
        clock +1h                         |
        wait 8s                           |
        wait 1s                           | chat hears #1 closed: expired
        chat: 'two' transient lasting 9s  | #2
        clock -1h                         |
        wait 8s                           |
        wait 1s                           | chat hears #2 closed: expired
        ",
    );
}

#[test]
fn a_block_until_a_check_in_keeps_its_time_of_day() {
    check(
        "
        start until-check-in | started until Mon 11:30; quiet
        clock +1h            |
        plan                 | block until Mon 11:30, check-in Mon 11:30
        zone Asia/Kathmandu  |
        plan                 | block until Mon 16:30, check-in Mon 16:30
        ",
    );
}

#[test]
fn a_block_until_a_time_of_today_ends_when_local_clocks_show_it() {
    check(
        "
        start until 10:15:00 'write' | started until Mon 10:15; quiet
        start until 09:00:00         | no: 9:00 is past today
        start until 08:59:00         | no: 8:59 is past today
        at 10:14                     |
        at 10:15                     | not quiet
        ",
    );
    for (begin, length) in [("2026-10-25 01:00 Europe/Berlin", "180m"), ("2026-03-29 01:00 Europe/Berlin", "60m")] {
        check(&format!(
            "
            begin {begin}
            start until 03:00:00 | started until Sun 03:00; quiet
            wait {length}        | not quiet
            "
        ));
    }
}

#[test]
fn a_block_over_the_end_of_summer_time_keeps_its_length() {
    check(
        "
        begin 2026-10-25 01:30 Europe/Berlin
        start 120  | started until Sun 02:30; quiet
        wait 119m  |
        wait 1m    | not quiet
        ",
    );
}

#[test]
fn a_block_is_not_extended_beyond_a_day_from_now() {
    check(
        "
        start 1000   | started until Tue 01:40; quiet
        extend 441   | no: a block ends at most 24 hours from now
        extend 440   | extended until Tue 09:00
        extend 1     | no: a block ends at most 24 hours from now
        wait 59s     |
        extend 1     | no: a block ends at most 24 hours from now
        wait 1s      |
        extend 1     | extended until Tue 09:01
        plan         | block until Tue 09:01, check-in Mon 11:30
        ",
    );
}
