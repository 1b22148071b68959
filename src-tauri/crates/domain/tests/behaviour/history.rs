//! What is over is kept for good: blocks, periods of the books, absences of the gate, each once.

use crate::play::check;

#[test]
fn a_block_is_kept_with_what_it_was_for_when_it_was_to_end_and_what_ended_it() {
    check(
        "
        start 50 'write'   | started until Mon 09:50; quiet
        at 09:10           |
        extend 10          | extended until Mon 10:00
        history of blocks  |
        at 10:00           | tells: 60 min of 'write' are over; another 50?; not quiet
        start open         | started; quiet
        at 10:20           |
        end                | ended with 0 held; not quiet
        start 50 'mail'    | started until Mon 11:10; quiet
        at 10:30           |
        toggle             | ended with 0 held; not quiet
        start 25           | started until Mon 10:55; quiet
        at 10:40           |
        break 5            | on a break until Mon 10:45 with 0 held; not quiet
        at 10:45           | tells: 5 min break are over; another 25?
        history of blocks  | 'write' Mon 09:00 to Mon 10:00 of Mon 10:00 by Itself; Mon 10:00 to Mon 10:20 by Hand; 'mail' Mon 10:20 to Mon 10:30 of Mon 11:10 by Toggle; Mon 10:30 to Mon 10:40 of Mon 10:55 by Break
        ",
    );
}

#[test]
fn a_block_that_is_started_anew_with_another_length_is_one() {
    check(
        "
        start 50           | started until Mon 09:50; quiet
        at 09:30           |
        start 90 'write'   | started until Mon 11:00
        at 09:40           |
        end                | ended with 0 held; not quiet
        history of blocks  | 'write' Mon 09:00 to Mon 09:40 of Mon 11:00 by Hand
        ",
    );
}

#[test]
fn blocks_of_an_earlier_day_are_kept_though_the_day_forgets_them() {
    check(
        "
        start 50           | started until Mon 09:50; quiet
        wait 1d            | tells: 50 min are over; another 50?; not quiet
        start 25           | started until Tue 09:25; quiet
        at 09:25           | tells: 25 min are over; another 25?; not quiet
        blocks?            | Tue 09:00 to Tue 09:25
        history of blocks  | Mon 09:00 to Mon 09:50 of Mon 09:50 by Itself; Tue 09:00 to Tue 09:25 of Tue 09:25 by Itself
        ",
    );
}

#[test]
fn what_is_left_out_is_left_out_of_history_too_while_it_runs_and_afterwards() {
    let away = "
        start 50 'write'   | started until Mon 09:50; quiet
        at 09:30           |
        back after 23m     | asks in 'write'; away 23 min?
        tidegate: 'away'   | #1; shows 'away'
        renderer shows |
    ";
    check(&format!(
        "
        {away}
        leave away out     | closes r1; 23 min away left out
        at 09:50           | tells: 27 min of 'write' are over; another 50?; not quiet
        history of blocks  | 'write' Mon 09:00 to Mon 09:50 of Mon 09:50 by Itself, 23 min left out
        "
    ));
    check(&format!(
        "
        {away}
        clock +20m         |
        at 10:10           | tells: 50 min of 'write' are over; another 50?; away 23 min?; not quiet
        clock -1h          |
        restart relay      | tells: 50 min of 'write' are over; another 50?; away 23 min?
        leave away out     | 23 min away left out
        history of blocks  | 'write' Mon 09:20 to Mon 10:10 of Mon 10:10 by Itself, 23 min left out
        "
    ));
}

#[test]
fn what_is_left_out_during_the_next_block_is_of_the_one_before() {
    check(
        "
        start 25 'write'   | started until Mon 09:25; quiet
        at 09:25           | tells: 25 min of 'write' are over; another 25?; not quiet
        at 10:00           |
        back after 55m     |
        start 25 'mail'    | started until Mon 10:25; quiet
        at 10:25           | tells: 25 min of 'mail' are over; another 25?; away 20 min?; not quiet
        leave away out     | 20 min away left out
        history of blocks  | 'write' Mon 09:00 to Mon 09:25 of Mon 09:25 by Itself, 20 min left out; 'mail' Mon 10:00 to Mon 10:25 of Mon 10:25 by Itself
        ",
    );
}

#[test]
fn each_period_is_kept_with_its_books_as_they_were_and_what_ended_it() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        start open          | started; quiet
        chat: 'two'         | #2
        check-in            | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 passed; checked in with 1 held
        at 11:35            |
        done #2             | 1 done
        undo                | 1 undone
        idle                | digest in a pause since Mon 09:00: 1 chat; 1 + 0 = 1 held
        history of periods  | 1 from Mon 09:00 to Mon 09:00 by Hand: 0 + 2 = 1 held + 1 passed; 2 from Mon 09:00 to Mon 11:35 by Pause: 1 + 0 = 1 held
        ",
    );
    check(
        "
        start open          | started; quiet
        at 11:45            |
        at 14:05            |
        end                 | ended with 0 held; not quiet
        at 16:40            |
        chat: 'one'         | #1; shows 'one'
        check-in in the window | checked in with 0 held
        history of periods  | 1 from Mon 09:00 to Mon 11:45 by Wait: 0 + 0 = 0; 2 from Mon 11:45 to Mon 14:05 by BlockEnd: 0 + 0 = 0; 3 from Mon 14:05 to Mon 16:30 by Plan: 0 + 0 = 0; 4 from Mon 16:30 to Mon 16:40 by Hand: 0 + 1 = 1 passed
        ",
    );
}

#[test]
fn what_is_taken_back_later_enters_the_books_of_then_and_history_stays() {
    check(
        "
        start open          | started; quiet
        chat: 'one'         | #1
        done #1             | 1 done
        check-in            | checked in with 0 held
        undo #1             | 1 undone
        ledger              | 1 + 0 = 1 held
        history of periods  | 1 from Mon 09:00 to Mon 09:00 by Hand: 0 + 1 = 1 done
        ",
    );
}

#[test]
fn each_absence_is_kept_also_when_its_period_is_over() {
    check(
        "
        out of the path            |
        at 09:10                   |
        in the path                |
        check-in                   | checked in with 0 held
        at 10:00                   |
        restart relay              |
        out of the path            |
        away before this start 5m  |
        in the path                |
        absences                   | Mon 09:55 to Mon 10:00
        history of absences        | Mon 09:00 to Mon 09:10; Mon 09:55 to Mon 10:00
        ",
    );
}
