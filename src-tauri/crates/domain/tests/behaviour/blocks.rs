//! Blocks: how long they last, and what the clock does to them.

use crate::play::check;

#[test]
fn a_block_of_minutes_ends_by_itself() {
    check(
        "
        start 50 'write' | started until Mon 09:50; quiet
        at 09:49         |
        at 09:50         | tells: 50 min of 'write' are over; another 50?; not quiet
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
        at 11:30              | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another until the check-in?; not quiet
        ",
    );
}

#[test]
fn nobody_is_given_a_block_without_an_end_unasked() {
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
        at 09:55  | tells: 55 min are over; another 25?; not quiet
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
fn toggling_ends_a_block_or_starts_one_of_the_usual_length() {
    check(
        "
        toggle                | started until Mon 09:50; quiet
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
        suspend 1m   | tells: 50 min are over; another 50?; not quiet
        start 50     | started until Mon 10:40; quiet
        suspend 3h   | tells: 50 min are over; another 50?; not quiet
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
        wait 1m    | tells: 50 min are over; another 50?; not quiet
        start 50   | started until Mon 11:40; quiet
        clock -1h  |
        wait 49m   |
        wait 1m    | tells: 50 min are over; another 50?; not quiet
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
        at 10:15                     | tells: 75 min of 'write' are over; another 50?; not quiet
        ",
    );
    for (begin, length) in [("2026-10-25 01:00 Europe/Berlin", "180"), ("2026-03-29 01:00 Europe/Berlin", "60")] {
        check(&format!(
            "
            begin {begin}
            start until 03:00:00 | started until Sun 03:00; quiet
            wait {length}m       | tells: {length} min are over; another 50?; not quiet
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
        wait 1m    | tells: 120 min are over; another 120?; not quiet
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

#[test]
fn the_end_is_told_with_what_is_held_until_the_user_has_seen_it() {
    check(
        "
        start 50 'write'   | started until Mon 09:50; quiet
        chat: 'one'        | #1
        mail: 'two'        | #2
        at 09:50           | tells: 50 min of 'write' are over; 2 held: 1 chat 1 mail; another 50?; not quiet
        restart alone      | tells: 50 min of 'write' are over; 2 held: 1 chat 1 mail; another 50?
        tidegate: 'over'   | #4097; shows 'over'
        renderer shows |
        restart alone      |
        over?              | 50 min of 'write' are over
        saw-end            | closes r1; seen
        over?              |
        rows               | #1 held 'one'; #2 held 'two'; #4097 passed 'over'
        ",
    );
}

#[test]
fn another_block_or_a_break_is_one_press() {
    let over = |then: &str, plan: &str| {
        check(&format!(
            "
            start 25 'write'    | started until Mon 09:25; quiet
            at 09:25            | tells: 25 min of 'write' are over; another 25?; not quiet
            tidegate: 'over'    | #1; shows 'over'
            renderer shows |
            {then}
            plan                | {plan}, check-in Mon 11:30
            over?               |
            intentions?         | write
            "
        ));
    };
    over("renderer presses r1 another | quiet", "block until Mon 09:50");
    over("renderer presses r1 break |", "open");
    over("renderer presses r1 review | opens the window", "open");
    over("renderer closes r1 dismissed |", "open");
    over("start usual | closes r1; started until Mon 09:50; quiet", "block until Mon 09:50");
    over("toggle | closes r1; started until Mon 09:50; quiet", "block until Mon 09:50");
    over("break 10 | closes r1; on a break until Mon 09:35 with 0 held", "open");
}

#[test]
fn the_break_that_a_notice_offers_asks_for_the_same_intention() {
    check(
        "
        start 25 'write'          | started until Mon 09:25; quiet
        at 09:25                  | tells: 25 min of 'write' are over; another 25?; not quiet
        tidegate: 'over'          | #1; shows 'over'
        renderer shows |
        renderer presses r1 break |
        at 09:30                  | tells: 5 min break of 'write' are over; another 25?
        ",
    );
}

#[test]
fn a_break_ends_the_block_and_is_over_with_the_next_one() {
    check(
        "
        start 50 'write' | started until Mon 09:50; quiet
        at 09:20         |
        break 5          | on a break until Mon 09:25 with 0 held; not quiet
        over?            |
        blocks?          | Mon 09:00 to Mon 09:20
        at 09:25         | tells: 5 min break of 'write' are over; another 50?
        break 5          | on a break until Mon 09:30 with 0 held
        end              | no: no block is running: a break lasts until Mon 09:30
        extend 5         | no: no block is running: a break lasts until Mon 09:30
        start 10         | started until Mon 09:35; quiet
        at 09:34         |
        ",
    );
}

#[test]
fn the_end_waits_for_the_end_of_the_quiet_and_a_digest_says_it_too() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        start 30              | started until Mon 09:30
        at 09:30              |
        over?                 | 30 min are over
        slides takes-back 1   | ok; tells: 30 min are over; another 30?; not quiet
        tidegate: 'over'      | #1; shows 'over'
        start until-check-in  | started until Mon 11:30; quiet
        chat: 'one'           | #2
        at 11:30              | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another until the check-in?; not quiet
        tidegate: 'digest'    | #3; shows 'digest'
        over?                 | 120 min are over
        close-check-in        | closed; was at nothing
        over?                 |
        ",
    );
}

#[test]
fn an_end_that_nobody_wants_told_is_seen_and_not_heard() {
    check(
        "
        ends-untold |
        start 30    | started until Mon 09:30; quiet
        at 09:30    | not quiet
        over?       | 30 min are over
        ",
    );
}

#[test]
fn the_usual_length_is_the_last_one_or_the_one_that_is_set() {
    check(
        "
        start usual           | started until Mon 09:50; quiet
        start 25              | started until Mon 09:25
        start usual           | started until Mon 09:25
        usual-length 90       |
        start usual           | started until Mon 10:30
        usual-length last     |
        start until-check-in  | started until Mon 11:30
        end                   | ended with 0 held; not quiet
        toggle                | started until Mon 11:30; quiet
        restart alone         |
        start usual           | started until Mon 11:30
        at 16:31              | tells: 150 min are over; another until the check-in?; not quiet
        start usual           | started until Mon 17:21; quiet
        "
        .replace(
            "at 16:31              | tells: 150 min are over; another until the check-in?; not quiet",
            "end | ended with 0 held; not quiet\n at 16:31 |",
        )
        .as_str(),
    );
}

#[test]
fn a_block_until_a_check_in_that_is_no_more_ends_when_it_would_have() {
    check(
        "
        at 15:00              |
        start until-check-in  | started until Mon 16:30; quiet
        skip                  | skipped Mon 16:30, next Tue 11:30
        plan                  | block until Mon 16:30, check-in Tue 11:30
        undo                  | Mon 16:30 is on again
        check-ins 16:00       |
        plan                  | block until Mon 16:00, check-in Mon 16:00
        check-ins             |
        plan                  | block until Mon 16:00, check-in never
        at 16:00              | tells: 60 min are over; another 50?; not quiet
        ",
    );
}

#[test]
fn deep_work_is_counted_on_the_days_that_it_was_on() {
    check(
        "
        begin 2026-11-22 23:00 Europe/Berlin
        start 90         | started until Mon 00:30; quiet
        wait 3h          | tells: 90 min are over; another 90?; not quiet
        deep-work?       | 30 min today, 30 this week
        start 60         | started until Mon 03:00; quiet
        wait 20m         |
        end              | ended with 0 held; not quiet
        deep-work?       | 50 min today, 50 this week
        wait 24h         |
        start 10         | started until Tue 02:30; quiet
        wait 5d          | tells: 10 min are over; another 10?; not quiet
        deep-work?       | 0 min today, 60 this week
        restart alone    |
        deep-work?       | 0 min today, 60 this week
        start 10         | started until Sun 02:30; quiet
        wait 20m         | tells: 10 min are over; another 10?; not quiet
        deep-work?       | 10 min today, 70 this week
        wait 24h         |
        deep-work?       | 0 min today, 0 this week
        ",
    );
}

#[test]
fn the_last_intentions_are_remembered_each_once() {
    check(
        "
        start 50 'write'  | started until Mon 09:50; quiet
        start 50 'read'   | started until Mon 09:50
        start 50          | started until Mon 09:50
        start 50 'write'  | started until Mon 09:50
        restart alone     |
        intentions?       | write; read
        ",
    );
}

#[test]
fn a_block_takes_an_older_notice_down_and_a_late_press_on_it_changes_no_block() {
    check(
        "
        start 25 'write'            | started until Mon 09:25; quiet
        at 09:25                    | tells: 25 min of 'write' are over; another 25?; not quiet
        tidegate: 'over'            | #1; shows 'over'
        renderer shows              |
        at 11:35                    |
        over?                       |
        start 50 'read'             | closes r1; started until Mon 12:25; quiet
        renderer presses r1 another |
        plan                        | block until Mon 12:25, check-in Mon 14:00
        ",
    );
}
