//! Snoozing: what is put off for some minutes is here again after them, or at the digest that comes first.

use crate::play::check;

#[test]
fn one_comes_back_at_its_instant_and_while_the_gate_is_open_one_notice_says_so() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        end           | ended with 2 held; not quiet
        snooze #1 20  | 1 snoozed, Mon 09:20
        later?        | 1
        list          | another
        wait 19m      |
        later?        | 1
        list          | same
        wait 1m       | 1 of 2 held is back
        later?        | 0
        list          | another
        tidegate: 'back' button review | #3; shows 'back'
        renderer shows |
        undo          | no: bbb cannot be undone any more
        restart alone |
        wait 1h       |
        ",
    );
}

#[test]
fn a_check_in_that_comes_first_brings_it_back_and_it_stays_here() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        end           | ended with 2 held; not quiet
        snooze #1 180 | 1 snoozed, Mon 11:30
        at 11:30      | digest since Mon 09:00: 1 chat 1 mail; 0 + 2 = 2 held
        later?        | 0
        tidegate: 'digest' | #3; shows 'digest'
        renderer shows |
        later #1      | 1 later, Mon 14:00
        at 13:00      |
        later?        | 1
        ",
    );
}

#[test]
fn in_a_block_it_comes_back_without_a_word_and_the_blocks_end_tells_of_it() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        snooze #1 10  | 1 snoozed, Mon 09:10
        wait 10m      |
        later?        | 0
        at 09:30      | tells: 30 min are over; 1 held: 1 chat; another 30?; not quiet
        tidegate: 'over' button review | #2; shows 'over'
        wait 10m      |
        ",
    );
}

#[test]
fn a_gate_that_opens_without_a_word_tells_of_what_is_back() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        chat: 'two'   | #2
        chat: 'three' | #3
        snooze #1 #2 #3 10 | 3 snoozed, Mon 09:10
        wait 10m      |
        done #1       | 1 done
        later #2      | 1 later, Mon 11:30
        end           | ended with 2 held; 1 of 2 held is back; not quiet
        ",
    );
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        end           | ended with 1 held; not quiet
        snooze #1 10  | 1 snoozed, Mon 09:10
        slides asks-for-quiet | cookie 1; quiet
        wait 10m      |
        slides takes-back 1   | ok; 1 of 1 held is back; not quiet
        ",
    );
}

#[test]
fn what_is_back_and_dealt_with_before_anybody_could_be_told_is_not_told_of() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        chat: 'two'   | #2
        snooze #1 #2 10 | 2 snoozed, Mon 09:10
        wait 10m      |
        done #1       | 1 done
        chat closes #2 | ok; chat hears #2 closed: by call
        end           | ended with 0 held; not quiet
        ",
    );
}

#[test]
fn an_undo_brings_it_back_before_and_another_command_replaces_it() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        snooze #1 #2 20 | 2 snoozed, Mon 09:20
        undo          | 2 undone
        later?        | 0
        snooze #1 20  | 1 snoozed, Mon 09:20
        undo #1       | 1 undone
        snooze #1 20  | 1 snoozed, Mon 09:20
        later #1      | 1 later, Mon 11:30
        wait 30m      |
        later?        | 1
        snooze #1 10  | 1 snoozed, Mon 09:40
        snooze #1 60  | 1 snoozed, Mon 10:30
        wait 30m      |
        later?        | 1
        wait 30m      |
        later?        | 0
        ",
    );
}

#[test]
fn a_done_that_can_be_undone_is_snoozed_and_what_is_not_held_is_not() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        done #1       | 1 done
        snooze #1 20  | 1 snoozed, Mon 09:20
        rows          | #1 held 'one'
        snooze #1 #7 20 | 1 snoozed, Mon 09:20, but no interruption has the id bbj
        wait 20m      |
        done #1       | 1 done
        wait 31s      | chat hears #1 closed: dismissed
        snooze #1 20  | no: bbb is not held: it is done
        ",
    );
}

#[test]
fn it_lasts_until_a_time_of_today_and_a_day_at_most() {
    check(
        "
        check-ins     |
        start open    | started; quiet
        chat: 'one'   | #1
        snooze #1 until 08:59 | no: 8:59 is past today
        snooze #1 until 10:15 | 1 snoozed, Mon 10:15
        snooze #1 9999 | 1 snoozed, Tue 09:00
        ",
    );
}

#[test]
fn it_outlives_a_restart_and_so_does_what_is_owed_of_it() {
    check(
        "
        start 30      | started until Mon 09:30; quiet
        chat: 'one'   | #1
        end           | ended with 1 held; not quiet
        snooze #1 20  | 1 snoozed, Mon 09:20
        restart alone |
        later?        | 1
        wait 20m      | 1 of 1 held is back
        restart alone | 1 of 1 held is back
        tidegate: 'back' | #4097; shows 'back'
        restart alone |
        ",
    );
}

#[test]
fn a_set_clock_and_sleep_and_another_zone_leave_it_its_length() {
    check(
        "
        begin 2026-03-29 01:30 Europe/Berlin
        check-ins     |
        start open    | started; quiet
        chat: 'one'   | #1
        snooze #1 60  | 1 snoozed, Sun 03:30
        clock +5h     |
        wait 30m      |
        later?        | 1
        restart alone |
        suspend 29m   |
        later?        | 1
        zone UTC      |
        suspend 2m    |
        later?        | 0
        ",
    );
}

#[test]
fn one_that_its_app_takes_back_or_that_expires_does_not_come_back() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        chat: 'two' transient lasting 5s | #2
        snooze #1 #2 20 | 2 snoozed, Mon 09:20
        wait 1m       | chat hears #2 closed: expired
        chat closes #1 | ok; chat hears #1 closed: by call
        wait 30m      |
        rows          | #1 withdrawn 'one'; #2 expired 'two'
        later?        | 0
        ",
    );
}

#[test]
fn more_than_a_page_comes_back_together() {
    let arrive: String = (0..150).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    let ids = |from: u32, upto: u32| (from..=upto).map(|nth| format!("#{nth} ")).collect::<String>();
    check(&format!(
        "
        start 30      | started until Mon 09:30; quiet
        {arrive}
        snooze {} 20  | 100 snoozed, Mon 09:20
        snooze {} 20  | 50 snoozed, Mon 09:20
        wait 20m      |
        later?        | 0
        ",
        ids(1, 100),
        ids(101, 150)
    ));
}

#[test]
fn a_time_that_comes_twice_in_autumn_is_the_next_of_the_two() {
    check(
        "
        begin 2026-10-25 02:45 Europe/Berlin
        check-ins     |
        start until 02:15 | started until Sun 02:15; quiet
        chat: 'one'   | #1
        snooze #1 until 02:10 | 1 snoozed, Sun 02:10
        wait 24m      |
        later?        | 1
        wait 1m       |
        later?        | 0
        snooze #1 until 02:05 | no: 2:05 is past today
        snooze #1 until 02:50 | 1 snoozed, Sun 02:50
        wait 5m       | tells: 30 min are over; 1 held: 1 chat; another 50?; not quiet
        tidegate: 'over' | #2; shows 'over'
        renderer shows |
        wait 34m      |
        later?        | 1
        wait 1m       | 1 of 1 held is back; another 50?
        ",
    );
}

#[test]
fn a_check_in_that_is_ready_brings_it_back_and_it_is_said_when_at_the_latest() {
    check(
        "
        start 160     | started until Mon 11:40; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        at 11:31      |
        snooze #1 60  | 1 snoozed, Mon 11:40
        snooze #1 5   | 1 snoozed, Mon 11:36
        later #2      | 1 later, Mon 11:40
        extend 30     | extended until Mon 12:10
        snooze #1 until 12:30 | 1 snoozed, Mon 11:45
        wait 14m      | digest since Mon 09:00: 1 chat 1 mail; 0 + 2 = 2 held
        later?        | 0
        snooze #1 10  | 1 snoozed, Mon 11:55
        ",
    );
}

#[test]
fn one_that_comes_back_while_a_release_waits_is_not_of_it() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        chat: 'three' | #3
        chat: 'four'  | #4
        snooze #3 #4 20 | 2 snoozed, Mon 09:20
        release all   | releasing 2
        wait 0s       | shows 'one'
        wait 20m      |
        later?        | 0
        waiting?      | 1
        release #4    | releasing 1
        waiting?      | 2
        renderer shows |
        wait 1s       | shows 'two', silently
        renderer shows |
        wait 1s       | shows 'four', silently
        renderer shows |
        wait 1s       |
        rows          | #1 released 'one'; #2 released 'two'; #3 held 'three'; #4 released 'four'
        release all   | releasing 1
        wait 1s       | shows 'three'
        ",
    );
}
