//! Apps that ask for quiet: what is held meanwhile is told of when the last of them is content or gone.

use crate::play::check;

#[test]
fn what_was_held_is_told_of_when_the_app_is_content_or_gone() {
    let script = |ends: &str| {
        format!(
            "
            slides asks-for-quiet | cookie 1; quiet
            chat: 'one'           | #1
            chat: 'two'           | #2
            mail: 'three'         | #3
            {ends}; 3 of 3 held while slides asked for quiet: 2 chat 1 mail; not quiet
            check-in?             | closed, at nothing
            tidegate: 'digest' button review | #4; shows 'digest'
            ledger                | 0 + 3 = 3 held
            restart alone         |
            renderer comes        |
            "
        )
    };
    check(&script("slides takes-back 1 | ok"));
    check(&script("slides leaves | ").replace("| ;", "|"));
}

#[test]
fn the_last_of_several_ends_it_and_the_first_is_named() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        video asks-for-quiet  | cookie 2
        chat: 'one'           | #1
        slides takes-back 1   | ok
        chat: 'two'           | #2
        video leaves          | 2 of 2 held while slides asked for quiet: 2 chat; not quiet
        ",
    );
}

#[test]
fn without_anything_of_it_held_nothing_is_told() {
    check(
        "
        start open            | started; quiet
        mail: 'before'        | #1
        end                   | ended with 1 held; not quiet
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #2
        chat: 'two'           | #3
        chat closes #2        | ok; chat hears #2 closed: by call
        done #3               | 1 done
        slides takes-back 1   | ok; not quiet
        ",
    );
}

#[test]
fn what_was_held_before_is_counted_apart_and_what_is_undone_again() {
    check(
        "
        start open            | started; quiet
        mail: 'before'        | #1
        end                   | ended with 1 held; not quiet
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #2
        done #2               | 1 done
        undo                  | 1 undone
        slides takes-back 1   | ok; 1 of 2 held while slides asked for quiet: 1 chat 1 mail; not quiet
        ",
    );
}

#[test]
fn in_a_block_the_gate_stays_closed_and_nothing_is_told() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #1
        start 30              | started until Mon 09:30
        slides takes-back 1   | ok
        at 09:30              | tells: 30 min are over; 1 held: 1 chat; another 30?; not quiet
        ",
    );
}

#[test]
fn a_block_that_ends_before_the_quiet_leaves_it_to_the_quiet() {
    check(
        "
        start 30              | started until Mon 09:30; quiet
        slides asks-for-quiet | cookie 1
        chat: 'one'           | #1
        at 09:30              |
        slides leaves         | 1 of 1 held while slides asked for quiet: 1 chat; not quiet
        ",
    );
}

#[test]
fn a_check_in_meanwhile_tells_of_what_came_before_it() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #1
        check-in              | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; checked in with 1 held
        tidegate: 'digest'    | #2; shows 'digest'
        slides takes-back 1   | ok; not quiet
        slides asks-for-quiet | cookie 2; quiet
        check-in              | digest since Mon 09:00: 1 chat; 1 + 0 = 1 held; checked in with 1 held
        chat: 'two'           | #3
        slides takes-back 2   | ok; not quiet
        tidegate: 'digest'    | #4; shows 'digest'; 1 of 2 held while slides asked for quiet: 2 chat
        ",
    );
}

#[test]
fn whoever_opens_the_gate_by_hand_is_told_at_once() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #1
        toggle                | opened with 1 held; not quiet
        slides leaves         |
        restart alone         |
        ",
    );
}

#[test]
fn a_crash_ends_the_quiet_and_takes_no_word_of_it_along() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #1
        restart alone         | 1 of 1 held while slides asked for quiet: 1 chat
        restart alone         | 1 of 1 held while slides asked for quiet: 1 chat
        tidegate: 'digest'    | #4097; shows 'digest'
        restart relay         |
        ",
    );
}

#[test]
fn it_waits_for_somebody_who_can_show_it_until_a_block_begins() {
    check(
        "
        slides asks-for-quiet | cookie 1; quiet
        chat: 'one'           | #1
        renderer leaves       |
        slides leaves         | not quiet
        slides asks-for-quiet | cookie 2; quiet
        slides leaves         | not quiet
        renderer comes        | 1 of 1 held while slides asked for quiet: 1 chat
        tidegate: 'digest'    | #2; shows 'digest'
        slides asks-for-quiet | cookie 3; quiet
        chat: 'two'           | #3
        renderer leaves       |
        slides leaves         | not quiet
        start open            | started; quiet
        renderer comes        |
        ",
    );
}

#[test]
fn a_request_for_quiet_does_nothing_where_the_user_wants_it_so() {
    check(
        "
        quiet-holds no          |
        impress asks-for-quiet  | cookie 1
        chat: 'one'             | #1; shows 'one'
        quiet-holds yes         | quiet
        chat: 'two'             | #2
        quiet-holds no          | 1 of 1 held while impress asked for quiet: 1 chat; not quiet
        ",
    );
}

#[test]
fn nobody_is_told_of_a_time_of_quiet_where_the_user_wants_no_notice() {
    check(
        "
        quiet-untold            |
        impress asks-for-quiet  | cookie 1; quiet
        chat: 'one'             | #1
        impress takes-back 1    | ok; not quiet
        rows                    | #1 held 'one'
        ",
    );
}
