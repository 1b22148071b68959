//! Time that the user is away in a block: asked for once, and counted or not.

use crate::play::check;

#[test]
fn who_was_away_in_a_block_is_asked_once_and_until_they_answer_it_counts() {
    check(
        "
        start 50 'write'   | started until Mon 09:50; quiet
        at 09:30           |
        back after 23m     | asks in 'write'; away 23 min?
        tidegate: 'away'   | #1; shows 'away'
        renderer shows |
        restart alone      |
        away?              | 23 min
        at 09:50           | tells: 50 min of 'write' are over; another 50?; away 23 min?; not quiet
        deep-work?         | 50 min today, 50 this week
        ",
    );
}

#[test]
fn what_is_left_out_does_not_count_and_the_block_keeps_its_end() {
    let answered = |answer: &str, length: u32| {
        check(&format!(
            "
            start 50 'write'   | started until Mon 09:50; quiet
            at 09:30           |
            back after 23m     | asks in 'write'; away 23 min?
            tidegate: 'away'   | #1; shows 'away'
            renderer shows |
            {answer}
            away?              |
            at 09:50           | tells: {length} min of 'write' are over; another 50?; not quiet
            deep-work?         | {length} min today, {length} this week
            leave away out     | no: there is no time away to count or to leave out
            "
        ));
    };
    answered("leave away out | closes r1; 23 min away left out", 27);
    answered("count away | closes r1; 23 min away count", 50);
    answered("renderer presses r1 leave-out |", 27);
    answered("renderer presses r1 count |", 50);
}

#[test]
fn the_block_that_ended_meanwhile_is_told_again_with_the_question() {
    check(
        "
        start 25 'write'   | started until Mon 09:25; quiet
        chat: 'one'        | #1
        at 09:25           | tells: 25 min of 'write' are over; 1 held: 1 chat; another 25?; not quiet
        tidegate: 'over'   | #2; shows 'over'
        renderer shows |
        at 10:00           |
        back after 55m     | tells: 25 min of 'write' are over; 1 held: 1 chat; another 25?; away 20 min?
        leave away out     | 20 min away left out
        deep-work?         | 5 min today, 5 this week
        over?              | 5 min of 'write' are over
        ",
    );
}

#[test]
fn nobody_is_asked_of_less_than_the_setting_says_nor_of_time_outside_of_a_block() {
    check(
        "
        back after 30m  |
        start 50        | started until Mon 09:50; quiet
        at 09:09        |
        back after 3h   |
        at 09:40        |
        back after 9m   |
        away-time 5     |
        back after 5m   | asks; away 5 min?
        tidegate: 'away' | #1; shows 'away'
        renderer shows |
        away-time never |
        back after 30m  |
        at 09:50        | tells: 50 min are over; another 50?; away 5 min?; not quiet
        at 10:30        |
        away-time 10    |
        back after 30m  |
        away?           | 5 min
        ",
    );
}

#[test]
fn two_times_away_are_one_question() {
    check(
        "
        start open 'write' | started; quiet
        at 09:30           |
        back after 10m     | asks in 'write'; away 10 min?
        tidegate: 'away'   | #1; shows 'away'
        renderer shows |
        at 10:30           |
        back after 20m     | asks in 'write'; away 30 min?
        tidegate: 'away' for #1 | #1; shows 'away' in place of r1
        renderer shows |
        start 25 'mail'    | closes r2; started until Mon 10:55
        away?              | 30 min
        leave away out     | 30 min away left out
        end                | ended with 0 held; not quiet
        deep-work?         | 60 min today, 60 this week
        ",
    );
}

#[test]
fn while_a_check_in_is_open_its_digest_stays_on_the_screen_and_the_window_asks() {
    check(
        "
        start open 'write'      | started; quiet
        chat: 'one'             | #1
        check-in                | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        tidegate: 'digest'      | #2; shows 'digest'
        renderer shows |
        at 09:40                |
        back after 20m          |
        away?                   | 20 min
        leave away out          | 20 min away left out
        ",
    );
}

#[test]
fn while_an_app_asks_for_quiet_the_question_waits() {
    check(
        "
        start 50 'write'           | started until Mon 09:50; quiet
        impress asks-for-quiet     | cookie 1
        at 09:30                   |
        back after 20m             |
        impress takes-back 1       | ok; asks in 'write'; away 20 min?
        ",
    );
}

#[test]
fn the_question_outlives_the_next_block_and_is_about_the_one_before() {
    check(
        "
        start 25 'write'   | started until Mon 09:25; quiet
        at 09:25           | tells: 25 min of 'write' are over; another 25?; not quiet
        tidegate: 'over'   | #1; shows 'over'
        renderer shows |
        at 10:00           |
        back after 55m     | tells: 25 min of 'write' are over; another 25?; away 20 min?
        tidegate: 'over' for #1 | #1; shows 'over' in place of r1
        renderer shows |
        renderer presses r2 another | quiet
        leave away out     | closes r2; 20 min away left out
        deep-work?         | 5 min today, 5 this week
        at 10:25           | tells: 25 min of 'write' are over; another 25?; not quiet
        deep-work?         | 30 min today, 30 this week
        ",
    );
}

#[test]
fn nobody_is_away_for_longer_than_the_block_was() {
    check(
        "
        start open 'write' | started; quiet
        at 09:30           |
        back after 20m     | asks in 'write'; away 20 min?
        back after 20m     | asks in 'write'; away 30 min?
        back after 5h      |
        away?              | 30 min
        leave away out     | 30 min away left out
        back after 5h      |
        end                | ended with 0 held; not quiet
        deep-work?         | 0 min today, 0 this week
        ",
    );
}

#[test]
fn what_was_left_out_of_a_block_that_is_over_is_asked_for_once() {
    check(
        "
        start 25 'write'   | started until Mon 09:25; quiet
        at 09:25           | tells: 25 min of 'write' are over; another 25?; not quiet
        tidegate: 'over'   | #1; shows 'over'
        renderer shows |
        saw-end            | closes r1; seen
        at 10:00           |
        back after 55m     | asks in 'write'; away 20 min?
        leave away out     | 20 min away left out
        back after 3h      | asks in 'write'; away 5 min?
        deep-work?         | 5 min today, 5 this week
        ",
    );
}

#[test]
fn who_sets_the_clock_can_still_say_of_which_block_the_time_away_was() {
    check(
        "
        start 50 'write'   | started until Mon 09:50; quiet
        at 09:30           |
        back after 23m     | asks in 'write'; away 23 min?
        tidegate: 'away'   | #1; shows 'away'
        renderer shows |
        clock +1h          |
        at 10:50           | tells: 50 min of 'write' are over; another 50?; away 23 min?; not quiet
        clock +20m         |
        leave away out     | 23 min away left out
        over?              | 27 min of 'write' are over
        back after 3h      |
        deep-work?         | 27 min today, 27 this week
        ",
    );
}

#[test]
fn a_card_that_is_put_away_on_an_empty_desk_is_no_answer() {
    check(
        "
        start 25 'write'   | started until Mon 09:25; quiet
        at 09:25           | tells: 25 min of 'write' are over; another 25?; not quiet
        tidegate: 'over'   | #1; shows 'over'
        renderer shows |
        saw-end            | closes r1; seen
        at 10:00           |
        back after 55m     | asks in 'write'; away 20 min?
        ",
    );
}

#[test]
fn what_is_left_out_over_midnight_is_taken_from_the_days_that_it_was_on() {
    let away = "
        begin 2026-11-24 23:00 Europe/Berlin
        start open         | started; quiet
        wait 80m           |
        back after 30m     | asks; away 30 min?
        tidegate: 'away'   | #1; shows 'away'
        renderer shows |
    ";
    check(&format!(
        "
        {away}
        leave away out     | closes r1; 30 min away left out
        at 00:50           |
        end                | ended with 0 held; not quiet
        deep-work?         | 30 min today, 80 this week
        "
    ));
    check(&format!(
        "
        {away}
        at 00:50           |
        end                | ended with 0 held; not quiet
        deep-work?         | 50 min today, 110 this week
        leave away out     | closes r1; 30 min away left out
        deep-work?         | 30 min today, 80 this week
        "
    ));
}

#[test]
fn whoever_was_away_for_longer_than_a_week_is_asked_of_all_of_it() {
    check(
        "
        start open       | started; quiet
        suspend 240h
        back after 240h  | asks; away 14400 min?
        away?            | 14400 min
        ",
    );
}
