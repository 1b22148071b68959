//! Check-ins: when what is held is handed over, and what the digest says.

use crate::play::check;

#[test]
fn a_check_in_hands_over_what_is_held_and_begins_new_books() {
    check(
        "
        start 30     | started until Mon 09:30; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        mail: 'six'  | #3
        at 11:29     | tells: 30 min are over; 3 held: 2 chat 1 mail; another 30?; not quiet
        at 11:30     | digest since Mon 09:00: 2 chat 1 mail; 0 + 3 = 3 held
        ledger       | 3 + 0 = 3 held
        done #1      | 1 done
        ledger       | 3 + 0 = 2 held + 1 done
        at 14:00     | chat hears #1 closed: dismissed; digest since Mon 11:30: 1 chat 1 mail; 3 + 0 = 2 held + 1 done
        ",
    );
}

#[test]
fn without_anything_held_there_is_no_digest() {
    check(
        "
        chat: 'one'  | #1; shows 'one'
        at 11:30     |
        ledger       | 0 + 0 = 0
        check-in     | checked in with 0 held
        ",
    );
}

#[test]
fn a_check_in_inside_a_block_waits_for_its_end() {
    check(
        "
        at 11:20     |
        start 20     | started until Mon 11:40; quiet
        chat: 'one'  | #1
        at 11:39     |
        plan         | block until Mon 11:40, ready for a pause, check-in Mon 14:00
        at 11:40     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 20?; not quiet
        plan         | open, check-in Mon 14:00
        ",
    );
}

#[test]
fn a_check_in_inside_a_block_waits_fifteen_minutes_at_most() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 11:44     |
        at 11:45     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        plan         | block until never, check-in Mon 14:00
        ",
    );
}

#[test]
fn a_check_in_inside_a_block_comes_as_soon_as_the_user_is_idle() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 11:35     |
        idle         | digest in a pause since Mon 09:00: 1 chat; 0 + 1 = 1 held
        plan         | block until never, check-in Mon 14:00
        idle         |
        at 12:00     |
        at 14:00     |
        plan         | block until never, ready for a pause, check-in Mon 16:30
        idle         | digest in a pause since Mon 11:35: 1 chat; 1 + 0 = 1 held
        ",
    );
}

#[test]
fn an_idle_user_changes_nothing_else() {
    check(
        "
        idle         |
        chat: 'one'  | #1; shows 'one'
        start open   | started; quiet
        chat: 'two'  | #2
        idle         |
        plan         | block until never, check-in Mon 11:30
        ledger       | 0 + 2 = 1 held + 1 passed
        at 11:35     |
        skip         | skipped Mon 11:30, next Mon 14:00
        idle         |
        ledger       | 0 + 2 = 1 held + 1 passed
        ",
    );
}

#[test]
fn with_nothing_held_a_pause_begins_new_books_without_a_digest() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        wait 16s       |
        chat closes #1 | ok; chat hears #1 closed: by call
        at 11:30       |
        idle           |
        ledger         | 0 + 0 = 0
        plan           | block until never, check-in Mon 14:00
        ",
    );
}

#[test]
fn a_restart_waits_for_a_pause_again() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        at 11:35       |
        restart relay  |
        plan           | block until never, ready for a pause, check-in Mon 14:00
        idle           | digest in a pause since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn the_fifteen_minutes_keep_their_length_when_somebody_sets_the_clock() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 11:40     |
        clock -5m    |
        wait 4m      |
        wait 1m      | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn ending_a_block_by_hand_hands_over_at_once_if_a_check_in_fell_inside() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 11:35     |
        end          | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; ended with 1 held; not quiet
        at 13:59     |
        ",
    );
}

#[test]
fn ending_a_block_by_hand_leaves_what_is_held_for_the_next_check_in() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 10:00     |
        end          | ended with 1 held; not quiet
        chat: 'two'  | #2; shows 'two'
        at 11:30     | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 passed
        ",
    );
}

#[test]
fn checking_in_now_hands_over_within_a_block_too() {
    check(
        "
        start 50     | started until Mon 09:50; quiet
        chat: 'one'  | #1
        check-in     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        plan         | block until Mon 09:50, check-in Mon 11:30
        ",
    );
}

#[test]
fn a_skipped_check_in_does_not_happen_and_the_next_one_does() {
    check(
        "
        start 10     | started until Mon 09:10; quiet
        chat: 'one'  | #1
        skip         | skipped Mon 11:30, next Mon 14:00
        plan         | block until Mon 09:10, check-in Mon 14:00
        at 13:59     | tells: 10 min are over; 1 held: 1 chat; another 10?; not quiet
        at 14:00     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn skipping_twice_skips_two() {
    check(
        "
        start open  | started; quiet
        chat: 'one' | #1
        skip        | skipped Mon 11:30, next Mon 14:00
        skip        | skipped Mon 14:00, next Mon 16:30
        end         | ended with 1 held; not quiet
        at 16:29    |
        at 16:30    | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn skipping_moves_a_block_until_the_check_in() {
    check(
        "
        start until-check-in | started until Mon 11:30; quiet
        skip                 | skipped Mon 11:30, next Mon 14:00
        plan                 | block until Mon 14:00, check-in Mon 14:00
        ",
    );
}

#[test]
fn one_that_waits_for_the_blocks_end_can_be_skipped() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        at 11:35     |
        skip         | skipped Mon 11:30, next Mon 14:00
        wait 1h      |
        end          | ended with 1 held; not quiet
        at 14:00     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        ",
    );
}

#[test]
fn without_a_plan_there_is_nothing_to_skip() {
    check(
        "
        check-ins             |
        skip                  | no: no check-in is set
        start until-check-in  | no: no check-in is left today
        ",
    );
}

#[test]
fn missed_check_ins_are_caught_up_once() {
    check(
        "
        start 10     | started until Mon 09:10; quiet
        chat: 'one'  | #1
        suspend 30h  | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 10?; not quiet
        plan         | open, check-in Tue 16:30
        ledger       | 1 + 0 = 1 held
        ",
    );
}

#[test]
fn check_ins_missed_while_the_gate_was_away_are_caught_up_once() {
    check(
        "
        start 10       | started until Mon 09:10; quiet
        chat: 'one'    | #1
        restart relay  |
        suspend 30h    | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 10?; not quiet
        ",
    );
}

#[test]
fn a_new_plan_catches_nothing_up() {
    check(
        "
        start open            | started; quiet
        chat: 'one'           | #1
        at 10:00              |
        end                   | ended with 1 held; not quiet
        check-ins 09:30 17:00 |
        wait 1h               |
        plan                  | open, check-in Mon 17:00
        zone Asia/Kathmandu   |
        wait 1h               |
        plan                  | open, check-in Mon 17:00
        ",
    );
}

#[test]
fn a_clock_set_forward_over_a_check_in_catches_it_up_and_set_back_repeats_it() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        end          | ended with 1 held; not quiet
        clock +3h    | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held
        clock -3h    |
        at 11:30     | digest since Mon 12:00: 1 chat; 1 + 0 = 1 held
        ",
    );
}

#[test]
fn a_check_in_in_the_spring_gap_happens_once() {
    check(
        "
        begin 2026-03-28 20:00 Europe/Berlin
        check-ins 02:30  |
        start 10         | started until Sat 20:10; quiet
        chat: 'one'      | #1
        wait 389m        | tells: 10 min are over; 1 held: 1 chat; another 10?; not quiet
        wait 1m          | digest since Sat 20:00: 1 chat; 0 + 1 = 1 held
        plan             | open, check-in Mon 02:30
        ",
    );
}

#[test]
fn a_check_in_in_the_autumn_fold_happens_at_the_first_of_the_two() {
    check(
        "
        begin 2026-10-24 20:00 Europe/Berlin
        check-ins 02:30  |
        start 10         | started until Sat 20:10; quiet
        chat: 'one'      | #1
        wait 389m        | tells: 10 min are over; 1 held: 1 chat; another 10?; not quiet
        wait 1m          | digest since Sat 20:00: 1 chat; 0 + 1 = 1 held
        wait 23h         |
        wait 2h          | digest since Sun 02:30: 1 chat; 1 + 0 = 1 held
        ",
    );
}

#[test]
fn an_undo_after_the_digest_brings_back_into_the_new_books() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        done #1      | 1 done
        check-in     | checked in with 0 held
        ledger       | 0 + 0 = 0
        undo         | 1 undone
        ledger       | 1 + 0 = 1 held
        chat closes #1 | ok; chat hears #1 closed: by call
        ledger       | 1 + 0 = 1 withdrawn
        ",
    );
}

#[test]
fn the_digest_is_known_by_its_sender_and_is_in_no_book() {
    check(
        "
        start open                                          | started; quiet
        chat: 'one'                                         | #1
        tidegate: 'digest' button release-all button review | #2; shows 'digest'
        fake: 'digest' button release-all                   | #3
        renderer shows                  |
        ledger                          | 0 + 2 = 2 held
        release #2                      | no: no interruption has the id bbc
        renderer presses r1 review      | opens the window
        renderer presses r1 release-all |
        wait 0s                         | shows 'one'
        renderer shows                  |
        renderer presses r2 release-all | chat hears #1 pressed: release-all with token
        renderer closes r1 dismissed    |
        ",
    );
}

#[test]
fn a_digest_names_the_five_apps_with_the_most() {
    check(
        "
        start open | started; quiet
        a: 'x'     | #1
        b: 'x'     | #2
        c: 'x'     | #3
        d: 'x'     | #4
        e: 'x'     | #5
        f: 'x'     | #6
        f: 'x'     | #7
        check-in   | digest since Mon 09:00: 2 f 1 a 1 b 1 c 1 d and 1 more apps; 0 + 7 = 7 held; checked in with 7 held
        ",
    );
}

#[test]
fn closing_the_check_in_takes_its_digest_from_the_screen() {
    check(
        "
        start open                  | started; quiet
        chat: 'one'                 | #1
        check-in                    | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        tidegate: 'digest'          | #2; shows 'digest'
        renderer shows              |
        close-check-in              | closes r1; closed; was at nothing
        renderer closes r1 by-call  |
        rows                        | #1 held 'one'; #2 passed 'digest'
        close-check-in              | closed; was at nothing
        tidegate: 'again'           | #3; shows 'again'
        close-check-in              | closed; was at nothing
        renderer shows              | closes r2
        restart relay               |
        ledger                      | 1 + 0 = 1 held
        ",
    );
}

#[test]
fn a_skip_is_taken_back_until_its_check_in_would_have_come() {
    check(
        "
        start until-check-in  | started until Mon 11:30; quiet
        skip                  | skipped Mon 11:30, next Mon 14:00
        skip                  | skipped Mon 14:00, next Mon 16:30
        undoable?             | Skipped(2026-11-23T13:00:00Z) '', 0
        plan                  | block until Mon 16:30, check-in Mon 16:30
        undo                  | Mon 14:00 is on again
        plan                  | block until Mon 14:00, check-in Mon 14:00
        undo                  | Mon 11:30 is on again
        plan                  | block until Mon 11:30, check-in Mon 11:30
        undo                  | no: there is nothing to undo
        skip                  | skipped Mon 11:30, next Mon 14:00
        at 11:30              |
        undoable?             |
        undo                  | no: there is nothing to undo
        plan                  | block until Mon 14:00, check-in Mon 14:00
        ",
    );
}

#[test]
fn a_skip_is_taken_back_after_what_was_done_since_and_after_a_restart() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        skip          | skipped Mon 11:30, next Mon 14:00
        skip          | skipped Mon 14:00, next Mon 16:30
        done #1       | 1 done
        undo          | 1 undone
        done #1       | 1 done
        wait 30s      | chat hears #1 closed: dismissed
        undo          | Mon 14:00 is on again
        skip          | skipped Mon 14:00, next Mon 16:30
        restart relay |
        undo          | Mon 14:00 is on again
        undo          | Mon 11:30 is on again
        undo          | no: there is nothing to undo
        ",
    );
}

#[test]
fn a_skip_keeps_its_time_of_day_when_the_clock_is_set() {
    check(
        "
        start open    | started; quiet
        skip          | skipped Mon 11:30, next Mon 14:00
        clock +2h     |
        undo          | Mon 11:30 is on again
        skip          | skipped Mon 11:30, next Mon 14:00
        clock +1h     |
        undo          | no: there is nothing to undo
        ",
    );
}

#[test]
fn a_skip_keeps_its_time_of_day_in_another_zone_also_over_a_restart_and_can_be_taken_back_there() {
    let skip = "
        start open         | started; quiet
        skip               | skipped Mon 11:30, next Mon 14:00
        zone Europe/Lisbon |
        plan               | block until never, check-in Mon 14:00
        ";
    check(&format!(
        "{skip}
        undo               | Mon 11:30 is on again
        plan               | block until never, check-in Mon 11:30
        "
    ));
    check(&format!(
        "{skip}
        restart relay      |
        plan               | block until never, check-in Mon 14:00
        undo               | Mon 11:30 is on again
        plan               | block until never, check-in Mon 11:30
        "
    ));
    check(
        "
        start open         | started; quiet
        skip               | skipped Mon 11:30, next Mon 14:00
        disk fails         |
        zone Europe/Lisbon |
        disk is-well       |
        plan               | block until never, check-in Mon 14:00
        ",
    );
}

#[test]
fn what_is_not_planned_any_more_cannot_be_on_again() {
    check(
        "
        start open            | started; quiet
        skip                  | skipped Mon 11:30, next Mon 14:00
        skip                  | skipped Mon 14:00, next Mon 16:30
        check-ins 11:45 14:00 |
        plan                  | block until never, check-in Mon 11:45
        undo                  | Mon 14:00 is on again
        undo                  | no: there is nothing to undo
        ",
    );
}

#[test]
fn two_that_fall_into_the_lost_hour_are_caught_up_once() {
    check(
        "
        begin 2026-03-29 01:00 Europe/Berlin
        check-ins 02:30 03:15 |
        start open            | started; quiet
        chat: 'one'           | #1
        end                   | ended with 1 held; not quiet
        suspend 5h            | digest since Sun 01:00: 1 chat; 0 + 1 = 1 held
        plan                  | open, check-in Mon 02:30
        ",
    );
}

#[test]
fn one_that_hands_nothing_over_leaves_the_books_of_the_open_one() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        end           | ended with 1 held; not quiet
        check-in      | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        handed-over?  | since Mon 09:00: 0 + 1 = 1 held
        wait 20s      |
        chat closes #1 | ok; chat hears #1 closed: by call
        at 11:30      |
        check-in?     | open, at nothing
        handed-over?  | since Mon 09:00: 0 + 1 = 1 held
        ",
    );
}

#[test]
fn the_skip_of_one_that_is_ready_cannot_be_taken_back() {
    check(
        "
        start 200     | started until Mon 12:20; quiet
        chat: 'one'   | #1
        at 11:31      |
        skip          | skipped Mon 11:30, next Mon 14:00
        undo          | no: there is nothing to undo
        ",
    );
}

#[test]
fn a_digest_that_a_crash_may_have_taken_is_shown_after_it_and_only_once() {
    check(
        "
        chat: 'passes'  | #1; shows 'passes'
        renderer shows  |
        start open      | started; quiet
        chat: 'one'     | #2
        mail: 'two'     | #3
        check-in        | digest since Mon 09:00: 1 chat 1 mail; 0 + 3 = 2 held + 1 passed; checked in with 2 held
        restart relay   | digest since Mon 09:00: 1 chat 1 mail; 0 + 3 = 2 held + 1 passed
        restart relay   | digest since Mon 09:00: 1 chat 1 mail; 0 + 3 = 2 held + 1 passed
        tidegate: 'digest' button review  | #4097; shows 'digest'
        renderer shows  |
        restart relay   |
        check-in        | digest since Mon 09:00: 1 chat 1 mail; 2 + 0 = 2 held; checked in with 2 held
        close-check-in
        restart relay   |
        ",
    );
}

#[test]
fn a_digest_that_nobody_waits_for_any_more_is_not_shown_after_a_restart() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        check-in        | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        wait 16s        |
        chat closes #1  | ok; chat hears #1 closed: by call
        restart relay   |
        chat: 'two'     | #4097
        restart relay   |
        ",
    );
}

#[test]
fn a_check_in_in_the_window_shows_no_digest_and_takes_an_earlier_one_down() {
    check(
        "
        start open               | started; quiet
        chat: 'one'              | #1
        check-in                 | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        tidegate: 'digest'       | #2; shows 'digest'
        renderer shows           |
        at 09:30                 |
        chat: 'two'              | #3
        later #3                 | 1 later, Mon 11:30
        check-in in the window   | closes r1; checked in with 2 held
        check-in?                | open, at nothing
        later?                   | 0
        ledger                   | 2 + 0 = 2 held
        restart alone            |
        close-check-in           | closed; was at nothing
        ",
    );
}

#[test]
fn a_check_in_that_its_last_one_ended_is_brought_back_by_what_it_was_about_alone() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        check-in         | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        done #1          | 1 done
        chat: 'two'      | #2
        done #2          | 1 done
        undo #2          | 1 undone
        check-in?        | closed, at nothing
        undo #1          | 1 undone
        check-in?        | open, at nothing
        ",
    );
}

#[test]
fn the_end_of_a_break_is_still_told_when_the_last_one_ends_the_check_in() {
    check(
        "
        start 25 'write'  | started until Mon 09:25; quiet
        chat: 'one'       | #1
        break 5           | on a break until Mon 09:05 with 1 held; not quiet
        check-in          | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        tidegate: 'digest' | #2; shows 'digest'
        renderer shows |
        at 09:05          | tells: 5 min break of 'write' are over; 1 held: 1 chat; another 25?
        tidegate: 'over' for #2 | #2; shows 'over' in place of r1
        renderer shows |
        done #1           | 1 done
        wait 1s           |
        over?             | 5 min break of 'write' are over
        ",
    );
}

#[test]
fn the_books_of_what_was_handed_over_are_known_until_it_is_closed_or_a_block_starts_also_after_a_restart() {
    let check_in = "
        start open       | started; quiet
        chat: 'one'      | #1
        mail: 'two'      | #2
        done #2          | 1 done
        handed-over?     |
        check-in         | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 done; checked in with 1 held
        tidegate: 'digest' | #3; shows 'digest'
        renderer shows |
        end              | ended with 1 held; not quiet
        restart alone    |
        chat: 'passes'   | #4097; shows 'passes'
        handed-over?     | since Mon 09:00: 0 + 2 = 1 held + 1 done
    ";
    check(&format!(
        "
        {check_in}
        done #1          | 1 done
        check-in?        | closed, at nothing
        handed-over?     | since Mon 09:00: 0 + 2 = 1 held + 1 done
        start 25         | started until Mon 09:25; quiet
        handed-over?     |
        "
    ));
    check(&format!(
        "
        {check_in}
        at 09:30         | mail hears #2 closed: dismissed
        check-in in the window | closes r1; checked in with 1 held
        handed-over?     | since Mon 09:00: 1 + 1 = 1 held + 1 passed
        close-check-in   | closed; was at nothing
        handed-over?     |
        "
    ));
}
